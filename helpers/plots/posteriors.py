"""Pictures of what is believed about rates: prior, surrogate and exact posterior, of one pixel or of all."""

import numpy as np
from matplotlib import patheffects
from scipy import stats

from helpers import style
from helpers.plots.images import draw_image, frame_pixel
from helpers.plots.labels import label_lines


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
