"""A moving picture from a list of figures: one animated PNG, which plays in any browser without a kernel."""

import base64
import io

import numpy as np
from IPython.display import display
from PIL import Image

_COLOURS = 48  # a palette of so many colours is enough for lines and letters, and keeps the file small
_DPI = 144  # stored pixels for an inch; shown at 90 for an inch, as `style.show` does


def film(figures, *, seconds=0.25, hold=2.0, plays=3):
    """Draw figures of one size as the frames of an animated PNG.

    Args:
        figures: list of matplotlib Figures on Agg canvases; the first is what a viewer without animation shows.
        seconds: how long a frame stands.
        hold: how long the first and the last frame stand, in seconds.
        plays: how often the film runs before it rests on its last frame; 0 for without end.

    Returns:
        bytes: the file.
    """
    frames = []
    for figure in figures:
        figure.set_dpi(_DPI)
        figure.canvas.draw()
        frames.append(Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB"))
    sheet = Image.fromarray(np.concatenate([np.asarray(frame) for frame in frames[:: max(1, len(frames) // 4)]]))
    palette = sheet.quantize(_COLOURS, dither=Image.Dither.NONE)  # one palette for all frames
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    colours = np.array(frames[0].getpalette()).reshape(-1, 3)
    colours[frames[0].getpixel((0, 0))] = 255  # the background, a mean of near-whites, becomes the page's own white
    for frame in frames:
        frame.putpalette(colours.ravel().tolist())
    stands = [round(1000 * (hold if index in (0, len(frames) - 1) else seconds)) for index in range(len(frames))]
    stored = io.BytesIO()
    frames[0].save(
        stored, format="PNG", save_all=True, append_images=frames[1:], duration=stands, loop=plays, optimize=True
    )
    return stored.getvalue()


def show(stored, alt):
    """Display a film, with words for those who do not see it.

    Args:
        stored: bytes from `film`.
        alt: what moves, over which axes, and where it ends.
    """
    width, height = (round(pixels * 90 / _DPI) for pixels in Image.open(io.BytesIO(stored)).size)
    display(
        {"image/png": base64.b64encode(stored).decode(), "text/plain": alt},
        metadata={"image/png": {"alt": alt, "width": width, "height": height}},
        raw=True,
    )
