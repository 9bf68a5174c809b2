"""The check after each parameters cell: good values pass through, bad ones get one sentence."""

import math
import types

import numpy as np
import pytest

from helpers import parameters

TAKES = {
    "digit": "a whole number from 0 to 9",
    "prior_strength": "a number from 0.01 to 1000",
    "num_images": "a whole number from 1 to 178",
    "num_components": "a whole number from 1 to 64",
    "seed": "a whole number from 0 to 2147483647",
    "num_steps": "a whole number from 1 to 100000",
    "num_samples": "a whole number from 1 to 10000",
    "latent_size": "a whole number from 1 to 64",
    "num_training_images": "a whole number from 1 to 1347",
    "prior_scale": "a number from 0.01 to 100",
    "num_synthetic": "a whole number from 1000 to 1000000000",
    "exposure_factor": "a number from 0.1 to 10",
    "images_per_digit": "a whole number from 1 to 20",
}
BAD = [-1, 10**12, math.nan, math.inf, "2", [1], True]
WHOLE = [name for name in TAKES if not TAKES[name].startswith("a number")]


def test_good_values_come_back_in_order():
    assert parameters.check(seed=0, digit=9, prior_strength=1, num_images=2) == (0, 9, 1.0, 2)


def test_numbers_of_numpy_are_numbers():
    got = parameters.check(
        digit=np.int64(3), prior_strength=np.float32(2), num_images=np.int32(5), seed=np.int64(1)
    )
    assert got == (3, 2.0, 5, 1)
    assert [type(value) for value in got] == [int, float, int, int]


@pytest.mark.parametrize(("digit", "images"), [(0, 178), (1, 182)])
def test_none_means_all_images_of_that_digit(digit, images):
    assert parameters.check(digit=digit, num_images=None) == (digit, images)


@pytest.mark.parametrize("name", TAKES)
def test_both_ends_are_taken(name):
    ends = {
        "digit": (0, 9),
        "prior_strength": (0.01, 1000),
        "num_images": (1, 178),
        "seed": (0, 2**31 - 1),
    }
    ends |= {"num_components": (1, 64), "latent_size": (1, 64)}
    ends |= {
        "num_training_images": (1, 1347),
        "prior_scale": (0.01, 100),
        "num_synthetic": (1_000, 10**9),
        "exposure_factor": (0.1, 10),
        "images_per_digit": (1, 20),
    }
    for value in ends.get(name, (1, 10_000)):
        assert parameters.check(**{"digit": 0, name: value})[-1] == value


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.parametrize("value", BAD)
def test_a_bad_value_gets_its_name_what_it_was_and_what_is_taken(name, value):
    with pytest.raises(ValueError, match=TAKES[name]) as caught:
        parameters.check(**{"digit": 0, name: value})
    message = str(caught.value)
    assert message.startswith(f"{name} must be ")
    assert message.endswith(f"got {value!r}.")


@pytest.mark.parametrize("name", WHOLE)
def test_a_fraction_is_no_whole_number(name):
    with pytest.raises(ValueError, match=f"^{name} must be a whole number"):
        parameters.check(**{"digit": 0, name: 1.5})


@pytest.mark.parametrize("name", [name for name in TAKES if name != "num_images"])
def test_none_is_no_value_but_for_num_images(name):
    with pytest.raises(ValueError, match=f"^{name} must be"):
        parameters.check(**{name: None})


def test_an_unknown_parameter_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=f"^prior_strenght is no parameter .*{', '.join(TAKES)}.$"):
        parameters.check(digit=0, prior_strenght=2)


def test_num_images_needs_its_digit():
    with pytest.raises(ValueError, match=r"^num_images needs digit beside it"):
        parameters.check(num_images=3)


OWN = "digit = 0  # 0 to 9\nseed = 42\n"


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([OWN, "# Parameters\ndigits = 8\n", "now"], "^digits is no parameter .*, digit. It has"),
        ([OWN, "# Parameters\nseed = 1\nink = 2\n", "now"], r"^ink is .*\. It has digit, seed\.$"),
        ([OWN, "# Parameters\nseed = 1\ndigit = 8\n", "now"], None),
        ([OWN, "now"], None),
        ([OWN, "digits = 8", "now"], None),
        ([], None),
    ],
)
def test_a_name_that_papermill_was_given_and_the_notebook_lacks_is_refused(
    monkeypatch, cells, says
):
    shell = types.SimpleNamespace(user_ns={"In": ["", "import this", *cells]})
    monkeypatch.setattr(parameters, "get_ipython", lambda: shell)
    if says is None:
        assert parameters.check(digit=8) == (8,)
    else:
        with pytest.raises(ValueError, match=says):
            parameters.check(digit=8)
