"""Exercises of notebook 3: a gradient through draws, a baseline for the score function, an implicit gradient."""

import jax
import jax.numpy as jnp
import numpy as np

from helpers.exercises.engine import Exercise, known


def pathwise_gradient(mean, scale, noise):
    """x = mean + scale * noise, so dx/dmean = 1 and dx/dscale = noise; the slope of x**2 is 2 x."""
    x = mean + scale * noise
    return np.mean(2 * x), np.mean(2 * x * noise)


def _score_gradient(mean, scale, noise):
    x = mean + scale * noise
    return np.mean(x**2 * noise / scale), np.mean(x**2 * (noise**2 - 1) / scale)


PATHWISE = Exercise(
    id="03.pathwise_gradient",
    reference=pathwise_gradient,
    inputs=(
        (1.0, 2.0, np.array([-1.0, 0.5, 2.0, 0.25])),
        (3.0, 0.5, np.random.default_rng(1).normal(size=50)),
        (-2.0, 1.5, np.random.default_rng(2).normal(size=50)),
        (0.0, 1.0, np.array([0.75])),
        (12.0, 3.0, np.array([0.5, 1.5])),
        (1.0, 0.5, np.array([-1.0])),
    ),
    returns="two numbers, (gradient in mean, gradient in scale)",
    parts=2,
    praise="The draw moves with its parameters, and the chain rule does the rest. No density was differentiated.",
    hint="Differentiate (mean + scale * noise)**2 in mean and in scale, and average each over the noise.",
    mistakes=known(
        lambda mean, scale, noise: (np.mean(2 * (mean + scale * noise)),) * 2,
        "The gradient in scale lacks dx/dscale = noise: each draw moves with scale by its own noise.",
        lambda mean, scale, noise: (2 * mean, 2 * scale),
        "That is the exact gradient, whatever the draws. Here the task is its estimate from this noise.",
        lambda mean, scale, noise: tuple(len(noise) * g for g in pathwise_gradient(mean, scale, noise)),
        "That is the sum over the draws. An expectation is their average.",
        _score_gradient,
        "That is the score-function estimate: unbiased, but noisier. Differentiate x**2 along the draw instead.",
        lambda mean, scale, noise: pathwise_gradient(mean, np.sqrt(scale), noise),
        "The scale is used as a variance. The draw is x = mean + scale * noise, without a square root.",
        lambda mean, scale, noise: tuple(g / 2 for g in pathwise_gradient(mean, scale, noise)),
        "A factor of 2 is missing: the slope of x**2 is 2 * x.",
    ),
)


def subtract_baseline(log_ratios):
    """Each log ratio less the average of all the others."""
    return len(log_ratios) / (len(log_ratios) - 1) * (log_ratios - np.mean(log_ratios))


BASELINE = Exercise(
    id="03.baseline",
    reference=subtract_baseline,
    inputs=(
        (np.array([1.0, 2.0, 6.0]),),
        (np.array([-3.0, 40.0]),),
        (-500.0 + np.random.default_rng(3).normal(size=9),),
        (np.array([2.5, 2.5, 2.5, 2.5]),),
    ),
    returns="an array [draws], each log ratio less its own baseline",
    praise="Each draw is judged against the others, never against itself. So the noise falls and the mean stays right.",
    hint="The baseline of draw i is (sum of all log ratios - log ratio i) / (number of draws - 1).",
    mistakes=known(
        lambda f: f - np.mean(f),
        "This average includes the draw itself, which shrinks the gradient by (S - 1) / S. Leave draw i out.",
        lambda f: f - (np.sum(f) - f) / len(f),
        "The others are only S - 1 draws: divide their sum by that.",
        lambda f: -subtract_baseline(f),
        "The sign is flipped: a draw better than the others should get a weight above 0.",
        lambda f: (np.sum(f) - f) / (len(f) - 1),
        "These are the baselines. Subtract each from its log ratio.",
        lambda f: f - (np.sum(f) - f),
        "You subtract the sum of the others. The baseline is their average.",
    ),
)


def implicit_gradient(cdf, density, x, parameter, step=1e-3):
    """dx/da at a fixed quantile: -(dF/da) / density."""
    rise = cdf(x, parameter + step) - cdf(x, parameter - step)
    return -rise / (2 * step) / density(x, parameter)


def _implicit_as_given(cdf, density, x, parameter, step=1e-3):
    slope = (cdf(x, parameter + step) - cdf(x, parameter - step)) / (2 * step)
    return slope / density(x, parameter)


def _slope(cdf, x, a, step=1e-3):
    return (cdf(x, a + step) - cdf(x, a - step)) / (2 * step)


def exponential_cdf(x, rate):
    """F(x) of the exponential distribution with a rate."""
    return -jnp.expm1(-rate * x)


def exponential_density(x, rate):
    """Its density: F's slope in x."""
    return rate * jnp.exp(-rate * x)


def gamma_cdf(x, concentration):
    """F(x) of a gamma with rate 1."""
    return jax.scipy.special.gammainc(concentration, x)


def gamma_density(x, concentration):
    """Its density."""
    return jnp.exp((concentration - 1) * jnp.log(x) - x - jax.scipy.special.gammaln(concentration))


def log_normal_cdf(x, spread):
    """F(x) of exp(spread * z) for a standard normal z: below 1 a larger spread means a smaller x."""
    return jax.scipy.stats.norm.cdf(jnp.log(x) / spread)


def log_normal_density(x, spread):
    """Its density."""
    return jax.scipy.stats.norm.pdf(jnp.log(x) / spread) / (x * spread)


IMPLICIT = Exercise(
    id="03.implicit_gradient",
    reference=implicit_gradient,
    inputs=(
        (exponential_cdf, exponential_density, 0.7, 1.5),
        (exponential_cdf, exponential_density, 2.0, 0.4),
        (gamma_cdf, gamma_density, 2.5, 3.0),
        (gamma_cdf, gamma_density, 6.0, 5.0),
        (gamma_cdf, gamma_density, 0.4, 0.7),
        (log_normal_cdf, log_normal_density, 20.0, 2.0),
        (log_normal_cdf, log_normal_density, 0.5, 0.8),
    ),
    returns="one number, dx / dparameter",
    praise="Where F falls as the parameter grows, x must rise to keep its quantile. That is the minus sign.",
    hint="Keep F(x, a) fixed: dF/da + density * dx/da = 0. Solve for dx/da.",
    as_given=_implicit_as_given,
    tolerance=2e-2,
    mistakes=known(
        lambda F, p, x, a: -_slope(F, x, a),
        "The sign is right now, but the division by the density has gone: it turns a change of F into one of x.",
        lambda F, p, x, a: -_slope(F, x, a) * p(x, a),
        "The sign is right now, but you multiply by the density. Where it is low, x has far to go: divide.",
        lambda F, p, x, a: -2 * _slope(F, x, a) / p(x, a),
        "Twice too large: from a - step to a + step is a distance of 2 * step.",
        lambda F, p, x, a: -p(x, a) / _slope(F, x, a),
        "The fraction is upside down: dF/da goes on top, the density below.",
        lambda F, p, x, a: abs(_slope(F, x, a) / p(x, a)),
        "The sign is lost: a gamma's draw rises with its concentration, an exponential's falls with its rate.",
    ),
)

EXERCISES = (PATHWISE, BASELINE, IMPLICIT)
