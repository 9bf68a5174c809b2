"""Two widgets of notebook 10: a digit mixed from factors, and a painting of which the model sees
one half."""

from typing import NamedTuple

import numpy as np

from helpers import data
from helpers.models import factorisation
from helpers.widgets import controls, paint
from helpers.widgets.canvas import Images, place_axes

MOST_SHOWN = 8  # factors with a slider
TIMES = tuple(np.arange(13) / 4)  # of a factor's average weight
_PIXELS = np.arange(data.NUM_PIXELS)
SEEN = {
    "every other pixel": data.checkerboard(),
    "the lower half": _PIXELS < data.NUM_PIXELS // 2,
    "the right half": _PIXELS % data.SIDE < data.SIDE // 2,
    "nothing": np.ones(data.NUM_PIXELS, bool),
}
MOST_UNSURE = 4  # counts, the end of a scale


class Mixture(NamedTuple):
    """A mix of factors."""

    parts: np.ndarray  # [shown, 64], each factor at its weight, counts
    rates: np.ndarray  # [64], all factors together


class Completion(NamedTuple):
    """A painting, half seen."""

    painting: np.ndarray  # [64], counts
    seen: np.ndarray  # bool [64]
    expected: np.ndarray  # [64], mean rates under q
    unsure: np.ndarray  # [64], their standard deviations


def solve_mixture(fitted, times):
    """Rates of an image whose heaviest factors have their average weight, some times over: a
    Mixture.

    Args: fitted: factorisation.Fit to 8x8 images; times: one number for each of the heaviest
    factors; any others keep their average.
    """
    weights, factors = (fitted.surrogate.blocks[name].mean for name in ("weights", "factors"))
    parts = weights.mean(axis=0)[:, None] * factors  # [K, 64]
    heaviest = np.argsort(-parts.sum(axis=1))
    parts = parts[heaviest]
    parts[: len(times)] *= np.reshape(times, (-1, 1))
    return Mixture(parts[: len(times)], parts.sum(axis=0))


def solve_completion(fitted, painting, seen):
    """Infer the weights of a painting from the pixels that are seen, and complete it: a Completion.

    Args: fitted: factorisation.Fit to 8x8 images; painting [64], whole counts; seen: bool [64].
    """
    painting, h = np.asarray(painting), fitted.surrogate.blocks["factors"]
    w = factorisation.infer_weights(painting[None], fitted.prior.weights, h, seen)
    variance = w.variance @ (h.variance + h.mean**2) + w.mean**2 @ h.variance
    return Completion(painting, seen, (w.mean @ h.mean)[0], np.sqrt(variance[0]))


def _say_mixture(result):
    ink, beyond = result.rates.mean(), np.sum(result.rates > data.MAX_COUNT)
    return (
        f"The mix holds {ink:.1f} counts a pixel on average; {beyond} of 64 rates lie above "
        f"{data.MAX_COUNT}."
    )


def _say_completion(result):
    told = (
        f"You painted into {(result.painting > 0).sum()} of 64 pixels; the model sees "
        f"{result.seen.sum()} of the 64."
    )
    if result.seen.all():
        return told + " Nothing is hidden."
    hidden = ~result.seen
    off = np.abs(result.expected - result.painting)[hidden].mean()
    unsure = result.unsure[hidden].mean()
    doubt = f"it is off by {off:.1f} counts on average; it is unsure of the rate by {unsure:.1f}."
    return f"{told} In a hidden pixel {doubt}"


def _view(names, layout, images_of, ends=None):
    """Images with names above them; what exceeds its scale is drawn as the scale's end."""
    figure, axes = place_axes(*layout)
    for ax, name in zip(axes, names, strict=False):
        ax.set_title(name, fontsize=9, pad=3)
    return Images(figure, axes, images_of, ends=ends)


def mixture_view(average):
    """Function (is_narrow) -> view of a Mixture; average [shown, 64], counts: its factors at their
    average weights."""
    num_shown = len(average)
    # of the factors the roots are drawn: at its average weight one would be a third as bright
    ends = [data.MAX_COUNT, *np.sqrt(np.maximum(TIMES[-1] * average.max(axis=1), 1e-9))]
    wide = (
        (9.2, 1.85),
        [(0.1, 0.1, 1.45, 1.45), *((2.4 + 0.82 * k, 0.4, 0.77, 0.77) for k in range(num_shown))],
    )
    small = [(0.05 + 0.79 * (k % 4), 1.35 - 0.95 * (k // 4), 0.72, 0.72) for k in range(num_shown)]
    narrow = (3.2, 4.4), [(0.8, 2.55, 1.5, 1.5), *small]
    # the bar is the mix's, and stands beside it
    wide[1].append((1.65, 0.1, 0.1, 1.45))
    narrow[1].append((2.5, 2.55, 0.1, 1.5))
    names = ["the mix", *(f"factor {k + 1}" for k in range(num_shown))]
    return lambda is_narrow: _view(
        names, narrow if is_narrow else wide, lambda r: (r.rates, *np.sqrt(r.parts)), ends
    )


def completion_view(is_narrow=False):
    """View of a Completion: painting, what is seen, what is expected, how unsure."""
    names = ["you painted", "it sees", "it expects", f"unsure (0 to {MOST_UNSURE})"]
    wide = (
        (9.2, 1.85),
        [*((left, 0.1, 1.45, 1.45) for left in (0.2, 2.05, 3.9, 6.4)), (5.5, 0.1, 0.1, 1.45)],
    )
    narrow = (
        (3.2, 3.6),
        [(0.1 + 1.6 * (k % 2), 2.05 - 1.6 * (k // 2), 1.25, 1.25) for k in range(4)],
    )
    # not the bar of the last image, which has a scale of its own
    narrow[1].append((0.1, 0.3, 1.25, 0.08))

    def values(r):
        return r.painting, np.where(r.seen, r.painting, np.nan), r.expected, r.unsure

    return _view(names, narrow if is_narrow else wide, values, [data.MAX_COUNT] * 3 + [MOST_UNSURE])


def panel(fitted):
    """The mixing desk, a controls.Panel; fitted: factorisation.Fit to 8x8 images."""
    num_shown = min(MOST_SHOWN, len(fitted.surrogate.blocks["factors"].mean))
    average = solve_mixture(fitted, np.ones(num_shown)).parts

    def respond(**times):
        result = solve_mixture(fitted, list(times.values()))
        alt = (
            f"An 8 by 8 image mixed from factors, and {num_shown} of them at their weights. "
            f"{_say_mixture(result)}"
        )
        return controls.Frame(result, alt, _say_mixture(result))

    sliders = {
        f"f{k}": controls.Number(f"Factor {k + 1}", TIMES, 1.0, unit="x", width=150)
        for k in range(num_shown)
    }
    return controls.Panel(sliders, respond, mixture_view(average))


def completion(fitted, digit=0):
    """Paint, hide, and let the model complete: a controls.Panel.

    Args: fitted: factorisation.Fit to 8x8 images; digit: which one the easel starts with, and
    copies: 0 to 9.
    """

    def respond(painting, hidden):
        result = solve_completion(fitted, painting, SEEN[hidden])
        text = _say_completion(result)
        alt = (
            "Four 8 by 8 images: a painting, what the model sees, what it expects, how unsure. "
            f"{text}"
        )
        return controls.Frame(result, alt, text)

    moved = {"painting": paint.typeface_easel(digit), "hidden": controls.choice("Hide", list(SEEN))}
    return controls.Panel(moved, respond, completion_view)
