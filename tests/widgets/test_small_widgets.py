"""The dial of notebook 1, the ELBO game of 2, the generator of 8 and the easel of 4: settings to
results, and views."""

import functools

import numpy as np
import pytest
from full_frame import full_frame
from scipy import integrate, stats

from helpers import data, distributions
from helpers.distributions import Gamma
from helpers.widgets import dial, elbo_game, generator, paint

COUNTS = np.array([14, 9, 16, 3, 12])


def draws(new_view, result):
    """On a wide page and a narrow one, a blitted frame is a full draw."""
    for is_narrow in (False, True):
        view = new_view(is_narrow)
        view.draw(result)
        assert np.array_equal(view.canvas.frame(), full_frame(view.canvas))


@pytest.mark.parametrize(("strength", "num_images"), [(2.0, 3), (0.01, 0), (1000.0, 5), (0.01, 1)])
def test_dial(strength, num_images):
    result = dial.solve(strength, num_images, 10.0, COUNTS)
    seen = COUNTS[:num_images]
    weight = strength / (strength + num_images)
    average = weight * 10 + ((1 - weight) * seen.mean() if num_images else 0)
    assert result.posterior.mean == pytest.approx(average)
    assert f"make {average:.1f}." in dial.frame(result).text
    assert dial.frame(result).text in dial.frame(result).alt
    draws(dial.View, result)


def test_dial_needs_some_strength():
    with pytest.raises(ValueError, match="strength"):
        dial.solve(0.0, 3, 10.0, COUNTS)


@pytest.mark.parametrize(("mean", "deviation"), [(9.0, 1.4), (0.2, 8.0), (24.0, 0.05)])
def test_elbo_game_scores_q_without_the_posterior(mean, deviation):
    prior = Gamma(20.0, 2.0)
    result = elbo_game.solve(mean, deviation, prior, COUNTS[:3])
    assert result.q.mean == pytest.approx(mean)
    assert np.sqrt(result.q.variance) == pytest.approx(deviation)
    assert result.posterior == Gamma(20.0 + 39, 5.0)
    assert result.gap == pytest.approx(
        distributions.kl_divergence(result.q, result.posterior), rel=1e-6
    )
    draws(functools.partial(elbo_game.View, result.log_evidence), result)


def test_elbo_game_against_an_integral():
    prior, q = Gamma(20.0, 2.0), Gamma(36.0, 4.0)
    result = elbo_game.solve(9.0, 1.5, prior, COUNTS[:3])
    assert result.q.concentration == pytest.approx(q.concentration)

    def integrand(rate):
        log_q = stats.gamma.logpdf(rate, q.concentration, scale=1 / q.rate)
        log_joint = (
            stats.gamma.logpdf(rate, 20.0, scale=0.5) + stats.poisson.logpmf(COUNTS[:3], rate).sum()
        )
        return np.exp(log_q) * (log_joint - log_q)

    assert result.elbo == pytest.approx(integrate.quad(integrand, 0.5, 30)[0], abs=1e-6)


def test_elbo_game_says_when_it_is_won():
    panel = elbo_game.panel(Gamma(20.0, 2.0), COUNTS[:3], deviation=5.0)
    assert "You have won" not in panel.frame.text
    posterior = elbo_game.solve(4.0, 1.4, Gamma(20.0, 2.0), COUNTS[:3]).posterior
    panel.controls["mean"].box.value = posterior.mean
    assert "You have won" not in panel.frame.text
    panel.controls["deviation"].box.value = posterior.variance**0.5
    assert panel.frame.text.endswith("You have won: it is below 0.01 nats.")
    panel.controls["mean"].box.value = 2.0
    assert panel.frame.text.endswith("You have won: it is below 0.01 nats."), "it stays won"


def test_elbo_game_remembers_the_best():
    panel = elbo_game.panel(Gamma(20.0, 2.0), COUNTS[:3])
    panel.controls["mean"].slider.value = 11.8
    close = panel.frame.text
    panel.controls["mean"].slider.value = 2.0
    best = close.partition("best so far: ")[2]
    assert panel.frame.text.endswith(best)
    assert "posterior is shown" not in panel.frame.alt
    panel.controls["posterior"].widget.value = "shown"
    assert "posterior is shown" in panel.frame.alt


def test_elbo_game_needs_some_width():
    with pytest.raises(ValueError, match="above 0"):
        elbo_game.solve(9.0, 0.0, Gamma(20.0, 2.0), COUNTS)


def test_generator():
    first, again, other = (generator.solve(2.0, 3, draw) for draw in (1, 1, 2))
    assert np.array_equal(first.synthetic, again.synthetic)
    assert not np.array_equal(first.synthetic, other.synthetic)
    assert first.synthetic.shape == (generator.NUM_SHOWN, 64)
    assert abs(first.rates.mean() - data.load_digit(3).mean()) < 0.5
    assert np.array_equal(first.real, data.load_digit(3)[: generator.NUM_SHOWN])
    assert (
        "Digit 3, prior worth 2 images, 183 images learned from, draw 1"
        in generator.frame(first).text
    )
    # fewer real images than places
    draws(generator.view, generator.solve(1000.0, 0, 1, num_images=3))


def test_strong_generator_dreams_the_typeface():
    rates = generator.solve(1000.0, 0, 1, num_images=1).rates
    assert np.allclose(rates.mean(axis=0), data.domain_knowledge(0), atol=0.3)


@pytest.mark.parametrize("num_images", [0, 3, 183])
def test_paint(num_images):
    typeface = paint.coarse_typeface(0)
    result = paint.solve(typeface, 2.0, num_images, 0)
    assert set(typeface) <= set(paint.INKS)
    assert (result.template >= data.DEFAULT_FLOOR).all()
    assert result.dreams.shape == (paint.NUM_DREAMS, 64)
    if num_images == 0:
        assert np.allclose(result.posterior_mean, result.template)
        assert result.log_evidence == pytest.approx(0)
        assert "Let it see images" in paint.frame(result).text
    else:
        assert "than the typeface" in paint.frame(result).text
    exactly = paint.solve(data.domain_knowledge(0), 2.0, num_images, 0)
    assert exactly.log_evidence == pytest.approx(exactly.typeface_log_evidence)
    draws(paint.view, result)


def test_paint_refuses_less_than_no_ink():
    with pytest.raises(ValueError, match="no ink below 0"):
        paint.solve(np.full(64, -1.0), 2.0, 3, 0)


def test_easel():
    panel = paint.panel()
    easel = panel.controls["painting"]
    assert list(easel.value) == paint.rough_hand(0)
    assert set(easel.value) == {0, 12}
    easel._clear.click()
    assert easel.value == (0,) * 64
    assert "ink in 0 of 64 pixels" in panel.frame.alt
    easel._painted.value = " ".join(["0"] * 27 + ["16"] + ["0"] * 36)  # as the page writes it
    assert easel.value[27] == 16
    assert "ink in 1 of 64 pixels" in panel.frame.alt
    panel.controls["digit"].box.value = 7
    easel._copy.click()
    assert list(easel.value) == paint.coarse_typeface(7)
    easel._clear.click()
    assert easel.value == (0,) * 64
    assert 'aria-label="row 3, column 5: 0"' in easel._grid.value
    assert panel.error.value == ""


def test_dial_sees_the_images_of_the_page_first():
    panel = dial.panel(COUNTS, 10.0, num_images=2, yours=[16, 3])
    assert list(panel.frame.result.seen) == [16, 3]
    panel.controls["num_images"].box.value = 5
    assert list(panel.frame.result.seen) == [16, 3, 14, 9, 12]
