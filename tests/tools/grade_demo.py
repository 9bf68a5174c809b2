"""make grade-demo: twenty made-up students of lesson 1, graded as yours would be; look at
build/grade-demo."""

import shutil
import sys

import grade
import made_up
from execute import BUILD


def main():
    """Write the class into build/grade-demo, grade it, and say where to look."""
    folder = BUILD / "grade-demo"
    shutil.rmtree(folder, ignore_errors=True)
    files, _ = made_up.twenty()
    made_up.write(files, folder / "submissions")
    return grade.main({"SUBMISSIONS": folder / "submissions", "BUILD": folder / "grades"})


if __name__ == "__main__":
    sys.exit(main())
