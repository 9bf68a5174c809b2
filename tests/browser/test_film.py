"""A film moves for those who take motion, and stands still for those who asked for less of it."""

import base64
import io
from unittest import mock

import nbformat
import numpy as np
from PIL import Image

from helpers import pictures, style
from helpers.plots import film

# The browser has taken the source that its reader's wish for motion asks for; a change takes it a
# moment.
HAS_CHOSEN = """() => {
    const image = document.querySelector('img'), film = document.querySelector('source').srcset;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    return image.complete && image.currentSrc === (still ? image.src : film);
}"""
CURRENT = "image => image.decode().then(() => image.currentSrc.split(',')[1])"


def shown():
    """The bundle that a film leaves in a notebook, and its bytes."""
    figures = []
    for end in (1.0, 0.2):
        figure, ax = style.new_axes(2, 1)
        ax.plot([0, end], [0, 1])
        figures.append(figure)
    moving = film.film(figures)
    with mock.patch.object(film, "display") as display:
        film.show(moving, "A line that moves from right to left.")
    return display.call_args.args[0], figures


def frames(source):
    picture = Image.open(io.BytesIO(base64.b64decode(source)))
    return getattr(picture, "n_frames", 1), np.asarray(picture.convert("RGB"))


def test_who_asked_for_less_motion_gets_the_last_frame(page):
    data, figures = shown()
    sheet = page.context.browser.new_page()
    try:
        sheet.set_content(data["text/html"])
        image = sheet.locator("img")
        for motion, count, figure in (("reduce", 1, figures[-1]), ("no-preference", 2, figures[0])):
            sheet.emulate_media(reduced_motion=motion)
            sheet.wait_for_function(HAS_CHOSEN, timeout=10_000)
            seen, picture = frames(image.evaluate(CURRENT))
            assert seen == count
            off = np.abs(picture.astype(int) - pictures.draw(figure))
            assert off.max() < 40, "another frame; a film has 64 colours"
            assert image.get_attribute("alt") == "A line that moves from right to left."
    finally:
        sheet.close()


def test_before_a_notebook_is_trusted_the_film_stands_still(folder, open_notebook, page):
    data, _ = shown()
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    output = nbformat.v4.new_output("display_data", data=data)
    notebook.cells = [nbformat.v4.new_code_cell("film", outputs=[output])]
    nbformat.write(notebook, folder / "film.ipynb")
    open_notebook("film.ipynb")
    image = page.locator(".jp-OutputArea-output img")
    image.wait_for()
    assert frames(image.evaluate(CURRENT))[0] == 1
