"""Pictures of what is believed about rates: prior, surrogate and exact posterior, of one pixel or of all."""

import numpy as np
from matplotlib import patheffects
from scipy import special, stats

from helpers import style
from helpers.plots.images import draw_image, frame_pixel
from helpers.plots.labels import label_lines


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


def two_pixels(image, pixels, prior, surrogate, exact):
    """Prior, surrogate and exact posterior of two pixels, beside the image that shows where they are.

    Args:
        image: [64], the image at the left, in counts.
        pixels: two positions, 0..63.
        prior, surrogate, exact: concentration and rate, [64] each.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(10.0, 3.1, 1, 3, gridspec_kw={"width_ratios": [0.9, 1.5, 1.5]})
    draw_image(axes[0], image)
    for ax, pixel, letter in zip(axes[1:], pixels, "AB", strict=True):
        mark_pixel(axes[0], pixel, letter)
        draw_densities(ax, *(_entry(gamma, pixel) for gamma in (prior, surrogate, exact)))
        ax.set(xlabel=rf"rate $\theta$ of pixel {letter} (counts)", ylabel="density")
    for ax in axes[1:]:
        label_lines(ax, ax.get_lines(), ["prior", "exact posterior", "q"][: len(ax.get_lines())])
    return figure


def mark_pixel(ax, pixel, letter):
    """Frame a pixel of an image and write a letter in it."""
    frame_pixel(ax, pixel, "black")
    row, column = divmod(pixel, 8)
    halo = [patheffects.withStroke(linewidth=3, foreground="white")]
    ax.text(column, row, letter, ha="center", va="center", weight="bold", path_effects=halo)


def draw_densities(ax, prior, surrogate, exact):
    """Three gamma densities on axes that show the posterior and q in full.

    Args:
        ax: matplotlib Axes.
        prior, surrogate, exact: (concentration, rate) of one pixel.
    """
    low, high = _range(exact, surrogate)
    grid = np.linspace(low, high, 801)[1:]
    densities = {"prior": _density(grid, prior), "exact": _density(grid, exact), "surrogate": _density(grid, surrogate)}
    for role, density in densities.items():
        ax.plot(grid, density, **style.LINES[role])
    # A density with a concentration below 1 is infinite at 0: let its spike leave the picture.
    top = max(np.quantile(densities[role], 0.99) for role in ("exact", "surrogate"))
    ax.set(xlim=(low, high), ylim=(0, 1.15 * top))


def kl_maps(maps, labels):
    """KL(q, exact) of every pixel as an image, one image a fit, on one logarithmic scale.

    Args:
        maps: list of arrays [64], nats.
        labels: list of short strings, one an image.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(2.9 * len(maps) + 1.2, 3.1, 1, len(maps), squeeze=False)
    for ax, values, label in zip(axes[0], maps, labels, strict=True):
        logs = np.log10(np.maximum(values, 1e-9))
        picture = draw_image(ax, logs, limits=(-6, 1), cmap="cividis")
        ax.set_xlabel(label)
    bar = figure.colorbar(picture, ax=axes, fraction=0.06, pad=0.02, extend="both", ticks=range(-6, 2))
    bar.ax.set_yticklabels([f"{10.0**power:g}" if power >= -3 else f"1e{power}" for power in range(-6, 2)])
    bar.set_label("KL(q, exact) of a pixel (nats)")
    bar.outline.set_visible(False)
    return figure


def _density(grid, gamma):
    concentration, rate = gamma
    return stats.gamma.pdf(grid, concentration, scale=1 / rate)


def _entry(gamma, pixel):
    return tuple(float(np.asarray(values)[pixel]) for values in gamma)


def _range(*gammas):
    """An interval that shows all of these gammas, from 0 where they come near it."""
    low = min(stats.gamma.ppf(0.0005, c, scale=1 / r) for c, r in gammas)
    high = max(stats.gamma.ppf(0.9995, c, scale=1 / r) for c, r in gammas)
    return (0.0 if low < 0.3 * high else low), high
