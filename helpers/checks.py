"""The checks at every door: what comes back is ready to use, and what is no good stops with one
clear sentence."""

import numpy as np


def number(name, value, wanted, is_good, whole=False):
    """One number as a plain int (where `whole`) or float; True and False are none, and text and
    lists neither.

    Raises ValueError, "name must be wanted; got value", if it is no number or `is_good(number)` is
    false.
    """
    plain = value.item() if getattr(value, "ndim", None) == 0 else value  # a number of NumPy or JAX
    kinds = int if whole else int | float
    # a NaN is no good to < and >
    if isinstance(plain, bool) or not isinstance(plain, kinds) or not is_good(plain):
        raise ValueError(f"{name} must be {wanted}; got {value!r}.")
    return int(plain) if whole else float(plain)


def probability(name, value):
    """A number strictly between 0 and 1; ValueError as for `number`."""
    return number(name, value, "a probability between 0 and 1, such as 0.95", lambda p: 0 < p < 1)


def floats(name, values):
    """An array of numbers in float64, whatever its shape; ValueError, "name must be numeric", for
    anything else."""
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be numeric; got {values!r:.60}.")
    return array.astype(np.float64)
