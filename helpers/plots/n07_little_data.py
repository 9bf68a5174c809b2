"""Figures of notebook 7: scores against the number of images, the evidence, intervals that hold,
your own counts."""

import numpy as np

from helpers import style
from helpers.plots.images import MAX_COUNT, draw_image
from helpers.plots.labels import label_lines
from helpers.plots.panels import colour_bar, corner, dots, rows


def mean_and_spread(columns, labels):
    """For each gamma, the mean of its rates above and their standard deviation below, two colour
    scales.

    Args: columns: list of (means [64], standard deviations [64]), counts; labels: list of short
    strings, one a column.
    """
    figure, axes = style.new_axes(1.75 * len(columns) + 1.4, 4.1, 2, len(columns))
    widest = max(float(np.max(spread)) for _, spread in columns)
    for row, (limit, name) in enumerate(
        ((MAX_COUNT, "mean of q (counts)"), (widest, "std of q (counts)"))
    ):
        for ax, column in zip(axes[row], columns, strict=True):
            picture = draw_image(ax, column[row], limits=(0, limit))
        colour_bar(picture, ax=axes[row], fraction=0.05, pad=0.02).set_label(name, fontsize=10)
    for ax, label in zip(axes[0], labels, strict=True):
        ax.set_title(label, fontsize=10)
    return figure


def learning_curves(sizes, panels):
    """Scores against the number of images: means over subsets as lines, 10% to 90% quantiles as
    bands.

    Args: sizes: whole numbers [n], above 0, ascending; panels: dict from an upright axis's label to
    a dict from a label to (line, scores [subsets, n]), line a dict of colour and line style; wrong
    knowledge's has crosses.
    """
    num = len(panels)
    figure, _ = style.new_axes(6.5 + 1.5 * num, 4.0, 1, num, width_ratios=[2.2] + [1] * (num - 1))
    for ax, (name, ways) in zip(figure.axes, panels.items(), strict=True):
        lines = []
        for line, scores in ways.values():
            low, high = np.quantile(scores, (0.1, 0.9), axis=0)
            ax.fill_between(sizes, low, high, color=line["color"], alpha=0.15, linewidth=0)
            marker = "x" if line["color"] == style.WRONG else None
            lines += ax.plot(sizes, np.mean(scores, axis=0), marker=marker, **line)
        _image_axis(ax, sizes)
        ax.set(ylabel=name)
        label_lines(ax, lines, list(ways))
    return figure


def strength_curves(strengths, evidence, scores, sizes):
    """Evidence and held-out score against the prior's strength, each line from its own maximum.

    Args: strengths [k], images, ascending; evidence, scores [n, k], nats; sizes [n], numbers of
    images, at most four.
    """
    figure, axes = style.new_axes(9.0, 3.5, 1, 2, sharex=True)
    names = "evidence, from its maximum (nats)", "held-out score, from its maximum\n(nats an image)"
    for ax, heights, name in zip(axes, (evidence, scores), names, strict=True):
        for row, line, size in zip(heights, style.FAMILY, sizes, strict=False):
            best = int(np.argmax(row))
            ax.plot(strengths, row - row[best], label=f"{size} image{'s' * (size > 1)}", **line)
            dots(ax, strengths[best], 0, line["color"], markersize=8, clip_on=False)
        ax.set(xscale="log", xlabel="strength of the prior (images)", xlim=strengths[[0, -1]])
        ax.set(ylabel=name, ylim=(-60, 3))
    # lines that run into one another
    axes[0].legend(loc="center right", fontsize=10, frameon=False)
    return figure


def promised_and_held(sizes, panels):
    """What predictive intervals promise and what they hold, against the number of images.

    Args: sizes: whole numbers [n], above 0, ascending; panels: dict from a panel's words to a list
    of at most two (label, promised [n], held [n]), shares 0 to 1.
    """
    figure, axes = style.new_axes(9.0, 3.4, 1, len(panels), sharey=True)
    for ax, (words, groups) in zip(axes, panels.items(), strict=True):
        for (label, promised, held), dashes, mark in zip(
            groups, ("-", (0, (5, 2))), "os", strict=False
        ):
            look = {"linestyle": dashes, "marker": mark, "markersize": 4}
            ax.plot(
                sizes, promised, color=style.COLOURS["prior"], label=f"{label}: promised", **look
            )
            ax.plot(sizes, held, color=style.COLOURS["data"], label=f"{label}: held", **look)
        _image_axis(ax, sizes)
        ax.set(ylim=(0, 1.05))
        corner(ax, words, 0.02, 0.04, fontsize=10)
    axes[0].set(ylabel="counts inside the interval")
    axes[0].yaxis.set_major_formatter("{x:.0%}")
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False
    )
    return figure


def features(names, expected, measured, interval, truth):
    """A reader's own table, one row a feature, on a log axis: expected, measured, and the
    posterior's interval.

    Args: names: list of strings [d]; expected [d], counts, above 0; measured [samples, d], counts,
    zeros are drawn at half a count; interval (lower, upper), arrays [d], counts; truth [d], counts.
    """
    figure, ax = style.new_axes(8.0, 0.29 * len(names) + 1.2)
    heights, (lower, upper) = rows(ax, names), interval
    bars = {"color": style.COLOURS["surrogate"], "linewidth": 7, "alpha": 0.35}
    ax.hlines(heights, np.maximum(lower, 0.05), upper, label="90% of q", **bars)
    dots(
        ax,
        expected,
        heights,
        "prior",
        marker="|",
        markersize=13,
        markeredgewidth=2.5,
        label="expected",
    )
    many = np.broadcast_to(heights, np.shape(measured))
    dots(
        ax,
        np.ravel(np.maximum(measured, 0.5)),
        many.ravel(),
        "data",
        markersize=4,
        label="measured",
    )
    hollow = {"markersize": 8, "markeredgewidth": 1.8, "markerfacecolor": "none"}
    dots(ax, truth, heights, "likelihood", marker="D", label="truth", **hollow)
    ax.set(xscale="log", xlabel="counts in one sample (log scale)")
    ax.grid(axis="y", visible=False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=4, fontsize=10, frameon=False)
    return figure


def _image_axis(ax, sizes):
    ax.set(xscale="log", xlabel="images to learn from", xlim=(sizes[0] * 0.93, sizes[-1] * 1.07))
    ax.set_xticks(sizes, [f"{size:.0f}" for size in sizes])
    ax.set_xticks([], minor=True)
