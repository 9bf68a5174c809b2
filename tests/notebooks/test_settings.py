"""A reader's own settings do not reach the page: a small notebook with a figure gives the same
under each."""

import json
import os
import subprocess
import sys

import nbformat
import pytest
from execute import FOLDER

ROOT = FOLDER.parent
PROGRAM = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import execute
execute.say_interpreter()
execute.run(*map(pathlib.Path, sys.argv[2:]))
"""
CELLS = [
    """
import jax
import jax.numpy as jnp
from helpers import data, inference, pictures, style
from helpers.models import poisson_gamma
""",
    """
prior = poisson_gamma.prior(data.domain_knowledge(0), 2.0)
model = poisson_gamma.condition(prior, data.load_digit(0)[:3])
elbos = inference.fit(jax.random.key(0), model, prior, inference.FAST).elbos
print(sys.executable, jnp.ones(2).dtype, elbos[-1], jnp.log(-jnp.ones(1)))
""",
    """
figure, axes = style.new_axes()
axes.plot([0, 1, 2], [1, 3, 2])
axes.set_xlabel("x")
axes.text(1, 2, "words $a^2$")
pictures.show(figure, "A line that goes up and comes down, with words beside it.")
""",
]
# Each with what a reader may have set, in the environment or in files of a folder.
SETTINGS = {
    "nothing": ({}, {}),
    "Matplotlib": (
        {"MATPLOTLIBRC": "{folder}"},
        {
            "matplotlibrc": "text.usetex: True\ntext.color: white\naxes.facecolor: black\n"
            "figure.facecolor: black\naxes.edgecolor: white\nfont.size: 30\nlines.color: white\n"
            "axes.prop_cycle: cycler('color', ['white'])\nxtick.color: white\n"
        },
    ),
    "JAX": (
        {
            "JAX_ENABLE_X64": "1",
            "JAX_NUMPY_DTYPE_PROMOTION": "strict",
            "JAX_NUMPY_RANK_PROMOTION": "raise",
            "JAX_DEBUG_NANS": "1",
            "JAX_DEFAULT_PRNG_IMPL": "rbg",
        },
        {},
    ),
    "Python": (
        {
            **dict.fromkeys(["http_proxy", "https_proxy", "ALL_PROXY"], "http://127.0.0.1:9"),
            # in a folder that ASCII can't spell, Python 3.11 itself does not start under C
            "LC_ALL": "C" if str(ROOT).isascii() else "C.UTF-8",
            "PIP_USER": "1",
            "PYTHONPATH": "{folder}",
            "IPYTHONDIR": "{folder}",
        },
        {
            "helpers/__init__.py": "",
            "helpers/data.py": "",
            "profile_default/startup/first.py": "import helpers.data",
        },
    ),
    "another kernel": (
        {"JUPYTER_PATH": "{folder}"},
        {
            "kernels/python3/kernel.json": json.dumps(
                {"argv": ["/bin/false", "{connection_file}"], "display_name": "x", "language": "x"}
            )
        },
    ),
}


def outputs(folder, environment, files):
    """What the notebook prints and shows under an environment, as (text of each output, PNG)."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    lesson = nbformat.read(FOLDER / "01_bayes.ipynb", as_version=4)
    set_up = next(cell for cell in lesson.cells if cell.cell_type == "code")
    set_up.source = f"import os; os.chdir({str(FOLDER)!r})\n{set_up.source}"
    cells = [set_up, *(nbformat.v4.new_code_cell(source) for source in CELLS)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "notebook.ipynb")
    given = {name: value.replace("{folder}", str(folder)) for name, value in environment.items()}
    tools = [ROOT / "tests" / "tools", folder / "notebook.ipynb", folder / "out.ipynb"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, tools)],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert sys.executable in done.stdout, "the tools name their interpreter"
    found = [
        output
        for cell in nbformat.read(folder / "out.ipynb", as_version=4).cells
        for output in cell.get("outputs", [])
    ]
    return [each.get("text") or each.data["image/png"] for each in found]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return outputs(tmp_path_factory.mktemp("nothing"), *SETTINGS["nothing"])


@pytest.mark.parametrize("name", list(SETTINGS)[1:])
def test_the_page_is_the_same(name, expected, tmp_path):
    assert len(expected) == 2
    assert f"{sys.executable} float32 " in expected[0]
    assert outputs(tmp_path, *SETTINGS[name]) == expected
