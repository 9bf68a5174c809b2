"""The generator of notebook 8: fit, draw rates from q, draw images from the rates, as often as you like."""

from typing import NamedTuple

import jax
import numpy as np

from helpers import data, distributions, inference
from helpers.models import poisson_gamma
from helpers.plots.images import BEYOND
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas, PixelImage, colour_bar, place_axes
from helpers.widgets.words import images

NUM_SHOWN = 8
ROWS = ("rates from q", "synthetic", "real")
_WIDE = (9.2, 3.06, 0.87, 0.08, 1.1)  # inches: width, height, an image's side, space between rows, left end of the rows
_NARROW = (3.2, 2.65, 0.35, 0.3, 0.08)


class Result(NamedTuple):
    """A handful of synthetic images."""

    strength: float  # images that the prior is worth
    digit: int
    draw: int  # which one, counted from 1
    rates: np.ndarray  # [shown, 64], counts
    synthetic: np.ndarray  # [shown, 64], whole counts
    real: np.ndarray  # [shown, 64], the first images that q learned from
    num_images: int  # how many q learned from


def solve(strength, digit, draw, num_images=None):
    """Fit q by variational inference and draw images from it.

    Args:
        strength: number of pseudo-images, above 0.
        digit: whole number from 0 to 9.
        draw: whole number; another number, another draw.
        num_images: how many images to learn from; None for all.

    Returns:
        Result.

    Raises:
        ValueError: if strength is not above 0 or digit not a whole number from 0 to 9.
    """
    counts = data.load_digit(digit)[:num_images]
    prior = poisson_gamma.prior(data.domain_knowledge(digit), strength)
    model = poisson_gamma.condition(prior, counts)
    fit_key, draw_key = jax.random.split(jax.random.key(0))
    q = inference.fit(fit_key, model, prior, inference.FAST).surrogate
    log_rates = distributions.sample_log_rates(jax.random.fold_in(draw_key, draw), q, NUM_SHOWN)
    rates = np.exp(np.asarray(log_rates, dtype=float))
    synthetic = np.random.default_rng([draw, digit]).poisson(rates)
    return Result(float(strength), digit, draw, rates, synthetic, counts[:NUM_SHOWN], len(counts))


def sentence(result):
    """The live sentence under the picture."""
    return (
        f"Digit {result.digit}, prior worth {images(result.strength)}, {images(result.num_images)} learned from, draw "
        f"{result.draw}: the synthetic images hold {result.synthetic.mean():.1f} counts a pixel, the real ones "
        f"{result.real.mean():.1f}; {_beyond(result):.1%} of the synthetic pixels hold more than "
        f"{data.MAX_COUNT}, as no real one can."
    )


def alt(result):
    """The picture in words: type, axes, finding."""
    return (
        f"Three rows of 8 by 8 images of the digit {result.digit}: {NUM_SHOWN} rate images drawn from q, "
        f"{NUM_SHOWN} synthetic images drawn from those rates, {len(result.real)} real; prior worth "
        f"{images(result.strength)}, draw {result.draw}. The synthetic ones look like the digit, but grainier."
    )


def _beyond(result):
    return (result.synthetic > data.MAX_COUNT).mean()


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self, is_narrow=False):
        width, height, side, space, left = _NARROW if is_narrow else _WIDE
        lefts = [left + k * (side + 0.03) for k in range(NUM_SHOWN)]
        bottoms = [height - (k + 1) * (side + space) - 0.05 for k in range(len(ROWS))]
        places = [(left, bottom, side, side) for bottom in bottoms for left in lefts]
        right = (lefts[-1] + side + 0.1, bottoms[-1], 0.1, height - 0.2 - bottoms[-1])
        figure, axes = place_axes((width, height), [*places, (0.1, 0.45, width - 0.2, 0.1) if is_narrow else right])
        self._images = [PixelImage(ax, over=BEYOND) for ax in axes[:-1]]
        for name, ax in zip(ROWS, axes[::NUM_SHOWN], strict=False):
            if is_narrow:
                ax.set_title(name, loc="left", fontsize=10, pad=3)
            else:
                ax.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
        colour_bar(axes[-1])
        self.canvas = Canvas(figure, self._images)

    def draw(self, result):
        """Show a Result."""
        rates = np.minimum(result.rates, data.MAX_COUNT)  # a rate may lie above 16; only counts are marked
        for row, values in enumerate((rates, result.synthetic, result.real)):
            for column in range(NUM_SHOWN):
                picture = self._images[row * NUM_SHOWN + column]
                picture.set_visible(column < len(values))
                if column < len(values):
                    picture.set_data(values[column].reshape(8, 8))


def panel(digit=0, prior_strength=2.0, num_images=None):
    """The widget.

    Args:
        digit, prior_strength: where the controls stand at first.
        num_images: how many images to learn from; None for all.

    Returns:
        controls.Panel: the last line of a cell shows it.
    """
    solve(prior_strength, digit, 1, num_images)  # compiles

    def respond(strength, digit, draw):
        result = solve(strength, digit, draw + 1, num_images)
        return controls.Frame(result, alt(result), sentence(result))

    return controls.Panel(
        {
            "strength": controls.strength(prior_strength),
            "digit": controls.digit(digit),
            "draw": controls.Press("New draw"),
        },
        respond,
        View,
    )
