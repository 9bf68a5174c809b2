"""Exercises of notebook 9: a natural gradient, an ELBO without draws, a race that is not fair."""

import numpy as np
from scipy import special, stats

from helpers.exercises.engine import exercise


def _fisher(a):
    return np.array([[a**2 * special.polygamma(1, a), -a], [-a, a]])


@exercise(
    "09.natural_gradient",
    inputs=(
        (2.0, [1.0, -0.5]),
        (0.3, [-0.2, 0.4]),
        (25.0, [3.0, 5.0]),
        (0.5, [9.0, 20.0]),
        (4.0, [-2.0, -1.0]),
        (1.0, [0.0, 0.0]),
        (250.0, [400.0, -300.0]),
    ),
    praise="The same step a person would take who measures distance in nats instead of in knobs.",
    nudge="Multiply your step by the Fisher matrix: the gradient should come back.",
    line=(
        "np.linalg.solve([[concentration**2 * special.polygamma(1, concentration), "
        "-concentration], [-concentration, concentration]], gradient)"
    ),
    hint=(
        "Build F = [[a^2 trigamma(a), -a], [-a, a]] and solve F step = gradient, with "
        "np.linalg.solve."
    ),
    mistakes=[
        lambda a, g: _fisher(a) @ g,
        "That is F times the gradient. The natural gradient is the inverse of F times it: solve, "
        "don't multiply.",
        lambda a, g: g / np.diag(_fisher(a)),
        "That uses the diagonal alone. Concentration and rate pull on each other: keep the -a off "
        "the diagonal.",
        lambda a, g: np.linalg.solve(np.abs(_fisher(a)), g),
        "A sign is off: off the diagonal F holds -a. Raising both logs together moves the gamma "
        "least.",
        lambda a, g: np.linalg.solve(np.array([[special.polygamma(1, a), -1.0], [-1.0, a]]), g),
        "That is the Fisher matrix in the concentration itself, at rate 1. In logs, each side "
        "gains a factor.",
        lambda a, g: -natural_gradient(a, g),
        "The sign is flipped. The minus belongs to going downhill, and is not asked for here.",
    ],
)
def natural_gradient(concentration, gradient):
    """An array [2], the step in (log concentration, log rate)."""
    return np.linalg.solve(_fisher(concentration), gradient)


def _entropy(a, b):
    return stats.gamma.entropy(a, scale=1 / b)


@exercise(
    "09.elbo",
    inputs=(
        (12.0, 2.5, 4.0, 2.0, 9.0, 1.0),
        (3.0, 0.5, 1.5, 0.7, 20.0, 4.0),
        (0.9, 3.0, 0.5, 1.0, 0.0, 2.0),
        (300.0, 31.0, 10.0, 1.0, 290.0, 30.0),
        (400.0, 150.0, 120.0, 110.0, 250.0, 130.0),
    ),
    praise="Two averages and an entropy: not a single draw.",
    nudge=(
        "Write ln prior + ln likelihood with theta and ln theta. Which averages stand for the "
        "two, and what does q add of its own?"
    ),
    line=(
        "prior_concentration * np.log(prior_rate) - special.gammaln(prior_concentration) + "
        "(prior_concentration - 1 + total) * (special.digamma(concentration) - np.log(rate)) - "
        "(prior_rate + num_images) * concentration / rate + stats.gamma.entropy(concentration, "
        "scale=1 / rate)"
    ),
    hint=(
        "E[theta] = a/b and E[ln theta] = digamma(a) - ln b. Put them into ln prior + ln "
        "likelihood, add q's entropy."
    ),
    mistakes=[  # E[ln theta] comes c - 1 + total times
        lambda a, b, c, d, total, m: (
            elbo(a, b, c, d, total, m) + (c - 1 + total) * (np.log(a) - special.digamma(a))
        ),
        "The average of a log is not the log of the average (Jensen). E[ln theta] = digamma(a) - "
        "ln b.",
        lambda a, b, c, d, total, m: elbo(a, b, c, d, total, m) + (c - 1 + total) * 2 * np.log(b),
        "The rate is used as a scale in E[ln theta]: it is digamma(a) minus ln b.",
        lambda a, b, *rest: elbo(a, b, *rest) - _entropy(a, b),
        "The entropy of q is missing. Without it the best q is a needle at the most probable rate.",
        lambda a, b, *rest: elbo(a, b, *rest) - 2 * _entropy(a, b),
        "The entropy has the wrong sign: the ELBO subtracts E[ln q], and that adds the entropy.",
        lambda a, b, c, d, *data: elbo(a, b, c, d, *data) - elbo(a, b, c, d, 0, 0) + _entropy(a, b),
        "The prior is missing: the joint is prior times likelihood.",
        lambda a, b, c, d, *data: elbo(a, b, c, d, 0, 0),
        "The likelihood is missing: the joint is prior times likelihood.",
        lambda *arguments: -elbo(*arguments),
        "That is the loss, the negative ELBO. Here higher is better.",
    ],
)
def elbo(concentration, rate, prior_concentration, prior_rate, total, num_images):
    """One number, in nats."""
    mean, log_mean = concentration / rate, special.digamma(concentration) - np.log(rate)
    normaliser = prior_concentration * np.log(prior_rate) - special.gammaln(prior_concentration)
    log_prior = normaliser + (prior_concentration - 1) * log_mean - prior_rate * mean
    return log_prior + total * log_mean - num_images * mean + _entropy(concentration, rate)


@exercise(
    "09.times_faster",
    inputs=(
        ([900.0, 41.0, 40.0, 90.0, 42.0, 40.0], [1500.0, 10.0, 10.5, 22.0, 10.0, 31.0]),
        ([50.0, 2.75, 8.0, 4.0, 2.75], [3.0, 1.0, 5.0, 1.0, 2.0]),
        ([9.0, 40.0, 80.0, 60.0], [1.0, 2.0, 2.0, 2.5]),
        ([7.0, 3.0, 300.0, 3.0], [800.0, 6.0, 5.0, 7.0]),
        ([9.0, 5000.0, 0.75, 6000.0], [1.0, 150.0, 110.0, 2.0]),
        ([9.0, 5000.0, 4000.0, 6000.0], [1.0, 2.5, 2.5, 2.5]),
    ),
    praise=(
        "No compilation, no average that one hiccup can own, and each round judged under its own "
        "weather."
    ),
    nudge=(
        "Go through the rounds by hand: which one does not count, and what does one hiccup do to "
        "your number?"
    ),
    line="np.median(old[1:] / new[1:])",
    hint=(
        "Leave the first round out, divide old by new round by round, and take the median of the "
        "ratios."
    ),
    as_given=lambda old, new: np.mean(old) / np.mean(new),
    mistakes=[
        lambda old, new: np.mean(old[1:]) / np.mean(new[1:]),
        "No compilation any more. But a mean belongs to its largest term: one hiccup of the "
        "machine decides.",
        lambda old, new: np.median(old[1:]) / np.median(new[1:]),
        "Close. Each median may come from another round: divide pair by pair first, then take the "
        "median.",
        lambda old, new: np.median(old / new),
        "The first round still counts, and it compiles. Leave it out.",
        lambda old, new: np.median(new[1:] / old[1:]),
        "Upside down: this is how many times slower. Divide old by new.",
        lambda old, new: np.mean(old[1:] / new[1:]),
        "Pair by pair is right. But a mean of ratios belongs to its largest term: take the median.",
    ],
)
def times_faster(old, new):
    """One number: above 1 if new is faster."""
    return np.median(np.asarray(old)[1:] / np.asarray(new)[1:])
