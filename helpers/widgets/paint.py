"""Paint your own prior, in notebook 4: 64 pixels to fill, what the prior dreams, and the posterior
it leads to."""

from typing import NamedTuple

import ipywidgets
import numpy as np

from helpers import data
from helpers.models import poisson_gamma
from helpers.plots.images import BEYOND
from helpers.widgets import controls, page
from helpers.widgets.canvas import Images, place_axes
from helpers.widgets.words import say_images, say_images_of, say_percent

INKS = (0, 4, 8, 12, 16)  # counts on the brush
NUM_DREAMS = 4
# Inches: size, places of painting, dreams, posterior mean and colour bar; on a wide page and a
# narrow one.
_LEFTS = (0.15, 1.6, 2.79, 3.98, 5.17, 6.65)
_WIDE = ((9.2, 1.6), [*((left, 0.08, 1.15, 1.15) for left in _LEFTS), (7.9, 0.08, 0.1, 1.15)])
_SMALL = [(0.1 + 0.76 * k, 0.65, 0.7, 0.7) for k in range(NUM_DREAMS)]
_NARROW = (
    (3.2, 3.4),
    [(0.15, 1.75, 1.3, 1.3), *_SMALL, (1.75, 1.75, 1.3, 1.3), (0.2, 0.45, 2.8, 0.1)],
)

# How the page paints: by the pointer, drawn along; by arrow keys and the space bar. It sends the
# painting as text.
_SCRIPT = """
const easel = root.querySelector('.vi-easel');
const cells = () => [...easel.querySelectorAll('[role=gridcell]')];
let isDown = false;
const paint = cell => {
    const ink = easel.querySelector('.widget-toggle-button.mod-active')?.textContent.trim() ?? '16';
    if (cell.textContent === ink) return;
    cell.textContent = ink;
    cell.style.setProperty('--ink', ink);
    cell.setAttribute('aria-label', cell.getAttribute('aria-label').replace(/\\d+$/, ink));
    const box = easel.querySelector('.vi-painting input');
    box.value = cells().map(each => each.textContent).join(' ');
    box.dispatchEvent(new Event('change', {bubbles: true}));
};
const focus = cell => {
    for (const each of cells()) each.tabIndex = each === cell ? 0 : -1;
    cell.focus();
};
const under = ({clientX, clientY}) =>
    document.elementFromPoint(clientX, clientY)?.closest('.vi-easel [role=gridcell]');
easel.addEventListener('pointerdown', event => {
    const cell = under(event);
    if (!cell) return;
    event.preventDefault();
    isDown = true;
    focus(cell);
    paint(cell);
});
easel.addEventListener('pointermove', event => isDown && under(event) && paint(under(event)));
for (const end of ['pointerup', 'pointercancel'])
    window.addEventListener(end, () => { isDown = false; });
easel.addEventListener('keydown', event => {
    const k = cells().indexOf(event.target);
    const step = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8}[event.key];
    if (k < 0 || !(step || event.key === ' ' || event.key === 'Enter')) return;
    event.preventDefault();
    if (!step) return paint(event.target);
    const row = at => Math.floor(at / 8);
    const stays = Math.abs(step) === 1 ? row(k + step) === row(k) : cells()[k + step];
    if (stays) focus(cells()[k + step]);
});
"""
_STYLE = """<style>
.vi-grid { width: min(296px, 100%); touch-action: none; user-select: none; cursor: crosshair; }
.vi-grid > div { display: grid; grid-template-columns: repeat(8, 1fr); }
.vi-grid span { line-height: 2.3; text-align: center; color: #000; border: 1px solid #767676;
    margin: -1px 0 0 -1px;
    --grey: calc(255 - 7 * var(--ink)); background: rgb(var(--grey), var(--grey), var(--grey)); }
.vi-grid span:hover { box-shadow: inset 0 0 0 2px #1f86d1; }
.vi-grid span:focus-visible { outline-offset: -3px; }
</style>"""


class Result(NamedTuple):
    """A painting, and where it leads."""

    template: np.ndarray  # [64], the painting with the floor put under it, counts
    strength: float  # images that the painting is worth
    num_images: int  # images seen
    digit: int
    dreams: np.ndarray  # [dreams, 64], prior predictive images, whole counts
    posterior_mean: np.ndarray  # [64], counts
    weight: float  # of the painting, 0 to 1
    log_evidence: float  # of the images seen under the painting, nats
    typeface_log_evidence: float  # and under the typeface, at the same strength


def solve(painting, strength, num_images, digit):
    """Turn a painting into a prior, dream from it, and learn from images: a Result.

    Args: painting [64], counts of ink, 0 to 16, and strength: number of pseudo-images, above 0,
    else a ValueError; num_images: how many images are seen, 0 or more; digit: whole number from 0
    to 9, which the images show.
    """
    painting = np.asarray(painting, dtype=float)
    if painting.min() < 0:
        raise ValueError(f"a painting has no ink below 0; got {painting.min():g}.")
    template = np.maximum(painting, data.DEFAULT_FLOOR)
    seen = data.load_digit(digit)[:num_images]
    priors = [
        poisson_gamma.prior(believed, strength)
        for believed in (template, data.domain_knowledge(digit))
    ]
    models = [poisson_gamma.condition(prior, seen) for prior in priors]
    rng = np.random.default_rng(0)
    rates = (
        rng.standard_gamma(priors[0].concentration, (NUM_DREAMS, template.size)) / priors[0].rate
    )
    mean = poisson_gamma.exact_posterior(models[0]).mean
    weight = strength / (strength + len(seen))
    evidence = [poisson_gamma.log_evidence(model) for model in models]
    return Result(template, strength, len(seen), digit, rng.poisson(rates), mean, weight, *evidence)


def frame(result):
    """A Result with its words."""
    ahead = result.log_evidence - result.typeface_log_evidence
    verdict = f"{abs(ahead):.1f} nats {'better' if ahead >= 0 else 'worse'} than the typeface"
    foresaw = f"Evidence {result.log_evidence:.1f} nats: it foresaw these images {verdict}."
    text = (
        f"Your painting, worth {say_images(result.strength)}, "
        f"{say_images_of(result.num_images, result.digit)} of the digit {result.digit} seen: "
        f"the posterior is {say_percent(result.weight)} painting. "
    ) + (
        foresaw
        if result.num_images
        else "Let it see images, and the evidence will say how well you painted."
    )
    painted = int((result.template > data.DEFAULT_FLOOR).sum())
    alt = (
        f"A row of 8 by 8 images: the painting, with ink in {painted} of 64 pixels; {NUM_DREAMS} "
        "images that its prior "
        f"dreams, {result.dreams.mean():.1f} counts a pixel on average; the posterior mean after "
        f"{say_images(result.num_images)} of the digit {result.digit}, "
        f"{say_percent(result.weight)} of it painting."
    )
    return controls.Frame(result, alt, text)


def view(is_narrow=False):
    """The figure and its moving parts: a canvas.Images of a Result."""
    figure, axes = place_axes(*(_NARROW if is_narrow else _WIDE))
    for k, words, x in (
        (0, "you painted", 0.5),
        (2, "it dreams", 1.02),
        (5, "you then think", 0.5),
    ):
        axes[k].set_title(words, fontsize=10, pad=4, x=x)
    return Images(figure, axes, _shown, BEYOND)


def _shown(result):
    return [result.template, *result.dreams, np.minimum(result.posterior_mean, data.MAX_COUNT)]


class Easel:
    """Sixty-four pixels; where the pointer or the space bar comes down, a pixel takes the ink of
    the brush."""

    def __init__(self, painting, typeface):
        """Build it; painting: [64], counts at first; typeface: function () -> [64], what its button
        copies."""
        self._brush = controls.choice("Ink on the brush", [f"{ink}" for ink in INKS]).widget
        self._brush.value = f"{INKS[-1]}"
        self._clear = ipywidgets.Button(description="Wipe it clean")
        self._copy = ipywidgets.Button(description="Copy the typeface")
        self._grid = ipywidgets.HTML()
        # the page writes it
        self._painted = ipywidgets.Text(layout={"display": "none"}).add_class("vi-painting")
        self._typeface, self._count = typeface, 0
        words = ipywidgets.HTML(
            "White is no ink. Draw in it, or move by the arrow keys and press Space. "
            "A copy of the typeface has the five inks of the brush." + page.run(_SCRIPT) + _STYLE
        )
        buttons = controls.row(self._clear, self._copy)
        parts = [self._brush, self._grid, words, buttons, self._painted]
        self.widget = ipywidgets.VBox(parts).add_class("vi-easel")
        self._show(painting)

    def listen(self, respond):
        """Call `respond()` once for each change of the painting."""

        def painted(change):
            inks = change["new"].split()
            if len(inks) == len(self.value):
                self.value = tuple(map(int, inks))
                respond()

        def replace(painting):
            self._show(painting)
            respond()

        self._painted.observe(painted, "value")
        self._clear.on_click(lambda _: replace([0] * len(self.value)))
        self._copy.on_click(lambda _: replace(self._typeface()))

    def _show(self, painting):
        self.value = tuple(painting)
        self._count += 1  # the page has painted since: the same words must be sent again
        self._painted.value = ""
        cells = [
            f'<span role="gridcell" tabindex="{-1 if k else 0}" style="--ink: {ink}" '
            f'aria-label="row {k // 8 + 1}, column {k % 8 + 1}: {ink}">{ink}</span>'
            for k, ink in enumerate(painting)
        ]
        rows = "".join(
            f'<div role="row">{"".join(cells[k : k + 8])}</div>' for k in range(0, len(cells), 8)
        )
        self._grid.value = (
            '<div class="vi-grid" role="grid" aria-label="Your painting" '
            f'data-count="{self._count}" '
            f'data-lm-suppress-shortcuts="true">{rows}</div>'
        )


def coarse_typeface(digit):
    """The typeface in the inks of the brush: list [64]."""
    return [
        min(INKS, key=lambda ink: abs(ink - believed)) for believed in data.domain_knowledge(digit)
    ]


def typeface_easel(digit):
    """An Easel that begins as the typeface of a digit, 0 to 9, and copies the same."""
    return Easel(coarse_typeface(digit), lambda: coarse_typeface(digit))


def rough_hand(digit):
    """The typeface as an unsteady hand paints it, one pixel too far to the right and in one ink:
    list [64]."""
    inked = data.domain_knowledge(digit).reshape(8, 8) > data.MAX_COUNT / 2
    return [int(ink) for ink in 12 * np.roll(inked, 1, axis=1).ravel()]


def panel(digit=0, prior_strength=2.0, num_images=3):
    """A controls.Panel, with a rough hand's painting; digit, prior_strength, num_images: its
    controls at first."""
    digits = controls.digit(digit, "Images of digit", width=220)
    easel = Easel(rough_hand(digit), lambda: coarse_typeface(digits.value))
    strength, seen = controls.strength(prior_strength), controls.images_seen(num_images)
    moved = {"painting": easel, "strength": strength, "num_images": seen, "digit": digits}
    return controls.Panel(
        moved, lambda **setting: frame(solve(**setting)), view, controls.first_beside_others
    )
