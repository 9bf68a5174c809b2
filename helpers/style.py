"""One look for every figure: a colour and a line style for each role, and a way to show a figure with words."""

import base64
import io

import matplotlib
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

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
_SCREEN_DPI = 72  # matplotlib's points: a figure 8 inches wide is 576 pixels on the page
_SHARPNESS = 2  # stored pixels for each pixel on the page


def new_figure(width=8.0, height=3.0):
    """An empty Figure in the course's look, outside pyplot: nothing is drawn twice and nothing leaks.

    Args:
        width, height: inches.

    Returns:
        matplotlib.figure.Figure with constrained layout.
    """
    with matplotlib.rc_context(_RC):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
    return figure


def new_axes(width=8.0, height=3.0, rows=1, columns=1, **options):
    """A new Figure and its axes; arguments as for `new_figure`, then rows, columns and those of `subplots`.

    Returns:
        (Figure, Axes), or an array of Axes [rows, columns], squeezed.
    """
    with matplotlib.rc_context(_RC):
        figure = new_figure(width, height)
        return figure, figure.subplots(rows, columns, **options)


def show(figure, alt):
    """Display a figure as PNG, with words for those who do not see it.

    Args:
        figure: matplotlib Figure.
        alt: its type, axes and finding in a sentence or two; numbers in it computed, not typed.
    """
    stored = io.BytesIO()
    with matplotlib.rc_context(_RC):
        figure.savefig(stored, format="png", dpi=_SCREEN_DPI * _SHARPNESS)
    width, height = (round(inches * _SCREEN_DPI * 1.25) for inches in figure.get_size_inches())
    display(
        {"image/png": base64.b64encode(stored.getvalue()).decode(), "text/plain": alt},
        metadata={"image/png": {"alt": alt, "width": width, "height": height}},
        raw=True,
    )
