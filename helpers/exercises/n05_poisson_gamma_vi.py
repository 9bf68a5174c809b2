"""Exercises of notebook 5: the log likelihood from totals, the loss, a log mass that turns into NaN."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy import special

from helpers.exercises.engine import Exercise, Mistake


def log_likelihood(log_rates, totals, num_images, log_factorials):
    """ln p(X | theta) from sufficient statistics."""
    return np.sum(totals * log_rates - num_images * np.exp(log_rates)) - log_factorials


def _log_likelihood_by_loop(log_rates, totals, num_images, log_factorials):
    nats = -jnp.float32(log_factorials)
    for log_rate, total in zip(log_rates, totals, strict=True):
        nats = nats + jnp.dot(jnp.array([log_rate, -jnp.exp(log_rate)]), jnp.array([total, num_images]))
    return nats


def _sufficient(log_rates, counts):
    counts = np.asarray(counts)
    return np.asarray(log_rates), counts.sum(axis=0), len(counts), float(special.gammaln(counts + 1).sum())


LOG_LIKELIHOOD = Exercise(
    id="05.log_likelihood",
    reference=log_likelihood,
    inputs=(
        _sufficient(np.log([2.0, 9.0, 0.5]), [[3, 11, 0], [1, 8, 1], [2, 12, 0]]),
        _sufficient(np.log([4.0]), [[5]]),
        _sufficient([-300.0, 1.0], [[0, 2], [0, 4]]),
        _sufficient(np.log([1.0, 7.0]), np.zeros((0, 2), dtype=int)),
    ),
    returns="one number, ln p(X | theta) in nats",
    praise="A million images would cost no more than one: their totals say all that they can say about the rates.",
    hint="Sum totals * log_rates - num_images * exp(log_rates) over the pixels, then subtract log_factorials.",
    another=_log_likelihood_by_loop,
    mistakes=(
        Mistake(
            lambda y, totals, m, c: np.sum(totals * y - np.exp(y)) - c,
            "The Poisson's - theta appears once an image, so it is num_images * theta in all.",
        ),
        Mistake(
            lambda y, totals, m, c: np.sum(totals * y - m * y) - c,
            "The second term needs the rate itself, exp(log_rates), not its log.",
        ),
        Mistake(
            lambda y, totals, m, c: np.sum(totals * y - m * np.exp(y)) + c,
            "The sign of log_factorials is flipped: x! stands below the fraction.",
        ),
        Mistake(
            lambda y, totals, m, c: np.sum(totals * y - m * np.exp(y)),
            "The term log_factorials is missing. Training would not notice, but the ELBO could exceed the evidence.",
        ),
        Mistake(
            lambda y, totals, m, c: totals * y - m * np.exp(y) - c,
            "These are pieces, one a pixel. Independent pixels multiply, so their logs add up: sum them.",
        ),
        Mistake(
            lambda y, totals, m, c: np.sum(totals * y - m * np.exp(y) - c),
            "You subtract log_factorials once a pixel. It covers all pixels already: once, after the sum.",
        ),
        Mistake(
            lambda y, totals, m, c: np.mean(totals * y - m * np.exp(y)) - c,
            "Average over draws, but sum over pixels: each pixel adds its own evidence.",
        ),
    ),
)


def negative_elbo(log_joint, log_q, log_rates):
    """The loss: draw by draw, then the average, then the sign."""
    return -np.mean([float(log_joint(draw)) - float(np.sum(log_q(draw))) for draw in log_rates])


def _negative_elbo_by_vmap(log_joint, log_q, log_rates):
    return jax.jit(lambda draws: jnp.mean(jax.vmap(lambda y: log_q(y).sum() - log_joint(y))(draws)))(log_rates)


def _pieces(log_joint, log_q, log_rates):
    """Log joint [samples] and ln q [samples, pixels]."""
    return np.array([log_joint(y) for y in log_rates]), np.array([log_q(y) for y in log_rates])


def _elbo_of(combine):
    return lambda log_joint, log_q, log_rates: combine(*_pieces(log_joint, log_q, log_rates))


def _gammas(log_rates, concentration, rate):
    normaliser = concentration * jnp.log(rate) - jax.scipy.special.gammaln(concentration)
    return normaliser + (concentration - 1) * log_rates - rate * jnp.exp(log_rates)


def log_joint_of_two_pixels(log_rates):
    """ln p(X, theta) of two pixels and three images."""
    log_prior = _gammas(log_rates, jnp.array([4.0, 24.0]), jnp.array([2.0, 2.0]))
    return (log_prior + jnp.array([7.0, 33.0]) * log_rates - 3 * jnp.exp(log_rates)).sum() - 47.5


def log_q_of_two_pixels(log_rates):
    """ln q, one number a pixel."""
    return _gammas(log_rates, jnp.array([5.0, 20.0]), jnp.array([2.0, 2.0]))


def _draws(seed, num_samples):
    return np.log(np.random.default_rng(seed).gamma([5.0, 20.0], 0.5, (num_samples, 2)))


NEGATIVE_ELBO = Exercise(
    id="05.negative_elbo",
    reference=negative_elbo,
    inputs=(
        (log_joint_of_two_pixels, log_q_of_two_pixels, _draws(1, 5)),
        (log_joint_of_two_pixels, log_q_of_two_pixels, _draws(2, 1)),
        (log_joint_of_two_pixels, log_q_of_two_pixels, np.array([[-40.0, 1.0], [0.5, 2.5]])),
    ),
    returns="one number, the loss in nats",
    praise="Sum over pixels, average over draws, flip the sign: that is the whole loss.",
    hint="For each draw: log_joint(draw) - log_q(draw).sum(). Average over the draws and flip the sign.",
    another=_negative_elbo_by_vmap,
    mistakes=(
        Mistake(
            _elbo_of(lambda p, q: np.mean(p - q.sum(axis=1))),
            "That is the ELBO, and an optimiser that goes down would make it worse. Flip the sign.",
        ),
        Mistake(
            _elbo_of(lambda p, q: -np.mean(p - q.mean(axis=1))),
            "You average ln q over the pixels. Average over draws, but sum over pixels: q is a product of gammas.",
        ),
        Mistake(
            _elbo_of(lambda p, q: -np.sum(p - q.sum(axis=1))),
            "You sum over the draws. Then the loss grows with num_samples, and the learning rate with it: average.",
        ),
        Mistake(
            _elbo_of(lambda p, q: -np.mean(p + q.sum(axis=1))),
            "The sign of ln q is flipped: the ELBO is the log joint minus ln q.",
        ),
        Mistake(
            _elbo_of(lambda p, q: -np.mean(p)),
            "The term ln q is missing. Without it q shrinks to a spike on the single best rate.",
        ),
        Mistake(
            _elbo_of(lambda p, q: -np.log(np.mean(np.exp(p - q.sum(axis=1))))),
            "You average the ratios and then take the log. The ELBO averages the logs.",
        ),
    ),
)


def poisson_log_mass(counts, log_rates):
    """ln Poisson(counts | exp(log_rates)), never leaving the logs."""
    return counts * log_rates - np.exp(log_rates) - special.gammaln(np.asarray(counts) + 1)


def _log_mass_as_given(counts, log_rates):
    rates = jnp.exp(log_rates)
    return counts * jnp.log(rates) - rates - jax.scipy.special.gammaln(counts + 1)


def _log_mass_by_loop(counts, log_rates):
    return [
        x * float(y) - np.exp(float(y)) - sum(np.log(range(1, x + 1))) for x, y in zip(counts, log_rates, strict=True)
    ]


def _patched(patch):
    """The given code with a bandage on its rates."""
    return lambda counts, y: (
        counts * np.log(patch(np.exp(y))) - patch(np.exp(y)) - special.gammaln(np.asarray(counts) + 1)
    )


LOG_MASS = Exercise(
    id="05.poisson_log_mass",
    reference=poisson_log_mass,
    inputs=(
        (np.array([0, 3, 9]), np.log(np.array([0.5, 2.0, 11.0]))),
        (np.array([0, 0, 2]), np.array([-800.0, -5000.0, -1200.0])),
        (np.array([0]), np.array([-90.0])),
    ),
    returns="an array [pixels], in nats",
    praise="Whoever has the log of a rate should keep it. The rate may underflow to 0; its log never does.",
    hint="Where does the code take the log of something that was exp of a log just before?",
    another=_log_mass_by_loop,
    as_given=_log_mass_as_given,
    mistakes=(
        Mistake(
            _patched(lambda rates: rates + 1e-10),
            "No NaN any more, but a wrong number instead: two counts at a rate of exp(-1200) cost 2,400 nats. "
            "You have the log already, so use it.",
        ),
        Mistake(
            _patched(lambda rates: np.maximum(rates, 1e-30)),
            "A clipped rate hides the NaN behind a wrong number. You have the log already, so use it.",
        ),
        Mistake(
            lambda counts, y: np.nan_to_num(_log_mass_as_given(counts, y), posinf=0.0, neginf=0.0),
            "Patched afterwards, two counts at an all but impossible rate cost nothing. Avoid the NaN at its source.",
        ),
        Mistake(
            lambda counts, y: counts * y - np.exp(y),
            "No NaN any more, but ln(counts!) went with it.",
        ),
        Mistake(
            lambda counts, y: counts * y - y - special.gammaln(np.asarray(counts) + 1),
            "The middle term needs the rate, exp(log_rates): its underflow to 0 does no harm there.",
        ),
    ),
)

EXERCISES = (LOG_LIKELIHOOD, NEGATIVE_ELBO, LOG_MASS)
