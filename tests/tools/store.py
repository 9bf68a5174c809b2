"""Run notebooks once, top to bottom, and store their outputs: `make notebooks`.

python tests/tools/store.py [notebook.ipynb ...]        all of them when none is named
"""

import os
import pathlib
import platform
import sys
import tempfile

import nbformat
from execute import INTERRUPTED, each, leave, name_of, paths_of, run, say_interpreter, write_whole

# What JupyterLab writes when a notebook is opened, so that opening one changes nothing.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
# A cell's metadata that are the author's: its tags, and that its code is folded, in JupyterLab and
# on Colab.
KEPT = {"tags": list, "jupyter": dict, "cellView": str}


def metadata(version=None):
    """A notebook's metadata as JupyterLab writes them, with this Python's version unless another is
    named."""
    made = nbformat.from_dict(METADATA)
    made.language_info.version = version or platform.python_version()
    return made


def normalise(notebook):
    """Drop what differs from run to run: timings, widget state, whatever a tool wrote into the
    metadata."""
    notebook.metadata = metadata()
    for cell in notebook.cells:
        hidden = cell.metadata.get("jupyter", {}).get("source_hidden")
        cell.metadata["jupyter"] = {"source_hidden": True} if hidden else {}
        cell.metadata = nbformat.from_dict(
            {k: v for k, v in cell.metadata.items() if k in KEPT and v}
        )
        if cell.cell_type == "code":
            # A widget's state is not stored, so its view would be dead.
            for output in cell.outputs:
                output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
            cell.outputs = [output for output in cell.outputs if output.get("data") != {}]
    return notebook


def store(path):
    """Execute one notebook and write it back, outputs and all.

    Nothing is written if a cell fails, or if the notebook was changed while it ran.
    """
    was = path.read_bytes() if path.is_file() else None
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / path.name
        run(path, target)
        text = nbformat.writes(normalise(nbformat.read(target, as_version=4)))
    write_whole(text.rstrip("\n") + "\n", path, was)


def main(arguments):
    """Store each notebook; report times; return 1 if one failed."""
    paths = paths_of(arguments)
    say_interpreter()
    outcomes = each({name_of(path): lambda path=path: store(path) for path in paths})
    failed = [name_of(path) for path in paths if outcomes.get(name_of(path), (0, None))[1]]
    if failed:
        print("Not stored: " + ", ".join(failed), file=sys.stderr)
    return INTERRUPTED if len(outcomes) < len(paths) else int(bool(failed))


if __name__ == "__main__":
    # seconds are stored as a first session has them
    os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"
    leave(main(sys.argv[1:]))
