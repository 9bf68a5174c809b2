"""Exercises of notebook 5: a prior with no closed form behind it, learning rates that let q come to
rest, a log mass that turns into NaN."""

import jax.numpy as jnp
import numpy as np
from scipy import special, stats

from helpers.exercises.engine import exercise


def _log_normal_case(log_rates, means, deviations, counts):
    return (
        np.array(log_rates),
        np.array(means),
        np.array(deviations),
        np.sum(counts, axis=0),
        len(counts),
        float(special.gammaln(np.add(counts, 1)).sum()),
    )


@exercise(
    "05.log_joint",
    inputs=(
        _log_normal_case(
            [0.7, 2.2, -0.7], [1.0, 2.0, 0.0], [0.5, 0.3, 2.0], [[3, 11, 0], [1, 8, 1]]
        ),
        _log_normal_case([1.4], [0.2], [0.7], [[5]]),
        _log_normal_case([-120.0, 1.0], [-90.0, 2.0], [20.0, 0.4], [[0, 2], [0, 4], [0, 3]]),
        (*map(np.array, ([3.0, 1.5], [2.5, 1.0], [1.5, 0.2], [2500, 560])), 120, 5000.0),
        (*map(np.array, ([0.5, 1.2], [300.0, 1.0], [150.0, 1.3], [3, 4])), 1, 5.0),
    ),
    praise="Hand this to inference.fit in a model: no formula for its posterior is needed.",
    nudge=(
        "Take one pixel and no images. Sum your density times a step over a grid of theta, not of "
        "ln theta: is it 1?"
    ),
    hint=(
        "The density of theta is that of ln theta divided by theta, in logs minus log_rates. The "
        "likelihood is the page's."
    ),
    line=(
        "np.sum(stats.norm.logpdf(log_rates, mean_log, std_log) - log_rates + totals * log_rates - "
        "num_images * np.exp(log_rates)) - log_factorials"
    ),
    on_jax=True,
    mistakes=[
        lambda y, mean, std, total, m, c: log_joint(y, mean, std, total, m, c) + np.sum(y),
        "That is the prior's density of ln theta. The joint is a density of theta: what does a "
        "step of ln theta cover of theta?",
        lambda y, mean, std, total, m, c: log_joint(y, mean, std, total, m, c) + 2 * np.sum(y),
        "The sign of the Jacobian is flipped: d ln theta / d theta is 1 / theta, in logs minus ln "
        "theta.",
        lambda y, mean, std, total, m, c: (
            log_joint(y, mean, std, total, m, c)
            + np.sum(stats.norm.logpdf(y, mean, np.sqrt(std)) - stats.norm.logpdf(y, mean, std))
        ),
        "You use std_log as a variance. It is the standard deviation.",
        lambda y, mean, std, total, m, c: log_joint(y, mean, std, total, 1, c),
        "The Poisson's - theta appears once an image, so it is num_images * theta in all.",
        lambda y, mean, std, total, m, c: log_joint(y, mean, std, total, m, 0.0),
        "The term log_factorials is missing. Training would not notice, but the ELBO could exceed "
        "the evidence.",
        lambda y, mean, std, total, m, c: (log_joint(y, mean, std, total, m, c) + c) / len(y) - c,
        "You average over the pixels. Independent pixels multiply, so their logs add up.",
        lambda y, mean, std, total, m, c: (
            log_joint(y, mean, std, total, m, c)
            + len(y) * np.log(2 * np.pi) / 2
            + np.sum(np.log(std))
        ),
        "The normal's own constant is missing, -ln(std) - ln(2 pi) / 2 a pixel. The evidence needs "
        "it.",
    ],
)
def log_joint(log_rates, mean_log, std_log, totals, num_images, log_factorials):
    """One number, ln p(X, theta) in nats."""
    log_prior = stats.norm.logpdf(log_rates, mean_log, std_log) - log_rates
    log_likelihood = totals * log_rates - num_images * np.exp(log_rates)
    return np.sum(log_prior + log_likelihood) - log_factorials


def what_becomes_of_q(rates):
    """How training with these rates [steps] ends, as a number without error: 0 at rest, 1 still
    jittering, 2 still on its way, 3 not at all.

    Adam descends on 200 parabolas of curvature 1 from a distance of 4, with slopes whose noise has
    deviation 1: at a constant 0.2 it ends some 0.3 from the lowest point, at falling rates 0.1.
    """
    if not np.all(np.isfinite(rates)) or np.max(np.abs(rates)) > 1e3:
        return np.array([3.0]), np.zeros(1)
    noise = np.random.default_rng(1).normal(size=(len(rates), 200))
    place, mean, square = np.full(200, 4.0), np.zeros(200), np.zeros(200)
    for step, rate in enumerate(rates):
        slope = place + noise[step]
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        forgotten = 1 - 0.9 ** (step + 1), 1 - 0.999 ** (step + 1)
        place = place - rate * mean / forgotten[0] / (np.sqrt(square / forgotten[1]) + 1e-8)
    if np.abs(place.mean()) > 0.1:
        return np.array([2.0]), np.zeros(1)
    return np.array([0.0 if place.std() < 0.12 else 1.0]), np.zeros(1)


@exercise(
    "05.learning_rates",
    inputs=((2_000,), (500,), (1_000,)),
    praise="Long steps to arrive, then ever shorter ones: they average the noise away.",
    nudge="Where should the steps be long, and where short? Draw your array against the step.",
    hint=(
        "Begin near 0.2, so that q arrives, and let the rate fall to 0 at the last step: along a "
        "line, half a cosine, ..."
    ),
    line="0.2 * (1 - np.arange(num_steps) / num_steps)",
    statistics=what_becomes_of_q,
    mistakes=[
        lambda n: np.full(n, 0.2),
        "It arrives and goes on jittering: at the end the steps are too long for slopes that are "
        "mostly noise.",
        lambda n: np.full(n, 1e-4),
        "It is still on its way when training ends: the rates are too small, too soon.",
        lambda n: np.full(n, np.inf),
        "That ends nowhere: every rate must be a finite number, and a small one.",
    ],
)
def learning_rates(num_steps):
    """An array [num_steps]."""
    return 0.2 * (1 - np.arange(num_steps) / num_steps)


@exercise(
    "05.poisson_log_mass",
    inputs=(
        ([0, 3, 9], np.log(np.array([0.5, 2.0, 11.0]))),
        ([0, 0, 2], [-800.0, -5000.0, -1200.0]),
        ([40, 250, 1], [3.5, 5.5, -5000.0]),
        ([0], [-90.0]),
    ),
    praise=(
        "Whoever has the log of a rate should keep it. The rate may underflow to 0; its log never "
        "does."
    ),
    nudge=(
        "Go through it by hand for a count of 0 and a log rate of -800: which number is lost on "
        "the way?"
    ),
    line="counts * log_rates - np.exp(log_rates) - special.gammaln(counts + 1)",
    hint="Where does the code take the log of something that was exp of a log just before?",
    as_given=lambda counts, y: poisson_log_mass(counts, jnp.log(jnp.exp(y))),
    on_jax=True,
    mistakes=[
        lambda counts, y: poisson_log_mass(counts, jnp.log(jnp.exp(y) + 1e-10)),
        "No NaN any more, but a wrong number instead: two counts at a rate of exp(-1200) cost "
        "2,400 nats. "
        "You have the log already, so use it.",
        lambda counts, y: poisson_log_mass(counts, jnp.log(jnp.maximum(jnp.exp(y), 1e-30))),
        "A clipped rate hides the NaN behind a wrong number. You have the log already, so use it.",
        lambda counts, y: np.nan_to_num(
            poisson_log_mass(counts, jnp.log(jnp.exp(y))), posinf=0.0, neginf=0.0
        ),
        "Patched afterwards, two counts at an all but impossible rate cost nothing. Avoid the NaN "
        "at its source.",
        lambda counts, y: counts * y - np.exp(y),
        "No NaN any more, but ln(counts!) went with it.",
        lambda counts, y: counts * y - y - special.gammaln(np.asarray(counts) + 1),
        "The middle term needs the rate, exp(log_rates): its underflow to 0 does no harm there.",
    ],
)
def poisson_log_mass(counts, log_rates):
    """An array [pixels], in nats."""
    return counts * log_rates - np.exp(log_rates) - special.gammaln(np.asarray(counts) + 1)
