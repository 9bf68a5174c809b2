"""Pictures of Markov chains: how they move, and whether their histogram is the posterior."""

import numpy as np
from scipy import stats

from helpers import style
from helpers.plots.labels import label_lines


def trace_and_posterior(draws, surrogate, exact):
    """The chains of one rate, draw by draw (left), and their histogram with q and the exact posterior (right).

    Args:
        draws: [chains, draws] of the rate, in counts.
        surrogate, exact: (concentration, rate) of that pixel.

    Returns:
        matplotlib Figure.
    """
    draws = np.asarray(draws)
    figure, (left, right) = style.new_axes(9.0, 3.2, 1, 2, gridspec_kw={"width_ratios": [1.4, 1]}, sharey=True)
    for chain, shade in zip(draws, np.linspace(0.35, 1.0, len(draws)), strict=True):
        left.plot(chain[:200], color=style.COLOURS["samples"], alpha=shade, linewidth=0.9)
    left.set(xlim=(0, min(200, draws.shape[1]) - 1), xlabel="draw", ylabel=r"rate $\theta$ of pixel A (counts)")
    low, high = np.quantile(draws, [0.0005, 0.9995])
    left.set_ylim(low, high)
    grid = np.linspace(low, high, 400)
    right.hist(
        draws.ravel(), bins=40, range=(low, high), density=True, orientation="horizontal",
        color=style.COLOURS["samples"], alpha=0.35,
    )  # fmt: skip
    lines = [
        right.plot(stats.gamma.pdf(grid, c, scale=1 / r), grid, **style.LINES[role])[0]
        for role, (c, r) in (("exact", exact), ("surrogate", surrogate))
    ]
    right.set_xlabel("density")
    right.set_xlim(left=0)
    label_lines(right, lines, ["exact posterior", "q"])
    right.text(0.03, 0.04, "bars: all draws", color="#A0527C", transform=right.transAxes, fontsize=10)
    return figure


def agreement(z_scores, effective_sizes):
    """Each pixel's difference from the exact answer, in standard errors of the simulation.

    Args:
        z_scores: [pixels], (mean of the draws - exact mean) / Monte Carlo standard error.
        effective_sizes: [pixels], effective sample sizes.

    Returns:
        matplotlib Figure.
    """
    figure, ax = style.new_axes(8.0, 2.8)
    ax.axhspan(-2, 2, color="#EEEEEE", linewidth=0)
    ax.axhline(0, **style.LINES["exact"])
    ax.plot(effective_sizes, z_scores, "o", color=style.COLOURS["samples"], markersize=6, alpha=0.8)
    reach = max(4.0, 1.1 * np.max(np.abs(z_scores)))
    ax.set(xlabel="effective sample size of a pixel", ylim=(-reach, reach))
    ax.set_ylabel("HMC - exact\n(standard errors)")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.annotate(
        "exact", (1, 0), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points", va="center",
        color=style.COLOURS["exact"],
    )  # fmt: skip
    return figure
