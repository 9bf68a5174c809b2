"""The mixing desk and the half-hidden painting of notebook 10: settings to results, words, and
views."""

import jax
import numpy as np
import pytest
from full_frame import full_frame

from helpers import data
from helpers.models import factorisation
from helpers.widgets import mix, paint


@pytest.fixture(scope="module")
def fitted():
    return factorisation.coordinate_ascent(
        jax.random.key(0), data.load_digit(0)[:40], factorisation.PRIOR, 10, 60
    )


def draws(new_view, result):
    """On a wide page and a narrow one, a blitted frame is a full draw."""
    for is_narrow in (False, True):
        view = new_view(is_narrow)
        view.draw(result)
        assert np.array_equal(view.canvas.frame(), full_frame(view.canvas))


def test_the_average_mix_is_the_average_of_the_fit(fitted):
    w, h = (fitted.surrogate.blocks[name].mean for name in ("weights", "factors"))
    result = mix.solve_mixture(fitted, np.ones(8))
    np.testing.assert_allclose(result.rates, (w @ h).mean(axis=0))
    assert result.parts.shape == (8, 64)
    none = mix.solve_mixture(fitted, np.zeros(8))
    assert np.all(none.parts == 0)
    # two factors have no slider
    assert none.rates.sum() == pytest.approx(result.rates.sum() - result.parts.sum())
    draws(mix.mixture_view(result.parts), result)


@pytest.mark.parametrize("num_components", [1, 8])
def test_every_stop_of_a_factor_gives_its_darkest_ink_another_colour(num_components):
    fit = factorisation.coordinate_ascent(
        jax.random.key(0), data.load_digit(0), factorisation.PRIOR, num_components, num_steps=60
    )
    average = mix.solve_mixture(fit, np.ones(num_components)).parts
    view = mix.mixture_view(average)(False)
    for k in range(num_components):
        colours = []
        for times in mix.TIMES:
            view.draw(mix.solve_mixture(fit, np.where(np.arange(num_components) == k, times, 1.0)))
            colours.append(
                view._images[1 + k]._colours.reshape(64, 4)[average[k].argmax()].tobytes()
            )
        assert len(set(colours)) == len(mix.TIMES)
        # viridis grows greener all the way: at its average weight a factor is no dim picture
        green = [np.frombuffer(colour, view._images[1 + k]._colours.dtype)[1] for colour in colours]
        assert green[mix.TIMES.index(1.0)] > 0.6 * green[-1]


@pytest.mark.parametrize("is_narrow", [False, True])
def test_the_colour_bar_stands_beside_an_image_that_it_is_the_scale_of(fitted, is_narrow):
    average = mix.solve_mixture(fitted, np.ones(8)).parts
    for view in (mix.mixture_view(average)(is_narrow), mix.completion_view(is_narrow)):
        *places, bar = (
            axes.get_position().get_points().mean(axis=0) for axes in view.canvas._figure.axes
        )
        away = [
            np.hypot(*((place - bar) * view.canvas._figure.get_size_inches())) for place in places
        ]
        assert view._images[int(np.argmin(away))]._most == data.MAX_COUNT
        others = [k for k, image in enumerate(view._images) if image._most != data.MAX_COUNT]
        assert min(away) < 0.9 * min(away[k] for k in others)


@pytest.mark.parametrize("hidden", mix.SEEN)
def test_a_completion_looks_at_what_is_seen_alone(fitted, hidden):
    seen = mix.SEEN[hidden]
    painting = np.array(paint.coarse_typeface(0))
    result = mix.solve_completion(fitted, painting, seen)
    other = mix.solve_completion(fitted, np.where(seen, painting, 16 - painting), seen)
    np.testing.assert_array_equal(result.expected, other.expected)
    draws(mix.completion_view, result)


def test_how_unsure_it_is_against_draws(fitted):
    """The standard deviation of a rate under q, in closed form and by simulation."""
    painting, seen = data.load_digit(0)[50], data.checkerboard()
    result = mix.solve_completion(fitted, painting, seen)
    h = fitted.surrogate.blocks["factors"]
    q = factorisation.infer_weights(painting[None], fitted.prior.weights, h, seen)
    rng = np.random.default_rng(0)
    w = rng.gamma(q.concentration, 1 / q.rate, (20_000, q.rate.shape[1]))
    rates = np.einsum(
        "sk,skj->sj", w, rng.gamma(h.concentration, 1 / h.rate, (20_000, *h.rate.shape))
    )
    np.testing.assert_allclose(rates.mean(axis=0), result.expected, atol=0.1)
    np.testing.assert_allclose(rates.std(axis=0), result.unsure, rtol=0.15)


def test_a_moved_slider_and_a_hidden_half_are_said(fitted):
    panel = mix.panel(fitted)
    before = panel.frame.text
    panel.controls["f0"].slider.value = 3.0
    assert panel.error.value == ""
    assert panel.frame.text != before
    completion = mix.completion(fitted)
    assert "the model sees 32 of the 64" in completion.frame.text
    completion.controls["hidden"].widget.value = "nothing"
    assert completion.error.value == ""
    assert "Nothing is hidden" in completion.frame.text


def test_one_factor_is_enough():
    fitted = factorisation.coordinate_ascent(
        jax.random.key(0), data.load_digit(1)[:1], factorisation.PRIOR, 1, 5
    )
    assert len(mix.panel(fitted).controls) == 1
    assert mix.completion(fitted, 1).error.value == ""
