"""The check right after a notebook's parameters cell: one clear sentence instead of a failure ten cells later."""

import numpy as np

from helpers import data

_LIMITS = {  # name: (least, most); both included
    "prior_strength": (0.01, 1000),
    "seed": (0, 2**31 - 1),
    "num_steps": (1, 100_000),
    "num_samples": (1, 10_000),
}


def check(**given):
    """Check a notebook's parameters and return them, in the order given, ready to use.

    Args:
        **given: any of digit, prior_strength, num_images, seed, num_steps, num_samples. `num_images` may be None,
            for all images of the digit, and needs digit to be given too.

    Returns:
        tuple: the values, as plain ints and floats; num_images as a number.

    Raises:
        ValueError: one sentence with the parameter's name, what it got and what it takes.
    """
    return tuple(_check_one(name, value, given) for name, value in given.items())


def _check_one(name, value, given):
    if name == "digit":
        return data.check_digit(value)
    if name == "num_images":
        most = len(data.load_digit(given["digit"]))
        if value is None:
            return most
        takes = f"a whole number from 1 to {most} (all images of digit {given['digit']}), or None for all"
        return _whole(name, value, 1, most, takes)
    least, most = _LIMITS[name]
    if name == "prior_strength":
        return _real(name, value, least, most)
    return _whole(name, value, least, most, f"a whole number from {least} to {most}")


def _whole(name, value, least, most, takes):
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or not least <= value <= most:
        raise ValueError(f"{name} must be {takes}; got {value!r}.")
    return int(value)


def _real(name, value, least, most):
    is_real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not is_real or not least <= value <= most:  # NaN fails the comparison too
        raise ValueError(f"{name} must be a number from {least} to {most}; got {value!r}.")
    return float(value)
