"""Calls a reader's function so that nothing it does can stop the notebook, and reads what it returns as numbers."""

import contextlib
import contextvars
import ctypes
import decimal
import inspect
import numbers
import threading
import time
import warnings
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

SECONDS = 60  # patience with one call; JAX may compile first


class Output(NamedTuple):
    """What a function did with one input."""

    parts: tuple = ()  # float64 arrays: one, or several where the exercise asks for several things
    precision: float = 0.0  # of the number type that came back, relative
    complaint: str = ""  # why there are no parts
    missing: bool = False  # a ... is left in the code
    changed: tuple = ()  # names of the arguments that were changed in place


class TooLong(BaseException):
    """Time is up, or the reader asked for a stop. Not an Exception: no `except Exception` of a loop swallows it."""


def run(function, names, arguments, num_parts):
    """Call a function on copies of its arguments: with NumPy arrays and, if that fails, with JAX arrays.

    Args:
        function: callable.
        names: the arguments' names, in order.
        arguments: tuple; arrays in it are NumPy's.
        num_parts: how many things the function should return.

    Returns:
        Output. Nothing is raised.
    """
    first = None
    for convert in (np.copy, jnp.asarray):
        given = [convert(value) if isinstance(value, np.ndarray) else value for value in arguments]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a NaN we speak in words, not in red
                output = _in_time(_call_and_read, function, names, given, num_parts)
        except BaseException as error:  # not even exit() may end the reader's notebook
            first = error if first is None else first
            if isinstance(error, Exception):
                continue
            break
        changed = [name for name, *pair in zip(names, arguments, given, strict=True) if _differ(*pair)]
        return output._replace(changed=tuple(changed))
    return _blame(first)


def argument_names(function):
    """The names of a function's arguments, in order; those with a default do not count."""
    return [p.name for p in inspect.signature(function).parameters.values() if p.default is p.empty]


def goes_by_name(function, names):
    """Whether a function names its arguments as the exercise does: then their order is free.

    Raises:
        TypeError: if it does not, and does not take that many either.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions have none
        return False
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    if {p.name for p in signature.parameters.values() if p.kind in by_name} >= set(names):
        with contextlib.suppress(TypeError):
            return bool(signature.bind(**dict.fromkeys(names)))
    signature.bind(*names)
    return False


def is_key(value):
    """Whether a value is a JAX random key (or an array of them)."""
    return isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key)


def _call_and_read(function, names, values, num_parts):
    with np.errstate(all="ignore"):
        if goes_by_name(function, names):
            return _read(function(**dict(zip(names, values, strict=True))), num_parts)
        return _read(function(*values), num_parts)


def _read(result, num_parts):
    """Any way of writing numbers, as float64 arrays."""
    if _holds(result, ...):
        return Output(complaint="returned a ...", missing=True)
    if _holds(result, None):
        return Output(complaint="returned nothing; is a `return` missing?")
    entries = [result]
    if num_parts > 1:
        is_sequence = np.iterable(result) and not isinstance(result, dict | set | str)
        entries = list(result) if is_sequence and len(result) == num_parts else [None]
    parts, precisions = zip(*map(_read_one, entries), strict=True)
    if any(part is None for part in parts):
        return Output(complaint=f"returned {_kind(result)}")
    return Output(parts=parts, precision=max(precisions))


def _read_one(result):
    """(float64 array, its precision), or (None, 0) if it does not hold real numbers."""
    try:
        array = np.asarray(result)
    except (TypeError, ValueError):  # a ragged list, a random key
        return None, 0.0
    if jnp.issubdtype(array.dtype, jnp.floating):  # bfloat16 too
        return array.astype(np.float64), float(jnp.finfo(array.dtype).eps)
    is_real = array.dtype.kind in "iub"
    if array.dtype.kind == "O" and array.size:  # fractions, decimals
        is_real = all(isinstance(entry, numbers.Real | decimal.Decimal) for entry in array.flat)
    return (array.astype(np.float64) if is_real else None), 0.0


def _holds(result, thing):
    if isinstance(result, tuple | list):
        return any(_holds(part, thing) for part in result)
    return result is thing


def _blame(error):
    """The output of a call that raised."""
    if isinstance(error, TooLong | KeyboardInterrupt):
        still = ", and nothing but a restart of the kernel will stop it" if "alive" in error.args else ""
        return Output(complaint=f"was still running after a while (an endless loop?){still}")
    text = (str(error).strip().splitlines() or [""])[0]
    short = text if len(text) <= 120 else text[:117] + "..."
    name = f"{type(error).__name__}: {short}" if short else type(error).__name__
    first = " (In a fresh kernel, run all cells above first.)" if isinstance(error, NameError) else ""
    return Output(complaint=f"stopped with {name}{first}", missing="ellipsis" in str(error).lower())


def _in_time(function, *arguments):
    """A call in a thread of its own, so that even compiled code that never ends can be left behind.

    Returns:
        what the function returns. What it raises is raised; TooLong if time is up or the reader interrupts.
    """
    results, context = [], contextvars.copy_context()

    def work():
        try:
            results.append((context.run(function, *arguments), None))
        except BaseException as error:
            results.append((None, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    with contextlib.suppress(KeyboardInterrupt):  # an interrupt by the reader ends the wait as the clock does
        _wait_for(thread, SECONDS)
    for _ in range(20):  # a bare `except:` swallows one
        if not thread.is_alive():
            break
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TooLong))
        _wait_for(thread, 0.05)
    if not results:
        raise TooLong("alive" if thread.is_alive() else "")
    result, error = results[0]
    if error is not None:
        raise error
    return result


def _wait_for(thread, seconds):
    end = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < end:
        thread.join(min(0.2, seconds))  # in short pieces: an interrupt gets through on every system


def _differ(before, after):
    both_are_numpys = isinstance(before, np.ndarray) and isinstance(after, np.ndarray)
    return both_are_numpys and not np.array_equal(before, after, equal_nan=True)


def _kind(result):
    """What came back, in words."""
    if is_key(result):
        return "a random key"
    if isinstance(result, np.ndarray | np.generic | jax.Array):
        return f"an array of {result.dtype}" if np.ndim(result) else f"a {result.dtype}"
    size = f" of {len(result)}" if isinstance(result, tuple | list) else ""
    return f"a {type(result).__name__}{size}"
