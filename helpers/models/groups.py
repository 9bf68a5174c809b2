"""Counts of groups, each watched for a known time: gamma rates whose common law is unknown too.

    x_i ~ Poisson(theta_i t_i),  theta_i ~ Gamma(alpha, beta),  groups i = 1..n,
    alpha ~ Exponential(1),  beta ~ Gamma(0.1, 1) unless another is given.

The rates are integrated out, which leaves a negative binomial: two unknowns, ln alpha and ln beta.

Source: George, Makov and Smith (1993), Conjugate likelihood distributions.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaln
from scipy import special

from helpers import checks
from helpers.distributions import Gamma, gamma_log_density, negative_binomial_log_mass

PRIOR_OF_RATE = Gamma(0.1, 1.0)  # of beta, in the unit of the exposures: that of the BUGS manual
_REACH = (
    (-9.0, 6.0),
    (-20.0, 8.0),
)  # of the grid: ln alpha; ln beta, from that of a middling exposure
_LEFT_OVER = 1e-6  # the most probability that may lie on the grid's edge


class Groups(NamedTuple):
    """The model once the groups have been counted. A pytree."""

    counts: np.ndarray  # [groups]
    exposures: np.ndarray  # [groups], above 0
    prior_of_rate: Gamma  # of beta

    def log_joint(self, logs):
        """ln p(counts, ln alpha, ln beta), a density of the two logs: [2] to a scalar, nats."""
        log_alpha, log_beta = logs
        alpha, beta = jnp.exp(log_alpha), jnp.exp(log_beta)
        log_prior = log_alpha - alpha + gamma_log_density(self.prior_of_rate, log_beta) + log_beta
        log_sum, x, log_t = jnp.log(beta + self.exposures), self.counts, jnp.log(self.exposures)
        log_mass = gammaln(alpha + x) - gammaln(alpha) - gammaln(jnp.add(x, 1.0))
        log_mass += alpha * (log_beta - log_sum) + x * (log_t - log_sum)
        return log_prior + log_mass.sum()


class OnGrid(NamedTuple):
    """The exact posterior of ln alpha and ln beta, on a grid."""

    log_alpha: np.ndarray  # [size]
    log_beta: np.ndarray  # [size]
    mass: np.ndarray  # [size, size], probability of each cell, rows by ln alpha
    log_evidence: float  # ln p(counts), nats


def condition(counts, exposures, prior_of_rate=PRIOR_OF_RATE):
    """The Groups of counts [groups] and exposures [groups]: how long, or how much, each was seen.

    Args: prior_of_rate: Gamma of beta, in the unit of the exposures. Raises: ValueError: if counts
    are no whole numbers from 0 on, or exposures not as many, finite and above 0.
    """
    counts = checks.counts(counts, table=False)
    exposures = checks.above_0("exposures", exposures)
    if counts.ndim != 1 or not counts.size:
        raise ValueError(f"counts must be a list of one count a group; got shape {counts.shape}.")
    if exposures.shape != counts.shape:
        raise ValueError(f"exposures must be {counts.size} numbers, one a group.")
    return Groups(counts, exposures, prior_of_rate)


def on_grid(model, size=301):
    """The exact posterior by summing over size x size pairs of logs: an OnGrid, float64.

    Raises: ValueError: if the posterior reaches beyond the grid, as it does where hardly anything
    was counted.
    """
    middle = np.log(model.exposures).mean()
    (low, high), (left, right) = _REACH
    log_alpha, log_beta = np.linspace(low, high, size), middle + np.linspace(left, right, size)
    pairs = np.meshgrid(log_alpha, log_beta, indexing="ij")
    log_joint = _log_joint_of_pairs(model, *pairs)
    log_total = special.logsumexp(log_joint)
    mass = np.exp(log_joint - log_total)
    if max(mass[[0, -1]].sum(), mass[:, [0, -1]].sum()) > _LEFT_OVER:
        raise ValueError("the posterior reaches beyond the grid: these groups say too little.")
    cell = (log_alpha[1] - log_alpha[0]) * (log_beta[1] - log_beta[0])
    return OnGrid(log_alpha, log_beta, mass, float(log_total + np.log(cell)))


def rates_given(model, log_alpha, log_beta):
    """The rates' exact posterior given the two logs [...]: a Gamma with entries [..., groups]."""
    alpha, beta = np.exp(log_alpha)[..., np.newaxis], np.exp(log_beta)[..., np.newaxis]
    return Gamma(alpha + model.counts, beta + model.exposures)


def _log_joint_of_pairs(model, log_alpha, log_beta):
    """As `Groups.log_joint`, in float64: entries broadcast."""
    alpha, beta = np.exp(log_alpha), np.exp(log_beta)
    shape, rate = model.prior_of_rate
    log_prior = log_alpha - alpha
    log_prior = log_prior + shape * (np.log(rate) + log_beta) - rate * beta - special.gammaln(shape)
    # a count over an exposure t has the rate beta / t
    law = Gamma(alpha[..., np.newaxis], beta[..., np.newaxis] / model.exposures)
    return log_prior + negative_binomial_log_mass(model.counts, law).sum(axis=-1)
