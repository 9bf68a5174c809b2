"""How long a widget takes to answer: in the kernel, and from key press to picture in a browser.

`python tests/benchmarks/bench_widgets.py [--quick]` prints one table. Times on a shared machine
mean little; `interact` with a new figure at each move, measured in the same run, is what they are
to be compared with, and in the kernel there are the processor's milliseconds a move, of all
threads, beside the clock's.

The page takes the time itself, from the moment it gets the key. Playwright opens the page and then
leaves it: it would copy every message from the kernel, pictures and all, to a process of its own,
and on few cores the answer would be late by that much. The keys are pressed over Chromium's own
protocol.
"""

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import jax
import numpy as np
import websocket

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import browser
from fitted import FITTED

from helpers import broken_fits, data, distributions, inference
from helpers.models import poisson_gamma
from helpers.widgets import big_dial, dial, elbo_game, generator, paint, quiz
from helpers.widgets.canvas import encode_png

REPEATS, QUICK = 30, 5  # moves that are timed
WARM = 3  # moves before them
PRESS = 0.1  # seconds that a finger stays on a key
REST = 0.07  # seconds between presses: six a second
SETTLED = 3.0  # seconds after which no picture is under way any more
REPEAT_RATE = 30  # key presses a second while a key is held

LIVE = """\
from helpers.widgets import big_dial
big_dial.panel()
"""
NEW_FIGURE = """\
import ipywidgets
from IPython.display import Image, display
from helpers.widgets import big_dial
from helpers.widgets.canvas import encode_png
strengths = big_dial.controls.STRENGTHS
def show(strength, num_images, digit):
    result = big_dial.solve(strength, num_images, digit)
    view = big_dial.View()
    view.draw(result)
    display(Image(encode_png(view.canvas.frame())))
slider = ipywidgets.SelectionSlider(options=strengths, value=2.0)
ipywidgets.interact(show, strength=slider, num_images=(0, 178), digit=(0, 9))
"""
SLIDER = ".noUi-handle, .ui-slider-handle"
KEY_CODES = {"ArrowLeft": 37, "ArrowRight": 39, "ArrowDown": 40, "Home": 36, " ": 32}
PAINTED = ("10 completion", "12 painted digit")  # by the space bar
TO_AND_FRO = ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft")
PANEL = (".jp-OutputArea-output .widget-vbox", "img[data-k]")
# Times each key press, from the moment the browser had it, until the picture that it leads to is
# decoded and a frame with it was painted.
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
        const after = () => requestAnimationFrame(() => painted.port2.postMessage(0));
        shown.decode().then(after).catch(() => {});
    }).observe(document.querySelector(root), {subtree: true, childList: true, attributes: true});
}"""


def kernel_times(repeats):
    """Milliseconds a move in the kernel, for each widget: dict name -> array [repeats, 2], clock's
    and processor's."""
    counts, template = data.load_digit(0), data.domain_knowledge(0)
    view = big_dial.View()
    results = [big_dial.solve(strength, 3, 0) for strength in (2.0, 3.0, 100.0)]
    panels = {
        "1 dial": dial.panel(counts[:, 20], template[20]),
        "2 ELBO game": elbo_game.panel(distributions.Gamma(20.0, 2.0), counts[:3, 20]),
        "4 paint": paint.panel(),
        "6 quiz": quiz.panel(_cases(template, counts)),
        "7 big dial, with refit": big_dial.panel(),
        "8 generator, with refit": generator.panel(),
    }
    panels |= {name: _shown_by(cell) for name, cell in FITTED.items()}
    moves = {name: lambda k, panel=panel: panel.refresh() for name, panel in panels.items()}
    moves["7 big dial, view alone"] = lambda k: _show(view, results[k % len(results)])
    moves["7 big dial, refit alone"] = lambda k: big_dial.solve(
        results[k % len(results)].strength, 3, 0
    )
    return {name: _times(move, repeats) for name, move in sorted(moves.items())}


def _shown_by(cell):
    """What the last line of a cell shows."""
    body, line = cell.rstrip().rsplit("\n", 1)
    names = {}
    exec(body, names)
    return eval(line, names)


def browser_times(cell, root, picture, repeats, paints=False):
    """Milliseconds from key press to picture in JupyterLab, and from the end of a held key to the
    last picture.

    Args:
        cell: source of the cell that shows the widget. root, picture: CSS selectors of what holds
        the picture, and of the picture in it. repeats: how many presses are timed, at most 61 if it
        paints. paints: whether the presses paint, one pixel after the other over a clean easel, in
        place of moving a slider.

    Returns:
        (array [repeats], float): single presses, and the wait after an arrow was held for a second
        (none: NaN).
    """
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        browser.write_notebook(folder / "widget.ipynb", cell)
        with browser.lab(folder) as lab, _chromium(folder / "profile") as address:
            with browser.attached(address) as page:
                failed = browser.Notebook(page, lab, "widget.ipynb").run_all()
                if failed:
                    raise RuntimeError("; ".join(failed))
                page.locator(f"{root} {picture}").first.wait_for(timeout=60_000)
                page.evaluate(WATCH, [root, picture])
                if paints:
                    page.get_by_role("button", name="Wipe it clean").click()
                    time.sleep(SETTLED)
                page.locator("[role=gridcell]" if paints else SLIDER).first.focus()
            time.sleep(SETTLED)
            with contextlib.closing(Tab(address)) as tab:
                press = _paint if paints else _move
                times = [press(tab, k) for k in range(WARM + repeats)]
                return np.array(times[WARM:]), np.nan if paints else _hold(tab)


@contextlib.contextmanager
def _chromium(profile):
    """A headless Chromium that can be driven from outside; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = [
        "--headless",
        f"--remote-debugging-port={port}",
        "--remote-allow-origins=*",
        f"--user-data-dir={profile}",
        "--window-size=1300,1000",
    ]
    command = [browser.chromium(), *browser.CHROMIUM_FLAGS, *flags, "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        browser.stop(process)


class Tab:
    """A tab of a Chromium, driven by its own protocol (chromedevtools.github.io/devtools-protocol,
    domains Runtime and Input)."""

    def __init__(self, address):
        with urllib.request.urlopen(f"{address}/json", timeout=10) as answer:
            tabs = json.load(answer)
        url = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        self._socket, self._count = websocket.create_connection(url, timeout=30), 0

    def evaluate(self, script):
        """The value of an expression of JavaScript, or of the promise that it gives."""
        wanted = {"expression": script, "returnByValue": True, "awaitPromise": True}
        answer = self._call("Runtime.evaluate", **wanted)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def down(self, key, **more):
        """Press a key and keep it pressed."""
        kind = {"type": "keyDown", "text": key} if key == " " else {"type": "rawKeyDown"}
        self._call("Input.dispatchKeyEvent", **self._named(key), **kind, **more)

    def up(self, key):
        """Let go of a key."""
        self._call("Input.dispatchKeyEvent", **self._named(key), type="keyUp")

    def press(self, key):
        """Press a key as long as a finger does."""
        self.down(key)
        time.sleep(PRESS)
        self.up(key)

    def close(self):
        """Leave the tab."""
        self._socket.close()

    def _named(self, key):
        name = "Space" if key == " " else key
        return {"key": key, "code": name, "windowsVirtualKeyCode": KEY_CODES[key]}

    def _call(self, method, **params):
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:  # what it tells unasked is not wanted
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer["result"]


def _move(tab, k):
    return _press(tab, TO_AND_FRO[k % len(TO_AND_FRO)])


def _paint(tab, k):
    """The k-th stroke: a step to the next pixel, forth in one row and back in the next, then the
    space bar."""
    if k:
        tab.press("ArrowDown" if k % 8 == 0 else ("ArrowRight", "ArrowLeft")[k // 8 % 2])
    return _press(tab, " ")


def _press(tab, key):
    time.sleep(REST)
    tab.press(key)
    return tab.evaluate(  # waits without polling, which would keep a core busy
        """new Promise((done, failed) => {
            const press = window.presses.at(-1);
            window.waiting = () => {
                const shown = window.pictures.find(time => time > press);
                if (shown) done(shown - press);
            };
            window.waiting();
            setTimeout(failed, 20000, 'no picture');
        })"""
    )


def _hold(tab):
    tab.press("Home")  # room for every repeat to matter
    time.sleep(SETTLED)
    for k in range(REPEAT_RATE):
        begun = time.perf_counter()
        tab.down("ArrowRight", autoRepeat=k > 0)
        time.sleep(max(0.0, 1 / REPEAT_RATE - (time.perf_counter() - begun)))
    tab.up("ArrowRight")
    time.sleep(SETTLED)
    wait = tab.evaluate("window.pictures.at(-1) - window.presses.at(-1)")
    return wait if wait > 0 else np.nan  # at a short slider's end the last presses change nothing


def _show(view, result):
    view.draw(result)
    return encode_png(view.canvas.frame())


def _times(move, repeats):
    times = []
    for k in range(WARM + repeats):
        begun, worked = time.perf_counter(), time.process_time()
        move(k)
        times.append((1e3 * (time.perf_counter() - begun), 1e3 * (time.process_time() - worked)))
    return np.array(times[WARM:])


def _cases(template, counts):
    prior = poisson_gamma.prior(template, 2.0)
    model = poisson_gamma.condition(prior, counts)
    cases = {}
    for letter, candidate in zip(
        "ABCDEF", broken_fits.six_fits(jax.random.key(0), model, prior), strict=True
    ):
        draws = candidate.surrogate.sample(jax.random.key(1), 4000)
        log_ratios = inference.log_ratios(candidate.surrogate, candidate.model, draws)
        cases[letter] = quiz.case(candidate, draws, log_ratios, 0.0)
    return cases


def measure(repeats=REPEATS):
    """All times, of so many moves each.

    Returns:
        dict name -> dict of `median_ms`, `p95_ms`, `best_ms`; `processor_ms`, the median, in the
        kernel, and `after_held_ms` in the browser.
    """
    table = {}
    for name, times in kernel_times(repeats).items():
        table[f"kernel: {name}"] = {
            **_row(times[:, 0]),
            "processor_ms": float(np.median(times[:, 1])),
        }
    if browser.missing():
        print(f"No browser figures: {browser.missing()}.")
        return table
    for name, cell in {"7 big dial": LIVE, **FITTED}.items():
        single, held = browser_times(cell, *PANEL, repeats, paints=name in PAINTED)
        table[f"browser: {name}, key press to picture"] = {**_row(single), "after_held_ms": held}
    single, held = browser_times(
        NEW_FIGURE, ".jp-OutputArea-output .widget-interact", ".widget-output img", repeats
    )
    table["browser: the same by interact, a new figure a move"] = {
        **_row(single),
        "after_held_ms": held,
    }
    return table


def _row(times):
    return {
        "median_ms": float(np.median(times)),
        "p95_ms": float(np.quantile(times, 0.95)),
        "best_ms": float(times.min()),
    }


if __name__ == "__main__":
    heads = f"{'median':>8} {'p95':>8} {'best':>8} {'processor':>10} {'after a held key':>17}"
    print(f"{'milliseconds a move':<55} {heads}")
    for name, row in measure(QUICK if "--quick" in sys.argv else REPEATS).items():
        worked = f"{row['processor_ms']:10.1f}" if "processor_ms" in row else 10 * " "
        held = (
            f"{row['after_held_ms']:17.0f}" if np.isfinite(row.get("after_held_ms", np.nan)) else ""
        )
        print(
            f"{name:<55} {row['median_ms']:8.1f} {row['p95_ms']:8.1f} {row['best_ms']:8.1f} "
            f"{worked} {held}"
        )
