"""The batch dial: how much of the data a step sees, how it is weighed, how long the steps are;
refitted live by SVI."""

import functools

import numpy as np

from helpers import style
from helpers.distributions import Gamma
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas, legend, place_axes

STEPS = 300
RATES = {"1 / step": lambda step: 1 / step, "always 1/10": lambda step: 0.1}
WAYS = ("right", "no factor", "mean", "everything")
# Inches: size, place of the axes, middle of the legend; on a wide page and a narrow one.
_WIDE, _NARROW = ((8.4, 3.4), (0.8, 0.6, 7.4, 2.2), 3.15), ((3.2, 3.4), (0.65, 0.6, 2.35, 2.1), 3.1)


def solve(counts, prior, size, way, rate, seed=0):
    """Fit one pixel, counts [images] and a Gamma of scalars, by natural-gradient steps on batches.

    Args: size: images a batch, drawn with replacement; way: one of WAYS; rate: a name in RATES;
    seed: of the batches.
    Returns: mean and standard deviation of q after each step, [STEPS] each, counts.
    """
    ratio = len(counts) / size
    of_prior = ratio if way == "everything" else 1.0
    of_batch = {"no factor": 1.0, "mean": 1 / size}.get(way, ratio)
    totals = np.random.default_rng(seed).choice(counts, (STEPS, size)).sum(axis=1)
    q = start = np.array([prior.concentration, prior.rate], float)
    path = []
    for step, total in enumerate(totals, start=1):
        q = q + RATES[rate](step) * (of_prior * start + of_batch * np.array([total, size]) - q)
        path.append(q)
    concentration, rates = np.transpose(path)
    return concentration / rates, np.sqrt(concentration) / rates


class _View:
    def __init__(self, exact, limits, is_narrow):
        size, place, legend_at = _NARROW if is_narrow else _WIDE
        figure, (ax,) = place_axes(size, [place])
        centre, width, blue = exact.mean, np.sqrt(exact.variance), style.COLOURS["surrogate"]
        ax.set(xlim=(1, STEPS), xlabel="step", ylabel="rate (counts)", ylim=limits)
        self._steps = np.arange(1, STEPS + 1)
        look = {
            "color": style.COLOURS["exact"],
            "alpha": 0.4,
            "linewidth": 0,
            "label": "exact, 2 widths",
        }
        orange = ax.axhspan(centre - 2 * width, centre + 2 * width, **look)
        self._band = ax.fill_between(
            self._steps, 0, 1, color=blue, alpha=0.3, linewidth=0, label="q, 2 widths"
        )
        self._mean = ax.plot([], [], **style.LINES["surrogate"])[0]
        legend(figure, [orange, self._band], (size[0] / 2, legend_at), 2)
        self.canvas = Canvas(figure, [self._band, self._mean])

    def draw(self, run):
        mean, width = run
        self._band.set_data(self._steps, mean - 2 * width, mean + 2 * width)
        self._mean.set_data(self._steps, mean)


def panel(counts, prior, size=16, seed=0):
    """The widget, a controls.Panel: the last line of a cell shows it.

    Arguments as for `solve`; size is the first.
    """
    exact = Gamma(prior.concentration + counts.sum(), prior.rate + len(counts))
    exact_width = np.sqrt(exact.variance)
    # and of one image: "mean"
    reach = (exact, 10), (Gamma(prior.concentration + counts.mean(), prior.rate + 1), 3)
    ends = [q.mean + k * np.sqrt(q.variance) for q, most in reach for k in (-most, most)]

    def respond(size, way, rate):
        run = mean, width = solve(counts, prior, size, way, rate, seed)
        wide, off = width[-1] / exact_width, abs(mean[-1] - exact.mean) / exact_width
        words = (
            f"Batches of {size}, {way}: after {STEPS} steps q is {wide:.2g} times as wide as the "
            "exact posterior, "
            f"and its mean is {off:.1f} exact widths away."
        )
        return controls.Frame(
            run, f"Mean of q and a band of two widths over {STEPS} steps. {words}", words
        )

    stops = [stop for stop in (1, 2, 4, 8, 16, 32, 64, 128) if stop < len(counts)] + [len(counts)]
    made = {
        "size": controls.Number(
            "Batch size", stops, min(size, len(counts)), unit="images", whole=True
        ),
        "way": controls.choice("Factors", WAYS),
        "rate": controls.choice("Step", list(RATES)),
    }
    return controls.Panel(
        made, respond, functools.partial(_View, exact, (max(min(ends), 0), max(ends)))
    )
