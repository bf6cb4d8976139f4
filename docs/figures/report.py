"""Draws docs/figures/report.png and report_layers.png: two views of a report, in Chromium.

    python docs/figures/report.py

The network is sick on purpose: eight layers of sigmoids on the digits.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from unstuck import NetClassifier

HERE = Path(__file__).parent
VIEWS = {
    "report": ("", 1180),
    "report_layers": ("main > section:not(#layers),.top,footer {display:none}", 1500),
}
"""File, a style that hides what it is not about, and height in pixels."""
WIDTH = 1200
COLORS = 250


def write(path: Path) -> None:
    """The report of the sick network."""
    x, y = load_digits(return_X_y=True)
    x, x_new, y, y_new = train_test_split(x, y, random_state=0)
    net = NetClassifier(
        (32,) * 8, activation="logistic", solver="sgd", learning_rate_init=0.01, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.fit(x, y).report(path, x_new, y_new, title="Digits, by eight layers of sigmoids")


def photograph(page: Path, style: str, height: int, path: Path) -> None:
    """A view of a page as PNG, in few colors."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("Chromium is not installed.")
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    size = f"--window-size={WIDTH},{height}"
    taken = page.with_suffix(".png")
    part = page.with_name("part.html")
    text = page.read_text("utf-8")
    part.write_text(text.replace("</head>", f"<style>{style}</style></head>"), "utf-8")
    asked = [program, *flags, size, f"--screenshot={taken}", part.as_uri()]
    subprocess.run(asked, check=True, capture_output=True)
    Image.open(taken).convert("RGB").quantize(
        COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    ).save(path, optimize=True)


def main() -> None:
    """Write both."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        write(page)
        for name, (style, height) in VIEWS.items():
            photograph(page, style, height, HERE / f"{name}.png")


if __name__ == "__main__":
    main()
