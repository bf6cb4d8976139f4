"""A drawn figure as SVG that is a part of a page: text as text, colors by the page, own names."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from unstuck.drawing.axes import figure_of, style
from unstuck.drawing.style import STYLE
from unstuck.report.document.palette import painted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 4.3
"""Inches; as wide as a phone, so that letters need not shrink there."""

_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DIGITS = re.compile(r"(\.\d\d)\d+")
_PAGE_STYLE: Any = {
    **STYLE,
    "svg.fonttype": "none",
    "font.size": 9.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "normal",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def drawing(height: float, width: float = WIDTH) -> AbstractContextManager[Figure]:
    """A figure to draw on, in the style of a page.

    Arguments:
        height, width: in inches.
    """
    pads = {"w_pad": 0.04, "h_pad": 0.04, "wspace": 0.04, "hspace": 0.05}
    return figure_of(width, height, _PAGE_STYLE, **pads)


def inline(figure: Figure, name: str, says: str) -> str:
    """The figure as an element of a page.

    Arguments:
        figure: drawn.
        name: of the figure; every name inside begins with it.
        says: what is to be seen, for those who cannot see it.
    """
    root = ElementTree.fromstring(_saved(figure))
    _clean(root)
    for element in root.iter():
        _own(element, name)
    width, height = root.get("viewBox", "0 0 1 1").split()[2:]
    root.attrib = {
        "viewBox": f"0 0 {width} {height}",
        "role": "img",
        "aria-labelledby": f"{name}-says",
        "class": "drawn",
    }
    title = ElementTree.Element("title", {"id": f"{name}-says"})
    title.text = says
    root.insert(0, title)
    return ElementTree.tostring(root, encoding="unicode")


def _saved(figure: Figure) -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    file = io.BytesIO()
    none = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with warnings.catch_warnings(), style(_PAGE_STYLE), _quiet_fonts():
        warnings.simplefilter("ignore")  # letters that its own font lacks: a page has others
        FigureCanvasSVG(figure).print_svg(file, metadata=none)  # savefig draws everything twice
    return file.getvalue()


@contextmanager
def _quiet_fonts() -> Iterator[None]:
    """Fonts are chosen by the page, so nobody has to be told which are missing here."""
    log = logging.getLogger("matplotlib.font_manager")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _clean(root: ElementTree.Element) -> None:
    """Remove what a page has itself: metadata, and style sheets that would reach all of it."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("metadata", "style"):
                parent.remove(child)


def _own(element: ElementTree.Element, name: str) -> None:
    """Plain names for tags, colors as variables, and references inside this figure."""
    element.tag = element.tag.replace(_SVG, "")
    found = {}
    for key, value in element.attrib.items():
        if key == "id":
            value = f"{name}-{value}"
        elif key == _LINK + "href":
            key, value = "href", value.replace("#", f"#{name}-", 1)
        elif key in ("d", "transform", "x", "y"):
            value = " ".join(_DIGITS.sub(r"\1", value).split())
        value = _REFERENCE.sub(rf"url(#{name}-\1)", value)
        found[key] = painted(value) if key in ("style", "fill", "stroke") else value
    element.attrib = found
