import itertools

import numpy as np
import pytest
from full_frame import full_frame

from helpers import data, distributions, inference
from helpers.models import poisson_gamma
from helpers.widgets import big_dial
from helpers.widgets.big_dial import View


@pytest.fixture(scope="module")
def view():
    return View()


@pytest.mark.parametrize(
    ("strength", "num_images", "digit"),
    [*itertools.product((0.01, 1000.0), (0, 1, 183), (0, 4)), (2.0, 3, 0), (0.37, 37, 8)],
)
def test_q_is_the_exact_posterior_at_every_setting(strength, num_images, digit, view):
    result = big_dial.solve(strength, num_images, digit)
    counts = data.load_digit(digit)[:num_images]
    prior = poisson_gamma.prior(data.domain_knowledge(digit), strength)
    exact = poisson_gamma.exact_posterior(poisson_gamma.condition(prior, counts))
    assert result.num_images == len(counts)
    assert result.kl == pytest.approx(distributions.kl_divergence(result.surrogate, exact).sum())
    assert result.kl < 1e-3
    assert (abs(result.surrogate.mean - exact.mean) < 0.01 * np.sqrt(exact.variance)).all()
    assert result.weight == pytest.approx(strength / (strength + len(counts)))
    assert result.seen == pytest.approx(counts.mean(axis=0) if num_images else np.zeros(64))
    assert abs(result.gaps[-1]) < 1.0
    view.draw(result)
    assert np.array_equal(view.canvas.frame(), full_frame(view.canvas))


@pytest.mark.parametrize("digit", range(10))
def test_the_two_pixels_are_an_inked_and_an_empty_one_that_do_not_touch(digit):
    inked, empty = big_dial.two_pixels(digit)
    template = data.domain_knowledge(digit)
    assert template[inked] > 0.7 * template.max()
    assert template[empty] < 1.0
    rows, columns = np.divmod([inked, empty], 8)
    assert max(abs(np.diff(rows)), abs(np.diff(columns))) > 1


def test_the_words_say_the_numbers():
    result = big_dial.solve(2.0, 3, 0)._replace(seconds=0.017, kl=1.2e-9)
    assert big_dial.frame(result).text == (
        "Digit 0. Prior worth 2 images, 3 images seen: the posterior is 40% knowledge, 60% data. "
        f"VI: {inference.FAST.num_steps} steps, 17 ms, KL to the exact posterior 1e-09 nats. "
        "The axes of the two pixels end at 20 and 1 counts."
    )
    assert "the mean of 3 images seen (60%)" in big_dial.frame(result).alt
    assert "ms" not in big_dial.frame(result).alt
    nothing = big_dial.frame(big_dial.solve(1.0, 0, 7)).alt
    assert "a blank, for no image was seen (0%)" in nothing
    assert "worth 1 image." in nothing
    assert "(<1% of the answer)" in big_dial.frame(big_dial.solve(0.01, 100, 7)).alt


def test_a_bad_setting_raises():
    with pytest.raises(ValueError, match="strength"):
        big_dial.solve(0.0, 3, 0)
    with pytest.raises(ValueError, match="digit"):
        big_dial.solve(1.0, 3, 10)


def test_the_panel_follows_its_controls():
    panel = big_dial.panel()
    assert panel.frame.text.startswith("Digit 0. Prior worth 2 images, 3 images seen")
    panel.controls["digit"].box.value = 9
    panel.controls["num_images"].box.value = 183
    assert panel.frame.text.startswith(
        "Digit 9. Prior worth 2 images, all 180 images seen: the posterior is 1% knowledge"
    )
    assert panel.error.value == ""
