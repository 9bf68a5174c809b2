"""The checks at the door: numbers of Python, NumPy and JAX pass as plain ones; anything else gets
one sentence."""

import jax.numpy as jnp
import numpy as np
import pytest

from helpers import checks


@pytest.mark.parametrize("value", [2, np.int64(2), np.array(2), jnp.int32(2)])
def test_whole_numbers_come_back_as_ints(value):
    got = checks.number("n", value, "a whole number above 0", lambda n: n > 0, whole=True)
    assert (got, type(got)) == (2, int)


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.array(2.0), jnp.float32(2)])
def test_numbers_come_back_as_floats(value):
    got = checks.number("x", value, "a number above 0", lambda x: x > 0)
    assert (got, type(got)) == (2.0, float)


@pytest.mark.parametrize(
    "value", [-1, 0, "2", None, True, np.bool_(True), [2], np.array([2]), float("nan"), 2j]
)
def test_what_is_no_good_is_named(value):
    with pytest.raises(ValueError, match=r"^x must be a number above 0; got .*\.$"):
        checks.number("x", value, "a number above 0", lambda x: x > 0)


@pytest.mark.parametrize("value", [2.0, np.float64(2), 1.5])
def test_a_float_is_no_whole_number(value):
    with pytest.raises(ValueError, match=r"^n must be a whole number; got"):
        checks.number("n", value, "a whole number", lambda n: True, whole=True)


@pytest.mark.parametrize("value", [0, 1, -0.1, 95, float("nan"), "0.9"])
def test_a_probability_lies_strictly_between_0_and_1(value):
    assert checks.probability("level", 0.9) == 0.9
    with pytest.raises(ValueError, match="level must be a probability between 0 and 1"):
        checks.probability("level", value)


def test_arrays_of_numbers_become_float64():
    got = checks.floats("counts", [[1, 2], [3, 4]])
    assert (got.dtype, got.shape) == (np.float64, (2, 2))
    for bad in (["ink"], None, [[1], [2, 3]], [True]):
        with pytest.raises(ValueError, match=r"^counts must be numeric; got .*\.$"):
            checks.floats("counts", bad)
