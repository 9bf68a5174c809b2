"""FAST with a full normal against NumPyro's, blackjax's and PyMC's fits of the same posteriors.

`python tests/benchmarks/bench_any_model.py [--data FOLDER] [--limit SECONDS] [--quick]` prints a
table, and keeps it in build/bench_any_model.txt. Of each program, the worst of three keys:

    gap     to the ELBO of the best full normal, in nats; that one is found by another program, in
            float64
    error   of the mean or deviation of a quantity (a coefficient, a scale, ...), in deviations of
            the reference: posteriordb's long chains with --data, else the best full normal
    cold    seconds of the first fit, compilation included, and how many times FAST's
    warm    seconds of a fit when all is compiled, and how many times FAST's, in turns with it

All begin at mean 0. NumPyro runs as its documentation does, and then at the best of four rates,
which nobody would know beforehand, with as many steps and draws as blackjax. PyMC compiles anew for
every fit. What is not installed is left out, with a word. A posterior's rivals share --limit; what
it cuts is named. With --data FOLDER the tables are posteriordb's own, else made ones of their
shapes. `--quick` looks at two posteriors, once. Then what d unknowns cost: see `cost`.

On posteriordb's own tables FAST ended within 0.02 nats of the best full normal; NumPyro's, at the
best of four rates, took 5 to 21 times as long and missed one by 72 (November 2026, two cores, JAX
0.10.2, NumPyro 0.22). The README quotes it; `make test-peers` holds that FAST leads.
"""

import argparse
import importlib.util
import logging
import pathlib
import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import best_normal
import posteriors

from helpers import inference
from helpers.distributions import Normal

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
RATES = (0.01, 0.1, 0.001, 1.0)
STEPS, DRAWS = 5_000, 16
DOCUMENTED = {"rate": 0.0005, "steps": 2_000, "draws": 1}  # the example of numpyro.infer.SVI


def fast(name, model, d):
    """key -> (mean, factor), by FAST from the neutral start."""
    start = posteriors.neutral(d)
    return lambda key: tuple(inference.fit(key, model, start, inference.FAST).surrogate)


def numpyro_guide(guide, steps=STEPS, draws=DRAWS):
    """(key, rate) -> the same by NumPyro's SVI with Adam."""

    def prepare(name, model, d):
        import numpyro
        from numpyro import distributions as dist
        from numpyro.infer import SVI, Trace_ELBO, autoguide, init_to_value

        def story():
            z = numpyro.sample("z", dist.ImproperUniform(dist.constraints.real_vector, (), (d,)))
            numpyro.factor("log_joint", model.log_joint(z))

        @jax.jit
        def run(key, rate):
            q = getattr(autoguide, guide)(
                story, init_loc_fn=init_to_value(values={"z": jnp.zeros(d)})
            )
            svi = SVI(story, q, numpyro.optim.Adam(rate), Trace_ELBO(num_particles=draws))
            return svi.run(key, steps, progress_bar=False).params

        def fit(key, rate):
            params = run(key, rate)
            if guide == "AutoNormal":
                return params["z_auto_loc"], jnp.diag(params["z_auto_scale"])
            return params["auto_loc"], params["auto_scale_tril"]

        return fit

    return prepare


def blackjax_meanfield(name, model, d):
    """(key, rate) -> the same by blackjax's mean-field VI with Adam."""
    import blackjax

    @jax.jit
    def run(key, rate):
        vi = blackjax.meanfield_vi(model.log_joint, optax.adam(rate), DRAWS)
        keys = jax.random.split(key, STEPS)
        first = vi.init(jnp.zeros(d))
        return jax.lax.scan(lambda state, k: (vi.step(k, state)[0], None), first, keys)[0]

    def fit(key, rate):
        state = run(key, rate)
        return state.mu, jnp.diag(jnp.exp(state.rho))

    return fit


def pathfinder(name, model, d):
    """The same by blackjax's pathfinder: the moments of 20,000 of its draws."""
    import blackjax

    @jax.jit
    def run(key):
        state, _ = blackjax.vi.pathfinder.approximate(key, model.log_joint, jnp.zeros(d))
        draws, _ = blackjax.vi.pathfinder.sample(key, state, 20_000)
        return draws.mean(axis=0), jnp.linalg.cholesky(jnp.cov(draws.T))

    return run


def pymc_fit(method):
    """The same by PyMC, all as `pymc.fit` comes: 10,000 steps of 1 draw by Adagrad."""

    def prepare(name, model, d):
        import pymc
        import pytensor.tensor

        logging.getLogger("pymc").setLevel(logging.ERROR)  # its progress
        with pymc.Model() as story:
            z = pymc.Flat("z", shape=d)
            terms = model.terms.function(pytensor.tensor, model.data, z)
            pymc.Potential("log_joint", terms)

        def fit(key):
            seed = int(jax.random.key_data(key)[-1])
            start = {"z": np.zeros(d)}
            with story:
                q = pymc.fit(method=method, start=start, random_seed=seed, progressbar=False)
            if method == "advi":
                return q.mean.eval(), np.diag(q.std.eval())
            return q.mean.eval(), np.linalg.cholesky(q.cov.eval())

        return fit

    return prepare


def rivals():
    """Name to (function (name, model, d) -> fit, rates): fit(key), or fit(key, rate) if rates."""
    found = {}
    if importlib.util.find_spec("numpyro"):
        for guide in ("AutoMultivariateNormal", "AutoNormal"):
            steps, draws = DOCUMENTED["steps"], DOCUMENTED["draws"]
            documented = numpyro_guide(guide, steps, draws)
            found[f"NumPyro {guide}, documented"] = documented, (DOCUMENTED["rate"],)
            found[f"NumPyro {guide}, best rate"] = numpyro_guide(guide), RATES
    if importlib.util.find_spec("blackjax"):
        found["blackjax mean-field, best rate"] = blackjax_meanfield, RATES
        found["blackjax pathfinder"] = pathfinder, ()
    if importlib.util.find_spec("pymc"):
        found["PyMC ADVI"] = pymc_fit("advi"), ()
        found["PyMC full-rank ADVI"] = pymc_fit("fullrank_advi"), ()
    for package, title in (("numpyro", "NumPyro"), ("blackjax", "blackjax"), ("pymc", "PyMC")):
        if not importlib.util.find_spec(package):
            print(f"{title} is not installed: left out")
    return found


def timed(fit, *arguments):
    """(mean and factor in float64, seconds)."""
    begun = time.perf_counter()
    q = [np.asarray(entry, float) for entry in fit(*arguments)]
    return q, time.perf_counter() - begun


def error(name, q, reference, noise):
    """Largest error of a mean or a deviation of a quantity, in the reference's deviations."""
    mean, factor = q
    ours = posteriors.quantities(name, mean + noise @ factor.T)
    with np.errstate(all="ignore"):
        off = [(ours.mean(axis=0) - reference[0]) / reference[1], ours.std(axis=0) / reference[1]]
    return np.nan_to_num(np.abs([off[0], off[1] - 1]), nan=np.inf).max()


def compare(name, model, d, keys, reference, limit):
    """Rows of the table for one posterior, printed as they come."""
    _, _, *best = best_normal.best_of_two(model, d)
    noise = np.random.default_rng(1).normal(size=(20_000, d))
    if reference is None:
        draws = posteriors.quantities(name, best[0] + noise @ best[1].T)
        reference = draws.mean(axis=0), draws.std(axis=0)

    def elbo(q):
        with np.errstate(all="ignore"):
            return posteriors.elbo(model, *q, 40_000)[0]

    highest = elbo(best)

    def gap(q):  # the same draws for both, so that their noise is small in the difference
        ours = elbo(q)
        return highest - ours if np.isfinite(ours) else np.inf

    def tell(who, rest):
        lines.append(f"{name:19}{who:38}{rest}")
        print(lines[-1], flush=True)

    def row(who, fits, cold, warm, own):
        worst, off = max(map(gap, fits)), max(error(name, q, reference, noise) for q in fits)
        times = f"{cold:9.2f} s{cold / own[0]:6.1f}x{1000 * warm:9.1f} ms{warm / own[1]:7.1f}x"
        tell(who, f"{worst:12.3f}{off:10.2f}{times}")

    lines, program = [], fast(name, model, d)
    tell("the best full normal", f"{0:12.3f}{error(name, best, reference, noise):10.2f}")
    _, cold = timed(program, keys[0])
    fits, times = zip(*[timed(program, key) for key in list(keys) * 5], strict=True)
    own = cold, statistics.median(times)
    row("FAST", fits[: len(keys)], *own, own)
    begun = time.perf_counter()
    for who, (prepare, rates) in rivals().items():
        found, first, left = [], None, []
        for rate in [(r,) for r in rates] or [()]:
            if time.perf_counter() - begun > limit:
                left += [f"rate {r:g}" for r in rate] or ["it"]
                continue
            started = time.perf_counter()
            if first is None:
                program_of_rival = prepare(name, model, d)
                timed(program_of_rival, keys[0], *rate)
                first = time.perf_counter() - started
            turns = [(timed(program_of_rival, k, *rate), timed(program, k)) for k in keys]
            fits = [q for (q, _), _ in turns]
            warm, ours = (statistics.median(t[i][1] for t in turns) for i in (0, 1))
            found.append((max(map(gap, fits)), fits, warm, ours))
        if found:
            _, fits, warm, ours = min(found, key=lambda entry: entry[0])
            row(who, fits, first, warm, (cold, ours))
        if left:
            tell(who, f" cut after {limit:.0f} s: {', '.join(left)}")
    return lines


def cost(sizes):
    """FAST against the number of unknowns: a normal with full covariance and a diagonal one.

    A logistic regression on 1,000 rows. Seconds cold and warm, MB that the compiled program takes,
    and how many nats the diagonal's ELBO is below the full one's.
    """
    lines = [f"{'d':>6}{'':10}{'cold':>9}{'warm':>13}{'memory':>12}{'below the full one':>22}"]
    print(lines[-1], flush=True)
    for d in sizes:
        rng = np.random.default_rng(d)
        X = np.column_stack([np.ones(1_000), rng.normal(size=(1_000, d - 1))])
        y = rng.uniform(size=1_000) < 1 / (1 + np.exp(-X @ rng.normal(size=d) / np.sqrt(d)))
        data = {"y": y.astype(float), "X": X}
        model = posteriors.Posterior(posteriors.Static(posteriors.logistic), data)
        full, diagonal = posteriors.neutral(d), Normal(np.zeros(d), np.ones(d))
        own = None
        for word, start in (("full", full), ("diagonal", diagonal)):

            def program(key, start=start, model=model):
                return inference.fit(key, model, start, inference.FAST).surrogate

            _, cold = timed(program, jax.random.key(0))
            (q, _), *_ = fits = [timed(program, jax.random.key(k)) for k in range(3)]
            warm = statistics.median(seconds for _, seconds in fits)
            factor = q[1] if word == "full" else np.diag(q[1])
            value = posteriors.elbo(model, q[0], factor, 20_000)[0]
            own = own or (warm, value)
            recipe = inference.correlated(d) if word == "full" else inference.FAST
            lowered = inference._fit.lower(jax.random.key(0), model, start, start.to_phi(), recipe)
            megabytes = lowered.compile().memory_analysis().temp_size_in_bytes / 1e6
            lines.append(
                f"{d:6} {word:9}{cold:7.1f} s{1000 * warm:10.0f} ms{megabytes:9.1f} MB"
                f"{own[1] - value:17.2f} nats"
            )
            print(lines[-1], flush=True)
    return lines


def main(arguments=None):
    """Measure, print, keep; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="a folder with posteriordb's tables")
    parser.add_argument("--limit", type=float, default=150, help="seconds a posterior's rivals get")
    parser.add_argument("--quick", action="store_true", help="two posteriors, one key")
    chosen = parser.parse_args(arguments)
    jax.config.update("jax_enable_compilation_cache", False)  # cold is cold
    models = posteriors.read(chosen.data) if chosen.data else posteriors.made()
    names = ("eight_schools", "kidiq") if chosen.quick else posteriors.SEVEN
    keys = [jax.random.key(k) for k in range(1 if chosen.quick else 3)]
    lines = [f"{'':58}{'gap, nats':>11}{'error, sd':>10}{'cold':>18}{'warm':>20}"]
    print(lines[-1], flush=True)
    for name in names:
        known = posteriors.reference(chosen.data, name) if chosen.data else None
        size = posteriors.SIZES[name]
        lines += compare(name, models[name], size, keys, known, chosen.limit)
    lines += ["", *cost((10, 30) if chosen.quick else (10, 30, 100, 300))]
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench_any_model.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
