"""Exercises of notebook 3: when to drop the score, a baseline for the score function, an implicit
gradient."""

import jax
import jax.numpy as jnp
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


def _family(name, cdf):
    """A distribution's F(x, parameter) and its density, under names that can be shown."""
    density = jax.jit(jax.grad(lambda x, parameter: cdf(x, parameter).sum()))
    cdf.__name__, density.__name__ = f"{name}_cdf", f"{name}_density"
    return cdf, density


EXPONENTIAL = _family("exponential", lambda x, rate: -jnp.expm1(-rate * x))
GAMMA = _family("gamma", lambda x, concentration: jax.scipy.special.gammainc(concentration, x))
# Of exp(spread * z) for a standard normal z: below 1 a larger spread means a smaller x.
LOG_NORMAL = _family("log_normal", lambda x, spread: jax.scipy.stats.norm.cdf(jnp.log(x) / spread))


@exercise(
    "03.implicit_gradient",
    inputs=(
        *((*EXPONENTIAL, x, rate) for x, rate in [(0.7, 1.5), (2.0, 0.4)]),
        *((*GAMMA, x, concentration) for x, concentration in [(2.5, 3.0), (6.0, 5.0), (0.4, 0.7)]),
        *((*LOG_NORMAL, x, spread) for x, spread in [(20.0, 2.0), (0.5, 0.8)]),
        (*GAMMA, 14.0, 15.0),
        (*EXPONENTIAL, 120.0, 0.005),
    ),
    praise=(
        "Where F falls as the parameter grows, x must rise to keep its quantile. That is the minus "
        "sign."
    ),
    nudge=(
        "The median of an exponential is ln 2 / rate. Which slope in the rate has it, and what "
        "does your function say there?"
    ),
    line=(
        "-(cdf(x, parameter + step) - cdf(x, parameter - step)) / (2 * step * density(x, "
        "parameter))"
    ),
    hint="Keep F(x, a) fixed: dF/da + density * dx/da = 0. Solve for dx/da.",
    as_given=lambda cdf, density, x, parameter: -implicit_gradient(cdf, density, x, parameter),
    tolerance=2e-2,
    mistakes=[
        lambda F, p, x, a: implicit_gradient(F, p, x, a) * p(x, a),
        "The sign is right now, but the division by the density has gone: it turns a change of F "
        "into one of x.",
        lambda F, p, x, a: implicit_gradient(F, p, x, a) * p(x, a) ** 2,
        "The sign is right now, but you multiply by the density. Where it is low, x has far to go: "
        "divide.",
        lambda F, p, x, a: 2 * implicit_gradient(F, p, x, a),
        "Twice too large: from a - step to a + step is a distance of 2 * step.",
        lambda F, p, x, a: 1 / implicit_gradient(F, p, x, a),
        "The fraction is upside down: dF/da goes on top, the density below.",
        lambda F, p, x, a: abs(implicit_gradient(F, p, x, a)),
        "The sign is lost: a gamma's draw rises with its concentration, an exponential's falls "
        "with its rate.",
    ],
)
def implicit_gradient(cdf, density, x, parameter, step=1e-3):
    """One number, dx / dparameter."""
    rise = cdf(x, parameter + step) - cdf(x, parameter - step)
    # the quantile stays, so F's two changes cancel
    return -rise / (2 * step) / density(x, parameter)
