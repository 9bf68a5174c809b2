"""Counts to learn from, and what is known before looking at them. No JAX here."""

import csv
import functools
import importlib.util
import io
import os
import pathlib
import re
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from helpers import checks

SIDE = 8  # pixels along one side of an image
NUM_PIXELS = SIDE * SIDE
MAX_COUNT = 16  # each pixel counts the inked cells of a 4x4 block
MOST_EXACT = 2**24  # float32 holds every whole number up to here
_PLAIN = re.compile(r"[0-9]+(\.0*)?([eE]\+?[0-9]+)?")  # 16, 16.0 and 1.6e1 are counts; 1_6 is none
# names of columns that number or name the rows, of samples, and of features
_INDEX = ("id", "index", "row", "year", "sample", "unnamed: 0")
_SAMPLES = ("sample", "cell", "image", "row", "subject", "patient", "site", "day", "year", "doc")
_FEATURES = ("gene", "feature", "pixel", "word", "species", "taxon", "otu", "variable", "column")
_EXPOSURES = ("exposure", "offset", "hours", "minutes", "days", "time", "effort", "population")
DEFAULT_FLOOR = 0.5  # the least ink, in counts, that domain knowledge expects of any pixel


def load_digit(digit):
    """Every image of one handwritten digit, 0 to 9 (else a ValueError), as counts.

    Returns: int array [images, 64], each row an 8x8 image, flattened row by row, with counts 0..16.

    Source: scikit-learn's digits, a copy of the test set of Alpaydin and Kaynak (1998), UCI
    repository.
    """
    images, labels = load_digits()
    return images[labels == check_digit(digit)]


@functools.cache
def load_digits():
    """(counts, labels) of every image of every digit: int arrays [1797, 64] and [1797], read-only;
    see `load_digit`."""
    # importing it takes a second
    folder = pathlib.Path(importlib.util.find_spec("sklearn").origin).parent
    table = np.loadtxt(folder / "datasets" / "data" / "digits.csv.gz", delimiter=",", dtype=int)
    table.setflags(write=False)
    return table[:, :-1], table[:, -1]


class Split(NamedTuple):
    """Images to learn from and images held out, each with the digit it shows."""

    train: np.ndarray  # int [m, 64]
    test: np.ndarray  # int [n, 64]
    train_labels: np.ndarray  # int [m]
    test_labels: np.ndarray  # int [n]


def reference_split(digit=None):
    """The Split behind every row of the course's score table: a quarter held out, always the same
    one.

    Args: digit: whole number from 0 to 9, else a ValueError; or None for all ten, each held out in
    proportion. For digit 0 the Split has 133 and 45 images, for all ten 1,347 and 450.
    """
    from sklearn.model_selection import train_test_split

    counts, labels = load_digits()
    chosen = slice(None) if digit is None else labels == check_digit(digit)
    by_digit = labels if digit is None else None
    return Split(
        *train_test_split(
            counts[chosen], labels[chosen], test_size=0.25, random_state=0, stratify=by_digit
        )
    )


def checkerboard():
    """Which pixels are observed, bool [64], when an image is to be completed: every other one, as
    on a chessboard."""
    row, column = np.divmod(np.arange(NUM_PIXELS), SIDE)
    return (row + column) % 2 == 0


def split(counts, every=4):
    """Divide images [images, d] into (learning, held_out), the latter with every fourth one, from
    the fourth on.

    No chance in it, so it never moves. ValueError if there is no image, or `every` is not from 2 to
    their number.
    """
    counts = checks.array("counts", counts)
    if not counts.ndim or not len(counts):
        raise ValueError(
            "counts must be a table of images, [images, d], with one image or more; got none."
        )
    takes = f"a whole number from 2 to {len(counts)}, the number of images"
    every = checks.number("every", every, takes, lambda n: 2 <= n <= len(counts), whole=True)
    held_out = np.arange(1, len(counts) + 1) % every == 0
    return counts[~held_out], counts[held_out]


def domain_knowledge(digit, floor=DEFAULT_FLOOR):
    """What a zero (or another digit) looks like to somebody who has seen no data: as a typeface
    draws it.

    The outline of the digit in DejaVu Sans Bold, the font that ships with matplotlib, is scaled to
    the height of the image, filled, averaged over each of the 8x8 pixels and multiplied by 16. No
    training image is used, so none is counted twice. A gamma prior needs a mean above 0: hence the
    floor, above 0 and at most 16. ValueError for any other, and for what is no digit. Returns the
    expected count of each pixel, float [64], from `floor` to 16.
    """
    digit = check_digit(digit)
    takes = f"a number above 0 and at most {MAX_COUNT}"
    return np.maximum(
        _typeset(digit), checks.number("floor", floor, takes, lambda x: 0 < x <= MAX_COUNT)
    )


def letter(character):
    """A letter, A to Z or a to z, as the typeface draws it: ink [64], 0 to 16.

    Anything else raises ValueError.
    """
    if (
        not isinstance(character, str)
        or len(character) != 1
        or not (character.isascii() and character.isalpha())
    ):
        raise ValueError(f"character must be one letter, A to Z or a to z; got {character!r}.")
    return _typeset(character)


class Table(NamedTuple):
    """A reader's own table: counts, and what stands beside them."""

    names: list  # [features]
    counts: np.ndarray  # int [samples, features], 0..2^24
    exposure: np.ndarray  # float [samples], above 0; 1 each where no column is named
    explaining_names: list  # [k]
    explaining: np.ndarray  # float [samples, k], finite


def load_table(path, exposure=None, explaining=None):
    """A reader's own table from a CSV file (commas, UTF-8): one sample a row, one feature a column.

    A first row of names, none of them a number, is a header: it is printed, so that no data are
    lost unseen. Blank rows are passed over. A row or column of numbers that looks like names (0, 1,
    2, ...; years; ids) is refused, or said aloud where it may be counts all the same.

    Args: exposure: name of the column that says how long, or how much, each sample was watched;
    explaining: names of columns of any numbers that may explain the counts, a list, or text with
    commas between. All other columns are counts.

    Returns: a Table. Raises: ValueError: one sentence that names the file and, where one is at
    fault, its row and column (both from 1), or the line of pandas that mends the file.
    """
    exposure = _named("exposure", [exposure] if exposure else None)
    explaining = _named("explaining", explaining)
    rows, names = _rows_of(path), None
    if rows and all(_as_number(cell) is None for cell in rows[0][1]):
        number, names = rows.pop(0)
    places = _places(path, exposure + explaining, names)
    width = len(names or (rows[0][1] if rows else []))
    kept = [j for j in range(width) if j not in places]
    if places and not kept:
        raise ValueError(f"{path}: no column is left for the counts.")
    if names:
        _check_shape(path, rows, names, kept)
        for column in kept:
            _check_name(f"{path}: row {number}, column {column + 1}", names[column])
        print(
            f"{os.path.basename(path)}: row {number} is taken for a header: "
            f"{_short(', '.join(names))}."
        )
    if not rows:
        raise ValueError(f"{path}: the file holds no counts.")
    _check_shape(path, rows, names, kept)
    for number, row in rows:
        if len(row) != width:
            raise ValueError(
                f"{path}: row {number} has {len(row)} cells where {width} are expected."
            )
    where = f"{path}: row {{}}, column {{}}".format
    counts = np.array([[_count(where(i, j + 1), row[j]) for j in kept] for i, row in rows])
    _check_for_names(path, counts, names, rows[0][0], kept)
    beside = np.array(
        [
            [_number(where(i, j + 1), row[j], names[j], 0 if name in exposure else -np.inf)]
            for i, row in rows
            for j, name in zip(places, exposure + explaining, strict=True)
        ]
    ).reshape(len(rows), len(places))
    return Table(
        [names[j] if names else f"column {j + 1}" for j in kept],
        counts,
        beside[:, 0] if exposure else np.ones(len(rows)),
        explaining,
        beside[:, len(exposure) :],
    )


def _named(what, names):
    """Names of columns as a list: of None, one text with commas between, or a list of texts."""
    given = names
    names = names.split(",") if isinstance(names, str) else [] if names is None else names
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{what} must be named as in the header, in quotes; got {given!r}.")
    return [name.strip() for name in names if name.strip()]


def _places(path, wanted, names):
    """Where the columns stand that are no counts, from 0."""
    for name in wanted:
        if (names or []).count(name) != 1:
            found = f"the names are {_short(', '.join(names))}" if names else "it has no header"
            raise ValueError(f"{path}: one column must be named {name!r}; {found}.")
    if len(set(wanted)) < len(wanted):
        raise ValueError(f"{path}: each column can be named once; got {', '.join(wanted)}.")
    return [names.index(name) for name in wanted]


def _number(where, cell, name, least):
    """A cell of a column beside the counts, finite and above `least`, or a ValueError."""
    value = _as_number(cell)
    if value is None or not least < value < np.inf:
        takes = "a finite number" if least else "a finite number above 0, for it is an exposure"
        raise ValueError(f"{where} ({_short(name)}) is {_shown(cell)}; it must be {takes}.")
    return value


def _rows_of(path):
    """(number, cells) of each row that is not blank, or a ValueError about the file."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise ValueError(
            f"path must be the path of a CSV file, such as 'counts.csv'; got {path!r}."
        )
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            text = file.read()
    except (FileNotFoundError, IsADirectoryError):
        on_web = (
            "; this is an address on the web: download it first" if "://" in os.fspath(path) else ""
        )
        raise ValueError(f"{path}: there is no such file{on_web}.") from None
    except (OSError, ValueError) as error:  # no permission, no UTF-8, a name too long
        # the name itself may be what is too long
        name = _short(str(path)) if isinstance(error, OSError) else path
        raise ValueError(
            f"{name}: the file can't be read as UTF-8 text ({_short(str(error))})."
        ) from None
    rows, reader = [], csv.reader(io.StringIO(text, newline=""))
    begun = 1  # the line where the row begins
    try:
        for number, row in enumerate(reader, start=1):
            if any("\n" in cell or "\r" in cell for cell in row):
                raise csv.Error
            if any(cells := [*map(str.strip, row)]):
                rows.append((number, cells))
            begun = reader.line_num + 1
    except csv.Error as error:
        if '"' in text:
            raise ValueError(
                f"{path}: a quoted cell that begins in line {begun} goes on in the next: is a "
                "quote not closed? Write each cell on one line."
            ) from None
        raise ValueError(f"{path}: the file can't be read as UTF-8 text ({error}).") from None
    _check_commas(path, rows)
    return rows


def _check_commas(path, rows):
    for mark, shown, name in ((";", ";", "semicolons"), ("\t", "\\t", "tabs")):
        if any(mark in cell for _, row in rows[:2] for cell in row):
            first = ",".join(rows[0][1]).split(mark)
            is_header = all(_as_number(cell.strip()) is None for cell in first)
            mended = _pandas("" if is_header else ".add_prefix('c')", f"sep='{shown}'", is_header)
            raise ValueError(
                f"{path}: this looks like {name} between the cells. Save it with commas: {mended}."
            )


def _check_shape(path, rows, names, kept):
    """Refuse names in the first column and tables in long form, with the line of pandas that mends
    them. Args: kept: the places of the columns that are counts."""
    by_column = list(zip(*(row for _, row in rows), strict=False))
    by_column = [by_column[j] for j in kept if j < len(by_column)]
    names = [names[j] for j in kept] if names else None
    is_text = [sum(_as_number(cell) is None for cell in column) for column in by_column]
    worded = [len(rows) > 0 and number == len(rows) for number in is_text]
    tail = "" if names else ".add_prefix('c')"
    long = names and len(worded) == 3 and (_is_grid(by_column) or worded[:2] == [True, True])
    if long and not worded[2]:
        kept = [name.lower() for name in names[:2]]
        sample = next((k for k in (0, 1) if any(word in kept[k] for word in _SAMPLES)), 0)
        index, columns, values = names[sample], names[1 - sample], names[2]
        pivot = f".pivot_table(index={index!r}, columns={columns!r}, values={values!r}, "
        pivot += "aggfunc='sum', fill_value=0).add_prefix('c')"
        raise ValueError(
            f"{path}: this looks like one count a row, in long form. One sample a row is wanted: "
            f"{_pandas(pivot, '', names)}."
        )
    if worded[:1] == [True] and not all(worded):
        first = names[0].lower() if names else ""
        turn = ".T" if any(word in first for word in _FEATURES) else ""
        other = "" if turn else " (and turn it by .T before .to_csv if its columns are samples)"
        mended = _pandas(turn or tail, f"index_col={kept[0]}", names)
        raise ValueError(
            f"{path}: column {kept[0] + 1} holds names, such as {_shown(by_column[0][0])}, and no "
            "counts. "
            f"Leave it out{other}: {mended}."
        )


def _is_grid(columns):
    """Whether two columns of whole numbers pair each value of one with each of the other, once."""
    pairs = list(zip(*columns[:2], strict=True))
    one, other = (set(column) for column in columns[:2])
    return (
        len(set(pairs)) == len(pairs) == len(one) * len(other) >= 6
        and min(len(one), len(other)) > 1
    )


def _check_for_names(path, counts, names, number, kept):
    """Refuse a row or column that looks like names, or say it aloud: see `load_table`."""
    if names is None and len(counts) > 1:
        found = _looks_like_names(counts[0], counts[1:])
        if found:
            mended = _pandas(".add_prefix('c')", "", True)
            _refuse_or_say(
                found,
                f"row {number} ({_short(', '.join(map(str, counts[0])))})",
                "if it is a sample, put a row of names above it; if it is a header, give it names: "
                f"{mended}",
                path,
            )
    for k, column in enumerate(counts.T if counts.shape[1] > 1 else ()):
        j = kept[k]
        name = names[j] if names else ""
        if name.lower() in _EXPOSURES:
            print(
                f"{os.path.basename(path)}: column {j + 1} ({name}) is read as counts; if it says "
                "how long, or how much, was watched, name it as the exposure."
            )
        is_named = name.lower() in _INDEX
        found = _looks_like_names(column, np.delete(counts, k, axis=1))
        if is_named and not found and 1 < len(column) == len(set(column.tolist())):
            found = True, "ids"
        # larger than all others is many a good feature: ids go by their name, or upwards
        is_told = is_named or np.all(np.diff(column) > 0)
        if found and is_told and (found[0] or is_named or k == 0):
            left_out = f".drop(columns={name!r})" if names else f".drop(columns={j})"
            mended = _pandas(left_out + ("" if names else ".add_prefix('c')"), "", names)
            _refuse_or_say(
                found,
                f"column {j + 1}" + f" ({_short(name)})" * bool(name),
                f"if it numbers the rows, leave it out: {mended}",
                path,
            )


def _looks_like_names(line, rest):
    """(is it clear, what it looks like) of a row or column that may be names; else None."""
    if len(set(line.tolist())) < len(line):
        return None
    steps, most = np.diff(line), rest.max(initial=0)
    is_year, others = (line >= 1800) & (line <= 2100), (rest >= 1800) & (rest <= 2100)
    if is_year.all() and len(line) > 1 and not others.any():
        return True, "years"
    if np.all(steps == 1) and (len(line) > 2 or line[0] == 0):
        return len(line) > 3, "a numbering"
    if is_year.all() and len(line) > 1:
        return False, "years"
    if len(line) > 1 and line.min() > most:
        return len(line) > 2 and line.min() > max(100, 10 * most), "ids"
    return (False, "ids") if len(line) > 4 and np.all(steps > 0) else None


def _refuse_or_say(found, where, advice, path):
    is_clear, kind = found
    if is_clear:
        raise ValueError(f"{path}: {where} looks like {kind}, and the rest does not; {advice}.")
    print(f"{os.path.basename(path)}: {where} is read as counts, and looks like {kind}; {advice}.")


def _pandas(change, options, header):
    """The line of pandas that mends a file."""
    given = [options] * bool(options) + ["header=None"] * (not header)
    arguments = "".join(f", {each}" for each in given)
    return f"pandas.read_csv(path{arguments}){change}.to_csv('counts.csv', index=False)"


def _check_name(where, name):
    """A name in a header, or a ValueError: what is no name may be a count in another notation."""
    if name.lower() in ("n/a", "na", "none", "null", "missing") or not (
        name[:1].isalpha() or name[:1] == "_"
    ):
        dropped = _pandas("", "index_col=0", True)
        raise ValueError(
            f"{where} is {_shown(name)}: no plain number, and no name, which begins with a letter. "
            "A count is written "
            f"like 1234; an index of pandas is left out by {dropped}."
        )


def _count(where, cell):
    """One cell as an int, or a ValueError."""
    value = _as_number(cell)
    if value is None or not 0 <= value <= MOST_EXACT or value % 1:  # a NaN is not in between
        takes = f"a whole number from 0 to {MOST_EXACT:,}, above which float32 is not exact"
        raise ValueError(f"{where} is {_shown(cell)}; a count is {takes}.")
    if not _PLAIN.fullmatch(cell):
        raise ValueError(f"{where} is {_shown(cell)}; a count is written in digits, like 1234.")
    return int(value)


def _as_number(cell):
    """What a program would take a cell for: more than a person writes as a count."""
    try:
        return float(cell)
    except ValueError:
        return None


def _shown(cell):
    return repr(_short(cell)) if cell else "empty"


def _short(text):
    return text if len(text) <= 80 else f"{text[:77]}..."


def check_digit(digit):
    """The digit as an int, or a ValueError in one sentence."""
    return checks.number(
        "digit", digit, "a whole number from 0 to 9", lambda n: 0 <= n <= 9, whole=True
    )


@functools.cache
def _typeset(digit, cells=32):
    """Ink of each pixel [64], 0..16: the share of its cells x cells sub-pixels that the outline
    covers."""
    outline = TextPath(
        (0, 0), str(digit), size=100, prop=FontProperties(family="DejaVu Sans", weight="bold")
    )
    box = outline.get_extents()
    # Height fills the image; the width keeps its proportion and is centred, squeezed only if it
    # would not fit.
    scale_y = SIDE / box.height
    scale_x = min(scale_y, SIDE / box.width)
    place = (
        Affine2D()
        .translate(-box.x0 - box.width / 2, -box.y0)
        .scale(scale_x, scale_y)
        .translate(SIDE / 2, 0)
    )
    outline.should_simplify = False
    renderer = RendererAgg(SIDE * cells, SIDE * cells, dpi=72)
    no_edge = renderer.new_gc()
    no_edge.set_linewidth(0)
    renderer.draw_path(no_edge, outline, place.scale(cells), (0.0, 0.0, 0.0))
    ink = np.asarray(renderer.buffer_rgba())[..., 3] / 255.0  # how opaque it is
    pixels = MAX_COUNT * ink.reshape(SIDE, cells, SIDE, cells).mean(axis=(1, 3)).ravel()
    pixels.setflags(write=False)
    return pixels
