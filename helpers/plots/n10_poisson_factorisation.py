"""Figures of notebook 10: ELBOs of many starts, a climb, widths of two posteriors, scores against
components."""

import math

import numpy as np
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from helpers import style

_MARKERS = {"surrogate": "o", "samples": "s", "likelihood": "^"}


def starts(elbos, log_evidence, num_components):
    """Where coordinate ascent ended from several starts, below the exact evidence.

    Args: elbos [starts], nats; log_evidence: nats; num_components: K, a second line lies ln K!
    below the evidence.
    """
    figure, (ax, top) = style.new_axes(8.0, 3.0, 1, 2, width_ratios=(2, 1))
    elbos = np.sort(elbos)
    for each in (ax, top):
        each.plot(
            np.arange(1, len(elbos) + 1), elbos, "o", color=style.COLOURS["surrogate"], markersize=6
        )
        each.axhline(log_evidence, **style.LINES["exact"])
        each.set(
            xlim=(0, len(elbos) + 1),
            xticks=range(0, len(elbos) + 1, 5),
            xlabel="start, sorted by where it ends",
        )
    spread = log_evidence - elbos[0]
    ax.set(ylabel="ELBO (nats)", ylim=(elbos[0] - 0.08 * spread, log_evidence + 0.2 * spread))
    ax.text(
        0.3,
        log_evidence + 0.03 * spread,
        "exact evidence",
        color=style.COLOURS["exact"],
        fontsize=10,
    )
    bound = log_evidence - math.log(math.factorial(num_components))
    top.axhline(bound, **style.LINES["prior"])
    look = {"va": "top", "fontsize": 10, "color": style.QUIET}
    top.annotate(
        f"less ln {num_components}!", (0.3, bound), (0, -5), textcoords="offset points", **look
    )
    gap = log_evidence - min(bound, elbos[-1])
    top.set(ylim=(log_evidence - 1.6 * gap, log_evidence + 0.35 * gap), xlabel="the top, enlarged")
    top.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    top.ticklabel_format(useOffset=False)
    return figure


def climb(elbos):
    """ELBO an image [steps], against steps on a log axis."""
    figure, ax = style.new_axes(8.0, 2.4)
    steps = np.arange(1, len(elbos) + 1)
    ax.plot(steps, elbos, marker="o" if len(elbos) == 1 else None, **style.LINES["surrogate"])
    ax.set(xscale="log", xlabel="steps of coordinate ascent", ylabel="ELBO\n(nats an image)")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter("{x:g}")
    return figure


def widths(truth, fits, unit):
    """Standard deviations by approximation, against those by simulation; on the diagonal they are
    equal.

    Args: truth: list of arrays, one a panel; fits: list of dicts from a role of the palette to
    (words, array), one a panel; unit: list of axis labels.
    """
    figure, axes = style.new_axes(8.0, 3.3, 1, len(truth), squeeze=False)
    for ax, exact, named, words in zip(axes[0], truth, fits, unit, strict=True):
        values = np.concatenate([exact, *(each for _, each in named.values())])
        least, most = 0.8 * values.min(), 1.25 * values.max()
        ax.plot([least, most], [least, most], **style.LINES["exact"], linewidth=1.2)
        for role, (name, deviations) in named.items():
            look = {"color": style.COLOURS[role], "markerfacecolor": "none", "markersize": 5}
            ax.plot(exact, deviations, _MARKERS[role], label=name, **look)
        ax.set(xscale="log", yscale="log", xlim=(least, most), ylim=(least, most), aspect="equal")
        ax.set(xlabel=f"{words}, simulated", ylabel="by the surrogate")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_minor_locator(NullLocator())
            axis.set_major_locator(_few_on_log(least, most))
            axis.set_major_formatter("{x:g}")
        ax.tick_params(labelsize=9)
    names = axes[0, 0].get_legend_handles_labels()
    figure.legend(*names, loc="outside upper center", ncols=3, fontsize=10, frameon=False)
    return figure


def against_components(components, panels):
    """Curves over the number of components, one panel a quantity; the best point of each curve is
    filled.

    Args: components: list of K; panels: list of (axis label, dict from a role to (words, list of
    values or one number for a level)).
    """
    figure, axes = style.new_axes(8.0, 3.0, 1, len(panels), squeeze=False)
    for ax, (label, curves) in zip(axes[0], panels, strict=True):
        for role, (words, values) in curves.items():
            line, fitting = style.LINES[role], {"markerfacecolor": "white", "markersize": 6}
            if np.ndim(values) == 0:
                ax.axhline(values, label=words, **line)
                continue
            ax.plot(components, values, marker=_MARKERS[role], label=words, **line, **fitting)
            best = int(np.argmax(values))
            ax.plot(
                components[best], values[best], _MARKERS[role], color=line["color"], markersize=7
            )
        ax.set(xscale="log", xlabel="number of factors K", ylabel=label)
        ax.set_xticks(components, [f"{k}" for k in components])
        ax.xaxis.set_minor_locator(NullLocator())
        if len(curves) > 1:
            ax.legend(fontsize=9, loc="best", frameon=False)
    return figure


def _few_on_log(least, most):
    ticks = [m * 10.0**e for e in range(-6, 7) for m in (1, 2, 5)]
    inside = [tick for tick in ticks if least <= tick <= most]
    return FixedLocator(inside[:: -(-len(inside) // 4) or 1])
