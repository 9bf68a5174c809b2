"""The gamma, the Poisson and the negative binomial, each a few lines; densities take logs, so that nothing underflows.

Densities that inference differentiates are written in JAX and follow its precision. Exact answers (KL divergence,
intervals, predictive masses) are computed in float64 by SciPy: they are the yardstick.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy import special

from helpers.gamma_sampling import sample_log_gamma

__all__ = [
    "Gamma",
    "credible_interval",
    "gamma_log_density",
    "kl_divergence",
    "negative_binomial_log_mass",
    "poisson_log_mass",
    "sample_log_gamma",
    "sample_log_rates",
]


class Gamma(NamedTuple):
    """Independent gamma distributions, one an entry: density rate^c x^(c-1) exp(-rate x) / Gamma(c)."""

    concentration: jax.Array | np.ndarray  # [...], above 0; the field also calls it shape
    rate: jax.Array | np.ndarray  # [...], above 0; a rate, not a scale

    @property
    def mean(self):
        """Mean [...], in the unit of x."""
        return self.concentration / self.rate

    @property
    def variance(self):
        """Variance [...], in the unit of x, squared."""
        return self.concentration / self.rate**2


def gamma_log_density(gamma, log_x):
    """ln Gamma(x | concentration, rate), as a density of x (not of ln x: no Jacobian).

    Args:
        gamma: Gamma with entries [...].
        log_x: ln x, broadcast against [...].

    Returns:
        array [...]: nats.
    """
    concentration, rate = jnp.asarray(gamma.concentration), jnp.asarray(gamma.rate)
    return (
        concentration * jnp.log(rate)
        - jax.scipy.special.gammaln(concentration)
        + (concentration - 1) * log_x
        - rate * jnp.exp(log_x)
    )


def poisson_log_mass(counts, log_rate):
    """ln Poisson(counts | exp(log_rate)). Unlike `jax.scipy.stats.poisson.logpmf` it has a gradient at rate 0.

    Args:
        counts: whole numbers >= 0, [...].
        log_rate: ln of the rate, broadcast against [...].

    Returns:
        array [...]: nats.
    """
    counts = jnp.asarray(counts, dtype=jnp.result_type(float))
    return counts * log_rate - jnp.exp(log_rate) - jax.scipy.special.gammaln(counts + 1)


def sample_log_rates(key, gamma, num_samples):
    """Logs of independent draws from the gammas; differentiable in concentration and rate.

    Args:
        key: JAX random key.
        gamma: Gamma with entries [...].
        num_samples: how many draws of the whole array.

    Returns:
        array [num_samples, ...]: ln of the draws. The log, because a draw itself underflows to 0 in float32 where
        the concentration is small.
    """
    concentration, rate = jnp.broadcast_arrays(jnp.asarray(gamma.concentration), jnp.asarray(gamma.rate))
    shape = (num_samples, *concentration.shape)
    return sample_log_gamma(key, concentration, shape) - jnp.log(rate)


def kl_divergence(q, p):
    """KL(q || p) between gammas, entry by entry, in float64.

    Args:
        q, p: Gamma with entries [...], broadcast against each other.

    Returns:
        float64 array [...]: nats, 0 where q equals p.

    Source: Bauckhage (2014), "Computing the Kullback-Leibler divergence between two generalized gamma
    distributions", with both shape exponents 1.
    """
    a, b = _float64(q)
    c, d = _float64(p)
    return (
        (a - c) * special.digamma(a)
        - special.gammaln(a)
        + special.gammaln(c)
        + c * (np.log(b) - np.log(d))
        + a * (d - b) / b
    )


def credible_interval(gamma, level=0.9):
    """The central interval that holds `level` of the probability.

    Args:
        gamma: Gamma with entries [...].
        level: probability inside, strictly between 0 and 1.

    Returns:
        (lower, upper): float64 arrays [...], in the unit of x.

    Raises:
        ValueError: if level is not strictly between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie strictly between 0 and 1; got {level!r}.")
    concentration, rate = _float64(gamma)
    tail = (1 - level) / 2
    return special.gammaincinv(concentration, tail) / rate, special.gammainccinv(concentration, tail) / rate


def negative_binomial_log_mass(counts, gamma):
    """ln p(counts) when counts ~ Poisson(x) and x ~ gamma, with x integrated out; float64.

    Args:
        counts: whole numbers >= 0, broadcast against [...].
        gamma: Gamma with entries [...].

    Returns:
        float64 array [...]: nats.

    Source: Greenwood and Yule (1920); Gelman et al., Bayesian Data Analysis (2013), section 2.6.
    """
    counts = np.asarray(counts, dtype=np.float64)
    concentration, rate = _float64(gamma)
    return (
        special.gammaln(concentration + counts)
        - special.gammaln(concentration)
        - special.gammaln(counts + 1)
        - concentration * np.log1p(1 / rate)
        - counts * np.log1p(rate)
    )


def _float64(gamma):
    return np.asarray(gamma.concentration, dtype=np.float64), np.asarray(gamma.rate, dtype=np.float64)
