"""Diagnostics against ArviZ on the same draws, against known values, and on fits known to be good
or broken."""

import warnings

import numpy as np
import pytest
from scipy import stats

from helpers import diagnostics
from helpers.distributions import Gamma

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # a word about its coming refactoring
    arviz = pytest.importorskip(
        "arviz", reason="ArviZ, of the dev set, is the independent implementation"
    )


def autoregressive(rng, chains, length, correlation):
    noise = rng.standard_normal((chains, length))
    draws = np.zeros((chains, length))
    draws[:, 0] = noise[:, 0]
    for t in range(1, length):
        draws[:, t] = correlation * draws[:, t - 1] + np.sqrt(1 - correlation**2) * noise[:, t]
    return draws


@pytest.mark.parametrize("shape", [-0.3, 0.1, 0.5, 0.9, 1.5])
@pytest.mark.parametrize("size", [200, 1000, 20_000])
def test_k_hat_and_weights_are_arvizs(shape, size):
    log_ratios = np.log(
        stats.genpareto.rvs(shape, size=size, random_state=int(10 * shape + size)) + 0.1
    )
    got = diagnostics.pareto_smoothed(log_ratios)
    weights, k_hat = arviz.psislw(log_ratios)
    assert got.k_hat == pytest.approx(float(k_hat), abs=0.02)
    np.testing.assert_allclose(
        np.exp(got.log_weights), np.exp(weights), atol=1e-3 * np.exp(weights).max()
    )


@pytest.mark.parametrize("shape", [0.2, 0.7, 1.2])
def test_the_pareto_fit_finds_the_shape_it_was_drawn_from(shape):
    draws = np.sort(stats.genpareto.rvs(shape, scale=3.0, size=50_000, random_state=1))
    got, scale = diagnostics.generalised_pareto_fit(draws)
    standard_error = (1 + shape) / np.sqrt(50_000)  # asymptotic, Smith (1987)
    assert abs(got - shape) < 4 * standard_error
    assert scale == pytest.approx(3.0, rel=0.05)


def test_the_pareto_fit_has_a_value_where_its_grid_meets_an_exponential():
    exceedances = np.array([1.0] * 8 + [2.0] * 4 + [3.0] * 4)  # steps of rounding look like this
    beside = exceedances * np.append(np.ones(15), 1 + 1e-9)
    np.testing.assert_allclose(
        diagnostics.generalised_pareto_fit(2**-52 * exceedances),
        np.multiply(diagnostics.generalised_pareto_fit(beside), [1, 2**-52]),
        rtol=1e-6,
    )
    shape, scale = diagnostics.generalised_pareto_fit(np.array([1e-310] * 3 + [1.0] * 2))
    assert shape > 10  # beyond what a float can hold between the first and the last
    assert scale > 0


def awkward_ratios(rng, size):
    """Log ratios that are equal, equal but for rounding, tied, or far apart: arrays [size]."""
    noise = rng.standard_normal(size)
    for constant in (0.0, 3.0, -20_130.0, 1e8, -1e300):
        yield np.full(size, constant)
        yield constant + 1e-16 * noise
        yield constant + np.spacing(constant) * rng.integers(0, 4, size)
        yield constant * (1 + 1e-12 * noise)
    for gap in (1e-16, 1e-8, 1.0, 300.0, 708.0, 745.0, 1e5):
        for share in (0.05, 0.2, 0.5, 0.95):
            yield np.where(rng.random(size) < share, gap, 0.0)
        yield np.floor(gap * rng.random(size))
        yield np.where(noise > 1, gap + noise.round(2), noise.round(1))
    for scale in (1e-300, 1e-17, 1.0, 1e3, 1e300):
        yield scale * noise
        yield scale * rng.standard_cauchy(size)
    yield np.where(noise > 0, 0.0, -np.inf)


@pytest.mark.parametrize("size", [1, 5, 24, 25, 26, 100, 1000])
def test_equal_tied_and_extreme_ratios_have_weights_and_a_k_hat(size):
    rng = np.random.default_rng(size)
    for log_ratios in [each for _ in range(5) for each in awkward_ratios(rng, size)]:
        log_weights, k_hat, effective_draws = diagnostics.pareto_smoothed(log_ratios)
        assert not np.isnan(k_hat)
        assert np.exp(log_weights).sum() == pytest.approx(1)
        # NaN where k-hat says that there are none to speak of
        assert 1 - 1e-9 < effective_draws < size + 1e-6 or k_hat == np.inf


def test_k_hat_of_a_perfect_fit_is_low_and_of_nan_is_infinite():
    assert diagnostics.pareto_smoothed(np.full(1000, 3.0)).k_hat == -np.inf
    log_ratios = np.zeros(1000)
    log_ratios[3] = np.nan
    assert diagnostics.pareto_smoothed(log_ratios).k_hat == np.inf
    assert diagnostics.pareto_smoothed(np.zeros(20)).k_hat == np.inf


@pytest.mark.parametrize("unit", [0.002, np.spacing(20_130.0)])  # of float32, of float64
def test_k_hat_is_low_where_rounding_makes_ratios_equal(unit):
    log_ratios = -20_130 + unit * np.random.default_rng(0).choice(
        [-1, 0, 1], p=[0.1, 0.4, 0.5], size=2000
    )
    assert diagnostics.pareto_smoothed(log_ratios).k_hat < 0.5


@pytest.mark.parametrize("spread", [1e3, 1e6])
def test_k_hat_is_infinite_where_q_and_p_do_not_overlap(spread):
    log_ratios = spread * np.random.default_rng(3).standard_normal(4000)
    assert diagnostics.pareto_smoothed(log_ratios).k_hat > 0.7
    assert diagnostics.pareto_smoothed(spread * 1e3 * np.arange(4000.0)).k_hat == np.inf


def test_a_constant_added_changes_neither_weights_nor_k_hat():
    log_ratios = np.random.default_rng(0).standard_normal(2000)
    one, other = (
        diagnostics.pareto_smoothed(log_ratios),
        diagnostics.pareto_smoothed(log_ratios - 20_000),
    )
    assert one.k_hat == pytest.approx(other.k_hat, abs=1e-6)
    assert np.exp(one.log_weights).sum() == pytest.approx(1)


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.5, 0.95])
@pytest.mark.parametrize(("chains", "length"), [(4, 1000), (2, 501), (1, 4000), (4, 40)])
def test_r_hat_and_ess_are_arvizs(correlation, chains, length):
    draws = autoregressive(np.random.default_rng(length), chains, length, correlation)
    assert diagnostics.effective_sample_size(draws) == pytest.approx(
        float(arviz.ess(draws)), rel=0.01
    )
    if chains > 1:  # ArviZ refuses one chain, which splitting makes two of
        assert diagnostics.r_hat(draws) == pytest.approx(float(arviz.rhat(draws)), rel=0.01)


def test_r_hat_sees_chains_in_different_places_and_of_different_spread():
    draws = np.random.default_rng(0).standard_normal((4, 500))
    assert diagnostics.r_hat(draws) < 1.01
    assert diagnostics.r_hat(draws + np.arange(4)[:, None]) > 1.2
    assert diagnostics.r_hat(draws * np.array([1, 1, 1, 5])[:, None]) > 1.05


def test_ess_of_an_autoregression_is_the_known_fraction():
    draws = autoregressive(np.random.default_rng(5), 8, 20_000, 0.8)
    assert diagnostics.effective_sample_size(draws) / draws.size == pytest.approx(
        (1 - 0.8) / (1 + 0.8), rel=0.1
    )


@pytest.mark.parametrize("draws", [np.zeros(10), np.zeros((2, 3)), np.zeros((2, 2, 10))])
@pytest.mark.parametrize("function", [diagnostics.r_hat, diagnostics.effective_sample_size])
def test_what_is_no_table_of_chains_is_refused(function, draws):
    with pytest.raises(ValueError, match="at least 4 draws a chain"):
        function(draws)


def test_the_band_holds_uniform_values_as_often_as_it_says():
    band = diagnostics.uniformity_band(300, level=0.9)
    rng = np.random.default_rng(123)
    inside = np.mean([diagnostics.is_uniform(rng.uniform(size=300), band) for _ in range(1000)])
    # Two sources of error: 1,000 trials here, 2,000 in the band's own calibration.
    standard_error = np.sqrt(0.9 * 0.1 * (1 / 1000 + 1 / 2000))
    assert inside > 0.9 - 4 * standard_error
    assert inside < 0.96  # counts are whole numbers, which makes the band a little wide


def test_the_band_refuses_what_is_not_uniform():
    band = diagnostics.uniformity_band(300)
    rng = np.random.default_rng(1)
    for shape in [(1.5, 1.5), (0.6, 0.6), (1.0, 1.5)]:  # too wide, too narrow, biased
        assert not diagnostics.is_uniform(rng.beta(*shape, size=300), band)


def test_sbc_ranks_of_the_exact_posterior_are_uniform_and_of_a_narrow_one_are_not():
    rng = np.random.default_rng(2)
    rates = rng.gamma(3.0, 1 / 0.5, size=400)
    counts = rng.poisson(rates)
    band = diagnostics.uniformity_band(400, level=0.999)
    exact = rng.gamma(3.0 + counts, 1 / 1.5, size=(199, 400)).T
    mean = (3.0 + counts)[:, None] / 1.5
    narrow = mean + 0.5 * (exact - mean)
    ranks = diagnostics.sbc_ranks(exact, rates)
    assert ranks.shape == (400,)
    assert ranks.max() <= 199
    assert diagnostics.is_uniform((ranks + 0.5) / 200, band)
    assert not diagnostics.is_uniform((diagnostics.sbc_ranks(narrow, rates) + 0.5) / 200, band)


def test_coverage_counts_and_states_its_error():
    got = diagnostics.coverage(np.array([0, 0, 2, 0]), np.array([2, 2, 3, 2]), np.ones(4))
    assert got == (0.75, np.sqrt(0.75 * 0.25 / 4))


def test_total_kl_sums_over_entries():
    q = Gamma(np.array([2.0, 3.0]), np.array([1.0, 1.0]))
    assert diagnostics.total_kl(q, q) == pytest.approx(0, abs=1e-12)
    p = Gamma(np.array([2.0, 3.0]), np.array([2.0, 1.0]))
    # One entry differs in its rate alone: KL = a (d/b - 1 - ln(d/b)).
    assert diagnostics.total_kl(q, p) == pytest.approx(2 * (2 - 1 - np.log(2)))


def test_statistics_of_images_are_those_of_numpy():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.poisson([9, 3, 16], (40, 3)), np.zeros(40, int)])
    x[:, 1] += x[:, 0] // 2
    found = {name: T(x) for name, T in diagnostics.image_statistics(x).items()}
    table = np.abs(np.corrcoef(x[:, :3].T))
    wanted = [x.mean(), np.cov(x.T).trace() / x.mean(axis=0).sum(), x.max(), (x == 0).sum() / 40]
    wanted += [(table.sum() - 3) / 6, np.mean(abs(np.clip(x, 0, 16) - 8) / 8)]
    np.testing.assert_allclose(list(found.values()), wanted)
    assert len(diagnostics.image_statistics(x[:2])) == 4


@pytest.mark.parametrize("odd", [np.inf, np.nan])
def test_k_hat_is_infinite_where_a_ratio_is_no_number_or_none_has_weight(odd):
    assert diagnostics.pareto_smoothed(np.append(np.zeros(999), odd)).k_hat == np.inf
    assert diagnostics.pareto_smoothed(np.full(1000, -np.inf)).k_hat == np.inf
    # one draw of no weight
    assert diagnostics.pareto_smoothed(np.append(np.zeros(999), -np.inf)).k_hat == -np.inf


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: diagnostics.pareto_smoothed([]), "log_ratios must be an array"),
        (lambda: diagnostics.pareto_smoothed(3.0), "log_ratios must be an array"),
        (lambda: diagnostics.pareto_smoothed(np.zeros((10, 10))), "log_ratios must be an array"),
        (lambda: diagnostics.coverage([], [], []), "one interval or more"),
        (lambda: diagnostics.uniformity_band(300, level=95), "level must be a probability"),
        (lambda: diagnostics.uniformity_band(300, level=np.nan), "level must be a probability"),
        (lambda: diagnostics.uniformity_band(0), "size must be a whole number"),
        (lambda: diagnostics.uniformity_band(1.5), "size must be a whole number"),
    ],
)
def test_empty_and_odd_inputs_get_a_sentence(call, says):
    with pytest.raises(ValueError, match=says):
        call()
