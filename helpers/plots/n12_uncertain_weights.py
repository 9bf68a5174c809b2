"""Pictures of a classifier's doubt: reliability, parameters against the truth, entropies."""

import numpy as np

from helpers import style
from helpers.plots.panels import corner, histogram

LOOKS = {
    "maximum likelihood": {"color": style.COLOURS["likelihood"], "marker": "s"},
    "MAP": {"color": style.COLOURS["samples"], "marker": "^"},
    "VI": {"color": style.COLOURS["surrogate"], "marker": "o"},
}


def reliability(tables, names, sizes):
    """Reliability diagrams, a row a size, a column a method: how often forecasts of a confidence
    were right.

    Args: tables: list of rows, each a list of arrays [bins, 5], one a method: mean confidence,
    share right, lower and upper end of its interval, number of forecasts; names, sizes: methods in
    LOOKS, numbers of training images.
    """
    options = {"sharex": True, "sharey": True, "squeeze": False}
    figure, axes = style.new_axes(8.0, 2.3 * len(sizes) + 0.5, len(sizes), len(names), **options)
    for row, tables_of_size, size in zip(axes, tables, sizes, strict=True):
        for ax, table, name in zip(row, tables_of_size, names, strict=True):
            ax.plot([0, 1], [0, 1], color=style.COLOURS["prior"], linewidth=1, linestyle=":")
            x, y, low, high, count = table.T
            bars = np.maximum([y - low, high - y], 0)
            look = {"linestyle": "none", "capsize": 3, "linewidth": 1.4, "markersize": 0}
            ax.errorbar(x, y, bars, color=LOOKS[name]["color"], **look)
            ax.scatter(x, y, s=10 + 110 * count / count.sum(), zorder=3, **LOOKS[name])
            ax.set(xlim=(0, 1.06), ylim=(-0.03, 1.06), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
            ax.set_aspect("equal")
            if ax.get_subplotspec().is_first_row():
                ax.set_title(name, fontsize=11)
        row[0].set_ylabel(f"{size:,} image{'s' * (size > 1)}\nshare right")
    corner(axes[0, 0], "timid", 0.03, 0.97, style.QUIET, fontsize=10)
    corner(axes[0, 0], "bold", 0.97, 0.03, style.QUIET, fontsize=10)
    figure.supxlabel("confidence", fontsize=11)
    return figure


def against_truth(panels):
    """Parameters of approximations against those of a referee: on the dotted diagonal, they agree.

    Args: panels: list of (label, referee's values [n], dictionary of words to (role, values [n]));
    the label names the quantity and its unit, the first panel's words are the legend.
    """
    figure, axes = style.new_axes(8.0, 3.9, 1, len(panels), squeeze=False)
    marks = {"surrogate": "o", "likelihood": "s", "samples": "^"}
    for ax, (label, truth, others) in zip(axes[0], panels, strict=True):
        low = min(truth.min(), *(values.min() for _, values in others.values()))
        high = max(truth.max(), *(values.max() for _, values in others.values()))
        pad = 0.05 * (high - low) + 1e-9
        ax.plot(
            [low - pad, high + pad],
            [low - pad, high + pad],
            color=style.COLOURS["prior"],
            linewidth=1,
            linestyle=":",
        )
        for words, (role, values) in others.items():
            look = {
                "color": style.COLOURS[role],
                "marker": marks[role],
                "s": 12,
                "alpha": 0.55,
                "linewidth": 0,
            }
            ax.scatter(truth, values, label=words, **look)
        ax.set(xlabel=f"{label}, HMC", ylabel=f"{label}, approximation", aspect="equal")
        ax.set(xlim=(low - pad, high + pad), ylim=(low - pad, high + pad))
    names = axes[0, 0].get_legend_handles_labels()
    figure.legend(
        *names, loc="outside upper center", ncols=3, fontsize=10, markerscale=2, frameon=False
    )
    return figure


def entropies(values, names, most):
    """Histograms of the predictive's entropy, a row a kind of image, a column a method.

    Args: values: list of rows, each a dictionary of a method in LOOKS to an array [images], nats;
    names: list of strings, one a row; most: the largest entropy there is, nats.
    """
    methods = list(values[0])
    options = {"sharex": True, "squeeze": False}
    figure, axes = style.new_axes(
        8.0, 1.15 * len(values) + 0.7, len(values), len(methods), **options
    )
    edges = np.linspace(0, most, 24)
    for row, entropies_of_kind, name in zip(axes, values, names, strict=True):
        for ax, method in zip(row, methods, strict=True):
            found = entropies_of_kind[method]
            weights = np.full(len(found), 1 / len(found))
            histogram(ax, np.clip(found, 0, most), edges, LOOKS[method]["color"], weights=weights)
            ax.axvline(np.median(found), color="black", linewidth=1.2)
            ax.set(xlim=(0, most))
            if ax.get_subplotspec().is_first_row():
                ax.set_title(method, fontsize=11)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    figure.supxlabel("entropy (nats)", fontsize=11)
    return figure
