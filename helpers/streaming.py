"""Sums over more images than memory holds: a file read chunk by chunk, exact to the last count, and
resumable. No JAX.

A file of images is NumPy's own format (`.npy`): uint8, [images, pixels].
"""

import contextlib
import hashlib
import os
import pathlib
import zipfile
from typing import NamedTuple

import numpy as np

from helpers import checks

CHUNK = 16_000_000  # bytes read at once


class Sums(NamedTuple):
    """What is known of the rows of a file that are to be summed, after `done` of them."""

    done: int
    totals: np.ndarray  # int64 [pixels]


def at_once(width):
    """How many images of so many pixels are read at once: 16 MB of them, 250,000 of 64 pixels."""
    return max(1, CHUNK // width)


def write_synthetic(path, counts, num_images, seed=0, chunk=None):
    """Write a file of synthetic images: `num_images` rows of `counts` [rows, pixels], drawn with
    replacement.

    It is written whole or not at all: ValueError, one sentence, if the folder can't be written to
    or the disk is full; if a count is no whole number from 0 to 255, or nothing is to be written.
    """
    drawn = _synthetic(counts, num_images, seed, chunk)
    width = np.shape(counts)[1]
    header = {"descr": "|u1", "fortran_order": False, "shape": (int(num_images), width)}
    with _writing(path) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for rows in drawn:
            rows.tofile(file)


def is_synthetic(path, counts, num_images, seed=0, chunk=None):
    """Whether a file holds what `write_synthetic` would write: its length and its first chunk are
    looked at."""
    images, first = open_images(path), next(_synthetic(counts, num_images, seed, chunk))
    shape = (num_images, first.shape[1])
    return images.shape == shape and np.array_equal(chunk_of(images, 0, len(first)), first)


def _synthetic(counts, num_images, seed, chunk):
    """Chunks of synthetic images, uint8; what is no good is refused before the first is asked
    for."""
    source = checks.counts(counts, least=1, most=255).astype(np.uint8)
    num_images = checks.size("num_images", num_images)
    chunk = checks.size("chunk", at_once(source.shape[1]) if chunk is None else chunk)
    rng = np.random.default_rng(seed)
    sizes = (min(chunk, num_images - first) for first in range(0, num_images, chunk))
    return (source[rng.integers(len(source), size=size)] for size in sizes)


def open_images(path):
    """A file of images, mapped and not read: a read-only uint8 memory map [images, pixels].

    Raises ValueError, one sentence, if the file is missing, cut off, or not a table of uint8 in
    NumPy's format.
    """
    try:
        images = np.lib.format.open_memmap(path, mode="r")
    except (OSError, ValueError, TypeError) as error:
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
    memory back.

    ValueError if `images` is not the whole map that `open_images` returns, or has no such rows.
    """
    path = getattr(images, "filename", None)
    whole = open_images(path) if path is not None else None
    if whole is None or (images.shape, images.strides) != (whole.shape, whole.strides):
        raise ValueError("images must be what open_images returns, whole: a map of a file.")
    if not 0 <= first <= last <= len(whole):
        raise ValueError(
            f"rows must lie in 0 to {len(whole)}, the first before the last; got {first} to {last}."
        )
    return whole[first:last]  # in the order in which the file has them, by rows or by columns


def rows_of(path, rows):
    """Some rows of a file of images, in any order, as an array uint8 [rows, pixels].

    The file is mapped anew each time, so that what was read does not stay in memory.
    """
    return np.array(open_images(path)[np.asarray(rows)])


def share(num_images, num_processes, process):
    """The rows (first, last) of one process: contiguous, none left out, none twice, sizes one apart
    at most."""
    wanted = f"a whole number from 0 to {num_processes - 1}"
    checks.size("num_processes", num_processes)
    checks.number("process", process, wanted, lambda k: 0 <= k < num_processes, whole=True)
    return tuple(num_images * k // num_processes for k in (process, process + 1))


def digest(path):
    """A file of images by its content: 32 hexadecimal digits.

    They tell of its length and of its first, middle and last 16 MB: a change elsewhere in a longer
    file goes unseen.
    """
    images = open_images(path)
    told = hashlib.blake2b(repr((images.shape, images.flags.c_contiguous)).encode(), digest_size=16)
    span = min(at_once(images.shape[1]), len(images))
    for first in sorted({0, (len(images) - span) // 2, len(images) - span}):
        told.update(np.ascontiguousarray(chunk_of(images, first, first + span)))
    return told.hexdigest()


def stream(path, rows=None, state=None, chunk=None):
    """Sum the images of a file, chunk by chunk; the page decides when to stop.

    Args: rows: (first, last), the rows to sum; None for all; state: None, or the path of a small
    file that keeps the sums after each chunk: if it is there, the sums go on from it; chunk: images
    read at once, a whole number above 0; None for 16 MB of them.
    Yields: Sums: once for what the state holds, then after each chunk.
    Raises: ValueError: as `open_images`; if the rows are not in the file; if the state is of
    another file or other rows, or can't be written. A state knows its file by `digest`, not by its
    name or time.
    """
    images = open_images(path)
    chunk = checks.size("chunk", at_once(images.shape[1]) if chunk is None else chunk)
    first, last = rows or (0, len(images))
    if not 0 <= first < last <= len(images):
        raise ValueError(
            f"rows must lie in 0 to {len(images)}, the first below the last; got {first} to {last}."
        )
    done, totals, whose = 0, np.zeros(images.shape[1], np.int64), None
    if state:
        whose = np.array([digest(path), str(first), str(last)])
        if os.path.exists(state):
            done, totals = _read_state(state, whose)
    yield Sums(done, totals)
    while first + done < last:
        begin = first + done
        end = min(begin + chunk, last)
        totals = totals + _sum(chunk_of(images, begin, end))
        done = end - first
        if state:
            write_whole(state, whose=whose, done=done, totals=totals)
        yield Sums(done, totals)


def _sum(images):
    """Totals [pixels] of uint8 images: 32 bits are the faster, and hold 16 million of them."""
    fits = len(images) <= 2**32 // 256
    return images.sum(axis=0, dtype=np.uint32 if fits else np.uint64).astype(np.int64)


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
