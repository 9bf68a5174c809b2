"""Exercises of notebook 1: images at less light, the evidence of one count, a broken Metropolis
step."""

import jax.numpy as jnp
import numpy as np
from scipy import special, stats

from helpers.exercises.engine import exercise


@exercise(
    "01.exposures",
    inputs=(
        (2.0, 10.0, [14, 5, 16], [1.0, 0.5, 1.0]),
        (2.0, 10.0, [14, 9, 16], [1.0, 1.0, 1.0]),
        (0.5, 4.0, [1, 0, 3, 2], [0.25, 0.1, 0.5, 0.2]),
        (100.0, 0.5, [3], [0.6]),
        (3.0, 250.0, [300, 0, 140], [1.0, 0.2, 0.7]),
        (300.0, 2.0, [300, 0, 30, 140, 30], [1.0, 0.2, 0.1, 0.7, 0.2]),
        (3.0, 2.0, [300, 300, 30, 140], [120.0, 150.0, 12.0, 70.0]),  # many exposures in one
        (2.0, 10.0, np.array([], dtype=int), np.array([])),
    ),
    praise=(
        "An image at half the light says half as much: it adds its ink as it is, and half an "
        "image to the number."
    ),
    nudge="Multiply the likelihood out: which power of the rate, and what in the exponent?",
    hint=(
        "The likelihood is rate ** (sum of counts) * exp(-rate * sum of exposures). Multiply it "
        "by the gamma prior."
    ),
    line="(strength * template + np.sum(counts)) / (strength + np.sum(exposures))",
    mistakes=[
        lambda s, x0, x, e: (s * x0 + np.sum(x)) / (s + len(x)),
        "You count each image as a whole one. An image at half the light is half an exposure.",
        lambda s, x0, x, e: (s * x0 + np.sum(np.divide(x, e))) / (s + len(x)),
        "A dim image scaled up counts here as a full one, though it is noisier. Leave its count "
        "as it is.",
        lambda s, x0, x, e: np.sum(x) / np.sum(e),
        "That is the maximum-likelihood estimate. What you knew has no say in it yet.",
        lambda s, x0, x, e: (s * x0 + np.sum(np.multiply(x, e))) / (s + np.sum(e)),
        "The counts are dim already: they need no weight. Only the number of images does.",
        lambda s, x0, x, e: (s * x0 + np.sum(np.divide(x, e))) / (s + np.sum(e)),
        "The exposures are counted twice: the counts are scaled up, and the number of images down.",
        lambda s, x0, x, e: (s * x0 + len(x) * np.mean(x)) / (s + np.sum(e)),
        "Right as long as there are images, but the average of no images is 0 / 0. "
        "Use the sum of the counts: without images it is 0.",
        lambda s, x0, x, e: (s * x0 + np.sum(x) - 1) / (s + np.sum(e)),
        "That is the peak of the posterior, its mode. The mean of a gamma is concentration / rate.",
        lambda s, x0, x, e: (x0 + np.sum(x)) / (s + np.sum(e)),
        "The template is the ink of one image. All your pseudo-images together hold strength * "
        "template.",
    ],
)
def mean_with_exposures(strength, template, counts, exposures):
    """One number, the posterior mean."""
    return (strength * template + np.sum(counts)) / (strength + np.sum(exposures))


@exercise(
    "01.log_evidence",
    inputs=(
        (14, 20.0, 2.0),
        (9, 20.0, 2.0),
        (3, 2.0, 0.5),
        (16, 4.0, 0.25),
        (0, 1.5, 3.0),
        (30, 6.0, 0.3),
        (5, 400.0, 150.0),
        (250, 20.0, 2.0),  # the log of a number far below 1
    ),
    praise=(
        "You averaged the Poisson over every rate the prior believes in. The result is a negative "
        "binomial."
    ),
    nudge=(
        "A check by hand: over the counts 0, 1, 2, ... the evidence adds up to 1. Does exp of "
        "yours?"
    ),
    line=(
        "concentration * np.log(rate) + special.gammaln(concentration + count) - "
        "special.gammaln(concentration) - special.gammaln(count + 1) - (concentration + count) * "
        "np.log(rate + 1)"
    ),
    hint=(
        "Write prior times likelihood, collect the powers of the rate, and integrate with the "
        "gamma function."
    ),
    absolute=5e-3,
    mistakes=[
        lambda x, a, b: np.exp(log_evidence_of_one_count(x, a, b)),
        "That is the evidence itself. Return its log: with many counts, only the log survives.",
        lambda x, a, b: -log_evidence_of_one_count(x, a, b),
        "The sign is flipped: the log of a probability is never above 0.",
        lambda x, a, b: stats.poisson.logpmf(x, a / b),
        "That is the log likelihood at a single rate, the prior mean. The evidence averages over "
        "all rates.",
        lambda x, a, b: log_evidence_of_one_count(x, a, b) + special.gammaln(x + 1),
        "The Poisson's count! is missing. It holds no rate, but a probability of counts needs it.",
        lambda x, a, b: log_evidence_of_one_count(x, a, 1 / b),
        "The rate is used as a scale. A larger rate means a smaller mean, concentration / rate.",
        lambda x, a, b: log_evidence_of_one_count(x, a, b) - a * np.log(b),
        "The prior's own constant is incomplete: its density begins with rate ** concentration.",
    ],
)
def log_evidence_of_one_count(count, concentration, rate):
    """One number, ln p(x) in nats."""
    # SciPy's p is rate / (rate + 1)
    return float(stats.nbinom.logpmf(count, concentration, rate / (rate + 1)))


def three_counts(rate):
    """ln of the posterior of three counts, Gamma(59, rate 5), up to a constant."""
    return 58 * jnp.log(rate) - 5 * rate


def hundreds_of_counts(rate):
    """The same with a constant such as hundreds of further counts bring: its exp underflows."""
    return three_counts(rate) - 3000.0


def wide_bell(place):
    """ln of a normal with standard deviation 10, up to a constant: a walker may stand below 0."""
    return -0.5 * (place / 10) ** 2


def _close_calls(seed, log_density, number):
    """Steps downhill whose uniform number lies a little below, then a little above the ratio of the
    densities."""
    rng = np.random.default_rng(seed)
    for margin in [0.93, 1.07] * (number // 2):
        proposal, now = sorted(rng.uniform(8.0, 16.0, 2), key=log_density)
        ratio = np.exp(float(log_density(proposal) - log_density(now)))
        yield log_density, now, proposal, min(ratio * margin, 0.999)


@exercise(
    "01.metropolis_step",
    inputs=(
        *((three_counts, 12.0, 13.5, uniform) for uniform in (0.3, 0.95)),
        (three_counts, 11.0, 11.8, 0.99),
        *((three_counts, 12.0, 25.0, uniform) for uniform in (0.5, 0.9)),
        *((three_counts, now, proposal, 0.5) for now, proposal in [(25.0, 12.0), (4.0, 3.9)]),
        *((three_counts, 10.0, 10.8, uniform) for uniform in (0.3, 0.55)),
        (three_counts, 12.0, 16.0, 1e-6),  # far downhill, and yet it goes
        *_close_calls(1, three_counts, 8),
        (hundreds_of_counts, 11.0, 11.8, 0.2),
        *_close_calls(2, hundreds_of_counts, 6),
        *(
            (wide_bell, -3.0, proposal, uniform)
            for proposal, uniform in [(18.0, 0.1), (-18.0, 0.9)]
        ),
        *((wide_bell, 150.0, proposal, 0.5) for proposal in (-140.0, 170.0)),
    ),
    praise=(
        "Uphill always, downhill with probability p(proposal) / p(now), and the ratio is a "
        "difference of logs."
    ),
    nudge=(
        "By hand: where ln p is -10 here and -12 there, how often should the walker go, and for "
        "which values of uniform?"
    ),
    line="proposal if np.log(uniform) < log_density(proposal) - log_density(now) else now",
    hint="Move if ln(uniform) lies below log_density(proposal) - log_density(now). Stay otherwise.",
    as_given=lambda log_density, now, proposal, u: (
        proposal if u < log_density(proposal) / log_density(now) else now
    ),
    mistakes=[
        lambda f, now, new, u: new if np.log(u) < f(now) - f(new) else now,
        "The sign is flipped, so this walker prefers to go downhill. The proposal's density goes "
        "on top.",
        lambda f, now, new, u: new if u < f(new) - f(now) else now,
        "A difference of logs becomes a ratio only after exp. Or compare it with ln(uniform).",
        lambda f, now, new, u: new if f(new) > f(now) else now,
        "This walker only ever climbs: it finds the peak and stays. Downhill must be possible now "
        "and then.",
        lambda f, now, new, u: now if np.log(u) < f(new) - f(now) else new,
        "The two outcomes are swapped: a proposal that passes the test is where the walker goes.",
        lambda f, now, new, u: new if u < np.exp(f(new)) / np.exp(f(now)) else now,
        "Right until both densities underflow to 0, and 0 / 0 decides nothing. Subtract the logs "
        "first.",
    ],
)
def metropolis_step(log_density, now, proposal, uniform):
    """One number, where the walker stands next."""
    return proposal if np.log(uniform) < log_density(proposal) - log_density(now) else now
