"""The classifier: its log joint against SciPy, its KL and its local draws against the weights' own,
what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from helpers import data, inference
from helpers.distributions import Normal, Product
from helpers.models import classifier

COUNTS, LABELS = (values[:40] for values in data.load_digits())


def random_surrogate(num_hidden=None):
    rng = np.random.default_rng(1)
    start = classifier.initial(jax.random.key(0), num_hidden)
    return Product(
        {
            name: Normal(
                jnp.asarray(rng.normal(0, 0.5, q.mean.shape), float),
                jnp.asarray(rng.uniform(0.1, 1, q.mean.shape), float),
            )
            for name, q in start.blocks.items()
        }
    )


@pytest.mark.parametrize("num_hidden", [None, 7])
def test_log_joint_is_scipys(num_hidden):
    model = classifier.condition(COUNTS, LABELS, 1.7)
    draw = {
        name: np.asarray(q.mean, float) for name, q in random_surrogate(num_hidden).blocks.items()
    }
    x = COUNTS / 16
    if num_hidden:
        x = np.tanh(x @ draw["hidden_weights"] + draw["hidden_biases"])
    log_p = special.log_softmax(x @ draw["weights"] + draw["biases"], axis=1)[
        np.arange(40), LABELS
    ].sum()
    log_p += sum(stats.norm.logpdf(part, 0, 1.7).sum() for part in draw.values())
    assert float(model.log_joint(draw)) == pytest.approx(log_p, rel=1e-5)


def test_kl_is_the_mean_log_ratio():
    q = random_surrogate()
    prior = Product(
        {
            name: Normal(jnp.zeros(p.mean.shape), jnp.full(p.mean.shape, 1.3))
            for name, p in q.blocks.items()
        }
    )
    draws = q.sample(jax.random.key(2), 4000)
    ratios = np.asarray(
        jax.vmap(lambda draw: q.log_density(draw) - prior.log_density(draw))(draws), float
    )
    error = ratios.std() / np.sqrt(4000)
    assert abs(ratios.mean() - float(classifier.kl_to_prior(q, 1.3))) < 5 * error
    assert abs(float(classifier.kl_to_prior(prior, 1.3))) < 1e-4


def test_local_draws_have_the_elbo_of_shared_ones():
    q, model = random_surrogate(), classifier.condition(COUNTS, LABELS, 1.3)
    values = [
        jax.vmap(lambda key, e=estimator: e(q, model, key, 1))(
            jax.random.split(jax.random.key(3), 4000)
        )
        for estimator in (classifier.local_reparameterised, inference.reparameterised)
    ]
    values = np.asarray(values, float)
    errors = values.std(axis=1) / np.sqrt(4000)
    assert abs(values[0].mean() - values[1].mean()) < 5 * np.hypot(*errors)
    assert values[0].std() < values[1].std()


def test_logits_of_an_image_have_the_distribution_that_the_weights_give_them():
    q, x = random_surrogate(), classifier.as_features(COUNTS[:3])
    shared = jax.vmap(lambda draw: classifier.logits(draw, x))(q.sample(jax.random.key(4), 4000))
    local = classifier.draw_logits(q, x, jax.random.normal(jax.random.key(5), (4000, 3, 10)))
    spread = np.asarray(shared.std(axis=0))
    assert np.all(np.abs(shared.mean(axis=0) - local.mean(axis=0)) < 6 * spread * np.sqrt(2 / 4000))
    # The standard error of a normal's standard deviation is sigma / sqrt(2 n).
    assert np.all(np.abs(spread - np.asarray(local.std(axis=0))) < 6 * spread / np.sqrt(4000))


def test_predictions_are_probabilities_of_the_network_drawn():
    q = random_surrogate(7)
    drawn = classifier.predict(jax.random.key(6), q, COUNTS[:5], 20)
    assert drawn.shape == (20, 5, 10)
    np.testing.assert_allclose(drawn.sum(axis=2), 1, atol=1e-5)
    first = jax.tree.map(lambda part: part[0], q.sample(jax.random.key(6), 20))
    expected = jax.nn.softmax(classifier.logits(first, COUNTS[:5] / 16))
    np.testing.assert_allclose(drawn[0], expected, atol=1e-4)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"counts": COUNTS[:, :60]},
            r"^counts must be a table \[images, 64\] of numbers from 0 to 16; "
            r"got shape \(40, 60\)\.$",
        ),
        ({"counts": COUNTS - 1}, "numbers from 0 to 16; image 0, pixel 0 is -1"),
        (
            {"counts": np.full((40, 64), np.nan)},
            "numbers from 0 to 16; image 0, pixel 0 is nan",
        ),
        (
            {"labels": LABELS[:39]},
            "^labels must be one whole number from 0 to 9 for each of the 40 images",
        ),
        ({"labels": LABELS + 1}, "^labels must be one whole number from 0 to 9"),
        ({"labels": LABELS / 2}, "^labels must be one whole number from 0 to 9"),
        ({"prior_scale": 0}, "^prior_scale must be a finite number above 0; got 0"),
        ({"prior_scale": np.inf}, "^prior_scale must be a finite number above 0; got inf"),
    ],
)
def test_bad_input_gets_a_sentence(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        classifier.condition(**{"counts": COUNTS, "labels": LABELS, "prior_scale": 1.0, **change})


def test_local_draws_refuse_a_hidden_layer():
    with pytest.raises(
        ValueError, match=r"^logits can be drawn directly only without a hidden layer"
    ):
        classifier.draw_logits(
            random_surrogate(7), classifier.as_features(COUNTS), np.zeros((1, 40, 10))
        )


@pytest.mark.parametrize("character", ["", "AB", "7", "Ä", 7, None])
def test_a_letter_is_one_letter(character):
    with pytest.raises(ValueError, match=r"^character must be one letter, A to Z or a to z; got"):
        data.letter(character)


def test_letters_are_inked():
    assert all(data.letter(character).max() > 12 for character in "AKx")
    assert not np.allclose(data.letter("A"), data.letter("B"))
