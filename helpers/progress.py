"""A progress bar for loops that stand in full in a notebook; numerical helpers never print."""

import ipywidgets
from IPython.display import DisplayHandle

_MOVES = 100  # how often the bar moves in all: each move is a message to the browser


def bar(items, unit="steps"):
    """Yield the items (anything with a length) one by one, and fill a bar; `unit` is what items are
    called, plural. At the end words take its place: a saved bar is dead."""
    total = len(items)
    widget = ipywidgets.IntProgress(max=total, description=unit)
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    # The same at every run, so stored outputs can be compared.
    words = {"text/plain": f"[progress bar: {total:,} {unit}]"}
    shown = DisplayHandle()
    shown.display({"application/vnd.jupyter.widget-view+json": view, **words}, raw=True)
    try:
        for done, item in enumerate(items, start=1):
            yield item
            if done * _MOVES // total > (done - 1) * _MOVES // total:
                widget.value = done
    finally:
        shown.update(words, raw=True)
