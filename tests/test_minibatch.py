"""Steps on batches from disk: the same whether or not a run was cut off, and by the file's rows
alone."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from helpers import data, minibatch, streaming

GIVEN = {"size": 16, "num_steps": 40, "seed": 3, "every": 10}


def loss(phi, counts, key):
    """Its least: the mean image. The noise adds nothing on average."""
    noise = jax.random.normal(key, phi.shape)
    return ((counts - phi - 0.1 * noise) ** 2).sum(axis=1).mean() / 2


@pytest.fixture
def path(tmp_path):
    streaming.write_synthetic(tmp_path / "images.npy", data.load_digit(3), 5_000, seed=1)
    return tmp_path / "images.npy"


def descend(path, state, optimiser=None, start=None, **changes):
    start = jnp.zeros(64) if start is None else start
    optimiser = optimiser or optax.adam(0.3)
    return minibatch.descend(path, start, loss, optimiser, state=state, **(GIVEN | changes))


def test_a_run_that_was_cut_off_takes_the_steps_of_one_that_was_not(path, tmp_path):
    *_, whole = descend(path, tmp_path / "whole.npz")
    for run in descend(path, tmp_path / "cut.npz"):
        if run.done == 20:
            break
    assert minibatch.steps_saved(tmp_path / "cut.npz") == 20
    begun, *_, resumed = descend(path, tmp_path / "cut.npz")
    assert begun.done == 20
    assert resumed.done == whole.done == 40
    for mine, other in zip(jax.tree.leaves(resumed), jax.tree.leaves(whole), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_without_the_optimisers_state_it_would_go_elsewhere(path, tmp_path):
    """The saved moments of Adam count: begun anew from the same parameters, the steps differ."""
    *_, whole = descend(path, tmp_path / "whole.npz")
    *_, half = descend(path, tmp_path / "half.npz", num_steps=20)
    stored = dict(np.load(tmp_path / "half.npz"))
    for k in range(1, len(jax.tree.leaves(half[1:]))):
        stored[f"leaf_{k}"] = np.zeros_like(stored[f"leaf_{k}"])
    np.savez(tmp_path / "half.npz", **stored)
    *_, forgetful = descend(path, tmp_path / "half.npz")
    assert np.abs(forgetful.phi - whole.phi).max() > 0.1


def test_the_batches_are_rows_of_the_file_drawn_at_random(path, tmp_path):
    """With steps of 1/t the parameters are the mean of what the batches held."""
    rate = optax.sgd(lambda step: 1.0 / (1.0 + step))
    *_, run = descend(path, tmp_path / "mean.npz", rate, size=200, num_steps=200, every=200)
    images = np.asarray(streaming.open_images(path), float)
    error = np.sqrt((images.std(axis=0) ** 2 / 200 + 0.01) / 200)
    assert np.abs((run.phi - images.mean(axis=0)) / error).max() < 5


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"seed": 4}, "this run is of another file, size, seed, or model"),
        ({"size": 32}, "this run is of another file, size, seed, or model"),
        ({"start": jnp.zeros((2, 64))}, "this run is of another file, size, seed, or model"),
        ({"size": 0}, "size"),
    ],
)
def test_a_run_of_another_kind_is_refused(path, tmp_path, changes, says):
    list(itertools.islice(descend(path, tmp_path / "run.npz"), 2))
    with pytest.raises(ValueError, match=says):
        list(descend(path, tmp_path / "run.npz", **changes))


def test_another_file_and_what_is_no_run_are_refused(path, tmp_path):
    list(itertools.islice(descend(path, tmp_path / "run.npz"), 2))
    streaming.write_synthetic(tmp_path / "other.npy", data.load_digit(4), 5_000)
    with pytest.raises(ValueError, match="this run is of another file"):
        list(descend(tmp_path / "other.npy", tmp_path / "run.npz"))
    (tmp_path / "run.npz").write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="this is no saved run"):
        list(descend(path, tmp_path / "run.npz"))


def test_memory_does_not_grow_with_the_pixels(tmp_path):
    """As many images at once as make 16 MB, however wide they are."""
    assert streaming.at_once(64) == 250_000
    np.save(tmp_path / "wide.npy", np.ones((12_000, 3_000), np.uint8))
    done = [sums.done for sums in streaming.stream(tmp_path / "wide.npy")]
    assert done == [0, 5_333, 10_666, 12_000]
