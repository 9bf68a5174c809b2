"""Every door by every kind of input: answered rightly, or refused in one line that says what is
wanted."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from helpers import (
    broken_fits,
    checks,
    data,
    diagnostics,
    distributions,
    inference,
    natural_gradient,
)
from helpers.distributions import Gamma
from helpers.models import autoencoder, categorical, classifier, factorisation, poisson_gamma

KEY = jax.random.key(0)
COUNTS = data.load_digit(0)[:6]  # [6, 64], 0 to 16
PRIOR = poisson_gamma.prior(data.domain_knowledge(0), 2.0)
BELIEVED = poisson_gamma.exact_posterior(poisson_gamma.condition(PRIOR, COUNTS))
TABLED = categorical.fit(COUNTS)
PARTS = factorisation.coordinate_ascent(KEY, COUNTS, factorisation.PRIOR, 2, 3)
CODED = inference.Fit(autoencoder.initial(KEY, COUNTS, 1, num_hidden=3), np.zeros(1))
WEIGHTS = classifier.initial(KEY)
BOARD = data.checkerboard()
SCORES = {
    "poisson_gamma": (poisson_gamma.log_score, BELIEVED),
    "categorical": (categorical.log_score, TABLED),
    "factorisation": (factorisation.log_score, PARTS),
    "autoencoder": (autoencoder.log_score, CODED),
}


def frame(values):
    return pytest.importorskip("pandas", reason="pandas comes with the dev set").DataFrame(values)


def leaves(answer):
    return np.concatenate([np.ravel(np.asarray(leaf, float)) for leaf in jax.tree.leaves(answer)])


def one_line(door, given, says="must be"):
    """The door refuses: ValueError, one sentence with a full stop."""
    with pytest.raises(ValueError, match=says) as caught:
        door(given)
    words = str(caught.value)
    assert words.endswith(".")
    assert len(words.splitlines()) == 1
    assert len(words) < 400


# Doors that take a table of counts, [images, 64].
TABLES = {
    "condition": lambda x: poisson_gamma.condition(PRIOR, x),
    "negative_binomial": lambda x: distributions.negative_binomial_log_mass(x, BELIEVED),
    "categorical.fit": categorical.fit,
    "coordinate_ascent": lambda x: factorisation.coordinate_ascent(
        KEY, x, factorisation.PRIOR, 2, 3
    ),
    "infer_weights": lambda x: factorisation.infer_weights(
        x, factorisation.PRIOR.weights, PARTS.surrogate.blocks["factors"], None, 3
    ),
    "initial": lambda x: autoencoder.initial(KEY, x, 1, num_hidden=3),
    "as_features": classifier.as_features,
    "predict": lambda x: classifier.predict(KEY, WEIGHTS, x, 2),
} | {
    name: lambda x, score=score, fitted=fitted: score(KEY, fitted, x, 2)
    for name, (score, fitted) in SCORES.items()
}
MASKED = np.ma.masked_array(COUNTS, COUNTS == 16)


def changed(value, kind=float):
    table = COUNTS.astype(kind)
    table[1, 2] = value
    return table


REFUSED = {
    "NaN": changed(np.nan),
    "inf": changed(np.inf),
    "negative": changed(-1),
    "bool": COUNTS > 3,
    "strings": COUNTS.astype(str),
    "masked": MASKED,
    "None": None,
    "ragged": [[1], [2, 3]],
    "objects": COUNTS.astype(object),
    "complex": COUNTS + 1j,
    "no pixels": np.zeros((3, 0)),
    "transposed": COUNTS.T,
}
SAME = {
    "float": COUNTS.astype(float),
    "float32": COUNTS.astype(np.float32),
    "uint8": COUNTS.astype(np.uint8),
    "int8": COUNTS.astype(np.int8),
    "float16": COUNTS.astype(np.float16),
    "uint64": COUNTS.astype(np.uint64),
    "list": COUNTS.tolist(),
    "pandas": lambda: frame(COUNTS),
    "Fortran": np.asfortranarray(COUNTS),
    "strided": np.repeat(COUNTS, 2, axis=0)[::2],
    "JAX": jnp.asarray(COUNTS),
    "nothing masked": np.ma.masked_array(COUNTS, False),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("name", TABLES)
def test_what_is_no_table_of_counts_is_refused(name, kind):
    if name in ("categorical.fit", "coordinate_ascent", "initial") and kind == "transposed":
        pytest.skip("these learn from tables of any width")
    if name == "negative_binomial" and kind == "no pixels":
        pytest.skip("its entries broadcast: an array of any shape")
    one_line(TABLES[name], REFUSED[kind])


@pytest.mark.parametrize("kind", SAME)
@pytest.mark.parametrize("name", TABLES)
def test_whole_numbers_of_every_kind_get_the_same_answer(name, kind):
    wanted = leaves(TABLES[name](COUNTS))
    given = SAME[kind]() if callable(SAME[kind]) else SAME[kind]
    np.testing.assert_allclose(leaves(TABLES[name](given)), wanted, rtol=1e-6)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_only_read(name):
    table = COUNTS.copy()
    table.setflags(write=False)
    TABLES[name](table)


@pytest.mark.parametrize("name", [n for n in TABLES if n not in ("as_features", "predict")])
def test_half_a_count_is_refused(name):
    one_line(TABLES[name], changed(2.5), "image 1, pixel 2 is 2.5")


@pytest.mark.parametrize("name", [n for n in TABLES if n not in ("coordinate_ascent", "initial")])
def test_no_images_is_an_answer_or_a_line(name):
    got = leaves(TABLES[name](np.zeros((0, 64), int)))
    assert np.isfinite(got).all()


@pytest.mark.parametrize(("kind", "most"), [("uint8", 255), ("int8", 127), ("uint16", 65_535)])
def test_the_limit_of_a_kind_of_integer_does_not_wrap(kind, most):
    table = np.full((3, 64), most, kind)
    assert poisson_gamma.condition(PRIOR, table).totals.tolist() == [3 * most] * 64
    got = distributions.negative_binomial_log_mass(table, BELIEVED)
    np.testing.assert_array_equal(
        got, distributions.negative_binomial_log_mass(table.astype(float), BELIEVED)
    )
    for door in (categorical.fit, classifier.as_features, TABLES["initial"]):
        one_line(door, table, "from 0 to 16; image 0, pixel 0 is")
    one_line(TABLES["condition"], np.full((1, 64), 2**53 + 1), "0 or more")


@pytest.mark.parametrize("width", [1, 63, 65, 128])
@pytest.mark.parametrize("name", SCORES)
def test_images_of_another_width_are_refused(name, width):
    one_line(TABLES[name], np.ones((2, width), int), rf"\[images, 64\].*\(2, {width}\)")
    one_line(TABLES[name], COUNTS[0], "table")


@pytest.mark.parametrize(
    "observed",
    [
        BOARD.astype(int),
        np.flatnonzero(BOARD),
        BOARD.astype(float),
        BOARD[:32],
        BOARD.reshape(8, 8),
        BOARD.astype(str),
        np.ma.masked_array(BOARD, BOARD),
        True,
        "all",
        [[True], [True, False]],
    ],
)
@pytest.mark.parametrize("name", SCORES)
def test_observed_pixels_are_true_or_false_for_each(name, observed):
    score, fitted = SCORES[name]
    says = "observed must be 64 values True or False"
    one_line(lambda it: score(KEY, fitted, COUNTS, 2, it), observed, says)


@pytest.mark.parametrize("kind", [list, lambda board: frame(board)[0], jnp.asarray])
@pytest.mark.parametrize("name", SCORES)
def test_observed_pixels_of_every_kind_get_the_same_score(name, kind):
    score, fitted = SCORES[name]
    np.testing.assert_array_equal(
        score(KEY, fitted, COUNTS, 2, kind(BOARD)), score(KEY, fitted, COUNTS, 2, BOARD)
    )


@pytest.mark.parametrize("name", SCORES)
def test_a_score_asks_for_what_its_own_fit_returns(name):
    score, own = SCORES[name]
    for other, (_, fitted) in SCORES.items():
        if other != name:
            one_line(lambda it: score(KEY, it, COUNTS, 2), fitted, "fitted")
    if name in ("factorisation", "autoencoder"):  # those that draw
        for bad in (0, 2.0, True):
            one_line(lambda n: score(KEY, own, COUNTS, n), bad, "num_draws must be")


BAD_GAMMAS = {
    "negative": Gamma(np.full(64, -1.0), 1.0),
    "zero": Gamma(np.ones(64), np.zeros(64)),
    "NaN": Gamma(np.full(64, np.nan), 1.0),
    "inf": Gamma(np.ones(64), np.inf),
    "strings": Gamma(np.full(64, "a"), 1.0),
    "masked": Gamma(np.ma.masked_array(np.ones(64), np.arange(64) == 3), 1.0),
    "bool": Gamma(np.ones(64, bool), 1.0),
    "two shapes": Gamma(np.ones(64), np.ones((64, 1))),
    "scalar": Gamma(1.0, 1.0),
    "no gamma": distributions.Normal(np.ones(64), 1.0),
    "a fit": inference.Fit(PRIOR, np.zeros(1)),
    "None": None,
}


@pytest.mark.parametrize("kind", BAD_GAMMAS)
def test_a_prior_is_a_gamma_with_entries(kind):
    one_line(lambda prior: poisson_gamma.condition(prior, COUNTS), BAD_GAMMAS[kind], "prior")
    one_line(lambda it: poisson_gamma.log_score(None, it, COUNTS), BAD_GAMMAS[kind], "fitted")


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.float32])
def test_whole_numbers_do_not_overflow_in_a_gamma(kind):
    small, plain = Gamma(kind(100), kind(100)), Gamma(100.0, 100.0)
    assert float(small.variance) == pytest.approx(0.01)
    assert float(small.mean) == 1.0
    assert distributions.kl_divergence(small, Gamma(kind(50), kind(2))) == pytest.approx(
        distributions.kl_divergence(plain, Gamma(50.0, 2.0))
    )
    assert distributions.gamma_log_density(small, 0.1) == pytest.approx(
        float(distributions.gamma_log_density(plain, 0.1)), rel=1e-5
    )
    assert distributions.negative_binomial_log_mass(kind(100), small) == pytest.approx(
        distributions.negative_binomial_log_mass(100.0, plain)
    )
    wide = Gamma(np.full(64, 100, kind), np.full(64, 100, kind))
    assert poisson_gamma.exact_posterior(poisson_gamma.condition(wide, COUNTS * 0 + 16)).mean[
        0
    ] == pytest.approx((100 + 96) / 106)
    np.testing.assert_allclose(
        small.sample(KEY, 5), Gamma(np.float32(100), np.float32(100)).sample(KEY, 5), rtol=1e-6
    )


def test_a_divergence_does_not_pair_every_entry_with_every_other():
    column = Gamma(np.ones((64, 1)), 1.0)
    one_line(lambda p: distributions.kl_divergence(PRIOR, p), column, "one shape")
    one_line(lambda p: diagnostics.total_kl(PRIOR, p), Gamma(np.ones(63), 1.0), "one shape")
    assert distributions.kl_divergence(PRIOR, Gamma(1.0, 1.0)).shape == (64,)


FIT = (poisson_gamma.condition(PRIOR, COUNTS), PRIOR)
BRIEF = inference.FAST._replace(num_steps=2)
KEYED = {
    "fit": lambda key: inference.fit(key, *FIT, BRIEF),
    "Gamma.sample": lambda key: PRIOR.sample(key, 2),
    "sample_log_gamma": lambda key: distributions.sample_log_gamma(key, np.ones(3)),
    "Normal.sample": lambda key: distributions.Normal(np.zeros(3), 1.0).sample(key, 2),
    "FullNormal.sample": lambda key: distributions.FullNormal(np.zeros(3), np.eye(3)).sample(
        key, 2
    ),
    "LogNormal.sample": lambda key: distributions.LogNormal(np.zeros(3), 1.0).sample(key, 2),
    "Product.sample": lambda key: WEIGHTS.sample(key, 2),
    "estimator": lambda key: inference.sticking_the_landing(PRIOR, FIT[0], key, 2),
    "start": lambda key: factorisation.start(key, COUNTS, 2),
    "coordinate_ascent": lambda key: factorisation.coordinate_ascent(
        key, COUNTS, factorisation.PRIOR, 2, 2
    ),
    "factorisation.log_score": lambda key: factorisation.log_score(key, PARTS, COUNTS, 2),
    "autoencoder.initial": lambda key: autoencoder.initial(key, COUNTS, 1, num_hidden=3),
    "autoencoder.fit": lambda key: autoencoder.fit(key, COUNTS, 1, num_steps=2),
    "autoencoder.log_score": lambda key: autoencoder.log_score(key, CODED, COUNTS, 2),
    "classifier.initial": lambda key: classifier.initial(key, 3),
    "predict": lambda key: classifier.predict(key, WEIGHTS, COUNTS, 2),
    "six_fits": lambda key: broken_fits.six_fits(key, *FIT),
}


@pytest.mark.parametrize("name", KEYED)
def test_a_key_is_made_by_jax(name):
    one_line(KEYED[name], 42, r"^key must be one random key, such as jax.random.key\(42\); got 42")
    several = jax.random.split(KEY, 3)
    for bad in (None, 1.5, "42", True, np.random.default_rng(0), several, np.zeros(2)):
        one_line(KEYED[name], bad, "^key must be one random key")


@pytest.mark.parametrize("name", [name for name in KEYED if name != "six_fits"])
def test_the_older_kind_of_key_gives_the_same(name):
    older = jax.random.PRNGKey(3)
    np.testing.assert_array_equal(
        leaves(KEYED[name](older)), leaves(KEYED[name](jax.random.key(3)))
    )


@pytest.mark.parametrize(
    ("door", "says"),
    [
        (lambda _: autoencoder.recipe(3, size=0), "size must be a whole number above 0; got 0"),
        (lambda _: autoencoder.recipe(0), "num_steps must be"),
        (lambda _: autoencoder.recipe(3, -0.1), "learning_rate must be a finite number above 0"),
        (lambda _: autoencoder.minibatches(2.5), "size must be"),
        (lambda _: autoencoder.initial(KEY, COUNTS, 1, num_hidden=0), "num_hidden must be"),
        (lambda _: classifier.initial(KEY, std=-1), "std must be a finite number above 0; got -1"),
        (lambda _: classifier.initial(KEY, std=np.nan), "std must be"),
        (lambda _: classifier.initial(KEY, 0), "num_hidden must be"),
        (lambda _: classifier.predict(KEY, WEIGHTS, COUNTS, 0), "num_draws must be"),
        (lambda _: inference.cooling(0, 0.5), "num_steps must be"),
        (lambda _: inference.cooling(5, 1.0), "ratio must be"),
        (lambda _: inference.robbins_monro(-1), "num_full must be"),
        (lambda _: natural_gradient.descent(-1.0), "damping must be a number, 0 or more; got -1.0"),
        (lambda _: natural_gradient.descent(0.1, 0), "max_step must be a finite number above 0"),
        (lambda _: inference.fit(KEY, *FIT, "FAST"), "recipe must be a Recipe"),
        (lambda _: inference.fit(KEY, FIT[0], inference.Fit(PRIOR, None), BRIEF), "its surrogate"),
        (lambda _: PRIOR.sample(KEY, 0), "num_samples must be a whole number above 0; got 0"),
        (lambda _: inference.reparameterised(PRIOR, FIT[0], KEY, 0), "num_samples must be"),
        (lambda _: inference.score_function(WEIGHTS, None, KEY, -1), "num_samples must be"),
        (lambda _: data.split(MASKED), "counts must be numeric"),
        (lambda _: data.split(COUNTS.astype(str)), "counts must be numeric"),
        (lambda _: diagnostics.coverage([1.0], [0.0], [0.5]), "may be exchanged"),
        (lambda _: diagnostics.coverage([0.0], [np.nan], [0.5]), "got a NaN"),
        (lambda _: diagnostics.coverage(["0"], [1.0], [0.5]), "lower must be numeric"),
        (lambda _: diagnostics.sbc_ranks(np.zeros((3, 5, 2)), np.zeros(3)), "truth"),
        (lambda _: diagnostics.sbc_ranks(np.full((3, 5), np.nan), np.zeros(3)), "NaN"),
        (lambda _: diagnostics.is_uniform([1.5], diagnostics.uniformity_band(1)), "0 and 1"),
        (lambda _: diagnostics.uniformity_band(5, num_points=0), "num_points must be"),
        (lambda _: diagnostics.generalised_pareto_fit(np.arange(9.0)), "exceedances must be"),
        (lambda _: diagnostics.pareto_smoothed(["1"] * 9), "log_ratios must be numeric"),
    ],
)
def test_sizes_spreads_and_draws_are_looked_at(door, says):
    one_line(door, None, says)


DRAWS = np.random.default_rng(0).normal(size=(4, 100))


@pytest.mark.parametrize("door", [diagnostics.r_hat, diagnostics.effective_sample_size])
def test_chains_the_wrong_way_round_are_seen(door):
    assert np.isfinite(door(DRAWS))
    assert door(np.asfortranarray(DRAWS)) == door(DRAWS)
    one_line(door, DRAWS.T, "pass draws.T")
    for bad in (np.full((4, 100), np.nan), np.ones((4, 100)), DRAWS > 0, DRAWS.astype(str)):
        one_line(door, bad, "draws must be")
    one_line(door, np.ma.masked_array(DRAWS, DRAWS > 2), "masked")


def test_at_a_rate_of_zero_masses_and_densities_are_their_limits():
    mass = distributions.poisson_log_mass(np.array([0, 3]), jnp.array([-jnp.inf, -jnp.inf]))
    np.testing.assert_allclose(mass, [0.0, -np.inf], atol=1e-6)  # float32
    slope = jax.grad(lambda log_rate: distributions.poisson_log_mass(0, log_rate))(-jnp.inf)
    assert slope == 0  # of -exp(log_rate)
    gammas = Gamma(np.array([0.5, 1.0, 2.0]), np.full(3, 3.0))
    density = distributions.gamma_log_density(gammas, jnp.full(3, -jnp.inf))
    np.testing.assert_allclose(density, [np.inf, np.log(3.0), -np.inf], rtol=1e-6)


def test_k_hat_has_the_effective_number_of_draws_beside_it():
    """A q ten times too wide has the lightest of tails, and few draws that count."""
    rng = np.random.default_rng(0)
    wide = rng.normal(0, 10, 4_000)
    log_ratios = wide**2 / 200 - wide**2 / 2
    smoothed = diagnostics.pareto_smoothed(log_ratios)
    assert smoothed.k_hat < 0.7
    weights = np.exp(smoothed.log_weights)
    assert smoothed.effective_draws == pytest.approx(1 / (weights**2).sum())
    assert smoothed.effective_draws < 1_000
    assert diagnostics.pareto_smoothed(np.zeros(1_000)).effective_draws == pytest.approx(1_000)
    assert np.isnan(diagnostics.pareto_smoothed(np.full(1_000, np.nan)).effective_draws)


def test_observed_may_be_left_out():
    assert checks.observed(None, 3).tolist() == [True] * 3
