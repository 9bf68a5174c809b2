"""Figures of notebook 3, gradient noise: single-draw gradients, their variance, and what it does to
a climb."""

import numpy as np

from helpers import style
from helpers.plots.labels import label_lines
from helpers.plots.panels import dots, no_left_edge, reference, rows, word

# One look an estimator, the same in every figure of the notebook.
_BLUE, _GREEN, _PINK, _GREY = style.COMPARED
ESTIMATORS = {
    "score": _GREY,
    "score, baseline": _PINK,
    "reparameterised": _BLUE,
    "sticking the landing": _GREEN,
}


def baseline(gradients, exact, baselines, variances, measured, elbo):
    """Left: single-draw gradients. Right: their variance as a parabola in the baseline.

    Args: gradients [draws], score-function gradients without a baseline; exact: the gradient they
    estimate; baselines, variances [n], the exact parabola; measured: list of (baseline, variance,
    standard error); elbo: the ELBO, in nats.
    """
    figure, (left, right) = style.new_axes(8.0, 3.2, 1, 2)
    ends = np.quantile(gradients, [0.003, 0.997])
    left.hist(gradients, 60, range=ends, density=True, color=style.COLOURS["samples"], alpha=0.55)
    left.axvline(0, color=style.QUIET, linewidth=0.8)
    reference(left, exact, "exact")
    left.set(xlabel="gradient from one draw", ylabel="density", yticks=[])
    right.plot(baselines, variances, color=style.COLOURS["exact"])
    places, heights, errors = np.transpose(measured)
    right.errorbar(
        places, heights, 5 * errors, fmt="o", color="black", markersize=5, capsize=3, linewidth=1.2
    )
    none, best = np.interp([0.0, elbo], baselines, variances)
    word(right, "no baseline", (0.0, none), (10, -4))
    word(right, "baseline = ELBO", (elbo, best), (0, -16), ha="center")
    right.set(xlabel="baseline (nats)", ylabel="variance of one draw's gradient", ylim=(0, None))
    return figure


def ridges(panels, labels):
    """Single-draw gradients of several estimators, one ridge each, on one axis a panel.

    Args: panels: list of (heading, exact, list of [draws], one a label, spikes if constant);
    labels: of ESTIMATORS.
    """
    figure, axes = style.new_axes(8.0, 3.9, 1, len(panels), sharey=True, width_ratios=[1.6, 1])
    colours = [ESTIMATORS[label]["color"] for label in labels]
    for ax, (heading, exact, samples) in zip(axes, panels, strict=True):
        spread, low = np.std(samples, axis=1).max(), np.quantile(samples, 0.001, axis=1).min()
        edges = np.linspace(min(low, exact - 0.6 * spread), exact + 3.0 * spread, 141)
        reference(ax, exact, "exact", linewidth=1.2)
        for base, (values, colour) in enumerate(zip(samples, colours, strict=True)):
            _ridge(ax, edges, values, base, colour)
        ax.set(xlabel=f"gradient from one draw\n{heading}", xlim=(edges[0], edges[-1]))
        no_left_edge(ax)
    rows(axes[0], labels, colours)
    axes[0].set_yticklabels(labels, va="bottom")
    axes[0].set_ylim(len(labels) - 0.8, -0.95)
    return figure


def _ridge(ax, edges, values, base, colour):
    """A density that stands on its own line, 0.8 high; a spike if all values are the same."""
    ax.axhline(base, color=style.RULE, linewidth=0.8)
    if values.std() < 1e-3 * (edges[-1] - edges[0]):
        ax.plot(
            [values.mean()] * 2,
            [base, base - 0.8],
            color=colour,
            linewidth=3.5,
            solid_capstyle="butt",
        )
        word(ax, "always 0", (values.mean(), base - 0.45), (7, 0), colour, fontsize=9.5)
        return
    heights, _ = np.histogram(values, edges)
    middle, outline = (edges[1:] + edges[:-1]) / 2, base - 0.8 * heights / heights.max()
    ax.fill_between(middle, base, outline, color=colour, alpha=0.35, linewidth=0)
    ax.plot(middle, outline, color=colour, linewidth=1.2)


def landing(concentrations, variances, measured, target, distances, num_samples):
    """Left: variance against where q stands. Right: the distance still to go in a climb by each
    gradient.

    Args: concentrations [n], of q; variances: {estimator: [n]}, exact; measured (concentration,
    {estimator: variance}); target: its concentration; distances [2, steps], reparameterised,
    sticking the landing; num_samples: draws a step.
    """
    figure, (left, right) = style.new_axes(8.0, 3.6, 1, 2)
    place, found = measured
    lines = [
        left.plot(concentrations, curve, **ESTIMATORS[name])[0] for name, curve in variances.items()
    ]
    for name, variance in found.items():
        dots(left, place, variance, ESTIMATORS[name]["color"], markeredgecolor="white", zorder=5)
    reference(left, target, "target", linewidth=1)
    left.set(
        yscale="log",
        ylim=(3e-7, 5),
        xlabel="concentration of q",
        ylabel="variance of one draw's gradient",
    )
    label_lines(left, lines, list(variances))
    for name, distance in zip(("reparameterised", "sticking the landing"), distances, strict=True):
        look, distance = ESTIMATORS[name], np.maximum(distance, 1e-6)  # float32 has no digits below
        right.plot(distance, **look | {"linewidth": 1.6})
        word(
            right,
            name,
            (len(distance) - 1, distance[len(distance) // 2 :].max()),
            (0, 9),
            look["color"],
            ha="right",
        )
    right.set(yscale="log", ylim=(None, 40))
    right.set(
        xlabel=f"step (draws a step: {num_samples})",
        ylabel="distance to the target's concentration",
    )
    return figure


def digit_noise(labels, draws_needed, noise):
    """Dots on log axes: the price of a useful gradient at the start, and the noise left at the end.

    Args: labels: keys of ESTIMATORS; draws_needed [labels], for a gradient with an error of a tenth
    of its length, at the prior; noise [labels], root mean square of one draw's gradient in one
    parameter, at the exact posterior.
    """
    figure, axes = style.new_axes(8.0, 3.0, 1, 2, sharey=True)
    colours = [ESTIMATORS[label]["color"] for label in labels]
    heights = rows(axes[0], labels, colours)
    for ax, values in zip(axes, np.maximum([draws_needed, noise], 1e-9), strict=True):
        for row, colour, value in zip(heights, colours, values, strict=True):
            dots(ax, value, row, colour, markersize=9)
            word(ax, two_digits(value), (value, row), (9, 0))
        start = 10.0 ** (np.floor(np.log10(values.min())) - 1)
        ax.set(xscale="log", xlim=(start, values.max() * (values.max() / start) ** 0.4))
    axes[0].set_xlabel("draws for a gradient with 10% error\nwhen q is the prior")
    axes[1].set_xlabel("noise of one draw's gradient\nwhen q is the posterior")
    return figure


def two_digits(value):
    """A number for the eye: two digits, commas for large ones, a power of ten for very small
    ones."""
    return f"{value:.0e}" if value < 1e-3 else f"{float(f'{value:.2g}'):,.15g}"
