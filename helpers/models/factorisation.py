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
from helpers.distributions import (
    Gamma,
    Product,
    check_gamma,
    gamma_log_density,
    poisson_log_mass,
)

# variance of the importance sampler's draws, against that of q: mean field is too narrow
WIDENED = 1.5
# A rate below this has lost digits, or all of them, where it was summed as it is and not by logs:
# so it goes where concentrations are near 0.001. Logs everywhere would take 20 times as long.
_LEAST = 1e-260


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
    counts = checks.counts(counts, least=1)
    num_components = checks.number(
        "num_components", num_components, "a whole number, 1 or more", lambda n: n >= 1, whole=True
    )
    rng = _generator(key)
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
    num_steps: how often each block is updated, 1 or more. Anything else is a ValueError.

    Source: Cemgil (2009), Bayesian inference for nonnegative matrix factorisation models; Gopalan,
    Hofman and Blei (2013), Scalable recommendation with Poisson factorization.
    """
    counts = checks.counts(counts, least=1)
    num_steps = checks.size("num_steps", num_steps)
    prior = _check_prior(prior, counts.shape[1])
    by_pixel = Gamma(*(np.reshape(part, (-1, 1)) for part in prior.factors))  # a row a pixel
    log_factorials = special.gammaln(counts + 1).sum()
    blocks, elbos = start(key, counts, num_components).blocks, []
    w, h = blocks["weights"], blocks["factors"]
    for _ in range(num_steps):
        w = _update(counts, prior.weights, w, h)
        h = _flip(_update(counts.T, by_pixel, _flip(h), _flip(w)))  # rows and columns exchanged
        elbos.append(_elbo(counts, prior, w, h) - log_factorials)
    return Fit(Product({"weights": w, "factors": h}), np.array(elbos), prior)


def infer_weights(counts, prior, factors, observed=None, num_steps=100):
    """q(w) of new images under factors that stay as they are: Gamma [n, K].

    Args: counts [n, d], those of hidden pixels are not looked at; prior: Gamma, of a weight;
    factors: Gamma [K, d]; observed: bool [d], None for all; num_steps: updates, 1 or more. Anything
    else is a ValueError.
    """
    factors = check_gamma("factors", factors)
    width = np.shape(factors.concentration)[1]
    counts, prior = checks.counts(counts, width=width), check_gamma("prior", prior)
    shown = checks.observed(observed, width)
    counts, h = counts[:, shown], Gamma(*(part[:, shown] for part in factors))
    log_w, log_h = np.zeros((len(counts), len(h.rate))), _mean_log(h)  # [n, K], [K, d]
    rate = prior.rate + h.mean.sum(axis=1)  # [K]
    for _ in range(checks.size("num_steps", num_steps)):
        concentration = prior.concentration + _latent_counts(counts, log_w, log_h)
        log_w = special.digamma(concentration) - np.log(rate)
    return Gamma(concentration, np.broadcast_to(rate, concentration.shape))


def _update(counts, prior, w, h):
    """The best q(w), given q(h) and the latent counts that q(w) and q(h) imply."""
    parts = _latent_counts(counts, _mean_log(w), _mean_log(h))
    rate = prior.rate + h.mean.sum(axis=1)
    return Gamma(prior.concentration + parts, np.broadcast_to(rate, parts.shape))


def _flip(gamma):
    return Gamma(gamma.concentration.T, gamma.rate.T)


def _elbo(counts, prior, w, h):
    """In nats but for -ln x!, the latent counts at their best."""
    log_w, log_h = _mean_log(w), _mean_log(h)
    log_likelihood = (counts * _log_rates(log_w, log_h)).sum()
    log_likelihood -= w.mean.sum(axis=0) @ h.mean.sum(axis=1)
    return (
        log_likelihood - _divergence(w, log_w, prior.weights) - _divergence(h, log_h, prior.factors)
    )


def _latent_counts(counts, log_w, log_h):
    """Expected latent counts, summed over pixels: [m, K], from logs [m, K] and [K, d]."""
    typical_w, typical_h = np.exp(log_w), np.exp(log_h)
    rates = typical_w @ typical_h
    lost = rates < _LEAST
    rates[lost] = np.inf  # no share of these yet
    parts = typical_w * ((counts / rates) @ typical_h.T)
    for i, j in np.argwhere(lost) if lost.any() else ():
        parts[i] += counts[i, j] * special.softmax(log_w[i] + log_h[:, j])
    return parts


def _log_rates(log_w, log_h):
    """ln sum_k exp(log_w + log_h): [m, d], from logs [m, K] and [K, d]."""
    rates = np.exp(log_w) @ np.exp(log_h)
    i, j = np.nonzero(rates < _LEAST)
    log_rates = np.log(np.maximum(rates, _LEAST))
    log_rates[i, j] = special.logsumexp(log_w[i] + log_h[:, j].T, axis=1)
    return log_rates


def log_score(key, fitted, images, num_draws=500, observed=None):
    """ln of the predictive density of each image, by importance sampling: see
    `poisson_gamma.log_score`.

    The factors are drawn from q; an image's weights from their own q, widened, and weighted by
    prior / q.

    Args: key: JAX random key; fitted: Fit; images [n, d], counts; num_draws: of the factors, and of
    each image's weights; observed: bool [d], the pixels that are shown; None for a score of all.

    Returns: float64 array [n], nats, an estimate.
    """
    if not isinstance(fitted, Fit):
        raise ValueError(f"fitted must be what coordinate_ascent returns; got {_kind(fitted)}.")
    num_draws = checks.size("num_draws", num_draws)
    width = np.shape(fitted.surrogate.blocks["factors"].rate)[1]
    images = checks.counts(images, name="images", width=width)
    score = _log_marginal(key, fitted, images, num_draws, np.ones(width, bool))
    if observed is None:
        return score
    shown = checks.observed(observed, width)
    return score - _log_marginal(key, fitted, images, num_draws, shown)


def _log_marginal(key, fitted, images, num_draws, shown):
    rng = _generator(key)
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


def _generator(key):
    """NumPy's generator, seeded by a JAX random key of either kind."""
    is_typed = jnp.issubdtype(checks.key(key).dtype, jax.dtypes.prng_key)
    return np.random.default_rng(np.asarray(jax.random.key_data(key) if is_typed else key))


def _check_prior(prior, width):
    """The Prior in float64: scalars, or for factors entries [width]; else a ValueError."""
    if not isinstance(prior, Prior):
        raise ValueError(f"prior must be a factorisation.Prior; got {_kind(prior)}.")
    checked = Prior(*(check_gamma(f"prior.{name}", getattr(prior, name)) for name in prior._fields))
    for name, taken in (("weights", [()]), ("factors", [(), (width,)])):
        shape = np.shape(getattr(checked, name).mean)
        if shape not in taken:
            wanted = " or ".join(map(str, taken))
            raise ValueError(f"prior.{name} must have shape {wanted}; got {shape}.")
    return checked


def _kind(value):
    return type(value).__name__
