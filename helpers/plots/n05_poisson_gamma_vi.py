"""Figures of notebook 5: draws that underflow, the ELBO on its way to the evidence, what q
believes."""

import numpy as np
from matplotlib.ticker import MaxNLocator
from scipy import special

from helpers import style
from helpers.plots.images import draw_image
from helpers.plots.panels import colour_bar, curves, dots, word


def elbo_against_evidence(elbos, log_evidence, final_elbo):
    """The ELBO's estimates, from the first step on a log axis (left), and the last ones, close up
    (right).

    Args: elbos [steps], estimates; log_evidence: exact ln p(X); final_elbo: exact, of the surrogate
    at the end; nats.
    """
    elbos, steps = np.asarray(elbos, dtype=float), np.arange(1, len(elbos) + 1)
    figure, (left, right) = style.new_axes(9.0, 3.4, 1, 2)
    left.axhline(log_evidence, **style.LINES["exact"])
    curves(left, steps, {"surrogate": elbos})
    span = log_evidence - elbos.min()
    left.set(xscale="log", xlabel="step (log scale)", ylabel="ELBO, estimated (nats)")
    left.set(ylim=(log_evidence - 1.08 * span, log_evidence + 0.16 * span))
    left.yaxis.set_major_formatter("{x:,.0f}")
    word(left, "evidence, exact", (1, log_evidence), (0, 4), "exact", va="baseline", fontsize=11)
    middle = int(np.argmin(np.abs(elbos - (log_evidence - 0.5 * span))))
    word(
        left,
        "ELBO",
        (steps[middle], elbos[middle]),
        (10, -4),
        "surrogate",
        va="baseline",
        fontsize=11,
    )

    distance, last = elbos[-1000:] - log_evidence, steps[-1000:]
    window = max(1, min(100, len(distance) // 5))  # steps of the running mean
    smooth = np.convolve(distance, np.ones(window) / window, mode="valid")
    curves(right, last, {"surrogate": distance}, linestyle="-", alpha=0.25, linewidth=0.8)
    curves(right, last[window - 1 :], {"surrogate": smooth})
    right.axhline(0, **style.LINES["exact"])
    low, high = np.quantile(distance, [0.01, 0.995])
    low, high = min(low, 1.5 * (final_elbo - log_evidence)), max(high, 0.0)
    right.set(
        xlim=(last[0], max(last[-1], 2)), ylim=(low - 0.1 * (high - low), high + 0.2 * (high - low))
    )
    right.set(xlabel="step, the last ones", ylabel="ELBO - evidence (nats)")
    right.xaxis.set_major_formatter("{x:,.0f}")
    right.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    for text, height, role in (
        ("evidence", 0, "exact"),
        ("mean of\nthe last", smooth[-1], "surrogate"),
    ):
        word(right, text, (last[-1], height), (6, 0), role, annotation_clip=False, fontsize=11)
    return figure


def mean_spread_and_error(gamma, standard_error):
    """Three images: the mean of each rate, its standard deviation, and the standard error of a
    plain average.

    Args: gamma: entries [64]; standard_error [64], counts, NaN where there is none. On the
    deviation's colour scale.
    """
    deviation = np.sqrt(gamma.variance)
    largest = np.nanmax([deviation, standard_error])
    images = {
        "mean of q": (gamma.mean, gamma.mean.max()),
        "standard deviation of q": (deviation, largest),
    }
    images["standard error of\nthe plain average"] = standard_error, largest
    figure, axes = style.new_axes(8.0, 2.9, 1, 3)
    for ax, (name, (values, most)) in zip(axes, images.items(), strict=True):
        picture = draw_image(ax, values, limits=(0, most))
        colour_bar(picture, f"{name} (counts)", ax, location="bottom", fraction=0.06, pad=0.03)
    return figure


def cumulative_in_logs(log_draws, concentration, smallest):
    """How gamma draws fall on a log axis, and the part of them that float32 cannot hold.

    Args: log_draws [samples], drawn in logs from a gamma of this concentration and rate 1;
    smallest: the smallest positive number of float32, not its log.
    """
    edge, lost = np.log(smallest), special.gammainc(concentration, smallest)
    grid = np.linspace(3 * edge, 4, 400)
    figure, ax = style.new_axes(8.0, 3.2)
    ax.axvspan(3 * edge, edge, color=style.ZONE, linewidth=0)
    ax.ecdf(log_draws, color=style.COLOURS["samples"], linewidth=5, alpha=0.6)
    curves(ax, grid, {"exact": special.gammainc(concentration, np.exp(grid))})
    dots(ax, edge, lost, "data")
    ax.set(
        xlim=(3 * edge, 4), ylim=(0, 1.02), xlabel=r"$\ln\,\theta$", ylabel="share of draws below"
    )
    text = f"{lost:.0%} of all draws are smaller than\nfloat32's smallest number: they become 0"
    word(ax, text, (edge, lost), (-10, 14), ha="right", va="bottom", fontsize=11)
    near = (-45, special.gammainc(concentration, np.exp(-45)))
    word(ax, "exact", near, (-6, 6), "exact", ha="right", va="baseline", fontsize=11)
    word(ax, "draws in logs", near, (12, -14), "samples", va="baseline", fontsize=11)
    return figure
