"""Exercises of notebook 7: when data outweigh knowledge, the score on unseen images, evidence used
twice."""

import math

import numpy as np
from scipy import stats

from helpers.distributions import Gamma, negative_binomial_log_mass
from helpers.exercises.engine import exercise
from helpers.models.poisson_gamma import condition, log_evidence, prior


def _shares():
    """Strengths and shares that ask for a whole number of images, exactly; then for a little more
    and less."""
    yield from [(2.0, 0.5), (3.0, 0.75), (1.0, 1.0), (6.0, 0.25), (0.75, 0.375), (300.0, 0.25)]
    images = [0.0005, 0.05, 0.4, 0.6, 0.95, 1.0005, 1.02, 1.5, 2.03, 7.55, 13.01, 40.97]
    strengths = [0.5, 0.1, 2.0, 25.0, 1.0, 1.0, 3.0, 10.0, 0.01, 6.0, 80.0, 4.0]
    yield from ((s, s / (s + m)) for s, m in zip(strengths, images, strict=True))


@exercise(
    "07.images_needed",
    inputs=((2.0, 0.3), (1.0, 0.45), (10.0, 0.15), *_shares()),
    praise="Knowledge gives way in proportion to its strength: twice as strong, twice the images.",
    nudge=(
        "Put your number, and one less, into the prior's weight: is the first at most the share, "
        "and the second above it?"
    ),
    line="math.ceil(strength * (1 - share) / share - 1e-9)",
    hint=(
        "The prior's weight is strength / (strength + images). Solve for the images, and round up "
        "to whole ones."
    ),
    tolerance=1e-6,
    wish=(
        (3.0, 0.2),
        "One wish: for strength = 3 and share = 0.2 the answer is 12, and yours is 13. In the "
        "computer's numbers 3 * 0.8 / 0.2 comes out a hair above 12: subtract 1e-9 before you "
        "round up.",
    ),
    mistakes=[
        lambda s, share: s * (1 - share) / share,
        "The right amount, but there are no fractions of an image: round up to the next whole "
        "number.",
        lambda s, share: math.floor(s * (1 - share) / share),
        "Rounded down, the prior still weighs more than the share. Round up.",
        lambda s, share: math.ceil(s * share / (1 - share)) if share < 1 else math.inf,
        "That is when the data's weight is at most the share. Here it is the prior's.",
        lambda s, share: math.ceil(s / share),
        "That counts the imagined images too. Subtract them: only real ones are asked for.",
    ],
)
def images_needed(strength, share):
    """One whole number."""
    # the margin: 3 * 0.8 / 0.2 is a hair above 12
    return math.ceil(strength * (1 - share) / share - 1e-9)


@exercise(
    "07.held_out_score",
    inputs=(
        ([20.0, 3.0], [2.0, 1.0], [[9, 1], [14, 0], [8, 3]]),
        ([0.4, 5.0, 80.0], [1.5, 1.5, 6.0], [[0, 2, 15], [1, 7, 12]]),
        ([6.0], [0.5], [[16]]),
        ([20.0], [150.0], [[0], [1]]),
        (
            [300.0, 20.0, 2.0],
            [2.0, 150.0, 1.0],
            [[150, 0, 3], [2, 1, 900], [150, 0, 3], [130, 1, 0]],
        ),
    ),
    praise=(
        "Sum over pixels, mean over images: the score that every model of this course is judged by."
    ),
    nudge=(
        "Which distribution has a count whose rate is a gamma draw? And what becomes of pixels, "
        "what of images?"
    ),
    line="stats.nbinom.logpmf(held_out, concentration, rate / (rate + 1)).sum(axis=1).mean()",
    hint=(
        "Add ln p over the pixels of an image (a negative binomial each), then average over the "
        "images."
    ),
    mistakes=[
        lambda a, b, x: stats.poisson.logpmf(x, a / b).sum(axis=1).mean(),
        "That is a Poisson at the posterior mean, which forgets the doubt about the rate. "
        "Integrate the rate out.",
        lambda a, b, x: held_out_score(a, b, x) * len(x),
        "That is the sum over images. Divide by how many there are, or longer tests look worse.",
        lambda a, b, x: held_out_score(a, b, x) / len(a),
        "That is the mean over pixels and images. An image's log probability is the sum over its "
        "pixels.",
        lambda a, b, x: -held_out_score(a, b, x),
        "The sign is flipped: a score is higher for the better model, and a log probability is at "
        "most 0.",
        lambda a, b, x: held_out_score(a, 1 / b, x),
        "The rate is used as a scale. If you call SciPy's nbinom: its p is rate / (rate + 1), not "
        "1 / (rate + 1).",
    ],
)
def held_out_score(concentration, rate, held_out):
    """One number, nats an image."""
    return negative_binomial_log_mass(held_out, Gamma(concentration, rate)).sum(axis=1).mean()


def _log_evidences(strengths, template, counts):
    return [log_evidence(condition(prior(template, float(s)), counts)) for s in strengths]


_STRENGTHS = np.array([0.05, 0.2, 1.0, 5.0, 25.0, 125.0])


@exercise(
    "07.best_strength",
    inputs=(
        (_STRENGTHS, [12.0, 3.0, 0.5], [[9, 5, 0], [10, 6, 1], [8, 7, 0]]),
        (1.23 * _STRENGTHS[1:], [8.0, 8.0, 8.0, 8.0], [[7, 9, 8, 6], [8, 10, 7, 9], [9, 8, 8, 7]]),
        # Tables for which scores that look alike choose otherwise: leave one out, half from half,
        # the last image, ...
        (
            _STRENGTHS,
            [0.6, 0.5, 10.6],
            [[1, 1, 10], [1, 2, 9], [0, 0, 8], [0, 0, 4], [0, 0, 6], [0, 2, 6]],
        ),
        (_STRENGTHS[::-1].copy(), [7.3, 1.1], [[10, 2], [2, 3], [2, 1], [2, 2]]),
        (1.23 * _STRENGTHS, [5.8, 11.3], [[3, 8], [3, 4], [10, 5], [1, 3]]),
        (_STRENGTHS, [8.2, 2.4, 12.1], [[6, 6, 12], [8, 4, 12], [11, 4, 11], [6, 4, 14]]),
        (_STRENGTHS, [0.5, 3.0, 5.2], [[0, 6, 15], [0, 5, 13], [0, 3, 10]]),
        (8 * _STRENGTHS, [300.0, 20.0], [[301, 20], [299, 21], [300, 19], [301, 20]]),
        (_STRENGTHS, [6.0], [[12]] * 6 + [[4]]),  # images that are alike count all the same
    ),
    praise=(
        "The prior is judged by what it foretold, before it saw the images. That is the evidence."
    ),
    nudge=(
        "Whoever judges a prior may not have seen the images. From what does your score foretell "
        "each of them?"
    ),
    line=(
        "max(strengths, key=lambda s: poisson_gamma.log_evidence(poisson_gamma.condition("
        "poisson_gamma.prior(template, s), counts)))"
    ),
    hint=(
        "Score each prior by the evidence: each image predicted from the prior and the images "
        "before it."
    ),
    # The best score under a posterior that has seen the images already.
    as_given=lambda s, t, x: s[
        np.argmax([held_out_score(k * t + x.sum(axis=0), k + len(x), x) for k in s])
    ],
    mistakes=[
        lambda s, t, x: s[int(np.argmin(_log_evidences(s, t, x)))],
        "That is the strength with the smallest evidence. The best one has the largest.",
        lambda s, t, x: int(np.argmax(_log_evidences(s, t, x))),
        "That is the position in the list. Return the strength that stands there.",
        lambda s, t, x: max(_log_evidences(s, t, x)),
        "That is the largest evidence. Return the strength that has it.",
        lambda s, t, x: best_strength(s, t, x[:1]),
        "That is the evidence of the first image alone. Use all of them.",
    ],
)
def best_strength(strengths, template, counts):
    """One of the strengths."""
    return strengths[int(np.argmax(_log_evidences(strengths, template, counts)))]
