"""Each exercise: its stub, its answers and every known mistake; and the notebooks that ask and
solve it."""

import ast
import contextlib
import importlib
import io
import json
import pathlib
import runpy
import warnings

import jax.numpy as jnp
import numpy as np
import pytest

from helpers import exercises
from helpers.exercises.engine import (
    CORRECT,
    NOT_ATTEMPTED,
    NOT_YET,
    grade,
    judge,
    of_notebook,
    outputs_of,
)

SECOND = runpy.run_path(str(pathlib.Path(__file__).with_name("second_answers.py")))["SECOND"]
NOTEBOOKS = pathlib.Path(__file__).resolve().parents[2] / "notebooks"
NAMES = {path.name[:2]: path.stem for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))}
NAMES["A"] = "appendix_your_own_model"
NUMBERS = list(NAMES)
EXERCISES = [exercise for number in NUMBERS for exercise in of_notebook(number)]
MISTAKES = [(exercise, i) for exercise in EXERCISES for i in range(len(exercise.mistakes))]

each = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
each_mistake = pytest.mark.parametrize(
    ("exercise", "i"), MISTAKES, ids=[f"{exercise.id}-{i}" for exercise, i in MISTAKES]
)


def in_float32(function):
    """The same function for a reader who works in JAX's precision."""

    def answer(*arguments):
        result = function(*arguments)
        return (
            tuple(jnp.float32(part) for part in result)
            if isinstance(result, tuple)
            else jnp.float32(result)
        )

    return answer


@each
def test_a_forgotten_return_is_named(exercise):
    found = grade(exercise.id, lambda *arguments: None)
    assert found.status == NOT_YET
    assert "returned nothing; is a `return` missing?" in found.message


def test_three_exercises_a_notebook_four_in_the_last_and_two_in_the_appendix():
    for number in NUMBERS:
        ids = [exercise.id for exercise in of_notebook(number)]
        assert len(ids) == len(set(ids)) == {"14": 4, "A": 2}.get(number, 3)
        assert all(name.startswith(f"{number}.") for name in ids)
    assert of_notebook("99") == ()


@each
def test_an_exercise_is_complete(exercise):
    assert len(exercise.inputs) >= 3 or exercise.statistics
    hints = [mistake.hint for mistake in exercise.mistakes]
    assert len(hints) == len(set(hints)) >= 3
    for text in (exercise.nudge, exercise.hint, exercise.praise, *hints):
        assert 20 <= len(text) <= 180
        assert text[0].isupper()
        assert text[-1] in ".?)"


@each
def test_stub_is_not_attempted(exercise):
    for stub in (lambda *arguments: ..., exercise.as_given or ...):
        found = grade(exercise.id, stub)
        assert found.status == NOT_ATTEMPTED
        assert found.message.startswith("Not attempted yet: ")


@each
def test_reference_and_another_way_are_correct(exercise):
    for answer in (exercise.reference, SECOND.get(exercise.id, exercise.reference)):
        found = grade(exercise.id, answer)
        assert found.message == f"Correct: {exercise.praise}"
        assert found.status == CORRECT


@each
def test_precision_does_not_matter(exercise):
    assert grade(exercise.id, in_float32(exercise.reference)).status == CORRECT


@each
def test_names_and_extra_arguments_do_not_matter(exercise):
    names = exercise.names
    others = "abcdefgh"[: len(names)]
    space = {"reference": exercise.reference}
    exec(
        f"def shuffled({', '.join(names[::-1])}, extra=None): return reference({', '.join(names)})",
        space,
    )
    exec(
        f"def renamed({', '.join(others)}, *, extra=1): return reference({', '.join(others)})",
        space,
    )
    for answer in (space["shuffled"], space["renamed"]):
        assert grade(exercise.id, answer).status == CORRECT


@each_mistake
def test_a_mistake_gets_its_own_hint(exercise, i):
    mistake = exercise.mistakes[i]
    for answer in (mistake.wrong, in_float32(mistake.wrong)):
        found = grade(exercise.id, answer)
        assert found.status == NOT_YET
        assert found.message.startswith(f"Not yet: {mistake.hint} ")
        assert len(found.message) < 500


@each
def test_a_mistake_nobody_thought_of_gets_a_nudge_then_the_hint_then_the_line(exercise):
    def answer(*arguments):
        result = exercise.reference(*arguments)
        scale = 1.37 if not exercise.statistics else 3
        return (
            tuple(scale * part + 0.11 for part in result)
            if isinstance(result, tuple)
            else scale * result + 0.11
        )

    outputs = outputs_of(exercise, answer)
    for met, words in enumerate((exercise.nudge, exercise.hint, exercise.line, exercise.line)):
        found = judge(exercise, outputs, [f"u{i}" for i in range(met)])
        assert found.status == NOT_YET
        if not exercise.statistics:
            assert words in found.message


@each
def test_the_line_is_right_and_no_sentence_before_it_gives_it_away(exercise):
    space = {
        name: importlib.import_module(module)
        for name, module in {
            "np": "numpy",
            "special": "scipy.special",
            "stats": "scipy.stats",
            "math": "math",
            "poisson_gamma": "helpers.models.poisson_gamma",
        }.items()
    }
    answer = eval(f"lambda {', '.join(exercise.names)}, step=1e-3: {exercise.line}", space)
    assert grade(exercise.id, answer).message == f"Correct: {exercise.praise}"
    assert exercise.line not in exercise.nudge + exercise.hint


def arrays_of(exercise):
    return [
        value
        for arguments in exercise.inputs
        for value in arguments
        if isinstance(value, np.ndarray)
    ]


@each
def test_inputs_are_left_alone(exercise):
    before = [array.copy() for array in arrays_of(exercise)]

    def vandal(*arguments):
        result = exercise.reference(*arguments)
        for value in arguments:
            if isinstance(value, np.ndarray):
                value[:] = 0
        return result

    grade(exercise.id, vandal)
    for old, new in zip(before, arrays_of(exercise), strict=True):
        np.testing.assert_array_equal(old, new)


# The notebooks. A lesson asks, a solution answers; both keep the sentence in their stored output.


def code_cells(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [
        (join(cell["source"]), stored_text(cell)) for cell in cells if cell["cell_type"] == "code"
    ]


def join(text):
    return text if isinstance(text, str) else "".join(text)


def stored_text(cell):
    return "".join(join(output.get("text", "")) for output in cell["outputs"])


def checks(cells):
    return {
        e.id: (source, text)
        for source, text in cells
        for e in EXERCISES
        if f'exercises.check("{e.id}"' in source
    }


def run(monkeypatch, sources):
    """Status by exercise of every check in some cells."""
    found = {}
    monkeypatch.setattr(
        exercises,
        "check",
        lambda name, answer=...: found.update({name: grade(name, answer).status}),
    )
    space = {"__name__": "__main__"}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        for source in sources:
            exec(compile(source, "cell", "exec"), space)
    return found


def imports_of(source):
    """The import statements of a cell, and nothing else."""
    nodes = [
        node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return "\n".join(map(ast.unparse, nodes))


def ids(paths):
    return [path.stem for path in paths]


LESSONS = {number: NOTEBOOKS / f"{name}.ipynb" for number, name in NAMES.items()}
SOLUTIONS = {number: NOTEBOOKS / "solutions" / f"{name}.ipynb" for number, name in NAMES.items()}


def test_every_lesson_has_its_solutions():
    there = ids(sorted((NOTEBOOKS / "solutions").glob("*.ipynb")))
    assert there == list(NAMES.values())


@pytest.mark.parametrize("number", NUMBERS)
def test_a_lesson_asks_its_exercises(number, monkeypatch):
    path = LESSONS[number]
    cells = code_cells(path)
    asked = checks(cells)
    expected = {exercise.id for exercise in of_notebook(number)}
    assert set(asked) == expected
    for name, (_, text) in asked.items():
        assert text.startswith("Not attempted yet: "), name
        assert len(text.splitlines()) == 1
    sources = [imports_of(source) for source, _ in cells[1:]] + [
        source for source, _ in asked.values()
    ]
    assert run(monkeypatch, sources) == dict.fromkeys(expected, NOT_ATTEMPTED)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_solution_is_correct(number, monkeypatch):
    path = SOLUTIONS[number]
    cells = code_cells(path)
    solved = checks(cells)
    expected = {exercise.id for exercise in of_notebook(number)}
    assert set(solved) == expected
    assert all(text.startswith("Correct: ") for _, text in solved.values())
    assert run(monkeypatch, [source for source, _ in cells[1:]]) == dict.fromkeys(expected, CORRECT)
