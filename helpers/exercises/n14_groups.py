"""Exercises of notebook 14: an exposure, a move, a determinant, four pictures."""

import numpy as np

from helpers.exercises.engine import exercise


@exercise(
    "14.posterior_rate",
    inputs=(
        (2.0, 1.0, [3, 0, 5], [2.0, 1.0, 4.0]),
        (0.5, 10.0, [7], [0.25]),
        (1.0, 0.1, [4, 4, 4, 4], [1.0, 1.0, 1.0, 1.0]),
        (3.0, 2.0, [0, 0], [1e4, 3.0]),
        (200.0, 0.5, [30], [0.5]),
        (0.25, 300.0, [2000, 40], [3.0, 170.0]),
    ),
    praise="Five hours of watch are five hours, in however many nights.",
    nudge="What did each count of the course so far have in the place of the hours?",
    line="(alpha + calls.sum()) / (beta + hours.sum())",
    hint="The posterior is Gamma(alpha + all calls, beta + all exposure). What is all exposure?",
    mistakes=[
        lambda a, b, x, t: (a + x.sum()) / (b + t.mean()),
        "The mean length of a watch is no exposure: the total hours are.",
        lambda a, b, x, t: x.sum() / t.sum(),
        "That is the calls' own rate. Where is the prior?",
        lambda a, b, x, t: (a + (x / t).sum()) / (b + len(t)),
        "A mean of rates gives a short night the weight of a long one. Add up calls, add up hours.",
        lambda a, b, x, t: (a + (x * t).sum()) / (b + t.sum()),
        "The exposure multiplies the calls here. It belongs to the rate alone.",
    ],
    as_given=lambda alpha, beta, calls, hours: (alpha + calls.sum()) / (beta + len(hours)),
)
def POSTERIOR_RATE(alpha, beta, calls, hours):
    """One number, calls an hour."""
    return (alpha + calls.sum()) / (beta + hours.sum())


@exercise(
    "14.moves_in_errors",
    inputs=(
        (14, 126.0, 0.3, 1.0),
        (22, 10.5, 0.3, 1.0),
        (1, 1.05, 0.2, 50.0),
        (5, 94.3, 5 / 94.3, 7.0),
        (400, 2.0, 0.01, 0.5),
        (1, 100.0, 5.0, 300.0),
        (2, 0.5, 150.0, 20.0),
    ),
    praise=(
        "The move itself shrinks like 1 / t, the standard error like its root: pumps watched for "
        "long move less in either unit, unless they were far off."
    ),
    nudge="Write down the estimate first, then how far it lies from x / t.",
    line="s * (r - x / t) / (s + t) * t / np.sqrt(x)",
    hint=(
        "The estimate is (s r + x) / (s + t). Subtract x / t, and divide by the standard error, "
        "the root of x over t."
    ),
    mistakes=[
        lambda x, t, r, s: s * (r - x / t) / (s + t),
        "That is the move in failures per thousand hours. Divide it by the standard error.",
        lambda x, t, r, s: -s * (r - x / t) / (s + t) * t / np.sqrt(x),
        "Positive is up: the new estimate less the old one.",
        lambda x, t, r, s: (r - x / t) * t / np.sqrt(x),
        "That is the whole way to the common rate. The estimate goes s / (s + t) of it.",
        lambda x, t, r, s: t * (r - x / t) / (s + t) * t / np.sqrt(x),
        "The weight of the pump's own rate is t / (s + t). It *moves* by the other weight.",
        lambda x, t, r, s: s * (r - x / t) / (s + t) * np.sqrt(t) / np.sqrt(x),
        "The standard error of x / t is the root of x, divided by t: not the root of x / t.",
        lambda x, t, r, s: s * (r - x / t) / (s + t) * np.sqrt(t) / np.sqrt(r),
        "You take the common rate's standard error. The pump's own has x under the root.",
    ],
)
def MOVES_IN_ERRORS(x, t, r, s):
    """One number, in standard errors of x / t."""
    return s * (r - x / t) / (s + t) * t / np.sqrt(x)


@exercise(
    "14.log_det",
    inputs=(
        ([0.5, -1.0, 2.0, 0.1], [0.3, 0.2, -0.4, 0.7], [1, 0, 1, 0]),
        ([0.5, -1.0, 2.0, 0.1], [0.3, 0.2, -0.4, 0.7], [0, 1, 0, 1]),
        ([-3.0, 0.0], [0.0, -1.5], [0, 1]),
        ([1.2, -0.7, 0.4], [0.9, 0.1, -0.2], [1, 1, 1]),
        ([2.5], [0.25], [0]),
        ([0.1, 9.0], [-2.0, 9.0], [0, 1]),
        ([20.0], [3.0], [0]),
        ([1.0, -15.0, 0.0], [0.5, -1.0, 13.0], [0, 0, 0]),
        ([0.0, 1.0], [-14.0, 20.0], [0, 1]),
    ),
    praise="Triangular again: only dz_j / de_j counts, and kept entries give 1, whose log is 0.",
    nudge="Which entries of z depend on which of e? Sort the kept ones first.",
    line="((s + np.log(np.cosh(e))) * (1 - kept)).sum()",
    hint=(
        "The Jacobian is triangular: add up ln |dz_j / de_j| over the entries that change. The "
        "derivative of sinh is cosh."
    ),
    mistakes=[
        lambda e, s, kept: (s * (1 - kept)).sum(),
        "That is the page's layer. Here the noise goes through sinh: where is its derivative?",
        lambda e, s, kept: (s + np.log(np.cosh(e))).sum(),
        "The kept entries pass as they are: their derivative is 1, and its log 0.",
        lambda e, s, kept: ((s + np.log(np.cosh(e))) * kept).sum(),
        "Where kept is 1 nothing changes. The others are stretched.",
        lambda e, s, kept: ((s + np.log(np.abs(np.sinh(e)) + 1e-300)) * (1 - kept)).sum(),
        "The determinant has the derivative of sinh, not sinh itself.",
        lambda e, s, kept: -((s + np.log(np.cosh(e))) * (1 - kept)).sum(),
        "That is the way back. The Jacobian of z in e has the other sign.",
        lambda e, s, kept: (np.exp(s) * np.cosh(e) * (1 - kept)).sum(),
        "A determinant multiplies, so its log adds logs. You add the derivatives themselves.",
        lambda e, s, kept: ((s + np.cosh(e)) * (1 - kept)).sum(),
        "Take the log of cosh too: the derivative is exp(s) cosh(e), and both are factors.",
    ],
)
def LOG_DET(e, s, kept):
    """One number, ln of the absolute determinant."""
    return ((s + np.log(np.cosh(e))) * (1 - kept)).sum()


# pictures A to D: the normal that leans, the ELBO's product, the layer, the product as wide as p
_FAMILIES = dict(zip("ABCD", (3, 1, 4, 2), strict=True))


@exercise(
    "14.family_of",
    inputs=tuple((picture,) for picture in _FAMILIES),
    praise=(
        "A leans and can't bend; C bends; B and D stand upright. B keeps inside, as the largest "
        "ELBO does; D has the right deviations and covers what p does not hold."
    ),
    nudge="For each picture, say what its q can't do.",
    line='{"A": 3, "B": 1, "C": 4, "D": 2}[picture]',
    hint="Begin with the one that bends, then the one that leans. Which other keeps inside?",
    mistakes=[
        lambda picture: {**_FAMILIES, "B": 2, "D": 1}[picture],
        "B and D are exchanged. The ELBO belongs to KL(q || p), which punishes q for lying where p "
        "is small: its product keeps inside.",
        lambda picture: {**_FAMILIES, "A": 4, "C": 3}[picture],
        "A and C are exchanged: a normal leans, whatever its covariance, and can't bend.",
        lambda picture: {"A": 4, "B": 2, "C": 3, "D": 1}[picture],
        "Two pairs are exchanged: a normal can't bend, and the ELBO's product keeps inside.",
        lambda picture: {**_FAMILIES, "A": 1, "B": 3}[picture],
        "A product of normals stands upright. One of A and B leans: it has a covariance.",
    ],
)
def FAMILY_OF(picture):
    """One whole number, 1 to 4."""
    return _FAMILIES[picture]
