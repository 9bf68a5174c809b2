"""Poisson factorisation: fixed points against loops and quadrature, scores against sums, and what
is refused."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy import integrate, special, stats

from helpers import data, distributions, inference
from helpers.distributions import Gamma
from helpers.models import factorisation, poisson_gamma
from helpers.models.factorisation import PRIOR, Prior, coordinate_ascent, infer_weights, log_score

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
SMALL = RNG.poisson(3.0, (5, 4))


def blocks(fit):
    return fit.surrogate.blocks["weights"], fit.surrogate.blocks["factors"]


@pytest.mark.parametrize("num_components", [1, 2, 8, 70])  # more than pixels, too
@pytest.mark.parametrize(
    "counts", [SMALL, SMALL[:1], np.zeros((3, 4), int), data.load_digit(0)[:20]]
)
def test_the_elbo_never_falls(counts, num_components):
    fit = coordinate_ascent(KEY, counts, PRIOR, num_components, 100)
    assert np.diff(fit.elbos).min() > -1e-10 * np.abs(fit.elbos).max() - 1e-10
    w, h = blocks(fit)
    assert w.concentration.shape == (len(counts), num_components)
    assert h.rate.shape == (num_components, counts.shape[1])
    assert np.all(np.isfinite(np.concatenate([each.ravel() for each in (*w, *h)])))


def test_a_fixed_point_by_loops():
    """The complete conditionals, written out count by count."""
    w, h = blocks(coordinate_ascent(KEY, SMALL, PRIOR, 2, 5_000))
    mean_log = [special.digamma(g.concentration) - np.log(g.rate) for g in (w, h)]
    shares = np.zeros((5, 4, 2))
    for i, j in itertools.product(range(5), range(4)):
        share = np.exp(mean_log[0][i] + mean_log[1][:, j])
        shares[i, j] = SMALL[i, j] * share / share.sum()
    np.testing.assert_allclose(
        w.concentration, PRIOR.weights.concentration + shares.sum(axis=1), rtol=1e-4
    )
    np.testing.assert_allclose(
        h.concentration, PRIOR.factors.concentration + shares.sum(axis=0).T, rtol=1e-4
    )
    expected = PRIOR.weights.rate + h.mean.sum(axis=1)
    np.testing.assert_allclose(w.rate, np.broadcast_to(expected, w.rate.shape), rtol=1e-4)
    expected = PRIOR.factors.rate + w.mean.sum(axis=0)
    np.testing.assert_allclose(h.rate, np.broadcast_to(expected[:, None], h.rate.shape), rtol=1e-4)


@pytest.mark.parametrize("num_components", [1, 3])
def test_the_closed_form_is_below_the_sampled_elbo_and_equal_for_one_component(num_components):
    """One component has one latent count: x itself. Then both bounds are the same."""
    fit = coordinate_ascent(KEY, SMALL, PRIOR, num_components)
    ratios = 0
    draws = []
    for q, prior in zip(blocks(fit), PRIOR, strict=True):
        x = RNG.gamma(q.concentration, 1 / q.rate, (20_000, *q.rate.shape))
        log_p, log_q = (
            stats.gamma.logpdf(x, g.concentration, scale=1 / g.rate) for g in (prior, q)
        )
        ratios = ratios + (log_p - log_q).sum(axis=(1, 2))
        draws.append(x)
    ratios = ratios + stats.poisson.logpmf(SMALL, draws[0] @ draws[1]).sum(axis=(1, 2))
    ahead = (ratios.mean() - fit.elbos[-1]) / (ratios.std() / np.sqrt(len(ratios)))
    assert ahead > 5 if num_components > 1 else abs(ahead) < 5


def test_the_log_joint_is_the_one_of_scipy():
    w, h = RNG.gamma(1.0, size=(5, 2)), RNG.gamma(1.0, size=(2, 4))
    wanted = stats.poisson.logpmf(SMALL, w @ h).sum()
    for x, prior in ((w, PRIOR.weights), (h, PRIOR.factors)):
        wanted += stats.gamma.logpdf(x, prior.concentration, scale=1 / prior.rate).sum()
    draw = {"weights": jnp.log(w), "factors": jnp.log(h)}
    assert factorisation.Factorisation(PRIOR, SMALL).log_joint(draw) == pytest.approx(
        wanted, rel=1e-5
    )


def test_the_general_fit_reaches_coordinate_ascent():
    """Without latent counts its bound is tighter; within half a nat an image it must not be
    below."""
    train = data.reference_split(0).train
    start = jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), factorisation.start(KEY, train, 8))
    recipe = inference.Recipe(
        optax.adam(optax.cosine_decay_schedule(0.1, 1000)), 1000, 4, inference.sticking_the_landing
    )
    model = factorisation.Factorisation(PRIOR, jnp.asarray(train, jnp.float32))
    elbos = np.asarray(inference.fit(KEY, model, start, recipe).elbos)
    assert elbos[-100:].mean() > coordinate_ascent(KEY, train, PRIOR, 8).elbos[-1] - 0.5 * len(
        train
    )


def narrow(values):
    """A fit whose factors are known: the score is then an integral over the weights alone."""
    values = np.asarray(values, float)
    q = distributions.Product(
        {"weights": Gamma(1.0, 1.0), "factors": Gamma(values * 1e8, np.full(values.shape, 1e8))}
    )
    return factorisation.Fit(q, np.zeros(1), Prior(Gamma(1.5, 0.7), PRIOR.factors))


@pytest.mark.parametrize("observed", [None, np.array([True, False])])
def test_a_score_of_one_component_is_an_integral(observed):
    h, images = np.array([2.0, 5.0]), np.array([[3, 9], [0, 0], [5, 1]])
    keep = np.ones(2, bool) if observed is None else ~observed

    def marginal(x, h):
        def mass(w):
            log_likelihood = stats.poisson.logpmf(x, w * h).sum()
            return np.exp(log_likelihood + stats.gamma.logpdf(w, 1.5, scale=1 / 0.7))

        return integrate.quad(mass, 0, 60, limit=200)[0]

    wanted = [np.log(marginal(x, h)) for x in images]
    if observed is not None:
        wanted = [
            a - np.log(marginal(x[observed], h[observed]))
            for a, x in zip(wanted, images, strict=True)
        ]
    assert keep.any()
    np.testing.assert_allclose(
        log_score(KEY, narrow([h]), images, 20_000, observed), wanted, atol=0.05
    )


def test_scores_are_those_of_a_distribution():
    """Over all values of two pixels the probabilities add up to 1, up to Monte Carlo error."""
    fit = coordinate_ascent(
        KEY, np.array([[1, 2], [0, 1], [2, 0]]), Prior(Gamma(2.0, 2.0), Gamma(2.0, 2.0)), 2
    )
    grid = np.array(list(itertools.product(range(25), repeat=2)))
    assert np.exp(log_score(KEY, fit, grid, 2_000)).sum() == pytest.approx(1, abs=0.05)


def test_hidden_pixels_are_not_looked_at():
    split = data.reference_split(0)
    board = data.checkerboard()
    h = blocks(coordinate_ascent(KEY, split.train, PRIOR, 4, 50))[1]
    scrambled = np.where(board, split.test, 16 - split.test)
    for a, b in zip(
        *(infer_weights(x, PRIOR.weights, h, board) for x in (split.test, scrambled)), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_it_completes_better_than_independent_pixels():
    """The gain on the reference split, far outside of its standard error."""
    split = data.reference_split(0)
    board = data.checkerboard()
    fit = coordinate_ascent(KEY, split.train, PRIOR, 8)
    prior = poisson_gamma.prior(data.domain_knowledge(0), 2.0)
    alone = poisson_gamma.exact_posterior(poisson_gamma.condition(prior, split.train))
    gain = log_score(KEY, fit, split.test, observed=board) - poisson_gamma.log_score(
        None, alone, split.test, observed=board
    )
    assert gain.mean() > 5 * gain.std(ddof=1) / np.sqrt(len(gain))


@pytest.mark.parametrize("num_components", [0, -1, 2.0, True, None])
def test_a_bad_number_of_components_is_refused(num_components):
    with pytest.raises(ValueError, match="num_components must be a whole number, 1 or more"):
        coordinate_ascent(KEY, SMALL, PRIOR, num_components)


@pytest.mark.parametrize(
    "counts", [SMALL[:0], SMALL[0], SMALL - 20, SMALL + 0.5, np.full((2, 2), np.nan)]
)
def test_bad_counts_are_refused(counts):
    with pytest.raises(ValueError, match="counts must be a table"):
        coordinate_ascent(KEY, counts, PRIOR, 2)


@pytest.mark.parametrize("concentration", [1e-2, 1e-3, 1e-4])
@pytest.mark.parametrize("num_components", [1, 3, 20])
@pytest.mark.parametrize("counts", [SMALL, np.zeros((3, 4), int), data.load_digit(0)[:30]])
def test_tiny_concentrations_leave_float64_and_not_the_climb(counts, num_components, concentration):
    """exp(digamma(0.001)) is 0 in float64: shares of it are found by logs."""
    prior = Prior(Gamma(concentration, concentration), Gamma(concentration, concentration))
    fit = coordinate_ascent(KEY, counts, prior, num_components, 60)
    assert np.diff(fit.elbos).min() > -1e-10 * np.abs(fit.elbos).max() - 1e-10
    w, h = blocks(fit)
    # every count is shared out, none twice
    parts = (w.concentration - concentration).sum(axis=1)
    np.testing.assert_allclose(parts, counts.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(
        (h.concentration - concentration).sum(axis=0), counts.sum(axis=0), rtol=1e-9
    )
    again = infer_weights(counts, prior.weights, h)
    np.testing.assert_allclose(
        (again.concentration - concentration).sum(axis=1), counts.sum(axis=1), rtol=1e-9
    )
    assert np.isfinite(log_score(KEY, fit, counts, 20)).all()


def test_a_prior_of_another_kind_is_refused():
    for prior, says in (
        (PRIOR.weights, "prior must be a factorisation.Prior; got Gamma"),
        (Prior(PRIOR.weights, Gamma(-1.0, 1.0)), "prior.factors.concentration must be finite and"),
        (Prior(PRIOR.weights, Gamma(np.ones(3), 1.0)), r"shape \(\) or \(4,\); got \(3,\)"),
        (Prior(Gamma(np.ones(2), 1.0), PRIOR.factors), r"prior.weights must have shape \(\); got"),
    ):
        with pytest.raises(ValueError, match=says):
            coordinate_ascent(KEY, SMALL, prior, 2)
    by_pixel = Prior(PRIOR.weights, Gamma(np.array([0.3, 0.3, 3.0, 0.3]), 0.1))
    assert np.diff(coordinate_ascent(KEY, SMALL, by_pixel, 2).elbos).min() > -1e-9


@pytest.mark.parametrize("num_steps", [0, -1, 2.0, True, None])
def test_no_step_is_no_fit(num_steps):
    with pytest.raises(ValueError, match="num_steps must be a whole number above 0"):
        coordinate_ascent(KEY, SMALL, PRIOR, 2, num_steps)


def test_small_concentrations_stay_finite():
    fit = coordinate_ascent(KEY, SMALL, Prior(Gamma(0.01, 0.01), Gamma(0.01, 0.01)), 3)
    assert np.all(np.isfinite(fit.elbos))
    assert np.all(np.isfinite(log_score(KEY, fit, SMALL)))
