"""What the reader is told when an answer is not right yet: short sentences, the same on every
machine."""

import inspect

import jax
import numpy as np

from helpers.exercises import calls

SHOWN = 4  # entries of an array


def complain_about_call(exercise, answer):
    """A sentence if the answer cannot be called with the exercise's arguments, else ""."""
    names = exercise.names
    if not callable(answer):
        example = f'exercises.check("{exercise.id}", {exercise.reference.__name__})'
        return f"hand over your function itself, not called: {example}. This is {show(answer)}."
    try:
        calls.goes_by_name(answer, names)
    except TypeError:
        many = f"{len(names)} argument{'s' if len(names) > 1 else ''}"
        return (
            f"your function should take {many}, ({', '.join(names)}); it takes "
            f"{inspect.signature(answer)}."
        )
    return ""


def complain_about_run(exercise, arguments, output):
    """The sentence for an output without numbers."""
    case = f"With {show_arguments(exercise, arguments)} your function {output.complaint}"
    return f"it should return {exercise.returns}. {case}{'' if case.endswith(('?', '.)')) else '.'}"


def complain_about_form(exercise, mine, right):
    """A sentence if the shape is wrong, or a NaN the trouble, else ""."""
    for a, b in zip(mine.parts, right.parts, strict=True):
        if a.shape != b.shape and not a.size == b.size == 1:
            return (
                f"{_shape(b)} is expected here and yours has {_shape(a)}. Return "
                f"{exercise.returns}."
            )
        if (~np.isfinite(a) & np.isfinite(b)).any():
            kind = "NaN (not a number)" if np.isnan(a).any() else "an infinite number"
            return (
                f"your answer holds {kind}. Look for a log of 0, a root below 0, a division by 0 "
                "or an overflow."
            )
    return ""


def remark(outputs, right):
    """Friendly words about arguments that were changed in place and arrays where a number was asked
    for, or ""."""
    changed = [name for output in outputs for name in output.changed]
    words = (
        f" (One wish: your function changes {changed[0]} in place; work on a copy.)"
        if changed
        else ""
    )
    pairs = [pair for output in outputs for pair in zip(output.parts, right.parts, strict=True)]
    if any(mine.shape and mine.size == 1 and not wanted.shape for mine, wanted in pairs):
        words += " (One wish: return a number itself, not an array that holds it.)"
    return words


def describe_case(exercise, arguments, mine, right):
    """The first offending input, what came back and what should have."""
    if exercise.statistics:
        return f"Seen with {show_arguments(exercise, arguments)}."
    got, wanted = (" and ".join(map(show, output.parts)) for output in (mine, right))
    return f"With {show_arguments(exercise, arguments)} you return {got}; expected: {wanted}."


def show_arguments(exercise, arguments):
    """Arguments with their names."""
    return ", ".join(
        f"{name} = {show(value)}" for name, value in zip(exercise.names, arguments, strict=True)
    )


def show(value):
    """A value in a few characters."""
    if calls.is_key(value):
        return "a key"
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        array = np.asarray(value)
        if not array.ndim:
            return show(array.item())
        some = ", ".join(show(entry) for entry in array.ravel()[:SHOWN].tolist())
        is_whole = array.ndim == 1 and array.size <= SHOWN
        return (
            f"[{some}]"
            if is_whole
            else f"[{some}{', ...' if array.size > SHOWN else ''}] ({_shape(array)})"
        )
    if isinstance(value, float):
        return f"{value + 0.0:.5g}"  # never -0
    if isinstance(value, str | int | list | tuple):
        text = repr(value)
        return text if len(text) <= 60 else text[:57] + "..."
    return getattr(value, "__name__", None) or f"a {type(value).__name__}"


def _shape(array):
    return f"shape [{', '.join(map(str, array.shape))}]" if array.ndim else "a single number"
