"""Run notebooks once, top to bottom, and store their outputs: `make notebooks`.

python tests/tools/store.py [notebook.ipynb ...]        all of them when none is named
"""

import pathlib
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "notebooks"
CELL_TIMEOUT = 300  # seconds
QUIET = ["--IPKernelApp.log_level=ERROR"]  # else each kernel warns of its TCP connection to this same machine
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def every_notebook():
    """Paths of all notebooks, solutions last."""
    return [*sorted(FOLDER.glob("*.ipynb")), *sorted((FOLDER / "solutions").glob("*.ipynb"))]


def normalise(notebook):
    """Drop what differs from run to run or machine to machine: timings, widget state, Python's patch release."""
    notebook.metadata = nbformat.from_dict({**KERNEL, "language_info": {"name": "python"}})
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", []):
            # A widget's state is not stored, so its view would be dead: keep its words alone.
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    return notebook


def store(path):
    """Execute one notebook and write it back, outputs and all. Nothing is written if a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        extra_arguments=list(QUIET),
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    nbformat.write(normalise(notebook), path)


def main(arguments):
    """Store each notebook; report times; return 1 if one failed."""
    failed = []
    for path in [pathlib.Path(a).resolve() for a in arguments] or every_notebook():
        begun = time.monotonic()
        try:
            store(path)
        except CellExecutionError as error:
            failed.append(path.name)
            print(f"{path.name}: FAILED\n{error}", file=sys.stderr)
        else:
            print(f"{path.name}: stored, {time.monotonic() - begun:.0f} s", flush=True)
    if failed:
        print("Not stored: " + ", ".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
