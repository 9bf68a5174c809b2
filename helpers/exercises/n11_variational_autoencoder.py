"""Exercises of notebook 11: the KL term in closed form, the importance-weighted bound, a minibatch
that is unfair."""

import numpy as np
from scipy import special

from helpers.exercises.engine import exercise


@exercise(
    "11.divergence",
    inputs=(
        ([[1.0, -0.5], [0.2, 2.0], [0.0, 0.0]], [[-1.0, 0.3], [0.0, -2.5], [0.0, 0.0]]),
        ([[0.3, -1.2, 2.1, 0.7]], [[0.4, -0.6, -1.1, 0.2]]),
        ([[3.0], [-2.0]], [[-4.0], [1.0]]),
        ([[6.0, -3.5]], [[0.1, -1.5]]),
        ([[150.0, -20.0, -20.0], [2.0, 1.0, 1.0]], [[-40.0, -13.0, -13.0], [0.5, 1.0, 1.0]]),
        ([[1.0, 2.0], [1.0, 2.0]], [[-0.5, 0.25], [-0.5, 0.25]]),  # two images alike
    ),
    praise=(
        "It is 0 where q is the prior; each number of a code that says something costs some nats."
    ),
    nudge="What must come out for mean 0 and log_std 0, and over what do you add up?",
    line="((mean**2 + np.exp(2 * log_std) - 1) / 2 - log_std).sum(axis=1)",
    hint=(
        "For each number of the code: (mean^2 + std^2 - 1) / 2 - ln std. Then add up over the code."
    ),
    on_jax=True,
    mistakes=[
        lambda m, s: -divergence(m, s),
        "The sign is flipped: a KL divergence is never below 0.",
        lambda m, s: ((m**2 + np.exp(s) - 1) / 2 - s / 2).sum(axis=-1),
        "You took log_std for the log of the variance. The variance is exp(2 log_std).",
        lambda m, s: ((m**2 + np.exp(2 * s)) / 2 - s).sum(axis=-1),
        "The -1 is missing: at mean 0 and std 1, q is the prior, and the KL is 0.",
        lambda m, s: (m**2 + np.exp(2 * s) - 1 - s).sum(axis=-1),
        "The half is missing: it stands before mean^2 + std^2 - 1.",
        lambda m, s: (m**2 + np.exp(2 * s) - 1) / 2 - s,
        "That is a number for each entry of a code. Add them up: one number an image.",
        lambda m, s: ((m**2 + np.exp(2 * s) - 1) / 2 - s).mean(axis=-1),
        "The entries of a code are independent: their divergences are added, not averaged.",
    ],
)
def divergence(mean, log_std):
    """Nats, one number an image."""
    return ((mean**2 + np.exp(2 * log_std) - 1) / 2 - log_std).sum(axis=-1)


@exercise(
    "11.importance_bound",
    inputs=(
        ([[-100.0, -90.0], [-103.0, -91.5], [-98.5, -94.0]],),
        ([[-2.0, 0.5, 1.0], [-1.0, 3.0, 0.0]],),
        ([[-7.25, 4.5]],),
        ([[-1200.0], [-1203.0], [-1199.0]],),
        ([[20.0, 33.0], [25.0, 30.5]],),
        # images far apart: one maximum for all of them underflows
        ([[-1200.0, -3.0, -1200.0], [-1203.0, -1.0, -1203.0], [-1203.0, -1.0, -1203.0]],),
    ),
    praise=(
        "The mean is taken of the weights, before the logarithm; with one draw it is the ELBO's "
        "estimate."
    ),
    nudge=(
        "First the mean of the weights, then the log. Which axis are the draws, and what is "
        "exp(-1200) on a computer?"
    ),
    line="special.logsumexp(log_weights, axis=0) - np.log(len(log_weights))",
    hint=(
        "Take the log of the mean over draws of exp(log_weights), without ever forming exp(-1200)."
    ),
    only_at=(
        3,
        "Right until weights underflow: exp(-1200) is 0. Take the largest log weight out first, or "
        "logsumexp.",
    ),
    on_jax=True,
    mistakes=[
        lambda w: w.mean(axis=0),
        "That is the mean of the logs, the ELBO. The log of the mean lies above it.",
        lambda w: special.logsumexp(w, axis=0),
        "That is the log of the sum. A mean divides by the number of draws: subtract its log.",
        lambda w: special.logsumexp(w, axis=1) - np.log(w.shape[1]),
        "You averaged over the images. Draws are on the first axis.",
        lambda w: w.max(axis=0),
        "That is the best single draw. It is the mean of the weights that estimates p(x).",
        lambda w: special.logsumexp(w) - np.log(w.size),
        "All images went into one mean. Average over the draws alone, axis 0.",
    ],
)
def importance_bound(log_weights):
    """Nats, one number an image."""
    return special.logsumexp(log_weights, axis=0) - np.log(len(log_weights))


def _unfair(log_masses, divergences, num_images):
    return num_images / len(log_masses) * np.sum(log_masses) - np.sum(divergences)


@exercise(
    "11.minibatch_elbo",
    inputs=(
        ([-100.0, -92.0, -110.0], [12.0, 9.0, 14.0], 1347),
        ([-80.0, -81.5], [3.0, 20.0], 50),
        ([-95.0], [11.0], 133),
        ([0.41, 0.93], [0.1, 0.27], 2),
        ([30.0, 25.0], [2.0, 4.5], 7),
        ([-250.0, -250.0, -90.0], [150.0, 150.0, 7.0], 300),
    ),
    praise="A code belongs to one image, so its KL counts as often as the image does.",
    nudge=(
        "If the batch held all images, what should come out? And how often does each image of a "
        "small batch count?"
    ),
    line="num_images * np.mean(log_masses - divergences)",
    hint=(
        "Average log_masses - divergences over the batch, and multiply by the number of all images."
    ),
    as_given=_unfair,
    on_jax=True,
    mistakes=[
        lambda x, kl, m: np.sum(x - kl),
        "That is the batch's own ELBO. Scale it up to all num_images.",
        lambda x, kl, m: np.mean(x - kl),
        "That is the ELBO of one image, on average. Multiply by num_images.",
        lambda x, kl, m: m * np.sum(x - kl),
        "The sum over the batch must be divided by its size before it stands for all images.",
        lambda x, kl, m: np.sum(x) - m / len(x) * np.sum(kl),
        "Now the KL term is scaled and the log masses are not. Both belong to images.",
        lambda x, kl, m: m * np.mean(x + kl),
        "The KL term is subtracted: it is the price of the codes.",
    ],
)
def minibatch_elbo(log_masses, divergences, num_images):
    """Nats, one number."""
    return num_images * np.mean(log_masses - divergences)
