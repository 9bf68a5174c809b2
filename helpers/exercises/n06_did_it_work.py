"""Exercises of notebook 6: coverage, a mean repaired by weights, an interval with the rate in the
wrong place."""

import numpy as np
from scipy import special, stats

from helpers.exercises.engine import exercise


def _case(seed, quantiles, level, most=40, unit=1):
    """Draws of a gamma for each pixel, and a truth that lies at the given quantile of the pixel's
    draws."""
    concentration = np.linspace(0.8, most, len(quantiles))
    draws = np.random.default_rng(seed).gamma(concentration, 0.5 * unit, (400, len(quantiles)))
    return draws, np.array(list(map(np.quantile, draws.T, quantiles))), level


@exercise(
    "06.coverage",
    inputs=(
        _case(1, [0.01, 0.015, 0.07, 0.2, 0.4, 0.6, 0.8, 0.87, 0.99, 0.995], 0.9),
        _case(2, [0.04, 0.05, 0.15, 0.4, 0.6, 0.67, 0.97, 0.98], 0.5),
        _case(3, [0.3, 0.7, 0.04, 0.96, 0.06, 0.93, 0.5], 0.9),
        _case(4, [0.001, 0.999, 0.9995], 0.8),
        # skewed, so a normal's interval is off
        _case(5, [0.02, 0.08, 0.92, 0.93, 0.98, 0.12, 0.5], 0.9, most=1.0),
        _case(6, [0.17, 0.2, 0.72, 0.77, 0.9, 0.5], 0.7, most=1.2),
        _case(7, [0.03, 0.2, 0.5, 0.8, 0.99], 0.9, unit=400),
    ),
    praise="With a calibrated posterior, about as many truths lie inside as the level promises.",
    nudge=(
        "Sort one pixel's draws in your mind: where does its interval begin, where does it end, "
        "and is the truth between?"
    ),
    line=(
        "np.mean((np.quantile(draws, (1 - level) / 2, axis=0) <= truth) & (truth <= "
        "np.quantile(draws, (1 + level) / 2, axis=0)))"
    ),
    hint=(
        "Cut (1 - level) / 2 of each pixel's draws off at either end. Count the truths in between, "
        "and divide."
    ),
    mistakes=[
        lambda draws, truth, level: 1 - coverage(draws, truth, level),
        "That is the share outside. Count the truths between the two ends.",
        lambda draws, truth, level: coverage(draws, truth, level) * len(truth),
        "That is a number of pixels. Divide it by how many there are.",
        lambda draws, truth, level: coverage(draws, truth, 2 * level - 1),
        "You cut 1 - level off at both ends, which is twice too much. Each tail is (1 - level) / "
        "2.",
        lambda draws, x, level: np.mean(
            (draws.min(axis=0) <= x) & (x <= np.quantile(draws, level, axis=0))
        ),
        "Your interval starts at the lowest draw. A central one leaves out as much below as above.",
        lambda draws, truth, level: coverage(
            np.repeat(draws.reshape(-1, 1), len(truth), axis=1), truth, level
        ),
        "You pool the draws of all pixels. Each pixel has an interval of its own: quantiles along "
        "axis 0.",
        lambda draws, truth, level: 100 * coverage(draws, truth, level),
        "That is a percentage. Return a share from 0 to 1.",
        lambda draws, x, level: np.mean(
            abs(x - draws.mean(0)) <= stats.norm.ppf((1 + level) / 2) * draws.std(0)
        ),
        "That takes the draws for a normal distribution. They are skewed: cut off quantiles of the "
        "draws themselves.",
    ],
)
def coverage(draws, truth, level):
    """One number from 0 to 1, the share of pixels inside."""
    lower, upper = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return np.mean((lower <= truth) & (truth <= upper))


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


@exercise(
    "06.interval",
    inputs=(
        ([59.0, 20.0, 3.0], [5.0, 5.0, 5.0], 0.9),
        ([0.5, 200.0], [2.0, 20.0], 0.5),
        ([1.0], [180.0], 0.99),
        ([90.0], [3.0], 0.8),
        ([2000.0, 3.0, 900.0], [150.5, 0.01, 2.0], 0.8),
    ),
    praise=(
        "SciPy's third argument is loc, a shift. A keyword says what you mean, and scale is 1 / "
        "rate."
    ),
    nudge=(
        "For concentration 59 and rate 5 the mean is 11.8 and the standard deviation 1.5. Does "
        "your interval look like that?"
    ),
    line="stats.gamma.interval(level, concentration, scale=1 / rate)",
    hint="Ask SciPy's documentation for the order of the arguments, or call it with keywords.",
    as_given=lambda concentration, rate, level: stats.gamma.interval(level, concentration, rate),
    parts=2,
    mistakes=[
        lambda a, b, level: interval(a, 1 / b, level),
        "The shift is gone, but the rate is used as a scale. SciPy's scale is 1 / rate.",
        lambda a, b, level: stats.gamma.interval(level, a),
        "The shift is gone, and so is the rate: this is the interval for rate 1.",
        lambda a, b, level: stats.gamma.interval(level, a, 1 / b),
        "The value 1 / rate is right, but without a name it lands in loc, a shift. Say scale=.",
        lambda a, b, level: interval(a, b, 2 * level - 1),
        "You cut 1 - level off at both ends. Each tail of a central interval is (1 - level) / 2.",
        lambda a, b, level: stats.norm.interval(level, a / b, np.sqrt(a) / b),
        "That is a normal distribution's interval. A gamma is skewed, and its rates never fall "
        "below 0.",
        lambda a, b, level: interval(a, b, level)[::-1],
        "The two ends are swapped: lower first.",
    ],
)
def interval(concentration, rate, level):
    """Two arrays [pixels], (lower, upper) in counts."""
    return stats.gamma.interval(level, concentration, scale=1 / rate)
