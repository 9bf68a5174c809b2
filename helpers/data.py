"""Counts to learn from, and what is known before looking at them. No JAX here."""

import csv
import functools
import importlib.util
import os
import pathlib
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


def load_counts(path):
    """A reader's own table of counts from a CSV file (commas, UTF-8): one sample a row, one feature
    a column.

    A first row of names, none of them a number, is a header: it is printed, so that no data are
    lost unseen. Blank rows are passed over. Returns an int array [samples, features], counts
    0..2^24; else a ValueError, one sentence that names the file and, where one is at fault, its row
    and column (both from 1).
    """
    rows = _rows_of(path)
    width = len(rows[0][1]) if rows else 0
    if rows and all(_as_number(cell) is None for cell in rows[0][1]):
        number, names = rows.pop(0)
        for column, name in enumerate(names, 1):
            _check_name(f"{path}: row {number}, column {column}", name)
        print(
            f"{os.path.basename(path)}: row {number} is taken for a header: "
            f"{_short(', '.join(names))}."
        )
    if not rows:
        raise ValueError(f"{path}: the file holds no counts.")
    for number, row in rows:
        if len(row) != width:
            raise ValueError(
                f"{path}: row {number} has {len(row)} cells where {width} are expected."
            )
    where = f"{path}: row {{}}, column {{}}".format
    return np.array(
        [[_count(where(i, j), cell) for j, cell in enumerate(row, 1)] for i, row in rows]
    )


def _rows_of(path):
    """(number, cells) of each row that is not blank, or a ValueError about the file."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise ValueError(
            f"path must be the path of a CSV file, such as 'counts.csv'; got {path!r}."
        )
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            numbered = enumerate(csv.reader(file), start=1)
            rows = [
                (number, cells) for number, row in numbered if any(cells := [*map(str.strip, row)])
            ]
    except (FileNotFoundError, IsADirectoryError):
        on_web = (
            "; this is an address on the web: download it first" if "://" in os.fspath(path) else ""
        )
        raise ValueError(f"{path}: there is no such file{on_web}.") from None
    except (
        OSError,
        ValueError,
        csv.Error,
    ) as error:  # no permission, no UTF-8, a name or a cell too long
        # the name itself may be what is too long
        name = _short(str(path)) if isinstance(error, OSError) else path
        raise ValueError(
            f"{name}: the file can't be read as UTF-8 text ({_short(str(error))})."
        ) from None
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if any(mark in cell for _, row in rows[:2] for cell in row):
            raise ValueError(
                f"{path}: this looks like {name} between the cells. Save it with commas."
            )
    return rows


def _check_name(where, name):
    """A name in a header, or a ValueError: what is no name may be a count in another notation."""
    if name.lower() in ("n/a", "na", "none", "null", "missing") or not (
        name[:1].isalpha() or name[:1] == "_"
    ):
        raise ValueError(
            f"{where} is {_shown(name)}: no plain number, and no name, which begins with a letter. "
            "A count is written "
            "like 1234; an index of pandas is left out by index=False."
        )


def _count(where, cell):
    """One cell as an int, or a ValueError."""
    value = _as_number(cell)
    if value is None or not 0 <= value <= MOST_EXACT or value % 1:  # a NaN is not in between
        takes = f"a whole number from 0 to {MOST_EXACT:,}, above which float32 is not exact"
        raise ValueError(f"{where} is {_shown(cell)}; a count is {takes}.")
    return int(value)


def _as_number(cell):
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
