"""The generator of notebook 8: fit, draw rates from q, draw images from the rates, as often as you
like."""

from typing import NamedTuple

import jax
import numpy as np

from helpers import data, distributions, inference
from helpers.models import poisson_gamma
from helpers.plots.images import BEYOND
from helpers.widgets import controls
from helpers.widgets.canvas import Images, place_axes
from helpers.widgets.words import say_images

NUM_SHOWN = 8
ROWS = ("rates from q", "synthetic", "real")
# inches: width, height, an image's side, space between rows, left end of the rows
_WIDE = (9.2, 3.06, 0.87, 0.08, 1.1)
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
    """Fit q by variational inference and draw images from it: a Result.

    Args: strength: number of pseudo-images, above 0, and digit: whole number from 0 to 9, else a
    ValueError; draw: whole number, another number, another draw; num_images: how many images to
    learn from; None for all.
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


def frame(result):
    """A Result with its words."""
    beyond = (result.synthetic > data.MAX_COUNT).mean()
    text = (
        f"Digit {result.digit}, prior worth {say_images(result.strength)}, "
        f"{say_images(result.num_images)} learned from, draw {result.draw}: "
        f"the synthetic images hold {result.synthetic.mean():.1f} counts a pixel, the real ones "
        f"{result.real.mean():.1f}; {beyond:.1%} of the synthetic pixels hold more than "
        f"{data.MAX_COUNT}, as no real one can."
    )
    is_grainier = _grain(result.synthetic) > _grain(result.real)
    alt = (
        f"Three rows of 8 by 8 images of the digit {result.digit}: {NUM_SHOWN} rate images drawn "
        "from q, "
        f"{NUM_SHOWN} synthetic images drawn from those rates, {len(result.real)} real; prior "
        "worth "
        f"{say_images(result.strength)}, draw {result.draw}. Neighbouring pixels differ "
        f"{'more' if is_grainier else 'less'} in the synthetic images than in the real ones."
    )
    return controls.Frame(result, alt, text)


def _grain(flat):
    """Mean difference between a pixel and the one below it, counts."""
    return np.abs(np.diff(flat.reshape(-1, data.SIDE, data.SIDE), axis=1)).mean()


def view(is_narrow=False):
    """The figure and its moving parts: a canvas.Images of a Result."""
    width, height, side, space, left = _NARROW if is_narrow else _WIDE
    lefts = [left + k * (side + 0.03) for k in range(NUM_SHOWN)]
    bottoms = [height - (k + 1) * (side + space) - 0.05 for k in range(len(ROWS))]
    places = [(left, bottom, side, side) for bottom in bottoms for left in lefts]
    right = (lefts[-1] + side + 0.1, bottoms[-1], 0.1, height - 0.2 - bottoms[-1])
    figure, axes = place_axes(
        (width, height), [*places, (0.1, 0.45, width - 0.2, 0.1) if is_narrow else right]
    )
    for name, ax in zip(ROWS, axes[::NUM_SHOWN], strict=False):
        if is_narrow:
            ax.set_title(name, loc="left", fontsize=10, pad=3)
        else:
            ax.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    return Images(figure, axes, _shown, BEYOND)


def _shown(result):
    # a rate may lie above 16; only counts are marked
    rates = np.minimum(result.rates, data.MAX_COUNT)
    return [*rates, *result.synthetic, *result.real, *[None] * (NUM_SHOWN - len(result.real))]


def panel(digit=0, prior_strength=2.0, num_images=None):
    """The widget, a controls.Panel.

    Args: digit, prior_strength: where the controls stand at first; num_images: how many to learn
    from; None for all.
    """

    def respond(strength, digit, draw):
        return frame(solve(strength, digit, draw + 1, num_images))

    strength, digit, draw = (
        controls.strength(prior_strength),
        controls.digit(digit),
        controls.Press("New draw"),
    )
    return controls.Panel({"strength": strength, "digit": digit, "draw": draw}, respond, view)
