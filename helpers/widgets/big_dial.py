"""The big dial of notebook 7: prior strength x images seen x digit, refitted by variational inference at every move."""

import functools
import time
from typing import NamedTuple

import jax
import numpy as np

from helpers import data, distributions, inference
from helpers.distributions import Gamma
from helpers.models import poisson_gamma
from helpers.widgets import controls
from helpers.widgets.big_dial_view import View
from helpers.widgets.words import images, percent


class Result(NamedTuple):
    """One setting of the dial, answered."""

    strength: float  # images that the prior is worth
    num_images: int  # images seen
    digit: int
    template: np.ndarray  # [64], what was believed, counts
    seen: np.ndarray | None  # [64], mean of the images seen, counts; None before the first
    prior: Gamma  # entries [64]
    surrogate: Gamma  # entries [64], q
    exact: Gamma  # entries [64]
    gaps: np.ndarray  # [num_steps], ELBO - ln p(X) at each step of the refit, nats
    kl: float  # total KL(q, exact posterior), nats
    weight: float  # of the prior, 0 to 1
    pixels: tuple[int, int]  # one where the typeface puts ink, one where it puts none
    seconds: float  # time of the refit


def solve(strength, num_images, digit, recipe=None):
    """Refit the model for one setting of the controls.

    Args:
        strength: number of pseudo-images, above 0.
        num_images: how many images are seen, 0 or more; at most all that there are of the digit.
        digit: whole number from 0 to 9.
        recipe: inference.Recipe; default inference.FAST.

    Returns:
        Result.

    Raises:
        ValueError: if the strength is not above 0 or digit is not a whole number from 0 to 9.
    """
    images = data.load_digit(digit)[:num_images]
    template = data.domain_knowledge(digit)
    prior = poisson_gamma.prior(template, strength)
    model = poisson_gamma.condition(prior, images)
    begun = time.perf_counter()
    fit = inference.fit(_key(), model, prior, recipe or inference.FAST)
    surrogate, elbos = jax.tree.map(np.asarray, (fit.surrogate, fit.elbos))  # waits until it is done
    seconds = time.perf_counter() - begun
    exact = poisson_gamma.exact_posterior(model)
    return Result(
        strength=float(strength),
        num_images=len(images),
        digit=digit,
        template=template,
        seen=images.mean(axis=0) if len(images) else None,
        prior=prior,
        surrogate=surrogate,
        exact=exact,
        gaps=elbos - poisson_gamma.log_evidence(model),
        kl=float(distributions.kl_divergence(surrogate, exact).sum()),
        weight=strength / (strength + len(images)),
        pixels=two_pixels(digit),
        seconds=seconds,
    )


@functools.cache
def two_pixels(digit):
    """Two pixels near the middle: one where the typeface puts ink, one, not next to it, where it puts none.

    Args:
        digit: whole number from 0 to 9.

    Returns:
        (int, int): positions 0..63.
    """
    template = data.domain_knowledge(digit)
    rows, columns = np.divmod(np.arange(template.size), data.SIDE)
    middle = (data.SIDE - 1) / 2
    off_centre = np.hypot(rows - middle, columns - middle)
    inked = int(np.argmin(np.where(template >= 0.75 * template.max(), off_centre, np.inf)))
    is_apart = np.maximum(abs(rows - rows[inked]), abs(columns - columns[inked])) > 1
    is_empty = template <= 1.5 * template.min()
    return inked, int(np.argmin(np.where(is_empty & is_apart, off_centre, np.inf)))


def sentence(result):
    """The live sentence under the picture."""
    return (
        f"Digit {result.digit}. Prior worth {images(result.strength)}, {images(result.num_images)} seen: "
        f"the posterior is {percent(result.weight)} knowledge, {percent(1 - result.weight)} data. "
        f"VI: {len(result.gaps)} steps, {1e3 * result.seconds:.0f} ms, "
        f"KL to the exact posterior {max(result.kl, 0):.0e} nats."
    )


def alt(result):
    """The picture in words, the same on every machine."""
    saw = f"the mean of {images(result.num_images)} seen" if result.num_images else "a blank, for no image was seen"
    means = [float(result.surrogate.mean[pixel]) for pixel in result.pixels]
    return (
        f"Three images of the digit {result.digit}: the typeface's ({percent(result.weight)} of the answer), {saw} "
        f"({percent(1 - result.weight)}), and the posterior mean, with the prior worth {images(result.strength)}. "
        f"Below, prior, q and exact posterior for two pixels: q puts an inked pixel at {means[0]:.2g} counts and an "
        f"empty one at {means[1]:.2g}, on top of the exact posterior; and the ELBO, climbing to the evidence."
    )


def panel(digit=0, prior_strength=2.0, num_images=3):
    """The widget.

    Args:
        digit, prior_strength, num_images: where the controls stand at first.

    Returns:
        controls.Panel: the last line of a cell shows it.
    """
    view = View(inference.FAST.num_steps)
    solve(prior_strength, num_images, digit)  # compiles
    most = max(len(data.load_digit(k)) for k in range(10))

    def respond(strength, num_images, digit):
        result = solve(strength, num_images, digit)
        return controls.Frame(view.draw(result), alt(result), sentence(result))

    return controls.Panel(
        {
            "strength": controls.strength(prior_strength),
            "num_images": controls.images_seen(most, num_images),
            "digit": controls.whole_number("Digit", 0, 9, digit, width=190),
        },
        respond,
    )


@functools.cache
def _key():
    return jax.random.key(0)
