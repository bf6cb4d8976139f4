"""Graphs as plain arrays: finding nodes, opening them; shown by what was handed in."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from graphs import node, small_graph

from unstuck import Graph, ParameterError
from unstuck.view import View


def test_a_node_is_found_by_its_name_or_the_end_of_its_path():
    graph = small_graph()
    assert graph.node("u1") is graph.nodes[3]
    assert graph.node("second/weights") is graph.nodes[1]
    with pytest.raises(ParameterError, match=r"'weights' fits several nodes; expected one of p/fi"):
        graph.node("weights")
    with pytest.raises(ParameterError, match=r"is no node of this graph.*Did you mean 'p/first/w"):
        graph.node("p/frist/weights")


def test_a_plain_operation_has_nothing_inside():
    with pytest.raises(ParameterError, match="u1 is 'multiply', a plain operation"):
        small_graph().node("u1").open()


def test_opening_hands_on_the_iteration():
    opened = node(0, "u1", inside=lambda iteration: iteration)
    assert opened.calls
    assert (opened.open(), opened.open(3)) == (0, 3)


def test_labels_are_words():
    graph = small_graph()
    assert [n.label for n in graph.nodes[2:]] == ["constant", "multiply", "matmul"]
    assert node(0, "u1", operation="jit", title="where").label == "where"


def test_graphs_need_no_jax():
    code = "import sys, unstuck.graph as g; print('jax' in sys.modules, g.Node.__name__)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "Node"]


def test_a_graph_is_shown_by_the_view_that_it_was_given(tmp_path):
    written = []
    view = View(
        lambda shown: f"{len(shown.nodes)} nodes",
        lambda shown: f"<svg>{len(shown.nodes)}</svg>",
        lambda shown, path: written.append(shown) or path,
    )
    graph = Graph(small_graph().nodes, (4,), "reverse", view)
    assert (str(graph), graph._repr_svg_()) == ("5 nodes", "<svg>5</svg>")
    assert graph.draw(tmp_path / "g.svg") == tmp_path / "g.svg"
    assert written == [graph]
    assert "view" not in repr(graph)


def test_graphs_can_be_sent_to_other_processes():
    graph = small_graph()
    assert str(pickle.loads(pickle.dumps(graph))) == str(graph)
