"""Pictures of learning from a part at a time: wrong factors, the noise of a batch, steps to a
score."""

import numpy as np

from helpers import style
from helpers.plots.labels import label_lines


def compare(x, curves, exact, xlabel, ylabel, *, scale="log", dots=()):
    """Up to four curves, and in orange the exact posterior's. Returns: matplotlib Figure.

    Args: x [n]; curves: dictionary of names to [n]; exact: [n] or a number; scale: of both axes;
    dots: [n] for each, and then the curves are named where they end.
    """
    figure, ax = style.new_axes(8.0, 3.4)
    ax.plot(x, np.broadcast_to(exact, np.shape(x)), **style.LINES["exact"], linewidth=4, alpha=0.5)
    lines = [
        ax.plot(x, values, **look)[0]
        for values, look in zip(curves.values(), style.COMPARED, strict=False)
    ]
    for values, look in zip(dots, style.COMPARED, strict=False):
        ax.plot(x, values, "o", color=look["color"], markersize=5)
    ax.set(xscale=scale, yscale=scale, xlabel=xlabel, ylabel=ylabel)
    for line, name in zip(lines if dots else (), curves, strict=False):
        look = {"color": style.letters(line.get_color()), "va": "center", "fontsize": 10}
        ax.annotate(name, line.get_xydata()[-1], (8, 0), textcoords="offset points", **look)
    if not dots:
        label_lines(ax, lines, list(curves))
    return figure


def scores(curves, goal):
    """Held-out score against steps, and against images read. Returns: matplotlib Figure.

    Args: curves: dictionary of batch sizes to [steps], nats an image; goal: nats an image, a
    horizontal line.
    """
    figure, axes = style.new_axes(8.0, 3.4, 1, 2, sharey=True)
    low = max(min(values.min() for values in curves.values()), goal - 2.0)
    for ax, words in zip(axes, ("step", "images read"), strict=True):
        for (size, values), look in zip(curves.items(), style.COMPARED, strict=False):
            ax.plot(
                (size if words == "images read" else 1) * np.arange(1, 1 + len(values)),
                values,
                **look,
            )
        ax.axhline(goal, color="#000000", linewidth=0.8)
        ax.set(xscale="log", xlabel=words, ylim=(low, goal + 0.25))
    axes[0].set_ylabel("held-out score\n(nats an image)")
    look = {"loc": "outside upper center", "ncols": len(curves), "frameon": False}
    figure.legend(axes[0].lines[:-1], [f"batches of {size:,}" for size in curves], **look)
    return figure
