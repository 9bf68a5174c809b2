"""A real JupyterLab with real kernels, driven by a headless Chromium: for tests and the latency
benchmark."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
SERVER_FLAGS = [
    "--no-browser",
    "--ip=127.0.0.1",
    "--IdentityProvider.token=",  # a test server of our own, on this machine alone
    "--ServerApp.disable_check_xsrf=True",
    "--LabApp.extension_manager=readonly",
    # window.jupyterapp: the state of kernels and cells
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--allow-root",
]
RUN_ALL_TIMEOUT = 240.0  # seconds for all cells of a notebook


def missing():
    """Why no browser test can run here, in a sentence; None where all is there."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed (pip install playwright)"
    if chromium() is None:
        return "no chromium on this machine (apt-get install chromium)"
    return None


def chromium():
    """Path of a Chromium or Chrome on this machine, or None."""
    return next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight stay in the page
    "apputils-extension/notification": {"fetchNews": "false"},
}


@contextlib.contextmanager
def lab(folder):
    """Serve `folder` by a JupyterLab with no settings but ours; yields its address."""
    with served(folder, pathlib.Path(folder) / ".jupyter-test", SETTINGS) as address:
        yield address


@contextlib.contextmanager
def served(folder, home, settings, app="jupyterlab", options=()):
    """Serve `folder` by a Jupyter application; yields its address.

    Args: home: a folder to be made, for its configuration; settings: dict from a plugin to a
    reader's settings; app: the module to run; options: more words for its command line.
    """
    for plugin, setting in settings.items():
        file = home / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(setting), encoding="utf-8")
    home.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PATH": f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    with (home / "server.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", app, f"--port={port}", *SERVER_FLAGS, *options],
            cwd=folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(
                lambda: _answers(f"{address}/api"),
                60,
                f"{app} did not start",
                lambda: server.poll() is None,
            )
            yield address
        finally:
            stop(server)


def stop(process):
    """End a process, kindly at first."""
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()


@contextlib.contextmanager
def started():
    """A headless Chromium; Playwright allows one a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def page():
    """A page of a headless Chromium of its own."""
    with started() as browser:
        yield new_page(browser)


@contextlib.contextmanager
def attached(address):
    """The first page of a Chromium that runs already, and goes on when this ends."""
    from playwright.sync_api import sync_playwright

    _wait(lambda: _answers(f"{address}/json"), 30, "Chromium did not start", lambda: True)
    with sync_playwright() as driver:
        browser = driver.chromium.connect_over_cdp(address)
        yield browser.contexts[0].pages[0]


def new_page(browser):
    """One more page of a Chromium, with cookies and settings of its own."""
    return browser.new_page(viewport={"width": 1300, "height": 1000})


def write_notebook(path, *cells):
    """Write a notebook of these cells of code."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(notebook, path)


class Notebook:
    """One notebook, open in JupyterLab, or in another Jupyter application."""

    def __init__(self, page, address, name, folder="lab/tree"):
        """Open it in the JupyterLab on the page, or in a fresh one; a click before its kernel is
        there is lost. `folder`: the first part of its address."""
        self.page = page
        if page.url.startswith(f"{address}/lab"):
            page.evaluate(
                "path => window.jupyterapp.commands.execute('docmanager:open', {path}).then(() => "
                "null)",
                name,
            )
        else:
            page.goto(f"{address}/{folder}/{name}?reset", wait_until="load", timeout=60_000)
        page.wait_for_function(
            """name => {
                const open = window.jupyterapp?.shell.currentWidget;
                const kernel = open?.context?.path === name && open.sessionContext?.session?.kernel;
                const is_idle = kernel && kernel.status === 'idle';
                return is_idle && kernel.connectionStatus === 'connected';
            }""",
            arg=name,
            timeout=90_000,
        )

    def run_all(self):
        """Run all cells, wait until they have run, and return what failed: a list of '[cell] error:
        message'."""
        self.command("notebook:run-all-cells")
        return self.errors()

    def restart(self):
        """Restart the kernel and nothing else; what is on the page stays there."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
        )
        self.page.wait_for_function(
            f"() => {KERNEL}.status === 'idle'",
            timeout=60_000,
        )

    def wait_until_idle(self):
        """Wait until the kernel has answered everything."""
        self.page.wait_for_timeout(300)
        self.page.wait_for_function(f"() => {KERNEL}?.status === 'idle'", timeout=60_000)

    def command(self, name):
        """Run one of JupyterLab's commands and wait until it is done."""
        self.page.set_default_timeout(1000 * RUN_ALL_TIMEOUT)
        self.page.evaluate(
            """([name, limit]) => Promise.race([
                window.jupyterapp.commands.execute(name),
                new Promise((_, no) => setTimeout(
                    () => no(new Error(name + ' took too long')), 1000 * limit
                )),
            ]).then(() => null)""",
            [name, RUN_ALL_TIMEOUT],
        )

    def errors(self):
        """What failed in the cells as they stand: a list of '[cell] error: message'."""
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap((cell, i) =>
                (cell.model.toJSON().outputs || []).filter(o => o.output_type === 'error')
                    .map(o => `[${i}] ${o.ename}: ${o.evalue}`))"""
        )

    def panel(self):
        """The course's widget on the page."""
        return Panel(self.page)

    def close(self):
        """Shut the kernel down and close the notebook, whether it is saved or not."""
        self.page.evaluate(
            """() => {
                const open = window.jupyterapp.shell.currentWidget;
                return open.sessionContext.shutdown().then(() => open.dispose());
            }"""
        )


class Panel:
    """A widget of the course: its picture, live sentence, error line and controls."""

    def __init__(self, page):
        self.page = page
        # notebook 1 has two: its last is the one of a lesson
        self.box = page.locator(".vi-panel").last
        self.picture = self.box.locator("img[data-k]")
        self.picture.wait_for(timeout=60_000)

    @property
    def count(self):
        """Number of the picture shown: 1 for the first, one more at each move."""
        return int(self.picture.get_attribute("data-k"))

    @property
    def alt(self):
        """The picture in words."""
        return self.picture.get_attribute("alt")

    @property
    def source(self):
        """The picture itself, as a data address."""
        return self.picture.get_attribute("src")

    @property
    def text(self):
        """The live sentence."""
        return self.says.inner_text().strip()

    @property
    def says(self):
        """Where the live sentence stands."""
        return self.box.locator(".vi-says")

    @property
    def error(self):
        """The error line; empty when all is well."""
        line = self.box.locator("[role=alert]")
        return line.inner_text() if line.count() else ""

    def handles(self):
        """The sliders' handles, ipywidgets 8 or 7."""
        return self.box.locator(".noUi-handle, .ui-slider-handle").all()

    def boxes(self):
        """The boxes to type a number into, a slider's read-out included."""
        return self.box.locator("input[type=number]:visible, .widget-readout:visible").all()

    def numbers(self):
        """The numbers that the boxes show."""
        return [float(box.evaluate("e => e.value ?? e.innerText")) for box in self.boxes()]

    def menus(self):
        """The drop-down lists."""
        return self.box.locator("select").all()

    def button(self, name):
        """The button with this text."""
        return self.box.locator("button", has_text=name).first

    def settle(self, action, timeout=20_000):
        """Do something and wait for the picture that follows it."""
        before = self.count
        action()
        self.page.wait_for_function(
            "k => +[...document.querySelectorAll('.vi-panel')].at(-1)"
            ".querySelector('img[data-k]').dataset.k > k",
            arg=before,
            timeout=timeout,
        )

    def type(self, box, number):
        """Type a number into a box and press Enter."""
        box.click()
        box.press("Control+a")
        box.page.keyboard.type(str(number))
        box.press("Enter")


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _wait(is_done, seconds, complaint, is_alive=lambda: True):
    until = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > until or not is_alive():
            raise RuntimeError(complaint)
        time.sleep(0.2)
