"""Every lesson with other parameters than its own, by papermill; and what a bad parameter says."""

import papermill
import pytest
from execute import run
from sweep import accepted, check_outputs, lessons

LESSONS = lessons()
# A weak prior and a single image are the hardest for all. The other end, where a prior is strong
# and all images are seen, goes to the lessons whose models have parameters of their own; `make
# sweep` takes sets in between.
WEAK = {
    "digit": 1,
    "prior_strength": 0.01,
    "num_images": 1,
    "seed": 1,
    "num_steps": 60,
    "num_samples": 64,
}
WEAK |= {
    "num_components": 1,
    "latent_size": 1,
    "num_training_images": 1,
    "prior_scale": 0.1,
    "num_synthetic": 1_000,
    "exposure_factor": 0.1,
    "images_per_digit": 1,
}
STRONG = {
    "digit": 8,
    "prior_strength": 1000.0,
    "num_images": None,
    "seed": 2,
    "num_steps": 1,
    "num_samples": 16,
}
STRONG |= {
    "num_components": 20,
    "latent_size": 20,
    "num_training_images": 1347,
    "prior_scale": 10.0,
    "exposure_factor": 10.0,
    "images_per_digit": 20,
}
OWN = {
    "num_components",
    "latent_size",
    "num_training_images",
    "prior_scale",
    "num_steps",
    "num_samples",
}
RUNS = [
    (path, others)
    for path in LESSONS
    for others in (STRONG, WEAK)
    if others is WEAK or set(accepted(path)) & OWN
]
RUNS.reverse()  # the later lessons take longer: begun first, they leave no worker idle at the end


@pytest.mark.parametrize(
    ("path", "others"),
    RUNS,
    ids=[f"{path.stem}-{'weak' if others is WEAK else 'strong'}" for path, others in RUNS],
)
def test_other_parameters(path, others, tmp_path):
    run(path, tmp_path / path.name, {name: others[name] for name in accepted(path)})
    check_outputs(tmp_path / path.name, path.stem)


def test_a_bad_parameter_stops_at_the_check(tmp_path):
    # One lesson stands for all: test_structure proves that each has this check right after its
    # parameters.
    path = LESSONS[0]
    name = accepted(path)[0]
    with pytest.raises(papermill.PapermillExecutionError) as caught:
        run(path, tmp_path / path.name, {name: "many"})
    assert caught.value.ename == "ValueError"
    assert caught.value.evalue.startswith(f"{name} must be ")
    assert caught.value.evalue.endswith("got 'many'.")


def test_a_misspelt_parameter_stops_at_the_check(tmp_path):
    path = LESSONS[0]
    name = accepted(path)[0]
    with pytest.raises(papermill.PapermillExecutionError) as caught:
        run(path, tmp_path / path.name, {f"{name}s": 8})
    assert caught.value.ename == "ValueError"
    assert caught.value.evalue.startswith(f"{name}s is no parameter of this notebook, {name}? ")
