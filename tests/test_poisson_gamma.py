"""The model and its exact answers against SciPy in float64, integrals, and finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import integrate, stats

from helpers import data, distributions
from helpers.models import poisson_gamma

templates = arrays.arrays(np.float64, st.integers(1, 9), elements=st.floats(0.01, 16))
strengths = st.floats(0.01, 1000)


def log_joint_by_scipy(prior, counts, rates):
    """ln p(X, theta), term by term over every image: no sufficient statistics."""
    log_prior = stats.gamma.logpdf(rates, prior.concentration, scale=1 / prior.rate).sum()
    return log_prior + stats.poisson.logpmf(counts, rates).sum()


@given(template=templates, strength=strengths)
def test_a_prior_has_the_template_as_mean_and_the_strength_as_rate(template, strength):
    prior = poisson_gamma.prior(template, strength)
    np.testing.assert_allclose(prior.mean, template)
    np.testing.assert_array_equal(prior.rate, np.full(len(template), strength))


@given(template=templates, strength=strengths, images=st.integers(0, 5), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_log_joint_from_totals_is_log_joint_from_images(template, strength, images, seed):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(4, size=(images, len(template)))
    rates = rng.gamma(3, 2, size=len(template))
    prior = poisson_gamma.prior(template, strength)
    got = poisson_gamma.condition(prior, counts).log_joint(jnp.log(rates))
    size = (
        1
        + np.abs(prior.concentration * np.log(prior.rate)).sum()
        + (prior.rate * (rates + template * 8)).sum()
    )
    assert abs(got - log_joint_by_scipy(prior, counts, rates)) < 1e-5 * size + 1e-3


@pytest.mark.parametrize("digit", [0, 1, 8])
@pytest.mark.parametrize("strength", [0.01, 1.0, 1000.0])
@pytest.mark.parametrize("images", [1, None])
def test_evidence_is_the_product_of_one_step_ahead_predictions(digit, strength, images):
    # An independent road to ln p(X): predict each image from the ones before it, by SciPy's
    # negative binomial.
    prior = poisson_gamma.prior(data.domain_knowledge(digit), strength)
    counts = data.load_digit(digit)[:images]
    concentration, rate, total = prior.concentration.copy(), prior.rate.copy(), 0.0
    for image in counts:
        total += stats.nbinom.logpmf(image, concentration, rate / (rate + 1)).sum()
        concentration, rate = concentration + image, rate + 1
    model = poisson_gamma.condition(prior, counts)
    assert poisson_gamma.log_evidence(model) == pytest.approx(total, rel=1e-9)
    exact = poisson_gamma.exact_posterior(model)
    np.testing.assert_allclose(exact.concentration, concentration, rtol=1e-12)
    np.testing.assert_allclose(exact.rate, rate, rtol=1e-12)


def test_evidence_and_posterior_are_what_integrals_say():
    prior = poisson_gamma.prior([3.0], 2.0)
    counts = np.array([[5], [2], [4]])
    model = poisson_gamma.condition(prior, counts)

    def joint(rate):
        return stats.gamma.pdf(rate, 6.0, scale=0.5) * stats.poisson.pmf(counts, rate).prod()

    evidence, _ = integrate.quad(joint, 0, 60)
    mean, _ = integrate.quad(lambda rate: rate * joint(rate) / evidence, 0, 60)
    assert np.exp(poisson_gamma.log_evidence(model)) == pytest.approx(evidence, rel=1e-7)
    assert poisson_gamma.exact_posterior(model).mean[0] == pytest.approx(mean, rel=1e-7)


def test_gradient_of_log_joint_is_its_finite_difference():
    prior = poisson_gamma.prior(data.domain_knowledge(3), 2.0)
    counts = data.load_digit(3)[:7]
    model = poisson_gamma.condition(prior, counts)
    log_rates = np.log(prior.mean + 1)
    gradient = jax.grad(model.log_joint)(jnp.asarray(log_rates))
    step = 1e-5
    for j in range(0, 64, 9):
        nudge = step * np.eye(64)[j]
        up = log_joint_by_scipy(prior, counts, np.exp(log_rates + nudge))
        down = log_joint_by_scipy(prior, counts, np.exp(log_rates - nudge))
        assert gradient[j] == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-3)


def test_no_images_leave_the_prior():
    prior = poisson_gamma.prior(data.domain_knowledge(0), 2.0)
    model = poisson_gamma.condition(prior, np.zeros((0, 64), int))
    assert distributions.kl_divergence(
        poisson_gamma.exact_posterior(model), prior
    ).sum() == pytest.approx(0, abs=1e-9)
    assert poisson_gamma.log_evidence(model) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    "strength", [0, -1, float("nan"), float("inf"), "two", None, [1.0, 2.0], True]
)
def test_a_strength_that_weighs_nothing_is_refused(strength):
    with pytest.raises(ValueError, match=r"^strength must be .*"):
        poisson_gamma.prior(np.ones(64), strength)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ([1.0, 0.0], "pixel 1 is 0.0"),
        ([1.0, -3.0], "pixel 1 is -3.0"),
        ([float("nan"), 1.0], "pixel 0 is nan"),
        ([[1.0]], "one number a pixel"),
        ([], "one number a pixel"),
        (["ink"], "must be numeric"),
        (None, "must be numeric"),
    ],
)
def test_a_template_that_is_no_prior_mean_is_refused(template, says):
    with pytest.raises(ValueError, match=says) as caught:
        poisson_gamma.prior(template, 2.0)
    assert str(caught.value).startswith("template must be")


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ([[1, -2]], "image 0, pixel 1 is -2"),
        ([[1, 2], [0.5, 1]], "image 1, pixel 0 is 0.5"),
        ([[1, float("nan")]], "image 0, pixel 1 is nan"),
        ([[1, float("inf")]], "image 0, pixel 1 is inf"),
        ([[1, 2, 3]], r"a table \[images, 2\] of .*; got shape \(1, 3\)"),
        ([1, 2], r"got shape \(2,\)"),
        ([["a", "b"]], "must be numeric"),
        ([[1], [2, 3]], "must be numeric"),
    ],
)
def test_counts_that_are_no_counts_are_refused(counts, says):
    with pytest.raises(ValueError, match=says) as caught:
        poisson_gamma.condition(poisson_gamma.prior([1.0, 1.0], 1.0), counts)
    assert str(caught.value).startswith("counts must be")
