"""Pictures of pixels: rows and grids of 8x8 images on one shared colour scale."""

import matplotlib
import numpy as np
from matplotlib.ticker import MaxNLocator, MultipleLocator

from helpers import style

MAX_COUNT = 16
BEYOND = "#D55E00"  # for counts that no real image can hold

_LARGEST_SIDE = 1.45  # inches of one image
_GAP = 0.08  # inches between images
_BAR_GAP, _BAR_WIDTH, _BAR_WORDS = 0.14, 0.13, 0.55  # inches, left to right, beside the images
_LINE = 0.2  # inches, one line of a label
_EDGE = 0.06  # inches of paper around everything


def image_row(images, labels, *, unit="counts", limits=(0, MAX_COUNT), cmap=style.INK, width=None, over=None):
    """Images side by side on one colour scale, a label above each.

    Args:
        images: list of arrays [64] or [8, 8].
        labels: list of short strings, one an image; "" for none.
        unit: the colour bar's label.
        limits: (least, most) of the colour scale.
        cmap: name of a colour map.
        width: inches; chosen from the number of images if None.
        over: None, or a colour for pixels above the scale.

    Returns:
        matplotlib Figure.
    """
    return image_grid([images], [labels], unit=unit, limits=limits, cmap=cmap, width=width, over=over)


def image_grid(
    rows, labels=None, *, row_labels=None, unit="counts", limits=(0, MAX_COUNT), cmap=style.INK, width=None, over=None
):
    """Rows of images on one colour scale, its bar as tall as the images.

    Args:
        rows: list of lists of arrays [64] or [8, 8]; rows may differ in length.
        labels: None, or lists of strings as `rows`, written above the images.
        row_labels: None, or one string a row, written to its left.
        unit, limits, cmap, width, over: as for `image_row`.

    Returns:
        matplotlib Figure.
    """
    columns = max(len(row) for row in rows)
    margin = _EDGE + max((_text_width(label) for label in row_labels), default=0) if row_labels else _EDGE
    bar_space = _BAR_GAP + _BAR_WIDTH + _BAR_WORDS + _EDGE
    side = _LARGEST_SIDE
    if width is not None or margin + columns * (side + _GAP) + bar_space > 8.0:
        side = ((width or 8.0) - margin - bar_space - (columns - 1) * _GAP) / columns
    above = [_label_height(row) for row in labels] if labels else [0.0] * len(rows)
    total_width = margin + columns * side + (columns - 1) * _GAP + bar_space
    total_height = 2 * _EDGE + sum(above) + len(rows) * side + (len(rows) - 1) * _GAP

    figure = style.new_figure(total_width, total_height)
    figure.set_layout_engine("none")  # every place is known in inches

    def box(left, bottom, width, height):
        return left / total_width, bottom / total_height, width / total_width, height / total_height

    top = total_height - _EDGE
    for i, row in enumerate(rows):
        bottom = top - above[i] - side
        for j, image in enumerate(row):
            ax = figure.add_axes(box(margin + j * (side + _GAP), bottom, side, side))
            picture = draw_image(ax, image, limits=limits, cmap=cmap, over=over)
            if labels and labels[i][j]:
                ax.set_title(labels[i][j], fontsize=10, pad=3)
            if j == 0 and row_labels:
                ax.set_ylabel(row_labels[i], rotation=0, ha="right", va="center", fontsize=10)
        top = bottom - _GAP
    bar_height = total_height - 2 * _EDGE - above[0]
    place = box(total_width - bar_space + _BAR_GAP, _EDGE, _BAR_WIDTH, bar_height)
    _draw_bar(figure, picture, place, unit, limits, over)
    return figure


def draw_image(ax, image, *, limits=(0, MAX_COUNT), cmap=style.INK, over=None):
    """One image on given axes, without ticks; returns the AxesImage."""
    image = np.asarray(image, dtype=float)
    side = round(np.sqrt(image.size))
    ax.grid(False)
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    if over:
        cmap = matplotlib.colormaps[cmap].with_extremes(over=over)
    return ax.imshow(image.reshape(side, side), vmin=limits[0], vmax=limits[1], cmap=cmap)


def frame_pixel(ax, pixel, color, side=8):
    """Mark one pixel of an image by a coloured frame."""
    row, column = divmod(pixel, side)
    xs = np.array([0, 1, 1, 0, 0]) + column - 0.5
    ys = np.array([0, 0, 1, 1, 0]) + row - 0.5
    ax.plot(xs, ys, color="white", linewidth=3.5, clip_on=False)
    ax.plot(xs, ys, color=color, linewidth=2, clip_on=False)


def numbered_image(image, others):
    """One image with its counts written into the pixels, and some more beside it.

    Args:
        image: whole counts [64].
        others: up to six arrays [64], drawn in two rows; none is allowed.

    Returns:
        matplotlib Figure.
    """
    small = 1.4
    large = 2 * small + _GAP
    columns = -(-len(others) // 2)
    bar_space = _BAR_GAP + _BAR_WIDTH + _BAR_WORDS + _EDGE
    total_width = _EDGE + large + columns * (small + _GAP) + bar_space
    total_height = large + 2 * _EDGE
    figure = style.new_figure(total_width, total_height)
    figure.set_layout_engine("none")

    def box(left, bottom, width, height):
        return left / total_width, bottom / total_height, width / total_width, height / total_height

    ax = figure.add_axes(box(_EDGE, _EDGE, large, large))
    picture = draw_image(ax, image)
    for j, count in enumerate(image):
        row, column = divmod(j, 8)
        ink = "white" if count < 9 else "black"
        ax.text(column, row, f"{count:.0f}", ha="center", va="center", fontsize=9, color=ink)
    for k, other in enumerate(others):
        column, row = divmod(k, 2)
        left = _EDGE + large + _GAP + column * (small + _GAP)
        draw_image(figure.add_axes(box(left, _EDGE + (1 - row) * (small + _GAP), small, small)), other)
    place = box(total_width - bar_space + _BAR_GAP, _EDGE, _BAR_WIDTH, large)
    _draw_bar(figure, picture, place, "counts", (0, MAX_COUNT), None)
    return figure


def typeface_steps(polygons, fine, pixels):
    """How a letter becomes an image: its outline, the outline filled, the average over each pixel.

    Args:
        polygons: list of arrays [corners, 2], in pixels, y upwards.
        fine: array [8 n, 8 n] of 0 and 1, first row on top.
        pixels: array [64], counts.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8.0, 2.75, 1, 3)
    for ax, words in zip(axes, ("outline", "filled", "averaged"), strict=True):
        ax.set_title(words, fontsize=11)
    side = 8
    for polygon in polygons:
        closed = np.vstack([polygon, polygon[:1]])
        axes[0].plot(closed[:, 0], side - closed[:, 1], color="black", linewidth=1.6)
    axes[1].imshow(fine, cmap="gray_r", vmin=0, vmax=1, extent=(0, side, side, 0))
    picture = draw_image(axes[2], pixels)
    for ax in axes[:2]:
        ax.grid(False)
        ax.set(xlim=(0, side), ylim=(side, 0), aspect="equal", xticks=[], yticks=[])
        for k in range(side + 1):
            ax.axhline(k, color="#B0B0B0", linewidth=0.8, zorder=0 if ax is axes[0] else 2)
            ax.axvline(k, color="#B0B0B0", linewidth=0.8, zorder=0 if ax is axes[0] else 2)
        ax.spines[:].set_visible(False)
    bar = figure.colorbar(picture, cax=axes[2].inset_axes((1.04, 0, 0.06, 1)), ticks=range(0, 17, 4))
    bar.set_label("counts")
    bar.outline.set_visible(False)
    return figure


def _draw_bar(figure, picture, place, unit, limits, over):
    bar = figure.colorbar(picture, cax=figure.add_axes(place), extend="max" if over else "neither")
    whole = tuple(limits) == (0, MAX_COUNT)
    bar.ax.yaxis.set_major_locator(MultipleLocator(4) if whole else MaxNLocator(4, steps=[1, 2, 4, 5, 10]))
    bar.ax.tick_params(labelsize=9, length=3)
    bar.set_label(unit, fontsize=10)
    bar.outline.set_visible(False)


def _text_width(words, inches_a_character=0.083):
    return 0.1 + inches_a_character * max(len(line) for line in words.split("\n"))


def _label_height(labels):
    lines = max((label.count("\n") + 1 for label in labels if label), default=0)
    return lines * _LINE
