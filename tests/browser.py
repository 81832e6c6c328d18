"""A real browser for tests of pages: headless Chromium, driven over its DevTools protocol."""

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAIT_S = 60.0
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--mute-audio", "--remote-debugging-port=0", "--no-proxy-server",
    "--remote-allow-origins=*", "--window-size=1440,900",
)  # fmt: skip
# name of the key: code, text that it types
KEYS = {
    " ": ("Space", " "), "ArrowLeft": ("ArrowLeft", ""), "ArrowRight": ("ArrowRight", ""),
    "Home": ("Home", ""), "End": ("End", ""), "PageDown": ("PageDown", ""),
    "PageUp": ("PageUp", ""), "Tab": ("Tab", ""), "Enter": ("Enter", "\r"),
    "ArrowUp": ("ArrowUp", ""), "ArrowDown": ("ArrowDown", ""), "Escape": ("Escape", ""),
    "?": ("Slash", "?"), "/": ("Slash", "/"), "0": ("Digit0", "0"), "]": ("BracketRight", "]"),
    "[": ("BracketLeft", "["), "+": ("Equal", "+"), "-": ("Minus", "-"),
}  # fmt: skip
SHIFT, CTRL = 8, 2


def find_browser() -> str | None:
    """Return the program, or None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class BrowserError(Exception):
    """The browser refused something, or a script in the page threw."""


class Page:
    """One tab.

    Attributes
    ----------
    errors
        What the page logged as errors or threw.
    asked
        Addresses that it fetched.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self.errors: list[str] = []
        self.asked: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = str(attached["sessionId"])
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._call(f"{domain}.enable")

    def open(self, url: str) -> None:
        self._call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def reload(self) -> None:
        self.run("window.before = true")
        self._call("Page.reload")
        self.wait("window.before === undefined && document.readyState === 'complete'")

    def run(self, script: str) -> object:
        """Evaluate a script, and wait for it if it is a promise."""
        answer = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(json.dumps(answer["exceptionDetails"]))
        result = answer["result"]
        assert isinstance(result, dict)
        return result.get("value")

    def wait(self, condition: str) -> None:
        """Wait until a script is true."""
        end_s = time.monotonic() + WAIT_S
        while time.monotonic() < end_s:
            try:
                if self.run(condition):
                    return
            except BrowserError:
                pass  # the page is between two documents
            time.sleep(0.03)
        raise AssertionError(f"never came true: {condition}")

    def press(self, key: str, modifiers: int = 0) -> None:
        code, text = KEYS.get(key, (f"Key{key.upper()}", key))
        if modifiers & CTRL:
            text = ""
        event: dict[str, object] = {"key": key, "code": code, "modifiers": modifiers}
        if key == "Escape":  # what the browser itself does goes by the number of the key
            event["windowsVirtualKeyCode"] = 27
        self._call("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
        self._call("Input.dispatchKeyEvent", type="keyUp", **event)

    def click(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1,
                buttons=1,
            )  # fmt: skip

    def call(self, method: str, **parameters: object) -> dict[str, object]:
        """Ask the tab for anything of the DevTools protocol."""
        return self._call(method, **parameters)

    def text(self, name: str) -> str:
        return str(self.run(f"document.getElementById({name!r}).textContent"))

    def dark(self, on: bool) -> None:
        value = "dark" if on else "light"
        features = [{"name": "prefers-color-scheme", "value": value}]
        self._call("Emulation.setEmulatedMedia", features=features)

    def size(self, width: int, height: int) -> None:
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def screenshot(self, path: Path) -> None:
        data = self._call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(str(data)))

    def _call(self, method: str, **parameters: object) -> dict[str, object]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv(timeout=WAIT_S))
            if answer.get("id") == number:
                break
            self._note(answer)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']}")
        result = answer["result"]
        assert isinstance(result, dict)
        return result

    def _note(self, event: dict[str, object]) -> None:
        method, values = event.get("method"), event.get("params")
        if method == "Runtime.exceptionThrown" or (
            method == "Log.entryAdded" and "'level': 'error'" in str(values)
        ):
            self.errors.append(json.dumps(values))
        if method == "Network.requestWillBeSent" and isinstance(values, dict):
            self.asked.append(str(values["request"]["url"]))


@contextmanager
def browsing(profile: Path) -> Iterator[Page]:
    """Start the browser with a fresh profile in a folder, and give one tab."""
    program = find_browser()
    assert program is not None
    process = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "HOME": str(profile)},
    )
    try:
        with connect(_address(profile, process), max_size=None, proxy=None) as socket:
            yield Page(socket)
    finally:
        # the browser and its helpers, which are a group of their own
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _address(profile: Path, process: "subprocess.Popen[bytes]") -> str:
    file = profile / "DevToolsActivePort"
    end_s = time.monotonic() + WAIT_S
    while time.monotonic() < end_s and process.poll() is None:
        lines = file.read_text().splitlines() if file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise AssertionError("the browser did not start")
