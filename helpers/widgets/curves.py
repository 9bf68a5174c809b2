"""Curves of gamma densities for pictures whose axes stay fixed while the gammas change."""

import numpy as np

from helpers import distributions


def entry(gamma, pixel):
    """One entry of a Gamma, in float64."""
    return distributions.Gamma(float(gamma.concentration[pixel]), float(gamma.rate[pixel]))


def curve(gamma, most):
    """Inks from 0 to `most` counts and relative densities [158] each, for Line2D.set_data."""
    mean, reach = gamma.mean, 6 * np.sqrt(gamma.variance)
    least = _least(most)
    left = np.clip(mean - reach, least, most)
    right = np.clip(mean + reach, 2 * least, most)
    near = np.linspace(left, right, 120)  # close together where the density is high
    ink = np.concatenate([np.linspace(least, left, 20), near[1:-1], np.linspace(right, most, 20)])
    return ink, _relative_density(gamma, ink, most)


def interval(gamma, most):
    """Corners [120, 2] of the area under the relative density within the central 90%, for Polygon.set_xy."""
    low, high = np.clip(distributions.credible_interval(gamma), _least(most), most)
    ink = np.linspace(low, high, 60)
    return np.column_stack([np.r_[ink, ink[::-1]], np.r_[_relative_density(gamma, ink, most), np.zeros(60)]])


def _least(most):
    return most / 20_000  # a gamma with a small concentration is infinite at 0


def _relative_density(gamma, ink, most):
    """A density divided by its peak; where it is infinite at 0, by its value at 1/400 of the axis."""

    def log_density(x):
        return (gamma.concentration - 1) * np.log(x) - gamma.rate * x

    peak = max((gamma.concentration - 1) / gamma.rate, most / 400)
    return np.exp(np.minimum(log_density(ink) - log_density(peak), 0.5))
