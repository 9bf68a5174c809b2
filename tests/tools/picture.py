"""Make the picture at the top of the README: notebooks/images/course.png."""

import jax
import numpy as np
from execute import FOLDER
from scipy import stats

from helpers import data, inference, style
from helpers.models import poisson_gamma
from helpers.plots.images import draw_image, frame_pixel

TARGET = FOLDER / "images" / "course.png"
DIGIT, STRENGTH, NUM_IMAGES, NUM_DREAMS = 0, 2.0, 3, 8


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
    figure = style.new_figure(10, 3.9)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.55, 1))
    left, right = top.subfigures(1, 2, width_ratios=(1.9, 1))
    stages = [template, counts.mean(axis=0), np.asarray(q.mean)]
    words = [
        f"believed, worth {STRENGTH:.0f} images",
        f"seen in {NUM_IMAGES} images",
        "believed now",
    ]
    for ax, image, label in zip(left.subplots(1, 3), stages, words, strict=True):
        draw_image(ax, image)
        ax.set_title(label, fontsize=11)
        frame_pixel(ax, pixel, style.COLOURS["samples"])
    axes, grid = right.subplots(), np.linspace(0.01, 24, 500)
    for role, gamma in (("prior", prior), ("exact", exact), ("surrogate", q)):
        shape, scale = np.asarray(gamma.concentration)[pixel], 1 / np.asarray(gamma.rate)[pixel]
        axes.plot(grid, stats.gamma.pdf(grid, shape, scale=scale), **style.LINES[role])
    axes.annotate("q, by VI", (9.9, 0.23), color=style.COLOURS["surrogate"])
    axes.annotate("exact posterior", (9.9, 0.275), color=style.COLOURS["exact"])
    axes.annotate("prior", (17.5, 0.13), color=style.COLOURS["prior"])
    axes.set(xlabel="ink in the framed pixel (counts)", yticks=[], xlim=(0, 24), ylim=(0, None))
    axes.spines[["left", "right", "top"]].set_visible(False)
    for i, (ax, image) in enumerate(zip(bottom.subplots(1, NUM_DREAMS), dreams, strict=True)):
        draw_image(ax, image)
        if i == 0:
            ax.set_title("new zeros, drawn by the model", fontsize=11, loc="left")
    TARGET.parent.mkdir(exist_ok=True)
    figure.savefig(TARGET, dpi=130, bbox_inches="tight", pad_inches=0.1)
    print(TARGET)


if __name__ == "__main__":
    main()
