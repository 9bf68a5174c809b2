"""Notebook 10's widgets in a real JupyterLab: sliders mix, the brush and the buttons complete."""

import pytest

from helpers.plots.images import MAX_COUNT

# The fit of the notebook in small, so that the test is of the widgets.
CELLS = (
    "import jax\nfrom helpers import data\nfrom helpers.models import factorisation as f\n"
    "fitted = f.coordinate_ascent(jax.random.key(0), data.load_digit(0)[:60], f.PRIOR, 8, 60)",
    "from helpers.widgets import mix",
)


@pytest.fixture
def opened(folder, open_notebook):
    """Function (line that shows a widget) -> (notebook, panel)."""
    import nbformat

    def opener(line):
        cells = [nbformat.v4.new_code_cell(cell) for cell in (*CELLS, line)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, folder / "n10.ipynb")
        notebook = open_notebook("n10.ipynb")
        assert notebook.run_all() == []
        return notebook, notebook.panel()

    return opener


def test_every_factor_has_a_slider(opened):
    notebook, panel = opened("mix.panel(fitted)")
    assert len(panel.handles()) == 8
    assert panel.text.startswith("The mix holds ")
    for i, handle in enumerate(panel.handles()):
        for key, number in (("Home", 0), ("End", 3)):
            before = panel.source
            panel.settle(lambda handle=handle, key=key: (handle.focus(), handle.press(key)))
            assert panel.numbers()[i] == number
            assert panel.error == ""
            assert panel.source != before
    panel.settle(lambda: panel.type(panel.boxes()[0], 1.37))
    assert panel.numbers()[0] == pytest.approx(1.37)
    assert notebook.errors() == []


def test_a_painting_is_completed_as_it_is_painted(opened):
    notebook, panel = opened("mix.completion(fitted, 0)")
    assert "the model sees 32 of the 64" in panel.text
    for button in ("the lower half", "nothing"):
        panel.settle(panel.button(button).click)
        assert panel.error == ""
    assert "Nothing is hidden." in panel.text
    panel.settle(panel.button("Wipe it clean").click)
    assert "You painted into 0 of 64 pixels" in panel.text
    pixels = panel.box.locator("[role=gridcell]")
    pixels.nth(9).focus()
    panel.settle(lambda: panel.page.keyboard.press("Space"))
    assert pixels.nth(9).get_attribute("aria-label") == f"row 2, column 2: {MAX_COUNT}"
    assert "You painted into 1 of 64 pixels" in panel.text
    assert notebook.errors() == []
