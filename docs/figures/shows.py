"""Draws docs/figures/show_NAME.svg, the figure of ``unstuck show NAME``: of the names given as
arguments, or of all."""

from __future__ import annotations

import sys
from pathlib import Path

from unstuck.shows.table import SHOWS, show


def main() -> None:
    """Draw."""
    for name in sys.argv[1:] or SHOWS:
        show(name).save(Path(__file__).with_name(f"show_{name}.svg"))


if __name__ == "__main__":
    main()
