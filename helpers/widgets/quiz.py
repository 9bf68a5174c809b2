"""The broken-fit quiz of notebook 6: six fits, the evidence against each, and your verdicts."""

from typing import NamedTuple

import ipywidgets
import numpy as np

from helpers import diagnostics, style
from helpers.plots.images import BEYOND, MAX_COUNT
from helpers.widgets import controls
from helpers.widgets.canvas import Canvas, PixelImage, colour_bar, place_axes, symlog_axis

UNDECIDED, BROKEN, FINE = "?", "broken", "fine"
HARMLESS = 0.01  # nats: below this KL a mistake has done no harm
_K_HATS = (  # up to which k-hat, what it says, in words
    (0.5, "raises no alarm", "at most 0.5"),
    (0.7, "warns", "from 0.5 to 0.7"),
    (np.inf, "raises the alarm", "above 0.7"),
)
_LEFT = (  # up to which share of the draws, how many the weights leave, in words
    (0.01, "hardly any"),
    (0.5, "less than half"),
    (1.0, "most"),
)
_FURTHEST = 3e4  # nats, where the ELBO's axis ends, up and down
# Inches: size, places of ELBO, ratios, image and colour bar; on a wide page and a narrow one.
_WIDE = (
    (9.2, 2.95),
    [(0.8, 0.6, 2.2, 1.95), (3.85, 0.6, 2.2, 1.95), (6.35, 0.6, 1.95, 1.95), (8.4, 0.6, 0.1, 1.95)],
)
_NARROW = (
    (3.2, 6.6),
    [(0.8, 4.75, 2.25, 1.65), (0.8, 2.6, 2.25, 1.5), (0.8, 0.1, 1.6, 1.6), (2.5, 0.1, 0.1, 1.6)],
)


class Case(NamedTuple):
    """One fit, as the quiz shows it."""

    name: str  # the mistake
    is_broken: bool
    explanation: str
    elbos: np.ndarray  # [num_steps], nats, as the fit reported them
    log_ratios: np.ndarray  # [draws], ln p(X, theta) - ln q(theta) at draws from q, nats
    medians: np.ndarray  # [64], of the draws of each rate, counts
    k_hat: float  # of the log ratios
    left: float  # how many of the draws their weights leave
    kl: float  # true total KL(q, posterior), nats: shown with the answer only


def case(candidate, log_rates, log_ratios, kl):
    """Put together what the quiz needs to know of a broken_fits.Candidate: a Case.

    Args: log_rates [draws, 64], draws from its surrogate; log_ratios [draws], nats, under its own
    model; kl: how far its surrogate truly is from the posterior, nats.
    """
    elbos, log_rates, log_ratios = (
        np.asarray(a, dtype=float) for a in (candidate.elbos, log_rates, log_ratios)
    )
    smoothed = diagnostics.pareto_smoothed(log_ratios)
    return Case(
        candidate.name,
        candidate.is_broken,
        candidate.explanation,
        elbos,
        log_ratios,
        np.exp(np.median(log_rates, axis=0)),
        smoothed.k_hat,
        smoothed.effective_draws,
        float(kl),
    )


def verdict(case, answer):
    """What the quiz says to an answer (UNDECIDED, BROKEN or FINE) on a Case: (is_right, words).

    While undecided is_right is None, and the words give nothing away.
    """
    if answer == UNDECIDED:
        return None, "what do you say, broken or fine?"
    is_right = (answer == BROKEN) == case.is_broken
    harm = f" True KL to the posterior: {case.kl:.2g} nats." if case.kl >= HARMLESS else ""
    if case.is_broken and not harm:
        harm = (
            " With this little to learn the mistake does no harm, though: true KL below 0.01 nats."
        )
    return is_right, f"{'Right' if is_right else 'No'}: {case.name}. {case.explanation}{harm}"


def frame(letter, cases, answers):
    """The fit in view (a letter) with the words for it: verdict and score; both dicts are by
    letter."""
    verdicts = {name: verdict(case, answers[name]) for name, case in cases.items()}
    is_right = [right for right, _ in verdicts.values()]
    score = f"{is_right.count(True)} of {len(cases)} right, {is_right.count(None)} to go."
    text = f"{letter}: {verdicts[letter][1]} Score: {score}"
    return controls.Frame((letter, cases[letter]), alt(letter, cases[letter]), text)


def alt(letter, case):
    """The picture in words, the finding first; it gives nothing away that the picture does not."""
    steps, draws, pixels = len(case.elbos), len(case.log_ratios), len(case.medians)
    early, late = np.array_split(case.elbos[-max(steps // 10, 2) :], 2)
    moved = late.mean() - early.mean()
    noise = np.hypot(early.std(), late.std()) / np.sqrt(len(late))
    course = (
        "settled"
        if abs(moved) <= max(3 * noise, 0.1)
        else "still rising"
        if moved > 0
        else "falling"
    )
    alarm, range_ = next(words for most, *words in _K_HATS if case.k_hat <= most)
    left = next((words for most, words in _LEFT if case.left / draws <= most), "none")
    beyond = int((case.medians > MAX_COUNT).sum())
    return (
        f"Fit {letter}: at the end its ELBO is {course}, its k-hat {alarm}, and {beyond or 'none'} "
        f"of the {pixels} "
        f"medians of q lie{'s' * (beyond == 1)} above the {MAX_COUNT} counts that a pixel can "
        "hold. Left, the ELBO it "
        f"reported over its {steps} steps, a dot each: within the last tenth they ranged "
        "over "
        f"{_roughly(np.ptp([*early, *late]))}. Middle, the log importance ratios of {draws} draws, "
        "sorted: their "
        f"spread is {_roughly(case.log_ratios.std())}, their k-hat {range_}, and the weights leave "
        f"{left} of the draws. Right, the image of the medians, "
        f"{case.medians.mean():.0f} counts a pixel on average."
    )


def _roughly(number):
    """A size in nats, in words that are the same on every machine."""
    return (
        "less than 0.1 nats"
        if number < 0.1
        else "0.1 to 10 nats"
        if number < 10
        else "more than 10 nats"
    )


class View:
    """The figure and its moving parts; `draw` moves them."""

    def __init__(self, is_narrow=False):
        figure, (climb, ratios, picture, bar) = place_axes(*(_NARROW if is_narrow else _WIDE))
        climb.set(xlim=(0, 1), xticks=[0, 0.5, 1], xlabel="share of its steps")
        symlog_axis(climb, (-_FURTHEST, _FURTHEST), (-4, -2, 0, 2, 4), "ELBO, from its end (nats)")
        # dots: a line through noise would be a bar code
        self._elbo = climb.plot([], [], ".", color=style.COLOURS["surrogate"], markersize=4)[0]
        ratios.set(xlim=(0, 1), xticks=[0, 0.5, 1], xlabel="draws, sorted")
        symlog_axis(ratios, (-1e9, 1e9), (-6, -3, 0, 3, 6), "$\\ln p - \\ln q$ (nats)")
        self._ratios = ratios.plot([], [], color=style.COLOURS["samples"], linewidth=2.5)[0]
        self._image = PixelImage(picture, over=BEYOND)
        picture.set_title("medians of q", fontsize=10, pad=4)
        colour_bar(bar)
        self._k_hat = ratios.text(0.03, 0.97, "", transform=ratios.transAxes, va="top", fontsize=10)
        self._letter = climb.text(
            0.97, 0.05, "", transform=climb.transAxes, ha="right", fontsize=22, color=style.QUIET
        )
        self.canvas = Canvas(
            figure, [self._elbo, self._ratios, self._image, self._k_hat, self._letter]
        )

    def draw(self, letter_and_case):
        """Show a fit: (letter, Case)."""
        letter, case = letter_and_case
        end = np.median(case.elbos[-max(len(case.elbos) // 10, 1) :])
        elbos = np.clip(case.elbos - end, -2 * _FURTHEST, 2 * _FURTHEST)
        self._elbo.set_data(np.linspace(0, 1, len(elbos)), elbos)
        shares = np.linspace(0, 1, 201)
        sorted_ratios = np.quantile(case.log_ratios, shares)
        self._ratios.set_data(shares, np.clip(sorted_ratios - sorted_ratios[100], -1e9, 1e9))
        self._image.set_data(case.medians)
        left = f"{case.left:,.0f} of {len(case.log_ratios):,} left"
        self._k_hat.set_text(f"k-hat {case.k_hat:.1f}\n{left}")
        self._letter.set_text(letter)


def panel(cases):
    """The widget, a controls.Panel; cases is a dict from a letter to a Case, in the order in which
    they are asked."""
    asked = {"letter": controls.choice("Look at fit", list(cases))}
    asked |= {letter: controls.menu(letter, [UNDECIDED, BROKEN, FINE]) for letter in cases}

    def arrange(letter, *answers):
        return ipywidgets.VBox([letter, ipywidgets.Label("Your verdicts:"), controls.row(*answers)])

    return controls.Panel(
        asked, lambda letter, **answers: frame(letter, cases, answers), View, arrange
    )
