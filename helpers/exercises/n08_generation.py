"""Exercises of notebook 8: the statistic that tells most, one that knows the order, a line-up."""

import numpy as np
from scipy import stats

from helpers.exercises.engine import exercise


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


def _levels(share):
    """What a share of shuffles says, whatever statistic it is of: rare, common, or in between."""
    features = [share < 0.02, share > 0.98, (share >= 0) & (share <= 1)]
    return np.array(features, float), np.zeros(3)


def _in_orders(images, seed, num_sets=200):
    """Images and the same images in random orders."""
    random = np.random.default_rng(seed)
    return images, np.array([random.permutation(images) for _ in range(num_sets)])


def _by_writers(seed, num_writers=8, each=5, pixels=6):
    """Counts [images, pixels]: every writer has rates of their own, and a run of images."""
    random = np.random.default_rng(seed)
    rates = random.gamma(4.0, 2.0, (num_writers, pixels))
    return random.poisson(np.repeat(rates, each, axis=0))


def _trading_ink(seed):
    """The same ink in every image, which wanders slowly from one pixel to the other."""
    left = np.random.default_rng(seed).binomial(40, np.linspace(0.2, 0.8, 30))
    return np.stack([left, 40 - left], axis=1)


def _roughness(images):
    """Sum of squared differences of neighbours, of a set or of each of many."""
    return (np.diff(images, axis=-2) ** 2).sum(axis=(-2, -1))


@exercise(
    "08.in_a_row",
    inputs=(
        _in_orders(_by_writers(1), 1),
        _in_orders(np.random.default_rng(11).permutation(_by_writers(2)), 2),
        _in_orders(_trading_ink(3), 3),
        # three hands in turns: neighbours are less alike than by chance
        _in_orders(np.random.default_rng(4).poisson([[3, 5, 20], [12, 20, 4], [25, 3, 9]] * 14), 4),
        _in_orders(np.tile([3, 0, 16], (7, 1)), 5),
        _in_orders(np.minimum(_by_writers(6), 9), 6),
    ),
    praise="A statistic that knows the order sees what the six can't: who wrote after whom.",
    nudge=(
        "Which number gets smaller when the same hand writes twice in a row? Take it of the images "
        "and of each shuffled set."
    ),
    hint=(
        "Sum the squared differences between each image and the next. In which share of the "
        "shuffles is it as small or smaller?"
    ),
    line=(
        "np.mean((np.diff(shuffled, axis=1)**2).sum(axis=(1, 2)) <= (np.diff(images, axis=0)**2)"
        ".sum())"
    ),
    statistics=_levels,
    only_at=(
        4,
        "Where all images are alike every shuffle is a tie, and ties count: the share is then 1.",
    ),
    mistakes=[
        lambda images, shuffled: 1.0,
        "That statistic does not know the order: every shuffle ties with the images. Compare each "
        "image with the next.",
        lambda images, shuffled: np.mean(_roughness(shuffled) >= _roughness(images)),
        "The other way round: that is the share of shuffles in which neighbours are less alike.",
        lambda images, shuffled: np.mean(
            _roughness(shuffled.sum(axis=2, keepdims=True))
            <= _roughness(images.sum(axis=1, keepdims=True))
        ),
        "That compares the ink of whole images. Two hands may use the same ink in other pixels.",
        lambda images, shuffled: _roughness(images) / _roughness(shuffled).mean().clip(1e-9),
        "That compares sizes. How rare it is, only the number of shuffles beyond it can tell.",
        lambda images, shuffled: np.mean(_roughness(shuffled)),
        "That is the statistic itself, averaged over the shuffles. Return a share of them.",
    ],
)
def in_a_row(images, shuffled):
    """One number, a share of the shuffled sets."""
    real = (np.diff(images, axis=0) ** 2).sum()
    dreamt = (np.diff(shuffled, axis=1) ** 2).sum(axis=(1, 2))
    return np.mean(dreamt <= real)


@exercise(
    "08.line_up",
    inputs=((1, 1, 19), (3, 10, 19), (0, 5, 19), (6, 20, 9), (4, 4, 3), (45, 150, 2), (1, 60, 300)),
    praise="One right guess in twenty is luck; how many are not, the binomial says.",
    nudge="If the model were true, how likely would one viewer be to pick the real image?",
    line="stats.binom.sf(found - 1, viewers, 1 / (num_dreams + 1))",
    hint=(
        "Each viewer is right by chance once in num_dreams + 1. Add up the binomial probabilities "
        "of found and more."
    ),
    absolute=1e-7,
    mistakes=[
        lambda found, viewers, dreams: stats.binom.sf(found, viewers, 1 / (dreams + 1)),
        "That is the probability of more than this many. At least so many includes the number "
        "itself.",
        lambda found, viewers, dreams: stats.binom.pmf(found, viewers, 1 / (dreams + 1)),
        "That is the probability of exactly this many. More would speak against the model too.",
        lambda found, viewers, dreams: stats.binom.sf(found - 1, viewers, 1 / dreams),
        "The real image stands in the line-up as well: one of num_dreams + 1.",
        lambda found, viewers, dreams: stats.binom.cdf(found, viewers, 1 / (dreams + 1)),
        "That is the other tail. Many right picks speak against the model, not few.",
        lambda found, viewers, dreams: (1 / (dreams + 1)) ** found,
        "That is the chance that these viewers all find it. Any of the viewers may be the lucky "
        "ones.",
        lambda found, viewers, dreams: found / viewers,
        "That is the share who found it. How likely is so large a share by luck alone?",
    ],
)
def line_up(found, viewers, num_dreams):
    """One number, a probability."""
    return stats.binom.sf(found - 1, viewers, 1 / (num_dreams + 1))
