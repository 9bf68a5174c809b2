"""Sums over more images than memory holds: a file read chunk by chunk, exact to the last count, and
resumable. No JAX.

A file of images is NumPy's own format (`.npy`): uint8, [images, pixels].
"""

import contextlib
import os
import pathlib
import zipfile
from typing import NamedTuple

import numpy as np

# images read at once: 16 MB of 64 pixels. Up to 16 million, their sum fits into 32 bits.
CHUNK = 250_000


class Sums(NamedTuple):
    """What is known of the rows of a file that are to be summed, after `done` of them."""

    done: int
    totals: np.ndarray  # int64 [pixels]


def write_synthetic(path, counts, num_images, seed=0, chunk=CHUNK):
    """Write a file of synthetic images: `num_images` rows of `counts` [rows, pixels], drawn with
    replacement.

    It is written whole or not at all: ValueError, one sentence, if the folder can't be written to
    or the disk is full.
    """
    rng, source = np.random.default_rng(seed), np.asarray(counts, np.uint8)
    header = {"descr": "|u1", "fortran_order": False, "shape": (num_images, source.shape[1])}
    with _writing(path) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for first in range(0, num_images, chunk):
            source[rng.integers(len(source), size=min(chunk, num_images - first))].tofile(file)


def open_images(path):
    """A file of images, mapped and not read: a read-only uint8 memory map [images, pixels].

    Raises ValueError, one sentence, if the file is missing, cut off, or not a table of uint8 in
    NumPy's format.
    """
    try:
        images = np.lib.format.open_memmap(path, mode="r")
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path}: this is no whole file of images in NumPy's format ({error})."
        ) from None
    if images.dtype != np.uint8 or images.ndim != 2 or not images.size:
        kind = f"{images.dtype} {list(images.shape)}"
        raise ValueError(
            f"{path}: images are wanted, uint8 [images, pixels]; this file holds {kind}."
        )
    return images


def chunk_of(images, first, last):
    """Rows [first, last) of a map of images, by a map of their own, so that dropping it gives its
    memory back."""
    place, shape = images.offset + first * images.shape[1], (last - first, images.shape[1])
    return np.memmap(images.filename, np.uint8, "r", offset=place, shape=shape)


def share(num_images, num_processes, process):
    """The rows (first, last) of one process: contiguous, none left out, none twice, sizes one apart
    at most."""
    return tuple(num_images * k // num_processes for k in (process, process + 1))


def stream(path, rows=None, state=None, chunk=CHUNK):
    """Sum the images of a file, chunk by chunk; the page decides when to stop.

    Args: rows: (first, last), the rows to sum; None for all; state: None, or the path of a small
    file that keeps the sums after each chunk: if it is there, the sums go on from it; chunk: images
    read at once, at most 16 million.
    Yields: Sums: once for what the state holds, then after each chunk.
    Raises: ValueError: as `open_images`; if the rows are not in the file; if the state is of
    another file or other rows, or can't be written.
    """
    images = open_images(path)
    first, last = rows or (0, len(images))
    if not 0 <= first < last <= len(images):
        raise ValueError(
            f"rows must lie in 0 to {len(images)}, the first below the last; got {first} to {last}."
        )
    whose = np.array([os.path.getsize(path), os.stat(path).st_mtime_ns, first, last])
    done, totals = (
        _read_state(state, whose)
        if state and os.path.exists(state)
        else (0, np.zeros(images.shape[1], int))
    )
    yield Sums(done, totals)
    while first + done < last:
        begin = first + done
        end = min(begin + chunk, last)
        totals = totals + chunk_of(images, begin, end).sum(axis=0, dtype=np.uint32)
        done = end - first
        if state:
            write_whole(state, whose=whose, done=done, totals=totals)
        yield Sums(done, totals)


def write_whole(path, **arrays):
    """Write arrays (`np.savez`) so that at every moment the old file or the new one is there, or a
    ValueError."""
    with _writing(path) as file:
        np.savez(file, **arrays)


@contextlib.contextmanager
def _writing(path):
    """An open file that takes its name, and the old one's place, only once it is written to the
    end."""
    path = pathlib.Path(path)
    beside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        with open(beside, "wb") as file:
            yield file
        os.replace(beside, path)
    except OSError as error:
        raise ValueError(
            f"{path}: this file can't be written ({error.strerror or error})."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _read_state(path, whose):
    try:
        with open(path, "rb") as file, np.load(file) as stored:
            owner, done, totals = stored["whose"], int(stored["done"]), stored["totals"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise ValueError(f"{path}: this is no saved state. Delete it to begin anew.") from None
    if not np.array_equal(owner, whose):
        raise ValueError(
            f"{path}: this state belongs to another file, or to other rows. Delete it to begin "
            "anew."
        )
    return done, totals
