"""Images a second from disk against NumPy's own sum over the same map; a step's time against the
number of devices.

python tests/benchmarks/bench_scale.py [--quick]
"""

import pathlib
import statistics
import sys
import tempfile
import time

import jax

DEVICES = (1, 2, 4, 8)
jax.config.update("jax_num_cpu_devices", max(DEVICES))

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from jax.sharding import Mesh, NamedSharding, PartitionSpec  # noqa: E402

from helpers import data, distributions, streaming  # noqa: E402


def in_turns(programs, rounds):
    """Median seconds of each program, timed in turns; the first round does not count."""
    times = {name: [] for name in programs}
    for _ in range(rounds + 1):
        for name, program in programs.items():
            begun = time.perf_counter()
            program()
            times[name].append(time.perf_counter() - begun)
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def from_disk(num_images, rounds):
    """Print images a second, streamed and by NumPy over the whole map."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "images.npy")
        streaming.write_synthetic(path, data.load_digit(0), num_images)
        times = in_turns(
            {
                "streamed": lambda: list(streaming.stream(path)),
                "NumPy": lambda: np.load(path, mmap_mode="r").sum(axis=0, dtype=np.int64),
            },
            rounds,
        )
    for name, seconds in times.items():
        print(f"{name:10}{num_images / seconds / 1e6:8.2f} million images a second")
    print(
        f"streamed reaches {times['NumPy'] / times['streamed']:.0%} of NumPy's own sum (wanted: at "
        "least 80%)"
    )


def by_devices(num_images, rounds):
    """Print a gradient step's time on several devices, as a ratio to one."""

    def program(number):
        mesh = Mesh(jax.devices("cpu")[:number], "images")
        rows = np.resize(data.load_digit(0), (num_images, 64)).astype(np.float32)
        rows = jax.device_put(rows, NamedSharding(mesh, PartitionSpec("images")))
        rates = jax.device_put(jnp.zeros(64), NamedSharding(mesh, PartitionSpec()))
        gradient = jax.jit(
            jax.grad(lambda rates, rows: distributions.poisson_log_mass(rows, rates).sum())
        )
        return lambda: jax.block_until_ready(gradient(rates, rows))

    times = in_turns({number: program(number) for number in DEVICES}, rounds)
    for number, seconds in times.items():
        print(f"{number} devices: {seconds / times[1]:.2f} of one device's time")


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    from_disk(500_000 if quick else 10_000_000, rounds=3 if quick else 5)
    by_devices(40_000 if quick else 400_000, rounds=5 if quick else 11)
