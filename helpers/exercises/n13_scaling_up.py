"""Exercises of notebook 13: the loss of an image, rows dealt to processes, the batch that is ready
first."""

import numpy as np

from helpers.exercises.engine import exercise


@exercise(
    "13.mean_loss",
    inputs=(
        (120.0, np.array([-2.0, -4.0, -6.0, -5.0]), 40),
        (64.5, np.array([-97.0, -131.5]), 1347),
        (0.75, np.array([-1.5]), 1),
        (7.0, np.array([0.9, -0.1, 1.2]), 30),  # densities may exceed 1
        (9000.0, np.array([-250.0, -250.0, -3.0]), 400),
    ),
    praise="The same minimum as minus the ELBO of all images, in the unit of one image.",
    nudge=(
        "Which of the two terms is there once for all data, and how much of it falls to one image?"
    ),
    line="kl / num_images - np.mean(log_likelihoods)",
    hint=(
        "Minus the ELBO of all images is kl - N x mean log likelihood. Divide it by N, the number "
        "of all images."
    ),
    mistakes=[
        lambda kl, terms, n: kl - np.mean(terms),
        "The KL is there whole, beside the likelihood of one image: that is the posterior of "
        "somebody who saw one.",
        lambda kl, terms, n: kl / len(terms) - np.mean(terms),
        "You divide the KL by the size of the batch. It is paid once for all images: divide by "
        "their number.",
        lambda kl, terms, n: kl - n * np.mean(terms),
        "That is minus the ELBO of all images: right, and num_images times too large for a loss of "
        "one.",
        lambda kl, terms, n: (kl - np.sum(terms)) / n,
        "The batch's sum is divided by the number of all images. It stands for all: take its mean.",
        lambda kl, terms, n: np.mean(terms) - kl / n,
        "That is the ELBO of an image. A loss is what falls: turn the sign.",
        lambda kl, terms, n: -np.mean(terms),
        "The KL is missing: that is maximum likelihood.",
    ],
)
def MEAN_LOSS(kl, log_likelihoods, num_images):
    """One number, nats an image."""
    return kl / num_images - np.mean(log_likelihoods)


def share(num_rows, num_processes, process):
    """Two whole numbers, (first, last)."""
    size, longer = divmod(num_rows, num_processes)
    first = process * size + min(process, longer)
    return first, first + size + (process < longer)


SHARE = exercise(
    "13.share",
    inputs=(
        (12, 3, 1),
        (10, 3, 0),
        (10, 3, 1),
        (10, 3, 2),
        (7, 4, 3),
        (2, 4, 3),
        (2, 4, 1),
        (11, 1, 0),
        (1347, 8, 5),
        (5003, 150, 120),
    ),
    praise=(
        "Every row is read once, and no process waits for another that has more than one row more."
    ),
    nudge=(
        "Ten rows, three processes: write the three shares down. Do they join, and who has the "
        "longer one?"
    ),
    line=(
        "tuple(k * (num_rows // num_processes) + min(k, num_rows % num_processes) for k in "
        "(process, process + 1))"
    ),
    hint=(
        "Everybody gets num_rows // num_processes rows; the first num_rows % num_processes "
        "processes get one more."
    ),
    parts=2,
    mistakes=[
        lambda n, p, k: (k * (n // p), (k + 1) * (n // p)),
        "The rows that are left over when the division does not come out are read by nobody.",
        lambda n, p, k: (k * (n // p), n if k == p - 1 else (k + 1) * (n // p)),
        "The last process takes all that is left over: up to num_processes - 1 rows more than the "
        "others.",
        lambda n, p, k: (min(k * -(-n // p), n), min((k + 1) * -(-n // p), n)),
        "Rounded up for everybody, the last processes get too little, or nothing.",
        lambda n, p, k: (n * k // p, n * (k + 1) // p),
        "A fair deal; but here the earlier processes get the longer shares.",
        lambda n, p, k: (share(n, p, k)[0], share(n, p, k)[1] - 1),
        "Rows go up to, not including, `last`: yours leaves a row out at each seam.",
    ],
)(share)


@exercise(
    "13.best_batch",
    inputs=(
        ([16, 128, 1024], [440, 120, 90], 1, 1e-4, 0.05),
        ([16, 128, 1024], [440, 120, 90], 8, 1e-4, 0.05),
        ([16, 128, 1024], [440, 120, 90], 8, 1e-4, 1e-5),
        ([16, 128, 1024], [440, 120, 90], 64, 1e-4, 0.3),
        ([1024, 16, 128], [90, 440, 120], 32, 1e-3, 0.02),
        ([300, 150], [600, 1000], 2, 1e-3, 0.05),
        ([16, 128, 1024], [440, 120, 90], 1000, 1e-2, 0.1),
        # noise: the smallest batch took the fewest steps
        ([64, 256, 1024], [35, 38, 37], 1000, 1e-4, 0.3),
        ([64, 256, 1024], [35, 38, 37], 1, 1e-4, 0.3),
        ([16, 128], [440, 120], 4, 150.0, 800.0),
        ([16, 128], [440, 120], 4, 20.0, 150.0),
        ([8, 16], [900, 451], 1, 1e-3, 5.0),
        ([8, 16], [900, 460], 2, 1e-3, 1e-6),
        ([8, 16], [900, 430], 4, 1e-3, 1e-6),
    ),
    praise="The slower the messages and the more the machines, the larger the batch that pays.",
    nudge="How long does one step take on these machines, and how many are there?",
    line=(
        "sizes[np.argmin(steps * (sizes / machines * seconds_an_image "
        "+ (machines > 1) * seconds_a_message))]"
    ),
    hint=(
        "A step takes sizes / machines x seconds_an_image, and a message if there is more than one "
        "machine. Times steps; the least of it."
    ),
    mistakes=[
        lambda b, t, m, c, w: b[np.argmin(t)],
        "That needs the fewest steps. How long is each of them?",
        lambda b, t, m, c, w: b[np.argmin(b * t)],
        "That reads the fewest images, as if at most one message were sent: each step has one.",
        lambda b, t, m, c, w: b[np.argmin(t * (b * c + (m > 1) * w))],
        "The machines share a batch: each computes its part only.",
        lambda b, t, m, c, w: b[np.argmin(t * (b / m * c + w))],
        "One machine alone sends no message.",
        lambda b, t, m, c, w: np.argmin(t * (b / m * c + (m > 1) * w)),
        "That is the place in the table. Return the batch size that stands there.",
        lambda b, t, m, c, w: np.min(t * (b / m * c + (m > 1) * w)),
        "These are the seconds that it takes. Return the batch size that takes them.",
    ],
)
def BEST_BATCH(sizes, steps, machines, seconds_an_image, seconds_a_message):
    """One whole number, one of sizes."""
    seconds = steps * (sizes / machines * seconds_an_image + (machines > 1) * seconds_a_message)
    return sizes[np.argmin(seconds)]
