"""Independent Poisson pixels with gamma priors on their rates: the course's main model, and its
exact answers.

    x_ij ~ Poisson(theta_j),  theta_j ~ Gamma(concentration_j, rate_j),  images i = 1..m, pixels j =
    1..d.

The data enter through their totals alone (sufficient statistics), so a model of a million images is
as small as a model of one, and one compiled program serves every number of images.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from scipy import special

from helpers import checks
from helpers.distributions import (
    Gamma,
    check_gamma,
    gamma_log_density,
    negative_binomial_log_mass,
)


class PoissonGamma(NamedTuple):
    """The model once data have been seen: prior and sufficient statistics.

    A pytree; float64 where not traced.
    """

    prior: Gamma  # entries [d]
    totals: np.ndarray  # [d], counts summed over the images
    num_images: np.ndarray  # [], how many images were summed
    log_factorials: np.ndarray  # [], sum of ln(x!) over every count of every image

    def log_joint(self, log_rates):
        """ln p(X, theta) at theta = exp(log_rates) [d], as a density of theta (no Jacobian): a
        scalar, nats.

        ValueError if log_rates are not as many as the pixels: they would be shared out in silence.
        """
        if jnp.shape(log_rates) != jnp.shape(self.totals):
            raise ValueError(
                f"log_rates must have shape {jnp.shape(self.totals)}; got {jnp.shape(log_rates)}."
            )
        log_prior = gamma_log_density(self.prior, log_rates)  # [d]
        log_likelihood = self.totals * log_rates - self.num_images * jnp.exp(log_rates)  # [d]
        return (log_prior + log_likelihood).sum() - self.log_factorials


def prior(template, strength):
    """A prior worth `strength` images that all look like `template`: Gamma(strength * template,
    strength).

    The template [d] is the count expected of each pixel and the prior's mean, the strength a number
    of pseudo-images; all finite and above 0, else a ValueError. Returns a Gamma with entries [d],
    float64.
    """
    template = checks.floats("template", template)
    if template.ndim != 1 or template.size == 0:
        raise ValueError(
            f"template must be a list of one number a pixel; got shape {template.shape}."
        )
    try:
        checks.above_0("template", template)
    except ValueError as error:
        raise ValueError(f"{error} A floor, as in data.domain_knowledge, makes it so.") from None
    strength = checks.positive("strength", strength)
    return Gamma(strength * template, np.full_like(template, strength))


def condition(prior, counts):
    """The PoissonGamma of a prior, Gamma with entries [d], and data, reduced to what the posterior
    needs of them.

    Counts [images, d], no images at all allowed, are whole numbers >= 0 in a table as wide as the
    prior; else, or where the prior is no such Gamma, a ValueError.
    """
    prior = check_gamma("prior", prior)
    counts = checks.counts(counts, width=_width("prior", prior))
    log_factorials = special.gammaln(counts + 1).sum()
    return PoissonGamma(
        prior, counts.sum(axis=0), np.asarray(float(len(counts))), np.asarray(log_factorials)
    )


def exact_posterior(model):
    """p(theta | X) in closed form, Gamma(concentration + totals, rate + m): entries [d], float64.

    Source: conjugacy; Gelman et al., Bayesian Data Analysis (2013), section 2.6.
    """
    return Gamma(model.prior.concentration + model.totals, model.prior.rate + model.num_images)


def log_evidence(model):
    """ln p(X), the rates integrated out, in closed form: a product of negative multinomials; a
    float, nats."""
    return float(
        np.sum(_log_normaliser(exact_posterior(model)) - _log_normaliser(model.prior))
        - model.log_factorials
    )


def log_score(key, fitted, images, num_draws=500, observed=None):
    """ln of the predictive density of each image, the rates integrated out: float64 [images], nats.

    It is exact: `key` and `num_draws`, for models whose score is an estimate, go unused.

    Args: fitted: Gamma with entries [d], what is believed of the rates; images [images, d], counts,
    each is scored by itself; observed: bool [d], the pixels that are shown: the score is that of
    the others, given these; None: of all. Anything else is a ValueError.
    """
    width = _width("fitted", check_gamma("fitted", fitted))
    by_pixel = negative_binomial_log_mass(checks.counts(images, name="images", width=width), fitted)
    # pixels are independent: the observed ones tell nothing of the others
    hidden = slice(None) if observed is None else ~checks.observed(observed, width)
    return by_pixel[:, hidden].sum(axis=1)


def _width(name, gamma):
    """How many pixels a Gamma with entries [d] has."""
    shape = np.broadcast_shapes(*map(np.shape, gamma))
    if len(shape) != 1:
        raise ValueError(f"{name} must have one entry a pixel, [d]; got shape {shape}.")
    return shape[0]


def _log_normaliser(gamma):
    """ln of the integral of x^(c-1) exp(-rate x), entry by entry."""
    concentration, rate = (
        np.asarray(gamma.concentration, np.float64),
        np.asarray(gamma.rate, np.float64),
    )
    return special.gammaln(concentration) - concentration * np.log(rate)
