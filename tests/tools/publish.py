"""Write the repository's owner/name into every notebook and the README, with their badges; or take
them out again.

make publish REPO=owner/name        make publish REPO=        (the second undoes the first)

The name comes in the environment, as COURSE_REPO, so that no shell ever reads it.
"""

import os
import re
import sys

import nbformat
from execute import FOLDER, every_notebook, read, write_whole

README = FOLDER.parent / "README.md"
_COLAB = "https://colab.research.google.com/github/{repo}/blob/main/{path}"
_BINDER = "https://mybinder.org/v2/gh/{repo}/HEAD?labpath=notebooks/01_bayes.ipynb"
# the marker, and the badges that may stand below it
_PUBLISHED = r"(?m)^<!-- (badges?) -->(?:\n\n\[!\[.*$)?"
_USAGE = "REPO must be owner/name, as in `make publish REPO=ada/course`, or empty to undo"


def colab_address(repo, path):
    """Where Colab opens one notebook of the repository."""
    return _COLAB.format(repo=repo, path=path)


def site_address(repo):
    """Where GitHub Pages shows the repository's site."""
    owner, _, name = repo.partition("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def published(notebooks):
    """The owner/name written into notebooks, or "" where none is."""
    code = [cell.source for each in notebooks for cell in each.cells if cell.cell_type == "code"]
    found = re.search(r'(?m)^REPOSITORY = "([^"]+)"', "\n".join(code))
    return found[1] if found else ""


def badge(repo, path):
    """Markdown of the Colab badge for one notebook."""
    link = colab_address(repo, path)
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({link})"


def under_marker(text, badges):
    """Text with these badges below its marker, or none.

    Apart: a line that begins with a comment is HTML as a whole.
    """
    return re.sub(
        _PUBLISHED, lambda m: f"<!-- {m[1]} -->" + (f"\n\n{badges}" if badges else ""), text
    )


def publish(notebook, repo, path):
    """The notebook with its constant and its badge written, or taken out where repo is empty."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = re.sub(
                r'(?m)^REPOSITORY = "[^"]*"', f'REPOSITORY = "{repo}"', cell.source
            )
        else:
            cell.source = under_marker(cell.source, repo and badge(repo, path))
    return notebook


def publish_readme(text, repo):
    """The README with its badges written, or taken out where repo is empty."""
    binder = f"[![Binder](https://mybinder.org/badge_logo.svg)]({_BINDER.format(repo=repo)})"
    site = f"[Read it as a site]({site_address(repo)})"
    return under_marker(text, repo and f"{badge(repo, 'notebooks/01_bayes.ipynb')} {binder} {site}")


def checked(arguments, environment):
    """The repository's owner/name, or "" to undo.

    Raises:
        ValueError: one sentence, if what was given is neither.
    """
    given = [environment["COURSE_REPO"]] if "COURSE_REPO" in environment else []
    given += arguments
    if not given:
        raise ValueError(f"{_USAGE}; none was given.")
    if len(given) > 1:
        raise ValueError(f"{_USAGE}; do not know what to do with {' '.join(map(repr, given[1:]))}.")
    repo = given[0].removesuffix(".git")
    owner, _, name = repo.partition("/")
    fine = re.fullmatch(r"[A-Za-z0-9](-?[A-Za-z0-9])*", owner) and re.fullmatch(
        r"[A-Za-z0-9._-]+", name
    )
    if given[0] and (not fine or name in (".", "..", ".git")):
        raise ValueError(f"{_USAGE}; got {given[0]!r}.")
    return repo


def main(arguments, environment=os.environ):
    """Publish, or undo it; return an exit status."""
    try:
        repo = checked(arguments, environment)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        for path in every_notebook():
            read(path)  # before anything is written: no half of a course is published
        for path in every_notebook():
            was = path.read_bytes()
            made = publish(read(path), repo, path.relative_to(FOLDER.parent).as_posix())
            write_whole(nbformat.writes(made).rstrip("\n") + "\n", path, was)
        was = README.read_bytes()
        write_whole(publish_readme(README.read_text(encoding="utf-8"), repo), README, was)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    did = f"Wrote {repo} into" if repo else "Took the repository's name out of"
    print(f"{did} the notebooks and the README. Commit and push them.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
