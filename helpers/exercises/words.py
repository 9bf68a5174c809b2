"""What the reader is told when an answer is not right yet: short sentences, the same on every machine."""

import jax
import numpy as np

from helpers.exercises import calls

SHOWN = 4  # entries of an array


def complain_about_call(exercise, answer):
    """A sentence if the answer cannot be called with the exercise's arguments, else "".

    Args:
        exercise: Exercise.
        answer: any object.

    Returns:
        str.
    """
    names = calls.argument_names(exercise.reference)
    if not callable(answer):
        example = f'exercises.check("{exercise.id}", {exercise.reference.__name__})'
        return f"Not yet: hand over your function itself, not called: {example}. This is {show(answer)}."
    signature = calls.signature_of(answer)
    if signature is None or calls.goes_by_name(signature, names):
        return ""
    try:
        signature.bind(*names)
    except TypeError:
        many = "argument" if len(names) == 1 else "arguments"
        return f"Not yet: your function should take {len(names)} {many}, ({', '.join(names)}); it takes {signature}."
    return ""


def complain_about_run(exercise, arguments, output):
    """The sentence for an output without numbers."""
    end = "" if output.complaint.endswith(("?", ".)")) else "."
    case = f"With {show_arguments(exercise, arguments)} your function {output.complaint}{end}"
    return f"Not yet: it should return {exercise.returns}. {case}"


def complain_about_form(exercise, mine, right):
    """A sentence if the shape is wrong, or a NaN the trouble, else ""."""
    for a, b in zip(mine.parts, right.parts, strict=True):
        if a.shape != b.shape and not a.size == b.size == 1:
            return f"{_shape(b)} is expected here and yours has {_shape(a)}. Return {exercise.returns}."
        if (~np.isfinite(a) & np.isfinite(b)).any():
            kind = "NaN (not a number)" if np.isnan(a).any() else "an infinite number"
            return f"your answer holds {kind}. Look for a log of 0, a root below 0, a division by 0 or an overflow."
    return ""


def remark(exercise, outputs, rights):
    """Friendly words about arguments that were changed in place and arrays where a number was asked for, or ""."""
    changed = next((output.changed for output in outputs if output.changed), ())
    wish = f" (One wish: your function changes {changed[0]} in place; work on a copy.)" if changed else ""
    pairs = [
        pair for mine, right in zip(outputs, rights, strict=True) for pair in zip(mine.parts, right.parts, strict=True)
    ]
    boxed = any(a.shape and a.size == 1 for a, b in pairs if not b.shape)
    return wish + (" (One wish: return a number itself, not an array that holds it.)" if boxed else "")


def describe_case(exercise, arguments, mine, right):
    """The first offending input, what came back and what should have."""
    case = f"With {show_arguments(exercise, arguments)}"
    if exercise.statistics:
        return f"Seen with {show_arguments(exercise, arguments)}."
    got, wanted = (" and ".join(show(part) for part in output.parts) for output in (mine, right))
    return f"{case} you return {got}; expected: {wanted}."


def show_arguments(exercise, arguments):
    """Arguments with their names."""
    names = calls.argument_names(exercise.reference)
    return ", ".join(f"{name} = {show(value)}" for name, value in zip(names, arguments, strict=True))


def show(value):
    """A value in a few characters."""
    if calls.is_key(value):
        return "a key"
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        return _show_array(np.asarray(value))
    if isinstance(value, float):
        return f"{value + 0.0:.5g}"  # never -0
    if isinstance(value, str | int | list | tuple):
        text = repr(value)
        return text if len(text) <= 60 else text[:57] + "..."
    return getattr(value, "__name__", None) or f"a {type(value).__name__}"


def _show_array(array):
    if not array.ndim:
        return show(array.item())
    some = ", ".join(show(entry) for entry in array.ravel()[:SHOWN].tolist())
    if array.ndim == 1 and array.size <= SHOWN:
        return f"[{some}]"
    return f"[{some}{', ...' if array.size > SHOWN else ''}] ({_shape(array)})"


def _shape(array):
    return f"shape [{', '.join(map(str, array.shape))}]" if array.ndim else "a single number"
