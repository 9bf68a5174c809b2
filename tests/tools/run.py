"""Execute every notebook with papermill into build/, and name the ones that failed: `make run`.

python tests/tools/run.py [notebook.ipynb ...]        all of them when none is named
"""

import pathlib
import sys
import time

import papermill
from store import CELL_TIMEOUT, FOLDER, QUIET, every_notebook

BUILD = FOLDER.parent / "build"


def run(source, target, parameters=None, progress_bar=False):
    """Execute one notebook; what was executed is kept at target even when a cell fails.

    Raises:
        papermill.PapermillExecutionError: if a cell fails.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    papermill.execute_notebook(
        source,
        target,
        parameters=parameters or {},
        cwd=source.parent,
        progress_bar=progress_bar,
        kernel_name="python3",
        extra_arguments=list(QUIET),
        start_timeout=120,
        execution_timeout=CELL_TIMEOUT,
    )


def main(arguments):
    """Run the notebooks one after the other; return 1 if one failed."""
    paths = [pathlib.Path(a).resolve() for a in arguments] or every_notebook()
    failed, begun = [], time.monotonic()
    for i, path in enumerate(paths, start=1):
        target = BUILD / path.relative_to(FOLDER)
        print(f"[{i}/{len(paths)}] {path.relative_to(FOLDER)}", flush=True)
        start = time.monotonic()
        try:
            run(path, target, progress_bar=True)
        except Exception as error:  # a kernel that died is no PapermillExecutionError, and the rest should still run
            failed.append(target)
            print(f"    FAILED: {type(error).__name__}: {str(error).strip().splitlines()[-1]}", flush=True)
        else:
            print(f"    {time.monotonic() - start:.0f} s", flush=True)
    print(f"{len(paths) - len(failed)} of {len(paths)} notebooks ran, {time.monotonic() - begun:.0f} s, into {BUILD}")
    for target in failed:
        print(f"FAILED: {target.name}; see {target}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
