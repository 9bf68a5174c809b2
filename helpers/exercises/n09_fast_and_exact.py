"""Exercises of notebook 9: a natural gradient, an ELBO without draws, a race that is not fair."""

import numpy as np
from scipy import special

from helpers.exercises.engine import Exercise, known


def _fisher(concentration):
    a = concentration
    return np.array([[a**2 * special.polygamma(1, a), -a], [-a, a]])


def natural_gradient(concentration, gradient):
    """The gradient multiplied by the inverse of the Fisher matrix in (log concentration, log rate)."""
    return np.linalg.solve(_fisher(concentration), gradient)


NATURAL_GRADIENT = Exercise(
    id="09.natural_gradient",
    reference=natural_gradient,
    inputs=(
        (2.0, np.array([1.0, -0.5])),
        (0.3, np.array([-0.2, 0.4])),
        (25.0, np.array([3.0, 5.0])),
        (0.5, np.array([9.0, 20.0])),
        (4.0, np.array([-2.0, -1.0])),
        (1.0, np.array([0.0, 0.0])),
    ),
    returns="an array [2], the step in (log concentration, log rate)",
    praise="The same step a person would take who measures distance in nats instead of in knobs.",
    hint="Build F = [[a^2 trigamma(a), -a], [-a, a]] and solve F step = gradient, with np.linalg.solve.",
    mistakes=known(
        lambda a, g: _fisher(a) @ g,
        "That is F times the gradient. The natural gradient is the inverse of F times it: solve, don't multiply.",
        lambda a, g: g / np.diag(_fisher(a)),
        "That uses the diagonal alone. Concentration and rate pull on each other: keep the -a off the diagonal.",
        lambda a, g: np.linalg.solve(np.abs(_fisher(a)), g),
        "A sign is off: off the diagonal F holds -a. Raising both logs together moves the gamma least.",
        lambda a, g: np.linalg.solve(np.array([[special.polygamma(1, a), -1.0], [-1.0, a]]), g),
        "That is the Fisher matrix in the concentration itself, at rate 1. In logs, each side gains a factor.",
        lambda a, g: -natural_gradient(a, g),
        "The sign is flipped. The minus belongs to going downhill, and is not asked for here.",
    ),
)


def elbo(concentration, rate, prior_concentration, prior_rate, total, num_images):
    """E_q[ln p(theta) + total ln theta - num_images theta - ln q(theta)] for one pixel, in nats."""
    mean, log_mean = concentration / rate, special.digamma(concentration) - np.log(rate)
    return (
        _expected_log_prior(mean, log_mean, prior_concentration, prior_rate)
        + (total * log_mean - num_images * mean)
        + _entropy(concentration, rate)
    )


def _expected_log_prior(mean, log_mean, c, d):
    return c * np.log(d) - special.gammaln(c) + (c - 1) * log_mean - d * mean


def _entropy(a, b):
    return a - np.log(b) + special.gammaln(a) + (1 - a) * special.digamma(a)


def _elbo_with(log_mean=None, entropy_sign=1.0, with_prior=1.0, with_data=1.0):
    """The ELBO with one part changed."""

    def wrong(a, b, c, d, total, m):
        mean = a / b
        logs = log_mean(a, b) if log_mean else special.digamma(a) - np.log(b)
        prior, data = _expected_log_prior(mean, logs, c, d), total * logs - m * mean
        return with_prior * prior + with_data * data + entropy_sign * _entropy(a, b)

    return wrong


CLOSED_FORM = Exercise(
    id="09.elbo",
    reference=elbo,
    inputs=(
        (12.0, 2.5, 4.0, 2.0, 9.0, 1.0),
        (3.0, 0.5, 1.5, 0.7, 20.0, 4.0),
        (0.9, 3.0, 0.5, 1.0, 0.0, 2.0),
        (300.0, 31.0, 10.0, 1.0, 290.0, 30.0),
    ),
    returns="one number, in nats",
    praise="Two averages and an entropy: not a single draw.",
    hint="E[theta] = a/b and E[ln theta] = digamma(a) - ln b. Put them into ln prior + ln likelihood, add q's entropy.",
    mistakes=known(
        _elbo_with(log_mean=lambda a, b: np.log(a / b)),
        "The average of a log is not the log of the average (Jensen). E[ln theta] = digamma(a) - ln b.",
        _elbo_with(log_mean=lambda a, b: special.digamma(a) + np.log(b)),
        "The rate is used as a scale in E[ln theta]: it is digamma(a) minus ln b.",
        _elbo_with(entropy_sign=0.0),
        "The entropy of q is missing. Without it the best q is a needle at the most probable rate.",
        _elbo_with(entropy_sign=-1.0),
        "The entropy has the wrong sign: the ELBO subtracts E[ln q], and that adds the entropy.",
        _elbo_with(with_prior=0.0),
        "The prior is missing: the joint is prior times likelihood.",
        _elbo_with(with_data=0.0),
        "The likelihood is missing: the joint is prior times likelihood.",
        lambda *arguments: -elbo(*arguments),
        "That is the loss, the negative ELBO. Here higher is better.",
    ),
)


def times_faster(old, new):
    """The median over rounds of old / new, pair by pair, without the first round."""
    return np.median(np.asarray(old)[1:] / np.asarray(new)[1:])


TIMES_FASTER = Exercise(
    id="09.times_faster",
    reference=times_faster,
    inputs=(
        (np.array([900.0, 41.0, 40.0, 90.0, 42.0, 40.0]), np.array([1500.0, 10.0, 10.5, 22.0, 10.0, 31.0])),
        (np.array([50.0, 2.0, 8.0, 4.0, 2.0]), np.array([3.0, 1.0, 5.0, 1.0, 2.0])),
        (np.array([9.0, 40.0, 80.0, 60.0]), np.array([1.0, 2.0, 2.0, 2.5])),
        (np.array([7.0, 3.0, 300.0, 3.0]), np.array([800.0, 6.0, 5.0, 7.0])),
    ),
    returns="one number: above 1 if new is faster",
    praise="No compilation, no average that one hiccup can own, and each round judged under its own weather.",
    hint="Leave the first round out, divide old by new round by round, and take the median of the ratios.",
    as_given=lambda old, new: np.mean(old) / np.mean(new),
    mistakes=known(
        lambda old, new: np.mean(old[1:]) / np.mean(new[1:]),
        "No compilation any more. But a mean belongs to its largest term: one hiccup of the machine decides.",
        lambda old, new: np.median(old[1:]) / np.median(new[1:]),
        "Close. Each median may come from another round: divide pair by pair first, then take the median.",
        lambda old, new: np.median(old / new),
        "The first round still counts, and it compiles. Leave it out.",
        lambda old, new: np.median(new[1:] / old[1:]),
        "Upside down: this is how many times slower. Divide old by new.",
        lambda old, new: np.mean(old[1:] / new[1:]),
        "Pair by pair is right. But a mean of ratios belongs to its largest term: take the median.",
    ),
)

EXERCISES = (NATURAL_GRADIENT, CLOSED_FORM, TIMES_FASTER)
