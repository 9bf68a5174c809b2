"""The engine: any right answer passes however it is written, any other gets one kind sentence,
nothing raises."""

import collections
import contextlib
import decimal
import fractions
import functools
import inspect
import math
import pathlib
import subprocess
import sys
import threading
import time

import jax
import jax.numpy as jnp
import nbclient
import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import exercises
from helpers.exercises import calls, engine
from helpers.exercises.engine import (
    AS_GIVEN,
    CORRECT,
    NOT_ATTEMPTED,
    NOT_YET,
    UNTOUCHED,
    Exercise,
    Grade,
    Mistake,
    grade,
)

EXAMPLES = str(pathlib.Path(__file__).with_name("examples.py"))
INSTALL = f"import runpy; runpy.run_path({EXAMPLES!r})['install']()"
exec(INSTALL)
MEAN = "00.posterior_mean"


def right(strength, template, counts):
    return (strength * template + np.sum(counts)) / (strength + len(counts))


class Callable:
    def __call__(self, strength, template, counts):
        return right(strength, template, counts)


def with_the_arguments_in_another_order(counts, template, strength):
    return right(strength, template, counts)


def with_other_names(s, x0, x):
    return right(s, x0, x)


def with_keywords_only(*, strength, template, counts, unused=None):
    return right(strength, template, counts)


def with_any_arguments(*arguments, **options):
    return right(*arguments, **options)


def with_a_loop(strength, template, counts, verbose=False):
    ink = strength * template
    for count in counts:
        ink += count
    return ink / (strength + len(counts))


def for_numpy_arrays_alone(strength, template, counts):
    copy = counts.astype(float).copy()
    copy[:] += 0
    return (strength * template + copy.sum()) / (strength + copy.size)


def printing(strength, template, counts):
    print("so far so good", end="")
    return right(strength, template, counts)


RIGHT = [
    right,
    Callable(),
    jax.jit(right),
    functools.partial(with_a_loop, verbose=True),
    lambda strength, template, counts: [right(strength, template, counts)][0],
    with_the_arguments_in_another_order,
    with_other_names,
    with_keywords_only,
    with_any_arguments,
    with_a_loop,
    for_numpy_arrays_alone,
    printing,
]
NUMBERS = [
    float,
    np.float64,
    np.float32,
    np.float16,
    jnp.float32,
    jnp.bfloat16,
    np.asarray,
    decimal.Decimal,
    fractions.Fraction,
]


@pytest.mark.parametrize("answer", RIGHT, ids=lambda f: getattr(f, "__name__", type(f).__name__))
def test_a_right_answer_passes_however_it_is_written(answer):
    assert grade(MEAN, answer).status == CORRECT


@pytest.mark.parametrize("number", NUMBERS, ids=lambda t: t.__name__)
def test_any_kind_of_number_passes(number):
    assert grade(MEAN, lambda *arguments: number(float(right(*arguments)))).status == CORRECT


@pytest.mark.parametrize(
    "container", [tuple, list, np.array, jnp.array, lambda parts: dict(enumerate(parts)).values()]
)
def test_several_things_may_come_in_any_sequence(container):
    def without_the_peek(concentration, rate, peeked, strength, template):
        corrected = concentration + strength * (template - peeked.mean(axis=0))
        return container([corrected, rate * np.ones(len(corrected))])

    assert grade("04.without_the_peek", without_the_peek).status == CORRECT


def test_an_array_may_be_a_list_and_equal_entries_one_number():
    def without_the_peek(concentration, rate, peeked, strength, template):
        return list(concentration + strength * (template - peeked.mean(axis=0))), rate

    assert grade("04.without_the_peek", without_the_peek).status == CORRECT


@pytest.mark.parametrize(
    "answer", [None, ..., lambda *_: ..., lambda *_: (..., 1.0), lambda *_: ... + 1]
)
def test_not_attempted(answer):
    assert grade("00.elbo_and_error", answer) == Grade(NOT_ATTEMPTED, UNTOUCHED)


def test_a_gap_left_in_jax_code_is_not_attempted():
    assert grade(MEAN, lambda strength, template, counts: jnp.sum(...)).status == NOT_ATTEMPTED


@pytest.mark.parametrize(
    "answer",
    [
        lambda s, t, x: list(x)[...],
        lambda s, t, x: x[..., ...],
        lambda s, t, x: (_ for _ in ()).throw(ValueError("no ellipsis here")),
    ],
)
def test_an_error_that_speaks_of_an_ellipsis_is_an_attempt(answer):
    found = grade(MEAN, answer)
    assert found.status == NOT_YET
    assert "stopped with" in found.message


def test_a_gap_beside_an_index_with_dots_is_a_gap():
    def begun(strength, template, counts):
        first = counts[..., 0]
        return first + ...

    assert grade(MEAN, begun) == Grade(NOT_ATTEMPTED, UNTOUCHED)


def test_numpy_is_what_is_graded():
    def past_the_end(log_ratios):  # JAX would clamp the index and go on
        others = [log_ratios.sum() - log_ratios[i + 1] for i in range(len(log_ratios))]
        return log_ratios - np.array(others) / (len(log_ratios) - 1)

    assert "IndexError" in grade("03.baseline", past_the_end).message


def test_an_answer_for_jax_arrays_passes_where_the_page_has_them():
    def baseline(log_ratios):
        doubled = log_ratios.at[:].multiply(1.0)
        return doubled - (doubled.sum() - doubled) / (len(doubled) - 1)

    def over_pixels(log_rates, mean_log, std_log, totals, num_images, log_factorials):
        def add(j, total):
            z, y = (log_rates[j] - mean_log[j]) / std_log[j], log_rates[j]
            total += totals[j] * y - num_images * jnp.exp(y) - z**2 / 2 - y
            return total - jnp.log(std_log[j]) - jnp.log(2 * jnp.pi) / 2

        return jax.lax.fori_loop(0, len(log_rates), add, 0.0) - log_factorials

    def mean(strength, template, counts):
        return (strength * template + counts.at[:].add(0).sum()) / (strength + len(counts))

    assert grade("03.baseline", baseline).status == CORRECT
    assert grade("05.log_joint", over_pixels).status == CORRECT
    found = grade(MEAN, mean)  # there the reader's own call would stop, too
    assert found.status == NOT_YET
    assert "jnp.asarray makes it JAX's" in found.message


def test_code_with_a_bug_that_nobody_touched_is_not_attempted():
    def given(concentration, rate, factor):
        return concentration * 1.0, rate * factor

    assert grade("04.reweigh", given) == Grade(NOT_ATTEMPTED, AS_GIVEN)


KIND = {
    "not a function": (11.8, "your function itself"),
    "text": ("11.8", "your function itself"),
    "no arguments": (lambda: 1.0, "should take 3 arguments, (strength, template, counts)"),
    "too many arguments": (lambda a, b, c, d: 1.0, "should take 3 arguments"),
    "an exception": (lambda s, t, x: 1 / 0, "stopped with ZeroDivisionError: division by zero"),
    "an exception without words": (lambda s, t, x: next(iter([])), "stopped with StopIteration."),
    "an exception on an edge case": (lambda s, t, x: right(s, t, x) + 0 * x[0], "counts = []"),
    "a name that is not there": (lambda s, t, x: nowhere, "run all cells above first"),  # noqa: F821
    "exit": (lambda s, t, x: exit(), "SystemExit"),
    "endless recursion": (lambda s, t, x: (f := lambda g: g(g))(f), "RecursionError"),
    "interrupted": (lambda s, t, x: (_ for _ in ()).throw(KeyboardInterrupt), "still running"),
    "text back": (lambda s, t, x: "11.8", "returned a str"),
    "a dictionary back": (lambda s, t, x: {"mean": 11.8}, "returned a dict"),
    "a complex number": (lambda s, t, x: 1j, "returned a complex"),
    "a ragged list": (lambda s, t, x: [[1.0], [1.0, 2.0]], "returned a list of 2"),
    "a generator": (lambda s, t, x: (i for i in x), "returned a generator, whose numbers are not"),
    "a function": (lambda s, t, x: right, "returned a function"),
    "a key": (lambda s, t, x: jax.random.key(0), "returned a random key"),
    "a wrong shape": (
        lambda s, t, x: np.ones(5),
        "a single number is expected here and yours has shape [5]",
    ),
    "nothing, for an edge case": (
        lambda s, t, x: right(s, t, x) if len(x) else None,
        "returned nothing",
    ),
    "NaN": (lambda s, t, x: np.nan if s > 100 else right(s, t, x), "NaN (not a number)"),
    "infinity": (
        lambda s, t, x: right(s, t, x) / (len(x) > 0) if s != 2.0 else np.inf,
        "an infinite number",
    ),
    "another number": (lambda s, t, x: 123.0, "you return 123; expected: 11.8"),
}


@pytest.mark.parametrize("case", KIND)
def test_one_kind_sentence(case):
    answer, words = KIND[case]
    found = grade(MEAN, answer)
    assert found.status == NOT_YET
    assert found.message.startswith("Not yet: ")
    assert words in found.message
    assert "Traceback" not in found.message


def test_too_few_things():
    assert (
        "returned a float"
        in grade(
            "00.elbo_and_error", lambda log_joint, log_q: float(np.mean(log_joint - log_q))
        ).message
    )
    both = grade("00.elbo_and_error", lambda p, q: (np.mean(f) for f in (p, q)))
    assert "returned a generator, whose numbers are not there yet" in both.message
    assert "len()" not in both.message


def test_an_array_of_one_number_is_a_number_with_a_remark():
    for shape in ([1], [1, 1]):
        found = grade(MEAN, lambda s, t, x, shape=shape: np.reshape(right(s, t, x), shape))
        assert found.status == CORRECT
        assert "return a number itself, not an array" in found.message
    found = grade(
        "00.elbo_and_error",
        lambda p, q: (np.array([np.mean(p - q)]), np.std(p - q) / np.sqrt(len(p))),
    )
    assert found.status == CORRECT
    assert "One wish" in found.message
    assert "shape [2]" in grade(MEAN, lambda s, t, x: np.full(2, right(s, t, x))).message


def test_a_wrong_answer_that_changes_its_arguments_is_told_both():
    def in_place(log_ratios):
        log_ratios -= log_ratios.mean()
        return log_ratios

    found = grade("03.baseline", in_place)
    assert found.status == NOT_YET
    assert "Leave draw i out" in found.message
    assert "changes log_ratios in place" in found.message


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_cancellation_is_named(dtype):
    def textbook(log_joint, log_q):
        f = np.asarray(log_joint - log_q, dtype)
        return f.mean(), np.sqrt((np.mean(f**2) - np.mean(f) ** 2) / dtype(len(f)))

    found = grade("00.elbo_and_error", textbook)
    assert found.status == CORRECT or "cancellation" in found.message


def test_rounding_where_images_are_counted_is_forgiven_and_told():
    found = grade(
        "07.images_needed", lambda strength, share: math.ceil(strength * (1 - share) / share)
    )
    assert found.status == CORRECT
    assert "a hair above 12" in found.message
    exact = grade(
        "07.images_needed", lambda strength, share: math.ceil(strength / share - strength - 1e-9)
    )
    assert "hair" not in exact.message


def test_a_real_attempt_is_not_taken_for_the_code_as_given():
    def ratio_of_densities(log_density, now, proposal, uniform):
        return (
            proposal if uniform * np.exp(log_density(now)) <= np.exp(log_density(proposal)) else now
        )

    for attempt in (ratio_of_densities, lambda log_density, now, proposal, uniform: proposal):
        assert grade("01.metropolis_step", attempt).status == NOT_YET


NEAR = {
    "rounded": ("07.images_needed", lambda s, r: round(s * (1 - r) / r)),
    "plus a half": ("07.images_needed", lambda s, r: int(s * (1 - r) / r + 0.5)),
    "plus nine tenths": ("07.images_needed", lambda s, r: int(s * (1 - r) / r + 0.9)),
    "plus 0.999": ("07.images_needed", lambda s, r: int(s * (1 - r) / r + 0.999)),
    "always one more": ("07.images_needed", lambda s, r: int(s * (1 - r) / r) + 1),
}


@pytest.mark.parametrize("case", NEAR)
def test_a_near_miss_is_refused(case):
    assert grade(*NEAR[case]).status == NOT_YET


def test_changing_an_argument_is_forgiven_and_told():
    def in_place(log_ratios):
        total = log_ratios.sum()
        log_ratios -= (total - log_ratios) / (len(log_ratios) - 1)
        return log_ratios

    first, second = grade("03.baseline", in_place), grade("03.baseline", in_place)
    assert first.status == CORRECT
    assert "changes log_ratios in place" in first.message
    assert first == second  # the exercise's own arrays are untouched


def never_ends(strength, template, counts):
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.01)


def never_ends_in_compiled_code(strength, template, counts):
    return jax.lax.while_loop(lambda x: x < 1, lambda x: x * 0.5, 0.5)


def swallows_everything(strength, template, counts):
    while not RELEASED.is_set():
        with contextlib.suppress(BaseException):
            while not RELEASED.is_set():
                time.sleep(0.01)


RELEASED = threading.Event()


@pytest.mark.parametrize("answer", [never_ends, swallows_everything])
def test_an_endless_loop_ends(answer, monkeypatch):
    monkeypatch.setattr(calls, "SECONDS", 0.2)
    RELEASED.clear()
    message = grade(MEAN, answer).message  # this test's end is the first thing it proves
    assert "endless loop" in message
    assert ("restart of the kernel" in message) == (answer is swallows_everything)
    RELEASED.set()


def test_compiled_code_that_never_ends_is_left_behind_and_an_interrupt_gets_through():
    program = f"""
import inspect, jax, os, signal, sys, threading, time
from helpers.exercises import calls, engine
{INSTALL}
{inspect.getsource(never_ends_in_compiled_code)}
calls.SECONDS = 1
print(engine.grade("{MEAN}", never_ends_in_compiled_code).message)
calls.SECONDS = 200
# a shell's background job is born deaf to it
signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
begun = time.monotonic()
print(engine.grade("{MEAN}", never_ends_in_compiled_code).message)
assert time.monotonic() - begun < 100, "the interrupt was not heard"
print(engine.grade("{MEAN}", lambda s, t, x: (s * t + x.sum()) / (s + len(x))).status)
sys.stdout.flush()
os._exit(0)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True
    )
    *stopped, status = done.stdout.splitlines()
    assert status == CORRECT
    assert len(stopped) == 2
    assert all("an endless loop?" in line for line in stopped)
    assert "nothing but a restart of the kernel will stop it" in stopped[0]


LEAVING = f"""{INSTALL}
from helpers import exercises
def answer(strength, template, counts):
    {{}}
exercises.check("00.posterior_mean", answer)
"""


@pytest.mark.parametrize("way", ["exit()", "quit()", "import sys; sys.exit()"])
def test_an_answer_that_leaves_does_not_end_the_kernel(way):
    cells = [LEAVING.format(way), "import time; time.sleep(1)", "print('still here')"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    first, last = (notebook.cells[i].outputs[0].text for i in (0, 2))
    assert "SystemExit" in first
    assert last == "still here\n"


def test_works_off_the_main_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(grade(MEAN, right)))
    thread.start()
    thread.join()
    assert found[0].status == CORRECT


def test_unknown_exercises_name_the_known_ones():
    assert '"01.exposures", "01.log_evidence"' in grade("01.posterior", right).message
    for name in ("77.nothing", "", "posterior_mean", 7, None, [], {}, right, np.zeros(3)):
        found = grade(name, right)
        assert found.status == NOT_YET
        assert "there is no exercise" in found.message


@pytest.fixture
def says(capsys, monkeypatch):
    """What check prints in a fresh kernel, as lines."""
    monkeypatch.setattr(engine, "_MET", collections.defaultdict(list))

    def say(answer):
        assert exercises.check(MEAN, answer) is None
        return capsys.readouterr().out.splitlines()

    return say


@pytest.mark.parametrize("answer", [..., right, lambda s, t, x: 1 / 0, lambda s, t, x: 9.8])
def test_check_prints_the_message_in_lines_that_fit(answer, says):
    lines = [line for line in says(answer) if not line.startswith("[tries")]
    assert " ".join(lines) == grade(MEAN, answer).message
    assert max(map(len, lines)) <= 95


def test_a_nudge_then_the_hint_then_the_line(says):
    mean = {exercise.id: exercise for exercise in engine.of_notebook("00")}[MEAN]
    known, wrong = (lambda s, t, x: np.mean(x)), [lambda s, t, x, i=i: i for i in range(4)]
    said = [" ".join(says(answer)) for answer in (wrong[0], wrong[0], known, *wrong[1:])]
    for words, expected in zip(
        said,
        (mean.nudge, mean.nudge, mean.mistakes[2].hint, mean.hint, mean.line, mean.line),
        strict=True,
    ):
        assert expected in words
    assert mean.line not in "".join(said[:4])


def test_the_tries_are_left_in_the_output_once_there_was_a_mistake(says, monkeypatch):
    assert "tries" not in " ".join(says(...) + says(right))
    says(lambda s, t, x: np.mean(x))
    says(lambda s, t, x: 1 / 0)
    says(lambda s, t, x: 1 / 0)
    assert says(right)[-1] == "[tries: m3 run correct]"
    assert len(says(...)) == 1
    monkeypatch.setenv("COURSE_TRIES", "off")
    assert "tries" not in " ".join(says(right))
    assert grade(MEAN, right, ["m3", "run"]) == grade(MEAN, right)


def test_the_same_answer_gets_the_same_words():
    def wrong(strength, template, counts):
        return right(strength, template, counts) + 0.1

    assert grade(MEAN, wrong) == grade(MEAN, wrong)


anything = st.recursive(
    st.sampled_from([None, True, ..., 1j, b"", np.nan]) | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)
raised = st.sampled_from(
    [ValueError, KeyError, MemoryError, SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration]
)


def judged(found):
    assert found.status in (NOT_ATTEMPTED, NOT_YET)
    assert found.message.splitlines() == [found.message]
    assert len(found.message) < 800


@settings(max_examples=150, deadline=None)
@given(anything)
def test_nothing_raises_whatever_is_handed_over(value):
    judged(grade(MEAN, value))


@settings(max_examples=150, deadline=None)
@given(anything, st.sampled_from(["01.log_evidence", "02.mean_field", "03.baseline", "08.telling"]))
def test_nothing_raises_whatever_is_returned(value, name):
    judged(grade(name, lambda *_: value))


@settings(max_examples=60, deadline=None)
@given(raised, st.text(max_size=300))
def test_nothing_raises_whatever_is_raised(error, text):
    def answer(strength, template, counts):
        raise error(text)

    judged(grade(MEAN, answer))


def test_an_object_that_fights_back_does_not_win():
    class Hostile:
        def __array__(self, *arguments, **options):
            raise RuntimeError("no")

        def __repr__(self):
            raise RuntimeError("no")

        __len__ = __iter__ = __eq__ = __bool__ = __repr__
        __hash__ = None

    class HostileError(Exception):
        def __str__(self):
            raise RuntimeError("no")

    def answer(strength, template, counts):
        raise HostileError

    judged(grade(MEAN, Hostile()))
    judged(grade(MEAN, lambda *_: Hostile()))
    judged(grade(MEAN, answer))
    judged(grade(Hostile(), right))


def test_draws_are_compared_by_their_standard_errors():
    def statistics(draws):
        return np.array([draws.mean()]), np.array([draws.std() / np.sqrt(draws.size)])

    def draws_around(centre, seed):
        return lambda num_draws: np.random.default_rng(seed).normal(centre, size=num_draws)

    exercise = Exercise(
        id="00.draws",
        reference=draws_around(0.0, 1),
        inputs=((1_000,),),
        returns="draws",
        praise="",
        nudge="",
        hint="",
        line="",
        mistakes=(Mistake(draws_around(1.0, 2), "shifted"),),
        statistics=statistics,
    )

    def judge(exercise, answer):
        return engine.judge(exercise, engine.outputs_of(exercise, answer))

    assert all(judge(exercise, draws_around(0.0, seed)).status == CORRECT for seed in range(4, 40))
    assert "shifted" in judge(exercise, draws_around(1.0, 50)).message
    assert judge(exercise, draws_around(0.5, 51)).status == NOT_YET
    assert judge(exercise, lambda num_draws: np.full(num_draws, np.nan)).status == NOT_YET
    assert judge(exercise, lambda num_draws: 0.0).status == NOT_YET
