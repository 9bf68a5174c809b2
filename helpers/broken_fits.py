"""Six fits of one model, five of them broken on purpose: what a diagnostic has to tell apart.

Each is a real run of variational inference with one real mistake, such as people make; the sixth has none. They are
meant for a model that has seen much: with a strong prior and a single image, prior and posterior hardly differ and
even a fit that was stopped early is not far off.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from helpers import inference
from helpers.distributions import Gamma, LogNormal


class Candidate(NamedTuple):
    """One fit, what was done to it, and whether that broke it."""

    name: str
    is_broken: bool
    explanation: str  # one or two sentences, for after the reader has decided
    surrogate: Gamma | LogNormal  # entries [d]
    elbos: jax.Array  # [num_steps], in nats, as the fit itself reported them: a broken program reports what it believes


def without_jacobian(surrogate, model, key, num_samples):
    """The mistake, as an estimator: q as a density of ln theta, the model as a density of theta."""
    frozen, log_rates = jax.lax.stop_gradient(surrogate), surrogate.sample(key, num_samples)
    return (inference.log_ratios(frozen, model, log_rates) - log_rates.sum(axis=-1)).mean()


# The recipes, built once: a recipe built inside of a function would be compiled at every call.
EARLY = inference.Recipe(optax.adam(0.2), num_steps=100, num_samples=16, estimator=inference.sticking_the_landing)
WILD = EARLY._replace(optimiser=optax.adam(1.0), num_steps=1_000)
DECAYING = EARLY._replace(optimiser=optax.adam(optax.cosine_decay_schedule(0.2, 1_000)), num_steps=1_000)
FORGETFUL = EARLY._replace(optimiser=optax.adam(0.02), num_steps=300, estimator=without_jacobian)


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
    log_normal = LogNormal(jnp.log(initial.mean), jnp.full_like(initial.mean, jnp.exp(-1.0)))
    swapped = inference.fit(keys[2], model, initial, inference.FAST)
    scale = Gamma(swapped.surrogate.concentration, 1 / swapped.surrogate.rate)
    return (
        Candidate(
            "stopped early",
            True,
            "The optimiser took 100 steps and was still on its way: the ELBO was rising when it stopped.",
            *inference.fit(keys[0], model, initial, EARLY),
        ),
        Candidate(
            "learning rate too high",
            True,
            "The steps never got smaller: q jumps about around the answer, and stops wherever the last step threw it.",
            *inference.fit(keys[1], model, initial, WILD),
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
            *inference.fit(keys[3], model, log_normal, DECAYING),
        ),
        Candidate(
            "log-Jacobian missing",
            True,
            "The program worked with ln theta but forgot the Jacobian: every concentration comes out one too small, "
            "which hardly shows where it is 1,000 and ruins it where it is 1.",
            *inference.fit(keys[4], model, swapped.surrogate, FORGETFUL),  # from the prior it would take far longer
        ),
        Candidate(
            "nothing wrong",
            False,
            "A sound recipe, run to the end.",
            *inference.fit(keys[5], model, initial, inference.FAST),
        ),
    )


def log_ratios(key, surrogate, model, num_samples):
    """Draws from a surrogate and ln p(X, theta) - ln q(theta) at each: what importance sampling and k-hat need.

    Args:
        key: JAX random key.
        surrogate: any surrogate with entries [d].
        model: pytree with `log_joint`.
        num_samples: how many draws.

    Returns:
        (log_rates [num_samples, d], log_ratios [num_samples] in nats).
    """
    log_rates = surrogate.sample(key, num_samples)
    return log_rates, inference.log_ratios(surrogate, model, log_rates)
