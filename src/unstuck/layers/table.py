"""Every kind of layer there is, by the name of its class: what a file may name."""

from __future__ import annotations

from unstuck.layers.dense import Dense
from unstuck.layers.layer import Layer
from unstuck.layers.winners import Winners

LAYERS: dict[str, type[Layer]] = {kind.__name__: kind for kind in (Dense, Winners)}
