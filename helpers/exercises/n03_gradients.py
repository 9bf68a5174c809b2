"""Exercises of notebook 3: when to drop the score, a baseline for the score function, a draw that
slides."""

import numpy as np

from helpers.exercises.engine import exercise


@exercise(
    "03.drop_the_score",
    parts=2,
    inputs=(
        *((spread, 1.0) for spread in (0.5, 1.0, 0.9)),
        *((2.0, 1.5), (0.3, 2.0), (1.0, 3.0), (4.0, 0.1)),
        (1_500.0, 120.0),
    ),
    praise=(
        "At target / sqrt(2) the two are equal: only from there on does it pay to drop the score."
    ),
    nudge="Write x = m + s z into the slope of f. Which terms hold z, with and without the score?",
    hint=(
        "The slope of f is -(x - 1) / target**2 + (x - m) / spread**2, and the score is z / "
        "spread. Collect what multiplies z."
    ),
    line="((spread / target**2) ** 2, (1 / spread - spread / target**2) ** 2)",
    mistakes=[
        lambda s, t: two_variances(s, t)[::-1],
        "Swapped: the first is the variance with the score left in, the second without it.",
        lambda s, t: tuple(np.sqrt(two_variances(s, t))),
        "These are standard deviations. The variance is their square.",
        lambda s, t: two_variances(s, 1.0),
        "The target's deviation is missing: it bends f by 1 / target**2.",
        lambda s, t: ((s / t) ** 2, (1 / s - s / t) ** 2),
        "The slope of a normal's log density is -(x - mean) / deviation**2: the square is missing.",
        lambda s, t: ((s / t**2) ** 2, (1 / s + s / t**2) ** 2),
        "The two parts pull against each other: q's own log density is subtracted, so their signs "
        "differ.",
        lambda s, t: ((s / t**2) ** 2, 1 / s**2),
        "The second is the score's variance alone. Dropping the score leaves both terms of f's "
        "slope.",
        lambda s, t: ((s / t**2) ** 2, (1 / s) ** 2 + (s / t**2) ** 2),
        "Variances add up only for independent terms. Here one z moves both: add, then square.",
    ],
)
def two_variances(spread, target):
    """Two numbers, (variance with the score, variance without it)."""
    return (spread / target**2) ** 2, (1 / spread - spread / target**2) ** 2


@exercise(
    "03.baseline",
    inputs=[
        (f,)
        for f in (
            [1.0, 2.0, 6.0],
            [-3.0, 40.0],
            -500.0 + np.random.default_rng(3).normal(size=9),
            [2.5] * 4,
            [-900.0, 250.0, 250.0, 40.0],
        )
    ],
    praise=(
        "Each draw is judged against the others, never against itself. So the noise falls and the "
        "mean stays right."
    ),
    nudge="By hand for the log ratios 1, 2 and 6: who judges the first, and what is left of it?",
    line="log_ratios - (np.sum(log_ratios) - log_ratios) / (len(log_ratios) - 1)",
    hint="The baseline of draw i is (sum of all log ratios - log ratio i) / (number of draws - 1).",
    on_jax=True,
    mistakes=[
        lambda f: f - np.mean(f),
        "This average includes the draw itself, which shrinks the gradient by (S - 1) / S. Leave "
        "draw i out.",
        lambda f: f - (np.sum(f) - f) / len(f),
        "The others are only S - 1 draws: divide their sum by that.",
        lambda f: -subtract_baseline(f),
        "The sign is flipped: a draw better than the others should get a weight above 0.",
        lambda f: (np.sum(f) - f) / (len(f) - 1),
        "These are the baselines. Subtract each from its log ratio.",
        lambda f: f - (np.sum(f) - f),
        "You subtract the sum of the others. The baseline is their average.",
    ],
)
def subtract_baseline(log_ratios):
    """An array [draws], each log ratio less its own baseline."""
    return len(log_ratios) / (len(log_ratios) - 1) * (log_ratios - np.mean(log_ratios))


@exercise(
    "03.weibull",
    parts=2,
    inputs=(
        *((rank, 2.0, 10.0) for rank in (0.5, 0.9, 0.1)),
        (0.3, 0.5, 4.0),
        (0.99, 3.5, 0.2),
        (0.02, 0.05, 12.0),
        (0.7, 150.0, 120.0),
        (0.01, 150.0, 1.0),
    ),
    praise=(
        "Draws above the scale move left as the concentration grows, those below it right: they "
        "gather at the scale, and none overtakes another."
    ),
    nudge="Solve F(x) = rank for x. Where in the answer does the concentration stand?",
    hint=(
        "The draw has ln x = ln(scale) + ln(-ln(1 - rank)) / concentration. Differentiate that, "
        "with the rank held still."
    ),
    line=(
        "(np.log(scale) + np.log(-np.log1p(-rank)) / concentration, "
        "-np.log(-np.log1p(-rank)) / concentration**2)"
    ),
    absolute=1e-3,
    mistakes=[
        lambda u, k, c: weibull_draw(u, k, c)[::-1],
        "Swapped: first the draw's logarithm, then its slope.",
        lambda u, k, c: weibull_draw(1 - u, k, c),
        "That draw has the rank 1 - rank: F is the share of the draws below x, not above it.",
        lambda u, k, c: (weibull_draw(u, k, c)[0], -weibull_draw(u, k, c)[1]),
        "The slope's sign is flipped: 1 / concentration falls as the concentration grows.",
        lambda u, k, c: (weibull_draw(u, k, c)[0], k * weibull_draw(u, k, c)[1]),
        "The derivative of 1 / concentration is -1 / concentration ** 2.",
        lambda u, k, c: np.exp(weibull_draw(u, k, c)[0]) * np.array([1, weibull_draw(u, k, c)[1]]),
        "These are x and its slope. Both are asked for ln x, whose slope is that of x over x.",
        lambda u, k, c: (np.exp(weibull_draw(u, k, c)[0]), weibull_draw(u, k, c)[1]),
        "The slope is right. The first number is x itself: take its logarithm.",
        lambda u, k, c: (
            weibull_draw(u, k, c)[0],
            np.exp(weibull_draw(u, k, c)[0]) * weibull_draw(u, k, c)[1],
        ),
        "The first number is right. The second is the slope of x: divide it by x.",
        lambda u, k, c: weibull_draw(u, k, 1 / c),
        "The scale is used as a rate. A larger scale means larger draws.",
        lambda u, k, c: weibull_draw(u, k, 1.0),
        "The scale is missing: it stretches every draw.",
    ],
)
def weibull_draw(rank, concentration, scale):
    """Two numbers, (ln x, its slope in the concentration)."""
    log_hazard = np.log(-np.log1p(-rank))  # of the draw with concentration and scale 1
    return np.log(scale) + log_hazard / concentration, -log_hazard / concentration**2
