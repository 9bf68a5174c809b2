"""Figures of notebook 1: loss, prior to posterior, the dial, predictions, a cloud of samples."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Wedge

from helpers import style
from helpers.plots.labels import label_lines
from helpers.plots.panels import corner, curves, dots, draw_contours


def loss_valleys(rates, losses, names):
    """Loss curves, each above its own minimum, with a dot where it is least.

    Args: rates [cells]; losses [sets, cells], nats, the reader's own first; names of the first
    curve and of the others.
    """
    figure, ax = style.new_axes(8, 2.9)
    losses = np.asarray(losses) - np.min(losses, axis=1, keepdims=True)
    least = rates[np.argmin(losses, axis=1)]
    lines = ax.plot(
        rates, losses.T, color=style.COLOURS["prior"], linestyle="-.", linewidth=1.0, alpha=0.55
    )
    lines[0].set(color=style.COLOURS["likelihood"], linewidth=2.6, alpha=1, zorder=2.5)
    for i, place in enumerate(least):
        dots(
            ax,
            place,
            0,
            "prior" if i else "likelihood",
            markersize=6 if i else 9,
            clip_on=False,
            zorder=3,
        )
    ax.set(
        xlim=(0, 20),
        ylim=(0, 6),
        xlabel="rate $\\theta$ (counts per image)",
        ylabel="loss above its least (nats)",
    )
    farthest = np.argmax(np.abs(least - least[0]))
    shown = [lines[0], lines[farthest]] if farthest else lines[:1]
    label_lines(ax, shown, names[: len(shown)], avoid=[line.get_xydata() for line in lines])
    return figure


def prior_to_posterior(rates, prior, likelihood, posterior, counts):
    """Prior, likelihood (scaled to area 1) and posterior of a rate over the counts that made the
    difference.

    Args: rates [cells]; prior, likelihood, posterior [cells], densities per count; counts [images].
    """
    figure, ax = style.new_axes(8, 3.2)
    lines = _three_curves(ax, rates, prior, likelihood, posterior, counts)
    ax.set(xlabel="rate $\\theta$, and counts (ink per image)", ylabel="density (per count)")
    label_lines(
        ax,
        lines,
        ["prior: what you knew", "likelihood: what you saw", "posterior: what you now know"],
    )
    return figure


def _three_curves(ax, rates, prior, likelihood, posterior, counts):
    lines = curves(ax, rates, {"prior": prior, "likelihood": likelihood, "exact": posterior})
    shown = (rates > 0.3) & (rates < 22)  # a density that is infinite at 0 must not set the scale
    _counts(ax, counts, 1.25 * max(np.max(line.get_ydata()[shown]) for line in lines))
    ax.set_xlim(0, 22)
    return lines


def _counts(ax, counts, top):
    """Black marks that stand on the axis: the more images show a count, the higher its mark."""
    values, times = np.unique(np.asarray(counts), return_counts=True)
    ax.vlines(
        values,
        0,
        0.1 * top * times / times.max(),
        color="black",
        linewidth=4.5,
        zorder=4,
        clip_on=False,
    )
    ax.set_ylim(0, top)
    ax.locator_params(axis="y", nbins=5)


def dial(rates, settings):
    """The dial between domain knowledge and data: a gauge for each setting, over the distributions
    it leads to.

    Args: rates [cells]; settings: list of dicts: title, weight (of the data, 0..1), arguments of
    `prior_to_posterior`.
    """
    figure, axes = style.new_axes(8, 4.3, 2, len(settings), height_ratios=(1, 1.25))
    for (gauge, ax), setting in zip(axes.T, settings, strict=True):
        _gauge(gauge, setting["weight"], setting["title"])
        _three_curves(
            ax, rates, *(setting[part] for part in ("prior", "likelihood", "posterior", "counts"))
        )
        ax.set(xlabel="rate $\\theta$ (counts)", yticks=[])
    axes[1, 0].set_ylabel("density")
    for ax in axes[1]:
        label_lines(ax, ax.lines[:3], ["prior", "likelihood", "posterior"], fontsize=9)
    return figure


def _gauge(ax, weight, title):
    """A half-circle gauge whose needle points left for knowledge alone and right for data alone."""
    turn = np.pi * (1 - weight)
    shades = LinearSegmentedColormap.from_list("dial", [style.COLOURS["data"], style.BAND])
    for index, shade in enumerate(shades(np.linspace(0, 1, 60))):  # from right to left
        ax.add_patch(
            Wedge((0, 0), 1, 3 * index, 3 * index + 3.3, width=0.28, facecolor=shade, linewidth=0)
        )
    needle = {"arrowstyle": "-|>", "linewidth": 2.4, "color": "black", "shrinkA": 0}
    ax.annotate("", (0.66 * np.cos(turn), 0.66 * np.sin(turn)), (0, 0), arrowprops=needle)
    ax.plot(0, 0, "o", color="black", markersize=8)
    for x, name, share, role in (
        (-0.85, "knowledge", 1 - weight, "prior"),
        (0.85, "data", weight, "data"),
    ):
        ax.text(x, -0.1, f"{name}\n{share:.0%}", ha="center", va="top", color=style.COLOURS[role])
    ax.text(0, 1.12, title, ha="center", va="bottom")
    ax.set(
        xlim=(-1.35, 1.35), ylim=(-0.6, 1.35), aspect="equal", xticks=[], yticks=[], frame_on=False
    )


def predictions(values, before, after, plug_in, counts):
    """Three predictions of the next count, over the counts seen.

    Args: values [n], whole numbers; before, after, plug_in [n], probabilities: prior predictive,
    posterior predictive, Poisson at its mean; counts [images].
    """
    figure, ax = style.new_axes(8, 3.0)
    lines = curves(
        ax,
        values,
        {"prior": before, "likelihood": plug_in, "exact": after},
        linewidth=1.4,
        markersize=5,
    )
    for line, marker in zip(lines, "s^o", strict=True):
        line.set_marker(marker)
    inner = [mass[1:] if mass[0] > 0.5 else mass for mass in (before, plug_in, after)]
    _counts(ax, counts, 1.25 * max(np.max(mass) for mass in inner))
    ax.set(xlim=(-0.4, values[-1]), xlabel="next count (ink of one image)", ylabel="probability")
    label_lines(ax, lines, ["before any image", "if you were sure", "after your images"])
    return figure


def two_rates(samples, edges, mass, names):
    """A posterior of two rates: random-walk samples under the grid's contours, and the first rate's
    marginal.

    Args: samples [n, 2], rates; edges [cells + 1], the grid's edges, the same for both rates; mass
    [cells, cells], posterior probability of each cell, first rate first; names: two axis labels.
    """
    figure, (joint, margin) = style.new_axes(8, 3.5, 1, 2, width_ratios=(1, 1.25))
    middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    upper = 1.15 * np.quantile(samples.max(axis=1), 0.995)
    low = np.quantile(samples[:, 0], 0.005)
    lower = 0.9 * low if low > 0.6 * upper else 0.0
    joint.plot(*samples[:1500].T, ".", color=style.COLOURS["samples"], markersize=3, alpha=0.6)
    draw_contours(joint, middles, middles, mass.T, "exact", (mass / np.outer(widths, widths)).T)
    joint.set(xlim=(0, upper), ylim=(0, upper), xlabel=names[0], ylabel=names[1], aspect="equal")
    margin.hist(
        samples[:, 0],
        np.linspace(lower, upper, 46),
        density=True,
        color=style.COLOURS["samples"],
        alpha=0.45,
    )
    exact, coarse = np.histogram(
        middles, edges[:: 2 if lower else 10], weights=mass.sum(axis=1), density=True
    )
    at = (coarse[1:] + coarse[:-1]) / 2
    curves(margin, at, {"exact": exact})
    shown = (at > 0.5) & (at < upper)
    margin.set(
        xlim=(lower, upper),
        ylim=(0, 1.4 * max(exact[shown])),
        xlabel=names[0],
        ylabel="density (per count)",
    )
    margin.locator_params(axis="y", nbins=5)
    corner(margin, "grid (line)", 0.98, 0.97, "exact")
    corner(margin, "random walk (bars)", 0.98, 0.88, "samples")
    return figure
