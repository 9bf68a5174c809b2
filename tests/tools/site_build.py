"""Build the site: a page for every notebook, with the outputs that it stores: `make site` writes
build/site.

Sphinx reads the notebooks by MyST-NB and dresses them by Furo. Here they are only made ready for
it: figures become files, links lead to pages, the two widgets that need no kernel get their data.
What is read needs no network.
"""

import ast
import base64
import copy
import html
import io
import json
import pathlib
import re
import shutil
import sys
import tomllib

import colab
import matplotlib
import nbformat
import npm
import numpy as np
import publish
from execute import BUILD, FOLDER, every_notebook
from markdown_it import MarkdownIt
from PIL import Image
from sphinx.cmd import build

from helpers import data
from helpers.widgets import big_dial, controls, elbo_game

FILES = pathlib.Path(__file__).resolve().parent / "site_files"
SOURCE, SITE = BUILD / "site-src", BUILD / "site"
README = FOLDER.parent / "README.md"
_MATHJAX = (
    "mathjax-3.2.2",
    "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
    r"es5/(tex-chtml\.js|output/chtml/fonts/woff-v2/\S+\.woff)|LICENSE",
)
_TERM = re.compile(r"\[([^\[\]]+)\]\((?:[^)#\s]*glossary\.ipynb)?#cell-id=([^)]+)\)")
_FIGURE = re.compile(r'\b(src|srcset)="data:image/png;base64,([^"]+)"')
_STILL = re.compile(
    r" (?:Without a (?:running )?kernel you see|After a restart of the kernel,) [^.]*\."
)
_LIVE_CAPTION = {  # what the site's own widget leaves out, after its caption
    "dial": " On this page the dial draws the prior and the exact posterior; $q$ and its ELBO are "
    "in the notebook."
}
_PANEL = re.compile(r"(?m)^\w+\.(panel|completion)\(")
_WIDGETS = {"elbo_game.panel(": "game", "big_dial.panel(": "dial"}


def anchor(term):
    """Where a term of the glossary stands on its page."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")


def definitions(glossary):
    """Each term's definition as plain text: dictionary by the id of its cell."""
    found = {}
    for cell in glossary.cells[1:]:
        tokens = MarkdownIt().parseInline(cell.source.partition("\n")[2].strip())[0].children
        words = "".join(
            token.content or " "
            for token in tokens
            if token.type in ("text", "code_inline", "softbreak")
        )
        words = re.sub(r"\s*Notebooks? \d+(?:,? (?:and )?\d+)*\.$", "", words)
        found[cell.id] = re.sub(r"\\(?:mathrm|mathbb|ln|text)\b ?|[$\\{}]", "", words)
    return found


def link_terms(text, root, defined):
    """Links to the glossary, with the definition, which course.js opens in its place."""

    def rewrite(match):
        words, term = match.groups()
        said = html.escape(defined.get(term, ""), quote=True)  # whether it is there, the tests say
        leads = f'href="{root}glossary.html#{anchor(term)}"'
        return f'<a class="term" {leads} data-said="{said}">{words}</a>'

    return _TERM.sub(rewrite, text)


def packages():
    """What a reader installs to run a downloaded notebook: names, with spaces between."""
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [*project["project"]["dependencies"], "jupyterlab"]
    return " ".join(re.match(r"[\w-]+", each)[0] for each in needed)


def actions(where, root, repo, words, *, is_first=False):
    """A line of links: the notebook in Colab, where it is published, and for download; the first of
    a page says what that needs."""
    needs = '(<a href="#to-run-it">what that needs</a>)'
    if is_first:
        needs = (
            "with the course's package inside; on your computer it needs Python 3.11 or newer and "
            f"<code>pip install {packages()}</code>"
        )
    links = [f'<a href="{root}notebooks/{where}" download>download it</a>{"," * is_first} {needs}']
    if repo:
        links.insert(
            0, f'<a href="{publish.colab_address(repo, f"notebooks/{where}")}">open it in Colab</a>'
        )
    name = ' id="to-run-it"' * is_first
    return f'<p class="actions"{name}>{words} {", or ".join(links)}.</p>'


def with_figures_as_files(cell, name, root):
    """A code cell whose figures refer to files, and are loaded when they come into view; a film's
    last frame too."""
    folder = SOURCE / "extra" / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    for number, output in enumerate(cell.outputs):
        page = output.get("data", {}).get("text/html", "")
        if not _FIGURE.search(page):
            continue
        is_film = "<source" in page
        shown = int(re.search(r'width="(\d+)"', page)[1])

        def refer(found, named=f"{name}-{cell.id}-{number}", is_film=is_film, shown=shown):
            packed = base64.b64decode(found[2])
            file = f"{named}{'-still' if is_film and found[1] == 'src' else ''}.png"
            (folder / file).write_bytes(packed)
            width, height = Image.open(io.BytesIO(packed)).size
            size = (
                f' height="{round(shown * height / width)}" loading="lazy"'
                if found[1] == "src"
                else ""
            )
            return f'{found[1]}="{root}figures/{file}"{size}'

        page = re.search(r"(<source[^>]*>)?<img[^>]*>", _FIGURE.sub(refer, page))[0]
        output.data = {"text/html": f'<picture class="figure">{page}</picture>'}


def make_live(cell, widget, setting):
    """Put the widget's data beside its still picture; course.js replaces the picture."""
    for output in cell.outputs:
        page = output.get("data", {}).get("text/html", "")
        if "<img" in page:
            given = json.dumps(setting, separators=(",", ":"))
            script = f'<script type="application/json">{given}</script>'
            output.data["text/html"] = (
                f'<div class="live" data-widget="{widget}">{page}{script}</div>'
            )


def is_shown(cell):
    """Whether it is the cell of a widget that works on the site."""
    return cell.cell_type == "code" and any(call in cell.source for call in _WIDGETS)


def folded(cell):
    """What the box of a folded cell holds, in words."""
    if "image/png" in {kind for output in cell.outputs for kind in output.get("data", {})}:
        return "the code of this figure"
    kinds = {
        "# @title": "the set-up",
        r"(import|from) ": "the imports",
        r".*\bcheck\(": "the checks",
    }
    return next(
        (words for start, words in kinds.items() if re.match(start, cell.source)), "the code"
    )


def parameters_of(notebook):
    """The notebook's parameters as they are stored: dictionary."""
    [cell] = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    return {
        each.targets[0].id: ast.literal_eval(each.value) for each in ast.parse(cell.source).body
    }


def dial_data(notebook):
    """What the big dial needs: the images of every digit, a letter a pixel, the typeface, two
    pixels, the stops."""
    colours = matplotlib.colormaps["viridis"](np.linspace(0, 1, 65), bytes=True)[:, :3]
    digits = [
        {
            "template": data.domain_knowledge(digit).tolist(),
            "images": [
                "".join("0123456789abcdefg"[count] for count in image)
                for image in data.load_digit(digit)
            ],
            "pixels": big_dial.two_pixels(digit),
        }
        for digit in range(10)
    ]
    most = max(len(each["images"]) for each in digits)
    stops = {
        "strength": [float(f"{stop:g}") for stop in controls.STRENGTHS],
        "images": [*controls.IMAGES, most],
        "digit": list(range(10)),
    }
    first = parameters_of(notebook)
    return {
        "digits": digits,
        "stops": stops,
        "first": [first["prior_strength"], first["num_images"], first["digit"]],
        "ends": big_dial.AXIS_ENDS,
        "colours": ["#" + bytes(colour).hex() for colour in colours],
    }


def game_data(notebook):
    """What the ELBO game needs: the prior and the counts of the notebook's pixel, as its stored
    output names them."""
    printed = "".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])
    )
    digit, pixel, counts = re.search(
        r"Digit (\d), pixel (\d+), counts \(ten at most\): \[([\d\s]+)\]", printed
    ).groups()
    strength = parameters_of(notebook)["prior_strength"]
    mean = data.domain_knowledge(int(digit))[int(pixel)]
    return {
        "prior": [strength * mean, strength],
        "counts": [int(count) for count in counts.split()],
        "stops": {"mean": elbo_game.MEANS, "deviation": elbo_game.DEVIATIONS},
        # the prior, as in the notebook
        "first": [round(mean, 2), round((mean / strength) ** 0.5, 2)],
        "depth": elbo_game.DEPTH,
        "end": elbo_game.MOST_INK,
        "won": elbo_game.WON,
    }


def page(notebook, where, repo, defined):
    """The notebook as Sphinx takes it.

    `where`: its path inside notebooks/; `repo`: owner/name or "".
    """
    root, name = "../" * where.count("/"), re.sub(r"\W+", "-", where.removesuffix(".ipynb"))
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    live = next((widget for call, widget in _WIDGETS.items() if call in code), None)
    setting = {"dial": dial_data, "game": game_data}[live](notebook) if live else None
    is_lesson, cells = "/" not in where and bool(code), []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            cell.source = publish.under_marker(cell.source, "").replace("<!-- badge -->", "")
            cell.source = link_terms(cell.source, root, defined)
            cell.source = _STILL.sub("", cell.source)
            if live and len(cells) > 1 and is_shown(cells[-2]):
                caption, *rest = cell.source.split("\n\n", 1)
                cell.source = "\n\n".join([caption + _LIVE_CAPTION.get(live, ""), *rest])
            if where == "glossary.ipynb" and cell.id in defined:
                cell.source = f"({anchor(cell.id)})=\n{cell.source}"
            continue
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]
            what = folded(cell)
            cell.metadata["mystnb"] = {
                "code_prompt_show": f"Show {what}",
                "code_prompt_hide": f"Hide {what}",
            }
        with_figures_as_files(cell, name, root)
        if is_shown(cell):
            make_live(cell, live, setting)
        elif _PANEL.search(cell.source) and cell.outputs:
            stands = actions(
                where,
                root,
                repo,
                "A widget, in its first position: this page has no kernel. To use it,",
            )
            cells.append(nbformat.v4.new_markdown_cell(stands, id=f"{cell.id}-use"))
        if is_lesson and "exercises.check(" in cell.source:
            solution = (
                " A worked answer: <a "
                f'href="{root}solutions/{where.replace(".ipynb", ".html")}">solutions</a>.'
            )
            solution = solution if (FOLDER / "solutions" / where).exists() else ""
            line = actions(where, root, repo, "Your answer is checked in the notebook:").replace(
                "</p>", f"{solution}</p>"
            )
            cells.append(nbformat.v4.new_markdown_cell(line, id=f"{cell.id}-do"))
    if code:
        words = (
            "This page has no kernel. To run its cells, move its sliders and have answers checked,"
        )
        cells[0].source += "\n\n" + actions(where, root, repo, words, is_first=True)
    notebook.cells = cells
    return notebook


def front_page(readme, pages, repo):
    """The README's parts for a reader, with the site's contents: MyST Markdown."""
    parts = re.split(r"(?m)^(?=## )", re.sub(r"(?m)^<!-- badges -->(?:\n\n\[!\[.*$)?", "", readme))
    wanted = [
        next(part for part in parts if part.startswith(f"## {name}"))
        for name in ("The notebooks", "What is different", "Three ways in", "More")
    ]
    dial = (
        '\n<p class="actions"><a href="07_little_data.html#the-big-dial">Turn the big dial</a> or '
        '<a href="02_elbo.html#the-elbo-game">play the ELBO game</a>: both work on this site, '
        "without a kernel.</p>\n"
    )
    text = parts[0] + dial + "\n" + "\n".join(wanted)
    text = re.sub(
        r"!\[([^\]]*)\]\(notebooks/images/([^)]+)\)",
        r'<p><img class="figure" alt="\1" src="\2"></p>',
        text,
    )
    text = re.sub(r"\]\(notebooks/solutions\)", "](solutions/01_bayes.ipynb)", text)
    text = text.replace("](notebooks/", "](")
    beside = f"https://github.com/{repo}/blob/main/" if repo else None
    text = re.sub(
        r"\[([^\]]+)\]\(([A-Z]+(?:\.\w+)?)\)", rf"[\1]({beside}\2)" if beside else r"\1", text
    )
    for caption, names in (
        ("Course", [name for name in pages if "/" not in name]),
        ("Worked solutions", [name for name in pages if "/" in name]),
    ):
        lines = "\n".join(
            f"{pages[name.split('/')[-1]]} <{name.removesuffix('.ipynb')}>" for name in names
        )
        text += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{lines}\n```\n"
    return text


def main():
    """Write build/site; return an exit status."""
    try:  # what the new site needs comes first: until it is whole, the old one stays
        mathjax = npm.fetch(*_MATHJAX)
    except (OSError, ValueError) as error:
        print(f"The site needs MathJax, once, from npm's registry: {error}", file=sys.stderr)
        return 2
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(FILES, SOURCE)
    shutil.copytree(mathjax / "es5", SOURCE / "static" / "mathjax")
    shutil.copy(mathjax / "LICENSE", SOURCE / "static" / "mathjax")
    (SOURCE / "extra").mkdir()
    for picture in (FOLDER / "images").iterdir():
        shutil.copy(picture, SOURCE / "extra")
    read = {
        path.relative_to(FOLDER).as_posix(): nbformat.read(path, as_version=4)
        for path in every_notebook()
    }
    defined, repo, packed = (
        definitions(read["glossary.ipynb"]),
        publish.published(read.values()),
        colab.pack(),
    )
    titles = {
        where: each.cells[0].source.partition("\n")[0].removeprefix("# ")
        for where, each in read.items()
    }
    for where, each in read.items():
        alone = colab.with_links_that_lead(
            copy.deepcopy(each), f"notebooks/{where}".rpartition("/")[0], repo
        )
        for target, made in (
            (SOURCE / "extra" / "notebooks" / where, colab.self_contained(alone, packed)),
            (SOURCE / where, page(each, where, repo, defined)),
        ):
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(made, target)
    (SOURCE / "index.md").write_text(
        front_page(README.read_text(encoding="utf-8"), titles, repo), encoding="utf-8"
    )
    made, trees = BUILD / "site-made", BUILD / "site-trees"
    shutil.rmtree(made, ignore_errors=True)
    status = build.main(
        ["-q", "-W", "--keep-going", "-E", "-d", str(trees), str(SOURCE), str(made)]
    )
    if status == 0:
        shutil.rmtree(SITE, ignore_errors=True)
        made.rename(SITE)
        print(f"{len(titles)} notebooks in {SITE}: open {SITE / 'index.html'}")
    return status


if __name__ == "__main__":
    sys.exit(main())
