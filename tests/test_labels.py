"""Names of lines, where there may be nothing to name."""

import numpy as np

from helpers import style
from helpers.plots.labels import label_lines


def test_a_line_without_a_point_in_sight_gets_no_name():
    _, ax = style.new_axes()
    there = [[0, 1], [0, 1]]
    lines = [
        ax.plot(x, y)[0] for x, y in ([[], []], [[0, 1], [np.nan, np.nan]], [[5, 6], [5, 6]], there)
    ]
    ax.set(xlim=(0, 1), ylim=(0, 1))
    label_lines(ax, lines, ["empty", "NaN", "outside", "there"], avoid=[np.empty((0, 2))])
    assert [text.get_text() for text in ax.texts] == ["there"]


def test_no_lines_and_no_names():
    _, ax = style.new_axes()
    label_lines(ax, [], [], avoid=[np.empty((0, 2))])
    assert not ax.texts


def test_names_stay_inside_and_off_one_another():
    _, ax = style.new_axes()
    lines = [ax.plot([0, 1], [level, level + 0.02])[0] for level in (0.0, 0.01, 0.02, 1.0)]
    label_lines(ax, lines, ["one", "another", "a third", "far off"])
    boxes = [text.get_window_extent() for text in ax.texts]
    frame = ax.get_window_extent()
    for k, box in enumerate(boxes):
        assert box.count_overlaps(boxes[:k]) == 0
        assert frame.xmin <= box.xmin
        assert box.xmax <= frame.xmax
