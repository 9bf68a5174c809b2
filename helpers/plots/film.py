"""A moving picture from a list of figures: one animated PNG, which plays in any browser without a
kernel."""

import io

import numpy as np
from IPython.display import display
from PIL import Image

from helpers import pictures

_COLOURS = 64  # enough for lines and letters, and keeps the file small
# milliseconds, how long a frame stands, and how long the first and the last
_STAND, _HOLD = 250, 2000


def film(figures):
    """Draw figures of one size, two or more, as the frames of an animated PNG that runs three times
    and rests.

    Args: figures: matplotlib Figures, the first is what a viewer without animation shows. Returns:
    bytes, the file.
    """
    first, *others = pictures.indexed([pictures.draw(figure) for figure in figures], _COLOURS)
    stands = [_HOLD, *[_STAND] * (len(others) - 1), _HOLD]
    stored = io.BytesIO()
    first.save(
        stored, "PNG", save_all=True, append_images=others, duration=stands, loop=3, optimize=True
    )
    return stored.getvalue()


def show(stored, alt):
    """Display bytes from `film`; alt says what moves, over which axes, and where it ends.

    Who asked for less motion gets the last frame; so does a page that drops the film's own line, as
    JupyterLab does before a notebook is trusted.
    """
    frames = Image.open(io.BytesIO(stored))
    data, metadata = pictures.bundle(
        stored, alt, frames.width * pictures.SHOWN_DPI / pictures.STORED_DPI
    )
    frames.seek(frames.n_frames - 1)
    still = pictures.to_png(np.asarray(frames.convert("RGB")))
    page = pictures.bundle(still, alt, metadata["image/png"]["width"])[0]["text/html"]
    moves = (
        'media="(prefers-reduced-motion: no-preference)" '
        f'srcset="data:image/png;base64,{data["image/png"]}"'
    )
    data["text/html"] = f"<picture><source {moves}>{page}</picture>"
    display(data, metadata=metadata, raw=True)
