"""What of a notebook an answer to an exercise needs: the statements behind `exercises.check(id,
answer)`, and no others.

Read from the source alone; nothing runs here.
"""

import ast
import re
from typing import NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

ASKED = re.compile(r"\bcheck\(\s*[\"']((?:\d\d|A)\.\w+)[\"']")
TRIES = re.compile(r"\[tries: ([\w ]{1,400})\]")
CODE = re.compile(r"m\d{1,2}|u[0-9a-f]{3}|edge|form|together|call|run|correct")


class Answer(NamedTuple):
    """One call of check."""

    id: str  # of the exercise
    program: tuple  # sources of statements, in order
    expression: str  # source of what was handed over
    trouble: str = ""  # why there is none


def answers_of(sources):
    """Every Answer of a notebook's code cells, in order.

    A cell that is no Python costs its own statements alone.
    """
    statements, found, broken = [], [], []
    for source in sources:
        try:
            tree = ast.parse(TransformerManager().transform_cell(source))
        except (SyntaxError, ValueError, RecursionError) as error:
            broken += [Answer(name, (), "", _why(source, error)) for name in ASKED.findall(source)]
            continue
        statements += tree.body
    for place, statement in enumerate(statements):
        for call in ast.walk(statement):
            if asked := _asked(call):
                found.append((place, *asked))
    asking = {place for place, _, _ in found}
    names = [Names(statement) for statement in statements]
    made = [
        Answer(
            name,
            tuple(ast.unparse(statements[i]) for i in behind(names, place, answer, asking)),
            ast.unparse(answer),
        )
        for place, name, answer in found
    ]
    return made + broken


def tries_of(cells):
    """{id: codes} that check left in the stored outputs of (source, printed) cells."""
    met = {}
    for source, printed in cells:
        lines = TRIES.findall(printed)
        for name, codes in zip(ASKED.findall(source), lines, strict=False):
            met.setdefault(name, []).extend(filter(CODE.fullmatch, codes.split()[:50]))
    return met


def behind(names, place, expression, without=()):
    """The places of the statements that an expression needs, in order: those before it, and later
    ones for names that nothing before it binds."""
    before = [i for i in range(place) if i not in without]
    chosen = {i for i in before if names[i].is_star or names[i].sets_up}
    wanted = _loaded(expression).union(*(names[i].used for i in chosen))
    looked_up = set()
    while wanted - looked_up:
        for name in wanted - looked_up:
            binders = [i for i, each in enumerate(names) if name in each.bound and i not in without]
            chosen |= {i for i in binders if i < place} or set(binders)
        looked_up |= wanted
        # what was done to a name of the notebook's own: table["a"] = 1
        ours = {name for i in chosen if not names[i].imports for name in names[i].bound}
        chosen |= {i for i in before if names[i].touched & ours}
        wanted = wanted.union(*(names[i].used for i in chosen))
    return sorted(chosen)


class Names:
    """Names that a statement binds, uses, and changes in place."""

    def __init__(self, statement):
        self.imports = isinstance(statement, ast.Import | ast.ImportFrom)
        self.is_star = self.imports and any(alias.name == "*" for alias in statement.names)
        self.bound = _bound(statement)
        self.used = _loaded(statement)
        self.touched = {_root(target) for target in _targets(statement)} - self.bound - {None}
        self.sets_up = _is_call(statement) and "config.update" in ast.unparse(statement.value.func)


def _targets(statement):
    """What a statement may change in place: the x of x.append(1), x[0] = 1 and x += 1."""
    if _is_call(statement):
        return [statement.value.func]
    if isinstance(statement, ast.AugAssign):
        return [statement.target]
    return statement.targets if isinstance(statement, ast.Assign | ast.Delete) else []


def _is_call(statement):
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)


def _root(node):
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_INNER = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def _bound(statement):
    """Names that a statement binds in the notebook's own space."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    if isinstance(statement, ast.Name):
        return {statement.id} if isinstance(statement.ctx, ast.Store) else set()
    if isinstance(statement, _FUNCTION | _INNER):
        return set()
    return {name for child in ast.iter_child_nodes(statement) for name in _bound(child)}


def _loaded(node):
    """Names that a piece of source reads from the notebook's own space."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    names = {name for child in ast.iter_child_nodes(node) for name in _loaded(child)}
    if isinstance(node, _FUNCTION):
        body = node.body if isinstance(node.body, list) else []
        names -= {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
        names -= {name for statement in body for name in _bound(statement)}
    elif isinstance(node, _INNER):
        names -= {name for part in node.generators for name in _bound(part.target)}
    return names


def _asked(call):
    """(id, answer) if this node is check("NN.name", answer)."""
    if (
        not isinstance(call, ast.Call)
        or getattr(call.func, "attr", getattr(call.func, "id", "")) != "check"
    ):
        return None
    given = [*call.args, *(word.value for word in call.keywords)]
    if not given or not isinstance(given[0], ast.Constant) or not isinstance(given[0].value, str):
        return None
    return given[0].value, given[1] if len(given) > 1 else ast.Constant(...)


def _why(source, error):
    for number, line in enumerate(source.splitlines(), start=1):
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            return f"git conflict at line {number} of the cell"
    line = getattr(error, "lineno", None)
    return f"{type(error).__name__}: {getattr(error, 'msg', error)}" + (
        f" (line {line} of the cell)" if line else ""
    )
