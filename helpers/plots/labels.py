"""Labels that stand beside their lines, wherever the parameters have moved the lines."""

import numpy as np

from helpers import style

# Where a label's lower left corner may be, from a point of its line, in widths and heights of the
# label.
_PLACES = np.array([(0, 0), (-1, 0), (0, -1), (-1, -1), (-0.5, 0)])
# What a place costs. The unit is free, their ratios decide; a label is some 60 pixels long.
_HIDES_A_POINT = 0.5  # points of a line lie 3 pixels apart: a line under all of a label costs 10
_PIXEL_OUTSIDE = 2.0  # five pixels beyond the axes are as bad as that line
_ON_A_LABEL = 500.0  # nothing else costs as much: only where there is no other place
_AT_THE_BOTTOM = 5.0  # against the top: height decides where two places hide about as much


def label_lines(ax, lines, texts, *, fontsize=10, avoid=()):
    """Write each line's name next to it, in its colour, where it covers least.

    Call it last: axis limits must be final. Places along each line are tried; the cheapest wins:
    one that stays off the other labels and inside the axes, hides few points of any line, and lies
    high.

    Args: ax: Axes on an Agg canvas; lines: list of Line2D; texts: list of str, one a line;
    fontsize: points; avoid: list of arrays [n, 2], more points in data coordinates that no label
    should cover.
    """
    # constrained layout moves the axes: place labels once they stand still
    ax.figure.draw_without_rendering()
    frame = ax.get_window_extent()
    paths = [_dense(ax, line.get_xydata(), frame) for line in lines]
    obstacles = np.concatenate([*paths, *(_dense(ax, points, frame) for points in avoid)])
    gap = 4.0 * ax.figure.dpi / 72  # 4 points between a label and its line
    near = gap * np.array([0.5, 0.25])
    taken = []
    for line, path, text in zip(lines, paths, texts, strict=True):
        if len(path) == 0:  # nothing of the line is inside the axes
            continue
        label = ax.text(
            0,
            0,
            text,
            color=style.letters(line.get_color()),
            size=fontsize,
            va="bottom",
            in_layout=False,
        )
        points = path[:: max(1, len(path) // 80), None]
        size = label.get_window_extent().size
        low = points + _PLACES * size + (1 + 2 * _PLACES) * gap  # [points, places, 2]
        high = low + size
        hidden = _is_inside(obstacles, low[:, :, None] - near, high[:, :, None] + near).sum(axis=2)
        outside = (np.maximum(frame.min - low, 0) + np.maximum(high - frame.max, 0)).sum(axis=2)
        overlap = sum(
            ((high > least - 2 * near) & (low < most + 2 * near)).all(axis=2)
            for least, most in taken
        )
        depth = (frame.y1 - points[..., 1]) / frame.height  # 0 at the top of the axes, 1 below
        cost = _HIDES_A_POINT * hidden + _PIXEL_OUTSIDE * outside + _ON_A_LABEL * overlap
        cost += _AT_THE_BOTTOM * depth
        best = np.unravel_index(cost.argmin(), cost.shape)
        label.set_position(ax.transData.inverted().transform(low[best]))
        taken.append((low[best], high[best]))


def _dense(ax, points, frame):
    """Points along a path in display coordinates, about 3 pixels apart, those inside the axes."""
    points = ax.transData.transform(points)
    points = np.clip(points[np.isfinite(points).all(axis=1)], -1e4, 1e4)
    if len(points) == 0:
        return points
    steps = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    at = np.linspace(0, steps[-1], int(steps[-1] / 3) + 1)
    points = np.column_stack([np.interp(at, steps, across) for across in points.T])
    return points[_is_inside(points, frame.min - 1, frame.max + 1)]


def _is_inside(points, low, high):
    return ((points > low) & (points < high)).all(axis=-1)
