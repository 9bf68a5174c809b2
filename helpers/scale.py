"""One model fitted by many processes: each sums its share of a file, one all-reduce adds up, all
fit the same model.

    python -m helpers.scale IMAGES STATE --processes 4

starts four on this machine. On a cluster, start it without the last two words on every machine,
with three environment variables: JAX_COORDINATOR_ADDRESS (host and port of process 0) and
JAX_NUM_PROCESSES, the same everywhere, and JAX_PROCESS_ID (0, 1, ...). STATE is a folder: a cut-off
run goes on from there, and process 0 leaves its fit in it. --devices: CPU devices of each process.
--synthetic: write so many images of the digit if IMAGES is not there.
"""

import argparse
import os
import pathlib
import socket
import subprocess
import sys
import time

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from helpers import data, inference, parameters, streaming
from helpers.distributions import Gamma
from helpers.models.poisson_gamma import PoissonGamma, prior

HEARTBEAT = 10  # seconds of silence after which a process counts as dead
LOST = 3  # exit status of a process that lost another one
GRACE = 60  # seconds that the others have to notice
_OPTIONS = {"processes": 0, "devices": 1, "synthetic": 0, "digit": 0, "strength": 2.0, "seed": 42}


def fit_share(images, state, digit, strength, seed, process, num_processes):
    """What every process does: sum its rows, add up over all processes, fit.

    Args: images, state: path of the file, folder for this run's files; digit, strength: of the
    prior; seed: of the fit. Returns: (surrogate, totals, num_images), everywhere the same: Gamma
    [64]; int64 [64] and int over the whole file.
    """
    mesh = Mesh(jax.devices(), "images")  # every device of every process
    add_up = jax.jit(
        lambda parts: parts.sum(axis=0), out_shardings=NamedSharding(mesh, PartitionSpec())
    )

    def all_reduce(local):
        """The sum over all devices of local [local devices, n]: the same [n] in every process."""
        rows = NamedSharding(mesh, PartitionSpec("images"))
        return np.asarray(add_up(jax.make_array_from_process_local_data(rows, local)))

    devices = len(jax.local_devices())
    ones = np.ones((devices, 1), int)
    assert all_reduce(ones) == len(jax.devices())  # all are there before the long part begins

    num_rows, width = streaming.open_images(images).shape
    first, last = streaming.share(num_rows, num_processes, process)
    local = np.zeros((devices, width + 1), int)  # totals and the number of images
    for k in range(devices):
        begin, end = (first + part for part in streaming.share(last - first, devices, k))
        if begin < end:
            saved = pathlib.Path(state, f"sums-{begin}-{end}.npz")
            *_, sums = streaming.stream(images, (begin, end), saved)
            local[k] = [*sums.totals, sums.done]
    *totals, num_images = all_reduce(local)

    # the model leaves out ln x!, a constant
    believed = prior(data.domain_knowledge(digit), strength)
    model = PoissonGamma(believed, np.array(totals, float), np.float64(num_images), np.zeros(()))
    surrogate = inference.fit(jax.random.key(seed), model, believed, inference.FAST).surrogate
    assert all_reduce(ones) == len(jax.devices())  # and all are still there
    return jax.tree.map(np.asarray, surrogate), np.array(totals), int(num_images)


def launch(num_processes, arguments, *, devices=1, time_limit=600, watch=None):
    """Start processes on this machine and wait for them.

    Args: arguments: list, IMAGES, STATE and options; devices: CPU devices of each; time_limit:
    seconds, after which all are ended; watch: a function (list of Popen), called ten times a
    second.
    Returns: list of strings, what each process printed.
    Raises: RuntimeError: one sentence that names the process that ended badly; none is left
    running.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    shared = os.environ | {
        "JAX_COORDINATOR_ADDRESS": address,
        "JAX_NUM_PROCESSES": str(num_processes),
    }
    shared |= {"JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}
    shared["PYTHONPATH"] = os.pathsep.join(
        [str(pathlib.Path(__file__).resolve().parents[1]), *sys.path]
    )
    command = [
        sys.executable,
        "-m",
        "helpers.scale",
        *map(str, arguments),
        "--devices",
        str(devices),
    ]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    running, fallen = [], []  # the second: who ended badly, first things first
    end = time.monotonic() + time_limit
    try:
        for k in range(num_processes):
            running.append(
                subprocess.Popen(command, env=shared | {"JAX_PROCESS_ID": str(k)}, **pipes)
            )
        while True:
            late = [k for k, process in enumerate(running) if process.poll() is None]
            bad = [k for k, process in enumerate(running) if process.returncode and k not in fallen]
            end = min(end, time.monotonic() + GRACE) if bad else end
            fallen += sorted(bad, key=lambda k: running[k].returncode == LOST)
            if not late or time.monotonic() > end:
                break
            if watch:
                watch(running)
            time.sleep(0.1)
    finally:
        for process in running:
            process.kill()  # it does nothing to one that has ended
        said = [process.communicate()[0] for process in running]
    if fallen:
        code, words = running[fallen[0]].returncode, said[fallen[0]].strip().splitlines()
        how = f"was ended by signal {-code}" if code < 0 else f"failed with status {code}"
        others = "; the others noticed and stopped" if len(fallen) == num_processes > 1 else ""
        why = f" {words[-1]}" if code > 0 and words else ""
        words = f"process {fallen[0]} of {num_processes} {how}{others}"
        raise RuntimeError(
            f"{words}. The sums so far are saved: the same call goes on from them.{why}"
        )
    if late:
        raise RuntimeError(
            f"process {late[0]} of {num_processes} took longer than {time_limit} s and was ended."
        )
    return said


def main(arguments=None):
    """One process, or with --processes the start of several; the exit status is 0, 1 or, for a
    peer's death, LOST."""
    parser = argparse.ArgumentParser(prog="python -m helpers.scale", description=__doc__)
    parser.add_argument("images", help="a file of images, uint8 [images, 64], in NumPy's format")
    parser.add_argument("state", help="a folder for what is saved")
    for name, usual in _OPTIONS.items():
        parser.add_argument(f"--{name}", type=type(usual), default=usual)
    given = parser.parse_args(arguments)
    try:
        parameters.check(digit=given.digit, prior_strength=given.strength, seed=given.seed)
        pathlib.Path(given.state).mkdir(parents=True, exist_ok=True)
        if given.synthetic and not os.path.exists(given.images):
            pathlib.Path(given.images).parent.mkdir(parents=True, exist_ok=True)
            streaming.write_synthetic(
                given.images, data.load_digit(given.digit), given.synthetic, given.seed
            )
        streaming.open_images(given.images)
        if given.processes:
            options = ["--digit", given.digit, "--strength", given.strength, "--seed", given.seed]
            said = launch(
                given.processes, [given.images, given.state, *options], devices=given.devices
            )
            print(
                *(
                    line
                    for text in said
                    for line in text.splitlines()
                    if line.startswith("process")
                ),
                sep="\n",
            )
        else:
            _one_process(given)
    except (ValueError, RuntimeError, OSError) as error:
        lost = isinstance(error, jax.errors.JaxRuntimeError) and "JAX_PROCESS_ID" in os.environ
        why = f"another process was lost ({str(error).splitlines()[0][:200]})" if lost else error
        print(f"{type(error).__name__}: {why}", file=sys.stderr, flush=True)
        os._exit(LOST if lost else 1)  # a tidy end would wait for the others


def _one_process(given):
    process, number = (
        int(os.environ.get("JAX_PROCESS_ID", 0)),
        int(os.environ.get("JAX_NUM_PROCESSES", 1)),
    )
    jax.config.update("jax_num_cpu_devices", given.devices)
    jax.config.update("jax_enable_x64", True)  # whole numbers beyond 2^31
    if number > 1:
        # address: environment
        jax.distributed.initialize(None, number, process, heartbeat_timeout_seconds=HEARTBEAT)
    begun = time.perf_counter()
    what = given.images, given.state, given.digit, given.strength, given.seed
    q, totals, num_images = fit_share(*what, process, number)
    if process == 0:
        place = pathlib.Path(given.state, "fit.npz")
        streaming.write_whole(place, **q._asdict(), totals=totals, num_images=num_images)
    seconds = time.perf_counter() - begun
    print(
        f"process {process} of {number}: {len(jax.devices())} devices, {num_images:,} images, "
        f"{seconds:.1f} s"
    )


def read_fit(state):
    """What a run left in its folder: (surrogate, totals, num_images), as `fit_share` returns
    them."""
    with np.load(pathlib.Path(state, "fit.npz")) as stored:
        return (
            Gamma(stored["concentration"], stored["rate"]),
            stored["totals"],
            int(stored["num_images"]),
        )


if __name__ == "__main__":
    main()
