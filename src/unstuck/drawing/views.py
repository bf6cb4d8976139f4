"""What graphs and backpropagation are shown by, to be handed in to them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from unstuck.drawing import (
    backpropagation_figure,
    backpropagation_table,
    graph_figure,
    graph_table,
    picture,
)
from unstuck.view import View

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _view(text: Callable[[Any], str], draw: Callable[[Any], Figure]) -> View:
    return View(text, functools.partial(picture.svg, draw), functools.partial(picture.save, draw))


GRAPH = _view(graph_table.table, graph_figure.draw)
BACKPROPAGATION = _view(backpropagation_table.table, backpropagation_figure.draw)
