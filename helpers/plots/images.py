"""Pictures of pixels: rows and grids of 8x8 images on one shared colour scale."""

import matplotlib
import numpy as np
from matplotlib.collections import EllipseCollection
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from helpers import style
from helpers.data import MAX_COUNT, SIDE
from helpers.plots.panels import colour_bar

BEYOND = style.BEYOND  # for counts that no real image can hold

_LARGEST_SIDE = 1.45  # inches of one image
_GAP = 0.08  # inches between images
_EDGE = 0.06  # inches of paper around everything
# inches, left to right, after the last gap: more of it, the colour bar, its words
_BAR = (0.06, 0.13, 0.55 + _EDGE)
_LINE, _LETTER = 0.2, 0.083  # inches, one line of a label and, on average, one of its letters


def image_row(images, labels, **look):
    """Images side by side, a short label above each ("" for none): an `image_grid` of one row, with
    its options."""
    return image_grid([images], [labels], **look)


def image_grid(
    rows,
    labels=None,
    *,
    row_labels=None,
    unit="counts",
    limits=(0, MAX_COUNT),
    cmap=style.INK,
    over=None,
):
    """Rows of images on one colour scale, its bar as tall as the images.

    Args: rows: lists of arrays [64] or [8, 8], which may differ in length; labels: None, or lists
    of strings as `rows`, written above the images; row_labels: None, or a string a row, at its
    left; unit: the colour bar's label; limits: (least, most) of the colour scale; cmap: its name;
    over: None, or a colour for pixels above the scale.
    """
    columns = max(map(len, rows))
    labels = labels or [[""] * columns for _ in rows]
    row_labels = row_labels or [""] * len(rows)
    longest = max(len(line) for label in row_labels for line in label.split("\n"))
    margin = 0.1 + _LETTER * longest if longest else 0.0
    above = [_LINE * max(label.count("\n") + bool(label) for label in row) for row in labels]
    side = min(_LARGEST_SIDE, (8.0 - _EDGE - margin - sum(_BAR)) / columns - _GAP)
    figure, grid = sheet(side, columns, above, margin)
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            ax = figure.add_subplot(grid[2 * i + 1, 2 * j + 1])
            picture = draw_image(ax, image, limits=limits, cmap=cmap, over=over)
            ax.set_title(labels[i][j], fontsize=10, pad=3)
            if j == 0:
                ax.set_ylabel(row_labels[i], rotation=0, ha="right", va="center", fontsize=10)
    draw_bar(figure.add_subplot(grid[1:-1, -2]), picture, unit=unit, over=over)
    return figure


def sheet(side, columns, above, margin=0.0):
    """A figure of square places for images, as large as its inches say, beside a place for a colour
    bar.

    Args: side: of an image; columns: images side by side; above: one number a row, room for words;
    margin: room at the left; inches. Returns: Figure, GridSpec: image i, j stands at [2 * i + 1, 2
    * j + 1], the bar at [1:-1, -2].
    """
    widths = [_EDGE + margin, *[side, _GAP] * columns, *_BAR]
    heights = [
        _EDGE + above[0],
        *np.ravel([(side, _GAP + room) for room in above[1:]]),
        side,
        _EDGE,
    ]
    figure = style.new_figure(sum(widths), sum(heights))
    figure.set_layout_engine("none")
    places = {"left": 0, "right": 1, "bottom": 0, "top": 1, "wspace": 0, "hspace": 0}
    shape = {"width_ratios": widths, "height_ratios": heights}
    return figure, figure.add_gridspec(len(heights), len(widths), **shape, **places)


def draw_bar(ax, picture, *, unit="counts", over=None):
    """The colour bar of a picture on axes of its own, with a white dot at its upper end if there is
    a colour `over`."""
    ticks = MaxNLocator(4, steps=[1, 2, 4, 5, 10])
    colour_bar(picture, unit, cax=ax, extend="max" if over else "neither", ticks=ticks)
    if over:
        ax.plot(0.5, 1.018, "w.", markersize=3.5, transform=ax.transAxes, clip_on=False)
    ax.tick_params(labelsize=9, length=3)


def draw_image(ax, image, *, limits=(0, MAX_COUNT), cmap=style.INK, over=None):
    """One image on given axes, without ticks, grey where it is NaN; returns the AxesImage.

    A pixel above the scale, in the colour `over`, has a white dot too: without colour it would look
    half full.
    """
    image = np.asarray(image, dtype=float).reshape(SIDE, SIDE)
    ax.grid(False)
    ax.set(xticks=[], yticks=[], facecolor=style.MISSING)
    ax.spines[:].set_visible(False)
    if over:
        cmap = matplotlib.colormaps[cmap].with_extremes(over=over)
        above = np.argwhere(image > limits[1])[:, ::-1]
        dots = {
            "units": "xy",
            "facecolors": "white",
            "linewidths": 0,
            "offset_transform": ax.transData,
        }
        ax.add_collection(EllipseCollection(0.3, 0.3, 0, offsets=above, **dots), autolim=False)
    return ax.imshow(image, vmin=limits[0], vmax=limits[1], cmap=cmap)


def frame_pixel(ax, pixel, color):
    """Mark one pixel of an image by a coloured frame with a white rim."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) + divmod(pixel, SIDE)[::-1] - 0.5
    rim = withStroke(linewidth=3.5, foreground="white")
    ax.plot(*corners.T, color=color, linewidth=2, clip_on=False, path_effects=[rim])
