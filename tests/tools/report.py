"""What a graded class gets: a table for a spreadsheet, a page for each student, and a page for the
class, without names."""

import collections
import csv
import io
import re
from typing import NamedTuple

from execute import write_whole

from helpers.exercises import engine

POINTS = {"unreadable": "", "our fault": "", engine.CORRECT: "1"}  # "" is no grade; all else is 0
COLUMNS = ["student", "number", "notebook", "exercise", "status", "points", "message", "tries"]
NEXT = {
    engine.CORRECT: "Done.",
    engine.NOT_YET: "The hint says where to look; then run the cell again.",
    engine.NOT_ATTEMPTED: "Begin with its question *Before you write*.",
    "timed out": "Look for a loop that never ends, and try the smallest input by hand.",
    "out of memory": "Look for the line that makes an array much larger than its inputs.",
    "killed": "The program ended while your function ran: take out exit() and its like.",
    "raised": "Restart the kernel, run all cells, and look at the first one that stops.",
    "unreadable": "Hand the notebook in once more, as the .ipynb file itself.",
    "our fault": "Nothing for you to do: your teacher looks into it.",
}


class Row(NamedTuple):
    """One exercise of one student."""

    student: str
    number: str
    notebook: str
    exercise: str
    status: str
    message: str
    code: str = ""
    met: tuple = ()  # codes of the tries that check left in the copy
    source: str = ""  # the last statement behind the answer


def write(rows, known, build):
    """Write grades.csv, class.md and a page for each student into a folder."""
    order = {name: place for place, name in enumerate(known)}
    rows = sorted(
        rows, key=lambda row: (row.student.casefold(), row.notebook, order.get(row.exercise, -1))
    )
    write_whole(table(rows), build / "grades.csv")
    write_whole(of_class(rows, known), build / "class.md")
    taken = {"class"}
    students = collections.defaultdict(list)
    for row in rows:
        students[row.student].append(row)
    for student, own in students.items():
        name = stem = re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", student).strip(". ")[:80] or "nobody"
        while name.casefold() in taken:
            name = f"{stem} ({sum(each.startswith(stem.casefold()) for each in taken) + 1})"
        taken.add(name.casefold())
        write_whole(of_student(student, own), build / f"{name}.md")


def table(rows):
    """The CSV: UTF-8 with a mark, so that a spreadsheet reads umlauts, and no formulas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        points = POINTS.get(row.status, "0")
        writer.writerow(map(plain, [*row[:5], points, row.message, " ".join(row.met)]))
    return "\ufeff" + text.getvalue()


def plain(text):
    """A text that no spreadsheet computes: an apostrophe stands before = + - @."""
    text = " ".join(str(text).split())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "|", "%") else text


def of_student(student, rows):
    """A page for a student: what is solved, and what to do next."""
    solved = sum(row.status == engine.CORRECT for row in rows)
    lines = [f"# {student}", "", f"You solved {solved} of {len(rows)}.", ""]
    for row in rows:
        lines += [
            f"## {row.exercise or row.notebook}: {row.status}",
            "",
            quoted(row.message),
            "",
            NEXT[row.status],
            "",
        ]
    return "\n".join(lines)


def quoted(text):
    """A message whose characters mean nothing to Markdown."""
    return re.sub(r"([\\`*_\[\]<>#|$])", r"\\\1", text)


def of_class(rows, known):
    """A page to project: by exercise how many solved it, which mistakes the class met and still
    has, and the wrong answers that no hint names."""
    lines = [
        "# The class",
        "",
        "| exercise | solved | not yet | not attempted | no verdict |",
        "| --- | --- | --- | --- | --- |",
    ]
    by_exercise = {name: [row for row in rows if row.exercise == name] for name in known}
    by_exercise = {name: own for name, own in by_exercise.items() if own}
    for name, own in by_exercise.items():
        count = collections.Counter(row.status for row in own)
        settled = [
            count[status] for status in (engine.CORRECT, engine.NOT_YET, engine.NOT_ATTEMPTED)
        ]
        lines.append(f"| {name} | {' | '.join(map(str, settled))} | {len(own) - sum(settled)} |")
    unread = sum(row.status == "unreadable" for row in rows)
    lines += ["", f"{unread} {'file' if unread == 1 else 'files'} could not be read.", ""]
    for name, own in by_exercise.items():
        lines += [f"## {name}", ""]
        lines += _mistakes(known[name], own) + _unnamed(own)
    return "\n".join(lines).rstrip() + "\n"


def _mistakes(exercise, rows):
    """A table of the hints: how many students met each, and how many still have it."""
    met = collections.Counter(code for row in rows for code in {*row.met, row.code})
    still = collections.Counter(row.code for row in rows if row.status != engine.CORRECT)
    hints = {f"m{i}": mistake.hint for i, mistake in enumerate(exercise.mistakes, start=1)}
    hints |= {
        "edge": (exercise.only_at or ("", ""))[1],
        "form": "The shape is wrong, or a number is not finite.",
        "together": "The outputs do not fit together.",
        "run": "The function stops, or gives no numbers.",
        "call": "What was handed over cannot be called so.",
    }
    there = sorted((code for code in hints if met[code]), key=lambda code: (-met[code], code))
    if not there:
        return ["No mistake that has a hint.", ""]
    lines = ["| mistake | met it | still has it |", "| --- | --- | --- |"]
    return [
        *lines,
        *(f"| {quoted(hints[code])} | {met[code]} | {still[code]} |" for code in there),
        "",
    ]


def _unnamed(rows):
    """The three largest groups of answers that return the same and no hint names, each by one."""
    groups = collections.defaultdict(list)
    for row in rows:
        if row.code.startswith("u"):
            groups[row.code].append(row)
    lines = []
    for _, own in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))[:3]:
        example = min(own, key=lambda row: (len(row.source), row.source))
        fence = "`" * max(4, 1 + max(map(len, re.findall("`+", example.source)), default=0))
        many = f"{len(own)} {'answer' if len(own) == 1 else 'answers'} that no hint names"
        case = example.message.partition(" With ")[2]
        lines += [
            f"{many}: with {quoted(case)}" if case else many,
            "",
            f"{fence}python",
            example.source[:2_000],
            fence,
            "",
        ]
    return lines
