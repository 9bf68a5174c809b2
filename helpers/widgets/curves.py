"""Curves of gamma densities for pictures whose axes stay fixed while the gammas change."""

import numpy as np

from helpers import distributions

LEAST = 1e-3  # counts; a gamma with a small concentration is infinite at 0


def entry(gamma, pixel):
    """One entry of a Gamma, in float64."""
    return distributions.Gamma(float(gamma.concentration[pixel]), float(gamma.rate[pixel]))


def relative_density(gamma, ink):
    """A gamma's density at each ink, divided by its peak; where it is infinite at 0, by its value at 0.05 counts."""

    def log_density(x):
        return (gamma.concentration - 1) * np.log(x) - gamma.rate * x

    peak = max((gamma.concentration - 1) / gamma.rate, 0.05)
    return np.exp(np.minimum(log_density(ink) - log_density(peak), 0.5))


def points(gamma, most):
    """Inks [158] from 0 to `most` counts, close together where the gamma's density is high."""
    mean, reach = gamma.mean, 6 * np.sqrt(gamma.variance)
    left = np.clip(mean - reach, LEAST, most)
    right = np.clip(mean + reach, 2 * LEAST, most)
    near = np.linspace(left, right, 120)
    return np.concatenate([np.linspace(LEAST, left, 20), near[1:-1], np.linspace(right, most, 20)])


def curve(gamma, most):
    """Inks and relative densities [158] each, for Line2D.set_data."""
    ink = points(gamma, most)
    return ink, relative_density(gamma, ink)


def interval(gamma, most):
    """Corners [120, 2] of the area under the relative density within the central 90%, for Polygon.set_xy."""
    low, high = np.clip(distributions.credible_interval(gamma), LEAST, most)
    ink = np.linspace(low, high, 60)
    return np.column_stack([np.r_[ink, ink[::-1]], np.r_[relative_density(gamma, ink), np.zeros(60)]])
