"""Pictures in points, written as SVG and PNG by one renderer."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from unstuck.drawing.colors import INK, BoxLook
from unstuck.drawing.layout import FONT_SIZE, Area, text_width
from unstuck.errors import FileError
from unstuck.persistence.atomic import named_path, replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARGIN = 14.0
DPI = 144
LARGEST_SIDE = 30_000
"""Pixels of a PNG."""
STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "unstuck", "font.family": "monospace"}


def svg(draw: Callable[[Any], Figure], shown: Any) -> str:
    """The picture of a thing as SVG, its text as text.

    Arguments:
        draw: ``draw(shown)``, its figure.
        shown: the thing.
    """
    file = io.BytesIO()
    _write(draw, shown, file, "svg")
    return file.getvalue().decode("utf-8")


def save(draw: Callable[[Any], Figure], shown: Any, path: str | Path) -> Path:
    """Write the picture of a thing to an ``.svg`` or ``.png`` file, whole or not at all.

    Arguments:
        draw, shown: as in ``svg``.

    Returns:
        The path.

    Raises:
        FileError: another ending, or the file cannot be written.
    """
    path = Path(named_path(path))
    kind = picture_kind(path)
    with replacing(path) as file:
        _write(draw, shown, file, kind)
    return path


def picture_kind(path: Path) -> str:
    """``"svg"`` or ``"png"``, by the path's ending.

    Raises:
        FileError: it is another.

    Example:
        >>> picture_kind(Path("graph.PNG"))
        'png'
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("svg", "png"):
        raise FileError(
            f"Cannot write {str(path)!r}: pictures are written as .svg or .png. Name the file "
            f"{str(path.with_suffix('.svg')) if path.name else 'graph.svg'!r}."
        )
    return kind


def _write(
    draw: Callable[[Any], Figure], shown: Any, file: BinaryIO | io.BytesIO, kind: str
) -> None:
    with _style():
        figure = draw(shown)
        side = max(figure.get_size_inches())
        dpi = 72 if kind == "svg" else min(DPI, LARGEST_SIDE / side)
        # Without a date the same numbers give the same file.
        metadata = {"Date": None, "Creator": "unstuck"} if kind == "svg" else {}
        figure.savefig(file, format=kind, dpi=dpi, metadata=metadata)


@contextlib.contextmanager
def _style() -> Iterator[None]:
    import matplotlib

    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        # A character that the font lacks is a square in PNG and right in SVG.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        yield


def page(area: Area) -> tuple[Figure, Axes]:
    """An empty figure of the size of an area, and axes in whose points one draws.

    The font is measured in the same points; y grows downwards, as lines of text do.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(area.width / 72, area.height / 72), facecolor="white")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(area.x, area.x + area.width)
    axes.set_ylim(area.y + area.height, area.y)
    return figure, axes


def frame(axes: Axes, area: Area, look: BoxLook, shrunk: float = 0.0) -> None:
    """Draw the border of an area and fill it.

    Arguments:
        shrunk: points by which it is smaller on each side.
    """
    from matplotlib.patches import FancyBboxPatch

    corner = min(look.corner, area.height / 2) - shrunk
    style = f"round,pad=0,rounding_size={corner}" if corner > 0 else "square,pad=0"
    patch = FancyBboxPatch(
        (area.x + shrunk, area.y + shrunk),
        area.width - 2 * shrunk,
        area.height - 2 * shrunk,
        boxstyle=style,
        facecolor=look.fill,
        edgecolor=look.edge,
        linewidth=look.width,
        linestyle=(0, (3, 2)) if look.dashed else "solid",
        clip_on=False,
    )
    axes.add_patch(patch)


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    color: str = INK,
    size: float = FONT_SIZE,
    centered: bool = False,
    bold: bool = False,
) -> Any:
    """Write a line of text.

    Arguments:
        x, y: its left end, or its middle if it is centered; half the height of its letters.
        text: anything; what cannot be printed is replaced.
        size: of the font, in points.

    Returns:
        matplotlib's text, the last where it is in pieces.
    """
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    # SVG makes one space of several, and none of the first: what stands after a gap has a place of
    # its own.
    pieces = [(0, printable)] if centered else _apart(printable)
    for column, piece in pieces:
        written = axes.text(
            x + text_width(printable[:column]) * size / FONT_SIZE,
            y,
            piece,
            color=color,
            fontsize=size,
            weight="bold" if bold else "normal",
            ha="center" if centered else "left",
            va="center_baseline",
            parse_math=False,
        )
    return written


def _apart(text: str) -> list[tuple[int, str]]:
    """The pieces between gaps of a text, and where each begins.

    Example:
        >>> _apart("value     1    -2"), _apart("a b")
        ([(0, 'value'), (10, '1'), (15, '-2')], [(0, 'a b')])
    """
    found = [(each.start(), each.group()) for each in re.finditer(r"\S+(?: \S+)*", text)]
    return found or [(0, text)]
