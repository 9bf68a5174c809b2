"""Gamma draws in log space, fast on a CPU and differentiable in the concentration.

The draw is Marsaglia and Tsang's (2000) rejection sampler, vectorised: every element proposes at once and only a
rejected element takes the next round's proposal. A rejection sampler is no smooth function of its parameters, so
its derivative is the implicit one (Figurnov, Mohamed, Mnih 2018): hold the draw's quantile F(x; a) fixed and ask
how x moves with a,

    D(a, y) = d y / d a = -(dF/da) / (x p(x; a)),        y = log x.

D needs no special function. Three facts give it everywhere:

1. large a: in v = y - log a, D = (B_0(v) + B_1(v) / a + B_2(v) / a^2 + ...) / a, where B_0(v) = v / (e^v - 1);
2. small a: one step of recursion, a D(a, y) = digamma(a + 1) - y + x D(a + 1, y), and eight of them lead to 1;
3. small a, far in the upper tail (where those steps would cancel): an integral over the tail, smooth enough for
   six Gauss-Laguerre nodes.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

MAX_ROUNDS = 64  # each round accepts 95% or more: the chance that an element needs a 65th is below 1e-83
SHIFT = 8  # the large-concentration series is used from here on
SERIES_ORDER = 5  # powers of 1/a beyond the first
SERIES_DEGREE = 20  # powers of v
TAIL_DISTANCE = 4.0  # the tail integral is used for a < SHIFT and x > a + TAIL_DISTANCE
TAIL_NODES = 6


def _series_coefficients(order, degree):
    """Taylor coefficients of B_0(v), B_1(v), ... of the large-concentration series.

    D obeys dD/dy + (a - x) D = digamma(a) - y (differentiate F's definition in y). Put in the series and
    collect powers of 1/a: B_0 = v / (e^v - 1) and B_{k+1} = B_0 (B_k'(v) - B_k'(0)) / v.

    Args:
        order: the last k.
        degree: the last power of v.

    Returns:
        float64 array [order + 1, degree + 1], lowest power first.
    """
    size = degree + 1 + 2 * order  # each order uses up two powers
    inverse_factorials = 1.0 / np.cumprod(np.arange(1.0, size + 1))  # (e^v - 1) / v = sum_m v^m / (m + 1)!
    first = np.zeros(size)
    first[0] = 1.0
    for m in range(1, size):  # its reciprocal, power by power
        first[m] = -np.dot(inverse_factorials[1 : m + 1], first[m - 1 :: -1][:m])
    rows = [first]
    for _ in range(order):
        derivative = rows[-1][1:] * np.arange(1, len(rows[-1]))
        rows.append(np.convolve(first, derivative[1:])[: len(derivative) - 1])
    return np.stack([row[: degree + 1] for row in rows])


SERIES = _series_coefficients(SERIES_ORDER, SERIES_DEGREE)
LAGUERRE_NODES, LAGUERRE_WEIGHTS = np.polynomial.laguerre.laggauss(TAIL_NODES)


def _large_concentration_derivative(concentration, log_ratio):
    """D for concentration >= SHIFT, by the series in v = log_ratio = log x - log(concentration)."""
    v = jnp.clip(log_ratio, -3.5, 2.5)  # no draw lies outside; inside, the powers converge (radius 2 pi)
    inverse = 1.0 / concentration
    total = jnp.zeros_like(v)
    for coefficients in SERIES[:0:-1]:
        row = jnp.zeros_like(v)
        for coefficient in coefficients[::-1]:
            row = row * v + coefficient
        total = (total + row) * inverse
    safe = jnp.where(log_ratio == 0, 1.0, log_ratio)
    first = jnp.where(log_ratio == 0, 1.0, safe / jnp.expm1(safe))
    return (first + total) * inverse


def log_gamma_derivative(concentration, log_sample):
    """Implicit derivative of a log Gamma(concentration, rate 1) draw in its concentration, elementwise.

    Args:
        concentration: float array, > 0.
        log_sample: float array that broadcasts with it, log x.

    Returns:
        d log x / d concentration at fixed quantile F(x; concentration), the broadcast shape; NaN where
        concentration is not a positive finite number.

    Source:
        Figurnov, Mohamed, Mnih (2018), equation 6; the evaluation is the module's docstring.
    """
    concentration, log_sample = jnp.broadcast_arrays(concentration, log_sample)
    a, y = concentration, log_sample
    x = jnp.exp(y)
    is_small = a < SHIFT
    shifted = jnp.where(is_small, a + SHIFT, a)
    log_ratio = y - jnp.log(shifted)
    large = _large_concentration_derivative(shifted, log_ratio)

    # Fact 2, from a + SHIFT down to a. gap is digamma(a + j + 1) - y: digamma's own asymptotic series, then
    # digamma(s) = digamma(s + 1) - 1 / s.
    inverse = 1.0 / shifted
    square = inverse * inverse
    gap = -log_ratio - inverse * (0.5 + inverse * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240))))
    small = large
    base = jnp.where(is_small, a, 1.0)
    for j in reversed(range(SHIFT)):
        reciprocal = 1.0 / (base + j)
        small = (gap + x * small) * reciprocal
        gap = gap - reciprocal  # after the last step: digamma(a) - y

    # Fact 3: D = (1/x) * integral of e^-t (1 + t/x)^(a - 1) (log(x + t) - digamma(a)) over t > 0.
    is_tail = is_small & (x > a + TAIL_DISTANCE)
    inverse_x = 1.0 / jnp.where(is_tail, x, 1.0)
    power = jnp.where(is_tail, a - 1.0, 0.0)
    tail = jnp.zeros_like(x)
    for node, weight in zip(LAGUERRE_NODES, LAGUERRE_WEIGHTS):
        log_growth = jnp.log1p(node * inverse_x)
        tail += weight * jnp.exp(power * log_growth) * (log_growth - gap)
    tail = tail * inverse_x
    return jnp.where(is_tail, tail, jnp.where(is_small, small, large))


@jax.custom_jvp
def _reparameterise(concentration, log_sample):
    """log_sample itself, with the implicit derivative in the concentration attached."""
    return log_sample


@_reparameterise.defjvp
def _reparameterise_jvp(primals, tangents):
    draw = _reparameterise(*primals)
    return draw, log_gamma_derivative(primals[0], draw) * tangents[0]


def _log_acceptance(z, d):
    """Marsaglia and Tsang's log acceptance probability z^2/2 + d - d w^3 + 3 d log w with w = 1 + e, e = z/(3 sqrt d).

    Written as 3 d (log(1 + e) - e + e^2/2 - e^3/3): the terms of size d have cancelled on paper, not in floats.
    """
    e = z / (3.0 * jnp.sqrt(d))
    inside = jnp.maximum(e, -0.999999)
    direct = jnp.log1p(inside) - e * (1.0 - e * (0.5 - e / 3.0))
    series = -(e**4) * (0.25 - e * (0.2 - e * (1 / 6 - e * (1 / 7 - e / 8))))
    return jnp.where(e > -1.0, 3.0 * d * jnp.where(jnp.abs(e) < 0.1, series, direct), -jnp.inf)


def _draw(key, concentration):
    """Log Gamma(concentration, 1) draws by rejection; concentration must be positive and finite."""
    shape, dtype = concentration.shape, concentration.dtype
    boost_key, round_key = jax.random.split(key)
    is_boosted = concentration < 1.0
    d = jnp.where(is_boosted, concentration + 1.0, concentration) - 1.0 / 3.0

    def any_rejected(state):
        number, _, _, is_rejected = state
        return jnp.any(is_rejected) & (number < MAX_ROUNDS)

    def propose(state):
        number, key, kept, is_rejected = state
        key, normal_key, uniform_key = jax.random.split(key, 3)
        z = jax.random.normal(normal_key, shape, dtype)
        is_accepted = -jax.random.exponential(uniform_key, shape, dtype) < _log_acceptance(z, d)
        return number + 1, key, jnp.where(is_rejected & is_accepted, z, kept), is_rejected & ~is_accepted

    start = (0, round_key, jnp.zeros(shape, dtype), jnp.ones(shape, bool))
    z = lax.while_loop(any_rejected, propose, start)[2]
    log_draw = jnp.log(d) + 3.0 * jnp.log1p(z / (3.0 * jnp.sqrt(d)))
    log_uniform = -jax.random.exponential(boost_key, shape, dtype)
    return log_draw + jnp.where(is_boosted, log_uniform / concentration, 0.0)


@functools.partial(jax.jit, static_argnames="shape")
def _sample(key, concentration, shape):
    concentration = jnp.broadcast_to(concentration, shape)
    is_valid = (concentration > 0) & (concentration < jnp.inf)
    safe = jnp.where(is_valid, concentration, 1.0)  # or a NaN would be rejected for ever
    draw = _reparameterise(safe, _draw(key, lax.stop_gradient(safe)))
    return jnp.where(is_valid, draw, jnp.nan)


def sample_log_gamma(key, concentration, shape=None):
    """Log of a Gamma(concentration, rate 1) draw, differentiable in the concentration.

    Like jax.random.loggamma, but faster on a CPU.

    Args:
        key: a jax.random.key, for this call alone.
        concentration: float array, > 0, that broadcasts to shape.
        shape: tuple, the shape of the result; default concentration.shape.

    Returns:
        float array [shape] of the concentration's dtype: log x (x without unit). NaN where the concentration is not
        a positive finite number.

    Raises:
        ValueError: concentration does not broadcast to shape.

    Source:
        Marsaglia, Tsang (2000), A simple method for generating gamma variables; Figurnov, Mohamed, Mnih (2018).
    """
    concentration = jnp.asarray(concentration)
    concentration = concentration.astype(jnp.promote_types(concentration.dtype, jnp.float32))
    shape = concentration.shape if shape is None else tuple(shape)
    try:
        fits = np.broadcast_shapes(concentration.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"concentration of shape {concentration.shape} does not broadcast to shape {shape}")
    return _sample(key, concentration, shape)
