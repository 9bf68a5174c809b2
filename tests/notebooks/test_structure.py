"""Every notebook keeps to one template: what a reader relies on, and what a teacher's CI needs."""

import ast
import functools
import itertools
import re
import statistics

import nbformat
import pytest
import reading_time
import store
from execute import FOLDER, every_notebook

ALL = every_notebook()
LESSONS = [path for path in ALL if path.parent == FOLDER and path.name[:2].isdigit()]
SIZE_LIMIT = 1.5e6  # bytes
GLOSSARY_LINK = r"glossary\.ipynb#cell-id=([^)\s]+)\)"
ASKED = {
    "digit",
    "prior_strength",
    "num_images",
    "num_components",
    "seed",
    "num_steps",
    "num_samples",
    "latent_size",
    "num_training_images",
    "prior_scale",
    "num_synthetic",
    "exposure_factor",
    "images_per_digit",
}


def name(path):
    return path.relative_to(FOLDER).with_suffix("").as_posix()


@functools.cache
def read(path):
    return nbformat.read(path, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def headings(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [(len(marks), title) for marks, title in re.findall(r"(?m)^(#+) (.+)$", text)]


every = pytest.mark.parametrize("path", ALL, ids=name)
lesson = pytest.mark.parametrize("path", LESSONS, ids=name)


@every
def test_is_valid_and_small(path):
    nbformat.validate(read(path))
    assert path.stat().st_size < SIZE_LIMIT


@every
def test_one_title_and_headings_in_order(path):
    levels = [level for level, _ in headings(read(path))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in itertools.pairwise(levels))


@lesson
def test_sections_are_numbered_in_order(path):
    numbers = [
        title.split()[0]
        for level, title in headings(read(path))
        if level == 2 and title[0].isdigit()
    ]
    assert numbers == [f"{int(path.name[:2])}.{k}" for k in range(1, len(numbers) + 1)]
    assert len(numbers) >= 3
    titles = [title for level, title in headings(read(path)) if level == 2]
    assert titles[0] == "You will be able to"
    assert titles[1] == "Notation"
    assert titles[-1] == "Summary"


@lesson
def test_figures_are_numbered_in_order(path):
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    numbers = re.findall(r"(?m)^\*\*Figure (\d+)\.(\w+)\.\*\*", text)
    assert numbers, "a lesson has figures, and each has a caption"
    assert {chapter for chapter, _ in numbers} == {str(int(path.name[:2]))}
    counted = [int(k) for _, k in numbers if k.isdigit()]
    assert counted == list(range(1, len(counted) + 1))


@every
def test_outputs_are_those_of_one_clean_run(path):
    counts = [cell.execution_count for cell in code(read(path)) if cell.source.strip()]
    assert counts == list(range(1, len(counts) + 1))


@every
def test_no_error_warning_or_stderr_is_stored(path):
    for cell in code(read(path)):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.get("text")
            assert "Warning" not in output.get("text", "")


@every
def test_metadata_holds_nothing_of_a_run(path):
    notebook = read(path)
    assert notebook.metadata == store.metadata(notebook.metadata.language_info.get("version"))
    for cell in notebook.cells:
        assert set(cell.metadata) <= set(store.KEPT)
        for output in cell.get("outputs", []):
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})


@every
def test_what_is_folded_is_folded_in_jupyterlab_and_on_colab(path):
    cells = code(read(path))
    for cell in cells:
        folded = {"jupyter": {"source_hidden": True}, "cellView": "form"}
        assert {key: value for key, value in cell.metadata.items() if key != "tags"} in ({}, folded)
        if is_folded(cell):
            assert "assert " not in cell.source, "a folded cell proves nothing to the reader"
            assert "exercises.check(" not in cell.source
    assert not cells or is_folded(cells[0]), "the set-up cell is plumbing"


@lesson
def test_one_parameters_cell_and_its_check_right_after(path):
    cells = code(read(path))
    tagged = [i for i, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    assigned = {
        target.id
        for node in ast.parse(cells[tagged[0]].source).body
        for target in ast.walk(node)
        if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store)
    }
    assert assigned
    assert assigned <= ASKED
    check = cells[tagged[0] + 1].source
    assert "parameters.check(" in check
    assert all(f"{parameter}={parameter}" in check for parameter in assigned)


@lesson
def test_set_up_is_the_same_everywhere(path):
    def set_up(notebook):
        return re.sub(r'(?m)^REPOSITORY = "[^"]*"', "", code(notebook)[0].source)

    assert set_up(read(path)) == set_up(read(LESSONS[0]))
    assert set_up(read(path)).endswith("set_up.prepare()")


@lesson
def test_cells_are_short_and_words_stand_between_them(path):
    notebook = read(path)
    for cell in code(notebook)[1:]:
        # a folded cell draws a figure, or sets up
        assert len(lines(cell)) <= (40 if is_folded(cell) else 20), cell.source
    visible = [cell for cell in notebook.cells if not is_folded(cell)]
    assert statistics.median(len(lines(cell)) for cell in visible if cell.cell_type == "code") <= 8
    kinds = "".join(cell.cell_type[0] for cell in visible)
    # imports, parameters and check stand together
    opening = kinds.index("ccc") if "ccc" in kinds else 0
    assert "ccc" not in kinds[opening:].lstrip("c"), "at most two code cells in a row"


@every
def test_code_is_plain(path):
    for cell in code(read(path)):
        assert "import *" not in cell.source
        assert "filterwarnings" not in cell.source
        assert not re.search(r"(?m)^\s*[!%]", cell.source), "no shell or magic commands"
        assert cell.source.isascii(), cell.source
        assert max(map(len, cell.source.splitlines()), default=0) <= 110, (
            "a line longer than a page is wide"
        )


@every
def test_figures_have_alt_text(path):
    for cell in code(read(path)):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                (alt,) = re.findall(
                    r'<img alt="([^"]*)"', output.data.get("text/html", '<img alt=""')
                )
                assert len(alt) >= 40, f"alt text of a figure: {alt!r}"


@every
def test_links_lead_somewhere(path):
    notebook = read(path)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://", "attachment:")):
            assert (path.parent / target).exists(), target


@every
def test_glossary_anchors_exist(path):
    glossary = FOLDER / "glossary.ipynb"
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    others = re.findall(r"glossary\.ipynb#(?!cell-id=)\S+", text)
    assert others == [], "JupyterLab's first click lands on #cell-id=TERM alone"
    anchors = set(re.findall(GLOSSARY_LINK, text))
    defined = {cell.id for cell in read(glossary).cells}
    assert anchors <= defined, anchors - defined


def test_a_glossary_entry_is_a_cell_named_by_its_term():
    for cell in read(FOLDER / "glossary.ipynb").cells[1:]:
        term = cell.source.splitlines()[0].removeprefix("## ")
        assert cell.id == re.sub(r"[^A-Za-z0-9_-]", "", term.replace(" ", "-"))


def test_glossary_names_the_notebook_that_introduces_a_term():
    linked = {}  # anchor: the first lesson that links to it
    for path in LESSONS:
        text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
        for anchor in re.findall(GLOSSARY_LINK, text):
            linked.setdefault(anchor, path.name)
    for cell in read(FOLDER / "glossary.ipynb").cells[1:]:
        first = linked.get(cell.id)
        assert f"({first})" in cell.source, f"{cell.id} is first linked to in {first}"


@every
def test_it_speaks_of_itself_alone(path):
    notebook = read(path)
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    texts = [
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs
    ]
    everything = "\n".join([*(cell.source for cell in notebook.cells), *texts])
    for word in ("coming soon", "TODO", "FIXME", "../shared"):
        assert word not in everything


@lesson
def test_neighbours_are_linked(path):
    opening = read(path).cells[0].source
    i = LESSONS.index(path)
    if i > 0:
        assert LESSONS[i - 1].name in opening
    if i + 1 < len(LESSONS):
        assert LESSONS[i + 1].name in opening
    assert re.search("(?m)^<!-- badge -->$", opening), "marker and badge stand apart"
    assert re.search(r"(?m)^Reading and exercises: about .+ hours?\. Time to run: about ", opening)


@lesson
def test_the_reading_time_said_is_the_one_measured(path):
    notebook = read(path)
    said = re.search(
        r"Reading and exercises: about (\d?) ?(?:(\d)/(\d) )?hours?\.", notebook.cells[0].source
    )
    whole, *part = (int(number or 0) for number in said.groups())
    assert abs(whole + part[0] / max(part[1], 1) - reading_time.hours(notebook)) <= 0.25


@every
def test_no_word_is_taken_for_a_tag(path):
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    found = re.findall(
        r"<(?![ =]|!--|/?(?:img|br|details|summary|sub|sup|a|b|kbd)\b|https?:)\S{0,20}", text
    )
    assert found == [], (
        "GitHub takes a < before a letter for HTML, in mathematics too: write \\lt or leave a space"
    )
