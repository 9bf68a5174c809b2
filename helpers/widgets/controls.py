"""Controls above a picture, a live sentence and an error line below it: the frame that all widgets share.

Plain ipywidgets that 7.7 (Colab) and 8 (JupyterLab) both know. The picture is an `<img>` inside an `HTML` widget,
because `ipywidgets.Image` has no alt text; the sentence is in the same widget, because each message takes time.
"""

import base64
import html
import sys
from typing import NamedTuple

import ipywidgets
import numpy as np

STRENGTHS = [m * 10.0**e for e in range(-2, 3) for m in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)] + [1000.0]
IMAGES = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150)  # and then all there are
HINT = "Nothing happens when you move a control? Then the kernel was restarted: run this cell again."


class Frame(NamedTuple):
    """What a widget shows for one setting of its controls."""

    picture: bytes  # PNG
    alt: str  # the picture in words: type, axes, finding; the same on every machine
    text: str  # the live sentence, with the new numbers


class Stops:
    """A number by a slider over chosen stops, or typed exactly into a box beside it."""

    def __init__(self, label, stops, value, *, unit="", whole=False, width=230):
        """Build the two.

        Args:
            label: what stands before the slider.
            stops: the slider's numbers, ascending; the least and the greatest bound the box too.
            value: the first number; need not be a stop.
            unit: what stands after the box.
            whole: True for whole numbers.
            width: of label and slider, screen pixels.
        """
        self.stops = np.asarray(stops)
        box = ipywidgets.BoundedIntText if whole else ipywidgets.BoundedFloatText
        self.slider = ipywidgets.SelectionSlider(
            options=[(f"{stop:g}", stop.item()) for stop in self.stops],
            value=self._nearest(value),
            description=label,
            readout=False,
            style={"description_width": "initial"},
            layout={"width": f"{width}px"},
        )
        self.box = box(
            value=value,
            min=self.stops[0].item(),
            max=self.stops[-1].item(),
            step=1 if whole else None,
            layout={"width": "70px"},
        )
        parts = [self.slider, self.box, *([ipywidgets.Label(unit)] if unit else [])]
        self.widget = ipywidgets.HBox(parts, layout={"margin": "0 14px 0 0", "align_items": "center"})
        self._is_following = False  # True while one of the two is moved by the other

    @property
    def value(self):
        """The number that the box shows."""
        return self.box.value

    def listen(self, respond):
        """Call `respond()` once for each change by the reader."""

        def follow(changed, other, number):
            if self._is_following:
                return
            self._is_following = True
            try:
                other.value = number(changed["new"])
            finally:
                self._is_following = False
            respond()

        self.slider.observe(lambda change: follow(change, self.box, lambda value: value), "value")
        self.box.observe(lambda change: follow(change, self.slider, self._nearest), "value")

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
    return Stops("Prior strength", STRENGTHS, value, unit="images", width=235)


def images_seen(most, value):
    """How many images are seen, from none to `most`, on stops that grow further apart."""
    return Stops("Images seen", [stop for stop in IMAGES if stop < most] + [most], value, whole=True, width=190)


def whole_number(label, least, most, value, width=180):
    """A slider over whole numbers whose read-out can be typed into; width in screen pixels."""
    return Simple(
        ipywidgets.IntSlider(
            value=value,
            min=least,
            max=most,
            description=label,
            style={"description_width": "initial"},
            layout={"width": f"{width}px"},
        )
    )


def choice(label, options, value=None):
    """One of a few named options, as buttons in a row."""
    return Simple(
        ipywidgets.ToggleButtons(
            options=options,
            value=options[0] if value is None else value,
            description=label,
            style={"description_width": "initial", "button_width": "auto"},
            layout={"width": "max-content"},
        )
    )


def menu(label, options, width=140):
    """One of a few named options, in a drop-down list; the first one at first."""
    return Simple(
        ipywidgets.Dropdown(
            options=options,
            description=label,
            style={"description_width": "initial"},
            layout={"width": f"{width}px"},
        )
    )


class Panel:
    """Controls, picture, live sentence and error line. The last line of a cell shows it."""

    def __init__(self, controls, respond, arrange=None):
        """Build it and answer the first setting, so that everything slow happens before the reader sees it.

        Args:
            controls: dict from a name to Stops, Simple or Press, or what else has a widget, a value and listen.
            respond: function (**{name: value}) -> Frame.
            arrange: function (dict from a name to an ipywidget) -> ipywidget; default: one row, in order.

        Raises:
            whatever `respond` raises at the first setting; later exceptions go to the error line.
        """
        self.controls = controls
        self._respond = respond
        self._count = 0
        self.answer, self.error = ipywidgets.HTML(), ipywidgets.HTML()
        widgets = {name: control.widget for name, control in controls.items()}
        row = arrange(widgets) if arrange else ipywidgets.HBox([*widgets.values()], layout={"flex_flow": "row wrap"})
        hint = ipywidgets.HTML(f'<small style="color:#595959">{HINT}</small>')
        self.box = ipywidgets.VBox([row, self.answer, self.error, hint])
        self.frame = None
        self._show(self._answer())
        for control in controls.values():
            control.listen(self.refresh)

    def refresh(self):
        """Answer the controls' present setting; say so in the error line if that fails, and keep the last picture."""
        try:
            frame = self._answer()
        except Exception as error:  # a callback's exception is shown nowhere else
            sentence = html.escape(f"{type(error).__name__}: {error}")
            self.error.value = (
                f'<p role="alert" style="color:#B00020"><b>This setting failed, the picture is the one before.</b> '
                f"{sentence}</p>"
            )
        else:
            self._show(frame)

    def _answer(self):
        return self._respond(**{name: control.value for name, control in self.controls.items()})

    def _show(self, frame):
        self.frame = frame
        self._count += 1
        source = base64.b64encode(frame.picture).decode()
        self.error.value = ""
        self.answer.value = (
            f'<img data-k="{self._count}" alt="{html.escape(frame.alt)}" style="max-width:100%" '
            f'src="data:image/png;base64,{source}"><p role="status" aria-live="polite">{html.escape(frame.text)}</p>'
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live widget; where there is no kernel, its first picture and that picture in words."""
        data = {
            "text/plain": self.frame.alt,
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.box.model_id,
            },
        }
        if "google.colab" in sys.modules:  # it always has a kernel, and might prefer the still picture
            return data, {}
        width, _ = np.frombuffer(self.frame.picture, ">u4", 2, offset=16)  # from the PNG's header
        data["image/png"] = base64.b64encode(self.frame.picture).decode()
        return data, {"image/png": {"alt": self.frame.alt, "width": int(width)}}
