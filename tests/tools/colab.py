"""Build self-contained copies of the notebooks, with `helpers` inside, for uploading to Colab: `make colab`."""

import base64
import io
import zipfile
import zlib

import nbformat
from store import FOLDER, every_notebook

HELPERS = FOLDER.parent / "helpers"
TARGET = FOLDER.parent / "build" / "colab"

_UNPACK = """\
# The course's package `helpers` travels inside this notebook; this cell unpacks it. Safe to run again.
import base64, io, pathlib, sys, tempfile, zipfile

PACKED = "{packed}"
folder = pathlib.Path(tempfile.gettempdir()) / "variational-inference-course-{digest}"
zipfile.ZipFile(io.BytesIO(base64.b64decode(PACKED))).extractall(folder)
if str(folder) not in sys.path:
    sys.path.insert(0, str(folder))
"""


def pack():
    """The package's source files as a zip, the same bytes for the same source."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(HELPERS.rglob("*.py")):
            info = zipfile.ZipInfo(str(path.relative_to(HELPERS.parent)), date_time=(2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    return buffer.getvalue()


def self_contained(notebook, packed):
    """The notebook with one more cell before its first code cell, and without outputs."""
    text = base64.b64encode(packed).decode()
    unpack = nbformat.v4.new_code_cell(_UNPACK.format(packed=text, digest=f"{zlib.crc32(packed):08x}"), id="unpack")
    unpack.metadata["cellView"] = "form"  # Colab folds it away
    first = next((i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"), None)
    if first is None:  # nothing but words, such as the glossary
        return notebook
    notebook.cells.insert(first, unpack)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def main():
    """Write every notebook to build/colab/."""
    packed = pack()
    for path in every_notebook():
        target = TARGET / path.relative_to(FOLDER)
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(self_contained(nbformat.read(path, as_version=4), packed), target)
    print(f"{len(every_notebook())} notebooks in {TARGET}, each with {len(packed) // 1024} KiB of helpers inside")


if __name__ == "__main__":
    main()
