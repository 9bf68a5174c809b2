"""Exercises of notebook 8: the predictive's moments, the statistic that tells most, images that are
too alike."""

import numpy as np
from scipy import signal, stats

from helpers.exercises.engine import exercise


@exercise(
    "08.predictive_moments",
    inputs=(([59.0, 4.0], [5.0, 0.5]), ([0.5, 9.0, 0.02], [0.25, 1.5, 0.01]), ([2000.0], [180.0])),
    praise="Two sources of scatter add up: the Poisson's own, and your doubt about the rate.",
    nudge="Where does the scatter of a count come from? There are two sources.",
    line="(concentration / rate, concentration / rate + concentration / rate**2)",
    hint="Variance of a count = average of the Poisson's variance + variance of the rate.",
    parts=2,
    mistakes=[
        lambda a, b: (a / b, a / b),
        "That is a Poisson at the posterior mean. The rate is uncertain too, and adds its own "
        "variance.",
        lambda a, b: (a / b, a / b**2),
        "That is the variance of the rate alone. The Poisson scatters around every rate, so add "
        "its variance.",
        lambda a, b: (a * b, a * b + a * b**2),
        "The rate is used as a scale. A gamma has mean concentration / rate and variance "
        "concentration / rate**2.",
        lambda a, b: (a / b, np.sqrt(a / b + a / b**2)),
        "That is the standard deviation. Return its square.",
        lambda a, b: (a / b, a / b + a / b),
        "A gamma's variance is concentration / rate**2: the rate is squared.",
    ],
)
def predictive_moments(concentration, rate):
    """Two arrays [pixels], (mean, variance)."""
    mean = concentration / rate
    return mean, mean + concentration / rate**2


def _statistics(seed, num_replicates, quantiles):
    """Replicated values of several statistics, of many shapes and units, and real values at given
    quantiles of them."""
    random = np.random.default_rng(seed)
    rows = [
        random.normal(5.0, 0.1, num_replicates),
        random.gamma(0.3, 40.0, num_replicates),  # a long tail: many deviations are no surprise
        random.normal(-800.0, 90.0, num_replicates),
        random.beta(5, 2, num_replicates),
        random.uniform(140.0, 150.0, num_replicates),
    ][: len(quantiles)]
    return np.array(list(map(np.quantile, rows, quantiles))), np.array(rows)


@exercise(
    "08.telling",
    inputs=(
        _statistics(1, 60, [0.7, 0.9, 0.02]),
        _statistics(2, 80, [0.05, 0.5, 0.6, 0.99, 0.2]),
        _statistics(3, 400, [0.995, 0.985, 0.5]),
        # in every replicate the largest count is 16, and in the real data too
        (
            np.array([4.9, 16.0, 0.3]),
            np.array([[4.8, 5.0, 5.1, 4.7], [16.0] * 4, [0.2, 0.5, 0.1, 0.25]]),
        ),
        (
            np.array([3.0, 150.0]),
            np.array([[1.0, 2.0, 5.0, 4.0, 0.5], [120.0, 130.0, 155.0, 140.0, 149.0]]),
        ),
        _statistics(4, 120, [0.4, 0.6, 0.3, 0.7, 0.01]),
        # the same dream more than once counts each time
        (
            np.array([5.0, 5.0]),
            np.array(
                [[10.0, 10.0, 10.0, 10.0, 0.0, 1.0, 2.0], [3.0, 3.0, 3.0, 3.0, 9.0, 12.0, 1.0]]
            ),
        ),
    ),
    praise="Rarity is what counts, on either side: not counts, not deviations.",
    nudge=(
        "How often do the dreams of the model reach the real value, from above and from below? "
        "Which statistic makes it rarest?"
    ),
    hint=(
        "Take each statistic's two tail shares, ties in both, and the smaller of the two; return "
        "the position of the least."
    ),
    line=(
        "np.argmin(np.minimum((replicated >= observed[:, None]).mean(axis=1), (replicated <= "
        "observed[:, None]).mean(axis=1)))"
    ),
    tolerance=1e-6,
    absolute=1e-6,
    mistakes=[
        lambda real, dreams: np.argmin((dreams >= real[:, None]).mean(axis=1)),
        "That looks at the upper tail alone. A real value that is too small tells as much.",
        lambda real, dreams: np.argmin((dreams <= real[:, None]).mean(axis=1)),
        "That looks at the lower tail alone. A real value that is too large tells as much.",
        lambda real, dreams: np.argmax(np.abs(real - dreams.mean(axis=1))),
        "That is the largest difference in its own unit. Counts and shares can't be compared so: "
        "ask how rare it is.",
        lambda real, dreams: np.argmax(
            np.abs(real - dreams.mean(axis=1)) / np.maximum(dreams.std(axis=1), 1e-9)
        ),
        "Deviations tell of normal scatter. Where dreams have a long tail, many deviations are no "
        "surprise: count them.",
        lambda real, dreams: np.argmin(
            np.minimum((dreams > real[:, None]).mean(axis=1), (dreams < real[:, None]).mean(axis=1))
        ),
        "Ties count on both sides: dreams that equal the real value are the best match there is.",
        lambda real, dreams: np.argmax(
            np.minimum(
                (dreams >= real[:, None]).mean(axis=1), (dreams <= real[:, None]).mean(axis=1)
            )
        ),
        "That is the statistic that tells least: the real value lies in the midst of the dreams.",
    ],
)
def telling(observed, replicated):
    """One whole number, a position."""
    at_least = (replicated >= observed[:, np.newaxis]).mean(axis=1)
    at_most = (replicated <= observed[:, np.newaxis]).mean(axis=1)
    return int(np.argmin(np.minimum(at_least, at_most)))


def what_tells_draws_apart(draws):
    """Features of counts [images, pixels], and their standard errors: where right answers differ by
    chance alone.

    Whole numbers from 0 on; of many images also mean, variance and how many counts lie at or below
    some values, per pixel; whether images repeat one another or share rates (over any distance),
    and whether pixels move together.
    """
    number, pixels = draws.shape
    fine = [np.mean(draws == np.floor(draws)), np.mean(draws >= 0)]
    if number < 100:
        return np.array(fine), np.zeros(2)
    moments = np.hstack([draws, (draws - draws.mean(axis=0)) ** 2])
    below = np.hstack([draws <= count for count in (0, 1, 3, 10, 30)])
    ranks = stats.rankdata(draws, axis=0) - (number + 1) / 2
    scores = np.nan_to_num(ranks / ranks.std(axis=0))  # 0 where a pixel never varies
    # about 4 by chance
    over_images = [abs(signal.correlate(f, f)[number:]).max() / np.sqrt(number) for f in scores.T]
    over_pixels = np.concatenate(
        [np.corrcoef(f.T)[np.triu_indices(pixels, 1)] for f in (scores, scores**2)]
    )
    features = [
        # float32: large rates may be whole
        ([*fine, len(np.unique(draws, axis=0)) / number], [1e-4, 0.0, 0.01]),
        (moments.mean(axis=0), moments.std(axis=0) / np.sqrt(number)),
        (below.mean(axis=0), below.std(axis=0) / np.sqrt(number) + 1 / number),
        (np.maximum(over_images, 5), np.full(pixels, 0.3)),
        (np.nan_to_num(over_pixels), np.full(len(over_pixels), 1 / np.sqrt(number))),
    ]
    return tuple(np.concatenate(column) for column in zip(*features, strict=True))


def _repeatable(images):
    """The last three inputs are a seed, the same again, and another seed."""
    once, again, other = images[-3:]
    if not np.array_equal(once, again):
        return (
            "The same seed gave other images. Draw everything from a generator that starts from "
            "the seed."
        )
    return (
        "Another seed gave the same images: the argument seed has no effect."
        if np.array_equal(once, other)
        else ""
    )


_PIXELS = np.array([5.0, 24.0, 1.5]), np.array([0.5, 2.0, 3.0])
_OTHER_PIXELS = np.array([0.2, 3000.0, 2.0]), np.array([0.05, 250.0, 0.002])


@exercise(
    "08.generate",
    inputs=(
        (1, *_PIXELS, 6_000),
        (2, *_OTHER_PIXELS, 6_000),
        (3, *_PIXELS, 20),
        (3, *_PIXELS, 20),
        (4, *_PIXELS, 20),
    ),
    praise=(
        "First the rates, anew for every image, then the counts: the images now differ as much as "
        "you are unsure."
    ),
    nudge=(
        "Compare the variance of your images, pixel by pixel, with the first exercise's, and see "
        "what two images share."
    ),
    line=(
        "(rng := np.random.default_rng(seed)).poisson(rng.gamma(concentration, 1 / rate, "
        "(num_images, len(rate))))"
    ),
    hint=(
        "Every image needs rates of its own: draw [num_images, pixels] of them, then a count from "
        "each."
    ),
    as_given=lambda seed, a, b, n: np.random.default_rng(seed).poisson(a / b, (n, len(b))),
    statistics=what_tells_draws_apart,
    together=_repeatable,
    mistakes=[
        lambda seed, a, b, n: generate(seed, a, 1 / b, n),
        "The images vary now, but the rate is used as a scale. NumPy's gamma wants 1 / rate.",
        lambda seed, a, b, n: generate(seed, a, np.ones(len(b)), n),
        "The images vary now, but the posterior's rate is not used: its draws are those of rate 1, "
        "divided by it.",
        lambda seed, a, b, n: (rng := np.random.default_rng(seed)).poisson(
            rng.gamma(a, 1 / b), (n, len(b))
        ),
        "All images share one draw of the rates: a data set from one guess (section 8.3). Draw "
        "rates for every image.",
        lambda seed, a, b, n: np.random.default_rng(seed).gamma(a, 1 / b, (n, len(b))),
        "These are rates, not images yet. Draw a Poisson count from each.",
        lambda seed, a, b, n: np.tile(a / b, (n, 1)),
        "Every image is the posterior mean. Draw rates from the gamma first, then counts from the "
        "rates.",
        lambda s, a, b, n: np.round(
            np.random.default_rng(s).normal(a / b, np.sqrt(a * (b + 1)) / b, (n, len(b)))
        ),
        "That is a rounded normal draw: it can fall below 0 and has no long tail. Draw a rate, "
        "then a Poisson count.",
    ],
)
def generate(seed, concentration, rate, num_images):
    """Counts [images, pixels]."""
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(concentration, 1 / rate, (num_images, len(rate))))
