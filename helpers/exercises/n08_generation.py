"""Exercises of notebook 8: the predictive's moments, a posterior predictive p-value, images that are too alike."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy import stats

from helpers import distributions
from helpers.exercises.engine import Exercise, Mistake


def predictive_moments(concentration, rate):
    """Mean and variance of a Poisson count whose rate is a gamma draw."""
    mean = concentration / rate
    return mean, mean + concentration / rate**2


def _predictive_moments_of_scipy(concentration, rate):
    moments = [stats.nbinom.stats(a, b / (b + 1)) for a, b in zip(concentration, rate, strict=True)]
    return np.array(moments, dtype=np.float32).T


MOMENTS = Exercise(
    id="08.predictive_moments",
    reference=predictive_moments,
    inputs=(
        (np.array([59.0, 4.0]), np.array([5.0, 0.5])),
        (np.array([0.5, 9.0, 0.02]), np.array([0.25, 1.5, 0.01])),
        (np.array([2000.0]), np.array([180.0])),
    ),
    returns="two arrays [pixels], (mean, variance)",
    parts=2,
    praise="Two sources of scatter add up: the Poisson's own, and your doubt about the rate.",
    hint="Variance of a count = average of the Poisson's variance + variance of the rate.",
    another=_predictive_moments_of_scipy,
    mistakes=(
        Mistake(
            lambda a, b: (a / b, a / b),
            "That is a Poisson at the posterior mean. The rate is uncertain too, and adds its own variance.",
        ),
        Mistake(
            lambda a, b: (a / b, a / b**2),
            "That is the variance of the rate alone. The Poisson scatters around every rate, so add its variance.",
        ),
        Mistake(
            lambda a, b: (a * b, a * b + a * b**2),
            "The rate is used as a scale. A gamma has mean concentration / rate and variance concentration / rate**2.",
        ),
        Mistake(
            lambda a, b: (a / b, np.sqrt(a / b + a / b**2)),
            "That is the standard deviation. Return its square.",
        ),
        Mistake(
            lambda a, b: (a / b, a / b + a / b),
            "A gamma's variance is concentration / rate**2: the rate is squared.",
        ),
    ),
)


def p_value(simulated, observed):
    """Share of simulated statistics at least as large as the observed one."""
    return np.mean(simulated >= observed)


def _p_value_by_sorting(simulated, observed):
    ordered = sorted(simulated.tolist())
    while ordered and ordered[0] < observed:
        ordered.pop(0)
    return jnp.bfloat16(len(ordered) / len(simulated))


P_VALUE = Exercise(
    id="08.p_value",
    reference=p_value,
    inputs=(
        (np.array([3.0, 5.0, 8.0, 8.0, 9.0, 12.0, 13.0, 15.0]), 8.5),
        (np.array([14, 15, 16, 16, 16, 17, 19, 21]), 16),
        (np.array([0.1, 0.2, 0.3, 0.4]), 0.9),
        (np.array([2.0, 2.0]), 2.0),
    ),
    returns="one number from 0 to 1",
    praise="Near 0 or near 1, the model hardly ever makes data like yours. Ties count, as counts tie often.",
    hint="How many of the simulated values are at least as large as the observed one? Divide by how many there are.",
    another=_p_value_by_sorting,
    mistakes=(
        Mistake(
            lambda t, seen: np.mean(t > seen),
            "Right until there are ties, and whole numbers tie often. At least as large includes equal: >=.",
        ),
        Mistake(
            lambda t, seen: np.mean(t <= seen),
            "That is the other tail: the share of simulated values at most as large as the observed one.",
        ),
        Mistake(
            lambda t, seen: np.mean(t < seen),
            "That is the other tail: the share of simulated values below the observed one.",
        ),
        Mistake(
            lambda t, seen: np.sum(t >= seen),
            "That is how many. Divide by the number of simulated values.",
        ),
        Mistake(
            lambda t, seen: 2 * min(np.mean(t >= seen), np.mean(t <= seen)),
            "That is a two-sided p-value. Here only the upper tail is asked for.",
        ),
        Mistake(
            lambda t, seen: t >= seen,
            "These are the comparisons, true or false. Their average is the share.",
        ),
    ),
)


def generate(seed, concentration, rate, num_images):
    """Rates from the posterior, one set an image; then counts from the rates."""
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(concentration, 1 / rate, (num_images, len(rate))))


def _generate_as_given(seed, concentration, rate, num_images):
    rates = concentration / rate
    return np.random.default_rng(seed).poisson(rates, (num_images, len(rates)))


def _generate_in_jax(seed, concentration, rate, num_images):
    key_rates, key_counts = jax.random.split(jax.random.key(seed))
    log_rates = distributions.sample_log_rates(key_rates, distributions.Gamma(concentration, rate), num_images)
    return jax.random.poisson(key_counts, jnp.exp(log_rates))


def _generate_from(transform):
    """Counts from other rates."""

    def draw(seed, concentration, rate, num_images):
        rng = np.random.default_rng(seed)
        return rng.poisson(transform(rng.gamma(concentration, 1.0, (num_images, len(rate))), rate))

    return draw


def _generate_from_one_guess(seed, concentration, rate, num_images):
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(concentration, 1 / rate), (num_images, len(rate)))


def _rates_alone(seed, concentration, rate, num_images):
    return np.random.default_rng(seed).gamma(concentration, 1 / rate, (num_images, len(rate)))


def mean_variance_and_wholeness(draws):
    """What tells draws of counts apart: per pixel mean and variance, and the share of whole numbers.

    Args:
        draws: [images, pixels].

    Returns:
        (estimates, standard errors): arrays [2 * pixels + 1].
    """
    number = len(draws)
    mean, variance = draws.mean(axis=0), draws.var(axis=0)
    fourth = ((draws - mean) ** 4).mean(axis=0)
    whole = np.mean(draws == np.floor(draws))
    errors = np.sqrt(np.maximum([variance, fourth - variance**2], 0) / number)
    return np.array([*mean, *variance, whole]), np.array([*errors.ravel(), 0.0])


GENERATE = Exercise(
    id="08.generate",
    reference=generate,
    inputs=(
        (1, np.array([5.0, 24.0, 1.5]), np.array([0.5, 2.0, 3.0]), 3_000),
        (2, np.array([2.0, 0.5, 300.0]), np.array([0.25, 0.2, 25.0]), 3_000),
    ),
    returns="counts [images, pixels]",
    praise="First the rates, anew for every image, then the counts: the images now differ as much as you are unsure.",
    hint="Every image needs rates of its own: draw [num_images, pixels] of them, then a count from each.",
    another=_generate_in_jax,
    as_given=_generate_as_given,
    statistics=mean_variance_and_wholeness,
    mistakes=(
        Mistake(
            _generate_from(lambda standard, rate: standard * rate),
            "The images vary now, but the rate is used as a scale. NumPy's gamma wants 1 / rate.",
        ),
        Mistake(
            _generate_from(lambda standard, rate: standard),
            "The images vary now, but the posterior's rate is not used: its draws are those of rate 1, divided by it.",
        ),
        Mistake(
            _generate_from_one_guess,
            "All images share one draw of the rates, so they are wrong together. Draw rates anew for every image.",
        ),
        Mistake(
            _rates_alone,
            "These are rates, not images yet. Draw a Poisson count from each.",
        ),
        Mistake(
            lambda seed, a, b, n: np.tile(a / b, (n, 1)),
            "Every image is the posterior mean. Draw rates from the gamma first, then counts from the rates.",
        ),
    ),
)

EXERCISES = (MOMENTS, P_VALUE, GENERATE)
