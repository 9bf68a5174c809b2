"""A classifier of the ten digits with uncertain weights: softmax regression, or one hidden layer
before it.

    label_i ~ Categorical(softmax(logits(x_i))),  every weight and every bias ~ Normal(0,
    prior_scale).

A draw is a dictionary: `weights` and `biases` of the last layer and, with a hidden layer,
`hidden_weights` and `hidden_biases`. The logits are tanh(x hidden_weights + hidden_biases) weights
+ biases, or x weights + biases.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from helpers import checks, data
from helpers.distributions import Normal, Product, flat_normal

NUM_CLASSES = 10


class Classifier(NamedTuple):
    """The model once labelled images have been seen. A pytree."""

    features: jax.Array  # [images, d], ink as a share, 0 to 1
    labels: jax.Array  # int [images], 0 to 9
    prior_scale: jax.Array  # [], standard deviation of the prior of every weight and bias

    def log_joint(self, draw):
        """ln p(labels, weights | features) for one draw: nats."""
        log_prior = sum(
            jax.scipy.stats.norm.logpdf(part, 0, self.prior_scale).sum() for part in draw.values()
        )
        return log_prior + log_likelihood(logits(draw, self.features), self.labels)


def as_features(counts):
    """Images as a classifier sees them: counts [images, 64], 0 to 16 (else a ValueError), as shares
    of ink, 0 to 1."""
    counts = checks.counts(counts, width=data.NUM_PIXELS, most=data.MAX_COUNT, whole=False)
    return jnp.asarray(counts / data.MAX_COUNT, float)


def condition(counts, labels, prior_scale):
    """The model given labelled images; anything but these is a ValueError.

    Args: counts [images, 64], ink, 0 to 16; labels [images], whole numbers 0 to 9; prior_scale:
    standard deviation of the prior of every weight and bias, above 0.
    """
    features = as_features(counts)
    wanted = f"one whole number from 0 to 9 for each of the {len(features)} images"
    labels = checks.array("labels", labels)
    is_good = labels.shape == (len(features),) and labels.dtype.kind in "iu"
    if not is_good or not np.isin(labels, np.arange(NUM_CLASSES)).all():
        raise ValueError(f"labels must be {wanted}.")
    prior_scale = checks.positive("prior_scale", prior_scale)
    return Classifier(features, jnp.asarray(labels), jnp.asarray(prior_scale, float))


def logits(draw, features):
    """Unnormalised log probabilities [images, 10] of features [images, d], for one draw: see the
    module."""
    if "hidden_weights" in draw:
        features = jnp.tanh(features @ draw["hidden_weights"] + draw["hidden_biases"])
    return features @ draw["weights"] + draw["biases"]


def log_likelihood(logits, labels):
    """ln p(labels | logits), all images together: a scalar, nats; logits [images, 10], labels
    [images]."""
    return jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1).sum()


def initial(key, num_hidden=None, std=0.1):
    """Where a fit starts: means near 0, all standard deviations equal.

    Args: key: JAX random key, a hidden layer's means start apart, or all its units would stay the
    same; num_hidden: units of the hidden layer, None for softmax regression; std: standard
    deviation of every weight and bias, above 0. Anything else is a ValueError.
    """
    checks.key(key)
    std = checks.positive("std", std)
    if num_hidden is not None:
        num_hidden = checks.size("num_hidden", num_hidden)
    inputs = num_hidden or data.NUM_PIXELS
    shapes = {"weights": (inputs, NUM_CLASSES), "biases": (NUM_CLASSES,)}
    means = {name: jnp.zeros(shape) for name, shape in shapes.items()}
    if num_hidden:
        apart = jax.random.normal(key, (data.NUM_PIXELS, num_hidden)) / math.sqrt(data.NUM_PIXELS)
        means |= {"hidden_weights": apart, "hidden_biases": jnp.zeros(num_hidden)}
    return Product({name: Normal(mean, jnp.full(mean.shape, std)) for name, mean in means.items()})


def kl_to_prior(surrogate, prior_scale):
    """KL(q || prior) in closed form, all weights and biases together: a scalar, nats."""
    return sum(
        (jnp.log(prior_scale / q.std) + (q.std**2 + q.mean**2) / (2 * prior_scale**2) - 0.5).sum()
        for q in surrogate.blocks.values()
    )


def local_reparameterised(surrogate, model, key, num_samples):
    """Monte Carlo ELBO of softmax regression that draws logits, for each image its own, in place of
    weights.

    Under q the logits of one image are independent normals. The KL term is in closed form. For
    `inference.Recipe`: a scalar, nats, from a Product of Normals `weights` and `biases`, a
    Classifier, a JAX random key and the number of draws of every image's logits. A hidden layer
    raises ValueError.

    Source: Kingma, Salimans and Welling (2015), section 2.3.
    """
    noise = flat_normal(key, (num_samples, len(model.labels), NUM_CLASSES))
    drawn = draw_logits(surrogate, model.features, noise)
    mean_log_likelihood = jax.vmap(log_likelihood, in_axes=(0, None))(drawn, model.labels).mean()
    return mean_log_likelihood - kl_to_prior(surrogate, model.prior_scale)


def draw_logits(surrogate, features, noise):
    """Logits of softmax regression under q, [draws, images, 10], from standard normal noise of that
    shape.

    They are right for each image by itself: here images share no weights. A hidden layer raises
    ValueError.
    """
    if "hidden_weights" in surrogate.blocks:
        raise ValueError(
            "logits can be drawn directly only without a hidden layer: behind it they are not "
            "normal."
        )
    weights, biases = surrogate.blocks["weights"], surrogate.blocks["biases"]
    mean = features @ weights.mean + biases.mean
    return mean + (features**2 @ weights.std**2 + biases.std**2) ** 0.5 * noise


def predict(key, surrogate, counts, num_draws=500):
    """Class probabilities of images, for draws of the weights that all images share; their mean is
    the predictive.

    From a Product of Normals and counts [images, 64], ink, 0 to 16, else a ValueError, a float
    array [num_draws, images, 10].
    """
    features = as_features(counts)
    draws = surrogate.sample(key, checks.size("num_draws", num_draws))
    return jax.nn.softmax(jax.lax.map(lambda draw: logits(draw, features), draws))
