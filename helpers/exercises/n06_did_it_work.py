"""Exercises of notebook 6: a mean repaired by weights, a calibration with a truth too many, the
mistake behind a row of numbers."""

import numpy as np
from scipy import special

from helpers.exercises.engine import exercise


def _weighted_case(seed, num_draws, spread, level):
    """Log ratios of some draws, and the draws [draws, pixels]."""
    random = np.random.default_rng(seed)
    values = random.gamma([2.0, 30.0, 9.0], [1.0, 0.2, 20.0], (num_draws, 3))
    return level + spread * (np.log(values).sum(axis=1) - 9), values


@exercise(
    "06.repair",
    inputs=(
        _weighted_case(1, 6, 0.7, 1.5),
        _weighted_case(2, 40, 1.0, -20130.0),
        _weighted_case(3, 25, -2.0, 900.0),
        _weighted_case(4, 150, 0.0, -3.0),
        ([0.5, -1.0, 0.2], [[2.0, 7.0, 2.0, 2.0], [5.0, 1.0, 5.0, 5.0], [1.0, 3.0, 1.0, 1.0]]),
    ),
    praise="Look at the second number before you believe the first: few draws left, no repair.",
    nudge=("What should your weights add up to? And what is exp(-20130) on a computer?"),
    hint=(
        "Subtract the largest log ratio before you take the exponential, and divide the weights by "
        "their sum."
    ),
    line=("(special.softmax(log_ratios) @ values, 1 / np.sum(special.softmax(log_ratios) ** 2))"),
    parts=2,
    mistakes=[
        lambda r, v: (v.mean(axis=0), float(len(v))),
        "That is the mean of q itself, every draw with the same weight. A draw's weight is "
        "exp(log ratio).",
        lambda r, v: repair(-r, v),
        "The weights are upside down: a draw counts more where p is larger than q, which is a "
        "large ratio.",
        lambda r, v: (repair(r, v)[0], float(len(v))),
        "The mean is repaired. But draws of unequal weight are worth fewer: 1 over the sum of "
        "squared weights.",
        lambda r, v: (repair(r, v)[0], 1 / special.softmax(r).max()),
        "The mean is repaired. The heaviest weight alone says how many draws there are at least, "
        "not how many they are worth.",
        lambda r, v: (repair(r, v)[0], np.sum(special.softmax(r) ** 2)),
        "The mean is repaired. The second number is upside down: with equal weights it should be "
        "the number of draws.",
        lambda r, v: ((r - r.min()) / np.sum(r - r.min()) @ v, 1.0),
        "Ratios are given as logs: the weights are their exponentials.",
    ],
)
def repair(log_ratios, values):
    """Two things, (the mean [pixels], how many draws it is worth)."""
    weights = special.softmax(log_ratios)
    return weights @ values, 1 / np.sum(weights**2)


def sound_fit(counts, concentration=4.0, rate=0.5):
    """One pixel's exact posterior, (concentration, rate), under the first input's prior."""
    return concentration + np.sum(counts), rate + len(counts)


def counts_twice(counts):
    """A slip: the data count twice. Too narrow."""
    return 2.0 + 2 * np.sum(counts), 0.25 + 2 * len(counts)


def reads_a_third(counts):
    """A slip: the data count for a third. Too wide."""
    return 6.0 + np.sum(counts) / 3, 1.0 + len(counts) / 3


def too_much_ink(counts):
    """A slip: half a drop more in every count. Off to one side."""
    return 1.5 + np.sum(counts) + len(counts) / 2, 0.1 + len(counts)


def what_tells_ranks_apart(ranks):
    """Features of ranks among 50 draws, and their standard errors: whole numbers, and how many lie
    at or below some values."""
    whole = [np.mean(ranks == np.floor(ranks)), np.mean((ranks >= 0) & (ranks <= 50))]
    below = np.array([np.mean(ranks <= k) for k in (0, 2, 6, 12, 18, 25, 31, 37, 43, 47, 49)])
    errors = np.sqrt(below * (1 - below) / len(ranks)) + 1 / len(ranks)
    return np.r_[whole, below], np.r_[1e-4, 1e-4, errors]


def _calibrated(seed, concentration, rate, num_images, fit, of_counts=True, of_ranks=True):
    """Ranks where data and rank have each its truth: from the prior, or by what is handed over."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(1_000):
        truth = rng.gamma(concentration, 1 / rate) if of_counts is True else of_counts
        a, b = fit(rng.poisson(truth, num_images))
        draws = rng.gamma(a, 1 / b, 50)
        ranked = rng.gamma(concentration, 1 / rate) if of_ranks is True else of_ranks(a, b, rng)
        found.append(np.sum(draws < ranked))
    return np.array(found)


@exercise(
    "06.calibrate",
    inputs=(
        (1, 4.0, 0.5, 3, sound_fit),
        (2, 2.0, 0.25, 5, counts_twice),
        (3, 6.0, 1.0, 8, reads_a_third),
        (4, 1.5, 0.1, 30, too_much_ink),
        (5, 2.0, 0.25, 1, counts_twice),
    ),
    praise=(
        "One truth a simulation, from the prior: it makes the counts, and it is ranked. Sound fits "
        "pass, and only they."
    ),
    nudge=(
        "Follow one simulation: which rate made its counts, and which one is ranked among q's "
        "draws?"
    ),
    hint="Draw the truth once, before the counts, and use it twice: to make them and to be ranked.",
    line=(
        "(lambda rng: np.array([(lambda truth: (lambda q: np.sum(rng.gamma(q[0], 1 / q[1], 50) < "
        "truth))(fit(rng.poisson(truth, num_images))))(rng.gamma(concentration, 1 / rate)) for _ "
        "in range(1000)]))(np.random.default_rng(seed))"
    ),
    as_given=_calibrated,
    statistics=what_tells_ranks_apart,
    mistakes=[
        lambda *given: _calibrated(*given, of_ranks=lambda a, b, rng: rng.gamma(a, 1 / b)),
        "Now every fit passes, a broken one too: truth and draws come from one place, whatever the "
        "fit did. Rank the truth that made the counts.",
        lambda seed, a, b, n, fit: _calibrated(
            seed, a, b, n, fit, of_counts=a / b, of_ranks=lambda *_: a / b
        ),
        "Each simulation has the same truth. Draw it anew from the prior, or the ranks of a sound "
        "fit are not uniform.",
        lambda *given: 50 - calibrate(*given),
        "You count the draws above the truth. Its rank is how many lie below.",
        lambda *given: calibrate(*given) / 50,
        "Return the ranks themselves, whole numbers from 0 to 50.",
    ],
)
def calibrate(seed, concentration, rate, num_images, fit):
    """1,000 ranks, whole numbers from 0 to 50."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(1_000):
        truth = rng.gamma(concentration, 1 / rate)
        a, b = fit(rng.poisson(truth, num_images))
        found.append(np.sum(rng.gamma(a, 1 / b, 50) < truth))
    return np.array(found)


# k-hat, share of draws left, coverage, shrinkage: of real fits of five digits, measured as in the
# notebook (4,000 draws, 300 data sets), rounded; each with a mistake of its own or none
_MEASURED = (
    (-0.4, 1.0, 0.90, 0.62),  # 7, strength 5, 8 images: sound
    (-0.58, 1.0, 0.76, 0.99),  # 0, strength 2, 178 images: counted twice
    (np.inf, 0.00025, 0.90, 0.0),  # 0, strength 2, 178 images: the prior
    (1.56, 0.002, 0.63, 1.0),  # 0, strength 2, 178 images: 0.3 times the variance
    (1.65, 0.001, 0.98, 0.98),  # 0, strength 2, 178 images: twice the variance
    (0.59, 0.022, 0.96, 0.98),  # the same, 1.5 times
    (0.67, 0.039, 0.83, 0.73),  # 7, strength 5, 8 images: 0.7 times
    (0.56, 0.036, 0.96, 0.01),  # 5, strength 10, 5 images: 1.5 times
    (-0.17, 1.0, 0.82, 0.51),  # 5, strength 10, 5 images: counted twice
    (-0.36, 1.0, 0.90, 0.005),  # 5, strength 1000, 5 images: sound
    (8.58, 0.00025, 0.90, 0.0),  # 5, strength 10, 5 images: the prior
    (4.54, 0.001, 1.0, -1.64),  # 5, strength 10, 5 images: 4 times
    (-0.1, 0.97, 0.90, 0.99),  # 0, strength 2, 178 images: Adam with a decaying rate, 0.02 nats
    (1.06, 0.006, 0.75, 0.81),  # 7, strength 5, 8 images: half
)


@exercise(
    "06.what_is_wrong",
    inputs=_MEASURED,
    praise=(
        "Two questions, two answers: do q's draws survive the weights, and do its intervals hold "
        "the truth?"
    ),
    nudge=(
        "Which of the four numbers asks the program, which asks a truth? Make a table of two by "
        "three."
    ),
    hint=(
        "If most draws are left, q is what its program asked for: then only coverage can tell. If "
        "not, coverage says in which way."
    ),
    line=(
        "(0 if abs(inside - 0.9) < 0.03 else 1) if left > 0.5 else (2 if abs(inside - 0.9) < 0.03 "
        "else 3 if inside < 0.9 else 4)"
    ),
    mistakes=[
        lambda k_hat, left, inside, shrinkage: what_is_wrong(
            k_hat, float(k_hat < 0.7), inside, shrinkage
        ),
        "A k-hat below 0.7 says that weights can repair q, not that q is close. How many draws do "
        "they leave?",
        lambda k_hat, left, inside, shrinkage: (
            2 if shrinkage < 0.1 else what_is_wrong(k_hat, left, inside, shrinkage)
        ),
        "Little shrinkage is no mistake where there was little to learn: look at the draws that "
        "are left.",
        lambda k_hat, left, inside, shrinkage: what_is_wrong(k_hat, 0.0, inside, shrinkage),
        "By coverage alone you can't tell a narrow q from a wrong program, nor the prior from a "
        "sound fit.",
        lambda k_hat, left, inside, shrinkage: what_is_wrong(k_hat, left, 0.9, shrinkage),
        "The weights believe the program. Whether the truth is inside, only coverage says.",
        lambda *row: {1: 3, 3: 1}.get(what_is_wrong(*row), what_is_wrong(*row)),
        "You exchange 1 and 3. Where the program is wrong, q fits it well, and the draws are left.",
        lambda *row: {3: 4, 4: 3}.get(what_is_wrong(*row), what_is_wrong(*row)),
        "You exchange 3 and 4. A q that is too narrow holds the truth too rarely.",
    ],
)
def what_is_wrong(k_hat, left, inside, shrinkage):
    """One whole number, 0 to 4."""
    if left > 0.5:
        return 0 if abs(inside - 0.9) < 0.03 else 1
    if abs(inside - 0.9) < 0.03:
        return 2
    return 3 if inside < 0.9 else 4
