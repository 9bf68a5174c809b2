"""Pictures of notebook 9: cost against exactness, step by step, from many starts, and as a
frontier."""

import numpy as np
from matplotlib.lines import Line2D

from helpers import style
from helpers.plots.labels import label_lines
from helpers.plots.panels import dots, word

# Lines that stand for ways of fitting: never orange or yellow, and a pattern each.
PATTERNS = [style.LINES[role] for role in ("prior", "likelihood", "surrogate", "data")]
LEAST, MOST = 1e-13, 1e9  # nats: a KL of 0, or of infinity, has no place on a log axis


def kl_against_step(traces, floor=None, target=None):
    """How far each way of fitting is from the exact posterior after each step; the KL's axis is
    logarithmic.

    Args, KLs in nats: traces: dictionary of up to four: name to array [steps]; floor: None, or what
    rounding to float32 alone costs; target: None, or array [steps], that of what is climbed at each
    step, NaN where it is the posterior.
    """
    figure, ax = style.new_axes(8.5, 3.6)
    tails = []  # names stand where the lines have parted
    if target is not None:
        ax.plot(
            np.arange(1, len(target) + 1),
            target,
            color=style.COLOURS["samples"],
            linewidth=5,
            alpha=0.55,
        )
    for trace, pattern in zip(traces.values(), PATTERNS[-len(traces) :], strict=True):
        kls = np.clip(np.nan_to_num(np.asarray(trace, float), nan=MOST, posinf=MOST), LEAST, MOST)
        steps, late = np.arange(1, len(kls) + 1), slice(-len(kls) // 3, None)
        ax.plot(steps, kls, linewidth=2.0 if len(kls) < 500 else 1.2, **pattern)
        tails.append(Line2D(steps[late], kls[late], color=pattern["color"]))
    if floor is not None:
        tails.append(ax.axhline(floor, color=style.COLOURS["exact"], linewidth=1.2))
    ax.set(
        yscale="log", xlabel="step", ylabel="KL to the exact posterior (nats)", xlim=(0, len(kls))
    )
    ax.xaxis.set_major_formatter("{x:,.0f}")
    names = [*traces, "float32's floor"][: len(tails)]
    label_lines(ax, tails, names, avoid=[line.get_xydata() for line in ax.lines])
    return figure


def two_ways_down(log_concentrations, log_rates, kls, paths):
    """The landscape of KL over a gamma's two logs, and how two ways of stepping come down it.

    Args: log_concentrations [n], the horizontal axis; log_rates [k], the vertical axis; kls [k, n],
    nats; paths: dictionary of two: name to array [steps, 2] of (log concentration, log rate), the
    last is dashed.
    """
    figure, ax = style.new_axes(7.0, 4.8)
    levels = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30]
    contours = ax.contour(
        log_concentrations, log_rates, kls, levels, colors=style.THIN, linewidths=0.9
    )
    ax.clabel(contours, [0.1, 1, 3, 10], fmt="%g nats", fontsize=8)
    near = {
        "textcoords": "offset points",
        "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1},
    }
    for (name, path), pattern, offset in zip(
        paths.items(), PATTERNS[:1:-1], ((8, -12), (8, 8)), strict=True
    ):
        ax.plot(*path.T, marker="o", markersize=4, linewidth=1.6, **pattern)
        ax.annotate(name, path[1], offset, color=pattern["color"], **near)
    ax.annotate("start", path[0], (-8, 0), ha="right", va="center", **near)
    ax.plot(*path[-1], marker="*", markersize=15, color=style.COLOURS["exact"], zorder=5)
    ax.annotate("posterior", path[-1], (10, -16), color=style.COLOURS["exact"], **near)
    ax.set(xlabel="log concentration", ylabel="log rate")
    ax.grid(False)
    return figure


def cooling(paths, targets, exact):
    """The concentration (left) and the rate (right) of one gamma, step by step, on the way to the
    exact ones.

    Args: paths: dictionary of two: name to array [steps, 2] of concentration and rate; targets
    [steps, 2], the posterior that the power makes of the exact one at each step; exact
    (concentration, rate) of the exact posterior.
    """
    figure, panels = style.new_axes(9.0, 3.6, 1, 2)
    for i, (ax, name) in enumerate(zip(panels, ("concentration", "rate"), strict=True)):
        lines = [ax.axhline(exact[i], color=style.COLOURS["exact"], linewidth=1.4)]
        lines += ax.plot(targets[:, i], color=style.COLOURS["samples"], linewidth=4, alpha=0.55)
        for path, pattern in zip(paths.values(), PATTERNS[::2], strict=False):
            lines += ax.plot(path[:, i], **pattern)
        ax.set(yscale="log", xlabel="step", ylabel=f"{name} of one empty pixel")
        ax.margins(x=0.02, y=0.12)
        label_lines(ax, lines, ["exact", "its cooled target", *paths])
    return figure


def map_of_starts(kls, stops, starts, rates):
    """Where runs end, by start and learning rate: the exact KL as a colour and a number, and when a
    rule stops them.

    Args: kls [starts, rates], nats, NaN for a run that ends in NaN; stops [starts, rates], the step
    at which the rule claims to have arrived, NaN where it never does; starts: list of str; rates:
    list of learning rates.
    """
    levels = np.log10(np.clip(np.nan_to_num(kls, nan=MOST, posinf=MOST), 1e-3, 1e3))
    figure, ax = style.new_axes(8.0, 3.2)
    picture = ax.imshow(levels, cmap="cividis_r", vmin=-3, vmax=3, aspect="auto")
    for (i, j), kl in np.ndenumerate(kls):
        ink = "white" if levels[i, j] > 0 else "black"
        number = (
            "NaN"
            if np.isnan(kl)
            else f"{float(f'{kl:.2g}'):g} nats"
            if kl >= 1e-3
            else "< 0.001 nats"
        )
        stop = "no claim" if np.isnan(stops[i, j]) else f"stop at {stops[i, j]:,.0f}"
        ax.text(j, i - 0.12, number, ha="center", va="center", color=ink, fontsize=11)
        ax.text(j, i + 0.24, stop, ha="center", va="center", color=ink, fontsize=9)
    ax.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
    ax.set_yticks(range(len(starts)), starts)
    ax.set(xlabel="Adam's learning rate at the first step", ylabel="start")
    ax.grid(False)
    bar = figure.colorbar(
        picture, ax=ax, label="KL at the end (nats)", ticks=[-3, -1, 1, 3], extend="both"
    )
    bar.ax.set_yticklabels(["0.001", "0.1", "10", "1,000"])
    return figure


def gap_against_step(gaps):
    """How far the ELBO stays below that of the family's best member, which is the line above.

    Args: gaps: dictionary of two, the one that ends lower first: name to array [steps], ELBO minus
    the best's, nats.
    """
    figure, ax = style.new_axes(8.5, 3.4)
    lowest = -4 * max(0.02, *(np.max(np.abs(trace[-20:])) for trace in gaps.values()))
    ax.axhline(0, color=style.COLOURS["data"], linewidth=1.2)
    word(ax, "best gammas", (1, 0), (0, 4), va="baseline")
    for (name, trace), pattern, side in zip(
        gaps.items(), PATTERNS[1:3], ("top", "bottom"), strict=True
    ):
        ax.plot(np.arange(1, len(trace) + 1), trace, linewidth=2.0, **pattern)
        word(
            ax,
            name,
            (len(trace), trace[-1]),
            (6, 0),
            pattern["color"],
            va=side,
            annotation_clip=False,
        )
    ax.set(
        xlabel="step", ylabel="ELBO, above the best\ngammas' (nats)", ylim=(lowest, -0.12 * lowest)
    )
    ax.set_xlim(0, max(map(len, gaps.values())))
    return figure


def frontier(names, seconds, kls, floor):
    """Every rung of a ladder in the plane of cost and error, numbered, with the rungs' names
    beside.

    Args: names: of all rungs, in order; seconds [climbed], for one fit, rungs still to be climbed
    are named alone; kls [climbed], nats, NaN for a rung that ends in NaN: it stands at the top;
    floor: nats, what rounding to float32 costs.
    """
    seconds, kls = np.asarray(seconds, float), np.asarray(kls, float)
    failed = np.isnan(kls)
    highest = np.nanmax(np.append(kls, 1.0))
    heights = np.where(failed, 30 * highest, np.maximum(kls, LEAST))
    figure, ax = style.new_axes(9.0, 4.6)
    ax.axhspan(LEAST / 10, floor, color=style.COLOURS["exact"], alpha=0.10, linewidth=0)
    ax.axhline(floor, color=style.COLOURS["exact"], linewidth=1.2)
    ax.plot(seconds, heights, color=style.THIN, linewidth=1.2, zorder=2)
    ax.set(xlabel="seconds for one fit (log scale)", ylabel="KL to the exact posterior (nats)")
    ax.set(
        xscale="log", xlim=(np.append(seconds, 1e-3).min() / 3, np.append(seconds, 100).max() * 3)
    )
    ax.set(
        yscale="log",
        ylim=(np.append(heights, floor).min() / 30, np.append(heights, highest).max() * 60),
    )
    below = {"xycoords": ax.get_yaxis_transform(), "va": "top", "ha": "right", "fontsize": 9}
    word(ax, "float32's floor: rounding alone", (0.99, floor), (0, -4), "exact", **below)
    places = np.column_stack([seconds, heights])
    points = [dots(ax, *place, "surrogate", markersize=6.5) for place in places]
    # pixels, of a dot
    circle = 6 * np.column_stack([np.cos(np.linspace(0, 6.3, 20)), np.sin(np.linspace(0, 6.3, 20))])
    rims = [
        ax.transData.inverted().transform(ax.transData.transform(place) + circle)
        for place in places
    ]
    label_lines(ax, points, map(str, range(1, 1 + len(points))), avoid=[places, *rims])
    for i, name in enumerate(names):
        note = "  (NaN: at the top)" if i < len(failed) and failed[i] else ""
        color = "black" if i < len(seconds) else style.COLOURS["prior"]
        ax.text(
            1.03,
            0.95 - 0.075 * i,
            f"{i + 1:>2}  {name}{note}",
            transform=ax.transAxes,
            fontsize=9.5,
            color=color,
        )
    return figure
