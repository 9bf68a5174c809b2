"""Exercises of notebook 2: the price of a wrong width, the widths of a product, a bound that is
none."""

import numpy as np
from scipy import stats

from helpers.exercises.engine import exercise


@exercise(
    "02.width",
    inputs=(
        *((0.0, ratio) for ratio in (0.5, 2.0, 1.0)),
        *((1.5, 1.0), (-1.0, 0.25), (0.5, 3.0), (3.0, 0.1)),
        (-150.0, 120.0),
        (120.0, 0.5),
    ),
    praise=(
        "Twice as wide costs 0.81 nats, half as wide 0.32: where a surrogate must be wrong, it "
        "will be narrow."
    ),
    nudge="The gap is a KL divergence. Of which of the two, and averaged over which?",
    hint=(
        "The gap is KL(q || posterior). Average ln q - ln p over q, with the posterior as the "
        "standard normal."
    ),
    line="(ratio**2 + shift**2 - 1) / 2 - np.log(ratio)",
    mistakes=[
        lambda d, r: -gap_of_a_normal(d, r),
        "The sign is flipped: the ELBO lies below the evidence, so the gap is never below 0.",
        lambda d, r: np.log(r) + (1 + d**2) / (2 * r**2) - 0.5,
        "That is the forward KL, averaged over the posterior. The gap averages over q.",
        lambda d, r: (r**2 + d**2 - 1) / 2,
        "The entropy is missing: -ln(ratio), by which a narrower q pays.",
        lambda d, r: (r**2 + d**2) / 2 - np.log(r),
        "Not 0 where q is the posterior: q's own average squared distance, 1/2, is to be taken "
        "off.",
        lambda d, r: (r + d**2 - 1) / 2 - np.log(r) / 2,
        "The ratio is used as one of variances. It is one of standard deviations: square it.",
        lambda d, r: (r**2 + np.abs(d) - 1) / 2 - np.log(r),
        "The shift enters squared: the posterior's log density is a parabola.",
        lambda d, r: (r**2 + d**2 - 1) / 2 + np.log(r),
        "The sign of the log is flipped: a narrower q has less entropy, and pays for it.",
        lambda d, r: r**2 + d**2 - 1 - 2 * np.log(r),
        "Twice too large: the normal's log density is minus half the squared distance.",
    ],
)
def gap_of_a_normal(shift, ratio):
    """One number, the gap in nats."""
    return (ratio**2 + shift**2 - 1) / 2 - np.log(ratio)


def _covariance(deviations, correlation):
    """Of two unknowns, an array [2, 2]."""
    off = correlation * np.prod(deviations)
    return np.array([[deviations[0] ** 2, off], [off, deviations[1] ** 2]])


THREE = np.array([[2.0, 0.6, -0.4], [0.6, 1.0, 0.3], [-0.4, 0.3, 1.5]])


@exercise(
    "02.mean_field",
    inputs=(
        (_covariance((1.0, 2.0), 0.8),),
        (_covariance((3.0, 0.5), -0.95),),
        (_covariance((1.0, 2.0), 0.0),),
        (_covariance((0.2, 0.2), 0.5),),
        (_covariance((150.0, 12.0), 0.3),),
        (THREE,),
    ),
    praise=(
        "The width of a slice, not of the shadow: the more two unknowns trade off, the less of "
        "their doubt is told."
    ),
    nudge="How wide is the normal along one axis, if the other unknowns are held at their centre?",
    hint=(
        "A slice along axis j has the log density -0.5 * precision[j, j] * distance**2. The "
        "precision is the inverse of the covariance."
    ),
    line="1 / np.sqrt(np.diag(np.linalg.inv(covariance)))",
    mistakes=[
        lambda c: np.sqrt(np.diag(c)),
        "These are the exact deviations, the shadows of the cloud on the axes. A product tells "
        "less.",
        lambda c: 1 / np.diag(np.linalg.inv(c)),
        "These are the variances that it reports. Take their roots.",
        lambda c: np.sqrt(np.diag(np.linalg.inv(c))),
        "Upside down: a large precision means a narrow slice.",
        lambda c: np.diag(np.linalg.inv(c)),
        "That is the precision along each axis. The deviation is one over its root.",
        lambda c: np.sqrt(np.linalg.eigvalsh(c)),
        "These are the deviations along the cloud's own axes. The product's axes are the unknowns.",
        lambda c: np.diag(np.linalg.cholesky(c)),
        "Right for the last unknown alone: the factor's diagonal holds still only the unknowns "
        "before.",
    ],
)
def product_deviations(covariance):
    """An array [unknowns], the standard deviations of the best product."""
    return 1 / np.sqrt(np.diag(np.linalg.inv(covariance)))


def _grid(q, counts, prior, constant=0.0, size=2_000):
    """ln p(counts, theta) + constant and ln q(theta) on a grid of rates, and the grid's spacing."""
    theta = np.linspace(0.02, 40, size)
    log_q, log_prior = (stats.gamma.logpdf(theta, a, scale=1 / b) for a, b in (q, prior))
    log_likelihood = stats.poisson.logpmf(np.reshape(counts, (-1, 1)), theta).sum(axis=0)
    return log_prior + log_likelihood + constant, log_q, theta[1] - theta[0]


@exercise(
    "02.elbo_on_grid",
    inputs=(
        _grid((40.0, 4.0), [14, 9, 16], prior=(20.0, 2.0)),
        _grid((59.0, 5.0), [14, 9, 16], prior=(20.0, 2.0)),
        _grid((9.0, 1.0), [4], prior=(3.0, 0.5), size=1_500),
        _grid((30.0, 3.0), [9], prior=(20.0, 2.0), constant=28.0, size=800),
        _grid((30.0, 3.0), [9, 12], prior=(20.0, 2.0), constant=-300.0, size=700),
        _grid((20.0, 2.0), [], prior=(20.0, 2.0)),
    ),
    praise=(
        "The expectation is under q, the distribution you hold. Now the bound stays below the "
        "evidence."
    ),
    nudge=(
        "Look at the weights: under which distribution is the expectation, and do they add up to 1?"
    ),
    line="np.sum(np.exp(log_q) * (log_joint - log_q)) * spacing",
    hint="ELBO = sum over the grid of q * (log_joint - log_q) * spacing, with q = exp(log_q).",
    as_given=lambda log_joint, log_q, h: np.average(log_joint - log_q, weights=np.exp(log_joint)),
    absolute=5e-3,
    mistakes=[
        lambda log_joint, log_q, h: np.sum(np.exp(log_q) * (log_joint - log_q)),
        "The weights are densities, and they need the width of a cell to become probabilities: "
        "times spacing.",
        lambda log_joint, log_q, h: np.sum(np.exp(log_q) * (log_joint + log_q)) * h,
        "The weights are right now, but the sign of ln q is flipped: it is subtracted.",
        lambda log_joint, log_q, h: np.sum(np.exp(log_q) * log_joint) * h,
        "The weights are right now, but - ln q is gone: that is q's entropy, and the bound needs "
        "it.",
        lambda log_joint, log_q, h: np.sum(np.exp(log_q) * (log_q - log_joint)) * h,
        "The weights are right now, but this is minus the ELBO: the joint comes first.",
        lambda log_joint, log_q, h: np.mean(log_joint - log_q),
        "A plain average gives every cell of the grid the same say. The expectation weighs each "
        "cell by q.",
        lambda log_joint, log_q, h: np.sum(np.exp(log_joint) * (log_joint - log_q)) * h,
        "Still the wrong distribution: the weights come from the joint. The expectation is under "
        "q.",
    ],
)
def elbo_on_grid(log_joint, log_q, spacing):
    """One number, the ELBO in nats."""
    return np.sum(np.exp(log_q) * (log_joint - log_q)) * spacing
