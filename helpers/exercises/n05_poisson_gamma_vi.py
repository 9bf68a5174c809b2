"""Exercises of notebook 5: the log likelihood from totals, the loss, a log mass that turns into NaN."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy import special

from helpers.exercises.engine import Exercise, known


def log_likelihood(log_rates, totals, num_images, log_factorials):
    """ln p(X | theta) from sufficient statistics."""
    return np.sum(totals * log_rates - num_images * np.exp(log_rates)) - log_factorials


def _sufficient(log_rates, counts):
    counts = np.asarray(counts)
    return np.asarray(log_rates), counts.sum(axis=0), len(counts), float(special.gammaln(counts + 1).sum())


LOG_LIKELIHOOD = Exercise(
    id="05.log_likelihood",
    reference=log_likelihood,
    inputs=(
        _sufficient(np.log([2.0, 9.0, 0.5]), [[3, 11, 0], [1, 8, 1]]),
        _sufficient(np.log([4.0]), [[5]]),
        _sufficient([-300.0, 1.0], [[0, 2], [0, 4], [0, 3]]),
        _sufficient(np.log([1.0, 7.0]), np.zeros((0, 2), dtype=int)),
    ),
    returns="one number, ln p(X | theta) in nats",
    praise="A million images would cost no more than one: their totals say all that they can say about the rates.",
    hint="Sum totals * log_rates - num_images * exp(log_rates) over the pixels, then subtract log_factorials.",
    mistakes=known(
        lambda y, totals, m, c: np.sum(totals * y - np.exp(y)) - c,
        "The Poisson's - theta appears once an image, so it is num_images * theta in all.",
        lambda y, totals, m, c: np.sum(totals * y - m * y) - c,
        "The second term needs the rate itself, exp(log_rates), not its log.",
        lambda y, totals, m, c: np.sum(totals * y - m * np.exp(y)) + c,
        "The sign of log_factorials is flipped: x! stands below the fraction.",
        lambda y, totals, m, c: np.sum(totals * y - m * np.exp(y)),
        "The term log_factorials is missing. Training would not notice, but the ELBO could exceed the evidence.",
        lambda y, totals, m, c: totals * y - m * np.exp(y) - c,
        "These are pieces, one a pixel. Independent pixels multiply, so their logs add up: sum them.",
        lambda y, totals, m, c: np.sum(totals * y - m * np.exp(y) - c),
        "You subtract log_factorials once a pixel. It covers all pixels already: once, after the sum.",
        lambda y, totals, m, c: np.sum(totals * y - m * np.exp(y)) - m * c,
        "You subtract log_factorials once an image. It covers all images already: once in all.",
        lambda y, totals, m, c: np.mean(totals * y - m * np.exp(y)) - c,
        "Average over draws, but sum over pixels: each pixel adds its own evidence.",
    ),
)


def negative_elbo(log_joint, log_q, log_rates):
    """The loss: draw by draw, then the average, then the sign."""
    return -np.mean([float(log_joint(draw)) - float(np.sum(log_q(draw))) for draw in log_rates])


def _pieces(log_joint, log_q, log_rates):
    """Log joint [samples] and ln q [samples, pixels]."""
    return np.array([log_joint(y) for y in log_rates]), np.array([log_q(y) for y in log_rates])


def _elbo_of(combine):
    return lambda log_joint, log_q, log_rates: combine(*_pieces(log_joint, log_q, log_rates))


def _gammas(log_rates, concentration, rate):
    normaliser = concentration * jnp.log(rate) - jax.scipy.special.gammaln(concentration)
    return normaliser + (concentration - 1) * log_rates - rate * jnp.exp(log_rates)


def _log_densities(concentration, rate, shift):
    """ln of a joint with three images, shifted, and ln q, one number a pixel: as the exercise hands them over."""
    a, b = jnp.asarray(concentration), jnp.asarray(rate)

    def log_joint(log_rates):
        return (_gammas(log_rates, a + 1, b) + 1.5 * a * log_rates - 3 * jnp.exp(log_rates)).sum() + shift

    def log_q(log_rates):
        return _gammas(log_rates, a, b)

    return log_joint, log_q


def _draws(seed, num_samples, concentration, rate):
    size = (num_samples, len(concentration))
    return np.log(np.random.default_rng(seed).gamma(concentration, 1 / np.asarray(rate), size))


_TWO, _THREE = ([5.0, 20.0], [2.0, 2.0]), ([4.0, 9.0, 1.5], [1.0, 3.0, 0.5])
NEGATIVE_ELBO = Exercise(
    id="05.negative_elbo",
    reference=negative_elbo,
    inputs=(
        (*_log_densities(*_TWO, shift=-47.5), _draws(1, 5, *_TWO)),
        (*_log_densities(*_THREE, shift=60.0), _draws(2, 4, *_THREE)),
        (*_log_densities(*_TWO, shift=-47.5), _draws(3, 1, *_TWO)),
        (*_log_densities(*_TWO, shift=20.0), np.array([[-40.0, 1.0], [0.5, 2.5], [1.5, 2.0]])),
    ),
    returns="one number, the loss in nats",
    praise="Sum over pixels, average over draws, flip the sign: that is the whole loss.",
    hint="For each draw: log_joint(draw) - log_q(draw).sum(). Average over the draws and flip the sign.",
    mistakes=known(
        _elbo_of(lambda p, q: np.mean(p - q.sum(axis=1))),
        "That is the ELBO, and an optimiser that goes down would make it worse. Flip the sign.",
        _elbo_of(lambda p, q: -np.mean(p - q.mean(axis=1))),
        "You average ln q over the pixels. Average over draws, but sum over pixels: q is a product of gammas.",
        _elbo_of(lambda p, q: -np.sum(p - q.sum(axis=1))),
        "You sum over the draws. Then the loss grows with num_samples, and the learning rate with it: average.",
        _elbo_of(lambda p, q: -np.mean(p + q.sum(axis=1))),
        "The sign of ln q is flipped: the ELBO is the log joint minus ln q.",
        _elbo_of(lambda p, q: -np.mean(p)),
        "The term ln q is missing. Without it q shrinks to a spike on the single best rate.",
        _elbo_of(lambda p, q: -np.log(np.mean(np.exp(p - q.sum(axis=1))))),
        "You average the ratios and then take the log. The ELBO averages the logs.",
    ),
)


def poisson_log_mass(counts, log_rates):
    """ln Poisson(counts | exp(log_rates)), never leaving the logs."""
    return counts * log_rates - np.exp(log_rates) - special.gammaln(np.asarray(counts) + 1)


def _log_mass_as_given(counts, log_rates):
    rates = jnp.exp(log_rates)
    return counts * jnp.log(rates) - rates - jax.scipy.special.gammaln(counts + 1)


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
        (np.array([1, 40, 250]), np.array([-5000.0, 3.5, 5.5])),
        (np.array([0]), np.array([-90.0])),
    ),
    returns="an array [pixels], in nats",
    praise="Whoever has the log of a rate should keep it. The rate may underflow to 0; its log never does.",
    hint="Where does the code take the log of something that was exp of a log just before?",
    as_given=_log_mass_as_given,
    mistakes=known(
        _patched(lambda rates: rates + 1e-10),
        "No NaN any more, but a wrong number instead: two counts at a rate of exp(-1200) cost 2,400 nats. "
        "You have the log already, so use it.",
        _patched(lambda rates: np.maximum(rates, 1e-30)),
        "A clipped rate hides the NaN behind a wrong number. You have the log already, so use it.",
        lambda counts, y: np.nan_to_num(_log_mass_as_given(counts, y), posinf=0.0, neginf=0.0),
        "Patched afterwards, two counts at an all but impossible rate cost nothing. Avoid the NaN at its source.",
        lambda counts, y: counts * y - np.exp(y),
        "No NaN any more, but ln(counts!) went with it.",
        lambda counts, y: counts * y - y - special.gammaln(np.asarray(counts) + 1),
        "The middle term needs the rate, exp(log_rates): its underflow to 0 does no harm there.",
    ),
)

EXERCISES = (LOG_LIKELIHOOD, NEGATIVE_ELBO, LOG_MASS)
