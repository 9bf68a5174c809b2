"""The pumps' exact posterior against SciPy's quadrature, other units, and a sampler's means."""

import jax
import numpy as np
import pytest
from scipy import integrate, stats

from helpers.distributions import Gamma
from helpers.models import groups

FAILURES = np.array([5, 1, 5, 14, 3, 19, 1, 1, 4, 22])
HOURS = np.array([94.3, 15.7, 62.9, 126, 5.24, 31.4, 1.05, 1.05, 2.1, 10.5])
PUMPS = groups.condition(FAILURES, HOURS)
LOG_JOINT = jax.jit(PUMPS.log_joint)


def test_the_log_joint_is_that_of_the_rates_integrated_out():
    alpha, beta = 0.7, 0.9
    rates = [
        integrate.quad(
            lambda theta, x=x, t=t: (
                stats.gamma.pdf(theta, alpha, scale=1 / beta) * stats.poisson.pmf(x, theta * t)
            ),
            0,
            np.inf,
        )[0]
        for x, t in zip(FAILURES[:3], HOURS[:3], strict=True)
    ]
    log_prior = stats.expon.logpdf(alpha) + stats.gamma.logpdf(beta, 0.1)
    wanted = np.log(rates).sum() + log_prior + np.log(alpha * beta)  # a density of the logs
    three = groups.condition(FAILURES[:3], HOURS[:3])
    assert three.log_joint(np.log([alpha, beta])) == pytest.approx(wanted, rel=1e-5)  # float32


def test_the_grid_agrees_with_itself_and_with_quadrature():
    grid = groups.on_grid(PUMPS)
    assert grid.mass.sum() == pytest.approx(1)
    assert grid.log_evidence == pytest.approx(groups.on_grid(PUMPS, 601).log_evidence, abs=1e-8)

    def joint(log_beta, log_alpha):
        return np.exp(float(LOG_JOINT(np.array([log_alpha, log_beta]))) + 36)

    value = integrate.dblquad(joint, -2.5, 1.2, -4, 2.5, epsrel=1e-4)[0]
    assert np.log(value) - 36 == pytest.approx(grid.log_evidence, abs=2e-3)  # float32, cut off


def test_it_meets_the_means_of_a_gibbs_sampler_that_others_ran():
    # OpenBUGS, Examples, Volume I, Pumps: mean and Monte Carlo error
    published = {"alpha": (0.6919, 0.003669), "beta": (0.9210, 0.007195)}
    grid = groups.on_grid(PUMPS)
    mean = {
        "alpha": np.exp(grid.log_alpha) @ grid.mass.sum(axis=1),
        "beta": np.exp(grid.log_beta) @ grid.mass.sum(axis=0),
    }
    for name, (value, error) in published.items():
        assert abs(mean[name] - value) < 4 * error


def test_a_change_of_units_changes_the_unit_alone():
    in_hours = groups.condition(FAILURES, 1000 * HOURS, Gamma(0.1, 1e-3))
    ours, theirs = groups.on_grid(PUMPS), groups.on_grid(in_hours)
    assert theirs.log_evidence == pytest.approx(ours.log_evidence, abs=1e-8)
    assert np.exp(theirs.log_beta) @ theirs.mass.sum(axis=0) == pytest.approx(
        1000 * np.exp(ours.log_beta) @ ours.mass.sum(axis=0)
    )


def test_rates_given_the_law_have_their_closed_form():
    rates = groups.rates_given(PUMPS, np.zeros(2), np.log([1.0, 3.0]))
    assert rates.concentration[0].tolist() == (1 + FAILURES).tolist()
    assert rates.rate[1] == pytest.approx(3 + HOURS)


@pytest.mark.parametrize(
    ("counts", "exposures", "words"),
    [
        ([1, -1], [1.0, 1.0], "counts"),
        ([1.5], [1.0], "counts"),
        ([], [], "counts"),
        ([1, 2], [1.0], "exposures"),
        ([1, 2], [1.0, 0.0], "exposures"),
        ([1, 2], [1.0, np.inf], "exposures"),
    ],
)
def test_what_is_no_table_of_groups_stops_with_a_sentence(counts, exposures, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        groups.condition(counts, exposures)


def test_groups_that_say_too_little_are_not_read_off_a_grid():
    for counts in (FAILURES[:1], 0 * FAILURES):
        with pytest.raises(ValueError, match="say too little"):
            groups.on_grid(groups.condition(counts, HOURS[: len(counts)]))
