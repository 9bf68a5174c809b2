"""One look for every figure: a colour and a line style for each role, and a way to show a figure with words."""

import base64
import html
import io

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

# Okabe and Ito's palette, colour-blind safe; each role has a line style too, so that no meaning hangs on colour.
LINES = {
    "prior": {"color": "#767676", "linestyle": ":"},
    "exact": {"color": "#D55E00", "linestyle": "-"},
    "surrogate": {"color": "#0072B2", "linestyle": "--"},
    "likelihood": {"color": "#009E73", "linestyle": "-."},
    "samples": {"color": "#CC79A7", "linestyle": "-"},
    "data": {"color": "#000000", "linestyle": "-"},
}
COLOURS = {role: line["color"] for role, line in LINES.items()}
INK = "viridis"  # images of counts and rates
SIGNED = "RdBu_r"  # differences, centred on 0

# Lines that stand for ways to do one thing, in one figure: none is the exact posterior's.
COMPARED = tuple(
    {"color": COLOURS[role], "linestyle": pattern}
    for role, pattern in {"surrogate": "--", "likelihood": "-", "samples": "-.", "prior": ":"}.items()
)
# One hue for a family of lines, dark for strong; the line style tells them apart without colour.
FAMILY = (
    {"color": "#5592C8", "linestyle": (0, (1, 1))},
    {"color": "#2F78B7", "linestyle": (0, (5, 1.5))},
    {"color": "#14529A", "linestyle": (0, (6, 1.5, 1, 1.5))},
    {"color": "#08264F", "linestyle": "-"},
)
WRONG = "#B5473A"  # what was learned from wrong knowledge
BEYOND = "#E34234"  # counts that no real image can hold: vermilion, which no line has
GAP, DEEP_GAP = "#E8D9C9", "#C79F78"  # nats that the ELBO does not reach; on a map, many of them
QUIET = "#595959"  # words in the background
RULE = "#B0B0B0"  # thin lines behind the data
THIN = "#9A9A9A"  # thin lines that join or contour the data
BAND = "#D8D8D8"  # what chance allows, and bars of data
ZONE = "#EEEEEE"  # a part of an axis
EMPTY = "#E8E8E8"  # what is not there yet, or is no part of a bar
PALE = "#BFD7EA"  # bars of a surrogate, under black intervals
MAUVE = "#A0527F"  # marks and words about samples
MISSING = "#E6E6E6"  # a pixel without a value
_LETTERS = {COLOURS["samples"]: "#A3497F"}  # too pale to read: darker in words

_RC = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelsize": 11,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "grid.alpha": 0.6,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "image.cmap": INK,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "mathtext.fontset": "dejavusans",
}
STORED_DPI, SHOWN_DPI = 144, 90  # a figure 8 inches wide is 720 pixels on the page, and sharp on a fine screen


def letters(colour):
    """The colour of words about a role, or about a line of this colour."""
    colour = COLOURS.get(colour, colour)
    return _LETTERS.get(colour, colour)


def new_figure(width=8.0, height=3.0):
    """An empty Figure in the course's look, constrained layout, in inches; outside pyplot, so that nothing leaks."""
    with matplotlib.rc_context(_RC):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
    return figure


def new_axes(width=8.0, height=3.0, rows=1, columns=1, **options):
    """A new Figure and its axes, as `subplots` makes them: one, or an array [rows, columns], squeezed."""
    with matplotlib.rc_context(_RC):
        figure = new_figure(width, height)
        return figure, figure.subplots(rows, columns, **options)


def show(figure, alt):
    """Display a figure as PNG, with words for those who do not see it.

    `alt` says type, axes and finding in a sentence or two; numbers in it are computed, not typed.
    """
    pixels = draw(figure)
    data, metadata = bundle(to_png(pixels), alt, pixels.shape[1] * SHOWN_DPI / STORED_DPI)
    display(data, metadata=metadata, raw=True)


def draw(figure):
    """The pixels of a figure as it is stored: uint8 array [height, width, 3]."""
    with matplotlib.rc_context(_RC):
        figure.set_dpi(STORED_DPI)
        figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba())[..., :3]


def indexed(pictures, num_colours=256):
    """Pictures, list of uint8 arrays [height, width, 3] of one size, on one palette: PIL images a third of the size."""
    height, width, _ = pictures[0].shape
    few = len(pictures) * height * width // 500  # the palette is good where a step changes no more pixels than that
    sheet = Image.fromarray(np.concatenate(pictures)).quantize(num_colours, Image.Quantize.MAXCOVERAGE, kmeans=few)
    return [sheet.crop((0, k * height, width, (k + 1) * height)) for k in range(len(pictures))]


def to_png(pixels):
    """A picture, uint8 array [height, width, 3], as the bytes of a small PNG file."""
    stored = io.BytesIO()
    indexed([pixels])[0].save(stored, "PNG", optimize=True)
    return stored.getvalue()


def bundle(stored, alt, width):
    """What a notebook keeps of a picture: HTML that carries the alt text into the page, the PNG, and the words alone.

    JupyterLab and nbconvert drop the alt text of an image/png; the HTML they show in its place, trusted or not.

    Args: stored: bytes of a PNG file; alt: the picture in words; width: on the page, pixels, at most.
    Returns: (data, metadata), as IPython's `display(..., raw=True)` takes them.
    """
    source, width = base64.b64encode(stored).decode(), round(width)
    page = f'<img alt="{html.escape(alt)}" width="{width}" style="max-width: 100%; height: auto" '
    page += f'src="data:image/png;base64,{source}">'
    return {"text/html": page, "image/png": source, "text/plain": alt}, {"image/png": {"alt": alt, "width": width}}
