"""Notebooks at full length with other parameters than their own: `make sweep N=20`, `make sweep
DIGITS=all`.

python tests/tools/sweep.py [N=9] [SEED=number] [DIGITS=all] [WORKERS=2] [notebook.ipynb ...]

N sets of random parameters, dealt to the notebooks in turn: any digit, a strength from 0.01 to 1000
(uniform in its log), from one image to all (so too), any seed; and what only some notebooks take,
over all that they accept, but for numbers of steps, draws and synthetic images: at full length
means those of the page. Set k depends on SEED and k alone. DIGITS=all takes every digit through
every notebook, with everything else as the notebook has it. A failure is reported and the rest goes
on.
"""

import ast
import functools
import math
import re
import sys
import time

import nbformat
import numpy as np
from execute import (
    BUILD,
    FOLDER,
    INTERRUPTED,
    each,
    leave,
    paths_of,
    read,
    run,
    say_interpreter,
)

from helpers import data

# The article's program fails in view: which cells of which lesson may print NaN.
SHOW_NAN = {
    "05_poisson_gamma_vi": "= first_steps(",
    "09_fast_and_exact": "in enumerate(zip(NAMES, ladder",
}


def lessons():
    """Paths of the lessons: the notebooks with a number."""
    return sorted(FOLDER.glob("[0-9]*.ipynb"))


def accepted(path):
    """The names in a lesson's parameters cell; ValueError, one sentence, where there is none."""
    cells = [cell for cell in read(path).cells if "parameters" in cell.metadata.get("tags", [])]
    if not cells:
        raise ValueError(f"{path} has no cell of parameters to try others in")
    [cell] = cells
    return [
        node.targets[0].id for node in ast.parse(cell.source).body if isinstance(node, ast.Assign)
    ]


def check_outputs(path, stem):
    """Fail if an executed lesson printed NaN where none belongs, or wrote to stderr.

    Raises:
        AssertionError: with the text that should not be there.
    """
    for cell in nbformat.read(path, as_version=4).cells:
        may_show_nan = stem in SHOW_NAN and SHOW_NAN[stem] in cell.source
        for output in cell.get("outputs", []):
            text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
            if output.get("name") == "stderr" or (
                not may_show_nan and re.search(r"\bnan\b", text.lower())
            ):
                raise AssertionError(" ".join(text.split())[:300])


def draw(seed, k):
    """The k-th set of random parameters: a dict, such as {"digit": 3, "prior_strength": 0.4,
    ...}."""
    random = np.random.default_rng([seed, k])

    def number(least, most):
        return float(f"{math.exp(random.uniform(math.log(least), math.log(most))):.4g}")

    def whole(most):
        return min(most, int(math.exp(random.uniform(0, math.log(most + 1)))))

    digit = int(random.integers(10))
    return {
        "digit": digit,
        "prior_strength": number(0.01, 1000),
        "num_images": whole(len(data.load_digit(digit))),
        "seed": int(random.integers(2**31)),
        "num_components": whole(64),
        "latent_size": whole(64),
        "num_training_images": whole(1347),
        "prior_scale": number(0.01, 100),
        "exposure_factor": number(0.1, 10),
        "images_per_digit": whole(20),
    }


def plan(paths, count, seed, every_digit):
    """What to run: a list of (path, parameters); ValueError, one sentence, where no lesson is."""
    names = {path: accepted(path) for path in paths}
    if every_digit:
        if without := [path.name for path, taken in names.items() if "digit" not in taken]:
            raise ValueError(f"{', '.join(without)} has no parameter digit")
        return [(path, {"digit": digit}) for digit in range(10) for path in paths]
    dealt = [paths[k % len(paths)] for k in range(count)]
    return [
        (path, {n: v for n, v in draw(seed, k).items() if n in names[path]})
        for k, path in enumerate(dealt)
    ]


def command(path, parameters):
    """The papermill command that runs one set."""
    return f"papermill {path.name} out.ipynb " + " ".join(
        f"-p {name} {value}" for name, value in parameters.items()
    )


def table(ran, paths):
    """Digits by notebooks, in text: how many sets passed of how many that were run."""
    lines = ["digit " + "".join(f"{path.name[:2]:>7}" for path in paths)]
    for digit in range(10):
        cells = [
            [ok for p, sets, ok in ran if p == path and sets.get("digit") == digit]
            for path in paths
        ]
        lines.append(
            f"{digit:<6}" + "".join(f"{f'{sum(c)}/{len(c)}' if c else '.':>7}" for c in cells)
        )
    return "\n".join(lines)


def one(path, parameters, target):
    """Run one set and check what it printed; the executed copy stays only if something was
    wrong."""
    run(path, target, parameters)
    check_outputs(target, path.stem)
    target.unlink()


def asked(arguments):
    """The options of a sweep, from arguments such as N=20: (count, seed, every digit, workers).

    Raises:
        ValueError: one sentence, for a name or a value that is none.
    """
    options = {"N": "9", "SEED": str(time.time_ns() % 2**31), "DIGITS": "", "WORKERS": "2"}
    for argument in arguments:
        name, _, value = argument.partition("=")
        if name not in options or (name == "DIGITS" and value not in ("", "all")):
            raise ValueError(f"sweep takes N=, SEED=, DIGITS=all and WORKERS=; got {argument!r}.")
        options[name] = value or options[name]
    for name, least in (("N", 1), ("SEED", 0), ("WORKERS", 1)):
        if not re.fullmatch(r"[0-9]{1,18}", options[name]) or int(options[name]) < least:
            raise ValueError(
                f"{name} must be a whole number, {least} or more; got {options[name]!r}."
            )
    every_digit = options["DIGITS"] == "all"
    return int(options["N"]), int(options["SEED"]), every_digit, int(options["WORKERS"])


def main(arguments):
    """Run the sweep; return 1 if a set failed, 2 if what was asked for is no sweep."""
    try:
        count, seed, every_digit, workers = asked([each for each in arguments if "=" in each])
        named = [argument for argument in arguments if "=" not in argument]
        paths = paths_of(named) if named else lessons()
        sets = plan(paths, count, seed, every_digit)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    say_interpreter()
    what = "every digit" if every_digit else f"SEED={seed}"
    print(f"{len(sets)} sets through {len(paths)} notebooks at full length, {what}", flush=True)
    jobs, names = {}, []
    for k, (path, parameters) in enumerate(sets):
        name = f"{k:03d} " + command(path, parameters)
        names.append(name)
        jobs[name] = functools.partial(
            one, path, parameters, BUILD / "sweep" / f"{k:03d}_{path.name}"
        )
    begun = time.monotonic()
    outcomes = each(jobs, workers=workers)
    ran = [
        (p, s, outcomes[n][1] is None)
        for n, (p, s) in zip(names, sets, strict=True)
        if n in outcomes
    ]
    print("\n" + table(ran, paths))
    passed = sum(ok for *_, ok in ran)
    for name in names:
        if name in outcomes and outcomes[name][1]:
            print(f"FAILED: {name}\n    {outcomes[name][1]}")
    print(f"{passed} of {len(sets)} sets ran clean, {time.monotonic() - begun:.0f} s, {what}")
    return INTERRUPTED if len(ran) < len(sets) else int(passed < len(sets))


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
