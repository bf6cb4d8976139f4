"""What the drawing of a graph shows: boxes with text, and arrows between them."""

from __future__ import annotations

import graphlib
import itertools
import math
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unstuck.aligned import cut
from unstuck.graph import Graph, Node
from unstuck.summary import MOST_NUMBERS, number, summary

MOST_BOXES = 100
"""Graphs with more boxes are folded by layer."""
MOST_FOLDED = 64
"""Folded graphs with more boxes are folded again, neighbors together."""
MOST_STEPS = 16
"""Boxes into which a graph without layers is folded, about."""
MOST_ARGUMENTS = 8
"""Arguments outside of layers up to which they have boxes of their own in a folded graph."""
MOST_KINDS = 3
"""Operations of a folded box that are counted by name."""
WIDEST = 34
"""Characters of a line of text."""


class Text(NamedTuple):
    """A line of text in a box: a ``name``, an ``operation``, a ``value`` or a ``derivative``."""

    kind: str
    text: str


@dataclass(frozen=True)
class Box:
    """A node, or several folded into one.

    Attributes:
        name: of the node, or of what was folded.
        role: as in ``Node``; ``folded`` for several nodes.
        lines: what is written in it, the name first.
        layer: the layer around it, or ``None``.
    """

    name: str
    role: str
    lines: tuple[Text, ...]
    layer: str | None = None


class Arrow(NamedTuple):
    """An array on its way from one box to another, by their positions; its shape as text."""

    source: int
    target: int
    shape: str


@dataclass(frozen=True)
class Sketch:
    """Boxes, arrows, and sentences for the caption."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    caption: tuple[str, ...]


def sketch(graph: Graph) -> Sketch:
    """What is drawn of a graph: every node, or every layer where there are many nodes.

    Numbers in the code are written where they are used.
    """
    shown = [node for node in graph.nodes if not _is_written_elsewhere(graph, node)]
    layers = _layers(graph)
    if len(shown) > MOST_BOXES:
        return _folded(graph, shown, layers)
    boxes = [Box(n.name, n.role, _lines(graph, n), layers[n.index]) for n in shown]
    keys = {node.index: position for position, node in enumerate(shown)}
    return Sketch(tuple(boxes), _arrows(graph, shown, keys), _caption(graph))


def _is_written_elsewhere(graph: Graph, node: Node) -> bool:
    return node.role == "constant" and not node.shape and node.index not in graph.outputs


def _layers(graph: Graph) -> list[str | None]:
    """The layer of every node; a parameter or constant outside of layers is its first user's."""
    layers = [node.layer for node in graph.nodes]
    if not _in_order(graph, layers):
        layers = _visits(graph)
    seen: set[int] = set()
    for node in graph.nodes:
        for parent in node.parents:
            other = graph.nodes[parent]
            if parent not in seen and other.role in ("parameter", "constant"):
                layers[parent] = layers[parent] or layers[node.index]
            seen.add(parent)
    return layers


def _in_order(graph: Graph, layers: Sequence[str | None]) -> bool:
    """Whether no layer gets back what it has sent to others."""
    boxes = [layer or node.index for layer, node in zip(layers, graph.nodes, strict=True)]
    before: dict[Any, set[Any]] = {box: set() for box in boxes}
    for node, box in zip(graph.nodes, boxes, strict=True):
        before[box] |= {boxes[parent] for parent in node.parents} - {box}
    try:
        graphlib.TopologicalSorter(before).prepare()
    except graphlib.CycleError:
        return False
    return True


def _visits(graph: Graph) -> list[str | None]:
    """Layers by visit where they are visited again and again: ``encoder``, ``encoder (2)``."""
    visits: Counter[str] = Counter()
    layers: list[str | None] = []
    current = None
    for node in graph.nodes:
        if node.layer and node.parents and node.layer != current:
            current = node.layer
            visits[current] += 1
        times = visits[node.layer] if node.layer and node.parents else 1
        layers.append(f"{node.layer} ({times})" if times > 1 else node.layer)
    return layers


# One node


def _lines(graph: Graph, node: Node) -> tuple[Text, ...]:
    lines = [Text("name", cut(node.name, WIDEST))]
    if node.parents:
        lines.append(Text("operation", _operation(graph, node)))
    lines += _numbers("value", "value", node.value)
    return tuple(lines + _numbers("derivative", *_derivative(graph, node)))


def _derivative(graph: Graph, node: Node) -> tuple[str, Any]:
    return ("tangent", node.tangent) if graph.mode == "forward" else ("adjoint", node.adjoint)


def _operation(graph: Graph, node: Node) -> str:
    names = ", ".join(_argument(graph.nodes[parent]) for parent in node.parents)
    whole = f"{node.label} of {names}" if " " in node.label else f"{node.label}({names})"
    told = whole if len(whole) <= WIDEST else node.label
    detailed = f"{told} {node.detail}"
    return detailed if node.detail and len(detailed) <= WIDEST else cut(told, WIDEST)


def _argument(node: Node) -> str:
    if node.role == "constant" and not node.shape:
        return number(node.value[()])
    return node.name.rpartition("/")[2] or node.name


def _numbers(kind: str, heading: str, array: Any) -> list[Text]:
    """All numbers of a small array, a matrix in its rows; one line for anything else."""
    if array is None:
        return []
    array, heading = np.asarray(array), heading.ljust(7)
    room = WIDEST - len(heading) - 1
    rows = _matrix(array)
    if not rows:
        array = array[0] if array.ndim == 2 and len(array) == 1 else array
        small = 0 < array.size <= MOST_NUMBERS
        rows = textwrap.wrap(summary(array, MOST_NUMBERS * WIDEST if small else room), room)
    blank = " " * len(heading)
    return [Text(kind, f"{blank if i else heading} {row}") for i, row in enumerate(rows)]


def _matrix(array: np.ndarray) -> list[str]:
    """The rows of a small matrix, its columns under each other; nothing for other arrays, and for
    a single row that is too long for a line."""
    if array.ndim != 2 or not 0 < array.size <= MOST_NUMBERS:
        return []
    if len(array) == 1:
        row = "  ".join(number(x) for x in array[0])
        return [row] if len(row) <= WIDEST - 8 else []
    texts = [[number(x) for x in row] for row in array]
    width = max(len(text) for row in texts for text in row)
    return ["  ".join(text.rjust(width) for text in row) for row in texts]


# Arrows and caption


def _arrows(graph: Graph, shown: Iterable[Node], box_of: dict[int, int]) -> tuple[Arrow, ...]:
    found: dict[tuple[int, int], str] = {}
    for node in shown:
        for parent in node.parents:
            ends = box_of.get(parent), box_of[node.index]
            if ends[0] is not None and ends[0] != ends[1]:
                found.setdefault((ends[0], ends[1]), _shape(graph.nodes[parent]))
    return tuple(Arrow(*ends, shape) for ends, shape in found.items())


def _shape(node: Node) -> str:
    return f"({', '.join(map(str, node.shape))})" if node.shape else ""


def _caption(graph: Graph, *more: str) -> tuple[str, ...]:
    return tuple(filter(None, (*more, graph.missing, *graph.notes)))


# Many nodes


def _folded(graph: Graph, shown: Sequence[Node], layers: Sequence[str | None]) -> Sketch:
    if any(layers):
        groups = _gathered(_groups(graph, shown, layers), layers)
    else:
        groups = _by_steps(graph, shown)
    box_of = {node.index: place for place, group in enumerate(groups) for node in group}
    boxes = tuple(
        Box(group[0].name, group[0].role, _lines(graph, group[0]))
        if len(group) == 1
        else _folded_box(graph, group, layers, "" if any(layers) else f"step {place + 1}")
        for place, group in enumerate(groups)
    )
    said = [f"{len(graph.nodes):,} nodes, folded into {len(boxes)} boxes."]
    said += ["A step holds what is about as far from the output."] * (not any(layers))
    return Sketch(boxes, _arrows(graph, shown, box_of), _caption(graph, *said))


def _groups(graph: Graph, shown: Sequence[Node], layers: Sequence[str | None]) -> list[list[Node]]:
    """The nodes of every layer; what is between layers, by the first layer that it feeds.

    Outputs stay alone, and so do arguments outside of layers where there are only a few.
    """
    order = {name: place for place, name in enumerate(dict.fromkeys(filter(None, layers)))}
    feeds, users = [math.inf] * len(graph.nodes), list(range(len(graph.nodes)))
    for node in reversed(graph.nodes):
        layer = layers[node.index]
        for parent in node.parents:
            users[parent] = node.index if not graph.nodes[parent].parents else parent
            feeds[parent] = min(feeds[parent], order[layer] if layer else feeds[node.index])
    arguments = [n for n in shown if n.role in ("input", "parameter") and not layers[n.index]]
    groups: dict[Any, list[Node]] = {}
    for node in sorted(shown, key=lambda node: users[node.index]):
        few = node in arguments and len(arguments) <= MOST_ARGUMENTS
        alone = node.role == "output" or few
        key: Any = layers[node.index] or feeds[node.index]
        groups.setdefault(node if alone else key, []).append(node)
    return list(groups.values())


def _by_steps(graph: Graph, shown: Sequence[Node]) -> list[list[Node]]:
    """What is as many operations away from the outputs, together: arrows then run from box to box.

    Outputs stay alone, and so do arguments where there are only a few.
    """
    ahead = [0] * len(graph.nodes)
    for node in reversed(graph.nodes):
        for parent in node.parents:
            ahead[parent] = max(ahead[parent], ahead[node.index] + 1)
    arguments = [node for node in shown if node.role in ("input", "parameter")]
    few = arguments if len(arguments) <= MOST_ARGUMENTS else []
    alone = [[node] for node in shown if node.role == "output" or node in few]
    left = sorted(
        (node for node in shown if node.role != "output" and node not in few),
        key=lambda node: -ahead[node.index],
    )
    share = len(left) / MOST_STEPS
    groups: list[list[Node]] = []
    for _, step in itertools.groupby(left, lambda node: ahead[node.index]):
        members = list(step)
        if groups and len(groups[-1]) + len(members) / 2 <= share:
            groups[-1] += members
        else:
            groups.append(members)
    return [*alone[: len(few)], *groups, *alone[len(few) :]] if few else [*groups, *alone]


def _gathered(groups: list[list[Node]], layers: Sequence[str | None]) -> list[list[Node]]:
    """Groups that fit a page: what is outside of layers and large is cut, neighbors are joined."""
    parts = MOST_FOLDED // (8 if any(layers) else 2)
    size = math.ceil(sum(map(len, groups)) / parts)
    cut: list[list[Node]] = []
    for group in groups:
        step = len(group) if layers[group[0].index] else size
        cut += (group[i : i + step] for i in range(0, len(group), step))
    size = math.ceil(len(cut) / MOST_FOLDED)
    joined = [cut[i : i + size] for i in range(0, len(cut), size)]
    return [list(itertools.chain.from_iterable(part)) for part in joined]


def _folded_box(graph: Graph, group: list[Node], layers: Sequence[str | None], called: str) -> Box:
    computed = [node for node in group if node.parents] or group
    last = computed[-1]
    names = list(dict.fromkeys(layers[node.index] for node in group))
    ends = [name for name in (names[0], names[-1]) if name] or [computed[0].name, last.name]
    name = called or " … ".join(dict.fromkeys(ends))
    kinds = Counter(node.label for node in computed if node.parents)
    heading, derivative = _derivative(graph, last)
    lines = [Text("name", cut(name, WIDEST)), Text("operation", _count(len(computed), "operation"))]
    if not any(names) and kinds:
        most = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(MOST_KINDS))
        lines[1] = Text("operation", cut(most + ", ..." * (len(kinds) > MOST_KINDS), WIDEST))
    lines += _norm("value", "value", [last.value])
    lines += _norm("derivative", heading, [derivative])
    leaves = [node for node in group if node.role == "parameter"]
    if graph.mode == "reverse":
        lines += _norm("derivative", "gradient", [node.adjoint for node in leaves])
    return Box(name, "folded", tuple(lines))


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _norm(kind: str, heading: str, arrays: list[Any]) -> list[Text]:
    """The Euclidean norm of all numbers; nothing where there are none."""
    found = [np.asarray(a) for a in arrays if a is not None]
    if not found or any(a.dtype.kind == "O" for a in found):
        return []
    norm = math.hypot(*(float(np.linalg.norm(np.abs(a).astype(np.float64))) for a in found))
    return [Text(kind, f"{heading:<8} norm {number(norm)}")]
