"""axe-core's audit of the course's own content in JupyterLab, in both themes: nothing serious or critical."""

import importlib.util
import pathlib

import pytest

CONTENT = [".jp-OutputArea-output", ".jp-RenderedMarkdown", ".vi-panel"]
THEMES = ("JupyterLab Light", "JupyterLab Dark")


@pytest.fixture(scope="module")
def axe():
    package = importlib.util.find_spec("axe_playwright_python")
    return (pathlib.Path(package.origin).parent / "axe.min.js").read_text()


@pytest.mark.parametrize("name", ["01_bayes", "04_digits_and_prior", "07_little_data"])
def test_nothing_serious(open_notebook, page, axe, name):
    notebook = open_notebook(f"{name}.ipynb")
    assert notebook.run_all() == []
    notebook.panel()
    page.evaluate(axe)
    for theme in THEMES:
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_timeout(2_000)
        result = page.evaluate("c => axe.run({include: c.map(each => [each])})", CONTENT)
        assert {"image-alt", "aria-input-field-name", "color-contrast"} <= {rule["id"] for rule in result["passes"]}
        found = [
            f"{rule['id']}: {node['html'][:200]}"
            for rule in result["violations"]
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]
        assert found == [], theme
