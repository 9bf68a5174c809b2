"""The reader's tools tell broken fits from a good one: which diagnostic flags which, on the page's own model."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from helpers import broken_fits, data, diagnostics, distributions, inference
from helpers.models import poisson_gamma

NUM_DRAWS = 4000
BROKEN = ("stopped early", "learning rate too high", "rate and scale swapped", "wrong family", "log-Jacobian missing")


@pytest.fixture(scope="module")
def problem():
    prior = poisson_gamma.prior(data.domain_knowledge(0), 2.0)
    return prior, poisson_gamma.condition(prior, data.load_digit(0))


@pytest.fixture(scope="module", params=[0, 1])
def candidates(problem, request):
    """Two runs of the six fits: a verdict must not hang on one key."""
    prior, model = problem
    return {one.name: one for one in broken_fits.six_fits(jax.random.key(request.param), model, prior)}


def k_hat(candidate, model):
    _, log_ratios = broken_fits.log_ratios(jax.random.key(7), candidate.surrogate, model, NUM_DRAWS)
    return diagnostics.pareto_smoothed(log_ratios).k_hat


def distance(candidate, model):
    """How far draws are from those of a sampler, in mean and log spread of ln theta, at the worst pixel."""
    exact = poisson_gamma.exact_posterior(model)
    theirs = np.asarray(distributions.sample_log_rates(jax.random.key(8), exact, NUM_DRAWS))
    mine = np.asarray(candidate.surrogate.sample(jax.random.key(9), NUM_DRAWS))
    shift = (mine.mean(axis=0) - theirs.mean(axis=0)) / theirs.std(axis=0)
    stretch = np.log(mine.std(axis=0) / theirs.std(axis=0))
    return max(np.abs(shift).max(), np.abs(stretch).max())


def test_the_six_are_the_six(candidates):
    assert tuple(candidates) == (*BROKEN, "nothing wrong")
    assert [one.is_broken for one in candidates.values()] == [True] * 5 + [False]


def test_a_second_call_compiles_nothing(candidates, problem):
    prior, model = problem
    compiled = inference._fit._cache_size()
    broken_fits.six_fits(jax.random.key(9), model, prior)
    assert inference._fit._cache_size() == compiled


# A learning rate too high leaves q where chance put it, often too wide, which k-hat can't see; and the wrong family is
# so near that k-hat is about at its limit. The second opinion is there for both.
@pytest.mark.parametrize("name", ["stopped early", "rate and scale swapped", "log-Jacobian missing"])
def test_k_hat_flags_three_beyond_doubt(candidates, problem, name):
    assert k_hat(candidates[name], problem[1]) > 0.9


@pytest.mark.parametrize("name", BROKEN)
def test_a_second_opinion_flags_every_broken_fit(candidates, problem, name):
    assert distance(candidates[name], problem[1]) > 0.2


def test_neither_flags_the_good_fit(candidates, problem):
    good = candidates["nothing wrong"]
    assert k_hat(good, problem[1]) < 0.5
    # Mean and log spread of 4,000 draws each err by about 0.02; 64 pixels, two numbers: five of those.
    assert distance(good, problem[1]) < 0.2


def test_calibration_of_the_whole_procedure():
    """300 data sets drawn from the model: FAST passes, a fit that was stopped early and data counted twice do not."""
    prior = poisson_gamma.prior(data.domain_knowledge(0), 2.0)
    images, sets = 5, 300
    template = poisson_gamma.condition(prior, np.zeros((images, 64), int))
    truth_key, fit_key, rank_key = jax.random.split(jax.random.key(11), 3)
    log_truth = np.asarray(distributions.sample_log_rates(truth_key, prior, sets), dtype=float)
    totals = np.random.default_rng(11).poisson(images * np.exp(log_truth)).astype(float)
    band = diagnostics.uniformity_band(sets * 64, level=0.999)

    def verdict_and_coverage(recipe, times=1):
        fits = []
        for key, total in zip(jax.random.split(fit_key, sets), totals, strict=True):
            model = template._replace(totals=times * total, num_images=times * template.num_images)
            fits.append(inference.fit(key, model, prior, recipe).surrogate)
        q = distributions.Gamma(*(jnp.stack(field) for field in zip(*fits, strict=True)))
        draws = np.moveaxis(np.asarray(distributions.sample_log_rates(rank_key, q, 99)), 0, 1)
        ranks = diagnostics.sbc_ranks(draws, log_truth)
        inside = diagnostics.coverage(*distributions.credible_interval(q, 0.9), np.exp(log_truth))
        return diagnostics.is_uniform((ranks + 0.5) / 100, band), inside

    passes, inside = verdict_and_coverage(inference.FAST)
    assert passes
    assert abs(inside.fraction - 0.9) < 4 * np.sqrt(0.9 * 0.1 / (sets * 64))
    hasty = inference.ARTICLE._replace(num_steps=60, num_samples=16)
    assert not verdict_and_coverage(hasty)[0]
    passes, inside = verdict_and_coverage(inference.FAST, times=2)
    assert not passes
    assert inside.fraction < 0.85
