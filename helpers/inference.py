"""Variational inference by stochastic gradients: estimators of the ELBO, recipes, and the loop that fits.

Nothing here knows a model. A model is any pytree with a method `log_joint(log_rates)`, in nats; the surrogate is a
product of gammas. The parameters phi are a dictionary of logs, which keeps concentration and rate above 0.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from helpers.distributions import Gamma, gamma_log_density, sample_log_rates


class Recipe(NamedTuple):
    """How to fit, as data: two recipes one field apart are one change apart."""

    optimiser: optax.GradientTransformation  # takes gradients of the negative ELBO
    num_steps: int
    num_samples: int  # draws from the surrogate a step
    estimator: Callable  # (phi, model, key, num_samples) -> ELBO, to be differentiated in phi


class Fit(NamedTuple):
    """What a fit returns."""

    surrogate: Gamma  # entries [d], the fitted q
    elbos: jax.Array  # [num_steps], the ELBO's estimate at each step, in nats; higher is better


def to_phi(gamma):
    """The unconstrained parameters of a gamma: a dictionary of logs, entries [d]."""
    concentration, rate = jnp.broadcast_arrays(jnp.asarray(gamma.concentration), jnp.asarray(gamma.rate))
    return {"log_concentration": jnp.log(concentration), "log_rate": jnp.log(rate)}


def to_gamma(phi):
    """The gamma with parameters phi: the inverse of `to_phi`."""
    return Gamma(jnp.exp(phi["log_concentration"]), jnp.exp(phi["log_rate"]))


def log_ratios(surrogate, model, log_rates):
    """ln p(X, theta) - ln q(theta) for each draw: the integrand of the ELBO.

    Args:
        surrogate: Gamma with entries [d].
        model: pytree with `log_joint`.
        log_rates: [samples, d], ln theta.

    Returns:
        array [samples]: nats.
    """
    log_joint = jax.vmap(model.log_joint)(log_rates)
    return log_joint - gamma_log_density(surrogate, log_rates).sum(axis=-1)


def reparameterised(phi, model, key, num_samples):
    """Monte Carlo ELBO whose gradient flows through the draws.

    Args:
        phi: dictionary of logs, entries [d].
        model: pytree with `log_joint`.
        key: JAX random key.
        num_samples: draws from the surrogate.

    Returns:
        scalar: the ELBO's estimate, in nats.

    Source: Kingma and Welling (2014); for the gamma, Figurnov, Mohamed and Mnih (2018).
    """
    surrogate = to_gamma(phi)
    return log_ratios(surrogate, model, sample_log_rates(key, surrogate, num_samples)).mean()


def sticking_the_landing(phi, model, key, num_samples):
    """As `reparameterised`, but ln q is not differentiated in phi: the noise of the gradient vanishes at q = p.

    The dropped term, the score, has mean 0, so the gradient stays unbiased. Arguments and result as there.

    Source: Roeder, Wu and Duvenaud (2017), equation 6.
    """
    surrogate = to_gamma(phi)
    frozen = jax.lax.stop_gradient(surrogate)
    return log_ratios(frozen, model, sample_log_rates(key, surrogate, num_samples)).mean()


def score_function(phi, model, key, num_samples):
    """Monte Carlo ELBO whose gradient is the black-box one: the mean of ln(p / q) times the score of q.

    No derivative of the model is taken. Arguments and result as for `reparameterised`.

    Source: Ranganath, Gerrish and Blei (2014), equation 2.
    """
    surrogate = to_gamma(phi)
    log_rates = jax.lax.stop_gradient(sample_log_rates(key, surrogate, num_samples))
    weights = jax.lax.stop_gradient(log_ratios(surrogate, model, log_rates))  # [samples]
    log_q = gamma_log_density(surrogate, log_rates).sum(axis=-1)  # [samples]
    # The second term is 0 in value; its gradient is the estimator.
    return weights.mean() + (weights * (log_q - jax.lax.stop_gradient(log_q))).mean()


def fit(key, model, initial, recipe):
    """Maximise the ELBO over products of gammas.

    One compilation serves every model of the same shapes: every prior strength and every number of images.

    Args:
        key: JAX random key; step i uses the i-th of `jax.random.split(key, num_steps)`.
        model: pytree with `log_joint(log_rates [d])` in nats.
        initial: Gamma with entries [d] to start from: the prior, as a rule.
        recipe: Recipe.

    Returns:
        Fit: surrogate with entries [d], and elbos [num_steps] in nats.

    Raises:
        ValueError: if the recipe's num_steps or num_samples is not a whole number above 0.
    """
    for name in ("num_steps", "num_samples"):
        value = getattr(recipe, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} must be a whole number above 0; got {value!r}.")
    return _fit(key, model, to_phi(initial), recipe)


@functools.partial(jax.jit, static_argnames="recipe")
def _fit(key, model, phi, recipe):
    def negative_elbo(phi, key):
        return -recipe.estimator(phi, model, key, recipe.num_samples)

    def step(carry, key):
        phi, state = carry
        loss, gradient = jax.value_and_grad(negative_elbo)(phi, key)
        updates, state = recipe.optimiser.update(gradient, state, phi)
        return (optax.apply_updates(phi, updates), state), -loss

    keys = jax.random.split(key, recipe.num_steps)
    (phi, _), elbos = jax.lax.scan(step, (phi, recipe.optimiser.init(phi)), keys)
    return Fit(to_gamma(phi), elbos)


# The article's recipe: Adam at a constant rate, 128 draws a step.
ARTICLE = Recipe(optax.adam(0.2), num_steps=5_000, num_samples=128, estimator=reparameterised)
