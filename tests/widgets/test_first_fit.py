"""The opening slider: it shows what the page's own fit returns, and says it in words."""

import numpy as np

from helpers import data
from helpers.models import poisson_gamma
from helpers.widgets import first_fit


def exact(strength):
    template, seen = data.domain_knowledge(0), data.load_digit(0)[:3]
    posterior = poisson_gamma.exact_posterior(
        poisson_gamma.condition(poisson_gamma.prior(template, strength), seen)
    )
    return template, seen.mean(axis=0), posterior.mean, np.sqrt(posterior.variance)


def test_the_stronger_the_knowledge_the_nearer_the_answer():
    panel = first_fit.panel(exact, 0.01)
    assert "0.0 from what you saw" in panel.frame.text
    before = panel.frame.alt
    panel.controls["strength"].box.value = 1000
    assert panel.error.value == ""
    assert "0.0 counts from what you expected" in panel.frame.text
    assert panel.frame.alt != before


def test_a_fit_that_fails_is_said_in_the_error_line():
    def fails(strength):
        if strength > 2:
            raise ValueError("no such fit")
        return exact(strength)

    panel = first_fit.panel(fails, 2.0)
    panel.controls["strength"].box.value = 3
    assert "no such fit" in panel.error.value


def test_the_doubt_is_bright_enough_to_see():
    view = first_fit.View()
    view.draw(first_fit.Answer(*exact(2.0)))
    shown = [picture.get_array().max() for picture in view._pictures]
    assert shown[3] > shown[2] / 4
