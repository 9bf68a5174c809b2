"""FAST with a full normal against NumPyro's and blackjax's fits of the same posteriors, in one run.

`python tests/benchmarks/bench_any_model.py [--data FOLDER] [--quick]` prints a table, and keeps it
in build/bench_any_model.txt: the gap to the best full normal in nats (worst of three keys), the
largest error of a mean or a deviation of the unknowns in deviations of that best normal, and the
seconds cold (with compilation) and warm, as ratios to FAST's. --data takes a folder with
posteriordb's own tables in place of the made ones. All begin at mean 0; Adam takes the best of four
rates, which nobody would know beforehand, by its gap. NumPyro and blackjax are left out, with a
word, where they are not installed; install them in an environment of their own. `--quick` looks at
two posteriors, once. Then what d unknowns cost: a logistic regression of 10, 30, 100 and 300
columns.
"""

import argparse
import importlib.util
import pathlib
import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import posteriors

from helpers import inference
from helpers.distributions import FullNormal

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
RATES = (0.001, 0.01, 0.1, 1.0)
STEPS, PARTICLES = 5_000, 16


def fast(model, d):
    """key -> (mean, factor), by FAST from the neutral start."""
    start = FullNormal(np.zeros(d), np.eye(d))
    return lambda key: tuple(inference.fit(key, model, start, inference.FAST).surrogate)


def numpyro_guide(guide, rate):
    """The same by NumPyro's SVI, Adam at one rate."""

    def prepare(model, d):
        import numpyro
        from numpyro import distributions as dist
        from numpyro.infer import SVI, Trace_ELBO, autoguide, init_to_value

        def story():
            z = numpyro.sample("z", dist.ImproperUniform(dist.constraints.real_vector, (), (d,)))
            numpyro.factor("log_joint", model.log_joint(z))

        start = init_to_value(values={"z": jnp.zeros(d)})
        q = getattr(autoguide, guide)(story, init_loc_fn=start)
        svi = SVI(story, q, numpyro.optim.Adam(rate), Trace_ELBO(num_particles=PARTICLES))
        run = jax.jit(lambda key: svi.run(key, STEPS, progress_bar=False).params)

        def fit(key):
            params = run(key)
            if guide == "AutoNormal":
                return params["z_auto_loc"], jnp.diag(params["z_auto_scale"])
            return params["auto_loc"], params["auto_scale_tril"]

        return fit

    return prepare


def blackjax_meanfield(rate):
    """The same by blackjax's mean-field VI, Adam at one rate."""

    def prepare(model, d):
        import blackjax

        vi = blackjax.meanfield_vi(model.log_joint, optax.adam(rate), PARTICLES)

        @jax.jit
        def run(key):
            keys = jax.random.split(key, STEPS)
            first = vi.init(jnp.zeros(d))
            return jax.lax.scan(lambda state, k: (vi.step(k, state)[0], None), first, keys)[0]

        def fit(key):
            state = run(key)
            return state.mu, jnp.diag(jnp.exp(state.rho))

        return fit

    return prepare


def pathfinder(model, d):
    """The same by blackjax's pathfinder: the moments of 20,000 of its draws."""
    import blackjax

    @jax.jit
    def run(key):
        state, _ = blackjax.vi.pathfinder.approximate(key, model.log_joint, jnp.zeros(d))
        draws, _ = blackjax.vi.pathfinder.sample(key, state, 20_000)
        return draws.mean(axis=0), jnp.linalg.cholesky(jnp.cov(draws.T))

    return run


def competitors():
    """Name to functions (model, d) -> (key -> (mean, factor)): one, or one a rate."""
    found = {"FAST": [fast]}
    if importlib.util.find_spec("numpyro"):
        for guide in ("AutoMultivariateNormal", "AutoNormal"):
            found[f"NumPyro {guide}"] = [numpyro_guide(guide, rate) for rate in RATES]
    else:
        print("NumPyro is not installed: left out")
    if importlib.util.find_spec("blackjax"):
        found["blackjax mean-field"] = [blackjax_meanfield(rate) for rate in RATES]
        found["blackjax pathfinder"] = [pathfinder]
    else:
        print("blackjax is not installed: left out")
    return found


def measure(prepare, model, d, keys, rounds=5):
    """(fits, seconds cold, seconds warm) of one program."""
    begun = time.perf_counter()
    fit = prepare(model, d)
    jax.block_until_ready(fit(keys[0]))
    cold = time.perf_counter() - begun
    fits = [tuple(np.asarray(entry, float) for entry in fit(key)) for key in keys]
    times = []
    for key in list(keys) * rounds:
        begun = time.perf_counter()
        jax.block_until_ready(fit(key))
        times.append(time.perf_counter() - begun)
        if sum(times) > 5:
            break
    return fits, cold, statistics.median(times)


def gap(model, best, fit, num_draws):
    """Nats below the best ELBO; inf where the fit is no normal."""
    with np.errstate(all="ignore"):
        value = posteriors.elbo(model, *fit, num_draws)[0]
    return best - value if np.isfinite(value) else np.inf


def error(fit, reference):
    """Largest error of a mean or a deviation, in the deviations of the reference (mean, std)."""
    mean, factor = fit
    std = np.sqrt((factor**2).sum(axis=1))
    return np.max(np.abs([(mean - reference[0]) / reference[1], std / reference[1] - 1]))


def best_known(model, d):
    """(ELBO, (mean, std)) of the best of three FAST fits of ten times the steps and draws."""
    recipe = inference.CORRELATED._replace(
        num_steps=2_000,
        num_samples=512,
        optimiser=optax.chain(
            inference.natural_gradient.descent(damping=1 / 512),
            optax.scale_by_schedule(inference.robbins_monro(400, longest=0.5)),
        ),
    )
    start = FullNormal(np.zeros(d), np.eye(d))
    fits = [
        inference.fit(jax.random.key(k), model, start, recipe).surrogate for k in range(100, 103)
    ]
    value, q = max(((posteriors.elbo(model, *q)[0], q) for q in fits), key=lambda pair: pair[0])
    return value, (q.mean, q.std)


def cost(sizes=(10, 30, 100, 300)):
    """Seconds of a warm refit and of the start alone, against the number of unknowns."""
    rng, rows = np.random.default_rng(0), []
    for d in sizes:
        X = np.column_stack([np.ones(1_000), rng.normal(size=(1_000, d - 1))])
        y = (rng.uniform(size=1_000) < 1 / (1 + np.exp(-X @ rng.normal(0, 0.3, d)))).astype(float)
        model = posteriors.Posterior(posteriors.Static(posteriors.logistic), {"y": y, "X": X})
        _, cold, warm = measure(fast, model, d, [jax.random.key(0)], rounds=5)
        full = FullNormal(np.zeros(d), np.eye(d))
        start = jax.jit(lambda model, q=full: inference.newton.start(model, q))
        jax.block_until_ready(start(model))
        begun = time.perf_counter()
        jax.block_until_ready(start(model))
        rows.append(
            f"{d:6}{cold:10.1f}{1000 * warm:12.0f}{1000 * (time.perf_counter() - begun):12.0f}"
        )
        print(rows[-1], flush=True)
    return [f"{'d':>6}{'cold, s':>10}{'warm, ms':>12}{'start, ms':>12}", *rows]


def main(arguments=None):
    """Measure, print, keep; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="a folder with posteriordb's tables")
    parser.add_argument("--quick", action="store_true", help="two posteriors, one key")
    chosen = parser.parse_args(arguments)
    jax.config.update("jax_enable_compilation_cache", False)  # cold is cold
    models = posteriors.read(chosen.data) if chosen.data else posteriors.made()
    names = ("eight_schools", "kidiq") if chosen.quick else models
    keys = [jax.random.key(k) for k in range(1 if chosen.quick else 3)]
    lines = [f"{'':20}{'':30}{'gap, nats':>12}{'error, sd':>12}{'cold':>9}{'warm':>9}"]
    for name in names:
        model, d, own = models[name], posteriors.SIZES[name], None
        best, reference = best_known(model, d)
        for who, programs in competitors().items():
            rows = []
            for prepare in programs:
                fits, cold, warm = measure(prepare, model, d, keys)
                worst = max(gap(model, best, fit, 40_000) for fit in fits)
                rows.append((worst, max(error(fit, reference) for fit in fits), cold, warm))
            worst, off, cold, warm = min(rows, key=lambda row: row[0])
            own = own or (cold, warm)
            times = f"{cold:8.1f}s{1000 * warm:7.0f}ms" if who == "FAST" else ""
            times = times or f"{cold / own[0]:8.1f}x{warm / own[1]:8.0f}x"
            lines.append(f"{name:20}{who:30}{worst:12.3f}{off:12.2f}{times}")
            print(lines[-1], flush=True)
    lines += cost((10, 30) if chosen.quick else (10, 30, 100, 300))
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench_any_model.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
