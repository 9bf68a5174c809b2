"""The picture of the big dial: what you believed, what you saw, what you now think, and how sure q is of it."""

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from helpers import style
from helpers.widgets import curves
from helpers.widgets.canvas import Canvas, Label, PixelImage, colour_bar, hide_axis, place_axes
from helpers.widgets.words import percent

MARKS = ("#CC79A7", "#000000")  # frames of the two pixels
PIXEL_NAMES = ("inked in the typeface", "empty in the typeface")
INK_LIMITS = (0, 16)  # counts
MOST_INK = (20.0, 12.0)  # right ends of the two pixels' axes, counts
ROLES = {"prior": "prior", "exact": "exact posterior", "surrogate": "q"}
_WIDTH, _HEIGHT = 9.2, 5.95  # inches
_SIDE, _IMAGE_BOTTOM = 2.0, 3.55  # inches
_TITLES = {0.25: "what you believed", 3.2: "what you saw", 6.15: "what you now think"}  # by their left ends, inches
_BARS = {2.69: "prior", 5.64: "data"}
_PLOTS = (0.35, 3.2, 6.65)  # left ends, inches
_PLOT_BOTTOM, _PLOT_HEIGHT = 0.6, 2.0
_EMPTY = "#E8E8E8"
_LEAST, _MOST = -3e6, 30.0  # ends of the ELBO's axis, nats


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self, num_steps):
        """Draw what does not move; num_steps is how many steps a refit takes."""
        self._moving = []
        figure, axes = style.new_axes(_WIDTH, _HEIGHT, 1, 9)
        place_axes(
            figure,
            axes,
            [(left, _IMAGE_BOTTOM, _SIDE, _SIDE) for left in _TITLES]
            + [(left, _IMAGE_BOTTOM, 0.12, _SIDE) for left in _BARS]
            + [(left, _PLOT_BOTTOM, 2.3, _PLOT_HEIGHT) for left in _PLOTS]
            + [(8.35, _IMAGE_BOTTOM, 0.12, _SIDE)],
        )
        self._images = [self._image(*both) for both in zip(axes[:3], _TITLES.values(), strict=True)]
        self._nothing = self._moves(axes[1].text(3.5, 3.5, "nothing yet", ha="center", va="center", fontsize=11))
        self._bars = [self._bar(*both) for both in zip(axes[3:5], _BARS.values(), strict=True)]
        self._pixels = [self._pixel(*both) for both in zip(axes[5:7], MOST_INK, strict=True)]
        for ax, mark, name in zip(axes[5:7], MARKS, PIXEL_NAMES, strict=True):
            ax.plot(0.02, 1.09, "s", color=mark, markersize=8, transform=ax.transAxes, clip_on=False)
            ax.text(0.07, 1.09, name, transform=ax.transAxes, va="center", fontsize=10)
        self._elbo = self._climb(axes[7], num_steps)
        handles = [*self._pixels[0][0].values(), self._pixels[0][1]]
        figure.legend(
            handles=handles, loc="center", bbox_to_anchor=(0.47, 3.24 / _HEIGHT), ncols=4, fontsize=10, frameon=False
        )
        colour_bar(axes[8], INK_LIMITS, style.INK, "counts").set_ticks(range(0, 17, 4))
        self.canvas = Canvas(figure, self._moving)

    def draw(self, result):
        """Move everything to a big_dial.Result; returns the PNG's bytes."""
        seen = np.zeros_like(result.template) if result.seen is None else result.seen
        for picture, values in zip(self._images, (result.template, seen, result.surrogate.mean), strict=True):
            picture.set_data(np.reshape(values, (8, 8)))
            picture.set_marks(dict(zip(result.pixels, MARKS, strict=True)))
        self._nothing.set_visible(result.seen is None)
        self._images[1].set_visible(result.seen is not None)
        for (bar, label), share in zip(self._bars, (result.weight, 1 - result.weight), strict=True):
            bar.set_height(share)
            label.set_text(percent(share))
        for (lines, interval), pixel, most in zip(self._pixels, result.pixels, MOST_INK, strict=True):
            for role, line in lines.items():
                line.set_data(*curves.curve(curves.entry(getattr(result, role), pixel), most))
            interval.set_xy(curves.interval(curves.entry(result.surrogate, pixel), most))
        self._elbo.set_data(np.arange(1, len(result.gaps) + 1), np.clip(result.gaps, 2 * _LEAST, _MOST))
        return self.canvas.png()

    def _moves(self, artist):
        self._moving.append(artist)
        return artist

    def _image(self, axes, title):
        axes.set_title(title, fontsize=11, pad=5)
        axes.set_facecolor(_EMPTY)
        return self._moves(PixelImage(axes, INK_LIMITS, style.INK))

    def _bar(self, axes, role):
        hide_axis(axes)
        axes.set(xlim=(0, 1), ylim=(0, 1), facecolor=_EMPTY)
        bar = self._moves(axes.add_patch(Rectangle((0, 0), 1, 0, color=style.COLOURS[role], linewidth=0)))
        return bar, self._moves(Label(axes, 0.5, 1.04, ha="center", fontsize=11))

    def _pixel(self, axes, most):
        axes.set(xlim=(0, most), ylim=(0, 1.08), yticks=[], xlabel="ink (counts)")
        axes.set_ylabel("density, peak = 1", fontsize=10)
        area = Polygon([(0, 0)], color=style.COLOURS["surrogate"], alpha=0.2, linewidth=0, label="90% of q")
        interval = self._moves(axes.add_patch(area))
        lines = {
            role: self._moves(axes.plot([], [], **style.LINES[role], label=name)[0]) for role, name in ROLES.items()
        }
        return lines, interval

    def _climb(self, axes, num_steps):
        axes.set_yscale("symlog", linthresh=1.0, linscale=0.6)
        axes.set(xlim=(0, num_steps), ylim=(_LEAST, _MOST), xlabel="step of the refit")
        axes.set(yticks=[-1e6, -1e4, -1e2, 0], yticklabels=["$-10^6$", "$-10^4$", "$-10^2$", "0"])
        axes.set_ylabel("ELBO \N{MINUS SIGN} evidence (nats)", fontsize=10)
        axes.axhline(0, **style.LINES["exact"])
        axes.text(num_steps, 0.5, "evidence", color=style.COLOURS["exact"], ha="right", va="bottom", fontsize=10)
        return self._moves(axes.plot([], [], **style.LINES["surrogate"])[0])
