"""The latent plane of notebook 11: walk in it, go from one digit to another, and reconstruct what
you paint."""

from typing import NamedTuple

import jax
import numpy as np

from helpers import style
from helpers.data import MAX_COUNT
from helpers.plots.panels import scatter_digits
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas, PixelImage, colour_bar, place_axes
from helpers.widgets.paint import typeface_easel

REACH = 3.5  # the plane runs from -REACH to REACH, standard deviations of the prior
_STOPS = np.round(np.arange(-3, 3.01, 0.1), 1)
_TITLES = ("decoded", "from", "on the way", "to", "painted", "rebuilt")
# Inches: size; places of the plane, six images, colour bar; on a wide page and a narrow one.
_WIDE = (
    (9.2, 3.3),
    [(0.55, 0.5, 2.6, 2.6), (3.5, 1.0, 1.5, 1.5)]
    + [(5.3 + 1.15 * k, 1.95, 1.0, 1.0) for k in range(3)]
    + [(5.3, 0.45, 1.0, 1.0), (6.45, 0.45, 1.0, 1.0), (8.8, 0.5, 0.08, 2.5)],
)
_NARROW = (
    (3.4, 6.1),
    [(0.6, 3.3, 2.6, 2.6), (0.1, 1.7, 0.7, 0.7)]
    + [(1.0 + 0.78 * k, 1.7, 0.7, 0.7) for k in range(3)]
    + [(0.9, 0.7, 0.7, 0.7), (1.75, 0.7, 0.7, 0.7), (0.3, 0.42, 2.8, 0.08)],
)


class Result(NamedTuple):
    """Three codes and what they decode to."""

    # [3, 2]: where the walk stands, on the way between two digits, of the painting
    codes: np.ndarray
    images: np.ndarray  # [6, 64], counts: decoded, from, on the way, to, painted, rebuilt
    log_mass: float  # of the painting, decoded from its code, nats


class Plane:
    """A trained autoencoder with codes of two numbers, and the images it is shown with."""

    def __init__(self, fitted, counts, labels):
        """Compile both networks.

        Args: fitted: inference.Fit with an autoencoder; counts, labels: [n, 64] and [n], images to
        place in the plane, the first of a digit stands for it. A ValueError if its codes are not of
        two numbers, or a digit is missing.
        """
        autoencoder = fitted.surrogate
        self._mean = jax.jit(lambda x: autoencoder.encode(x).mean)
        self._decode = jax.jit(autoencoder.decoder.mean)
        self._log_mass = jax.jit(lambda x, z: autoencoder.decoder.log_mass(x, z).sum())
        self.codes, self.labels = (
            np.asarray(self._mean(np.asarray(counts, np.float32))),
            np.asarray(labels),
        )
        if self.codes.shape[1] != 2:
            raise ValueError(
                f"the plane needs codes of two numbers; these have {self.codes.shape[1]}."
            )
        if set(range(10)) - set(self.labels.tolist()):
            raise ValueError(
                "labels must hold every digit from 0 to 9: one image of each is a place to go to."
            )
        first = [int(np.argmax(self.labels == digit)) for digit in range(10)]
        self._examples, self._places = np.asarray(counts)[first], self.codes[first]

    def solve(self, code, start, end, share, painting):
        """Decode where the walk stands, a place between two digits, and a painting's code: a
        Result.

        Args: code: two numbers; start, end: digits; share: of the way from one to the other, 0 to
        1; painting [64], counts from 0 to 16.
        """
        painting = np.asarray(painting, np.float32)
        between = (1 - share) * self._places[start] + share * self._places[end]
        codes = np.stack([np.asarray(code, np.float32), between, self._mean(painting)]).astype(
            np.float32
        )
        walked, middle, rebuilt = np.asarray(self._decode(codes))
        pictures = [walked, self._examples[start], middle, self._examples[end], painting, rebuilt]
        return Result(codes, np.array(pictures), float(self._log_mass(painting, codes[2])))


def sentence(result, start, end, share):
    """The live sentence under the picture."""
    (x, y), _, (u, v) = result.codes
    off = np.abs(result.images[5] - result.images[4]).mean()
    return (
        f"Code {x:.1f}, {y:.1f}: an image with {result.images[0].mean():.1f} counts a pixel. "
        f"{100 * share:.0f}% of the "
        f"way from digit {start} to digit {end}. Your painting has the code {u:.1f}, {v:.1f}; "
        "rebuilt from it, a "
        f"pixel is off by {off:.1f} counts on average, and the painting's log mass is "
        f"{result.log_mass:.0f} nats."
    )


def alt(result, start, end, share):
    """The picture in words: type, axes, finding."""
    inked = int((result.images[4] > 0).sum())
    return (
        "A plane of codes with the digits that the encoder put there, and six images of 8 by 8 "
        "pixels: decoded, from "
        f"{start}, on the way, to {end}, painted, with ink in {inked} of 64 pixels, and rebuilt. "
        + sentence(result, start, end, share)
    )


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self, plane, is_narrow=False):
        figure, (ax, *axes) = place_axes(*(_NARROW if is_narrow else _WIDE))
        scatter_digits(ax, plane.codes[:200], plane.labels[:200], REACH, fontsize=7)
        ax.grid(False)
        self._images = [PixelImage(each) for each in axes[:-1]]
        for each, title in zip(axes, _TITLES, strict=False):
            each.set_title(title, fontsize=10 if not is_narrow else 8, pad=3)
        colour_bar(axes[-1])
        look = {"linestyle": "none", "markeredgecolor": "white", "markersize": 11}
        marks = (
            ("o", style.COLOURS["surrogate"]),
            ("D", style.MAUVE),
            ("s", style.COLOURS["data"]),
        )
        self._marks = [
            ax.plot([0], [0], marker, color=colour, **look)[0] for marker, colour in marks
        ]
        # the mark above the image that belongs to it
        for k, (marker, colour) in zip((0, 2, 5), marks, strict=True):
            place = {"transform": axes[k].transAxes, "clip_on": False, **look, "markersize": 7}
            axes[k].plot([-0.06], [1.12], marker, color=colour, **place)
        self.canvas = Canvas(figure, [*self._images, *self._marks])

    def draw(self, result):
        """Show a Result."""
        for picture, values in zip(self._images, result.images, strict=True):
            picture.set_data(np.minimum(values, MAX_COUNT).reshape(8, 8))
        for mark, (x, y) in zip(self._marks, np.clip(result.codes, -REACH, REACH), strict=True):
            mark.set_data([x], [y])


def panel(fitted, counts, labels, digit=0):
    """The widget, a controls.Panel.

    Args: fitted, counts, labels: as for `Plane`; digit: where the way between two digits starts;
    the painting begins as its typeface.
    """
    plane = Plane(fitted, counts, labels)

    def respond(painting, x, y, start, end, share):
        result = plane.solve((x, y), start, end, share / 100, painting)
        words = (result, start, end, share / 100)
        return controls.Frame(result, alt(*words), sentence(*words))

    return controls.Panel(
        {
            "painting": typeface_easel(digit),
            "x": controls.Number("Code 1", _STOPS, 0.5, width=200),
            "y": controls.Number("Code 2", _STOPS, -0.5, width=200),
            "start": controls.digit(digit, "From digit"),
            "end": controls.digit((digit + 3) % 10, "To digit"),
            "share": controls.Number(
                "On the way", range(0, 101, 5), 50, unit="percent", whole=True, width=200
            ),
        },
        respond,
        lambda is_narrow: View(plane, is_narrow),
        controls.first_beside_others,
    )
