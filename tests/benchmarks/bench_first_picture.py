"""From the start of a kernel to a live big dial: in a first session, which compiles, and in a
second, which reads.

`python tests/benchmarks/bench_first_picture.py [--quick]` prints the median of three pairs of
sessions (--quick: one), each pair with an empty folder of compiled programs. On a shared machine
read the ratio, not the seconds.
"""

import os
import statistics
import sys
import tempfile
import time

from jupyter_client.manager import start_new_kernel

STEPS = {
    "imports": "import jax\nfrom helpers.widgets import big_dial",
    "dial": "from IPython.display import display\ndisplay(big_dial.panel())",
}


def session(folder):
    """Seconds of one session: dict with kernel, imports, dial, and all of them."""
    environment = {**os.environ, "JAX_COMPILATION_CACHE_DIR": folder}
    environment["JAX_ENABLE_COMPILATION_CACHE"] = "true"
    environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.01"  # as the course has it
    begun = time.perf_counter()
    manager, client = start_new_kernel(
        env=environment, extra_arguments=["--IPKernelApp.log_level=ERROR"]
    )
    try:
        spent = {"kernel": time.perf_counter() - begun}
        for name, code in STEPS.items():
            start = time.perf_counter()
            answer = client.execute_interactive(code, timeout=300, output_hook=lambda message: None)
            if answer["content"]["status"] != "ok":
                raise RuntimeError(answer["content"]["evalue"])
            spent[name] = time.perf_counter() - start
        return {**spent, "all": time.perf_counter() - begun}
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def main(quick):
    """Print both sessions, and what the second takes of the first."""
    pairs = []
    for _ in range(1 if quick else 3):
        with tempfile.TemporaryDirectory() as folder:
            pairs.append((session(folder), session(folder)))
    rows = [
        {name: statistics.median(row[name] for row in rows) for name in rows[0]}
        for rows in zip(*pairs, strict=True)
    ]
    print(f"{'seconds':16}" + "".join(f"{name:>9}" for name in rows[0]))
    for words, row in zip(("first session", "second session"), rows, strict=True):
        print(f"{words:16}" + "".join(f"{value:9.2f}" for value in row.values()))
    print(
        f"{'second / first':16}"
        + "".join(f"{rows[1][name] / rows[0][name]:9.2f}" for name in rows[0])
    )


if __name__ == "__main__":
    main("--quick" in sys.argv)
