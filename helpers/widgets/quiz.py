"""The broken-fit quiz of notebook 6: six fits, the evidence against each, and your verdicts."""

from typing import NamedTuple

import ipywidgets
import numpy as np

from helpers import style
from helpers.plots.images import BEYOND
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas, PixelImage, colour_bar, place_axes

UNDECIDED, BROKEN, FINE = "?", "broken", "fine"
HARMLESS = 0.01  # nats: below this KL a mistake has done no harm
_LEAST, _MOST = -3e4, 30.0  # nats, ends of the ELBO's axis
# Inches: size, places of ELBO, ratios, image and colour bar; on a wide page and a narrow one.
_WIDE = ((9.2, 2.95), [(0.8, 0.6, 2.2, 1.95), (3.85, 0.6, 2.2, 1.95), (6.35, 0.6, 1.95, 1.95), (8.4, 0.6, 0.1, 1.95)])
_NARROW = ((3.2, 6.6), [(0.8, 4.75, 2.25, 1.65), (0.8, 2.6, 2.25, 1.5), (0.8, 0.1, 1.6, 1.6), (2.5, 0.1, 0.1, 1.6)])


class Case(NamedTuple):
    """One fit, as the quiz shows it."""

    name: str  # the mistake
    is_broken: bool
    explanation: str
    elbos: np.ndarray  # [num_steps], nats, as the fit reported them
    log_ratios: np.ndarray  # [draws], ln p(X, theta) - ln q(theta) at draws from q, nats
    medians: np.ndarray  # [64], of the draws of each rate, counts
    k_hat: float
    kl: float  # true total KL(q, posterior), nats: shown with the answer only


def case(candidate, log_rates, log_ratios, k_hat, log_evidence):
    """Put together what the quiz needs to know of a broken_fits.Candidate.

    Args:
        candidate: broken_fits.Candidate.
        log_rates: [draws, 64], draws from its surrogate.
        log_ratios: [draws], nats.
        k_hat: of these log ratios.
        log_evidence: of the model, nats.

    Returns:
        Case.
    """
    return Case(
        candidate.name,
        candidate.is_broken,
        candidate.explanation,
        np.asarray(candidate.elbos, dtype=float),
        np.asarray(log_ratios, dtype=float),
        np.exp(np.median(np.asarray(log_rates, dtype=float), axis=0)),
        float(k_hat),
        log_evidence - float(np.mean(np.asarray(log_ratios, dtype=float))),
    )


def verdict(case, answer):
    """What the quiz says to an answer.

    Args:
        case: Case.
        answer: UNDECIDED, BROKEN or FINE.

    Returns:
        (is_right, words): is_right is None while undecided, and then the words give nothing away.
    """
    if answer == UNDECIDED:
        return None, "what do you say, broken or fine?"
    is_right = (answer == BROKEN) == case.is_broken
    harm = f" True KL to the posterior: {case.kl:.2g} nats." if case.kl >= HARMLESS else ""
    if case.is_broken and not harm:
        harm = " With this little to learn the mistake does no harm, though: true KL below 0.01 nats."
    return is_right, f"{'Right' if is_right else 'No'}: {case.name}. {case.explanation}{harm}"


def sentence(letter, cases, answers):
    """The live sentence: the verdict on the fit in view, and the score.

    Args:
        letter: of the fit in view.
        cases, answers: dicts from letters to Case and to answers.
    """
    verdicts = [verdict(cases[name], answers[name])[0] for name in cases]
    score = f"{sum(right is True for right in verdicts)} of {len(cases)} right"
    still = sum(right is None for right in verdicts)
    return f"{letter}: {verdict(cases[letter], answers[letter])[1]} Score: {score}, {still} to go."


def alt(letter, case):
    """The picture in words; it gives nothing away that the picture does not."""
    tail = case.elbos[-max(len(case.elbos) // 10, 2) :]
    tail_weight = "below 0.5" if case.k_hat < 0.5 else "from 0.5 to 0.7" if case.k_hat <= 0.7 else "above 0.7"
    return (
        f"Fit {letter}. Left, the ELBO it reported over its {len(case.elbos)} steps, relative to its last: over the "
        f"last tenth it still moved by {_roughly(np.ptp(tail))}. Middle, the log importance ratios of "
        f"{len(case.log_ratios)} draws, sorted: their spread is {_roughly(case.log_ratios.std())}, their k-hat "
        f"{tail_weight}. Right, the image of q's medians."
    )


def _roughly(number):
    """A size in nats, in words that are the same on every machine."""
    return "less than 0.1 nats" if number < 0.1 else "0.1 to 10 nats" if number < 10 else "more than 10 nats"


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self, is_narrow=False):
        figure, (climb, ratios, picture, bar) = place_axes(*(_NARROW if is_narrow else _WIDE))
        climb.set_yscale("symlog", linthresh=1.0, linscale=0.6)
        climb.set(xlim=(0, 1), ylim=(_LEAST, _MOST), xticks=[0, 0.5, 1], xlabel="share of its steps")
        climb.set(yticks=[-1e4, -1e2, 0], yticklabels=["$-10^4$", "$-10^2$", "0"])
        climb.set_ylabel("ELBO, from its last (nats)", fontsize=10)
        self._elbo = climb.plot([], [], color=style.COLOURS["surrogate"], linewidth=1.5)[0]
        ratios.set_yscale("symlog", linthresh=1.0, linscale=0.6)
        ratios.set(xlim=(0, 1), ylim=(-1e9, 1e9), xticks=[0, 0.5, 1], xlabel="draws, sorted")
        ratios.set(yticks=[-1e6, -1e3, 0, 1e3, 1e6], yticklabels=["$-10^6$", "$-10^3$", "0", "$10^3$", "$10^6$"])
        ratios.set_ylabel("$\\ln p - \\ln q$ (nats)", fontsize=10)
        self._ratios = ratios.plot([], [], color=style.COLOURS["samples"], linewidth=2.5)[0]
        self._image = PixelImage(picture, over=BEYOND)
        picture.set_title("medians of q", fontsize=10, pad=4)
        colour_bar(bar)
        self._k_hat = ratios.text(0.03, 0.97, "", transform=ratios.transAxes, va="top", fontsize=11)
        self._letter = climb.text(0.97, 0.05, "", transform=climb.transAxes, ha="right", fontsize=22, color="#595959")
        self.canvas = Canvas(figure, [self._elbo, self._ratios, self._image, self._k_hat, self._letter])

    def draw(self, letter_and_case):
        """Show a fit: (letter, Case)."""
        letter, case = letter_and_case
        elbos = np.clip(case.elbos - case.elbos[-1], 2 * _LEAST, _MOST)
        self._elbo.set_data(np.linspace(0, 1, len(elbos)), elbos)
        shares = np.linspace(0, 1, 201)
        sorted_ratios = np.quantile(case.log_ratios, shares)
        self._ratios.set_data(shares, np.clip(sorted_ratios - sorted_ratios[100], -1e9, 1e9))
        self._image.set_data(case.medians.reshape(8, 8))
        self._k_hat.set_text(f"k-hat {case.k_hat:.1f}")
        self._letter.set_text(letter)


def panel(cases):
    """The widget.

    Args:
        cases: dict from a letter to a Case, in the order in which they are asked.

    Returns:
        controls.Panel: the last line of a cell shows it.
    """
    letters = list(cases)

    def respond(letter, **answers):
        case = cases[letter]
        return controls.Frame((letter, case), alt(letter, case), sentence(letter, cases, answers))

    verdicts = {letter: controls.menu(letter, [UNDECIDED, BROKEN, FINE], width=115) for letter in letters}

    def arrange(widgets):
        answers = ipywidgets.HBox([widgets[letter] for letter in letters], layout={"flex_flow": "row wrap"})
        return ipywidgets.VBox([widgets["letter"], ipywidgets.Label("Your verdicts:"), answers])

    return controls.Panel({"letter": controls.choice("Look at fit", letters), **verdicts}, respond, View, arrange)
