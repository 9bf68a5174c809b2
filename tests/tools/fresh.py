"""Lessons as they were, and nothing lost: make fresh NOTEBOOKS=notebooks/01_bayes.ipynb.

A lesson that you ran differs from the course's, so `git pull` stops at it. Your copy goes to
my-copies/, with the date, and the course's own takes its place. All lessons when none is named.
"""

import datetime
import pathlib
import shutil
import subprocess
import sys

from execute import FOLDER, every_notebook, write_whole

ROOT = FOLDER.parent


def as_it_was(path, root):
    """The text of a file in the course's last commit.

    Raises: ValueError: if there is none.
    """
    name = path.relative_to(root).as_posix()
    git = ["git", "-C", str(root), "show", f"HEAD:./{name}"]
    try:
        done = subprocess.run(git, capture_output=True, timeout=60, check=False)
    except FileNotFoundError:
        raise ValueError("git is not here: unpack the course once more for fresh lessons") from None
    if done.returncode:
        why = (done.stderr.decode(errors="replace").strip().splitlines() or ["no word"])[-1]
        raise ValueError(f"git has no {name} to give back ({why})")
    return done.stdout.decode("utf-8")


def refresh(path, root, now):
    """Put a lesson back; return where the reader's own copy went, or None if it was as it is."""
    text = as_it_was(path, root)
    if not path.exists():
        write_whole(text, path)
        return None
    theirs = path.read_bytes()
    if theirs == text.encode():
        return None
    folder = root / "my-copies"
    folder.mkdir(exist_ok=True)
    stem, number = f"{path.stem} {now:%Y-%m-%d %H.%M}", 1
    while True:
        copy = folder / (f"{stem}.ipynb" if number == 1 else f"{stem} ({number}).ipynb")
        try:
            with copy.open("xb") as file:  # never over another
                file.write(theirs)
            break
        except FileExistsError:
            number += 1
    shutil.copystat(path, copy)
    write_whole(text, path, was=theirs)
    return copy


def main(arguments, root=ROOT):
    """Put the named lessons back; say where each copy is; return the exit status."""
    paths = [pathlib.Path(argument).resolve() for argument in arguments]
    now, status = datetime.datetime.now(), 0
    for path in paths or every_notebook():
        if not path.is_relative_to(root / "notebooks") or path.suffix != ".ipynb":
            print(f"{path} is no notebook of the course.", file=sys.stderr)
            status = 2
            continue
        try:
            copy = refresh(path, root, now)
        except (ValueError, OSError) as error:
            print(f"{path.name} is left as it is: {error}.", file=sys.stderr)
            status = 2
            continue
        if copy:
            print(f"{path.name} is as it was; yours is {copy.relative_to(root)}.")
    if not status:
        print("If one is open in JupyterLab: File, Reload Notebook from Disk, before it saves.")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
