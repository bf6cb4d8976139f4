"""Showing a thing as text and as a picture, without knowing what draws it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple


class View(NamedTuple):
    """How one kind of thing is shown: handed to it by whoever makes it.

    Attributes:
        text: ``text(shown)``, for ``print``.
        svg: ``svg(shown)``, a picture as SVG, for notebooks.
        save: ``save(shown, path)`` writes the picture to a file and returns the path.
    """

    text: Callable[[Any], str]
    svg: Callable[[Any], str]
    save: Callable[[Any, str | Path], Path]


class Shown:
    """What has a ``view``: printed, drawn, and shown by notebooks through it."""

    view: View

    def draw(self, path: str | Path) -> Path:
        """Write the picture to an ``.svg`` or ``.png`` file.

        Arguments:
            path: of the file, which is replaced.

        Returns:
            The path.

        Raises:
            FileError: another ending, or the file cannot be written.
        """
        return self.view.save(self, path)

    def __str__(self) -> str:
        return self.view.text(self)

    __repr__ = __str__

    def _repr_svg_(self) -> str:
        return self.view.svg(self)
