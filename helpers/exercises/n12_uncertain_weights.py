"""Exercises of notebook 12: the KL of a normal, an average of forecasts, a spread that adds the
wrong way."""

import numpy as np
from scipy import special

from helpers.exercises.engine import exercise


@exercise(
    "12.kl_to_prior",
    inputs=(
        ([0.5, -1.2, 2.0], [0.3, 0.8, 1.5], 2.0),
        ([0.0, 0.4], [0.7, 0.1], 0.7),
        ([[1.0, -3.0], [0.2, 0.0]], [[0.5, 2.0], [9.0, 0.6]], 1.3),
        ([150.0, 150.0, -30.0, 2.0], [130.0, 130.0, 20.0, 0.4], 120.0),
        ([150.0, 1.0, -200.0], [0.5, 0.5, 2.0], 3.0),
    ),
    praise="Exact, and without a single draw: one source of noise less.",
    nudge=(
        "What must come out for mean 0 and std equal to the prior scale? And if every weight "
        "were there twice?"
    ),
    line="np.sum(np.log(prior_scale / std) + (std**2 + mean**2) / (2 * prior_scale**2) - 0.5)",
    hint=(
        "Each weight pays ln(prior_scale / std) + (std^2 + mean^2) / (2 prior_scale^2) - 1/2. Add "
        "them up."
    ),
    on_jax=True,
    mistakes=[
        lambda m, s, t: np.sum(np.log(s / t) + (t**2 + m**2) / (2 * s**2) - 0.5),
        "That is KL(prior || q), the other way round. The average is over q, which stands first.",
        lambda m, s, t: np.mean(np.log(t / s) + (s**2 + m**2) / (2 * t**2) - 0.5),
        "That is the mean over the weights. They are independent, so their divergences add up.",
        lambda m, s, t: np.sum(np.log(t / s) + (s**2 + m**2) / (2 * t**2)),
        "The - 1/2 of each weight is missing: where q is the prior, the answer must be 0.",
        lambda m, s, t: np.sum(np.log(t / s) + s**2 / (2 * t**2) - 0.5),
        "The means are missing: a q far from 0 has to pay for it.",
        lambda m, s, t: np.sum(np.log(t / s) + (s + m**2) / (2 * t) - 0.5),
        "A standard deviation stands where a variance belongs: square std and prior_scale.",
        lambda m, s, t: -kl_to_prior(m, s, t),
        "The sign is flipped. A KL divergence is never below 0.",
    ],
)
def kl_to_prior(mean, std, prior_scale):
    """One number, in nats."""
    return np.sum(np.log(prior_scale / std) + (std**2 + mean**2) / (2 * prior_scale**2) - 0.5)


_RNG = np.random.default_rng(12)


@exercise(
    "12.predictive",
    inputs=(
        ([[[3.0, 0.0, -1.0]], [[-2.0, 1.0, 0.5]]],),
        (_RNG.normal(0, 3, (6, 4, 3)),),
        (_RNG.normal(0, 1, (3, 3, 3)),),
        ([[[900.0, 0.0]], [[0.0, 5.0]]],),
        # images far apart, and two draws alike
        ([[[150.0, 151.0], [-900.0, -899.0]]] * 2 + [[[-130.0, -131.5], [-800.0, -803.0]]],),
    ),
    praise="Each draw of the weights votes with its own probabilities, and the votes are averaged.",
    nudge=(
        "Two draws, each sure of another class: what should the forecast be? And which step "
        "comes first?"
    ),
    line="special.softmax(logits, axis=2).mean(axis=0)",
    hint="First the softmax of each draw over the classes, then the mean over the draws.",
    on_jax=True,
    mistakes=[
        lambda z: special.softmax(z.mean(axis=0), axis=1),
        "That is the softmax of the mean logits. It forgets how far the draws lie apart: average "
        "the probabilities.",
        lambda z: special.softmax(z, axis=2).mean(axis=1),
        "The mean is over the images. Average over the draws, the first axis.",
        lambda z: special.softmax(z, axis=2).sum(axis=0),
        "That is a sum over the draws, so the probabilities of an image do not add up to 1. "
        "Divide.",
        lambda z: special.softmax(z, axis=0).mean(axis=0),
        "The softmax runs over the draws. It must run over the classes, the last axis.",
        lambda z: special.log_softmax(z, axis=2).mean(axis=0),
        "These are mean log probabilities. Average the probabilities themselves.",
        lambda z: z.mean(axis=0),
        "These are mean logits, not probabilities. Take the softmax of each draw first.",
        lambda z: np.median(special.softmax(z, axis=2), axis=0),
        "That is the median over the draws, which need not add up to 1. The predictive is the "
        "mean.",
        lambda z: np.exp(z).mean(axis=0) / np.exp(z).mean(axis=0).sum(axis=1, keepdims=True),
        "The averages are divided by their sum once. Each draw must be divided by its own sum, "
        "before the average.",
    ],
)
def predictive(logits):
    """An array [images, classes] of probabilities."""
    return special.softmax(logits, axis=2).mean(axis=0)


@exercise(
    "12.spread",
    as_given=lambda features, std: features @ std,
    inputs=(
        ([[1.0, 0.5, 0.0], [0.25, 1.0, 0.75]], [[0.3, 2.0], [1.5, 0.4], [0.8, 0.6]]),
        ([[0.2, 0.9]], [[1.0, 0.5, 3.0], [0.1, 2.0, 0.7]]),
        ([[0.0, 0.0], [0.6, 0.3], [1.0, 1.0]], [[0.5, 1.5], [25.0, 0.9]]),
        ([[150.0, -0.5]], [[130.0, 0.3], [2.0, 500.0]]),
    ),
    praise="Variances add, standard deviations do not: independent errors partly cancel.",
    nudge=(
        "Of a sum of independent parts, which add up: the standard deviations, or something else?"
    ),
    line="np.sqrt(features**2 @ std**2)",
    hint=(
        "The variance of a weighted sum of independent normals: the sum of squared inputs times "
        "variances."
    ),
    on_jax=True,
    mistakes=[
        lambda x, s: x**2 @ s**2,
        "That is the variance. Take its square root.",
        lambda x, s: np.sqrt(x @ s**2),
        "The inputs must be squared, too: the variance of x times w is x^2 times the variance of "
        "w.",
        lambda x, s: np.sqrt(x**2 @ s),
        "A standard deviation stands where a variance belongs: square std before you add.",
        lambda x, s: np.sqrt(x**2 @ s**2 / x.shape[1]),
        "You average over the pixels. A logit is a sum over them, and so is its variance.",
        lambda x, s: np.sqrt(np.ones_like(x) @ s**2),
        "The inputs are missing: a pixel without ink adds no doubt.",
    ],
)
def spread(features, std):
    """An array [images, classes]."""
    return np.sqrt(features**2 @ std**2)
