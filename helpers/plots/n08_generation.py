"""Figures of notebook 8, a model held against the data: forecasts of single pixels, and predictive
checks."""

import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.ticker import MultipleLocator

from helpers import style
from helpers.plots import replicates
from helpers.plots.images import MAX_COUNT, draw_image, frame_pixel
from helpers.plots.panels import colour_bar, curves, histogram, word
from helpers.plots.replicates import edges_of

replicate_histograms = replicates.replicate_histograms


def predictive_masses(observed, models, labels):
    """Panels of one pixel each: how often each count occurs in real images, and how probable models
    make it.

    Args: observed: list of whole-number arrays [images], one a panel; models: dict from a role to
    (words, list of arrays [n], one a panel), probabilities of the counts 0..n-1, drawn as points on
    a line, for the role "samples" as points alone; labels: list of strings, one a panel.
    """
    figure, axes = style.new_axes(8.0, 3.2, 1, len(labels))
    longest = max(len(array) for _, arrays in models.values() for array in arrays)
    for k, (ax, label) in enumerate(zip(axes, labels, strict=True)):
        shares = np.bincount(observed[k], minlength=longest) / len(observed[k])
        bars = {"color": style.BAND, "edgecolor": style.COLOURS["data"], "linewidth": 0.8}
        ax.bar(np.arange(len(shares)), shares, width=0.85, label="real images", **bars)
        for role, (words, arrays) in models.items():
            marks = (
                {"linestyle": "none", "markersize": 7} if role == "samples" else {"markersize": 3.5}
            )
            look = {"marker": "o", "linewidth": 1.2, "label": words} | marks
            curves(ax, np.arange(len(arrays[k])), {role: arrays[k]}, **look)
        highest = max(shares.max(), *(arrays[k].max() for _, arrays in models.values()))
        if longest > MAX_COUNT + 1:
            ax.axvline(MAX_COUNT + 0.5, color=style.COLOURS["prior"], linewidth=1)
            at = {"xycoords": ax.get_xaxis_transform(), "va": "top", "fontsize": 9}
            word(
                ax,
                f"no image\nholds more\nthan {MAX_COUNT}",
                (MAX_COUNT + 0.9, 0.55),
                role=style.QUIET,
                **at,
            )
        ax.set(xlabel="counts in this pixel", xlim=(-0.8, longest - 0.2), ylim=(0, 1.08 * highest))
        ax.xaxis.set_major_locator(MultipleLocator(4))
        ax.set_title(label, fontsize=10, loc="left")
        ax.grid(axis="x", visible=False)
    axes[0].set_ylabel("share of images")
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False
    )
    return figure


def shared_and_fresh(inks, unit):
    """The same statistic of two kinds of dreamt data sets, on one axis.

    Args: inks: dict from words to an array [replicates], one a panel; unit: label of the axis.
    """
    figure, axes = style.new_axes(8.0, 2.3, 1, len(inks), sharex=True, sharey=True)
    edges = edges_of(np.concatenate(list(inks.values())), bins=40)
    for ax, (words, values) in zip(axes, inks.items(), strict=True):
        histogram(ax, values, edges)
        ax.set(xlabel=unit)
        ax.set_title(words, fontsize=10, loc="left")
    return figure


def maps(real, model, names, limits, differences, marked):
    """Images of several statistics, one column each: real above, model below, and their difference.

    Args: lists, one entry a column: real, model: [64], NaN where a statistic has no value; names:
    with units; limits: (least, middle or None, most) of the colour scale of the two, signed if it
    has a middle; differences: how far the scale of real minus model reaches; marked: None or a
    pixel.
    """
    figure, axes = style.new_axes(8.0, 5.6, 3, len(names), squeeze=False)
    for ax, words in zip(axes[:, 0], ("real", "model", "difference"), strict=True):
        ax.set_ylabel(words, fontsize=10)
    for j, (name, both, widest, pixel) in enumerate(
        zip(names, limits, differences, marked, strict=True)
    ):
        rows = (real[j], both), (model[j], both), (real[j] - model[j], (-widest, 0, widest))
        for ax, (values, (low, centre, high)) in zip(axes[:, j], rows, strict=True):
            picture = draw_image(
                ax, values, limits=(low, high), cmap=style.INK if centre is None else style.SIGNED
            )
            if centre is not None:
                picture.set_norm(TwoSlopeNorm(centre, low, high))
            if pixel is not None:
                frame_pixel(ax, pixel, "black")
            if ax is axes[0, j]:  # the upper two have one bar
                continue
            below, fraction = (axes[:2, j], 0.06) if ax is axes[1, j] else (ax, 0.12)
            look = {"location": "bottom", "fraction": fraction, "pad": 0.03, "aspect": 14}
            bar = colour_bar(
                picture,
                ax=below,
                ticks=[low, high] if centre is None else [low, centre, high],
                **look,
            )
            bar.ax.tick_params(labelsize=9, length=3)
            bar.ax.xaxis.set_major_formatter("{x:g}")
            first, *_, last = bar.ax.get_xticklabels()
            first.set_horizontalalignment("left")  # neighbouring bars are close
            last.set_horizontalalignment("right")
        axes[0, j].set_title(name, fontsize=10)
    return figure
