"""The one executor behind `make run`, `make notebooks` and `make sweep`: it reports, goes on, and
ends in a list."""

import functools
import os
import pathlib
import platform
import queue
import sys
import threading
import time

import nbformat
import papermill
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop

if not __debug__:  # -O, or PYTHONOPTIMIZE
    sys.exit(
        "Python was started with -O or PYTHONOPTIMIZE, which removes every assert, and so what the "
        "notebooks and the tests check. Take it away and start again."
    )

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "notebooks"
BUILD = FOLDER.parent / "build"
CELL_TIMEOUT = 300  # seconds
# else each kernel warns of its TCP connection to this same machine
QUIET = ["--IPKernelApp.log_level=ERROR"]
INTERRUPTED = 130  # exit status


class OwnKernel(AsyncKernelManager):
    """A kernel of the interpreter that runs this program, whatever another environment put first on
    Jupyter's path under the name python3."""

    @property
    def kernel_spec(self):
        return KernelSpec(**get_kernel_dict())


def every_notebook():
    """Paths of all notebooks, solutions last."""
    return [*sorted(FOLDER.glob("*.ipynb")), *sorted((FOLDER / "solutions").glob("*.ipynb"))]


def read(path):
    """The notebook at this path, or a ValueError of one sentence."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}") from None
    except (
        nbformat.reader.NotJSONError,
        nbformat.ValidationError,
        UnicodeDecodeError,
        IsADirectoryError,
    ):
        raise ValueError(f"{path} is not a notebook") from None


def patiently(start):
    """A function that starts a kernel, made patient: two that start at once may take each other's
    port, and one dies.

    It is called up to three times, as long as a RuntimeError says that the kernel died at its
    start.
    """

    @functools.wraps(start)
    def patient(*given, **options):
        for is_last in (False, False, True):
            try:
                return start(*given, **options)
            except RuntimeError as error:
                if is_last or "before replying to kernel_info" not in str(error):
                    raise

    return patient


def run(source, target, parameters=None):
    """Execute one notebook; what was executed is kept at target even when a cell fails.

    Raises:
        ValueError: if source is no notebook.
        papermill.PapermillExecutionError: if a cell fails.
    """
    read(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _execute(source, target, parameters or {})
    finally:
        if target.exists():
            _join_streams(target)


def _execute(source, target, parameters):
    patiently(papermill.execute_notebook)(
        source,
        target,
        parameters=parameters,
        cwd=source.parent,
        progress_bar=False,
        kernel_name="python3",
        kernel_manager_class=OwnKernel,
        extra_arguments=list(QUIET),
        start_timeout=120,
        execution_timeout=CELL_TIMEOUT,
    )


def _join_streams(path):
    """What a cell prints becomes one output, however it came.

    Only now, for nbclient's own `coalesce_streams` moves outputs while it still finds, by their
    places, the figures that later cells update.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        joined, streams = [], {}
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name in streams:
                streams[output.name].text += output.text
                continue
            if output.output_type == "stream":
                streams[output.name] = output
            joined.append(output)
        if "outputs" in cell:
            cell.outputs = joined
    write_whole(nbformat.writes(notebook), path)


def write_whole(text, path, was=None):
    """Write a text file so that at every moment the old or the new one is there, whole.

    Args:
        text: what to write.
        path: where.
        was: the bytes that the file held when `text` was made from it; None where it was not.

    Raises:
        ValueError: one sentence, if the file holds something else by now; nothing is written.
    """
    if was is not None and (not path.exists() or path.read_bytes() != was):
        raise ValueError(f"{path} changed on disk meanwhile: it is left as it is. Start again.")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        if path.exists():
            beside.chmod(path.stat().st_mode)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def in_words(error):
    """An exception in one line: what a notebook's cell raised, or the exception's own name and last
    line."""
    if isinstance(error, papermill.PapermillExecutionError):
        return " ".join(f"{error.ename}: {error.evalue}".split())[:300]
    if isinstance(error, ValueError):
        return str(error)
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or ['no message'])[-1]}"


def each(jobs, workers=1):
    """Do all jobs, whatever fails; say each one's outcome as it ends.

    The work is done in threads: there an interrupt reaches this function, not the inside of a
    notebook's client.

    Args:
        jobs: dict from a job's name to a function without arguments.
        workers: how many are done at the same time.

    Returns:
        dict from name to (seconds, what went wrong in one line or None), of those that ended.
    """
    waiting, done, outcomes = queue.SimpleQueue(), queue.SimpleQueue(), {}
    for name in jobs:
        waiting.put(name)

    def work():
        while True:
            try:
                name = waiting.get_nowait()
            except queue.Empty:
                ensure_event_loop().close()  # the client made one for this thread
                return
            begun = time.monotonic()
            try:
                jobs[name]()
                wrong = None
            except (
                BaseException
            ) as error:  # a kernel that died, a full disk: the rest should still run
                wrong = in_words(error)
            done.put((name, time.monotonic() - begun, wrong))

    for _ in range(min(workers, len(jobs))):
        threading.Thread(target=work, daemon=True).start()
    try:
        while len(outcomes) < len(jobs):
            name, seconds, wrong = done.get()
            outcomes[name] = seconds, wrong
            said = f"{seconds:.0f} s" if wrong is None else f"FAILED: {wrong}"
            print(f"[{len(outcomes)}/{len(jobs)}] {name}: {said}", flush=True)
    except KeyboardInterrupt:
        print(f"Interrupted: {len(jobs) - len(outcomes)} of {len(jobs)} not done.", flush=True)
    return outcomes


def paths_of(arguments):
    """The notebooks that the arguments name, by paths from here, each once; all of them when there
    is no argument."""
    named = (pathlib.Path(argument).resolve() for argument in arguments)
    return list(dict.fromkeys(named)) or every_notebook()


def name_of(path):
    """A notebook's name in reports: its path inside notebooks/, or its whole path elsewhere."""
    return str(path.relative_to(FOLDER)) if path.is_relative_to(FOLDER) else str(path)


def say_interpreter():
    """Print which Python the notebooks are run by; from now on, a letter that the system's encoding
    lacks is printed as its code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    print(f"Python {platform.python_version()}, {sys.executable}", flush=True)


def leave(status):
    """End the program.

    After an interrupt at once: a thread may still wait for its kernel, which then ends itself.
    """
    if status == INTERRUPTED:
        sys.stdout.flush()
        os._exit(status)
    sys.exit(status)
