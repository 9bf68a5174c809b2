"""Stochastic gradients from a file that no memory holds: each step reads its batch from disk and
deals it to all devices of all processes; a run that was cut off goes on with its optimiser's state.
"""

import os
import zipfile
from typing import Any, NamedTuple

import jax
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from helpers import checks, streaming


class Run(NamedTuple):
    """How far a run has come."""

    done: int  # steps
    phi: Any  # the parameters, as `start` has them
    state: Any  # the optimiser's


def descend(path, start, loss, optimiser, *, size, num_steps, seed, state, every=100):
    """Lower a loss, one batch a step; whoever calls it decides when to stop.

    Step i draws its rows with replacement, from `seed` and i alone: a run that was cut off and one
    that was not take the same steps. Every process of the run calls this with the same arguments,
    reads its own share of each batch, and process 0 saves.

    Args: path: a file of images; start: pytree, the parameters to begin with; loss: function
    (phi, counts [size, pixels], key) -> nats, what one image of the batch costs on average;
    optimiser: optax.GradientTransformation; size: images of a batch, a multiple of the number of
    devices; state: path of the file that keeps the run, written whole or not at all after each
    `every` steps and at the end; if it is there, the run goes on from it.
    Yields: Run: once for what the file holds, or the start, then whenever it was saved.
    Raises: ValueError: as `streaming.open_images`; if size is no such multiple, or the saved run is
    not of this file, size and seed, or of other parameters.
    """
    num_rows = len(streaming.open_images(path))
    mesh = Mesh(jax.devices(), "images")  # every device of every process
    copied, by_image = (NamedSharding(mesh, PartitionSpec(*axis)) for axis in ((), ("images",)))
    if checks.size("size", size) % mesh.size:
        raise ValueError(f"size must be a multiple of the {mesh.size} devices; got {size}.")

    def step(phi, state, counts, i):
        key = jax.random.fold_in(jax.random.key(seed), i)
        updates, state = optimiser.update(jax.grad(loss)(phi, counts.astype(float), key), state)
        return optax.apply_updates(phi, updates), state

    def batch(i):
        rows = np.random.default_rng([seed, i]).integers(num_rows, size=size)
        first, last = streaming.share(size, jax.process_count(), jax.process_index())
        mine = streaming.rows_of(path, rows[first:last])
        return jax.make_array_from_process_local_data(by_image, mine)

    whose = np.array([streaming.digest(path), str(size), str(seed)])
    done, carry = _read(state, whose, (start, optimiser.init(start)))
    carry = jax.tree.map(
        lambda leaf: jax.make_array_from_process_local_data(copied, np.asarray(leaf)), carry
    )
    advance = jax.jit(step, out_shardings=copied)
    yield Run(done, *jax.tree.map(np.asarray, carry))
    while done < num_steps:
        for _ in range(min(every, num_steps - done)):
            carry = advance(*carry, batch(done), done)
            done += 1
        run = Run(done, *jax.tree.map(np.asarray, carry))
        if jax.process_index() == 0:
            leaves = {f"leaf_{k}": leaf for k, leaf in enumerate(jax.tree.leaves(run[1:]))}
            streaming.write_whole(state, whose=whose, done=done, **leaves)
        yield run


def steps_saved(state):
    """How many steps the run in a file has come; 0 where there is no file."""
    return int(_load(state)["done"]) if os.path.exists(state) else 0


def _read(state, whose, carry):
    """(steps done, parameters and optimiser's state), as saved; the given ones where nothing is."""
    if not os.path.exists(state):
        return 0, carry
    stored, (leaves, shape) = _load(state), jax.tree.flatten(carry)
    saved = [stored.get(f"leaf_{k}") for k in range(len(leaves))]
    fits = all(np.shape(a) == np.shape(b) for a, b in zip(leaves, saved, strict=True))
    if not fits or not np.array_equal(stored["whose"], whose):
        raise ValueError(
            f"{state}: this run is of another file, size, seed, or model. Delete it to begin anew."
        )
    return int(stored["done"]), jax.tree.unflatten(shape, saved)


def _load(state):
    try:
        with np.load(state) as stored:
            return {"whose": stored["whose"], "done": stored["done"]} | dict(stored)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise ValueError(f"{state}: this is no saved run. Delete it to begin anew.") from None
