"""Exercises of notebook 4: a peek taken out of a posterior, error bars of a prior that peeked at
some images, a prior that forgets the ink."""

import numpy as np

from helpers.exercises.engine import exercise


def _peeked(seed, num_peeked, num_images, strength, template, rates):
    """A posterior whose prior is the mean of the first images, those images, the strength and the
    template."""
    counts = np.random.default_rng(seed).poisson(rates, (num_images, len(rates)))
    peeked = counts[:num_peeked]
    concentration = strength * peeked.mean(axis=0) + counts.sum(axis=0)
    return concentration, strength + num_images, peeked, strength, np.array(template)


@exercise(
    "04.without_the_peek",
    inputs=(
        _peeked(1, 2, 5, 2.0, [0.5, 8.0, 14.0], [1.0, 9.0, 12.0]),
        _peeked(2, 4, 4, 10.0, [3.0, 0.5], [5.0, 2.0]),
        _peeked(3, 1, 30, 0.1, [0.5, 16.0, 7.0, 2.5], [0.2, 13.0, 9.0, 4.0]),
        _peeked(4, 3, 7, 150.0, [6.0, 240.0], [4.0, 260.0]),
        ([30.0, 4.0], 9.0, [[7, 1], [7, 1], [4, 0]], 3.0, [5.0, 0.5]),
    ),
    praise="The images count once again, and the knowledge comes from somewhere else.",
    nudge=(
        "What does the concentration hold now, in units of ink, and what should it hold? And does "
        "the number of images change?"
    ),
    hint=(
        "The prior put in strength times the mean of the peeked images. Take that out, put in "
        "strength times the template."
    ),
    line=(
        "(concentration + strength * (template - peeked.mean(axis=0)), np.full(len(template), "
        "rate))"
    ),
    parts=2,
    mistakes=[
        lambda a, b, x, s, t: (a + s * t, np.full(len(t), b + s)),
        "The typeface is in, and the peek is still there: together they count for twice the "
        "strength.",
        lambda a, b, x, s, t: (a - s * x.mean(axis=0), np.full(len(t), b - s)),
        "The peek is out. Now nothing is known beforehand: put the typeface in, with the same "
        "strength.",
        lambda a, b, x, s, t: (a + s * t - x.sum(axis=0), np.full(len(t), b)),
        "You take out the peeked images themselves. They are data and stay; what goes is the "
        "prior, strength times their mean.",
        lambda a, b, x, s, t: (a + s * (t - x.mean(axis=0)), np.full(len(t), b - s)),
        "The ink is right. But the typeface is worth as many images as the peek was: the rate "
        "stays.",
        lambda a, b, x, s, t: (a + t - x.mean(axis=0), np.full(len(t), b)),
        "The ink of one image is exchanged. The prior counts for strength images.",
    ],
)
def without_the_peek(concentration, rate, peeked, strength, template):
    """Two arrays [pixels], (concentration, rate)."""
    ink = concentration + strength * (template - peeked.mean(axis=0))
    return ink, np.full(len(template), rate)


@exercise(
    "04.error_bar",
    inputs=(
        (2.0, 10, 5),
        (10.0, 3, 3),
        (10.0, 40, 1),
        (0.7, 4, 2),
        (200.0, 150, 120),
    ),
    praise="Whoever peeks at a few images counts those few many times: the fewer, the worse.",
    nudge=(
        "Write the posterior mean as a sum over images. How often does an image count that was "
        "peeked at, how often another?"
    ),
    hint=(
        "A peeked image counts 1 + strength / num_peeked times, another once. Add up the squares "
        "of these weights."
    ),
    line=(
        "np.sqrt((strength + num_images) / (num_images + 2 * strength + strength**2 / num_peeked))"
    ),
    mistakes=[
        lambda s, m, k: np.sqrt(m / (s + m)),
        "That is for a prior made of all the images. Here it is made of num_peeked of them.",
        lambda s, m, k: np.sqrt(k / (s + k)),
        "That forgets the other images, which nobody peeked at: they count, too, once each.",
        lambda s, m, k: 1 / error_bar(s, m, k),
        "Upside down: the claimed deviation goes on top, and it is the smaller one.",
        lambda s, m, k: error_bar(s, m, k) ** 2,
        "That is the ratio of the variances. Take its root.",
        lambda s, m, k: np.sqrt((s + m) / (m + s**2 / k)),
        "A weight of 1 + strength / num_peeked has three terms when squared; one is missing.",
        lambda s, m, k: np.sqrt((s + m) / (k * (1 + s / k) ** 2)),
        "You add up the images that were peeked at. The others count once each.",
    ],
)
def error_bar(strength, num_images, num_peeked):
    """One number, the claimed deviation over the true one."""
    squares = num_images + 2 * strength + strength**2 / num_peeked
    return np.sqrt((strength + num_images) / squares)


@exercise(
    "04.reweigh",
    inputs=(
        ([1.0, 8.0, 24.0], [2.0, 2.0, 2.0], 5.0),
        ([0.5, 30.0], [1.0, 3.0], 0.1),
        ([10.0], [2.0], 1.0),
        ([150.0, 3.0, 150.0, 900.0], [130.5, 0.5, 130.5, 2.0], 110.0),
    ),
    praise=(
        "More pseudo-images bring more ink and a larger number alike: the mean stays, only the "
        "trust grows."
    ),
    nudge="Compute the mean of the gamma before and after. What must stay, and what must grow?",
    line="(factor * concentration, factor * rate)",
    hint=(
        "The concentration holds the ink of all pseudo-images, the rate their number. Which of "
        "them grows?"
    ),
    as_given=lambda concentration, rate, factor: (concentration, factor * rate),
    parts=2,
    mistakes=[
        lambda a, b, f: (f * a, b),
        "Now the ink grows and the number of images does not, so the mean runs away upwards. Scale "
        "both.",
        lambda a, b, f: (f * a, b / f),
        "The rate is treated as a scale. It is the number of pseudo-images: more of them, a larger "
        "rate.",
        lambda a, b, f: (a / f, f * b),
        "More pseudo-images hold more ink in total, not less: the concentration is multiplied.",
        lambda a, b, f: (a + f, b + f),
        "Adding moves the mean. Five times the images means five times the ink and five times the "
        "number.",
        lambda a, b, f: (a / b, f * b),
        "The first entry is the mean now. The concentration is the mean times the new rate.",
    ],
)
def reweigh(concentration, rate, factor):
    """Two arrays [pixels], (concentration, rate)."""
    return factor * concentration, factor * rate
