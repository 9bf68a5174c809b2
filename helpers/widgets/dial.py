"""The dial of notebook 1: one pixel, what you expected, what you saw, and how the strength weighs
them."""

from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle

from helpers import distributions, style
from helpers.distributions import Gamma
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas, hide_axis, legend, place_axes
from helpers.widgets.curves import Densities
from helpers.widgets.words import say_images, say_percent

MOST_INK = 24.0  # right end of the axis, counts
# Inches: size, places of gauge and densities, middle of the legend and its columns; on a wide page
# and a narrow one.
_WIDE = ((8.8, 4.1), [(0.5, 3.55, 7.9, 0.22), (0.5, 0.6, 7.9, 2.5)], 3.3, 5)
_NARROW = ((3.2, 4.4), [(0.35, 3.85, 2.7, 0.2), (0.35, 0.6, 2.7, 2.3)], 3.32, 2)


class Result(NamedTuple):
    """One setting of the dial, answered."""

    expected: float  # counts
    seen: np.ndarray  # [images], counts
    prior: Gamma  # its rate is how many images it is worth
    # the likelihood's shape, as a density of the rate; None before the first image
    likelihood: Gamma | None
    posterior: Gamma
    weight: float  # of the prior, 0 to 1


def solve(strength, num_images, expected, counts):
    """Bayes' rule for one pixel, in closed form: a Result.

    Args: strength: number of pseudo-images, above 0, else a ValueError; num_images: how many of the
    counts are seen, 0 or more; expected: the ink expected before looking, above 0; counts [images],
    of the pixel.
    """
    if not strength > 0:
        raise ValueError(f"strength must be above 0; got {strength!r}.")
    seen = np.asarray(counts)[:num_images]
    prior = Gamma(strength * expected, strength)
    likelihood = Gamma(1.0 + seen.sum(), float(len(seen))) if len(seen) else None
    posterior = Gamma(prior.concentration + seen.sum(), prior.rate + len(seen))
    return Result(expected, seen, prior, likelihood, posterior, strength / (strength + len(seen)))


def frame(result):
    """A Result with its words."""
    low, high = distributions.credible_interval(result.posterior)
    saw = f"on average {result.seen.mean():.1f}" if len(result.seen) else "nothing yet"
    text = (
        f"Prior worth {say_images(result.prior.rate)}, {say_images(len(result.seen))} seen: "
        f"{say_percent(result.weight)} of what you expected ({result.expected:.1f} counts) and "
        f"{say_percent(1 - result.weight)} of what you saw ({saw}) "
        f"make {result.posterior.mean:.1f}. The rate lies between {low:.1f} and {high:.1f} with "
        "probability 90%."
    )
    curves = (
        "prior, likelihood and posterior"
        if len(result.seen)
        else "prior and posterior, still the same"
    )
    alt = f"A gauge over densities of a pixel's rate: {curves}. {text}"
    return controls.Frame(result, alt, text)


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self, is_narrow=False):
        size, places, legend_at, columns = _NARROW if is_narrow else _WIDE
        figure, (gauge, axes) = place_axes(size, places)
        self._words = ("expected", "seen") if is_narrow else ("what you expected", "what you saw")
        hide_axis(gauge, xlim=(0, 1), ylim=(0, 1), facecolor="black")
        self._share = gauge.add_patch(
            Rectangle((0, 0), 0, 1, color=style.COLOURS["prior"], linewidth=0)
        )
        self._knowledge = gauge.text(0, 1.25, "", va="bottom", fontsize=11, color=style.QUIET)
        self._data = gauge.text(1, 1.25, "", va="bottom", ha="right", fontsize=11)
        names = {"prior": "prior", "likelihood": "likelihood", "exact": "posterior"}
        self._densities = Densities(axes, names, ("exact", "its central 90%", 0.18))
        axes.set(xlim=(0, MOST_INK), ylim=(-0.12, 1.1), xlabel="rate of ink (counts)")
        self._seen = axes.plot(
            [], [], "|", color="black", markersize=10, markeredgewidth=1.3, label="counts seen"
        )[0]
        handles = [*self._densities.artists, self._seen]
        legend(figure, handles, (size[0] / 2, legend_at), columns)
        self.canvas = Canvas(figure, [self._share, self._knowledge, self._data, *handles])

    def draw(self, result):
        """Move everything to a Result."""
        self._share.set_width(result.weight)
        self._knowledge.set_text(f"{say_percent(result.weight)} {self._words[0]}")
        self._data.set_text(f"{say_percent(1 - result.weight)} {self._words[1]}")
        gammas = {"prior": result.prior, "likelihood": result.likelihood, "exact": result.posterior}
        self._densities.draw(gammas, MOST_INK)
        self._seen.set_data(result.seen, np.full(len(result.seen), -0.06))


def panel(counts, expected, prior_strength=2.0, num_images=3, yours=()):
    """The widget, a controls.Panel.

    Args: counts [images], of one pixel, in the order in which they are seen; expected: the ink
    expected before looking, above 0; prior_strength, num_images: where the controls stand at first;
    yours: counts of the images that the page has looked at already, they are seen first.
    """
    others = list(counts)
    for count in yours:
        others.remove(count)
    counts = [*yours, *others]
    moved = {
        "strength": controls.strength(prior_strength),
        "num_images": controls.images_seen(num_images, len(counts)),
    }
    return controls.Panel(
        moved, lambda **setting: frame(solve(**setting, expected=expected, counts=counts)), View
    )
