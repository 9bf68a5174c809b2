"""make grade: whatever a class hands in, each exercise gets its status, and no answer decides it by
itself."""

import csv
import importlib.util
import io
import json
import os
import re
import signal
import subprocess
import sys
import zipfile

import answers
import exam
import grade
import gradebook
import intake
import made_up
import nbformat
import numpy as np
import pytest
import report

from helpers.exercises import engine

KNOWN = grade.exercises()
QUICK = exam.Limits(call=4, answer=15, submission=100)
MEAN = made_up.MEAN

# Answers to the posterior mean beyond those of the made-up twenty: what becomes of each.
HOSTILE = {
    "thread": "correct",
    "peeks": "raised",
    "forges": "killed",
    "holds": "timed out",
    "leaves": "raised",
    "text": "not yet",
    "gap": "not attempted",
    "index": "raised",
}


def rows_of(folder):
    text = (folder / "grades.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The made-up class, graded once: (folder, statuses, what was printed)."""
    folder = tmp_path_factory.mktemp("class")
    files, statuses = made_up.twenty()
    made_up.write(files, folder / "in")
    (folder / "names.csv").write_text("name\nÑuñez_(2)+é\nSam Away\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grade.Grader.__init__, "__defaults__", (QUICK,))
        out = io.StringIO()
        patch.setattr("sys.stdout", out)
        options = {"SUBMISSIONS": folder / "in", "BUILD": folder / "out"}
        assert grade.main(options | {"ROSTER": folder / "names.csv"}) == 0
    return folder, statuses, out.getvalue()


def test_each_answer_gets_its_status(graded):
    folder, statuses, _ = graded
    found = {
        row["student"]: row["status"]
        for row in rows_of(folder / "out")
        if row["exercise"] in (MEAN, "")
    }
    assert found == statuses


def test_a_hostile_answer_decides_nothing_and_costs_no_other(tmp_path):
    exam.prepared(tmp_path)
    body = made_up.ANSWERS
    cells = ["import numpy as np"]
    for kind in [*HOSTILE, "right"]:
        lines = body.get(
            kind, "return (strength * template + counts.sum()) / (strength + sum(exposures))"
        )
        head = f"def {kind}(strength, template, counts, exposures):"
        cells.append(f"{head}\n    {lines}\nexercises.check('{MEAN}', {kind})")
    found = exam.outcomes(answers.answers_of(cells), tmp_path, QUICK)
    statuses = [exam.verdict(KNOWN[MEAN], outcome).status for outcome in found]
    assert statuses == [*HOSTILE.values(), "correct"]


def test_the_other_exercises_of_the_same_copy_are_graded_all_the_same(graded):
    others = [row for row in rows_of(graded[0] / "out") if row["exercise"] == made_up.EVIDENCE]
    unsolved = {row["student"] for row in others if row["status"] != "correct"}
    assert len(others) == 18  # two copies cannot be read
    assert unsolved == {"Ana Muster"}


def test_the_table_is_whole_and_no_formula(graded):
    folder = graded[0]
    raw = (folder / "out" / "grades.csv").read_bytes()
    assert raw.startswith("\ufeff".encode())
    rows = rows_of(folder / "out")
    assert len(rows) == 3 * 18 + 2
    assert {row["points"] for row in rows if row["status"] == "unreadable"} == {""}
    assert {row["points"] for row in rows if row["status"] == "correct"} == {"1"}
    for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"))):
        assert not any(entry.startswith(("=", "+", "-", "@")) for entry in row)
    assert report.plain("=1+1") == "'=1+1"


def test_the_class_page_counts_mistakes_and_names_nobody(graded):
    folder, statuses, _ = graded
    page = (folder / "out" / "class.md").read_text(encoding="utf-8")
    assert not [name for name in statuses if name in page and len(name) > 6]
    hint = KNOWN[MEAN].mistakes[2].hint  # one student has it, one met it and went on
    assert f"| {report.quoted(hint)} | 2 | 1 |" in page
    assert "2 answers that no hint names" in page
    assert "np.sum(counts) / (strength + np.sum(exposures))" in page
    assert "2 files could not be read." in page


def test_a_student_reads_what_to_do_next(graded):
    page = (graded[0] / "out" / "gina.md").read_text(encoding="utf-8")
    assert "You solved 2 of 3." in page
    assert "Look for a loop that never ends" in page
    assert "restart of the kernel" not in page


def test_what_came_from_nobody_or_cannot_be_read_is_said(graded):
    said = graded[2]
    assert "Nothing came from Sam Away." in said
    assert "Ñuñez" not in said.split("Nothing came", 1)[1].split("\n", 1)[0]
    assert "ole/01_bayes.ipynb: git conflict at line" in said
    assert "pia/01_bayes.ipynb: not a notebook: its text is no JSON" in said
    assert "[20/20]" in said


def test_a_second_run_starts_no_process_and_writes_the_same_bytes(graded, monkeypatch, capsys):
    folder = graded[0]
    before = {path.name: path.read_bytes() for path in (folder / "out").glob("*.*")}
    monkeypatch.setattr(exam, "outcomes", lambda *given: pytest.fail("an answer ran again"))
    assert grade.main({"SUBMISSIONS": folder / "in", "BUILD": folder / "out"}) == 0
    assert {path.name: path.read_bytes() for path in (folder / "out").glob("*.*")} == before


def test_a_teachers_own_verdict_stays(graded, monkeypatch, capsys, tmp_path):
    folder = graded[0]
    monkeypatch.setattr(exam, "outcomes", lambda *given: pytest.fail("an answer ran again"))
    overrides = folder / "out" / "overrides.csv"
    overrides.write_text(
        f"student,exercise,status,message\ngina,{MEAN},correct,Seen in class.\n", encoding="utf-8"
    )
    try:
        assert grade.main({"SUBMISSIONS": folder / "in", "BUILD": folder / "out"}) == 0
        row = next(
            row
            for row in rows_of(folder / "out")
            if row["student"] == "gina" and row["exercise"] == MEAN
        )
        assert (row["status"], row["points"], row["message"]) == ("correct", "1", "Seen in class.")
        overrides.write_text(f"student,exercise,status\ngina,{MEAN},fine\n", encoding="utf-8")
        assert grade.main({"SUBMISSIONS": folder / "in", "BUILD": folder / "out"}) == 2
        assert "a status is one of correct, not yet" in capsys.readouterr().err
    finally:
        overrides.unlink()


def test_the_engines_own_trouble_is_no_grade(tmp_path, monkeypatch):
    grader = grade.Grader(tmp_path, tmp_path)
    copy = intake.Copy("a", "", "a/01.ipynb", 0.0, made_up.wrong("unknown").encode())
    monkeypatch.setattr(exam, "outcomes", lambda given, *_: [{"missing": False}] * len(given))
    monkeypatch.setattr(exam, "verdict", lambda *_: 1 / 0)
    rows = grader.grade(copy)
    assert {row.status for row in rows} == {"our fault"}
    assert "our fault,," in report.table(rows)
    assert not list((tmp_path / "results").glob("*"))


@pytest.mark.parametrize("given", [{}, {"SUBMISSIONS": "nowhere"}, {"SUBMISSIONS": "."}])
def test_a_call_that_cannot_be_is_refused_in_a_sentence(given, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert grade.main({**given, "BUILD": tmp_path / "out"}) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_comes_back_is_numbers_or_no_verdict():
    forged = [
        {"outputs": []},
        {"outputs": [{"parts": [[[], ["x"]]]}]},
        {"outputs": [{"parts": [[[2], [1.0]]]}] * 8},
        {"outputs": "no"},
        {"outputs": [{"parts": [[[], [1.0]], [[], [1.0]]]}] * 8},
        {},
    ]
    for outcome in forged:
        assert exam.verdict(KNOWN[MEAN], outcome).status == "killed"


def test_an_interrupt_ends_at_once_and_the_next_run_goes_on(tmp_path):
    made_up.write({"a/x.ipynb": made_up.text(made_up.lesson("01"))}, tmp_path / "in")
    made_up.write({"b/x.ipynb": made_up.wrong("loops")}, tmp_path / "in")
    places = [f"SUBMISSIONS={tmp_path}/in", f"BUILD={tmp_path}/out"]
    # a shell's background job is born deaf to an interrupt
    hear = "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    hear += f"sys.path.insert(0, {os.path.dirname(grade.__file__)!r}); "
    hear += f"runpy.run_path({grade.__file__!r}, run_name='__main__')"
    command = [sys.executable, "-c", hear, *places]
    said = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            said.append(line)
            if line.startswith("[1/2]"):
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    assert "Interrupted: 1 of 2 not done; the same call goes on." in said[-1]
    kept = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in (tmp_path / "out" / "results").glob("*")
    ]
    assert {verdict[0] for verdict in kept} == {"correct"}


MOODLE = """\ufeffIdentifier,Full name,Grade,Maximum Grade,Feedback comments,"Last, modified"
Participant 12,Ana,-,10.00,,"a ""b"" c"
Participant 13,Bo,-,10.00,,
Participant 14,Cy,7.00,10.00,fine,
"""
CANVAS = """Student,ID,SIS Login ID,Lesson 1 (99),Other (98)
    Points Possible,,,20,5
"Doe, Jane",77,jane,,4
"Roe, Jo",78,jo,,
"""


def verdicts(number, *statuses):
    return [report.Row("x", number, "01_bayes", MEAN, status, "") for status in statuses]


def test_a_gradebook_gets_grades_and_no_other_change(tmp_path):
    rows = verdicts("12", "correct", "not yet", "raised") + verdicts("13", "correct", "our fault")
    rows += verdicts("77", "correct", "correct", "not attempted")
    (tmp_path / "moodle.csv").write_text(MOODLE, encoding="utf-8", newline="")
    text, given = gradebook.filled(tmp_path / "moodle.csv", rows)
    comment = f"1 of 3. {MEAN}: correct; {MEAN}: not yet; {MEAN}: raised"
    assert text == MOODLE.replace("Ana,-,10.00,,", f"Ana,3.33,10.00,{comment},")
    assert given == 1
    (tmp_path / "canvas.csv").write_text(CANVAS, encoding="utf-8", newline="")
    text, given = gradebook.filled(tmp_path / "canvas.csv", rows, "Lesson 1 (99)")
    assert text == CANVAS.replace("77,jane,,4", "77,jane,13.33,4")
    with pytest.raises(ValueError, match=r"COLUMN= one of Lesson 1 \(99\), Other \(98\)"):
        gradebook.filled(tmp_path / "canvas.csv", rows)
    (tmp_path / "other.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(ValueError, match="neither Moodle's grading worksheet nor Canvas'"):
        gradebook.filled(tmp_path / "other.csv", rows)


# Over there: inputs, and no answers.


def load(source, name):
    path = exam.HELPERS / "exercises" / f"{name}.py"
    spec = importlib.util.spec_from_loader(f"stripped_{name}", loader=None, origin=str(path))
    module = importlib.util.module_from_spec(spec)
    exec(compile(source, str(path), "exec"), vars(module))
    return {e.id: e for e in vars(module).values() if isinstance(e, engine.Exercise)}


def same(a, b):
    if callable(a):
        return callable(b)
    return type(a) is type(b) and np.array_equal(a, b, equal_nan=isinstance(a, float | np.ndarray))


@pytest.mark.parametrize("path", sorted((exam.HELPERS / "exercises").glob("n*.py")), ids=str)
def test_the_students_process_has_the_inputs_and_no_answer(path):
    stripped = exam.without_answers(path.read_text(encoding="utf-8"))
    there = load(stripped, path.stem)
    assert set(there) == {
        name for name in KNOWN if path.stem.startswith(f"n{grade.lesson_of(name)}_")
    }
    for name, exercise in there.items():
        own = KNOWN[name]
        assert exercise.names == own.names
        assert (exercise.parts, exercise.on_jax) == (own.parts, own.on_jax)
        assert not exercise.mistakes
        assert not any((exercise.hint, exercise.line, exercise.as_given, exercise.only_at))
        for mine, theirs in zip(exercise.cases, own.cases, strict=True):
            assert all(map(same, mine, theirs)), name
        with pytest.raises(NotImplementedError):
            exercise.reference(*own.cases[0])


# What an answer needs.


def program(*cells):
    return answers.answers_of(cells)[-1]


def test_only_what_an_answer_needs_is_run():
    found = program(
        "import numpy as np\nimport jax\nimport os",
        "jax.config.update('jax_enable_x64', True)",
        "1 / 0\nresult = fit()\nscale = 2\nunused = 3",
        "table = {}\ntable['a'] = scale\nprint(result)",
        "def f(x):\n    unused = 1\n    return np.sum(x) * table['a'] + helper(x)",
        "exercises.check('01.exposures', f)",
        "def helper(x):\n    return 0",
    )
    assert found.expression == "f"
    assert [line.splitlines()[0] for line in found.program] == [
        "import numpy as np",
        "import jax",
        "jax.config.update('jax_enable_x64', True)",
        "scale = 2",
        "table = {}",
        "table['a'] = scale",
        "def f(x):",
        "def helper(x):",
    ]


def test_an_exercise_is_found_by_its_id_wherever_it_stands():
    cells = (
        "def f(): ...\ndef (",
        "%matplotlib inline\n!ls\nimport numpy as np",
        "exercises.check('01.exposures', lambda s, t, x, e: np.mean(x))",
        "check(\n    '01.log_evidence', answer=None)",
        "exercises.check('01.metropolis_step', f",
    )
    first, second, broken = answers.answers_of(cells)
    assert first.program == ("import numpy as np",)
    assert (second.id, second.expression) == ("01.log_evidence", "None")
    assert broken.id == "01.metropolis_step"
    assert broken.trouble.startswith("SyntaxError")


def test_of_two_answers_to_an_exercise_the_better_one_counts(tmp_path, monkeypatch):
    cells = [
        "exercises.check('01.exposures', 1)",
        "exercises.check('01.exposures', 2)",
        "exercises.check('01.exposures', 3)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    verdicts = iter(
        [exam.Verdict("not yet", "a"), exam.Verdict("correct", "b"), exam.Verdict("raised", "c")]
    )
    monkeypatch.setattr(exam, "outcomes", lambda given, *_: [None] * len(given))
    monkeypatch.setattr(exam, "verdict", lambda *_: next(verdicts))
    copy = intake.Copy("a", "", "a/x.ipynb", 0.0, nbformat.writes(notebook).encode())
    first, *rest = grade.Grader(tmp_path, tmp_path).grade(copy)
    assert (first.status, first.message) == ("correct", "b")
    assert {row.message for row in rest} == {"The cell with this exercise's check is gone."}


def test_a_copy_of_another_version_is_named(tmp_path, monkeypatch):
    cells = [f"exercises.check('{MEAN}', 1)", "exercises.check('01.older', 2)"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    monkeypatch.setattr(exam, "outcomes", lambda given, *_: [{"missing": True}] * len(given))
    copy = intake.Copy("a", "", "a/x.ipynb", 0.0, nbformat.writes(notebook).encode())
    first, second, _ = grade.Grader(tmp_path, tmp_path).grade(copy)
    assert first.message == engine.UNTOUCHED
    assert second.message.endswith("The copy has 01.older: it is of another version of the course.")


def test_only_codes_are_read_from_what_a_cell_printed():
    cells = [
        (f"exercises.check('{MEAN}', f)", "Not yet\n[tries: m3 u0a1 correct]\n"),
        ("exercises.check('01.log_evidence', f)", "[tries: <script> =1+1 m3 m3x edge]"),
        ("exercises.check('01.metropolis_step', f)", "no line"),
    ]
    assert answers.tries_of(cells) == {MEAN: ["m3", "u0a1", "correct"]}


# Whose is it?

WHOSE = {
    "Ana/01.ipynb": ("Ana", ""),
    "Ana/deep/er/01.ipynb": ("Ana", ""),
    "01_bayes_ana.ipynb": ("01_bayes_ana", ""),
    "Ana Ba_12_assignsubmission_file/x.ipynb": ("Ana Ba", "12"),
    "Ana_Ba_12_assignsubmission_file_/x.ipynb": ("Ana_Ba", "12"),
    "Participant_7_assignsubmission_file/x.ipynb": ("Participant 7", "7"),
    "doejane_LATE_77_123_lesson-2.ipynb": ("doejane", "77"),
    "doejane_77_123_lesson.ipynb": ("doejane", "77"),
    "submitted/egon/ps1/x.ipynb": ("egon", ""),
    "course/submitted/egon/ps1/x.ipynb": ("egon", ""),
    "submission_9/x.ipynb": ("Ada and Bob", "9"),
    "e\u0301mile/x.ipynb": ("émile", ""),
}
METADATA = """submission_9:
  :submitters:
  - :name: Ada
    :email: a@b
  - :name: Bob
"""


def test_whose_a_copy_is(tmp_path):
    made_up.write(dict.fromkeys(WHOSE, "{}") | {"submission_metadata.yml": METADATA}, tmp_path)
    made_up.write({"Ana/.ipynb_checkpoints/01.ipynb": "{}"}, tmp_path)
    found = {copy.path: (copy.student, copy.number) for copy in intake.copies(tmp_path)}
    assert found == {path.replace("e\u0301", "é"): who for path, who in WHOSE.items()}


def test_a_zip_is_read_and_never_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Ana/01.ipynb", "{}")
        archive.writestr("../../escaped/01.ipynb", "{}")
        archive.writestr("bomb/01.ipynb", b"0" * (intake.LARGEST + 1))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "broken.zip").write_bytes(b"no zip")
    (tmp_path / "in" / "Eva.zip").write_bytes((tmp_path / "all.zip").read_bytes())
    found = {
        copy.path: (copy.student, copy.trouble) for copy in intake.copies(tmp_path / "all.zip")
    }
    assert found["Ana/01.ipynb"] == ("Ana", "")
    assert found["escaped/01.ipynb"] == ("escaped", "")
    assert "larger than 50 MB" in found["bomb/01.ipynb"][1]
    assert not (tmp_path.parent / "escaped").exists()
    found = {copy.path: copy.trouble for copy in intake.copies(tmp_path / "in")}
    assert found["broken.ipynb"] == "a zip that cannot be opened"
    assert found["Eva/Ana/01.ipynb"] == ""


def test_the_newest_of_several_copies_is_graded(tmp_path):
    old, new = made_up.wrong("whole"), made_up.wrong("unknown")
    made_up.write({"Ana/b.ipynb": new, "Ana/c.ipynb": old, "Ana/05.ipynb": "cut"}, tmp_path)
    os.utime(tmp_path / "Ana" / "c.ipynb", (1, 1))
    kept, said = grade.newest(intake.copies(tmp_path))
    assert [copy.path for copy in kept] == ["Ana/05.ipynb", "Ana/b.ipynb"]
    assert said == ["Ana handed in 01_bayes more than once: Ana/b.ipynb is the newest."]


def test_whoever_hands_in_the_whole_course_hands_in_their_own_lessons(tmp_path):
    whole = ("notebooks/01_bayes.ipynb", "notebooks/solutions/01_bayes.ipynb")
    others = ("notebooks/glossary.ipynb", "notebooks/appendix_your_own_model.ipynb")
    content = made_up.text(made_up.lesson("01", solved=False))
    made_up.write({f"Ana/{name}": content for name in whole}, tmp_path)
    made_up.write({f"Ana/{name}": '{"cells": []}' for name in others}, tmp_path)
    kept, said = grade.newest(intake.copies(tmp_path))
    assert [copy.path for copy in kept] == ["Ana/notebooks/01_bayes.ipynb"]
    assert said == []


def test_a_copy_with_many_answers_has_the_last_five_of_each_graded():
    many = [
        answers.Answer(name, (), str(i)) for i in range(9) for name in (MEAN, "01.log_evidence")
    ]
    kept = grade._latest(many)
    assert [answer.expression for answer in kept if answer.id == MEAN] == list("45678")
    assert len(kept) == 10
    code = json.dumps({"cells": [{"cell_type": "code", "source": "1" * 2_000_001}]}).encode()
    with pytest.raises(ValueError, match="more than 2 MB of code"):
        intake.cells_of(code)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"{", "its text is no JSON"),
        (b"[]", "it has no cells"),
        (b"\xff\xfe", "not a text in UTF-8"),
        (b"{\n<<<<<<< HEAD\n", "git conflict at line 2"),
        (b"[" * 100_000, "its text is no JSON"),
    ],
)
def test_what_is_no_notebook_is_said(content, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        intake.cells_of(content)


def test_an_old_notebook_is_read():
    sheet = {"cells": [{"cell_type": "code", "input": ["a = 1\n", "b"], "outputs": []}]}
    assert intake.cells_of(json.dumps({"worksheets": [sheet]}).encode()) == [("a = 1\nb", "")]
