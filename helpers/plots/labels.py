"""Labels that stand beside their lines, wherever the parameters have moved the lines."""

import numpy as np

from helpers import style

_PLACES = [("left", "bottom"), ("right", "bottom"), ("left", "top"), ("right", "top"), ("center", "bottom")]
_CLEARANCE = 4.0  # points between a label and its line


def label_lines(ax, lines, texts, *, fontsize=10, avoid=()):
    """Write each line's name next to it, in its colour, where it covers least.

    Call it last: axis limits must be final. Places along each line are tried in turn; the one that hides the
    fewest points of any line, stays inside the axes and off the other labels wins, the line's top if several do.

    Args: ax: Axes on an Agg canvas; lines: list of Line2D; texts: list of str, one a line; fontsize: points; avoid:
    list of arrays [n, 2], more points in data coordinates that no label should cover.
    """
    ax.figure.draw_without_rendering()  # constrained layout moves the axes: place labels once they stand still
    renderer = ax.figure.canvas.get_renderer()
    frame = ax.get_window_extent(renderer)
    paths = [_dense(ax, line.get_xydata(), frame) for line in lines]
    obstacles = np.concatenate([*paths, *(_dense(ax, np.asarray(points, float), frame) for points in avoid)])
    gap = _CLEARANCE * ax.figure.dpi / 72
    taken = []
    for line, path, text in zip(lines, paths, texts, strict=True):
        label = ax.text(0, 0, text, color=style.letters(line.get_color()), fontsize=fontsize)
        label.set_in_layout(False)
        box = label.get_window_extent(renderer)
        best = None
        for x, y in path[:: max(1, len(path) // 80)]:
            for across, up in _PLACES:
                left = x + {"left": gap, "right": -gap - box.width, "center": -box.width / 2}[across]
                bottom = y + (gap if up == "bottom" else -gap - box.height)
                cost = _cost(left, bottom, box, frame, obstacles, taken, gap) - 5.0 * (y - frame.y0) / frame.height
                if best is None or cost < best[0]:
                    best = (cost, left, bottom)
        if best is None:  # nothing of the line is inside the axes
            label.remove()
            continue
        _, left, bottom = best
        label.set(position=ax.transData.inverted().transform((left, bottom)), va="bottom")
        label.set_clip_on(False)
        taken.append((left, bottom, left + box.width, bottom + box.height))


def _dense(ax, points, frame):
    """Points along a path in display coordinates, about 3 pixels apart, those inside the axes."""
    if len(points) == 0:
        return np.empty((0, 2))
    with np.errstate(all="ignore"):
        points = ax.transData.transform(points)
    points = points[np.isfinite(points).all(axis=1)]
    points = np.clip(points, -1e4, 1e4)
    steps = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))] if len(points) > 1 else np.zeros(len(points))
    at = np.linspace(0, steps[-1], int(steps[-1] / 3) + 1) if len(points) else []
    points = np.column_stack([np.interp(at, steps, points[:, 0]), np.interp(at, steps, points[:, 1])])
    inside = (points >= (frame.x0 - 1, frame.y0 - 1)).all(axis=1) & (points <= (frame.x1 + 1, frame.y1 + 1)).all(axis=1)
    return points[inside]


def _cost(left, bottom, box, frame, obstacles, taken, gap):
    right, top = left + box.width, bottom + box.height
    hidden = (obstacles > (left - gap / 2, bottom - gap / 4)).all(axis=1)
    hidden &= (obstacles < (right + gap / 2, top + gap / 4)).all(axis=1)
    outside = max(0, frame.x0 - left) + max(0, right - frame.x1) + max(0, frame.y0 - bottom) + max(0, top - frame.y1)
    overlap = sum(
        left < other[2] + gap and right > other[0] - gap and bottom < other[3] + gap / 2 and top > other[1] - gap / 2
        for other in taken
    )
    return 0.5 * hidden.sum() + 2.0 * outside + 500.0 * overlap
