"""FAST against the article's loop, NumPyro and PyTorch; how its cost grows; and how it does away
from home.

The last is two tables: the gap to the best gammas where no gamma is the posterior, and the time,
both against FAST as it was before its last steps were averaged.

`python tests/benchmarks/bench_inference.py [--quick]` prints the tables and draws
build/bench_inference.png. `--quick` times the article's loop over a few steps and scales them, and
then has no KL for it. NumPyro and PyTorch are left out, with a word, where they are not installed.
On a shared machine read the ratios, not the seconds.
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
from jax.scipy import stats

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import away

from helpers import data, distributions, inference, natural_gradient, style
from helpers.distributions import Gamma
from helpers.models import poisson_gamma

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
DIGIT, STRENGTH, SEED = 0, 2.0, 42
STEPS, DRAWS, LEARNING_RATE = 5_000, 128, 0.2  # the article's
QUICK_STEPS = 20
IMAGES = (178, 1_000, 10_000, 100_000, 1_000_000)
PIXELS = (64, 256, 1_024, 4_096, 16_384, 65_536)
SAMPLES = (4, 16, 64, 256, 1_024)
# FAST as it was: full steps to the end, and fewer of them.
FULL_STEPS = inference.FAST._replace(
    optimiser=natural_gradient.descent(damping=1 / 16),
    num_steps=50,
    target=inference.cooling(36, ratio=0.8),
)
AWAY = (away.log_normal, away.log_logistic, away.spread_counts, away.weibull)


def problem():
    """The counts, the prior and the model of one digit, as all competitors get them."""
    counts = data.load_digit(DIGIT)
    prior = poisson_gamma.prior(data.domain_knowledge(DIGIT), STRENGTH)
    return counts, prior, poisson_gamma.condition(prior, counts)


def total_kl(q, model):
    """KL(q || exact posterior) over all pixels, in nats: one formula for all."""
    return float(distributions.kl_divergence(q, poisson_gamma.exact_posterior(model)).sum())


def in_turns(programs, rounds):
    """Median seconds of each program; they take turns, so that what disturbs one disturbs all.

    Args:
        programs: dictionary, name to function without arguments that returns when it is done.
        rounds: how often each is timed, after one call that does not count.

    Returns:
        dictionary, name to seconds.
    """
    return {name: statistics.median(values) for name, values in rounds_of(programs, rounds).items()}


def rounds_of(programs, rounds):
    """As `in_turns`, with the seconds of every round."""
    times = {name: [] for name in programs}
    for i in range(rounds + 1):
        for name, program in programs.items():
            begun = time.perf_counter()
            program()
            if i:
                times[name].append(time.perf_counter() - begun)
    return times


# ---- competitors: each returns (seconds for all steps, q or None); compilation is not counted
# --------------------


def run_fast():
    """The course's recipe."""
    _, prior, model = problem()

    def fit():
        return jax.block_until_ready(
            inference.fit(jax.random.key(SEED), model, prior, inference.FAST)
        )

    begun = time.perf_counter()
    q = fit().surrogate
    first = time.perf_counter() - begun
    print(f"first call of FAST, compilation included: {first:.1f} s", flush=True)
    return in_turns({"fast": fit}, 41)["fast"], q


def run_article(num_steps=STEPS):
    """The article's program as printed: every image, jax.random.gamma, a Python loop; the
    typeface's prior."""
    counts, prior, _ = problem()

    def bound(rates, concentration, scale):
        log_prior = stats.gamma.logpdf(rates, prior.concentration, scale=1 / prior.rate).sum()
        log_likelihood = stats.poisson.logpmf(counts, rates).sum()
        return (
            log_prior + log_likelihood - stats.gamma.logpdf(rates, concentration, scale=scale).sum()
        )

    def loss(phi, key):
        concentration, rate = jnp.exp(phi["log_concentration"]), jnp.exp(phi["log_rate"])
        rates = jax.random.gamma(key, concentration, (DRAWS, *concentration.shape)) / rate
        return -jax.vmap(bound, in_axes=(0, None, None))(rates, concentration, 1 / rate).mean()

    value_and_gradient = jax.jit(jax.value_and_grad(loss))
    phi, optimiser = prior.to_phi(), optax.adam(LEARNING_RATE)
    state = optimiser.init(phi)
    jax.block_until_ready(value_and_gradient(phi, jax.random.key(0)))  # compiles
    begun = time.perf_counter()
    for key in jax.random.split(jax.random.key(SEED), num_steps):
        _, gradient = value_and_gradient(phi, key)
        updates, state = optimiser.update(gradient, state)
        phi = jax.block_until_ready(optax.apply_updates(phi, updates))
    seconds = time.perf_counter() - begun
    return seconds * STEPS / num_steps, Gamma.from_phi(phi) if num_steps == STEPS else None


def run_numpyro(num_particles):
    """NumPyro's SVI with the gamma guide written out."""
    import numpyro
    from numpyro import distributions as dist
    from numpyro.infer import SVI, Trace_ELBO

    counts, prior, _ = problem()
    start = Gamma(*(jnp.asarray(field, jnp.float32) for field in prior))

    def model():
        rates = numpyro.sample("rates", dist.Gamma(start.concentration, start.rate).to_event(1))
        with numpyro.plate("images", len(counts)):
            numpyro.sample("counts", dist.Poisson(rates).to_event(1), obs=jnp.asarray(counts))

    def guide():
        concentration = numpyro.param(
            "concentration", start.concentration, constraint=dist.constraints.positive
        )
        rate = numpyro.param("rate", start.rate, constraint=dist.constraints.positive)
        numpyro.sample("rates", dist.Gamma(concentration, rate).to_event(1))

    svi = SVI(
        model, guide, numpyro.optim.Adam(LEARNING_RATE), Trace_ELBO(num_particles=num_particles)
    )
    svi.run(jax.random.key(0), 2, progress_bar=False)
    begun = time.perf_counter()  # the run compiles anew, for its own number of steps: a few seconds
    result = svi.run(jax.random.key(SEED), STEPS, progress_bar=False)
    parameters = jax.block_until_ready(result.params)
    return time.perf_counter() - begun, Gamma(parameters["concentration"], parameters["rate"])


def run_torch(decay):
    """PyTorch on sufficient statistics, Adam at a constant or a cosine rate."""
    import torch

    _, prior, model = problem()
    torch.manual_seed(SEED)
    prior_concentration, prior_rate, totals = (
        torch.tensor(np.asarray(x), dtype=torch.float32) for x in (*prior, model.totals)
    )
    images = float(model.num_images)
    phi = [torch.log(field).clone().requires_grad_() for field in (prior_concentration, prior_rate)]
    optimiser = torch.optim.Adam(phi, lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS) if decay else None
    p = torch.distributions.Gamma(prior_concentration, prior_rate)
    begun = time.perf_counter()
    for _ in range(STEPS):
        optimiser.zero_grad()
        q = torch.distributions.Gamma(phi[0].exp(), phi[1].exp())
        rates = q.rsample((DRAWS,))
        log_joint = p.log_prob(rates) + totals * rates.log() - images * rates
        (q.log_prob(rates) - log_joint).sum(dim=1).mean().backward()
        optimiser.step()
        if schedule:
            schedule.step()
    seconds = time.perf_counter() - begun
    return seconds, Gamma(*(field.exp().detach().numpy() for field in phi))


def compare(quick):
    """Everybody on the same model, prior and data: list of (name, seconds, KL in nats or NaN)."""
    competitors = {
        "FAST": run_fast,
        "the article's loop": lambda: run_article(QUICK_STEPS if quick else STEPS),
    }
    if importlib.util.find_spec("numpyro"):
        competitors["NumPyro SVI, 1 particle"] = lambda: run_numpyro(1)
        competitors["NumPyro SVI, 128 particles"] = lambda: run_numpyro(DRAWS)
    else:
        print("NumPyro is not installed: left out")
    if importlib.util.find_spec("torch"):
        competitors["PyTorch, Adam"] = lambda: run_torch(decay=False)
        competitors["PyTorch, Adam, cosine"] = lambda: run_torch(decay=True)
    else:
        print("PyTorch is not installed: left out")
    rows = []
    for name, run in competitors.items():
        seconds, q = run()
        rows.append((name, seconds, total_kl(q, problem()[2]) if q else np.nan))
        print(f"{name:28}{rows[-1][1]:12.4f} s{rows[-1][2]:12.2g} nats", flush=True)
    return rows


# ---- cost
# ------------------------------------------------------------------------------


def _ready(model, recipe=inference.FAST):
    model = jax.device_put(jax.tree.map(jnp.asarray, model))
    key = jax.random.key(SEED)
    return lambda: jax.block_until_ready(inference.fit(key, model, model.prior, recipe))


def cost_of_images(rounds):
    """Seconds of a refit against the number of images behind the totals."""
    _, _, model = problem()

    def of(images):
        share = images / float(model.num_images)
        return _ready(
            model._replace(
                totals=np.round(model.totals * share), num_images=np.asarray(float(images))
            )
        )

    return in_turns({images: of(images) for images in IMAGES}, rounds)


def cost_of_pixels(rounds):
    """Seconds of a refit against the number of pixels."""
    _, _, model = problem()

    def of(pixels):
        wide = [np.tile(field, pixels // data.NUM_PIXELS) for field in (*model.prior, model.totals)]
        return _ready(model._replace(prior=Gamma(*wide[:2]), totals=wide[2]))

    return in_turns({pixels: of(pixels) for pixels in PIXELS}, rounds)


def cost_of_samples(rounds):
    """Seconds of a refit against the draws a step."""
    _, _, model = problem()
    return in_turns(
        {n: _ready(model, inference.FAST._replace(num_samples=n)) for n in SAMPLES}, rounds
    )


def exponent(costs, last=None):
    """The k of cost ~ size^k, by least squares in logs, over the last so many sizes."""
    sizes, seconds = (
        np.log(list(values))[-(last or len(costs)) :] for values in (costs.keys(), costs.values())
    )
    return float(np.polyfit(sizes, seconds, 1)[0])


# ---- away from home
# ------------------------------------------------------------------------------


def old_against_new(rounds):
    """Seconds of FAST over those of its old form, in turns: the quartiles of the ratios of `rounds`
    rounds."""
    model = problem()[2]
    times = rounds_of({"old": _ready(model, FULL_STEPS), "new": _ready(model)}, rounds)
    return np.quantile(np.divide(times["new"], times["old"]), [0.25, 0.5, 0.75])


def print_away(rounds, seeds):
    """The time's ratio, and the gap to the best product of gammas, model by model."""
    low, middle, high = old_against_new(rounds)
    print(
        f"\nFAST's time over that of its old form, {rounds} rounds in turns: {middle:.2f} "
        f"({low:.2f} to {high:.2f})"
    )
    print(
        f"\n{f'gap to the best gammas, nats, {len(seeds)} keys':44}"
        f"{'old: worst':>12}{'new: worst':>12}{'mean':>10}"
    )
    for terms in AWAY:
        gap = away.gaps(terms, {"old": FULL_STEPS, "new": inference.FAST}, seeds)
        print(
            f"{terms.__name__:44}{gap['old'].max():12.4f}{gap['new'].max():12.4f}{gap['new'].mean():10.4f}",
            flush=True,
        )


# ---- report
# ------------------------------------------------------------------------------


def draw(rows, costs):
    """One figure: everybody in the plane of seconds and nats, and the three costs with their
    exponents."""
    figure, axes = style.new_axes(10.0, 7.0, 2, 2)
    ax, *others = axes.ravel()
    for i, (name, seconds, kl) in enumerate(rows, start=1):
        colour = style.COLOURS["surrogate" if name == "FAST" else "prior"]
        ax.text(
            0.97,
            0.06 + 0.075 * (len(rows) - i),
            f"{i} {name}",
            transform=ax.transAxes,
            ha="right",
            color=colour,
        )
        if np.isfinite(kl):
            # points that nearly coincide keep their numbers apart
            place = [(8, -4), (0, 6), (0, -16)][i % 3]
            ax.plot(seconds, kl, "o", color=colour)
            ax.annotate(
                str(i), (seconds, kl), place, textcoords="offset points", ha="center", color=colour
            )
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="seconds for one fit",
        ylabel="KL to the exact posterior (nats)",
    )
    ax.margins(x=0.1, y=0.15)
    for ax, (name, cost) in zip(others, costs.items(), strict=True):
        ax.plot(
            list(cost),
            [1000 * seconds for seconds in cost.values()],
            marker="o",
            **style.LINES["surrogate"],
        )
        ax.set(xscale="log", yscale="log", xlabel=name, ylabel="ms for one refit")
        # ms: a cost that stays shows as a flat line
        ax.set_ylim(min(cost.values()) * 300, max(cost.values()) * 5_000)
        ax.text(0.05, 0.9, f"grows as the power {exponent(cost):.2f}", transform=ax.transAxes)
    BUILD.mkdir(exist_ok=True)
    figure.savefig(BUILD / "bench_inference.png", dpi=150)


def main(arguments=None):
    """Measure, print, draw; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="time the article's loop over a few steps"
    )
    quick = parser.parse_args(arguments).quick
    rows = compare(quick)
    rounds = 3 if quick else 9
    costs = {
        "images": cost_of_images(5 * rounds),
        "pixels": cost_of_pixels(rounds),
        "draws a step": cost_of_samples(rounds),
    }
    fast_seconds, fast_kl = rows[0][1:]
    print(
        f"\n{'fit of digit 0':28}{'seconds':>12}{'KL (nats)':>12}"
        f"{'FAST is faster by':>20}{'and closer by':>16}"
    )
    for name, seconds, kl in rows:
        print(
            f"{name:28}{seconds:12.4g}{kl:12.2g}{seconds / fast_seconds:20,.0f}{kl / fast_kl:16.1e}"
        )
    for name, cost in costs.items():
        print(
            f"\nms for one refit, against {name}: power {exponent(cost):.2f} in all, "
            f"{exponent(cost, 3):.2f} at the end"
        )
        print("  ".join(f"{size:,}: {1000 * seconds:.1f}" for size, seconds in cost.items()))
    print_away(rounds=41, seeds=range(6 if quick else 20))
    draw(rows, costs)
    print(f"\nfigure: {BUILD / 'bench_inference.png'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
