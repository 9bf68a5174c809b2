"""The variational autoencoder against integrals over its code, SciPy and the general estimator."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, special, stats

from helpers import data, inference
from helpers.distributions import Normal
from helpers.models import autoencoder as vae

COUNTS = data.load_digit(0)[:6, 16:36]  # 20 pixels are enough
KEY = jax.random.key(3)


def some(decoder=vae.Binomial, latent_size=1, seed=0):
    """An untrained autoencoder, with a decoder that varies a little more than at first."""
    start = vae.initial(jax.random.key(seed), COUNTS, latent_size, decoder, num_hidden=5)
    return start._replace(decoder=jax.tree.map(lambda w: 0.5 * w, start.decoder))


def wrapped(autoencoder):
    return inference.Fit(autoencoder, jnp.zeros(1))


@pytest.mark.parametrize(
    ("decoder", "law"),
    [
        (vae.Binomial, lambda x, mean: stats.binom.logpmf(x, 16, mean / 16)),
        (vae.Poisson, stats.poisson.logpmf),
    ],
)
def test_a_decoder_is_the_distribution_it_names(decoder, law):
    made, codes = some(decoder).decoder, jnp.linspace(-2, 2, 6)[:, None]
    mean = np.asarray(made.mean(codes), float)
    np.testing.assert_allclose(
        made.log_mass(jnp.asarray(COUNTS, float), codes), law(COUNTS, mean), atol=1e-3
    )
    np.testing.assert_allclose(
        decoder.link(jnp.asarray(mean)), vae.network(made.layers, codes), atol=1e-4
    )
    rng = np.random.default_rng(0)
    drawn = made.draw(rng, np.repeat(np.asarray(codes), 4_000, axis=0)).reshape(6, 4_000, -1)
    error = np.sqrt(np.asarray(decoder.variance(mean)) / 4_000)
    assert (abs(drawn.mean(axis=1) - mean) < 6 * error + 1e-3).all()
    assert decoder is vae.Poisson or drawn.max() <= 16


def test_the_divergence_is_an_integral():
    for mean, std in ((0.0, 1.0), (1.3, 0.2), (-0.4, 2.0)):
        q = stats.norm(mean, std)
        wanted, _ = integrate.quad(
            lambda z, q=q: q.pdf(z) * (q.logpdf(z) - stats.norm.logpdf(z)), -20, 20, limit=200
        )
        assert vae.divergence(Normal(mean, std)) == pytest.approx(wanted, abs=1e-5)


def exact_log_mass(decoder, counts, shown):
    """ln p of the shown pixels, by a fine grid over a code of one number: [images]."""
    z = np.linspace(-9, 9, 4_001)
    by_pixel = np.asarray(
        decoder.log_mass(jnp.asarray(counts, float)[:, None], jnp.asarray(z)[None, :, None]), float
    )
    log_joint = (by_pixel * shown).sum(axis=2) + stats.norm.logpdf(z)
    return special.logsumexp(log_joint, axis=1) + np.log(z[1] - z[0])


@pytest.mark.parametrize("decoder", [vae.Binomial, vae.Poisson])
def test_a_score_is_the_integral_over_the_code(decoder):
    made = some(decoder)
    everything, half = np.ones(20, bool), np.arange(20) % 2 == 0
    whole = exact_log_mass(made.decoder, COUNTS, everything)
    given = whole - exact_log_mass(made.decoder, COUNTS, half)
    scores = [
        vae.log_score(jax.random.key(k), wrapped(made), COUNTS, 2_000, half) for k in range(8)
    ]
    error = np.std(scores, axis=0, ddof=1) / np.sqrt(8)
    assert (abs(np.mean(scores, axis=0) - given) < 6 * error + 1e-3).all()
    # q is the prior: wide enough
    silent = made._replace(encoder=jax.tree.map(jnp.zeros_like, made.encoder))
    found = vae.log_score(KEY, wrapped(silent), COUNTS, 50_000)
    np.testing.assert_allclose(found, whole, atol=0.3)
    nothing = vae.log_score(KEY, wrapped(made), COUNTS, 10, everything)
    np.testing.assert_allclose(nothing, 0, atol=1e-4)


def test_a_completion_is_a_mass_function_of_the_hidden_pixel():
    made, half = some(latent_size=2), np.arange(20) % 2 == 0
    values = np.tile(COUNTS[0], (17, 1))
    values[:, 1] = np.arange(17)
    others = half.copy()
    others[3::2] = True  # pixel 1 alone is hidden
    sums = [
        np.exp(vae.log_score(key, wrapped(made), values, 500, others)).sum()
        for key in jax.random.split(KEY, 8)
    ]
    assert np.mean(sums) == pytest.approx(1, abs=5 * np.std(sums, ddof=1) / np.sqrt(8) + 1e-3)


def test_a_completion_with_many_peaks_agrees_with_a_grid():
    """Ten digits, codes of two numbers, half of the image: several places explain it, far apart."""
    split, board = data.reference_split(), data.checkerboard()
    fitted, images = vae.fit(KEY, split.train, 2, num_steps=2_000), split.test[:64]
    line, decoder = np.linspace(-7, 7, 351), fitted.surrogate.decoder
    grid = jnp.asarray(np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2), jnp.float32)
    log_odds = np.asarray(vae.network(decoder.layers, grid), float)
    log_prior, rest = stats.norm.logpdf(grid).sum(axis=1), 16 * np.logaddexp(0, log_odds)
    choices = np.log(special.binom(16, images))

    def log_mass(pixels):  # nats but for the cell's size, [images]
        log_joint = images[:, pixels] @ log_odds[:, pixels].T + log_prior - rest[:, pixels].sum(1)
        return special.logsumexp(log_joint, axis=1) + choices[:, pixels].sum(axis=1)

    wanted = log_mass(np.ones(64, bool)) - log_mass(board)
    scores = [vae.log_score(jax.random.key(k), fitted, images, 500, board) for k in range(4)]
    off = abs(np.array(scores) - wanted)  # [keys, images]
    assert off.max() > 2 > off[:, np.ptp(scores, axis=0) < 1].max()  # who is far off shows it
    errors = np.mean(scores, axis=1) - wanted.mean()  # one for each run, over the same images
    assert abs(errors.mean()) < 5 * errors.std(ddof=1) / 2 + 0.02
    assert abs(errors).max() < 0.1


def test_scores_do_not_depend_on_the_chunk():
    many = np.tile(COUNTS, (25, 1))
    assert vae.log_score(KEY, wrapped(some()), many, 5).shape == (150,)
    assert vae.log_score(KEY, wrapped(some()), COUNTS[:0], 5).shape == (0,)


def test_the_closed_form_is_the_general_estimator_on_average():
    made, model = some(latent_size=3), vae.Images(jnp.asarray(COUNTS, float), 2.5)
    pairs = [
        [
            f(made, model._replace(weight=1.0), key, 20)
            for f in (inference.reparameterised, vae.elbo)
        ]
        for key in jax.random.split(KEY, 60)
    ]
    gap = np.diff(np.array(pairs, float))[:, 0]
    assert abs(gap.mean()) < 5 * gap.std() / np.sqrt(60) + 1e-3
    assert vae.elbo(made, model, KEY, 1) == pytest.approx(
        2.5 * vae.elbo(made, model._replace(weight=1.0), KEY, 1)
    )


def test_minibatches_stand_for_all_images():
    model = vae.Images(jnp.asarray(COUNTS, float))
    sums = []
    for key in jax.random.split(KEY, 400):
        batch = vae.minibatches(4)(model, key, 0)
        assert batch.counts.shape == (4, 20)
        sums.append(float(batch.weight * batch.counts.sum()))
    assert abs(np.mean(sums) - COUNTS.sum()) < 5 * np.std(sums) / 20


def test_a_fit_learns_and_can_be_repeated():
    fitted = vae.fit(KEY, COUNTS, 2, num_steps=200)
    assert fitted.elbos.shape == (200,)
    first, last = np.asarray(fitted.elbos[:20]), np.asarray(fitted.elbos[-20:])
    assert last.mean() - first.mean() > 5 * np.hypot(first.std(), last.std()) / np.sqrt(20)
    np.testing.assert_array_equal(vae.fit(KEY, COUNTS, 2, num_steps=200).elbos, fitted.elbos)
    assert vae.recipe(7) is vae.recipe(7)


@pytest.mark.parametrize("counts", [COUNTS * 0, COUNTS * 0 + 16, COUNTS[:1]])
@pytest.mark.parametrize("decoder", [vae.Binomial, vae.Poisson])
def test_paper_ink_and_a_single_image(counts, decoder):
    fitted = vae.fit(KEY, counts, 1, decoder, num_steps=3)
    assert np.isfinite(vae.log_score(KEY, fitted, COUNTS)).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: vae.initial(KEY, COUNTS[:0], 2),
            "pixels\\] of whole numbers from 0 to 16, with one image or more; got none",
        ),
        (lambda: vae.initial(KEY, COUNTS + 17, 2), "whole numbers from 0 to 16"),
        (lambda: vae.initial(KEY, COUNTS[0], 2), "counts must be a table"),
        (lambda: vae.initial(KEY, COUNTS, 0), "latent_size must be a whole number above 0; got 0"),
        (
            lambda: vae.fit(KEY, COUNTS, True),
            "latent_size must be a whole number above 0; got True",
        ),
        (
            lambda: vae.fit(KEY, COUNTS, 2, num_steps=0),
            "num_steps must be a whole number above 0; got 0",
        ),
        (
            lambda: vae.log_score(KEY, wrapped(some()), COUNTS[:, 1:]),
            r"images must be a table \[images, 20\] of .*; got shape \(6, 19\)",
        ),
        (
            lambda: vae.log_score(KEY, wrapped(some()), COUNTS, 0),
            "num_draws must be a whole number above 0",
        ),
        (
            lambda: vae.log_score(KEY, wrapped(some()), COUNTS, 5, np.arange(20)),
            "observed must be 20 values",
        ),
    ],
)
def test_bad_input_gets_one_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()
