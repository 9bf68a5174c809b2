"""Pictures of learning from a part at a time: wrong factors, the noise of a batch, steps to a score."""

import numpy as np

from helpers import style
from helpers.plots.labels import label_lines

# Ways of weighing a batch: never orange, which is the exact posterior's; a pattern each.
PATTERNS = [
    {"color": "#0072B2", "linestyle": "--"},
    {"color": "#009E73", "linestyle": "-."},
    {"color": "#CC79A7", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
    {"color": "#767676", "linestyle": ":"},
]


def factors(widths, fixed):
    """How wide q is after each step, as a multiple of the exact posterior's width, and where each way must end.

    Args:
        widths: dictionary of name to array [steps], standard deviation of q over the exact one.
        fixed: dictionary of the same names to the width at the fixed point.

    Returns:
        matplotlib Figure.
    """
    figure, ax = style.new_axes(8.0, 3.4)
    steps = np.arange(1, 1 + len(next(iter(widths.values()))))
    lines = []
    for (name, values), look in zip(widths.items(), PATTERNS, strict=False):
        ax.axhline(fixed[name], color=look["color"], linewidth=0.8, alpha=0.7)
        lines += ax.plot(steps, values, **look)
    ax.axhline(1, **style.LINES["exact"], zorder=1, alpha=0.6)
    ax.set(xscale="log", yscale="log", xlabel="step", ylabel="width of q / exact width", xlim=(1, steps[-1]))
    ticks = [0.5, 1, 2, 4, 8, 16]
    ax.set_yticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    label_lines(ax, lines, list(widths))
    return figure


def batch_noise(steps, measured, expected, labels):
    """How far the mean of q scatters from run to run, against the step: measured as dots, the formula as lines.

    Args:
        steps: [steps] at which it was measured.
        measured, expected: lists of arrays [steps], in the unit of the exact posterior's width.
        labels: list of strings, one a curve.

    Returns:
        matplotlib Figure.
    """
    figure, ax = style.new_axes(8.0, 3.4)
    lines = []
    for dots, line, look in zip(measured, expected, PATTERNS, strict=False):
        lines += ax.plot(steps, line, **look)
        ax.plot(steps, dots, "o", color=look["color"], markersize=5)
    ax.axhline(1, **style.LINES["exact"], zorder=1, alpha=0.6)
    ax.set(xscale="log", yscale="log", xlabel="step", ylabel="scatter of q's mean\n/ exact width")
    label_lines(ax, lines, labels)
    return figure


def scores(curves, goal, labels):
    """Held-out score against steps, and against images read: one curve a batch size.

    Args:
        curves: list of (batch size, array [steps], nats an image).
        goal: nats an image, a horizontal line.
        labels: list of strings, one a curve.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8.0, 3.4, 1, 2, sharey=True)
    for (size, values), look in zip(curves, PATTERNS, strict=False):
        steps = np.arange(1, 1 + len(values))
        axes[0].plot(steps, values, **look)
        axes[1].plot(size * steps, values, **look)
    low = max(min(values.min() for _, values in curves), goal - 2.0)
    for ax, words in zip(axes, ("step", "images read"), strict=True):
        ax.axhline(goal, color="#000000", linewidth=0.8)
        ax.set(xscale="log", xlabel=words, ylim=(low, goal + 0.25))
    axes[0].set_ylabel("held-out score\n(nats an image)")
    figure.legend(axes[0].lines[: len(labels)], labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure
