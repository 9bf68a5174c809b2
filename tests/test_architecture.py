"""Dependencies flow one way, and the package stays thin: read from the imports, without importing
anything."""

import ast
import importlib.metadata
import pathlib
import re
import sys
import tomllib

import pytest
import thin

HELPERS = pathlib.Path(__file__).resolve().parents[1] / "helpers"
MODULES = sorted(HELPERS.rglob("*.py"))

# Each part of helpers with the parts it may import; a part may always import itself.
MAY_IMPORT = {
    "set_up": set(),
    "checks": set(),
    "data": {"checks"},
    "parameters": {"checks", "data"},
    "compilation": set(),
    "gamma_sampling": {"checks"},
    "distributions": {"checks", "gamma_sampling"},
    "models": {
        "checks",
        "data",
        "distributions",
        "gamma_sampling",
        "inference",
        "natural_gradient",
    },
    "natural_gradient": {"checks", "distributions", "gamma_sampling"},
    "streaming": {"checks"},
    "minibatch": {"checks", "streaming"},
    "scale": {
        "checks",
        "data",
        "distributions",
        "inference",
        "minibatch",
        "models",
        "parameters",
        "streaming",
    },
    "newton": {"distributions", "gamma_sampling", "natural_gradient"},
    "inference": {
        "checks",
        "compilation",
        "distributions",
        "gamma_sampling",
        "natural_gradient",
        "newton",
    },
    "arrival": {"checks", "diagnostics", "distributions", "inference", "newton"},
    "diagnostics": {"checks", "distributions", "gamma_sampling"},
    "style": set(),
    "pictures": {"style"},
    "plots": {"data", "pictures", "style"},
    "progress": set(),
    "broken_fits": {
        "checks",
        "data",
        "distributions",
        "gamma_sampling",
        "models",
        "inference",
        "natural_gradient",
    },
    "widgets": {
        "data",
        "distributions",
        "models",
        "inference",
        "diagnostics",
        "pictures",
        "style",
        "plots",
        "broken_fits",
    },
    "exercises": {"data", "distributions", "models", "inference", "diagnostics"},
}
NO_JAX = {"set_up", "checks", "data", "parameters", "streaming", "style", "pictures", "plots"}


def part_of(path):
    return path.relative_to(HELPERS).with_suffix("").parts[0]


def imports_of(path):
    """Dotted names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import; say helpers.… in full"
            assert all(alias.name != "*" for alias in node.names), f"{path.name} has a star import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HELPERS)))
def test_imports_go_down(path):
    part = part_of(path)
    if part == "__init__":
        assert list(imports_of(path)) == []
        return
    used = {name.split(".")[1] for name in imports_of(path) if name.startswith("helpers.")}
    assert used - {part} <= MAY_IMPORT[part], (
        f"{part} may not import {used - {part} - MAY_IMPORT[part]}"
    )
    if part in NO_JAX:
        assert not any(name.split(".")[0] in ("jax", "optax") for name in imports_of(path))


def test_what_it_imports_is_declared():
    project = tomllib.loads((HELPERS.parent / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {name_of(each) for each in project["project"]["dependencies"]}
    # numpy comes with jax: what a declared package itself requires need not be declared again
    brought = {
        name_of(each)
        for package in declared
        for each in importlib.metadata.requires(package) or ()
        if "extra ==" not in each
    }
    packages = importlib.metadata.packages_distributions()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            whole = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            whole += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for top in {name.split(".")[0] for name in whole} - {"helpers", ""}:
                if top not in sys.stdlib_module_names:
                    owners = {name_of(each) for each in packages[top]}
                    assert owners & (declared | brought), f"{path.name} imports {top}: declare it"


def name_of(requirement):
    """The package's name of a requirement such as jax>=0.7, as indexes write it."""
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def test_what_only_tests_need_is_not_in_the_package():
    assert thin.lines_needed("*") == {  # the appendix is a page too
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HELPERS)))
def test_a_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HELPERS)))
def test_public_functions_are_documented(path):
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


PLOTS = sorted((HELPERS / "plots").glob("[a-z]*.py"))


def test_a_lesson_draws_its_own_figures():
    kept = {path.stem for path in PLOTS if path.stem[1:3].isdigit()}
    assert not kept, "a lesson's figures stand in folded cells of its page"


def names_used(trees):
    """What a file uses of helpers: {("helpers.plots.panels", "word"), ...}."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = [
        (f"{node.module}.{alias.name}", node.module, alias)
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers")
        for alias in node.names
    ]
    modules = {alias.asname or alias.name: whole for whole, _, alias in imported}
    asked = [node for node in nodes if isinstance(node, ast.Attribute)]
    attributes = {
        (modules[node.value.id], node.attr)
        for node in asked
        if getattr(node.value, "id", None) in modules
    }
    # a module in a list or a table of models is asked under another name
    bases = {node.value for node in asked}
    passed = {node.id for node in nodes if isinstance(node, ast.Name) and node not in bases}
    attributes |= {(modules[name], node.attr) for name in passed & set(modules) for node in asked}
    return attributes | {(module, alias.name) for _, module, alias in imported}


def files_that_use():
    """Trees of what makes up the course: {path: trees} of helpers, notebooks and the commands."""
    root = HELPERS.parent
    paths = [*MODULES, *(root / "tests" / "tools").glob("*.py")]
    files = {path: [ast.parse(path.read_text(encoding="utf-8"))] for path in paths}
    return files | {path: list(thin.code_of(path)) for path in root.glob("notebooks/**/*.ipynb")}


def names_defined(node):
    """The public names that a statement of a module defines."""
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    names = [getattr(node, "name", None), *(getattr(target, "id", None) for target in targets)]
    return [name for name in names if name and not name.startswith("_")]


def test_what_is_public_is_used():
    files = files_that_use()
    used = {path: names_used(trees) for path, trees in files.items()}
    dead = []
    # `engine` looks through a lesson's exercises, and finds them all
    for path in set(MODULES) - set(HELPERS.glob("exercises/n*.py")):
        ((tree,), module) = files[path], ".".join(path.relative_to(HELPERS.parent).parts)[:-3]
        elsewhere = set().union(*(used[file] for file in files if file != path))
        names_in = {
            node: {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            for node in tree.body
        }
        for node in tree.body:
            inside = set().union(*(names_in[other] for other in tree.body if other is not node))
            dead += [
                f"{module}.{name}"
                for name in names_defined(node)
                if name not in inside and (module, name) not in elsewhere
            ]
    assert not dead


def test_what_plots_offer_several_use():
    files = files_that_use()
    del files[HELPERS.parent / "tests" / "tools" / "gallery.py"]
    used = {path: names_used(trees) for path, trees in files.items()}
    for path in PLOTS:
        if path.stem == "film":  # a film is a file, as `pictures.show` makes one
            continue
        ((tree,), module) = files[path], f"helpers.plots.{path.stem}"
        inside = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for node in tree.body:
            is_offered = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if is_offered:
                others = {file for file in files if (module, node.name) in used[file]}
                callers = len(others - {path}) + (node.name in inside)
                assert callers >= 2, f"{node.name} has one caller: let it draw for itself"
