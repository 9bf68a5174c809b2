"""FAST: its reach over every digit, strength and number of images; and the natural gradient it is
made of."""

import away
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy import special

from helpers import data, distributions, inference, natural_gradient
from helpers.distributions import Gamma
from helpers.models import poisson_gamma
from helpers.natural_gradient import fisher_matrix, trigamma_excess

CONCENTRATIONS = np.geomspace(1e-4, 1e5, 200)


def total_kl(digit, strength, num_images, *, seed=0, floor=data.DEFAULT_FLOOR):
    """Fit by FAST from the prior; KL(q || exact posterior) over all pixels, in nats, and the fit
    and the model."""
    prior = poisson_gamma.prior(data.domain_knowledge(digit, floor), strength)
    model = poisson_gamma.condition(prior, data.load_digit(digit)[:num_images])
    result = inference.fit(jax.random.key(seed), model, prior, inference.FAST)
    return (
        distributions.kl_divergence(result.surrogate, poisson_gamma.exact_posterior(model)).sum(),
        result,
        model,
    )


# ---- reach
# ------------------------------------------------------------------------------


@pytest.mark.parametrize("strength", [0.01, 0.1, 1.0, 2.0, 10.0, 100.0, 1000.0])
@pytest.mark.parametrize("digit", range(10))
def test_reach(digit, strength):
    for num_images in (0, 1, 3, 30, None):
        kl, result, model = total_kl(digit, strength, num_images, seed=digit)
        limit = 1e-6 if (model.prior.concentration >= 1).all() else 1e-3
        assert kl > -1e-12
        assert kl <= limit, f"{num_images} images"
        assert np.isfinite(result.elbos).all()
        assert result.elbos.shape == (inference.FAST.num_steps,)


def test_reach_holds_for_other_keys_where_it_is_hardest():
    kls = [
        total_kl(digit, 0.01, num_images, seed=seed)[0]
        for digit in (0, 1, 8)
        for num_images in (0, None)
        for seed in range(100, 115)
    ]
    assert max(kls) <= 3e-4


@jax.jit  # once for all digits
def fits(keys, model):
    return jax.vmap(lambda key: inference.fit(key, model, model.prior, inference.FAST).surrogate)(
        keys
    )


@pytest.mark.parametrize("digit", range(10))
def test_reach_holds_for_many_keys_at_the_weakest_prior(digit):
    prior = poisson_gamma.prior(data.domain_knowledge(digit), 0.01)
    for num_images in (1, 3, 30, None):
        model = poisson_gamma.condition(prior, data.load_digit(digit)[:num_images])
        surrogates = fits(jax.random.split(jax.random.key(digit), 64), model)
        kls = distributions.kl_divergence(surrogates, poisson_gamma.exact_posterior(model)).sum(
            axis=1
        )
        assert kls.max() <= 1e-3, f"{num_images} images"


@pytest.mark.parametrize("floor", [0.1, 0.01])
def test_reach_needs_no_high_floor(floor):
    kls = [
        total_kl(digit, strength, m, floor=floor)[0]
        for digit in (0, 1)
        for strength in (0.01, 1.0)
        for m in (1, None)
    ]
    assert max(kls) <= 1e-3


def test_elbos_are_of_the_model_not_of_the_tempered_one():
    _, result, model = total_kl(0, 2.0, None)
    evidence = poisson_gamma.log_evidence(model)
    assert result.elbos[0] < evidence - 1_000  # q is the prior: far off
    assert np.abs(np.asarray(result.elbos[-10:]) - evidence).max() < 5e-6 * abs(evidence)


def test_slider_values_typed_by_hand():
    for strength in (0.013, 0.7, 3.3, 47.0, 730.0):
        for num_images in (2, 7, 60):
            assert total_kl(5, strength, num_images)[0] <= 1e-3


# ---- away from home: models whose posterior is no gamma
# ----------------------------------------------------------


@pytest.mark.parametrize("terms", [away.log_normal, away.log_logistic, away.spread_counts])
def test_the_best_gammas_are_reached_where_no_gamma_is_the_posterior(terms):
    gaps = away.gaps(terms, {"FAST": inference.FAST}, range(6))["FAST"]
    assert gaps.min() > -1e-4
    assert gaps.max() <= 0.02


def test_a_prior_of_light_tails_costs_a_little_more():
    gaps = away.gaps(away.weibull, {"FAST": inference.FAST}, range(6))["FAST"]
    assert gaps.min() > -1e-4
    assert gaps.max() <= 0.03


# ---- the natural gradient
# ---------------------------------------------------------------------------------------


def test_trigamma_excess_keeps_its_digits():
    exact = CONCENTRATIONS * special.polygamma(1, CONCENTRATIONS) - 1  # float64: good to 1e-10 here
    ours = trigamma_excess(jnp.asarray(CONCENTRATIONS, jnp.float32))
    np.testing.assert_allclose(ours, exact, rtol=1e-5)


def test_fisher_matrix_is_the_curvature_of_kl():
    for a in (0.05, 1.0, 7.9, 8.1, 300.0):

        def kl(phi, a=a):
            q = Gamma(np.exp(phi[0]), np.exp(phi[1]))
            return distributions.kl_divergence(Gamma(np.float64(a), np.float64(3.0)), q)

        centre, h = np.log([a, 3.0]), 1e-4
        steps = h * np.eye(2)
        hessian = np.array(
            [
                [
                    (
                        kl(centre + u + v)
                        - kl(centre + u - v)
                        - kl(centre - u + v)
                        + kl(centre - u - v)
                    )
                    for v in steps
                ]
                for u in steps
            ]
        ) / (4 * h**2)
        np.testing.assert_allclose(fisher_matrix(a), hessian, rtol=2e-3, atol=2e-5 * a)


def test_a_natural_step_solves_with_the_fisher_matrix():
    rng = np.random.default_rng(0)
    a = np.geomspace(0.01, 1e4, 50)
    gradient = rng.normal(size=(50, 2))
    phi = {"log_concentration": jnp.log(a), "log_rate": jnp.zeros(50)}
    transformation = natural_gradient.descent(max_step=1e9)
    step, _ = transformation.update(as_phi(gradient), transformation.init(phi), phi)
    # By Cramer's rule in float64.
    shape = a**2 * special.polygamma(1, a)
    determinant = shape * a - a**2
    expected = (
        np.stack([a * gradient.sum(axis=1), a * gradient[:, 0] + shape * gradient[:, 1]])
        / -determinant
    )
    np.testing.assert_allclose(
        [step["log_concentration"], step["log_rate"]], expected, rtol=2e-4, atol=1e-4
    )


def test_a_step_is_bounded_and_keeps_its_direction():
    phi = {"log_concentration": jnp.log(jnp.array([0.01, 1.0, 50.0])), "log_rate": jnp.zeros(3)}
    gradient = as_phi(np.array([[3.0, -1e3], [1e-3, 2e-3], [1e6, 1e5]]))
    free, bounded = natural_gradient.descent(max_step=1e9), natural_gradient.descent(max_step=0.5)
    long, _ = free.update(gradient, free.init(phi), phi)
    short, _ = bounded.update(gradient, bounded.init(phi), phi)
    assert max(float(jnp.abs(entry).max()) for entry in short.values()) == pytest.approx(0.5)
    ratio = short["log_concentration"] / long["log_concentration"]
    np.testing.assert_allclose(short["log_rate"], ratio * long["log_rate"], rtol=1e-5)
    assert ratio[1] == 1  # a short step is left alone


def test_damping_shortens_the_rates_step_alone():
    phi = {"log_concentration": jnp.log(jnp.array([0.01, 100.0])), "log_rate": jnp.zeros(2)}
    gradient = as_phi(np.full((2, 2), 1e-4))
    plain, damped = natural_gradient.descent(), natural_gradient.descent(damping=0.04)
    free, _ = plain.update(gradient, plain.init(phi), phi)
    held, _ = damped.update(gradient, damped.init(phi), phi)
    np.testing.assert_array_equal(held["log_concentration"], free["log_concentration"])
    np.testing.assert_allclose(held["log_rate"] / free["log_rate"], [0.2, 1 / 1.0004], rtol=1e-5)


def test_it_chains_like_any_optax_transformation():
    phi = {"log_concentration": jnp.zeros(3), "log_rate": jnp.zeros(3)}
    gradient = as_phi(np.full((3, 2), 0.1))
    alone = natural_gradient.descent()
    halved = optax.chain(natural_gradient.descent(), optax.scale(0.5))
    whole, _ = alone.update(gradient, alone.init(phi), phi)
    half, _ = halved.update(gradient, halved.init(phi), phi)
    np.testing.assert_allclose(half["log_rate"], whole["log_rate"] / 2)


def as_phi(gradient):
    """[d, 2] as a dictionary."""
    columns = jnp.asarray(gradient, jnp.float32).T
    return {"log_concentration": columns[0], "log_rate": columns[1]}
