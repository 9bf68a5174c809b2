"""Exercises of notebook 7: when data outweigh knowledge, what a template should be worth, evidence
used twice."""

import math

import numpy as np

from helpers.distributions import negative_binomial_log_mass
from helpers.exercises.engine import exercise
from helpers.models.poisson_gamma import condition, exact_posterior, log_evidence, prior


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


# true rates, templates of the same ink, too faint, off in one pixel, off by hundreds, ...
_TRUTHS = (
    ([12.0, 3.0, 0.5], [10.0, 4.0, 0.5], 5),
    ([9.0, 0.2], [6.0, 2.5], 1),
    ([4.0], [8.0], 40),
    ([7.0, 7.0, 1.0, 14.0], [14.0, 2.0, 7.0, 4.0], 3),
    ([300.0, 20.0, 0.1], [150.0, 90.0, 40.0], 12),
    ([0.03, 0.5], [0.3, 0.9], 600),
    ([180.0, 2.0], [179.5, 2.0], 7),
    ([2.0, 2.0, 5.0], [3.0, 3.0, 5.5], 2),
)


def _weight(rates, template, num_images):
    """The best weight of the template, 0 to 1."""
    scatter = np.sum(rates) / num_images
    return scatter / (scatter + np.sum((template - rates) ** 2))


@exercise(
    "07.best_worth",
    inputs=_TRUTHS,
    praise=(
        "The number of images drops out: what a prior is worth depends on how far off it is, and "
        "its weight falls by itself."
    ),
    nudge=(
        "The mean is w x_0 + (1 - w) x-bar. What does each part cost, the one off for good and the "
        "one that scatters?"
    ),
    hint=(
        "Minimise w^2 d^2 + (1 - w)^2 theta / m, summed over pixels, with w = s / (s + m) and d "
        "the template less the rate."
    ),
    line="np.sum(rates) / np.sum((template - rates) ** 2)",
    mistakes=[
        lambda rates, template, m: np.mean(rates / np.maximum((template - rates) ** 2, 1e-9)),
        "Each pixel would choose another strength, and you average these. One serves all: minimise "
        "the sum of the errors.",
        lambda rates, template, m: _weight(rates, template, m),
        "That is the best weight, s / (s + m). Solve it for the strength s.",
        lambda rates, template, m: np.sum(template) / np.sum((template - rates) ** 2),
        "Images scatter around the true rates, not around what you expected: a Poisson's variance "
        "is its rate.",
        lambda rates, template, m: np.sum(rates) / m / np.sum((template - rates) ** 2),
        "That is w / (1 - w), which is s / m: the strength is m times as much.",
        lambda rates, template, m: np.sqrt(np.sum(rates) / np.sum((template - rates) ** 2)),
        "That is a ratio of deviations. Squared errors add up as variances and squares.",
        lambda rates, template, m: np.sum((template - rates) ** 2) / np.sum(rates),
        "That is upside down: a template that is further off should be worth less.",
        lambda rates, template, m: np.sum(rates) / np.sum(template - rates) ** 2,
        "Too much here and too little there do not cancel: square each distance before you add.",
    ],
)
def best_worth(rates, template, num_images):
    """One number, in images."""
    return np.sum(rates) / np.sum((template - rates) ** 2)


def _log_evidences(strengths, template, counts):
    return [log_evidence(condition(prior(template, float(s)), counts)) for s in strengths]


def _hindsight(strength, template, counts):
    posterior = exact_posterior(condition(prior(template, float(strength)), counts))
    return negative_binomial_log_mass(counts, posterior).sum()


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
    as_given=lambda s, t, x: s[np.argmax([_hindsight(k, t, x) for k in s])],
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
