"""Build self-contained copies of the notebooks, with `helpers` inside, for uploading to Colab:
`make colab`."""

import base64
import io
import re
import sys
import zipfile

import nbformat
import publish
from execute import BUILD, FOLDER, every_notebook, write_whole

HELPERS = FOLDER.parent / "helpers"
TARGET = BUILD / "colab"

_UNPACK = """\
# @title The course's package `helpers` travels inside; this cell unpacks it. Safe to run again.
import base64, io, sys, tempfile, zipfile

PACKED = "{packed}"
if "unpacked" not in globals():
    # a new folder that only you may enter; it goes when the kernel ends
    name = "variational-inference-course-"
    folder = tempfile.TemporaryDirectory(prefix=name, ignore_cleanup_errors=True)
    zipfile.ZipFile(io.BytesIO(base64.b64decode(PACKED))).extractall(folder.name)
    sys.path.insert(0, folder.name)
    unpacked = folder
"""
_ALONE = """

*This copy stands alone. The course's other notebooks and its glossary lie beside it, in the folder
`build/colab` where it was made: upload them too.*"""
_LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\((?!https?:|#|attachment:)([^)#\s]+\.ipynb)(#[^)]*)?\)")


def pack():
    """The package's source files as a zip, the same bytes for the same source."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(HELPERS.rglob("*.py")):
            info = zipfile.ZipInfo(
                str(path.relative_to(HELPERS.parent)), date_time=(2020, 1, 1, 0, 0, 0)
            )
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    return buffer.getvalue()


def with_links_that_lead(notebook, folder, repo):
    """Links to other notebooks made absolute where the course is published, and else the words
    alone.

    Args:
        notebook: the notebook.
        folder: where the notebook lies in the repository, such as "notebooks".
        repo: owner/name of the repository, or "".
    """

    def rewrite(match):
        words, target, anchor = match.groups()
        if not repo:
            return words
        parts = []
        for part in f"{folder}/{target}".split("/"):
            parts = parts[:-1] if part == ".." else [*parts, part]
        # JupyterLab's word, Colab's word
        anchor = (anchor or "").replace("#cell-id=", "#scrollTo=")
        return f"[{words}]({publish.colab_address(repo, '/'.join(parts))}{anchor})"

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _LINK.sub(rewrite, cell.source)
    if not repo and notebook.cells[0].cell_type == "markdown":
        notebook.cells[0].source += _ALONE
    return notebook


def self_contained(notebook, packed):
    """The notebook with one more cell before its first code cell, folded away, and without
    outputs."""
    text = base64.b64encode(packed).decode()
    unpack = nbformat.v4.new_code_cell(_UNPACK.format(packed=text), id="unpack")
    unpack.metadata = nbformat.from_dict({"cellView": "form", "jupyter": {"source_hidden": True}})
    first = next((i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"), None)
    if first is None:  # nothing but words, such as the glossary
        return notebook
    notebook.cells.insert(first, unpack)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def main():
    """Write every notebook to build/colab/; return an exit status."""
    packed, read = pack(), {path: nbformat.read(path, as_version=4) for path in every_notebook()}
    repo = publish.published(read.values())
    for path, notebook in read.items():
        target = TARGET / path.relative_to(FOLDER)
        target.parent.mkdir(parents=True, exist_ok=True)
        made = with_links_that_lead(
            notebook, path.parent.relative_to(FOLDER.parent).as_posix(), repo
        )
        try:
            write_whole(nbformat.writes(self_contained(made, packed)), target)
        except OSError as error:
            print(f"{target} could not be written: {error.strerror}.", file=sys.stderr)
            return 1
    print(
        f"{len(every_notebook())} notebooks in {TARGET}, with {len(packed) // 1024} KiB of helpers "
        "inside"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
