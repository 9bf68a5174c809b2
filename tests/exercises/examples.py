"""Two plain exercises that the engine is tried on: no lesson asks them."""

import numpy as np
from scipy import stats

from helpers.exercises import engine
from helpers.exercises.engine import exercise

POSTERIOR = (59.0, 5.0)  # gammas here are (concentration, rate)


def _at_draws(seed, num_samples, q, p, log_evidence=0.0):
    """ln q and ln p + log_evidence at draws from q."""
    draws = np.random.default_rng(seed).gamma(q[0], 1 / q[1], num_samples)
    log_q, log_p = (stats.gamma.logpdf(draws, a, scale=1 / b) for a, b in (q, p))
    return log_q, log_p + log_evidence


@exercise(
    "00.posterior_mean",
    inputs=(
        *((strength, 10.0, [14, 9, 16]) for strength in (2.0, 0.01)),
        (1000.0, 0.5, [3]),
        (1.0, 4.0, [0, 0, 0, 0, 0]),
        (0.5, 30.0, [40, 25]),
        (3.0, 250.0, [300, 0, 300, 140]),
        (2.0, 10.0, np.array([], dtype=int)),
    ),
    praise=(
        "Prior and images share the say by their numbers. Without images, your knowledge speaks "
        "alone."
    ),
    nudge="Count the ink and the images, imagined and real: what is the total of each?",
    line="(strength * template + np.sum(counts)) / (strength + len(counts))",
    hint=(
        "The template gets the weight strength / (strength + m), and the average of the m counts "
        "gets the rest."
    ),
    mistakes=[
        lambda s, x0, x: (s * x0 + len(x) * np.mean(x)) / (s + len(x)),
        "Right as long as there are images, but the average of no images is 0 / 0. "
        "Use the sum of the counts: without images it is 0.",
        lambda s, x0, x: (len(x) * x0 + s * np.mean(x)) / (s + len(x)),
        "The two weights are swapped. The template counts for strength images, the data for m.",
        lambda s, x0, x: np.mean(x),
        "That is the average of the counts, the maximum-likelihood estimate. What you knew has no "
        "say in it yet.",
        lambda s, x0, x: exact_posterior_mean(s, x0 / s, x),
        "The template is the ink of one image. All your pseudo-images together hold strength * "
        "template.",
        lambda s, x0, x: (s * x0 + np.mean(x)) / (s + len(x)),
        "Add the sum of the counts, not their average: every image brings its own ink.",
        lambda s, x0, x: (s * x0 + np.sum(x) - 1) / (s + len(x)),
        "That is the peak of the posterior, its mode. The mean of a gamma is concentration / rate.",
        lambda s, x0, x: (s * x0 + np.sum(x)) * (s + len(x)),
        "The mean of a gamma is concentration / rate. You multiplied, as if the rate were a scale.",
    ],
)
def exact_posterior_mean(strength, template, counts):
    """One number, the posterior mean."""
    return (strength * template + np.sum(counts)) / (strength + len(counts))


@exercise(
    "00.elbo_and_error",
    inputs=(
        _at_draws(4, 400, (20.0, 2.0), POSTERIOR, log_evidence=-9.4)[::-1],
        _at_draws(5, 900, (50.0, 4.0), POSTERIOR, log_evidence=-9.4)[::-1],
        _at_draws(6, 500, POSTERIOR, POSTERIOR, log_evidence=-9.4)[::-1],
        _at_draws(7, 700, (60.0, 6.0), POSTERIOR, log_evidence=27.3)[::-1],
        tuple(np.subtract(_at_draws(8, 600, (20.0, 2.0), POSTERIOR)[::-1], [[400.0], [130.0]])),
    ),
    praise=(
        "Four times the draws, half the error. Where q is the posterior, every draw says the same: "
        "no error at all."
    ),
    nudge=(
        "Two questions: what is averaged, and how far would that average move if the draws were "
        "drawn anew?"
    ),
    line="(np.mean(log_joint - log_q), np.std(log_joint - log_q) / np.sqrt(len(log_q)))",
    hint=(
        "The ELBO is the average of ln p - ln q. Its standard error is their standard deviation / "
        "sqrt(S)."
    ),
    tolerance=5e-3,
    only_at=(
        2,
        "Right wherever the draws differ. Where all say the same, E[f^2] - E[f]^2 leaves only "
        "rounding (cancellation), "
        "and its root is NaN or too large: average (f - E[f])^2.",
    ),
    parts=2,
    mistakes=[
        lambda log_joint, log_q: np.multiply(
            elbo_and_error(log_joint, log_q), [1, np.sqrt(len(log_q))]
        ),
        "That is the spread of single draws. The average of S draws is steadier: divide by "
        "sqrt(S).",
        lambda log_joint, log_q: np.divide(
            elbo_and_error(log_joint, log_q), [1, np.sqrt(len(log_q))]
        ),
        "The error shrinks like 1 / sqrt(S), not like 1 / S.",
        lambda log_joint, log_q: np.power(elbo_and_error(log_joint, log_q), [1, 2]),
        "That is the squared standard error, a variance. Take its square root, so that the unit is "
        "nats.",
        lambda log_joint, log_q: np.multiply(elbo_and_error(log_joint, log_q), [-1, 1]),
        "The sign of the ELBO is flipped: this is the loss. The ELBO is ln p - ln q, and higher is "
        "better.",
        lambda log_joint, log_q: elbo_and_error(log_joint, 0 * log_q),
        "The entropy is missing: without - ln q, the best q is a spike on the highest point of the "
        "joint.",
        lambda log_joint, log_q: elbo_and_error(log_joint, -log_q),
        "The sign of ln q is flipped: it is subtracted.",
    ],
)
def elbo_and_error(log_joint, log_q):
    """Two numbers, (elbo, standard_error) in nats."""
    log_ratios = log_joint - log_q
    return np.mean(log_ratios), np.std(log_ratios, ddof=1) / np.sqrt(len(log_ratios))


def install():
    """Let the engine find them, as those of a notebook 00."""
    of_lesson = engine.of_notebook
    engine.of_notebook = lambda number: (
        (exact_posterior_mean, elbo_and_error) if number == "00" else of_lesson(number)
    )
