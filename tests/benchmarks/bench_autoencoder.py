"""The binomial autoencoder against the same networks in PyTorch and NumPyro: the score reached in
equal seconds.

`python tests/benchmarks/bench_autoencoder.py [--quick] [--processor]` prints one table. All learn
from the 1,347 images of the reference split, with Adam, the same decaying rate, minibatches of 64
and one code an image; compilation is not counted. A peer first measures its step, and then takes as
many steps as fit into the course's seconds. One referee scores all: the importance-weighted bound
of `autoencoder.log_score`, 500 draws, on the 450 images held out. A peer that is not installed is a
line that says so. On a shared machine compare the rows of one run alone, or count by --processor:
then a second is one of the processor's, of all threads together, and not the clock's.
"""

import argparse
import importlib.util
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

from helpers import data, inference
from helpers.models import autoencoder

SEED, LATENT_SIZE, STEPS, QUICK_STEPS, TRIAL = 0, 16, 3_000, 300, 50
HIDDEN, BATCH, RATE = autoencoder.NUM_HIDDEN, autoencoder.BATCH, autoencoder.LEARNING_RATE
CLOCK = time.process_time if "--processor" in sys.argv else time.perf_counter


def cosine(step, steps):
    """The learning rate's factor."""
    return 0.5 * (1 + np.cos(np.pi * step / steps))


def run_course(train, steps):
    """(seconds, autoencoder) of the course's fit; the first call compiles and does not count."""
    jax.block_until_ready(
        autoencoder.fit(jax.random.key(SEED), train, LATENT_SIZE, num_steps=steps)
    )
    begun = CLOCK()
    fitted = jax.block_until_ready(
        autoencoder.fit(jax.random.key(SEED + 1), train, LATENT_SIZE, num_steps=steps)
    )
    return CLOCK() - begun, fitted.surrogate


def steps_for(seconds, train_for):
    """How many steps fit into so many seconds, from a trial; at least one."""
    train_for(TRIAL)  # whatever is slow at first
    begun = CLOCK()
    train_for(TRIAL)
    return max(1, round(seconds * TRIAL / (CLOCK() - begun)))


def run_torch(train, seconds):
    """(seconds, steps, autoencoder) of the same networks in PyTorch, from the same initial
    weights."""
    import torch

    # faster with layers so small, and threads that wait spend the processor's seconds
    torch.set_num_threads(1)
    images = torch.tensor(train, dtype=torch.float32)
    choices = (
        torch.lgamma(torch.tensor(17.0)) - torch.lgamma(images + 1) - torch.lgamma(17 - images)
    )

    def train_for(steps):
        torch.manual_seed(SEED)
        start = autoencoder.initial(jax.random.key(SEED), train, LATENT_SIZE)
        weights = [
            torch.tensor(np.array(w), requires_grad=True)
            for w in jax.tree.leaves(start.to_phi()["encoder"])
        ]
        weights += [
            torch.tensor(np.array(w), requires_grad=True) for w in jax.tree.leaves(start.decoder)
        ]
        optimiser = torch.optim.Adam(weights, RATE)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: cosine(step, steps))
        w0, b0, w1, b1, w2, b2, w3, b3 = weights
        begun = CLOCK()
        for _ in range(steps):
            rows = torch.randint(len(images), (BATCH,))
            x = images[rows]
            mean, log_std = (torch.tanh(x / 16 @ w0 + b0) @ w1 + b1).chunk(2, dim=1)
            z = mean + torch.exp(log_std) * torch.randn_like(mean)
            logits = torch.tanh(z @ w2 + b2) @ w3 + b3
            log_mass = x * logits - 16 * torch.nn.functional.softplus(logits) + choices[rows]
            price = (mean**2 + torch.exp(2 * log_std) - 1) / 2 - log_std
            loss = len(images) / BATCH * (price.sum() - log_mass.sum())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        spent = CLOCK() - begun
        arrays = [jnp.asarray(w.detach().numpy()) for w in weights]
        decoder = autoencoder.Binomial([(arrays[4], arrays[5]), (arrays[6], arrays[7])])
        return spent, start._replace(
            encoder=[(arrays[0], arrays[1]), (arrays[2], arrays[3])], decoder=decoder
        )

    steps = steps_for(seconds, train_for)
    spent, trained = train_for(steps)
    return spent, steps, trained


def run_numpyro(train, seconds):
    """(seconds, steps, autoencoder) of the same networks in NumPyro's SVI, whole loop compiled."""
    import numpyro
    import numpyro.distributions as dist
    import optax

    images, start = (
        jnp.asarray(train, float),
        autoencoder.initial(jax.random.key(SEED), train, LATENT_SIZE),
    )

    def model(rows):
        decoder = autoencoder.Binomial(numpyro.param("decoder", list(start.decoder.layers)))
        with numpyro.plate("images", len(images), subsample_size=BATCH):
            z = numpyro.sample("z", dist.Normal(jnp.zeros(LATENT_SIZE), 1).to_event(1))
            logits = autoencoder.network(decoder.layers, z)
            numpyro.sample("x", dist.Binomial(16, logits=logits).to_event(1), obs=images[rows])

    def guide(rows):
        encoder = numpyro.param("encoder", start.encoder)
        q = start._replace(encoder=encoder).encode(images[rows])
        with numpyro.plate("images", len(images), subsample_size=BATCH):
            numpyro.sample("z", dist.Normal(q.mean, q.std).to_event(1))

    def train_for(steps, compiled={}):  # noqa: B006
        if steps not in compiled:
            optimiser = numpyro.optim.optax_to_numpyro(
                optax.adam(optax.cosine_decay_schedule(RATE, steps))
            )
            svi = numpyro.infer.SVI(model, guide, optimiser, numpyro.infer.TraceMeanField_ELBO())

            @jax.jit
            def loop(key):
                state = svi.init(key, jnp.arange(BATCH))

                def step(state, key):
                    return svi.update(state, jax.random.randint(key, (BATCH,), 0, len(images)))

                return svi.get_params(jax.lax.scan(step, state, jax.random.split(key, steps))[0])

            jax.block_until_ready(loop(jax.random.key(SEED)))
            compiled[steps] = loop
        begun = CLOCK()
        found = jax.block_until_ready(compiled[steps](jax.random.key(SEED + 1)))
        spent = CLOCK() - begun
        return spent, start._replace(
            encoder=found["encoder"], decoder=autoencoder.Binomial(found["decoder"])
        )

    steps = steps_for(seconds, train_for)
    spent, trained = train_for(steps)
    return spent, steps, trained


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK_STEPS} steps in place of {STEPS}"
    )
    parser.add_argument(
        "--processor", action="store_true", help="count the processor's seconds, not the clock's"
    )
    steps = QUICK_STEPS if parser.parse_args().quick else STEPS
    split = data.reference_split()

    def score(trained):
        fitted = inference.Fit(trained, jnp.zeros(1))
        return autoencoder.log_score(jax.random.key(9), fitted, split.test)

    seconds, trained = run_course(split.train, steps)
    course = score(trained)
    print(f"{'':14}{'steps':>8}{'seconds':>9}{'score (nats)':>14}{'behind the course':>20}")
    print(f"{'this course':14}{steps:8}{seconds:9.1f}{course.mean():14.1f}{'-':>20}", flush=True)
    for name, module, run in (("PyTorch", "torch", run_torch), ("NumPyro", "numpyro", run_numpyro)):
        if not importlib.util.find_spec(module):
            print(f"{name:14}not installed")
            continue
        try:
            spent, taken, trained = run(split.train, seconds)
        except Exception as error:  # a peer's failure is a line too
            print(f"{name:14}failed: {type(error).__name__}: {error}"[:110])
            continue
        behind = course - score(trained)
        error = behind.std(ddof=1) / np.sqrt(len(behind))
        words = f"{behind.mean():.1f} +- {error:.1f}"
        print(
            f"{name:14}{taken:8}{spent:9.1f}{course.mean() - behind.mean():14.1f}{words:>20}",
            flush=True,
        )


if __name__ == "__main__":
    main()
