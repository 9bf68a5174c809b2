"""Exercises of notebook 2: a KL divergence from draws, the ELBO with its standard error, a bound that is none."""

import numpy as np
from scipy import special, stats

from helpers.exercises.engine import Exercise, known


def _log_densities(seed, num_samples, q, p):
    """ln q and ln p at draws from q; both are gammas, (concentration, rate)."""
    draws = np.random.default_rng(seed).gamma(q[0], 1 / q[1], num_samples)
    return tuple(stats.gamma.logpdf(draws, a, scale=1 / b) for a, b in (q, p))


def kl_from_draws(log_q, log_p):
    """The average log ratio of the two densities."""
    return np.mean(log_q - log_p)


KL_FROM_DRAWS = Exercise(
    id="02.kl_from_draws",
    reference=kl_from_draws,
    inputs=(
        (np.array([-1.0, -2.0, -1.5, -0.5]), np.array([-2.0, -2.5, -1.25, -1.75])),
        _log_densities(1, 300, q=(20.0, 2.0), p=(30.0, 2.0)),
        _log_densities(2, 300, q=(0.5, 1.0), p=(2.0, 3.0)),
        _log_densities(3, 50, q=(4.0, 1.0), p=(4.0, 1.0)),
        _log_densities(8, 200, q=(90.0, 3.0), p=(40.0, 4.0)),
        (np.array([-1.5, -2.0, -0.5]), np.array([-0.75, -1.0, -0.625])),  # an estimate below 0
    ),
    returns="one number, the estimate of KL(q || p) in nats",
    praise="An expectation under q is an average over draws from q. The density q has done its work by drawing them.",
    hint="KL(q || p) is the expectation under q of ln q - ln p, and the draws come from q already.",
    mistakes=known(
        lambda log_q, log_p: np.mean(log_p - log_q),
        "The sign is flipped: it is ln q - ln p. A KL divergence is never below 0, though an estimate can be.",
        lambda log_q, log_p: np.sum(log_q - log_p),
        "That is the sum over the draws. An expectation is their average.",
        lambda log_q, log_p: np.mean(np.exp(log_q) * (log_q - log_p)),
        "The weight q is there twice: the draws come from q, so likely places already turn up more often. "
        "Only a grid needs the weights.",
        lambda log_q, log_p: np.mean(np.exp(log_q - log_p)),
        "That averages the ratio q / p. The logs are given as they are needed: no exp.",
        lambda log_q, log_p: np.mean(log_q / log_p),
        "The log of a ratio is the difference of the logs, not their ratio.",
        lambda log_q, log_p: log_q - log_p,
        "These are the log ratios, one a draw. Their average is the estimate.",
    ),
)


def elbo_and_error(log_joint, log_q):
    """Mean and standard error of the log ratios."""
    log_ratios = log_joint - log_q
    return np.mean(log_ratios), np.std(log_ratios, ddof=1) / np.sqrt(len(log_ratios))


def _joint_and_q(seed, num_samples, q, log_evidence):
    """A posterior Gamma(59, rate 5) with its evidence: ln p(x, theta) and ln q(theta) at draws from q."""
    log_q, log_posterior = _log_densities(seed, num_samples, q, p=(59.0, 5.0))
    return log_posterior + log_evidence, log_q


def _spread(log_joint, log_q):
    return np.mean(log_joint - log_q), np.std(log_joint - log_q, ddof=1)


ELBO_AND_ERROR = Exercise(
    id="02.elbo_and_error",
    reference=elbo_and_error,
    inputs=(
        _joint_and_q(4, 400, q=(20.0, 2.0), log_evidence=-9.4),
        _joint_and_q(5, 900, q=(50.0, 4.0), log_evidence=-9.4),
        _joint_and_q(6, 500, q=(59.0, 5.0), log_evidence=-9.4),
        _joint_and_q(7, 700, q=(60.0, 6.0), log_evidence=27.3),
    ),
    returns="two numbers, (elbo, standard_error) in nats",
    parts=2,
    praise="Four times the draws, half the error. Where q is the posterior, every draw says the same: no error at all.",
    hint="The ELBO is the average of ln p - ln q. Its standard error is their standard deviation / sqrt(S).",
    tolerance=5e-3,
    only_at=(
        2,
        "Right wherever the draws differ. Where all say the same, E[f^2] - E[f]^2 leaves only rounding (cancellation), "
        "and its root is NaN or too large: average (f - E[f])^2.",
    ),
    mistakes=known(
        _spread,
        "That is the spread of single draws. The average of S draws is steadier: divide by sqrt(S).",
        lambda log_joint, log_q: (np.mean(log_joint - log_q), _spread(log_joint, log_q)[1] / len(log_q)),
        "The error shrinks like 1 / sqrt(S), not like 1 / S.",
        lambda log_joint, log_q: (np.mean(log_joint - log_q), _spread(log_joint, log_q)[1] ** 2 / len(log_q)),
        "That is the squared standard error, a variance. Take its square root, so that the unit is nats.",
        lambda log_joint, log_q: (-np.mean(log_joint - log_q), elbo_and_error(log_joint, log_q)[1]),
        "The sign of the ELBO is flipped: this is the loss. The ELBO is ln p - ln q, and higher is better.",
        lambda log_joint, log_q: elbo_and_error(log_joint, 0 * log_q),
        "The entropy is missing: without - ln q, the best q is a spike on the highest point of the joint.",
        lambda log_joint, log_q: elbo_and_error(log_joint, -log_q),
        "The sign of ln q is flipped: it is subtracted.",
    ),
)


def elbo_on_grid(log_joint, log_q, spacing):
    """The expectation under q, as a sum over the grid."""
    return np.sum(np.exp(log_q) * (log_joint - log_q)) * spacing


def _elbo_as_given(log_joint, log_q, spacing):
    weights = np.exp(log_joint) * spacing
    weights = weights / weights.sum()
    return np.sum(weights * (log_joint - log_q))


def _grid(q, counts, prior, constant=0.0, size=2_000):
    """ln p(counts, theta) + constant and ln q(theta) on a grid of rates, and the grid's spacing."""
    theta = np.linspace(0.02, 40, size)
    log_joint = stats.gamma.logpdf(theta, prior[0], scale=1 / prior[1]) + constant
    for count in counts:
        log_joint = log_joint + count * np.log(theta) - theta - special.gammaln(count + 1)
    return log_joint, stats.gamma.logpdf(theta, q[0], scale=1 / q[1]), theta[1] - theta[0]


ELBO_ON_GRID = Exercise(
    id="02.elbo_on_grid",
    reference=elbo_on_grid,
    inputs=(
        _grid((40.0, 4.0), [14, 9, 16], prior=(20.0, 2.0)),
        _grid((59.0, 5.0), [14, 9, 16], prior=(20.0, 2.0)),
        _grid((9.0, 1.0), [4], prior=(3.0, 0.5), size=1_500),
        _grid((30.0, 3.0), [9], prior=(20.0, 2.0), constant=28.0, size=800),
        _grid((20.0, 2.0), [], prior=(20.0, 2.0)),
    ),
    returns="one number, the ELBO in nats",
    praise="The expectation is under q, the distribution you hold. Now the bound stays below the evidence.",
    hint="ELBO = sum over the grid of q * (log_joint - log_q) * spacing, with q = exp(log_q).",
    as_given=_elbo_as_given,
    absolute=5e-3,
    mistakes=known(
        lambda log_joint, log_q, h: np.sum(np.exp(log_q) * (log_joint - log_q)),
        "The weights are densities, and they need the width of a cell to become probabilities: times spacing.",
        lambda log_joint, log_q, h: np.sum(np.exp(log_q) * (log_joint + log_q)) * h,
        "The weights are right now, but the sign of ln q is flipped: it is subtracted.",
        lambda log_joint, log_q, h: np.sum(np.exp(log_q) * log_joint) * h,
        "The weights are right now, but - ln q is gone: that is q's entropy, and the bound needs it.",
        lambda log_joint, log_q, h: np.sum(np.exp(log_q) * (log_q - log_joint)) * h,
        "The weights are right now, but this is minus the ELBO: the joint comes first.",
        lambda log_joint, log_q, h: np.mean(log_joint - log_q),
        "A plain average gives every cell of the grid the same say. The expectation weighs each cell by q.",
        lambda log_joint, log_q, h: np.sum(np.exp(log_joint) * (log_joint - log_q)) * h,
        "Still the wrong distribution: the weights come from the joint. The expectation is under q.",
    ),
)

EXERCISES = (KL_FROM_DRAWS, ELBO_AND_ERROR, ELBO_ON_GRID)
