"""Figures of notebook 3, random draws: how they slide with a parameter, how they are rejected, how
they jump."""

import numpy as np

from helpers import style
from helpers.plots.panels import curves, dots, word

_PINK, _BLUE = style.COLOURS["samples"], style.COLOURS["surrogate"]


def _fan(ax, parameter, paths, density, support):
    """Draws as lines over a parameter; at its first, middle and last value their density, lying on
    its side."""
    for value in parameter[[0, len(parameter) // 2, -1]]:
        height = density(support, value)
        # equally high: compare shapes, not areas
        outline = value + 0.11 * np.ptp(parameter) * height / height.max()
        ax.fill_betweenx(support, value, outline, color=_BLUE, alpha=0.18, linewidth=0)
        curves(ax, outline, {"surrogate": support}, linewidth=1.2)
        ax.axvline(value, color=_BLUE, linewidth=0.6, alpha=0.5)
    ax.plot(parameter, paths.T, color=_PINK, linewidth=1.6)
    dots(ax, np.full(len(paths), parameter[0]), paths[:, 0], "samples", markersize=4, clip_on=False)


def fans(panels, support):
    """Fans side by side, on one vertical axis: draws as lines over a parameter, and their density
    at three values.

    Args: panels: list of (x_label, parameter [grid], paths [draws, grid], density), with density(x,
    parameter) -> array like x; support [n], the draws' values at which a density is drawn.
    """
    figure, axes = style.new_axes(8.0, 3.2, 1, len(panels), sharey=True)
    for ax, (x_label, *fan) in zip(axes, panels, strict=True):
        _fan(ax, *fan, support)
        ax.set(xlabel=x_label)
    axes[0].set_ylabel("draw x")
    return figure


def rejection(grid, target, z, log_u, is_accepted):
    """Points thrown under the proposal's curve; those above the target's are rejected.

    Args: grid [n], proposed normal draws; target [n], what the gamma asks for, at most the bell
    exp(-z^2 / 2); z, log_u [points], a normal draw and the log of a uniform one, its height under
    the bell; is_accepted: bool [points].
    """
    proposal, heights = np.exp(-(grid**2) / 2), np.exp(log_u - z**2 / 2)
    figure, ax = style.new_axes(8.0, 3.4)
    dots(
        ax,
        z[is_accepted],
        heights[is_accepted],
        "surrogate",
        markersize=2.4,
        alpha=0.4,
        markeredgewidth=0,
    )
    dots(
        ax,
        z[~is_accepted],
        heights[~is_accepted],
        style.letters("samples"),
        marker="x",
        markersize=4.5,
    )
    curves(ax, grid, {"prior": proposal, "exact": target})
    ax.fill_between(grid, target, proposal, color=_PINK, alpha=0.15, linewidth=0)
    word(ax, "proposal: a normal's bell", (0.55, 0.95), role="prior")
    halo = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    word(ax, "accepted", (-0.72, 0.42), role="surrogate", fontsize=11, bbox=halo)
    for text, at, place, role in (
        ("what the gamma wants", (-1.0, np.interp(-1.0, grid, target)), (-1.45, 0.74), "exact"),
        ("rejected", (-1.9, 0.11), (-2.3, 0.32), "samples"),
    ):
        arrow = {"arrowstyle": "-", "linewidth": 0.9, "color": style.letters(role)}
        word(ax, text, at, place, role, textcoords="data", ha="right", arrowprops=arrow)
    ax.set(
        xlabel="proposed normal draw z",
        ylabel="height of the point",
        xlim=(-3.2, 3.2),
        ylim=(0, 1.05),
    )
    return figure


def fixed_numbers(concentrations, paths, jumps, near, error, error_jumps, slope):
    """Left: single draws at fixed random numbers. Right: their average, less the exact mean: a
    sawtooth.

    Args: concentrations [grid]; paths [draws, grid], jumps [draws, grid - 1], bool, where a path
    jumps: a dozen of the draws are shown; near, error, error_jumps: the same of the average, on a
    finer grid; slope: between its jumps.
    """
    figure, (left, right) = style.new_axes(8.0, 3.4, 1, 2, subplot_kw={"xlabel": "concentration"})
    in_view = np.abs(paths).max(axis=1) < 2.5
    left.plot(
        concentrations, paths[in_view & ~jumps.any(axis=1)][:9].T, color=style.RULE, linewidth=1.2
    )
    for i in np.flatnonzero(in_view & jumps[:, 20:-20].any(axis=1))[:3]:
        _broken(left, concentrations, paths[i], jumps[i])
    left.set_ylabel("ln x at fixed random numbers")
    error = error - error[0]
    right.axhline(0, color=style.COLOURS["exact"])
    _broken(right, near, error, error_jumps)
    ends = np.array([0.0, 0.62 * (near[-1] - near[0])])
    right.plot(near[0] + ends, slope * ends, color="black", linewidth=1.3, linestyle="--")
    word(right, " what autograd\n sees", (near[0] + ends[1], slope * ends[1]))
    low, span = error.min(), max(error.max(), slope * ends[1]) - error.min()
    word(
        right,
        "exact: level",
        (0.99, low - 0.16 * span),
        role="exact",
        ha="right",
        xycoords=("axes fraction", "data"),
    )
    right.set(ylabel="average of ln x, less exact", ylim=(low - 0.22 * span, low + 1.12 * span))
    return figure


def _broken(ax, x, line, is_jump):
    """A line with a gap at each jump, and the jumps dotted."""
    ax.plot(x, line, color=_PINK, linewidth=1, linestyle=":")
    ax.plot(x, np.where(np.append(False, is_jump), np.nan, line), color=_PINK, linewidth=2.4)


def kept_ranks(x, cdfs, labels, ranks, positions, fan):
    """Left: two distribution functions; each draw slides along its own height. Right: the same
    draws, as a fan.

    Args: x [n]; cdfs [2, n]; labels: two strings; ranks [draws], heights in (0, 1); positions
    [draws, 2], the draw under each of the two; fan (parameter [grid], paths [draws, grid],
    density), as a panel of `fans`.
    """
    figure, (left, right) = style.new_axes(8.0, 3.5, 1, 2)
    curves(left, x, dict(zip(("prior", "surrogate"), cdfs, strict=True)))
    arrow = {
        "arrowstyle": "-|>",
        "color": _PINK,
        "linewidth": 1.6,
        "shrinkA": 0,
        "shrinkB": 0,
        "mutation_scale": 11,
    }
    for rank, (start, end) in zip(ranks, positions, strict=True):
        left.annotate("", (end, rank), (start, rank), arrowprops=arrow)
    dots(left, positions[:, 0], ranks, "samples", markersize=4)
    left.set(xlabel="x", ylabel="distribution function F(x)", xlim=(0, x[-1]), ylim=(0, 1))
    word(left, labels[0], (np.interp(0.74, cdfs[0], x) - 0.3, 0.74), role="prior", ha="right")
    word(left, labels[1], (np.interp(0.14, cdfs[1], x) + 0.35, 0.14), role="surrogate")
    _fan(right, *fan, x)
    right.set(xlabel="concentration", ylabel="x, the same ranks", ylim=(0, None))
    return figure
