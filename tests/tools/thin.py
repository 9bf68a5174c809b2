"""How much of `helpers` some notebooks need: python tests/tools/thin.py [pattern], a table of lines
by module."""

import ast
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HELPERS, NOTEBOOKS = ROOT / "helpers", ROOT / "notebooks"
PERIPHERY = {"exercises", "plots", "widgets"}
_DEFINITION = ast.FunctionDef | ast.ClassDef


def is_in_core(path):
    """Whether a module is none of exercises, plots and widgets."""
    return path.relative_to(HELPERS).parts[0] not in PERIPHERY


def lines_needed(pattern="[0-9]*"):
    """Lines of each module that the notebooks of a pattern, and their solutions and exercises,
    need: {path: number}.

    Of the modules that they import, and those import, all lines count but those of functions and
    classes without a decorator that no code reached so far names. It asks for the name alone: it
    counts too much rather than too little.
    """
    body = {
        path: ast.parse(path.read_text(encoding="utf-8")).body for path in HELPERS.rglob("*.py")
    }
    modules = {HELPERS / "exercises" / "engine.py", *HELPERS.glob(f"exercises/n{pattern}.py")}
    fresh = [node for path in sorted(NOTEBOOKS.rglob(f"{pattern}.ipynb")) for node in code_of(path)]
    names, reached = set(), set()
    while fresh:
        reached |= set(fresh)
        names |= {name for node in fresh for name in _names_in(node)}
        modules |= {path for node in fresh for path in _imports_of(node)} & set(body)
        ahead = [node for path in modules for node in body[path] if node not in reached]
        fresh = [
            n
            for n in ahead
            if not isinstance(n, _DEFINITION) or n.decorator_list or n.name in names
        ]
    unused = {path: [node for node in body[path] if node not in reached] for path in modules}
    return {
        path: len(path.read_text(encoding="utf-8").splitlines()) - sum(map(_height, unused[path]))
        for path in sorted(modules)
    }


def code_of(path):
    """The code of a notebook, a tree a cell."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            lines = (
                line
                for line in "".join(cell["source"]).splitlines()
                if not line.startswith(("%", "!"))
            )
            yield ast.parse("\n".join(lines))


def _names_in(node):
    for each in ast.walk(node):
        yield from {getattr(each, field, None) for field in ("id", "attr", "name")} - {None}


def _imports_of(node):
    for each in ast.walk(node):
        if isinstance(each, ast.ImportFrom):
            for name in (each.module, *(f"{each.module}.{alias.name}" for alias in each.names)):
                path = ROOT.joinpath(*name.split("."))
                yield from (path.with_suffix(".py"), path / "__init__.py")


def _height(definition):
    """Lines of a function or class, with its decorators and the two blank lines after it."""
    first = min(node.lineno for node in (definition, *definition.decorator_list))
    return definition.end_lineno - first + 3


if __name__ == "__main__":
    needed = lines_needed(*sys.argv[1:])
    for path, lines in needed.items():
        print(f"{lines:6}  {path.relative_to(HELPERS)}")
    core = sum(lines for path, lines in needed.items() if is_in_core(path))
    print(
        f"{sum(needed.values()):6}  in all, of which {core} outside of "
        f"{', '.join(sorted(PERIPHERY))}"
    )
