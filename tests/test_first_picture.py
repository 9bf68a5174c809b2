"""What a fit compiles is kept in the course's build/: the next session reads it, and nothing ever
depends on it."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from helpers import inference

HELPERS = pathlib.Path(inference.__file__).parent
SESSION = """\
import jax
hits = []
listen = lambda event, **_: hits.append(event) if event.endswith("/cache_hits") else None
jax.monitoring.register_event_listener(listen)
import numpy as np
from helpers import inference
from helpers.models import poisson_gamma
prior = poisson_gamma.prior(np.linspace(0.5, 12, 64), 2.0)
model = poisson_gamma.condition(prior, np.arange(192).reshape(3, 64) % 17)
fit = inference.fit(jax.random.key(0), model, prior, inference.FAST)
print([leaf.tolist() for leaf in jax.tree.leaves(fit)])
print(len(hits))
"""


@pytest.fixture
def course(tmp_path):
    """A checkout with nothing but the package."""
    folder = tmp_path / "Übung two"
    shutil.copytree(HELPERS, folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "notebooks").mkdir()
    return folder


def session(course, program=SESSION, **environment):
    """What a kernel of its own prints; it may not warn, nor say a word on stderr."""
    given = {
        name: value for name, value in os.environ.items() if not name.startswith(("JAX_", "PYTEST"))
    }
    given |= {"PYTHONPATH": str(course), **environment}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=course,
        env=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.splitlines()


def test_a_second_session_reads_what_the_first_compiled_and_gets_the_same_numbers(course):
    numbers, hits = session(course)
    kept = list((course / "build" / "jax-cache").glob("jit__fit-*"))
    assert hits == "0"
    assert kept
    again, hits = session(course)
    assert again == numbers
    assert int(hits) >= 1
    for path in kept:  # a full disk, or a kernel that was killed
        path.write_bytes(path.read_bytes()[:1000])
    assert session(course)[0] == numbers


def test_a_folder_that_cannot_be_written_costs_no_word(course):
    # in a read-only checkout it cannot be made; root would be let
    (course / "build").write_text("no folder", encoding="utf-8")
    program = "import jax; from helpers import inference; print(jax.jit(lambda x: x + 1)(1))"
    assert session(course, program, JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS="0") == ["2"]


def test_a_folder_that_was_chosen_is_respected(course, tmp_path):
    where = "import jax; from helpers import inference; print(jax.config.jax_compilation_cache_dir)"
    assert session(course, where, JAX_COMPILATION_CACHE_DIR=str(tmp_path / "mine")) == [
        str(tmp_path / "mine")
    ]
    shutil.rmtree(course / "notebooks")  # no checkout: the package lies elsewhere
    assert session(course, where) == ["None"]
