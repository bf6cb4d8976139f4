"""A graph as a table that fits a terminal."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Sequence

from unstuck.aligned import WIDTH, aligned
from unstuck.graph import Graph, Node
from unstuck.summary import number, summary

MOST_ROWS = 60
"""Rows up to which every node has one; beyond that layers are folded, then the middle left out."""

NARROWEST = {"name": 13, "operation": 8, "parents": 8}
"""How far columns of words are cut to make a table fit; numbers never are."""


def table(graph: Graph) -> str:
    """The table of a graph: a row a node, or a row a layer where there are many.

    Numbers in the code stand where they are used, in the column of parents. A parameter of the
    node's own layer is called by its last name there.
    """
    names = _short_names(graph.nodes)
    shown = [node for node in graph.nodes if not _is_number(node)]
    rows = [_row(graph, node, names) for node in shown]
    if len(rows) > MOST_ROWS and any(node.layer for node in shown):
        rows = list(_folded(graph, shown, names))
    left_out = len(rows) - MOST_ROWS
    if left_out > 0:
        rows[MOST_ROWS // 2 : MOST_ROWS // 2 + left_out] = []
    lines = aligned([_heading(graph), *rows], narrowest=NARROWEST)
    if left_out > 0:
        lines.insert(1 + MOST_ROWS // 2, f"... {left_out:,} more rows: graph.nodes has them all")
    for sentence in filter(None, (graph.missing, *graph.notes)):
        lines += textwrap.wrap(sentence, WIDTH)
    return "\n".join(lines)


def _heading(graph: Graph) -> list[str]:
    derivative = {"reverse": ["adjoint"], "forward": ["tangent"]}.get(graph.mode, [])
    return ["name", "operation", "parents", "shape", "value", *derivative]


def _row(graph: Graph, node: Node, names: Sequence[str]) -> list[str]:
    parents = ", ".join(_parent(graph, node, parent, names) for parent in node.parents)
    return [names[node.index], node.label, parents, *_numbers(graph, node)]


def _numbers(graph: Graph, node: Node) -> list[str]:
    derivative = {"reverse": [node.adjoint], "forward": [node.tangent]}.get(graph.mode, [])
    shape = "×".join(map(str, node.shape)) if len(node.shape) > 1 else str(node.shape)
    return [shape, summary(node.value), *map(summary, derivative)]


def _is_number(node: Node) -> bool:
    return node.role == "constant" and not node.shape


def _parent(graph: Graph, node: Node, parent: int, names: Sequence[str]) -> str:
    other = graph.nodes[parent]
    if _is_number(other):
        return number(other.value[()])
    own = node.layer is not None and other.layer == node.layer
    return other.name.rpartition("/")[2] if own else names[parent]


def _short_names(nodes: Sequence[Node]) -> list[str]:
    """Paths without the argument's name, where what is left is a name of its own."""
    inside = [node.name.partition("/")[2] for node in nodes]
    taken = {node.name for node in nodes}
    return [
        short
        if short[:1].isalpha() and inside.count(short) == 1 and short not in taken
        else node.name
        for node, short in zip(nodes, inside, strict=True)
    ]


def _folded(graph: Graph, nodes: Sequence[Node], names: Sequence[str]) -> Iterator[list[str]]:
    """A row for the operations of a layer; its parameters are inside."""
    layers = {node.layer for node in nodes if node.parents} - {None}
    outside = [node for node in nodes if node.parents or node.layer not in layers]
    for layer, group in itertools.groupby(outside, _layer_of):
        members = list(group)
        if layer is None or len(members) == 1:
            yield from (_row(graph, node, names) for node in members)
            continue
        inside = {node.index for node in members}
        parents = {p for node in members for p in node.parents if p not in inside}
        entering = [names[p] for p in sorted(parents) if graph.nodes[p].layer != layer]
        last = members[-1]
        name = f"{members[0].name}..{last.name}"
        listed = ", ".join(entering) if len(entering) <= 3 else f"{len(entering)} nodes"
        yield [name, layer, listed, *_numbers(graph, last)]


def _layer_of(node: Node) -> str | None:
    return node.layer
