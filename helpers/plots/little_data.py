"""Pictures of what knowledge is worth: scores against the number of images, the evidence, coverage."""

import numpy as np
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

from helpers import style
from helpers.plots.images import draw_image
from helpers.plots.labels import label_lines

# One hue for one family of lines, dark for strong; the line style tells them apart without colour.
FAMILY = (
    {"color": "#5592C8", "linestyle": (0, (1, 1))},
    {"color": "#2F78B7", "linestyle": (0, (5, 1.5))},
    {"color": "#14529A", "linestyle": (0, (6, 1.5, 1, 1.5))},
    {"color": "#08264F", "linestyle": "-"},
)

WRONG = "#B5473A"  # what was learned from wrong knowledge


def mean_and_spread(columns, labels, most=16):
    """For each gamma, the mean of its rates above and their standard deviation below, two colour scales.

    Args:
        columns: list of (means [64], standard deviations [64]), counts.
        labels: list of short strings, one a column.
        most: right end of the colour scale of the means, counts.

    Returns:
        matplotlib Figure.
    """
    num = len(columns)
    figure, axes = style.new_axes(1.75 * num + 1.4, 4.1, 2, num, squeeze=False)
    widest = max(float(np.max(spread)) for _, spread in columns)
    for row, (limit, name) in enumerate(((most, "mean of q (counts)"), (widest, "std of q (counts)"))):
        for ax, column, label in zip(axes[row], columns, labels, strict=True):
            picture = draw_image(ax, column[row], limits=(0, limit))
            if row == 0:
                ax.set_title(label, fontsize=10)
        bar = figure.colorbar(picture, ax=axes[row], fraction=0.05, pad=0.02)
        bar.set_label(name, fontsize=10)
        bar.outline.set_visible(False)
    return figure


def learning_curves(sizes, curves, score="held-out score (nats an image)", floor=None):
    """A score against the number of images, a line and a band for each way of learning.

    Args:
        sizes: list of whole numbers [n], above 0, ascending.
        curves: dict from a label to (line, scores [subsets, n]), line a dict of colour and line style. The line is
            the mean over the subsets, the band runs from the 10% to the 90% quantile.
        score: label of the upright axis.
        floor: least score shown; None shows all.

    Returns:
        matplotlib Figure.
    """
    figure, ax = style.new_axes(8.0, 4.0)
    lines = []
    for line, scores in curves.values():
        low, high = np.quantile(scores, (0.1, 0.9), axis=0)
        ax.fill_between(sizes, low, high, color=line["color"], alpha=0.15, linewidth=0)
        lines.append(ax.plot(sizes, np.mean(scores, axis=0), **line)[0])
    _image_axis(ax, sizes)
    ax.set(ylabel=score)
    if floor is not None:
        ax.set_ylim(bottom=floor)
    label_lines(ax, lines, list(curves))
    return figure


def strength_curves(strengths, evidence, scores, sizes):
    """Evidence and held-out score against the prior's strength, each line from its own maximum.

    Args:
        strengths: [k], images, ascending.
        evidence, scores: [n, k], nats; a row for each number of images.
        sizes: whole numbers [n], at most four.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(9.0, 3.5, 1, 2, sharex=True)
    for ax, rows, name in (
        (axes[0], evidence, "evidence, from its maximum (nats)"),
        (axes[1], scores, "held-out score, from its maximum\n(nats an image)"),
    ):
        for row, line, size in zip(rows, FAMILY, sizes, strict=False):
            best = int(np.argmax(row))
            ax.plot(strengths, row - row[best], label=_images(size), **line)
            ax.plot(strengths[best], 0, "o", color=line["color"], markersize=8, clip_on=False)
        ax.set(xscale="log", xlabel="strength of the prior (images)", ylabel=name)
        ax.set(xlim=(strengths[0], strengths[-1]), ylim=(-60, 3))
    axes[0].legend(loc="center right", fontsize=10, frameon=False)  # lines that run into one another
    return figure


def coverage(sizes, observed, expected, level, names):
    """How often intervals held what they should, against the number of images: on data, and were the model true.

    Args:
        sizes: whole numbers [n], above 0, ascending.
        observed: list of arrays [n], one a panel, shares 0 to 1.
        expected: list of arrays [n], the same where the model is true.
        level: the intervals' nominal probability.
        names: list of strings, one a panel.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(9.0, 3.2, 1, len(names), sharey=True)
    for ax, seen, ideal, name in zip(axes, observed, expected, names, strict=True):
        ax.axhline(level, color="#767676", linestyle=":", linewidth=1.5)
        lines = [
            ax.plot(sizes, ideal, "s--", color=style.COLOURS["surrogate"])[0],
            ax.plot(sizes, seen, "o-", color="black")[0],
        ]
        _image_axis(ax, sizes)
        ax.set(ylim=(0, 1.05), title="")
        ax.text(0.02, 0.04, name, transform=ax.transAxes, fontsize=10)
        promise = np.column_stack([sizes, np.full(len(sizes), level)])
        label_lines(ax, lines, ["if the model were true", "handwritten digits"], avoid=[promise] * 4)
    axes[0].set(ylabel="share inside the interval")
    axes[0].yaxis.set_major_formatter(PercentFormatter(1.0))
    return figure


def _image_axis(ax, sizes):
    ax.set(xscale="log", xlabel="images to learn from", xlim=(sizes[0] * 0.93, sizes[-1] * 1.07))
    ax.xaxis.set_major_locator(FixedLocator(sizes))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter("{x:.0f}")


def _images(number):
    return f"{number} image{'' if number == 1 else 's'}"
