"""Exercises of notebook 4: a prior with a floor, variance over mean, a prior that forgets the
ink."""

import numpy as np

from helpers.exercises.engine import exercise


@exercise(
    "04.prior",
    inputs=(
        ([0.0, 4.0, 12.5, 16.0], 2.0, 0.5),
        ([0.0, 0.25, 0.5, 1.0], 10.0, 0.5),
        ([0.0, 0.001, 3.0], 0.01, 0.1),
        (np.zeros(5), 1000.0, 0.5),
        ([40.0, 0.125], 0.7, 0.25),
        ([250.0, 3.0, 180.0], 150.0, 120.0),
    ),
    praise=(
        "Every concentration is above 0, and the prior's mean is the template, whatever the "
        "strength."
    ),
    nudge=(
        "Divide your concentration by your rate: is that, pixel by pixel, the ink you expect, "
        "floor included?"
    ),
    line="(strength * np.maximum(expected, floor), np.full(len(expected), strength))",
    hint=(
        "First raise the expected ink to the floor, then set concentration = strength * template "
        "and rate = strength."
    ),
    parts=2,
    mistakes=[
        lambda x0, s, floor: prior_with_floor(x0, s, 0.0),
        "The floor has no effect yet: where no ink is expected, the concentration is 0.",
        lambda x0, s, floor: prior_with_floor(x0 + floor, s, 0.0),
        "The floor is added, so every pixel gets darker. Raise only the pixels below it: the "
        "larger of the two.",
        lambda x0, s, floor: (np.maximum(s * x0, floor), np.full(len(x0), s)),
        "The floor comes too late. It is in counts of ink, so raise the ink first and multiply "
        "afterwards.",
        lambda x0, s, floor: (s * np.maximum(x0, floor), np.full(len(x0), 1 / s)),
        "The rate is used as a scale. Rate is the number of pseudo-images, the strength itself.",
        lambda x0, s, floor: (s * np.maximum(x0, floor), np.ones(len(x0))),
        "The rate has to carry the strength too. With rate 1, the mean is strength times too dark.",
        lambda x0, s, floor: (s * np.minimum(x0, floor), np.full(len(x0), s)),
        "You take the smaller of ink and floor. A floor is reached from below: take the larger.",
    ],
)
def prior_with_floor(expected, strength, floor):
    """Two arrays [pixels], (concentration, rate)."""
    template = np.maximum(expected, floor)
    return strength * template, np.full(len(template), strength)


def _counts(seed, num_images, rates):
    return np.random.default_rng(seed).poisson(rates, (num_images, len(rates)))


@exercise(
    "04.variance_over_mean",
    inputs=(
        (_counts(1, 200, [4.0, 9.0, 0.5]),),
        (_counts(2, 150, [1.0, 12.0, 3.0, 5.0]) * [1, 1, 2, 3],),
        (np.column_stack([_counts(3, 200, [6.0, 0.2]), np.zeros(200, dtype=int)]),),
        # the second never varies
        (np.column_stack([40 * _counts(4, 180, [1.0]), np.full(180, 3)]),),
        (_counts(5, 150, [1.0, 3.0]) * [400, 1],),
    ),
    praise=(
        "Near 1, a Poisson is a fair story. Well above it, images differ more than a Poisson "
        "allows."
    ),
    nudge="Take one column of the table by hand: its variance, its mean; then a column of zeros.",
    line=(
        "np.where(counts.any(axis=0), counts.var(axis=0) / np.maximum(counts.mean(axis=0), "
        "1e-9), 1.0)"
    ),
    hint=(
        "Take variance and mean over the images, the first axis. Divide, with 1 for pixels that "
        "are always empty."
    ),
    tolerance=1e-2,
    mistakes=[
        lambda x: x.var(axis=0, ddof=1) / x.mean(axis=0),
        "Right for every pixel that ever holds ink. Where all counts are 0 it is 0 / 0: return 1 "
        "there.",
        lambda x: x.var(axis=1) / x.mean(axis=1),
        "Wrong axis: this is one number an image. Rows are images, so go down the columns, axis=0.",
        lambda x: x.var() / x.mean(),
        "This is one number for everything. Different pixels have different means: keep them apart "
        "with axis=0.",
        lambda x: 1 / variance_over_mean(x),
        "Upside down: the variance goes on top, so that values above 1 mean too much scatter.",
        lambda x: np.where(x.any(axis=0), x.std(axis=0, ddof=1) / x.mean(axis=0), 1.0),
        "That is the standard deviation over the mean. A Poisson equates its mean with the "
        "variance, its square.",
        lambda x: np.where(x.any(axis=0), variance_over_mean(x), 0.0),
        "Right wherever there is ever ink. Where all counts are 0, nothing speaks against a "
        "Poisson: return 1.",
    ],
)
def variance_over_mean(counts):
    """An array [pixels], variance over mean."""
    mean, variance = counts.mean(axis=0), counts.var(axis=0, ddof=1)
    return np.where(mean > 0, variance / np.where(mean > 0, mean, 1.0), 1.0)


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
