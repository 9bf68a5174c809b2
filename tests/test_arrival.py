"""The report on a fit of any model: what it must notice, and silence where all is well."""

import itertools
import re

import jax
import jax.numpy as jnp
import numpy as np
import posteriors
import pytest
from posteriors import Given, neutral

from helpers import arrival, inference
from helpers.distributions import FullNormal


def round_hill(z):
    return -z @ z / 2


# log joint, number of unknowns, and the words that one of its faults must say
TROUBLE = {
    "flat": (lambda z: -(z[0] ** 2) / 2, 2, r"still wants to move .* in z\[2\]"),
    "two modes": (
        lambda z: jnp.logaddexp(-2 * (z[0] - 4) ** 2, -2 * (z[0] + 4) ** 2),
        1,
        "3 starts end .* deviations apart",
    ),
    "blind": (
        lambda z: round_hill(z) + jnp.where(z[1] > 1.5, jnp.nan, 0.0) * z[1],
        3,
        r"of 4,000 draws have no finite .* look at z\[2\]",
    ),
    "cut off": (
        lambda z: jnp.where(z[2] > 1.5, -jnp.inf, round_hill(z)),
        3,
        r"of 4,000 draws have no finite .* look at z\[3\]",
    ),
    "huge": (lambda z: round_hill(z) + 3e7, 2, "float32 rounds it by"),
    "noise": (
        lambda z: (0.4 * z - jnp.exp(z)).sum(),
        16,
        r"the best full normal is about .* inference\.correlated\(128\)",
    ),
    "long tails": (lambda z: -0.7 * jnp.log1p(z**2).sum(), 9, "k-hat is .* above 0.7"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_fault_is_named(name):
    log_joint, d, words = TROUBLE[name]
    report = arrival.report(jax.random.key(0), Given(log_joint), neutral(d))
    assert any(re.search(words, fault) for fault in report.faults), report.faults
    assert all(fault in str(report) for fault in report.faults)


def test_no_fault_is_found_where_there_is_none():
    report = arrival.report(
        jax.random.key(0), posteriors.made()["kidiq"], neutral(4), ["a", "hs", "iq", "ln sigma"]
    )
    assert report.faults == ()
    assert str(report).endswith("a mode was found\narrived")
    assert report.num_finite == report.num_draws == 4_000
    assert abs(report.elbo + 1843.3417) < 4 * report.standard_error + 0.02


def skewed(z):
    """Independent logarithms of gammas of concentration 1."""
    return (z - jnp.exp(z)).sum()


def skewed_gap(q):
    """How far below the ELBO of the best full normal q is, in closed form: nats."""
    variances = (q.cholesky**2).sum(axis=1)
    elbo = (q.mean - np.exp(q.mean + variances / 2)).sum() + np.log(q.cholesky.diagonal()).sum()
    return -1.5 * len(q.mean) - elbo  # the best has deviation 1 and mean -1/2


def test_a_hundred_unknowns_are_found_and_what_noise_is_left_is_said():
    report = arrival.report(jax.random.key(0), Given(skewed), neutral(100))
    gap = skewed_gap(report.surrogate)
    assert gap < 0.08  # at one draw an unknown it is NaN
    assert report.to_gain == pytest.approx(gap, rel=0.3)


def test_ten_unknowns_leave_nothing_to_gain():
    report = arrival.report(jax.random.key(0), Given(skewed), neutral(10))
    assert abs(report.to_gain - skewed_gap(report.surrogate)) < 0.01
    assert skewed_gap(report.surrogate) < 0.02


def test_a_density_without_a_mode_is_said_to_have_none():
    report = arrival.report(jax.random.key(0), posteriors.made()["centred_schools"], neutral(10))
    assert np.isnan(report.mode_slope)
    assert "no mode" in str(report)
    assert any("k-hat" in fault for fault in report.faults)


@pytest.mark.parametrize("d", [30, 60])
def test_many_very_skewed_unknowns_are_never_silently_wrong(d):
    c = 0.4  # logarithms of gammas of this concentration
    model = Given(lambda z: (c * z - jnp.exp(z)).sum())
    report = arrival.report(jax.random.key(0), model, neutral(d))
    mean, factor = report.surrogate
    variances = (factor**2).sum(axis=1)
    elbo = (c * mean - np.exp(mean + variances / 2)).sum() + np.log(factor.diagonal()).sum()
    best = d * (c * (np.log(c) - 1 / (2 * c)) - c - np.log(c) / 2)  # at variance 1 / c
    assert best - elbo > 0.05  # not there
    for words in ("still wants to move by .* deviations", "starts end .* apart", "k-hat is .*"):
        assert any(re.search(words, fault) for fault in report.faults), words


# ELBOs of the best full normal: of the Poisson regression see test_full_normal, of the other by
# tests/tools/best_normal.py too.
FAR = {"logistic": -135.609, "poisson": 3615.9385}


def faults_of(model, start):
    """What the report says against its fit, or that there is none to look at; and the fit."""
    try:
        report = arrival.report(jax.random.key(0), model, start, num_starts=2)
    except ValueError as error:
        if "begin where model.log_joint(initial.mean) is finite" in str(error):
            return (str(error),), None
        raise
    return report.faults, report.surrogate


@pytest.mark.parametrize("name", FAR)
def test_from_far_off_it_arrives_or_says_that_it_did_not(name):
    model, d = posteriors.made()[name], posteriors.SIZES[name]
    near = inference.fit(jax.random.key(0), model, neutral(d), inference.FAST).surrogate

    def gap(q):
        with np.errstate(all="ignore"):  # float64 overflows as well, so far off
            return FAR[name] - posteriors.elbo(model, *q, 20_000)[0]

    arrived = 0
    for away, scale in itertools.product((50.0, -30.0), (0.01, 10.0)):
        for mean in (near.mean + away * near.std, np.full(d, away)):
            start = FullNormal(mean, scale * np.eye(d))
            q = inference.fit(jax.random.key(1), model, start, inference.FAST).surrogate
            if gap(q) < 0.05:
                arrived += 1
                continue
            faults, q = faults_of(model, start)
            assert faults or gap(q) < 0.05
    assert arrived >= {"logistic": 8, "poisson": 4}[name]


@pytest.mark.parametrize(
    ("log_joint", "start", "names", "words"),
    [
        (lambda z: z.sum() * jnp.nan, neutral(2), None, "none of 4,000 draws"),
        (round_hill, neutral(2), ["a"], "names must be 2"),
        (round_hill, {"mean": 0}, None, "must be a FullNormal; got dict"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(log_joint, start, names, words):
    with pytest.raises(ValueError, match=words):
        arrival.report(jax.random.key(0), Given(log_joint), start, names)
