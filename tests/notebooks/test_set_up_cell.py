"""The set-up cell: where it finds helpers, and what it says when it does not."""

import os
import re
import subprocess
import sys

import nbformat
import pytest
from execute import FOLDER

# Python without site-packages' editable install of helpers would lack JAX too: a finder hides the
# package instead.
HIDE_HELPERS = """
import os, sys
is_editable = lambda f: "editable" in getattr(f, "__module__", "") + repr(f)
sys.meta_path = [f for f in sys.meta_path if not is_editable(f)]
sys.path = [p for p in sys.path if not os.path.isfile(os.path.join(p, "helpers", "set_up.py"))]
sys.path_importer_cache.clear()
"""
ON_COLAB = """
import sys, types
sys.modules["google"] = sys.modules["google.colab"] = types.ModuleType("google.colab")
"""
ROOT = str(FOLDER.parent)
FOUND = "\nimport helpers.data; print(helpers.__file__)\n"


def set_up(repository=""):
    first = next(
        c
        for c in nbformat.read(sorted(FOLDER.glob("0*.ipynb"))[0], as_version=4).cells
        if c.cell_type == "code"
    )
    return re.sub('REPOSITORY = "[^"]*"', f'REPOSITORY = "{repository}"', first.source)


def run(text, folder, **environment):
    return subprocess.run(
        [sys.executable, "-c", HIDE_HELPERS + text],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )


def test_it_finds_helpers_in_a_folder_above():
    done = run(set_up() + FOUND, FOLDER)
    assert done.stdout.strip() == f"{ROOT}/helpers/__init__.py", done.stderr


@pytest.mark.parametrize("where", ["", ON_COLAB])
def test_it_says_what_to_do_when_helpers_are_nowhere(tmp_path, where):
    done = run(where + set_up(), tmp_path)
    assert done.returncode == 1
    message = done.stderr.strip().splitlines()[-1]
    assert message.startswith("ImportError: The course's package `helpers` is not here.")
    assert "Do not `pip install helpers`" in message


def test_on_colab_it_fetches_the_course_once_and_runs_twice(tmp_path):
    # GitHub is played by this checkout's own files: git's insteadOf maps the address to a local
    # repository.
    origin = tmp_path / "origin" / "ada" / "course"
    origin.mkdir(parents=True)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(origin)]
    subprocess.run(["cp", "-r", f"{ROOT}/helpers", str(origin)], check=True, timeout=60)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "course"]):
        subprocess.run([*git, *words], check=True, timeout=60)
    content = tmp_path / "content"
    content.mkdir()
    cell = set_up("ada/course")
    done = run(
        ON_COLAB + cell + FOUND + cell + FOUND,
        content,
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0=f"url.file://{tmp_path}/origin/.insteadOf",
        GIT_CONFIG_VALUE_0="https://github.com/",
    )
    assert done.stdout.splitlines() == [f"{content}/course/helpers/__init__.py"] * 2, done.stderr


def test_somebody_elses_package_of_that_name_is_not_taken_for_ours(tmp_path):
    (tmp_path / "site" / "helpers").mkdir(parents=True)
    (tmp_path / "site" / "helpers" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    done = run(set_up(), tmp_path / "empty", PYTHONPATH=str(tmp_path / "site"))
    assert "ImportError: The course's package `helpers` is not here." in done.stderr


def test_somebody_elses_package_imported_first_gives_way_and_ours_stays(tmp_path):
    (tmp_path / "helpers").mkdir()
    for name in ("__init__", "data"):
        (tmp_path / "helpers" / f"{name}.py").write_text("", encoding="utf-8")
    first = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import helpers.data; "
    second = "\nimport helpers.data as ours\n" + set_up() + "\nimport helpers.data\n"
    second += "assert helpers.data is ours"
    done = run(first + "del sys.path[0]\n" + set_up() + FOUND + second, FOLDER)
    assert done.stdout.strip() == f"{ROOT}/helpers/__init__.py", done.stderr
    assert done.returncode == 0, done.stderr


def test_a_self_contained_copy_takes_what_it_unpacked_not_what_lies_above_it(tmp_path):
    (tmp_path / "helpers").mkdir()
    for name in ("__init__", "set_up", "data"):
        (tmp_path / "helpers" / f"{name}.py").write_text("", encoding="utf-8")
    (tmp_path / "work").mkdir()
    unpack = f"import sys; sys.path.insert(0, {ROOT!r}); unpacked = True\n"
    done = run(unpack + set_up() + FOUND, tmp_path / "work")
    assert done.stdout.strip() == f"{ROOT}/helpers/__init__.py", done.stderr


def test_it_names_the_kernel_and_what_it_lacks(tmp_path):
    hide = "import importlib.util; real = importlib.util.find_spec\n"
    hide += "importlib.util.find_spec = lambda name: None if name == 'sklearn' else real(name)\n"
    done = run(hide + set_up(), FOLDER)
    message = done.stderr.strip().splitlines()[-1]
    assert f"{sys.executable} -m pip install scikit-learn" in message
    assert "has no scikit-learn." in message


def test_without_asserts_it_stops():
    done = run(set_up(), FOLDER, PYTHONOPTIMIZE="1")
    assert done.returncode == 1
    assert "RuntimeError: Python was started with -O or PYTHONOPTIMIZE" in done.stderr


def test_the_nearest_helpers_win_where_one_checkout_lies_in_another(tmp_path):
    for folder in (tmp_path, tmp_path / "inner"):
        (folder / "helpers").mkdir(parents=True)
        for name, text in (("__init__", ""), ("set_up", "prepare = dict"), ("data", "")):
            (folder / "helpers" / f"{name}.py").write_text(text, encoding="utf-8")
    (tmp_path / "inner" / "notebooks").mkdir()
    done = run(set_up() + FOUND, tmp_path / "inner" / "notebooks")
    assert done.stdout.strip() == f"{tmp_path}/inner/helpers/__init__.py", done.stderr
