"""What `helpers.plots` has for several lessons, as pictures a person can look at: `make gallery`
writes build/gallery/index.html.

python tests/tools/gallery.py [accept]

With `accept` the pictures become those that the tests compare with, in tests/pictures: look at them
first.
"""

import html
import importlib
import inspect
import sys

import numpy as np
from execute import BUILD, FOLDER
from PIL import Image

from helpers import data, style
from helpers.plots import film, images, labels, panels, replicates

PLOTS = FOLDER.parent / "helpers" / "plots"
ACCEPTED = FOLDER.parent / "tests" / "pictures"
DPI = 72
X = np.linspace(0, 10, 101)


def bump(middle, width=1.5):
    """A curve [101] over X with one peak of height 1."""
    return np.exp(-(((X - middle) / width) ** 2) / 2)


def word():
    figure, ax = style.new_axes(4.0, 2.0)
    panels.dots(ax, [2, 7], [1, 3], "data")
    panels.word(ax, "to the right", (2, 1), (8, 0), "surrogate")
    panels.word(ax, "above", (7, 3), (0, 12), "samples", ha="center")
    ax.set(xlim=(0, 10), ylim=(0, 5))
    return figure


def corner():
    figure, ax = style.new_axes(4.0, 2.0)
    for x, y in ((0.02, 0.03), (0.98, 0.03), (0.02, 0.97), (0.98, 0.97), (0.5, 0.5)):
        panels.corner(ax, f"{x:g}, {y:g}", x, y, "exact")
    return figure


def curves():
    figure, ax = style.new_axes(4.0, 2.5)
    roles = ("prior", "likelihood", "exact", "surrogate", "samples", "data")
    panels.curves(ax, X, {role: bump(2 + k) for k, role in enumerate(roles)})
    return figure


def draw_contours():
    figure, ax = style.new_axes(4.0, 3.0)
    for role, slope in (("exact", 0.8), ("surrogate", 0.0)):
        height = np.exp(-((X - 5) ** 2 + (X[:, None] - 5 - slope * (X - 5)) ** 2) / 4)
        panels.draw_contours(ax, X, X, height / height.sum(), role)
    return figure


def dots():
    figure, ax = style.new_axes(4.0, 2.0)
    panels.dots(ax, X[::10], bump(4)[::10], "data")
    panels.dots(ax, X[::10], bump(6)[::10], "samples", marker="s")
    return figure


def histogram():
    figure, ax = style.new_axes(4.0, 2.0)
    values = np.sort(np.sqrt(np.arange(400.0)))
    panels.histogram(ax, values, replicates.edges_of(values))
    ax.set_xlabel("square roots of 0 to 399")
    return figure


def rows():
    figure, ax = style.new_axes(4.0, 2.0)
    heights = panels.rows(ax, ["first", "second", "third"], ["prior", "exact", "samples"])
    panels.dots(ax, [1, 3, 2], heights, "data")
    return figure


def no_left_edge():
    figure, ax = style.new_axes(4.0, 1.5)
    ax.plot(X, bump(5))
    panels.no_left_edge(ax)
    return figure


def colour_bar():
    figure, ax = style.new_axes(4.0, 2.5)
    panels.colour_bar(images.draw_image(ax, data.domain_knowledge(3)), "counts", ax)
    return figure


def scatter_digits():
    figure, ax = style.new_axes(3.0, 3.0)
    codes = np.stack([np.arange(-4.5, 5), np.sin(np.arange(10.0))], axis=1)
    panels.scatter_digits(ax, codes, range(10), 4.0)
    return figure


def image_row():
    return images.image_row(data.load_digit(4)[:4], ["one", "two", "three", "four"])


def image_grid():
    digits = [data.load_digit(digit)[:3] for digit in (0, 8)]
    beyond = np.where(digits[0][0] > 12, 20, digits[0][0])
    names = [["first", "second", ""], ["", "", "third"]]
    rows = [[beyond, *digits[0][1:]], digits[1]]
    return images.image_grid(rows, names, row_labels=["zeros", "eights"], over=images.BEYOND)


def sheet():
    figure, grid = images.sheet(0.8, 3, [0.3, 0.0])
    for place in range(6):
        figure.add_subplot(grid[2 * (place // 3) + 1, 2 * (place % 3) + 1])
    figure.add_subplot(grid[1:-1, -2])
    for ax in figure.axes:
        ax.set(xticks=[], yticks=[])
    return figure


def draw_bar():
    figure, (left, right) = style.new_axes(3.0, 2.5, 1, 2, width_ratios=(9, 1))
    picture = images.draw_image(left, 2 * data.domain_knowledge(5), over=images.BEYOND)
    images.draw_bar(right, picture, over=images.BEYOND)
    return figure


def draw_image():
    figure, (left, right) = style.new_axes(4.0, 2.0, 1, 2)
    image = data.domain_knowledge(2)
    images.draw_image(left, image)
    signed = np.where(np.arange(64) < 8, np.nan, image - 8)
    images.draw_image(right, signed, limits=(-8, 8), cmap=style.SIGNED)
    return figure


def frame_pixel():
    figure, ax = style.new_axes(2.2, 2.0)
    images.draw_image(ax, data.domain_knowledge(0))
    images.frame_pixel(ax, 27, style.COLOURS["exact"])
    images.frame_pixel(ax, 10, style.COLOURS["samples"])
    return figure


def label_lines():
    figure, ax = style.new_axes(5.0, 3.0)
    names = ["prior", "likelihood", "exact"]
    lines = panels.curves(ax, X, {name: bump(3 + 2 * k, 1) for k, name in enumerate(names)})
    labels.label_lines(ax, lines, names)
    return figure


def replicate_histograms():
    draws = np.stack([np.arange(60.0) % 17, 5 + np.sin(np.arange(60.0)), np.zeros(60)])
    names, observed = ["a count", "a mean (counts)", "a check"], [12.0, 5.5, np.nan]
    return replicates.replicate_histograms(
        names, np.array(observed), draws, np.array([[0.3, 0.0, 1.0], [0.7, 1.0, 1.0]])
    )


def edges_of():
    figure, (left, right) = style.new_axes(5.0, 2.0, 1, 2)
    for ax, values in ((left, np.arange(30) % 7), (right, np.arange(30) % 7 + 0.5)):
        panels.histogram(ax, values, replicates.edges_of(values))
    return figure


def moving():
    """The frames of `film.film`, which is shown as it is stored: an animated PNG."""
    frames = []
    for middle in (2, 5, 8):
        figure, ax = style.new_axes(4.0, 2.0)
        panels.curves(ax, X, {"surrogate": bump(middle)})
        frames.append(figure)
    return film.film(frames)


EXAMPLES = {
    "panels": (
        *(word, corner, curves, draw_contours, dots),
        *(histogram, rows, no_left_edge, colour_bar, scatter_digits),
    ),
    "images": (image_row, image_grid, sheet, draw_bar, draw_image, frame_pixel),
    "labels": (label_lines,),
    "replicates": (replicate_histograms, edges_of),
}


def every_picture():
    """Each example drawn: dictionary from "module.function" to uint8 array [height, width, 3]."""
    drawn = {}
    for module, examples in EXAMPLES.items():
        for example in examples:
            figure = example()
            with style.look():
                figure.set_dpi(DPI)
                figure.canvas.draw()
            name = f"{module}.{example.__name__}"
            drawn[name] = np.array(figure.canvas.buffer_rgba())[..., :3]
    return drawn


def write(pictures, folder):
    """Each picture as a PNG file in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(folder / f"{name}.png", optimize=True)


def page(names):
    """The gallery, HTML: each function's name, its first sentence, its picture."""
    parts = []
    for name in names:
        module, function = name.split(".")
        described = getattr(importlib.import_module(f"helpers.plots.{module}"), function)
        said = html.escape(" ".join(inspect.getdoc(described).split("\n\n")[0].split()))
        shown = f'<img src="{name}.png" alt="{said}">'
        parts.append(f"<h2><code>{name}</code></h2>\n<p>{said}</p>\n{shown}")
    style_of_page = "body {font: 16px sans-serif; max-width: 50em; margin: auto; padding: 1em}"
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Shared panels</title>\n'
        f"<style>{style_of_page}</style>\n<h1>Panels that several lessons share</h1>\n"
        + "\n".join(parts)
        + "\n</html>\n"
    )


def main(arguments):
    """Write the gallery, and with `accept` the pictures of the tests; return an exit status."""
    if arguments not in ([], ["accept"]):
        print(f"gallery takes accept, or nothing; got {' '.join(arguments)!r}.", file=sys.stderr)
        return 2
    drawn, folder = every_picture(), BUILD / "gallery"
    write(drawn, folder)
    (folder / "film.film.png").write_bytes(moving())
    (folder / "index.html").write_text(page([*drawn, "film.film"]), encoding="utf-8")
    print(f"{len(drawn) + 1} panels: open {folder / 'index.html'}")
    if arguments:
        for old in ACCEPTED.glob("*.png"):
            old.unlink()
        write(drawn, ACCEPTED)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
