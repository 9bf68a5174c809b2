"""Figures without their colours: what must be told apart differs in something else too."""

import ast
import itertools

import matplotlib
import nbformat
import numpy as np
import pytest
from execute import FOLDER
from PIL import Image

from helpers import pictures, style
from helpers.plots import images
from helpers.plots.labels import label_lines

CLOSE = 15  # steps of 256 in greyscale that an eye may miss


def grey(colour):
    """A colour's brightness, 0 to 255, as a printer has it."""
    return 255 * np.dot(matplotlib.colors.to_rgb(colour), [0.299, 0.587, 0.114])


@pytest.mark.parametrize(
    "lines",
    [[*style.LINES.values()], style.COMPARED, style.FAMILY],
    ids=["roles", "ways", "family"],
)
def test_lines_differ_in_style_or_brightness(lines):
    for one, other in itertools.combinations(getattr(lines, "values", lambda: lines)(), 2):
        is_far = abs(grey(one["color"]) - grey(other["color"])) >= CLOSE
        assert is_far or one["linestyle"] != other["linestyle"], (one, other)


def test_a_count_above_16_is_seen_without_colour():
    counts = np.full(64, 8.0)
    counts[27] = 20
    pixels = [
        np.asarray(
            Image.fromarray(
                pictures.draw(images.image_row([each], [""], over=images.BEYOND))
            ).convert("L")
        )
        for each in (counts, np.full(64, 8.0))
    ]
    rows, columns = np.nonzero(pixels[0] != pixels[1])
    cell = pixels[0][rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert cell[cell.shape[0] // 2, cell.shape[1] // 2] == 255
    assert abs(int(cell[2, 2]) - int(pixels[1][rows.min() + 2, columns.min() + 2])) < 60, (
        "without its dot: half full"
    )
    assert (cell == 255).mean() < 0.15


def learning_curves_of_notebook_7():
    """The function that notebook 7 draws its scores with, from its folded cell."""
    notebook = nbformat.read(FOLDER / "07_little_data.ipynb", as_version=4)
    cell = next(cell for cell in notebook.cells if "def learning_curves(" in cell.source)
    functions = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
    names = {"np": np, "style": style, "label_lines": label_lines, "sizes": [1, 2, 3]}
    exec(compile(ast.Module(functions, []), "07_little_data.ipynb", "exec"), names)
    return names["learning_curves"]


def test_wrong_knowledge_has_crosses():
    line = {"color": "#2F78B7", "linestyle": "--"}
    ways = {
        "right": (line, np.ones((2, 3))),
        "wrong": ({**line, "color": style.WRONG}, np.zeros((2, 3))),
    }
    _, ax = style.new_axes()
    learning_curves_of_notebook_7()(ax, ways)
    assert [each.get_marker() for each in ax.lines[:2]] == ["None", "x"]
