"""Real processes under jax.distributed: the same answer on one and on two, a killed one is named,
the rest resumes."""

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


@pytest.mark.parametrize("victim", [0, 1])
def test_a_killed_process_is_named_and_the_run_resumes(tmp_path, victim):
    path, state = tmp_path / "images.npy", tmp_path / "state"
    streaming.write_synthetic(path, data.load_digit(0), 2_000_001)
    state.mkdir()
    first, last = streaming.share(2_000_001, 2, victim)

    def kill(running):
        if (state / f"sums-{first}-{last}.npz").exists() and running[victim].poll() is None:
            running[victim].kill()

    with pytest.raises(
        RuntimeError, match=rf"^process {victim} of 2 was ended by signal 9; the others noticed and"
    ):
        scale.launch(2, [path, state], time_limit=500, watch=kill)
    assert not (state / "fit.npz").exists()
    scale.launch(2, [path, state], time_limit=500)
    _, totals, num_images = scale.read_fit(state)
    *_, sums = streaming.stream(path)
    np.testing.assert_array_equal(totals, sums.totals)
    assert num_images == 2_000_001


def test_a_process_that_takes_too_long_is_ended_and_named(digits, tmp_path):
    with pytest.raises(
        RuntimeError, match=r"^process 0 of 1 took longer than 0\.1 s and was ended\.$"
    ):
        scale.launch(1, [digits, tmp_path], time_limit=0.1)


def test_a_process_that_fails_does_not_hold_the_others(digits, tmp_path):
    first, last = streaming.share(len(data.load_digit(0)), 2, 1)
    (tmp_path / f"sums-{first}-{last}.npz").write_text("nothing", encoding="utf-8")
    with pytest.raises(
        RuntimeError, match=r"^process 1 of 2 failed with status 1.* this is no saved state\."
    ):
        scale.launch(2, [digits, tmp_path], time_limit=500)


@pytest.mark.parametrize("option", [[], ["--digit", "12"]])
def test_bad_input_ends_in_one_sentence(tmp_path, option):
    (tmp_path / "foreign.npy").write_text("nothing", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "helpers.scale",
        str(tmp_path / "foreign.npy"),
        str(tmp_path / "state"),
        *option,
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("ValueError: ")
    assert len(done.stderr.strip().splitlines()) == 1
