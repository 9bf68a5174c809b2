import jax
import numpy as np
import pytest
from full_frame import full_frame

from helpers import broken_fits, data, diagnostics, distributions, inference
from helpers.models import poisson_gamma
from helpers.widgets import quiz


@pytest.fixture(scope="module")
def six():
    """The six candidates and their cases, for the digit 0, prior strength 2 and all images."""
    prior = poisson_gamma.prior(data.domain_knowledge(0), 2.0)
    model = poisson_gamma.condition(prior, data.load_digit(0))
    candidates = broken_fits.six_fits(jax.random.key(0), model, prior)
    exact = poisson_gamma.exact_posterior(model)
    cases = {}
    for letter, candidate in zip("ABCDEF", candidates, strict=True):
        draws = candidate.surrogate.sample(jax.random.key(1), 4000)
        log_ratios = inference.log_ratios(candidate.surrogate, model, draws)
        kl = poisson_gamma.log_evidence(model) - np.asarray(log_ratios, dtype=float).mean()
        cases[letter] = quiz.case(candidate, draws, log_ratios, kl)
    return candidates, cases, exact


def test_five_are_broken_and_one_is_not(six):
    candidates, cases, exact = six
    assert [candidate.is_broken for candidate in candidates] == [True] * 5 + [False]
    for candidate, case in zip(candidates, cases.values(), strict=True):
        assert np.isfinite(case.log_ratios).all()
        assert np.isfinite(case.elbos).all()
        assert (case.kl > 0.5) == candidate.is_broken
        if isinstance(candidate.surrogate, distributions.Gamma):
            true_kl = distributions.kl_divergence(candidate.surrogate, exact).sum()
            assert case.kl == pytest.approx(true_kl, rel=0.2, abs=0.05)


def test_the_fits_stay_finite_where_a_concentration_is_tiny():
    prior = poisson_gamma.prior(data.domain_knowledge(0), 0.01)
    model = poisson_gamma.condition(prior, data.load_digit(0)[:1])
    for candidate in broken_fits.six_fits(jax.random.key(0), model, prior):
        assert all(np.isfinite(parameter).all() for parameter in candidate.surrogate)
        log_rates = candidate.surrogate.sample(jax.random.key(1), 100)
        log_ratios = inference.log_ratios(candidate.surrogate, model, log_rates)
        assert np.isfinite(log_rates).all()
        assert np.isfinite(log_ratios).all()


def test_a_k_hat_goes_with_the_draws_that_its_weights_leave(six):
    candidates, cases, _ = six
    for case in cases.values():
        smoothed = diagnostics.pareto_smoothed(case.log_ratios)
        assert (case.k_hat, case.left) == (smoothed.k_hat, smoothed.effective_draws)
    # k-hat is content with a q that is too wide, and with its few draws one need not be
    wide = cases["ABCDEF"[[each.name for each in candidates].index("spread clipped")]]
    assert wide.k_hat < 0.5
    assert wide.left < 0.25 * len(wide.log_ratios)
    assert "k-hat at most 0.5, and the weights leave less than half of the draws" in quiz.alt(
        "E", wide
    )
    view = quiz.View()
    view.draw(("E", wide))
    assert f"{wide.left:,.0f} of 4,000 left" in view._k_hat.get_text()


def test_an_elbo_that_jitters_is_a_cloud_inside_its_axes(six):
    candidates, cases, _ = six
    timid = cases["ABCDEF"[[each.name for each in candidates].index("learning rate too low")]]
    view = quiz.View()
    view.draw(("B", timid))
    assert view._elbo.get_linestyle() == "None"
    low, high = view._elbo.axes.get_ylim()
    heights = view._elbo.get_ydata()
    assert ((low < heights) & (heights < high)).mean() > 0.95
    assert (heights > 0).any()
    assert (heights < 0).any()


def test_verdicts(six):
    _, cases, _ = six
    assert quiz.verdict(cases["A"], "?") == (None, "what do you say, broken or fine?")
    is_right, words = quiz.verdict(cases["A"], "broken")
    assert is_right
    assert words.startswith("Right: data counted twice.")
    assert "True KL" in words
    is_right, words = quiz.verdict(cases["F"], "broken")
    assert not is_right
    assert words.startswith("No: nothing wrong.")
    harmless = cases["A"]._replace(kl=0.001)
    assert "does no harm" in quiz.verdict(harmless, "broken")[1]


def test_the_alt_says_what_the_picture_shows(six):
    _, cases, _ = six
    steps = np.linspace(-100.0, 0.0, 200)
    still = cases["F"]._replace(elbos=np.zeros(200), k_hat=0.2, medians=np.full(64, 3.0))
    words = quiz.alt("F", still)
    assert words.startswith(
        "Fit F: at the end its ELBO is settled, its k-hat raises no alarm, and none of the 64"
    )
    assert "3 counts a pixel on average" in words
    assert "its ELBO is still rising" in quiz.alt("F", still._replace(elbos=steps))
    assert "its ELBO is falling" in quiz.alt("F", still._replace(elbos=-steps))
    assert (
        "its k-hat raises the alarm, and 1 of the 64 medians of q lies above the 16 counts"
        in quiz.alt("F", still._replace(k_hat=0.9, medians=np.r_[20.0, np.ones(63)]))
    )


def test_panel_keeps_the_score_and_gives_nothing_away(six):
    _, cases, _ = six
    panel = quiz.panel(cases)
    assert "stopped" not in panel.frame.alt + panel.frame.text
    for letter in cases:
        panel.controls["letter"].widget.value = letter
        assert panel.frame.text.startswith(f"{letter}: what do you say")
        panel.controls[letter].widget.value = "fine" if letter == "F" else "broken"
        assert panel.frame.text.startswith(f"{letter}: Right: ")
    assert panel.frame.text.endswith("Score: 6 of 6 right, 0 to go.")
    view = quiz.View()
    for letter, case in cases.items():
        view.draw((letter, case))
        assert np.array_equal(view.canvas.frame(), full_frame(view.canvas))
