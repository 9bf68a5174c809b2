"""The batch dial: how much of the data a step sees, how it is weighed, how long the steps are; refitted live by SVI."""

from typing import NamedTuple

import numpy as np

from helpers import style
from helpers.distributions import Gamma
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas, legend, place_axes

STEPS = 300
RATES = {"1 / step": lambda step: 1 / step, "always 1/10": lambda step: 0.1}
# Inches: size, place of the axes, middle of the legend; on a wide page and a narrow one.
_WIDE, _NARROW = ((8.4, 3.4), (0.8, 0.6, 7.4, 2.2), 3.15), ((3.2, 3.4), (0.6, 0.6, 2.5, 2.1), 3.1)
_WAYS = ("N / B", "none", "mean", "everything")


class Run(NamedTuple):
    """A run of stochastic variational inference on one pixel."""

    mean: np.ndarray  # [steps], of q, counts
    width: np.ndarray  # [steps], standard deviation of q, counts
    exact: Gamma


def weights(way, num_images, size):
    """(of the prior, of the batch's likelihood) for each way of weighing a batch of `size`."""
    ratio = num_images / size
    return {"N / B": (1.0, ratio), "none": (1.0, 1.0), "mean": (1.0, 1 / size), "everything": (ratio, ratio)}[way]


def solve(counts, prior, size, way, rate, seed=0):
    """Fit one pixel by natural-gradient steps on batches.

    Args:
        counts: [images], counts of the pixel.
        prior: Gamma, scalar entries.
        size: images a batch, drawn with replacement.
        way: one of the four ways to weigh it.
        rate: one of the names of RATES.
        seed: of the batches.

    Returns:
        Run.
    """
    of_prior, of_batch = weights(way, len(counts), size)
    batches = np.random.default_rng(seed).choice(counts, (STEPS, size)).sum(axis=1)
    q = np.array([prior.concentration, prior.rate], float)
    path = []
    for step, total in enumerate(batches, start=1):
        concentration = 1 + of_prior * (prior.concentration - 1) + of_batch * total
        wanted = np.array([concentration, of_prior * prior.rate + of_batch * size])
        q = q + RATES[rate](step) * (wanted - q)
        path.append(q)
    concentration, rates = np.maximum(np.transpose(path), 1e-9)
    exact = Gamma(prior.concentration + counts.sum(), prior.rate + len(counts))
    return Run(concentration / rates, np.sqrt(concentration) / rates, exact)


def sentence(run, size, way):
    """The live sentence under the picture."""
    ratio = run.width[-1] / np.sqrt(run.exact.variance)
    off = abs(run.mean[-1] - run.exact.mean) / np.sqrt(run.exact.variance)
    return (
        f"Batches of {size}, factor {way}: after {STEPS} steps q is {ratio:.2g} times as wide as the exact posterior, "
        f"and its mean is {off:.1f} exact widths away."
    )


class View:
    """The figure and its moving parts."""

    def __init__(self, is_narrow=False):
        size, place, legend_at = _NARROW if is_narrow else _WIDE
        figure, (self._ax,) = place_axes(size, [place])
        self._ax.set(xlim=(1, STEPS), xlabel="step", ylabel="rate (counts)")
        self._steps = np.arange(1, STEPS + 1)
        self._exact = self._ax.fill_between([1, STEPS], 0, 1, color=style.COLOURS["exact"], alpha=0.35, linewidth=0)
        self._band = self._ax.fill_between(self._steps, 0, 1, color=style.COLOURS["surrogate"], alpha=0.3, linewidth=0)
        self._mean = self._ax.plot([], [], **style.LINES["surrogate"])[0]
        self._exact.set_label("exact, 2 widths")
        self._band.set_label("q, 2 widths")
        legend(figure, [self._exact, self._band], (size[0] / 2, legend_at), 2)
        self.canvas = Canvas(figure, [self._exact, self._band, self._mean])

    def draw(self, run):
        """Move everything to a Run; the axis follows the exact posterior."""
        centre, width = run.exact.mean, 2 * np.sqrt(run.exact.variance)
        self._ax.set_ylim(centre - 6 * width, centre + 6 * width)
        self._exact.set_data([1, STEPS], centre - width, centre + width)
        self._band.set_data(self._steps, run.mean - 2 * run.width, run.mean + 2 * run.width)
        self._mean.set_data(self._steps, run.mean)


def panel(counts, prior, size=16, seed=0):
    """The widget.

    Args:
        counts: [images], counts of one pixel.
        prior: Gamma, scalar entries.
        size: the batch size at first.
        seed: of the batches.

    Returns:
        controls.Panel: the last line of a cell shows it.
    """
    stops = [stop for stop in (1, 2, 4, 8, 16, 32, 64, 128) if stop < len(counts)] + [len(counts)]

    def respond(size, way, rate):
        run = solve(counts, prior, size, way, rate, seed)
        words = sentence(run, size, way)
        return controls.Frame(run, f"Mean of q and a band of two widths over {STEPS} steps. {words}", words)

    made = {
        "size": controls.Number("Batch size", stops, min(size, len(counts)), unit="images", whole=True),
        "way": controls.choice("Factor", _WAYS),
        "rate": controls.choice("Step", list(RATES)),
    }
    return controls.Panel(made, respond, View)
