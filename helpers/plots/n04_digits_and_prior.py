"""Figures of notebook 4: digits as counts, are they Poisson, a typeface as knowledge, does a prior
keep its promise?"""

import numpy as np

from helpers import style
from helpers.plots.images import draw_bar, draw_image, sheet
from helpers.plots.labels import label_lines
from helpers.plots.panels import colour_bar, curves, dots, word


def numbered_image(image, others):
    """One image with its counts written into the pixels, and some more beside it.

    Args: image: whole counts [64]; others: up to six arrays [64], drawn in two rows, none is
    allowed.
    """
    figure, grid = sheet(1.4, 2 + -(-len(others) // 2), (0, 0))
    large = figure.add_subplot(grid[1:4, 1:4])
    picture = draw_image(large, image)
    for j, count in enumerate(image):
        row, column = divmod(j, 8)
        word(
            large,
            f"{count:.0f}",
            (column, row),
            role="white" if count < 9 else "black",
            ha="center",
            fontsize=9,
        )
    for k, other in enumerate(others):
        column, row = divmod(k, 2)
        draw_image(figure.add_subplot(grid[2 * row + 1, 2 * column + 5]), other)
    draw_bar(figure.add_subplot(grid[1:-1, -2]), picture)
    return figure


def variance_against_mean(mean, variance, num_images):
    """Each pixel's variance against its mean, with what a Poisson allows, and their ratio as an
    image.

    Args: mean [64], counts; variance [64], counts squared, all 0 for one image; num_images: sets
    the Poisson's band.
    """
    figure, (left, right) = style.new_axes(8.0, 3.4, 1, 2, width_ratios=(1.45, 1))
    line = np.array([0.0, 16.0])
    # Variance of a sample variance of a Poisson: about 2 mean^2 / (m - 1) where the mean is large.
    spread = 2 * np.sqrt(2 / max(num_images - 1, 1))
    left.fill_between(
        line, line * max(1 - spread, 0), line * (1 + spread), color=style.BAND, linewidth=0
    )
    poisson = curves(left, line, {"prior": line})
    dots(left, mean, variance, "data", markersize=4.7, zorder=3)
    top = max(22.0, 1.08 * variance.max())
    left.set(
        xlabel="mean of a pixel (counts)",
        ylabel="variance (counts²)",
        xlim=(-0.3, 16.3),
        ylim=(-0.02 * top, top),
    )
    left.set_xticks(range(0, 17, 4))
    ratio = np.where((mean > 0) & (num_images > 1), variance / np.where(mean > 0, mean, 1), np.nan)
    picture = draw_image(
        right, np.log2(np.clip(ratio, 1 / 8, 8)), limits=(-3, 3), cmap=style.SIGNED
    )
    bar = colour_bar(
        picture, "variance / mean", cax=right.inset_axes((1.04, 0, 0.06, 1)), ticks=range(-3, 4)
    )
    bar.ax.set_yticklabels(["1/8", "1/4", "1/2", "1", "2", "4", "8"], fontsize=9)
    label_lines(
        left, poisson, ["Poisson: variance = mean"], avoid=[np.column_stack([mean, variance])]
    )
    return figure


def coverage_by_strength(strengths, coverages, level):
    """How often intervals hold the truth, against the strength of the prior.

    Args: strengths [n], pseudo-images; coverages: dict from a role to (words, shares [n]); level:
    what was promised.
    """
    figure, ax = style.new_axes(7.0, 3.0)
    ax.plot(strengths[[0, -1]], [level, level], color=style.RULE, linewidth=1.2)
    word(ax, f"promised: {level:.0%}", (strengths[0], level + 0.03), role=style.QUIET, va="bottom")
    for role, (words, shares) in coverages.items():
        curves(ax, strengths, {role: shares}, marker="o", markersize=5)
        word(ax, words, (strengths[-1] * 1.15, shares[-1]), role=role)
    ax.set(
        xscale="log",
        xlabel="strength of the prior (pseudo-images)",
        ylabel="intervals that hold the truth",
    )
    ax.set(ylim=(0, 1.05), xlim=(strengths[0] / 1.2, strengths[-1] * 7))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_formatter("{x:.0%}")
    return figure


def typeface_steps(polygons, fine, pixels):
    """How a letter becomes an image: its outline, the outline filled, the average over each pixel.

    Args: polygons: closed, [corners, 2], pixels, y up; fine [8 n, 8 n], 0 or 1, top row first;
    pixels [64], counts.
    """
    figure, (outline, filled, averaged) = style.new_axes(8.0, 2.75, 1, 3)
    for polygon in polygons:
        outline.plot(polygon[:, 0], 8 - polygon[:, 1], color="black", linewidth=1.6)
    filled.imshow(fine, cmap="gray_r", vmin=0, vmax=1, extent=(0, 8, 8, 0))
    for ax, words, height in ((outline, "outline", 0), (filled, "filled", 2)):
        ax.grid(False)
        ax.set(xlim=(0, 8), ylim=(8, 0), aspect="equal", xticks=[], yticks=[])
        ax.set_title(words, fontsize=11)
        for draw_lines in (ax.hlines, ax.vlines):
            draw_lines(range(9), 0, 8, color=style.RULE, linewidth=0.8, zorder=height)
        ax.spines[:].set_visible(False)
    averaged.set_title("averaged", fontsize=11)
    picture = draw_image(averaged, pixels)
    colour_bar(
        picture, "counts", cax=averaged.inset_axes((1.04, 0, 0.06, 1)), ticks=range(0, 17, 4)
    )
    return figure
