"""What a page asks of the Python that runs it, and which of a reader's own settings count there."""

import importlib.util
import os
import sys

# As Python imports them, as pip installs them.
PACKAGES = {
    "jax": "jax",
    "optax": "optax",
    "sklearn": "scikit-learn",
    "matplotlib": "matplotlib",
    "ipywidgets": "ipywidgets",
}
# Settings of JAX with one of these words say where it runs and where it keeps its programs.
_KEPT = ("PLATFORM", "CACHE", "COORDINATOR", "PROCESS")


def prepare():
    """Make the kernel ready for a page; call it before JAX is imported.

    A Python that ignores `assert` is a RuntimeError, and a missing package an ImportError. Settings
    of JAX and Matplotlib that would change what the page prints and shows are put aside.
    """
    if not __debug__:
        raise RuntimeError(
            "Python was started with -O or PYTHONOPTIMIZE, which removes every `assert`, and so "
            "every check of this page. Take that away and restart the kernel."
        )
    missing = [package for name, package in PACKAGES.items() if not importlib.util.find_spec(name)]
    if missing:
        raise ImportError(
            f"This kernel's Python, {sys.executable}, has no {', '.join(missing)}. Choose the "
            "kernel of the course's own environment, or install: "
            f"{sys.executable} -m pip install {' '.join(missing)}"
        )
    for name in [name for name in os.environ if name.startswith("JAX_")]:
        if not any(word in name for word in _KEPT):
            del os.environ[name]
    import matplotlib

    matplotlib.rcdefaults()
