"""The tools behind make: what failed is named and nothing is lost, colab packs helpers, publish
writes the name."""

import io
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

import colab
import execute
import nbformat
import nbval.kernel
import publish
import pytest
import run
import site_build
import store
import sweep
from markdown_it import MarkdownIt

from helpers import parameters

ROOT = execute.FOLDER.parent
TOOLS = ROOT / "tests" / "tools"


def notebook(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A build folder of the test's own."""
    for module in (run, sweep):
        monkeypatch.setattr(module, "BUILD", tmp_path / "build")
    return tmp_path / "build"


def test_a_kernel_that_died_at_its_start_is_started_again():
    deaths = iter(["before replying to kernel_info", "before replying to kernel_info", ""])

    def start(name):
        words = next(deaths)
        if words:
            raise RuntimeError(f"Kernel died {words}")
        return name

    assert execute.patiently(start)("python3") == "python3"
    for words, calls in (("before replying to kernel_info", 3), ("for another reason", 1)):
        deaths = iter([words] * 3)
        with pytest.raises(RuntimeError, match=words):
            execute.patiently(start)("python3")
        assert len(list(deaths)) == 3 - calls
    assert nbval.kernel.start_new_kernel.__wrapped__, "nbval starts its kernels so"


def test_run_goes_on_after_each_kind_of_failure_and_names_it(tmp_path, build, capsys):
    nbformat.write(notebook("1 / 0"), tmp_path / "01_bad.ipynb")
    nbformat.write(notebook("import os; os._exit(3)"), tmp_path / "02_dead.ipynb")
    (tmp_path / "03_cut.ipynb").write_text('{"cells": [', encoding="utf-8")
    nbformat.write(notebook("print('fine')"), tmp_path / "05_good.ipynb")
    names = ["01_bad", "02_dead", "03_cut", "04_missing", "05_good"]
    assert run.main([str(tmp_path / f"{name}.ipynb") for name in names]) == 1
    said = capsys.readouterr().out
    assert "1 of 5 notebooks ran" in said
    assert "01_bad.ipynb: FAILED: ZeroDivisionError: division by zero" in said
    assert "02_dead.ipynb: FAILED: DeadKernelError: Kernel died" in said
    assert f"03_cut.ipynb: FAILED: {tmp_path}/03_cut.ipynb is not a notebook" in said
    assert f"04_missing.ipynb: FAILED: there is no file {tmp_path}/04_missing.ipynb" in said
    assert f"FAILED: {tmp_path}/01_bad.ipynb; see {build}/01_bad.ipynb" in said
    assert "ZeroDivisionError" in (build / "01_bad.ipynb").read_text(encoding="utf-8")
    assert "fine" in (build / "05_good.ipynb").read_text(encoding="utf-8")


def test_store_goes_on_and_writes_nothing_where_a_cell_fails(tmp_path, capsys):
    bad, good = tmp_path / "bad.ipynb", tmp_path / "good.ipynb"
    made = notebook("print(6 * 7)")
    folded = {"tags": ["parameters"], "jupyter": {"source_hidden": True}, "cellView": "form"}
    made.cells[0].metadata = {**folded, "collapsed": True, "papermill": {"duration": 1.0}}
    nbformat.write(notebook("1 / 0"), bad)
    nbformat.write(made, good)
    before = bad.read_text(encoding="utf-8")
    assert store.main([str(bad), str(good)]) == 1
    assert bad.read_text(encoding="utf-8") == before
    assert capsys.readouterr().err == f"Not stored: {bad}\n"
    stored = nbformat.read(good, as_version=4)
    assert stored.cells[0].outputs[0].text == "42\n"
    assert stored.cells[0].metadata == folded, "what the author chose stays, what a tool wrote goes"
    assert stored.metadata == store.metadata()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.ipynb", "good.ipynb"]


def test_a_notebook_that_changed_while_it_ran_is_not_written_over(tmp_path, capsys):
    path = tmp_path / "notebook.ipynb"
    nbformat.write(notebook(f"open({str(path)!r}, 'a', encoding='utf-8').write(' ')"), path)
    before = path.read_text(encoding="utf-8")
    assert store.main([str(path), str(path)]) == 1, "named twice, it runs once"
    assert path.read_text(encoding="utf-8") == before + " "
    said, wrong = capsys.readouterr()
    assert f"{path} changed on disk meanwhile: it is left as it is. Start again." in said
    assert wrong == f"Not stored: {path}\n"
    nbformat.write(notebook("6 * 7"), path)
    assert store.main([str(path), str(path)]) == 0


def test_two_notebooks_of_one_name_are_not_written_one_over_the_other(tmp_path, build):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        nbformat.write(notebook(f"print({folder!r} * 9)"), tmp_path / folder / "x.ipynb")
    assert run.main([str(tmp_path / folder / "x.ipynb") for folder in ("a", "b")]) == 0
    said = [path.read_text(encoding="utf-8") for path in build.rglob("x.ipynb")]
    assert len(said) == 2
    assert all(sum(letter * 9 in text for text in said) == 1 for letter in "ab")


def test_what_later_cells_update_stays_in_its_place_and_prints_are_joined(tmp_path):
    noise = "import sys\nfor k in range(4):\n    print(k, file=sys.stderr, flush=True)\n"
    noise += "    print('out', k, flush=True)\n"
    show = "from IPython.display import display\ndisplay({'text/plain': '%s'}, raw=True, "
    show += "display_id='figure', update=%s)\nprint('after')"
    path = tmp_path / "notebook.ipynb"
    cells = notebook(noise + show % ("first", False), noise + show % ("last", True))
    nbformat.write(cells, path)
    execute.run(path, tmp_path / "out.ipynb")
    first, second = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-2:]
    assert [each.get("text") for each in first.outputs] == [
        "0\n1\n2\n3\n",
        "out 0\nout 1\nout 2\nout 3\nafter\n",
        None,
    ]
    assert first.outputs[2].data == {"text/plain": "last"}
    assert len(second.outputs) == 2


def test_a_widget_is_stored_as_its_still_picture(tmp_path):
    cell = nbformat.v4.new_code_cell(
        "from helpers.widgets import paint\n\npaint.panel()",
    )
    path = tmp_path / "widget.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    store.store(path)
    [output] = nbformat.read(path, as_version=4).cells[0].outputs
    assert set(output.data) == {"image/png", "text/html", "text/plain"}


def test_a_full_disk_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "notebook.ipynb"
    path.write_text("old", encoding="utf-8")

    def full(self, text, encoding, **options):
        with open(self, "w", encoding=encoding) as file:
            file.write(text[:2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pathlib.Path, "write_text", full)
        with pytest.raises(OSError, match="No space left"):
            execute.write_whole("new and longer", path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
    execute.write_whole("new", path)
    assert path.read_text(encoding="utf-8") == "new"


def test_an_interrupt_says_what_was_not_done(tmp_path):
    long = "import pathlib, time; pathlib.Path('begun').touch(); time.sleep(120)"
    nbformat.write(notebook(long), tmp_path / "long.ipynb")
    before = (tmp_path / "long.ipynb").read_text(encoding="utf-8")
    # a shell's & deafens
    hear = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    program = f"{hear}import sys; sys.path.insert(0, {str(TOOLS)!r}); import store, execute\n"
    program += f"execute.leave(store.main([{str(tmp_path / 'long.ipynb')!r}]))"
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not (tmp_path / "begun").exists() and time.monotonic() < until:
        time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert out.splitlines()[1:] == ["Interrupted: 1 of 1 not done."]
    assert sys.executable in out.splitlines()[0]
    assert "Traceback" not in err
    assert (tmp_path / "long.ipynb").read_text(encoding="utf-8") == before


def test_a_sweep_can_be_said_again_goes_on_and_ends_in_a_table(tmp_path, build, capsys):
    cells = [
        "digit = 0\nprior_strength = 2.0\nnum_images = 3\nseed = 42",
        "assert digit != {}",
        "print({})",
    ]
    for name, wrong, said in (("01_a", 3, "digit"), ("02_b", -1, "float('nan')")):
        made = notebook(cells[0], cells[1].format(wrong), cells[2].format(said))
        made.cells[0].metadata, made.metadata = {"tags": ["parameters"]}, store.metadata()
        nbformat.write(made, tmp_path / f"{name}.ipynb")
    paths = [str(tmp_path / name) for name in ("01_a.ipynb", "02_b.ipynb")]
    assert sweep.main(["DIGITS=all", paths[0]]) == 1
    said = capsys.readouterr().out
    assert "9 of 10 sets ran clean" in said
    assert "\n3         0/1\n4         1/1\n" in said
    assert "FAILED: 003 papermill 01_a.ipynb out.ipynb -p digit 3\n    AssertionError:" in said
    assert [path.name for path in (build / "sweep").iterdir()] == ["003_01_a.ipynb"], (
        "a failed copy is kept"
    )
    assert sweep.main(["N=1", "SEED=5", paths[1]]) == 1
    assert "AssertionError: nan" in capsys.readouterr().out
    assert sweep.main([paths[0], "DIGITS=all", "N=0"]) == 2
    nbformat.write(notebook("x = 1"), tmp_path / "03_c.ipynb")
    for wrong in ("DIGIT=all", "WORKERS=0", "WORKERS=two", "N=0", "N=-1", "N=1.5", "SEED=x",
                  "SEED=-1", str(tmp_path / "no.ipynb"), str(tmp_path / "03_c.ipynb")):  # fmt: skip
        capsys.readouterr()
        assert sweep.main([wrong]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1, wrong


def test_sets_of_a_sweep_are_within_reach_and_differ():
    drawn = [sweep.draw(7, k) for k in range(300)]
    assert drawn == [sweep.draw(7, k) for k in range(300)]
    assert {one["digit"] for one in drawn} == set(range(10))
    assert all(
        0.01 <= one["prior_strength"] <= 1000 and 1 <= one["num_images"] <= 183 for one in drawn
    )
    assert min(one["num_images"] for one in drawn) == 1
    assert len({one["seed"] for one in drawn}) == 300
    lengths = {"num_steps", "num_samples", "num_synthetic"}
    assert {name for path in sweep.lessons() for name in sweep.accepted(path)} == {
        *drawn[0],
        *lengths,
    }
    for one in drawn:
        parameters.check(**one)
    planned = sweep.plan(sweep.lessons(), 2 * len(sweep.lessons()), 7, every_digit=False)
    assert [path for path, _ in planned] == 2 * sweep.lessons()


def test_a_packed_notebook_carries_every_module_and_imports_it(tmp_path):
    packed = colab.pack()
    assert packed == colab.pack()
    made = colab.self_contained(notebook("import helpers.data\nprint(helpers.__file__)"), packed)
    assert made.cells[0].metadata == {"cellView": "form", "jupyter": {"source_hidden": True}}
    program = tmp_path / "notebook.py"  # as a file: too long for a command line
    program.write_text("\n".join(cell.source for cell in made.cells), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "variational-inference-course-" in done.stdout, done.stderr
    ours = {str(path.relative_to(ROOT)) for path in colab.HELPERS.rglob("*.py")}
    assert set(zipfile.ZipFile(io.BytesIO(packed)).namelist()) == ours


# What a packed copy does first, twice; then who may enter its folder, and whether it goes.
UNPACKED = """
import helpers, os, stat
told = os.stat(folder.name)
print(helpers.__file__)
print(told.st_uid == os.getuid(), oct(stat.S_IMODE(told.st_mode)))
"""


def test_a_packed_copy_unpacks_where_nobody_else_can_have_been():
    [unpack, _] = colab.self_contained(notebook("1"), colab.pack()).cells
    program, places = "\n".join([unpack.source] * 2) + UNPACKED, set()
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders are closed to other users
        shared, home = pathlib.Path(made, "tmp"), pathlib.Path(made, "home")
        for folder, mode in ((shared.parent, 0o755), (shared, 0o1777), (home, 0o555)):
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)
        for user in [None, None, *([65534, 65533] if os.getuid() == 0 else [])]:
            done = subprocess.run(
                ["/usr/bin/env", "python3", "-"],
                input=program,
                cwd=shared,
                env={"PATH": "/usr/bin:/bin", "TMPDIR": str(shared), "HOME": str(home)},
                capture_output=True,
                text=True,
                timeout=120,
                user=user,
                check=False,
            )
            place, whose = done.stdout.splitlines() or [done.stderr, None]
            assert place.startswith(str(shared)), done.stderr
            assert whose == "True 0o700"
            places.add(place)
        assert len(places) >= 2, "no two runs share a folder"
        assert not list(shared.iterdir()), "each is gone at the end"


def test_a_full_disk_leaves_no_cut_copy(tmp_path, monkeypatch, capsys):
    def full(text, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(colab, "TARGET", tmp_path)
    monkeypatch.setattr(colab, "write_whole", full)
    assert colab.main() == 1
    assert "could not be written: No space left on device." in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.ipynb"))


def test_the_old_site_stays_until_a_new_one_is_whole(tmp_path, monkeypatch, capsys):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("old", encoding="utf-8")
    (tmp_path / "mathjax" / "es5").mkdir(parents=True)
    (tmp_path / "mathjax" / "LICENSE").write_text("", encoding="utf-8")
    for name, where in {"BUILD": "", "SITE": "site", "SOURCE": "site-src"}.items():
        monkeypatch.setattr(site_build, name, tmp_path / where)
    glossary = execute.FOLDER / "glossary.ipynb"
    monkeypatch.setattr(site_build, "every_notebook", lambda: [glossary])

    def no_network(*package):
        raise OSError("no network")

    def sphinx(arguments):
        made = pathlib.Path(arguments[-1])
        made.mkdir()
        (made / "index.html").write_text("new", encoding="utf-8")
        return next(statuses)

    seen, statuses = [], iter([1, 0])
    monkeypatch.setattr(site_build.npm, "fetch", no_network)
    seen.append((site_build.main(), (tmp_path / "site" / "index.html").read_text(encoding="utf-8")))
    assert capsys.readouterr().err.endswith("from npm's registry: no network\n")
    monkeypatch.setattr(site_build.npm, "fetch", lambda *package: tmp_path / "mathjax")
    monkeypatch.setattr(site_build.build, "main", sphinx)
    for _ in range(2):
        made = site_build.main()
        seen.append((made, (tmp_path / "site" / "index.html").read_text(encoding="utf-8")))
    assert seen == [(2, "old"), (1, "old"), (0, "new")]


def test_a_name_that_the_systems_encoding_lacks_is_printed_all_the_same(tmp_path):
    done = subprocess.run(
        [sys.executable, TOOLS / "store.py", tmp_path / "\u00dcbung.ipynb"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.endswith("\\xdcbung.ipynb\n"), done.stderr


@pytest.mark.parametrize("tool", ["run", "store", "sweep", "publish", "colab", "peers"])
def test_tools_refuse_a_python_without_asserts(tool):
    done = subprocess.run(
        [sys.executable, "-O", TOOLS / f"{tool}.py"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Python was started with -O or PYTHONOPTIMIZE")
    assert len(done.stderr.splitlines()) == 1


def test_a_notebook_of_words_alone_is_packed_as_it_is():
    words = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Glossary")])
    assert colab.self_contained(words, colab.pack()).cells == words.cells


@pytest.mark.parametrize("repository", ["", "ada/course"])
def test_links_of_a_packed_copy_lead_somewhere_or_are_words(repository):
    made = notebook(f'REPOSITORY = "{repository}"')
    text = (
        "[2](02_elbo.ipynb), [a word](glossary.ipynb#cell-id=nat), [up](../01_bayes.ipynb), "
        "[out](https://a.org/b.ipynb)"
    )
    made.cells.insert(0, nbformat.v4.new_markdown_cell(text))
    source = (
        colab.with_links_that_lead(made, "notebooks/solutions", publish.published([made]))
        .cells[0]
        .source
    )
    if repository:
        base = "https://colab.research.google.com/github/ada/course/blob/main/notebooks"
        assert f"[2]({base}/solutions/02_elbo.ipynb)" in source
        assert f"[a word]({base}/solutions/glossary.ipynb#scrollTo=nat)" in source
        assert f"[up]({base}/01_bayes.ipynb)" in source
    else:
        assert source.startswith("2, a word, up, [out](https://a.org/b.ipynb)")
        assert "This copy stands alone." in source


def test_every_link_of_a_published_copy_is_absolute_and_its_cell_is_there():
    root = execute.FOLDER.parent
    read = {
        path.relative_to(root).as_posix(): nbformat.read(path, as_version=4)
        for path in execute.every_notebook()
    }
    ids = {where: {cell.id for cell in each.cells} for where, each in read.items()}
    base, led = publish.colab_address("ada/course", ""), 0
    for where, each in read.items():
        made = colab.with_links_that_lead(each, os.path.dirname(where), "ada/course")
        text = "\n\n".join(cell.source for cell in made.cells if cell.cell_type == "markdown")
        for token in [
            token for block in MarkdownIt().parse(text) for token in block.children or []
        ]:
            link = token.attrs.get("href") or token.attrs.get("src") or "https:"
            assert link.startswith("https:"), f"{where}: {link}"
            if link.startswith(base):
                target, _, cell = link.removeprefix(base).partition("#scrollTo=")
                assert not cell or cell in ids[target], f"{where}: {link}"
                assert target in ids, f"{where}: {link}"
                led += 1
    assert led > 300, "the links were looked at"


def images(markdown):
    """The links and pictures that a CommonMark renderer finds: a list of (link, picture)."""
    html = MarkdownIt().render(markdown)
    return [
        part.split('"')[0::2][:2]
        for part in html.split('<a href="')[1:]
        if "<img src=" in part.split("</a>")[0]
    ]


def test_a_badge_is_a_picture_that_links_and_undo_restores_the_bytes():
    def made():
        one = notebook('REPOSITORY = ""  # owner/name')
        one.cells.insert(
            0, nbformat.v4.new_markdown_cell("# 1. Title\n\nNext: 2.\n\n<!-- badge -->")
        )
        return one

    before = made()
    once = publish.publish(before.copy(), "ada/course", "notebooks/01.ipynb")
    assert once.cells[1].source == 'REPOSITORY = "ada/course"  # owner/name'
    where = "https://colab.research.google.com/github/ada/course/blob/main/notebooks/01.ipynb"
    assert images(once.cells[0].source) == [
        [where, "https://colab.research.google.com/assets/colab-badge.svg"]
    ]
    again = publish.publish(once, "bob/fork", "notebooks/01.ipynb")
    assert "ada" not in again.cells[0].source + again.cells[1].source
    assert len(images(again.cells[0].source)) == 1
    undone = publish.publish(again, "", "notebooks/01.ipynb")
    assert [cell.source for cell in undone.cells] == [cell.source for cell in made().cells]
    readme = publish.README.read_text(encoding="utf-8")
    badges = images(publish.publish_readme(readme, "ada/course"))
    assert "](https://ada.github.io/course/)" in publish.publish_readme(readme, "Ada/course")
    assert publish.site_address("ada/Ada.github.io") == "https://ada.github.io/"
    assert [picture for _, picture in badges] == [
        "https://colab.research.google.com/assets/colab-badge.svg",
        "https://mybinder.org/badge_logo.svg",
    ]
    assert publish.publish_readme(publish.publish_readme(readme, "ada/course"), "") == readme


BAD_NAMES = [
    "course",
    "ada/",
    "ada/course/tree",
    "https://github.com/ada/course",
    "a b/c",
    "a/..",
    "a/.",
    "a/.git",
]
SHELL = [
    "a/b`touch pwned`",
    "a/$(touch pwned)",
    "$(shell touch pwned)",
    'a/b"; touch pwned; "',
    "a/b'; touch pwned; '",
]


@pytest.mark.parametrize("repo", BAD_NAMES + SHELL)
def test_publish_refuses_what_is_no_repository(repo, capsys):
    assert publish.main([repo], {}) == 2
    assert capsys.readouterr().err.startswith("REPO must be owner/name")


def test_publish_writes_over_nothing_that_changed_meanwhile(tmp_path, monkeypatch, capsys):
    path = tmp_path / "notebooks" / "01.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook('REPOSITORY = ""'), path)

    def publish_slowly(made, repo, where):
        path.write_text(
            path.read_text(encoding="utf-8") + " ", encoding="utf-8"
        )  # an editor saves it
        return made

    monkeypatch.setattr(publish, "FOLDER", path.parent)
    monkeypatch.setattr(publish, "every_notebook", lambda: [path])
    monkeypatch.setattr(publish, "publish", publish_slowly)
    assert publish.main(["ada/course"], {}) == 1
    assert capsys.readouterr().err.startswith(f"{path} changed on disk meanwhile")
    assert path.read_text(encoding="utf-8").endswith(" ")


def test_publish_mends_a_paste_and_names_what_is_too_much(capsys):
    assert publish.checked([], {"COURSE_REPO": "ada/course.git"}) == "ada/course"
    assert publish.checked([], {"COURSE_REPO": ""}) == ""
    assert publish.main(["ada/course", "now", "please"], {}) == 2
    assert "do not know what to do with 'now' 'please'." in capsys.readouterr().err
    assert publish.main([], {}) == 2
    assert "none was given" in capsys.readouterr().err


@pytest.mark.parametrize("repo", SHELL)
def test_no_shell_reads_the_name(repo, tmp_path):
    assert make_publish(tmp_path, 'printf "%s" "$COURSE_REPO"', repo) == repo
    assert not (tmp_path / "pwned").exists()


def test_a_readers_settings_of_pip_do_not_reach_the_environment(tmp_path, monkeypatch):
    for name in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX"):
        monkeypatch.setenv(name, "1")
    said = make_publish(tmp_path, 'echo "$PIP_USER" "$PIP_TARGET" "$PIP_PREFIX"', "")
    assert said.split() == ["0"]


def make_publish(tmp_path, program_text, repo):
    """What `make publish` says, on the real Makefile, in a folder with a stand-in for the
    environment and for the program."""
    (tmp_path / "Makefile").write_text(
        (execute.FOLDER.parent / "Makefile").read_text(encoding="utf-8"), encoding="utf-8"
    )
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    program = tmp_path / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{program_text}\n", encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / ".venv" / "ready").touch()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("MAKEFLAGS", "MFLAGS", "VENV")
    }
    words = ["make", "-s", "publish", f"REPO={repo}"]
    done = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
