"""The variational autoencoder: a short code behind each image, a network that decodes it, one that
guesses the code.

    z_i ~ Normal(0, 1)^latent_size,  x_ij ~ Binomial(16, chance decoder(z_i)_j)  or  Poisson(rate
    decoder(z_i)_j)

The surrogate q(z_i | x_i) is a Normal whose mean and deviation a second network, the encoder, reads
off the image. The weights of both networks are points: no distribution is put on them.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from scipy import special

from helpers import checks, inference
from helpers.data import MAX_COUNT
from helpers.distributions import Normal, poisson_log_mass

NUM_HIDDEN = 128  # units of the hidden layer of either network
LEARNING_RATE, BATCH = 0.008, 64
# a table: float32's gammaln is slow
_LOG_CHOICES = np.log(special.binom(MAX_COUNT, np.arange(MAX_COUNT + 1)))
# where a completion seeks codes: prior draws to choose starts from, starts, steps from each; then
# degrees of freedom of the t's, and the share of draws that come from the prior
_STARTS, _PEAKS, _CLIMB, _TAILS, _FROM_PRIOR = 200, 6, 12, 5.0, 0.1
# images scored at a time: bounds the memory, and one compilation serves any number of images
_CHUNK = 64


def network(layers, inputs):
    """A network with tanh between its layers: inputs [..., in] through a list of (weights, biases),
    to [..., out]."""
    *hidden, (weights, biases) = layers
    for w, b in hidden:
        inputs = jnp.tanh(inputs @ w + b)
    return inputs @ weights + biases


class Binomial(NamedTuple):
    """A decoder p(x | z): each pixel counts up to 16, with a chance that the network sets through
    its log odds."""

    layers: list  # of (weights, biases), from latent_size to pixels

    def mean(self, codes):
        """Expected counts [..., pixels] of codes [..., latent_size]."""
        return MAX_COUNT * jax.nn.sigmoid(network(self.layers, codes))

    def log_mass(self, counts, codes):
        """ln p(counts | codes), pixel by pixel [..., pixels], nats."""
        logits = network(self.layers, codes)
        choices = jnp.asarray(_LOG_CHOICES, logits.dtype)[jnp.asarray(counts, int)]
        return counts * logits - MAX_COUNT * jax.nn.softplus(logits) + choices

    def draw(self, rng, codes):
        """Images [..., pixels], drawn by a NumPy generator."""
        return rng.binomial(
            MAX_COUNT, np.clip(np.asarray(self.mean(codes), float) / MAX_COUNT, 0, 1)
        )

    @staticmethod
    def link(mean):
        """What the network has to say for this mean: the log odds of the chance."""
        return jnp.log(mean) - jnp.log(MAX_COUNT - mean)

    @staticmethod
    def variance(mean):
        """Variance of a count with this mean."""
        return mean * (1 - mean / MAX_COUNT)


class Poisson(Binomial):
    """A decoder p(x | z) with Poisson pixels: the network sets the log rates, and nothing ends at
    16."""

    def mean(self, codes):
        """Expected counts [..., pixels] of codes [..., latent_size]."""
        return jnp.exp(network(self.layers, codes))

    def log_mass(self, counts, codes):
        """ln p(counts | codes), pixel by pixel [..., pixels], nats."""
        return poisson_log_mass(counts, network(self.layers, codes))

    def draw(self, rng, codes):
        """Images [..., pixels], drawn by a NumPy generator."""
        return rng.poisson(np.minimum(np.asarray(self.mean(codes), float), 1e9))

    link = staticmethod(jnp.log)
    variance = staticmethod(lambda mean: mean)


class Draw(NamedTuple):
    """What an autoencoder draws: a code for each image; the decoder comes along."""

    codes: jax.Array  # [images, latent_size]
    decoder: Binomial


class Images(NamedTuple):
    """The model: images, each with a hidden code."""

    counts: jax.Array  # [images, pixels]
    weight: jax.Array = 1.0  # [], how many images each of these stands for: m / size in a minibatch

    def log_joint(self, draw):
        """ln p(x, z | decoder), all images together, in nats."""
        log_prior = jax.scipy.stats.norm.logpdf(draw.codes).sum()
        return self.weight * (log_prior + draw.decoder.log_mass(self.counts, draw.codes).sum())


class Autoencoder(NamedTuple):
    """An amortised surrogate: whatever images it is given, the encoder answers with q(z | x)."""

    encoder: list  # of (weights, biases), from pixels to 2 latent_size
    decoder: Binomial
    counts: jax.Array  # [images, pixels], those whose codes `sample` draws

    def encode(self, counts):
        """q(z | x), a Normal with entries [..., latent_size], of counts [..., pixels]."""
        mean, log_std = jnp.split(network(self.encoder, counts / MAX_COUNT), 2, axis=-1)
        return Normal(mean, jnp.exp(log_std))

    def sample(self, key, num_samples):
        """A Draw with leaves [num_samples, ...]."""
        codes = self.encode(self.counts).sample(key, num_samples)
        return Draw(
            codes,
            jax.tree.map(lambda w: jnp.broadcast_to(w, (num_samples, *w.shape)), self.decoder),
        )

    def log_density(self, draw):
        """ln q(z | x), all images together: a scalar, nats."""
        return self.encode(self.counts).log_density(draw.codes)

    def to_phi(self):
        """The weights of both networks."""
        return {"encoder": self.encoder, "decoder": self.decoder}

    def from_phi(self, phi):
        """The autoencoder with those weights."""
        return self._replace(**phi)


def initial(key, counts, latent_size, decoder=Binomial, num_hidden=NUM_HIDDEN):
    """An autoencoder to begin with: random weights, and a decoder that says about the average image
    to every code.

    Args: key: JAX random key; counts [images, pixels], whole numbers from 0 to 16, one image or
    more, and latent_size: how many numbers a code has, 1 or more, else a ValueError; decoder:
    Binomial or Poisson; num_hidden: units of the hidden layer of either network.
    """
    checks.key(key)
    counts = checks.counts(counts, least=1, most=MAX_COUNT)
    latent_size = checks.size("latent_size", latent_size)
    num_hidden = checks.size("num_hidden", num_hidden)
    width = counts.shape[1]
    sizes = [
        (width, num_hidden),
        (num_hidden, 2 * latent_size),
        (latent_size, num_hidden),
        (num_hidden, width),
    ]
    layers = [
        (jax.random.normal(k, size) / np.sqrt(size[0]), jnp.zeros(size[1]))
        for k, size in zip(jax.random.split(key, 4), sizes, strict=True)
    ]
    # with half a count more, so that it has a log
    average = (counts.sum(axis=0) + 0.5) / (len(counts) + 1)
    layers[3] = (layers[3][0], decoder.link(jnp.asarray(np.minimum(average, MAX_COUNT - 0.5))))
    return Autoencoder(layers[:2], decoder(layers[2:]), jnp.asarray(counts, float))


def divergence(q):
    """KL(q || Normal(0, 1)), entry by entry, nats.

    Source: Kingma and Welling (2014), appendix B.
    """
    return (q.mean**2 + q.std**2 - 1) / 2 - jnp.log(q.std)


def elbo(autoencoder, model, key, num_samples):
    """The ELBO of the model's images with its KL in closed form: an estimator for
    `inference.Recipe`.

    q(z | x) is asked for the images of the model; `num_samples` codes are drawn for each. A scalar,
    nats, all images together.
    """
    q = autoencoder.encode(model.counts)
    # [samples, images, pixels]
    log_mass = autoencoder.decoder.log_mass(model.counts, q.sample(key, num_samples))
    return model.weight * (log_mass.sum() / num_samples - divergence(q).sum())


def minibatches(size):
    """A target for `inference.Recipe`: so many images a step, one or more, drawn with replacement,
    each standing for m / size."""
    size = checks.size("size", size)

    def target(model, key, step):
        rows = jax.random.randint(key, (size,), 0, len(model.counts))
        return Images(model.counts[rows], model.weight * len(model.counts) / size)

    return target


@functools.cache  # a recipe is compared by identity
def recipe(num_steps, learning_rate=LEARNING_RATE, size=BATCH):
    """Adam at a rate that decays to 0 along a cosine, one code an image, minibatches. All three are
    above 0, else a ValueError."""
    num_steps = checks.size("num_steps", num_steps)
    learning_rate = checks.positive("learning_rate", learning_rate)
    optimiser = optax.adam(optax.cosine_decay_schedule(learning_rate, num_steps))
    return inference.Recipe(optimiser, num_steps, 1, elbo, minibatches(size))


def fit(key, counts, latent_size=16, decoder=Binomial, num_steps=3_000):
    """Train encoder and decoder together, from what `initial` makes of the arguments, by so many
    steps of `recipe`.

    Returns: inference.Fit, surrogate an Autoencoder, elbos [num_steps] in nats, all images
    together, from minibatches.
    """
    start = initial(jax.random.fold_in(checks.key(key), 0), counts, latent_size, decoder)
    return inference.fit(jax.random.fold_in(key, 1), Images(start.counts), start, recipe(num_steps))


def log_score(key, fitted, images, num_draws=500, observed=None):
    """ln of the predictive density of each image, by importance sampling: see
    `poisson_gamma.log_score`.

    A score of whole images draws codes from the encoder's q: it is the importance-weighted bound,
    in expectation below ln p(x). The encoder can answer for whole images alone; a completion, ln
    p(all pixels) - ln p(observed pixels), takes both from the same draws, around several peaks of
    p(z | observed pixels) and of p(z | all). It is no bound: its error has either sign, and that of
    a single image may be nats, where the mean over images is right to a tenth: score again with
    another key, and distrust the images where the two differ by a nat or more (where they agree,
    a peak that both missed may still cost a nat).

    Args: key: JAX random key; fitted: inference.Fit, as `fit` returns it; images [images, pixels],
    whole numbers from 0 to 16; num_draws: codes drawn for each image; observed: bool [pixels], the
    pixels that are shown; None: a score of all. A ValueError for any others.

    Returns: float64 array [images], nats.

    Source: Burda, Grosse and Salakhutdinov (2016), equation 8.
    """
    if not isinstance(getattr(fitted, "surrogate", None), Autoencoder):
        raise ValueError(f"fitted must be what fit returns; got {type(fitted).__name__}.")
    checks.key(key)
    autoencoder, width = fitted.surrogate, fitted.surrogate.counts.shape[1]
    images = checks.counts(images, name="images", width=width, most=MAX_COUNT)
    num_draws = checks.size("num_draws", num_draws)
    shown = None if observed is None else jnp.asarray(checks.observed(observed, width))
    networks, keys = autoencoder._replace(counts=None), jax.random.split(key, len(images))
    rows = np.arange(-(-len(images) // _CHUNK) * _CHUNK).reshape(-1, _CHUNK) % max(len(images), 1)
    scores = [
        _scores(keys[some], networks, jnp.asarray(images[some], float), num_draws, shown)
        for some in rows
    ]
    return np.concatenate([np.zeros(0), *scores])[: len(images)]


@functools.partial(jax.jit, static_argnames="num_draws")
def _scores(keys, autoencoder, images, num_draws, shown):
    def score(key, counts):
        if shown is None:
            codes, log_q = _drawn(autoencoder.encode(counts), key, num_draws)
        else:
            codes, log_q = _around_peaks(key, autoencoder, counts, shown, num_draws)
        by_pixel = autoencoder.decoder.log_mass(counts, codes)  # [draws, pixels]
        log_ratios = jax.scipy.stats.norm.logpdf(codes).sum(axis=-1) - log_q
        whole = jax.nn.logsumexp(log_ratios + by_pixel.sum(axis=-1))
        if shown is None:
            return whole - jnp.log(num_draws)
        return whole - jax.nn.logsumexp(log_ratios + (by_pixel * shown).sum(axis=-1))

    return jax.vmap(score)(keys, images)


def _drawn(q, key, num_draws):
    codes = q.sample(key, num_draws)
    return codes, jax.vmap(q.log_density)(codes)


def _around_peaks(key, autoencoder, counts, shown, num_draws):
    """Codes [draws, latent_size] for both p(shown pixels) and p(all pixels), and their log density.

    A tenth comes from the prior, the others from t distributions around peaks: half around the
    likeliest codes given the shown pixels, half around the likeliest given all.
    """
    decoder = autoencoder.decoder
    size = decoder.layers[0][0].shape[0]
    key_starts, key_which, key_codes, key_tails = jax.random.split(key, 4)
    starts = jax.random.normal(key_starts, (_STARTS, size))  # from the prior
    starts = jnp.concatenate([autoencoder.encode(counts).mean[None], starts])
    masks = jnp.stack([shown, jnp.ones_like(shown)])
    found = jax.vmap(lambda mask: _peaks(decoder, counts, mask, starts))(masks)
    peaks, roots, shares = (jnp.concatenate(values) for values in found)
    log_shares = jnp.log(jnp.append((1 - _FROM_PRIOR) / 2 * shares, _FROM_PRIOR))  # the prior last
    which = jax.random.categorical(key_which, log_shares, shape=(num_draws,))
    noise = jax.random.normal(key_codes, (num_draws, size))
    # A normal over the root of a chi-square's mean is a t. With precision = root root', codes =
    # peak + root'^-1 noise.
    wide = jax.random.gamma(key_tails, _TAILS / 2, (num_draws, 1)) / (_TAILS / 2)
    tails = (noise / jnp.sqrt(wide)).T
    ahead = jax.vmap(lambda root: jax.scipy.linalg.solve_triangular(root.T, tails).T)(roots)
    nearest = jnp.minimum(which, len(peaks) - 1)
    around = peaks[nearest] + ahead[nearest, jnp.arange(num_draws)]
    codes = jnp.where((which == len(peaks))[:, None], noise, around)

    def log_t(peak, root):
        squares = (((codes - peak) @ root) ** 2).sum(axis=-1)
        return jnp.log(jnp.diag(root)).sum() - (_TAILS + size) / 2 * jnp.log1p(squares / _TAILS)

    constant = special.gammaln((_TAILS + size) / 2) - special.gammaln(_TAILS / 2)
    constant -= size / 2 * np.log(_TAILS * np.pi)
    log_prior = jax.scipy.stats.norm.logpdf(codes).sum(axis=-1)
    log_q = jnp.vstack([jax.vmap(log_t)(peaks, roots) + constant, log_prior])
    return codes, jax.nn.logsumexp(log_q + log_shares[:, None], axis=0)


def _peaks(decoder, counts, shown, starts):
    """Peaks [n, latent_size] of p(z | shown pixels), climbed to from the first start and the
    likeliest others; roots of the precision there [n, latent_size, latent_size]; a share for each
    [n], in part by Laplace's mass of the peak."""
    size = starts.shape[1]

    def log_joint(code):
        """ln p(z, shown pixels), but for a constant."""
        return (decoder.log_mass(counts, code) * shown).sum() - (code**2).sum() / 2

    def precision(code):
        """Fisher's curvature of -log_joint: what the shown pixels tell of z, and the prior's 1."""
        slopes = jax.jacfwd(lambda z: network(decoder.layers, z))(code)  # [pixels, latent_size]
        weights = decoder.variance(decoder.mean(code)) * shown
        return slopes.T @ (slopes * weights[:, None]) + jnp.eye(size)

    _, likeliest = jax.lax.top_k(jax.vmap(log_joint)(starts[1:]), _PEAKS - 1)
    starts = jnp.concatenate([starts[:1], starts[1 + likeliest]])
    peaks = jax.vmap(lambda start: _climb(log_joint, precision, start))(starts)
    roots = jnp.linalg.cholesky(jax.vmap(precision)(peaks))
    log_masses = jax.vmap(log_joint)(peaks)
    log_masses -= jnp.log(jnp.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
    return peaks, roots, (jax.nn.softmax(log_masses) + 1 / _PEAKS) / 2


def _climb(log_joint, precision, start):
    """The peak above a start, by _CLIMB Newton steps.

    A step is taken only if it climbs. If it does, the next is longer (less damping), if not, the
    same is tried shorter. Source: Levenberg (1944).
    """

    def step(state, _):
        code, damping = state
        damped = precision(code) + damping * jnp.eye(len(code))
        ahead = code + jnp.linalg.solve(damped, jax.grad(log_joint)(code))
        climbs = log_joint(ahead) > log_joint(code)
        return (jnp.where(climbs, ahead, code), damping * jnp.where(climbs, 1 / 4, 4.0)), None

    (peak, _), _ = jax.lax.scan(step, (start, 1.0), length=_CLIMB)
    return peak
