"""Exercises of notebook 10: a template for two groups, a slope that averages to 0, a predictive
density."""

import numpy as np
from scipy import special

from helpers.exercises.engine import exercise


def _merged(normaliser, own_sizes=True, prior_twice=True):
    """The gain with another ln of a pixel's integral, or with a prior that is left out."""

    def answer(totals, sizes, a, b):
        one = normaliser(totals.sum(axis=0), sizes.sum(), a, b).sum()
        each = sizes[:, None] if own_sizes else sizes.sum()
        two = normaliser(totals, each, a, b).sum()
        empty = 0.0 if prior_twice else len(totals[0]) * (a * np.log(b) - special.gammaln(a))
        return one - two + empty

    return answer


def _log_integral(total, size, a, b):
    return (
        a * np.log(b)
        - special.gammaln(a)
        + special.gammaln(a + total)
        - (a + total) * np.log(b + size)
    )


@exercise(
    "10.gain_by_merging",
    inputs=(
        ([[12, 3, 0], [9, 4, 1]], [3, 2], 0.5, 0.1),
        ([[20, 0], [0, 31]], [2, 3], 1.0, 0.25),
        ([[0, 0, 5, 1], [0, 2, 0, 7]], [1, 1], 2.0, 1.5),
        ([[400, 410, 390, 420], [200, 210, 190, 200]], [4, 2], 0.01, 0.001),
        ([[9000, 9000, 30], [7000, 7000, 8000]], [300, 200], 150.0, 120.0),
    ),
    praise="Where both are alike it is positive: one template is cheaper to believe in than two.",
    nudge=(
        "Of which sign should it be for two groups with the same counts? And with one image in the "
        "first group, none in the second?"
    ),
    line=(
        "(special.gammaln(a + totals.sum(axis=0)) - (a + totals.sum(axis=0)) * np.log(b + "
        "sizes.sum())).sum() - (special.gammaln(a + totals.T) - (a + totals.T) * np.log(b + "
        "sizes)).sum() - totals.shape[1] * (a * np.log(b) - special.gammaln(a))"
    ),
    hint=(
        "A pixel of one group contributes a ln b - ln G(a) + ln G(a + total) - (a + total) ln(b + "
        "size), G the gamma function."
    ),
    mistakes=[
        lambda t, m, a, b: -_merged(_log_integral)(t, m, a, b),
        "The sign: the evidence with one template, less the evidence with two.",
        lambda t, m, a, b: np.exp(_merged(_log_integral)(t, m, a, b)),
        "That is the ratio of the two. In nats it is the log of it.",
        _merged(_log_integral, prior_twice=False),
        "Two templates bring the prior's a ln b - ln G(a) twice, one brings it once.",
        _merged(_log_integral, own_sizes=False),
        "A group's own template has seen that group's images alone: its rate is b + its own size.",
        _merged(lambda t, m, a, b: a * np.log(b) - special.gammaln(a) + special.gammaln(a + t)),
        "The rate is missing: each pixel's integral has -(a + total) ln(b + size).",
        _merged(lambda t, m, a, b: special.xlogy(t, np.maximum(t, 1e-300) / m) - t),
        "That compares likeliest templates, which never lose by being two. Integrate them out.",
    ],
)
def gain_by_merging(totals, sizes, a, b):
    """A number, nats."""
    together = _log_integral(totals.sum(axis=0), sizes.sum(), a, b).sum()
    return together - _log_integral(totals.T, sizes, a, b).sum()  # [d, 2]


_RNG = np.random.default_rng(10)


def _draw(images, pixels, components, a, b):
    weights = np.round(_RNG.gamma(1.0, 1.0, (images, components)), 2)
    factors = np.round(_RNG.gamma(0.8, 3.0, (components, pixels)), 2) + 0.01
    return _RNG.poisson(weights @ factors), weights, factors, a, b


@exercise(
    "10.slope",
    inputs=(
        _draw(4, 5, 2, 0.3, 0.1),
        _draw(3, 2, 3, 2.0, 0.5),
        _draw(1, 4, 1, 1.0, 1.0),
        ([[20, 31], [9, 17]], [[1.0, 0.5], [0.5, 2.0]], [[4.0, 6.0], [1.5, 2.0]], 3.0, 0.1),
        (
            [[900, 900, 120], [900, 900, 120], [3, 3, 40]],
            [[2.0, 150.0], [2.0, 150.0], [0.5, 1.0]],
            [[130.0, 130.0, 1.0], [4.0, 4.0, 1.0]],
            140.0,
            125.0,
        ),
    ),
    praise="Over exact draws it averages to 0. A sampler that is off by a factor 2 cannot hide.",
    nudge="Take one pixel, one factor, a weight of 1: for which h should your slope be 0?",
    line="counts.sum() - (weights @ factors).sum() + (a - b * factors).sum()",
    hint=(
        "With all ln h up by t the rates are e^t times as large. Differentiate x ln(rate) - rate, "
        "and a ln h - b h, at t = 0."
    ),
    mistakes=[
        lambda x, w, h, a, b: x.sum() - (w @ h).sum(),
        "The prior has a slope as well: a - b h for each pixel of each factor.",
        lambda x, w, h, a, b: x.sum() - (w @ h).sum() + (a - 1 - b * h).sum(),
        "That is the slope of the density of h. The density of ln h has one ln h more: a in place "
        "of a - 1.",
        lambda x, w, h, a, b: x.sum() - (w @ h).sum() + a - b * h.sum(),
        "The prior's a counts once for each of the K times d pixels of the factors.",
        lambda x, w, h, a, b: x.sum() - (w @ h).sum() + a * len(h) - b * h.sum(),
        "Each factor has d pixels, each with a prior: a counts K times d times.",
        lambda x, w, h, a, b: x.sum() - (w @ h).sum() + (a - b * w).sum(),
        "The weights stay where they are. It is the factors that rise, and their prior.",
        lambda x, w, h, a, b: (x / (w @ h)).sum() - len(x) * h[0].size + (a - b * h).sum(),
        "That is the slope in the rates. In their logs it is x - rate.",
        lambda x, w, h, a, b: (w @ h).sum() - x.sum() - (a - b * h).sum(),
        "The sign: more ink in the counts than in the rates pulls the factors up.",
    ],
)
def slope(counts, weights, factors, a, b):
    """A number, nats."""
    return counts.sum() - (weights @ factors).sum() + (a - b * factors).sum()


@exercise(
    "10.hidden_score",
    inputs=(
        ([-40.0, -42.5, -39.1], [-31.0, -28.5, -36.0]),
        ([-3.0, -1.0], [-2.0, -0.5]),
        ([-900.0, -905.0, -903.0, -940.0], [-760.0, -751.0, -754.5, -700.0]),
        ([-5.0], [-7.0]),
    ),
    praise="An average of densities, then the log: a draw that foresees the hidden half can count.",
    nudge=(
        "What should come out for one draw alone? And for two, if the seen pixels rule out one?"
    ),
    line="special.logsumexp(log_seen + log_hidden) - special.logsumexp(log_seen)",
    hint=(
        "The density p(hidden | seen) is the average of p(hidden | w), weighted by the shares. "
        "Take the log last, by logsumexp."
    ),
    as_given=lambda seen, hidden: (special.softmax(seen) * hidden).sum(),
    mistakes=[
        lambda s, h: special.logsumexp(h) - np.log(len(h)),
        "All draws count alike here. Those that explain the seen pixels should count for more.",
        lambda s, h: special.logsumexp(s + h) - np.log(len(h)),
        "That is ln p(seen, hidden). Take off ln p(seen), which the same draws estimate.",
        lambda s, h: special.logsumexp(s + h),
        "A sum is no average: the shares have to add up to 1.",
        lambda s, h: special.logsumexp(s + h) - special.logsumexp(h),
        "That is ln p(seen | hidden). The other way round.",
        lambda s, h: h[np.argmax(s)],
        "That trusts the one draw which explains the seen pixels best, and averages over none.",
        lambda s, h: np.exp(special.logsumexp(s + h) - special.logsumexp(s)),
        "That is the density. Its log is the score, in nats.",
    ],
)
def hidden_score(log_seen, log_hidden):
    """A number, nats."""
    return special.logsumexp(log_seen + log_hidden) - special.logsumexp(log_seen)
