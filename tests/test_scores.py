"""The reference split, and the exact models' scores against SciPy and sums over every value."""

import numpy as np
import pytest
from scipy import stats

from helpers import data
from helpers.models import categorical, poisson_gamma


def test_the_split_is_the_same_for_everybody():
    zero, everything = data.reference_split(0), data.reference_split()
    assert (len(zero.train), len(zero.test)) == (133, 45)
    assert (len(everything.train), len(everything.test)) == (1347, 450)
    counts, labels = data.load_digits()
    for split in (zero, everything):
        rows = np.concatenate([split.train, split.test])
        wanted = counts if split is everything else data.load_digit(0)
        np.testing.assert_array_equal(np.unique(rows, axis=0), np.unique(wanted, axis=0))
    per_digit = np.bincount(labels)
    np.testing.assert_array_less(abs(np.bincount(everything.test_labels) - per_digit / 4), 1)
    np.testing.assert_array_equal(data.load_digit(3), counts[labels == 3])


def test_half_of_the_pixels_are_observed_and_no_two_neighbours():
    board = data.checkerboard().reshape(8, 8)
    assert board.sum() == 32
    assert (board[1:] != board[:-1]).all()
    assert (board[:, 1:] != board[:, :-1]).all()


def fitted(module, counts):
    if module is categorical:
        return categorical.fit(counts)
    prior = poisson_gamma.prior(np.full(counts.shape[1], 4.0), 0.5)
    return poisson_gamma.exact_posterior(poisson_gamma.condition(prior, counts))


@pytest.mark.parametrize("module", [poisson_gamma, categorical])
def test_a_score_is_a_log_density_and_its_parts_add_up(module):
    split = data.reference_split(0)
    board = data.checkerboard()
    posterior = fitted(module, split.train)
    full = module.log_score(None, posterior, split.test)
    parts = [module.log_score(None, posterior, split.test, observed=o) for o in (board, ~board)]
    np.testing.assert_allclose(full, sum(parts))
    assert full.shape == (45,)
    values = np.arange(17 if module is categorical else 400)[:, None]
    one_pixel = fitted(module, split.train[:, 27:28])
    np.testing.assert_allclose(
        np.exp(module.log_score(None, one_pixel, values)).sum(), 1, rtol=1e-9
    )


def test_the_categorical_is_the_dirichlet_s_average():
    counts = data.reference_split(0).train[:, 27:28]
    posterior = categorical.fit(counts)
    assert posterior.sum() == pytest.approx(17 / 2 + len(counts))
    dirichlet = stats.dirichlet(posterior[0])
    np.testing.assert_allclose(
        np.exp(categorical.log_score(None, posterior, np.arange(17)[:, None])), dirichlet.mean()
    )


@pytest.mark.parametrize("bad", [[[17]], [[-1]], [[0.5]], [1, 2]])
def test_the_categorical_refuses_what_is_no_count(bad):
    with pytest.raises(ValueError, match="whole numbers from 0 to 16"):
        categorical.fit(bad)


def test_the_categorical_refuses_a_concentration_of_zero():
    with pytest.raises(ValueError, match="above 0"):
        categorical.fit(np.zeros((0, 4), int), concentration=0)
