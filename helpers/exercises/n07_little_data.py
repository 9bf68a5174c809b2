"""Exercises of notebook 7: when data outweigh knowledge, the score on unseen images, evidence used twice."""

import math

import numpy as np
from scipy import stats

from helpers import distributions
from helpers.exercises.engine import Exercise, known
from helpers.models import poisson_gamma


def images_needed(strength, share):
    """Fewest images for which the prior's weight in the posterior mean is at most `share`."""
    return math.ceil(strength * (1 - share) / share - 1e-9)  # the margin: 3 * 0.8 / 0.2 is a hair above 12


def _shares():
    """Strengths and shares that ask for a whole number of images, exactly; then for a little more and less."""
    exact = [(2.0, 0.5), (3.0, 0.75), (1.0, 1.0), (6.0, 0.25), (0.75, 0.375)]
    images = np.array([0.0005, 0.05, 0.4, 0.6, 0.95, 1.0005, 1.02, 1.5, 2.03, 7.55, 13.01, 40.97])
    strengths = np.array([0.5, 0.1, 2.0, 25.0, 1.0, 1.0, 3.0, 10.0, 0.01, 6.0, 80.0, 4.0])
    return exact + [(float(s), float(s / (s + m))) for s, m in zip(strengths, images, strict=True)]


IMAGES_NEEDED = Exercise(
    id="07.images_needed",
    reference=images_needed,
    inputs=((2.0, 0.3), (1.0, 0.45), (10.0, 0.15), *_shares()),
    returns="one whole number",
    praise="Knowledge gives way in proportion to its strength: twice as strong, twice the images.",
    hint="The prior's weight is strength / (strength + images). Solve for the images, and round up to whole ones.",
    tolerance=1e-6,
    wish=((3.0, 0.2), "One wish: 12 for strength = 3, share = 0.2. 3 * 0.8 / 0.2 is a hair above 12: take off 1e-9."),
    mistakes=known(
        lambda s, share: s * (1 - share) / share,
        "The right amount, but there are no fractions of an image: round up to the next whole number.",
        lambda s, share: math.floor(s * (1 - share) / share),
        "Rounded down, the prior still weighs more than the share. Round up.",
        lambda s, share: math.ceil(s * share / (1 - share)) if share < 1 else math.inf,
        "That is when the data's weight is at most the share. Here it is the prior's.",
        lambda s, share: math.ceil(s / share),
        "That counts the imagined images too. Subtract them: only real ones are asked for.",
    ),
)


def held_out_score(concentration, rate, held_out):
    """Mean over images of the log probability of an image, the rates integrated out: nats an image."""
    posterior = distributions.Gamma(concentration, rate)
    return distributions.negative_binomial_log_mass(held_out, posterior).sum(axis=1).mean()


def _log_mass(counts, a, b):
    return distributions.negative_binomial_log_mass(counts, distributions.Gamma(a, b))


def _plug_in(a, b, held_out):
    return stats.poisson.logpmf(held_out, a / b).sum(axis=1).mean()


HELD_OUT_SCORE = Exercise(
    id="07.held_out_score",
    reference=held_out_score,
    inputs=(
        (np.array([20.0, 3.0]), np.array([2.0, 1.0]), np.array([[9, 1], [14, 0], [8, 3]])),
        (np.array([0.4, 5.0, 80.0]), np.array([1.5, 1.5, 6.0]), np.array([[0, 2, 15], [1, 7, 12]])),
        (np.array([6.0]), np.array([0.5]), np.array([[16]])),
    ),
    returns="one number, nats an image",
    praise="Sum over pixels, mean over images: the score that every model of this course is judged by.",
    hint="Add ln p over the pixels of an image (a negative binomial each), then average over the images.",
    mistakes=known(
        _plug_in,
        "That is a Poisson at the posterior mean, which forgets the doubt about the rate. Integrate the rate out.",
        lambda a, b, x: _log_mass(x, a, b).sum(),
        "That is the sum over images. Divide by how many there are, or longer tests look worse.",
        lambda a, b, x: _log_mass(x, a, b).mean(),
        "That is the mean over pixels and images. An image's log probability is the sum over its pixels.",
        lambda a, b, x: -_log_mass(x, a, b).sum(axis=1).mean(),
        "The sign is flipped: a score is higher for the better model, and a log probability is at most 0.",
        lambda a, b, x: _log_mass(x, a, 1 / b).sum(axis=1).mean(),
        "The rate is used as a scale. If you call SciPy's nbinom: its p is rate / (rate + 1), not 1 / (rate + 1).",
    ),
)


def best_strength(strengths, template, counts):
    """The strength under which the images, foretold by the prior alone, were most probable."""
    return strengths[int(np.argmax(_log_evidences(strengths, template, counts)))]


def _log_evidences(strengths, template, counts):
    models = [poisson_gamma.condition(poisson_gamma.prior(template, float(s)), counts) for s in strengths]
    return [poisson_gamma.log_evidence(model) for model in models]


def _scores_after_peeking(strengths, template, counts):
    """The images' score under a posterior that has seen them already."""
    scores = []
    for strength in strengths:
        concentration, rate = strength * template + counts.sum(axis=0), strength + len(counts)
        scores.append(_log_mass(counts, concentration, np.full(len(template), rate)).sum())
    return scores


def _best_as_given(strengths, template, counts):
    return strengths[int(np.argmax(_scores_after_peeking(strengths, template, counts)))]


_STRENGTHS = np.array([0.05, 0.2, 1.0, 5.0, 25.0, 125.0])
BEST_STRENGTH = Exercise(
    id="07.best_strength",
    reference=best_strength,
    inputs=(
        (_STRENGTHS, np.array([12.0, 3.0, 0.5]), np.array([[9, 5, 0], [10, 6, 1], [8, 7, 0]])),
        (1.23 * _STRENGTHS[1:], np.array([8.0, 8.0, 8.0, 8.0]), np.array([[7, 9, 8, 6], [8, 10, 7, 9], [9, 8, 8, 7]])),
        # Tables for which scores that look alike choose otherwise: leave one out, half from half, the last image, ...
        (
            _STRENGTHS,
            np.array([0.6, 0.5, 10.6]),
            np.reshape([1, 1, 10, 1, 2, 9, 0, 0, 8, 0, 0, 4, 0, 0, 6, 0, 2, 6], (6, 3)),
        ),
        (_STRENGTHS[::-1].copy(), np.array([7.3, 1.1]), np.array([[10, 2], [2, 3], [2, 1], [2, 2]])),
        (1.23 * _STRENGTHS, np.array([5.8, 11.3]), np.array([[3, 8], [3, 4], [10, 5], [1, 3]])),
        (_STRENGTHS, np.array([8.2, 2.4, 12.1]), np.array([[6, 6, 12], [8, 4, 12], [11, 4, 11], [6, 4, 14]])),
        (_STRENGTHS, np.array([0.5, 3.0, 5.2]), np.array([[0, 6, 15], [0, 5, 13], [0, 3, 10]])),
    ),
    returns="one of the strengths",
    praise="The prior is judged by what it foretold, before it saw the images. That is the evidence.",
    hint="Score each prior by the evidence: each image predicted from the prior and the images before it.",
    as_given=_best_as_given,
    mistakes=known(
        lambda s, t, x: s[int(np.argmin(_log_evidences(s, t, x)))],
        "That is the strength with the smallest evidence. The best one has the largest.",
        lambda s, t, x: int(np.argmax(_log_evidences(s, t, x))),
        "That is the position in the list. Return the strength that stands there.",
        lambda s, t, x: max(_log_evidences(s, t, x)),
        "That is the largest evidence. Return the strength that has it.",
        lambda s, t, x: s[int(np.argmax(_log_evidences(s, t, x[:1])))],
        "That is the evidence of the first image alone. Use all of them.",
    ),
)

EXERCISES = (IMAGES_NEEDED, HELD_OUT_SCORE, BEST_STRENGTH)
