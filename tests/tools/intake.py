"""Which notebooks of a folder are whose: the layouts of Moodle, Canvas, Gradescope and nbgrader,
zips, and plain folders.

Nothing is unpacked: what lies in a zip is read from there.
"""

import csv
import io
import json
import pathlib
import re
import unicodedata
import zipfile
from typing import NamedTuple

import yaml

LARGEST = 50_000_000  # bytes of one notebook, unpacked
MOST = 2_000  # files in one zip
MOODLE = re.compile(r"(.+?)_(\d+)_assignsubmission_(?:file|onlinetext)_?")
CANVAS = re.compile(r"([^_]+)(?:_LATE)?_(\d+)_(\d+)_(.+)")
MOST_CODE = 2_000_000  # characters of a notebook's code
# A student who hands in the whole course hands in its solutions, too.
NOT_THEIRS = {".ipynb_checkpoints", "__MACOSX", ".git", ".venv", "solutions"}


class Copy(NamedTuple):
    """One file that somebody handed in."""

    student: str  # a name, NFC
    number: str  # the platform's number for the student, or ""
    path: str  # inside the folder, with / and through zips
    when: float  # of its last change: larger is newer
    content: bytes
    trouble: str = ""  # why there is no content


def copies(folder):
    """Every notebook below a folder, or in a zip, as a Copy; sorted by path.

    Raises: ValueError: if there is no such folder or zip.
    """
    folder = pathlib.Path(folder)
    if folder.is_file() and zipfile.is_zipfile(folder):
        files = list(_of_zip(folder.read_bytes(), "", folder.stat().st_mtime))
    elif folder.is_dir():
        files = [file for path in sorted(folder.rglob("*")) for file in _of_path(folder, path)]
    else:
        raise ValueError(f"there is no folder {folder}; say make grade SUBMISSIONS=folder")
    names = _gradescope(files, folder)
    found = []
    for path, when, content, trouble in files:
        if path.lower().endswith(".ipynb"):
            student, number = _whose(path, names)
            found.append(Copy(student, number, path, when, content, trouble))
    return sorted(found, key=lambda copy: copy.path)


def _of_path(folder, path):
    """(path, time, content, trouble) of a file, or of all in a zip."""
    name = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
    if NOT_THEIRS & set(name.split("/")) or path.is_symlink() or not path.is_file():
        return
    when = path.stat().st_mtime
    if path.suffix.lower() == ".zip":
        yield from _of_zip(path.read_bytes(), name[:-4] + "/", when)
    elif path.suffix.lower() == ".ipynb" or path.name == "submission_metadata.yml":
        if path.stat().st_size > LARGEST:
            yield name, when, b"", f"larger than {LARGEST // 10**6} MB"
        else:
            yield name, when, path.read_bytes(), ""


def _of_zip(content, prefix, when):
    """The same for what lies in a zip, in memory alone: no path of it is ever written to."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError):
        yield f"{prefix.rstrip('/')}.ipynb", when, b"", "a zip that cannot be opened"
        return
    for entry in entries[:MOST]:
        parts = [
            part
            for part in entry.filename.replace("\\", "/").split("/")
            if part not in ("", ".", "..")
        ]
        name = prefix + unicodedata.normalize("NFC", "/".join(parts))
        is_wanted = name.lower().endswith(".ipynb") or name.endswith("submission_metadata.yml")
        if entry.is_dir() or NOT_THEIRS & set(parts) or not is_wanted:
            continue
        if entry.file_size > LARGEST:
            yield name, when, b"", f"larger than {LARGEST // 10**6} MB"
            continue
        try:
            with archive.open(entry) as file:
                data = file.read(LARGEST + 1)
            trouble = "" if len(data) <= LARGEST else f"larger than {LARGEST // 10**6} MB"
            yield name, _time_of(entry, when), data if not trouble else b"", trouble
        except (
            zipfile.BadZipFile,
            RuntimeError,
            NotImplementedError,
            OSError,
            EOFError,
            ValueError,
        ):
            yield name, when, b"", "cut, or locked by a password, in its zip"


def _time_of(entry, otherwise):
    """Seconds that order a zip's entries, counted as if every month had 31 days."""
    year, month, day, hour, minute, second = entry.date_time
    if year <= 1980:
        return otherwise
    days = ((year - 1970) * 12 + month) * 31 + day
    return float(((days * 24 + hour) * 60 + minute) * 60 + second)


def _gradescope(files, folder):
    """{folder of a submission: name} from Gradescope's own list, or {}."""
    listed = [content for path, _, content, _ in files if path.endswith("submission_metadata.yml")]
    names = {}
    for content in listed:
        try:
            text = re.sub(rb"(?m)^(\s*(?:- )?):(\w+:)", rb"\1\2", content)  # Ruby's symbols
            for key, entry in (yaml.safe_load(text) or {}).items():
                people = [str(person.get("name", "")) for person in entry.get("submitters", [])]
                names[str(key)] = " and ".join(filter(None, people)) or str(key)
        except (yaml.YAMLError, AttributeError, TypeError, UnicodeDecodeError):
            continue
    return names


def _whose(path, names):
    """(student, number) by the path of a notebook."""
    parts = path.split("/")
    for part in parts[:-1]:
        if part in names:
            return _clean(names[part]), part.rpartition("_")[2]
    for i, part in enumerate(parts[:-1]):
        if found := MOODLE.fullmatch(part):
            name, number = found.groups()
            return (f"Participant {number}" if name == "Participant" else _clean(name)), number
        if part == "submitted" and i + 1 < len(parts) - 1:
            return _clean(parts[i + 1]), ""
    flat = parts[-1].rpartition(".")[0]
    if found := CANVAS.fullmatch(flat) or CANVAS.fullmatch(parts[0]):
        return _clean(found[1]), found[2]
    return _clean(parts[0] if len(parts) > 1 else flat), ""


def _clean(name):
    """A name as it may stand in a table: NFC, one line."""
    text = unicodedata.normalize("NFC", name)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()) or "nobody"


def cells_of(content):
    """The code cells of a notebook's bytes: [(source, what its outputs printed)].

    Raises: ValueError: in words, if this is no notebook.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("not a text in UTF-8") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            raise ValueError(f"git conflict at line {number}")
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(
            "not a notebook: its text is no JSON" if text.strip() else "an empty file"
        ) from None
    cells = _list(notebook, "cells") or [
        cell for sheet in _list(notebook, "worksheets") for cell in _list(sheet, "cells")
    ]
    if not isinstance(notebook, dict) or not ("cells" in notebook or "worksheets" in notebook):
        raise ValueError("not a notebook: it has no cells")
    code = [
        (_text(cell.get("source", cell.get("input", ""))), _printed(cell))
        for cell in cells
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    if sum(len(source) for source, _ in code) > MOST_CODE:
        raise ValueError("more than 2 MB of code")
    return code


def _list(thing, key):
    value = thing.get(key) if isinstance(thing, dict) else None
    return value if isinstance(value, list) else []


def _text(lines):
    if isinstance(lines, str):
        return lines
    return "".join(map(str, lines)) if isinstance(lines, list) else ""


def _printed(cell):
    outputs = [output for output in _list(cell, "outputs") if isinstance(output, dict)]
    return "".join(_text(output.get("text", "")) for output in outputs)


def roster(path):
    """The names of a class: the first column of a CSV, without its header."""
    text = pathlib.Path(path).read_text(encoding="utf-8-sig")
    rows = [row[0] for row in csv.reader(io.StringIO(text)) if row and row[0].strip()]
    is_header = rows and rows[0].strip().casefold() in ("name", "student", "full name", "students")
    return [_clean(name) for name in (rows[1:] if is_header else rows)]
