"""Pictures of random draws: how they slide with a parameter, how they are rejected, how they jump."""

import numpy as np

from helpers import style

_GREY = style.COLOURS["prior"]
_PINK = style.COLOURS["samples"]
_BLUE = style.COLOURS["surrogate"]
_RED = style.COLOURS["exact"]
_DARK_PINK = "#A8508A"  # the samples' colour for words: pink itself is too pale to read


def _fan(ax, parameter, paths, density, support):
    """Draws as lines over a parameter; at its first, middle and last value their density, lying on its side."""
    width = 0.11 * (parameter[-1] - parameter[0])
    for value in parameter[[0, len(parameter) // 2, -1]]:
        height = density(support, value)
        outline = value + width * height / height.max()  # each to its own height: shapes, not areas, are compared
        ax.fill_betweenx(support, value, outline, color=_BLUE, alpha=0.18, linewidth=0)
        ax.plot(outline, support, **style.LINES["surrogate"] | {"linewidth": 1.2})
        ax.axvline(value, color=_BLUE, linewidth=0.6, alpha=0.5)
    ax.plot(parameter, paths.T, color=_PINK, linewidth=1.6)
    ax.plot(np.full(len(paths), parameter[0]), paths[:, 0], "o", color=_PINK, markersize=4, clip_on=False)


def fans(panels, support):
    """Fans side by side, on one vertical axis: draws as lines over a parameter, and their density at three values.

    Args:
        panels: list of (x_label, parameter [grid], paths [draws, grid], density), with density(x, parameter) ->
            array like x.
        support: [n], the draws' values at which a density is drawn.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8.0, 3.2, 1, len(panels), sharey=True)
    for ax, (x_label, parameter, paths, density) in zip(axes, panels, strict=True):
        _fan(ax, parameter, paths, density, support)
        ax.set(xlabel=x_label)
    axes[0].set_ylabel("draw x")
    return figure


def rejection(grid, target, z, log_u, is_accepted):
    """Points thrown under the proposal's curve; those above the target's are rejected.

    Args:
        grid: [n], values of the proposed normal draw.
        target: [n], what the target asks for, at most the normal's bell exp(-z^2 / 2).
        z, log_u: [points], a normal draw and the log of a uniform one, which sets the height under the bell.
        is_accepted: bool [points].

    Returns:
        matplotlib Figure.
    """
    proposal, heights = np.exp(-(grid**2) / 2), np.exp(log_u - z**2 / 2)
    figure, ax = style.new_axes(8.0, 3.4)
    ax.plot(z[is_accepted], heights[is_accepted], "o", color=_BLUE, markersize=2.4, alpha=0.4, markeredgewidth=0)
    ax.plot(z[~is_accepted], heights[~is_accepted], "x", color=_DARK_PINK, markersize=4.5, markeredgewidth=1)
    ax.plot(grid, proposal, color=_GREY, linestyle=":")
    ax.plot(grid, target, color=_RED)
    ax.fill_between(grid, target, proposal, color=_PINK, alpha=0.15, linewidth=0)
    ax.text(0.55, 0.93, "proposal: a normal's bell", color=_GREY, fontsize=10)
    ax.text(-0.72, 0.42, "accepted", color=_BLUE, fontsize=11, ha="left", va="center", bbox=_halo())
    ax.annotate(
        "what the gamma wants",
        (-1.0, np.interp(-1.0, grid, target)),
        (-1.45, 0.72),
        color=_RED,
        fontsize=10,
        ha="right",
        arrowprops=_arrow(_RED),
    )
    place, arrow = (-2.3, 0.30), _arrow(_DARK_PINK)
    ax.annotate("rejected", (-1.9, 0.11), place, color=_DARK_PINK, fontsize=10, ha="right", arrowprops=arrow)
    ax.set(xlabel="proposed normal draw z", ylabel="height of the point", xlim=(-3.2, 3.2), ylim=(0, 1.05))
    return figure


def fixed_numbers(concentrations, paths, jumps, near, error, error_jumps, slope):
    """Left: single draws at fixed random numbers. Right: their average, less the exact mean: a sawtooth.

    Args:
        concentrations: [grid].
        paths, jumps: [draws, grid] and bool [draws, grid - 1], where a path jumps; a dozen of the draws are shown.
        near: [fine grid], concentrations for the average.
        error, error_jumps: [fine grid] and bool [fine grid - 1].
        slope: of the error between its jumps.

    Returns:
        matplotlib Figure.
    """
    figure, (left, right) = style.new_axes(8.0, 3.4, 1, 2)
    in_view = np.abs(paths).max(axis=1) < 2.5
    calm = np.flatnonzero(in_view & ~jumps.any(axis=1))[:9]
    jumping = np.flatnonzero(in_view & jumps[:, 20:-20].any(axis=1))[:3]
    left.plot(concentrations, paths[calm].T, color="#B5B5B5", linewidth=1.2)
    for i in jumping:
        left.plot(concentrations, paths[i], color=_PINK, linewidth=1, linestyle=":")
        left.plot(concentrations, _broken(paths[i], jumps[i]), color=_PINK, linewidth=2.4)
    left.set(xlabel="concentration", ylabel="ln x at fixed random numbers")

    error = error - error[0]
    right.axhline(0, color=_RED)
    right.plot(near, error, color=_PINK, linewidth=0.8, linestyle=":")
    right.plot(near, _broken(error, error_jumps), color=_PINK, linewidth=2.2)
    ends = np.array([0.0, 0.62 * (near[-1] - near[0])])
    right.plot(near[0] + ends, slope * ends, color="black", linewidth=1.3, linestyle="--")
    right.text(near[0] + ends[1], slope * ends[1], " what autograd\n sees", fontsize=10, va="center")
    least, most = min(error.min(), 0), max(error.max(), slope * ends[1])
    right.set(ylim=(least - 0.22 * (most - least), most + 0.12 * (most - least)))
    style_at_end = {"transform": right.get_yaxis_transform(), "ha": "right", "fontsize": 10}
    right.text(0.99, least - 0.16 * (most - least), "exact: level", color=_RED, va="center", **style_at_end)
    right.set(xlabel="concentration", ylabel="average of ln x, less exact")
    return figure


def _broken(line, is_jump):
    """The line with a gap at each jump."""
    return np.where(np.append(False, is_jump), np.nan, line)


def kept_ranks(x, cdfs, labels, ranks, positions, fan):
    """Left: two distribution functions; each draw slides along its own height. Right: the same draws, as a fan.

    Args:
        x: [n].
        cdfs: [2, n].
        labels: two strings.
        ranks: [draws], heights in (0, 1).
        positions: [draws, 2], the draw under each of the two.
        fan: (parameter [grid], paths [draws, grid], density), as a panel of `fans`.

    Returns:
        matplotlib Figure.
    """
    figure, axes = style.new_axes(8.0, 3.5, 1, 2)
    lines = style.LINES["prior"], style.LINES["surrogate"]
    words = ((0.74, -0.3, "right"), (0.14, 0.35, "left"))  # height, offset, alignment
    for cdf, label, line, (height, offset, align) in zip(cdfs, labels, lines, words, strict=True):
        axes[0].plot(x, cdf, **line)
        place = np.interp(height, cdf, x) + offset
        axes[0].text(place, height, label, color=line["color"], fontsize=10, ha=align, va="center")
    arrow = {"arrowstyle": "-|>", "color": _PINK, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 11}
    for rank, (start, end) in zip(ranks, positions, strict=True):
        axes[0].annotate("", (end, rank), (start, rank), arrowprops=arrow)
        axes[0].plot(start, rank, "o", color=_PINK, markersize=4)
    axes[0].set(xlabel="x", ylabel="distribution function F(x)", xlim=(0, x[-1]), ylim=(0, 1))
    _fan(axes[1], *fan, x)
    axes[1].set(xlabel="concentration", ylabel="x, the same ranks", ylim=(0, None))
    return figure


def _arrow(color):
    return {"arrowstyle": "-", "color": color, "linewidth": 0.9}


def _halo():
    return {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
