"""The vocabulary under the figures: what is drawn on given axes in more than one notebook, and
words beside it."""

import numpy as np

from helpers import style


def word(ax, text, at, shift=(0, 0), role="black", **look):
    """Words `shift` points from a place in data coordinates, in the colour of a role (or any); look
    as `annotate`."""
    look = {
        "color": style.letters(role),
        "fontsize": 10,
        "va": "center",
        "textcoords": "offset points",
    } | look
    return ax.annotate(text, at, shift, **look)


def corner(ax, text, x, y, role="black", **look):
    """Words at a place in fractions of the axes, which they leave towards the middle."""
    sides = ("left", "center", "right"), ("bottom", "center", "top")
    across, up = (
        side[(share > 0.4) + (share > 0.6)] for side, share in zip(sides, (x, y), strict=True)
    )
    look = {"color": style.letters(role), "ha": across, "va": up, "transform": ax.transAxes} | look
    return ax.text(x, y, text, **look)


def curves(ax, x, roles, **look):
    """Curves over x [n], each in the look of its role, from a dict of roles to [n]; returns a list
    of Line2D."""
    return [
        ax.plot(x, values, **{**style.LINES[role], **look})[0] for role, values in roles.items()
    ]


def draw_contours(ax, x, y, mass, role, density=None):
    """Lines around the places that hold 90% and 50% of a distribution; one too fine for the grid is
    left out.

    Args: x, y [columns], [rows], the middles of the cells; mass [rows, columns], probability of
    each cell; role: name in `style.LINES`; density [rows, columns], probability per area, the same
    as mass if all cells are of one size.
    """
    density = mass if density is None else density
    order = np.argsort(density, axis=None)[::-1]
    held = np.cumsum(mass.ravel()[order])
    levels = np.unique(
        [density.ravel()[order][np.searchsorted(held, share * held[-1])] for share in (0.9, 0.5)]
    )
    look = style.LINES[role]
    ax.contour(
        x,
        y,
        density,
        levels=levels,
        colors=look["color"],
        linestyles=look["linestyle"],
        linewidths=1.8,
    )


def dots(ax, x, y, role, **look):
    """Dots without a line, in the colour of a role (or any); look as for `Axes.plot`."""
    marks = {"marker": "o", "linestyle": "none", "color": style.COLOURS.get(role, role)}
    return ax.plot(x, y, **marks | look)[0]


def histogram(ax, values, edges, role="samples", **look):
    """A histogram in the colour of a role (or any) whose heights mean nothing by themselves: no
    upright axis."""
    ax.hist(values, bins=edges, color=style.COLOURS.get(role, role), **look)
    ax.set(yticks=[])
    no_left_edge(ax)


def rows(ax, names, colours=None):
    """Name the rows of a dot plot, the first on top; returns their heights [n]."""
    heights = np.arange(len(names))
    ax.set(yticks=heights, yticklabels=names, ylim=(len(names) - 0.4, -0.6))
    for tick, colour in zip(ax.get_yticklabels(), colours or (), strict=bool(colours)):
        tick.set_color(style.letters(colour))
    return heights


def no_left_edge(ax):
    """Take away the upright axis and the grid where heights need no scale."""
    ax.grid(False)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def colour_bar(picture, label="", ax=None, **look):
    """A colour bar without an outline: below or beside one picture or several, or inside `cax`;
    look as `colorbar`."""
    bar = picture.figure.colorbar(picture, ax=ax, label=label, **look)
    bar.outline.set_visible(False)
    return bar


def scatter_digits(ax, codes, labels, reach, fontsize=8):
    """Codes [n, 2] on given axes, each drawn as the digit that its image shows."""
    for (x, y), digit in zip(codes, labels, strict=True):
        if max(abs(x), abs(y)) < reach:
            ax.text(x, y, str(digit), fontsize=fontsize, ha="center", va="center")
    ax.set(
        xlim=(-reach, reach), ylim=(-reach, reach), xlabel="code 1", ylabel="code 2", aspect="equal"
    )
