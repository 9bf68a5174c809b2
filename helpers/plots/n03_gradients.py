"""Pictures of gradient noise: single-draw gradients, their variance, and what it does to a climb."""

import numpy as np

from helpers import style

_RED = style.COLOURS["exact"]
_BLUE = style.COLOURS["surrogate"]
_PINK = style.COLOURS["samples"]

# One look an estimator, the same in every figure of the notebook.
ESTIMATORS = {
    "score": {"color": "#767676", "linestyle": ":"},
    "score, baseline": {"color": "#CC79A7", "linestyle": "-."},
    "reparameterised": {"color": "#0072B2", "linestyle": "--"},
    "sticking the landing": {"color": "#009E73", "linestyle": "-"},
}


def baseline(gradients, exact, baselines, variances, measured, elbo):
    """Left: single-draw gradients. Right: their variance as a parabola in the baseline.

    Args:
        gradients: [draws], score-function gradients without a baseline.
        exact: the gradient they estimate.
        baselines, variances: [n], the exact parabola.
        measured: list of (baseline, variance, standard error).
        elbo: the ELBO, in nats.

    Returns:
        matplotlib Figure.
    """
    figure, (left, right) = style.new_axes(8.0, 3.2, 1, 2)
    low, high = np.quantile(gradients, [0.003, 0.997])
    left.hist(gradients, bins=np.linspace(low, high, 61), density=True, color=_PINK, alpha=0.55)
    left.axvline(exact, color=_RED)
    left.axvline(0, color="#444444", linewidth=0.8)
    words = {"color": _RED, "fontsize": 10, "ha": "center", "va": "bottom"}
    left.text(exact, 1.01, "exact", transform=left.get_xaxis_transform(), **words)
    left.set(xlabel="gradient from one draw", ylabel="density", yticks=[])
    right.plot(baselines, variances, color=_RED)
    for value, variance, error in measured:
        right.errorbar(value, variance, 5 * error, fmt="o", color="black", markersize=5, capsize=3, linewidth=1.2)
    words = (0.0, "no baseline", (10, -8), "left"), (elbo, "baseline = ELBO", (0, -20), "center")
    for value, text, (dx, dy), align in words:
        variance = np.interp(value, baselines, variances)
        right.annotate(text, (value, variance), (dx, dy), textcoords="offset points", fontsize=10, ha=align)
    right.set(xlabel="baseline (nats)", ylabel="variance of one draw's gradient", ylim=(0, None))
    return figure


def ridges(panels, labels):
    """Single-draw gradients of several estimators, one ridge each, on one axis a panel.

    Args:
        panels: list of (heading, exact, list of arrays [draws]): one array an estimator; constant ones are spikes.
        labels: estimators' names, keys of ESTIMATORS.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8.0, 3.9, 1, len(panels), sharey=True, width_ratios=[1.6, 1])
    for ax, (heading, exact, samples) in zip(axes, panels, strict=True):
        spread = max(values.std() for values in samples)
        low = min(np.quantile(values, 0.001) for values in samples)
        edges = np.linspace(min(low, exact - 0.6 * spread), exact + 3.0 * spread, 141)
        ax.axvline(exact, color=_RED, linewidth=1.2)
        for row, (label, values) in enumerate(zip(labels, samples, strict=True)):
            _ridge(ax, edges, values, -row, ESTIMATORS[label])
        words = {"color": _RED, "fontsize": 10, "ha": "center", "va": "bottom"}
        ax.text(exact, 1.01, "exact", transform=ax.get_xaxis_transform(), **words)
        limits = {"xlim": (edges[0], edges[-1]), "ylim": (1 - len(labels) - 0.2, 0.95)}
        ax.set(xlabel=f"gradient from one draw\n{heading}", **limits)
        ax.grid(False)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
    axes[0].set_yticks([-row for row in range(len(labels))], labels)
    for tick, label in zip(axes[0].get_yticklabels(), labels, strict=True):
        tick.set(color=ESTIMATORS[label]["color"], va="bottom")
    return figure


def _ridge(ax, edges, values, base, look):
    ax.axhline(base, color="#CCCCCC", linewidth=0.8)
    color = look["color"]
    if values.std() < 1e-3 * (edges[-1] - edges[0]):
        ax.plot([values.mean()] * 2, [base, base + 0.8], color=color, linewidth=3.5, solid_capstyle="butt")
        place = (values.mean(), base + 0.45)
        ax.annotate("always 0", place, (7, 0), textcoords="offset points", fontsize=9.5, color=color, va="center")
        return
    heights, _ = np.histogram(values, edges)
    middle = (edges[1:] + edges[:-1]) / 2
    outline = base + 0.8 * heights / heights.max()
    ax.fill_between(middle, base, outline, color=color, alpha=0.35, linewidth=0)
    ax.plot(middle, outline, color=color, linewidth=1.2)


def landing(concentrations, variances, measured, target, distances, num_samples):
    """Left: variance against where q stands. Right: the distance still to go in a climb by each gradient.

    Args:
        concentrations: [n], of q.
        variances: dict, estimator -> [n], exact.
        measured: (concentration, dict: estimator -> variance).
        target: the target's concentration.
        distances: [2, steps], of the reparameterised climb and of the one that sticks the landing.
        num_samples: draws a step.

    Returns:
        matplotlib Figure.
    """
    figure, (left, right) = style.new_axes(8.0, 3.6, 1, 2)
    places = {  # estimator: concentration, points above the curve, alignment
        "score": (20.6, 6, "left"),
        "score, baseline": (concentrations[-1], 9, "right"),
        "reparameterised": (20.0, -20, "left"),
        "sticking the landing": (20.0, -75, "left"),
    }
    for name, curve in variances.items():
        look = ESTIMATORS[name]
        left.plot(concentrations, curve, **look)
        where, above, align = places[name]
        words = {"color": look["color"], "fontsize": 10, "ha": align, "textcoords": "offset points"}
        left.annotate(name, (where, np.interp(where, concentrations, curve)), (0, above), **words)
    place, found = measured
    for name, variance in found.items():
        look = {"color": ESTIMATORS[name]["color"], "markersize": 6, "markeredgecolor": "white", "zorder": 5}
        left.plot(place, variance, "o", **look)
    left.axvline(target, color=_RED, linewidth=1)
    words = {"color": _RED, "fontsize": 10, "ha": "center", "va": "bottom"}
    left.text(target, 1.01, "target", transform=left.get_xaxis_transform(), **words)
    left.set(yscale="log", ylim=(3e-7, 5), xlabel="concentration of q", ylabel="variance of one draw's gradient")
    for name, distance in zip(("reparameterised", "sticking the landing"), distances, strict=True):
        distance = np.maximum(distance, 1e-6)  # float32 has no digits below
        look, half = ESTIMATORS[name], len(distance) // 2
        right.plot(np.arange(len(distance)), distance, **look | {"linewidth": 1.6})
        place = (len(distance) - 1, distance[half:].max())
        words = {"color": look["color"], "fontsize": 10, "ha": "right", "textcoords": "offset points"}
        right.annotate(name, place, (0, 5), **words)
    right.set(yscale="log", ylim=(None, 40))
    right.set(xlabel=f"step (draws a step: {num_samples})", ylabel="distance to the target's concentration")
    return figure


def digit_noise(labels, draws_needed, noise):
    """Dots on log axes: the price of a useful gradient at the start, and the noise left at the end.

    Args:
        labels: estimators' names, keys of ESTIMATORS.
        draws_needed: [estimators], for a gradient with an error of a tenth of its length, at the prior.
        noise: [estimators], root mean square of one draw's gradient in one parameter, at the exact posterior.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8.0, 3.0, 1, 2, sharey=True)
    rows = -np.arange(len(labels))
    x_labels = (
        "draws for a gradient with 10% error\nwhen q is the prior",
        "noise of one draw's gradient\nwhen q is the posterior",
    )
    for ax, values, x_label in zip(axes, (draws_needed, noise), x_labels, strict=True):
        values = np.maximum(values, 1e-9)
        start = 10.0 ** (np.floor(np.log10(values.min())) - 1)
        for row, label, value in zip(rows, labels, values, strict=True):
            color = ESTIMATORS[label]["color"]
            ax.plot(value, row, "o", color=color, markersize=9)
            words = {"textcoords": "offset points", "va": "center", "fontsize": 10}
            ax.annotate(two_digits(value), (value, row), (9, 0), **words)
        ax.set(xscale="log", xlabel=x_label, xlim=(start, values.max() * (values.max() / start) ** 0.4))
    axes[0].set_yticks(rows, labels)
    for tick, label in zip(axes[0].get_yticklabels(), labels, strict=True):
        tick.set(color=ESTIMATORS[label]["color"])
    axes[0].set_ylim(rows[-1] - 0.6, 0.6)
    return figure


def two_digits(value):
    """A number for the eye: two digits, commas for large ones, a power of ten for very small ones."""
    if value < 1e-3:
        return f"{value:.0e}"
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"
