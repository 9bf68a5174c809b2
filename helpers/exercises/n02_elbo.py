"""Exercises of notebook 2: a KL divergence from draws, the ELBO with its standard error, a bound
that is none."""

import numpy as np
from scipy import stats

from helpers.exercises.engine import exercise

POSTERIOR = (59.0, 5.0)  # gammas here are (concentration, rate)


def _at_draws(seed, num_samples, q, p, log_evidence=0.0):
    """ln q and ln p + log_evidence at draws from q."""
    draws = np.random.default_rng(seed).gamma(q[0], 1 / q[1], num_samples)
    log_q, log_p = (stats.gamma.logpdf(draws, a, scale=1 / b) for a, b in (q, p))
    return log_q, log_p + log_evidence


@exercise(
    "02.kl_from_draws",
    inputs=(
        ([-1.0, -2.0, -1.5, -0.5], [-2.0, -2.5, -1.25, -1.75]),
        _at_draws(1, 300, q=(20.0, 2.0), p=(30.0, 2.0)),
        _at_draws(2, 300, q=(0.5, 1.0), p=(2.0, 3.0)),
        _at_draws(3, 50, q=(4.0, 1.0), p=(4.0, 1.0)),
        _at_draws(8, 200, q=(90.0, 3.0), p=(40.0, 4.0)),
        ([-1.5, -2.0, -0.5], [-0.75, -1.0, -0.625]),  # an estimate below 0
        ([-150.0, -150.0, 20.0, 3.0], [250.0, 250.0, 10.0, 150.0]),
    ),
    praise=(
        "An expectation under q is an average over draws from q. The density q has done its work "
        "by drawing them."
    ),
    nudge="Which quantity does the KL average, and what have the draws done already?",
    line="np.mean(log_q - log_p)",
    hint="KL(q || p) is the expectation under q of ln q - ln p, and the draws come from q already.",
    mistakes=[
        lambda log_q, log_p: np.mean(log_p - log_q),
        "The sign is flipped: it is ln q - ln p. A KL divergence is never below 0, though an "
        "estimate can be.",
        lambda log_q, log_p: np.sum(log_q - log_p),
        "That is the sum over the draws. An expectation is their average.",
        lambda log_q, log_p: np.mean(np.exp(log_q) * (log_q - log_p)),
        "The weight q is there twice: the draws come from q, so likely places already turn up more "
        "often. "
        "Only a grid needs the weights.",
        lambda log_q, log_p: np.mean(np.exp(log_q - log_p)),
        "That averages the ratio q / p. The logs are given as they are needed: no exp.",
        lambda log_q, log_p: np.mean(log_q / log_p),
        "The log of a ratio is the difference of the logs, not their ratio.",
        lambda log_q, log_p: log_q - log_p,
        "These are the log ratios, one a draw. Their average is the estimate.",
    ],
)
def kl_from_draws(log_q, log_p):
    """One number, the estimate of KL(q || p) in nats."""
    return np.mean(log_q - log_p)


@exercise(
    "02.elbo_and_error",
    inputs=(
        _at_draws(4, 400, (20.0, 2.0), POSTERIOR, log_evidence=-9.4)[::-1],
        _at_draws(5, 900, (50.0, 4.0), POSTERIOR, log_evidence=-9.4)[::-1],
        _at_draws(6, 500, POSTERIOR, POSTERIOR, log_evidence=-9.4)[::-1],
        _at_draws(7, 700, (60.0, 6.0), POSTERIOR, log_evidence=27.3)[::-1],
        tuple(np.subtract(_at_draws(8, 600, (20.0, 2.0), POSTERIOR)[::-1], [[400.0], [130.0]])),
    ),
    praise=(
        "Four times the draws, half the error. Where q is the posterior, every draw says the same: "
        "no error at all."
    ),
    nudge=(
        "Two questions: what is averaged, and how far would that average move if the draws were "
        "drawn anew?"
    ),
    line="(np.mean(log_joint - log_q), np.std(log_joint - log_q) / np.sqrt(len(log_q)))",
    hint=(
        "The ELBO is the average of ln p - ln q. Its standard error is their standard deviation / "
        "sqrt(S)."
    ),
    tolerance=5e-3,
    only_at=(
        2,
        "Right wherever the draws differ. Where all say the same, E[f^2] - E[f]^2 leaves only "
        "rounding (cancellation), "
        "and its root is NaN or too large: average (f - E[f])^2.",
    ),
    parts=2,
    mistakes=[
        lambda log_joint, log_q: np.multiply(
            elbo_and_error(log_joint, log_q), [1, np.sqrt(len(log_q))]
        ),
        "That is the spread of single draws. The average of S draws is steadier: divide by "
        "sqrt(S).",
        lambda log_joint, log_q: np.divide(
            elbo_and_error(log_joint, log_q), [1, np.sqrt(len(log_q))]
        ),
        "The error shrinks like 1 / sqrt(S), not like 1 / S.",
        lambda log_joint, log_q: np.power(elbo_and_error(log_joint, log_q), [1, 2]),
        "That is the squared standard error, a variance. Take its square root, so that the unit is "
        "nats.",
        lambda log_joint, log_q: np.multiply(elbo_and_error(log_joint, log_q), [-1, 1]),
        "The sign of the ELBO is flipped: this is the loss. The ELBO is ln p - ln q, and higher is "
        "better.",
        lambda log_joint, log_q: elbo_and_error(log_joint, 0 * log_q),
        "The entropy is missing: without - ln q, the best q is a spike on the highest point of the "
        "joint.",
        lambda log_joint, log_q: elbo_and_error(log_joint, -log_q),
        "The sign of ln q is flipped: it is subtracted.",
    ],
)
def elbo_and_error(log_joint, log_q):
    """Two numbers, (elbo, standard_error) in nats."""
    log_ratios = log_joint - log_q
    return np.mean(log_ratios), np.std(log_ratios, ddof=1) / np.sqrt(len(log_ratios))


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
