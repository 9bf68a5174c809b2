"""The opening of notebook 1: what you believed, what you saw, what you now think, and one
slider."""

from typing import NamedTuple

import numpy as np

from helpers.plots import images
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas
from helpers.widgets.words import say_images

_BRIGHTER = 4  # a deviation of 4 counts is as bright as a mean of 16: one image of 16 tells no more
_LABELS = [
    "you expected",
    "you saw, on average",
    "you now think",
    f"give or take, {_BRIGHTER} times",
]


class Answer(NamedTuple):
    """What a fit says about the pixels of an image."""

    expected: np.ndarray  # [64], counts
    seen: np.ndarray  # [64], mean of the images seen, counts
    mean: np.ndarray  # [64], of q, counts
    deviation: np.ndarray  # [64], standard deviation of q, counts


class View:
    """Four images on one scale; `draw` changes them."""

    def __init__(self, is_narrow=False):
        rows = [_LABELS[:2], _LABELS[2:]] if is_narrow else [_LABELS]
        figure = images.image_grid([[np.zeros(64)] * len(row) for row in rows], rows)
        self._pictures = [ax.images[0] for ax in figure.axes[: len(_LABELS)]]
        self.canvas = Canvas(figure, self._pictures)

    def draw(self, answer):
        """Show an Answer."""
        brighter = answer._replace(deviation=_BRIGHTER * answer.deviation)
        for picture, values in zip(self._pictures, brighter, strict=True):
            picture.set_data(np.reshape(values, picture.get_array().shape))


def frame(strength, answer):
    """An Answer with its words."""
    far = [np.abs(answer.mean - other).mean() for other in (answer.expected, answer.seen)]
    text = (
        f"Knowledge worth {say_images(strength)}: on average over the pixels, "
        f"what you now think is {far[0]:.1f} counts "
        f"from what you expected and {far[1]:.1f} from what you saw, give or take "
        f"{np.mean(answer.deviation):.1f}."
    )
    return controls.Frame(answer, f"Four images of 8x8 pixels: {', '.join(_LABELS)}. {text}", text)


def panel(think, prior_strength=2.0):
    """The widget, a controls.Panel.

    Args: think: function (strength) -> the four arrays [64] of an Answer: the page's own fit;
    prior_strength: where the slider stands at first.
    """

    def respond(strength):
        return frame(strength, Answer(*map(np.asarray, think(strength))))

    return controls.Panel({"strength": controls.strength(prior_strength)}, respond, View)
