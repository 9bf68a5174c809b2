"""Rebuild Colab's versions on Python 3.13 and execute each self-contained notebook alone in an
empty folder.

python tests/tools/colab_lane.py [name ...]

It comes after tests/tools/colab.py, and says so and exits 0 where no Python 3.13 is.
"""

import functools
import os
import pathlib
import subprocess
import sys
import tempfile

from execute import each
from find_python import find

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSTRAINTS = ROOT / "tests" / "constraints" / "colab.txt"
VENV = ROOT / ".venv-colab"
PYTHON = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
PACKAGES = [
    "jax",
    "jaxlib",
    "optax",
    "scikit-learn",
    "matplotlib",
    "ipywidgets",
    "ipykernel",
    "ipython",
    "nbclient",
    "tqdm",
]

# Runs inside that environment, in the empty folder. It also fails where a cell printed a Python
# warning: not at XLA's own words on stderr, which come where a busy machine compiles slowly.
_EXECUTE = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
here = {"metadata": {"path": "."}}
nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=here).execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        if output.get("name") == "stderr" and "Warning" in output.text:
            sys.exit(output.text)
"""


def environment(python):
    """The lane's virtual environment, made or brought up to date with the constraints."""
    stamp = VENV / "ready"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != CONSTRAINTS.read_text(
        encoding="utf-8"
    ):
        subprocess.run([python, "-m", "venv", "--clear", str(VENV)], check=True, timeout=300)
        install = [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-user",
            "--disable-pip-version-check",
        ]
        subprocess.run([*install, "-c", CONSTRAINTS, *PACKAGES], check=True, timeout=1200)
        stamp.write_text(CONSTRAINTS.read_text(encoding="utf-8"), encoding="utf-8")
    return PYTHON


def execute(python, path):
    """Execute one notebook alone in an empty folder.

    Raises:
        RuntimeError: with the end of what it wrote to stderr, if it failed.
    """
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            [python, "-c", _EXECUTE, str(path)],
            cwd=empty,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=900,
        )
    if done.returncode:
        print(done.stderr[-3000:])
        raise RuntimeError("see above")


def main(names):
    """Execute the notebooks; return 1 if one failed."""
    python = find("3.13")
    if python is None:
        print("Skipped: no Python 3.13 on this machine, so Colab's versions were not tested.")
        return 0
    python = environment(python)
    folder = ROOT / "build" / "colab"
    paths = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*.ipynb"))}
    jobs = {
        name: functools.partial(execute, python, path)
        for name, path in paths.items()
        if not names or any(part in path.name for part in names)
    }
    outcomes = each(jobs, workers=2)
    failed = [name for name, (_, wrong) in outcomes.items() if wrong]
    print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    return int(len(outcomes) < len(jobs) or bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
