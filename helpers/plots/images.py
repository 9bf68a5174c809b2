"""Pictures of pixels: rows and grids of 8x8 images on one shared colour scale."""

import matplotlib
import numpy as np
from matplotlib.collections import EllipseCollection
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator, MultipleLocator

from helpers import style
from helpers.plots.panels import colour_bar

MAX_COUNT = 16
BEYOND = style.BEYOND  # for counts that no real image can hold

_LARGEST_SIDE = 1.45  # inches of one image
_GAP = 0.08  # inches between images
_BAR_GAP, _BAR_WIDTH, _BAR_WORDS = 0.14, 0.13, 0.55  # inches, left to right, beside the images
_LINE, _LETTER = 0.2, 0.083  # inches, one line of a label and, on average, one of its letters
_EDGE = 0.06  # inches of paper around everything
_BAR_SPACE = _BAR_GAP + _BAR_WIDTH + _BAR_WORDS + _EDGE


def image_row(images, labels, **look):
    """Images side by side on one colour scale, a label above each.

    Args: images: list of arrays [64] or [8, 8]; labels: list of short strings, "" for none; look: as for `image_grid`.
    """
    return image_grid([images], [labels], **look)


def image_grid(rows, labels=None, *, row_labels=None, unit="counts", limits=(0, MAX_COUNT), cmap=style.INK, over=None):
    """Rows of images on one colour scale, its bar as tall as the images.

    Args: rows: list of lists of arrays [64] or [8, 8], which may differ in length; labels: None, or lists of strings as
    `rows`, written above the images; row_labels: None, or one string a row, written to its left; unit: the colour bar's
    label; limits: (least, most) of the colour scale; cmap: name of a colour map; over: None, or a colour for pixels
    above the scale.
    """
    columns = max(len(row) for row in rows)
    lines = [line for label in row_labels or () for line in label.split("\n")]
    margin = 0.1 + _LETTER * max(map(len, lines)) if lines else 0.0
    side = _LARGEST_SIDE
    if _EDGE + margin + columns * (side + _GAP) + _BAR_SPACE > 8.0:
        side = (8.0 - _EDGE - margin - _BAR_SPACE - (columns - 1) * _GAP) / columns
    above = [_LINE * max(label.count("\n") + bool(label) for label in row) for row in labels or [[""]] * len(rows)]
    sheet = Sheet(margin + columns * side + (columns - 1) * _GAP, sum(above) + len(rows) * (side + _GAP) - _GAP)
    top = 0.0
    for i, row in enumerate(rows):
        top += above[i]
        for j, image in enumerate(row):
            ax = sheet.axes(margin + j * (side + _GAP), top, side)
            picture = draw_image(ax, image, limits=limits, cmap=cmap, over=over)
            if labels and labels[i][j]:
                ax.set_title(labels[i][j], fontsize=10, pad=3)
            if j == 0 and row_labels:
                ax.set_ylabel(row_labels[i], rotation=0, ha="right", va="center", fontsize=10)
        top += side + _GAP
    sheet.bar(picture, unit=unit, limits=limits, over=over, below=above[0])
    return sheet.figure


class Sheet:
    """A figure whose square images stand at places known in inches, from the upper left; room for a bar beside them."""

    def __init__(self, width, height):
        self.size = width + _EDGE + _BAR_SPACE, height + 2 * _EDGE
        self.figure = style.new_figure(*self.size)
        self.figure.set_layout_engine("none")

    def axes(self, left, top, width, height=None):
        """New axes, `left` and `top` inches from the corner; square if no height is given."""
        height = height or width
        across, up = self.size
        bottom = up - _EDGE - top - height
        return self.figure.add_axes(((_EDGE + left) / across, bottom / up, width / across, height / up))

    def bar(self, picture, *, unit="counts", limits=(0, MAX_COUNT), over=None, below=0.0):
        """The colour bar at the right, `below` inches under the upper edge."""
        across, up = self.size
        ax = self.axes(across - _EDGE - _BAR_SPACE + _BAR_GAP, below, _BAR_WIDTH, up - 2 * _EDGE - below)
        bar = colour_bar(picture, cax=ax, extend="max" if over else "neither")
        if over:
            ax.plot(0.5, 1.018, "w.", markersize=3.5, transform=ax.transAxes, clip_on=False)
        whole = tuple(limits) == (0, MAX_COUNT)
        ax.yaxis.set_major_locator(MultipleLocator(4) if whole else MaxNLocator(4, steps=[1, 2, 4, 5, 10]))
        ax.tick_params(labelsize=9, length=3)
        bar.set_label(unit, fontsize=10)


def draw_image(ax, image, *, limits=(0, MAX_COUNT), cmap=style.INK, over=None):
    """One image on given axes, without ticks, grey where it is NaN; returns the AxesImage.

    A pixel above the scale, in the colour `over`, has a white dot too: without colour it would look half full.
    """
    image = np.asarray(image, dtype=float).reshape(8, 8)
    ax.grid(False)
    ax.set(xticks=[], yticks=[], facecolor=style.MISSING)
    ax.spines[:].set_visible(False)
    if over:
        cmap = matplotlib.colormaps[cmap].with_extremes(over=over)
        above = np.argwhere(image > limits[1])[:, ::-1]
        dots = {"units": "xy", "facecolors": "white", "linewidths": 0, "offset_transform": ax.transData}
        ax.add_collection(EllipseCollection(0.3, 0.3, 0, offsets=above, **dots), autolim=False)
    return ax.imshow(image, vmin=limits[0], vmax=limits[1], cmap=cmap)


def frame_pixel(ax, pixel, color):
    """Mark one pixel of an image by a coloured frame with a white rim."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) + divmod(pixel, 8)[::-1] - 0.5
    rim = withStroke(linewidth=3.5, foreground="white")
    ax.plot(*corners.T, color=color, linewidth=2, clip_on=False, path_effects=[rim])
