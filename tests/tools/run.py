"""Execute every notebook with papermill into build/, and name the ones that failed: `make run`.

python tests/tools/run.py [notebook.ipynb ...]        all of them when none is named
"""

import sys

from execute import BUILD, FOLDER, INTERRUPTED, each, leave, name_of, paths_of, run, say_interpreter


def main(arguments):
    """Run the notebooks one after the other; return 1 if one failed."""
    targets = {}
    for path in paths_of(arguments):
        inside = path.relative_to(FOLDER) if path.is_relative_to(FOLDER) else path.name
        if BUILD / inside in targets.values():  # one name in two folders
            inside = path.relative_to(path.anchor)
        targets[path] = BUILD / inside
    say_interpreter()
    outcomes = each({name_of(p): lambda p=p: run(p, targets[p]) for p in targets})
    failed = [path for path in targets if outcomes.get(name_of(path), (0, None))[1]]
    print(f"{len(outcomes) - len(failed)} of {len(targets)} notebooks ran, into {BUILD}")
    for path in failed:
        kept = f"; see {targets[path]}" if targets[path].exists() else ""
        print(f"FAILED: {name_of(path)}{kept}")
    return INTERRUPTED if len(outcomes) < len(targets) else int(bool(failed))


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
