"""A moving picture from a list of figures: one animated PNG, which plays in any browser without a kernel."""

import io

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
    """Display bytes from `film`; alt says what moves, over which axes, and where it ends."""
    width = Image.open(io.BytesIO(stored)).width * style.SHOWN_DPI / style.STORED_DPI
    data, metadata = style.bundle(stored, alt, width)
    display(data, metadata=metadata, raw=True)
