"""Draws docs/figures/run.svg: what a terminal shows of ``unstuck train digits``.

The command runs in a terminal of 80 columns; what stands on it at the end is drawn, colors and
all. The times in the picture are those of the machine that this script ran on.
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS = 80
LIGHT = TerminalTheme(
    (255, 255, 255),
    (34, 39, 46),
    [
        (34, 39, 46), (190, 40, 40), (0, 128, 92), (150, 100, 0),
        (11, 99, 165), (142, 74, 158), (0, 117, 133), (107, 116, 128),
    ],
)  # fmt: skip
FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
UP = re.compile(r"\x1b\[(\d*)A")
REDRAWN = re.compile(r"\x1b\[\d*[AK]|\x1b\[\?25[lh]")


def shown(command: list[str], folder: str) -> str:
    """What a terminal shows at the end of a command, with its colors."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, COLUMNS))
    variables = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    variables |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(command, cwd=folder, env=variables, **ends) as process:
        os.close(theirs)
        received = bytearray()
        with contextlib.suppress(OSError):  # how the end of a terminal's output is told on Linux
            while data := os.read(ours, 1 << 16):
                received += data
    os.close(ours)
    text = received.decode()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{text}")
    return final(text)


def final(stream: str) -> str:
    """Of every line, what was drawn last; what the cursor went up to was drawn over."""
    lines: list[str] = []
    for line in stream.replace("\r\n", "\n").split("\n"):
        over = sum(int(count or 1) for count in UP.findall(line))
        del lines[len(lines) - over :]
        last = line.split("\r")[-1]
        lines.append(REDRAWN.sub("", last).rstrip())
    return "\n".join(lines).strip("\n")


def main() -> None:
    """Run the command and draw."""
    found = shutil.which("unstuck", path=str(Path(sys.executable).parent))
    assert found, "install unstuck next to this Python first"
    with tempfile.TemporaryDirectory() as folder:
        text = shown([found, "train", "digits"], folder)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), highlight=False)
    console.print("[bold]$ unstuck train digits[/]")
    console.print(Text.from_ansi(text + "\n"), soft_wrap=True)
    drawn = console.export_svg(title="unstuck", theme=LIGHT, unique_id="run")
    drawn = FONT_FACE.sub("", drawn).replace("Fira Code", "Menlo, Consolas, DejaVu Sans Mono")
    drawn = drawn.replace('stroke="rgba(255,255,255,0.35)"', 'stroke="#c8ced6"')
    Path(__file__).with_suffix(".svg").write_text(drawn, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
