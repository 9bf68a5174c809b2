"""Densities, divergences and draws against SciPy in float64, and against numerical integrals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from helpers import distributions
from helpers.distributions import Gamma

positive = st.floats(0.05, 500)


@given(concentration=positive, rate=positive, log_x=st.floats(-5, 5))
@settings(deadline=None)
def test_gamma_log_density(concentration, rate, log_x):
    got = distributions.gamma_log_density(Gamma(concentration, rate), log_x)
    terms = np.array(
        [
            concentration * np.log(rate),
            concentration * log_x,
            rate * np.exp(log_x),
            concentration,
            1.0,
        ]
    )
    rounding = 1e-5 * np.abs(terms).sum()  # float32 keeps seven digits of the largest term
    assert abs(got - stats.gamma.logpdf(np.exp(log_x), concentration, scale=1 / rate)) < rounding


@given(count=st.integers(0, 200), log_rate=st.floats(-10, 5))
@settings(deadline=None)
def test_poisson_log_mass(count, log_rate):
    got = distributions.poisson_log_mass(count, log_rate)
    want = stats.poisson.logpmf(count, np.exp(log_rate))
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-3)


def test_poisson_log_mass_has_a_gradient_where_jax_has_none():
    gradient = jax.grad(distributions.poisson_log_mass, argnums=1)(0, -jnp.inf)
    assert gradient == 0  # d/d(log rate) = count - rate


@given(a=positive, b=positive, c=positive, d=positive)
@settings(deadline=None, max_examples=30)
def test_kl_divergence_is_the_integral_it_stands_for(a, b, c, d):
    q, p = stats.gamma(a, scale=1 / b), stats.gamma(c, scale=1 / d)
    levels = np.linspace(0, 1, 20_001)[1:-1]
    # E_q[ln q - ln p] by the midpoint rule over q's quantiles, with a tolerance from halving the
    # grid.
    integrand = q.logpdf(q.ppf(levels)) - p.logpdf(q.ppf(levels))
    fine, coarse = integrand.mean(), integrand[1::2].mean()
    tolerance = 5 * abs(fine - coarse) + 2e-3 * (1 + np.abs(integrand).mean())
    assert abs(distributions.kl_divergence(Gamma(a, b), Gamma(c, d)) - fine) < tolerance


@pytest.mark.parametrize(
    "parameters", [(2.0, 3.0, 4.0, 1.0), (0.3, 1.0, 0.5, 2.0), (900.0, 60.0, 880.0, 61.0)]
)
def test_kl_divergence_by_adaptive_quadrature(parameters):
    a, b, c, d = parameters
    q, p = stats.gamma(a, scale=1 / b), stats.gamma(c, scale=1 / d)

    def integrand(level):
        x = q.ppf(level)
        return q.logpdf(x) - p.logpdf(x)

    want, error = integrate.quad(integrand, 0, 1, limit=500, epsabs=1e-9)
    np.testing.assert_allclose(
        distributions.kl_divergence(Gamma(a, b), Gamma(c, d)), want, atol=max(1e-7, 10 * error)
    )


@given(a=positive, b=positive)
def test_kl_divergence_of_a_gamma_from_itself_is_zero(a, b):
    assert distributions.kl_divergence(Gamma(a, b), Gamma(a, b)) == pytest.approx(0, abs=1e-10)


@given(a=positive, b=positive, level=st.floats(0.05, 0.99))
def test_credible_interval_holds_its_level(a, b, level):
    low, high = distributions.credible_interval(Gamma(a, b), level)
    inside = stats.gamma.cdf(high, a, scale=1 / b) - stats.gamma.cdf(low, a, scale=1 / b)
    assert inside == pytest.approx(level, abs=1e-8)


@pytest.mark.parametrize("level", [0, 1, -0.1, 1.5, float("nan")])
def test_credible_interval_refuses_other_levels(level):
    with pytest.raises(ValueError, match="level must be a probability between 0 and 1"):
        distributions.credible_interval(Gamma(1.0, 1.0), level)


@pytest.mark.parametrize("bad", [(-1.0, 1.0), (1.0, 0.0)])
def test_parameters_out_of_range_are_refused(bad):
    with pytest.raises(ValueError, match="must be above 0; got"):
        distributions.credible_interval(Gamma(*bad))
    with pytest.raises(ValueError, match="must be above 0; got"):
        distributions.kl_divergence(Gamma(*bad), Gamma(1.0, 1.0))


@given(count=st.integers(0, 300), a=positive, b=positive)
def test_negative_binomial_is_scipys(count, a, b):
    got = distributions.negative_binomial_log_mass(count, Gamma(a, b))
    np.testing.assert_allclose(
        got, stats.nbinom.logpmf(count, a, b / (b + 1)), rtol=1e-7, atol=1e-7
    )


def test_negative_binomial_is_the_poisson_with_its_rate_integrated_out():
    a, b, count = 3.0, 0.7, 4
    want, _ = integrate.quad(
        lambda x: stats.poisson.pmf(count, x) * stats.gamma.pdf(x, a, scale=1 / b), 0, np.inf
    )
    assert np.exp(distributions.negative_binomial_log_mass(count, Gamma(a, b))) == pytest.approx(
        want, rel=1e-8
    )


def test_sample_log_rates_follow_the_gamma_they_are_asked_for():
    gamma = Gamma(np.array([0.3, 5.0]), np.array([2.0, 0.1]))
    draws = np.exp(distributions.sample_log_rates(jax.random.key(0), gamma, 20_000))
    for j in range(2):
        test = stats.kstest(
            draws[:, j], stats.gamma(gamma.concentration[j], scale=1 / gamma.rate[j]).cdf
        )
        assert test.pvalue > 1e-3
    standard_error = np.sqrt(gamma.variance / 20_000)
    assert np.all(np.abs(draws.mean(axis=0) - gamma.mean) < 4.5 * standard_error)


def test_moments_of_a_gamma():
    gamma = Gamma(np.array([2.0, 30.0]), np.array([0.5, 4.0]))
    np.testing.assert_allclose(
        gamma.mean, stats.gamma.mean(gamma.concentration, scale=1 / gamma.rate)
    )
    np.testing.assert_allclose(
        gamma.variance, stats.gamma.var(gamma.concentration, scale=1 / gamma.rate)
    )
