"""From a Figure to the page: a small PNG, with words for those who do not see it."""

import base64
import html
import io

import numpy as np
from IPython.display import display
from PIL import Image

from helpers import style

STORED_DPI, SHOWN_DPI = 144, 90


def show(figure, alt):
    """Display a figure as PNG, with words for those who do not see it.

    `alt` says type, axes and finding in a sentence or two; numbers in it are computed, not typed.
    """
    pixels = draw(figure)
    data, metadata = bundle(to_png(pixels), alt, pixels.shape[1] * SHOWN_DPI / STORED_DPI)
    display(data, metadata=metadata, raw=True)


def draw(figure):
    """The pixels of a figure as it is stored: uint8 array [height, width, 3]."""
    with style.look():
        figure.set_dpi(STORED_DPI)
        figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba())[..., :3]


def indexed(pictures, num_colours=256):
    """Pictures, list of uint8 arrays [height, width, 3] of one size, on one palette: PIL images a
    third of the size."""
    height, width, _ = pictures[0].shape
    # the palette is good where a step changes no more pixels than that
    few = len(pictures) * height * width // 500
    sheet = Image.fromarray(np.concatenate(pictures)).quantize(
        num_colours, Image.Quantize.MAXCOVERAGE, kmeans=few
    )
    return [sheet.crop((0, k * height, width, (k + 1) * height)) for k in range(len(pictures))]


def to_png(pixels):
    """A picture, uint8 array [height, width, 3], as the bytes of a small PNG file."""
    stored = io.BytesIO()
    indexed([pixels])[0].save(stored, "PNG", optimize=True)
    return stored.getvalue()


def bundle(stored, alt, width):
    """What a notebook keeps of a picture: HTML that carries the alt text into the page, the PNG,
    and the words alone.

    JupyterLab and nbconvert drop the alt text of an image/png; the HTML they show in its place,
    trusted or not.

    Args: stored: bytes of a PNG file; alt: the picture in words; width: on the page, pixels, at
    most.
    Returns: (data, metadata), as IPython's `display(..., raw=True)` takes them.
    """
    source, width = base64.b64encode(stored).decode(), round(width)
    page = f'<img alt="{html.escape(alt)}" width="{width}" style="max-width: 100%; height: auto" '
    page += f'src="data:image/png;base64,{source}">'
    return {"text/html": page, "image/png": source, "text/plain": alt}, {
        "image/png": {"alt": alt, "width": width}
    }
