"""The batch dial's numbers against the exact posterior and the formulas of the wrong factors."""

import numpy as np
import pytest

from helpers import data
from helpers.distributions import Gamma
from helpers.widgets import batches

COUNTS = data.load_digit(0)[:, 26]
PRIOR = Gamma(8.0, 2.0)


@pytest.mark.parametrize("way", ["N / B", "none", "mean", "everything"])
def test_with_steps_of_one_over_t_it_ends_at_its_formula(way):
    size, number = 16, len(COUNTS)
    of_prior, of_batch = batches.weights(way, number, size)
    run = batches.solve(COUNTS, PRIOR, size, way, "1 / step")
    rate = of_prior * PRIOR.rate + of_batch * size
    concentration = 1 + of_prior * (PRIOR.concentration - 1) + of_batch * size * COUNTS.mean()
    error = of_batch * np.sqrt(size) * COUNTS.std() / np.sqrt(batches.STEPS) / rate
    assert abs(run.mean[-1] - concentration / rate) < 5 * error
    assert run.width[-1] == pytest.approx(np.sqrt(run.mean[-1] / rate))


def test_the_whole_data_set_as_a_batch_of_one_step_has_the_exact_width():
    run = batches.solve(COUNTS, PRIOR, len(COUNTS), "N / B", "1 / step")
    assert run.width[-1] == pytest.approx(np.sqrt(run.exact.variance), rel=0.05)
    assert "the exact posterior" in batches.sentence(run, len(COUNTS), "N / B")


def test_the_panel_answers_every_end(monkeypatch):
    panel = batches.panel(COUNTS, PRIOR)
    for size in (1, len(COUNTS)):
        panel.controls["size"].box.value = size
        for way in ("N / B", "none", "mean", "everything"):
            panel.controls["way"].widget.value = way
            assert panel.error.value == ""
            assert f"Batches of {size}, factor {way}:" in panel.frame.alt
