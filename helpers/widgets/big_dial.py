"""The big dial of notebook 7: prior strength x images seen x digit, refitted by variational
inference at every move."""

import functools
import time
from typing import NamedTuple

import jax
import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import LinearLocator

from helpers import data, distributions, inference, style
from helpers.distributions import Gamma
from helpers.models import poisson_gamma
from helpers.widgets import canvas, controls, curves
from helpers.widgets.words import say_images, say_images_of, say_percent

MARKS = (style.COLOURS["samples"], style.COLOURS["data"])  # frames of the two pixels
PIXEL_NAMES = ("inked in the typeface", "empty in the typeface")
# counts: where an axis over ink may end
AXIS_ENDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0)
_LEAST, _MOST = -3e6, 30.0  # ends of the ELBO's axis, nats
# Inches: size; places of three images, the bars between them, two pixels and the ELBO, colour bar;
# the legend's middle and its columns; titles of the images; where a bar's share stands, and how
# large. On a wide page and a narrow one.
_WIDE = (
    (9.2, 5.95),
    [(left, 3.55, 2.0, 2.0) for left in (0.25, 3.2, 6.15)],
    [(left, 3.55, 0.12, 2.0) for left in (2.69, 5.64)],
    [(left, 0.6, 2.3, 2.0) for left in (0.35, 3.2, 6.65)],
    (8.35, 3.55, 0.12, 2.0),
    ((4.3, 3.24), 4),
    ("what you believed", "what you saw", "what you now think"),
    (1.04, "bottom", 11),
)
_NARROW = (
    (3.2, 9.3),
    [(left, 7.95, 0.87, 0.87) for left in (0.05, 1.17, 2.29)],
    [(left, 7.95, 0.1, 0.87) for left in (0.99, 2.11)],
    [(0.75, bottom, 2.25, 1.5) for bottom in (4.9, 2.7, 0.6)],
    (0.3, 7.6, 2.6, 0.1),
    ((1.6, 6.85), 2),
    ("believed", "saw", "now think"),
    (-0.04, "top", 9),
)


class Result(NamedTuple):
    """One setting of the dial, answered."""

    strength: float  # images that the prior is worth
    num_images: int  # images seen
    digit: int
    template: np.ndarray  # [64], what was believed, counts
    seen: np.ndarray  # [64], mean of the images seen, counts; 0 before the first
    prior: Gamma  # entries [64]
    surrogate: Gamma  # entries [64], q
    exact: Gamma  # entries [64]
    gaps: np.ndarray  # [num_steps], ELBO - ln p(X) at each step of the refit, nats
    kl: float  # total KL(q, exact posterior), nats
    weight: float  # of the prior, 0 to 1
    pixels: tuple[int, int]  # one where the typeface puts ink, one where it puts none
    seconds: float  # time of the refit


def solve(strength, num_images, digit):
    """Refit the model for one setting of the controls: a Result.

    Args: strength: number of pseudo-images, above 0, and digit: whole number from 0 to 9, else a
    ValueError; num_images: how many images are seen, 0 or more; at most all that there are of the
    digit.
    """
    images = data.load_digit(digit)[:num_images]
    template = data.domain_knowledge(digit)
    prior = poisson_gamma.prior(template, strength)
    model = poisson_gamma.condition(prior, images)
    begun = time.perf_counter()
    fit = inference.fit(jax.random.key(0), model, prior, inference.FAST)
    # waits until it is done
    surrogate, elbos = jax.tree.map(np.asarray, (fit.surrogate, fit.elbos))
    seconds = time.perf_counter() - begun
    exact = poisson_gamma.exact_posterior(model)
    seen = images.sum(axis=0) / max(len(images), 1)
    gaps = elbos - poisson_gamma.log_evidence(model)
    kl = float(distributions.kl_divergence(surrogate, exact).sum())
    weight = strength / (strength + len(images))
    pixels = two_pixels(digit)
    return Result(
        strength,
        len(images),
        digit,
        template,
        seen,
        prior,
        surrogate,
        exact,
        gaps,
        kl,
        weight,
        pixels,
        seconds,
    )


@functools.cache
def two_pixels(digit):
    """Two pixels, positions 0..63, near the middle: one that the typeface inks, and an empty one,
    not next to it."""
    template = data.domain_knowledge(digit)
    rows, columns = np.divmod(np.arange(template.size), data.SIDE)
    middle = (data.SIDE - 1) / 2
    off_centre = np.hypot(rows - middle, columns - middle)
    inked = int(np.argmin(np.where(template >= 0.75 * template.max(), off_centre, np.inf)))
    is_apart = np.maximum(abs(rows - rows[inked]), abs(columns - columns[inked])) > 1
    is_empty = template <= 1.5 * template.min()
    return inked, int(np.argmin(np.where(is_empty & is_apart, off_centre, np.inf)))


def axis_ends(result):
    """Where the axes of the two pixels end, counts: they follow the posterior, on a few round
    numbers."""
    for pixel in result.pixels:
        posterior = curves.entry(result.exact, pixel)
        reach = 1.1 * max(distributions.credible_interval(posterior)[1], posterior.mean)
        yield next((end for end in AXIS_ENDS if end >= reach), AXIS_ENDS[-1])


def frame(result):
    """A Result with its words; those of the picture are the same on every machine."""
    ends = "The axes of the two pixels end at {:g} and {:g} counts.".format(*axis_ends(result))
    text = (
        f"Digit {result.digit}. Prior worth {say_images(result.strength)}, "
        f"{say_images_of(result.num_images, result.digit)} seen: "
        f"the posterior is {say_percent(result.weight)} knowledge, "
        f"{say_percent(1 - result.weight)} data. "
        f"VI: {len(result.gaps)} steps, {1e3 * result.seconds:.0f} ms, "
        f"KL to the exact posterior {max(result.kl, 0):.0e} nats. {ends}"
    )
    saw = (
        f"the mean of {say_images(result.num_images)} seen"
        if result.num_images
        else "a blank, for no image was seen"
    )
    means = [float(result.surrogate.mean[pixel]) for pixel in result.pixels]
    detour = (
        "starting at the evidence, leaving it and coming back"
        if result.gaps.min() < -1
        else "at the evidence"
    )
    path = "climbing to the evidence" if result.num_images else detour
    alt = (
        f"Three images of the digit {result.digit}: the typeface's "
        f"({say_percent(result.weight)} of the answer), {saw} "
        f"({say_percent(1 - result.weight)}), and the posterior mean, with the prior worth "
        f"{say_images(result.strength)}. "
        "Below, prior, q and exact posterior for two pixels: q puts an inked pixel at "
        f"{means[0]:.2g} counts and an "
        f"empty one at {means[1]:.2g}, on top of the exact posterior. {ends} At last the ELBO over "
        "the "
        f"steps of the refit, {path}."
    )
    return controls.Frame(result, alt, text)


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self, is_narrow=False):
        size, three, between, plots, scale, (centre, columns), titles, share = (
            _NARROW if is_narrow else _WIDE
        )
        figure, axes = canvas.place_axes(size, [*three, *between, *plots, scale])
        for ax, title in zip(axes, titles, strict=False):
            ax.set_title(title, fontsize=11, pad=5)
            ax.set_facecolor(style.EMPTY)
        self._images = [canvas.PixelImage(ax) for ax in axes[:3]]
        self._nothing = axes[1].text(3.5, 3.5, "nothing yet", ha="center", va="center", fontsize=11)
        self._bars = [
            _bar(ax, role, *share) for ax, role in zip(axes[3:5], ("prior", "data"), strict=True)
        ]
        self._pixels = [_pixel(*each) for each in zip(axes[5:7], MARKS, PIXEL_NAMES, strict=True)]
        self._elbo = _climb(axes[7], inference.FAST.num_steps)
        canvas.legend(figure, self._pixels[0][0].artists, centre, columns)
        canvas.colour_bar(axes[8])
        moving = [*self._images, self._nothing, self._elbo]
        moving += [artist for pair in self._bars for artist in pair]
        moving += [artist for densities, _ in self._pixels for artist in densities.artists]
        seldom = [tick for _, ticks in self._pixels for tick in ticks]
        self.canvas = canvas.Canvas(figure, moving, seldom)

    def draw(self, result):
        """Move everything to a Result."""
        for picture, values in zip(
            self._images, (result.template, result.seen, result.surrogate.mean), strict=True
        ):
            picture.set_data(values)
            picture.marks = dict(zip(result.pixels, MARKS, strict=True))
        self._nothing.set_visible(result.num_images == 0)
        self._images[1].set_visible(result.num_images > 0)
        for (bar, label), share in zip(self._bars, (result.weight, 1 - result.weight), strict=True):
            bar.set_height(share)
            label.set_text(say_percent(share))
        for (densities, ticks), pixel, end in zip(
            self._pixels, result.pixels, axis_ends(result), strict=True
        ):
            densities.draw(
                {role: curves.entry(getattr(result, role), pixel) for role in densities.lines}, end
            )
            for share, tick in zip((0.5, 1), ticks, strict=True):
                tick.set_text(f"{share * end:g}")
        self._elbo.set_data(
            np.arange(1, len(result.gaps) + 1), np.clip(result.gaps, 2 * _LEAST, _MOST)
        )


def _bar(axes, role, y, va, size):
    """What moves in a bar: its length, and the share in words."""
    canvas.hide_axis(axes, xlim=(0, 1), ylim=(0, 1), facecolor=style.EMPTY)
    bar = axes.add_patch(Rectangle((0, 0), 1, 0, color=style.COLOURS[role], linewidth=0))
    return bar, axes.text(0.5, y, "", ha="center", va=va, fontsize=size)


def _pixel(axes, mark, name):
    """What moves in the picture of one pixel: its densities, and the numbers at the middle and the
    end of its axis."""
    axes.plot(0.02, 1.09, "s", color=mark, markersize=8, transform=axes.transAxes, clip_on=False)
    axes.text(0.07, 1.09, name, transform=axes.transAxes, va="center", fontsize=10)
    names = {"prior": "prior", "exact": "exact posterior", "surrogate": "q"}
    densities = curves.Densities(axes, names, ("surrogate", "90% of q", 0.2))
    axes.xaxis.set_major_locator(LinearLocator(3))  # at the ends and the middle, whatever they are
    axes.xaxis.set_major_formatter(lambda _, k: " " if k else "0")
    axes.set_xlabel("ink (counts)")
    look = {"ha": "center", "va": "top", "fontsize": 11, "transform": axes.transAxes}
    below = -9 / axes.bbox.height  # pixels
    return densities, [axes.text(share, below, "", **look) for share in (0.5, 1)]


def _climb(axes, num_steps):
    """What moves over the steps of the refit: its ELBO."""
    axes.set(xlim=(0, num_steps), xlabel="step of the refit")
    canvas.symlog_axis(
        axes, (_LEAST, _MOST), (-6, -4, -2, 0), "ELBO \N{MINUS SIGN} evidence (nats)"
    )
    axes.axhline(0, **style.LINES["exact"])
    axes.text(
        num_steps,
        0.5,
        "evidence",
        color=style.COLOURS["exact"],
        ha="right",
        va="bottom",
        fontsize=10,
    )
    return axes.plot([], [], **style.LINES["surrogate"])[0]


def panel(digit=0, prior_strength=2.0, num_images=3):
    """The widget, a controls.Panel; digit, prior_strength and num_images: where its controls stand
    at first."""
    solve(prior_strength, num_images, digit)  # compiles, so that the first refit is timed without
    strength, seen = controls.strength(prior_strength), controls.images_seen(num_images)
    moved = {"strength": strength, "num_images": seen, "digit": controls.digit(digit)}
    return controls.Panel(moved, lambda **setting: frame(solve(**setting)), View)
