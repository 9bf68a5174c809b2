"""Curves of gamma densities, for pictures whose ticks stay in place while the gammas change."""

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

    def __init__(self, axes, names, area=None):
        """Put them into axes, empty.

        Args: names: dict from a role (see `style.LINES`) to what the legend calls it, the lowest
        line first; area: None, or (role, what the legend calls the area, opacity).
        """
        axes.set(ylim=(0, 1.1), yticks=[])
        axes.set_ylabel("density, peak = 1", fontsize=10)
        self.lines = {
            role: axes.plot([], [], **style.LINES[role], label=name)[0]
            for role, name in names.items()
        }
        self.artists, self._axes, self._area_of = [*self.lines.values()], axes, None
        if area:
            self._area_of, name, alpha = area
            look = {"color": style.COLOURS[self._area_of], "alpha": alpha, "linewidth": 0}
            self.artists.append(axes.add_patch(Polygon([(0, 0)], label=name, **look)))

    def draw(self, gammas, most):
        """Show others: gammas is a dict from a role to a Gamma or None; the axis goes from 0 to
        `most` counts."""
        if self._axes.get_xlim()[1] != most:
            self._axes.set_xlim(0, most)
        for role, line in self.lines.items():
            line.set_data(*(curve(gammas[role], most) if gammas[role] else ([], [])))
        if self._area_of:
            gamma = gammas[self._area_of]
            low, high = np.clip(distributions.credible_interval(gamma), most / _FINEST, most)
            ink = np.linspace(low, high, 60)
            corners = np.column_stack([ink, _relative_density(gamma, ink, most)])
            self.artists[-1].set_xy([(low, 0), *corners, (high, 0)])


def entry(gamma, pixel):
    """One entry of a Gamma, in float64."""
    return distributions.Gamma(float(gamma.concentration[pixel]), float(gamma.rate[pixel]))


def curve(gamma, most):
    """Inks from 0 to `most` counts, close together where the density is high, and the relative
    densities there."""
    least, reach = most / _FINEST, 6 * np.sqrt(gamma.variance)
    left, right = np.clip([gamma.mean - reach, gamma.mean + reach], least, most)
    everywhere, near = np.linspace(least, most, 40), np.linspace(left, right, 120)
    ink = np.unique(np.concatenate([everywhere, near]))
    return ink, _relative_density(gamma, ink, most)


def _relative_density(gamma, ink, most):
    """A density divided by its peak; where it is infinite at 0, by its value at 1/400 of the
    axis."""
    peak = max((gamma.concentration - 1) / gamma.rate, most / 400)
    log_ratio = (gamma.concentration - 1) * np.log(ink / peak) - gamma.rate * (ink - peak)
    return np.exp(np.minimum(log_ratio, 0.5))
