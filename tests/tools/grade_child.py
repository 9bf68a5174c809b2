"""Runs in a process of its own, on a student's code: calls each answer and writes down what it
returned.

It knows no right answer: the exercises it imports have inputs alone, and what it writes is numbers.
python grade_child.py FOLDER: reads FOLDER/job.json, imports FOLDER/helpers, writes
FOLDER/results.jsonl.
"""

import contextlib
import json
import linecache
import pathlib
import sys

import psutil

MOST_NUMBERS = 200_000  # of one output


def main(folder):
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    others = [
        path for path in sys.path if not (pathlib.Path(path) / "helpers" / "exercises").exists()
    ]
    sys.path[:] = [str(folder), *others]
    from helpers.exercises import calls, engine

    calls.SECONDS = job["seconds"]
    limit(job["memory"], job["processor"])
    with (folder / "results.jsonl").open("a", encoding="utf-8") as file:

        def send(**what):
            file.write(json.dumps(what) + "\n")
            file.flush()

        exercises = {e.id: e for name in job["lessons"] for e in engine.of_notebook(name)}
        send(ready=True)
        for number, name, program, expression in job["answers"]:
            send(begin=number)
            send(number=number, **outcome(exercises[name], program, expression, engine))


def limit(memory, processor):
    """What the system itself holds, where it can: address space beyond what is taken now, seconds
    of the processor (if the other process is gone), a file's size."""
    try:
        import resource
    except ImportError:  # Windows: the other process watches alone
        return
    there = psutil.Process().memory_info().vms
    for what, most in (("AS", there + memory), ("CPU", processor), ("FSIZE", 10**8), ("CORE", 0)):
        with contextlib.suppress(ValueError, OSError):  # a lower one is there already
            resource.setrlimit(getattr(resource, f"RLIMIT_{what}"), (most, most))


def outcome(exercise, program, expression, engine):
    """What became of one answer, as JSON can say it."""
    space, above = {"__name__": "__main__"}, ""
    for number, source in enumerate(program):
        try:
            exec(compiled(source, f"<statement {number}>"), space)
        except BaseException as error:  # one cell that fails does not cost the others
            above = above or in_words(error)
    try:
        answer = eval(expression, space)
    except BaseException as error:
        return {"raised": above or in_words(error)}
    if answer is None or answer is ...:
        return {"missing": True}
    if complaint := engine.words.complain_about_call(exercise, answer):
        return {"call": complaint}
    return {
        "outputs": [as_json(each) for each in engine.outputs_of(exercise, answer)],
        "above": above,
    }


def compiled(source, name):
    """Code that inspect finds the source of."""
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    return compile(source, name, "exec")


def as_json(output):
    parts = output.parts
    if sum(part.size for part in parts) > MOST_NUMBERS:
        return {"complaint": f"returned {sum(part.size for part in parts):,} numbers"}
    return {
        "parts": [[list(part.shape), part.ravel().tolist()] for part in parts],
        "precision": output.precision,
        "complaint": output.complaint,
        "missing": output.missing,
        "changed": list(output.changed),
    }


def in_words(error):
    try:
        text = (str(error).strip().splitlines() or [""])[0][:200]
    except Exception:
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
