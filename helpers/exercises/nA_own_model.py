"""Exercises of the appendix: what a shared factor does to two checks, and what to do next."""

from helpers.exercises.engine import exercise


@exercise(
    "A.dispersions",
    inputs=(
        ([1.0] * 60, 0.1),
        ([2.0, 2.0, 2.0], 0.5),
        ([0.1, 4.0, 30.0, 0.5], 0.02),
        ([7.0], 0.3),
        ([0.2, 250.0], 2.0),
        ([3.0, 5.0], 0.0),
        ([0.5, 2.0, 6.0], 0.4),
        ([0.02, 0.01], 150.0),
    ),
    parts=2,
    praise=(
        "A cell of mean 1 hardly notices, 1.1 in place of 1; sixty of them in a row add up to 7. "
        "So ask the row totals, too."
    ),
    nudge="Begin with one cell: its variance is a mean variance plus the variance of a mean.",
    line="(1 + v * (means**2).sum() / means.sum(), 1 + v * means.sum())",
    hint=(
        "A Poisson with the rate g M has variance M + v M^2. A cell's M is its own mean; what is "
        "the M of a row total?"
    ),
    mistakes=[
        lambda m, v: (1 + v * m.mean(), 1 + v * m.sum()),
        "All cells together: the sum of variances over the sum of means, so the ratios do not "
        "count alike.",
        lambda m, v: (v * (m**2).sum() / m.sum(), v * m.sum()),
        "That is what the factor adds. A Poisson has a variance of its own, its mean.",
        lambda m, v: (1 + v * (m**2).sum() / m.sum(), 1 + v * (m**2).sum() / m.sum()),
        "The cells of a row share the factor, so the variance of their total is more than the sum "
        "of their variances.",
        lambda m, v: (1 + v * m.sum(), 1 + v * (m**2).sum() / m.sum()),
        "The two are exchanged: first the cells, then the totals.",
        lambda m, v: (1 + v**2 * (m**2).sum() / m.sum(), 1 + v**2 * m.sum()),
        "You squared v, but v is the variance of the factor already.",
        lambda m, v: ((m + v * m**2).sum(), m.sum() + v * m.sum() ** 2),
        "Those are the variances. Divide each by its mean.",
        lambda m, v: (1.0, 1 + v * m.sum()),
        "A cell by itself has the factor too: its variance is above its mean, by little.",
    ],
)
def DISPERSIONS(means, v):
    """Two numbers: variance over mean of all cells together, and of the row totals."""
    return 1 + v * (means**2).sum() / means.sum(), 1 + v * means.sum()


_NEXT = dict(zip("PQRS", (3, 5, 1, 2), strict=True))


@exercise(
    "A.what_next",
    inputs=tuple((table,) for table in _NEXT),
    praise=(
        "First whether q is the posterior; then which check fails, and on which side. Only then "
        "another model."
    ),
    nudge="Read each row from left to right, and stop at the first column that rings.",
    line='{"P": 3, "Q": 5, "R": 1, "S": 2}[table]',
    hint=(
        "One q is not the posterior, so its checks mean nothing yet. Of the others, which fail in "
        "the rows alone, in one column alone, on the small side?"
    ),
    mistakes=[
        lambda table: {**_NEXT, "R": 4}[table],
        "R's k-hat and its draws say that q is not the posterior: its checks are those of a wrong "
        "fit.",
        lambda table: {**_NEXT, "Q": 4}[table],
        "Q varies less than a Poisson. A negative binomial always varies more.",
        lambda table: {**_NEXT, "P": 4}[table],
        "P's cells pass, and so would a negative binomial's. What do all cells of one row have in "
        "common?",
        lambda table: {**_NEXT, "S": 4}[table],
        "In S all columns but one are as a Poisson would have them: why change the law of all?",
        lambda table: {**_NEXT, "P": 2, "S": 3}[table],
        "P and S are exchanged: one fails in a column alone, the other in the rows.",
        lambda table: {**_NEXT, "R": 4, "Q": 4}[table],
        "R is not the posterior yet, and Q varies less than a Poisson: a negative binomial helps "
        "neither.",
    ],
)
def WHAT_NEXT(table):
    """One whole number, 1 to 5."""
    return _NEXT[table]
