"""The README lists every lesson, names only targets that make has, and links to files that exist."""

import re

from store import FOLDER

ROOT = FOLDER.parent
README = (ROOT / "README.md").read_text()


def test_every_lesson_is_in_the_table():
    rows = re.findall(r"(?m)^\| \[(\d+)\. .+?\]\(notebooks/(\S+?)\) \| .+? \| .+? \|$", README)
    assert [name for _, name in rows] == [path.name for path in sorted(FOLDER.glob("[0-9]*.ipynb"))]
    assert [int(number) for number, _ in rows] == [int(name[:2]) for _, name in rows]


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#\s]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_every_make_target_named_exists_and_every_target_is_explained():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"(?m)^([a-z-]+):", makefile))
    assert set(re.findall(r"make ([a-z-]+)", README.replace("make and", ""))) - {"lab"} <= targets
    explained = set(re.findall(r"(?m)^([a-z-]+):.*## ", makefile))
    assert explained == targets


def test_the_packages_are_pinned():
    names = ["jax", "jaxlib", "optax", "scikit-learn", "matplotlib", "ipywidgets", "jupyterlab", "nbval", "papermill"]
    pinned = re.findall(r"(?m)^([a-z-]+)==\d", (ROOT / "requirements.txt").read_text())
    assert pinned[:9] == names
    assert "-r requirements.txt" in (ROOT / "environment.yml").read_text()
