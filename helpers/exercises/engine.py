"""Checks a reader's function by what it does: one engine for every exercise, and each exercise is
data.

An answer is called on several inputs and compared with a reference. If it is wrong, it is compared
with known mistakes, and the one it agrees with lends its hint. How the answer is written plays no
part.
"""

import collections
import importlib
import inspect
import os
import pkgutil
import textwrap
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from helpers.exercises import calls, words

WIDTH = 95  # characters a line: notebooks break longer ones in the middle of a word
NOT_ATTEMPTED, CORRECT, NOT_YET = "not attempted", "correct", "not yet"
UNTOUCHED = "Not attempted yet: replace the ... with your own code, then run this cell again."
AS_GIVEN = (
    "Not attempted yet: your function still does what it did when you got it. The bug is in there."
)


class Mistake(NamedTuple):
    """Something readers often write instead, and what to tell them."""

    wrong: Callable  # takes the reference's arguments, in order
    hint: str  # one or two sentences


class Exercise(NamedTuple):
    """One exercise as data; called, it is its reference."""

    id: str  # "01.exposures": the notebook's number (A: the appendix), then a name
    reference: Callable  # the right answer; its argument names are shown to the reader
    inputs: tuple  # tuples of arguments, the plainest first, edge cases last
    returns: str  # completes "it should return ..."
    praise: str  # said after "Correct: "
    # What is said when no known mistake fits: a nudge, at another try the hint, then the line.
    nudge: str
    hint: str
    line: str  # Python for what a right answer returns
    mistakes: tuple[Mistake, ...]
    parts: int = 1  # how many things the answer returns
    on_jax: bool = False  # whether the page's own arrays, handed to such a function, are JAX's
    as_given: Callable | None = None  # the code with a bug that the reader starts from
    tolerance: float = 2e-3  # relative
    absolute: float = 1e-4
    # draws -> (estimates, standard errors), compared in place of the draws
    statistics: Callable | None = None
    # the arrays of all inputs -> a hint if they do not fit together, or ""
    together: Callable | None = None
    # (index of an input, hint): said if the answer is wrong there and nowhere else
    only_at: tuple = ()
    # (arguments, words): said of a right answer that differs there, where rounding decides
    wish: tuple = ()

    def __call__(self, *arguments):
        return self.reference(*arguments)

    @property
    def names(self):
        """The names of the arguments, in order; those with a default do not count."""
        return [
            p.name
            for p in inspect.signature(self.reference).parameters.values()
            if p.default is p.empty
        ]

    def run(self, function, arguments):
        """What a function does with one input: a calls.Output."""
        return calls.run(function, self.names, arguments, self.parts, self.on_jax)

    @property
    def cases(self):
        """The arguments of every call of an answer: the inputs, then those of the wish."""
        return self.inputs + self.wish[:1]


def exercise(name, *, inputs, mistakes, **fields):
    """Decorator that makes an exercise of its reference, whose docstring says what it returns.

    Args: name: the id; inputs: a list in them stands for an array; mistakes: a wrong function, its
    hint, the next wrong function, its hint, ...; **fields: as in Exercise.
    """
    inputs = tuple(
        tuple(np.array(v) if isinstance(v, list) else v for v in arguments) for arguments in inputs
    )
    mistakes = tuple(map(Mistake, mistakes[::2], mistakes[1::2]))

    def of(reference):
        returns = reference.__doc__[0].lower() + reference.__doc__[1:].rstrip(".")
        return Exercise(name, reference, inputs, returns, mistakes=mistakes, **fields)

    return of


class Grade(NamedTuple):
    """What became of an answer."""

    status: str  # NOT_ATTEMPTED, CORRECT or NOT_YET
    message: str  # one line for the reader
    # Which sentence that is: "" if not attempted, "correct", "m2" for the second known mistake,
    # "edge", "form", "together", "call" or "run"; "u" and a digest for a mistake nobody thought of.
    code: str = ""


_MET = collections.defaultdict(list)  # codes of this kernel's attempts, by exercise


def check(name, answer=...):
    """Print a sentence about an answer: not attempted yet, correct, or not yet with a hint. Never
    raises.

    After a mistake there is a second line, such as "[tries: m2 correct]": which hints were met, not
    the answers, so that a teacher sees in a copy what a class finds hard. It changes no grade; with
    COURSE_TRIES=off in the environment it is not printed.

    A call that does not end is stopped after a minute. One thing cannot be stopped from here: code
    that holds the interpreter itself, such as sum(range(10**15)). Then restart the kernel.

    Args: name: the exercise, such as "01.exposures"; answer: your function, not called.
    """
    met = _MET[str(name)] if isinstance(name, str) else []
    found = grade(name, answer, met)
    if found.code and found.code not in met[-1:] and (met or found.status == NOT_YET):
        met.append(found.code)
    print(textwrap.fill(found.message, WIDTH, break_long_words=False, break_on_hyphens=False))
    if found.code and met and os.environ.get("COURSE_TRIES") != "off":
        print(f"[tries: {' '.join(met)}]")


def grade(name, answer, met=()):
    """The same as a value: a Grade. met: the codes of earlier tries at this exercise."""
    try:
        status, message, code = _grade(name, answer, met)
    except Exception as error:  # whatever the answer is, the reader's notebook goes on
        status, message, code = _not_yet(
            f"the check stumbled over this answer ({type(error).__name__}).", "run"
        )
    # printable, one line
    return Grade(status, " ".join(message.encode("utf-8", "replace").decode().split()), code)


def _grade(name, answer, met):
    there = {exercise.id: exercise for exercise in of_notebook(str(name).partition(".")[0])}
    if not isinstance(name, str) or name not in there:
        names = ", ".join(f'"{known}"' for known in there)
        which = f"This notebook has {names}." if names else 'A name looks like "01.exposures".'
        return _not_yet(f"there is no exercise {words.show(name)}. {which}", "")
    if answer is None or answer is ...:
        return Grade(NOT_ATTEMPTED, UNTOUCHED)
    if complaint := words.complain_about_call(there[name], answer):
        return _not_yet(complaint, "call")
    return judge(there[name], outputs_of(there[name], answer), met)


def outputs_of(exercise, answer):
    """What an answer does in each case, a list of calls.Outputs: all of them, or up to the first
    that holds no numbers."""
    outputs = []
    for arguments in exercise.cases:
        outputs.append(exercise.run(answer, arguments))
        if outputs[-1].complaint:
            break
    return outputs


def judge(exercise, outputs, met=()):
    """The Grade of an answer that did this, from what it returned alone.

    The first of these that is true: (1) a ... is left; (2) an output holds no numbers; (3) it is
    the code as given; it is wrong, (4) like a known mistake, (5) at one input alone, (6) in shape
    or by a NaN, (7) as nobody thought of; (8) its outputs do not fit together; (9) it is correct.

    Args: outputs: as outputs_of; met: the codes of earlier tries.
    """
    if outputs[0].missing:
        return Grade(NOT_ATTEMPTED, UNTOUCHED)  # 1
    for arguments, output in zip(exercise.cases, outputs, strict=False):
        if output.complaint:
            return _not_yet(words.complain_about_run(exercise, arguments, output), "run")  # 2
    outputs, wished = outputs[: len(exercise.inputs)], outputs[len(exercise.inputs) :]
    wrong_at = [
        i
        for i, agrees in enumerate(_agreements(exercise, outputs, exercise.reference))
        if not agrees
    ]
    shown = wrong_at[0] if wrong_at else 0
    right = exercise.run(exercise.reference, exercise.inputs[shown])
    remarks = words.remark(outputs, right)
    if wrong_at:
        if exercise.as_given and all(_agreements(exercise, outputs, exercise.as_given)):
            return Grade(NOT_ATTEMPTED, AS_GIVEN)  # 3
        hint, code = _hint(exercise, outputs, wrong_at, right, met)  # 4 to 7
        case = words.describe_case(exercise, exercise.inputs[shown], outputs[shown], right)
        return _not_yet(f"{hint} {case}{remarks}", code)
    if exercise.together and (hint := exercise.together([output.parts[0] for output in outputs])):
        return _not_yet(hint + remarks, "together")  # 8
    for mine in wished:
        arguments, wish = exercise.wish
        right = exercise.run(exercise.reference, arguments)
        remarks += "" if agree(exercise, mine, right) else f" ({wish})"
    return Grade(CORRECT, f"Correct: {exercise.praise}{remarks}", "correct")  # 9


def _not_yet(sentence, code):
    return Grade(NOT_YET, f"Not yet: {sentence}", code)


def _hint(exercise, outputs, wrong_at, right, met):
    """What is said of a wrong answer, and its code."""
    for number, mistake in enumerate(exercise.mistakes, start=1):
        if all(_agreements(exercise, outputs, mistake.wrong)):
            return mistake.hint, f"m{number}"
    if exercise.only_at and wrong_at == [exercise.only_at[0]]:
        return exercise.only_at[1], "edge"
    form = words.complain_about_form(exercise, outputs[wrong_at[0]], right)
    if form:
        return form, "form"
    code = f"u{_digest(outputs):03x}"
    tries = len({earlier for earlier in met if earlier.startswith("u")} - {code})
    line = f"This returns what is asked for: {exercise.line}"
    return (exercise.nudge, exercise.hint, line)[min(tries, 2)], code


def _digest(outputs):
    """A number below 4096 that answers share if they return the same, to four digits."""
    text = " ".join(f"{x:.3e}" for output in outputs for part in output.parts for x in part.flat)
    return zlib.crc32(text.encode()) % 4096


def _agreements(exercise, outputs, function):
    """Yield, input by input, whether a function's output is the answer's."""
    for mine, arguments in zip(outputs, exercise.inputs, strict=True):
        yield agree(exercise, mine, exercise.run(function, arguments))


def agree(exercise, mine, other):
    """Whether two calls.Outputs are the same: to the exercise's tolerance, or draws to five
    standard errors."""
    if mine.complaint or other.complaint:
        return False
    with np.errstate(all="ignore"):  # whatever numbers came back
        return all(
            _same(exercise, a, b, mine.precision)
            for a, b in zip(mine.parts, other.parts, strict=True)
        )


def _same(exercise, a, b, precision):
    if not b.shape and a.size == 1:
        a = a.reshape(())  # an array of one number is a number
    # a number may stand for equal ones, but not for draws
    if a.shape != b.shape and (a.shape or exercise.statistics):
        return False
    if exercise.statistics:
        (x, x_error), (y, y_error) = exercise.statistics(a), exercise.statistics(b)
        limit = 5 * np.hypot(x_error, y_error) + 1e-6 * (1 + np.abs(y))
        return np.all(np.abs(x - y) <= limit)  # a NaN agrees with nothing
    return np.allclose(
        a, b, max(exercise.tolerance, 2 * precision), exercise.absolute, equal_nan=True
    )


def of_notebook(number):
    """The exercises of one notebook, such as "01" or, of the appendix, "A", in order: those of the
    module n01_..., or none."""
    for module in pkgutil.iter_modules(importlib.import_module("helpers.exercises").__path__):
        if module.name.startswith(f"n{number}_"):
            there = vars(importlib.import_module(f"helpers.exercises.{module.name}")).values()
            return tuple(
                e for e in there if isinstance(e, Exercise) and e.id.startswith(f"{number}.")
            )
    return ()
