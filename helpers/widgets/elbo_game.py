"""The ELBO game of notebook 2: move q by hand, and watch its ELBO rise to the evidence."""

import functools
from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle
from scipy import special

from helpers import distributions, style
from helpers.distributions import Gamma
from helpers.models import poisson_gamma
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas, hide_axis, legend, place_axes
from helpers.widgets.curves import Densities
from helpers.widgets.words import say_nats

MEANS = [round(mean, 1) for mean in np.arange(0.2, 24.01, 0.2)]  # counts
DEVIATIONS = [
    0.05,
    0.07,
    0.1,
    0.14,
    0.2,
    0.28,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    1.0,
    1.2,
    1.4,
    1.6,
    1.8,
]
DEVIATIONS += [2.0, 2.25, 2.5, 2.75, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0]  # counts
MOST_INK = 24.0  # right end of the axis, counts
WON = 0.01  # nats: a smaller gap wins
DEPTH = 8.0  # nats below the evidence at which the bar begins
# Inches: size, places of densities and bar, middle of the legend; on a wide page and a narrow one.
_WIDE = ((8.8, 3.9), [(0.5, 0.6, 5.3, 2.9), (6.75, 0.6, 0.9, 2.9)], (3.15, 3.68))
_NARROW = ((3.2, 5.0), [(0.35, 2.7, 2.7, 1.9), (1.05, 0.15, 0.7, 1.75)], (1.7, 4.8))


class Result(NamedTuple):
    """One q, scored."""

    q: Gamma
    posterior: Gamma | None  # None while it is hidden
    elbo: float  # nats
    log_evidence: float  # nats
    gap: float  # evidence minus ELBO, nats: the KL from q to the posterior


def solve(mean, deviation, prior, counts):
    """Score a gamma by its ELBO, from likelihood and prior alone: the posterior is not used. Gives
    a Result.

    Args: mean, deviation: of q, counts, above 0, else a ValueError; prior: Gamma, of one rate;
    counts [images], of one pixel.
    """
    if not (mean > 0 and deviation > 0):
        raise ValueError(
            f"mean and standard deviation must be above 0; got {mean!r} and {deviation!r}."
        )
    q = Gamma((mean / deviation) ** 2, mean / deviation**2)
    model = poisson_gamma.condition(
        Gamma(*(np.atleast_1d(p) for p in prior)), np.reshape(counts, (-1, 1))
    )
    mean_log = special.digamma(q.concentration) - np.log(q.rate)  # E_q[ln theta]
    # E_q
    log_likelihood = float(
        model.totals[0] * mean_log - model.num_images * q.mean - model.log_factorials
    )
    elbo = log_likelihood - float(distributions.kl_divergence(q, prior))
    log_evidence = poisson_gamma.log_evidence(model)
    posterior = Gamma(*(float(p[0]) for p in poisson_gamma.exact_posterior(model)))
    gap = max(log_evidence - elbo, 0.0)  # rounding must not make it negative
    return Result(q, posterior, elbo, log_evidence, gap)


def frame(result, best):
    """A Result with its words; best is the smallest gap so far, in nats."""
    q, posterior = result.q, result.posterior
    deviation = np.sqrt(q.variance)
    text = (
        f"q: mean {q.mean:.3g}, standard deviation {deviation:.3g} counts. "
        f"ELBO {result.elbo:.2f} nats, {say_nats(result.gap)} below the evidence "
        f"({result.log_evidence:.2f}): that gap is "
        f"the KL from q to the posterior. Your best so far: {say_nats(best)}."
    ) + f" You have won: it is below {WON} nats." * (best < WON)
    where = f" The posterior is shown: mean {posterior.mean:.3g} counts." if posterior else ""
    alt = (
        f"Left, the density of q over the pixel's rate, mean {q.mean:.3g} and standard deviation "
        f"{deviation:.3g} counts.{where} Right, a bar: its ELBO, {say_nats(result.gap)} below the "
        f"line of the evidence, {result.log_evidence:.2f} nats."
    )
    return controls.Frame(result, alt, text)


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self, log_evidence, is_narrow=False):
        """Draw what does not move; log_evidence in nats."""
        size, places, legend_at = _NARROW if is_narrow else _WIDE
        figure, (axes, bar) = place_axes(size, places)
        self._densities = Densities(axes, {"exact": "posterior, if you peek", "surrogate": "q"})
        axes.set(xlim=(0, MOST_INK), xlabel="rate of ink (counts)")
        legend(figure, self._densities.artists[::-1], legend_at, 2)
        exact, surrogate = style.COLOURS["exact"], style.COLOURS["surrogate"]
        ends = [
            f"{log_evidence - depth:.1f}".replace("-", "\N{MINUS SIGN}")
            for depth in (DEPTH, DEPTH / 2, 0)
        ]
        hide_axis(
            bar, xlim=(0, 1), ylim=(0, DEPTH * 1.06), yticks=[0, DEPTH / 2, DEPTH], yticklabels=ends
        )
        bar.set_ylabel("nats", fontsize=10)
        bar.axhline(DEPTH, **style.LINES["exact"], clip_on=False)
        bar.text(0.5, DEPTH * 1.03, "evidence", color=exact, ha="center", va="bottom", fontsize=10)
        self._elbo = bar.add_patch(Rectangle((0.15, 0), 0.7, 0, color=surrogate, linewidth=0))
        self._gap = bar.add_patch(
            Rectangle((0.15, 0), 0.7, 0, fill=False, hatch="///", edgecolor=exact, linewidth=0.8)
        )
        self._words = [
            bar.text(0.95, 0, "", va="center", fontsize=10, color=colour)
            for colour in (surrogate, exact)
        ]
        self.canvas = Canvas(
            figure, [*self._densities.artists, self._elbo, self._gap, *self._words]
        )

    def draw(self, result):
        """Move everything to a Result."""
        self._densities.draw({"exact": result.posterior, "surrogate": result.q}, MOST_INK)
        height = np.clip(DEPTH - result.gap, 0, DEPTH)
        self._elbo.set_height(height)
        self._gap.set(y=height, height=DEPTH - height)
        elbo, gap = self._words
        elbo.set(text="ELBO" if height > 1 else "", y=height / 2)
        gap.set(text=f"gap: KL\n{say_nats(result.gap)}", y=min((height + DEPTH) / 2, DEPTH - 0.65))


def panel(prior, counts, mean=4.0, deviation=1.4):
    """The widget, a controls.Panel.

    Args: prior: Gamma, of one rate; counts [images], of one pixel; mean, deviation: of q at first,
    counts.
    """
    log_evidence = solve(mean, deviation, prior, counts).log_evidence
    best = [np.inf]  # the smallest gap so far, nats

    def respond(mean, deviation, posterior):
        result = solve(mean, deviation, prior, counts)
        best[0] = min(best[0], result.gap)
        return frame(result if posterior == "shown" else result._replace(posterior=None), best[0])

    moved = {
        "mean": controls.Number("Mean of q", MEANS, mean, unit="counts"),
        "deviation": controls.Number(
            "Standard deviation", DEVIATIONS, deviation, unit="counts", width=260
        ),
        "posterior": controls.choice("Posterior", ["hidden", "shown"]),
    }
    return controls.Panel(moved, respond, functools.partial(View, log_evidence))
