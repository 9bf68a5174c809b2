"""Exercises of notebook 12: the doubt that more images cure, a temperature read as a model, a
difference judged pair by pair."""

import numpy as np
from scipy import special

from helpers.exercises.engine import exercise

_RNG = np.random.default_rng(12)


def _entropy(p):
    return special.entr(p).sum(axis=-1)


@exercise(
    "12.curable",
    inputs=(
        ([[[0.9, 0.1]], [[0.3, 0.7]]],),
        (_RNG.dirichlet([0.4, 0.7, 1.0], (5, 4)),),
        (_RNG.dirichlet([2.0, 3.0, 1.0], (3, 3)),),
        # two draws alike, and two classes
        ([[[0.4, 0.4, 0.2], [0.175, 0.175, 0.65]]] * 2 + [[[0.05, 0.05, 0.9], [0.2, 0.2, 0.6]]],),
        # four draws, each almost sure of another class: more than one nat
        ([[row] for row in 0.96 * np.eye(4) + 0.01],),
        # nothing, and everything, is the weights' doubt
        ([[[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]],),
    ),
    praise=(
        "What is left, the mean entropy of the draws, stays however many images you learn from: "
        "there the image itself is ambiguous."
    ),
    nudge=(
        "If you knew the weights, how unsure would you be, on average over what they may be? And "
        "how unsure is the forecast?"
    ),
    line=(
        "special.entr(probabilities.mean(axis=0)).sum(axis=1) - "
        "special.entr(probabilities).sum(axis=2).mean(axis=0)"
    ),
    hint="The entropy of the mean forecast, less the mean of the draws' own entropies.",
    on_jax=True,
    only_at=(
        5,
        "Right, except where a probability is 0: p ln p goes to 0 there, as special.entr has it.",
    ),
    mistakes=[
        lambda p: _entropy(p.mean(axis=0)),
        "That is all of the forecast's entropy. Take away what would stay if you knew the weights.",
        lambda p: _entropy(p).mean(axis=0),
        "That is the doubt that stays: the mean entropy of the draws. The rest is asked for.",
        lambda p: _entropy(p).mean(axis=0) - _entropy(p.mean(axis=0)),
        "The sign is flipped: a mean of forecasts is never surer than the draws are on average.",
        lambda p: (_entropy(p.mean(axis=0)) - _entropy(p).mean(axis=0)) / np.log(2),
        "These are bits. Nats are asked for: the natural logarithm.",
        lambda p: p.var(axis=0).sum(axis=1),
        "That is a variance over the draws. It grows with their disagreement, too, but is no part "
        "of an entropy.",
        lambda p: _entropy(p.mean(axis=0)) - _entropy(p).sum(axis=0),
        "The draws' entropies are added up. Average them.",
        lambda p: _entropy(p.mean(axis=0)) - np.median(_entropy(p), axis=0),
        "That is the median over the draws. Only the mean makes the two parts add up.",
    ],
)
def curable(probabilities):
    """An array [images], in nats."""
    return _entropy(probabilities.mean(axis=0)) - _entropy(probabilities).mean(axis=0)


@exercise(
    "12.tempered",
    inputs=(
        (2.0, 0.25),
        (0.3, 0.1),
        (1.0, 4.0),
        (150.0, 9.0),
        (0.7, 0.004),
        (3.0, 400.0),
    ),
    praise=(
        "Cold, she trusts both more: the images count several times, and the prior is narrower. "
        "No forecast can tell her from somebody who said so."
    ),
    nudge=(
        "Divide the log of a normal density by T: of which other normal is it the log, but for a "
        "constant?"
    ),
    line="(1 / temperature, prior_scale * np.sqrt(temperature))",
    hint=(
        "Each log likelihood counts 1 / T times. -w^2 / (2 prior_scale^2 T) is the exponent of a "
        "normal with variance prior_scale^2 T."
    ),
    parts=2,
    mistakes=[
        lambda s, t: (1 / t, s),
        "The images are right. But she divided the log prior, too: that is another normal.",
        lambda s, t: (1 / t, s * t),
        "The prior's *variance* is multiplied by T. Return its standard deviation.",
        lambda s, t: (1 / t, s**2 * t),
        "That is the variance of the other prior. Return its standard deviation.",
        lambda s, t: (1 / t, s / np.sqrt(t)),
        "The prior goes the other way: at T < 1 its log falls off more steeply, so it is narrower.",
        lambda s, t: (1 / t, s / t),
        "The prior goes the other way, and only by the root of T: write out -w^2 / 2 s^2 over T.",
        lambda s, t: (t, s * np.sqrt(t)),
        "The prior is right. Dividing by T makes each image count 1 / T times.",
        lambda s, t: (1 / np.sqrt(t), s * np.sqrt(t)),
        "The prior is right. The log likelihoods are divided by T itself, not by its root.",
        lambda s, t: (1.0, s * np.sqrt(t)),
        "The prior is right. But she divided the images' log likelihood, too.",
    ],
)
def tempered(prior_scale, temperature):
    """Two numbers, (images, prior_scale)."""
    return 1 / temperature, prior_scale * np.sqrt(temperature)


def _given(mine, theirs):
    variance = mine.var(ddof=1) + theirs.var(ddof=1)
    return 4 * variance / (mine.mean() - theirs.mean()) ** 2


@exercise(
    "12.images_to_settle",
    as_given=_given,
    inputs=(
        ([0.2, 1.5, 0.1, 2.6], [0.4, 1.9, 0.1, 3.1]),
        ([0.5, 0.1, 3.0], [0.4, 0.3, 2.2]),
        ([0.7, 0.7, 0.2, 9.0, 0.1], [0.6, 0.5, 0.3, 9.3, 0.2]),
        ([150.0, 120.0, 310.0], [151.0, 119.0, 303.0]),
        ([1.0, 2.0, 4.0], [1.3, 1.8, 3.8]),
        ([2.0, 1.0], [1.0, 3.0]),
    ),
    praise=(
        "What both find hard cancels, image by image: that is worth more than many images more."
    ),
    nudge="Which images are hard for both, and what do they do to the difference of the two?",
    line="4 * np.var(mine - theirs, ddof=1) / np.mean(mine - theirs) ** 2",
    hint=(
        "The standard error of a mean difference over n images is the deviation of the differences "
        "over the root of n. Set the mean equal to two of these, and solve for n."
    ),
    on_jax=True,
    mistakes=[
        lambda a, b: (a - b).var(ddof=1) / (a - b).mean() ** 2,
        "That is enough for one standard error. Two are asked for, and images go with the square.",
        lambda a, b: 2 * (a - b).var(ddof=1) / (a - b).mean() ** 2,
        "Two standard errors need four times the images of one, not twice.",
        lambda a, b: 4 * (a - b).var(ddof=1) / abs((a - b).mean()),
        "Square the mean difference, too: a variance is divided by a square.",
        lambda a, b: 2 * (a - b).std(ddof=1) / abs((a - b).mean()),
        "That is the root of the answer: square it.",
        lambda a, b: 4 * (a - b).var() / (a - b).mean() ** 2,
        "The variance divides by n. From a sample, divide by n - 1, as the function did: ddof=1.",
        lambda a, b: 4 * (a - b).var(ddof=1) / len(a) / (a - b).mean() ** 2,
        "That is the share of the images you have that would do. How many are they?",
    ],
)
def images_to_settle(mine, theirs):
    """One number, not rounded."""
    return 4 * np.var(mine - theirs, ddof=1) / np.mean(mine - theirs) ** 2
