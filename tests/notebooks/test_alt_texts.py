"""A figure's words reach the page that nbconvert makes, and not only a file's metadata."""

import html.parser

import nbconvert
import pytest
from execute import FOLDER

LESSONS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))


class Images(html.parser.HTMLParser):
    """Collects the alt texts of a page's images; None where one has none."""

    def __init__(self):
        super().__init__()
        self.alts = []

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.alts.append(dict(attributes).get("alt"))


# A template treats all notebooks alike: one goes through each, the others through one.
PAGES = [(path, "lab") for path in LESSONS] + [(LESSONS[0], "classic"), (LESSONS[0], "basic")]


@pytest.mark.parametrize(
    ("path", "template"), PAGES, ids=[f"{path.stem}-{template}" for path, template in PAGES]
)
def test_every_image_of_the_page_has_words(path, template):
    page, _ = nbconvert.HTMLExporter(template_name=template).from_filename(str(path))
    assert "No description has been provided" not in page
    images = Images()
    images.feed(page)
    assert images.alts, "a lesson has figures"
    short = [alt for alt in images.alts if not alt or len(alt) < 15]
    assert short == []
