"""Lines around the places of two unknowns that hold a given share of the probability."""

import numpy as np

from helpers import style


def draw_contours(ax, x, y, mass, role, density=None, shares=(0.9, 0.5)):
    """Contours of a distribution on a grid; a share that the grid is too coarse for is left out.

    Args:
        ax: matplotlib Axes.
        x, y: [columns], [rows], the middles of the cells.
        mass: [rows, columns], probability of each cell.
        role: name in `style.LINES`, for colour and line style.
        density: [rows, columns], probability per area; the same as mass if all cells are of one size.
        shares: how much of the probability each line holds.
    """
    density = mass if density is None else density
    order = np.argsort(density, axis=None)[::-1]
    held = np.cumsum(mass.ravel()[order])
    levels = np.unique([density.ravel()[order][np.searchsorted(held, share * held[-1])] for share in shares])
    look = style.LINES[role]
    ax.contour(x, y, density, levels=levels, colors=look["color"], linestyles=look["linestyle"], linewidths=1.8)
