"""Exercises of notebook 5: the log likelihood from totals, the loss, a log mass that turns into
NaN."""

import jax.numpy as jnp
import numpy as np
from scipy import special

from helpers.distributions import Gamma, gamma_log_density
from helpers.exercises.engine import exercise


def _sufficient(log_rates, counts):
    return (
        log_rates,
        np.sum(counts, axis=0),
        len(counts),
        float(special.gammaln(np.add(counts, 1)).sum()),
    )


@exercise(
    "05.log_likelihood",
    inputs=(
        _sufficient(np.log([2.0, 9.0, 0.5]), [[3, 11, 0], [1, 8, 1]]),
        _sufficient(np.log([4.0]), [[5]]),
        _sufficient([-300.0, 1.0], [[0, 2], [0, 4], [0, 3]]),
        ([-150.0, 3.0, 1.5], [2, 2500, 130], 120, 5000.0),
        _sufficient(np.log([1.0, 7.0]), np.zeros((0, 2), dtype=int)),
    ),
    praise=(
        "A million images would cost no more than one: their totals say all that they can say "
        "about the rates."
    ),
    nudge=(
        "Write down ln of the Poisson of one count, then add up over images and pixels: what "
        "becomes of each of its terms?"
    ),
    line="np.sum(totals * log_rates - num_images * np.exp(log_rates)) - log_factorials",
    hint=(
        "Sum totals * log_rates - num_images * exp(log_rates) over the pixels, then subtract "
        "log_factorials."
    ),
    on_jax=True,
    mistakes=[
        lambda y, totals, m, c: log_likelihood(y, totals, 1, c),
        "The Poisson's - theta appears once an image, so it is num_images * theta in all.",
        lambda y, totals, m, c: np.sum(totals * y - m * y) - c,
        "The second term needs the rate itself, exp(log_rates), not its log.",
        lambda y, totals, m, c: log_likelihood(y, totals, m, -c),
        "The sign of log_factorials is flipped: x! stands below the fraction.",
        lambda y, totals, m, c: log_likelihood(y, totals, m, 0.0),
        "The term log_factorials is missing. Training would not notice, but the ELBO could exceed "
        "the evidence.",
        lambda y, totals, m, c: totals * y - m * np.exp(y) - c,
        "These are pieces, one a pixel. Independent pixels multiply, so their logs add up: sum "
        "them.",
        lambda y, totals, m, c: log_likelihood(y, totals, m, len(y) * c),
        "You subtract log_factorials once a pixel. It covers all pixels already: once, after the "
        "sum.",
        lambda y, totals, m, c: log_likelihood(y, totals, m, m * c),
        "You subtract log_factorials once an image. It covers all images already: once in all.",
        lambda y, totals, m, c: np.mean(totals * y - m * np.exp(y)) - c,
        "Average over draws, but sum over pixels: each pixel adds its own evidence.",
    ],
)
def log_likelihood(log_rates, totals, num_images, log_factorials):
    """One number, ln p(X | theta) in nats."""
    return np.sum(totals * log_rates - num_images * np.exp(log_rates)) - log_factorials


def _at_draws(seed, num_samples, concentration, rate, shift):
    """ln of a joint with three images, shifted; ln q, one number a pixel; draws from q
    [num_samples, pixels]."""
    a, b = np.array(concentration), np.array(rate)

    def log_joint(log_rates):
        log_prior = gamma_log_density(Gamma(a + 1, b), log_rates)
        return (log_prior + 1.5 * a * log_rates - 3 * jnp.exp(log_rates)).sum() + shift

    def log_q(log_rates):
        return gamma_log_density(Gamma(a, b), log_rates)

    return (
        log_joint,
        log_q,
        np.log(np.random.default_rng(seed).gamma(a, 1 / b, (num_samples, len(a)))),
    )


@exercise(
    "05.negative_elbo",
    inputs=(
        _at_draws(1, 5, [5.0, 20.0], [2.0, 2.0], shift=-47.5),
        _at_draws(2, 4, [4.0, 9.0, 1.5], [1.0, 3.0, 0.5], shift=60.0),
        _at_draws(3, 1, [5.0, 20.0], [2.0, 2.0], shift=-47.5),
        (
            *_at_draws(0, 0, [5.0, 20.0], [2.0, 2.0], shift=20.0)[:2],
            [[-40.0, 1.0], [0.5, 2.5], [1.5, 2.0]],
        ),
        (
            *_at_draws(0, 0, [5.0, 20.0], [2.0, 2.0], shift=900.0)[:2],
            [[-150.0, 1.0], [0.5, 2.5], [0.5, 2.5]],
        ),
    ),
    praise="Sum over pixels, average over draws, flip the sign: that is the whole loss.",
    nudge=(
        "Take a single draw: how many numbers does each of the two functions give, and what "
        "becomes of them?"
    ),
    line="-np.mean([log_joint(draw) - log_q(draw).sum() for draw in log_rates])",
    hint=(
        "For each draw: log_joint(draw) - log_q(draw).sum(). Average over the draws and flip the "
        "sign."
    ),
    on_jax=True,
    mistakes=[
        lambda log_joint, log_q, draws: -negative_elbo(log_joint, log_q, draws),
        "That is the ELBO, and an optimiser that goes down would make it worse. Flip the sign.",
        lambda log_joint, log_q, draws: negative_elbo(log_joint, lambda y: log_q(y).mean(), draws),
        "You average ln q over the pixels. Average over draws, but sum over pixels: q is a product "
        "of gammas.",
        lambda log_joint, log_q, draws: len(draws) * negative_elbo(log_joint, log_q, draws),
        "You sum over the draws. Then the loss grows with num_samples, and the learning rate with "
        "it: average.",
        lambda log_joint, log_q, draws: negative_elbo(log_joint, lambda y: -log_q(y), draws),
        "The sign of ln q is flipped: the ELBO is the log joint minus ln q.",
        lambda log_joint, log_q, draws: negative_elbo(log_joint, lambda y: 0.0, draws),
        "The term ln q is missing. Without it q shrinks to a spike on the single best rate.",
        lambda log_joint, log_q, draws: (
            -np.log(np.mean([np.exp(log_joint(y) - log_q(y).sum()) for y in draws]))
        ),
        "You average the ratios and then take the log. The ELBO averages the logs.",
    ],
)
def negative_elbo(log_joint, log_q, log_rates):
    """One number, the loss in nats."""
    return -np.mean([float(log_joint(draw)) - float(np.sum(log_q(draw))) for draw in log_rates])


@exercise(
    "05.poisson_log_mass",
    inputs=(
        ([0, 3, 9], np.log(np.array([0.5, 2.0, 11.0]))),
        ([0, 0, 2], [-800.0, -5000.0, -1200.0]),
        ([40, 250, 1], [3.5, 5.5, -5000.0]),
        ([0], [-90.0]),
    ),
    praise=(
        "Whoever has the log of a rate should keep it. The rate may underflow to 0; its log never "
        "does."
    ),
    nudge=(
        "Go through it by hand for a count of 0 and a log rate of -800: which number is lost on "
        "the way?"
    ),
    line="counts * log_rates - np.exp(log_rates) - special.gammaln(counts + 1)",
    hint="Where does the code take the log of something that was exp of a log just before?",
    as_given=lambda counts, y: poisson_log_mass(counts, jnp.log(jnp.exp(y))),
    on_jax=True,
    mistakes=[
        lambda counts, y: poisson_log_mass(counts, jnp.log(jnp.exp(y) + 1e-10)),
        "No NaN any more, but a wrong number instead: two counts at a rate of exp(-1200) cost "
        "2,400 nats. "
        "You have the log already, so use it.",
        lambda counts, y: poisson_log_mass(counts, jnp.log(jnp.maximum(jnp.exp(y), 1e-30))),
        "A clipped rate hides the NaN behind a wrong number. You have the log already, so use it.",
        lambda counts, y: np.nan_to_num(
            poisson_log_mass(counts, jnp.log(jnp.exp(y))), posinf=0.0, neginf=0.0
        ),
        "Patched afterwards, two counts at an all but impossible rate cost nothing. Avoid the NaN "
        "at its source.",
        lambda counts, y: counts * y - np.exp(y),
        "No NaN any more, but ln(counts!) went with it.",
        lambda counts, y: counts * y - y - special.gammaln(np.asarray(counts) + 1),
        "The middle term needs the rate, exp(log_rates): its underflow to 0 does no harm there.",
    ],
)
def poisson_log_mass(counts, log_rates):
    """An array [pixels], in nats."""
    return counts * log_rates - np.exp(log_rates) - special.gammaln(np.asarray(counts) + 1)
