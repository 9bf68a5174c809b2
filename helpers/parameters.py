"""The check right after a notebook's parameters cell: one clear sentence instead of a failure ten
cells later."""

import ast
import difflib
import math
from typing import NamedTuple

from IPython import get_ipython

from helpers import checks, data


class _Takes(NamedTuple):
    least: float
    most: float
    whole: bool = True


_KNOWN = {  # a new parameter is declared here, and nowhere else
    "digit": _Takes(0, 9),
    "prior_strength": _Takes(0.01, 1000, whole=False),
    "num_images": _Takes(1, math.inf),  # at most all images of the digit; None for all
    "num_components": _Takes(1, 64),  # of a factorisation; more than images is allowed
    "seed": _Takes(0, 2**31 - 1),
    "num_steps": _Takes(1, 100_000),
    "num_samples": _Takes(1, 10_000),
    "latent_size": _Takes(1, 64),
    "num_training_images": _Takes(1, 1347),  # of all ten digits together
    "prior_scale": _Takes(0.01, 100, whole=False),  # standard deviation of a weight's prior
    "num_synthetic": _Takes(1_000, 1_000_000_000),
    "exposure_factor": _Takes(0.1, 10, whole=False),  # of all groups' exposures
    "images_per_digit": _Takes(1, 20),
}


def check(**given):
    """Check a notebook's parameters, any of those above, and return them in the order given, as
    plain ints and floats.

    `num_images` may be None, for all images of the digit, and needs digit to be given too.
    ValueError: one sentence with the parameter's name, what it got and what it takes; or with the
    name that papermill was given (-p digits 8) and the notebook does not have.
    """
    _check_names()
    return tuple(_check_one(name, value, given) for name, value in given.items())


def _check_names():
    """Refuse what papermill injected right after the parameters, if none of them has that name.

    Its cell begins with "# Parameters"; nothing is looked at where the last cells hold no such.
    """
    shell = get_ipython()
    cells = shell.user_ns.get("In", [])[-3:] if shell else []
    if len(cells) < 3 or not cells[1].startswith("# Parameters\n"):
        return
    own, injected = (_assigned(cell) for cell in cells[:2])
    for name in injected:
        if name not in own:
            near = "".join(f", {each}?" for each in difflib.get_close_matches(name, own, 1, 0.5))
            raise ValueError(
                f"{name} is no parameter of this notebook{near or '.'} It has {', '.join(own)}."
            )


def _assigned(cell):
    """Names that the lines of a cell give a value."""
    targets = [line.targets[0] for line in ast.parse(cell).body if isinstance(line, ast.Assign)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _check_one(name, value, given):
    if name not in _KNOWN:
        raise ValueError(f"{name} is no parameter of this course; it knows {', '.join(_KNOWN)}.")
    least, most, whole = _KNOWN[name]
    more = ""
    if name == "num_images":
        if "digit" not in given:
            raise ValueError(
                "num_images needs digit beside it: how many images there are depends on the digit."
            )
        most = len(data.load_digit(given["digit"]))
        more = f" (all images of digit {given['digit']}), or None for all"
        value = most if value is None else value
    takes = f"a {'whole number' if whole else 'number'} from {least} to {most}{more}"
    return checks.number(name, value, takes, lambda x: least <= x <= most, whole)
