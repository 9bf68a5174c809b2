"""README, TEACHING and CONTRIBUTING: every lesson and module is listed, every link leads somewhere,
every command runs as it stands."""

import ast
import os
import re
import shlex
import subprocess
import sys

import handout
import nbformat
import numpy as np
import pytest
import reading_time
from execute import FOLDER, run

ROOT = FOLDER.parent
README, TEACHING, CONTRIBUTING = (
    (ROOT / f"{name}.md").read_text(encoding="utf-8")
    for name in ("README", "TEACHING", "CONTRIBUTING")
)
EVERYTHING = README + TEACHING + CONTRIBUTING
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?ms)^```(\w*)\n(.*?)^```$", EVERYTHING)
FENCED = [line for language, block in BLOCKS if not language for line in block.splitlines()]


def test_the_readme_is_short():
    assert len(README.split()) <= 900


def test_the_race_is_told_as_the_benchmark_tells_it():
    program = ROOT / "tests" / "benchmarks" / "bench_any_model.py"
    doc = " ".join(ast.get_docstring(ast.parse(program.read_text(encoding="utf-8"))).split())
    numbers = r"within (\S+) nats.* took (\d+) to (\d+) times as long and missed one by (\d+)"
    told, measured = (re.search(numbers, text).groups() for text in (README, doc))
    assert told == measured


def test_every_lesson_is_in_the_table():
    rows = re.findall(
        r"(?m)^\| \[(\d+)\. .+?\]\(notebooks/(\S+?)\) \| .+? \| .+? \| .+? \|$", README
    )
    assert [name for _, name in rows] == [path.name for path in sorted(FOLDER.glob("[0-9]*.ipynb"))]
    assert [int(number) for number, _ in rows] == [int(name[:2]) for _, name in rows]


def test_links_lead_somewhere():
    for target, heading in re.findall(r"\]\(([^)#\s]+)(?:#([^)\s]+))?\)", EVERYTHING):
        assert target.startswith("https://") or (ROOT / target).exists(), target
        if heading and target.endswith(".md"):
            titles = re.findall(r"(?m)^#+ (.+)$", (ROOT / target).read_text(encoding="utf-8"))
            assert heading in {title.lower().replace(" ", "-") for title in titles}, heading


def test_every_make_target_is_explained_and_listed_by_make():
    targets = set(re.findall(r"(?m)^([a-z-]+):", MAKEFILE))
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    readers, others = done.stdout.split("To teach with it, and to keep it:")
    listed = [re.findall(r"(?m)^  make ([a-z-]+) +\S", part) for part in (readers, others)]
    assert sorted([*listed[0], *listed[1]]) == sorted(targets)
    assert "lab" in listed[0]
    assert "notebooks" in listed[1]


def make_commands():
    """What stands after `make` on a line of its own or between backticks: a list of strings."""
    found = [line for line in FENCED if line.startswith("make ")]
    return sorted({*found, *re.findall(r"`(make [^`]+)`", EVERYTHING)})


@pytest.mark.parametrize("command", make_commands())
def test_make_knows_what_to_do(command):
    words = shlex.split(command)
    done = subprocess.run(
        [words[0], "--dry-run", *words[1:]], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_setting_up_says_how_much_it_is_and_goes_on_speaking():
    done = subprocess.run(
        ["make", "--dry-run", "VENV=nowhere", "lab"],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    [amount] = re.findall(r"About (\d+ MB) to fetch, 1 GB on disk: two to six minutes", done.stdout)
    assert f"fetches about {amount}, takes 1 GB of disk and two to six minutes" in README
    [install] = [line for line in done.stdout.splitlines() if "pip install" in line]
    assert "quiet" not in install, "pip names what it fetches"


def test_every_other_command_is_run_by_a_test_of_this_file():
    known = (
        r"\S*python3? -m venv \.venv",
        r"\S*python -m pip install (--no-deps -e \.|-r requirements\.txt|-e \"\.\[dev,site\]\")",
        r"\S*jupyter lab .+",
        r"\S*papermill .+",
        r"\S*python -m helpers\.scale IMAGES STATE --limit \d+",
        r"python -m pytest .+",
        r"python tests/tools/\w+\.py.*",
    )
    for line in FENCED:
        assert line.startswith("make ") or any(re.fullmatch(one, line) for one in known), line
    # tests/test_scale.py runs these two, as a cluster would
    assert [language for language, _ in BLOCKS if language] == ["bash", "yaml"]


def test_the_lines_without_make_set_up_what_there_is():
    lines = [line for line in FENCED if "venv" in line and line not in TEACHING]
    assert [line.split()[0] for line in lines] == [
        "python3",
        ".venv/bin/python",
        ".venv/bin/python",
        ".venv/bin/jupyter",
    ]
    # the workflow sets Windows and macOS up by the same lines
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    for line in lines[1:3]:
        assert f"- run: {line.removeprefix('.venv/bin/')}\n" in workflow


def test_a_machine_of_a_cluster_is_told_what_the_page_says(tmp_path):
    [line] = [line for line in FENCED if "helpers.scale" in line]
    np.save(tmp_path / "images.npy", np.full((1000, 64), 3, np.uint8))
    given = line.replace("IMAGES", str(tmp_path / "images.npy"))
    words = shlex.split(given.replace("STATE", str(tmp_path / "state")))
    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=ROOT,
        env={  # a reader's own settings, which do not reach it
            **os.environ,
            "JAX_NUMPY_DTYPE_PROMOTION": "strict",
            "JAX_NUMPY_RANK_PROMOTION": "raise",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "1,000" in done.stdout


def test_the_packages_are_pinned():
    names = [
        "jax",
        "jaxlib",
        "optax",
        "scikit-learn",
        "matplotlib",
        "ipywidgets",
        "jupyterlab",
        "nbval",
        "papermill",
    ]
    pinned = re.findall(
        r"(?m)^([a-z-]+)==\d", (ROOT / "requirements.txt").read_text(encoding="utf-8")
    )
    assert pinned[:9] == names
    assert "-r requirements.txt" in (ROOT / "environment.yml").read_text(encoding="utf-8")


def test_the_papermill_command_runs_as_it_stands(tmp_path):
    [line] = re.findall(r"(?m)^\S*/papermill (.+)$", TEACHING)
    source, _, *options = shlex.split(line)
    assert options[::3] == ["-p"] * (len(options) // 3)
    parameters = dict(zip(options[1::3], map(ast.literal_eval, options[2::3]), strict=True))
    run(ROOT / source, tmp_path / "out.ipynb", parameters)


def test_without_make_it_starts_as_make_lab_does():
    recipe = re.search(r"(?m)^\t\$\(BIN\)/(jupyter lab .+)$", MAKEFILE)[1]
    assert f".venv/bin/{recipe.replace('$(LAB_OPTIONS) ', '')}\n" in README


def test_without_make_it_tests_as_make_does():
    recipes = re.findall(r"(?m)^\t\$\(BIN\)/(python -m pytest .+)$", MAKEFILE)
    assert len(recipes) == 3
    assert re.findall(r"(?m)^python -m pytest .+$", TEACHING) == recipes
    for script in re.findall(r"(?m)^python (\S+\.py)", TEACHING):
        assert f"/python {script}" in MAKEFILE


def test_the_table_of_modules_names_every_one():
    table = CONTRIBUTING.partition("## The package")[2].partition("\n## ")[0]
    named = set(
        re.findall(
            r"`(\w+)`", "".join(row.split("|")[1] for row in re.findall(r"(?m)^\| `.+$", table))
        )
    )
    parts = {
        path.stem
        for path in (ROOT / "helpers").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert named == parts - {"__init__", "__pycache__"}


def test_the_hours_are_those_measured_and_the_times_those_of_the_heads():
    for path in sorted(FOLDER.glob("[0-9]*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        said = re.search(
            rf"\(notebooks/{path.name}\) \| .+? \| ((\d?) ?(?:(\d)/(\d) )?hours?) \| (.+) \|",
            README,
        )
        whole, part, of = (int(number or 0) for number in said.group(2, 3, 4))
        assert abs(whole + part / max(of, 1) - reading_time.hours(notebook)) <= 0.25
        hours, runs = re.search(
            r"exercises: about (.+?)\. Time to run: (.+?)\.", notebook.cells[0].source
        ).groups()
        assert said.group(1, 5) == (hours, runs.replace(" seconds", " s"))


def test_the_workshop_takes_two_hours_and_its_sections_are_there():
    rows = re.findall(r"(?m)^\| (before it: )?(\d+) \| ([\d., to]*) ?\|", TEACHING)
    assert sum(int(minutes) for before, minutes, _ in rows if not before) == 120
    for section in re.findall(r"\d\.\d", " ".join(sections for *_, sections in rows)):
        [path] = FOLDER.glob(f"0{section[0]}_*.ipynb")
        assert f"## {section} " in path.read_text(encoding="utf-8"), section


def test_students_lines_of_a_handout_are_those_that_set_the_course_up():
    commands = re.findall(r"(?m)^(?:python3|\.venv).+$", handout.START)
    assert commands[0].endswith(".venv/bin/python -m pip install -r requirements.txt")
    assert commands[1].startswith(".venv/bin/jupyter lab --notebook-dir=. ")
