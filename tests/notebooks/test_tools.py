"""The tools behind make: run names what failed and keeps it, colab packs helpers, publish writes the name."""

import pathlib
import subprocess
import sys

import colab
import nbformat
import publish
import pytest
import run
import store


def notebook(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def test_run_goes_on_after_a_failure_names_it_and_keeps_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    monkeypatch.setattr(run, "BUILD", tmp_path / "build")
    nbformat.write(notebook("1 / 0"), tmp_path / "01_bad.ipynb")
    nbformat.write(notebook("print('fine')"), tmp_path / "02_good.ipynb")
    assert run.main([str(tmp_path / "01_bad.ipynb"), str(tmp_path / "02_good.ipynb")]) == 1
    said = capsys.readouterr().out
    assert "1 of 2 notebooks ran" in said
    assert said.strip().splitlines()[-1].startswith("FAILED: 01_bad.ipynb; see ")
    assert "ZeroDivisionError" in (tmp_path / "build" / "01_bad.ipynb").read_text()
    assert "fine" in (tmp_path / "build" / "02_good.ipynb").read_text()


def test_store_writes_nothing_when_a_cell_fails(tmp_path, capsys):
    path = tmp_path / "bad.ipynb"
    nbformat.write(notebook("1 / 0"), path)
    before = path.read_text()
    assert store.main([str(path)]) == 1
    assert path.read_text() == before
    assert "Not stored: bad.ipynb" in capsys.readouterr().err


def test_store_keeps_outputs_and_tags_and_drops_the_rest(tmp_path):
    path = tmp_path / "good.ipynb"
    made = notebook("print(6 * 7)")
    made.cells[0].metadata = {"tags": ["parameters"], "papermill": {"duration": 1.0}}
    nbformat.write(made, path)
    assert store.main([str(path)]) == 0
    stored = nbformat.read(path, as_version=4)
    assert stored.cells[0].outputs[0].text == "42\n"
    assert dict(stored.cells[0].metadata) == {"tags": ["parameters"]}


def test_a_packed_notebook_carries_every_module_and_imports_it(tmp_path):
    packed = colab.pack()
    assert packed == colab.pack()
    made = colab.self_contained(notebook("import helpers.data\nprint(helpers.__file__)"), packed)
    program = tmp_path / "notebook.py"  # as a file: too long for a command line
    program.write_text("\n".join(cell.source for cell in made.cells))
    done = subprocess.run(
        [sys.executable, str(program)], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert "variational-inference-course-" in done.stdout, done.stderr
    unpacked = pathlib.Path(done.stdout.strip()).parent
    ours = {path.relative_to(colab.HELPERS) for path in colab.HELPERS.rglob("*.py")}
    assert {path.relative_to(unpacked) for path in unpacked.rglob("*.py")} >= ours


def test_a_notebook_of_words_alone_is_packed_as_it_is():
    words = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Glossary")])
    assert colab.self_contained(words, colab.pack()).cells == words.cells


def test_publish_writes_constant_and_badge_and_can_be_said_again():
    made = notebook('REPOSITORY = ""  # owner/name')
    made.cells.insert(0, nbformat.v4.new_markdown_cell("# 1. Title\n\n<!-- badge -->"))
    once = publish.publish(made, "ada/course", "notebooks/01.ipynb")
    assert once.cells[1].source == 'REPOSITORY = "ada/course"  # owner/name'
    assert "github/ada/course/blob/main/notebooks/01.ipynb" in once.cells[0].source
    again = publish.publish(once, "bob/fork", "notebooks/01.ipynb")
    assert "ada" not in again.cells[0].source + again.cells[1].source
    assert again.cells[0].source.count("colab-badge") == 1


@pytest.mark.parametrize("repo", ["", "course", "ada/", "ada/course/tree", "https://github.com/ada/course", "a b/c"])
def test_publish_refuses_what_is_no_repository(repo, capsys):
    assert publish.main([repo]) == 2
    assert "REPO must be owner/name" in capsys.readouterr().err
