"""What a fork has: a published clone under another name, in a folder with a space and an umlaut,
and the way back."""

import os
import shutil
import subprocess
import sys

import pytest
from execute import FOLDER

ROOT = FOLDER.parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "build", "__pycache__", ".pytest_cache", ".ruff_cache", "*.egg-info"
)


@pytest.fixture
def fork(tmp_path):
    """A copy of the course as somebody else has it."""
    return shutil.copytree(ROOT, tmp_path / "Übung two" / "my-course", ignore=LEFT_OUT)


def python(fork, *words, **environment):
    given = {**os.environ, "PYTHONPATH": str(fork), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST", "PYTEST_ADDOPTS"):
        given.pop(name, None)
    done = subprocess.run(
        [sys.executable, *words],
        cwd=fork,
        env=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def files(fork):
    paths = [*fork.rglob("*.ipynb"), fork / "README.md"]
    return {path: path.read_bytes() for path in paths}


def test_a_published_fork_passes_and_undo_restores_every_byte(fork):
    before = files(fork)
    python(fork, "tests/tools/publish.py", COURSE_REPO="ada-l/my-course")
    published = files(fork)
    assert sum(b'REPOSITORY = \\"ada-l/my-course\\"' in text for text in published.values()) >= 18
    tests = ["tests/notebooks/test_structure.py", "tests/notebooks/test_set_up_cell.py"]
    python(fork, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x", *tests)
    python(fork, "tests/tools/publish.py", COURSE_REPO="")
    assert files(fork) == before
