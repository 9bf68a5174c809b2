"""Pictures of checks that need no exact answer: importance weights, calibration ranks, a row of fits side by side."""

import numpy as np

from helpers import style
from helpers.plots.labels import label_lines

_LOOKS = [
    {"color": "#0072B2", "linestyle": "--"},
    {"color": "#009E73", "linestyle": "-."},
    {"color": "#CC79A7", "linestyle": "-"},
]


def weight_shares(log_ratios, names):
    """How much of the importance weight the heaviest draws carry.

    Args:
        log_ratios: list of arrays [draws], ln p(X, theta) - ln q(theta), one array a fit.
        names: list of short strings, one a fit.

    Returns:
        matplotlib Figure.
    """
    figure, ax = style.new_axes(8.0, 3.4)
    lines = []
    for values, look in zip(log_ratios, _LOOKS, strict=False):
        weights = np.sort(np.exp(np.asarray(values, dtype=float) - np.max(values)))[::-1]
        (line,) = ax.plot(np.arange(1, len(weights) + 1), np.cumsum(weights) / weights.sum(), **look)
        lines.append(line)
    ax.set(xscale="log", ylim=(0, 1.02), xlim=(1, len(weights)), xlabel="this many of the heaviest draws (log scale)")
    ax.set_ylabel("carry this share\nof all the weight")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    label_lines(ax, lines, names)
    return figure


def rank_curves(values, names, band):
    """Calibration curves: the empirical distribution of ranks, minus the uniform one, and where chance keeps it.

    Args:
        values: list of arrays, ranks scaled to [0, 1], one array a procedure.
        names: list of short strings, one a procedure.
        band: points, lower and upper, [points] each, of the empirical distribution.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(3.2 * len(values), 3.0, 1, len(values), sharey=True, squeeze=False)
    points, lower, upper = (
        np.r_[edge, np.asarray(part), end] for part, edge, end in zip(band, (0,) * 3, (1,) * 3, strict=True)
    )
    for ax, ranks, name in zip(axes[0], values, names, strict=True):
        empirical = (np.sort(np.ravel(ranks)).searchsorted(points[1:-1], side="right")) / np.size(ranks)
        ax.fill_between(points, lower - points, upper - points, color="#DDDDDD", linewidth=0)
        ax.axhline(0, color="black", linewidth=0.8)
        ax.plot(points, np.r_[0, empirical, 1] - points, **style.LINES["surrogate"])
        ax.set(xlim=(0, 1), xlabel="rank of the truth in q", xticks=[0, 0.5, 1], xticklabels=["0", "0.5", "1"])
        ax.text(0.5, 1.02, name, transform=ax.transAxes, ha="center", va="bottom")
    axes[0, 0].set_ylabel("share of ranks below,\nminus uniform")
    return figure


def evidence_against(letters, columns, labels, limits):
    """A row a fit, a column a diagnostic: dots left of the dashed line pass.

    Args:
        letters: list of str, one a fit.
        columns: list of arrays [fits] or [fits, repeats], one a diagnostic; infinite values go to the right edge.
        labels: list of str, what each diagnostic measures.
        limits: list of (least, threshold, most), one a diagnostic; a log axis where least is above 0.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(9.0, 0.36 * len(letters) + 1.0, 1, len(columns), sharey=True, squeeze=False)
    rows = np.arange(len(letters))
    for ax, values, label, (least, threshold, most) in zip(axes[0], columns, labels, limits, strict=True):
        values = np.nan_to_num(np.asarray(values, dtype=float), nan=most, posinf=most, neginf=least)
        values = np.clip(values, least, most)
        ax.axvspan(threshold, most * 1.1, color="#EEEEEE", linewidth=0)
        ax.axvline(threshold, color="black", linestyle="--", linewidth=1)
        size, heights = 9 if values.ndim == 1 else 6, np.broadcast_to(rows, values.T.shape).T
        failed = values > threshold
        ax.plot(
            values[~failed], heights[~failed], "o", color=style.COLOURS["surrogate"], markersize=size, clip_on=False
        )
        ax.plot(values[failed], heights[failed], "X", color="black", markersize=size, clip_on=False)
        ax.set(xlabel=label, xscale="log" if least > 0 else "linear", xlim=(least, most))
    axes[0, 0].set(yticks=rows, yticklabels=letters, ylim=(len(letters) - 0.5, -0.5))
    return figure
