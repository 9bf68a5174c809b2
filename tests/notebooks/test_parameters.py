"""Every lesson with other parameters than its own, by papermill; and what a bad parameter says."""

import papermill
import pytest
from execute import run
from sweep import accepted, check_outputs, lessons

LESSONS = lessons()
OTHERS = [
    {
        "digit": 1,
        "prior_strength": 0.01,
        "num_images": 1,
        "seed": 1,
        "num_steps": 60,
        "num_samples": 64,
        "num_synthetic": 1_000,
    },
    {
        "digit": 8,
        "prior_strength": 1000.0,
        "num_images": None,
        "seed": 2,
        "num_steps": 300,
        "num_samples": 100,
        "num_synthetic": 300_001,
    },
    {
        "digit": 4,
        "prior_strength": 0.7,
        "num_images": 20,
        "seed": 7,
        "num_steps": 1,
        "num_samples": 16,
        "num_synthetic": 20_000,
    },
]


@pytest.mark.parametrize("others", OTHERS, ids=["one-image", "all-images", "twenty-images"])
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_other_parameters(path, others, tmp_path):
    run(path, tmp_path / path.name, {name: others[name] for name in accepted(path)})
    check_outputs(tmp_path / path.name, path.stem)


def test_a_bad_parameter_stops_at_the_check(tmp_path):
    # One lesson stands for all: test_structure proves that each has this check right after its parameters.
    path = LESSONS[0]
    name = accepted(path)[0]
    with pytest.raises(papermill.PapermillExecutionError) as caught:
        run(path, tmp_path / path.name, {name: "many"})
    assert caught.value.ename == "ValueError"
    assert caught.value.evalue.startswith(f"{name} must be ")
    assert caught.value.evalue.endswith("got 'many'.")
