"""A text for the terminal, and a figure for a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple


class Show(NamedTuple):
    """What is shown.

    Attributes:
        text: for a terminal: tables, and the figure in characters where that is possible.
        save: ``save(path)`` writes the figure to an SVG or PNG file.
    """

    text: str
    save: Callable[[Path], Any]
