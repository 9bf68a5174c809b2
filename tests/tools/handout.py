"""A zip for students: make handout [NOTEBOOKS="notebooks/01_bayes.ipynb ..."] writes
build/handout.zip.

In it are the lessons, the glossary, helpers, and the two commands that set the course up and open
it; not in it are the solutions and the tests. What the exercises compare with is packed: not in
plain sight, and no secret either. It cannot be left out, for `check` needs it, and bytecode would
run on one version of Python alone.
"""

import base64
import pathlib
import re
import sys
import zipfile
import zlib

import nbformat
from execute import BUILD, FOLDER, every_notebook, read

ROOT = FOLDER.parent
START = """# Start here

With Python 3.11 or newer, in this folder (on Windows write `.venv\\Scripts\\python` for \
`.venv/bin/python`):

```
python3 -m venv .venv && .venv/bin/python -m pip install -r requirements.txt
.venv/bin/jupyter lab --notebook-dir=. --LabApp.news_url=None notebooks/{first}
```

The first fetches about 230 MB and takes some minutes; the second opens JupyterLab.
Do the exercises at the end of each lesson, save, and hand in the notebook itself, the .ipynb file.

After a mistake, an exercise prints a line such as `[tries: m2 correct]`: which hints you met, not \
your answers, so that your teacher sees what the class finds hard. It changes no grade; with \
COURSE_TRIES=off in the environment it is not there.
"""
PACKED = '''"""The exercises of a lesson, packed, so that answers are not in plain sight."""

import base64
import zlib

exec(zlib.decompress(base64.b85decode("{}")))
'''
SAYS_SOLUTIONS = re.compile(r" ?There are \[worked solutions\]\(solutions/[^)]*\)\.")
LINK = re.compile(r"\[([^\]]*)\]\(([\w/]+\.ipynb)(?:#[^)]*)?\)")


def files(notebooks):
    """{path in the zip: text or bytes} for paths of lessons.

    Raises: ValueError: if one of them is no lesson of the course.
    """
    chosen = {path.name for path in notebooks} | {"glossary.ipynb"}
    found = {
        f"helpers/{path.relative_to(ROOT / 'helpers').as_posix()}": path.read_bytes()
        for path in sorted((ROOT / "helpers").rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in [name for name in found if re.match(r"helpers/exercises/n(\d\d|A)_", name)]:
        found[name] = packed(found[name])
    for path in notebooks:
        if path.parent != FOLDER or not path.exists():
            raise ValueError(f"{path} is no lesson: name files in {FOLDER}")
    for name in sorted(chosen):
        found[f"notebooks/{name}"] = nbformat.writes(lesson(FOLDER / name, chosen)) + "\n"
    for path in sorted((FOLDER / "images").glob("*")):
        found[f"notebooks/images/{path.name}"] = path.read_bytes()
    for name in ("requirements.txt", "pyproject.toml", "LICENSE"):
        found[name] = (ROOT / name).read_bytes()
    first = min(name for name in chosen if name != "glossary.ipynb")
    return found | {"README.md": START.format(first=first)}


def packed(source):
    """A module of exercises whose text says nothing at a glance."""
    return PACKED.format(base64.b85encode(zlib.compress(source, 9)).decode())


def lesson(path, chosen):
    """A lesson without the sentence about solutions, and without links to what is not there."""
    notebook = read(path)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = SAYS_SOLUTIONS.sub("", cell.source)
            cell.source = LINK.sub(lambda link: link[0] if link[2] in chosen else link[1], text)
    return notebook


def main(arguments):
    """Write the zip; return the exit status."""
    notebooks = [pathlib.Path(argument).resolve() for argument in arguments] or [
        path for path in every_notebook() if path.parent == FOLDER
    ]
    try:
        made = files(notebooks)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    BUILD.mkdir(exist_ok=True)
    target = BUILD / "handout.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(made.items()):
            entry = zipfile.ZipInfo(f"course/{name}")  # without a time: the same zip each time
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    size = target.stat().st_size / 1e6
    print(f"{target}: {len(made)} files, {size:.1f} MB; course/README.md has the two commands.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
