"""Calls a reader's function so that nothing it does can stop the notebook, and reads what it
returns as numbers."""

import ast
import collections.abc
import concurrent.futures
import contextlib
import contextvars
import ctypes
import decimal
import inspect
import numbers
import textwrap
import threading
import time
import warnings
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from IPython import get_ipython

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


def run(function, names, arguments, num_parts, on_jax=False):
    """The Output of a function on copies of its arguments. Never raises.

    The copies are NumPy's, which say so where an index runs past the end; JAX's would clamp it.

    Args: names: of the arguments, in order; arguments: tuple, arrays in it are NumPy's; num_parts:
    how many to return; on_jax: whether the page itself hands JAX arrays to such a function, so that
    one which does what NumPy's cannot do (`x.at[0].add(1)`) runs there, and is called so here.
    """
    try:
        return _run_on(np.copy, function, names, arguments, num_parts)
    except BaseException as error:  # not even exit() may end the reader's notebook
        first = error
    needs_jax = _asks_for_jax(first)
    if needs_jax and on_jax:
        with contextlib.suppress(BaseException):
            return _run_on(jnp.asarray, function, names, arguments, num_parts)
    output = _blame(function, first)
    if needs_jax and not on_jax:
        more = " (As on the page, the array is NumPy's; jnp.asarray makes it JAX's.)"
        return output._replace(complaint=output.complaint + more)
    return output


def _run_on(convert, function, names, arguments, num_parts):
    """The Output for arrays that are made so, with the names of those that were changed in
    place."""
    given = [convert(value) if isinstance(value, np.ndarray) else value for value in arguments]
    with warnings.catch_warnings(action="ignore"), _no_way_out():
        output = _in_time(_call_and_read, function, names, given, num_parts)
    changed = [name for name, *pair in zip(names, arguments, given, strict=True) if _differ(*pair)]
    return output._replace(changed=tuple(changed))


def _asks_for_jax(error):
    """Whether a call failed because NumPy's arrays lack what JAX's have: a method, or an entry at a
    traced index."""
    if isinstance(error, AttributeError):
        return isinstance(error.obj, np.ndarray) and hasattr(jax.Array, str(error.name))
    return isinstance(error, jax.errors.TracerArrayConversionError)


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
        is_sequence = _has_length(result) and not isinstance(result, dict | set | str)
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


def _has_length(result):
    """Not a generator, nor an array [] that holds one number."""
    return isinstance(result, collections.abc.Sized) and np.iterable(result)


def _holds(result, thing):
    if isinstance(result, tuple | list):
        return any(_holds(part, thing) for part in result)
    return result is thing


def _blame(function, error):
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
    missing = "ellipsis" in str(error).lower() and _has_gap(function)
    return Output(complaint=f"stopped with {name}{first}", missing=missing)


def _has_gap(function):
    """Whether a `...` is left in a function, other than in an index such as x[..., 0]."""
    function = inspect.unwrap(function)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):  # no source, or a lambda cut out of its line
        return ... in getattr(getattr(function, "__code__", None), "co_consts", ())
    indices = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    in_an_index = {id(node) for index in indices for node in ast.walk(index)}
    return any(
        isinstance(node, ast.Constant) and node.value is ... and id(node) not in in_an_index
        for node in ast.walk(tree)
    )


@contextlib.contextmanager
def _no_way_out():
    """IPython's exit() and quit() ask the kernel to stop; in here they end the call alone, as
    Python's do."""
    shell = get_ipython()
    if shell is None:
        yield
        return
    shell.ask_exit = _leave
    try:
        yield
    finally:
        del shell.ask_exit  # the class's own is back


def _leave():
    raise SystemExit


def _in_time(function, *arguments):
    """What a call returns or raises; TooLong if it still runs after SECONDS, or the reader
    interrupts.

    The call gets a thread of its own: even compiled code that never ends can be left behind. What
    holds the interpreter, such as sum(range(10**15)), holds this wait too. Only a process of its
    own could be stopped then; but the function lives in the reader's kernel, and a kernel that runs
    JAX must not be forked.
    """
    outcome, context = concurrent.futures.Future(), contextvars.copy_context()

    def work():
        try:
            outcome.set_result(context.run(function, *arguments))
        except BaseException as error:
            outcome.set_exception(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    with contextlib.suppress(KeyboardInterrupt):  # who interrupts has waited long enough
        _wait_for(thread)
    _stop(thread)
    if outcome.done():
        return outcome.result()
    raise TooLong("alive" if thread.is_alive() else "")


def _wait_for(thread):
    """Wait up to SECONDS, in short pieces: so an interrupt gets through on every system."""
    end = time.monotonic() + SECONDS
    while thread.is_alive() and time.monotonic() < end:
        thread.join(0.2)


def _stop(thread):
    """Raise TooLong inside a thread that still runs, for a second and again: a bare `except:`
    swallows one."""
    for _ in range(20):
        if not thread.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(TooLong)
        )
        thread.join(0.05)


def _differ(before, after):
    return isinstance(after, np.ndarray) and not np.array_equal(before, after, equal_nan=True)


def _kind(result):
    """What came back, in words."""
    if isinstance(result, collections.abc.Iterator):
        return f"a {type(result).__name__}, whose numbers are not there yet: put it into list(...)"
    if is_key(result):
        return "a random key"
    if isinstance(result, np.ndarray | np.generic | jax.Array):
        return f"an array of {result.dtype}" if np.ndim(result) else f"a {result.dtype}"
    size = f" of {len(result)}" if isinstance(result, tuple | list) else ""
    return f"a {type(result).__name__}{size}"
