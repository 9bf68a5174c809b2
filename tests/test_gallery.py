"""The panels that several lessons share, compared as images: none changes unseen."""

import ast

import gallery
import matplotlib.testing.compare
import pytest
from PIL import Image

# Root mean square of the differences, in levels of 255. The pinned versions draw the same pixels;
# another FreeType moves the edges of letters, and one thin line in another colour is 2 or more.
TOLERANCE = 1.0


@pytest.fixture(scope="module")
def drawn():
    return gallery.every_picture()


def names():
    return [
        f"{module}.{example.__name__}"
        for module, examples in gallery.EXAMPLES.items()
        for example in examples
    ]


def differs(pixels, name, folder):
    """What `compare_images` says of a picture and the one accepted, or None."""
    Image.fromarray(pixels).save(folder / "drawn.png")
    accepted = folder / "accepted.png"
    accepted.write_bytes((gallery.ACCEPTED / f"{name}.png").read_bytes())
    return matplotlib.testing.compare.compare_images(
        str(accepted), str(folder / "drawn.png"), TOLERANCE
    )


@pytest.mark.parametrize("name", names())
def test_a_shared_panel_looks_as_it_did(name, drawn, tmp_path):
    said = differs(drawn[name], name, tmp_path)
    assert said is None, f"{said}\nIf it should: python tests/tools/gallery.py accept"


@pytest.mark.parametrize("name", names())
def test_a_line_more_would_be_seen(name, drawn, tmp_path):
    pixels = drawn[name].copy()
    height, width, _ = pixels.shape
    pixels[height // 2, width // 4 : -width // 4] = 128  # half as long as the picture is wide
    assert differs(pixels, name, tmp_path)


def test_every_shared_panel_is_in_the_gallery():
    public = {"film.film", "film.show"}  # an animated picture, tested in its own file
    for path in gallery.PLOTS.glob("*.py"):
        if path.stem[:2] not in ("__", "n0", "n1"):
            public |= {
                f"{path.stem}.{node.name}"
                for node in ast.parse(path.read_text(encoding="utf-8")).body
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            }
    assert {*names(), "film.film", "film.show"} == public
    assert {f"{name}.png" for name in names()} == {path.name for path in gallery.ACCEPTED.iterdir()}


def test_the_gallery_is_a_page_with_every_picture_and_its_words(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(gallery, "BUILD", tmp_path)
    assert gallery.main([]) == 0
    page = (tmp_path / "gallery" / "index.html").read_text(encoding="utf-8")
    for name in [*names(), "film.film"]:
        assert (tmp_path / "gallery" / f"{name}.png").stat().st_size > 200
        assert f'<img src="{name}.png" alt="' in page
    assert gallery.main(["all"]) == 2
    assert "got 'all'." in capsys.readouterr().err
