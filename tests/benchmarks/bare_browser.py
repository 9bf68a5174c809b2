"""A headless Chromium that nobody listens to, and a keyboard for it: what a reader has, to be timed.

Playwright follows a page's network traffic and copies every message from the kernel, pictures and all, to its own
process. On two cores that delays the very answer that is to be timed. So Playwright opens the notebook, lets go of the
browser, and the keys come over a connection of their own.

Source of the messages: Chrome DevTools Protocol, domains Input and Runtime.
"""

import contextlib
import json
import subprocess
import time
import urllib.request

import browser
import websocket

START_LIMIT = 30.0  # seconds
ANSWER_LIMIT = 30.0  # seconds
KEY_CODES = {"ArrowLeft": 37, "ArrowRight": 39, "Home": 36}


@contextlib.contextmanager
def chromium(folder):
    """A headless Chromium with its profile in `folder` (a pathlib.Path, not there yet); yields its address."""
    command = [browser.chromium(), "--headless", *browser.CHROMIUM_FLAGS, "--window-size=1300,1000"]
    command += ["--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{_port(process, folder / 'DevToolsActivePort')}"
    finally:
        browser.stop(process)


class Keyboard:
    """Keys for the one page of a Chromium, and questions to it."""

    def __init__(self, address):
        """Connect to the browser's first page."""
        with urllib.request.urlopen(f"{address}/json/list", timeout=10) as answer:
            page = next(target for target in json.load(answer) if target["type"] == "page")
        self._socket = websocket.create_connection(
            page["webSocketDebuggerUrl"], timeout=ANSWER_LIMIT, suppress_origin=True
        )
        self._count = 0

    def press(self, key, seconds):
        """Press a key and hold it for so long, without repeats."""
        self.down(key)
        time.sleep(seconds)
        self.up(key)

    def down(self, key, is_repeat=False):
        """Press a key, or repeat it while it is held."""
        self._send("Input.dispatchKeyEvent", type="rawKeyDown", autoRepeat=is_repeat, **_names(key))

    def up(self, key):
        """Let a key go."""
        self._send("Input.dispatchKeyEvent", type="keyUp", **_names(key))

    def ask(self, expression):
        """The value of a JavaScript expression in the page; a promise is waited for."""
        answer = self._send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']['text']}")
        return answer["result"].get("value")

    def close(self):
        """Let go of the page."""
        self._socket.close()

    def _send(self, method, **parameters):
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._count:
                break
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]


def _names(key):
    return {"key": key, "code": key, "windowsVirtualKeyCode": KEY_CODES[key]}


def _port(process, file):
    """The port that Chromium chose, once it has written it down."""
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(FileNotFoundError, IndexError):
            return int(file.read_text().splitlines()[0])
        time.sleep(0.1)
    raise RuntimeError("Chromium did not start")
