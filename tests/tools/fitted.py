"""Cells that show the widgets of notebooks 10 to 13, on fits of few steps: a move costs no less
after more of them."""

FITTED = {
    "10 mixing desk": """\
import jax
from helpers import data
from helpers.models import factorisation
from helpers.widgets import mix
key, counts = jax.random.key(0), data.load_digit(0)
fitted = factorisation.coordinate_ascent(key, counts, factorisation.PRIOR, 8, 60)
mix.panel(fitted)
""",
    "10 completion": """\
import jax
from helpers import data
from helpers.models import factorisation
from helpers.widgets import mix
key, counts = jax.random.key(0), data.load_digit(0)
fitted = factorisation.coordinate_ascent(key, counts, factorisation.PRIOR, 8, 60)
mix.completion(fitted, 0)
""",
    "11 latent plane": """\
import jax
from helpers import data
from helpers.models import autoencoder
from helpers.widgets import latent
split = data.reference_split()
fitted = autoencoder.fit(jax.random.key(0), split.train, 2, num_steps=200)
latent.panel(fitted, split.test, split.test_labels, 0)
""",
    "12 painted digit": """\
import jax
import optax
from helpers import data, inference
from helpers.models import classifier
from helpers.widgets import classify
split = data.reference_split()
start = classifier.initial(jax.random.key(0))
recipe = inference.Recipe(optax.adam(0.05), 200, 1, classifier.local_reparameterised)
def learn(scale):
    model = classifier.condition(split.train[:100], split.train_labels[:100], scale)
    return inference.fit(jax.random.key(1), model, start, recipe).surrogate
classify.panel(learn, 3, 2.0)
""",
    "13 batch dial": """\
from helpers import data
from helpers.distributions import Gamma
from helpers.widgets import batches
batches.panel(data.load_digit(0)[:, 26], Gamma(8.0, 2.0))
""",
}
