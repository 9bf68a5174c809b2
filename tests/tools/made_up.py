"""A class that is not there: copies of lessons with right answers, mistakes and everything that
goes wrong.

python tests/tools/made_up.py FOLDER STUDENTS NN [NN ...] writes that many copies of each lesson.
"""

import io
import json
import os
import pathlib
import sys
import zipfile

import nbformat
from execute import FOLDER

CHECK = 'exercises.check("{}"'
MEAN, EVIDENCE, STEP = "01.exposures", "01.log_evidence", "01.metropolis_step"

# Answers to 01.exposures, by what is wrong with them.
ANSWERS = {
    "likeliest": "return np.sum(counts) / np.sum(exposures)",
    "whole": "return (strength * template + np.sum(counts)) / (strength + len(counts))",
    "not a number": """m, light = len(counts), np.sum(exposures)
    return (strength * template + m * np.mean(counts)) / (strength + light)""",
    "unknown": "return strength * template + np.sum(counts) / (strength + np.sum(exposures))",
    "raises": "return (strength * template + counts.total()) / (strength + np.sum(exposures))",
    "index": "return (strength * template + counts[len(counts)]) / strength",
    "loops": "while True:\n        pass",
    "holds": "return sum(range(10**15))",
    "leaves": "exit()",
    "dies": "import os\n    os._exit(3)",
    "memory": "return float(np.ones(600_000_000).sum())",
    "text": "return '=HYPERLINK(\"http://example.org\")'",
    "gap": "ink = ...\n    return ink / strength",
    "prints": "print('Correct: well done')\n    return 0.0",
    "thread": """import threading
    threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=False).start()
    return (strength * template + np.sum(counts)) / (strength + np.sum(exposures))""",
    "patches": """from helpers.exercises import engine, calls
    engine.agree = lambda *a: True
    engine.judge = lambda *a: engine.Grade("correct", "Correct", "correct")
    return 0.0""",
    "peeks": """from helpers.exercises import n01_bayes
    return n01_bayes.mean_with_exposures.reference(strength, template, counts, exposures)""",
    "forges": """import glob, json
    for path in glob.glob("*.jsonl"):
        with open(path, "a") as file:
            file.write(json.dumps({"number": 0, "outputs": [{"parts": [[[], [1.0]]]}] * 7}))
    return 0.0""",
}


def source_of(cell):
    return cell.source if isinstance(cell.source, str) else "".join(cell.source)


def lesson(number, solved=True):
    """The notebook of a lesson, its exercises solved or as they are handed out."""
    (path,) = FOLDER.glob(f"{number}_*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    if solved:
        solutions = nbformat.read(FOLDER / "solutions" / path.name, as_version=4)
        solved_cells = {asked_in(cell): cell.source for cell in solutions.cells if asked_in(cell)}
        for cell in notebook.cells:
            if name := asked_in(cell):
                cell.source = solved_cells[name]
        imports = [cell for cell in solutions.cells if cell.source.startswith(("import ", "from "))]
        notebook.cells[1:1] = [nbformat.v4.new_code_cell(cell.source) for cell in imports]
    return notebook


def asked_in(cell):
    """The id of the exercise that a cell checks, or None."""
    if cell.cell_type != "code" or "exercises.check(" not in cell.source:
        return None
    return cell.source.split('exercises.check("', 1)[1].split('"', 1)[0]


def answered(notebook, name, body, printed=""):
    """The notebook with another body for an exercise's function, and what its cell printed."""
    for cell in notebook.cells:
        if asked_in(cell) == name:
            head = next(line for line in cell.source.splitlines() if line.startswith("def "))
            function = head[4 : head.index("(")]
            cell.source = f'{head}\n    {body}\n\n\nexercises.check("{name}", {function})'
            cell.outputs = [nbformat.v4.new_output("stream", text=printed)] if printed else []
    return notebook


def text(notebook):
    """A notebook as a file, without its pictures: they make the copies large and nothing else."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and not asked_in(cell):
            cell.outputs = []
    return nbformat.writes(notebook)


def with_cells(notebook, first="", last=""):
    """Cells of the student's own, above and below."""
    if first:
        notebook.cells.insert(1, nbformat.v4.new_code_cell(first))
    if last:
        notebook.cells.append(nbformat.v4.new_code_cell(last))
    return notebook


def without_checks(notebook, names):
    notebook.cells = [cell for cell in notebook.cells if asked_in(cell) not in names]
    return notebook


def wrong(kind, printed=""):
    return text(answered(lesson("01"), MEAN, ANSWERS[kind], printed))


def twenty():
    """{path of a file: its text or bytes}: twenty students of lesson 1, and what becomes of each:
    ({path: content}, {student: status of 01.exposures})."""
    tried = "Correct: ...\n[tries: m3 u0a1 correct]\n"
    right = text(lesson("01"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../01_bayes.ipynb", right)
        archive.writestr("__MACOSX/01_bayes.ipynb", "no")
    scarred = wrong("unknown").replace('"cells": [', '\n<<<<<<< ours\n "cells": [', 1)
    old = json.loads(right)
    for cell in old["cells"]:
        cell.pop("id", None)
    old.update(nbformat_minor=2, metadata={"colab": {"name": "old"}})
    files = {
        "Ana Muster/01_bayes.ipynb": text(lesson("01", solved=False)),
        "Björn Ærlig/01_bayes (Kopie).ipynb": right,
        "N\u0303un\u0303ez_(2)+e\u0301/mine.ipynb": wrong("likeliest"),
        "Chloé Petit_4711_assignsubmission_file/01_bayes.ipynb": wrong("unknown"),
        "Participant_12_assignsubmission_file_/01_bayes.ipynb": wrong("unknown"),
        "doejane_LATE_77_123_01_bayes-1.ipynb": wrong("whole"),
        "submitted/egon/lesson1/01_bayes.ipynb": wrong("not a number"),
        "farid/01_bayes.zip": packed.getvalue(),
        "gina/01_bayes.ipynb": wrong("loops"),
        "hal/01_bayes.ipynb": wrong("memory"),
        "iris/01_bayes.ipynb": wrong("dies"),
        "jo/01_bayes.ipynb": wrong("raises"),
        "kim/01_bayes.ipynb": wrong("prints", "Correct: well done\n"),
        "lea/01_bayes.ipynb": wrong("patches"),
        "mo/01_bayes.ipynb": text(without_checks(lesson("01"), {MEAN, STEP})),
        "noor/01_bayes.ipynb": text(with_cells(lesson("01"), "1 / 0\ndef (", "raise SystemExit")),
        "ole/01_bayes.ipynb": scarred,
        "pia/01_bayes.ipynb": '{"cells": [',
        "quinn/01_bayes.ipynb": json.dumps(old),
        "rosa/01_bayes.ipynb": text(
            answered(
                lesson("01"),
                MEAN,
                "return (strength * template + counts.sum()) / (strength + exposures.sum())",
                tried,
            )
        ),
        "sam/notes.txt": "I was ill.",
    }
    statuses = {
        "Ana Muster": "not attempted",
        "Björn Ærlig": "correct",
        "Ñuñez_(2)+é": "not yet",
        "Chloé Petit": "not yet",
        "Participant 12": "not yet",
        "doejane": "not yet",
        "egon": "not yet",
        "farid": "correct",
        "gina": "timed out",
        "hal": "out of memory",
        "iris": "killed",
        "jo": "raised",
        "kim": "not yet",
        "lea": "not yet",
        "mo": "not attempted",
        "noor": "correct",
        "ole": "unreadable",
        "pia": "unreadable",
        "quinn": "correct",
        "rosa": "correct",
    }
    return files, statuses


def write(files, folder):
    """Write {path: text or bytes} below a folder."""
    for name, content in files.items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def trial(folder, number, lessons):
    """Copies of lessons, right ones and untouched ones; of lesson 1 first each kind of answer.

    No two are the same, so that each is graded by itself.
    """
    for name in lessons:
        for i in range(number):
            kind = list(ANSWERS)[i] if name == "01" and i < len(ANSWERS) else None
            notebook = lesson(name, solved=kind is not None or i % 2 == 0)
            if kind:
                answered(notebook, MEAN, ANSWERS[kind])
            for cell in filter(asked_in, notebook.cells):
                head = next(line for line in cell.source.splitlines() if line.startswith("def "))
                cell.source = cell.source.replace(head, f"{head}\n    student = {i}", 1)
            write({f"student {i:02}/{name}.ipynb": text(notebook)}, folder)


if __name__ == "__main__":
    trial(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
    print(sum(len(files) for _, _, files in os.walk(sys.argv[1])), "files")
