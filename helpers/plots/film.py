"""A moving picture from a list of figures: one animated PNG, which plays in any browser without a kernel."""

import io

import numpy as np
from IPython.display import display
from PIL import Image

from helpers import style

_COLOURS = 64  # enough for lines and letters, and keeps the file small


def film(figures, *, seconds=0.25, hold=2.0, plays=3):
    """Draw figures of one size as the frames of an animated PNG.

    Args: figures: matplotlib Figures, the first is what a viewer without animation shows; seconds: how long a frame
    stands; hold: the first and the last, in seconds; plays: how often it runs before it rests, 0 for without end.
    Returns: bytes, the file.
    """
    frames = style.indexed([style.draw(figure) for figure in figures], _COLOURS)
    stands = [round(1000 * (hold if index in (0, len(frames) - 1) else seconds)) for index in range(len(frames))]
    stored = io.BytesIO()
    frames[0].save(
        stored, format="PNG", save_all=True, append_images=frames[1:], duration=stands, loop=plays, optimize=True
    )
    return stored.getvalue()


def show(stored, alt):
    """Display bytes from `film`; alt says what moves, over which axes, and where it ends.

    Who asked for less motion gets the last frame; so does a page that drops the film's own line, as JupyterLab does
    before a notebook is trusted.
    """
    frames = Image.open(io.BytesIO(stored))
    data, metadata = style.bundle(stored, alt, frames.width * style.SHOWN_DPI / style.STORED_DPI)
    frames.seek(frames.n_frames - 1)
    still = style.to_png(np.asarray(frames.convert("RGB")))
    page = style.bundle(still, alt, metadata["image/png"]["width"])[0]["text/html"]
    moves = f'media="(prefers-reduced-motion: no-preference)" srcset="data:image/png;base64,{data["image/png"]}"'
    data["text/html"] = f"<picture><source {moves}>{page}</picture>"
    display(data, metadata=metadata, raw=True)
