"""The checks at every door: what comes back is ready to use, and what is no good stops with one
clear sentence."""

import numpy as np

MOST_EXACT = 2**53  # float64 holds every whole number up to here


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


def size(name, value):
    """A whole number above 0; ValueError as for `number`."""
    return number(name, value, "a whole number above 0", lambda n: n >= 1, whole=True)


def positive(name, value):
    """A finite number above 0; ValueError as for `number`."""
    return number(name, value, "a finite number above 0", lambda x: 0 < x < np.inf)


def probability(name, value):
    """A number strictly between 0 and 1; ValueError as for `number`."""
    return number(name, value, "a probability between 0 and 1, such as 0.95", lambda p: 0 < p < 1)


def array(name, values):
    """Numbers of any kind but bool as an array, as they are: its type and shape are kept.

    ValueError, "name must be numeric", for anything else; where a masked array hides entries, too.
    """
    if np.ma.is_masked(values):
        raise ValueError(
            f"{name} must be numeric in every entry; this masked array hides "
            f"{np.ma.count_masked(values)}: drop those rows first, or fill them by .filled(...)."
        )
    try:
        found = np.asarray(values)
    except (ValueError, TypeError):  # rows of different lengths; what is no array at all
        found = np.asarray(None)
    if found.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be numeric; got {_shown(values)}.")
    return found


def floats(name, values):
    """An array of numbers in float64, whatever its shape; ValueError as for `array`."""
    return array(name, values).astype(np.float64)


def above_0(name, values):
    """An array of finite numbers above 0 in float64, whatever its shape, or a ValueError."""
    found = floats(name, values)
    bad = ~(np.isfinite(found) & (found > 0))
    if bad.any():
        raise ValueError(f"{name} must be finite and above 0 everywhere; {_fault(found, bad)}.")
    return found


def counts(values, *, name="counts", width=None, least=0, most=MOST_EXACT, table=True, whole=True):
    """Counts in float64, whole numbers from 0 to `most`: the one check of them.

    Args: values: a table [images, pixels] of `least` images or more, `width` pixels wide if that is
    given; an array of any shape where `table` is False; whole: False for ink that may be a
    fraction.
    Raises: ValueError: one sentence that names the first entry at fault.
    """
    found = array(name, values)
    wanted = "whole numbers" if whole else "numbers"
    wanted += ", 0 or more" if most == MOST_EXACT else f" from 0 to {most}"
    if table:
        wide = "pixels" if width is None else width
        wanted = f"a table [images, {wide}] of {wanted}"
        if found.ndim != 2 or not found.shape[1] or width not in (None, found.shape[1]):
            is_turned = found.ndim == 2 and found.shape[0] == width
            turned = ": transpose it" if is_turned else ""
            raise ValueError(f"{name} must be {wanted}; got shape {found.shape}{turned}.")
        if len(found) < least:
            raise ValueError(f"{name} must be {wanted}, with one image or more; got none.")
    exact = found if found.dtype.kind in "iu" else found.astype(np.float64)
    # a NaN is in no range; a whole number is looked at before float64 can round it
    bad = ~((exact >= 0) & (exact <= most))
    if whole:
        bad |= exact != np.floor(exact)
    if bad.any():
        raise ValueError(f"{name} must be {wanted}; {_fault(exact, bad)}.")
    return found.astype(np.float64)


def observed(values, width):
    """Which pixels are shown, bool [width]; all of them for None. ValueError for anything else.

    0 and 1 are refused as well: as an index they would be pixels 0 and 1.
    """
    if values is None:
        return np.ones(width, bool)
    try:
        found = np.asarray(values)
    except (ValueError, TypeError):
        found = np.asarray(None)
    if found.shape != (width,) or found.dtype != bool or np.ma.is_masked(values):
        raise ValueError(
            f"observed must be {width} values True or False, one a pixel; got {_shown(values)}. "
            f"0 and 1 become such by np.array(observed) == 1, places by np.isin(range({width}), "
            "places)."
        )
    return found


def key(value, name="key"):
    """One random key of JAX, as `jax.random.key(seed)` makes it (the older kind, two of uint32,
    too); else a ValueError."""
    kind, shape = str(getattr(value, "dtype", "")), getattr(value, "shape", None)
    if not (kind.startswith("key<") and shape == ()) and (kind, shape) != ("uint32", (2,)):
        seed = value if isinstance(value, int) and not isinstance(value, bool) else "seed"
        raise ValueError(
            f"{name} must be one random key, such as jax.random.key({seed}); got {_shown(value)}."
        )
    return value


def _fault(values, bad):
    """The first entry at fault, in words: "image 0, pixel 3 is -1.0" (from 0)."""
    if not bad.ndim:
        return f"got {values}"
    at = tuple(np.argwhere(bad)[0].tolist())
    names = {1: ["pixel"], 2: ["image", "pixel"]}.get(bad.ndim, ["axis"] * bad.ndim)
    return f"{', '.join(f'{n} {i}' for n, i in zip(names, at, strict=True))} is {values[at]}"


def _shown(values):
    """A value in one short line."""
    shape = np.shape(values) if hasattr(values, "shape") else ()
    if shape:
        return f"{getattr(values, 'dtype', type(values).__name__)} of shape {tuple(shape)}"
    words = " ".join(repr(values).split())
    return words if len(words) <= 60 else f"{words[:57]}..."
