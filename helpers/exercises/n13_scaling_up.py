"""Exercises of notebook 13: the loss of an image, rows dealt to processes, a mean put together from
parts."""

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
    "13.mean_of_all",
    inputs=(
        (np.array([[2.0, 10.0], [6.0, 0.0]]), np.array([3, 1])),
        (np.array([[2.0, 10.0], [6.0, 0.0]]), np.array([2, 2])),
        (np.array([[1.55, 0.52, 90.0]]), np.array([7])),
        (
            np.array([[150.0, 2.25], [3.0, 400.0], [1.0, 9.0], [150.0, 2.25]]),
            np.array([120, 300, 7, 120]),
        ),
        (np.array([[4.0, 8.0], [np.nan, np.nan], [1.0, 2.0]]), np.array([5, 0, 15])),
    ),
    praise=(
        "A mean has to travel with the number behind it. Sums would have spared you the weights."
    ),
    nudge=(
        "How much ink has each process seen in all, and in how many images? And what does one "
        "without images add?"
    ),
    line="np.nan_to_num(means).T @ sizes / sizes.sum()",
    hint=(
        "Turn means back into sums (mean times how many), add up, divide by the number of all "
        "images."
    ),
    only_at=(
        4,
        "Right, except where a process had no image: its mean is NaN, and NaN times 0 is NaN. "
        "Leave it out.",
    ),
    mistakes=[
        lambda means, sizes: np.nanmean(means, axis=0),
        "Every process counts the same there. The one with more images has more to say.",
        lambda means, sizes: sizes @ np.nan_to_num(means),
        "These are the totals. Divide by the number of all images.",
        lambda means, sizes: sizes @ np.nan_to_num(means) / len(sizes),
        "Divide by the number of images, not of processes.",
    ],
)
def MEAN(means, sizes):
    """An array [pixels]."""
    some = sizes > 0
    return sizes[some] @ means[some] / sizes.sum()
