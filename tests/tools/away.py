"""Models whose posterior is no gamma, and how far a product of gammas ends from the best one: the
gap of a recipe.

The best member needs no fit: pixels are independent, so its ELBO is one integral in ln theta a
pixel, taken here as a sum over a grid (smooth integrands that end at 0), in float64, and climbed by
Nelder and Mead's method.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy import optimize, special

from helpers import data, inference
from helpers.models import poisson_gamma

LOG_RATES = np.linspace(-45.0, 6.0, 3_000)


def log_normal(xp, counts, template, u):
    """Poisson counts, log-normal prior of width 1 on each rate."""
    return (counts * u - xp.exp(u)).sum(axis=0) - (u - xp.log(template)) ** 2 / 2 - u


def log_logistic(xp, counts, template, u):
    """Poisson counts, a prior of heavy tails: ln theta is logistic of scale 1/2."""
    z = 2 * (u - xp.log(template))
    return (counts * u - xp.exp(u)).sum(axis=0) - z - 2 * xp.logaddexp(0.0, -z) - u


def spread_counts(xp, counts, template, u):
    """Negative binomial counts, of variance theta + theta^2 / 2, and the course's prior of strength
    2."""
    log_likelihood = (counts * u - (counts + 2) * xp.logaddexp(u, np.log(2.0))).sum(axis=0)
    return log_likelihood + (2 * template - 1) * u - 2 * xp.exp(u)


def weibull(xp, counts, template, u):
    """Poisson counts, a prior whose tails are far lighter than a gamma's: Weibull of shape 3 and
    scale `template`."""
    z = 3 * (u - xp.log(template))
    return (counts * u - xp.exp(u)).sum(axis=0) + z - xp.exp(z) - u


@jax.tree_util.register_static
class Static(NamedTuple):
    """Keeps a function inside a pytree."""

    function: Callable


class Away(NamedTuple):
    """A model given by its log joint for each pixel, `terms(xp, counts, template, u)` at u = ln
    theta."""

    terms: Static
    counts: np.ndarray  # [images, 64]
    template: np.ndarray  # [64]

    def log_joint(self, log_rates):
        """ln p(X, theta) at theta = exp(log_rates) [64], up to a constant: nats."""
        return self.terms.function(jnp, self.counts, self.template, log_rates).sum()


def negative_elbo(phi, table):
    """Of one pixel's gamma, in nats; phi: logs of concentration and rate; `table` [points]: the
    pixel's log joint."""
    (a, b), u = np.exp(phi), LOG_RATES
    log_q = a * phi[1] - special.gammaln(a) + (a - 1) * u - b * np.exp(u)
    weights = np.exp(log_q + u) * (u[1] - u[0])
    return -(weights @ (table - log_q)) + 1e6 * max(0.0, abs(weights.sum() - 1) - 1e-6)


def gaps(terms, recipes, seeds, *, digit=0, num_images=3, strength=2.0):
    """How many nats the fits of each recipe fall short of the best product of gammas.

    Args:
        terms: one of the models above.
        recipes: dictionary, name to `inference.Recipe`.
        seeds: whole numbers, one fit each.
        digit, num_images: the counts, and the digit's typeface as the prior's centre.
        strength: of the course's prior, from which a fit starts.

    Returns:
        dictionary, name to float64 array [seeds]: nats.
    """
    template, counts = (
        data.domain_knowledge(digit),
        data.load_digit(digit)[:num_images].astype(float),
    )
    start = poisson_gamma.prior(template, strength)
    tables = terms(np, counts[:, None], template, LOG_RATES[:, None]).T  # [64, points]
    best = [
        -optimize.minimize(negative_elbo, np.log([1 + t, 1.0]), (table,), "Nelder-Mead").fun
        for t, table in zip(template, tables, strict=True)
    ]

    def gap(seed, recipe):
        q = inference.fit(
            jax.random.key(seed), Away(Static(terms), counts, template), start, recipe
        ).surrogate
        phis = np.log(np.stack(q, axis=1).astype(float))
        return np.sum(best) + sum(
            negative_elbo(phi, table) for phi, table in zip(phis, tables, strict=True)
        )

    return {
        name: np.array([gap(seed, recipe) for seed in seeds]) for name, recipe in recipes.items()
    }
