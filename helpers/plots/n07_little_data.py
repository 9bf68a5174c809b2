"""Pictures of what knowledge is worth: scores against the number of images, the evidence, coverage, own counts."""

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


def learning_curves(sizes, panels):
    """Scores against the number of images, a line and a band for each way of learning.

    Args:
        sizes: list of whole numbers [n], above 0, ascending.
        panels: dict from an upright axis's label to curves, a dict from a label to (line, scores [subsets, n]), line
            a dict of colour and line style. The line is the mean over the subsets, the band runs from the 10% to the
            90% quantile.

    Returns:
        matplotlib Figure.
    """
    num = len(panels)
    ratios = [2.2] + [1] * (num - 1)
    figure, axes = style.new_axes(6.5 + 1.5 * num, 4.0, 1, num, squeeze=False, width_ratios=ratios)
    for ax, (name, curves) in zip(axes[0], panels.items(), strict=True):
        lines = []
        for line, scores in curves.values():
            low, high = np.quantile(scores, (0.1, 0.9), axis=0)
            ax.fill_between(sizes, low, high, color=line["color"], alpha=0.15, linewidth=0)
            lines.append(ax.plot(sizes, np.mean(scores, axis=0), **line)[0])
        _image_axis(ax, sizes)
        ax.set(ylabel=name)
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
            ax.plot(strengths, row - row[best], label=f"{size} image{'s' * (size > 1)}", **line)
            ax.plot(strengths[best], 0, "o", color=line["color"], markersize=8, clip_on=False)
        ax.set(xscale="log", xlabel="strength of the prior (images)", ylabel=name)
        ax.set(xlim=(strengths[0], strengths[-1]), ylim=(-60, 3))
    axes[0].legend(loc="center right", fontsize=10, frameon=False)  # lines that run into one another
    return figure


def coverage(sizes, panels):
    """What predictive intervals promise and what they hold, against the number of images.

    Args:
        sizes: whole numbers [n], above 0, ascending.
        panels: dict from a panel's words to a list of at most two (label, promised [n], held [n]), shares 0 to 1.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(9.0, 3.4, 1, len(panels), sharey=True)
    for ax, (words, groups) in zip(axes, panels.items(), strict=True):
        for (label, promised, held), dashes, mark in zip(groups, ("-", (0, (5, 2))), "os", strict=False):
            look = {"linestyle": dashes, "marker": mark, "markersize": 4}
            ax.plot(sizes, promised, color=style.COLOURS["prior"], label=f"{label}: promised", **look)
            ax.plot(sizes, held, color="black", label=f"{label}: held", **look)
        _image_axis(ax, sizes)
        ax.set(ylim=(0, 1.05))
        ax.text(0.02, 0.04, words, transform=ax.transAxes, fontsize=10)
    axes[0].set(ylabel="counts inside the interval")
    axes[0].yaxis.set_major_formatter(PercentFormatter(1.0))
    names = axes[0].get_legend_handles_labels()
    figure.legend(*names, loc="outside upper center", ncols=2, fontsize=10, frameon=False)
    return figure


def features(names, expected, measured, interval, truth=None):
    """A reader's own table, one row a feature, on a log axis: expected, measured, and the posterior's interval.

    Args:
        names: list of strings [d].
        expected: [d], counts, above 0.
        measured: [samples, d], counts; zeros are drawn at half a count.
        interval: (lower, upper), arrays [d], counts.
        truth: None, or [d], counts.

    Returns:
        matplotlib Figure.
    """
    rows = np.arange(len(names))[::-1]
    figure, ax = style.new_axes(8.0, 0.29 * len(names) + 1.2)
    lower, upper = interval
    blue = style.COLOURS["surrogate"]
    ax.hlines(rows, np.maximum(lower, 0.05), upper, color=blue, linewidth=7, alpha=0.35, label="90% of q")
    ax.plot(expected, rows, "|", color=style.COLOURS["prior"], markersize=13, markeredgewidth=2.5, label="expected")
    for i, sample in enumerate(np.maximum(measured, 0.5)):
        ax.plot(sample, rows, "o", color="black", markersize=4, label="measured" if i == 0 else None)
    if truth is not None:
        hollow = {"markersize": 8, "markeredgewidth": 1.8, "markerfacecolor": "none"}
        ax.plot(truth, rows, "D", color=style.COLOURS["likelihood"], label="truth", **hollow)
    ax.set(xscale="log", xlabel="counts in one sample (log scale)", yticks=rows, yticklabels=names)
    ax.grid(axis="y", visible=False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=4, fontsize=10, frameon=False)
    return figure


def _image_axis(ax, sizes):
    ax.set(xscale="log", xlabel="images to learn from", xlim=(sizes[0] * 0.93, sizes[-1] * 1.07))
    ax.xaxis.set_major_locator(FixedLocator(sizes))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter("{x:.0f}")
