"""A JupyterLab on a copy of the notebooks, and a browser page; without a browser the tests skip,
but not in CI."""

import os
import pathlib
import shutil

import browser
import pytest

NOTEBOOKS = pathlib.Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    reason = browser.missing()
    if reason and os.environ.get("CI"):
        pytest.fail(f"CI must run the browser tests, but {reason}.")
    if reason:
        pytest.skip(f"No browser test: {reason}.")
    copy = tmp_path_factory.mktemp("lab")
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, copy)
    return copy


@pytest.fixture(scope="session")
def address(folder):
    with browser.lab(folder) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    with browser.started() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def page(address, chromium):
    return browser.new_page(chromium)


@pytest.fixture
def open_notebook(page, address):
    """Function (name) -> browser.Notebook, its kernel running; shut down after the test."""
    opened = []

    def opener(name):
        opened.append(browser.Notebook(page, address, name))
        return opened[-1]

    yield opener
    for notebook in opened:
        notebook.close()


@pytest.fixture
def panel_of(folder, open_notebook):
    """Function (cell that shows a widget) -> its browser.Panel, in a notebook of its own; no error
    may come after."""
    opened = []

    def show(cell):
        browser.write_notebook(folder / "widget.ipynb", cell)
        opened.append(open_notebook("widget.ipynb"))
        assert opened[-1].run_all() == []
        return opened[-1].panel()

    yield show
    assert [notebook.errors() for notebook in opened] == [[]] * len(opened)
