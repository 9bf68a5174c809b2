"""The gamma sampler: its draws, their implicit derivative, and both under JAX's transformations."""

import functools
import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import scipy.special
import scipy.stats

from helpers import gamma_sampling
from helpers.gamma_sampling import log_gamma_derivative, sample_log_gamma

STANDARD_ERRORS = 4.5  # two-sided chance 7e-6 a comparison
# one shape for all tests of the distribution: each new shape is a compilation of a second
MANY = (200_000,)


@pytest.fixture
def float64():
    """64-bit JAX for one test."""
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def reference_derivative(concentration, log_sample):
    """-(dF/da) / (x p) from its definition, by 50-digit arithmetic and a central difference in
    a."""
    with mpmath.workdps(50):
        a, y = mpmath.mpf(float(concentration)), mpmath.mpf(float(log_sample))
        x, step = mpmath.exp(y), a * mpmath.mpf(10) ** -15
        if y > mpmath.log(a):  # the smaller tail, lest digits be lost near F = 1

            def distribution(a):
                return -mpmath.gammainc(a, x, mpmath.inf, regularized=True)
        else:

            def distribution(a):
                return mpmath.gammainc(a, 0, x, regularized=True)

        slope = (distribution(a + step) - distribution(a - step)) / (2 * step)
        return float(-slope / mpmath.exp(a * y - x - mpmath.loggamma(a)))


def relative_errors(concentrations, log_samples, derivatives):
    """|derivative / reference - 1|, elementwise, as a NumPy array."""
    references = [
        reference_derivative(a, y) for a, y in zip(concentrations, log_samples, strict=True)
    ]
    return np.abs(np.asarray(derivatives, np.float64) / references - 1)


def log_quantile(concentration, lower=None, upper=None):
    """log x where F = lower or 1 - F = upper; in closed form where x would underflow."""
    if lower is None:
        return np.log(scipy.special.gammainccinv(concentration, upper))
    leading = (np.log(lower) + scipy.special.gammaln(concentration + 1)) / concentration
    return leading if leading < -50 else np.log(scipy.special.gammaincinv(concentration, lower))


def log_gamma_distribution(log_x, concentration):
    """F at exp(log_x), float64; by its leading term where x would underflow."""
    leading = concentration * log_x - scipy.special.gammaln(concentration + 1)
    x = np.exp(np.maximum(log_x, -50))
    return np.where(
        log_x < -50, np.exp(np.minimum(leading, 0)), scipy.special.gammainc(concentration, x)
    )


@functools.partial(jax.jit, static_argnames="seed")
def draws_and_gradients(concentrations, seed=0):
    """A draw an element and the gradient of their sum."""

    def total(concentration):
        draws = sample_log_gamma(jax.random.key(seed), concentration)
        return jnp.sum(draws), draws

    gradient, draws = jax.grad(total, has_aux=True)(concentrations)
    return draws, gradient


# The derivative


def test_gradients_in_float32_agree_with_the_definition():
    rng = np.random.default_rng(0)
    concentrations = jnp.asarray(np.exp(rng.uniform(np.log(0.02), np.log(3000), 800)), jnp.float32)
    draws, gradients = draws_and_gradients(concentrations)
    errors = relative_errors(concentrations, draws, gradients)
    assert np.quantile(errors, 0.99) < 1e-3  # the goal
    assert np.quantile(errors, 0.5) < 2e-7  # and what is reached: p50 1.0e-7, p99 9e-7, max 7e-6
    assert np.quantile(errors, 0.99) < 2e-6
    assert np.max(errors) < 2e-5


def test_gradients_in_float64_agree_with_the_definition(float64):
    rng = np.random.default_rng(1)
    concentrations = jnp.asarray(np.exp(rng.uniform(np.log(0.02), np.log(3000), 500)))
    draws, gradients = draws_and_gradients(concentrations)
    assert draws.dtype == gradients.dtype == jnp.float64
    errors = relative_errors(concentrations, draws, gradients)
    assert np.quantile(errors, 0.5) < 1e-11
    assert np.quantile(errors, 0.99) < 2e-7
    assert np.max(errors) < 1e-6


@pytest.mark.parametrize("tail", [1e-2, 1e-4, 1e-6])
def test_derivative_in_both_tails(tail):
    concentrations = np.float32(
        [1e-3, 0.02, 0.1, 0.5, 0.99, 1.0, 2.0, 4.0, 7.99, 8.0, 8.01, 20, 100, 3000, 1e5, 1e6]
    )
    # the upper tail of 0.001 begins below 1e-4
    a = np.concatenate([concentrations, concentrations[1:]])
    y = [log_quantile(a, lower=tail) for a in concentrations]
    y = np.float32(y + [log_quantile(a, upper=tail) for a in concentrations[1:]])
    assert np.max(relative_errors(a, y, log_gamma_derivative(a, y))) < 2e-5


def test_derivative_has_no_seam_where_the_formulas_meet(float64):
    edge = gamma_sampling.SHIFT
    y = jnp.log(jnp.linspace(2.0, 11.0, 40))
    below, above = (
        log_gamma_derivative(jnp.nextafter(jnp.float64(edge), 0.0), y),
        log_gamma_derivative(edge + 0.0, y),
    )
    np.testing.assert_allclose(below, above, rtol=3e-7)
    a = jnp.geomspace(0.02, 7.9, 40)
    distance = gamma_sampling.TAIL_DISTANCE
    inside = log_gamma_derivative(a, jnp.log(a + distance * (1 - 1e-12)))
    outside = log_gamma_derivative(a, jnp.log(a + distance * (1 + 1e-12)))
    np.testing.assert_allclose(inside, outside, rtol=1e-6)


def test_limits_far_outside_the_draws():
    # x -> 0: log F = a log x - log Gamma(a + 1); at fixed F, D = (digamma(a + 1) - log x) / a.
    a = np.float32([1e-3, 0.02, 0.5, 3.0, 7.0])
    y = np.float32([-2e4, -500.0, -60.0, -30.0, -20.0])
    np.testing.assert_allclose(
        log_gamma_derivative(a, y), (scipy.special.digamma(a + 1) - y) / a, rtol=1e-5
    )


def test_series_coefficients_are_the_known_numbers():
    bernoulli = [1, -1 / 2, 1 / 6, 0, -1 / 30, 0, 1 / 42]  # v / (e^v - 1) = sum of B_m v^m / m!
    expected = [value / math.factorial(m) for m, value in enumerate(bernoulli)]
    np.testing.assert_allclose(gamma_sampling.SERIES[0, :7], expected, atol=1e-15)
    # digamma(a) - log(a) = sum of B_k'(0) / a^(k + 1): -1/(2a) - 1/(12 a^2) + 1/(120 a^4)
    np.testing.assert_allclose(
        gamma_sampling.SERIES[:, 1], [-1 / 2, -1 / 12, 0, 1 / 120, 0], atol=1e-14
    )


def test_gradient_is_the_derivative_at_the_draw_in_reverse_and_forward_mode():
    concentrations = jnp.geomspace(0.05, 2000.0, 800)
    draws, reverse = draws_and_gradients(concentrations)
    np.testing.assert_allclose(reverse, log_gamma_derivative(concentrations, draws), rtol=3e-6)
    direction = jnp.linspace(-1.0, 1.0, 800)
    primal, forward = jax.jvp(
        lambda a: sample_log_gamma(jax.random.key(0), a), (concentrations,), (direction,)
    )
    np.testing.assert_allclose(primal, draws, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(forward, direction * reverse, rtol=3e-6)


def test_second_derivative_follows_the_moving_draw(float64):
    a = jnp.asarray([0.3, 2.0, 7.5, 40.0])

    # elementwise, so the Hessian is diagonal: forward over reverse, along all ones
    (draws, slopes), (_, curvatures) = jax.jvp(draws_and_gradients, (a,), (jnp.ones(4),))
    for concentration, draw, slope, curvature in zip(
        *map(np.asarray, (a, draws, slopes, curvatures)), strict=True
    ):
        # along the curve of one quantile: y moves by slope, to first order
        step = 1e-5 * concentration
        ahead = reference_derivative(concentration + step, draw + step * slope)
        behind = reference_derivative(concentration - step, draw - step * slope)
        assert curvature == pytest.approx((ahead - behind) / (2 * step), rel=1e-4)


@pytest.mark.parametrize("concentration", [0.02, 0.3, 0.99, 1.0, 3.0, 30.0, 3000.0])
def test_mean_gradient_is_trigamma(concentration):
    # E[log x] = digamma(a), so the mean of d log x / da must be its derivative.
    gradients = np.asarray(draws_and_gradients(jnp.full(MANY, concentration))[1], np.float64)
    standard_error = np.std(gradients) / np.sqrt(gradients.size)
    expected = scipy.special.polygamma(1, concentration)
    assert abs(np.mean(gradients) - expected) < STANDARD_ERRORS * standard_error


# The draws


@pytest.mark.parametrize(
    "concentration", [1e-3, 0.01, 0.05, 0.3, 0.9, 0.999, 1.0, 1.5, 4.0, 30.0, 300.0, 3000.0, 1e5]
)
def test_draws_pass_kolmogorov_smirnov(concentration):
    draws = sample_log_gamma(jax.random.key(6), concentration, MANY)
    quantiles = log_gamma_distribution(np.asarray(draws, np.float64), concentration)
    # a fixed key: it passes always or never
    assert scipy.stats.kstest(quantiles, "uniform").pvalue > 1e-3


def test_draws_in_float64_pass_kolmogorov_smirnov(float64):
    concentrations = jnp.asarray([0.01, 0.7, 5.0, 3000.0])
    draws = sample_log_gamma(jax.random.key(7), concentrations, (50_000, 4))
    assert draws.dtype == jnp.float64
    for a, column in zip(concentrations, draws.T, strict=True):
        assert scipy.stats.kstest(log_gamma_distribution(column, a), "uniform").pvalue > 1e-3


@pytest.mark.parametrize("concentration", [1e-3, 0.1, 1.0, 50.0, 1e6])
def test_moments_of_the_log_draw(concentration):
    draws = np.asarray(sample_log_gamma(jax.random.key(8), concentration, MANY), np.float64)
    expected_mean, variance = (
        scipy.special.digamma(concentration),
        scipy.special.polygamma(1, concentration),
    )
    # float32 spaces log x by 1e-6 at a = 1e6, where its standard deviation is 1e-3
    mean_error = np.sqrt(variance / draws.size) + np.spacing(np.float32(abs(expected_mean))) / 2
    assert abs(np.mean(draws) - expected_mean) < STANDARD_ERRORS * mean_error
    kurtosis = 3 + scipy.special.polygamma(3, concentration) / variance**2
    assert np.var(draws) == pytest.approx(
        variance, rel=STANDARD_ERRORS * np.sqrt((kurtosis - 1) / draws.size)
    )


def test_neighbours_and_keys_are_independent():
    draws, other = (sample_log_gamma(jax.random.key(seed), 0.7, MANY) for seed in (9, 10))
    for left, right in [(draws, other), (draws[:-1], draws[1:]), (draws[::2], draws[1::2])]:
        correlation = scipy.stats.spearmanr(left, right).statistic
        assert abs(correlation) < STANDARD_ERRORS / np.sqrt(left.size)


@pytest.mark.parametrize("concentration", [1e-3, 1e6])
def test_no_underflow_at_the_ends_of_the_range(concentration):
    draws = np.asarray(sample_log_gamma(jax.random.key(11), concentration, MANY))
    # The smallest of n draws has n F exponentially distributed, with mean 1.
    lowest = draws.size * log_gamma_distribution(np.float64(draws.min()), concentration)
    assert 1e-3 < lowest < 12
    gradients = log_gamma_derivative(np.float32(concentration), draws)
    if concentration < 1:
        assert draws.min() < -5000  # far below the least positive float32, exp(-103)
        np.testing.assert_allclose(
            gradients[draws < -200], -draws[draws < -200] / concentration, rtol=0.01
        )
    else:
        np.testing.assert_allclose(gradients, 1 / concentration, rtol=0.01)  # x moves with a


def test_acceptance_matches_marsaglia_and_tsang():
    z = np.linspace(-6.0, 6.0, 41, dtype=np.float32)
    d = np.float32([2 / 3, 1.0, 5.0, 100.0, 1e4, 1e6])[:, None]
    for width, row in zip(d.ravel(), jax.jit(gamma_sampling._log_acceptance)(z, d), strict=True):
        width = mpmath.mpf(float(width))
        for position, value in zip(z, row, strict=True):
            position = mpmath.mpf(float(position))
            root = 1 + position / (3 * mpmath.sqrt(width))
            if root <= 0:
                assert value == -jnp.inf
            else:
                exact = position**2 / 2 + width - width * root**3 + 3 * width * mpmath.log(root)
                assert float(value) == pytest.approx(float(exact), rel=1e-4, abs=1e-5)


def test_acceptance_is_above_95_percent():
    z = np.linspace(-8.0, 8.0, 4001, dtype=np.float32)
    # concentration 1, the least after the boost, and above
    d = np.float32([2 / 3, 1.0, 10.0])[:, None]
    accepted = np.exp(jax.jit(gamma_sampling._log_acceptance)(z, d))
    assert np.all(np.sum(accepted * scipy.stats.norm.pdf(z), axis=1) * (z[1] - z[0]) > 0.95)


# As a JAX function


def test_vmap_and_scan_draw_the_same_as_single_calls():
    keys = jax.random.split(jax.random.key(12), 4)
    concentrations = jnp.geomspace(0.05, 500.0, 80).reshape(4, 20)

    def draw_and_slope(key, a):
        return jax.value_and_grad(lambda a: jnp.sum(sample_log_gamma(key, a) ** 2))(a)

    single = jax.jit(draw_and_slope)
    singles = [single(key, a) for key, a in zip(keys, concentrations, strict=True)]
    values, slopes = (np.stack(parts) for parts in zip(*singles, strict=True))
    mapped = jax.jit(jax.vmap(draw_and_slope))(keys, concentrations)
    _, scanned = jax.lax.scan(
        lambda carry, inputs: (carry, draw_and_slope(*inputs)), 0, (keys, concentrations)
    )
    for other in (mapped, scanned):
        np.testing.assert_allclose(other[0], values, rtol=1e-5)
        np.testing.assert_allclose(other[1], slopes, rtol=1e-4)


def test_broadcast_shapes_and_gradients_sum_over_the_batch():
    key = jax.random.key(14)
    a = jnp.asarray([0.3, 4.0, 60.0])

    def total(a):
        draws = sample_log_gamma(key, a, (5, 3))
        return jnp.sum(draws), draws

    gradient, draws = jax.jit(jax.grad(total, has_aux=True))(a)
    np.testing.assert_allclose(gradient, np.sum(log_gamma_derivative(a, draws), axis=0), rtol=1e-5)
    # without jit
    np.testing.assert_allclose(draws, sample_log_gamma(key, a, (5, 3)), rtol=1e-5, atol=1e-6)
    for given, shape, expected in [
        ((5, 1), (5, 7), (5, 7)),
        ((), None, ()),
        ((), (2,), (2,)),
        ((0, 3), None, (0, 3)),
    ]:
        draws = jax.eval_shape(
            functools.partial(sample_log_gamma, shape=shape), key, jnp.ones(given)
        )
        assert draws.shape == expected


@pytest.mark.parametrize("shape", [(4,), (), (3, 2)])
def test_shapes_that_do_not_broadcast_are_refused(shape):
    with pytest.raises(
        ValueError, match=r"concentration of shape \(3,\) does not broadcast to shape"
    ):
        sample_log_gamma(jax.random.key(0), jnp.ones(3), shape)


def test_dtype_follows_the_concentration(float64):
    key = jax.random.key(15)
    promotions = {
        "float32": "float32",
        "float64": "float64",
        "int32": "float64",
        "float16": "float32",
    }
    for given, expected in promotions.items():
        assert jax.eval_shape(sample_log_gamma, key, jnp.ones(2, given)).dtype == expected
    assert jax.eval_shape(sample_log_gamma, key, 1.5).dtype == "float64"
    assert jax.eval_shape(log_gamma_derivative, jnp.float32(2), jnp.float32(0)).dtype == "float32"


def test_bad_concentrations_give_nan_and_leave_the_others_alone():
    bad = jnp.asarray([jnp.nan, jnp.inf, -1.0, 0.0, 2.0])
    draws, gradients = draws_and_gradients(bad)
    for values in (draws, gradients, log_gamma_derivative(bad, 0.5)):
        np.testing.assert_array_equal(jnp.isnan(values), [True, True, True, True, False])
    assert draws[4] == draws_and_gradients(bad.at[:4].set(1.0))[0][4]
    assert float(gradients[4]) == pytest.approx(reference_derivative(2.0, draws[4]), rel=1e-5)


def test_the_rejection_loop_ends_even_if_nothing_is_accepted(monkeypatch):
    monkeypatch.setattr(gamma_sampling, "_log_acceptance", lambda z, d: jnp.full_like(z, -jnp.inf))
    draws = gamma_sampling._draw(jax.random.key(17), jnp.full(3, 2.0))
    # the proposal z = 0 stands in
    np.testing.assert_allclose(draws, np.log(2.0 - 1 / 3), rtol=1e-6)
