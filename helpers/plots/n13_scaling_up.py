"""Pictures of learning from a part at a time: wrong factors, the noise of a batch, steps to a score."""

import numpy as np

from helpers import style
from helpers.plots.labels import label_lines


def compare(x, curves, exact, xlabel, ylabel, *, scale="log", dots=()):
    """Up to four curves, and in orange the exact posterior's.

    Args: x [n]; curves: dictionary of names to [n]; exact: [n] or a number; scale: of both axes; dots: [n] for each.
    Returns: matplotlib Figure.
    """
    figure, ax = style.new_axes(8.0, 3.4)
    ax.plot(x, np.broadcast_to(exact, np.shape(x)), **style.LINES["exact"], linewidth=4, alpha=0.5)
    lines = [ax.plot(x, values, **look)[0] for values, look in zip(curves.values(), style.COMPARED, strict=False)]
    for values, look in zip(dots, style.COMPARED, strict=False):
        ax.plot(x, values, "o", color=look["color"], markersize=5)
    ax.set(xscale=scale, yscale=scale, xlabel=xlabel, ylabel=ylabel)
    label_lines(ax, lines, list(curves))
    return figure


def scores(curves, goal):
    """Held-out score against steps, and against images read.

    Args: curves: dictionary of batch sizes to [steps], nats an image; goal: nats an image, a horizontal line.
    Returns: matplotlib Figure.
    """
    figure, axes = style.new_axes(8.0, 3.4, 1, 2, sharey=True)
    low = max(min(values.min() for values in curves.values()), goal - 2.0)
    for ax, words in zip(axes, ("step", "images read"), strict=True):
        for (size, values), look in zip(curves.items(), style.COMPARED, strict=False):
            ax.plot((size if words == "images read" else 1) * np.arange(1, 1 + len(values)), values, **look)
        ax.axhline(goal, color="#000000", linewidth=0.8)
        ax.set(xscale="log", xlabel=words, ylim=(low, goal + 0.25))
    axes[0].set_ylabel("held-out score\n(nats an image)")
    names = [f"batches of {size:,}" for size in curves]
    figure.legend(axes[0].lines[:-1], names, loc="outside upper center", ncols=len(names), frameon=False)
    return figure
