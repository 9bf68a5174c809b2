"""Exercises of notebook 13: a batch that stands for all, rows dealt to processes, a mean put together from parts."""

import numpy as np

from helpers.exercises.engine import Exercise, known


def batch_log_joint(log_prior, log_likelihoods, num_images):
    """The batch's likelihood, scaled to all images; the prior once."""
    return log_prior + num_images * np.mean(log_likelihoods)


BATCH = Exercise(
    id="13.batch_log_joint",
    reference=batch_log_joint,
    inputs=(
        (-3.0, np.array([-2.0, -4.0, -6.0, -5.0]), 40),
        (-120.5, np.array([-97.0, -131.5]), 1347),
        (0.75, np.array([-1.5]), 1),
        (-7.0, np.array([-0.2, -0.4, -0.1]), 3),
    ),
    returns="one number, nats",
    praise="The batch stands for all images, and the prior counts once, however many images there are.",
    hint="The sum over the batch is B terms of N. Multiply it by N / B; the prior is there once.",
    mistakes=known(
        lambda prior, terms, n: prior + np.sum(terms),
        "There is no factor: that is the log joint as if the batch were all you have.",
        lambda prior, terms, n: prior + np.mean(terms),
        "That is the mean over the batch with the whole prior: as if you had seen one image.",
        lambda prior, terms, n: n / len(terms) * (prior + np.sum(terms)),
        "The factor is before everything, so the prior counts N / B times. Put it before the likelihood alone.",
        lambda prior, terms, n: prior + n * np.sum(terms),
        "The sum over the batch is already B terms; times N is B times too much.",
        lambda prior, terms, n: prior + len(terms) / n * np.sum(terms),
        "The factor is upside down: a small batch has to count for more, not for less.",
        lambda prior, terms, n: prior / n + np.mean(terms),
        "That is the right thing divided by N, a log joint an image. Its best q is right only if the entropy is "
        "divided by N too. Here the log joint of all images is asked for.",
    ),
)


def share(num_rows, num_processes, process):
    """Contiguous shares; the first num_rows % num_processes have one row more."""
    size, longer = divmod(num_rows, num_processes)
    first = process * size + min(process, longer)
    return first, first + size + (process < longer)


def _drop_the_rest(n, p, k):
    return k * (n // p), (k + 1) * (n // p)


def _last_takes_all(n, p, k):
    return k * (n // p), n if k == p - 1 else (k + 1) * (n // p)


def _rounded_up(n, p, k):
    size = -(-n // p)
    return min(k * size, n), min((k + 1) * size, n)


def _longer_at_the_end(n, p, k):
    return n * k // p, n * (k + 1) // p


SHARE = Exercise(
    id="13.share",
    reference=share,
    inputs=((12, 3, 1), (10, 3, 0), (10, 3, 1), (10, 3, 2), (7, 4, 3), (2, 4, 3), (2, 4, 1), (11, 1, 0), (1347, 8, 5)),
    returns="two whole numbers, (first, last)",
    parts=2,
    praise="Every row is read once, and no process waits for another that has more than one row more.",
    hint="Everybody gets num_rows // num_processes rows; the first num_rows % num_processes processes get one more.",
    mistakes=known(
        _drop_the_rest,
        "The rows that are left over when the division does not come out are read by nobody.",
        _last_takes_all,
        "The last process takes all that is left over: up to num_processes - 1 rows more than the others.",
        _rounded_up,
        "Rounded up for everybody, the last processes get too little, or nothing.",
        _longer_at_the_end,
        "A fair deal; but here the earlier processes get the longer shares.",
        lambda n, p, k: (share(n, p, k)[0], share(n, p, k)[1] - 1),
        "Rows go up to, not including, `last`: yours leaves a row out at each seam.",
        lambda n, p, k: (share(n, p, k)[0] + 1, share(n, p, k)[1]),
        "Rows are counted from 0: yours leaves out the first one of each share.",
        lambda n, p, k: (share(n, p, k)[0], share(n, p, k)[1] - share(n, p, k)[0]),
        "That is the first row and how many there are. The end is asked for: first plus how many.",
    ),
)


def mean_of_all(means, sizes):
    """Means weighted by how many images stand behind each."""
    means, sizes = np.asarray(means), np.asarray(sizes)
    some = sizes > 0
    return sizes[some] @ means[some] / sizes.sum()


_MEANS = np.array([[2.0, 10.0], [6.0, 0.0]])
MEAN = Exercise(
    id="13.mean_of_all",
    reference=mean_of_all,
    inputs=(
        (_MEANS, np.array([3, 1])),
        (_MEANS, np.array([2, 2])),
        (np.array([[1.5, 0.5, 9.0]]), np.array([7])),
        (np.array([[4.0, 8.0], [np.nan, np.nan], [1.0, 2.0]]), np.array([5, 0, 15])),
    ),
    returns="an array [pixels]",
    praise="A mean has to travel with the number behind it. Sums would have spared you the weights.",
    hint="Turn means back into sums (mean times how many), add up, divide by the number of all images.",
    only_at=(3, "right, except where a process had no image: its mean is NaN, and NaN times 0 is NaN. Leave it out."),
    mistakes=known(
        lambda means, sizes: np.nanmean(means, axis=0),
        "Every process counts the same there. The one with more images has more to say.",
        lambda means, sizes: np.nan_to_num(sizes @ np.nan_to_num(means)),
        "These are the totals. Divide by the number of all images.",
        lambda means, sizes: sizes @ np.nan_to_num(means) / len(sizes),
        "Divide by the number of images, not of processes.",
        lambda means, sizes: np.nansum(means, axis=0),
        "These are sums of means. Weigh each by its number of images, and divide by all of them.",
    ),
)

EXERCISES = (BATCH, SHARE, MEAN)
