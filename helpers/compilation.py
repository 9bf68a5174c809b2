"""Where compiled programs are kept, so that the next session need not compile them again."""

import pathlib
import warnings

import jax

ROOT = pathlib.Path(__file__).resolve().parents[1]


def keep():
    """Keep compiled programs in build/jax-cache: in a checkout, unless a folder was chosen already.

    A fit is slow to compile. Where no program can be kept, or read, JAX compiles as ever, and what
    it says about that helps no reader: the warning is hushed.
    """
    if (ROOT / "notebooks").is_dir() and not jax.config.jax_compilation_cache_dir:
        jax.config.update("jax_compilation_cache_dir", str(ROOT / "build" / "jax-cache"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.01)
        words = "Error (reading|writing) persistent compilation cache entry"
        warnings.filterwarnings("ignore", words)
