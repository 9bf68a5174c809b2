"""How long a lesson takes, measured: python tests/tools/reading_time.py prints the hours of each.

An estimate: words at 130 a minute (prose with mathematics; plain text goes at 200 to 250), a line
of code that is not folded at 8 seconds, a figure or widget at a minute, an exercise at 8 minutes.
Rounded to quarters of an hour.
"""

import re
import sys

import nbformat
from execute import FOLDER

WORDS_A_MINUTE, MINUTES_A_LINE, MINUTES_A_FIGURE, MINUTES_AN_EXERCISE = 130, 8 / 60, 1, 8


def counts(notebook):
    """What a reader meets: words, lines of code that are not folded, figures and widgets,
    exercises."""
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [
        cell.source for cell in code if not cell.metadata.get("jupyter", {}).get("source_hidden")
    ]
    everything = "\n".join(cell.source for cell in code)
    return {
        "words": len(re.findall(r"[A-Za-z]{2,}", prose)),
        "lines": sum(bool(line.strip()) for source in shown for line in source.splitlines()),
        "figures": len(re.findall(r"\.show\(|\.panel\(", everything)),
        "exercises": len(set(re.findall(r'exercises\.check\("((?:\d\d|A)\.\w+)"', everything))),
    }


def hours(notebook):
    """Hours to read a lesson and do its exercises, to a quarter."""
    n = counts(notebook)
    minutes = n["words"] / WORDS_A_MINUTE + n["lines"] * MINUTES_A_LINE
    minutes += n["figures"] * MINUTES_A_FIGURE + n["exercises"] * MINUTES_AN_EXERCISE
    return max(1, round(minutes / 15)) / 4


def in_words(notebook):
    """The hours as a lesson's head and the README say them: 'about 1 1/4 hours'."""
    whole, quarters = divmod(round(4 * hours(notebook)), 4)
    part = ["", "1/4", "1/2", "3/4"][quarters]
    number = " ".join(filter(None, [str(whole) if whole else "", part]))
    return f"about {number} hour{'' if hours(notebook) <= 1 else 's'}"


def main():
    """Print a table of the lessons; the last row is the sum."""
    total = 0
    for path in sorted(FOLDER.glob("[0-9]*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        total += hours(notebook)
        print(
            f"{path.stem:24}",
            *(f"{value:6} {name}" for name, value in counts(notebook).items()),
            in_words(notebook),
        )
    print(f"{'all':24} {total} hours")


if __name__ == "__main__":
    sys.exit(main())
