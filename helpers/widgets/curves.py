"""Curves of gamma densities for pictures whose axes stay fixed while the gammas change."""

import numpy as np
from matplotlib.patches import Polygon

from helpers import distributions, style

# an axis' length by where its curves begin: a gamma with a small concentration is infinite at 0
_FINEST = 20_000


class Densities:
    """Relative densities in axes of their own: a line for each role, and an area for the central
    90% of one.

    `artists` are the lines, then the area.
    """

    def __init__(self, axes, names, area=None, end=1.0):
        """Put them into axes, empty.

        Args: names: dict from a role (see `style.LINES`) to what the legend calls it, the lowest
        line first; area: None, or (role, what the legend calls the area, opacity); end: right end
        of the axis.
        """
        axes.set(xlim=(0, end), ylim=(0, 1.1), yticks=[])
        axes.set_ylabel("density, peak = 1", fontsize=10)
        self.lines = {
            role: axes.plot([], [], **style.LINES[role], label=name)[0]
            for role, name in names.items()
        }
        self.artists, self._area_of, self._end = [*self.lines.values()], None, end
        if area:
            self._area_of, name, alpha = area
            look = {
                "color": style.COLOURS[self._area_of],
                "alpha": alpha,
                "linewidth": 0,
                "label": name,
            }
            self.artists.append(axes.add_patch(Polygon([(0, 0)], **look)))

    def draw(self, gammas, most):
        """Show others: gammas is a dict from a role to a Gamma or None; the axis ends at `most`
        counts."""
        scale = self._end / most
        for role, line in self.lines.items():
            ink, density = curve(gammas[role], most) if gammas[role] else (np.empty(0), [])
            line.set_data(ink * scale, density)
        if self._area_of:
            self.artists[-1].set_xy(interval(gammas[self._area_of], most) * (scale, 1))


def entry(gamma, pixel):
    """One entry of a Gamma, in float64."""
    return distributions.Gamma(float(gamma.concentration[pixel]), float(gamma.rate[pixel]))


def curve(gamma, most):
    """Inks from 0 to `most` counts and relative densities [158] each, for Line2D.set_data."""
    mean, reach = gamma.mean, 6 * np.sqrt(gamma.variance)
    least = most / _FINEST
    left, right = np.clip([mean - reach, mean + reach], [least, 2 * least], most)
    near = np.linspace(left, right, 120)  # close together where the density is high
    ink = np.concatenate([np.linspace(least, left, 20), near[1:-1], np.linspace(right, most, 20)])
    return ink, _relative_density(gamma, ink, most)


def interval(gamma, most):
    """Corners [120, 2] of the area under the relative density within the central 90%, for
    Polygon.set_xy."""
    low, high = np.clip(distributions.credible_interval(gamma), most / _FINEST, most)
    ink = np.linspace(low, high, 60)
    return np.column_stack(
        [np.r_[ink, ink[::-1]], np.r_[_relative_density(gamma, ink, most), np.zeros(60)]]
    )


def _relative_density(gamma, ink, most):
    """A density divided by its peak; where it is infinite at 0, by its value at 1/400 of the
    axis."""
    peak = max((gamma.concentration - 1) / gamma.rate, most / 400)
    log_ratio = (gamma.concentration - 1) * np.log(ink / peak) - gamma.rate * (ink - peak)
    return np.exp(np.minimum(log_ratio, 0.5))
