"""What Windows would trip over: files in the system's own encoding, calls that only Unix has."""

import ast
import json
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAMS = [path for part in ("helpers", "tests") for path in sorted((ROOT / part).rglob("*.py"))]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
OPENING = {"open", "fdopen", "read_text", "write_text", "NamedTemporaryFile"}
NO_TEXT = {"Image", "tarfile", "zipfile", "archive"}  # whose `open` is of no text
UNIX_ONLY = {"fork", "forkpty", "setsid", "getuid", "geteuid"}


def without_encoding(source):
    """Lines of calls that open a text file and leave the encoding to the system."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        owner = getattr(getattr(call.func, "value", None), "id", "")
        if name not in OPENING or owner in NO_TEXT:
            continue
        given = [*call.args, *(word.value for word in call.keywords if word.arg == "mode")]
        modes = [word.value for word in given if isinstance(word, ast.Constant)]
        is_binary = any(isinstance(m, str) and set(m) <= set("rwxab+") and "b" in m for m in modes)
        if not is_binary and not any(word.arg == "encoding" for word in call.keywords):
            yield call.lineno


def test_it_finds_what_it_looks_for():
    wrong = "open('x.md'); open('x.md', 'w'); p.read_text(); p.write_text('x.md'); q.open('r')"
    assert len(list(without_encoding(wrong))) == 5
    assert not list(
        without_encoding("open('x', 'rb'); p.read_text(encoding='utf-8'); Image.open(p)")
    )


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_program_says_the_encoding_of_every_text_file(path):
    assert list(without_encoding(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_the_encoding_of_every_text_file(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            assert list(without_encoding("".join(cell["source"]))) == [], cell["id"]


@pytest.mark.parametrize(
    "path",
    [path for path in PROGRAMS if ROOT / "helpers" in path.parents or path.parent.name == "tools"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_nothing_that_only_unix_has(path):
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    tried = [node for one in nodes if isinstance(one, ast.Try) for node in one.body]
    for node in nodes:
        if isinstance(node, ast.Attribute):
            assert node.attr not in UNIX_ONLY, node.lineno
        if isinstance(node, ast.Import | ast.ImportFrom) and node not in tried:
            names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
            assert not names & {"resource", "fcntl", "pwd", "grp", "pty"}, node.lineno
