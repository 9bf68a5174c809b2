"""One model fitted by many processes: each sums its share of a file, one all-reduce adds up, all
fit the same model. With --steps, a model without totals: so many steps of notebook 11's
autoencoder, each on a batch of --batch images that the processes read from the file.

    python -m helpers.scale IMAGES STATE --processes 4

starts four on this machine. On a cluster, start it without the last two words on every machine.
Slurm, Open MPI and, with the package jax[k8s], an indexed Job of Kubernetes tell the processes who
they are; elsewhere three environment variables do: JAX_COORDINATOR_ADDRESS (host and port of
process 0) and JAX_NUM_PROCESSES, the same everywhere, and JAX_PROCESS_ID (0, 1, ...). IMAGES must
be there whole for each process, on one disk or on many; STATE is a folder that all of them see: a
cut-off run goes on from there, and process 0 leaves its fit in it. --devices: CPU devices of each
process. --synthetic: write so many images of the digit if IMAGES is not there; if it is, it must
hold them. --limit: seconds after which the run is ended, 0 for none.
"""

import argparse
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile

import jax
import numpy as np
import optax
import psutil
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from helpers import checks, data, inference, minibatch, parameters, streaming
from helpers.distributions import Gamma
from helpers.models import autoencoder
from helpers.models.poisson_gamma import PoissonGamma, prior

HEARTBEAT = 10  # seconds of silence after which a process counts as dead
LOST = 3  # exit status of a process that lost another one
GRACE = 60  # seconds that the others have to notice
CODE = 16  # numbers behind an image, where an autoencoder is fitted
# what a manager of clusters sets in each process that JAX can tell the place of
_MANAGERS = ("SLURM_STEP_NODELIST", "OMPI_MCA_orte_hnp_uri", "JOB_COMPLETION_INDEX")
_OPTIONS = {
    "processes": 0,
    "devices": 1,
    "synthetic": 0,
    "digit": 0,
    "strength": 2.0,
    "seed": 42,
    "limit": 0.0,
    "steps": 0,
    "batch": 1024,
}
_PROXIES = ("grpc_proxy", "https_proxy", "http_proxy")


def fit_share(images, state, digit, strength, seed, process, num_processes):
    """What every process does: sum its rows, add up over all processes, fit.

    Args: images, state: path of the file, folder for this run's files; digit, strength: of the
    prior; seed: of the fit. Returns: (surrogate, totals, num_images), everywhere the same: Gamma
    [64]; int64 [64] and int over the whole file. Raises: ValueError: if the processes do not have
    the same file and the same options.
    """
    believed = prior(data.domain_knowledge(digit), strength)
    pathlib.Path(state).mkdir(parents=True, exist_ok=True)
    num_rows, width = streaming.open_images(images).shape
    if width != data.NUM_PIXELS:
        raise ValueError(f"{images}: images of {data.NUM_PIXELS} pixels are wanted; got {width}.")
    # all are there, and mean the same, before the long part begins
    options = {
        "digit": digit,
        "strength": strength,
        "seed": seed,
        "number of processes": num_processes,
    }
    _roll_call(options | {"number of images": num_rows, "file's content": streaming.digest(images)})

    mesh = Mesh(jax.devices(), "images")  # every device of every process
    add_up = jax.jit(
        lambda parts: parts.sum(axis=0), out_shardings=NamedSharding(mesh, PartitionSpec())
    )

    def all_reduce(local):
        """The sum over all devices of local [local devices, n]: the same [n] in every process."""
        rows = NamedSharding(mesh, PartitionSpec("images"))
        return np.asarray(add_up(jax.make_array_from_process_local_data(rows, local)))

    devices = len(jax.local_devices())
    first, last = streaming.share(num_rows, num_processes, process)
    local = np.zeros((devices, width + 1), int)  # totals and the number of images
    for k in range(devices):
        begin, end = (first + part for part in streaming.share(last - first, devices, k))
        if begin < end:
            saved = pathlib.Path(state, f"sums-{begin}-{end}.npz")
            *_, sums = streaming.stream(images, (begin, end), saved)
            local[k] = [*sums.totals, sums.done]
    *totals, num_images = all_reduce(local)
    if num_images != num_rows:
        raise RuntimeError(f"{num_images:,} images were summed, and {images} holds {num_rows:,}.")

    # the model leaves out ln x!, a constant
    model = PoissonGamma(believed, np.array(totals, float), np.float64(num_images), np.zeros(()))
    surrogate = inference.fit(jax.random.key(seed), model, believed, inference.FAST).surrogate
    _roll_call({})  # all are still there
    return jax.tree.map(np.asarray, surrogate), np.array(totals), int(num_images)


def fit_batches(images, state, steps, size, seed):
    """The same for a model without totals, notebook 11's autoencoder: `minibatch.descend`, run by
    every process.

    Args: images, state: as for `fit_share`; steps: of Adam in all, those already saved included;
    size: images of a batch, a multiple of all devices; seed: of start, batches and noise. Returns:
    (autoencoder.Autoencoder, steps). Raises: ValueError: as `fit_share` and `minibatch.descend`.
    """
    num_rows = len(streaming.open_images(images))
    pathlib.Path(state).mkdir(parents=True, exist_ok=True)
    place = pathlib.Path(state, "steps.npz")
    known = {"number of steps": steps, "batch size": size, "seed": seed}
    known |= {"number of images": num_rows, "file's content": streaming.digest(images)}
    _roll_call(known | {"steps saved": minibatch.steps_saved(place)})

    some = streaming.rows_of(images, np.arange(min(1_000, num_rows)))
    start = autoencoder.initial(jax.random.key(seed), some, CODE)

    def loss(phi, counts, key):
        model = autoencoder.Images(counts)
        return -autoencoder.elbo(start.from_phi(phi), model, key, 1) / len(counts)

    adam = optax.adam(autoencoder.LEARNING_RATE)
    given = {"size": size, "num_steps": steps, "seed": seed, "state": place, "every": 20}
    *_, run = minibatch.descend(images, start.to_phi(), loss, adam, **given)
    _roll_call({})  # all are still there
    return start.from_phi(run.phi), run.done


def _roll_call(known):
    """Tell every process what this one knows, and hear the same of all: a roll call.

    `known` is a dictionary of numbers and words. Raises ValueError: one sentence that names what
    differs and where; in every process the same.
    """
    told = np.frombuffer(json.dumps(known).encode().ljust(1_000), np.uint8)
    heard = multihost_utils.process_allgather(told).reshape(-1, len(told))
    first, *others = (json.loads(bytes(row)) for row in heard)
    for process, other in enumerate(others, start=1):
        for name, value in first.items():
            if other[name] != value:
                raise ValueError(
                    f"the processes of one run must agree on the {name}: process 0 has {value}, "
                    f"process {process} has {other[name]}."
                )


def launch(num_processes, arguments, *, devices=1, time_limit=600, watch=None):
    """Start processes on this machine and wait for them.

    Args: arguments: list, IMAGES, STATE and options; devices: CPU devices of each; time_limit:
    seconds, after which all are ended, None for none; watch: a function (list of Popen), called ten
    times a second.
    Returns: list of strings, what each process printed.
    Raises: RuntimeError: one sentence that names the process that ended badly, or is frozen; none
    is left running. ValueError: if a number is no good.
    """
    checks.size("num_processes", num_processes)
    checks.size("devices", devices)
    time_limit = np.inf if time_limit is None else checks.positive("time_limit", time_limit)
    command = [sys.executable, "-m", "helpers.scale", *map(str, arguments)]
    command += ["--devices", str(devices)]
    shared, pipes = _environment(num_processes), {"stdout": subprocess.PIPE, "text": True}
    running = []
    try:
        for k in range(num_processes):
            own = shared | {"JAX_PROCESS_ID": str(k)}
            running.append(subprocess.Popen(command, env=own, stderr=subprocess.STDOUT, **pipes))
        fallen = _wait(running, time_limit, watch)
        frozen = [k for k, process in enumerate(running) if _is_frozen(process)]
        late = [k for k, process in enumerate(running) if process.poll() is None]
    finally:
        for process in running:
            process.kill()  # it does nothing to one that has ended
        said = [process.communicate()[0] for process in running]

    guilty = [k for k in fallen if not _lost_another(running[k])]
    if guilty:
        others = "; the others noticed and stopped" if len(fallen) == num_processes > 1 else ""
        wrong = _how(guilty[0], running, others), said[guilty[0]]
    elif frozen or (fallen and late):
        wrong = f"process {(frozen or late)[0]} of {num_processes} froze and was ended", ""
    elif fallen:
        wrong = _how(fallen[0], running, ""), said[fallen[0]]
    elif late:
        behind = [k for k in late if not _has_summed(arguments, k, num_processes)] or late
        if _is_by_steps(arguments):  # nobody goes on alone there
            behind = late
        names = " and ".join(map(str, behind))
        which = f"process {names}" if len(behind) == 1 else f"processes {names}"
        were = "was" if len(behind) == 1 else "were"
        wrong = f"{which} of {num_processes} took longer than {time_limit:g} s and {were} ended", ""
    else:
        return said
    words, its_own = wrong
    raise RuntimeError(f"{words}.{_last_words(its_own) or _what_is_saved(arguments)}")


def _environment(num_processes):
    """What all processes share: this machine's own free port, the CPU, and the course's package."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    course = str(pathlib.Path(__file__).resolve().parents[1])
    return os.environ | {
        "JAX_COORDINATOR_ADDRESS": address,
        "JAX_NUM_PROCESSES": str(num_processes),
        "JAX_PLATFORMS": "cpu",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": os.pathsep.join([course, *sys.path]),
    }


def _wait(running, time_limit, watch):
    """Wait for all; which ended badly, in the order of their ends.

    Once one has, the others get GRACE seconds to notice; one that is frozen never will.
    """
    end, fallen = time.monotonic() + time_limit, []
    while True:
        new = [k for k, process in enumerate(running) if process.poll() and k not in fallen]
        if new and not fallen:
            end = min(end, time.monotonic() + GRACE)
        fallen += sorted(new, key=lambda k: _lost_another(running[k]))
        late = [process for process in running if process.poll() is None]
        if time.monotonic() > end or all(fallen and _is_frozen(process) for process in late):
            return fallen
        if watch:
            watch(running)
        time.sleep(0.1)


def _lost_another(process):
    """Whether a process ended because another one did: by its own word, or by JAX's abort."""
    return process.returncode in (LOST, -signal.SIGABRT)


def _is_frozen(process):
    try:
        return process.poll() is None and psutil.Process(process.pid).status() == "stopped"
    except psutil.Error:  # it has just ended
        return False


def _how(k, running, others):
    code = running[k].returncode
    how = f"was ended by signal {-code}" if code < 0 else f"failed with status {code}"
    return f"process {k} of {len(running)} {how}{others}"


def _last_words(said):
    """The sentence with which a process failed, if it is its own."""
    last = said.strip().splitlines()[-1:]
    return f" {last[0]}" if last and last[0].startswith(("ValueError", "RuntimeError")) else ""


def _has_summed(arguments, process, num_processes):
    """Whether a process has saved the sums of all its rows."""
    images, state = arguments[:2]
    first, last = streaming.share(len(streaming.open_images(images)), num_processes, process)
    own = (done for begin, end, done in _saved(state) if first <= begin < end <= last)
    return sum(own) >= last - first


def _is_by_steps(arguments):
    return "--steps" in map(str, arguments)


def _what_is_saved(arguments):
    """The sentence about what is kept, true of this run: nothing is said where nothing is."""
    if _is_by_steps(arguments):
        try:
            done = minibatch.steps_saved(pathlib.Path(arguments[1], "steps.npz"))
        except ValueError:
            done = 0
        kept = f"{done} steps are" if done else ""
    else:
        kept = "The sums so far are" if any(done for *_, done in _saved(arguments[1])) else ""
    return f" {kept} saved: the same call goes on from them." if kept else ""


def _saved(state):
    """(first row, last row, images summed) of every saved state in a folder."""
    for path in pathlib.Path(state).glob("sums-*-*.npz"):
        try:
            with np.load(path) as stored:
                _, first, last = path.stem.split("-")
                yield int(first), int(last), int(stored["done"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            continue  # no saved state: nothing is lost by not counting it


def main(arguments=None):
    """One process, or with --processes the start of several; the exit status is 0, 1 or, for a
    peer's death, LOST."""
    parser = argparse.ArgumentParser(prog="python -m helpers.scale", description=__doc__)
    parser.add_argument("images", help="a file of images, uint8 [images, 64], in NumPy's format")
    parser.add_argument("state", help="a folder for what is saved")
    for name, usual in _OPTIONS.items():
        parser.add_argument(f"--{name}", type=type(usual), default=usual)
    given, begun = parser.parse_args(arguments), time.time()
    try:
        _check(given)
        pathlib.Path(given.state).mkdir(parents=True, exist_ok=True)
        if given.synthetic:
            _write_or_compare(given)
        streaming.open_images(given.images)
        if given.processes:
            _many_processes(given)
        else:
            _one_process(given)
    except (ValueError, RuntimeError, OSError) as error:
        lost = isinstance(error, jax.errors.JaxRuntimeError) and jax.distributed.is_initialized()
        why = f"another process was lost ({str(error).splitlines()[0][:200]})" if lost else error
        old = _earlier_fit(given.state, begun)
        if old in str(why):  # a process that this one started has said it
            old = ""
        print(f"{type(error).__name__}: {why}{old}", file=sys.stderr, flush=True)
        if jax.distributed.is_initialized() and jax.process_index() == 0 and not lost:
            time.sleep(1)  # all hear through process 0: let the others say their own words first
        os._exit(LOST if lost else 1)  # a tidy end would wait for the others


def _earlier_fit(state, begun):
    """The sentence that keeps a failed run's reader from taking an earlier fit for its own."""
    fit = pathlib.Path(state, "fit.npz")
    is_old = fit.is_file() and fit.stat().st_mtime < begun
    return f" {fit} is an earlier run's." if is_old else ""


def _check(given):
    parameters.check(digit=given.digit, prior_strength=given.strength, seed=given.seed)
    checks.size("--devices", given.devices)
    checks.size("--batch", given.batch)
    for name in ("processes", "synthetic", "limit", "steps"):
        value = getattr(given, name)
        checks.number(f"--{name}", value, "0 or more", lambda x: 0 <= x < np.inf)


def _write_or_compare(given):
    counts = data.load_digit(given.digit)
    if not os.path.exists(given.images):
        pathlib.Path(given.images).parent.mkdir(parents=True, exist_ok=True)
        streaming.write_synthetic(given.images, counts, given.synthetic, given.seed)
    elif not streaming.is_synthetic(given.images, counts, given.synthetic, given.seed):
        raise ValueError(
            f"{given.images} is there already, and does not hold the {given.synthetic:,} synthetic "
            f"images of digit {given.digit} from seed {given.seed}: delete it, name another, or "
            "leave --synthetic out."
        )


def _many_processes(given):
    options = ["--digit", given.digit, "--strength", given.strength, "--seed", given.seed]
    if given.steps:
        options += ["--steps", given.steps, "--batch", given.batch]
    arguments = [given.images, given.state, *options]
    limit = given.limit or None
    said = launch(given.processes, arguments, devices=given.devices, time_limit=limit)
    lines = (line for text in said for line in text.splitlines())
    print(*(line for line in lines if line.startswith("process")), sep="\n")


def _one_process(given):
    place = _place()
    if given.limit:
        timer = threading.Timer(given.limit, _out_of_time, (place, given))
        timer.daemon = True
        timer.start()
    jax.config.update("jax_num_cpu_devices", given.devices)
    jax.config.update("jax_enable_x64", True)  # whole numbers beyond 2^31
    jax.config.update("jax_numpy_dtype_promotion", "standard")  # whatever the environment says
    jax.config.update("jax_numpy_rank_promotion", "allow")
    if place != (0, 1):
        _join(place)
    process, number = jax.process_index(), jax.process_count()
    begun = time.perf_counter()
    if given.steps:
        done = fit_batches(given.images, given.state, given.steps, given.batch, given.seed)[1]
        what = f"{done:,} steps of {given.batch:,} images"
    else:
        what = given.images, given.state, given.digit, given.strength, given.seed
        q, totals, num_images = fit_share(*what, process, number)
        if process == 0:
            fit = pathlib.Path(given.state, "fit.npz")
            streaming.write_whole(fit, **q._asdict(), totals=totals, num_images=num_images)
        what = f"{num_images:,} images"
    seconds, left = time.perf_counter() - begun, "steps.npz" if given.steps else "fit.npz"
    said = f"process {process} of {number}: {len(jax.devices())} devices, {what}, {seconds:.1f} s"
    print(said + (f", saved in {pathlib.Path(given.state, left)}" if process == 0 else ""))


def _join(place):
    """Find the other processes: by the three variables, or as JAX reads a manager's own."""
    for name in list(os.environ):
        if name.lower() in _PROXIES:  # machines of one run speak to one another directly
            del os.environ[name]
    process, number = place or (None, None)
    try:  # the address comes from the environment, too
        jax.distributed.initialize(None, number, process, heartbeat_timeout_seconds=HEARTBEAT)
    except ValueError as error:
        if place:
            raise
        raise ValueError(
            f"JAX can't tell from this cluster's variables who is who ({error}): set "
            "JAX_COORDINATOR_ADDRESS, JAX_NUM_PROCESSES and JAX_PROCESS_ID."
        ) from None


def _place():
    """(process, number of processes), from the environment: all three variables, or none; None if
    it is for JAX to ask a cluster's manager."""
    names = "JAX_COORDINATOR_ADDRESS", "JAX_NUM_PROCESSES", "JAX_PROCESS_ID"
    given = address, number, process = [os.environ.get(name, "") for name in names]
    if not any(given):
        return None if any(name in os.environ for name in _MANAGERS) else (0, 1)
    missing = [name for name, value in zip(names, given, strict=True) if not value]
    if missing:
        raise ValueError(
            f"{' and '.join(missing)} must be set as well: all three, or none of them."
        )
    if not (number.isdecimal() and process.isdecimal() and int(process) < int(number)):
        raise ValueError(
            "JAX_PROCESS_ID must be a whole number from 0 and below JAX_NUM_PROCESSES; got "
            f"{process} and {number}."
        )
    host, _, port = address.rpartition(":")
    try:
        socket.getaddrinfo(host.strip("[]"), int(port))
    except (OSError, ValueError):
        raise ValueError(
            "JAX_COORDINATOR_ADDRESS must be host and port of process 0, such as 10.0.0.1:1234; "
            f"{address} leads nowhere from here."
        ) from None
    return int(process), int(number)


def _out_of_time(place, given):
    """End a process whose time is over, wherever it waits."""
    who = "process {} of {}".format(*place) if place else "this process"
    words = f"{who} took longer than {given.limit:g} s and was ended."
    arguments = [given.images, given.state, *(["--steps"] if given.steps else [])]
    print(f"RuntimeError: {words}{_what_is_saved(arguments)}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(1)


def read_fit(state):
    """What a run left in its folder: (surrogate, totals, num_images), as `fit_share` returns
    them; a ValueError where there is none."""
    path = pathlib.Path(state, "fit.npz")
    try:
        with np.load(path) as stored:
            q = Gamma(stored["concentration"], stored["rate"])
            return q, stored["totals"], int(stored["num_images"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise ValueError(f"{path}: no fit is saved here. Run python -m helpers.scale.") from None


if __name__ == "__main__":
    main()
