"""All benchmarks, one after the other: tables in the terminal, figures in build/. Not part of `make
test`.

python tests/benchmarks/run_all.py [--quick]
"""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 1800  # seconds a script


def main(arguments):
    """Run each script in a process of its own; return 1 if one failed."""
    failed = []
    for name, takes in (
        ("sampler.py", False),
        ("bench_inference.py", True),
        ("bench_any_model.py", True),
        ("bench_factorisation.py", True),
        ("bench_autoencoder.py", True),
        ("bench_first_picture.py", True),
        ("bench_widgets.py", True),
        ("bench_scale.py", True),
    ):
        print(f"\n== {name}", flush=True)
        # what compiles should be seen to
        environment = {**os.environ, "JAX_ENABLE_COMPILATION_CACHE": "false"}
        command = [sys.executable, str(HERE / name), *(arguments if takes else [])]
        try:
            status = subprocess.run(command, timeout=LIMIT, env=environment, check=False).returncode
        except subprocess.TimeoutExpired:
            status = f"stopped after {LIMIT} s"
        if status:
            failed.append(f"{name} ({status})")
    if failed:
        print("Failed: " + ", ".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
