import io

import numpy as np
import pytest
from full_frame import full_frame
from PIL import Image

from helpers.widgets import canvas


def test_a_png_holds_the_pixels_that_went_in():
    pixels = np.random.default_rng(0).integers(0, 256, (37, 53, 4), dtype=np.uint8)
    back = Image.open(io.BytesIO(canvas.encode_png(pixels)))
    assert back.size == (53, 37)
    assert np.array_equal(np.asarray(back), pixels)


@pytest.fixture
def drawn():
    figure, axes = canvas.place_axes((5, 3), [(0.5, 0.5, 2.0, 2.0), (3.0, 0.5, 1.5, 2.0)])
    image = canvas.PixelImage(axes[0], over="#D55E00")
    line = axes[1].plot([0, 1], [0, 1], linewidth=6)[0]
    axes[1].set(xlim=(0, 1), ylim=(0, 1))
    words = axes[1].text(0.1, 0.8, "before")
    return canvas.Canvas(figure, [image, line, words]), image, line, words, axes


def test_a_blitted_frame_is_a_full_draw_pixel_for_pixel(drawn):
    picture, image, line, words, _ = drawn
    rng = np.random.default_rng(1)
    for k in range(5):
        image.set_data(rng.uniform(0, 20, (8, 8)))
        line.set_ydata(rng.uniform(size=2))
        words.set_text(f"frame {k}")
        words.set_visible(k != 3)
        assert np.array_equal(picture.frame(), full_frame(picture))


def test_words_that_seldom_change_are_drawn_when_they_do(monkeypatch):
    figure, (axes,) = canvas.place_axes((3, 3), [(0.5, 0.5, 2.0, 1.5)])
    line = axes.plot([0, 1], [0, 1])[0]
    words = axes.text(0.5, 1.2, "before", transform=axes.transAxes)
    picture = canvas.Canvas(figure, [line], [words])
    drawn, draw = [], words.draw
    monkeypatch.setattr(words, "draw", lambda renderer: drawn.append(0) or draw(renderer))
    for k, text in enumerate(["before", "before", "after", "after", "before"]):
        line.set_ydata([0, k])
        words.set_text(text)
        frame = picture.frame().copy()
        counted = len(drawn)
        assert np.array_equal(frame, full_frame(picture))
        del drawn[counted:]
    assert len(drawn) == 3


def test_what_has_gone_leaves_no_trace(drawn):
    picture, _, line, words, _ = drawn
    first = picture.frame().copy()
    line.set_ydata([1, 0])
    words.set_text("something longer")
    assert not np.array_equal(picture.frame(), first)
    line.set_ydata([0, 1])
    words.set_text("before")
    assert np.array_equal(picture.frame(), first)


def test_marks_frame_their_pixels_and_nothing_else(drawn):
    picture, image, *_, axes = drawn
    image.set_data(np.full((8, 8), 8.0))
    plain = picture.frame().copy()
    image.marks = {3: "#CC79A7", 8 * 6 + 2: "#000000"}
    changed = (picture.frame() != plain).any(axis=-1)
    box = axes[0].bbox
    side, left, top = round(box.width / 8), round(box.x0), len(plain) - round(box.y1)
    for row, column, colour in ((0, 3, (204, 121, 167, 255)), (6, 2, (0, 0, 0, 255))):
        rows, columns = (
            slice(start + side * k, start + side * (k + 1))
            for start, k in ((top, row), (left, column))
        )
        square, touched = picture.frame()[rows, columns], changed[rows, columns]
        # from the outside: white, colour, white
        assert tuple(square[side // 2, 0]) == (255, 255, 255, 255)
        assert tuple(square[side // 2, 2]) == colour
        assert tuple(square[side // 2, 4]) == (255, 255, 255, 255)
        assert not touched[5:-5, 5:-5].any()
        changed[rows, columns] = False
    assert not changed.any()
    image.marks = {}
    assert np.array_equal(picture.frame(), plain)


def test_an_image_has_sharp_pixels_in_the_colours_of_the_map(drawn):
    picture, image, *_, axes = drawn
    values = np.arange(64.0).reshape(8, 8) / 4  # 0 to 15.75
    values[0, 0] = 17.0
    image.set_data(values)
    frame = picture.frame()
    box = axes[0].bbox
    side = round(box.width / 8)
    left, top = round(box.x0), len(frame) - round(box.y1)
    for row, column in ((0, 0), (0, 7), (7, 0), (3, 4)):
        block = frame[
            top + row * side : top + (row + 1) * side,
            left + column * side : left + (column + 1) * side,
        ]
        is_above = values[row, column] > 16
        expected = image._cmap(values[row, column] / 16, bytes=True)
        dot = block[side // 2 - 2 : side // 2 + 2, side // 2 - 2 : side // 2 + 2]
        assert (dot == (255 if is_above else expected)).all(), (
            "a white dot shows without colour too"
        )
        assert is_above or (block == expected).all()
    assert tuple(frame[top, left][:3]) == (0xD5, 0x5E, 0x00)
