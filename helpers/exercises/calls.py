"""Calls a reader's function so that nothing it does can stop the notebook, and reads what it
returns as numbers."""

import concurrent.futures
import contextlib
import contextvars
import ctypes
import decimal
import inspect
import math
import numbers
import threading
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
    """Time is up, or the reader asked for a stop.

    Not an Exception: no `except Exception` of a loop swallows it.
    """


def run(function, names, arguments, num_parts):
    """The Output of a function on copies of its arguments: NumPy arrays and, if that fails, JAX
    arrays. Never raises.

    Args: names: of the arguments, in order; arguments: tuple, arrays in it are NumPy's; num_parts:
    how many to return.
    """
    first = None
    for convert in (np.copy, jnp.asarray):
        given = [convert(value) if isinstance(value, np.ndarray) else value for value in arguments]
        try:
            with warnings.catch_warnings(action="ignore"):  # of a NaN we speak in words, not in red
                output = _in_time(_call_and_read, function, names, given, num_parts)
        except BaseException as error:  # not even exit() may end the reader's notebook
            first = error if first is None else first
            if isinstance(error, Exception):
                continue
            break
        changed = [
            name for name, *pair in zip(names, arguments, given, strict=True) if _differ(*pair)
        ]
        return output._replace(changed=tuple(changed))
    return _blame(first)


def goes_by_name(function, names):
    """Whether a function has arguments of these names, in any order; TypeError if not, nor takes as
    many."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions have none
        return False
    with contextlib.suppress(TypeError):
        if signature.bind(**dict.fromkeys(names)).arguments.keys() >= set(names):
            return True
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
        still = (
            ", and nothing but a restart of the kernel will stop it"
            if "alive" in error.args
            else ""
        )
        return Output(complaint=f"was still running after a while (an endless loop?){still}")
    text = (str(error).strip().splitlines() or [""])[0]
    short = text if len(text) <= 120 else text[:117] + "..."
    name = f"{type(error).__name__}: {short}" if short else type(error).__name__
    first = (
        " (In a fresh kernel, run all cells above first.)" if isinstance(error, NameError) else ""
    )
    return Output(complaint=f"stopped with {name}{first}", missing="ellipsis" in str(error).lower())


def _in_time(function, *arguments):
    """What a call returns or raises, made in a thread of its own; TooLong if time is up or the
    reader interrupts."""
    future, context = concurrent.futures.Future(), contextvars.copy_context()

    def work():
        try:
            future.set_result(context.run(function, *arguments))
        except BaseException as error:
            future.set_exception(error)

    # even compiled code that never ends can be left behind
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    # an interrupt by the reader ends the wait as the clock does
    with contextlib.suppress(KeyboardInterrupt):
        for _ in range(math.ceil(SECONDS / 0.2)):
            thread.join(0.2)  # in short pieces: an interrupt gets through on every system
    for _ in range(20):  # a bare `except:` swallows one
        if not thread.is_alive():
            break
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(TooLong)
        )
        thread.join(0.05)
    if not future.done():
        raise TooLong("alive" if thread.is_alive() else "")
    return future.result()


def _differ(before, after):
    return isinstance(after, np.ndarray) and not np.array_equal(before, after, equal_nan=True)


def _kind(result):
    """What came back, in words."""
    if is_key(result):
        return "a random key"
    if isinstance(result, np.ndarray | np.generic | jax.Array):
        return f"an array of {result.dtype}" if np.ndim(result) else f"a {result.dtype}"
    size = f" of {len(result)}" if isinstance(result, tuple | list) else ""
    return f"a {type(result).__name__}{size}"
