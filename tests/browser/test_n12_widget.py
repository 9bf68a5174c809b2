"""Notebook 12's widget in a real JupyterLab: paint by keyboard, slide and type the prior scale; the words follow."""

import base64

import nbformat
import pytest

from helpers.widgets import classify

# The page's own fits take minutes on a busy machine: the same widget on fits of few images and steps.
SMALL = """\
import jax
import optax
from helpers import data, inference
from helpers.models import classifier
from helpers.widgets import classify
split = data.reference_split()
start = classifier.initial(jax.random.key(0))
recipe = inference.Recipe(optax.adam(0.05), 200, 1, classifier.local_reparameterised)
def learn(scale):
    model = classifier.condition(split.train[:100], split.train_labels[:100], scale)
    return inference.fit(jax.random.key(1), model, start, recipe).surrogate
classify.panel(learn, 3, 2.0)
"""


@pytest.fixture
def panel(folder, open_notebook):
    small = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SMALL)])
    small.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(small, folder / "classify.ipynb")
    notebook = open_notebook("classify.ipynb")
    assert notebook.run_all() == []
    yield notebook.panel()
    assert notebook.errors() == []


def check(panel, scale):
    assert panel.error == ""
    assert panel.text.startswith(f"Prior scale {scale:g}: most likely a "), panel.text
    assert "draws of the weights say" in panel.alt
    assert base64.b64decode(panel.source.partition("base64,")[2]).startswith(b"\x89PNG")


def test_slide_type_and_paint(panel):
    check(panel, 2.0)
    handle = panel.handles()[0]
    handle.scroll_into_view_if_needed()
    for key, scale in (("Home", classify.SCALES[0]), ("End", classify.SCALES[-1])):
        handle.focus()
        before = panel.source
        panel.settle(lambda key=key: handle.press(key))
        check(panel, scale)
        assert panel.source != before
    panel.settle(lambda: panel.type(panel.boxes()[0], 1.37))
    check(panel, 1.37)
    panel.settle(panel.button("Wipe it clean").click)
    assert "ink in 0 of them" in panel.alt
    pixel = panel.box.locator("[role=gridcell]").nth(27)
    before = panel.source
    pixel.focus()
    panel.settle(lambda: panel.page.keyboard.press("Space"))
    assert "ink in 1 of them" in panel.alt
    assert panel.source != before
    panel.settle(panel.button("Copy the typeface").click)
    check(panel, 1.37)
