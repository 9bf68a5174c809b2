"""Jupyter as readers start it: the classic look, and `make lab` with no settings of their own."""

import importlib.util
import os
import pathlib
import re
import shlex

import browser
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NEWS = "@jupyterlab/apputils-extension:notification"


def test_arrow_keys_move_a_slider_in_jupyter_notebook(folder, chromium):
    if importlib.util.find_spec("notebook") is None:
        reason = "notebook is not installed (pip install -e '.[dev]')"
        assert not os.environ.get("CI"), reason
        pytest.skip(f"No test in Jupyter Notebook: {reason}.")
    cells = "from helpers.widgets import big_dial\nbig_dial.panel()", "6 * 7"
    browser.write_notebook(folder / "classic.ipynb", *cells)
    screen = browser.new_page(chromium)
    with browser.served(folder, folder / ".jupyter-classic", {}, "notebook") as address:
        notebook = browser.Notebook(screen, address, "classic.ipynb", "notebooks")
        assert notebook.run_all() == []
        panel = notebook.panel()
        assert not screen.locator(".vi-still").is_visible()
        handle = panel.handles()[0]
        for key, number in (("Right", 2.5), ("Up", 3), ("Left", 2.5), ("Down", 2)):
            panel.settle(lambda key=key: handle.press(f"Arrow{key}"))
            assert panel.numbers()[0] == number
            assert handle.evaluate("e => e === document.activeElement")
        where = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
        assert screen.evaluate(where) == 0
        handle.press("Shift+Enter")  # the notebook's own
        screen.wait_for_function(f"() => ({where})() === 1", timeout=20_000)
        notebook.close()
    screen.close()


def test_make_lab_asks_nothing_about_news(folder, chromium):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"(?m)^\t\$\(BIN\)/jupyter lab (.+)$", makefile)[1]
    options = [word for word in shlex.split(recipe) if word.startswith("--")]
    screen = browser.new_page(chromium)
    with browser.served(ROOT, folder / ".jupyter-make", {}, options=options) as address:
        screen.goto(f"{address}/lab?reset", wait_until="load", timeout=60_000)
        screen.wait_for_function("() => window.jupyterapp", timeout=60_000)
        default = screen.evaluate(
            """plugin => window.jupyterapp.restored
                .then(() => window.jupyterapp.serviceManager.settings.fetch(plugin))
                .then(found => found.schema.properties.fetchNews.default)""",
            NEWS,
        )
        assert default == "false", "JupyterLab's own is to ask"
        screen.wait_for_timeout(1_500)
        assert not screen.get_by_text("official Jupyter news").count()
    screen.close()
