"""make handout and make fresh: students get the lessons and no answers, and lose nothing of their
own."""

import datetime
import re
import subprocess
import sys
import zipfile

import exam
import fresh
import grade
import handout
import intake
import made_up
import pytest
from execute import FOLDER

FIRST, SECOND = FOLDER / "01_bayes.ipynb", FOLDER / "02_elbo.ipynb"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder with the handout of two lessons, unpacked."""
    folder = tmp_path_factory.mktemp("student's course")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handout, "BUILD", folder)
        assert handout.main([str(FIRST), str(SECOND)]) == 0
        once = (folder / "handout.zip").read_bytes()
        assert handout.main([str(FIRST), str(SECOND)]) == 0
        assert (folder / "handout.zip").read_bytes() == once
    with zipfile.ZipFile(folder / "handout.zip") as archive:
        archive.extractall(folder)
    return folder / "course"


def test_a_handout_holds_what_was_named_and_no_answers(course):
    names = {path.relative_to(course).as_posix() for path in course.rglob("*") if path.is_file()}
    notebooks = {name for name in names if name.endswith(".ipynb")}
    assert notebooks == {f"notebooks/{n}.ipynb" for n in ("01_bayes", "02_elbo", "glossary")}
    assert not [name for name in names if "solutions" in name or name.startswith("tests")]
    for path in (course / "helpers" / "exercises").glob("n*.py"):
        text = path.read_text(encoding="utf-8")
        own = (exam.HELPERS / "exercises" / path.name).read_text(encoding="utf-8")
        for line in own.splitlines():
            assert len(line.strip()) < 40 or line not in text
    for name in notebooks:
        text = (course / name).read_text(encoding="utf-8")
        assert "worked solutions" not in text
        for target in re.findall(r"\]\((\w+\.ipynb)", text):
            assert f"notebooks/{target}" in notebooks


def test_its_exercises_answer_in_its_own_folder(course):
    program = (
        "import helpers, pathlib\nfrom helpers import exercises\nimport numpy as np\n"
        "print(pathlib.Path(helpers.__file__).parents[1])\n"
        "exercises.check('01.exposures', lambda s, t, x, e: np.sum(x) / np.sum(e))\n"
        "exercises.check('02.width', lambda d, r: (r**2 + d**2 - 1) / 2 - np.log(r))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=course,
        env={"PYTHONPATH": str(course), "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    place, *said = done.stdout.splitlines()
    assert place == str(course)
    assert "maximum-likelihood estimate" in " ".join(said)
    assert "Twice as wide costs" in " ".join(said)


def test_its_page_has_two_commands_and_they_name_what_is_there(course):
    [block] = re.findall(
        r"(?ms)^```\n(.*?)^```", (course / "README.md").read_text(encoding="utf-8")
    )
    set_up, start = block.splitlines()
    assert set_up.endswith("-m pip install -r requirements.txt")
    assert (course / "requirements.txt").exists()
    assert (course / start.split()[-1]).exists()
    assert "README.md" in (course / "pyproject.toml").read_text(encoding="utf-8")


def test_what_comes_back_is_graded(course, tmp_path, monkeypatch):
    content = (course / "notebooks" / "01_bayes.ipynb").read_bytes()
    grader = grade.Grader(tmp_path, exam.prepared(tmp_path / "there"))
    rows = grader.grade(intake.Copy("a", "", "a/01_bayes.ipynb", 0.0, content))
    assert [row.status for row in rows] == ["not attempted"] * 3


def test_what_is_no_lesson_is_refused(tmp_path, capsys):
    assert handout.main([str(tmp_path / "x.ipynb")]) == 2
    assert "is no lesson" in capsys.readouterr().err


# make fresh


@pytest.fixture
def clone(tmp_path):
    """A course of two notebooks in git, one of them changed by its reader."""
    made_up.write({"notebooks/01.ipynb": "as it was\n", "notebooks/02.ipynb": "two\n"}, tmp_path)
    for words in ("init -q", "add .", "-c user.name=a -c user.email=a commit -q -m one"):
        subprocess.run(["git", "-C", str(tmp_path), *words.split()], check=True, timeout=60)
    (tmp_path / "notebooks" / "01.ipynb").write_text("mine: é\n", encoding="utf-8")
    return tmp_path


def test_fresh_loses_nothing(clone, capsys):
    lesson, now = clone / "notebooks" / "01.ipynb", datetime.datetime(2026, 5, 4, 9, 30)
    copies = []
    for mine in ("mine: é\n", "again\n"):
        lesson.write_text(mine, encoding="utf-8")
        copies.append(fresh.refresh(lesson, clone, now))
        assert lesson.read_text(encoding="utf-8") == "as it was\n"
        assert copies[-1].read_text(encoding="utf-8") == mine
    assert [copy.name for copy in copies] == [
        "01 2026-05-04 09.30.ipynb",
        "01 2026-05-04 09.30 (2).ipynb",
    ]
    assert copies[0].read_text(encoding="utf-8") == "mine: é\n"
    assert fresh.refresh(clone / "notebooks" / "02.ipynb", clone, now) is None
    status = ["git", "-C", str(clone), "status", "--porcelain", "notebooks"]
    assert subprocess.run(status, capture_output=True, timeout=60).stdout == b""


def test_fresh_says_where_a_copy_is_and_what_it_cannot_do(clone, capsys):
    lesson = clone / "notebooks" / "01.ipynb"
    assert fresh.main([str(lesson)], clone) == 0
    assert "yours is my-copies/01 " in capsys.readouterr().out
    (clone / "notebooks" / "own.ipynb").write_text("mine", encoding="utf-8")
    assert fresh.main([str(clone / "notebooks" / "own.ipynb"), "/etc/hosts"], clone) == 2
    said = capsys.readouterr().err.splitlines()
    assert "own.ipynb is left as it is: git has no notebooks/own.ipynb" in said[0]
    assert said[1] == "/etc/hosts is no notebook of the course."
    assert (clone / "notebooks" / "own.ipynb").read_text(encoding="utf-8") == "mine"


def test_without_git_fresh_changes_nothing(clone, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    lesson = clone / "notebooks" / "01.ipynb"
    assert fresh.main([str(lesson)], clone) == 2
    assert "git is not here" in capsys.readouterr().err
    assert lesson.read_text(encoding="utf-8") == "mine: é\n"
