"""The batch dial's numbers against the exact posterior and the formulas of the wrong factors."""

import numpy as np
import pytest

from helpers import data
from helpers.distributions import Gamma
from helpers.widgets import batches

COUNTS = data.load_digit(0)[:, 26]
PRIOR = Gamma(8.0, 2.0)


@pytest.mark.parametrize("way", batches.WAYS)
def test_with_steps_of_one_over_t_it_ends_at_its_formula(way):
    size, number = 16, len(COUNTS)
    ratio = number / size
    of_prior, of_batch = {"right": (1, ratio), "no factor": (1, 1), "mean": (1, 1 / size)}.get(
        way, (ratio, ratio)
    )
    mean, width = batches.solve(COUNTS, PRIOR, size, way, "1 / step")
    rate = of_prior * PRIOR.rate + of_batch * size
    concentration = of_prior * PRIOR.concentration + of_batch * size * COUNTS.mean()
    error = of_batch * np.sqrt(size) * COUNTS.std() / np.sqrt(batches.STEPS) / rate
    assert abs(mean[-1] - concentration / rate) < 5 * error
    assert width[-1] == pytest.approx(np.sqrt(mean[-1] / rate))


def test_batches_of_all_images_end_with_the_exact_width():
    _, width = batches.solve(COUNTS, PRIOR, len(COUNTS), "right", "1 / step")
    exact = Gamma(PRIOR.concentration + COUNTS.sum(), PRIOR.rate + len(COUNTS))
    assert width[-1] == pytest.approx(np.sqrt(exact.variance), rel=0.05)


def test_the_panel_answers_every_setting():
    panel = batches.panel(COUNTS, PRIOR)
    for size in (1, len(COUNTS)):
        panel.controls["size"].box.value = size
        for way in batches.WAYS:
            panel.controls["way"].widget.value = way
            for rate in batches.RATES:
                panel.controls["rate"].widget.value = rate
                assert panel.error.value == ""
                assert f"Batches of {size}, {way}:" in panel.frame.alt


@pytest.mark.parametrize("strength", [0.01, 2.0, 1000.0])
@pytest.mark.parametrize("way", batches.WAYS)
def test_the_picture_holds_where_every_program_ends(way, strength):
    prior = Gamma(4.0 * strength, strength)
    view = batches.panel(COUNTS, prior)._view(False)
    low, high = view._mean.axes.get_ylim()
    for size in (1, 16, len(COUNTS)):
        mean, width = batches.solve(COUNTS, prior, size, way, "1 / step")
        assert low <= mean[-1] - 2 * width[-1]
        assert mean[-1] + 2 * width[-1] <= high
