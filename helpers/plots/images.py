"""Pictures of pixels: rows and grids of 8x8 images on one shared colour scale."""

import numpy as np

from helpers import style

MAX_COUNT = 16


def image_row(images, labels, *, unit="counts", limits=(0, MAX_COUNT), cmap=style.INK, width=None):
    """Images side by side on one colour scale, a label above each.

    Args:
        images: list of arrays [64] or [8, 8].
        labels: list of short strings, one an image; "" for none.
        unit: the colour bar's label.
        limits: (least, most) of the colour scale.
        cmap: name of a colour map.
        width: inches; chosen from the number of images if None.

    Returns:
        matplotlib Figure.
    """
    return image_grid([images], [labels], unit=unit, limits=limits, cmap=cmap, width=width)


def image_grid(rows, labels=None, *, row_labels=None, unit="counts", limits=(0, MAX_COUNT), cmap=style.INK, width=None):
    """Rows of images on one colour scale.

    Args:
        rows: list of lists of arrays [64] or [8, 8]; rows may differ in length.
        labels: None, or lists of strings as `rows`, written above the images.
        row_labels: None, or one string a row, written to its left.
        unit, limits, cmap, width: as for `image_row`.

    Returns:
        matplotlib Figure.
    """
    columns = max(len(row) for row in rows)
    width = width or min(8.0, 1.6 * columns + 0.9)
    side = (width - 0.9) / columns
    figure, axes = style.new_axes(
        width, side * len(rows) + 0.35 * (1 + bool(labels)), len(rows), columns, squeeze=False
    )
    for i, row in enumerate(axes):
        for j, ax in enumerate(row):
            if j >= len(rows[i]):
                ax.set_visible(False)
                continue
            picture = draw_image(ax, rows[i][j], limits=limits, cmap=cmap)
            if labels and labels[i][j]:
                ax.set_title(labels[i][j], fontsize=10)
        if row_labels:
            row[0].set_ylabel(row_labels[i], rotation=0, ha="right", va="center")
    bar = figure.colorbar(picture, ax=axes, fraction=0.05, aspect=12 * len(rows), pad=0.02)
    bar.set_label(unit)
    bar.outline.set_visible(False)
    return figure


def draw_image(ax, image, *, limits=(0, MAX_COUNT), cmap=style.INK):
    """One image on given axes, without ticks; returns the AxesImage."""
    image = np.asarray(image, dtype=float)
    side = round(np.sqrt(image.size))
    ax.grid(False)
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax.imshow(image.reshape(side, side), vmin=limits[0], vmax=limits[1], cmap=cmap)


def frame_pixel(ax, pixel, color, side=8):
    """Mark one pixel of an image by a coloured frame."""
    row, column = divmod(pixel, side)
    xs = np.array([0, 1, 1, 0, 0]) + column - 0.5
    ys = np.array([0, 0, 1, 1, 0]) + row - 0.5
    ax.plot(xs, ys, color="white", linewidth=3.5, clip_on=False)
    ax.plot(xs, ys, color=color, linewidth=2, clip_on=False)
