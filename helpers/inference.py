"""Variational inference by stochastic gradients: estimators of the ELBO, recipes, and the loop that fits.

Nothing here knows a model. A model is any pytree with a method `log_joint(log_rates)`, in nats; the surrogate is a
product of gammas. The parameters phi are a dictionary of logs, which keeps concentration and rate above 0.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from helpers.distributions import Gamma, gamma_log_density, sample_log_rates
from helpers.natural_gradient import natural_gradient


class Recipe(NamedTuple):
    """How to fit, as data: two recipes one field apart are one change apart."""

    optimiser: optax.GradientTransformation  # takes gradients of the negative ELBO
    num_steps: int
    num_samples: int  # draws from the surrogate a step
    estimator: Callable  # (phi, model, key, num_samples) -> ELBO, to be differentiated in phi
    tempering: Callable | None = None  # step -> power of p(X, theta) in the gradient, in (0, 1]; None is 1 throughout


class Fit(NamedTuple):
    """What a fit returns."""

    surrogate: Gamma  # entries [d], the fitted q
    elbos: jax.Array  # [num_steps], the ELBO's estimate at each step, in nats; higher is better


class Tempered(NamedTuple):
    """A model whose log joint keeps its value and has `power` times its gradient: see `fit`."""

    model: Any  # pytree with `log_joint`
    power: jax.Array  # [], in (0, 1]

    def log_joint(self, log_rates):
        """ln p(X, theta) in nats; its gradient is that of `power * ln p(X, theta)`."""
        log_joint = self.model.log_joint(log_rates)
        value = jax.lax.stop_gradient(log_joint)
        return value + self.power * (log_joint - value)


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

    With tempering, step i climbs E_q[power ln p(X, theta) - ln q(theta)], power = recipe.tempering(i): the ELBO of
    a flatter target, p to the power, which turns into p as the power rises to 1. The ELBOs returned are of p all
    the same. It takes an estimator that differentiates the joint: `score_function` does not, and is not tempered.

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
    def negative_elbo(phi, key, i):
        target = Tempered(model, recipe.tempering(i)) if recipe.tempering else model
        return -recipe.estimator(phi, target, key, recipe.num_samples)

    def step(carry, key_and_i):
        phi, state = carry
        loss, gradient = jax.value_and_grad(negative_elbo)(phi, *key_and_i)
        updates, state = recipe.optimiser.update(gradient, state, phi)
        return (optax.apply_updates(phi, updates), state), -loss

    keys = jax.random.split(key, recipe.num_steps)
    (phi, _), elbos = jax.lax.scan(step, (phi, recipe.optimiser.init(phi)), (keys, jnp.arange(recipe.num_steps)))
    return Fit(to_gamma(phi), elbos)


# The article's recipe: Adam at a constant rate, 128 draws a step.
ARTICLE = Recipe(optax.adam(0.2), num_steps=5_000, num_samples=128, estimator=reparameterised)


def cooling(num_steps, ratio):
    """A tempering whose power closes in on 1 by the same ratio each step, and is 1 from a step on.

    Args:
        num_steps: the step from which the power is 1.
        ratio: what is left of the distance 1 - power after one more step, strictly between 0 and 1.

    Returns:
        callable: step -> power.
    """
    return lambda step: jnp.where(step < num_steps, 1 - ratio ** (step + 1.0), 1.0)


# The course's recipe: full natural steps, few draws, and no noise left at the end.
FAST = Recipe(
    natural_gradient(damping=1 / 16),
    num_steps=50,
    num_samples=16,  # a power of two: XLA takes longer over 12 than over 16
    estimator=sticking_the_landing,
    tempering=cooling(36, ratio=0.8),
)
