"""One model fitted by many processes: each sums its share of a file, one all-reduce adds up, all fit the same model.

    python -m helpers.scale IMAGES STATE [options]          one process
    python -m helpers.scale IMAGES STATE --processes 4      four on this machine, started and awaited

On a cluster, start the first line on every machine, with three environment variables: JAX_COORDINATOR_ADDRESS (host and
port of process 0, the same everywhere), JAX_NUM_PROCESSES (the same everywhere) and JAX_PROCESS_ID (0, 1, ...).
STATE is a folder: a run that was cut off goes on from there, and process 0 leaves its fit in it.
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
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from helpers import data, inference, streaming
from helpers.distributions import Gamma
from helpers.models.poisson_gamma import PoissonGamma, prior

HEARTBEAT = 10  # seconds of silence after which a process counts as dead
LOST = 3  # exit status of a process that lost another one
GRACE = 60  # seconds that the others have to notice


def fit_share(images, state, digit, strength, seed, process, num_processes):
    """What every process does: sum its rows, add up over all processes, fit.

    Args:
        images: path of the file, readable for every process.
        state: folder for this run's files.
        digit, strength: of the prior (`data.domain_knowledge`, `poisson_gamma.prior`).
        seed: of the fit, the same in every process.
        process, num_processes: which one this is, of how many.

    Returns:
        (surrogate, totals, num_images): Gamma [64]; int64 [64] and int over the whole file; the same in every process.
    """
    mesh = Mesh(jax.devices(), "images")  # every device of every process
    add_up = jax.jit(lambda parts: parts.sum(axis=0), out_shardings=NamedSharding(mesh, PartitionSpec()))

    def all_reduce(local):
        """The sum over all devices of local [local devices, n]: the same [n] in every process."""
        rows = NamedSharding(mesh, PartitionSpec("images"))
        return np.asarray(add_up(jax.make_array_from_process_local_data(rows, local)))

    devices = len(jax.local_devices())
    assert all_reduce(np.ones((devices, 1), int)) == len(jax.devices())  # all are there before the long part begins

    width = streaming.open_images(images).shape[1]
    local = np.zeros((devices, width + 1), int)  # totals and the number of images
    first, last = streaming.share(len(streaming.open_images(images)), num_processes, process)
    for k in range(devices):
        share = [first + part for part in streaming.share(last - first, devices, k)]
        if share[0] < share[1]:
            saved = pathlib.Path(state, f"sums-{share[0]}-{share[1]}.npz")
            *_, sums = streaming.stream(images, share, saved)
            local[k] = [*sums.totals, sums.done]
    *totals, num_images = all_reduce(local)

    believed = prior(data.domain_knowledge(digit), strength)
    model = PoissonGamma(believed, np.array(totals, float), np.array(float(num_images)), np.zeros(()))  # up to ln x!
    surrogate = inference.fit(jax.random.key(seed), model, believed, inference.FAST).surrogate
    return jax.tree.map(np.asarray, surrogate), np.array(totals), int(num_images)


def launch(num_processes, arguments, *, devices=1, time_limit=600, watch=None):
    """Start processes on this machine and wait for them.

    Args:
        num_processes: how many.
        arguments: list of strings, IMAGES, STATE and options.
        devices: CPU devices of each.
        time_limit: seconds, after which all are ended.
        watch: None, or a function (list of Popen), called ten times a second.

    Returns:
        list of strings: what each process printed.

    Raises:
        RuntimeError: one sentence that names the process that ended badly; none is left running.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    root = pathlib.Path(__file__).resolve().parents[1]
    command = [sys.executable, "-m", "helpers.scale", *map(str, arguments), "--devices", str(devices)]
    running, noticed = [], None
    try:
        for process in range(num_processes):
            here = {"JAX_COORDINATOR_ADDRESS": address, "JAX_NUM_PROCESSES": num_processes, "JAX_PROCESS_ID": process}
            path = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
            here |= {"PYTHONPATH": path, "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": 3}
            environment = os.environ | {name: str(value) for name, value in here.items()}
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
            running.append(subprocess.Popen(command, env=environment, **pipes))
        end = time.monotonic() + time_limit
        while any(process.poll() is None for process in running) and time.monotonic() < end:
            if noticed is None and any(process.poll() for process in running):
                noticed = time.monotonic()
                end = min(end, noticed + GRACE)
            if watch:
                watch(running)
            time.sleep(0.1)
    finally:
        late = [process for process in running if process.poll() is None]
        for process in late:
            process.kill()
        said = [process.communicate()[0] for process in running]
    _complain(running, late, said, noticed)
    return said


def _complain(running, late, said, noticed):
    """Nothing if all ended well, or a RuntimeError that names who did not."""
    bad = [k for k, process in enumerate(running) if process.returncode and process not in late]
    first = [k for k in bad if running[k].returncode != LOST] or bad
    if first:
        k, code = first[0], running[first[0]].returncode
        how = f"was ended by signal {-code}" if code < 0 else f"failed with status {code}"
        others = [other for other in bad if other != k]
        words = f"process {k} of {len(running)} {how}" + "; the others noticed and stopped" * bool(others)
        last = said[k].strip().splitlines()[-1:] if code > 0 else []
        raise RuntimeError(" ".join([f"{words}. The sums so far are saved: the same call goes on from them.", *last]))
    if late:
        names = " and ".join(str(running.index(process)) for process in late)
        raise RuntimeError(f"process {names} of {len(running)} took longer than allowed and was ended.")


def main(arguments=None):
    """One process, or with --processes the start of several; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m helpers.scale", description="Fit the Poisson-gamma model.")
    parser.add_argument("images", help="a file of images, uint8 [images, 64], in NumPy's format")
    parser.add_argument("state", help="a folder for what is saved")
    parser.add_argument("--processes", type=int, default=0, help="start so many on this machine")
    parser.add_argument("--synthetic", type=int, default=0, help="if IMAGES is not there, write so many synthetic ones")
    parser.add_argument("--devices", type=int, default=1, help="CPU devices of each process")
    parser.add_argument("--digit", type=int, default=0)
    parser.add_argument("--strength", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=42)
    given = parser.parse_args(arguments)
    options = ["--digit", given.digit, "--strength", given.strength, "--seed", given.seed]
    try:
        if given.synthetic and not os.path.exists(given.images):
            pathlib.Path(given.images).parent.mkdir(parents=True, exist_ok=True)
            streaming.write_synthetic(given.images, data.load_digit(given.digit), given.synthetic, given.seed)
        streaming.open_images(given.images)
        pathlib.Path(given.state).mkdir(parents=True, exist_ok=True)
        if given.processes:
            said = launch(given.processes, [given.images, given.state, *options], devices=given.devices)
            print(*said, sep="", end="")
            return 0
        return _one_process(given)
    except (ValueError, RuntimeError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def _one_process(given):
    process, number = (
        int(os.environ.get(f"JAX_{name}", least)) for name, least in (("PROCESS_ID", 0), ("NUM_PROCESSES", 1))
    )
    jax.config.update("jax_num_cpu_devices", given.devices)
    jax.config.update("jax_enable_x64", True)  # whole numbers beyond 2^31
    if number > 1:
        address = os.environ["JAX_COORDINATOR_ADDRESS"]
        jax.distributed.initialize(address, number, process, heartbeat_timeout_seconds=HEARTBEAT)
    begun = time.perf_counter()
    try:
        q, totals, num_images = fit_share(
            given.images, given.state, given.digit, given.strength, given.seed, process, number
        )
        multihost_utils.assert_equal(totals, "the processes disagree on the totals")
    except jax.errors.JaxRuntimeError as error:
        reason = str(error).splitlines()[0][:200]
        print(f"process {process} of {number}: another process was lost ({reason}). My sums are in {given.state}.")
        sys.stdout.flush()
        os._exit(LOST)  # a tidy shutdown would wait for the one that is gone
    if process == 0:
        found = {"concentration": q.concentration, "rate": q.rate, "totals": totals, "num_images": num_images}
        streaming.write_whole(pathlib.Path(given.state, "fit.npz"), **found)
    seconds = time.perf_counter() - begun
    print(f"process {process} of {number}: {len(jax.devices())} devices, {num_images:,} images, {seconds:.1f} s")
    return 0


def read_fit(state):
    """What a run left in its folder.

    Returns:
        (surrogate, totals, num_images): as `fit_share` returns them.
    """
    with np.load(pathlib.Path(state, "fit.npz")) as stored:
        return Gamma(stored["concentration"], stored["rate"]), stored["totals"], int(stored["num_images"])


if __name__ == "__main__":
    sys.exit(main())
