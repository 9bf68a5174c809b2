"""Six fits of one model, five of them broken on purpose: what a diagnostic has to tell apart.

Each is a real run of variational inference with one real mistake, such as people make; the sixth
has none. No tool sees all five. They are meant for a model that has seen much: with a strong prior
and a single image some do no harm.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from helpers import checks, inference
from helpers.distributions import Gamma, LogNormal


class Candidate(NamedTuple):
    """One fit, what was done to it, and whether that broke it."""

    name: str
    is_broken: bool
    explanation: str  # one or two sentences, for after the reader has decided
    surrogate: Gamma | LogNormal  # entries [d]
    # [num_steps], in nats, as the fit itself reported them: a broken program reports what it
    # believes
    elbos: jax.Array
    model: Any  # the model as this program has it: what k-hat and a sampler would be given


# of the clipped fit: its standard deviations are at least this share of the mean
LEAST_SPREAD = 0.0275
EXPLANATIONS = {
    "data counted twice": "The fit is perfect, but its program has every image twice. Whoever asks "
    "that program finds no fault.",
    "learning rate too low": "The ELBO jitters and gets nowhere, for nothing moves: q is still the "
    "prior, and calibrated as a prior is.",
    "rate and scale swapped": "The fit was sound, but it was handed on with the scale, 1 / rate, "
    "where the rate belongs.",
    "wrong family": "A log-normal cannot take the shape of a gamma with a small concentration: its "
    "lower tail is too light, and no optimiser closes that gap.",
    "spread clipped": f"Standard deviations were kept above {LEAST_SPREAD:.2%} of the mean, for "
    "stability: q is too wide where most ink is. Weights repair a q that is a little too wide, so "
    "that k-hat is lenient.",
    "nothing wrong": "A sound recipe, run to the end.",
}

# The recipes, built once: a recipe built inside of a function would be compiled at every call.
DECAYING = inference.Recipe(
    optax.adam(optax.cosine_decay_schedule(0.2, 1_000)), 1_000, 16, inference.sticking_the_landing
)
TIMID = DECAYING._replace(optimiser=optax.adam(1e-5), num_steps=300)


def six_fits(key, model, initial):
    """Six Candidates, fits of one PoissonGamma from `initial`, in a fixed order: shuffle before you
    ask anybody."""
    keys = jax.random.split(checks.key(key), 6)
    log_normal = LogNormal(jnp.log(initial.mean), jnp.full_like(initial.mean, jnp.exp(-1.0)))
    twice = model._replace(totals=2 * model.totals, num_images=2 * model.num_images)
    swapped, clipped = (inference.fit(keys[i], model, initial, inference.FAST) for i in (2, 4))
    scale = swapped.surrogate._replace(rate=1 / swapped.surrogate.rate)
    concentration, rate = clipped.surrogate
    shrink = jnp.minimum(1.0, LEAST_SPREAD**-2 / concentration)
    fits = {
        "data counted twice": inference.fit(keys[0], twice, initial, inference.FAST),
        "learning rate too low": inference.fit(keys[1], model, initial, TIMID),
        "rate and scale swapped": swapped._replace(surrogate=scale),
        "wrong family": inference.fit(keys[3], model, log_normal, DECAYING),
        "spread clipped": clipped._replace(surrogate=Gamma(concentration * shrink, rate * shrink)),
        "nothing wrong": inference.fit(keys[5], model, initial, inference.FAST),
    }
    return tuple(
        Candidate(
            name,
            name != "nothing wrong",
            EXPLANATIONS[name],
            *fit,
            twice if "twice" in name else model,
        )
        for name, fit in fits.items()
    )
