"""Every lesson with other parameters than its own, by papermill; and what a bad parameter says."""

import ast
import re

import nbformat
import papermill
import pytest
from run import run
from store import FOLDER

# The article's program fails in view: which cells of which lesson may print NaN.
SHOW_NAN = {"05_poisson_gamma_vi": "= first_steps(", "09_fast_and_exact": "in enumerate(ladder, start=1)"}
LESSONS = sorted(FOLDER.glob("[0-9]*.ipynb"))
OTHERS = [
    {"digit": 1, "prior_strength": 0.01, "num_images": 1, "seed": 1, "num_steps": 60, "num_samples": 64},
    {
        "digit": 8,
        "prior_strength": 1000.0,
        "num_images": None,
        "seed": 2,
        "num_steps": 300,
        "num_samples": 100,
    },
    {"digit": 4, "prior_strength": 0.7, "num_images": 20, "seed": 7, "num_steps": 1, "num_samples": 16},
]


def accepted(path):
    """The names in a lesson's parameters cell."""
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    return [node.targets[0].id for node in ast.parse(cell.source).body if isinstance(node, ast.Assign)]


@pytest.mark.parametrize("others", OTHERS, ids=["one-image", "all-images", "twenty-images"])
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_other_parameters(path, others, tmp_path):
    run(path, tmp_path / path.name, {name: others[name] for name in accepted(path)})
    notebook = nbformat.read(tmp_path / path.name, as_version=4)
    for cell in notebook.cells:
        may_show_nan = path.stem in SHOW_NAN and SHOW_NAN[path.stem] in cell.source
        for output in cell.get("outputs", []):
            text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
            if not may_show_nan:
                assert not re.search(r"\bnan\b", text.lower()), text
            assert output.get("name") != "stderr", text


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_bad_parameter_stops_at_the_check(path, tmp_path):
    name = accepted(path)[0]
    with pytest.raises(papermill.PapermillExecutionError) as caught:
        run(path, tmp_path / path.name, {name: "many"})
    assert caught.value.ename == "ValueError"
    assert caught.value.evalue.startswith(f"{name} must be ")
    assert caught.value.evalue.endswith("got 'many'.")
