"""Reading in JupyterLab as it comes: a glossary link's first click lands, and opening a notebook
changes no byte."""

import pathlib
import re
import shutil

import browser
import nbformat
import pytest
import store

NAMES = ["01_bayes", "05_poisson_gamma_vi", "glossary"]


@pytest.fixture(scope="module")
def desk(folder, tmp_path_factory):
    """A folder of notebooks, as this Python stores them; depends on `folder`, which skips where no
    browser is."""
    desk = tmp_path_factory.mktemp("desk")
    for name in NAMES:
        notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        notebook.metadata = store.metadata()
        text = nbformat.writes(notebook).rstrip("\n") + "\n"
        (desk / f"{name}.ipynb").write_text(text, encoding="utf-8")
    return desk


@pytest.fixture(scope="module")
def reader(desk):
    """The address of a JupyterLab without settings: cells out of sight as its default has them."""
    with browser.lab(desk) as address:
        shutil.rmtree(desk / ".jupyter-test" / "settings" / "@jupyterlab" / "notebook-extension")
        yield address


def test_opening_changes_no_byte(desk, reader, page):
    for name in NAMES:
        path = pathlib.Path(desk / f"{name}.ipynb")
        before = path.read_bytes()
        notebook = browser.Notebook(page, reader, path.name)
        page.wait_for_timeout(2_000)
        assert not page.evaluate("() => window.jupyterapp.shell.currentWidget.context.model.dirty")
        notebook.command("docmanager:save")
        assert path.read_bytes() == before
        notebook.close()


def test_a_glossary_link_lands_on_its_term_at_the_first_click(reader, page):
    notebook = browser.Notebook(page, reader, "01_bayes.ipynb")
    link = page.locator(".jp-MarkdownOutput a", has_text=re.compile("^nat$")).first
    link.scroll_into_view_if_needed()
    link.click()
    page.wait_for_function(
        """() => {
            const open = window.jupyterapp.shell.currentWidget;
            const headings = [...open.node.querySelectorAll('h2')];
            const heading = headings.find(h => h.innerText.startsWith('nat'));
            const y = heading?.getBoundingClientRect().top;
            return open.context.path === 'glossary.ipynb' && y > 0 && y < 400;
        }""",
        timeout=20_000,
    )
    notebook.close()


def test_stored_figures_have_words_in_an_untrusted_notebook(open_notebook, page):
    open_notebook("05_poisson_gamma_vi.ipynb")  # opened and not run
    trusted = (
        "() => [...window.jupyterapp.shell.currentWidget.model.cells].map(cell => cell.trusted)"
    )
    assert not all(page.evaluate(trusted))
    figures = page.locator(".jp-OutputArea-output img")
    figures.first.wait_for(state="attached", timeout=20_000)
    alts = figures.evaluate_all("all => all.map(image => image.alt)")
    assert len(alts) >= 4
    assert all(len(alt) >= 40 for alt in alts), alts
