import base64
import io
import sys

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from helpers.widgets import canvas, controls

PIXELS = np.full((40, 500, 4), 255, np.uint8)
VIEW = "application/vnd.jupyter.widget-view+json"
PICTURE = canvas.encode_png(PIXELS)


class View:
    """A view that always shows white."""

    def __init__(self, is_narrow):
        self.canvas = self

    def draw(self, result):
        pass

    def frame(self):
        return PIXELS


@pytest.fixture
def asked():
    return []


@pytest.fixture
def panel(asked):
    def respond(strength, num_images, digit, draw):
        asked.append((strength, num_images, digit, draw))
        if digit == 3:
            raise ValueError("three <is> too much")
        return controls.Frame(None, 'alt "quoted" & more', f"strength {strength:g}")

    return controls.Panel(
        {
            "strength": controls.strength(2.0),
            "num_images": controls.images_seen(3, 178),
            "digit": controls.digit(0),
            "draw": controls.Press("New draw"),
        },
        respond,
        View,
    )


def test_one_move_is_answered_once_whichever_part_moved(panel, asked):
    assert asked == [(2.0, 3, 0, 0)]
    strength = panel.controls["strength"]
    strength.slider.value = 30.0
    assert strength.box.value == 30.0
    strength.box.value = 0.37
    assert strength.slider.value == pytest.approx(0.4)
    strength.box.value = 0.38  # the slider stays at its stop
    panel.controls["num_images"].box.value = 37
    panel.controls["digit"].box.value = 5
    panel.controls["draw"].widget.click()
    assert asked[1:] == [
        (30.0, 3, 0, 0),
        (0.37, 3, 0, 0),
        (0.38, 3, 0, 0),
        (0.38, 37, 0, 0),
        (0.38, 37, 5, 0),
        (0.38, 37, 5, 1),
    ]


def test_the_ends(panel, asked):
    strength, num_images = panel.controls["strength"], panel.controls["num_images"]
    strength.box.value = 1e9  # the box keeps to its bounds
    num_images.box.value = 10**6
    assert asked[-1][:2] == (1000.0, 178)
    strength.box.value = 0
    num_images.slider.value = 0
    assert asked[-1][:2] == (0.01, 0)
    num_images.box.value = 2.7
    assert asked[-1][1] == 3
    assert panel.says.value.startswith(
        "Images seen is a whole number from 0 to 178: 2.7 became 3. "
    )
    num_images.box.value = 4
    assert panel.says.value == "strength 0.01"


def test_a_failure_is_said_and_the_last_picture_stays(panel):
    before = panel.picture.value
    panel.controls["digit"].box.value = 3
    assert "ValueError: three &lt;is&gt; too much" in panel.error.value
    assert 'role="alert"' in panel.error.value
    assert panel.picture.value == before
    panel.controls["digit"].box.value = 4
    assert panel.error.value == ""
    assert panel.picture.value != before


def test_a_first_setting_that_fails_raises():
    def respond(digit):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        controls.Panel({"digit": controls.digit(2)}, respond, View)


def test_picture_words_and_hint_are_on_the_page(panel):
    assert 'alt="alt &quot;quoted&quot; &amp; more"' in panel.picture.value
    assert 'data-k="1"' in panel.picture.value
    assert base64.b64encode(PICTURE).decode() in panel.picture.value
    assert panel.says.value == "strength 2"
    assert any(
        "run all cells above, then this one" in getattr(child, "value", "")
        for child in panel.box.children
    )


@pytest.fixture
def shown(panel, monkeypatch):
    """Function () -> what the panel displays: a list of (data, metadata)."""

    def show():
        outputs = []
        monkeypatch.setattr(
            controls,
            "display",
            lambda data, metadata=None, raw=False: outputs.append((data, metadata)),
        )
        panel._ipython_display_()
        return outputs

    return show


def test_a_still_picture_with_words_that_never_change_stands_before_the_live_one(panel, shown):
    panel.controls["strength"].box.value = 3.0
    (still, metadata), (live, _) = shown()
    assert still["text/plain"] == 'alt "quoted" & more'
    picture = Image.open(io.BytesIO(base64.b64decode(still["image/png"])))
    assert np.array_equal(np.asarray(picture.convert("RGB")), PIXELS[..., :3])
    assert metadata["image/png"] == {"alt": still["text/plain"], "width": 500}
    assert '<img alt="alt &quot;quoted&quot; &amp; more" width="500"' in still["text/html"]
    assert set(live) == {VIEW}, "where it is dead, nothing stands in its place"
    assert live[VIEW]["model_id"] == panel.box.model_id


def test_colab_gets_no_still_picture_beside_the_live_one(shown, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    [(stored, _)] = shown()
    assert set(stored) == {"text/plain", VIEW}


def test_choices():
    both = controls.choice("Posterior", ["hidden", "shown"])
    assert both.value == "hidden"
    assert isinstance(both.widget, ipywidgets.ToggleButtons)
    assert controls.menu("A", ["?", "broken"]).value == "?"
