"""Every notebook with a widget in a real JupyterLab: run all, move every control; the picture and
the words follow.

Then Tab alone leads to every control, the widget is usable 390 pixels wide, and axe-core finds
nothing serious in what the course itself puts on the page, in either theme.
"""

import base64
import importlib.util
import pathlib

import browser
import nbformat
import pytest

from helpers import data
from helpers.plots.images import MAX_COUNT
from helpers.widgets import elbo_game
from helpers.widgets.words import say_images, say_images_of, say_percent

CONTENT = [".jp-OutputArea-output", ".jp-RenderedMarkdown", ".vi-panel"]
THEMES = ("JupyterLab Dark", "JupyterLab Light")
CONTROLS = ".noUi-handle, .ui-slider-handle, input, button, select, [role=gridcell][tabindex='0']"
HERE = pathlib.Path(__file__).resolve().parent
NOTEBOOKS = HERE.parents[1] / "notebooks"
LOOKED_AT = ("01_bayes", "04_digits_and_prior", "07_little_data")
SCREENSHOTS = HERE.parents[1] / "build" / "screenshots"
# The contrast of each line of words with what lies behind it, WCAG 2's ratio: a list of [ratio,
# words].
CONTRASTS = """content => {
    const parts = colour => {
        const found = colour.match(/[\\d.]+/g).map(Number);
        return [...found.slice(0, 3), found[3] ?? 1];
    };
    const linear = v => v <= 10.3 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const over = (top, below) =>
        top.slice(0, 3).map((v, i) => top[3] * v + (1 - top[3]) * below[i]);
    const behind = element => {
        if (!element) return [255, 255, 255];
        const colour = parts(getComputedStyle(element).backgroundColor);
        return colour[3] === 1 ? colour : over(colour, behind(element.parentElement));
    };
    const found = [];
    for (const root of document.querySelectorAll(content.join())) {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const words = walker.currentNode.textContent.trim();
            const element = walker.currentNode.parentElement;
            if (!words || element.closest('svg, style, script')) continue;
            if (!element.checkVisibility({visibilityProperty: true})) continue;
            if (element.getBoundingClientRect().width < 2) continue;
            const ground = behind(element);
            const ink = over(parts(getComputedStyle(element).color), ground);
            const [less, more] = [light(ground), light(ink)].sort((a, b) => a - b);
            found.push([(more + 0.05) / (less + 0.05), words.slice(0, 60)]);
        }
    }
    return found;
}"""


def knowledge(strength, num_images):
    return say_percent(strength / (strength + num_images))


# For each notebook: what its live sentence begins with, given the numbers in the boxes.
SAYS = {
    "01_bayes": lambda s, m: (
        f"Prior worth {say_images(s)}, {say_images(m)} seen: {knowledge(s, m)} of what you expected"
    ),
    "02_elbo": lambda mean, std: f"q: mean {mean:.3g}, standard deviation {std:.3g} counts. ELBO ",
    "04_digits_and_prior": lambda s, m, digit: (
        f"Your painting, worth {say_images(s)}, {say_images_of(seen(m, digit), int(digit))} "
        f"of the digit {digit:.0f} seen: "
        f"the posterior is {knowledge(s, seen(m, digit))} painting."
    ),
    "06_did_it_work": lambda: "A: what do you say, broken or fine?",
    "07_little_data": lambda s, m, digit: (
        f"Digit {digit:.0f}. Prior worth {say_images(s)}, "
        f"{say_images_of(seen(m, digit), int(digit))} seen: "
        f"the posterior is {knowledge(s, seen(m, digit))} knowledge"
    ),
    "08_generation": lambda s, digit: f"Digit {digit:.0f}, prior worth {say_images(s)}, ",
}
# And the numbers at the ends of its sliders; None where it depends on the data.
LEAST_AND_MOST = {
    "01_bayes": [(0.01, 1000), (0, None)],
    "02_elbo": [
        (elbo_game.MEANS[0], elbo_game.MEANS[-1]),
        (elbo_game.DEVIATIONS[0], elbo_game.DEVIATIONS[-1]),
    ],
    "04_digits_and_prior": [(0.01, 1000), (0, 183), (0, 9)],
    "06_did_it_work": [],
    "07_little_data": [(0.01, 1000), (0, 183), (0, 9)],
    "08_generation": [(0.01, 1000), (0, 9)],
}
TYPED = {  # numbers that are no stop of any slider
    "01_bayes": [0.37, 7],
    "02_elbo": [10.05, 1.37],
    "04_digits_and_prior": [0.37, 37, 3],
    "06_did_it_work": [],
    "07_little_data": [0.37, 37, 3],
    "08_generation": [0.37, 3],
}


def seen(num_images, digit):
    """No more images than there are of the digit."""
    return min(int(num_images), len(data.load_digit(int(digit))))


def test_every_notebook_with_a_widget_is_tested():
    with_widget = {
        path.stem
        for path in NOTEBOOKS.glob("*.ipynb")
        if "helpers.widgets import"
        in "".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    }
    elsewhere = {name for name in with_widget if (HERE / f"test_n{name[:2]}_widget.py").exists()}
    assert with_widget - elsewhere == set(SAYS)


def check(panel, name):
    """The picture is there, and the words are those of the numbers in the boxes."""
    assert panel.error == ""
    expected = SAYS[name](*panel.numbers())
    assert panel.text.startswith(expected), f"{panel.text!r} should begin with {expected!r}"
    assert len(panel.alt) > 80
    picture = base64.b64decode(panel.source.partition("base64,")[2])
    assert picture.startswith(b"\x89PNG")
    assert panel.picture.evaluate("e => e.decode().then(() => e.naturalWidth)") > 400


def posterior_can_be_shown_and_hidden(panel):
    assert "posterior is shown" not in panel.alt
    panel.settle(lambda: (panel.button("shown").focus(), panel.page.keyboard.press("Space")))
    assert "posterior is shown" in panel.alt
    panel.settle(lambda: (panel.button("hidden").focus(), panel.page.keyboard.press("Space")))
    assert "posterior is shown" not in panel.alt


def pixels_can_be_painted_by_keyboard_and_by_dragging(panel):
    panel.settle(panel.button("Wipe it clean").click)
    assert "ink in 0 of 64 pixels" in panel.alt
    pixels = panel.box.locator("[role=gridcell]")
    assert pixels.count() == 64
    assert panel.box.locator("[role=gridcell][tabindex='0']").count() == 1, "one tab stop"
    pixels.nth(0).focus()
    panel.page.keyboard.press("ArrowDown")
    panel.page.keyboard.press("ArrowRight")
    panel.settle(lambda: panel.page.keyboard.press("Space"))
    assert pixels.nth(9).get_attribute("aria-label") == f"row 2, column 2: {MAX_COUNT}"
    assert "ink in 1 of 64 pixels" in panel.alt
    first, last = pixels.nth(24).bounding_box(), pixels.nth(31).bounding_box()
    panel.page.mouse.move(first["x"] + 5, first["y"] + 5)
    panel.page.mouse.down()
    panel.page.mouse.move(last["x"] + 5, last["y"] + 5, steps=40)
    panel.page.mouse.up()
    panel.page.wait_for_function(
        "() => document.querySelector('.vi-panel img[data-k]').alt.includes('ink in 9 of 64 "
        "pixels')",
        timeout=20_000,
    )
    panel.settle(panel.button("Copy the typeface").click)
    assert "ink in 9 " not in panel.alt
    panel.settle(panel.button("Wipe it clean").click)
    assert "ink in 0 of 64 pixels" in panel.alt


def quiz_answers_each_verdict(panel):
    right = 0
    for k, letter in enumerate("ABCDEF"):
        if k:
            button = panel.box.locator("button").nth(k)
            panel.settle(lambda button=button: (button.focus(), panel.page.keyboard.press("Space")))
        assert panel.text.startswith(f"{letter}: what do you say")
        panel.settle(lambda k=k: panel.menus()[k].select_option("broken"))
        right += panel.text.startswith(f"{letter}: Right: ")
        assert f"Score: {right} of 6 right, {5 - k} to go." in panel.text
    assert right == 5


def new_draw_is_another_picture(panel):
    before = panel.source
    panel.settle(lambda: (panel.button("New draw").focus(), panel.page.keyboard.press("Space")))
    assert "draw 2:" in panel.text
    assert panel.source != before


OTHER_CONTROLS = {
    "02_elbo": posterior_can_be_shown_and_hidden,
    "04_digits_and_prior": pixels_can_be_painted_by_keyboard_and_by_dragging,
    "06_did_it_work": quiz_answers_each_verdict,
    "08_generation": new_draw_is_another_picture,
}


@pytest.fixture(scope="module")
def axe():
    package = importlib.util.find_spec("axe_playwright_python")
    return (pathlib.Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def check_it_looks_meant(page, name, theme):
    """Words stand out from their ground, and figures bring theirs: white paper that no theme shines
    through."""
    contrasts = page.evaluate(CONTRASTS, CONTENT)
    assert len(contrasts) > 50
    assert [each for each in contrasts if each[0] < 4.5] == [], theme
    figures = page.locator(".jp-OutputArea-output img, img[data-k]")
    opaque = """image => {
        const [width, height] = [image.naturalWidth, image.naturalHeight];
        const canvas = Object.assign(document.createElement('canvas'), {width, height});
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const pixels = context.getImageData(0, 0, width, height).data;
        return pixels.every((v, i) => i % 4 < 3 || v === 255);
    }"""
    assert all(figure.evaluate(opaque) for figure in figures.all() if figure.is_visible())
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    parts = {
        "widget": ".vi-panel",
        "figure": ".jp-RenderedHTML img",
        "exercise": ".jp-OutputArea-output.jp-RenderedText",
    }
    for part, where in parts.items():
        page.locator(where).locator("visible=true").last.screenshot(
            path=SCREENSHOTS / f"{name}-{theme.split()[-1].lower()}-{part}.png"
        )


def audit(page, axe, name):
    """axe-core's serious and critical findings in the course's own content, in both themes."""
    page.evaluate(axe)
    for theme in THEMES:
        page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        page.wait_for_function(
            "theme => document.body.dataset.jpThemeName === theme", arg=theme, timeout=20_000
        )
        page.wait_for_timeout(300)  # colours that fade
        if name in LOOKED_AT:
            check_it_looks_meant(page, name, theme)
        result = page.evaluate("c => axe.run({include: c.map(each => [each])})", CONTENT)
        assert {"image-alt", "color-contrast", "button-name"} & {
            rule["id"] for rule in result["passes"]
        }
        for rule in result["violations"]:
            if rule["impact"] in ("serious", "critical"):
                yield from (
                    f"{theme}, {rule['id']}: {node['html'][:200]}" for node in rule["nodes"]
                )


def check_tab_leads_to_every_control(panel):
    """By Tab from the first to the last, each in its turn, and one sees where one is."""
    controls = [control for control in panel.box.locator(CONTROLS).all() if control.is_visible()]
    controls[0].focus()
    for control in controls[1:]:
        panel.page.keyboard.press("Tab")
        assert control.evaluate("e => e === document.activeElement"), control.evaluate(
            "e => e.outerHTML"
        )
        assert control.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        assert control.evaluate("e => parseFloat(getComputedStyle(e).outlineWidth)") >= 2


def check_it_fits_a_telephone(panel):
    """At 390 pixels the picture is built anew, nothing sticks out, and a slider is long enough to
    be moved."""
    page, size = panel.page, panel.page.viewport_size
    page.evaluate(
        "() => { window.jupyterapp.shell.collapseLeft(); window.jupyterapp.shell.collapseRight(); }"
    )
    page.set_viewport_size({"width": 390, "height": size["height"]})
    page.wait_for_function(
        "() => [...document.querySelectorAll('.vi-width input')].every(box => +box.value === 1)"
    )
    page.wait_for_function(
        """() => {
            const panel = [...document.querySelectorAll('.vi-panel')].at(-1);
            const image = panel.querySelector('img[data-k]');
            return image.naturalWidth > 0 && image.naturalWidth < 560;
        }"""
    )
    right = panel.box.evaluate("e => e.getBoundingClientRect().right")
    for part in panel.box.locator(f"{CONTROLS}, img[data-k]").all():
        box = part.bounding_box()
        assert box is None or box["x"] + box["width"] <= right + 1, part.evaluate(
            "e => e.outerHTML.slice(0, 200)"
        )
    for slider in panel.box.locator(".noUi-base").all():
        assert slider.bounding_box()["width"] >= 60
    page.set_viewport_size(size)


@pytest.mark.parametrize("name", SAYS)
def test_run_all_then_move_every_control(open_notebook, name, axe):
    notebook = open_notebook(f"{name}.ipynb")
    assert notebook.run_all() == []
    panel = notebook.panel()
    check(panel, name)
    for i, (least, most) in enumerate(LEAST_AND_MOST[name]):
        handle = panel.handles()[i]
        handle.scroll_into_view_if_needed()
        for key, away, number in (("Home", "ArrowRight", least), ("End", "ArrowLeft", most)):
            handle.focus()
            if panel.numbers()[i] == number:  # it stands there already
                panel.settle(lambda handle=handle, away=away: handle.press(away))
            before = panel.source
            panel.settle(lambda handle=handle, key=key: handle.press(key))
            assert number is None or panel.numbers()[i] == pytest.approx(number)
            check(panel, name)
            assert panel.source != before, "another setting, another picture"
        before = panel.numbers()[i]
        panel.settle(lambda handle=handle: handle.press("ArrowLeft"))
        assert panel.numbers()[i] < before
        check(panel, name)
    for i, number in enumerate(TYPED[name]):
        panel.settle(lambda i=i, number=number: panel.type(panel.boxes()[i], number))
        assert panel.numbers()[i] == pytest.approx(number)
        check(panel, name)
    if name in OTHER_CONTROLS:
        OTHER_CONTROLS[name](panel)
    check_tab_leads_to_every_control(panel)
    check_it_fits_a_telephone(panel)
    assert [*audit(panel.page, axe, name)] == []
    assert notebook.errors() == []


FAILING = """\
from helpers.widgets import controls, generator
view = generator.view()
view.draw = lambda result: None
def respond(number):
    if number == 3:
        raise ValueError("three <is> too much")
    return controls.Frame(None, "A white picture without anything in it.", f"number {number}")
controls.Panel({"number": controls.digit(2)}, respond, lambda is_narrow: view)
"""


def test_an_error_in_a_callback_is_shown_and_goes_away(folder, open_notebook):
    browser.write_notebook(folder / "failing.ipynb", FAILING)
    notebook = open_notebook("failing.ipynb")
    assert notebook.run_all() == []
    panel = notebook.panel()
    handle = panel.handles()[0]
    handle.press("ArrowRight")
    panel.box.locator("[role=alert]").wait_for(timeout=20_000)
    assert "ValueError: three <is> too much" in panel.error
    assert panel.text == "number 2", "the last picture and its words stay"
    panel.settle(lambda: handle.press("ArrowRight"))
    assert panel.text == "number 4"
    assert panel.error == ""


def test_after_a_restart_the_words_under_the_widget_bring_it_back(folder, open_notebook):
    browser.write_notebook(
        folder / "restarted.ipynb",
        "digit = 3",
        "from helpers.widgets import big_dial",
        "big_dial.panel(digit=digit)",
    )
    notebook = open_notebook("restarted.ipynb")
    assert notebook.run_all() == []
    panel = notebook.panel()
    panel.settle(lambda: panel.handles()[0].press("ArrowRight"))
    notebook.restart()
    words = panel.text
    panel.handles()[0].press("ArrowRight")
    panel.page.wait_for_timeout(1_500)
    assert panel.text == words, "nobody is there to answer"
    hint = panel.box.inner_text()
    assert "run all cells above, then this one" in hint
    assert "menu Run, Run All Above Selected Cell, then Shift+Enter" in hint
    panel.says.click()  # selects the cell, as a reader's click does
    panel.page.get_by_role("menuitem", name="Run", exact=True).click()
    panel.page.get_by_role("menuitem", name="Run All Above Selected Cell").click()
    notebook.wait_until_idle()
    panel.page.keyboard.press("Shift+Enter")
    panel.page.wait_for_function(
        "() => document.querySelector('.vi-panel img[data-k]')?.dataset.k === '1'"
    )
    panel = notebook.panel()
    panel.settle(lambda: panel.handles()[0].press("ArrowRight"))
    assert panel.text.startswith(
        "Digit 3. Prior worth 2.5 images, 3 images seen: the posterior is 45% knowledge"
    )
