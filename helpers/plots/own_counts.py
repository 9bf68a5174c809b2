"""A picture of a reader's own table: for every feature what was expected, what was measured, what is now believed."""

import numpy as np

from helpers import style


def features(names, expected, measured, interval, truth=None):
    """One row a feature, on a log axis: expected, measured samples, and the interval of the posterior.

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
        ax.plot(truth, rows, "x", color=style.COLOURS["exact"], markersize=7, markeredgewidth=2, label="truth")
    ax.set(xscale="log", xlabel="counts in one sample (log scale)", yticks=rows, yticklabels=names)
    ax.grid(axis="y", visible=False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=4, fontsize=10, frameon=False)
    return figure
