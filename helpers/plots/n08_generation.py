"""Pictures that hold a generative model against the data: forecasts of single pixels, and predictive checks."""

import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.ticker import MaxNLocator, MultipleLocator

from helpers import style
from helpers.plots import images

_WORDS = {"va": "top", "fontsize": 9}


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
        bars = {"color": "#DDDDDD", "edgecolor": style.COLOURS["data"], "linewidth": 0.8}
        ax.bar(np.arange(len(shares)), shares, width=0.85, label="real images", **bars)
        highest = shares.max()
        for role, (words, arrays) in curves.items():
            marks = {"linestyle": "none", "markersize": 7} if role == "samples" else {"markersize": 3.5}
            look = style.LINES[role] | {"marker": "o", "linewidth": 1.2} | marks
            ax.plot(np.arange(len(arrays[k])), arrays[k], label=words, **look)
            highest = max(highest, arrays[k].max())
        if longest > 17:
            ax.axvline(16.5, color="#767676", linewidth=1)
            beyond = {"transform": ax.get_xaxis_transform(), "color": "#595959"}
            ax.text(16.9, 0.55, "no image\nholds more\nthan 16", **beyond, **_WORDS)
        ax.set(xlabel="counts in this pixel", xlim=(-0.8, longest - 0.2), ylim=(0, 1.08 * highest))
        ax.xaxis.set_major_locator(MultipleLocator(4))
        ax.set_title(label, fontsize=10, loc="left")
        ax.grid(axis="x", visible=False)
    axes[0, 0].set_ylabel("share of images")
    names = axes[0, 0].get_legend_handles_labels()
    figure.legend(*names, loc="outside upper center", ncols=4, fontsize=10, frameon=False)
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
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    figure, axes = style.new_axes(8.0, 2.1 * rows, rows, columns, squeeze=False)
    for ax in axes.ravel()[len(names) :]:
        ax.set_visible(False)
    for ax, name, real, drawn, p in zip(axes.ravel(), names, observed, replicated, np.transpose(p_values), strict=True):
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
        ax.text(real, 0.99, " real ", ha=name_side, transform=ax.get_xaxis_transform(), **_WORDS)
        ax.text(p_at, 0.99, _p_words(*p, len(drawn)), ha=p_side, transform=ax.transAxes, color="#595959", **_WORDS)
        ax.xaxis.set_major_locator(MaxNLocator(4))
    return figure


def shared_and_fresh(inks, unit):
    """The same statistic of two kinds of dreamt data sets, on one axis.

    Args:
        inks: dict from words to an array [replicates], one a panel.
        unit: label of the axis.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8.0, 2.3, 1, len(inks), sharex=True, sharey=True)
    edges = _edges(np.concatenate(list(inks.values())), bins=40)
    for ax, (words, values) in zip(axes, inks.items(), strict=True):
        ax.hist(values, bins=edges, color=style.COLOURS["samples"])
        ax.set(xlabel=unit, yticks=[])
        ax.set_title(words, fontsize=10, loc="left")
        ax.spines["left"].set_visible(False)
        ax.grid(False)
    return figure


def maps(real, model, names, limits, differences, marked=None):
    """Images of several statistics, one column each: real above, model below, and their difference.

    Args:
        real, model: lists of arrays [64], one a column; NaN where a statistic has no value.
        names: list of strings, one a column, with units.
        limits: list of (least, middle or None, most) of the colour scale of the two: a middle makes it a signed one.
        differences: list of numbers: the scale of real minus model runs from minus to plus this.
        marked: None, or for each column None or a pixel to frame.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8.0, 5.6, 3, len(names), squeeze=False)
    for ax, words in zip(axes[:, 0], ("real", "model", "difference"), strict=True):
        ax.set_ylabel(words, fontsize=10)
    for j, (name, (least, middle, most), widest) in enumerate(zip(names, limits, differences, strict=True)):
        both, apart = (least, middle, most), (-widest, 0, widest)
        columns = zip(axes[:, j], (real[j], model[j], real[j] - model[j]), (both, both, apart), strict=True)
        for ax, values, (low, centre, high) in columns:
            cmap = style.INK if centre is None else style.SIGNED
            picture = images.draw_image(ax, values, limits=(low, high), cmap=cmap)
            if centre is not None:
                picture.set_norm(TwoSlopeNorm(centre, low, high))
            ax.set_facecolor("#E6E6E6")  # where the statistic has no value
            if marked and marked[j] is not None:
                images.frame_pixel(ax, marked[j], "black")
            if ax is not axes[0, j]:
                ticks = [low, high] if centre is None else [low, centre, high]
                _bar_below(figure, picture, axes[:2, j] if ax is axes[1, j] else ax, ticks)
        axes[0, j].set_title(name, fontsize=10)
    return figure


def _bar_below(figure, picture, ax, ticks):
    fraction = 0.06 if np.ndim(ax) else 0.12
    bar = figure.colorbar(picture, ax=ax, location="bottom", fraction=fraction, pad=0.03, aspect=14)
    bar.set_ticks(ticks)
    bar.ax.tick_params(labelsize=9, length=3)
    bar.ax.xaxis.set_major_formatter("{x:g}")
    first, *_, last = bar.ax.get_xticklabels()
    first.set_horizontalalignment("left")  # neighbouring bars are close
    last.set_horizontalalignment("right")
    bar.outline.set_visible(False)


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
