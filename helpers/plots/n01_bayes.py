"""Figures for Bayes' rule on one rate, or two: loss, prior to posterior, the dial, predictions, a cloud of samples."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Wedge

from helpers import style
from helpers.plots.contours import draw_contours
from helpers.plots.labels import label_lines

_WALK = "#A3497F"  # the samples' colour, dark enough for letters


def loss_valleys(rates, losses, names):
    """Loss curves, each above its own minimum, with a dot where it is least.

    Args:
        rates: [cells], the grid.
        losses: [sets, cells], nats; the first set is the reader's own.
        names: (label of the first curve, label of the others).

    Returns:
        matplotlib Figure.
    """
    figure, ax = style.new_axes(8, 2.9)
    losses = np.asarray(losses) - np.min(losses, axis=1, keepdims=True)
    drawn = []
    for index in reversed(range(len(losses))):
        first = index == 0
        line = {"linewidth": 2.6} if first else {"linewidth": 1.0, "alpha": 0.55}
        colour = style.COLOURS["likelihood"] if first else style.COLOURS["prior"]
        drawn += ax.plot(rates, losses[index], color=colour, linestyle="-.", **line)
        ax.plot(
            rates[np.argmin(losses[index])], 0, "o", color=colour, markersize=9 if first else 6, clip_on=False, zorder=3
        )
    ax.set(xlim=(0, 20), ylim=(0, 6), xlabel="rate $\\theta$ (counts per image)", ylabel="loss above its least (nats)")
    least = rates[np.argmin(losses, axis=1)]
    shown = [drawn[-1]]  # the reader's own curve was drawn last
    if np.ptp(least) > 1e-9:
        shown.append(drawn[-1 - int(np.argmax(np.abs(least - least[0])))])
    label_lines(ax, shown, names[: len(shown)], avoid=[line.get_xydata() for line in drawn])
    return figure


def prior_to_posterior(rates, prior, likelihood, posterior, counts, upper=22.0):
    """Prior, likelihood (scaled to area 1) and posterior of a rate over the counts that made the difference.

    Args:
        rates: [cells].
        prior, likelihood, posterior: [cells], densities per count.
        counts: [images].
        upper: the end of the horizontal axis.

    Returns:
        matplotlib Figure.
    """
    figure, ax = style.new_axes(8, 3.2)
    draw_prior_to_posterior(ax, rates, prior, likelihood, posterior, counts, upper)
    ax.set(xlabel="rate $\\theta$, and counts (ink per image)", ylabel="density (per count)")
    names = ["prior: what you knew", "likelihood: what you saw", "posterior: what you now know"]
    label_lines(ax, ax.lines[:3], names)
    return figure


def draw_prior_to_posterior(ax, rates, prior, likelihood, posterior, counts, upper=22.0):
    """The three curves and the counts on given axes; `ax.lines[:3]` are the curves."""
    ax.plot(rates, prior, **style.LINES["prior"])
    ax.plot(rates, likelihood, **style.LINES["likelihood"])
    ax.plot(rates, posterior, **style.LINES["exact"])
    shown = (rates > 0.3) & (rates < upper)  # a density that is infinite at 0 must not set the scale
    top = 1.25 * max(np.max(curve[shown]) for curve in (prior, likelihood, posterior))
    draw_counts(ax, counts, 0.1 * top)
    ax.set(xlim=(0, upper), ylim=(0, top))
    ax.locator_params(axis="y", nbins=5)


def draw_counts(ax, counts, height):
    """Black marks that stand on the axis: the more images show a count, the higher its mark."""
    values, times = np.unique(np.asarray(counts), return_counts=True)
    marks = {"color": style.COLOURS["data"], "linewidth": 4.5, "zorder": 4, "clip_on": False}
    ax.vlines(values, 0, height * times / times.max(), **marks)


def dial(rates, settings, upper=22.0):
    """The dial between domain knowledge and data: a gauge for each setting, over the distributions it leads to.

    Args:
        rates: [cells].
        settings: list of dicts with title (str), weight (of the data, 0..1), prior, likelihood, posterior
            ([cells], densities per count) and counts ([images]).
        upper: the end of the horizontal axes.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8, 4.3, 2, len(settings), height_ratios=(1, 1.25))
    for column, setting in enumerate(settings):
        _draw_gauge(axes[0, column], setting["weight"], setting["title"])
        ax = axes[1, column]
        draw_prior_to_posterior(
            ax, rates, setting["prior"], setting["likelihood"], setting["posterior"], setting["counts"], upper
        )
        ax.set(xlabel="rate $\\theta$ (counts)", yticks=[])
    axes[1, 0].set_ylabel("density")
    for ax in axes[1]:
        label_lines(ax, ax.lines[:3], ["prior", "likelihood", "posterior"], fontsize=9)
    return figure


def _draw_gauge(ax, weight, title):
    """A half-circle gauge whose needle points left for knowledge alone and right for data alone."""
    turn = 180 * (1 - weight)
    ends = [style.COLOURS["data"], "#D0D0D0"]  # from right to left
    shades = LinearSegmentedColormap.from_list("dial", ends)(np.linspace(0, 1, 60))
    for index, shade in enumerate(shades):
        ax.add_patch(Wedge((0, 0), 1, 3 * index, 3 * index + 3.3, width=0.28, facecolor=shade, linewidth=0))
    tip = 0.66 * np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
    ax.annotate("", tip, (0, 0), arrowprops={"arrowstyle": "-|>", "linewidth": 2.4, "color": "black", "shrinkA": 0})
    ax.plot(0, 0, "o", color="black", markersize=8)
    ax.text(-0.85, -0.1, f"knowledge\n{1 - weight:.0%}", ha="center", va="top", color=style.COLOURS["prior"])
    ax.text(0.85, -0.1, f"data\n{weight:.0%}", ha="center", va="top", color=style.COLOURS["data"])
    ax.text(0, 1.12, title, ha="center", va="bottom")
    ax.set(xlim=(-1.35, 1.35), ylim=(-0.6, 1.35), aspect="equal")
    ax.set_axis_off()


def predictions(values, before, after, plug_in, counts):
    """Three predictions of the next count, over the counts seen.

    Args:
        values: [n], whole numbers.
        before, after, plug_in: [n], probabilities: prior predictive, posterior predictive, Poisson at its mean.
        counts: [images].

    Returns:
        matplotlib Figure.
    """
    figure, ax = style.new_axes(8, 3.0)
    looks = [("prior", "s", before), ("likelihood", "^", plug_in), ("exact", "o", after)]
    lines = [
        ax.plot(values, mass, marker=marker, markersize=5, **{**style.LINES[role], "linewidth": 1.4})[0]
        for role, marker, mass in looks
    ]
    inner = [mass[1:] if mass[0] > 0.5 else mass for _, _, mass in looks]
    top = 1.25 * max(np.max(mass) for mass in inner)
    draw_counts(ax, counts, 0.1 * top)
    ax.set(xlim=(-0.4, values[-1]), ylim=(0, top))
    ax.locator_params(axis="y", nbins=5)
    ax.set(xlabel="next count (ink of one image)", ylabel="probability")
    label_lines(ax, lines, ["before any image", "if you were sure", "after your images"])
    return figure


def two_rates(samples, edges, mass, names):
    """A posterior of two rates: random-walk samples under the grid's contours, and both marginals.

    Args:
        samples: [n, 2], rates.
        edges: [cells + 1], the grid's edges, the same for both rates.
        mass: [cells, cells], posterior probability of each cell; first rate first.
        names: two axis labels.

    Returns:
        matplotlib Figure.
    """
    figure, (joint, margin) = style.new_axes(8, 3.5, 1, 2, width_ratios=(1, 1.25))
    middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    upper = 1.15 * np.quantile(samples.max(axis=1), 0.995)
    low = np.quantile(samples[:, 0], 0.005)
    lower = 0.9 * low if low > 0.6 * upper else 0.0
    density = mass / np.outer(widths, widths)
    joint.plot(*samples[:1500].T, ".", color=style.COLOURS["samples"], markersize=3, alpha=0.6)
    draw_contours(joint, middles, middles, mass.T, "exact", density.T)
    joint.set(xlim=(0, upper), ylim=(0, upper), xlabel=names[0], ylabel=names[1], aspect="equal")
    bins = np.linspace(lower, upper, 46)
    margin.hist(samples[:, 0], bins, density=True, color=style.COLOURS["samples"], alpha=0.45)
    few = 2 if lower else 10  # cells a point of the line
    exact = np.add.reduceat(mass.sum(axis=1), range(0, len(middles), few)) / (edges[few::few] - edges[:-1:few])
    at = (edges[few::few] + edges[:-1:few]) / 2
    (line,) = margin.plot(at, exact, **style.LINES["exact"])
    shown = (at > 0.5) & (at < upper)
    margin.set(xlim=(lower, upper), ylim=(0, 1.4 * max(exact[shown])), xlabel=names[0], ylabel="density (per count)")
    margin.locator_params(axis="y", nbins=5)
    corner = {"ha": "right", "va": "top", "transform": margin.transAxes}
    margin.text(0.98, 0.97, "grid (line)", color=line.get_color(), **corner)
    margin.text(0.98, 0.88, "random walk (bars)", color=_WALK, **corner)
    return figure
