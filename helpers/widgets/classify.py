"""Paint a digit, in notebook 12: what a classifier with uncertain weights says about it, and how
sure it is."""

from typing import NamedTuple

import numpy as np

from helpers import data, style
from helpers.distributions import Normal, Product
from helpers.models import classifier
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas, PixelImage, place_axes
from helpers.widgets.paint import typeface_easel
from helpers.widgets.words import say_percent

# prior scales that are fitted before the widget is shown
SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
NUM_DRAWS = 1000
# Inches: size, places of painting and bars; on a wide page and a narrow one.
_WIDE = (9.2, 2.4), [(0.2, 0.45, 1.5, 1.5), (2.6, 0.5, 6.3, 1.5)]
_NARROW = (3.2, 3.9), [(0.8, 2.25, 1.3, 1.3), (0.5, 0.5, 2.6, 1.3)]


class Result(NamedTuple):
    """What is said about a painting: the predictive, and the central 90% interval of each class
    probability."""

    painting: np.ndarray  # [64], counts
    prior_scale: float
    mean: np.ndarray  # [10]
    lower: np.ndarray  # [10]
    upper: np.ndarray  # [10]


def between(fits, prior_scale):
    """The surrogate at a prior scale, in a straight line between two stored fits.

    Means and log standard deviations are linear in ln(prior_scale); beyond the ends, it is the fit
    at the end.

    Args: fits: dictionary of prior scale, ascending, to a Product of Normals without a hidden
    layer; prior_scale: a number above 0.
    """
    logs, stored = np.log(list(fits)), list(fits.values())
    place = np.interp(np.log(prior_scale), logs, np.arange(len(logs)))
    k = min(int(place), len(logs) - 2)
    share, low, high = place - k, stored[k].blocks, stored[k + 1].blocks
    return Product(
        {
            name: Normal(
                (1 - share) * low[name].mean + share * high[name].mean,
                low[name].std ** (1 - share) * high[name].std ** share,
            )
            for name in low
        }
    )


def solve(fits, painting, prior_scale):
    """Classify a painting, counts of ink [64], by NUM_DRAWS draws with the same noise each time: a
    Result.

    `fits`, arrays of NumPy's, and `prior_scale` are as for `between`.
    """
    painting = np.asarray(painting, dtype=float)
    noise = np.random.default_rng(0).normal(size=(NUM_DRAWS, 1, classifier.NUM_CLASSES))
    logits = classifier.draw_logits(
        between(fits, prior_scale), painting[None] / data.MAX_COUNT, noise
    )[:, 0]
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    drawn = weights / weights.sum(axis=1, keepdims=True)  # [draws, 10]
    return Result(
        painting, float(prior_scale), drawn.mean(axis=0), *np.quantile(drawn, [0.05, 0.95], axis=0)
    )


def sentence(result):
    """The live sentence under the picture."""
    best = int(result.mean.argmax())
    low, high = say_percent(float(result.lower[best])), say_percent(float(result.upper[best]))
    entropy = -np.sum(result.mean * np.log(np.maximum(result.mean, 1e-30)))
    return (
        f"Prior scale {result.prior_scale:g}: most likely a {best}, "
        f"{say_percent(float(result.mean[best]))}; draws of the "
        f"weights say {low} to {high}. Entropy {entropy:.1f} of at most "
        f"{np.log(classifier.NUM_CLASSES):.1f} nats."
    )


def alt(result):
    """The picture in words: type, axes, finding."""
    inked = int((result.painting > 0).sum())
    return (
        f"Left, the painting, 8 by 8 pixels, ink in {inked} of them. Right, a bar chart of the "
        "probability of each "
        f"class, 0 to 9, with its 90% interval. {sentence(result)}"
    )


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self, is_narrow=False):
        figure, (left, right) = place_axes(*(_NARROW if is_narrow else _WIDE))
        self._image = PixelImage(left)
        left.set_title("you painted", fontsize=10, pad=4)
        right.set(
            xlim=(-0.6, 9.6),
            ylim=(0, 1),
            xticks=range(10),
            yticks=[0, 0.5, 1],
            yticklabels=["0", "50%", "100%"],
        )
        right.set_xlabel("class", fontsize=10)
        right.grid(axis="x", visible=False)
        right.tick_params(labelsize=9)
        self._bars = right.bar(
            range(10), np.zeros(10), color=style.PALE, edgecolor=style.COLOURS["surrogate"]
        )
        self._intervals = right.vlines(range(10), 0, 0, color="black", linewidth=2.5)
        self._says = right.text(
            0.5, 1.04, "", transform=right.transAxes, ha="center", va="bottom", fontsize=10
        )
        self.canvas = Canvas(figure, [self._image, *self._bars, self._intervals, self._says])

    def draw(self, result):
        """Show a Result."""
        self._image.set_data(result.painting.reshape(8, 8))
        for bar, height in zip(self._bars, result.mean, strict=True):
            bar.set_height(height)
        ends = zip(range(10), result.lower, result.upper, strict=True)
        self._intervals.set_segments([[(k, low), (k, high)] for k, low, high in ends])
        self._says.set_text(f"most likely a {result.mean.argmax()}")


def panel(learn, digit=0, prior_scale=2.0):
    """The widget: it fits once for each of SCALES, and interpolates between the fits when the
    slider moves.

    Args: learn: function (prior_scale) -> Product of Normals without a hidden layer: the page's own
    fit; digit: which digit of the typeface is painted at first, 0 to 9; prior_scale: where the
    slider stands at first; beyond SCALES, at the nearest end.
    """
    fits = {}
    for scale in SCALES:
        blocks = learn(scale).blocks
        fits[scale] = Product(
            {name: Normal(np.asarray(q.mean), np.asarray(q.std)) for name, q in blocks.items()}
        )
    prior_scale = float(np.clip(prior_scale, SCALES[0], SCALES[-1]))
    easel = typeface_easel(digit)

    def respond(painting, prior_scale):
        result = solve(fits, painting, prior_scale)
        return controls.Frame(result, alt(result), sentence(result))

    stops = np.round(np.geomspace(SCALES[0], SCALES[-1], 41), 3)
    return controls.Panel(
        {
            "painting": easel,
            "prior_scale": controls.Number("Prior scale", stops, prior_scale, width=260),
        },
        respond,
        View,
    )
