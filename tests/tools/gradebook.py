"""Fills the teacher's own export of Moodle or Canvas, and touches no column but those for grades.

Moodle's grading worksheet: `Grade` and `Feedback comments`, by `Identifier`. Canvas' gradebook: the
column of an assignment that is there, by `ID`.
"""

import collections
import csv
import io
import pathlib
import re

from report import POINTS, plain

from helpers.exercises import engine


def filled(path, rows, column=None):
    """The export's text with grades in it, and how many students got one.

    A grade is the share of exercises that are solved, times what the export says is the most. Who
    has a row without points (unreadable, our fault) gets none.

    Args: path: of the CSV; rows: report.Rows; column: of Canvas, the assignment's whole name.

    Raises: ValueError: if this is neither export, or has no such column.
    """
    raw = pathlib.Path(path).read_bytes().decode("utf-8")
    lines = list(csv.reader(io.StringIO(raw.removeprefix("\ufeff"), newline="")))
    header = lines[0] if lines else []
    if {"Identifier", "Grade"} <= set(header):
        by, target, most = "Identifier", "Grade", None
    elif {"Student", "ID"} <= set(header):
        if column not in header:
            there = [name for name in header if re.search(r"\(\d+\)$", name)]
            raise ValueError(f"{path}: say which: COLUMN= one of {', '.join(there) or header}")
        by, target, most = "ID", column, _points_possible(lines, header.index(column))
    else:
        raise ValueError(f"{path} is neither Moodle's grading worksheet nor Canvas' gradebook")
    own, given = _by_number(rows), 0
    for line in lines[1:]:
        number = line[header.index(by)] if len(line) == len(header) else ""
        theirs = own.get(number.removeprefix("Participant ").strip(), [])
        if not theirs or any(POINTS.get(row.status) == "" for row in theirs):
            continue
        solved = sum(row.status == engine.CORRECT for row in theirs)
        scale = most or _number(
            line[header.index("Maximum Grade")] if "Maximum Grade" in header else ""
        )
        line[header.index(target)] = f"{round(solved / len(theirs) * (scale or 100), 2):g}"
        if by == "Identifier" and "Feedback comments" in header:
            words = "; ".join(f"{row.exercise}: {row.status}" for row in theirs)
            line[header.index("Feedback comments")] = plain(f"{solved} of {len(theirs)}. {words}")
        given += 1
    text = io.StringIO()
    ending = "\r\n" if "\r\n" in raw else "\n"
    csv.writer(text, lineterminator=ending).writerows(lines)
    return "\ufeff" * raw.startswith("\ufeff") + text.getvalue(), given


def _by_number(rows):
    own = collections.defaultdict(list)
    for row in rows:
        if row.number:
            own[row.number].append(row)
    return own


def _points_possible(lines, place):
    for line in lines[1:4]:
        if line and line[0].strip() == "Points Possible" and len(line) > place:
            return _number(line[place])
    return None


def _number(text):
    """A number as a person writes it, 100.00 or 100,00; None if it is none."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
