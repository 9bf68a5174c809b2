"""How long a widget takes to answer: in the kernel, and from key press to picture in a browser.

`python tests/benchmarks/bench_widgets.py` prints one table. Times on a shared machine mean little; `interact` with a
new figure at each move, measured in the same run, is what they are to be compared with.
"""

import pathlib
import sys
import tempfile
import time

import jax
import nbformat
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import bare_browser
import browser

from helpers import broken_fits, data, diagnostics, distributions, inference
from helpers.models import poisson_gamma
from helpers.widgets import big_dial, dial, elbo_game, generator, paint, quiz
from helpers.widgets.big_dial import View

PRESSES = 30
PRESS = 0.1  # seconds that a finger stays on a key
REST = 0.07  # seconds between presses: six a second
REPEAT_RATE = 30  # key presses a second while a key is held

LIVE = """\
from helpers.widgets import big_dial
big_dial.panel()
"""
NEW_FIGURE = """\
import ipywidgets
from IPython.display import Image, display
from helpers.widgets import big_dial
from helpers.widgets.big_dial import View
strengths = big_dial.controls.STRENGTHS
def show(strength, num_images, digit):
    result = big_dial.solve(strength, num_images, digit)
    display(Image(View(len(result.gaps)).draw(result)))
slider = ipywidgets.SelectionSlider(options=strengths, value=2.0)
ipywidgets.interact(show, strength=slider, num_images=(0, 178), digit=(0, 9))
"""
# Times each key press, from the moment the browser had it, until the picture that it leads to is decoded and a frame
# with it was painted.
WATCH = """([root, picture]) => {
    window.presses = []; window.pictures = []; window.waiting = () => {};
    document.addEventListener('keydown', e => window.presses.push(e.timeStamp), true);
    const painted = new MessageChannel();
    painted.port1.onmessage = () => { window.pictures.push(performance.now()); window.waiting(); };
    let last = null;
    new MutationObserver(() => {
        const shown = document.querySelector(root + ' ' + picture);
        if (!shown || shown.src === last) return;
        last = shown.src;
        shown.decode().then(() => requestAnimationFrame(() => painted.port2.postMessage(0))).catch(() => {});
    }).observe(document.querySelector(root), {subtree: true, childList: true, attributes: true});
}"""


def kernel_times(repeats=30):
    """Milliseconds a move in the kernel, for each widget: dict name -> array [repeats]."""
    counts, template = data.load_digit(0), data.domain_knowledge(0)
    view = View(inference.FAST.num_steps)
    results = [big_dial.solve(strength, 3, 0) for strength in (2.0, 3.0, 100.0)]
    panels = {
        "1 dial": dial.panel(counts[:, 20], template[20]),
        "2 ELBO game": elbo_game.panel(distributions.Gamma(20.0, 2.0), counts[:3, 20]),
        "4 paint": paint.panel(),
        "6 quiz": quiz.panel(_cases(template, counts)),
        "7 big dial, with refit": big_dial.panel(),
        "8 generator, with refit": generator.panel(),
    }
    moves = {name: lambda k, panel=panel: panel.refresh() for name, panel in panels.items()}
    moves["7 big dial, view alone"] = lambda k: view.draw(results[k % len(results)])
    moves["7 big dial, refit alone"] = lambda k: big_dial.solve(results[k % len(results)].strength, 3, 0)
    return {name: _times(move, repeats) for name, move in sorted(moves.items())}


def browser_times(cell, root, picture):
    """Milliseconds from key press to picture in JupyterLab, and from the end of a held key to the last picture.

    Args:
        cell: source of the cell that shows the widget.
        root, picture: CSS selectors of what holds the picture, and of the picture in it.

    Returns:
        (array [PRESSES], float): single presses, and the wait after a key was held for a second.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, folder / "widget.ipynb")
        with browser.lab(folder) as lab, bare_browser.chromium(folder / "profile") as chromium:
            _open(lab, chromium, root, picture)
            keyboard = bare_browser.Keyboard(chromium)
            try:
                times = [_press(keyboard, "ArrowRight" if k % 4 < 2 else "ArrowLeft") for k in range(PRESSES + 3)]
                return np.array(times[3:]), _hold(keyboard)
            finally:
                keyboard.close()


def _open(lab, chromium, root, picture):
    """Show the widget, watch its picture, put the focus on its first slider, and let go of the browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        connection = driver.chromium.connect_over_cdp(chromium)
        page = connection.contexts[0].pages[0]
        failed = browser.Notebook(page, lab, "widget.ipynb").run_all()
        if failed:
            raise RuntimeError("; ".join(failed))
        page.locator(f"{root} {picture}").first.wait_for(timeout=60_000)
        page.evaluate(WATCH, [root, picture])
        page.locator(".noUi-handle, .ui-slider-handle").first.focus()
        connection.close()


def _press(keyboard, key):
    before = keyboard.ask("window.pictures.length")
    time.sleep(REST)
    keyboard.press(key, PRESS)
    keyboard.ask(  # waits without polling, which would keep a core busy
        f"""window.pictures.length > {before} || new Promise((done, failed) => {{
            window.waiting = done;
            setTimeout(failed, 20000, 'no picture');
        }}).then(() => true)"""
    )
    return keyboard.ask(f"window.pictures[{before}] - window.presses.at(-1)")


def _hold(keyboard):
    keyboard.press("Home", PRESS)  # room for every repeat to matter
    time.sleep(3.0)
    for k in range(REPEAT_RATE):
        begun = time.perf_counter()
        keyboard.down("ArrowRight", is_repeat=k > 0)
        time.sleep(max(0.0, 1 / REPEAT_RATE - (time.perf_counter() - begun)))
    keyboard.up("ArrowRight")
    time.sleep(3.0)
    return keyboard.ask("window.pictures.at(-1) - window.presses.at(-1)")


def _times(move, repeats):
    times = []
    for k in range(repeats + 3):
        begun = time.perf_counter()
        move(k)
        times.append(1e3 * (time.perf_counter() - begun))
    return np.array(times[3:])


def _cases(template, counts):
    prior = poisson_gamma.prior(template, 2.0)
    model = poisson_gamma.condition(prior, counts)
    cases = {}
    for letter, candidate in zip("ABCDEF", broken_fits.six_fits(jax.random.key(0), model, prior), strict=True):
        draws, log_ratios = broken_fits.log_ratios(jax.random.key(1), candidate.surrogate, model, 4000)
        k_hat = diagnostics.pareto_smoothed(log_ratios).k_hat
        cases[letter] = quiz.case(candidate, draws, log_ratios, k_hat, poisson_gamma.log_evidence(model))
    return cases


def measure():
    """All times: dict name -> dict of `median_ms`, `p95_ms`, `best_ms`, and `after_held_ms` in the browser."""
    table = {f"kernel: {name}": _row(times) for name, times in kernel_times().items()}
    if browser.missing():
        print(f"No browser figures: {browser.missing()}.")
        return table
    single, held = browser_times(LIVE, ".jp-OutputArea-output .widget-vbox", "img[data-k]")
    table["browser: 7 big dial, key press to picture"] = {**_row(single), "after_held_ms": held}
    single, held = browser_times(NEW_FIGURE, ".jp-OutputArea-output .widget-interact", ".widget-output img")
    table["browser: the same by interact, a new figure a move"] = {**_row(single), "after_held_ms": held}
    return table


def _row(times):
    return {
        "median_ms": float(np.median(times)),
        "p95_ms": float(np.quantile(times, 0.95)),
        "best_ms": float(times.min()),
    }


if __name__ == "__main__":
    print(f"{'milliseconds a move':<55} {'median':>8} {'p95':>8} {'best':>8} {'after a held key':>17}")
    for name, row in measure().items():
        held = f"{row['after_held_ms']:17.0f}" if "after_held_ms" in row else ""
        print(f"{name:<55} {row['median_ms']:8.1f} {row['p95_ms']:8.1f} {row['best_ms']:8.1f} {held}")
