"""Real processes under jax.distributed: the same answer on one and on two, a killed one is named, the rest resumes."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from helpers import data, distributions, scale, streaming
from helpers.models import poisson_gamma

ROOT = pathlib.Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    path = tmp_path_factory.mktemp("digits") / "digits.npy"
    np.save(path, data.load_digit(0).astype(np.uint8))
    return path


@pytest.mark.parametrize(("processes", "devices"), [(1, 1), (1, 8), (2, 2)])
def test_the_same_totals_and_the_same_fit(digits, tmp_path, processes, devices):
    said = scale.launch(processes, [digits, tmp_path], devices=devices, time_limit=500)
    assert f"{processes * devices} devices, {len(data.load_digit(0)):,} images" in said[0]
    q, totals, num_images = scale.read_fit(tmp_path)
    counts = data.load_digit(0)
    np.testing.assert_array_equal(totals, counts.sum(axis=0))
    assert num_images == len(counts)
    exact = poisson_gamma.exact_posterior(
        poisson_gamma.condition(poisson_gamma.prior(data.domain_knowledge(0), 2.0), counts)
    )
    assert distributions.kl_divergence(q, exact).sum() < 1e-6


def test_a_killed_process_is_named_and_the_run_resumes(tmp_path):
    path, state = tmp_path / "images.npy", tmp_path / "state"
    streaming.write_synthetic(path, data.load_digit(0), 2_000_001)
    state.mkdir()
    _, mine = streaming.share(2_000_001, 2, 0)

    def kill(running):
        saved = [file for file in state.glob("sums-*") if int(file.stem.split("-")[1]) >= mine]
        if saved and running[1].poll() is None:
            running[1].kill()

    with pytest.raises(RuntimeError, match=r"^process 1 of 2 was ended by signal 9; the others noticed and stopped"):
        scale.launch(2, [path, state], time_limit=500, watch=kill)
    assert not (state / "fit.npz").exists()
    scale.launch(2, [path, state], time_limit=500)
    _, totals, num_images = scale.read_fit(state)
    *_, sums = streaming.stream(path)
    np.testing.assert_array_equal(totals, sums.totals)
    assert num_images == 2_000_001


def test_a_foreign_file_ends_in_one_sentence(tmp_path):
    (tmp_path / "foreign.npy").write_text("nothing")
    command = [sys.executable, "-m", "helpers.scale", str(tmp_path / "foreign.npy"), str(tmp_path / "state")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("ValueError: ")
    assert len(done.stderr.strip().splitlines()) == 1
