"""The check right after a notebook's parameters cell: one clear sentence instead of a failure ten cells later."""

from typing import NamedTuple

import numpy as np

from helpers import data


class _Takes(NamedTuple):
    least: float
    most: float
    whole: bool = True


_KNOWN = {  # a new parameter is declared here, and nowhere else
    "digit": _Takes(0, 9),
    "prior_strength": _Takes(0.01, 1000, whole=False),
    "num_images": _Takes(1, np.inf),  # at most all images of the digit; None for all
    "seed": _Takes(0, 2**31 - 1),
    "num_steps": _Takes(1, 100_000),
    "num_samples": _Takes(1, 10_000),
    "num_synthetic": _Takes(1_000, 1_000_000_000),
}


def check(**given):
    """Check a notebook's parameters and return them, in the order given, ready to use.

    Args:
        **given: any of the parameters above. `num_images` may be None, for all images of the digit, and needs
            digit to be given too.

    Returns:
        tuple: the values, as plain ints and floats; num_images as a number.

    Raises:
        ValueError: one sentence with the parameter's name, what it got and what it takes.
    """
    return tuple(_check_one(name, value, given) for name, value in given.items())


def _check_one(name, value, given):
    if name not in _KNOWN:
        raise ValueError(f"{name} is no parameter of this course; it knows {', '.join(_KNOWN)}.")
    least, most, whole = _KNOWN[name]
    numbers = int | np.integer if whole else int | float | np.integer | np.floating
    takes = f"a {'whole number' if whole else 'number'} from {least} to {most}"
    if name == "num_images":
        if "digit" not in given:
            raise ValueError("num_images needs digit beside it: how many images there are depends on the digit.")
        most = len(data.load_digit(given["digit"]))
        takes = f"a whole number from {least} to {most} (all images of digit {given['digit']}), or None for all"
        value = most if value is None else value
    # NaN fails the comparison too
    if not isinstance(value, numbers) or isinstance(value, bool | np.bool_) or not least <= value <= most:
        raise ValueError(f"{name} must be {takes}; got {value!r}.")
    return int(value) if whole else float(value)
