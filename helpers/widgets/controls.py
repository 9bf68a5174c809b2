"""Controls above a picture, a live sentence and an error line below it: the frame that all widgets share.

Plain ipywidgets that 7.7 (Colab) and 8 (JupyterLab) both know. The picture is an `<img>` inside an `HTML` widget,
because `ipywidgets.Image` has no alt text; as lossless WebP, which Pillow packs faster than PNG. What is read aloud,
and the page's width: `page`.
"""

import base64
import functools
import html
import io
import sys
from typing import NamedTuple

import ipywidgets
import numpy as np
from PIL import Image

from helpers import data, style
from helpers.widgets import page

STRENGTHS = [m * 10.0**e for e in range(-2, 3) for m in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)] + [1000.0]
IMAGES = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150)  # and then all there are
HINT = (
    "Nothing happens when you move a control? Then the kernel was restarted: run all cells above, then this one. "
    "JupyterLab: menu <b>Run</b>, <b>Run All Above Selected Cell</b>, then Shift+Enter. "
    "Colab: menu <b>Runtime</b>, <b>Run before</b>, then Shift+Enter."
)
_LONGEST_ERROR = 300  # letters
_NUMBER = {"flex_flow": "row wrap", "align_items": "center", "max_width": "100%", "margin": "0 14px 0 0"}
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

        Args: label: what stands before the slider; stops: its numbers, ascending, the least and the greatest bound the
        box too; value: the first number, need not be a stop; unit: what stands after the box; whole: True for whole
        numbers; width: of label and slider, screen pixels.
        """
        self.stops = np.asarray(stops)
        self.note = ""  # what became of a number that cannot be
        self._whole = whole
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
            parts.append(_with_class(ipywidgets.Label(unit, layout={"flex": "none"}), "unit"))
        row = ipywidgets.HBox(parts, layout=_NUMBER)
        self.widget = _with_class(row, "number")
        self._is_following = False  # True while one of the two is moved by the other

    @property
    def value(self):
        """The number that the box shows."""
        return int(self.box.value) if self._whole else self.box.value

    def listen(self, respond):
        """Call `respond()` once for each change by the reader."""

        def follow(number):
            if self._is_following:
                return
            self._is_following = True
            try:
                self.box.value = self._allowed(number)
                self.slider.value = self._nearest(self.box.value)
            finally:
                self._is_following = False
            respond()

        for part in (self.slider, self.box):
            part.observe(lambda change: follow(change["new"]), "value")

    def _nearest(self, value):
        return self.stops[np.argmin(np.abs(self.stops - value))].item()

    def _allowed(self, number):
        allowed = float(np.clip(np.round(number) if self._whole else number, self.stops[0], self.stops[-1]))
        kind = "a whole number" if self._whole else "a number"
        wanted = f"{self.slider.description} is {kind} from {self.stops[0]:g} to {self.stops[-1]:g}"
        self.note = "" if allowed == number else f"{wanted}: {number:g} became {allowed:g}. "
        return allowed


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


class Press:
    """A button; its value counts how often it was pressed."""

    def __init__(self, label):
        self.widget = ipywidgets.Button(description=label)
        self.value = 0

    def listen(self, respond):
        """Call `respond()` at each press."""

        def pressed(_):
            self.value += 1
            respond()

        self.widget.on_click(pressed)


def strength(value):
    """The prior's strength, from 0.01 to 1000 images, on a log scale."""
    return Number("Prior strength", STRENGTHS, value, unit="images", width=235)


def images_seen(value, most=None):
    """How many images are seen, from none to `most` (None: all of the commonest digit), on stops ever further apart."""
    most = most or max(len(data.load_digit(k)) for k in range(10))
    return Number("Images seen", [stop for stop in IMAGES if stop < most] + [most], value, whole=True, width=190)


def digit(value, label="Digit", width=150):
    """A digit, 0 to 9."""
    return Number(label, range(10), value, whole=True, width=width)


def choice(label, options, value=None):
    """One of a few named options, as buttons in a row."""
    return Simple(
        ipywidgets.ToggleButtons(
            options=options,
            value=options[0] if value is None else value,
            description=label,
            style={**_DESCRIBED, "button_width": "auto"},
            layout={"width": "auto", "max_width": "100%"},
        )
    )


def menu(label, options, width=140):
    """One of a few named options, in a drop-down list; the first one at first."""
    layout = {"width": f"{width}px"}
    return Simple(ipywidgets.Dropdown(options=options, description=label, style=_DESCRIBED, layout=layout))


def row(*widgets):
    """Widgets side by side, in as many lines as the page needs."""
    return ipywidgets.HBox(widgets, layout={"flex_flow": "row wrap"})


def first_beside_others(widgets):
    """For Panel's `arrange`: the first of a dict's widgets, and at its right the others, one below the other."""
    first, *others = widgets.values()
    return row(first, ipywidgets.VBox(others))


class Panel:
    """Controls, picture, live sentence and error line. The last line of a cell shows it."""

    def __init__(self, controls, respond, new_view, arrange=None):
        """Build it and answer the first setting, so that everything slow happens before the reader sees it.

        Args: controls: dict from a name to Number, Simple or Press, or what else has a widget, a value and listen;
        respond: function (**{name: value}) -> Frame, what it raises at the first setting is raised, later it goes to
        the error line; new_view: function (is_narrow) -> what draws a Frame's result by `draw` and has a `canvas`;
        arrange: function (dict from a name to an ipywidget) -> ipywidget, by default one row, in order.
        """
        self.controls = controls
        self._respond, self._view = respond, functools.cache(new_view)
        self._count = 0
        self.picture, self.error = ipywidgets.HTML(), ipywidgets.HTML()
        self.says = _with_class(ipywidgets.HTML(), "says")  # stays in the page, while its words change
        self.is_narrow = _with_class(ipywidgets.IntText(layout={"display": "none"}), "width")  # the page sets it
        widgets = {name: control.widget for name, control in controls.items()}
        above = arrange(widgets) if arrange else row(*widgets.values())
        hint = ipywidgets.HTML(f"<small>{HINT}</small>{page.STYLE}{page.run(page.SCRIPT)}")
        parts = [above, self.picture, self.says, self.error, hint, self.is_narrow]
        self.box = _with_class(ipywidgets.VBox(parts), "panel")
        self._answer()
        for control in [*controls.values(), Simple(self.is_narrow)]:
            control.listen(self.refresh)

    def refresh(self):
        """Answer the controls' present setting; say so in the error line if that fails, and keep the last picture."""
        try:
            self._answer()
        except Exception as error:  # a callback's exception is shown nowhere else
            words = f"{type(error).__name__}: {error}" if f"{error}" else type(error).__name__
            words = words if len(words) <= _LONGEST_ERROR else words[:_LONGEST_ERROR] + "..."
            self.error.value = (
                '<p role="alert" class="vi-alarm"><b>This setting failed, the picture is the one before.</b> '
                f"{html.escape(words)}</p>"
            )

    def _answer(self):
        frame = self._respond(**{name: control.value for name, control in self.controls.items()})
        view = self._view(bool(self.is_narrow.value))
        view.draw(frame.result)
        packed = io.BytesIO()
        Image.fromarray(view.canvas.frame()).save(packed, "WEBP", lossless=True, method=0, quality=0)  # the fastest
        source = base64.b64encode(packed.getvalue()).decode()
        self.frame = frame
        self._count += 1
        numbers = [control for control in self.controls.values() if isinstance(control, Number)]
        self.says.value = html.escape("".join(number.note for number in numbers) + frame.text)
        for number in numbers:
            number.note = ""
        self.picture.value = (
            f'<img data-k="{self._count}" alt="{html.escape(frame.alt)}" src="data:image/webp;base64,{source}">'
        )
        self.error.value = ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget; where there is no kernel, its first picture and that picture in words."""
        live = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        live = {"application/vnd.jupyter.widget-view+json": live}
        if "google.colab" in sys.modules:  # it always has a kernel, and might prefer the still picture
            return {"text/plain": self.frame.alt, **live}, {}
        still = self._view(False)
        still.draw(self.frame.result)
        pixels = still.canvas.frame()
        data, metadata = style.bundle(style.to_png(pixels[..., :3]), self.frame.alt, pixels.shape[1])
        return {**data, **live}, metadata


def _with_class(widget, name):
    widget.add_class(f"vi-{name}")
    return widget
