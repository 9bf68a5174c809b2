"""The site: links lead somewhere, nothing comes from elsewhere, axe finds nothing, and its widgets
compute right."""

import contextlib
import functools
import html.parser
import http.server
import importlib.util
import os
import pathlib
import random
import re
import subprocess
import sys
import threading
import urllib.parse

import browser
import nbformat
import numpy as np
import pytest
from execute import BUILD, FOLDER, every_notebook
from scipy import special

from helpers import data, distributions
from helpers.models import poisson_gamma
from helpers.widgets import big_dial, elbo_game
from helpers.widgets.words import say_images, say_images_of, say_nats, say_percent

SITE = BUILD / "site"
EPS = np.finfo(float).eps
PAGES = ["index.html", "search.html"]
PAGES += [path.relative_to(FOLDER).with_suffix(".html").as_posix() for path in every_notebook()]
READY = "() => document.documentElement.dataset.ready === 'yes'"


class Reader(html.parser.HTMLParser):
    """What a page refers to, and what can be referred to."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loaded, self.images, self.terms, self.turns = (
            set(),
            [],
            [],
            [],
            [],
            {},
        )
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids.add(given.get("id"))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            if given.get("class") in ("next-page", "prev-page"):
                self.turns[given["class"]] = given["href"]
            if given.get("class") == "term":
                self.terms.append(given)
        if tag == "img":
            self.images.append(given)
        if tag in ("img", "script", "source", "iframe"):
            self.loaded += [given[name] for name in ("src", "srcset") if given.get(name)]
        if tag == "link" and given.get("rel") not in ("canonical", "next", "prev"):
            self.loaded.append(given["href"])


@pytest.fixture(scope="module")
def site():
    """The folder of the built site."""
    reason = browser.missing()
    for package, extra in (("furo", "site"), ("axe_playwright_python", "dev")):
        if not reason and importlib.util.find_spec(package) is None:
            reason = f"{package} is not installed (pip install -e '.[{extra}]')"
    if not reason:
        built = subprocess.run(
            [sys.executable, FOLDER.parent / "tests" / "tools" / "site_build.py"],
            capture_output=True, text=True, timeout=500, check=False,
        )  # fmt: skip
        if built.returncode == 2:
            reason = built.stderr.strip()
        else:
            assert built.returncode == 0, built.stderr[-3000:]
    if reason and os.environ.get("CI"):
        pytest.fail(f"CI must test the site, but {reason}.")
    if reason:
        pytest.skip(f"No test of the site: {reason}.")
    return SITE


@pytest.fixture(scope="module")
def read(site):
    """Every page, read."""
    return {name: Reader((site / name).read_text(encoding="utf-8")) for name in PAGES}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(site):
    """Where this machine serves the site."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=site)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def screen(address, chromium):
    """A browser page, and what went wrong on it: complaints, and requests that left this
    machine."""
    wrong = []
    page = browser.new_page(chromium)
    page.on(
        "console",
        lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda sent: None if sent.url.startswith((address, "data:")) else wrong.append(sent.url),
    )
    page.wrong = wrong
    page.set_default_timeout(60_000)
    yield page
    page.close()


@contextlib.contextmanager
def opened(screen, address, name, width=1300):
    """The page with this name, its formulas set."""
    screen.wrong.clear()
    screen.set_viewport_size({"width": width, "height": 1000})
    screen.goto(address + name, wait_until="load")
    screen.wait_for_function(READY)
    yield screen
    assert screen.wrong == []


def test_links_and_anchors_lead_somewhere(site, read):
    for name, page in read.items():
        for link in page.links + page.loaded:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme:
                assert parts.scheme == "https"
                assert link not in page.loaded, f"{name} loads {link}"
                continue
            target = (
                os.path.normpath(os.path.join(os.path.dirname(name), parts.path))
                if parts.path
                else name
            )
            assert (site / target).is_file(), f"{name}: {link}"
            if parts.fragment and target in read:
                assert parts.fragment in read[target].ids, f"{name}: {link}"


def test_every_figure_is_there_once_with_its_words(read):
    for path in every_notebook():
        name = path.relative_to(FOLDER).with_suffix(".html").as_posix()
        stored = [
            output.metadata["image/png"]["alt"]
            for cell in nbformat.read(path, as_version=4).cells
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {})
        ]
        assert [image["alt"] for image in read[name].images] == stored
    assert all(image["alt"] for image in read["index.html"].images)


def test_terms_say_what_they_mean_and_lead_there(read):
    terms = [term for page in read.values() for term in page.terms]
    assert len(terms) > 100
    assert all(len(term["data-said"]) > 20 and "$" not in term["data-said"] for term in terms), (
        "a definition in plain words"
    )
    assert {term["href"].split("#")[1] for term in terms} <= read["glossary.html"].ids


@pytest.fixture(scope="module")
def axe():
    package = importlib.util.find_spec("axe_playwright_python")
    return (pathlib.Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


# What a page has by the thousand it shows to the audit once: a formula, and a word of each colour
# of its code.
SPARE = """() => {
    const seen = new Set();
    for (const word of document.querySelectorAll('.highlight pre span[class]')) {
        const colour = `${word.className} of ${word.closest('.cell_output') ? 'output' : 'code'}`;
        if (seen.has(colour)) word.replaceWith(word.textContent);
        seen.add(colour);
    }
    for (const formula of [...document.querySelectorAll('mjx-container')].slice(1)) {
        formula.replaceWith(formula.querySelector('mjx-assistive-mml').textContent);
    }
    document.querySelector('article').normalize();
}"""
# A contrast follows from a text's colour and size and from what lies behind it: one text of each
# kind is marked.
MARK_KINDS = """() => {
    const seen = new Set(), grounds = new Map([[null, '']]);
    const ground = element => {
        if (!grounds.has(element)) {
            const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
            const own = `${backgroundColor} ${backgroundImage} ${opacity};`;
            const seen = own === 'rgba(0, 0, 0, 0) none 1;' ? '' : own;
            grounds.set(element, ground(element.parentElement) + seen);
        }
        return grounds.get(element);
    };
    for (const element of document.querySelectorAll('body *')) {
        delete element.dataset.kind;
        const is_text = node => node.nodeType === Node.TEXT_NODE && node.data.trim();
        if (![...element.childNodes].some(is_text) || !element.checkVisibility()) continue;
        if (element.getBoundingClientRect().width < 2) continue;
        const { color, fontSize, fontWeight } = getComputedStyle(element);
        const kind = [color, fontSize, fontWeight, ground(element)].join();
        if (!seen.has(kind)) element.dataset.kind = seen.size;
        seen.add(kind);
    }
    return seen.size;
}"""


CONTRAST, WHOLE = {"include": [["[data-kind]"]]}, {"include": [["html"]]}
AUDITS = [
    ("light", WHOLE, {"rules": {"color-contrast": {"enabled": False}}}),
    ("light", CONTRAST, {"runOnly": ["color-contrast"]}),
    ("dark", CONTRAST, {"runOnly": ["color-contrast", "link-in-text-block"]}),
]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_telephone_and_is_open_to_everybody(screen, address, axe, name):
    with opened(screen, address, name, width=390) as page:
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        scrolled = page.evaluate(
            """() => [...document.querySelectorAll('article *:not(pre)')]
                .filter(e => e.scrollWidth > e.clientWidth + 1)
                .filter(e => /auto|scroll/.test(getComputedStyle(e).overflowX))
                .map(e => e.outerHTML.slice(0, 200))"""
        )
        assert scrolled == [], "nothing but code scrolls sideways"
        # laptops; beside the text stand one or two columns of links
        for width in (1024, 1100, 1366):
            page.set_viewport_size({"width": width, "height": 1000})
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        page.set_viewport_size({"width": 1300, "height": 1000})
        page.evaluate(SPARE)
        page.evaluate(axe)
        for theme, where, rules in AUDITS:
            page.evaluate("theme => { document.body.dataset.theme = theme; }", theme)
            assert page.evaluate(MARK_KINDS) > 5
            found = page.evaluate(
                "given => axe.run(...given)", [where, {"resultTypes": ["violations"], **rules}]
            )
            serious = [
                each for each in found["violations"] if each["impact"] in ("serious", "critical")
            ]
            assert [
                f"{theme}, {each['id']}: {each['nodes'][0]['html'][:200]}" for each in serious
            ] == []
            assert found["passes"], "the audit looked"


@pytest.mark.parametrize("term", ["ELBO", "posterior", "natural gradient"])
def test_search_begins_with_the_glossarys_entry_and_shows_no_tex(screen, address, term):
    with opened(screen, address, "index.html") as page:
        page.locator("input[name=q]").first.fill(term)
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelectorAll('ul.search .context').length > 5")
        found = page.locator("ul.search li a").evaluate_all("all => all.map(a => a.href)")
        assert found[0].split("/")[-1].startswith("glossary.html")
        assert page.locator("ul.search li a").first.inner_text() == f"Glossary > {term}"
        said = page.locator("ul.search .context").all_inner_texts()
        assert [each for each in said if re.search(r"\\[A-Za-z(\[]", each)] == []
        assert any("\N{GREEK SMALL LETTER THETA}" in each for each in said) or term != "posterior"


def test_a_term_opens_by_keyboard_mouse_and_finger(screen, address, chromium):
    with opened(screen, address, "01_bayes.html") as page:
        term, said = page.locator("a.term").first, page.get_by_role("tooltip")
        words = term.get_attribute("data-said")
        term.focus()
        assert said.inner_text() == words
        assert term.get_attribute("aria-describedby") == said.get_attribute("id")
        page.keyboard.press("Escape")
        assert not said.count()
        term.blur()
        term.hover()
        assert said.inner_text() == words
        said.hover()  # it stays, to be read
        assert said.inner_text() == words
        page.locator("h1").hover()
        assert not said.count()
    phone = chromium.new_page(viewport={"width": 390, "height": 800}, has_touch=True)
    phone.goto(f"{address}01_bayes.html", wait_until="load")
    phone.wait_for_function(READY)
    term, said = phone.locator("a.term").first, phone.get_by_role("tooltip")
    term.tap()
    assert said.inner_text() == words
    box = said.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    phone.locator("h1").tap()
    assert not said.count()
    term.tap()
    term.tap()
    phone.wait_for_url("**/glossary.html#*", timeout=20_000)
    phone.close()


# Where a browser breaks lines inside a text: [text before, text after] of each break.
BREAKS = """() => [...document.querySelectorAll('table code .pre')].flatMap(name => {
    const walker = document.createTreeWalker(name, NodeFilter.SHOW_TEXT), letters = [];
    while (walker.nextNode()) for (let i = 0; i < walker.currentNode.length; i += 1) {
        const range = document.createRange();
        range.setStart(walker.currentNode, i);
        range.setEnd(walker.currentNode, i + 1);
        letters.push([range.toString(), range.getBoundingClientRect().top]);
    }
    const text = letters.map(each => each[0]).join('');
    return letters.flatMap(([, top], i) =>
        i && top > letters[i - 1][1] + 2 ? [[text.slice(0, i), text.slice(i)]] : []);
})"""


def test_names_and_formulas_break_where_a_reader_would_on_a_telephone(screen, address):
    for path in every_notebook():
        if path.parent != FOLDER:
            continue
        with opened(screen, address, f"{path.stem}.html", width=390) as page:
            broken = page.evaluate(BREAKS)
            assert [each for each in broken if not each[0].endswith(("_", ".", " "))] == []
    with opened(screen, address, "07_little_data.html", width=390) as page:
        weight = page.locator("div.math:has(.new-line)").first
        lines = weight.locator(".new-line")
        assert lines.count() == 1
        tops = weight.evaluate(
            """e => [...e.querySelectorAll('mjx-math > *:not(.new-line)')]
                .map(part => part.getBoundingClientRect()).map(box => [box.top, box.bottom])"""
        )
        at = lines.bounding_box()
        middle = at["y"] + at["height"] / 2
        above = [bottom for _, bottom in tops if bottom <= middle + 1]
        below = [top for top, _ in tops if top >= middle - 1]
        assert len(above) + len(below) == len(tops), "no part lies across the break"
        assert weight.evaluate("e => e.querySelector('.new-line').nextSibling.textContent") == ""


def test_what_only_a_notebook_does_is_said(read, site):
    for path in every_notebook():
        name = path.relative_to(FOLDER).with_suffix(".html").as_posix()
        text = (site / name).read_text(encoding="utf-8")
        assert "you see the first" not in text
        assert "After a restart of the kernel" not in text
        if any(cell.cell_type == "code" for cell in nbformat.read(path, as_version=4).cells):
            [needs] = re.findall(r'<p class="actions" id="to-run-it">(.*?)</p>', text)
            assert needs.startswith("This page has no kernel.")
            assert "pip install jax " in needs
            assert " jupyterlab" in needs
        boxes = re.findall(r'<p class="collapsed">(.*?)</p>|<span class="expanded">', text)
        assert boxes[:3] != ["Show the code"] * 3
    caption = (site / "07_little_data.html").read_text(encoding="utf-8")
    assert "On this page the dial draws the prior and the exact posterior" in caption


def test_next_leads_through_the_course(read):
    order, name = [], "index.html"
    while page := read[name].turns.get("next-page"):
        before, name = name, os.path.normpath(os.path.join(os.path.dirname(name), page))
        back = os.path.join(os.path.dirname(name), read[name].turns["prev-page"])
        assert os.path.normpath(back) == before
        order.append(name)
    assert order == PAGES[2:]


def test_a_film_stands_still_for_those_who_ask(screen, address):
    with opened(screen, address, "02_elbo.html") as page:
        film = page.locator("picture:has(source) img").first
        for motion, ending in (("reduce", "-still.png"), ("no-preference", "-0.png")):
            page.emulate_media(reduced_motion=motion)
            film.scroll_into_view_if_needed()
            page.wait_for_function(
                "ending => document.querySelector('picture:has(source) "
                "img').currentSrc.endsWith(ending)",
                arg=ending,
            )
        page.emulate_media(reduced_motion="null")


def set_numbers(page, numbers):
    """Type numbers into the widget's boxes as a reader does, leaving each; what it computed and
    said."""
    for box, number in zip(page.locator(".live input[type=number]").all(), numbers, strict=True):
        box.fill(repr(float(number)))
        box.press("Tab")
    return page.evaluate(
        "() => { const e = document.querySelector('.live'); return [e.result, "
        "e.querySelector('.says').textContent]; }"
    )


def close(found, expected, terms):
    """Equal, but for the rounding of a sum: each of the n terms is good to a few units in its last
    place."""
    bound = 4 * EPS * terms.size * abs(terms).sum()
    assert abs(found - expected) <= bound, (found, expected, bound)


def check_interval(found, gamma):
    """The 5% and 95% quantiles: an error d of the share moves ln x by d / (x density(x))."""
    a, rate = gamma
    for x, expected in zip(
        found, distributions.credible_interval(distributions.Gamma(a, rate)), strict=True
    ):
        inside = expected * rate
        share = 32 * EPS * (1 + a * abs(np.log(inside)) + inside + abs(special.gammaln(a)))
        log_steepness = a * np.log(inside) - inside - special.gammaln(a)
        assert abs(np.log(x / expected)) <= share * np.exp(-log_steepness), (x, expected, gamma)


def test_the_big_dial_computes_what_python_does(screen, address):
    random_ = random.Random(13)
    settings = [(0.01, 0, 0), (1000.0, 183, 3), (0.01, 183, 1), (1000.0, 0, 9), (0.01, 1, 8)]
    settings += [
        (10 ** random_.uniform(-2, 3), random_.randint(0, 183), random_.randint(0, 9))
        for _ in range(45)
    ]
    with opened(screen, address, "07_little_data.html") as page:
        for strength, num_images, digit in settings:
            result, says = set_numbers(page, (strength, num_images, digit))
            counts = data.load_digit(digit)[:num_images]
            prior = poisson_gamma.prior(data.domain_knowledge(digit), strength)
            model = poisson_gamma.condition(prior, counts)
            exact = poisson_gamma.exact_posterior(model)
            assert np.allclose(result["means"], exact.mean, rtol=8 * EPS, atol=0)
            assert np.allclose(result["posterior"], np.transpose(exact), rtol=8 * EPS, atol=0)
            gammas = np.concatenate([np.ravel(part) for part in (prior, exact)])
            logs = [special.gammaln(gammas), special.gammaln(counts + 1).ravel()]
            logs += [each.concentration * np.log(each.rate) for each in (prior, exact)]
            close(result["logEvidence"], poisson_gamma.log_evidence(model), np.concatenate(logs))
            assert tuple(result["pixels"]) == big_dial.two_pixels(digit)
            for pixel, found in zip(result["pixels"], result["intervals"], strict=True):
                check_interval(found, (exact.concentration[pixel], exact.rate[pixel]))
            weight = strength / (strength + len(counts))
            assert says.startswith(
                f"Digit {digit}. Prior worth {say_images(strength)}, "
                f"{say_images_of(len(counts), digit)} seen: the posterior is "
                f"{say_percent(weight)} knowledge, {say_percent(1 - weight)} data. "
            )
            assert f"ln p(X) = {result['logEvidence']:.2f} nats" in says


def stored_alt(notebook, call):
    """What the notebook's own widget says of its first picture."""
    [cell] = [
        cell for cell in nbformat.read(FOLDER / notebook, as_version=4).cells if call in cell.source
    ]
    return cell.outputs[0].metadata["image/png"]["alt"]


def test_the_elbo_game_computes_what_python_does(screen, address):
    random_ = random.Random(2)
    means, deviations = (
        (elbo_game.MEANS[0], elbo_game.MEANS[-1]),
        (elbo_game.DEVIATIONS[0], elbo_game.DEVIATIONS[-1]),
    )
    settings = [(mean, deviation) for mean in means for deviation in deviations]
    settings += [(random_.uniform(*means), random_.uniform(*deviations)) for _ in range(46)]
    # as stored
    prior, counts = (
        distributions.Gamma(2 * data.domain_knowledge(0)[52], 2.0),
        np.array([9, 15, 16]),
    )
    with opened(screen, address, "02_elbo.html") as page:
        assert page.locator(".live .picture").get_attribute("aria-label") == stored_alt(
            "02_elbo.ipynb", "elbo_game.panel"
        )
        for mean, deviation in settings:
            result, says = set_numbers(page, (mean, deviation))
            expected = elbo_game.solve(mean, deviation, prior, counts)
            (a, b), (c, d) = expected.q, prior
            terms = [
                a * special.digamma(a),
                c * special.digamma(a),
                counts.sum() * special.digamma(a),
                a * d / b,
                a,
            ]
            terms += [
                special.gammaln(a),
                special.gammaln(c),
                c * np.log(b),
                c * np.log(d),
                counts.sum() * np.log(b),
            ]
            close(
                result["elbo"],
                expected.elbo,
                np.array([*terms, *special.gammaln(counts + 1), 3 * mean]),
            )
            assert result["logEvidence"] == pytest.approx(expected.log_evidence, rel=1e-13)
            assert result["posterior"] == pytest.approx(expected.posterior, rel=8 * EPS)
            words = elbo_game.frame(expected, expected.gap).text
            assert says.partition(" Your best")[0] == words.partition(" Your best")[0]
            assert "You have won" not in says
        a, rate = expected.posterior
        result, says = set_numbers(page, (a / rate, a**0.5 / rate))
        assert result["gap"] < 1e-9
        best = f"Your best so far: {say_nats(result['gap'])}."
        assert says.endswith(f"{best} You have won: it is below {elbo_game.WON} nats.")
        assert elbo_game.frame(expected, result["gap"]).text.endswith(says.partition(best)[2])


@pytest.mark.parametrize("name", ["02_elbo.html", "07_little_data.html"])
def test_the_keyboard_drives_a_widget(screen, address, name):
    with opened(screen, address, name, width=390) as page:
        says, picture = page.locator(".live .says"), page.locator(".live .picture")
        for slider in page.locator(".live input[type=range]").all():
            assert slider.get_attribute("aria-label")
            slider.focus()
            for key in ("Home", "ArrowRight", "End", "ArrowLeft", "PageDown"):
                before = (
                    says.inner_text(),
                    picture.get_attribute("aria-label"),
                    slider.get_attribute("aria-valuetext"),
                )
                value = slider.input_value()
                page.keyboard.press(key)
                assert slider.input_value() != value or value in ("0", slider.get_attribute("max"))
                after = (
                    says.inner_text(),
                    picture.get_attribute("aria-label"),
                    slider.get_attribute("aria-valuetext"),
                )
                assert (after == before) == (slider.input_value() == value)
        controls = page.locator(".live input").all()
        controls[0].focus()
        for control in controls[1:]:
            page.keyboard.press("Tab")
            assert control.evaluate("e => e === document.activeElement")
            assert control.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
        assert says.get_attribute("role") == "status"
        box = page.locator(".live input[type=number]").first
        least, most = box.get_attribute("min"), box.get_attribute("max")
        for typed, became in (("1e9", most), ("-5", least), ("", least)):
            box.fill(typed)
            box.press("Enter")
            assert (
                f" is a number from {least} to {most}: it is now {became}. "
                in says.inner_text() + " "
            )
            assert box.input_value() == became


def test_the_big_dial_begins_where_the_notebook_does(screen, address):
    with opened(screen, address, "07_little_data.html") as page:
        alt = page.locator(".live .picture").get_attribute("aria-label")
        assert (
            alt.split(", and the posterior mean")[0]
            == (
                stored_alt("07_little_data.ipynb", "big_dial.panel").split(
                    ", and the posterior mean"
                )[0]
            )
        )
        assert "computes the exact posterior" in page.locator(".live .note").inner_text()
        assert "Without a kernel you see" not in page.locator("article").inner_text()
