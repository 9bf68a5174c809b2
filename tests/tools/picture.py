"""Make the picture at the top of the README: notebooks/images/course.png."""

import jax
import numpy as np
from scipy import stats
from store import FOLDER

from helpers import data, inference, style
from helpers.models import poisson_gamma
from helpers.plots.images import draw_image, frame_pixel

TARGET = FOLDER / "images" / "course.png"
DIGIT, STRENGTH, NUM_IMAGES, NUM_DREAMS = 0, 2.0, 3, 6


def main():
    """Fit three images of a zero and draw what the course is about."""
    template, counts = data.domain_knowledge(DIGIT), data.load_digit(DIGIT)[:NUM_IMAGES]
    prior = poisson_gamma.prior(template, STRENGTH)
    model = poisson_gamma.condition(prior, counts)
    fit_key, *keys = jax.random.split(jax.random.key(42), 3)
    q = inference.fit(fit_key, model, prior, inference.FAST).surrogate
    exact = poisson_gamma.exact_posterior(model)
    rates = jax.random.gamma(keys[0], q.concentration, (NUM_DREAMS, 64)) / q.rate
    dreams = jax.random.poisson(keys[1], rates)

    pixel = 2 * data.SIDE + 1  # on the left of the ring
    figure = style.new_figure(10, 4.4)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.05, 1))
    stages = [template, counts.mean(axis=0), np.asarray(q.mean)]
    words = [
        f"what you believed\n(worth {STRENGTH:.0f} images)",
        f"what {NUM_IMAGES} images\nshowed",
        "what you now think\n",
    ]
    for ax, image, label in zip(top.subplots(1, 3), stages, words, strict=True):
        draw_image(ax, image)
        ax.set_title(label, fontsize=11)
        frame_pixel(ax, pixel, style.COLOURS["samples"])
    left, right = bottom.subfigures(1, 2, width_ratios=(1, 1.45))
    axes = left.subplots()
    grid = np.linspace(0.01, 24, 500)
    for role, gamma, label, x in (
        ("prior", prior, "prior", 17.5),
        ("exact", exact, "exact posterior", 11.2),
        ("surrogate", q, "q", 6.5),
    ):
        shape, scale = np.asarray(gamma.concentration)[pixel], 1 / np.asarray(gamma.rate)[pixel]
        density = stats.gamma.pdf(grid, shape, scale=scale)
        axes.plot(grid, density, **style.LINES[role])
        axes.annotate(
            label, (x, np.interp(x, grid, density)), (4, 4), textcoords="offset points", color=style.COLOURS[role]
        )
    axes.set(xlabel="ink in the framed pixel (counts)", ylabel="density", xlim=(0, 24), ylim=(0, None))
    for ax, image in zip(right.subplots(1, NUM_DREAMS), dreams, strict=True):
        draw_image(ax, image)
    right.supxlabel("new zeros, drawn by the model", fontsize=11)
    TARGET.parent.mkdir(exist_ok=True)
    figure.savefig(TARGET, dpi=130)
    print(TARGET)


if __name__ == "__main__":
    main()
