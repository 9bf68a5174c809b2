"""The natural gradient for products of gammas, as an optax transformation.

A gradient says how the loss changes with the logs of concentration and rate; it does not say how much the gamma
itself changes. The Fisher matrix does: KL(q_phi || q_(phi + u)) is u' F u / 2 to second order. In the coordinates
(log concentration, log rate) it is 2x2 a gamma,

    F = [[a^2 trigamma(a), -a],
         [-a,               a]],        a = concentration,

and F^-1 times the gradient is the steepest direction when distance is counted in KL: Amari (1998).
"""

import jax
import jax.numpy as jnp
import optax

_SHIFT = 8  # Stirling's series is used from here on


def natural_gradient(damping=0.0, max_step=1.0):
    """Turn a gradient in phi into a natural step: minus F^-1 times the gradient, never too long.

    Args:
        damping: the rate's step is multiplied by concentration / (concentration + damping). The share of draws
            that say anything about a rate is about the concentration, so that 1 / num_samples keeps the noise of
            a step below its length.
        max_step: the most that a log may move in one step; a longer step keeps its direction.

    Returns:
        optax.GradientTransformation for phi a dictionary of `log_concentration` and `log_rate`, entries [...].
        Its update needs phi, and returns what is to be added to phi.

    Source: Amari (1998), Natural gradient works efficiently in learning; the gamma's Fisher matrix by hand.
    """

    def update(gradient, state, phi):
        concentration = jnp.exp(phi["log_concentration"])
        step = _solve(concentration, gradient["log_concentration"], gradient["log_rate"])
        step["log_rate"] *= concentration / (concentration + damping)
        longest = jnp.maximum(jnp.abs(step["log_concentration"]), jnp.abs(step["log_rate"]))
        scale = max_step / jnp.maximum(longest, max_step)
        return jax.tree.map(lambda entry: -scale * entry, step), state

    return optax.GradientTransformation(lambda phi: optax.EmptyState(), update)


def fisher_matrix(concentration):
    """The Fisher matrix of a gamma in (log concentration, log rate).

    Args:
        concentration: array [...], above 0.

    Returns:
        array [..., 2, 2]: nats.
    """
    a = jnp.asarray(concentration)
    shape = a * (1 + trigamma_excess(a))
    return jnp.stack([jnp.stack([shape, -a], axis=-1), jnp.stack([-a, a], axis=-1)], axis=-2)


def trigamma_excess(concentration):
    """a trigamma(a) - 1, for a > 0, without the cancellation at large a: about 1 / (2a) there, 1/a near 0.

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


def _solve(concentration, by_concentration, by_rate):
    """F^-1 times a gradient, written so that nothing cancels: F is diagonal in (log concentration, log mean)."""
    along = (by_concentration + by_rate) / (concentration * trigamma_excess(concentration))
    return {"log_concentration": along, "log_rate": along + by_rate / concentration}
