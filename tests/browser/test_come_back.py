"""Run all, save, shut the kernel down, close, open again: where a widget stood its first picture
stands, with its words; it is live again once its cell is run."""

import json
import re

import browser
import nbformat
import pytest
from execute import FOLDER
from fitted import FITTED

NOTEBOOKS = sorted(FOLDER.glob("[0-9]*.ipynb"))

CELLS = {
    "1 first fit": """\
import numpy as np
from helpers import data
from helpers.widgets import first_fit
template = data.domain_knowledge(0)
first_fit.panel(lambda strength: (template, template, template, np.sqrt(template)), 2.0)
""",
    "1 dial": """\
from helpers.widgets import dial
dial.panel(data.load_digit(0)[:, 20], 9.5)
""",
    "2 ELBO game": """\
from helpers import distributions
from helpers.widgets import elbo_game
elbo_game.panel(distributions.Gamma(20.0, 2.0), data.load_digit(0)[:3, 20])
""",
    "4 paint": """\
from helpers.widgets import paint
paint.panel()
""",
    "6 quiz": """\
from helpers.widgets import quiz
nine = np.arange(9.0)
quiz.panel({"A": quiz.Case("fine", False, "", nine, nine, template, 0.2, 9.0, 0.0)})
""",
    "7 big dial": """\
from helpers.widgets import big_dial
big_dial.panel()
""",
    "8 generator": """\
from helpers.widgets import generator
generator.panel()
""",
    **FITTED,
    "14 shrinkage": """\
from helpers.widgets import shrinkage
failures = [5, 1, 5, 14, 3, 19, 1, 1, 4, 22]
hours = [94.3, 15.7, 62.9, 126, 5.24, 31.4, 1.05, 1.05, 2.1, 10.5]
shrinkage.panel(failures, hours)
""",
}
BAR = """\
from helpers import progress
for _ in progress.bar(range(3)):
    pass
"""
# What a reader sees of each cell's outputs: alt texts of its still pictures, of its live ones, and
# all words.
SEEN = """() => window.jupyterapp.shell.currentWidget.content.widgets.slice(0, -1).map(cell => {
    cell.node.scrollIntoView();
    const shown = where => [...cell.node.querySelectorAll('.jp-OutputArea-output ' + where)]
        .filter(e => e.checkVisibility() && e.naturalWidth).map(e => e.alt);
    const area = cell.node.querySelector('.jp-Cell-outputWrapper');
    const words = area?.innerText ?? '';
    return {still: shown('.vi-still img'), live: shown('img[data-k]'), words};
})"""


def test_every_widget_of_the_lessons_is_here():
    cells = [cell for path in NOTEBOOKS for cell in nbformat.read(path, as_version=4).cells]
    shown = re.compile(r"(?m)^(\w+\.(?:panel|completion))\(")
    lessons = {call for cell in cells for call in shown.findall(cell.source)}
    assert lessons == {call for cell in CELLS.values() for call in shown.findall(cell)}


def seen(page, kind):
    """What each cell shows, once each shows one picture of a kind, still or live."""
    page.wait_for_function(
        f"kind => ({SEEN})().every(cell => cell[kind].length === 1)", arg=kind, timeout=60_000
    )
    page.wait_for_timeout(500)  # a view that comes late
    return page.evaluate(SEEN)


@pytest.fixture(scope="module")
def saved(folder):
    """A notebook with every widget of the course, a cell each, and at last a progress bar."""
    browser.write_notebook(folder / "come_back.ipynb", *CELLS.values(), BAR)
    return "come_back.ipynb"


def test_come_back_to_a_saved_notebook(address, saved, open_notebook, page):
    notebook = browser.Notebook(page, address, saved)
    assert notebook.run_all() == []
    live = seen(page, "live")
    assert [cell["still"] for cell in live] == [[]] * len(CELLS)
    notebook.command("docmanager:save")
    notebook.close()

    page.goto("about:blank")  # nothing is left in the page
    notebook = open_notebook(saved)
    trusted = "() => [...window.jupyterapp.shell.currentWidget.model.cells].every(c => c.trusted)"
    assert page.evaluate(trusted), "JupyterLab prefers a trusted notebook's live views"
    still = seen(page, "still")
    for before, after in zip(live, still, strict=True):
        assert after == {"still": before["live"], "live": [], "words": ""}
    bar = page.locator(".jp-CodeCell").last.locator(".jp-OutputArea-output")
    assert bar.all_inner_texts() == ["[progress bar: 3 steps]"]

    assert notebook.run_all() == []
    assert [cell["live"] for cell in seen(page, "live")] == [cell["live"] for cell in live]
    assert [cell["still"] for cell in page.evaluate(SEEN)] == [[]] * len(CELLS)


def test_cleared_outputs_and_another_order(saved, open_notebook, page):
    notebook = open_notebook(saved)
    select = "k => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = k; }"
    where = list(CELLS).index("4 paint")
    page.evaluate(select, where)
    notebook.command("notebook:run-cell")  # before those above it
    shown = page.evaluate(SEEN)[where]
    assert (len(shown["live"]), shown["still"]) == (1, [])
    notebook.command("notebook:clear-all-cell-outputs")
    assert all(
        cell["still"] == cell["live"] == [] and cell["words"] == "" for cell in page.evaluate(SEEN)
    )
    for _ in range(2):  # the second time in place of the first
        notebook.command("notebook:run-cell")
        shown = page.evaluate(SEEN)[where]
        assert (len(shown["live"]), shown["still"]) == (1, [])


def test_in_an_untrusted_notebook_stands_the_picture_alone(folder, saved, open_notebook, page):
    notebook = json.loads((folder / saved).read_text(encoding="utf-8"))
    bundle = ["image/png", "text/html", "text/plain"]
    for cell in notebook["cells"][:-1]:
        kinds = [sorted(output["data"]) for output in cell["outputs"]]
        assert kinds == [bundle, ["application/vnd.jupyter.widget-view+json"]]
        cell["source"].append("# from somebody else")
    (folder / "untrusted.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    open_notebook("untrusted.ipynb")
    assert [(cell["words"], cell["live"]) for cell in seen(page, "still")] == [("", [])] * len(
        CELLS
    )
