"""Figures of notebook 5: draws that underflow, the ELBO on its way to the evidence, what q believes."""

import numpy as np
from matplotlib.ticker import MaxNLocator
from scipy import special

from helpers import style
from helpers.plots.images import draw_image


def elbo_against_evidence(elbos, log_evidence, final_elbo, *, window=100):
    """The ELBO's estimates, from the first step on a log axis (left), and the last ones, close up (right).

    Args:
        elbos: [steps], estimates in nats.
        log_evidence: exact ln p(X), in nats.
        final_elbo: exact ELBO of the surrogate at the end, in nats.
        window: how many steps the running mean at the right covers.

    Returns:
        matplotlib Figure.
    """
    elbos = np.asarray(elbos, dtype=float)
    steps = np.arange(1, len(elbos) + 1)
    figure, (left, right) = style.new_axes(9.0, 3.4, 1, 2)
    left.axhline(log_evidence, **style.LINES["exact"])
    left.plot(steps, elbos, **style.LINES["surrogate"])
    left.set(xscale="log", xlabel="step (log scale)", ylabel="ELBO, estimated (nats)")
    left.yaxis.set_major_formatter("{x:,.0f}")
    span = log_evidence - elbos.min()
    left.set_ylim(log_evidence - 1.08 * span, log_evidence + 0.16 * span)
    left.annotate(
        "evidence, exact", (1, log_evidence), xytext=(0, 4), textcoords="offset points", color=style.COLOURS["exact"]
    )
    middle = int(np.argmin(np.abs(elbos - (log_evidence - 0.5 * span))))
    left.annotate(
        "ELBO", (steps[middle], elbos[middle]), xytext=(10, -4), textcoords="offset points",
        color=style.COLOURS["surrogate"],
    )  # fmt: skip

    tail = slice(-min(1000, len(elbos)), None)
    distance = elbos - log_evidence
    window = max(1, min(window, len(elbos[tail]) // 5))
    smooth = np.convolve(distance[tail], np.ones(window) / window, mode="valid")
    right.plot(steps[tail], distance[tail], color=style.COLOURS["surrogate"], alpha=0.25, linewidth=0.8)
    right.plot(steps[tail][window - 1 :], smooth, color=style.COLOURS["surrogate"], linestyle="--")
    right.axhline(0, **style.LINES["exact"])
    low, high = np.quantile(distance[tail], [0.01, 0.995])
    low, high = min(low, 1.5 * (final_elbo - log_evidence)), max(high, 0.0)
    right.set_xlim(steps[tail][0], max(steps[-1], 2))
    right.xaxis.set_major_formatter("{x:,.0f}")
    right.set_ylim(low - 0.1 * (high - low), high + 0.2 * (high - low))
    right.set(xlabel="step, the last ones", ylabel="ELBO - evidence (nats)")
    right.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    end = {"ha": "left", "va": "center", "annotation_clip": False, "textcoords": "offset points", "xytext": (6, 0)}
    right.annotate("evidence", (steps[-1], 0), color=style.COLOURS["exact"], **end)
    right.annotate("mean of\nthe last", (steps[-1], smooth[-1]), color=style.COLOURS["surrogate"], **end)
    return figure


def mean_and_spread(gamma, standard_error):
    """Three images: the mean of each rate, its standard deviation, and the standard error of a plain average.

    Args:
        gamma: concentration and rate, [64] each.
        standard_error: [64], counts; NaN where there is none. On the deviation's colour scale.

    Returns:
        matplotlib Figure.
    """
    concentration, rate = (np.asarray(value, dtype=float) for value in gamma)
    mean, deviation = concentration / rate, np.sqrt(concentration) / rate
    largest = np.nanmax([deviation, standard_error])
    figure, axes = style.new_axes(8.0, 2.9, 1, 3)
    for ax, values, most, name in (
        (axes[0], mean, mean.max(), "mean of q"),
        (axes[1], deviation, largest, "standard deviation of q"),
        (axes[2], standard_error, largest, "standard error of\nthe plain average"),
    ):
        picture = draw_image(ax, values, limits=(0, most))
        ax.set_facecolor("#E6E6E6")  # where there is no value
        bar = figure.colorbar(picture, ax=ax, location="bottom", fraction=0.06, pad=0.03)
        bar.set_label(f"{name} (counts)")
        bar.outline.set_visible(False)
    return figure


def cumulative_in_logs(log_draws, concentration, smallest):
    """How gamma draws fall on a log axis, and the part of them that float32 cannot hold.

    Args:
        log_draws: [samples], ln of the draws from a sampler that works in logs.
        concentration: of the gamma they come from; its rate is 1.
        smallest: the smallest positive number, as a number, not a log.

    Returns:
        matplotlib Figure.
    """
    log_draws = np.sort(np.asarray(log_draws, dtype=float))
    shares = np.arange(1, len(log_draws) + 1) / len(log_draws)
    left = 3.0 * np.log(smallest)
    grid = np.linspace(left, 4, 400)
    cdf = special.gammainc(concentration, np.exp(grid))
    lost = special.gammainc(concentration, smallest)
    figure, ax = style.new_axes(8.0, 3.2)
    ax.axvspan(left, np.log(smallest), color="#EEEEEE", linewidth=0)
    ax.plot(log_draws, shares, color=style.COLOURS["samples"], linewidth=5, alpha=0.6)
    ax.plot(grid, cdf, **style.LINES["exact"])
    ax.plot([np.log(smallest)], [lost], "o", color="black")
    ax.set(xlim=(left, 4), ylim=(0, 1.02), xlabel=r"$\ln\,\theta$", ylabel="share of draws below")
    ax.annotate(
        f"{lost:.0%} of all draws are smaller than\nfloat32's smallest number: they become 0",
        (np.log(smallest), lost), xytext=(-10, 14), textcoords="offset points", ha="right", va="bottom",
    )  # fmt: skip
    near = int(np.argmin(np.abs(grid + 45)))
    ax.annotate(
        "exact", (grid[near], cdf[near]), xytext=(-6, 6), textcoords="offset points", ha="right",
        color=style.COLOURS["exact"],
    )  # fmt: skip
    ax.annotate(
        "draws in logs", (grid[near], cdf[near]), xytext=(12, -14), textcoords="offset points",
        color=style.COLOURS["samples"],
    )  # fmt: skip
    return figure
