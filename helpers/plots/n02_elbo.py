"""Figures of notebook 2: KL divergence, ELBO and gap, q on its way, noise, families that fall
short."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from scipy import stats

from helpers import style
from helpers.plots.labels import label_lines
from helpers.plots.panels import corner, curves, dots, draw_contours, word


def in_nats(gap):
    """A gap as a short string: two decimals, or none from 10 on."""
    return f"{gap:.0f}" if gap >= 10 else f"{max(gap, 0.0):.2f}"


def divergence(rates, q, p):
    """Two densities, and under them what each rate adds to KL(q || p).

    Args: rates [n], counts; q, p [n], densities per count.
    """
    figure, (above, below) = style.new_axes(8, 4.0, 2, 1, sharex=True, height_ratios=(1.2, 1))
    lines = curves(above, rates, {"exact": p, "surrogate": q})
    above.set(xlim=(rates[0], rates[-1]), ylim=(0, 1.25 * max(q.max(), p.max())), ylabel="density")
    label_lines(above, lines[::-1], ["$q$, the stand-in", "$p$, the target"])
    adds = q * np.log(q / p)
    for part, role in ((adds > 0, "surrogate"), (adds < 0, "prior")):
        below.fill_between(
            rates, adds, 0, where=part, color=style.COLOURS[role], alpha=0.45, linewidth=0
        )
    below.plot(rates, adds, color="black", linewidth=1)
    below.axhline(0, color="black", linewidth=0.8)
    below.set(xlabel="rate $\\theta$ (counts)", ylabel="$q\\;\\ln(q/p)$")
    below.set_ylim(adds.min() - 0.3 * np.ptp(adds), adds.max() + 0.1 * np.ptp(adds))
    below.text(rates[np.argmax(adds)], 0.45 * adds.max(), "pays", ha="center", va="center")
    below.text(
        rates[np.argmin(adds)], adds.min() - 0.04 * np.ptp(adds), "refund", ha="center", va="top"
    )
    for ax in (above, below):
        ax.locator_params(axis="y", nbins=4)
    return figure


def gaps(names, elbos, log_evidence):
    """One bar a stand-in: its ELBO, and the gap between it and the evidence.

    Args: names: list of str; elbos [n], nats; log_evidence: nats.
    """
    figure, ax = style.new_axes(8, 3.2)
    left_over = np.maximum(log_evidence - elbos, 0)
    deepest = max(left_over.max(), 1e-3)
    floor = log_evidence - 1.35 * deepest
    ax.bar(names, elbos - floor, 0.62, floor, color=style.COLOURS["surrogate"])
    ax.bar(
        names,
        left_over,
        0.62,
        elbos,
        color=style.GAP,
        hatch="//",
        edgecolor=style.COLOURS["exact"],
        linewidth=0,
    )
    ax.plot([-0.5, len(names) - 0.5], [log_evidence, log_evidence], **style.LINES["exact"])
    word(ax, "$\\ln p(x)$", (len(names) - 0.44, log_evidence), role="exact", fontsize=11)
    for place, gap in enumerate(left_over):
        word(ax, f"KL {gap:.2f}", (place, log_evidence + 0.05 * deepest), ha="center", va="bottom")
        word(ax, "ELBO", (place, floor + 0.12 * deepest), role="white", ha="center")
    ax.set(
        xlim=(-0.55, len(names) + 0.1), ylim=(floor, log_evidence + 0.28 * deepest), ylabel="nats"
    )
    ax.tick_params(axis="x", length=0, grid_alpha=0)
    ax.locator_params(axis="y", nbins=5)
    return figure


def approach(rates, q, p, elbo, log_evidence, *, upper):
    """One moment of q on its way to p: the two densities, and the ELBO as a bar that rises to the
    evidence.

    Args: rates [n], counts; q, p [n], densities per count; elbo, log_evidence: nats; upper: end of
    the vertical axis.
    """
    figure, (ax, bar) = style.new_axes(7, 2.7, 1, 2, width_ratios=(5, 1))
    curves(ax, rates, {"exact": p, "surrogate": q})
    ax.set(
        xlim=(rates[0], rates[-1]),
        ylim=(0, upper),
        yticks=[],
        xlabel="rate $\\theta$ (counts)",
        ylabel="density",
    )
    ax.locator_params(axis="x", nbins=6)
    corner(ax, "posterior", 0.98, 0.96, "exact")
    corner(ax, "surrogate $q$", 0.98, 0.84, "surrogate")
    gap = log_evidence - elbo
    end = min(gap, 6)  # the bar's scale, nats below the evidence, begins at 6
    bar.bar([0, 0], [end - 6, -end], 0.8, [6, end], color=[style.COLOURS["surrogate"], style.GAP])
    bar.axhline(0, **style.LINES["exact"])
    word(bar, "evidence", (0, -0.21), role="exact", ha="center", va="bottom")
    if gap > 6:  # the bar goes on below: two strokes break it
        bar.plot([-0.5, 0.5], [[5.58, 5.22], [5.22, 4.86]], color="white", linewidth=3)
    bar.set(xlim=(-0.6, 0.6), ylim=(6, -1.2), xticks=[], yticks=[0, 2, 4, 6])
    bar.set_xlabel(f"gap {in_nats(gap)}\nnats", fontsize=10)
    bar.set_ylabel("nats below the evidence", fontsize=10)
    bar.grid(False)
    return figure


def landscape(means, spreads, gap, path, target):
    """Contours of the gap over all gammas, with the way an optimiser took.

    Args: means [columns], spreads [rows], means and standard deviations of q in counts; gap [rows,
    columns], KL(q || posterior) in nats; path [steps, 2], those of q at each step; target (mean,
    standard deviation) of the posterior.
    """
    figure, ax = style.new_axes(6.4, 3.6)
    levels = [0.0, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 1e9]
    shades = LinearSegmentedColormap.from_list("gap", ["white", style.DEEP_GAP])(
        np.linspace(0, 1, len(levels))
    )
    ax.contourf(means, spreads, gap, levels=levels, colors=shades)
    ax.clabel(
        ax.contour(means, spreads, gap, levels[1:-1], colors=style.QUIET, linewidths=0.8),
        fmt="%g",
        fontsize=9,
    )
    ax.plot(
        *target, "*", color=style.COLOURS["exact"], markersize=16, markeredgecolor="white", zorder=4
    )
    ax.plot(
        *path.T,
        "o-",
        color=style.COLOURS["surrogate"],
        linewidth=1.6,
        markersize=4.5,
        markeredgecolor="white",
    )
    word(ax, "start", path[0], (8, 0), style.FAMILY[2]["color"], fontsize=11, fontweight="bold")
    ax.set(
        yscale="log",
        yticks=[0.01, 0.03, *levels[1:6]],
        xlim=(means[0], means[-1]),
        ylim=(spreads[0], spreads[-1]),
    )
    ax.set(xlabel="mean of $q$ (counts)", ylabel="standard deviation of $q$ (counts)")
    ax.yaxis.set(major_formatter="{x:g}", minor_formatter="")
    ax.grid(False)
    return figure


def sampling_error(sizes, estimates, exact, sigma):
    """Monte Carlo estimates against the number of draws: the estimates themselves, and their
    spread.

    Args: sizes [n], numbers of draws; in nats: estimates [n, repeats], exact, sigma: standard
    deviation of one draw.
    """
    figure, (left, right) = style.new_axes(
        8, 3.1, 1, 2, subplot_kw={"xscale": "log", "xlabel": "draws, $S$"}
    )
    law = sigma / np.sqrt(sizes)
    jitter = np.outer(sizes, np.exp(np.linspace(-0.25, 0.25, estimates.shape[1])))
    dots(left, jitter.ravel(), estimates.ravel(), "samples", marker=".", markersize=3, alpha=0.7)
    left.axhline(exact, **style.LINES["exact"])
    curves(left, sizes, {"prior": exact + np.outer(law, [-2, 2])}, linewidth=1.4)
    reach = 1.15 * max(
        2.4 * sigma, *abs(np.quantile(estimates[0], [0.02, 0.98], method="nearest") - exact), 1e-6
    )
    left.set(ylabel="estimate of the ELBO (nats)", ylim=(exact - reach, exact + reach))
    left.locator_params(axis="y", nbins=5)
    word(
        left,
        "exact",
        (sizes[-1] * 1.3, exact + 0.06 * reach),
        role="exact",
        ha="right",
        va="bottom",
        fontsize=11,
    )
    measured = dots(right, sizes, np.std(estimates, axis=1, ddof=1), "samples", markersize=8)
    right.set(yscale="log", ylabel="spread of the estimates (nats)")
    right.minorticks_off()
    label_lines(
        right,
        [*curves(right, sizes, {"prior": law}), measured],
        ["$\\sigma\\,/\\sqrt{S}$", "measured"],
    )
    return figure


def two_directions(rates, p, forward, reverse):
    """A target with two bumps, and what each direction of the KL divergence makes of it.

    Args: rates, p: as in `divergence`; forward [n], minimiser of KL(p || q); reverse [k, n], local
    ones of KL(q || p).
    """
    figure, axes = style.new_axes(8, 2.9, 1, 2, sharey=True)
    for ax, found, formula in zip(
        axes, ([forward], reverse), ("KL(p || q)", "KL(q || p)"), strict=True
    ):
        lines = [
            *curves(ax, rates, {"exact": p}),
            *ax.plot(rates, np.transpose(found), **style.LINES["surrogate"]),
        ]
        ax.set(
            xlim=(rates[0], rates[-1]),
            ylim=(0, 1.2 * np.max([p, *reverse])),
            xlabel="rate $\\theta$ (counts)",
        )
        corner(ax, f"least {formula}", 0.97, 0.96)
        names = ["$q$"] if len(found) == 1 else [f"$q$, start {k + 1}" for k in range(len(found))]
        label_lines(ax, lines, ["target $p$", *names])
    axes[0].set_ylabel("density (per count)")
    axes[0].locator_params(axis="y", nbins=4)
    return figure


def cloud(x, y, exact, families, names):
    """A posterior of two unknowns that leans, and on it each of several stand-ins.

    Args: x [columns], y [rows], evenly spaced; exact [rows, columns], the posterior's probability
    of each cell, up to a factor; families: dict from a label to the same of a stand-in; names:
    labels of the two axes.
    """
    figure, axes = style.new_axes(8, 3.1, 1, len(families), sharey=True)
    for ax, (label, mass) in zip(axes, families.items(), strict=True):
        draw_contours(ax, x, y, exact, "exact")
        draw_contours(ax, x, y, mass, "surrogate")
        corner(ax, label, 0.97, 0.97, "surrogate")
        ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), xlabel=names[0])
        ax.locator_params(nbins=5)
    axes[0].set_ylabel(names[1])
    corner(axes[0], "posterior", 0.03, 0.03, "exact")
    return figure


def coordinates(gamma):
    """A gamma over the rate and over its log, cut into fifths, with Laplace's normal and the best
    normal of the log.

    Args: gamma: Gamma of one rate, concentration a: both normals have variance 1/a, and centres
    that differ by 1/(2a).
    """
    exact, deviation = (
        stats.gamma(gamma.concentration, scale=1 / gamma.rate),
        gamma.concentration**-0.5,
    )
    laplace, best = (
        stats.lognorm(deviation, scale=gamma.mean * np.exp(-shift))
        for shift in (0, deviation**2 / 2)
    )
    low, *cuts, high = exact.ppf([0.001, 0.2, 0.4, 0.6, 0.8, 0.999])
    rates = np.linspace(low, 0.6 * high, 800)
    logs = np.linspace(np.log(low) + 0.3, np.log(high) + 0.6, 800)
    looks = (
        style.LINES["exact"],
        style.LINES["surrogate"] | {"linestyle": ":"},
        style.LINES["surrogate"],
    )
    figure, (left, right) = style.new_axes(8, 3.1, 1, 2)
    for ax, at, theta, stretch in (
        (left, rates, rates, 1),
        (right, logs, np.exp(logs), np.exp(logs)),
    ):
        # per unit of the axis
        densities = [each.pdf(theta) * stretch for each in (exact, laplace, best)]
        ax.fill_between(
            at,
            densities[0],
            where=np.searchsorted(cuts, theta) % 2 == 0,
            color=style.GAP,
            linewidth=0,
        )
        lines = [
            ax.plot(at, density, **look)[0] for density, look in zip(densities, looks, strict=True)
        ]
        ax.set(xlim=(at[0], at[-1]), ylim=(0, 1.25 * np.max(densities)))
        ax.locator_params(axis="y", nbins=4)
        label_lines(ax, lines, ["exact", "Laplace", "best normal"])
    left.set(xlabel="rate $\\theta$ (counts)", ylabel="density")
    right.set_xlabel("$\\ln\\,\\theta$")
    return figure
