"""Gamma draws in log space, fast on a CPU and differentiable in the concentration.

The draw is Marsaglia and Tsang's (2000) rejection sampler, vectorised: every element proposes at
once, and then the rejected ones propose again, a sixteenth of the batch at a time. A rejection
sampler is no smooth function of its parameters, so its derivative is the implicit one (Figurnov,
Mohamed, Mnih 2018): hold the draw's quantile F(x; a) fixed and ask how y = log x moves with the
concentration a,

    D(a, y) = dy/da = -(dF/da) / (x p(x; a)).

D needs no special function. Three facts give it everywhere:

1. large a: with v = y - log a, D = (B_0(v) + B_1(v)/a + B_2(v)/a^2 + ...) / a, where
   B_0(v) = v / (e^v - 1);
2. small a: a D(a, y) = digamma(a + 1) - y + x D(a + 1, y), so eight steps of recursion lead back
   to fact 1;
3. small a, far in the upper tail (there those steps would cancel): an integral over the tail
   beyond x, smooth enough for eight Gauss-Laguerre nodes.

Relative error of D at 20,000 draws, concentrations log-uniform from 0.02 to 3000, against 50-digit
references (tests/test_gamma_sampling.py repeats it on fewer): float32 p50 1.0e-7, p99 9e-7, max
7e-6; float64 p50 9e-13, p99 7e-8, max 3.4e-7.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from helpers import checks

# a proposal is accepted with probability 0.95 or more: nobody gets near so many rounds
MAX_ROUNDS = 64
TRIES = 4  # proposals for each rejected element in a round after the first
SHIFT = 8  # fact 1 is used from this concentration on
TAIL_DISTANCE = 3.0  # fact 3 is used for a < SHIFT and x > a + TAIL_DISTANCE


def _series_coefficients(order, degree):
    """Taylor coefficients of B_0(v), B_1(v), ... of the large-concentration series.

    Differentiate D x p = -dF/da in y: dD/dy + (a - x) D = digamma(a) - y. Put in the series and
    collect the powers of 1/a: B_0 = v / (e^v - 1) and B_{k+1} = B_0 (B_k'(v) - B_k'(0)) / v.

    `order` is the last k, `degree` the last power of v. Returns float64 [order + 1, degree + 1],
    lowest power first.
    """
    size = degree + 1 + 2 * order  # each order uses up two powers
    growth = 1.0 / np.cumprod(np.arange(1.0, size + 1))  # (e^v - 1) / v = sum_m v^m / (m + 1)!
    first = np.zeros(size)
    first[0] = 1.0
    for m in range(1, size):  # its reciprocal, power by power
        first[m] = -np.dot(growth[1 : m + 1], first[:m][::-1])
    rows = [first]
    for _ in range(order):
        derivative = rows[-1][1:] * np.arange(1, len(rows[-1]))
        rows.append(np.convolve(first, derivative[1:])[: len(derivative) - 1])
    return np.stack([row[: degree + 1] for row in rows])


SERIES = _series_coefficients(order=4, degree=14)
TAIL_RULE = np.stack(np.polynomial.laguerre.laggauss(8), axis=1)  # [8, 2]: nodes and weights


def _large_concentration_derivative(a, v):
    """Fact 1: D by the series, for a >= SHIFT and v = log x - log a."""
    # no draw lies outside; inside, the powers converge (radius 2 pi)
    inside = jnp.clip(v, -3.5, 2.5)
    inverse = 1.0 / a
    corrections = jnp.zeros_like(v)
    # Python floats: they leave float32 as it is under x64
    for coefficients in SERIES[:0:-1].tolist():
        polynomial = jnp.zeros_like(v)
        for coefficient in coefficients[::-1]:
            polynomial = polynomial * inside + coefficient
        corrections = (corrections + polynomial) * inverse
    # 0/0 would spoil second derivatives even where it is not chosen
    safe = jnp.where(v == 0, 1.0, v)
    return (jnp.where(v == 0, 1.0, safe / jnp.expm1(safe)) + corrections) * inverse


@jax.jit
def log_gamma_derivative(concentration, log_sample):
    """Implicit derivative of a log Gamma(concentration, rate 1) draw in its concentration,
    elementwise.

    Concentration, > 0, and log_sample, log x, are float arrays that broadcast. Returns d log x / d
    concentration at a fixed quantile F(x; concentration), without unit; NaN where the concentration
    is not a positive finite number.

    Source: Figurnov, Mohamed, Mnih (2018), Implicit reparameterization gradients; see the module's
    docstring.
    """
    a, y = jnp.broadcast_arrays(concentration, log_sample)
    x = jnp.exp(y)
    is_small = a < SHIFT
    shifted = jnp.where(is_small, a + SHIFT, a)
    v = y - jnp.log(shifted)
    large = _large_concentration_derivative(shifted, v)

    # Fact 2, from a + SHIFT down to a. gap is digamma - y, by digamma's own asymptotic series at
    # the top and digamma(s) = digamma(s + 1) - 1/s from there.
    inverse = 1.0 / shifted
    square = inverse * inverse
    gap = (
        -v
        - inverse / 2
        - square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))
    )
    small = large
    base = jnp.where(is_small, a, 1.0)
    for step in reversed(range(SHIFT)):
        reciprocal = 1.0 / (base + step)
        small = (gap + x * small) * reciprocal
        gap = gap - reciprocal  # after the last step: digamma(a) - y

    # Fact 3: D = (1/x) integral over t > 0 of e^-t (1 + t/x)^(a - 1) (log(x + t) - digamma(a)).
    is_tail = is_small & (x > a + TAIL_DISTANCE)
    inverse_x = 1.0 / jnp.where(is_tail, x, 1.0)
    power = jnp.where(is_tail, a - 1.0, 0.0)
    tail = jnp.zeros_like(x)
    for node, weight in TAIL_RULE.tolist():
        growth = jnp.log1p(node * inverse_x)
        tail += weight * jnp.exp(power * growth) * (growth - gap)
    derivative = jnp.where(is_tail, tail * inverse_x, jnp.where(is_small, small, large))
    return jnp.where((a > 0) & (a < jnp.inf), derivative, jnp.nan)


@jax.custom_jvp
def _reparameterise(concentration, log_sample):
    """log_sample itself, with its implicit derivative in the concentration attached."""
    return log_sample


@_reparameterise.defjvp
def _reparameterise_jvp(primals, tangents):
    # not primals[1]: so the second derivative sees the draw move too
    draw = _reparameterise(*primals)
    return draw, log_gamma_derivative(primals[0], draw) * tangents[0]


def _log_acceptance(z, d):
    """Log acceptance probability of the proposal x = d w^3, w = 1 + e, e = z / (3 sqrt(d)), z
    normal.

    Marsaglia and Tsang's z^2/2 + d - d w^3 + 3 d log w, as 3 d (log(1 + e) - e + e^2/2 - e^3/3):
    there the terms of size d have cancelled on paper, not in float32.
    """
    e = z / (3.0 * jnp.sqrt(d))
    direct = jnp.log1p(jnp.maximum(e, -0.999999)) - e * (1.0 - e * (0.5 - e / 3.0))
    series = -(e**4) * (1 / 4 - e * (1 / 5 - e * (1 / 6 - e * (1 / 7 - e / 8))))
    return jnp.where(e > -1.0, 3.0 * d * jnp.where(jnp.abs(e) < 0.1, series, direct), -jnp.inf)


def _propose(key, d):
    """A standard normal proposal for each d [...], and its margin: below 0, it is accepted."""
    positive = jnp.finfo(d.dtype).eps / 2  # uniforms in (0, 1), not [0, 1)
    # Two calls, not one for both: XLA compiles JAX's generator to one tight loop only while its
    # arrays are small. And flat, for the reason of `distributions.flat_normal`.
    first, second = (
        jax.random.uniform(k, (d.size,), d.dtype, minval=positive).reshape(d.shape)
        for k in jax.random.split(key)
    )
    z = 2**0.5 * lax.erf_inv(2.0 * first - 1.0)
    return z, jnp.log(second) - _log_acceptance(z, d)


def _draw(key, concentration):
    """Log Gamma(concentration, rate 1) draws by rejection, for positive finite concentrations."""
    shape, size = concentration.shape, concentration.size
    is_boosted = concentration < 1.0
    d = jnp.where(is_boosted, concentration + 1.0, concentration) - 1.0 / 3.0
    # XLA takes half as long over rows that fill registers
    rows = shape if shape and shape[-1] % 8 == 0 else (size,)
    # every element proposes once; after that, so many of the rejected at a time
    few = max(size // 16, min(size, 16))

    def is_unfinished(state):
        number, _, margin = state
        return jnp.any(margin >= 0) & (number < MAX_ROUNDS)

    def retry(state):
        number, z, margin = state
        # Where the 1st, 2nd, ... rejected one stands: where their running count reaches 1, 2, ...;
        # `size`, which is no place, where fewer are left. `jnp.nonzero(size=few)` would say the
        # same, and take 1.2 times as long over 4,000 draws of 64.
        rejected = jnp.searchsorted(jnp.cumsum(margin.ravel() >= 0), 1 + jnp.arange(few))
        again = d.ravel().at[rejected].get(mode="fill", fill_value=1.0)
        proposals = _propose(jax.random.fold_in(key, number), jnp.broadcast_to(again, (TRIES, few)))
        first = (proposals[1] < 0).argmax(axis=0)  # the first accepted, or any if none is
        z, margin = (
            old.ravel().at[rejected].set(new[first, jnp.arange(few)], mode="drop").reshape(rows)
            for old, new in zip((z, margin), proposals, strict=True)
        )
        return number + 1, z, margin

    _, z, margin = lax.while_loop(
        is_unfinished, retry, (1, *_propose(jax.random.fold_in(key, 0), d.reshape(rows)))
    )
    z, margin = (jnp.where(margin < 0, entry, 0.0).reshape(shape) for entry in (z, margin))
    log_draw = jnp.log(d) + 3.0 * jnp.log1p(z / (3.0 * jnp.sqrt(d)))
    # The boost: Gamma(a) is Gamma(a + 1) times U^(1/a). In log space it cannot underflow. A uniform
    # U that was below its acceptance probability p gives one more, U / p, which does not depend on
    # z: no new number is drawn.
    return log_draw + jnp.where(is_boosted, margin / concentration, 0.0)


@functools.partial(jax.jit, static_argnames="shape")
def _sample(key, concentration, shape):
    concentration = jnp.broadcast_to(concentration, shape)
    is_valid = (concentration > 0) & (concentration < jnp.inf)
    safe = jnp.where(is_valid, concentration, 1.0)  # a NaN would be rejected round after round
    draw = jnp.where(is_valid, _draw(key, lax.stop_gradient(safe)), jnp.nan)
    return _reparameterise(concentration, draw)


def sample_log_gamma(key, concentration, shape=None):
    """Log of a Gamma(concentration, rate 1) draw, differentiable in the concentration.

    Like jax.random.loggamma, but fast on a CPU and with an accurate gradient. For a rate r subtract
    log r.

    Args: key: a jax.random.key, for this call alone; concentration: array, > 0, accurate from 1e-3
    to 1e6; shape: of the result, default concentration.shape; a ValueError if the concentration
    does not broadcast to it.

    Returns: float array [shape], log x (without unit), of the concentration's dtype (at least
    float32). NaN, with a NaN derivative, where the concentration is not a positive finite number.

    Source: Marsaglia, Tsang (2000), A simple method for generating gamma variables; for the
    derivative Figurnov, Mohamed, Mnih (2018), Implicit reparameterization gradients.
    """
    key, concentration = checks.key(key), jnp.asarray(concentration)
    dtype = jnp.promote_types(jnp.result_type(concentration, float), jnp.float32)
    shape = concentration.shape if shape is None else tuple(shape)
    try:
        fits = np.broadcast_shapes(concentration.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"concentration of shape {concentration.shape} does not broadcast to shape {shape}"
        )
    return _sample(key, concentration.astype(dtype), shape)
