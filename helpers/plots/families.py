"""Figures for surrogates of the wrong shape: which bump, how little variance, how far from the evidence."""

import numpy as np
from matplotlib.patches import Ellipse

from helpers import style
from helpers.plots.elbo import in_nats
from helpers.plots.labels import label_lines


def two_directions(rates, p, forward, reverse):
    """A target with two bumps, and what each direction of the KL divergence makes of it.

    Args:
        rates: [n], counts.
        p: [n], density per count.
        forward: [n], the minimiser of KL(p || q).
        reverse: list of [n], the local minimisers of KL(q || p).

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8, 2.9, 1, 2, sharey=True)
    for ax, curves, formula in zip(axes, ([forward], reverse), ("KL(p || q)", "KL(q || p)"), strict=True):
        ax.plot(rates, p, **style.LINES["exact"])
        for curve in curves:
            ax.plot(rates, curve, **style.LINES["surrogate"])
        highest = max(np.max(curve) for curve in (p, *reverse))
        ax.set(xlim=(rates[0], rates[-1]), ylim=(0, 1.2 * highest), xlabel="rate $\\theta$ (counts)")
        ax.text(0.97, 0.96, f"least {formula}", ha="right", va="top", transform=ax.transAxes)
        names = ["target $p$"] + (["$q$"] if len(curves) == 1 else [f"$q$, start {k + 1}" for k in range(len(curves))])
        label_lines(ax, ax.lines, names)
    axes[0].set_ylabel("density (per count)")
    axes[0].locator_params(axis="y", nbins=4)
    return figure


def mean_field(correlation, correlations, ratio):
    """A correlated Gaussian and its best product of Gaussians, and how much variance is left at every correlation.

    Args:
        correlation: of the pair that is drawn.
        correlations: [n], horizontal axis of the right panel.
        ratio: [n], variance of q over the true variance.

    Returns:
        matplotlib Figure.
    """
    figure, (left, right) = style.new_axes(8, 3.4, 1, 2, width_ratios=(1, 1.25))
    for mass in (0.5, 0.9):
        radius = np.sqrt(-2 * np.log(1 - mass))  # of the circle that holds this much of a standard Gaussian pair
        long, short = 2 * radius * np.sqrt(1 + np.array([1, -1]) * correlation)
        left.add_patch(
            Ellipse((0, 0), long, short, angle=45, fill=False, linewidth=2, edgecolor=style.COLOURS["exact"])
        )
        small = 2 * radius * np.sqrt(1 - correlation**2)
        look = {"linestyle": "--", "linewidth": 2, "edgecolor": style.COLOURS["surrogate"]}
        left.add_patch(Ellipse((0, 0), small, small, fill=False, **look))
    left.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xlabel="$z_1$", ylabel="$z_2$")
    left.text(0.5, 1.95, "target $p$", color=style.COLOURS["exact"], ha="right")
    left.text(0.62, -0.85, "best product $q$", color=style.COLOURS["surrogate"], ha="left", va="top")
    right.axhline(1, **style.LINES["exact"])
    right.plot(correlations, ratio, **style.LINES["surrogate"])
    right.plot(correlation, 1 - correlation**2, "o", color=style.COLOURS["surrogate"], markersize=9)
    right.set(xlim=(0, 1), ylim=(0, 1.15), xlabel="correlation of the target", ylabel="variance of $q$ / true variance")
    right.text(0.02, 1.03, "the truth", color=style.COLOURS["exact"], va="bottom")
    right.text(0.6, 0.67, "best product, $1 - \\rho^2$", color=style.COLOURS["surrogate"], ha="left")
    return figure


def ceiling(means, elbos, log_evidence, found, rates, q, p):
    """The ELBO of a one-knob family: its top stays under the evidence, and the best q is still not the posterior.

    Args:
        means: [n], means of q in counts.
        elbos: [n], nats.
        log_evidence: nats.
        found: [k, 2], mean and ELBO where each optimiser stopped.
        rates: [r], counts.
        q, p: [r], densities per count of the best q and of the posterior.

    Returns:
        matplotlib Figure.
    """
    figure, (left, right) = style.new_axes(8, 3.1, 1, 2)
    found = np.asarray(found)
    best = elbos.max()
    gap = log_evidence - best
    depth = max(gap, 0.5)
    left.axhline(log_evidence, **style.LINES["exact"])
    left.plot(means, elbos, **style.LINES["surrogate"])
    for marker, size, (mean, elbo) in zip("os^", (13, 9, 5), found, strict=True):
        left.plot(mean, elbo, marker, markersize=size, color="white", markeredgecolor="black", zorder=3)
    at = found[0, 0]
    if gap > 0.25:
        left.annotate("", (at, log_evidence), (at, best), arrowprops={"arrowstyle": "<->", "shrinkA": 7, "shrinkB": 0})
        left.text(at * 1.12, best + 0.5 * gap, f"gap {in_nats(gap)} nats", va="center")
    left.text(means[-1], log_evidence, "evidence", color=style.COLOURS["exact"], ha="right", va="bottom")
    left.set(xscale="log", xlim=(means[0], means[-1]), ylim=(best - 1.5 * depth, log_evidence + 0.35 * depth))
    left.set(xlabel="mean of $q$ (counts)", ylabel="nats")
    left.locator_params(axis="y", nbins=5)
    right.plot(rates, p, **style.LINES["exact"])
    right.plot(rates, q, **style.LINES["surrogate"])
    inner = rates > 0.02 * rates[-1]
    right.set(xlim=(0, rates[-1]), ylim=(0, 1.3 * max(p[inner].max(), q[inner].max())))
    right.set(xlabel="rate $\\theta$ (counts)", ylabel="density (per count)")
    right.locator_params(axis="y", nbins=4)
    label_lines(right, right.lines, ["posterior", "best $q$"])
    return figure
