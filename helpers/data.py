"""Counts to learn from, and what is known before looking at them. No JAX here."""

import functools
import math

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from sklearn.datasets import load_digits

SIDE = 8  # pixels along one side of an image
NUM_PIXELS = SIDE * SIDE
MAX_COUNT = 16  # each pixel counts the inked cells of a 4x4 block
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
    images, labels = _all_digits()
    return images[labels == check_digit(digit)]


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


def check_digit(digit):
    """The digit as an int, or a ValueError in one sentence."""
    if isinstance(digit, bool | np.bool_) or not isinstance(digit, int | np.integer) or not 0 <= digit <= 9:
        raise ValueError(f"digit must be a whole number from 0 to 9; got {digit!r}.")
    return int(digit)


@functools.cache
def _all_digits():
    bunch = load_digits()
    images = bunch.data.astype(int)
    images.setflags(write=False)
    return images, bunch.target


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
        Affine2D()
        .translate(-box.x0 - box.width / 2, -box.y0)
        .scale(scale_x, scale_y)
        .translate(SIDE / 2, 0)
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
