"""Files of images summed by chunks: exact, resumable, and refused in a sentence where something is
wrong."""

import itertools
import os
import resource

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import data, streaming


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("images") / "images.npy"
    streaming.write_synthetic(path, data.load_digit(3), 1_003, seed=1, chunk=100)
    return path


def test_synthetic_images_are_rows_of_the_real_ones(file):
    images = streaming.open_images(file)
    assert images.shape == (1_003, 64)
    real = {row.tobytes() for row in data.load_digit(3).astype(np.uint8)}
    assert all(row.tobytes() in real for row in np.asarray(images))
    assert len({row.tobytes() for row in np.asarray(images)}) > 100


@given(chunk=st.integers(1, 1_200), first=st.integers(0, 1_002), length=st.integers(1, 1_003))
@settings(deadline=None, max_examples=30)
def test_sums_are_exact_whatever_the_chunk(file, chunk, first, length):
    last = min(first + length, 1_003)
    *_, sums = streaming.stream(file, (first, last), chunk=chunk)
    np.testing.assert_array_equal(sums.totals, np.load(file)[first:last].sum(axis=0))
    assert sums.done == last - first


def test_counts_of_255_do_not_overflow(tmp_path):
    np.save(tmp_path / "full.npy", np.full((1_000, 2), 255, np.uint8))
    *_, sums = streaming.stream(tmp_path / "full.npy", chunk=999)
    np.testing.assert_array_equal(sums.totals, [255_000, 255_000])


@pytest.mark.parametrize("stop", [0, 1, 4, 9])
def test_a_stopped_sum_goes_on_and_loses_nothing(file, tmp_path, stop):
    state = tmp_path / "state.npz"
    for sums in itertools.islice(streaming.stream(file, state=state, chunk=100), stop + 1):
        last = sums.done
    begun, *_, ended = streaming.stream(file, state=state, chunk=100)
    assert begun.done == last == 100 * stop
    np.testing.assert_array_equal(ended.totals, np.load(file).sum(axis=0))
    (again,) = streaming.stream(file, state=state, chunk=100)  # all is done: it reads nothing
    np.testing.assert_array_equal(again.totals, ended.totals)


@given(rows=st.integers(0, 10_000), processes=st.integers(1, 40))
def test_shares_cover_all_rows_once(rows, processes):
    shares = [streaming.share(rows, processes, k) for k in range(processes)]
    assert shares[0][0] == 0
    assert shares[-1][1] == rows
    assert all(one[1] == two[0] for one, two in itertools.pairwise(shares))
    sizes = [last - first for first, last in shares]
    assert max(sizes) - min(sizes) <= 1


def test_a_file_that_is_no_table_of_images_is_refused(file, tmp_path):
    whole = file.read_bytes()
    bad = {"cut": whole[:5_000], "empty": b"", "foreign": b"a,b\n1,2\n", "pickle": b"\x80\x04N."}
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{name}: this is no whole file of images"):
            next(streaming.stream(tmp_path / name))
    with pytest.raises(ValueError, match="this is no whole file"):
        streaming.open_images(tmp_path / "missing.npy")
    for array in (np.zeros((3, 4)), np.zeros(5, np.uint8), np.zeros((0, 64), np.uint8)):
        np.save(tmp_path / "other.npy", array)
        with pytest.raises(ValueError, match="images are wanted, uint8"):
            streaming.open_images(tmp_path / "other.npy")
    with pytest.raises(ValueError, match="rows must lie in 0 to 1003"):
        next(streaming.stream(file, (5, 2_000)))


@pytest.mark.parametrize("chunk", [1, 100, 10_000])
def test_a_file_in_another_order_of_memory_has_the_same_sums(file, tmp_path, chunk):
    """`np.save(frame.to_numpy())` writes such files."""
    np.save(tmp_path / "columns.npy", np.asfortranarray(np.load(file)))
    for rows in (None, (3, 700)):
        *_, sums = streaming.stream(tmp_path / "columns.npy", rows, chunk=chunk)
        *_, wanted = streaming.stream(file, rows)
        np.testing.assert_array_equal(sums.totals, wanted.totals)
    assert not np.load(tmp_path / "columns.npy", mmap_mode="r").flags.c_contiguous


def test_no_chunk_overflows(monkeypatch):
    images = np.broadcast_to(np.uint8(255), (2**32 // 255 + 2, 1))
    np.testing.assert_array_equal(streaming._sum(images), [255 * len(images)])
    assert 255 * len(images) > 2**32


@pytest.mark.parametrize("chunk", [0, -1, 1.5, True, "all"])
def test_a_chunk_is_one_image_or_more(file, tmp_path, chunk):
    with pytest.raises(ValueError, match="chunk must be a whole number above 0"):
        next(streaming.stream(file, chunk=chunk))
    with pytest.raises(ValueError, match="chunk must be a whole number above 0"):
        streaming.write_synthetic(tmp_path / "new.npy", data.load_digit(3), 10, chunk=chunk)


@pytest.mark.parametrize("place", [0, 501, 1_002])
def test_a_state_knows_its_file_by_content(file, tmp_path, place):
    changed, state = tmp_path / "changed.npy", tmp_path / "state.npz"
    images = np.load(file)
    np.save(changed, images)
    time = os.stat(changed).st_mtime_ns
    list(streaming.stream(changed, state=state))
    os.utime(changed)  # another time alone is no other file
    next(streaming.stream(changed, state=state))
    images[place, 5] ^= 1
    np.save(changed, images)
    os.utime(changed, ns=(time, time))  # and the same time and length no same one
    with pytest.raises(ValueError, match="belongs to another file"):
        next(streaming.stream(changed, state=state))


@pytest.mark.parametrize("bad", [300, -1, 2.5, np.nan])
def test_a_count_that_a_byte_cannot_hold_is_refused(tmp_path, bad):
    counts = np.ones((3, 4))
    counts[1, 2] = bad
    with pytest.raises(ValueError, match=r"from 0 to 255; image 1, pixel 2 is"):
        streaming.write_synthetic(tmp_path / "new.npy", counts, 10)
    with pytest.raises(ValueError, match="num_images must be a whole number above 0"):
        streaming.write_synthetic(tmp_path / "new.npy", np.ones((3, 4)), 0)
    assert not list(tmp_path.iterdir())


def test_what_write_synthetic_wrote_is_known_again(file):
    for counts, number, seed in ((3, 1_003, 1), (4, 1_003, 1), (3, 1_002, 1), (3, 1_003, 2)):
        wanted = (counts, number, seed) == (3, 1_003, 1)
        found = streaming.is_synthetic(file, data.load_digit(counts), number, seed, chunk=100)
        assert found == wanted


def test_a_part_of_a_map_is_no_map(file):
    images = streaming.open_images(file)
    for bad in (images[5:], images[::2], np.asarray(images), images[:, :3]):
        with pytest.raises(ValueError, match="images must be what open_images returns"):
            streaming.chunk_of(bad, 0, 3)
    with pytest.raises(ValueError, match="rows must lie in 0 to 1003"):
        streaming.chunk_of(images, 5, 2_000)
    for bad in (2, -1, True):
        with pytest.raises(ValueError, match="process must be a whole number from 0 to 1"):
            streaming.share(10, 2, bad)


def test_a_state_of_another_file_or_of_other_rows_is_refused(file, tmp_path):
    state = tmp_path / "state.npz"
    list(streaming.stream(file, (0, 500), state))
    with pytest.raises(ValueError, match="belongs to another file, or to other rows"):
        next(streaming.stream(file, (0, 600), state))
    state.write_bytes(state.read_bytes()[:40])
    with pytest.raises(ValueError, match="no saved state"):
        next(streaming.stream(file, (0, 500), state))
    # nothing half written beside it
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]


def test_what_cannot_be_written_is_said_and_nothing_half_written_stays(file, tmp_path):
    for folder in (tmp_path / "missing", file):  # no folder; a file in its place
        with pytest.raises(ValueError, match=r"images.npy: this file can't be written \("):
            streaming.write_synthetic(folder / "images.npy", data.load_digit(3), 10)
    with pytest.raises(ValueError, match=r"sums.npz: this file can't be written \("):
        list(streaming.stream(file, state=tmp_path / "missing" / "sums.npz"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))  # as if the disk were full
    try:
        with pytest.raises(ValueError, match=r"images.npy: this file can't be written \("):
            streaming.write_synthetic(tmp_path / "images.npy", data.load_digit(3), 2_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
