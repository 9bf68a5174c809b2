"""The model of notebook 5 in four other libraries, against the exact posterior: `make test-peers`.

python tests/tools/peers.py [name ...]        such as numpyro; all four when none is named

Each library gets an environment of its own in build/peers, beside the course's jax where it needs
one, and runs its program of tests/peers on the same counts. The table's z is the largest distance,
over the pixels, between the mean of its draws and the exact posterior's, in standard errors of that
mean. A library that can't be installed, or that does not run, is a line with its error; one that
runs and disagrees makes the exit status 1.

NumPyro's full normal then races the course's on two posteriors of tests/benchmarks/bench_any_model;
to be as fast, or to end as near to the best one, makes the exit status 1 as well: the README says
otherwise.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
from typing import NamedTuple

import numpy as np
from execute import BUILD, FOLDER

from helpers import data
from helpers.models import poisson_gamma

ROOT = FOLDER.parent
PROGRAMS = ROOT / "tests" / "peers"
BENCHMARK = ROOT / "tests" / "benchmarks" / "bench_any_model.py"
LIMIT = 1800  # seconds for an installation, and for a fit
MOST_Z = 5.0  # a right mean is farther off in one run of 27,000, with 64 pixels
NUM_IMAGES, STRENGTH = 20, 10.0

# Runs in the library's environment: there is no `helpers`.
_RUN = """
import importlib, sys, numpy as np
sys.path.insert(0, sys.argv[1])
given = np.load(sys.argv[3])
program = importlib.import_module(sys.argv[2] + "_model")
names = "counts", "concentration", "rate"
draws = program.fit(*(given[name].astype("float32") for name in names))
np.save(sys.argv[4], np.asarray(draws))
"""


# Runs there too, with the course's helpers, which need no more than jax and optax bring.
_RACE = """
import runpy, sys
root, program = sys.argv[1:3]
sys.path.insert(0, root)
sys.argv = [program, "--quick"]
runpy.run_path(program, run_name="__main__")
"""


class Peer(NamedTuple):
    """A library."""

    title: str
    packages: tuple  # what pip installs
    on_jax: bool = False  # then the course's own jax is installed beside it


PEERS = {
    "numpyro": Peer("NumPyro", ("numpyro",), on_jax=True),
    "pyro": Peer("Pyro", ("pyro-ppl",)),
    "pymc": Peer("PyMC", ("pymc",)),
    "tfp": Peer("TensorFlow Probability", ("tensorflow-probability",), on_jax=True),
}


def pins():
    """The course's jax, jaxlib and optax, as pip is told: a list such as ["jax==0.10.2", ...]."""
    return re.findall(
        r"(?m)^(?:jax|jaxlib|optax)==\S+", (ROOT / "requirements.txt").read_text(encoding="utf-8")
    )


def z_scores(draws, exact):
    """Distance of the draws' means from the exact ones, in standard errors of the former: [d], inf
    for a NaN.

    Args: draws: [n, d], independent, n at least 2; exact: Gamma with entries [d].
    Raises: ValueError, one sentence, if the draws have another shape.
    """
    draws, mean = np.asarray(draws, float), np.asarray(exact.mean, float)
    if draws.ndim != 2 or len(draws) < 2 or draws.shape[1] != len(mean):
        raise ValueError(f"draws must be a table [draws, {len(mean)}]; got shape {draws.shape}.")
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    # draws that never move: right or infinitely wrong
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (draws.mean(axis=0) - mean) / error
    return np.where(np.isnan(z), np.where(draws.mean(axis=0) == mean, 0.0, np.inf), z)


def verdict(draws, exact):
    """(whether the means agree, the words of the table's line)."""
    z = z_scores(draws, exact)
    spread = np.std(draws, axis=0, ddof=1) / np.sqrt(exact.variance)
    agrees = bool(np.abs(z).max() < MOST_Z)
    words = "agrees" if agrees else "DISAGREES"
    return (
        agrees,
        f"{words}: z {np.abs(z).max():.1f}, deviations {spread.min():.2f} to {spread.max():.2f} of "
        "the exact",
    )


def race(table):
    """(whether FAST leads everywhere, the words of the table's line), from what bench_any_model
    prints; RuntimeError if it has no race."""
    own = [float(gap) for gap in re.findall(r"(?m)^\S+ +FAST +(\S+) ", table)]
    row = r"(?m)NumPyro AutoMultivariateNormal, best rate +(\S+) .* (\S+)x$"
    others = [(float(gap), float(ratio)) for gap, ratio in re.findall(row, table)]
    if not others or len(own) != len(others):
        raise RuntimeError("no race: the benchmark printed none")
    gaps, ratios = zip(*others, strict=True)
    leads = min(ratios) > 1 and all(gap > mine for gap, mine in zip(gaps, own, strict=True))
    return (
        leads,
        f"{'slower' if leads else 'NOT BEHIND'}: a full normal takes {min(ratios):.1f} to "
        f"{max(ratios):.1f} times as long as FAST's, gaps {gaps} and {tuple(own)} nats",
    )


def last_words(stderr):
    """The last line of what a program wrote to stderr that says something, cut to a table's
    width."""
    lines = [
        line.strip()
        for line in stderr.splitlines()
        if line.strip() and not line.startswith("[notice]")
    ]
    return (lines or ["no message"])[-1][:160]


def attempt(what, command):
    """Run one command; RuntimeError, with its last words, if it fails or takes too long."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{what}: stopped after {LIMIT} s") from None
    if done.returncode:
        raise RuntimeError(f"{what}: {last_words(done.stderr)}")
    return done.stdout


def python_of(name):
    """The interpreter of a library's environment, made when it is not there; RuntimeError as
    `attempt`."""
    wanted = [*PEERS[name].packages, *(pins() if PEERS[name].on_jax else ())]
    folder = BUILD / "peers" / name
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = folder / "ready"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != " ".join(wanted):
        attempt("no environment", [sys.executable, "-m", "venv", "--clear", str(folder)])
        attempt(
            "not installed",
            [
                str(python),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-user",
                "--prefer-binary",
                *wanted,
            ],
        )
        stamp.write_text(" ".join(wanted), encoding="utf-8")
    return python


def release(name, python):
    """The release of a library that stands in the table's first column."""
    code = f"from importlib.metadata import version; print(version({PEERS[name].packages[0]!r}))"
    return attempt("no release", [str(python), "-c", code]).strip()


def main(arguments):
    """Run the libraries named, print a line for each; return 1 if one ran and disagreed, or won its
    race, 2 for a name unknown."""
    if unknown := set(arguments) - set(PEERS):
        print(
            f"No library {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}.",
            file=sys.stderr,
        )
        return 2
    counts = data.load_digit(0)[:NUM_IMAGES]
    prior = poisson_gamma.prior(data.domain_knowledge(0), STRENGTH)
    exact = poisson_gamma.exact_posterior(poisson_gamma.condition(prior, counts))
    print(
        f"{NUM_IMAGES} zeros, a prior worth {STRENGTH:g}; beside {' '.join(pins())} where it needs "
        "them",
        flush=True,
    )
    disagreed = []
    with tempfile.TemporaryDirectory() as folder:
        given, found = pathlib.Path(folder, "given.npz"), pathlib.Path(folder, "draws.npy")
        np.savez(given, counts=counts, **prior._asdict())
        for name in arguments or PEERS:
            title = PEERS[name].title
            try:
                python = python_of(name)
                title += f" {release(name, python)}"
                attempt(
                    "does not run",
                    [str(python), "-c", _RUN, str(PROGRAMS), name, str(given), str(found)],
                )
                agrees, words = verdict(np.load(found), exact)
            except (RuntimeError, ValueError) as error:
                agrees, words = True, str(error)
            if not agrees:
                disagreed.append(name)
            print(f"{title:32}{words}", flush=True)
        if "numpyro" in (arguments or PEERS):
            try:
                program = [str(python_of("numpyro")), "-c", _RACE, str(ROOT), str(BENCHMARK)]
                leads, words = race(attempt("no race", program))
            except RuntimeError as error:
                leads, words = True, str(error)
            if not leads:
                disagreed.append("numpyro")
            print(f"{'NumPyro, other models':32}{words}", flush=True)
    return int(bool(disagreed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
