"""Paint your own prior, in notebook 4: 64 pixels to press, what the prior dreams, and the posterior it leads to."""

from typing import NamedTuple

import ipywidgets
import matplotlib
import numpy as np

from helpers import data, style
from helpers.models import poisson_gamma
from helpers.plots.images import BEYOND
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas, PixelImage, colour_bar, place_axes
from helpers.widgets.words import images, percent

INKS = (0, 4, 8, 12, 16)  # counts on the brush
NUM_DREAMS = 4
_WIDTH, _SIDE, _HEIGHT = 9.2, 1.15, 1.6  # inches


class Result(NamedTuple):
    """A painting, and where it leads."""

    template: np.ndarray  # [64], the painting with the floor put under it, counts
    strength: float  # images that the painting is worth
    num_images: int  # images seen
    digit: int
    dreams: np.ndarray  # [dreams, 64], prior predictive images, whole counts
    posterior_mean: np.ndarray  # [64], counts
    weight: float  # of the painting, 0 to 1
    log_evidence: float  # of the images seen under the painting, nats
    typeface_log_evidence: float  # and under the typeface, at the same strength


def solve(painting, strength, num_images, digit, seed=0):
    """Turn a painting into a prior, dream from it, and learn from images.

    Args:
        painting: [64], counts of ink, 0 to 16.
        strength: number of pseudo-images, above 0.
        num_images: how many images are seen, 0 or more.
        digit: whole number from 0 to 9, the digit that the images show.
        seed: of the dreams.

    Returns:
        Result.

    Raises:
        ValueError: if the painting has ink below 0, or strength is not above 0.
    """
    painting = np.asarray(painting, dtype=float)
    if painting.min() < 0:
        raise ValueError(f"a painting has no ink below 0; got {painting.min():g}.")
    template = np.maximum(painting, data.DEFAULT_FLOOR)
    seen = data.load_digit(digit)[:num_images]
    models = [
        poisson_gamma.condition(poisson_gamma.prior(believed, strength), seen)
        for believed in (template, data.domain_knowledge(digit))
    ]
    rng = np.random.default_rng(seed)
    prior = models[0].prior
    rates = rng.standard_gamma(prior.concentration, (NUM_DREAMS, template.size)) / prior.rate
    return Result(
        template=template,
        strength=float(strength),
        num_images=len(seen),
        digit=digit,
        dreams=rng.poisson(rates),
        posterior_mean=poisson_gamma.exact_posterior(models[0]).mean,
        weight=strength / (strength + len(seen)),
        log_evidence=poisson_gamma.log_evidence(models[0]),
        typeface_log_evidence=poisson_gamma.log_evidence(models[1]),
    )


def sentence(result):
    """The live sentence under the picture."""
    told = (
        f"Your painting, worth {images(result.strength)}, {images(result.num_images)} of a {result.digit} seen: the "
        f"posterior is {percent(result.weight)} painting. "
    )
    if not result.num_images:
        return told + "Let it see images, and the evidence will say how well you painted."
    ahead = result.log_evidence - result.typeface_log_evidence
    verdict = f"{abs(ahead):.1f} nats {'better' if ahead >= 0 else 'worse'} than the typeface"
    return told + f"Evidence {result.log_evidence:.1f} nats: it foresaw these images {verdict}."


def alt(result):
    """The picture in words: type, axes, finding."""
    painted = int((result.template > data.DEFAULT_FLOOR).sum())
    return (
        f"A row of 8 by 8 images: the painting, with ink in {painted} of 64 pixels; {NUM_DREAMS} images that its prior "
        f"dreams, {result.dreams.mean():.1f} counts a pixel on average; the posterior mean after "
        f"{images(result.num_images)} of a {result.digit}, {percent(result.weight)} of it painting."
    )


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self):
        figure, axes = style.new_axes(_WIDTH, _HEIGHT, 1, NUM_DREAMS + 3)
        lefts = [0.15, *(1.6 + k * (_SIDE + 0.04) for k in range(NUM_DREAMS)), 6.65]
        places = [(left, 0.08, _SIDE, _SIDE) for left in lefts]
        place_axes(figure, axes, [*places, (lefts[-1] + _SIDE + 0.1, 0.08, 0.1, _SIDE)])
        limits = (0, data.MAX_COUNT)
        self._images = [PixelImage(ax, limits, style.INK, over=BEYOND) for ax in axes[:-1]]
        axes[0].set_title("what you painted", fontsize=10, pad=4)
        axes[2].set_title("what it dreams", fontsize=10, pad=4, x=1.02)
        axes[-2].set_title("what you then think", fontsize=10, pad=4)
        colour_bar(axes[-1], limits, style.INK, "counts").set_ticks(range(0, data.MAX_COUNT + 1, 4))
        self.canvas = Canvas(figure, self._images)

    def draw(self, result):
        """Show a Result; returns the PNG's bytes."""
        posterior = np.minimum(result.posterior_mean, data.MAX_COUNT)
        for picture, values in zip(self._images, (result.template, *result.dreams, posterior), strict=True):
            picture.set_data(np.reshape(values, (8, 8)))
        return self.canvas.png()


class Easel:
    """Sixty-four buttons, each a pixel: press one, by mouse or with the space bar, and it takes the brush's ink."""

    def __init__(self, painting):
        """Build the buttons.

        Args:
            painting: [64], counts at first, each one of INKS.
        """
        self._buttons = [
            ipywidgets.Button(layout={"width": "34px", "height": "30px", "margin": "1px", "padding": "0"})
            for _ in painting
        ]
        self._brush = ipywidgets.ToggleButtons(
            options=[(f"{ink}", ink) for ink in INKS],
            value=INKS[-1],
            description="Ink on the brush",
            style={"description_width": "initial", "button_width": "38px"},
        )
        self._clear = ipywidgets.Button(description="Wipe it clean")
        self._typeface = ipywidgets.Button(description="Copy the typeface")
        grid = ipywidgets.GridBox(self._buttons, layout={"grid_template_columns": "repeat(8, 36px)", "width": "300px"})
        self.widget = ipywidgets.VBox([self._brush, grid, ipywidgets.HBox([self._clear, self._typeface])])
        self._typeface_of = lambda: painting
        self.value = ()
        self._show(painting)

    def listen(self, respond):
        """Call `respond()` once for each change of the painting."""

        def press(pixel):
            painting = list(self.value)
            painting[pixel] = self._brush.value
            self._show(painting)
            respond()

        def replace(painting):
            self._show(painting)
            respond()

        for pixel, button in enumerate(self._buttons):
            button.on_click(lambda _, pixel=pixel: press(pixel))
        self._clear.on_click(lambda _: replace([0] * len(self._buttons)))
        self._typeface.on_click(lambda _: replace(self._typeface_of()))

    def follow(self, typeface):
        """Let the typeface button copy what `typeface()` returns."""
        self._typeface_of = typeface

    def _show(self, painting):
        before = self.value or [None] * len(painting)
        for button, ink, old in zip(self._buttons, painting, before, strict=True):
            if ink != old:  # sends only what changed
                button.description = f"{ink}"
                paper = 1 - 0.5 * ink / data.MAX_COUNT  # never so dark that the number is lost
                button.style.button_color = matplotlib.colors.to_hex([paper] * 3)
        self.value = tuple(painting)


def coarse_typeface(digit):
    """The typeface in the inks of the brush: list [64]."""
    inks = np.asarray(INKS)
    return [int(inks[np.argmin(abs(inks - ink))]) for ink in data.domain_knowledge(digit)]


def panel(digit=0, prior_strength=2.0, num_images=3):
    """The widget.

    Args:
        digit, prior_strength, num_images: where the controls stand at first; the easel begins empty.

    Returns:
        controls.Panel: the last line of a cell shows it.
    """
    view = View()
    most = max(len(data.load_digit(k)) for k in range(10))
    easel = Easel([0] * data.NUM_PIXELS)
    digits = controls.whole_number("Images show a", 0, 9, digit, width=260)
    easel.follow(lambda: coarse_typeface(digits.value))

    def respond(painting, strength, num_images, digit):
        result = solve(painting, strength, num_images, digit)
        return controls.Frame(view.draw(result), alt(result), sentence(result))

    return controls.Panel(
        {
            "painting": easel,
            "strength": controls.strength(prior_strength),
            "num_images": controls.images_seen(most, num_images),
            "digit": digits,
        },
        respond,
        lambda widgets: ipywidgets.HBox([widgets["painting"], ipywidgets.VBox([*widgets.values()][1:])]),
    )
