"""Rebuild Colab's versions on Python 3.13 and execute each self-contained notebook alone in an empty folder.

python tests/tools/colab_lane.py [name ...]        after tests/tools/colab.py; exit 0 with a word where no 3.13 is
"""

import pathlib
import subprocess
import sys
import tempfile
import time

from find_python import find

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSTRAINTS = ROOT / "tests" / "constraints" / "colab.txt"
VENV = ROOT / ".venv-colab"
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

# Runs inside that environment, in the empty folder. It also fails where a cell printed a Python warning: not at
# XLA's own words on stderr, which come where a busy machine compiles slowly.
_EXECUTE = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": "."}}).execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        if output.get("name") == "stderr" and "Warning" in output.text:
            sys.exit(output.text)
"""


def environment(python):
    """The lane's virtual environment, made or brought up to date with the constraints."""
    stamp = VENV / "ready"
    if not stamp.exists() or stamp.read_text() != CONSTRAINTS.read_text():
        subprocess.run([python, "-m", "venv", "--clear", str(VENV)], check=True, timeout=300)
        install = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "-c", CONSTRAINTS, *PACKAGES], check=True, timeout=1200)
        stamp.write_text(CONSTRAINTS.read_text())
    return VENV / "bin" / "python"


def main(names):
    """Execute the notebooks; return 1 if one failed."""
    python = find("3.13")
    if python is None:
        print("Skipped: no Python 3.13 on this machine, so Colab's versions were not tested.")
        return 0
    python = environment(python)
    failed, ran = [], 0
    for path in sorted((ROOT / "build" / "colab").rglob("*.ipynb")):
        if names and not any(name in path.name for name in names):
            continue
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run(
                [python, "-c", _EXECUTE, str(path)], cwd=empty, capture_output=True, text=True, timeout=900
            )
        ran += 1
        print(
            f"{path.name}: {'ok' if done.returncode == 0 else 'FAILED'}, {time.monotonic() - begun:.0f} s",
            flush=True,
        )
        if done.returncode:
            failed.append(path.name)
            print(done.stderr[-3000:])
    print(f"{ran - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
