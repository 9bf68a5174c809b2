"""Calls answers of students in processes of their own, with limits, and judges in this one.

Over there is a copy of helpers whose exercises hold inputs and no answers; back come numbers, as
JSON.
"""

import ast
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import NamedTuple

import numpy as np
import psutil
from answers import Names, behind
from execute import FOLDER

from helpers.exercises import calls, engine

HELPERS = FOLDER.parent / "helpers"
CHILD = pathlib.Path(__file__).with_name("grade_child.py")
LARGEST = 64_000_000  # bytes of results that are read
RUNNING = set()  # the processes of now
STOPPED = threading.Event()  # the teacher asked for an end
ENDS = "timed out", "out of memory", "killed", "raised"
STATUSES = (engine.CORRECT, engine.NOT_YET, engine.NOT_ATTEMPTED, *ENDS, "unreadable", "our fault")


class Limits(NamedTuple):
    """What a submission may take."""

    call: float = 20  # seconds of one call of an answer
    answer: float = 60  # seconds of one answer, with what it needs from the cells above
    submission: float = 270  # seconds of all together
    memory: int = 3 * 10**9  # bytes


class Verdict(NamedTuple):
    """What became of one answer."""

    status: str  # one of STATUSES
    message: str
    code: str = ""  # as in engine.Grade


# What an exercise says and knows beyond its inputs, and what stands in its place over there.
EMPTY = {
    **dict.fromkeys(("praise", "nudge", "hint", "line"), ast.Constant("")),
    **dict.fromkeys(("as_given", "together", "statistics"), ast.Constant(None)),
    **dict.fromkeys(("mistakes", "only_at"), ast.Tuple([], ast.Load())),
}


def without_answers(source):
    """The source of a module of exercises with names and inputs, and without references, mistakes,
    hints, and what only they need."""
    tree = ast.parse(source)
    asked = [call for call in ast.walk(tree) if _calls_exercise(call)]
    for call in asked:
        for keyword in call.keywords:
            keyword.value = EMPTY.get(keyword.arg, keyword.value)
    handed_over = {  # share, in exercise(...)(share)
        call.args[0].id
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _calls_exercise(call.func)
    }
    asking = []
    for place, node in enumerate(tree.body):
        is_reference = isinstance(node, ast.FunctionDef) and (
            node.name in handed_over or any(map(_calls_exercise, node.decorator_list))
        )
        if is_reference:
            node.body = [node.body[0], ast.parse("raise NotImplementedError").body[0]]
        if is_reference or any(_calls_exercise(inner) for inner in ast.walk(node)):
            asking.append(place)
    names = [Names(node) for node in tree.body]
    kept = set(asking).union(*(behind(names, place, tree.body[place]) for place in asking))
    return ast.unparse(ast.Module([tree.body[place] for place in sorted(kept)], []))


def _calls_exercise(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "exercise"


def prepared(folder):
    """A folder with a copy of helpers that knows no answers."""
    shutil.copytree(HELPERS, folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder / "helpers" / "exercises").glob("n[0-9A]*.py"):
        path.write_text(without_answers(path.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copy(CHILD, folder)
    return folder


def outcomes(answers, template, limits):
    """What became of each Answer, a list of dicts as the child writes them, or {"ended": status,
    "words": why}.

    Where a process dies, the answer that it was at is to blame, and another process goes on with
    those after it.

    Args: template: a folder from prepared().
    """
    found, end = {}, time.monotonic() + limits.submission
    while waiting := [i for i in range(len(answers)) if i not in found]:
        left = end - time.monotonic()
        if left <= 0:
            found.update({i: _ended("timed out", "this notebook's time was up") for i in waiting})
            break
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            folder = pathlib.Path(place)
            shutil.copytree(template, folder, dirs_exist_ok=True)
            job = {
                "answers": [
                    (i, answers[i].id, answers[i].program, answers[i].expression) for i in waiting
                ],
                "lessons": sorted({answers[i].id.partition(".")[0] for i in waiting}),
                "seconds": limits.call,
                "memory": limits.memory,
                "processor": int(2 * limits.submission),
            }
            (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
            why, lines = _watched(folder, limits, left)
            if STOPPED.is_set():
                raise InterruptedError
        is_ready = any(line.get("ready") for line in lines)
        found.update({line["number"]: line for line in lines if line.get("number") in waiting})
        at = [
            line["begin"]
            for line in lines
            if line.get("begin") in waiting and line["begin"] not in found
        ]
        if not is_ready:
            found.update({i: _ended("our fault", f"no process came up: {why[1]}") for i in waiting})
        elif at:
            found[at[-1]] = _ended(*why)
        elif not set(found) & set(waiting):  # it wrote nothing that can be read
            found[waiting[0]] = _ended(*why)
    return [found[i] for i in range(len(answers))]


def _ended(status, words):
    return {"ended": status, "words": words}


def _watched(folder, limits, left):
    """Run the child: ((status, words) of its end, the lines that it wrote)."""
    process = subprocess.Popen(
        [sys.executable, "-I", str(folder / CHILD.name), str(folder)],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    RUNNING.add(process)
    results, end, began, size, why = (
        folder / "results.jsonl",
        time.monotonic() + left,
        time.monotonic(),
        0,
        None,
    )
    try:
        while process.poll() is None and why is None:
            time.sleep(0.03)
            now = results.stat().st_size if results.exists() else 0
            if now != size:
                size, began = now, time.monotonic()
            if _memory_of(process.pid) > limits.memory:
                why = "out of memory", f"it took more than {limits.memory / 1e9:.1f} GB of memory"
            elif time.monotonic() > min(end, began + limits.answer):
                why = (
                    "timed out",
                    f"it was still running after {min(left, limits.answer):.0f} seconds",
                )
    finally:
        _end(process)
        RUNNING.discard(process)
    status = process.returncode
    words = f"by signal {-status}" if status < 0 else f"with exit status {status}"
    words = words if status else "and left nothing to read"
    return why or ("killed", f"its process ended {words}"), list(_lines(results))


def end_all():
    """Kill every process that runs an answer; what became of it is nobody's fault."""
    STOPPED.set()
    for process in list(RUNNING):
        _end(process)


def _environment(folder):
    """What of the environment Python and JAX need; no key, no proxy, no path of the course."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    own = {"HOME": str(folder), "TMPDIR": str(folder), "MPLBACKEND": "Agg", "PJRT_NPROC": "1"}
    return (
        kept
        | own
        | {"JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1", "JAX_ENABLE_COMPILATION_CACHE": "false"}
    )


def _memory_of(pid):
    """Bytes that a process and those it started hold."""
    total = 0
    with contextlib.suppress(psutil.Error):
        first = psutil.Process(pid)
        for process in [first, *first.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
    return total


def _end(process):
    """Kill a process and what it started."""
    family = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
    for each in family:
        with contextlib.suppress(psutil.Error):
            each.kill()
    process.wait()


def _lines(path):
    """What can be read of the child's results: its code may have written there, too."""
    if not path.is_file() or path.is_symlink():
        return
    with path.open("rb") as file:
        for line in file.read(LARGEST).splitlines():
            with contextlib.suppress(ValueError, RecursionError):
                made = json.loads(line)
                if isinstance(made, dict):
                    yield made


def verdict(exercise, outcome):
    """The Verdict on what the child wrote about one answer; only here it meets the right one."""
    if "ended" in outcome:
        return Verdict(outcome["ended"], f"No verdict: {outcome['words']}.")
    if "raised" in outcome:
        return Verdict("raised", f"The cell stopped with {_plain(outcome['raised'])}.", "run")
    if outcome.get("missing"):
        return Verdict(engine.NOT_ATTEMPTED, engine.UNTOUCHED)
    if "call" in outcome:
        return Verdict(engine.NOT_YET, f"Not yet: {_plain(outcome['call'])}", "call")
    try:
        outputs = [_output(exercise, made) for made in outcome["outputs"]][: len(exercise.cases)]
        is_whole = outputs and (len(outputs) == len(exercise.cases) or outputs[-1].complaint)
        if not is_whole:
            raise ValueError("too few outputs")
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return Verdict("killed", "No verdict: what came back from its process cannot be read.")
    if outputs[-1].complaint:  # a kernel's restart is no matter here
        ended = outputs[-1].complaint.partition(", and nothing but")[0]
        outputs[-1] = outputs[-1]._replace(complaint=ended)
    found = engine.judge(exercise, outputs)
    message = " ".join(found.message.encode("utf-8", "replace").decode().split())
    if above := _plain(outcome.get("above", "")):
        message += (
            f" (A cell above stopped with {above}.)" if found.status != engine.CORRECT else ""
        )
    return Verdict(_status(found, outputs[-1].complaint), message, found.code)


def _status(found, complaint):
    """The engine's status, or how the function ended."""
    if found.code != "run" or not complaint.startswith(("was still", "stopped with")):
        return found.status
    if complaint.startswith("was still"):
        return "timed out"
    return "out of memory" if complaint.startswith("stopped with MemoryError") else "raised"


def _output(exercise, made):
    """A calls.Output from JSON; what is no number, or too few of them, raises."""
    complaint = _plain(made.get("complaint", ""))
    if complaint:
        return calls.Output(complaint=complaint, missing=made.get("missing") is True)
    parts = []
    for shape, numbers in made["parts"]:
        array = np.array(numbers, dtype=np.float64).reshape([int(n) for n in shape])
        parts.append(array)
    if len(parts) != exercise.parts:
        raise ValueError("another number of parts")
    changed = tuple(name for name in made.get("changed", []) if name in exercise.names)
    return calls.Output(
        tuple(parts), min(max(float(made.get("precision", 0)), 0), 1e-2), changed=changed
    )


def _plain(text):
    """A student's text as one short line."""
    line = "".join(c if c.isprintable() else " " for c in str(text))
    return " ".join(line.encode("utf-8", "replace").decode().split())[:400]
