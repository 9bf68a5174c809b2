"""Six fits of one model, five of them broken on purpose: what a diagnostic has to tell apart.

Each is a real run of variational inference with one real mistake, such as people make; the sixth has none. They are
meant for a model that has seen much: with a strong prior and a single image, prior and posterior hardly differ and
even a fit that was stopped early is not far off.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from helpers import inference
from helpers.distributions import Gamma, gamma_log_density, sample_log_rates

_ADAM = inference.Recipe(optax.adam(0.2), num_steps=1_000, num_samples=16, estimator=inference.sticking_the_landing)
_DECAYING = _ADAM._replace(optimiser=optax.adam(optax.cosine_decay_schedule(0.2, _ADAM.num_steps)))


class LogNormal(NamedTuple):
    """Independent log-normal distributions: ln x is normal."""

    mean_log: jax.Array  # [...], mean of ln x
    std_log: jax.Array  # [...], standard deviation of ln x, above 0


class Candidate(NamedTuple):
    """One fit, what was done to it, and whether that broke it."""

    name: str
    is_broken: bool
    explanation: str  # one or two sentences, for after the reader has decided
    surrogate: Gamma | LogNormal  # entries [d]
    elbos: jax.Array  # [num_steps], in nats, as the fit itself reported them: a broken program reports what it believes


def six_fits(key, model, initial):
    """Fit one model six times.

    Args:
        key: JAX random key.
        model: pytree with `log_joint(log_rates [d])` in nats, as a density of the rates.
        initial: Gamma with entries [d] to start from: the prior, as a rule.

    Returns:
        tuple of six Candidates, in a fixed order; shuffle them before you ask anybody.
    """
    keys = jax.random.split(key, 6)

    def fit(key, recipe, start=initial):
        return inference.fit(key, model, start, recipe)

    early = fit(keys[0], _ADAM._replace(num_steps=100))
    wild = fit(keys[1], _ADAM._replace(optimiser=optax.adam(1.0)))
    swapped = fit(keys[2], inference.FAST)
    log_normal, log_normal_elbos = _fit_log_normal(keys[3], model, inference.to_phi(initial))
    good = fit(keys[5], inference.FAST)
    forgetful = _ADAM._replace(optimiser=optax.adam(0.02), num_steps=300, estimator=_without_jacobian)
    no_jacobian = fit(keys[4], forgetful, start=swapped.surrogate)  # from the prior it would take far longer
    scale = Gamma(swapped.surrogate.concentration, 1 / swapped.surrogate.rate)
    return (
        Candidate(
            "stopped early",
            True,
            "The optimiser took 100 steps and was still on its way: the ELBO was rising when it stopped.",
            *early,
        ),
        Candidate(
            "learning rate too high",
            True,
            "The steps never got smaller: q jumps about around the answer, and stops wherever the last step threw it.",
            *wild,
        ),
        Candidate(
            "rate and scale swapped",
            True,
            "The fit was sound, but it was handed on with the scale, 1 / rate, where the rate belongs.",
            scale,
            swapped.elbos,
        ),
        Candidate(
            "wrong family",
            True,
            "A log-normal cannot take the shape of a gamma with a small concentration: its lower tail is too light, "
            "and no optimiser closes that gap.",
            log_normal,
            log_normal_elbos,
        ),
        Candidate(
            "log-Jacobian missing",
            True,
            "The program worked with ln theta but forgot the Jacobian: every concentration comes out one too small, "
            "which hardly shows where it is 1,000 and ruins it where it is 1.",
            *no_jacobian,
        ),
        Candidate("nothing wrong", False, "A sound recipe, run to the end.", *good),
    )


def draw(key, surrogate, num_samples):
    """Logs of draws from a candidate's surrogate.

    Args:
        key: JAX random key.
        surrogate: Gamma or LogNormal with entries [d].
        num_samples: how many draws.

    Returns:
        array [num_samples, d]: ln theta.
    """
    if isinstance(surrogate, Gamma):
        return sample_log_rates(key, surrogate, num_samples)
    noise = jax.random.normal(key, (num_samples, *jnp.shape(surrogate.mean_log)))
    return surrogate.mean_log + surrogate.std_log * noise


def log_density(surrogate, log_rates):
    """ln q(theta), as a density of theta (not of ln theta), at theta = exp(log_rates).

    Args:
        surrogate: Gamma or LogNormal with entries [d].
        log_rates: [samples, d].

    Returns:
        array [samples]: nats.
    """
    if isinstance(surrogate, Gamma):
        return gamma_log_density(surrogate, log_rates).sum(axis=-1)
    of_log = jax.scipy.stats.norm.logpdf(log_rates, surrogate.mean_log, surrogate.std_log)
    return (of_log - log_rates).sum(axis=-1)  # the Jacobian of theta = exp(log theta)


def log_ratios(key, surrogate, model, num_samples):
    """Draws from a surrogate and ln p(X, theta) - ln q(theta) at each: what importance sampling and k-hat need.

    Args:
        key: JAX random key.
        surrogate: Gamma or LogNormal with entries [d].
        model: pytree with `log_joint`.
        num_samples: how many draws.

    Returns:
        (log_rates [num_samples, d], log_ratios [num_samples] in nats).
    """
    log_rates = draw(key, surrogate, num_samples)
    return log_rates, jax.vmap(model.log_joint)(log_rates) - log_density(surrogate, log_rates)


def _without_jacobian(phi, model, key, num_samples):
    """The mistake: q as a density of ln theta, the model as a density of theta."""
    surrogate = inference.to_gamma(phi)
    frozen = jax.lax.stop_gradient(surrogate)
    log_rates = sample_log_rates(key, surrogate, num_samples)
    log_q = gamma_log_density(frozen, log_rates).sum(axis=-1) + log_rates.sum(axis=-1)
    return (jax.vmap(model.log_joint)(log_rates) - log_q).mean()


@functools.partial(jax.jit, static_argnames="recipe")
def _fit_log_normal(key, model, phi, recipe=_DECAYING):
    """The loop of `inference.fit` with log-normals in place of gammas."""
    log_mean = phi["log_concentration"] - phi["log_rate"]
    start = {"mean_log": log_mean, "log_std": jnp.full_like(log_mean, -1.0)}

    def negative_elbo(psi, key):
        surrogate = LogNormal(psi["mean_log"], jnp.exp(psi["log_std"]))
        log_rates = draw(key, surrogate, recipe.num_samples)
        log_q = log_density(jax.lax.stop_gradient(surrogate), log_rates)
        return -(jax.vmap(model.log_joint)(log_rates) - log_q).mean()

    def step(carry, key):
        psi, state = carry
        loss, gradient = jax.value_and_grad(negative_elbo)(psi, key)
        updates, state = recipe.optimiser.update(gradient, state, psi)
        return (optax.apply_updates(psi, updates), state), -loss

    keys = jax.random.split(key, recipe.num_steps)
    (psi, _), elbos = jax.lax.scan(step, (start, recipe.optimiser.init(start)), keys)
    return LogNormal(psi["mean_log"], jnp.exp(psi["log_std"])), elbos
