"""Exercises of notebook 10: latent counts, a complete conditional, the labels of a mixture."""

import numpy as np
from scipy import special

from helpers.exercises.engine import exercise


@exercise(
    "10.expected_parts",
    inputs=(
        (40, [0.0, -1.0, 0.5], [1.0, 2.0, -0.5]),
        (3, [-2.0, 0.3], [0.7, 0.1]),
        (0, [0.2, -0.4], [0.0, 1.5]),
        (7, [-4.0], [1.0]),
        (500, [-150.0, -151.0, -149.5, -13.0], [-20.0, -18.0, -21.0, -156.0]),
    ),
    praise=(
        "They add up to the count: a multinomial of a known total, with shares that add up to 1."
    ),
    nudge="Add up what you return: it should be the count. And which factor should get most?",
    line="count * special.softmax(log_weights + log_factors)",
    hint=(
        "A share is exp(log_weights + log_factors), divided by its sum over the factors. Share out "
        "the count by it."
    ),
    mistakes=[
        lambda x, w, h: special.softmax(w + h),
        "These are the shares. Multiply by the count.",
        lambda x, w, h: x * np.exp(w + h),
        "The shares do not add up to 1: divide by the sum over the factors.",
        lambda x, w, h: np.exp(w + h),
        "These are what the factors would add of themselves. Divide by the sum, then multiply by "
        "the count.",
        lambda x, w, h: x * (w + h) / np.sum(w + h),
        "The arguments are logs: take exp of their sum first.",
        lambda x, w, h: x * special.softmax(w),
        "The factor's ink in this pixel counts as well: add log_factors to log_weights.",
        lambda x, w, h: x * special.softmax(h),
        "The image's weights count as well: add log_weights to log_factors.",
        lambda x, w, h: x * special.softmax(w - h),
        "A product in logs is a sum: log_weights + log_factors.",
    ],
)
def expected_parts(count, log_weights, log_factors):
    """An array [K]."""
    return count * special.softmax(log_weights + log_factors)


_RNG = np.random.default_rng(10)


def _case(a, b, pixels, components):
    parts = np.round(_RNG.gamma(1.0, 2.0, (pixels, components)), 2)
    return a, b, parts, np.round(_RNG.gamma(0.8, 3.0, (components, pixels)), 2)


@exercise(
    "10.weight_update",
    inputs=(
        _case(0.5, 2.0, 5, 3),
        _case(1.0, 1.0, 4, 4),
        _case(3.0, 0.25, 2, 1),
        (
            150.0,
            120.0,
            [[200.0, 3.0], [20.0, 0.5], [200.0, 3.0], [4.0, 130.0]],
            [[150.0, 20.0, 150.0, 1.0], [2.0, 30.0, 2.0, 4.0]],
        ),
    ),
    praise=(
        "The concentration counts what the image holds, the rate what the factors would give "
        "anyway."
    ),
    nudge=(
        "Which of the two grows with the ink of the image, and what are they where there is no "
        "pixel at all?"
    ),
    line="(a + parts.sum(axis=0), b + factor_means.sum(axis=1))",
    hint=(
        "Concentration: a plus the latent counts of all pixels. Rate: b plus the factor's mean ink "
        "of all pixels."
    ),
    parts=2,
    mistakes=[
        lambda a, b, s, h: (s.sum(axis=0), h.sum(axis=1)),
        "The prior is missing: add a to the concentration and b to the rate.",
        lambda a, b, s, h: (a + s.sum(axis=0), np.full(len(h), b)),
        "The rate is still the prior's. Add the factor's means, summed over the pixels.",
        lambda a, b, s, h: (a + s.sum(axis=0), np.full(len(h), b + len(s))),
        "The rate counts pixels as if each factor put 1 count into each. Add the factor's means "
        "instead.",
        lambda a, b, s, h: (a + s.sum(axis=0), 1 / (b + h.sum(axis=1))),
        "That is the scale. The rate is its inverse.",
        lambda a, b, s, h: (a + s.sum(axis=0) - 1, b + h.sum(axis=1)),
        "An exponent of a - 1 + sum belongs to the concentration a + sum: a gamma has "
        "x^(concentration - 1).",
        lambda a, b, s, h: (a + s.mean(axis=0), b + h.mean(axis=1)),
        "Sum over the pixels; a mean forgets how many there are.",
        lambda a, b, s, h: (b + h.sum(axis=1), a + s.sum(axis=0)),
        "The two are exchanged: first the concentration, then the rate.",
    ],
)
def weight_update(a, b, parts, factor_means):
    """Two arrays [K], (concentration, rate)."""
    return a + parts.sum(axis=0), b + factor_means.sum(axis=1)


def _labels(expected_log, means_sign=-1, axis=1):
    """Responsibilities from another E[ln theta], with the means added or left out, normalised over
    another axis."""

    def answer(counts, concentration, rate):
        means = (concentration / rate[:, None]).sum(axis=1)
        logits = counts @ expected_log(concentration, rate[:, None]).T + means_sign * means
        return logits if axis is None else special.softmax(logits, axis=axis)

    return answer


def _digamma_minus_log(c, r):
    return special.digamma(c) - np.log(r)


@exercise(
    "10.label_update",
    inputs=(
        ([[3, 0, 1], [0, 2, 0], [1, 1, 0]], [[3.5, 0.6, 1.4], [0.5, 2.5, 0.7]], [1.1, 2.3]),
        ([[1, 2], [0, 0]], [[1.5, 2.0], [0.9, 0.8], [0.6, 3.0]], [2.0, 0.8, 1.4]),
        ([[0, 4]], [[0.5, 2.0]], [1.0]),
        # images far apart: one maximum for all of them underflows
        ([[900, 2], [2, 1]], [[300.0, 0.5], [320.0, 0.4]], [1.0, 1.0]),
        ([[1, 0, 3], [0, 2, 1]], [[140.0, 160.0, 150.0], [150.0, 155.0, 140.0]], [110.0, 130.25]),
    ),
    praise=(
        "E[ln theta] = digamma(concentration) - ln(rate): below the log of the mean, most of all "
        "after little ink."
    ),
    nudge=(
        "Two averages over q: of ln theta and of theta. What is each for a gamma, and along "
        "which axis do labels add up to 1?"
    ),
    line=(
        "special.softmax(counts @ (special.digamma(concentration) - np.log(rate)[:, None]).T - "
        "(concentration / rate[:, None]).sum(axis=1), axis=1)"
    ),
    hint="The expected log likelihood is counts * E[ln theta] - E[theta], summed over the pixels.",
    as_given=_labels(lambda c, r: np.log(c / r)),
    mistakes=[
        _labels(lambda c, r: special.digamma(c)),
        "That is the mean log at rate 1. Take off ln(rate).",
        _labels(lambda c, r: special.digamma(c) + np.log(r)),
        "The sign of ln(rate): a larger rate means a smaller theta.",
        _labels(lambda c, r: special.digamma(c / r)),
        "The digamma of the mean is not the mean log: that is digamma(concentration) - ln(rate).",
        _labels(_digamma_minus_log, means_sign=0),
        "The Poisson's - theta is missing: take off the templates' means, summed over the pixels.",
        _labels(_digamma_minus_log, means_sign=1),
        "The means are added. The Poisson's log mass has - theta.",
        _labels(_digamma_minus_log, axis=0),
        "Normalised over the images. Each image's labels add up to 1: use axis 1.",
        _labels(_digamma_minus_log, axis=None),
        "These are the logs, not normalised. A softmax over the templates makes shares of them.",
    ],
)
def label_update(counts, concentration, rate):
    """An array [images, K] whose rows add up to 1."""
    expected_log = special.digamma(concentration) - np.log(rate)[..., None]
    return special.softmax(
        counts @ expected_log.T - (concentration / rate[..., None]).sum(axis=1), axis=1
    )
