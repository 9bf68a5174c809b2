"""Exercises of notebook 11: what a unit says under pressure, a prior that fits the codes, a
minibatch that is unfair."""

import numpy as np

from helpers.exercises.engine import exercise


@exercise(
    "11.pruned_units",
    inputs=(
        ([4.0, 1.5, 0.3], 0.5, 1.0),
        ([4.0, 1.5, 0.3], 0.5, 4.0),
        ([9.0, 2.0], 0.25, 0.5),
        ([0.02, 7.0, 7.0, 0.9, 30.0], 1.5, 2.0),
        ([1e30, 3.0], 1e-4, 1.0),
        ([4e5, 9e6, 20.0], 150.0, 200.0),
        ([0.1], 0.2, 3.0),
    ),
    praise=(
        "A direction is worth a unit if it varies more than pressure times noise; the others are "
        "pruned, one by one, as the pressure rises."
    ),
    nudge="For a unit with a large variance: which c is best? And may c^2 come out below 0?",
    line="np.maximum(0, np.log(variances / (pressure * noise)) / 2)",
    hint=(
        "The slope in u is 0 at u = variance, if c^2 = u - pressure noise is not below 0 there; "
        "else c = 0. Put v and s into the KL, averaged over x: E[x^2] is the variance."
    ),
    on_jax=True,
    mistakes=[
        lambda v, noise, b: np.log(v / (b * noise)) / 2,
        "Where the variance is below pressure times noise, no c reaches that u: c = 0, and the "
        "unit pays nothing.",
        lambda v, noise, b: np.maximum(0, np.log(v / noise) / 2),
        "The pressure is missing: it raises what a direction must vary by to be worth its price.",
        lambda v, noise, b: np.maximum(0, np.log(v / (b * noise))),
        "Twice too much: ln s is half the log of s^2.",
        lambda v, noise, b: np.log1p(v / (b * noise)) / 2,
        "That adds the noise to the variance. The variance is that of x, noise and all.",
        lambda v, noise, b: np.maximum(0, np.log(v / (b * noise)) / 2).sum(),
        "That is what all units pay together. One number a unit.",
        lambda v, noise, b: np.maximum(0, np.log(v / (b * noise**2)) / 2),
        "You squared the noise: `noise` is a variance already, not a deviation.",
        lambda v, noise, b: b * np.maximum(0, np.log(v / (b * noise)) / 2),
        "That is the price times the pressure. The KL itself is asked for.",
    ],
)
def pruned_units(variances, noise, pressure):
    """Nats, one number a unit."""
    return np.maximum(0, np.log(variances / (pressure * noise)) / 2)


def _gain(means, stds, centre, width):
    """Average of ln Normal(z | centre, width) - ln Normal(z | 0, 1) over the codes, [units]."""
    off = ((means - centre) ** 2 + stds**2).mean(axis=0)
    return (means**2 + stds**2).mean(axis=0) / 2 - off / (2 * width**2) - np.log(width)


def _width(means, stds):
    return np.sqrt(means.var(axis=0) + (stds**2).mean(axis=0))


@exercise(
    "11.better_prior",
    inputs=(
        ([[2.0, 0.1], [-1.0, 0.0], [3.0, -0.2]], [[1.0, 0.1], [0.9, 0.2], [1.1, 0.3]]),
        ([[1.0], [1.5]], [[0.5], [0.25]]),
        ([[0.0, 0.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]]),
        (
            [[4.0, -30.0, 1.0], [4.0, 20.0, -1.0], [5.0, 150.0, 1.5]],
            [[0.01, 150.0, 2.0], [0.02, 120.0, 1.0], [0.5, 9.0, 1.0]],
        ),
        # images and units alike
        (
            [[1.0, 2.0, 2.0], [1.0, 2.0, 2.0], [-3.0, 0.5, 0.5]],
            [[0.9, 0.2, 0.2], [0.9, 0.2, 0.2], [1.5, 0.4, 0.4]],
        ),
        ([[2.5, -0.5]], [[0.6, 0.05]]),
    ),
    praise=(
        "It is also KL(new prior || old prior): what the cloud of all codes lacks to be standard."
    ),
    nudge="What must come out if every code's q is the standard normal? May it ever be below 0?",
    line=(
        "((means**2 + stds**2).mean(axis=0) - 1 - np.log(means.var(axis=0) + "
        "(stds**2).mean(axis=0))).sum() / 2"
    ),
    hint=(
        "Only E_q[ln p(z)] changes. The best normal has the mean and the variance of all codes "
        "together: the variance of the means plus the mean of the variances."
    ),
    on_jax=True,
    mistakes=[
        lambda m, s: _gain(m, s, m.mean(axis=0), m.std(axis=0) + 1e-9).sum(),
        "The codes scatter around their means too: add the mean of stds^2 to the variance.",
        lambda m, s: _gain(m, s, 0.0, np.sqrt((m**2 + s**2).mean(axis=0))).sum(),
        "That prior stays centred at 0. The best one moves to the mean of the codes.",
        lambda m, s: _gain(m, s, m.mean(axis=0), 1.0).sum(),
        "That moves the prior's mean alone. Its deviation may change as well.",
        lambda m, s: _gain(m, s, m.mean(axis=0), _width(m, s)).sum() * len(m),
        "That is the gain of all images together. It is asked for one image, on average.",
        lambda m, s: _gain(m, s, m.mean(axis=0), _width(m, s)),
        "That is a gain for each unit. They add up.",
        lambda m, s: -_gain(m, s, m.mean(axis=0), _width(m, s)).sum(),
        "The sign: the ELBO after, less the ELBO before. The best prior cannot lose.",
        lambda m, s: ((m**2 + s**2 - 1) / 2 - np.log(s)).sum(axis=1).mean(),
        "That is the whole price. Take off what is still to pay under the new prior.",
    ],
)
def better_prior(means, stds):
    """A number, nats."""
    return _gain(means, stds, means.mean(axis=0), _width(means, stds)).sum()


def _unfair(log_masses, divergences, num_images):
    return num_images / len(log_masses) * np.sum(log_masses) - np.sum(divergences)


@exercise(
    "11.minibatch_elbo",
    inputs=(
        ([-100.0, -92.0, -110.0], [12.0, 9.0, 14.0], 1347),
        ([-80.0, -81.5], [3.0, 20.0], 50),
        ([-95.0], [11.0], 133),
        ([0.41, 0.93], [0.1, 0.27], 2),
        ([30.0, 25.0], [2.0, 4.5], 7),
        ([-250.0, -250.0, -90.0], [150.0, 150.0, 7.0], 300),
    ),
    praise="A code belongs to one image, so its KL counts as often as the image does.",
    nudge=(
        "If the batch held all images, what should come out? And how often does each image of a "
        "small batch count?"
    ),
    line="num_images * np.mean(log_masses - divergences)",
    hint=(
        "Average log_masses - divergences over the batch, and multiply by the number of all images."
    ),
    as_given=_unfair,
    on_jax=True,
    mistakes=[
        lambda x, kl, m: np.sum(x - kl),
        "That is the batch's own ELBO. Scale it up to all num_images.",
        lambda x, kl, m: np.mean(x - kl),
        "That is the ELBO of one image, on average. Multiply by num_images.",
        lambda x, kl, m: m * np.sum(x - kl),
        "The sum over the batch must be divided by its size before it stands for all images.",
        lambda x, kl, m: np.sum(x) - m / len(x) * np.sum(kl),
        "Now the KL term is scaled and the log masses are not. Both belong to images.",
        lambda x, kl, m: m * np.mean(x + kl),
        "The KL term is subtracted: it is the price of the codes.",
    ],
)
def minibatch_elbo(log_masses, divergences, num_images):
    """Nats, one number."""
    return num_images * np.mean(log_masses - divergences)
