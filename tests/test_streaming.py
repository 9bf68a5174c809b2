"""Files of images summed by chunks: exact, resumable, and refused in a sentence where something is
wrong."""

import itertools
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
