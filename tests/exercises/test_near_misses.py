"""Whole classes of answers that no small change of a reference reaches: other scores, other draws,
other quantiles."""

import fractions
import math

import numpy as np
import pytest
from scipy import special, stats

from helpers.exercises.engine import CORRECT, NOT_YET, grade

# 07.best_strength: scores that look like the evidence.


def log_mass(counts, a, b):
    log_choices = special.gammaln(a + counts) - special.gammaln(a) - special.gammaln(counts + 1)
    return np.sum(log_choices + a * np.log(b / (b + 1)) - counts * np.log(b + 1))


def foretold(strength, template, learning, judged):
    a, b = strength * template + learning.sum(axis=0), strength + len(learning)
    return sum(log_mass(image, a, b) for image in judged)


def one_after_the_other(strength, template, counts):
    return sum(
        foretold(strength, template, counts[:i], counts[i : i + 1]) for i in range(len(counts))
    )


SCORES = {
    "leave one out": lambda s, t, x: sum(
        foretold(s, t, np.delete(x, i, 0), x[i : i + 1]) for i in range(len(x))
    ),
    "second half": lambda s, t, x: foretold(s, t, x[: len(x) // 2], x[len(x) // 2 :]),
    "first half": lambda s, t, x: foretold(s, t, x[len(x) // 2 :], x[: len(x) // 2]),
    "last image": lambda s, t, x: log_mass(x[-1], s * t, s),
    "last image from the others": lambda s, t, x: foretold(s, t, x[:-1], x[-1:]),
    "mean image": lambda s, t, x: log_mass(x.mean(axis=0), s * t, s),
    "rounded mean image": lambda s, t, x: log_mass(np.round(x.mean(axis=0)), s * t, s),
    "each image from the prior": lambda s, t, x: foretold(s, t, x[:0], x),
    "without the first": lambda s, t, x: one_after_the_other(s, t, x[1:]),
    "without the last": lambda s, t, x: one_after_the_other(s, t, x[:-1]),
}


def by(score):
    return lambda strengths, template, counts: strengths[
        np.argmax([score(s, template, counts) for s in strengths])
    ]


def test_the_evidence_one_image_after_the_other_is_right():
    assert grade("07.best_strength", by(one_after_the_other)).status == CORRECT


@pytest.mark.parametrize("score", SCORES)
def test_another_score_is_refused(score):
    assert grade("07.best_strength", by(SCORES[score])).status == NOT_YET


# 08.in_a_row: any statistic that knows the order, and none that does not.


def share_of(unlike):
    return lambda images, shuffled: np.mean([unlike(x) <= unlike(images) for x in shuffled])


KNOW_THE_ORDER = {
    "absolute differences": lambda x: np.abs(np.diff(x, axis=0)).sum(),
    "distances": lambda x: np.sqrt((np.diff(x, axis=0) ** 2).sum(axis=1)).mean(),
    "median distance": lambda x: np.median((np.diff(x, axis=0) ** 2).sum(axis=1)),
    "products": lambda x: -((x[1:] - x.mean(axis=0)) * (x[:-1] - x.mean(axis=0))).sum(),
    "next and next but one": lambda x: sum(((x[k:] - x[:-k]) ** 2).sum() for k in (1, 2)),
}
FORGET_THE_ORDER = {
    "mean": np.mean,
    "largest": np.max,
    "first image": lambda x: x[0].sum(),
    "first and last": lambda x: ((x[0] - x[-1]) ** 2).sum(),
    "from pixel to pixel": lambda x: (np.diff(x, axis=1) ** 2).sum(),
    "all pairs": lambda x: ((x[:, np.newaxis] - x) ** 2).sum(),
    "one pixel": lambda x: (np.diff(x[:, 0]) ** 2).sum() if x.shape[1] == 6 else 0.0,
}


@pytest.mark.parametrize("unlike", KNOW_THE_ORDER)
def test_any_statistic_that_knows_the_order_is_right(unlike):
    assert grade("08.in_a_row", share_of(KNOW_THE_ORDER[unlike])).status == CORRECT


@pytest.mark.parametrize("unlike", FORGET_THE_ORDER)
def test_a_statistic_that_forgets_it_is_refused(unlike):
    assert grade("08.in_a_row", share_of(FORGET_THE_ORDER[unlike])).status == NOT_YET


# 06.calibrate: calibrations that pass whom they should not, and right ones by other seeds.


def calibration(truth_of, ranked_of, below=np.less):
    def answer(seed, concentration, rate, num_images, fit):
        rng, found = np.random.default_rng(seed), []
        for _ in range(1_000):
            truth = truth_of(rng, concentration, rate)
            a, b = fit(rng.poisson(truth, num_images))
            ranked = ranked_of(rng, truth, a, b)
            found.append(below(rng.gamma(a, 1 / b, 50), ranked).sum())
        return np.array(found)

    return answer


def of_prior(rng, concentration, rate):
    return rng.gamma(concentration, 1 / rate)


def the_same(rng, truth, *q):
    return truth


CALIBRATIONS = {
    "the mean of q": (of_prior, lambda rng, truth, a, b: a / b),
    "a draw of q": (of_prior, lambda rng, truth, a, b: rng.gamma(a, 1 / b)),
    "half of each": (of_prior, lambda rng, truth, a, b: (truth + rng.gamma(a, 1 / b)) / 2),
    "the prior's rate is a scale": (
        lambda rng, a, b: rng.gamma(a, b),
        lambda rng, truth, *q: truth,
    ),
    "truths half as wide": (
        lambda rng, a, b: (a / b + rng.gamma(a, 1 / b)) / 2,
        the_same,
    ),
}


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_another_calibration_is_refused(name):
    assert grade("06.calibrate", calibration(*CALIBRATIONS[name])).status == NOT_YET


@pytest.mark.parametrize("shift", range(6))
def test_right_ranks_pass_whatever_the_seed(shift):
    right = calibration(of_prior, lambda rng, truth, *q: truth, np.less_equal)
    assert (
        grade("06.calibrate", lambda seed, *given: right(seed + 99 * shift, *given)).status
        == CORRECT
    )


# 07.images_needed: any road to the whole number.


def in_fractions(strength, share):
    s, r = (fractions.Fraction(x).limit_denominator(10**6) for x in (strength, share))
    return math.ceil(s * (1 - r) / r)


ROADS = [
    in_fractions,
    lambda strength, share: math.ceil(strength / share - strength),
    lambda strength, share: -(-strength * (1 - share) // share),
    lambda strength, share: np.ceil((1 / share - 1) * strength),
    lambda strength, share: next(m for m in range(10**6) if strength / (strength + m) <= share),
]


@pytest.mark.parametrize("road", range(len(ROADS)))
def test_any_road_to_the_number_of_images(road):
    assert grade("07.images_needed", ROADS[road]).status == CORRECT


# 13.share: other ways to cut n rows into p parts; 13.mean_loss: other things that a loss is divided
# by.

CUTS = {
    "longer at the end": lambda n, p, k: (n * k // p, n * (k + 1) // p),
    "rounded": lambda n, p, k: (round(n * k / p), round(n * (k + 1) / p)),
    "the last first": lambda n, p, k: tuple(n - row for row in (n * (k + 1) // p, n * k // p)),
    "one row too far": lambda n, p, k: (n - n * (p - k) // p, n - n * (p - k - 1) // p + 1),
}


@pytest.mark.parametrize("cut", CUTS)
def test_another_deal_is_refused(cut):
    assert grade("13.share", CUTS[cut]).status == NOT_YET


def test_the_longer_shares_first_in_one_formula_is_right():
    assert (
        grade("13.share", lambda n, p, k: (-(-n * k // p), -(-n * (k + 1) // p))).status == NOT_YET
    )
    assert (
        grade("13.share", lambda n, p, k: (n - n * (p - k) // p, n - n * (p - k - 1) // p)).status
        == NOT_YET
    )
    assert (
        grade(
            "13.share", lambda n, p, k: tuple(e * (n // p) + min(e, n % p) for e in (k, k + 1))
        ).status
        == CORRECT
    )


LOSSES = {
    "by the square": lambda kl, terms, n: kl / n**2 - np.mean(terms),
    "a share of the batch": lambda kl, terms, n: kl * len(terms) / n - np.mean(terms),
    "a KL for each image": lambda kl, terms, n: np.mean(kl / n - np.sum(terms)),
    "median": lambda kl, terms, n: kl / n - np.median(terms),
    "log of the mean": lambda kl, terms, n: kl / n - np.log(np.mean(np.exp(terms))),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_another_loss_is_refused(loss):
    assert grade("13.mean_loss", LOSSES[loss]).status == NOT_YET


# Another law with the same mean and variance, or a logarithm by its first terms.


def normal_log_mass(counts, mean, variance):
    return stats.norm.logpdf(counts, mean, np.sqrt(variance))


def predictive(a, b):
    return a / b, a / b + a / b**2


def hidden_score_to_second_order(seen, hidden):
    share = special.softmax(seen)
    mean = (share * hidden).sum()
    return mean + (share * (hidden - mean) ** 2).sum() / 2


def curable_to_second_order(probabilities):
    mean = probabilities.mean(axis=0)
    return (probabilities.var(axis=0) / (2 * np.maximum(mean, 1e-9))).sum(axis=1)


MOMENTS = {
    "01.log_evidence": lambda x, a, b: normal_log_mass(x, *predictive(a, b)),
    "10.hidden_score": hidden_score_to_second_order,
    "12.curable": curable_to_second_order,
}


@pytest.mark.parametrize("name", MOMENTS)
def test_the_same_moments_are_not_the_same_law(name):
    assert grade(name, MOMENTS[name]).status == NOT_YET
