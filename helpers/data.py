"""Counts to learn from, and what is known before looking at them. No JAX here."""

import csv
import functools
import math
import os
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from sklearn import datasets
from sklearn.model_selection import train_test_split

SIDE = 8  # pixels along one side of an image
NUM_PIXELS = SIDE * SIDE
MAX_COUNT = 16  # each pixel counts the inked cells of a 4x4 block
MOST_EXACT = 2**24  # float32 holds every whole number up to here
DEFAULT_FLOOR = 0.5  # the least ink, in counts, that domain knowledge expects of any pixel


def load_digit(digit):
    """Every image of one handwritten digit, as counts.

    Args:
        digit: whole number from 0 to 9.

    Returns:
        int array [images, 64]: each row an 8x8 image, flattened row by row, with counts 0..16.

    Raises:
        ValueError: if digit is not a whole number from 0 to 9.

    Source: scikit-learn's digits, a copy of the test set of Alpaydin and Kaynak (1998), UCI repository.
    """
    images, labels = load_digits()
    return images[labels == check_digit(digit)]


@functools.cache
def load_digits():
    """Every image of every digit, and which digit it is.

    Returns:
        (counts, labels): int arrays [1797, 64] and [1797], read-only; see `load_digit`.
    """
    bunch = datasets.load_digits()
    counts, labels = bunch.data.astype(int), bunch.target
    counts.setflags(write=False)
    labels.setflags(write=False)
    return counts, labels


class Split(NamedTuple):
    """Images to learn from and images held out, each with the digit it shows."""

    train: np.ndarray  # int [m, 64]
    test: np.ndarray  # int [n, 64]
    train_labels: np.ndarray  # int [m]
    test_labels: np.ndarray  # int [n]


def reference_split(digit=None):
    """The split behind every row of the course's score table: a quarter held out, always the same one.

    Args:
        digit: whole number from 0 to 9; or None for all ten, each held out in proportion.

    Returns:
        Split: for digit 0 133 and 45 images, for all ten 1,347 and 450.

    Raises:
        ValueError: if digit is neither None nor a whole number from 0 to 9.
    """
    counts, labels = load_digits()
    if digit is not None:
        chosen = labels == check_digit(digit)
        counts, labels = counts[chosen], labels[chosen]
    return Split(*train_test_split(counts, labels, test_size=0.25, random_state=0, stratify=labels))


def checkerboard():
    """Which pixels are shown when an image is to be completed: every other one, as on a chessboard.

    Returns:
        bool array [64]: 32 observed pixels; the other 32 are hidden.
    """
    row, column = np.divmod(np.arange(NUM_PIXELS), SIDE)
    return (row + column) % 2 == 0


def split(counts, every=4):
    """Divide images into those to learn from and those held out for scoring: no chance in it, so it never moves.

    Every fourth image, from the fourth on, is held out.

    Args:
        counts: [images, d].
        every: hold out one image in this many; a whole number, 2 or more.

    Returns:
        (learning, held_out): arrays [images - images // every, d] and [images // every, d], in the given order.

    Raises:
        ValueError: if there is no image, or every is not a whole number from 2 to the number of images.
    """
    counts = np.asarray(counts)
    if not counts.ndim or not len(counts):
        raise ValueError("counts must be a table of images, [images, d], with one image or more; got none.")
    is_whole = isinstance(every, int | np.integer) and not isinstance(every, bool)
    if not is_whole or not 2 <= every <= len(counts):
        raise ValueError(f"every must be a whole number from 2 to {len(counts)}, the number of images; got {every!r}.")
    held_out = np.arange(1, len(counts) + 1) % every == 0
    return counts[~held_out], counts[held_out]


def domain_knowledge(digit, floor=DEFAULT_FLOOR):
    """What a zero (or another digit) looks like to somebody who has seen no data: as a typeface draws it.

    The outline of the digit in DejaVu Sans Bold, the font that ships with matplotlib, is scaled to the height of
    the image, filled, averaged over each of the 8x8 pixels and multiplied by 16. No training image is used, so
    none is counted twice.

    Args:
        digit: whole number from 0 to 9.
        floor: the least count expected of any pixel, above 0 and at most 16: a gamma prior needs a mean above 0.

    Returns:
        float array [64]: the expected count of each pixel, from `floor` to 16.

    Raises:
        ValueError: if digit is not a whole number from 0 to 9, or floor is not in (0, 16].
    """
    digit = check_digit(digit)
    if not _is_real(floor) or not 0 < floor <= MAX_COUNT:
        raise ValueError(f"floor must be a number above 0 and at most {MAX_COUNT}; got {floor!r}.")
    return np.maximum(_typeset(digit), float(floor))


def letter(character):
    """A letter, A to Z or a to z, as the typeface draws it: ink [64], 0 to 16. Anything else raises ValueError."""
    if not isinstance(character, str) or len(character) != 1 or not (character.isascii() and character.isalpha()):
        raise ValueError(f"character must be one letter, A to Z or a to z; got {character!r}.")
    return _typeset(character)


def load_counts(path):
    """A reader's own table of counts from a CSV file: one sample a row, one feature a column.

    A first row of names, none of them a number, is a header: it is printed, so that no data are lost unseen. Blank
    rows are passed over.

    Args:
        path: the file's path; comma-separated, UTF-8.

    Returns:
        int array [samples, features]: counts, 0..2^24.

    Raises:
        ValueError: one sentence that names the file and, where one is at fault, its row and column (both from 1).
    """
    rows = _rows_of(path)
    if rows and not any(map(_is_number, rows[0][1])):
        (number, names), *rows = rows
        for column, name in enumerate(names, 1):
            _check_name(f"{path}: row {number}, column {column}", name.strip())
        if rows:
            shown = _short(", ".join(map(str.strip, names)))
            print(f"{os.path.basename(path)}: row {number} is taken for a header: {shown}.")
        width = len(names)
    else:
        width = len(rows[0][1]) if rows else 0
    if not rows:
        raise ValueError(f"{path}: the file holds no counts.")
    for number, row in rows:
        if len(row) != width:
            raise ValueError(f"{path}: row {number} has {len(row)} cells where {width} are expected.")
    return np.array(
        [[_count(f"{path}: row {i}, column {j}", cell) for j, cell in enumerate(row, 1)] for i, row in rows]
    )


def _rows_of(path):
    """(number, cells) of each row that is not blank, or a ValueError about the file."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise ValueError(f"path must be the path of a CSV file, such as 'counts.csv'; got {path!r}.")
    if "://" in os.fspath(path):
        raise ValueError(f"{path}: this is an address on the web. Download the file, and give its path.")
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [(number, row) for number, row in enumerate(csv.reader(file), start=1) if any(map(str.strip, row))]
    except (FileNotFoundError, IsADirectoryError):
        raise ValueError(f"{path}: there is no such file.") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: this is not a CSV file in UTF-8 text.") from None
    except csv.Error as error:  # a cell of 200,000 digits
        raise ValueError(f"{path}: the file cannot be read ({error}).") from None
    except (OSError, ValueError) as error:  # no permission, a name too long
        raise ValueError(f"{_short(str(path))}: the file cannot be read ({_short(str(error))}).") from None
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if any(mark in cell for _, row in rows[:2] for cell in row):
            raise ValueError(f"{path}: this looks like {name} between the cells. Save it with commas.")
    return rows


def _check_name(where, name):
    """A name in a header, or a ValueError: what is no name may be a count in another notation."""
    if not name:
        raise ValueError(f"{where} is empty. If the column is pandas' index, save with index=False; else name it.")
    if name.lower() in ("n/a", "na", "none", "null", "missing") or not (name[0].isalpha() or name[0] == "_"):
        raise ValueError(
            f"{where} is {_short(name)!r}: no plain number, and no name, which begins with a letter. "
            "A count is written like 1234, without separators, units or marks for missing values."
        )


def _short(text):
    return text if len(text) <= 80 else f"{text[:77]}..."


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _count(where, cell):
    """One cell as an int, or a ValueError that says where and why not."""
    text = _short(cell.strip())
    if not _is_number(cell):
        raise ValueError(f"{where} is {f'{text!r}, which is not a number' if text else 'empty'}.")
    value = float(cell)
    if math.isnan(value):
        raise ValueError(f"{where} is NaN; a count must be a whole number, 0 or more.")
    if value < 0:
        raise ValueError(f"{where} is {text}, which is negative; a count must be 0 or more.")
    if value > MOST_EXACT:
        raise ValueError(f"{where} is {text}; counts above {MOST_EXACT:,} are not exact in float32.")
    if value != int(value):
        raise ValueError(f"{where} is {text}, which is a fraction; a count must be a whole number.")
    return int(value)


def check_digit(digit):
    """The digit as an int, or a ValueError in one sentence."""
    if isinstance(digit, bool | np.bool_) or not isinstance(digit, int | np.integer) or not 0 <= digit <= 9:
        raise ValueError(f"digit must be a whole number from 0 to 9; got {digit!r}.")
    return int(digit)


@functools.cache
def _typeset(digit, cells=32):
    """Ink of each pixel [64], 0..16: the share of its cells x cells sub-pixels that the outline covers."""
    bold = FontProperties(family="DejaVu Sans", weight="bold")
    outline = TextPath((0, 0), str(digit), size=100, prop=bold)
    box = outline.get_extents()
    # Height fills the image; the width keeps its proportion and is centred, squeezed only if it would not fit.
    scale_y = SIDE / box.height
    scale_x = min(scale_y, SIDE / box.width)
    placed = outline.transformed(
        Affine2D().translate(-box.x0 - box.width / 2, -box.y0).scale(scale_x, scale_y).translate(SIDE / 2, 0)
    )
    with matplotlib.rc_context({"path.simplify": False}):
        figure = Figure(figsize=(1, 1), dpi=SIDE * cells)
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, SIDE), ylim=(0, SIDE))
        axes.set_axis_off()
        axes.add_patch(PathPatch(placed, facecolor="black", linewidth=0))
        canvas.draw()
        ink = 1 - np.asarray(canvas.buffer_rgba())[..., 0] / 255.0
    pixels = ink.reshape(SIDE, cells, SIDE, cells).mean(axis=(1, 3))
    pixels = MAX_COUNT * pixels.ravel()
    pixels.setflags(write=False)
    return pixels


def _is_real(value):
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool | np.bool_)
    return real and math.isfinite(value)
