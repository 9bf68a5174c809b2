"""Shrinkage, live: ten groups' rates, fitted anew as their hours and the prior change."""

import functools
import time
from typing import NamedTuple

import jax
import numpy as np

from helpers import inference, style
from helpers.distributions import FullNormal, Gamma
from helpers.models import groups
from helpers.widgets import canvas, controls

FACTORS = tuple(np.round(np.geomspace(0.1, 10, 21), 3))
PRIOR_RATES = FACTORS
NUM_DRAWS = 2_000  # of q, behind means and intervals
_ENDS = (0.001, 60.0)  # of the axis of rates
# Inches: size; place of the picture; the legend's middle and its columns.
_WIDE = ((8.8, 3.7), (0.8, 0.6, 7.8, 2.7), ((4.4, 3.5), 5))
_NARROW = ((3.2, 4.4), (0.78, 0.55, 2.35, 2.9), ((1.6, 3.9), 2))


class Result(NamedTuple):
    """One setting, answered."""

    own: np.ndarray  # [groups], counts by exposure
    mean: np.ndarray  # [groups], of q
    interval: np.ndarray  # [2, groups], the central 90% of q
    exact: np.ndarray  # [groups], mean of the exact posterior
    expected: float  # what q expects of a group that nobody has watched: its median
    gap: float  # exact evidence less the ELBO of q, nats
    factor: float
    prior_rate: float
    seconds: float  # of the refit


def solve(factor, prior_rate, counts, exposures):
    """Refit the model for one setting: a Result.

    Args: factor: of all exposures; prior_rate: of beta's prior, Gamma(0.1, prior_rate); counts,
    exposures [groups]. Raises: ValueError: as `groups.condition`.
    """
    model = groups.condition(counts, factor * np.asarray(exposures), Gamma(0.1, prior_rate))
    begun = time.perf_counter()
    q = inference.fit(jax.random.key(0), model, _start(), inference.FAST).surrogate
    seconds = time.perf_counter() - begun
    draws = q.sample(jax.random.key(1), NUM_DRAWS)
    log_alpha, log_beta = np.asarray(draws, np.float64).T
    rates = groups.rates_given(model, log_alpha, log_beta)  # entries [draws, groups]
    theta = np.random.default_rng(0).gamma(rates.concentration) / rates.rate
    true = groups.on_grid(model, 81)
    given = groups.rates_given(model, true.log_alpha[:, np.newaxis], true.log_beta)
    elbo = np.mean(np.asarray(_log_ratios(q, model, draws), np.float64))
    return Result(
        own=model.counts / model.exposures,
        mean=(rates.concentration / rates.rate).mean(axis=0),
        interval=np.quantile(theta, [0.05, 0.95], axis=0),
        exact=np.einsum("ij,ijk->k", true.mass, given.concentration / given.rate),
        expected=float(np.exp(np.median(log_alpha - log_beta))),
        gap=true.log_evidence - elbo,
        factor=factor,
        prior_rate=prior_rate,
        seconds=seconds,
    )


@functools.cache
def _start():
    return FullNormal(np.zeros(2), np.eye(2))


_log_ratios = jax.jit(inference.log_ratios)


def frame(result):
    """A Result with its words; those of the picture are the same on every machine."""
    pulled = abs(np.log(result.mean / np.maximum(result.own, 1e-12)))
    most = int(np.argmax(pulled))
    said = (
        f"All hours times {result.factor:g}, prior of beta Gamma(0.1, {result.prior_rate:g}): the "
        f"plant expects {result.expected:.2g} failures in 1,000 hours of a pump. Pump {most + 1} "
        f"moves most, from {result.own[most]:.2g} to {result.mean[most]:.2g}."
    )
    alt = (
        f"Rates of {len(result.own)} pumps on a log axis: each pump's own, and the mean and "
        f"central 90% of q, with the exact mean on top. {said}"
    )
    gap = f"{max(result.gap, 0):.2f} nats below the evidence"
    return controls.Frame(result, alt, f"{said} VI: {1e3 * result.seconds:.0f} ms, {gap}.")


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self, is_narrow=False):
        size, place, (centre, columns) = _NARROW if is_narrow else _WIDE
        figure, (axes,) = canvas.place_axes(size, [place])
        axes.set(yscale="log", ylim=_ENDS, xlim=(0.4, 10.6), xticks=range(1, 11), xlabel="pump")
        axes.set_ylabel("failures in 1,000 hours")
        axes.tick_params(axis="y", which="minor", left=False)
        look = {"linestyle": "none"}
        blue, orange = style.COLOURS["surrogate"], style.COLOURS["exact"]
        self._expected = axes.plot([], [], **style.LINES["prior"], label="expected of a pump")[0]
        self._bars = axes.plot([], [], color=style.PALE, linewidth=6, label="90% of q")[0]
        self._own = axes.plot([], [], "o", color="black", ms=5, label="own rate", **look)[0]
        self._mean = axes.plot([], [], "D", color=blue, ms=6, label="mean of q", **look)[0]
        self._exact = axes.plot(
            [], [], "_", color=orange, ms=13, mew=1.8, label="exact mean", **look
        )[0]
        moving = [self._expected, self._bars, self._own, self._mean, self._exact]
        canvas.legend(figure, moving, centre, columns)
        self.canvas = canvas.Canvas(figure, moving)

    def draw(self, result):
        """Move everything to a Result."""
        pumps = np.arange(1, len(result.own) + 1)
        self._expected.set_data([0, 11], [result.expected] * 2)
        ends = np.vstack([result.interval, np.full(len(pumps), np.nan)])  # a gap after each bar
        self._bars.set_data(np.repeat(pumps, 3), ends.T.ravel())
        for line, values in ((self._own, "own"), (self._mean, "mean"), (self._exact, "exact")):
            line.set_data(pumps, getattr(result, values))


def panel(counts, exposures, factor=1.0):
    """The widget, a controls.Panel.

    Args: counts, exposures [groups], up to ten; factor: of all exposures, where its slider stands
    at first.
    """
    solve(factor, 1.0, counts, exposures)  # compiles, so that the first refit is timed without
    moved = {
        "factor": controls.Number("Hours watched", FACTORS, factor, unit="times", width=235),
        "prior_rate": controls.Number("Rate of beta's prior", PRIOR_RATES, 1.0, width=235),
    }
    respond = functools.partial(solve, counts=counts, exposures=exposures)
    return controls.Panel(moved, lambda **setting: frame(respond(**setting)), View)
