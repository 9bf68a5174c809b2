"""Histograms of what a model dreams, the real value among them: the predictive checks of a lesson
and of the appendix."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers import style
from helpers.plots.panels import corner, histogram, word


def replicate_histograms(names, observed, replicated, p_values):
    """Each check's value in replicated data sets, and in the real one.

    Args: names [n], with units; observed [n], NaN where the real data set is too small for the
    check; replicated [n, replicates]; p_values [2, n]: share of the replicates at least, and at
    most, as large as the real value.
    """
    figure, axes = style.new_axes(8.0, 4.2, 2, -(-len(names) // 2), squeeze=False)
    for ax in axes.flat[len(names) :]:
        ax.set_visible(False)
    shown = zip(axes.flat[: len(names)], names, observed, replicated, *p_values, strict=True)
    for ax, name, real, drawn, at_least, at_most in shown:
        ax.set(xlabel=name)
        if not np.isfinite(real) or not np.all(np.isfinite(drawn)):
            histogram(ax, [], 1)
            ax.set(xticks=[])
            corner(ax, "too few images", 0.5, 0.5, style.QUIET)
            continue
        edges = edges_of(drawn)
        histogram(ax, drawn, edges)
        ax.axvline(real, color=style.COLOURS["data"], linewidth=2)
        ax.margins(0.08, 0.365)
        on_left = real > np.mean(ax.get_xlim())  # where there is room for words
        at = {"xycoords": ax.get_xaxis_transform(), "va": "top", "fontsize": 9}
        word(ax, " real ", (real, 0.99), ha="right" if on_left else "left", **at)
        words = f"p > {1 - 1 / len(drawn):g}" if at_most == 0 else f"p = {at_least:.2f}"
        words = f"p < {1 / len(drawn):g}" if at_least == 0 else words
        corner(ax, words, 0.01 if on_left else 0.99, 0.99, style.QUIET, fontsize=9)
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=np.array_equal(drawn, np.round(drawn))))
    return figure


def edges_of(values, bins=24):
    """Edges of a histogram of values: a bar a whole number, where that takes at most some sixty."""
    low, high = float(np.min(values)), float(np.max(values))
    if np.all(values == np.round(values)) and high - low <= 60:  # whole numbers: one bar each
        return np.arange(low - 0.5, high + 1.0)
    room = 0.5 if high - low < 1e-9 else 0.0
    return np.linspace(low - room, high + room, bins + 1)
