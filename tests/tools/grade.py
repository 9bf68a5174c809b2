"""Grade what a class handed in: make grade SUBMISSIONS=folder [ROSTER=names.csv]
[GRADEBOOK=export.csv].

Every notebook below the folder, or in zips there, is one student's copy of a lesson. Of each, what
was handed to exercises.check is called in a process of its own, with limits of time and memory, and
judged out here. Written are build/grades/grades.csv (one row an exercise),
build/grades/<student>.md, and build/grades/class.md, without names. The statuses: correct, not yet,
not attempted, timed out, out of memory, killed, raised, unreadable, our fault.
build/grades/overrides.csv (student, exercise, status, message) is yours: what it says replaces what
was found.

With GRADEBOOK, the grades also go into a copy of Moodle's grading worksheet or Canvas' gradebook,
build/grades/gradebook.csv; of Canvas, COLUMN names the assignment. Nothing else in it changes.

A grade is kept until the answer or the exercise changes, so a run that was cut off goes on, and two
give the same.

What this does not protect from: a student's code runs as you, can read and write your files, and
leave a process behind. Run it in a container, or as a user that owns nothing, where you do not know
whose code it is.
"""

import concurrent.futures
import csv
import hashlib
import io
import json
import os
import pathlib
import sys
import tempfile
import threading
import time

import exam
import gradebook
import report
from answers import answers_of, tries_of
from execute import BUILD, FOLDER, INTERRUPTED, write_whole
from intake import cells_of, copies, roster

from helpers.exercises import engine

WORKERS = 2
LIMITS = exam.Limits()
# The engine mutes warnings for all threads at once, and Python 3.11 parses in one alone.
ONE_AT_A_TIME = threading.Lock()
LESSONS = {path.name[:2]: path.stem for path in sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))}
LESSONS["A"] = "appendix_your_own_model"
NO_LESSONS = {path.name for path in FOLDER.glob("[a-z]*.ipynb")}  # but for what asks exercises
ORDER = {status: place for place, status in enumerate(exam.STATUSES)}


def exercises():
    """All exercises, {id: Exercise}: read now, before any answer runs."""
    return {e.id: e for number in LESSONS for e in engine.of_notebook(number)}


def lesson_of(name):
    """The key in LESSONS of an exercise: what stands before its dot."""
    return name.partition(".")[0]


class Grader:
    """Grades copies, and keeps what it found in a folder."""

    def __init__(self, build, template, limits=LIMITS):
        self.known, self.limits, self.build, self.template = exercises(), limits, build, template
        (build / "results").mkdir(parents=True, exist_ok=True)
        ours = [
            *sorted((exam.HELPERS / "exercises").glob("*.py")),
            *map(pathlib.Path, (exam.__file__, exam.CHILD)),
        ]
        self.version = hashlib.sha256(b"".join(path.read_bytes() for path in ours)).hexdigest()

    def grade(self, copy):
        """The rows of one copy, as report.Rows."""
        try:
            if copy.trouble:
                raise ValueError(copy.trouble)
            cells = cells_of(copy.content)
            with ONE_AT_A_TIME:
                answers = answers_of([source for source, _ in cells])
            others = sorted({answer.id for answer in answers} - set(self.known))
            answers = _latest([answer for answer in answers if answer.id in self.known])
        except (ValueError, RecursionError, MemoryError) as error:
            return [self._unreadable(copy, str(error))]
        lessons = sorted({lesson_of(answer.id) for answer in answers}) or [
            number for number in LESSONS if copy.path.rpartition("/")[2].startswith(f"{number}_")
        ]
        if not lessons:
            return [self._unreadable(copy, "no exercise in it, and no lesson's name")]
        found = self._verdicts(answers)
        met = tries_of(cells)
        rows = []
        for name in (name for name in self.known if lesson_of(name) in lessons):
            ours = [(answer, verdict) for answer, verdict in found if answer.id == name]
            gone = "The cell with this exercise's check is gone."
            if others:
                gone += (
                    f" The copy has {', '.join(others)}: it is of another version of the course."
                )
            missing = exam.Verdict(engine.NOT_ATTEMPTED, gone)
            answer, best = min(
                ours, key=lambda pair: ORDER[pair[1].status], default=(None, missing)
            )
            lines = answer.program[-1] if answer and answer.program else ""
            rows.append(
                report.Row(
                    copy.student,
                    copy.number,
                    LESSONS[lesson_of(name)],
                    name,
                    *best,
                    tuple(met.get(name, ())),
                    lines,
                )
            )
        return rows

    def _unreadable(self, copy, why):
        name = copy.path.rpartition("/")[2]
        return report.Row(copy.student, copy.number, name, "", "unreadable", f"{copy.path}: {why}.")

    def _verdicts(self, answers):
        """[(answer, Verdict)]: from the last run, or from a process of this one."""
        keys = [
            hashlib.sha256(json.dumps([self.version, *answer]).encode()).hexdigest()[:40]
            for answer in answers
        ]
        kept = {key: made for key in keys if (made := self._read(key))}
        fresh = {}
        for key, answer in zip(keys, answers, strict=True):
            if answer.trouble:
                kept[key] = exam.Verdict(
                    "raised", f"The cell is no Python: {answer.trouble}.", "run"
                )
            elif key not in kept:
                fresh[key] = answer
        outcomes = exam.outcomes(list(fresh.values()), self.template, self.limits) if fresh else []
        for (key, answer), outcome in zip(fresh.items(), outcomes, strict=True):
            try:
                with ONE_AT_A_TIME:
                    kept[key] = exam.verdict(self.known[answer.id], outcome)
            except Exception as error:  # the engine's trouble is not the student's
                kept[key] = exam.Verdict(
                    "our fault", f"The grader stumbled: {type(error).__name__}."
                )
            if kept[key].status != "our fault":
                with ONE_AT_A_TIME:
                    write_whole(json.dumps(kept[key]), self.build / "results" / f"{key}.json")
        return [(answer, kept[key]) for key, answer in zip(keys, answers, strict=True)]

    def _read(self, key):
        try:
            made = exam.Verdict(
                *json.loads((self.build / "results" / f"{key}.json").read_text(encoding="utf-8"))
            )
        except (OSError, ValueError, TypeError):
            return None
        return made if made.status in ORDER else None


def _latest(answers):
    """The last five answers to each exercise: a copy with a thousand has no more time than one."""
    kept = []
    for answer in reversed(answers):
        if sum(answer.id == other.id for other in kept) < 5:
            kept.append(answer)
    return kept[::-1]


def newest(found):
    """The newest copy of each student's lesson, and sentences about those it replaces.

    A lesson is known by its exercises; a copy that cannot be read stands for itself.
    """
    kept, said = {}, []
    for copy in sorted(found, key=lambda copy: (copy.when, copy.path)):
        try:
            asked = {
                lesson_of(a.id)
                for a in answers_of([source for source, _ in cells_of(copy.content)])
            } & set(LESSONS)
        except (ValueError, RecursionError):
            asked = set()
        name = copy.path.rpartition("/")[2]
        if name in NO_LESSONS and not asked:
            continue
        lesson = min(asked) if asked else name[:2] if name[:2] in LESSONS else copy.path
        key = copy.student.casefold(), lesson
        if key in kept:
            said.append(
                f"{copy.student} handed in {LESSONS.get(lesson, lesson)} more than once: "
                f"{copy.path} is the newest."
            )
        kept[key] = copy
    return sorted(kept.values(), key=lambda copy: copy.path), said


def overridden(rows, path):
    """The rows with a teacher's own verdicts in place."""
    if not path.exists():
        return rows
    text = path.read_text(encoding="utf-8-sig")
    theirs = {}
    for entry in csv.DictReader(io.StringIO(text)):
        if (entry.get("status") or "") not in ORDER:
            raise ValueError(
                f"{path}: a status is one of {', '.join(ORDER)}, not {entry.get('status')!r}"
            )
        theirs[entry.get("student", ""), entry.get("exercise", "")] = entry
    return [
        row._replace(
            status=theirs[key]["status"], message=theirs[key].get("message") or row.message, code=""
        )
        if (key := (row.student, row.exercise)) in theirs
        else row
        for row in rows
    ]


def main(options):
    """Grade a folder; say how far it is; return the exit status."""
    build = pathlib.Path(options.get("BUILD") or BUILD / "grades")
    if not options.get("SUBMISSIONS"):
        print(__doc__)
        print("Say which folder: make grade SUBMISSIONS=folder", file=sys.stderr)
        return 2
    try:
        found, said = newest(copies(options["SUBMISSIONS"]))
        names = roster(options["ROSTER"]) if options.get("ROSTER") else []
        overridden([], build / "overrides.csv")
        export, column = options.get("GRADEBOOK"), options.get("COLUMN")
        if export:
            gradebook.filled(export, [], column)  # refused now rather than after the work
    except (ValueError, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 2
    if not found:
        print(f"There is no notebook below {options['SUBMISSIONS']}.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        grader, begun = Grader(build, exam.prepared(pathlib.Path(place))), time.monotonic()
        graded = _graded(grader, found)
    if len(graded) < len(found):
        left = len(found) - len(graded)
        print(f"Interrupted: {left} of {len(found)} not done; the same call goes on.", flush=True)
        os._exit(INTERRUPTED)  # its threads may wait still
    rows = overridden(
        [row for path in sorted(graded) for row in graded[path]], build / "overrides.csv"
    )
    report.write(rows, grader.known, build)
    if export:
        text, given = gradebook.filled(export, rows, column)
        write_whole(text, build / "gradebook.csv")
        said.append(f"{given} grades stand in {build}/gradebook.csv, to be imported again.")
    for sentence in [*said, *_missing(names, found)]:
        print(sentence)
    lost = [row for row in rows if row.status in ("unreadable", "our fault")]
    for row in lost:
        print(f"Not graded: {row.student}, {row.exercise or row.notebook}: {row.message}")
    print(
        f"{len(found)} notebooks in {time.monotonic() - begun:.0f} s; {len(lost)} rows not graded. "
        f"See {build}/class.md."
    )
    return 0


def _graded(grader, found):
    """{path: rows} of all copies, said as they come; those done so far after an interrupt."""
    graded = {}
    pool = concurrent.futures.ThreadPoolExecutor(WORKERS)
    jobs = {pool.submit(grader.grade, copy): copy for copy in found}
    print(f"{len(found)} notebooks; a first answer takes some seconds.", flush=True)
    try:
        for job in concurrent.futures.as_completed(jobs):
            copy = jobs[job]
            graded[copy.path] = rows = _rows_of(job, copy)
            words = ", ".join(f"{row.exercise or row.notebook} {row.status}" for row in rows)
            print(f"[{len(graded)}/{len(found)}] {copy.student}: {words}", flush=True)
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        exam.end_all()
    else:
        pool.shutdown()
    return graded


def _rows_of(job, copy):
    try:
        return job.result()
    except Exception as error:  # one bad copy never stops the others
        why = f"the grader stumbled over {copy.path} ({type(error).__name__}: {error})"
        return [
            report.Row(
                copy.student, copy.number, copy.path.rpartition("/")[2], "", "our fault", why
            )
        ]


def _missing(names, found):
    handed_in = {copy.student.casefold() for copy in found}
    for name in names:
        if name.casefold() not in handed_in:
            yield f"Nothing came from {name}."


if __name__ == "__main__":
    sys.exit(main(dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument)))
