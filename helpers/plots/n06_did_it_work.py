"""Figures of notebook 6: q against the exact posterior, checks that need no exact answer, chains,
six fits."""

import numpy as np
from matplotlib import patheffects
from scipy import special, stats

from helpers import style
from helpers.plots.images import draw_image, frame_pixel
from helpers.plots.labels import label_lines
from helpers.plots.panels import colour_bar, corner, curves, dots, rows, word


def two_pixels(image, pixels, prior, surrogate, exact):
    """Prior, surrogate and exact posterior of two pixels, beside the image that shows where they
    are.

    Args: image [64], counts; pixels: two positions, 0..63; prior, surrogate, exact: concentration
    and rate, [64] each.
    """
    figure, (left, *axes) = style.new_axes(10.0, 3.1, 1, 3, width_ratios=[0.9, 1.5, 1.5])
    draw_image(left, image)
    halo = [patheffects.withStroke(linewidth=3, foreground="white")]
    parts = {"prior": prior, "exact": exact, "surrogate": surrogate}
    for ax, pixel, letter in zip(axes, pixels, "AB", strict=True):
        frame_pixel(left, pixel, "black")
        word(
            left,
            letter,
            divmod(pixel, 8)[::-1],
            ha="center",
            weight="bold",
            path_effects=halo,
            fontsize=11,
        )
        gammas = {
            role: stats.gamma(part[0][pixel], scale=1 / part[1][pixel])
            for role, part in parts.items()
        }
        # these two are shown in full
        ends = [gammas[role].ppf((0.0005, 0.9995)) for role in ("exact", "surrogate")]
        low, high = np.min(ends), np.max(ends)
        low = 0.0 if low < 0.3 * high else low
        grid = np.linspace(low, high, 801)[1:]
        lines = curves(ax, grid, {role: gamma.pdf(grid) for role, gamma in gammas.items()})
        # A density with a concentration below 1 is infinite at 0: let its spike leave the picture.
        top = max(np.quantile(line.get_ydata(), 0.99) for line in lines[1:])
        ax.set(xlim=(low, high), ylim=(0, 1.15 * top), ylabel="density")
        ax.set_xlabel(rf"rate $\theta$ of pixel {letter} (counts)")
    for ax in axes:
        label_lines(ax, ax.lines, ["prior", "exact posterior", "q"])
    return figure


def kl_maps(maps, labels):
    """KL(q, exact) of every pixel as an image, one image a fit, on one logarithmic scale.

    Args: maps: list of arrays [64], nats; labels: list of short strings, one an image.
    """
    figure, axes = style.new_axes(2.9 * len(maps) + 1.2, 3.1, 1, len(maps), squeeze=False)
    for ax, values, label in zip(axes[0], maps, labels, strict=True):
        picture = draw_image(ax, np.log10(np.maximum(values, 1e-9)), limits=(-6, 1), cmap="cividis")
        ax.set_xlabel(label)
    name = "KL(q, exact) of a pixel (nats)"
    bar = colour_bar(
        picture, name, axes, fraction=0.06, pad=0.02, extend="both", ticks=range(-6, 2)
    )
    bar.ax.set_yticklabels(
        [f"{10.0**power:g}" if power >= -3 else f"1e{power}" for power in range(-6, 2)]
    )
    return figure


def weight_shares(log_ratios, names):
    """How much of the importance weight the heaviest draws carry.

    Args: log_ratios: list of arrays [draws], ln p(X, theta) - ln q(theta); names: list of short
    strings; one a fit.
    """
    figure, ax = style.new_axes(8.0, 3.4)
    for values, look in zip(log_ratios, style.COMPARED, strict=False):
        weights = np.sort(special.softmax(np.asarray(values, dtype=float)))[::-1]
        ax.plot(np.arange(1, len(weights) + 1), np.cumsum(weights), **look)
    ax.set(
        xscale="log",
        ylim=(0, 1.02),
        xlim=(1, len(weights)),
        xlabel="this many of the heaviest draws (log scale)",
    )
    ax.set_ylabel("carry this share\nof all the weight")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    label_lines(ax, ax.lines, names)
    return figure


def rank_curves(values, names, band):
    """Calibration curves: the empirical distribution of ranks, minus the uniform one, and where
    chance keeps it.

    Args: values: list of arrays, ranks scaled to [0, 1], one array a procedure; names: list of
    short strings, one a procedure; band: points, lower and upper, [points] each, of the empirical
    distribution.
    """
    figure, axes = style.new_axes(
        3.2 * len(values), 3.0, 1, len(values), sharey=True, squeeze=False
    )
    points, lower, upper = (np.r_[0, np.asarray(part), 1] for part in band)
    for ax, ranks, name in zip(axes[0], values, names, strict=True):
        empirical = stats.ecdf(np.ravel(ranks)).cdf.evaluate(points)
        ax.fill_between(points, lower - points, upper - points, color=style.BAND, linewidth=0)
        ax.axhline(0, color="black", linewidth=0.8)
        curves(ax, points, {"surrogate": empirical - points})
        ax.set(
            xlim=(0, 1),
            xlabel="rank of the truth in q",
            xticks=[0, 0.5, 1],
            xticklabels=["0", "0.5", "1"],
        )
        corner(ax, name, 0.5, 1.02, va="bottom")
    axes[0, 0].set_ylabel("share of ranks below,\nminus uniform")
    return figure


def trace_and_posterior(draws, surrogate, exact):
    """The chains of one rate, draw by draw (left), and their histogram with q and the exact
    posterior (right).

    Args: draws [chains, draws] of the rate, in counts; surrogate, exact (concentration, rate) of
    that pixel.
    """
    figure, (left, right) = style.new_axes(9.0, 3.2, 1, 2, width_ratios=[1.4, 1], sharey=True)
    for chain, shade in zip(draws, np.linspace(0.35, 1.0, len(draws)), strict=True):
        left.plot(chain[:200], color=style.COLOURS["samples"], alpha=shade, linewidth=0.9)
    low, high = np.quantile(draws, [0.0005, 0.9995])
    left.set(xlim=(0, min(200, draws.shape[1]) - 1), ylim=(low, high), xlabel="draw")
    left.set_ylabel(r"rate $\theta$ of pixel A (counts)")
    look = {
        "density": True,
        "orientation": "horizontal",
        "color": style.COLOURS["samples"],
        "alpha": 0.35,
    }
    right.hist(draws.ravel(), bins=np.linspace(low, high, 41), **look)
    grid = np.linspace(low, high, 400)
    for role, (concentration, rate) in (("exact", exact), ("surrogate", surrogate)):
        curves(right, stats.gamma.pdf(grid, concentration, scale=1 / rate), {role: grid})
    right.set(xlabel="density", xlim=(0, None))
    label_lines(right, right.lines, ["exact posterior", "q"])
    corner(right, "bars: all draws", 0.03, 0.04, "samples", fontsize=10)
    return figure


def agreement(z_scores, effective_sizes):
    """Each pixel's difference from the exact answer, in standard errors of the simulation.

    Args: z_scores [pixels], (mean of the draws - exact mean) / Monte Carlo standard error;
    effective_sizes [pixels].
    """
    figure, ax = style.new_axes(8.0, 2.8)
    ax.axhspan(-2, 2, color=style.ZONE, linewidth=0)
    ax.axhline(0, **style.LINES["exact"])
    dots(ax, effective_sizes, z_scores, "samples", alpha=0.8)
    reach = max(4.0, 1.1 * np.max(np.abs(z_scores)))
    ax.set(
        xlabel="effective sample size of a pixel",
        ylabel="HMC - exact\n(standard errors)",
        ylim=(-reach, reach),
    )
    ax.xaxis.set_major_formatter("{x:,.0f}")
    word(ax, "exact", (1, 0), (4, 0), "exact", xycoords=("axes fraction", "data"), fontsize=11)
    return figure


def evidence_against(letters, columns, labels, limits):
    """A row a fit, a column a diagnostic: dots left of the dashed line pass.

    Args: letters: one a fit; then lists, one entry a diagnostic: columns: arrays [fits] or [fits,
    repeats], infinite values go to the right edge; labels: its words; limits: (least, threshold,
    most), a log axis where least is above 0.
    """
    figure, axes = style.new_axes(
        9.0, 0.36 * len(letters) + 1.0, 1, len(columns), sharey=True, squeeze=False
    )
    heights = rows(axes[0, 0], letters)
    for ax, values, label, (least, threshold, most) in zip(
        axes[0], columns, labels, limits, strict=True
    ):
        values = np.clip(np.nan_to_num(np.asarray(values, dtype=float), nan=most), least, most)
        places, failed = np.broadcast_to(heights, values.T.shape).T, values > threshold
        ax.axvspan(threshold, most * 1.1, color=style.ZONE, linewidth=0)
        ax.axvline(threshold, color="black", linestyle="--", linewidth=1)
        for part, role, marker in ((~failed, "surrogate", "o"), (failed, "data", "X")):
            look = {"marker": marker, "markersize": 9 if values.ndim == 1 else 6, "clip_on": False}
            dots(ax, values[part], places[part], role, **look)
        ax.set(xlabel=label, xscale="log" if least > 0 else "linear", xlim=(least, most))
    return figure
