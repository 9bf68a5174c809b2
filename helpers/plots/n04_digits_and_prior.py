"""Figures of notebook 4: are the counts Poisson, and does a prior keep its promise?"""

import numpy as np

from helpers import style
from helpers.plots import images
from helpers.plots.labels import label_lines

_BAND = "#BBBBBB"


def variance_against_mean(mean, variance, num_images):
    """Each pixel's variance against its mean, with what a Poisson allows, and their ratio as an image.

    Args:
        mean: [64], counts.
        variance: [64], counts squared; 0 everywhere where there is one image.
        num_images: how many images they were taken over; sets the width of the Poisson's band.

    Returns:
        matplotlib Figure.
    """
    figure, (left, right) = style.new_axes(8.0, 3.4, 1, 2, width_ratios=(1.45, 1))
    line = np.array([0.0, 16.0])
    # Variance of a sample variance of a Poisson: about 2 mean^2 / (m - 1) where the mean is large.
    spread = 2 * np.sqrt(2 / max(num_images - 1, 1))
    left.fill_between(line, line * max(1 - spread, 0), line * (1 + spread), color=_BAND, alpha=0.5, linewidth=0)
    (poisson,) = left.plot(line, line, **style.LINES["prior"])
    left.scatter(mean, variance, s=22, color=style.COLOURS["data"], zorder=3)
    top = max(22.0, 1.08 * variance.max())
    left.set(xlabel="mean of a pixel (counts)", ylabel="variance (counts²)", xlim=(-0.3, 16.3), ylim=(-0.02 * top, top))
    left.set_xticks(range(0, 17, 4))
    known = (mean > 0) & (num_images > 1)
    ratio = np.where(known, variance / np.where(mean > 0, mean, 1), np.nan)
    _ratio_image(figure, right, ratio)
    label_lines(left, [poisson], ["Poisson: variance = mean"], avoid=[np.column_stack([mean, variance])])
    return figure


def coverage(strengths, coverages, level):
    """How often intervals hold the truth, against the strength of the prior.

    Args:
        strengths: [n], pseudo-images.
        coverages: dictionary of role ("exact", "samples", ...) to (words, [n] shares).
        level: the probability that the intervals claim to hold.

    Returns:
        matplotlib Figure.
    """
    figure, ax = style.new_axes(7.0, 3.0)
    ax.plot(strengths[[0, -1]], [level, level], color=_BAND, linewidth=1.2)
    ax.text(strengths[0], level + 0.03, f"promised: {level:.0%}", color="#595959", fontsize=10, va="bottom")
    for role, (words, shares) in coverages.items():
        ax.plot(strengths, shares, marker="o", markersize=5, **style.LINES[role])
        ax.text(strengths[-1] * 1.15, shares[-1], words, color=style.COLOURS[role], va="center", fontsize=10)
    ax.set(xscale="log", xlabel="strength of the prior (pseudo-images)", ylabel="intervals that hold the truth")
    ax.set(ylim=(0, 1.05), xlim=(strengths[0] / 1.2, strengths[-1] * 7))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    return figure


def _ratio_image(figure, ax, ratio):
    most = 8.0
    picture = images.draw_image(ax, np.log2(np.clip(ratio, 1 / most, most)), limits=(-3, 3), cmap=style.SIGNED)
    ax.set_facecolor("#E6E6E6")
    bar = figure.colorbar(picture, cax=ax.inset_axes((1.04, 0, 0.06, 1)), ticks=[-3, -2, -1, 0, 1, 2, 3])
    bar.ax.set_yticklabels(["1/8", "1/4", "1/2", "1", "2", "4", "8"], fontsize=9)
    bar.set_label("variance / mean")
    bar.outline.set_visible(False)
