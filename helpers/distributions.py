"""Surrogates (gamma, normals, log-normal, products of them), the Poisson and the negative binomial,
each a few lines.

A surrogate is any NamedTuple pytree with four methods, and `inference.fit` asks for no more:

    sample(key, num_samples)   draws, every leaf [samples, ...], differentiable in the parameters
    log_density(draw)          nats (a scalar) for one draw, as a density of the unknown itself
    to_phi()                   its unconstrained parameters, any pytree; `log_x` names the log of x
                               where a parameter x is above 0
    from_phi(phi)              the surrogate with those parameters

A positive unknown theta is drawn and passed on as ln theta, so that nothing underflows; its density
is of theta all the same, without a Jacobian. Densities follow JAX's precision. Exact answers (KL
divergence, intervals, predictive masses) are computed in float64 by SciPy: they are the yardstick.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy import special

from helpers import checks
from helpers.gamma_sampling import sample_log_gamma


class Gamma(NamedTuple):
    """Independent gamma distributions, one an entry: density rate^c x^(c-1) exp(-rate x) /
    Gamma(c)."""

    concentration: jax.Array | np.ndarray  # [...], above 0; the field also calls it shape
    rate: jax.Array | np.ndarray  # [...], above 0; a rate, not a scale

    @property
    def mean(self):
        """Mean [...], in the unit of x."""
        return self.concentration / self.rate

    @property
    def variance(self):
        """Variance [...], in the unit of x, squared."""
        return self.mean / self.rate  # a square of whole numbers may overflow

    def sample(self, key, num_samples):
        """ln x of independent draws, [num_samples, ...]: see `sample_log_rates`."""
        return sample_log_rates(key, self, num_samples)

    def log_density(self, log_x):
        """ln of the density of x, all entries [...] together: a scalar, nats."""
        return gamma_log_density(self, log_x).sum()

    def to_phi(self):
        concentration, rate = jnp.broadcast_arrays(
            jnp.asarray(self.concentration), jnp.asarray(self.rate)
        )
        return {"log_concentration": jnp.log(concentration), "log_rate": jnp.log(rate)}

    @classmethod
    def from_phi(cls, phi):
        return cls(jnp.exp(phi["log_concentration"]), jnp.exp(phi["log_rate"]))


class Normal(NamedTuple):
    """Independent normal distributions, one an entry; a draw is x itself."""

    mean: jax.Array | np.ndarray  # [...]
    std: jax.Array | np.ndarray  # [...], above 0

    def sample(self, key, num_samples):
        mean, std = jnp.broadcast_arrays(
            jnp.asarray(self.mean, float), jnp.asarray(self.std, float)
        )
        return mean + std * flat_normal(key, _shape(num_samples, mean), mean.dtype)

    def log_density(self, x):
        return jax.scipy.stats.norm.logpdf(x, self.mean, self.std).sum()

    def to_phi(self):
        mean, std = jnp.broadcast_arrays(
            jnp.asarray(self.mean, float), jnp.asarray(self.std, float)
        )
        return {"mean": mean, "log_std": jnp.log(std)}

    @classmethod
    def from_phi(cls, phi):
        return cls(phi["mean"], jnp.exp(phi["log_std"]))


class LogNormal(NamedTuple):
    """Independent log-normal distributions: ln x is normal, and a draw is ln x."""

    mean_log: jax.Array | np.ndarray  # [...], mean of ln x
    std_log: jax.Array | np.ndarray  # [...], standard deviation of ln x, above 0

    def sample(self, key, num_samples):
        return Normal(*self).sample(key, num_samples)

    def log_density(self, log_x):
        # of x, not of ln x: the Jacobian of x = exp(ln x)
        return Normal(*self).log_density(log_x) - log_x.sum()

    def to_phi(self):
        return Normal(*self).to_phi()

    @classmethod
    def from_phi(cls, phi):
        return cls(*Normal.from_phi(phi))


class FullNormal(NamedTuple):
    """One normal distribution over d unknowns that may all be correlated; a draw is x itself, [d].

    The covariance is cholesky @ cholesky.T. Its phi writes the factor as U diag(s): U has ones on
    the diagonal, and a column keeps its shape while its s changes.

    It costs time rather than memory. On a logistic regression with 1,000 rows a refit by FAST took
    13 times as long as a `Normal`'s with 10 unknowns, 27 times with 30, 380 with 100 (4 seconds of
    one core) and 620 with 300 (14 seconds); more unknowns take more draws as well. What the
    `Normal` misses grows too: 0.05, 0.3, 3 and 62 nats. A diagonal and a factor of rank sqrt(d),
    NumPyro's, took a tenth of the full one's time and still missed 2.4 nats with 100 and 33 with
    300. Where seconds are too long, take a `Normal`, or a `Product` of smaller blocks.
    """

    mean: jax.Array | np.ndarray  # [d]
    cholesky: jax.Array | np.ndarray  # [d, d], lower triangular, its diagonal above 0

    @property
    def num_correlated(self):
        """How many unknowns may all be correlated: a recipe may have another recipe for them."""
        return len(self.mean)

    @property
    def std(self):
        """Standard deviation of each unknown, [d], in its unit."""
        return (self.cholesky**2).sum(axis=-1) ** 0.5

    def sample(self, key, num_samples):
        mean, cholesky = jnp.asarray(self.mean, float), jnp.asarray(self.cholesky, float)
        return mean + flat_normal(key, _shape(num_samples, mean), mean.dtype) @ cholesky.T

    def log_density(self, x):
        cholesky = jnp.asarray(self.cholesky, float)
        # the inverse, for it serves all draws of a vmap: a solve would begin anew for each
        whiten = jax.scipy.linalg.solve_triangular(cholesky, jnp.eye(len(cholesky)), lower=True)
        noise = whiten @ (x - self.mean)
        log_determinant = jnp.log(jnp.diagonal(cholesky)).sum()
        return jax.scipy.stats.norm.logpdf(noise).sum() - log_determinant

    def to_phi(self):
        mean, cholesky = jnp.asarray(self.mean, float), jnp.asarray(self.cholesky, float)
        if cholesky.shape != mean.shape * 2 or mean.ndim != 1:
            raise ValueError(
                "a FullNormal wants a mean [d] and the lower triangular factor [d, d] of a "
                f"covariance; got {mean.shape} and {cholesky.shape}."
            )
        if not isinstance(cholesky, jax.core.Tracer) and np.triu(cholesky, 1).any():
            raise ValueError(
                "a FullNormal wants the lower triangular factor of a covariance, not the "
                "covariance: np.linalg.cholesky(covariance)."
            )
        diagonal = jnp.diagonal(cholesky)
        unit_lower = jnp.tril(cholesky, -1) / diagonal
        return {"mean": mean, "log_diagonal": jnp.log(diagonal), "unit_lower": unit_lower}

    @classmethod
    def from_phi(cls, phi):
        unit_lower = jnp.tril(phi["unit_lower"], -1) + jnp.eye(phi["mean"].size)
        return cls(phi["mean"], unit_lower * jnp.exp(phi["log_diagonal"]))


class Product(NamedTuple):
    """Independent blocks of unknowns, each with a surrogate of its own; draws and phi are
    dictionaries by block."""

    blocks: dict  # name to surrogate

    @property
    def num_correlated(self):
        """How many unknowns of one block may all be correlated, at most; 0: of no block."""
        return max(getattr(block, "num_correlated", 0) for block in self.blocks.values())

    def sample(self, key, num_samples):
        # JAX sorts dictionaries: the same draws inside and outside of jit
        names = sorted(self.blocks)
        keys = jax.random.split(checks.key(key), len(names))
        return {
            name: self.blocks[name].sample(k, num_samples)
            for name, k in zip(names, keys, strict=True)
        }

    def log_density(self, draw):
        return sum(block.log_density(draw[name]) for name, block in self.blocks.items())

    def to_phi(self):
        return {name: block.to_phi() for name, block in self.blocks.items()}

    def from_phi(self, phi):
        return Product({name: block.from_phi(phi[name]) for name, block in self.blocks.items()})


def flat_normal(key, shape, dtype=float):
    """Independent standard normals [shape], drawn flat: XLA takes 12 times longer to compile a draw
    of three axes than the same numbers in one."""
    return jax.random.normal(checks.key(key), (math.prod(shape),), dtype).reshape(shape)


def gamma_log_density(gamma, log_x):
    """ln Gamma(x | concentration, rate), as a density of x (not of ln x: no Jacobian); entries
    broadcast, nats. It is right at x = 0 as well, where log_x is -inf."""
    concentration, rate = jnp.asarray(gamma.concentration), jnp.asarray(gamma.rate)
    log_normaliser = concentration * jnp.log(rate) - jax.scipy.special.gammaln(concentration)
    return log_normaliser + _times(concentration - 1, log_x) - rate * jnp.exp(log_x)


def poisson_log_mass(counts, log_rate):
    """ln Poisson(counts | exp(log_rate)), entries broadcast, in nats.

    Unlike `jax.scipy.stats.poisson.logpmf` it has a gradient at rate 0, where log_rate is -inf.
    """
    counts = jnp.asarray(counts, dtype=jnp.result_type(float))
    return _times(counts, log_rate) - jnp.exp(log_rate) - jax.scipy.special.gammaln(counts + 1)


def _times(factor, log):
    """factor * log; 0 where the factor is 0, whatever the log: x^0 is 1, at x = 0 too."""
    return factor * jnp.where(factor == 0, 0.0, log)


def sample_log_rates(key, gamma, num_samples):
    """Logs of independent draws from gammas with entries [...]: an array [num_samples, ...],
    differentiable in both.

    The log, because a draw itself underflows to 0 in float32 where the concentration is small.
    """
    concentration, rate = jnp.broadcast_arrays(
        jnp.asarray(gamma.concentration), jnp.asarray(gamma.rate)
    )
    return sample_log_gamma(key, concentration, _shape(num_samples, rate)) - jnp.log(rate)


def kl_divergence(q, p):
    """KL(q || p) between gammas, entry by entry (they broadcast): float64, nats, 0 where q equals
    p.

    Raises ValueError if a concentration or a rate is not above 0, or where broadcasting would pair
    every entry with every other.

    Source: Bauckhage (2014), "Computing the Kullback-Leibler divergence between two generalized
    gamma distributions", with both shape exponents 1.
    """
    (a, b), (c, d) = _float64(q), _float64(p)
    _check_pairs("q", a, "p", c)
    by_concentration = (a - c) * special.digamma(a) - special.gammaln(a) + special.gammaln(c)
    return by_concentration + c * (np.log(b) - np.log(d)) + a * (d - b) / b


def credible_interval(gamma, level=0.9):
    """The central interval that holds `level` of the probability: (lower, upper), float64 [...], in
    the unit of x.

    ValueError if level is not strictly between 0 and 1, or a concentration or a rate not above 0.
    """
    tail = (1 - checks.probability("level", level)) / 2
    concentration, rate = _float64(gamma)
    return special.gammaincinv(concentration, tail) / rate, special.gammainccinv(
        concentration, tail
    ) / rate


def negative_binomial_log_mass(counts, gamma):
    """ln p(counts) when counts ~ Poisson(x) and x ~ gamma, with x integrated out; entries
    broadcast; float64, nats.

    Raises ValueError if a count is no whole number, 0 or more, or a concentration or a rate is not
    above 0.

    Source: Greenwood and Yule (1920); Gelman et al., Bayesian Data Analysis (2013), section 2.6.
    """
    counts = checks.counts(counts, table=False)
    concentration, rate = _float64(gamma)
    try:
        np.broadcast_shapes(counts.shape, concentration.shape, rate.shape)
    except ValueError:
        raise ValueError(
            f"counts must be as wide as the gamma; got shapes {counts.shape} and "
            f"{concentration.shape}."
        ) from None
    log_choices = (
        special.gammaln(concentration + counts)
        - special.gammaln(concentration)
        - special.gammaln(counts + 1)
    )
    return log_choices - concentration * np.log1p(1 / rate) - counts * np.log1p(rate)


def check_gamma(name, gamma, width=None):
    """A gamma to build a model on, in float64: the one check of a prior, and of a gamma that was
    fitted.

    Args: name: what to call it; gamma: a Gamma; width: None, or how many entries it must have,
    [width]. Tracers pass: somebody maps or differentiates over models.
    Raises: ValueError: one sentence, if it is no Gamma, not finite and above 0, or of another
    shape.
    """
    _check_is_gamma(name, gamma)
    if any(isinstance(part, jax.core.Tracer) for part in gamma):
        return gamma
    concentration = checks.above_0(f"{name}.concentration", gamma.concentration)
    rate = checks.above_0(f"{name}.rate", gamma.rate)
    _check_pairs(f"{name}.concentration", concentration, f"{name}.rate", rate)
    shape = np.broadcast_shapes(concentration.shape, rate.shape)
    if width is not None and shape != (width,):
        raise ValueError(f"{name} must have {width} entries, one a pixel; got shape {shape}.")
    return Gamma(concentration, rate)


def _check_is_gamma(name, gamma):
    if not (hasattr(gamma, "concentration") and hasattr(gamma, "rate")):
        kind = type(gamma).__name__
        hint = f": it is {name}.surrogate that is wanted" if hasattr(gamma, "surrogate") else ""
        raise ValueError(f"{name} must be a Gamma, with concentration and rate; got {kind}{hint}.")


def _check_pairs(one, a, other, b):
    """Refuse arrays that broadcast to more than the larger of them: [n, 1] and [n] make n x n."""
    try:
        fits = np.broadcast_shapes(a.shape, b.shape) in (a.shape, b.shape)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{one} and {other} must have one shape; got {a.shape} and {b.shape}.")


def _float64(gamma):
    _check_is_gamma("gamma", gamma)
    for name, values in zip(gamma._fields, gamma, strict=True):
        if (checks.floats(name, values) <= 0).any():  # a NaN passes: the honest end of a bad fit
            raise ValueError(f"{name} must be above 0; got {np.min(values)}.")
    concentration, rate = (np.asarray(part, dtype=np.float64) for part in gamma)
    _check_pairs("concentration", concentration, "rate", rate)
    return concentration, rate


def _shape(num_samples, entries):
    """The shape of so many draws of these entries."""
    return checks.size("num_samples", num_samples), *jnp.shape(entries)
