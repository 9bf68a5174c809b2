"""Poisson factorisation: each image mixes a few shared factors, and gamma priors hold weights and
factors alike.

    x_ij ~ Poisson(sum_k w_ik h_kj),  w_ik ~ Gamma(weights),  h_kj ~ Gamma(factors),  images i,
    components k, pixels j.

No exact posterior exists, but complete conditionals do: coordinate ascent needs no gradient. It
runs in float64.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy import special

from helpers import checks
from helpers.distributions import Gamma, Product, gamma_log_density, poisson_log_mass

# variance of the importance sampler's draws, against that of q: mean field is too narrow
WIDENED = 1.5


class Prior(NamedTuple):
    """What is believed of any weight and of any factor's pixel, before images; a pytree."""

    weights: Gamma  # scalars
    factors: Gamma  # scalars, or entries [d]


# A weight is 1 on average; most pixels of a factor are nearly empty. Both know the scale of the
# counts, no more.
PRIOR = Prior(Gamma(1.0, 1.0), Gamma(0.3, 0.1))


class Factorisation(NamedTuple):
    """The model once images have been seen. A pytree, for `inference.fit`."""

    prior: Prior
    counts: np.ndarray  # [m, d]

    def log_joint(self, draw):
        """ln p(X, w, h) at w = exp(draw["weights"]) [m, K] and h = exp(draw["factors"]) [K, d]: a
        scalar, nats."""
        log_weights, log_factors = draw["weights"], draw["factors"]
        log_rates = jax.nn.logsumexp(log_weights[:, :, None] + log_factors, axis=1)  # [m, d]
        log_prior = gamma_log_density(self.prior.weights, log_weights).sum()
        log_prior += gamma_log_density(self.prior.factors, log_factors).sum()
        return log_prior + poisson_log_mass(jnp.asarray(self.counts), log_rates).sum()


class Fit(NamedTuple):
    """What coordinate ascent returns."""

    surrogate: Product  # of the Gammas "weights" [m, K] and "factors" [K, d], float64
    elbos: np.ndarray  # [num_steps], nats; they never fall
    prior: Prior  # the next image's weights are drawn from it


def start(key, counts, num_components):
    """A surrogate to begin with: at random, because equal components would stay equal for ever.

    Args: key: JAX random key; counts [m, d], whole numbers >= 0, one image or more; num_components:
    K, a whole number above 0, it may be larger than m. Anything else is a ValueError.

    Returns: Product of the Gammas "weights" [m, K] and "factors" [K, d], float64.
    """
    counts = _checked(counts)
    wanted = "a whole number, 1 or more"
    num_components = checks.number(
        "num_components", num_components, wanted, lambda n: n >= 1, whole=True
    )
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    weights = np.full((len(counts), num_components), 1.0)
    factors = (
        rng.gamma(1.0, max(counts.mean(), 0.1) / num_components, (num_components, counts.shape[1]))
        + 1e-3
    )
    return Product(
        {
            "weights": Gamma(weights + 1, weights),
            "factors": Gamma(10 * factors, np.full_like(factors, 10)),
        }
    )


def coordinate_ascent(key, counts, prior, num_components, num_steps=300):
    """Fit a product of gammas by its closed-form updates, one block at a time: a Fit.

    Args: key, counts, num_components: as for `start`, which draws where it begins; prior: Prior;
    num_steps: how often each block is updated.

    Source: Cemgil (2009), Bayesian inference for nonnegative matrix factorisation models; Gopalan,
    Hofman and Blei (2013), Scalable recommendation with Poisson factorization.
    """
    q = start(key, counts, num_components).blocks
    counts = _checked(counts)
    log_factorials = special.gammaln(counts + 1).sum()
    weights, factors = q["weights"], q["factors"]
    log_w, log_h, elbos = _mean_log(weights), _mean_log(factors), []
    for _ in range(num_steps):
        shares = counts / (np.exp(log_w) @ np.exp(log_h))  # [m, d]
        concentration = prior.weights.concentration + np.exp(log_w) * (shares @ np.exp(log_h).T)
        weights = Gamma(
            concentration,
            np.broadcast_to(prior.weights.rate + factors.mean.sum(axis=1), log_w.shape),
        )
        log_w = _mean_log(weights)
        shares = counts / (np.exp(log_w) @ np.exp(log_h))
        concentration = prior.factors.concentration + np.exp(log_h) * (np.exp(log_w).T @ shares)
        rate = prior.factors.rate + weights.mean.sum(axis=0)[:, None]
        factors = Gamma(concentration, np.broadcast_to(rate, log_h.shape))
        log_h = _mean_log(factors)
        log_likelihood = special.xlogy(counts, np.exp(log_w) @ np.exp(log_h)).sum() - log_factorials
        log_likelihood -= weights.mean.sum(axis=0) @ factors.mean.sum(axis=1)
        divergence = _divergence(weights, log_w, prior.weights) + _divergence(
            factors, log_h, prior.factors
        )
        elbos.append(log_likelihood - divergence)
    return Fit(Product({"weights": weights, "factors": factors}), np.array(elbos), prior)


def infer_weights(counts, prior, factors, observed=None, num_steps=100):
    """q(w) of new images under factors that stay as they are: Gamma [n, K].

    Args: counts [n, d], those of hidden pixels are not looked at; prior: Gamma, of a weight;
    factors: Gamma [K, d]; observed: bool [d], None for all; num_steps: updates.
    """
    shown = np.ones(np.shape(counts)[1], bool) if observed is None else observed
    counts, expected = np.asarray(counts)[:, shown], np.exp(_mean_log(factors))[:, shown]
    rate = prior.rate + factors.mean[:, shown].sum(axis=1)  # [K]
    weights = np.full((len(counts), len(rate)), 1.0)
    for _ in range(num_steps):
        concentration = prior.concentration + weights * (counts / (weights @ expected) @ expected.T)
        weights = np.exp(special.digamma(concentration)) / rate
    return Gamma(concentration, np.broadcast_to(rate, concentration.shape))


def log_score(key, fitted, images, num_draws=500, observed=None):
    """ln of the predictive density of each image, by importance sampling: see
    `poisson_gamma.log_score`.

    The factors are drawn from q; an image's weights from their own q, widened, and weighted by
    prior / q.

    Args: key: JAX random key; fitted: Fit; images [n, d], counts; num_draws: of the factors, and of
    each image's weights; observed: bool [d], the pixels that are shown; None for a score of all.

    Returns: float64 array [n], nats, an estimate.
    """
    images, everything = _checked(images), np.ones(np.shape(images)[1], bool)
    score = _log_marginal(key, fitted, images, num_draws, everything)
    return (
        score
        if observed is None
        else score - _log_marginal(key, fitted, images, num_draws, np.asarray(observed))
    )


def _log_marginal(key, fitted, images, num_draws, shown):
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    factors, prior = fitted.surrogate.blocks["factors"], fitted.prior.weights
    weights = infer_weights(images, prior, factors, shown)
    wide = Gamma(weights.concentration / WIDENED, weights.rate / WIDENED)
    images, log_ratios = images[:, shown], np.empty((num_draws, len(images)))
    for s in range(num_draws):
        h = rng.standard_gamma(factors.concentration) / factors.rate
        w = np.maximum(rng.standard_gamma(wide.concentration) / wide.rate, 1e-300)  # [n, K]
        rates = np.maximum(w @ h[:, shown], 1e-300)
        log_likelihood = (special.xlogy(images, rates) - rates).sum(axis=1)
        log_ratios[s] = log_likelihood + (_log_density(prior, w) - _log_density(wide, w)).sum(
            axis=1
        )
    return (
        special.logsumexp(log_ratios, axis=0)
        - np.log(num_draws)
        - special.gammaln(images + 1).sum(axis=1)
    )


def _log_density(gamma, x):
    c, r = gamma
    return c * np.log(r) - special.gammaln(c) + (c - 1) * np.log(x) - r * x


def _mean_log(gamma):
    """E[ln x] of each entry."""
    return special.digamma(gamma.concentration) - np.log(gamma.rate)


def _divergence(q, mean_log, prior):
    """KL(q || prior), all entries together, nats: as `distributions.kl_divergence`, with E[ln x]
    known already."""
    entropy = -(q.concentration * np.log(q.rate) - special.gammaln(q.concentration))
    entropy -= (q.concentration - 1) * mean_log - q.concentration
    log_prior = prior.concentration * np.log(prior.rate) - special.gammaln(prior.concentration)
    return -(entropy + log_prior + (prior.concentration - 1) * mean_log - prior.rate * q.mean).sum()


def _checked(counts):
    counts = np.asarray(counts)
    is_table = counts.ndim == 2 and counts.size and counts.dtype.kind in "iuf"
    if not is_table or not np.all(
        (counts >= 0) & (counts == np.floor(counts)) & np.isfinite(counts)
    ):
        raise ValueError(
            "counts must be a table [images, pixels] of whole numbers, 0 or more, with one image "
            "or more."
        )
    return counts.astype(float)
