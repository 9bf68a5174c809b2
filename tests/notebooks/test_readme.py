"""The README lists every lesson, names only targets that make has, and links to files that
exist."""

import ast
import re
import shlex

import nbformat
import reading_time
from execute import FOLDER, run

ROOT = FOLDER.parent
README = (ROOT / "README.md").read_text()


def test_every_lesson_is_in_the_table():
    rows = re.findall(
        r"(?m)^\| \[(\d+)\. .+?\]\(notebooks/(\S+?)\) \| .+? \| .+? \| .+? \|$", README
    )
    assert [name for _, name in rows] == [path.name for path in sorted(FOLDER.glob("[0-9]*.ipynb"))]
    assert [int(number) for number, _ in rows] == [int(name[:2]) for _, name in rows]


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#\s]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_every_make_target_named_exists_and_every_target_is_explained():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"(?m)^([a-z-]+):", makefile))
    assert set(re.findall(r"make ([a-z-]+)", README)) <= targets
    explained = set(re.findall(r"(?m)^([a-z-]+):.*## ", makefile))
    assert explained == targets


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
    pinned = re.findall(r"(?m)^([a-z-]+)==\d", (ROOT / "requirements.txt").read_text())
    assert pinned[:9] == names
    assert "-r requirements.txt" in (ROOT / "environment.yml").read_text()


def test_the_papermill_command_runs_as_it_stands(tmp_path):
    [line] = re.findall(r"(?m)^\S*/papermill (.+)$", README)
    source, _, *options = shlex.split(line)
    assert options[::3] == ["-p"] * (len(options) // 3)
    parameters = dict(zip(options[1::3], map(ast.literal_eval, options[2::3]), strict=True))
    run(ROOT / source, tmp_path / "out.ipynb", parameters)


def test_without_make_it_starts_as_make_lab_does():
    recipe = re.search(r"(?m)^\t\$\(BIN\)/(jupyter lab .+)$", (ROOT / "Makefile").read_text())[1]
    assert f".venv/bin/{recipe.replace('$(LAB_OPTIONS) ', '')}\n" in README


def test_without_make_it_tests_as_make_does():
    recipes = re.findall(
        r"(?m)^\t\$\(BIN\)/(python -m pytest .+)$", (ROOT / "Makefile").read_text()
    )
    assert len(recipes) == 3
    assert re.findall(r"(?m)^python -m pytest .+$", README) == recipes
    for script in re.findall(r"(?m)^python (\S+\.py)", README):
        assert f"/python {script}" in (ROOT / "Makefile").read_text()


def test_the_table_of_modules_names_every_one():
    table = README.partition("## The package")[2].partition("## Sources")[0]
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
