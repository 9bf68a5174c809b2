"""Write the repository's owner/name into every notebook and the README, with their badges.

python tests/tools/publish.py owner/name
"""

import re
import sys

import nbformat
from store import FOLDER, every_notebook

README = FOLDER.parent / "README.md"
_COLAB = "https://colab.research.google.com/github/{repo}/blob/main/{path}"
_BINDER = "https://mybinder.org/v2/gh/{repo}/HEAD?labpath=notebooks/01_bayes.ipynb"


def badge(repo, path):
    """Markdown of the Colab badge for one notebook."""
    link = _COLAB.format(repo=repo, path=path)
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({link})"


def publish(notebook, repo, path):
    """The notebook with its constant and its badge written; the same again changes nothing."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = re.sub(r'(?m)^REPOSITORY = "[^"]*"', f'REPOSITORY = "{repo}"', cell.source)
        else:
            line = f"<!-- badge --> {badge(repo, path)}"
            cell.source = re.sub(r"(?m)^<!-- badge -->.*$", lambda _, line=line: line, cell.source)
    return notebook


def publish_readme(text, repo):
    """The README with its badges and links written."""
    binder = f"[![Binder](https://mybinder.org/badge_logo.svg)]({_BINDER.format(repo=repo)})"
    line = f"<!-- badges --> {badge(repo, 'notebooks/01_bayes.ipynb')} {binder}"
    return re.sub(r"(?m)^<!-- badges -->.*$", lambda _: line, text)


def main(arguments):
    """Publish under arguments[0]; return an exit status."""
    repo = arguments[0] if arguments else ""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", repo):
        print(f"REPO must be owner/name, as in `make publish REPO=ada/course`; got {repo!r}.", file=sys.stderr)
        return 2
    for path in every_notebook():
        where = path.relative_to(FOLDER.parent).as_posix()
        nbformat.write(publish(nbformat.read(path, as_version=4), repo, where), path)
    README.write_text(publish_readme(README.read_text(), repo))
    print(f"Wrote {repo} into {len(every_notebook())} notebooks and the README. Commit and push them.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
