"""One look for every figure: a colour and a line style for each role."""

import contextlib

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Okabe and Ito's palette, colour-blind safe; each role has a line style too, so that no meaning
# hangs on colour.
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
    for role, pattern in {
        "surrogate": "--",
        "likelihood": "-",
        "samples": "-.",
        "prior": ":",
    }.items()
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
# a figure 8 inches wide is 720 pixels on the page, and sharp on a fine screen


def letters(colour):
    """The colour of words about a role, or about a line of this colour."""
    colour = COLOURS.get(colour, colour)
    return _LETTERS.get(colour, colour)


def _settings():
    """All of Matplotlib's settings in the course's look: none is left to a reader's matplotlibrc.

    (The backend is no matter of looks: it stays.)
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_RC)
        names = [name for name in matplotlib.rcParams if name != "backend"]
        return {name: matplotlib.rcParams[name] for name in names}


_SETTINGS = _settings()


@contextlib.contextmanager
def look():
    """A context in which Matplotlib draws in the course's look, whatever settings are in force
    outside."""
    with matplotlib.rc_context():
        dict.update(matplotlib.rcParams, _SETTINGS)  # checked once, above; again would take 1 ms
        yield


def new_figure(width=8.0, height=3.0):
    """An empty Figure in the course's look, constrained layout, in inches; outside pyplot, so that
    nothing leaks."""
    with look():
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
    return figure


def new_axes(width=8.0, height=3.0, rows=1, columns=1, **options):
    """A new Figure and its axes, as `subplots` makes them: one, or an array [rows, columns],
    squeezed."""
    with look():
        figure = new_figure(width, height)
        return figure, figure.subplots(rows, columns, **options)
