"""Poisson factorisation: coordinate ascent and gradient VI against NMF, hpfrec, poismf and NumPyro.

`python tests/benchmarks/bench_factorisation.py [--quick] [--components 2 4 8] [--only hpfrec
"coordinate ascent"]` prints score and seconds on the reference split: A, the digit zero; B, all ten
digits (left out by --quick). A peer that is not installed is a line that says so. The score is that
of the hidden half of each held-out image, mean nats an image. Ours integrate the weights out; of a
peer only its factors are taken, each image's weights are fitted to what is seen by maximum
likelihood, and rates are lifted to 0.01. On a shared machine read the ratios, and the processor's
seconds (of all threads) rather than the clock's.
"""

import argparse
import time
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import optax
from scipy import sparse, special
from sklearn.decomposition import non_negative_factorization

from helpers import data, inference
from helpers.models import categorical, factorisation, poisson_gamma

KEY = jax.random.key(42)
BOARD = data.checkerboard()
NMF = {"solver": "mu", "beta_loss": "kullback-leibler", "tol": 0, "random_state": 0}
ADAM = inference.Recipe(
    optax.adam(optax.cosine_decay_schedule(0.1, 1000)), 1000, 4, inference.sticking_the_landing
)


def single(surrogate):
    """A surrogate in float32."""
    return jax.tree.map(lambda entry: jnp.asarray(entry, jnp.float32), surrogate)


def point_score(factors, test):
    """[images] nats of the hidden half, each image's weights at their maximum likelihood."""
    h = np.maximum(np.asarray(factors, float), 1e-9)
    given = {
        "H": np.ascontiguousarray(h[:, BOARD]),
        "update_H": False,
        "n_components": len(h),
        "max_iter": 300,
    }
    w, _, _ = non_negative_factorization(test[:, BOARD].astype(float), **given, **NMF)
    rates, x = np.maximum(w @ h[:, ~BOARD], 0.01), test[:, ~BOARD]
    return (special.xlogy(x, rates) - rates - special.gammaln(x + 1)).sum(axis=1)


def by_ascent(train, K):
    """Fit by coordinate ascent, 100 sweeps, the most that hpfrec takes by default; returns (test ->
    scores)."""
    fit = factorisation.coordinate_ascent(KEY, train, factorisation.PRIOR, K, num_steps=100)
    return lambda test: factorisation.log_score(KEY, fit, test, observed=BOARD)


def by_gradient(train, K):
    """The same model by the general fit."""
    model = factorisation.Factorisation(factorisation.PRIOR, jnp.asarray(train, jnp.float32))
    fit = inference.fit(KEY, model, single(factorisation.start(KEY, train, K)), ADAM)
    jax.block_until_ready(fit.elbos)
    q = jax.tree.map(lambda entry: np.asarray(entry, float), fit.surrogate)
    whole = factorisation.Fit(q, np.asarray(fit.elbos), factorisation.PRIOR)
    return lambda test: factorisation.log_score(KEY, whole, test, observed=BOARD)


def by_nmf(train, K):
    """scikit-learn, KL loss, 300 multiplicative updates."""
    _, h, _ = non_negative_factorization(
        train.astype(float), n_components=K, init="random", max_iter=300, **NMF
    )
    return lambda test: point_score(h, test)


def by_hpfrec(train, K):
    """hpfrec, hierarchical Poisson factorisation, with its defaults."""
    import hpfrec
    import pandas

    i, j = np.nonzero(train)
    table = pandas.DataFrame({"UserId": i, "ItemId": j, "Count": train[i, j]})
    model = hpfrec.HPF(k=K, reindex=False, verbose=False, random_seed=0, ncores=2)
    model.fit(table)
    h = np.zeros((K, train.shape[1]))
    h[:, : len(model.Beta)] = model.Beta.T
    return lambda test: point_score(h, test)


def by_poismf(train, K):
    """poismf, with its defaults."""
    import poismf

    model = poismf.PoisMF(k=K, nthreads=2, random_state=0).fit(
        sparse.coo_matrix(train.astype(float))
    )
    return lambda test: point_score(np.asarray(model.B).T, test)


def by_numpyro(train, K):
    """NumPyro's SVI, the same priors, log-normal guide by AutoNormal, 1,000 steps of the same
    Adam."""
    import numpyro
    from numpyro import distributions as dist
    from numpyro.infer import SVI, Trace_ELBO, autoguide

    def model(x):
        w = numpyro.sample("w", dist.Gamma(1.0, 1.0).expand((len(x), K)).to_event(2))
        h = numpyro.sample("h", dist.Gamma(0.3, 0.1).expand((K, x.shape[1])).to_event(2))
        numpyro.sample("x", dist.Poisson(w @ h + 1e-6).to_event(2), obs=x)

    guide = autoguide.AutoNormal(model)
    svi = SVI(
        model,
        guide,
        optax.adam(optax.cosine_decay_schedule(0.1, 1000)),
        Trace_ELBO(num_particles=4),
    )
    params = svi.run(KEY, 1000, jnp.asarray(train, jnp.float32), progress_bar=False).params
    return lambda test: point_score(guide.median(params)["h"], test)


PROGRAMS = {
    "coordinate ascent": by_ascent,
    "gradient VI": by_gradient,
    "scikit-learn NMF (KL)": by_nmf,
    "hpfrec": by_hpfrec,
    "poismf": by_poismf,
    "NumPyro SVI": by_numpyro,
}


def row(name, program, train, test, K):
    """One line: score and seconds, the first call (compilation, imports) and the second; or why
    there is none."""
    try:
        seconds, busy = [], []
        for _ in range(2):
            begun, worked = time.perf_counter(), time.process_time()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # other people's
                score = program(train, K)
            seconds.append(time.perf_counter() - begun)
            busy.append(time.process_time() - worked)
        values = score(test)
    except ImportError as error:
        return f"  {name:24} not installed ({error.name})"
    except Exception as error:  # a peer's failure must not hide the others
        return f"  {name:24} failed: {type(error).__name__}: {error}"[:110]
    spent = f"{seconds[0]:9.2f} s first {seconds[1]:9.2f} s again {busy[1]:9.2f} s of processor"
    return f"  {name:24} K={K:<3} {values.mean():8.1f} nats {spent}"


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="A alone")
    parser.add_argument(
        "--components",
        type=int,
        nargs="+",
        help="numbers of factors, in place of 4 and 8; 32 for B",
    )
    parser.add_argument(
        "--only", nargs="+", choices=list(PROGRAMS), default=list(PROGRAMS), help="these programs"
    )
    arguments = parser.parse_args()
    for name, digit, components in (("A", 0, (4, 8)), ("B", None, (32,)))[
        : 1 if arguments.quick else 2
    ]:
        split = data.reference_split(digit)
        print(
            f"{name}: {len(split.train)} images learned from, {len(split.test)} held out",
            flush=True,
        )
        level = poisson_gamma.prior(np.full(data.NUM_PIXELS, 5.0), 0.5)
        alone = poisson_gamma.exact_posterior(poisson_gamma.condition(level, split.train))
        for words, module, fit in (
            ("independent Poisson", poisson_gamma, alone),
            ("independent categorical", categorical, categorical.fit(split.train)),
        ):
            score = module.log_score(None, fit, split.test, observed=BOARD).mean()
            print(f"  {words:24}       {score:8.1f} nats", flush=True)
        for K in arguments.components or components:
            for words in arguments.only:
                print(row(words, PROGRAMS[words], split.train, split.test, K), flush=True)


if __name__ == "__main__":
    main()
