"""Figures that hold a model against the data: predictive checks. Arrays in, Figure out."""

import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.ticker import MaxNLocator, MultipleLocator

from helpers import style
from helpers.plots import images


def predictive_masses(observed, curves, labels):
    """Panels of one pixel each: how often each count occurs in real images, and how probable models make it.

    Args:
        observed: list of whole-number arrays [images], one a panel.
        curves: dictionary of role ("exact", "samples", ...) to (words, list of arrays [n]): the probability of each
            count 0..n-1, one array a panel; drawn as points on a line, "samples" as points alone.
        labels: list of strings, one a panel.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8.0, 3.2, 1, len(labels), squeeze=False)
    longest = max(len(array) for _, arrays in curves.values() for array in arrays)
    for k, (ax, label) in enumerate(zip(axes[0], labels, strict=True)):
        shares = np.bincount(observed[k], minlength=longest) / len(observed[k])
        ax.bar(np.arange(len(shares)), shares, width=0.85, color="#D0D0D0", label="real images")
        highest = shares.max()
        for role, (words, arrays) in curves.items():
            marks = {"linestyle": "none", "markersize": 7} if role == "samples" else {"markersize": 3.5}
            ax.plot(
                np.arange(len(arrays[k])),
                arrays[k],
                marker="o",
                linewidth=1.2,
                label=words,
                **(style.LINES[role] | marks),
            )
            highest = max(highest, arrays[k].max())
        if longest > 17:
            ax.axvline(16.5, color="#767676", linewidth=1)
            words = {"transform": ax.get_xaxis_transform(), "va": "top", "fontsize": 9, "color": "#595959"}
            ax.text(16.9, 0.55, "no image\nholds more\nthan 16", **words)
        ax.set(xlabel="counts in this pixel", xlim=(-0.8, longest - 0.2), ylim=(0, 1.08 * highest))
        ax.xaxis.set_major_locator(MultipleLocator(4))
        ax.set_title(label, fontsize=10, loc="left")
        ax.grid(axis="x", visible=False)
    axes[0, 0].set_ylabel("share of images")
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4, fontsize=10, frameon=False
    )
    return figure


def replicate_histograms(names, observed, replicated, p_values):
    """Each check's value in replicated data sets, and in the real one.

    Args:
        names: list of strings with units.
        observed: list of numbers; NaN where the real data set is too small for the check.
        replicated: list of arrays [replicates].
        p_values: array [2, n]: share of the replicates at least, and at most, as large as the real value.

    Returns:
        matplotlib Figure.
    """
    columns = 3
    rows = -(-len(names) // columns)
    figure, axes = style.new_axes(8.0, 2.1 * rows, rows, columns, squeeze=False)
    for ax in axes.ravel()[len(names) :]:
        ax.set_visible(False)
    for ax, name, real, drawn, p in zip(
        axes.ravel(), names, observed, replicated, np.transpose(p_values), strict=False
    ):
        ax.set(xlabel=name, yticks=[])
        ax.spines["left"].set_visible(False)
        ax.grid(False)
        if not np.isfinite(real) or not np.all(np.isfinite(drawn)):
            ax.text(0.5, 0.5, "too few images", ha="center", va="center", transform=ax.transAxes, color="#595959")
            ax.set(xticks=[])
            continue
        edges = _edges(drawn)
        ax.hist(drawn, bins=edges, color=style.COLOURS["samples"])
        ax.axvline(real, color=style.COLOURS["data"], linewidth=2)
        low, high = min(real, edges[0]), max(real, edges[-1])
        pad = 0.08 * (high - low)
        ax.set_xlim(low - pad, high + pad)
        ax.set_ylim(0, ax.get_ylim()[1] * 1.3)
        on_left = real > (low + high) / 2
        name_side, p_side, p_at = ("right", "left", 0.01) if on_left else ("left", "right", 0.99)
        words = {"va": "top", "fontsize": 9}
        ax.text(real, 0.99, " real ", ha=name_side, transform=ax.get_xaxis_transform(), **words)
        ax.text(p_at, 0.99, _p_words(*p, len(drawn)), ha=p_side, transform=ax.transAxes, color="#595959", **words)
        ax.xaxis.set_major_locator(MaxNLocator(4))
    return figure


def maps(rows, names, row_labels, limits, marked=None):
    """Images of several statistics, one column each with its own colour bar below.

    Args:
        rows: list of lists of arrays [64].
        names: list of strings, one a column, with units.
        row_labels: list of strings, one a row.
        limits: list of (least, middle or None, most): a middle makes the scale a signed one.
        marked: None, or for each column None or a pixel to frame.

    Returns:
        matplotlib Figure.
    """
    columns = len(names)
    figure, axes = style.new_axes(8.0, 1.28 * len(rows) + 0.95, len(rows), columns, squeeze=False)
    for j, (name, (least, middle, most)) in enumerate(zip(names, limits, strict=True)):
        for i, row in enumerate(rows):
            ax = axes[i, j]
            picture = images.draw_image(
                ax, row[j], limits=(least, most), cmap=style.INK if middle is None else style.SIGNED
            )
            if middle is not None:
                picture.set_norm(TwoSlopeNorm(middle, least, most))
                ax.set_facecolor("#E6E6E6")  # where the statistic has no value
            if j == 0:
                ax.set_ylabel(row_labels[i], fontsize=10)
            if marked and marked[j] is not None:
                images.frame_pixel(ax, marked[j], "black")
        axes[0, j].set_title(name, fontsize=10)
        bar = figure.colorbar(picture, ax=axes[:, j], location="bottom", fraction=0.06, pad=0.03, aspect=14)
        bar.set_ticks([least, most] if middle is None else [least, middle, most])
        bar.ax.tick_params(labelsize=9, length=3)
        bar.ax.xaxis.set_major_formatter("{x:g}")
        first, *_, last = bar.ax.get_xticklabels()
        first.set_horizontalalignment("left")  # neighbouring bars are close
        last.set_horizontalalignment("right")
        bar.outline.set_visible(False)
    return figure


def _edges(values, bins=24):
    low, high = float(np.min(values)), float(np.max(values))
    if np.all(values == np.round(values)) and high - low <= 60:  # whole numbers: one bar each
        return np.arange(low - 0.5, high + 1.0)
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1)


def _p_words(at_least, at_most, num_replicates):
    if at_least == 0:
        return f"p < {1 / num_replicates:g}"
    return f"p > {1 - 1 / num_replicates:g}" if at_most == 0 else f"p = {at_least:.2f}"
