"""Draws docs/figures/units_NAME.svg: the figure of every ``unstuck show NAME``."""

from __future__ import annotations

from pathlib import Path

from unstuck.neuro.shows import SHOWS, show


def main() -> None:
    """Draw."""
    for name in SHOWS:
        show(name).save(Path(__file__).with_name(f"units_{name}.svg"))


if __name__ == "__main__":
    main()
