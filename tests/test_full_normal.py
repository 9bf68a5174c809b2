"""FAST for a model of any kind: the normal with full covariance, its natural step, its start, and
how far it gets."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import posteriors
import pytest
from jax.scipy.stats import gamma as stats_gamma
from posteriors import Given, neutral
from scipy import stats

from helpers import inference, natural_gradient, newton
from helpers.distributions import FullNormal, Gamma, Normal, Product, poisson_log_mass

FACTOR = np.array([[2.0, 0.0, 0.0], [-1.0, 0.5, 0.0], [300.0, 20.0, 40.0]])
Q = FullNormal(np.array([1.0, -2.0, 500.0]), FACTOR)


# ---- the family ----------------------------------------------------------------------------------


def test_density_is_scipys():
    exact = stats.multivariate_normal(Q.mean, FACTOR @ FACTOR.T)
    draws = exact.rvs(20, random_state=0)
    ours = [Q.log_density(jnp.asarray(x)) for x in draws]
    np.testing.assert_allclose(ours, exact.logpdf(draws), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(Q.std, np.sqrt(np.diag(FACTOR @ FACTOR.T)))


def test_draws_have_its_moments():
    draws = np.asarray(Q.sample(jax.random.key(0), 40_000), float)
    noise = np.linalg.solve(FACTOR, (draws - Q.mean).T)  # standard normal, [3, draws]
    assert np.abs(noise.mean(axis=1)).max() < 5 / np.sqrt(40_000)
    assert np.abs(np.cov(noise) - np.eye(3)).max() < 5 * np.sqrt(2 / 40_000)


def test_phi_and_back():
    back = FullNormal.from_phi(Q.to_phi())
    np.testing.assert_allclose(back.mean, Q.mean, rtol=1e-6)
    np.testing.assert_allclose(back.cholesky, FACTOR, rtol=1e-5)


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (FullNormal(np.zeros(3), np.eye(2)), "wants a mean .d. and the lower"),
        (FullNormal(np.zeros(2), np.array([[1.0, 0.5], [0.5, 1.0]])), "not the covariance"),
        (FullNormal(np.zeros(2), np.diag([1.0, -1.0])), "diagonal must be a finite number above 0"),
        (FullNormal(np.array([0.0, np.nan]), np.eye(2)), "mean must be a finite number"),
    ],
)
def test_a_start_that_is_none_is_refused_in_one_sentence(start, sentence):
    with pytest.raises(ValueError, match=sentence):
        inference.fit(jax.random.key(0), Given(lambda z: -z @ z), start, inference.FAST)


# ---- the natural step ----------------------------------------------------------------------------


def test_a_step_solves_with_the_fisher_matrix():
    phi, d = Q.to_phi(), 3
    below = np.tril_indices(d, -1)

    def parts(x):
        unit_lower = jnp.zeros((d, d)).at[below].set(x[2 * d :])
        return {"mean": x[:d], "log_diagonal": x[d : 2 * d], "unit_lower": unit_lower}

    def kl(x):  # KL(Q || q_x)
        mean, factor = FullNormal.from_phi(parts(x))
        ratio = jnp.linalg.solve(factor, jnp.asarray(FACTOR))
        shift = jnp.linalg.solve(factor, mean - Q.mean)
        log_determinants = jnp.log(jnp.diagonal(factor)).sum()
        return ((ratio**2).sum() + (shift**2).sum()) / 2 + log_determinants

    x = jnp.concatenate([phi["mean"], phi["log_diagonal"], phi["unit_lower"][below]])
    fisher = np.asarray(jax.hessian(kl)(x), float)
    gradient = np.random.default_rng(0).normal(size=x.size)
    expected = -np.linalg.solve(fisher, gradient)
    whole = natural_gradient.descent(max_step=1e9).update(parts(jnp.asarray(gradient)), None, phi)
    step = whole[0]
    ours = np.concatenate([step["mean"], step["log_diagonal"], step["unit_lower"][below]])
    np.testing.assert_allclose(ours, expected, rtol=2e-3)


def test_a_step_is_bounded_and_damped():
    phi = Q.to_phi()
    gradient = jax.tree.map(jnp.ones_like, phi)
    steps = {
        (damping, most): natural_gradient.descent(damping, most).update(gradient, None, phi)[0]
        for damping, most in ((0.0, 1e9), (0.25, 1e9), (0.0, 0.5))
    }
    free, damped, bounded = (step["mean"] for step in steps.values())
    np.testing.assert_allclose(damped, free / 2, rtol=1e-5)  # 1 / (1 + (3 + 1) / 4)
    lengths = np.linalg.solve(FACTOR, bounded)  # in standard deviations
    assert np.abs(lengths).max() <= 0.5 * (1 + 1e-4)
    np.testing.assert_allclose(bounded / free, (bounded / free)[0], rtol=1e-4)


# ---- draws without a finite value ----------------------------------------------------------------


def test_where_all_is_finite_it_is_sticking_the_landing():
    model = Given(lambda z: -jnp.cosh(z / 300).sum())
    ours, theirs = (
        jax.value_and_grad(lambda phi, e=e: e(Q.from_phi(phi), model, jax.random.key(0), 32))(
            Q.to_phi()
        )
        for e in (inference.finite_landing, inference.sticking_the_landing)
    )
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4), ours, theirs)


@pytest.mark.parametrize("broken", ["value", "slope"])
def test_a_draw_without_a_finite_value_or_slope_is_left_out(broken):
    def log_joint(z):
        whole = -((z - 1) ** 2).sum() / 2
        if broken == "value":
            return jnp.where(z[0] > 1, -jnp.inf, whole)
        return whole + 0 * jnp.sqrt(jnp.where(z[0] > 1, 0.0, 1.0) * (1 + z[0] ** 2))  # slope: NaN

    q, key = neutral(2), jax.random.key(1)
    value, gradient = jax.value_and_grad(
        lambda phi: inference.finite_landing(q.from_phi(phi), Given(log_joint), key, 64)
    )(q.to_phi())
    draws = np.asarray(q.sample(key, 64))
    kept = draws[draws[:, 0] <= 1]
    assert 0 < len(kept) < 64
    log_ratios = -((kept - 1) ** 2).sum(axis=1) / 2 + (kept**2).sum(axis=1) / 2 + np.log(2 * np.pi)
    np.testing.assert_allclose(value, log_ratios.mean(), rtol=1e-5)
    np.testing.assert_allclose(gradient["mean"], [1.0, 1.0], rtol=1e-5)  # of each draw's slope


def test_no_draw_left_moves_nothing_and_says_nan():
    q = neutral(2)
    value, gradient = jax.value_and_grad(
        lambda phi: inference.finite_landing(
            q.from_phi(phi), Given(lambda z: z.sum() / 0.0), jax.random.key(0), 8
        )
    )(q.to_phi())
    assert np.isnan(value)
    assert all(np.all(entry == 0) for entry in jax.tree.leaves(gradient))


# ---- the start -----------------------------------------------------------------------------------


def test_newton_finds_the_mode_across_scales():
    mode, scale = jnp.array([25.0, 1e-3, -1e4]), jnp.array([5.0, 1e-4, 300.0])
    model = Given(lambda z: -jnp.log1p(((z - mode) / scale) ** 2).sum())
    phi = jax.jit(newton.start)(model, neutral(3))
    np.testing.assert_allclose((phi["mean"] - mode) / scale, 0, atol=1e-2)
    np.testing.assert_allclose(np.exp(phi["log_diagonal"]), scale / np.sqrt(2), rtol=1e-2)


def test_other_blocks_stay_where_they_are():
    model = Given(lambda draw: -((draw["z"] - draw["rates"].sum()) ** 2).sum())
    start = Product({"rates": Gamma(np.full(2, 1e6), np.full(2, 1e6)), "z": neutral(3)})
    phi = newton.start(model, start)
    np.testing.assert_array_equal(phi["rates"]["log_rate"], start.to_phi()["rates"]["log_rate"])
    np.testing.assert_allclose(phi["z"]["mean"], 0, atol=1e-2)  # ln 1 + ln 1
    np.testing.assert_allclose(np.exp(phi["z"]["log_diagonal"]), np.sqrt(0.5), rtol=1e-3)


def test_the_factor_of_an_inverse():
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(40, 4)) * [1.0, 1e3, 0.1, 1.0]
    precision = columns.T @ columns
    exact = np.linalg.cholesky(np.linalg.inv(precision))
    factor = newton.inverse_factor(jnp.asarray(precision))
    size = np.linalg.norm(exact, axis=1, keepdims=True)
    np.testing.assert_allclose(factor / size, exact / size, atol=1e-5)
    assert np.isnan(newton.inverse_factor(jnp.diag(jnp.array([1.0, -1.0])))).any()


def test_a_first_fit_compiles_the_model_five_times_and_a_second_never():
    seen = []

    def log_joint(z):
        seen.append(z)
        return -z @ z / 2

    model = Given(log_joint)
    for seed in range(2):
        inference.fit(jax.random.key(seed), model, neutral(2), inference.FAST)
    # a look at its shape; Newton's slope and curvature, and the search along a line; the better
    # start; the step
    assert len(seen) == 5


# ---- how far it gets -----------------------------------------------------------------------------

# The best ELBO of any full normal, by another program: tests/tools/best_normal.py, in float64.
BEST = {
    "eight_schools": -32.225,
    "kidiq": -1843.3417,
    "centred_schools": -33.285,
    "funnel": -1.337,
    "poisson": 3615.9385,
}
MODELS = posteriors.made()


@pytest.mark.parametrize("name", BEST)
def test_the_best_normal_is_reached_from_a_neutral_start(name):
    start = neutral(posteriors.SIZES[name])
    for seed in range(3):
        q, elbos = inference.fit(jax.random.key(seed), MODELS[name], start, inference.FAST)
        assert elbos.shape == (inference.correlated(len(q.mean)).num_steps,)
        gap = BEST[name] - posteriors.elbo(MODELS[name], *q)[0]
        assert -0.02 < gap < 0.05  # the best one is known to 0.002


@pytest.mark.parametrize("d", [1, 20])
def test_a_normal_posterior_is_found_exactly_however_far_and_ill_scaled(d):
    rng = np.random.default_rng(d)
    factor = np.linalg.qr(rng.normal(size=(d, d)))[0] * np.geomspace(1, 30, d)
    scale = np.geomspace(1e-3, 1e3, d)
    mean = 1e3 * scale * rng.normal(size=d)  # float32 keeps a mean to 1e-4 of its deviation
    exact = np.linalg.inv(factor @ factor.T / np.outer(scale, scale))
    whiten = jnp.asarray(factor.T / scale)
    model = Given(lambda z: -((whiten @ (z - mean)) ** 2).sum() / 2)
    q = inference.fit(jax.random.key(0), model, neutral(d), inference.FAST).surrogate
    ratio = np.linalg.solve(np.linalg.cholesky(exact), q.cholesky)
    shift = np.linalg.solve(np.linalg.cholesky(exact), q.mean - mean)
    kl = ((ratio**2).sum() - d + (shift**2).sum()) / 2 - np.log(np.abs(np.diagonal(ratio))).sum()
    assert 0 <= kl + 1e-9 < 0.01


class Visits(NamedTuple):
    """Poisson counts: a rate for each row, gamma; a regression of other counts, normal."""

    counts: np.ndarray  # [3]
    columns: np.ndarray  # [rows, 2]
    response: np.ndarray  # [rows]

    def log_joint(self, draw):
        log_prior = stats_gamma.logpdf(jnp.exp(draw["rates"]), 2.0).sum()
        log_mean = self.columns @ draw["beta"]
        regression = poisson_log_mass(self.response, log_mean).sum()
        return log_prior + poisson_log_mass(self.counts, draw["rates"]).sum() + regression


def test_gammas_beside_a_full_normal():
    rng = np.random.default_rng(3)
    columns = np.column_stack([np.ones(60), rng.uniform(20, 80, 60)])
    response = rng.poisson(np.exp(columns @ [0.5, 0.02]))
    model = Visits(np.array([3.0, 0.0, 11.0]), columns, response.astype(float))
    start = Product({"rates": Gamma(np.full(3, 2.0), np.ones(3)), "beta": neutral(2)})
    q = inference.fit(jax.random.key(0), model, start, inference.FAST).surrogate.blocks
    np.testing.assert_allclose(q["rates"].concentration, 2 + model.counts, rtol=1e-3)
    np.testing.assert_allclose(q["rates"].rate, 2.0, rtol=1e-3)
    alone = inference.fit(
        jax.random.key(1),
        Given(lambda z: poisson_log_mass(response, columns @ z).sum()),
        neutral(2),
        inference.FAST,
    ).surrogate
    np.testing.assert_allclose(q["beta"].mean, alone.mean, atol=0.05 * alone.std.min())
    np.testing.assert_allclose(q["beta"].std, alone.std, rtol=0.05)


def test_a_normal_beside_a_full_normal():
    model = Given(lambda draw: -((draw["a"] - 3) ** 2).sum() / 8 - (draw["b"] @ draw["b"]) / 2)
    start = Product({"a": Normal(np.zeros(2), np.ones(2)), "b": neutral(2)})
    q = inference.fit(jax.random.key(0), model, start, inference.FAST).surrogate.blocks
    np.testing.assert_allclose(q["a"].mean, 3, atol=0.01)
    np.testing.assert_allclose(q["a"].std, 2, rtol=0.01)
    np.testing.assert_allclose(q["b"].cholesky, np.eye(2), atol=0.01)
