"""Controls above a picture, a live sentence and an error line below it: the frame that all widgets
share.

Plain ipywidgets that 7.7 (Colab) and 8 (JupyterLab) both know. The picture is an `<img>` inside an
`HTML` widget, because `ipywidgets.Image` has no alt text. What is read aloud, and the page's width:
`page`.
"""

import base64
import functools
import html
import sys
from typing import NamedTuple

import ipywidgets
import numpy as np
import traitlets
from IPython.display import display

from helpers import data, pictures
from helpers.widgets import page
from helpers.widgets.canvas import encode_png

STRENGTHS = [m * 10.0**e for e in range(-2, 3) for m in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)] + [
    1000.0
]
# and then all there are
IMAGES = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150)
HINT = (
    "Nothing happens when you move a control? Then the kernel was restarted: run all cells above, "
    "then this one. "
    "JupyterLab: menu <b>Run</b>, <b>Run All Above Selected Cell</b>, then Shift+Enter. "
    "Colab: menu <b>Runtime</b>, <b>Run before</b>, then Shift+Enter."
)
_LONGEST_ERROR = 300  # letters
_NUMBER = {
    "flex_flow": "row wrap",
    "align_items": "center",
    "max_width": "100%",
    "margin": "0 14px 0 0",
}
_DESCRIBED = {"description_width": "initial"}


class Frame(NamedTuple):
    """What a widget says to one setting of its controls."""

    result: object  # for the view's `draw`
    alt: str  # the picture in words: type, axes, finding; the same on every machine
    text: str  # the live sentence, with the new numbers


class Number:
    """A number by a slider over chosen stops, or typed exactly into a box beside it."""

    def __init__(self, label, stops, value, *, unit="", whole=False, width=230):
        """Build the two.

        Args: label: what stands before the slider; stops: its numbers, ascending, the least and the
        greatest bound the box too; value: the first number, need not be a stop; unit: what stands
        after the box; whole: True for whole numbers; width: of label and slider, screen pixels.
        """
        self.stops, self._whole = np.asarray(stops), whole
        self.slider = ipywidgets.SelectionSlider(
            options=[(f"{stop:g}", stop.item()) for stop in self.stops],
            value=self._nearest(value),
            description=label,
            readout=False,
            style=_DESCRIBED,
            layout={"width": f"{width}px", "min_width": "0", "flex": "0 1 auto"},
        )
        self.box = ipywidgets.FloatText(value=value, layout={"width": "70px", "flex": "none"})
        parts = [self.slider, self.box]
        if unit:
            parts.append(ipywidgets.Label(unit, layout={"flex": "none"}).add_class("vi-unit"))
        self.widget = ipywidgets.HBox(parts, layout=_NUMBER).add_class("vi-number")
        self._is_following = False  # True while one of the two is moved by the other

    @property
    def value(self):
        """The number that the box shows."""
        return int(self.box.value) if self._whole else self.box.value

    def listen(self, respond):
        """Call `respond(note)` once for each change by the reader; note: what became of a number
        that cannot be."""

        def follow(change):
            if self._is_following:
                return
            self._is_following = True
            number, least, most = change["new"], self.stops[0], self.stops[-1]
            allowed = float(np.clip(np.round(number) if self._whole else number, least, most))
            self.box.value, self.slider.value = allowed, self._nearest(allowed)
            self._is_following = False
            wanted = f"{'a whole number' if self._whole else 'a number'} from {least:g} to {most:g}"
            note = f"{self.slider.description} is {wanted}: {number:g} became {allowed:g}. "
            respond("" if allowed == number else note)

        for part in (self.slider, self.box):
            part.observe(follow, "value")

    def _nearest(self, value):
        return self.stops[np.argmin(np.abs(self.stops - value))].item()


class Simple:
    """Any one ipywidget with a `value`, as a control."""

    def __init__(self, widget):
        self.widget = widget

    @property
    def value(self):
        """The widget's value."""
        return self.widget.value

    def listen(self, respond):
        """Call `respond()` at each change of the value."""
        self.widget.observe(lambda _: respond(), "value")


class Press(Simple):
    """A button; its value counts how often it was pressed."""

    def __init__(self, label):
        super().__init__(ipywidgets.Button(description=label))
        self.widget.add_traits(value=traitlets.Int())
        self.widget.on_click(lambda button: button.set_trait("value", button.value + 1))


def strength(value):
    """The prior's strength, from 0.01 to 1000 images, on a log scale."""
    return Number("Prior strength", STRENGTHS, value, unit="images", width=235)


def images_seen(value, most=None):
    """How many images are seen, from none to `most` (None: all of the commonest digit), on stops
    ever further apart."""
    most = most or max(len(data.load_digit(k)) for k in range(10))
    return Number(
        "Images seen",
        [stop for stop in IMAGES if stop < most] + [most],
        value,
        whole=True,
        width=190,
    )


def digit(value, label="Digit", width=150):
    """A digit, 0 to 9."""
    return Number(label, range(10), value, whole=True, width=width)


def choice(label, options):
    """One of a few named options, as buttons in a row; the first one at first."""
    style = {**_DESCRIBED, "button_width": "auto"}
    layout = {"width": "auto", "max_width": "100%"}
    return Simple(
        ipywidgets.ToggleButtons(options=options, description=label, style=style, layout=layout)
    )


def menu(label, options):
    """The same in a drop-down list."""
    layout = {"width": "115px"}
    return Simple(
        ipywidgets.Dropdown(options=options, description=label, style=_DESCRIBED, layout=layout)
    )


def row(*widgets):
    """Widgets side by side, in as many lines as the page needs."""
    return ipywidgets.HBox(widgets, layout={"flex_flow": "row wrap"})


def first_beside_others(first, *others):
    """For Panel's `arrange`: the first widget, and at its right the others, one below the other."""
    return row(first, ipywidgets.VBox(others))


class Panel:
    """Controls, picture, live sentence and error line. The last line of a cell shows it."""

    def __init__(self, controls, respond, new_view, arrange=row):
        """Build it and answer the first setting, so that everything slow happens before the reader
        sees it.

        Args: controls: dict from a name to Number, Simple or Press, or what else has a widget, a
        value and listen; respond: function (**{name: value}) -> Frame, what it raises at the first
        setting is raised, later it goes to the error line; new_view: function (is_narrow) -> what
        draws a Frame's result by `draw` and has a `canvas`; arrange: function (*ipywidgets, in
        order) -> ipywidget.
        """
        self.controls, self._respond = controls, respond
        self._view, self._count = functools.cache(new_view), 0
        self.picture, self.error = ipywidgets.HTML(), ipywidgets.HTML()
        # stays in the page, while its words change
        self.says = ipywidgets.HTML().add_class("vi-says")
        # the page sets it
        self.is_narrow = ipywidgets.IntText(layout={"display": "none"}).add_class("vi-width")
        above = arrange(*(control.widget for control in controls.values()))
        hint = ipywidgets.HTML(f"<small>{HINT}</small>{page.STYLE}{page.run(page.SCRIPT)}")
        parts = [above, self.picture, self.says, self.error, hint, self.is_narrow]
        self.box = ipywidgets.VBox(parts).add_class("vi-panel")
        self._answer()
        for control in [*controls.values(), Simple(self.is_narrow)]:
            control.listen(self.refresh)

    def refresh(self, note=""):
        """Answer the controls' present setting, after a note; what fails goes to the error line,
        the picture stays."""
        try:
            self._answer(note)
        except Exception as error:  # a callback's exception is shown nowhere else
            words = f"{type(error).__name__}: {error}".removesuffix(": ")
            words = words if len(words) <= _LONGEST_ERROR else words[:_LONGEST_ERROR] + "..."
            self.error.value = (
                '<p role="alert" class="vi-alarm"><b>This setting failed, the picture is the one '
                "before.</b> "
                f"{html.escape(words)}</p>"
            )

    def _answer(self, note=""):
        frame = self._respond(**{name: control.value for name, control in self.controls.items()})
        view = self._view(bool(self.is_narrow.value))
        view.draw(frame.result)
        source = (
            f"data:image/png;base64,{base64.b64encode(encode_png(view.canvas.frame())).decode()}"
        )
        self.frame = frame
        self._count += 1
        self.says.value = html.escape(note + frame.text)
        self.picture.value = (
            f'<img data-k="{self._count}" alt="{html.escape(frame.alt)}" src="{source}">'
        )
        self.error.value = ""

    def _ipython_display_(self):
        """Show the first picture, still, with its words, and after it the live widget, which hides
        it: two outputs, so that a saved notebook keeps the first where no kernel answers.
        """
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        live = {"application/vnd.jupyter.widget-view+json": view}
        # it always has a kernel when it shows this, and could not hide the still picture
        if "google.colab" in sys.modules:
            display({"text/plain": self.frame.alt, **live}, raw=True)
            return
        still = self._view(False)
        still.draw(self.frame.result)
        pixels = still.canvas.frame()
        stored = pictures.to_png(pixels[..., :3])
        data, metadata = pictures.bundle(stored, self.frame.alt, pixels.shape[1])
        data["text/html"] = f'<div class="vi-still">{data["text/html"]}</div>{page.STILL_STYLE}'
        display(data, metadata=metadata, raw=True)
        display(live, raw=True)
