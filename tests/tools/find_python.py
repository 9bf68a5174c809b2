"""Print the path of a Python of the wanted version, or exit 1: on PATH, from uv, or among pyenv's.

python tests/tools/find_python.py 3.13
"""

import os
import pathlib
import shutil
import subprocess
import sys


def candidates(version):
    """Paths worth trying, best first."""
    yield shutil.which(f"python{version}")
    if shutil.which("uv"):
        found = subprocess.run(
            ["uv", "python", "find", "--no-python-downloads", version],
            capture_output=True,
            text=True,
            timeout=60,
        )
        yield found.stdout.strip() or None
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")) / "versions"
    yield from (str(path) for path in sorted(pyenv.glob(f"{version}*/bin/python"), reverse=True))


def find(version):
    """The first candidate that runs and is of that version, or None.

    (A pyenv shim on PATH may refuse to run.)
    """
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    for path in candidates(version):
        if path and pathlib.Path(path).exists():
            said = subprocess.run([path, "-c", code], capture_output=True, text=True, timeout=60)
            if said.returncode == 0 and said.stdout.strip() == version:
                return path
    return None


if __name__ == "__main__":
    path = find(sys.argv[1])
    if path is None:
        sys.exit(1)
    print(path)
