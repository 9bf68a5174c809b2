"""Real processes under jax.distributed: the same answer on one and on two, a killed one is named,
the rest resumes."""

import ast
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest
import yaml

from helpers import data, distributions, scale, streaming
from helpers.models import poisson_gamma

ROOT = pathlib.Path(__file__).resolve().parents[1]
PYTHON = shlex.quote(sys.executable)  # a folder's name may hold a space


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    path = tmp_path_factory.mktemp("digits") / "digits.npy"
    np.save(path, data.load_digit(0).astype(np.uint8))
    return path


@pytest.mark.parametrize(("processes", "devices"), [(1, 1), (1, 8), (2, 2)])
def test_the_same_totals_and_the_same_fit(digits, tmp_path, processes, devices):
    said = scale.launch(processes, [digits, tmp_path], devices=devices, time_limit=500)
    assert f"{processes * devices} devices, {len(data.load_digit(0)):,} images" in said[0]
    assert said[0].rstrip().endswith(f"saved in {tmp_path / 'fit.npz'}")
    q, totals, num_images = scale.read_fit(tmp_path)
    counts = data.load_digit(0)
    np.testing.assert_array_equal(totals, counts.sum(axis=0))
    assert num_images == len(counts)
    exact = poisson_gamma.exact_posterior(
        poisson_gamma.condition(poisson_gamma.prior(data.domain_knowledge(0), 2.0), counts)
    )
    assert distributions.kl_divergence(q, exact).sum() < 1e-6


@pytest.mark.parametrize("victim", [0, 1])
def test_a_killed_process_is_named_and_the_run_resumes(tmp_path, victim):
    path, state = tmp_path / "images.npy", tmp_path / "state"
    streaming.write_synthetic(path, data.load_digit(0), 2_000_001)
    state.mkdir()
    first, last = streaming.share(2_000_001, 2, victim)

    def kill(running):
        if (state / f"sums-{first}-{last}.npz").exists() and running[victim].poll() is None:
            running[victim].kill()

    with pytest.raises(
        RuntimeError, match=rf"^process {victim} of 2 was ended by signal 9; the others noticed and"
    ):
        scale.launch(2, [path, state], time_limit=500, watch=kill)
    assert not (state / "fit.npz").exists()
    scale.launch(2, [path, state], time_limit=500)
    _, totals, num_images = scale.read_fit(state)
    *_, sums = streaming.stream(path)
    np.testing.assert_array_equal(totals, sums.totals)
    assert num_images == 2_000_001


def test_a_process_that_takes_too_long_is_ended_and_named(digits, tmp_path):
    with pytest.raises(
        RuntimeError, match=r"^process 0 of 1 took longer than 0\.1 s and was ended\.$"
    ):
        scale.launch(1, [digits, tmp_path], time_limit=0.1)


def test_a_process_that_fails_does_not_hold_the_others(digits, tmp_path):
    first, last = streaming.share(len(data.load_digit(0)), 2, 1)
    (tmp_path / f"sums-{first}-{last}.npz").write_text("nothing", encoding="utf-8")
    with pytest.raises(
        RuntimeError, match=r"^process 1 of 2 failed with status 1.* this is no saved state\."
    ):
        scale.launch(2, [digits, tmp_path], time_limit=500)


def test_a_frozen_process_is_named_and_not_the_one_that_waits_for_it(digits, tmp_path):
    def freeze(running):
        running[1].send_signal(signal.SIGSTOP)

    with pytest.raises(RuntimeError, match=r"^process 1 of 2 froze and was ended\.$"):
        scale.launch(2, [digits, tmp_path], time_limit=5, watch=freeze)


def test_of_two_that_are_late_the_one_with_rows_left_is_named(digits, tmp_path):
    """Process 1's sums are there from a run before; nobody comes as far as adding them up."""
    first, last = streaming.share(len(data.load_digit(0)), 2, 1)
    list(streaming.stream(digits, (first, last), tmp_path / f"sums-{first}-{last}.npz"))
    says = r"^process 0 of 2 took longer than 0\.1 s and was ended\. The sums so far are saved"
    with pytest.raises(RuntimeError, match=says):
        scale.launch(2, [digits, tmp_path], time_limit=0.1)


def test_a_proxy_does_not_stand_between_the_processes(digits, tmp_path, monkeypatch):
    for name in ("http_proxy", "HTTPS_PROXY", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody answers there
    assert len(scale.launch(2, [digits, tmp_path], time_limit=120)) == 2


def started(arguments, **variables):
    """A process of `helpers.scale` as somebody starts it on a machine of a cluster."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"} | variables
    command = [sys.executable, "-O", "-m", "helpers.scale", *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    ("others", "says"),
    [
        (["--digit", 3], "must agree on the digit: process 0 has 0, process 1 has 3."),
        (None, "must agree on the number of images: process 0 has 178, process 1 has 177."),
    ],
)
def test_processes_that_do_not_mean_the_same_all_say_so(digits, tmp_path, others, says):
    """With -O, which drops every assert."""
    another = tmp_path / "another.npy"
    np.save(another, np.load(digits)[1:])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    shared = {"JAX_COORDINATOR_ADDRESS": address, "JAX_NUM_PROCESSES": "2"}
    given = [[digits, tmp_path / "0"], [digits if others else another, tmp_path / "1"]]
    given[1] += others or []
    running = [started(given[k], **shared, JAX_PROCESS_ID=str(k)) for k in (0, 1)]
    try:
        for process in running:
            last = process.communicate(timeout=200)[1].splitlines()[-1]
            assert last == f"ValueError: the processes of one run {says}"
            assert process.returncode == 1
    finally:
        for process in running:
            process.kill()


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"JAX_PROCESS_ID": "1"}, "JAX_COORDINATOR_ADDRESS and JAX_NUM_PROCESSES must be set"),
        ({"JAX_PROCESS_ID": "2", "JAX_NUM_PROCESSES": "2"}, "below JAX_NUM_PROCESSES; got 2 and 2"),
        ({"JAX_PROCESS_ID": "one", "JAX_NUM_PROCESSES": "2"}, "must be a whole number from 0"),
        ({"JAX_PROCESS_ID": "1", "JAX_NUM_PROCESSES": "2"}, "nohost.invalid:1 leads nowhere"),
    ],
)
def test_variables_that_lead_nowhere_are_named_at_once(monkeypatch, variables, says):
    if "JAX_NUM_PROCESSES" in variables:
        variables = variables | {"JAX_COORDINATOR_ADDRESS": "nohost.invalid:1"}
    for name in ("JAX_COORDINATOR_ADDRESS", "JAX_NUM_PROCESSES", "JAX_PROCESS_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=says):
        scale._place()


def test_what_a_folder_does_not_hold_is_said(tmp_path):
    with pytest.raises(ValueError, match=r"fit\.npz: no fit is saved here"):
        scale.read_fit(tmp_path)


def test_nothing_that_matters_stands_in_an_assert():
    for path in (ROOT / "helpers").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not any(isinstance(node, ast.Assert) for node in ast.walk(tree)), path


@pytest.mark.parametrize("option", [[], ["--digit", "12"]])
def test_bad_input_ends_in_one_sentence(tmp_path, option):
    (tmp_path / "foreign.npy").write_text("nothing", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "helpers.scale",
        str(tmp_path / "foreign.npy"),
        str(tmp_path / "state"),
        *option,
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("ValueError: ")
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("option", [[], ["--processes", "1"]])
def test_a_refused_rerun_says_whose_the_fit_in_the_folder_is(digits, tmp_path, option):
    """Once: the process that was started says it, and who started it does not say it again."""
    (tmp_path / "fit.npz").write_text("of a run before", encoding="utf-8")
    (tmp_path / "sums-0-178.npz").write_text("nothing", encoding="utf-8")
    command = [sys.executable, "-m", "helpers.scale", str(digits), str(tmp_path), *option]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment)
    assert done.returncode == 1
    last = f"Delete it to begin anew. {tmp_path / 'fit.npz'} is an earlier run's.\n"
    assert done.stderr.endswith(last)
    assert done.stderr.count("an earlier run's") == 1


# A model without totals: batches from the file, by steps that are saved.

BY_STEPS = ["--steps", 400, "--batch", 64]


def leaves(state):
    with np.load(state / "steps.npz") as stored:
        assert stored["done"] == 400
        return [stored[name] for name in stored.files if name.startswith("leaf")]


def test_steps_of_two_processes_killed_and_begun_again_are_those_of_one(digits, tmp_path):
    alone, state = tmp_path / "alone", tmp_path / "state"
    scale.launch(1, [digits, alone, *BY_STEPS], devices=2, time_limit=500)

    def kill(running):
        if (state / "steps.npz").exists() and running[1].poll() is None:
            running[1].kill()

    says = r"^process 1 of 2 was ended by signal 9; the others.* \d+ steps are saved: the same call"
    with pytest.raises(RuntimeError, match=says):
        scale.launch(2, [digits, state, *BY_STEPS], time_limit=500, watch=kill)
    assert (
        "400 steps of 64 images" in scale.launch(2, [digits, state, *BY_STEPS], time_limit=500)[0]
    )
    for mine, other in zip(leaves(state), leaves(alone), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-9)


def test_what_is_said_to_be_saved_is(digits, tmp_path):
    list(streaming.stream(digits, state=tmp_path / "sums-0-178.npz"))
    assert scale._what_is_saved([digits, tmp_path]).startswith(" The sums so far are saved")
    assert scale._what_is_saved([digits, tmp_path, *BY_STEPS]) == ""  # they are of no use there


# Who is who, as a cluster's own manager says it.


def free_port(first):
    """The first free one from there on."""
    for port in range(first, 65_536):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def script(language):
    """The first block of TEACHING.md in that language."""
    words = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
    return re.search(rf"```{language}\n(.*?)```", words, re.DOTALL)[1]


def assert_two_of_two(running, state, devices):
    """One run of two processes: each device of either summed its own part, and all is there."""
    try:
        for process in running:
            error = process.communicate(timeout=300)[1]
            assert process.returncode == 0, error
    finally:
        for process in running:
            process.kill()
            process.stderr.close()
    parts = sorted([int(row) for row in file.stem.split("-")[1:]] for file in state.glob("sums-*"))
    assert len(parts) == 2 * devices
    assert parts[devices][0] == 89
    assert [parts[0][0], *(end for _, end in parts)] == [*(begin for begin, _ in parts), 178]
    assert scale.read_fit(state)[2] == 178


def test_the_script_for_slurm_starts_one_run_of_as_many_processes_as_tasks(digits, tmp_path):
    """An srun that is ours starts what it is given twice, with the variables that Slurm sets."""
    job = free_port(61_440 + os.getpid() % 4_000) - 61_440  # JAX adds them up again
    shared = {
        "SLURM_JOB_ID": str(job),
        "SLURM_STEP_NODELIST": "127.0.0.1",
        "SLURM_NTASKS": "2",
        "SLURM_STEP_NUM_NODES": "1",
    }
    (tmp_path / "srun").write_text(
        'for k in 0 1; do SLURM_PROCID=$k SLURM_LOCALID=$k "$@" & pids="$pids $!"; done\n'
        "for pid in $pids; do wait $pid || exit 1; done\n",
        encoding="utf-8",
    )
    words = script("bash").replace("srun ", f"bash {tmp_path / 'srun'} ")
    words = words.replace(".venv/bin/python", PYTHON).replace("$HOME/course", str(ROOT))
    words = words.replace("/data/images.npy", str(digits))
    words = words.replace("/scratch/$USER/state", str(tmp_path / "state"))
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | shared
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(["bash", "-c", words], env=environment, **pipes)
    assert_two_of_two([process], tmp_path / "state", devices=8)


def test_the_job_for_kubernetes_starts_one_run_of_as_many_processes_as_pods(digits, tmp_path):
    job, service = yaml.safe_load_all(script("yaml"))
    pods = job["spec"]
    [container] = pods["template"]["spec"]["containers"]
    variables = {one["name"]: one["value"] for one in container["env"]}
    assert variables["JAX_NUM_PROCESSES"] == str(pods["completions"]) == str(pods["parallelism"])
    host = f"{job['metadata']['name']}-0.{pods['template']['spec']['subdomain']}"
    assert variables["JAX_COORDINATOR_ADDRESS"].startswith(f"{host}:")
    assert service["metadata"]["name"] == pods["template"]["spec"]["subdomain"]
    assert service["spec"]["selector"]["job-name"] == job["metadata"]["name"]

    variables |= {"JAX_COORDINATOR_ADDRESS": f"127.0.0.1:{free_port(40_000)}"}
    variables |= {"JAX_NUM_PROCESSES": "2", "JAX_PLATFORMS": "cpu", "PYTHONPATH": str(ROOT)}
    words = container["command"][-1].replace("python", PYTHON)
    words = words.replace("/data/images.npy", str(digits)).replace("/data/state", str(tmp_path))
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    running = [
        subprocess.Popen(
            [*container["command"][:2], words],
            env=os.environ | variables | {"JOB_COMPLETION_INDEX": str(k)},
            **pipes,
        )
        for k in (0, 1)
    ]
    assert_two_of_two(running, tmp_path, devices=1)


def test_kubernetes_without_its_package_says_what_to_set(digits, tmp_path):
    variables = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "JOB_COMPLETION_INDEX": "1"}
    process = started([digits, tmp_path], **variables)
    try:
        last = process.communicate(timeout=200)[1].splitlines()[-1]
    finally:
        process.kill()
    assert process.returncode == 1
    assert last.startswith("ValueError: JAX can't tell from this cluster's variables who is who")
    assert last.endswith("set JAX_COORDINATOR_ADDRESS, JAX_NUM_PROCESSES and JAX_PROCESS_ID.")
    assert not list(tmp_path.glob("sums-*"))
