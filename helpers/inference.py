"""Variational inference by stochastic gradients: estimators of the ELBO, recipes, and the loop that
fits.

Nothing here knows a model or a family. A model is any pytree with a method `log_joint(draw)`, in
nats; a surrogate is any pytree with `sample`, `log_density`, `to_phi` and `from_phi`: see
`distributions`.
"""

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from helpers import checks, compilation, natural_gradient, newton

compilation.keep()


class Recipe(NamedTuple):
    """How to fit, as data: two recipes one field apart are one change apart.

    Build a recipe once, where a module or a notebook can keep it: its functions are compared by
    identity, so that the same lines run again make another recipe, and `fit` compiles again.
    """

    optimiser: optax.GradientTransformation  # takes gradients of the negative ELBO
    num_steps: int
    num_samples: int  # draws from the surrogate a step
    # (surrogate, model, key, num_samples) -> ELBO in nats, to be differentiated in phi
    estimator: Callable
    # (model, key, step) -> the model this step climbs; None is the model itself
    target: Callable | None = None
    # (model, initial) -> phi to begin with, if its ELBO is the higher one; None is that of initial
    start: Callable | None = None
    # (number of unknowns) -> the recipe in place of all the above where initial is a full normal of
    # so many, or has one among its blocks
    correlated: Callable | None = None


class Fit(NamedTuple):
    """What a fit returns."""

    surrogate: Any  # the fitted q, of the family that the fit began with
    elbos: (
        jax.Array | np.ndarray
    )  # [num_steps], the ELBO's estimate at each step, in nats; higher is better


class Tempered(NamedTuple):
    """A model whose log joint keeps its value and has `power` times its gradient.

    A fit to it climbs the ELBO of a flatter target, p to the power; the ELBOs that it reports are
    of p all the same.
    """

    model: Any  # pytree with `log_joint`
    power: jax.Array  # [], in (0, 1]

    def log_joint(self, draw):
        """ln p(X, theta), nats."""
        log_joint = self.model.log_joint(draw)
        value = jax.lax.stop_gradient(log_joint)
        return value + self.power * (log_joint - value)


def log_ratios(surrogate, model, draws):
    """ln p(X, theta) - ln q(theta) for each draw: the integrand of the ELBO, an array [samples],
    nats.

    `draws` is what `surrogate.sample` returns, leaves [samples, ...]; for a gamma ln theta,
    [samples, d].
    """
    return jax.vmap(lambda draw: model.log_joint(draw) - surrogate.log_density(draw))(draws)


def reparameterised(surrogate, model, key, num_samples):
    """Monte Carlo ELBO, a scalar in nats, whose gradient flows through `num_samples` draws.

    Source: Kingma and Welling (2014); for the gamma, Figurnov, Mohamed and Mnih (2018).
    """
    return log_ratios(surrogate, model, surrogate.sample(key, num_samples)).mean()


def sticking_the_landing(surrogate, model, key, num_samples):
    """As `reparameterised`, but ln q is not differentiated in phi: the noise of the gradient
    vanishes at q = p.

    The dropped term, the score, has mean 0: no bias. Source: Roeder, Wu and Duvenaud (2017),
    equation 6.
    """
    frozen = jax.lax.stop_gradient(surrogate)
    return log_ratios(frozen, model, surrogate.sample(key, num_samples)).mean()


def finite_landing(surrogate, model, key, num_samples):
    """As `sticking_the_landing`, over the draws alone at which the joint and its gradient are
    finite.

    The ELBO is then that of the draws kept: NaN where there is none, and the gradient 0.
    """
    frozen = jax.lax.stop_gradient(surrogate)
    draws = surrogate.sample(key, num_samples)

    def log_ratio(draw):
        return model.log_joint(draw) - frozen.log_density(draw)

    values, slopes = jax.vmap(jax.value_and_grad(log_ratio))(jax.lax.stop_gradient(draws))
    each = [values, *jax.tree.leaves(slopes)]
    each = [jnp.isfinite(entry).reshape(num_samples, -1).all(axis=1) for entry in each]
    is_finite = jnp.stack(each).all(axis=0)  # [samples]
    weights = is_finite / jnp.maximum(is_finite.sum(), 1)
    values, slopes = jax.tree.map(
        lambda entry: jnp.nan_to_num(entry, nan=0, posinf=0, neginf=0), (values, slopes)
    )
    value = jnp.where(is_finite.any(), weights @ values, jnp.nan)
    # The second term is 0 in value; its gradient is that of the draws, each times its slope.
    along = jax.vmap(lambda slope, draw: sum(map(jnp.vdot, *map(jax.tree.leaves, (slope, draw)))))
    path = weights @ along(slopes, draws)
    return value + path - jax.lax.stop_gradient(path)


def score_function(surrogate, model, key, num_samples):
    """Monte Carlo ELBO whose gradient is the black-box one: the mean of ln(p / q) times the score
    of q.

    No derivative of the model is taken. Source: Ranganath, Gerrish and Blei (2014), equation 2.
    """
    draws = jax.lax.stop_gradient(surrogate.sample(key, num_samples))
    weights = jax.lax.stop_gradient(log_ratios(surrogate, model, draws))  # [samples]
    log_q = jax.vmap(surrogate.log_density)(draws)  # [samples]
    # The second term is 0 in value; its gradient is the estimator.
    return weights.mean() + (weights * (log_q - jax.lax.stop_gradient(log_q))).mean()


def fit(key, model, initial, recipe):
    """Maximise the ELBO over the family of `initial`, the surrogate to start from: the prior, as a
    rule.

    One compilation serves every model of the same shapes: every prior strength and every number of
    images. Step i uses the i-th of `jax.random.split(key, num_steps)`.

    Returns: Fit, in NumPy's float64 (inside of jit and vmap: JAX's own arrays). Raises: ValueError:
    if `key` is no random key, `recipe` no Recipe or `initial` no surrogate; if the recipe's
    num_steps or num_samples is not a whole number above 0, if `initial` holds a parameter out of
    its family's range, or if the model can't take its draws.
    """
    checks.key(key)
    if not isinstance(recipe, Recipe):
        raise ValueError(
            f"recipe must be a Recipe, such as inference.FAST; got {type(recipe).__name__}."
        )
    for name in ("num_steps", "num_samples"):
        checks.size(name, getattr(recipe, name))
    if not hasattr(initial, "to_phi"):
        hint = ": pass its surrogate" if hasattr(initial, "surrogate") else ""
        raise ValueError(
            "initial must be a surrogate to start from, such as the prior; got "
            f"{type(initial).__name__}{hint}."
        )
    phi = initial.to_phi()
    _check_start(phi)
    num_correlated = getattr(initial, "num_correlated", 0)
    if recipe.correlated and num_correlated:
        recipe = recipe.correlated(num_correlated)
    return jax.tree.map(_as_float64, _fit(key, model, initial, phi, recipe))


def _as_float64(array):
    """What a page computes with; a tracer stays: somebody maps or differentiates over fits."""
    return array if isinstance(array, jax.core.Tracer) else np.asarray(array, np.float64)


def _check_start(phi):
    """Refuse a start with a NaN, an infinity, or, where phi is a log, a parameter that is not above
    0."""
    for path, entry in jax.tree_util.tree_leaves_with_path(phi):
        # no numbers yet: somebody maps or differentiates over fits
        if isinstance(entry, jax.core.Tracer):
            continue
        finite = np.isfinite(np.asarray(entry))
        if not finite.all():
            name = ".".join(str(getattr(part, "key", part)) for part in path)
            wanted = (
                f"{name.replace('log_', '')} must be a finite "
                f"number{' above 0' if 'log_' in name else ''}"
            )
            raise ValueError(
                f"initial: {wanted} in every entry; look at entry {np.argmin(finite)}."
            )


def _check_log_joint(model, draws):
    """Refuse a model that can't take the surrogate's draws; at compilation only, so that a fit
    costs no more."""
    one = jax.tree.map(lambda entry: entry[0], draws)
    shapes = ", ".join(str(jnp.shape(entry)) for entry in jax.tree.leaves(one))
    try:
        shape = jnp.shape(model.log_joint(one))
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(
            f"the model's log_joint can't take a draw of shape {shapes} from initial: {error}"
        ) from error
    if shape != ():
        raise ValueError(
            f"the model's log_joint must return one number a draw; it returned shape {shape}."
        )


@functools.partial(jax.jit, static_argnames="recipe")
def _fit(key, model, initial, phi, recipe):
    _check_log_joint(model, initial.sample(key, 1))

    def negative_elbo(phi, key, i):
        # A number that no sampler folds in: what the target draws is independent of the surrogate's
        # draws.
        target = (
            recipe.target(model, jax.random.fold_in(key, 2**31 - 1), i) if recipe.target else model
        )
        return -recipe.estimator(initial.from_phi(phi), target, key, recipe.num_samples)

    def step(carry, key_and_i):
        phi, state = carry
        loss, gradient = jax.value_and_grad(negative_elbo)(phi, *key_and_i)
        updates, state = recipe.optimiser.update(gradient, state, phi)
        return (optax.apply_updates(phi, updates), state), -loss

    if recipe.start:
        phi = _better(key, model, initial, phi, recipe.start(model, initial), recipe.num_samples)
    keys = jax.random.split(key, recipe.num_steps)
    (phi, _), elbos = jax.lax.scan(
        step, (phi, recipe.optimiser.init(phi)), (keys, jnp.arange(recipe.num_steps))
    )
    return Fit(initial.from_phi(phi), elbos)


def _better(key, model, initial, phi, ahead, num_samples):
    """Of two phi the one of higher ELBO, by draws from the same numbers; a NaN is lower than
    anything."""

    def elbo(phi):
        return sticking_the_landing(initial.from_phi(phi), model, key, num_samples)

    both = jax.tree.map(lambda *entries: jnp.stack(entries), phi, ahead)
    best = jnp.nan_to_num(jax.vmap(elbo)(both), nan=-jnp.inf).argmax()
    return jax.tree.map(lambda entries: entries[best], both)


# The article's recipe: Adam at a constant rate, 128 draws a step.
ARTICLE = Recipe(optax.adam(0.2), num_steps=5_000, num_samples=128, estimator=reparameterised)


def cooling(num_steps, ratio):
    """A `Recipe.target` that is flat at first: the joint to a power that is 1 from step `num_steps`
    on.

    `ratio`, strictly between 0 and 1, is what is left of the distance 1 - power after one more
    step. It takes an estimator that differentiates the joint: `score_function` does not, and is not
    tempered. ValueError for any other ratio, or where num_steps is no whole number above 0.
    """
    num_steps = checks.size("num_steps", num_steps)
    ratio = checks.number("ratio", ratio, "a number between 0 and 1", lambda r: 0 < r < 1)
    return lambda model, key, step: Tempered(
        model, jnp.where(step < num_steps, 1 - ratio ** (step + 1.0), 1.0)
    )


def robbins_monro(num_full, longest=1.0):
    """A schedule of step lengths: `longest` at first, then as 1/2, 1/3, 1/4, ... of a step, which
    averages the noise away.

    Where the surrogate's family holds the posterior, sticking the landing has no noise left at the
    end and full steps are right. Elsewhere noise remains, and full steps of the natural gradient
    keep all of it. The first `num_full` steps are the longest. Returns a function for
    `optax.scale_by_schedule`: step -> factor. ValueError if num_full is no whole number, 0 or more,
    or `longest` does not lie between 0 and 1.

    Source: Robbins and Monro (1951); for natural gradients Hoffman, Blei, Wang and Paisley (2013).
    """
    num_full = checks.number(
        "num_full", num_full, "a whole number, 0 or more", lambda n: n >= 0, whole=True
    )
    longest = checks.number("longest", longest, "above 0 and at most 1", lambda x: 0 < x <= 1)
    return lambda step: 1 / (1 / longest + jnp.maximum(step - num_full + 1, 0))


@functools.cache  # the same recipe again, so that `fit` finds what it compiled
def correlated(num_unknowns):
    """FAST for a model of any kind: the recipe for a normal with full covariance.

    It begins at the mode, or at `initial` if that is better. Few posteriors are normals, and noise
    is left in a step: so more draws, half steps, and more of them to average. The noise in all
    directions adds up, and at one draw an unknown it can blow q up: so three an unknown, and no
    fewer than 64, as a power of two.
    """
    num_samples = max(64, 2 ** math.ceil(math.log2(3 * num_unknowns)))
    return Recipe(
        optax.chain(
            natural_gradient.descent(damping=1 / num_samples),
            optax.scale_by_schedule(robbins_monro(120, longest=0.5)),
        ),
        num_steps=200,
        num_samples=num_samples,
        estimator=finite_landing,
        start=newton.start,
    )


# The course's recipe: natural steps, full while the target cools and then averaged, and few draws.
# Damping, ratio and the step from which it averages are tuned. Where no gamma is the posterior it
# ends within 0.02 nats of the best gammas on three models of the tests, within 0.03 under a prior
# of very light tails (Weibull, shape 3); more steps buy more.
FAST = Recipe(
    optax.chain(
        natural_gradient.descent(damping=1 / 16), optax.scale_by_schedule(robbins_monro(35))
    ),
    num_steps=62,
    num_samples=16,  # a power of two: XLA takes longer over 12 than over 16
    estimator=sticking_the_landing,
    target=cooling(30, ratio=0.8),
    correlated=correlated,
)
