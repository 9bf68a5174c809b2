"""The natural gradient for gammas and normals, as an optax transformation.

A gradient says how the loss changes with phi; it does not say how much the surrogate itself
changes. The Fisher matrix does: KL(q_phi || q_(phi + u)) is u' F u / 2 to second order, and F^-1
times the gradient is the steepest direction when distance is counted in KL: Amari (1998), Natural
gradient works efficiently in learning. Entries are independent, so F is one 2x2 matrix an entry:

    gamma, in (log concentration, log rate)         normal, in (mean, log std)
    F = [[a^2 trigamma(a), -a],                     F = [[1 / std^2, 0],
         [-a,               a]],  a = concentration      [0,         2]]

A normal with full covariance is such a normal in the coordinates in which it is round: its step is
taken there, and carried back by the factor of its covariance.
"""

import jax
import jax.numpy as jnp
import optax

from helpers import checks

_SHIFT = 8  # Stirling's series is used from here on


def descent(damping=0.0, max_step=1.0):
    """Turn a gradient in phi into a natural step: minus F^-1 times the gradient, never too long.

    Args: damping: the step of a gamma's rate is multiplied by concentration / (concentration +
    damping); the share of draws that say anything about a rate is about the concentration, so that
    1 / num_samples keeps the noise of a step below its length; so is the step of a full normal of d
    unknowns, by 1 / (1 + (d + 1) damping), for num_samples draws share out d + 1 numbers a
    direction; max_step: the most that a log may move in one step, and a normal's mean in standard
    deviations, a longer step keeps its direction.

    Returns: optax.GradientTransformation for phi of `Gamma`, `Normal`, `LogNormal`, `FullNormal` or
    products of them, else a ValueError. Its update needs phi, and returns what is to be added to
    phi.
    """

    damping = checks.number("damping", damping, "a number, 0 or more", lambda x: 0 <= x < jnp.inf)
    max_step = checks.positive("max_step", max_step)

    def step_of(phi, gradient):
        parameters = set(phi) if isinstance(phi, dict) else set()
        if parameters == {"log_concentration", "log_rate"}:
            step, lengths = _gamma_step(phi, gradient, damping)
        elif parameters == {"mean", "log_std"}:
            step, lengths = _normal_step(phi, gradient)
        elif parameters == {"mean", "log_diagonal", "unit_lower"}:
            step, lengths = _full_normal_step(phi, gradient, damping)
        else:
            got = sorted(parameters) or "an array"
            raise ValueError(f"the natural gradient knows gammas and normals; it got {got}.")
        scale = max_step / jnp.maximum(jnp.maximum(*map(jnp.abs, lengths)), max_step)
        return jax.tree.map(lambda entry: -scale * entry, step)

    def update(gradient, state, phi):
        return jax.tree.map(step_of, phi, gradient, is_leaf=is_block), state

    return optax.GradientTransformation(lambda phi: optax.EmptyState(), update)


def fisher_matrix(concentration):
    """The Fisher matrix of a gamma in (log concentration, log rate): an array [..., 2, 2], nats."""
    a = jnp.asarray(concentration)
    shape = a * (1 + trigamma_excess(a))
    return jnp.stack([shape, -a, -a, a], axis=-1).reshape(*a.shape, 2, 2)


def trigamma_excess(concentration):
    """a trigamma(a) - 1, for a > 0, without the cancellation at large a: about 1 / (2a) there, 1/a
    near 0.

    Source: Abramowitz and Stegun (1964), 6.4.6 and 6.4.12.
    """
    a = concentration
    is_small = a < _SHIFT
    s = jnp.where(is_small, a + _SHIFT, a)
    square = 1 / s**2
    # s trigamma(s) - 1, then trigamma(a) = trigamma(a + 8) + 1 / a^2 + ... + 1 / (a + 7)^2.
    excess = (1 / 2 + (1 / 6 - square * (1 / 30 - square / 42)) / s) / s
    base = jnp.where(is_small, a, 1.0)
    steps = sum(1 / (base + j) ** 2 for j in range(_SHIFT))
    return jnp.where(is_small, base * ((1 + excess) / s + steps) - 1, excess)


def is_block(phi):
    """Whether this node of phi holds one family's parameters: a dictionary of arrays, not of
    blocks."""
    return not (isinstance(phi, dict) and any(isinstance(entry, dict) for entry in phi.values()))


def _gamma_step(phi, gradient, damping):
    """F^-1 times a gradient, written so that nothing cancels: F is diagonal in (log concentration,
    log mean)."""
    a = jnp.exp(phi["log_concentration"])
    by_rate = gradient["log_rate"]
    along = (gradient["log_concentration"] + by_rate) / (a * trigamma_excess(a))
    step = {"log_concentration": along, "log_rate": (along + by_rate / a) * (a / (a + damping))}
    return step, step.values()


def _normal_step(phi, gradient):
    """F^-1 times a gradient, and its lengths: in standard deviations for the mean, in logs for the
    deviation."""
    std = jnp.exp(phi["log_std"])
    step = {"mean": std**2 * gradient["mean"], "log_std": gradient["log_std"] / 2}
    return step, (step["mean"] / std, step["log_std"])


def _full_normal_step(phi, gradient, damping):
    """F^-1 times a gradient, damped, and its two greatest lengths, where the normal is round.

    The factor is U diag(s). Source: Murray (2016), Differentiation of the Cholesky decomposition;
    Tan (2021), Natural gradient variational inference with Gaussian distributions.
    """
    damped = 1 / (1 + (phi["mean"].size + 1) * damping)
    gradient = jax.tree.map(lambda entry: damped * entry, gradient)
    s = jnp.exp(phi["log_diagonal"])
    unit = jnp.tril(phi["unit_lower"], -1) + jnp.eye(s.size)
    mean = s * (unit.T @ gradient["mean"])  # in round coordinates
    log_diagonal = gradient["log_diagonal"] / 2
    lower = (s[:, None] / s) * jnp.tril(unit.T @ gradient["unit_lower"], -1)
    step = {
        "mean": unit @ (s * mean),
        "log_diagonal": log_diagonal,
        "unit_lower": unit @ ((s[:, None] / s) * lower),
    }
    rotation = jnp.maximum(jnp.abs(log_diagonal).max(), jnp.abs(lower).max())
    return step, (jnp.abs(mean).max(), rotation)
