"""Chromium without a window, asked through its own pipe: no driver, no network."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
    "--remote-debugging-pipe",
)
PLACED = (
    "import os, sys; reads, writes = map(int, sys.argv[1:3]);"
    "[os.dup2(*each) for each in ((reads, 30), (writes, 31), (30, 3), (31, 4))];"
    "os.execv(sys.argv[3], sys.argv[3:])"
)
"""Gives the browser the pipes that it looks for, whatever numbers they have."""


def installed():
    """The program, or a skipped test that says why."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    pytest.skip("looks at pages in Chromium, which is not installed here")


class Page:
    """A page of a browser.

    Attributes:
        problems: what its console said of errors, and what it failed to load.
        asked: every address that it asked for.
    """

    def __init__(self, program, folder):
        reads, self._write = os.pipe()
        self._read, writes = os.pipe()

        self.process = subprocess.Popen(
            [sys.executable, "-c", PLACED, str(reads), str(writes), program, *FLAGS,
             f"--user-data-dir={folder}"],
            pass_fds=(reads, writes), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(reads)
        os.close(writes)
        self._rest, self._number, self.session = b"", 0, None
        self.problems, self.asked, self._loaded = [], [], 0
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for part in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{part}.enable")

    def call(self, method, **parameters):
        """The result of a command."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters}
        if self.session:
            asked["sessionId"] = self.session
        os.write(self._write, json.dumps(asked).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, told["error"]
                return told["result"]

    def _next(self):
        while b"\0" not in self._rest:
            more = os.read(self._read, 1 << 16)
            assert more, "the browser has ended"
            self._rest += more
        one, _, self._rest = self._rest.partition(b"\0")
        told = json.loads(one)
        self._heard(told.get("method", ""), told.get("params", {}))
        return told

    def _heard(self, event, told):
        if event == "Runtime.exceptionThrown":
            self.problems.append(told["exceptionDetails"]["text"])
        elif event == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.problems.append(told["entry"]["text"])
        elif event == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
            self.problems.append(str(told["args"]))
        elif event == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        elif event == "Page.loadEventFired":
            self._loaded += 1

    def open(self, path, width=1200, dark=False):
        """Show a file, as wide as that, on a light or a dark system."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800,
                  deviceScaleFactor=1, mobile=width < 600)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media="", features=[scheme])
        before = self._loaded
        self.call("Page.navigate", url=path.absolute().as_uri())
        while self._loaded == before:
            self._next()
        return self

    def says(self, expression):
        """The value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def picture(self, whole=True):
        """The page as PNG."""
        more = {"captureBeyondViewport": True} if whole else {}
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {**size, "scale": 1}
        found = self.call("Page.captureScreenshot", format="png", clip=clip, **more)
        return base64.b64decode(found["data"])

    def end(self):
        """Stop the browser."""
        self.process.kill()
        self.process.wait()
        os.close(self._read)
        os.close(self._write)

    def paper(self):
        """The page as PDF."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])


@contextlib.contextmanager
def browser():
    """A page to open files in."""
    with tempfile.TemporaryDirectory() as folder:
        page = Page(installed(), folder)
        try:
            yield page
        finally:
            page.end()
