"""Graphs as plain arrays: finding nodes, opening them, the printed table, summaries."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from small import network_of

from unstuck import INITIALIZERS, LOSSES, Graph, Node, trace
from unstuck.autodiff.summary import number, summary
from unstuck.errors import ParameterError
from unstuck.training.objective import Objective


def node(index, name, role="intermediate", parents=(), value=1.0, **more):
    value = np.asarray(value, float)
    operation = more.pop("operation", "tanh" if parents else role)
    return Node(
        index=index, name=name, operation=operation, role=role, shape=value.shape,
        dtype=value.dtype, parents=parents, value=value, **more,
    )  # fmt: skip


def small_graph(**more):
    nodes = (
        node(0, "p/first/weights", "parameter", value=[1.0, 2.0], adjoint=np.ones(2)),
        node(1, "p/second/weights", "parameter", value=[3.0, 4.0], adjoint=np.ones(2)),
        node(2, "c1", "constant", value=0.25),
        node(3, "u1", parents=(0, 2), value=[0.5, -1e-7], operation="mul", adjoint=np.zeros(2)),
        node(4, "u2", "output", parents=(3, 1), value=3.0, operation="dot_general",
             adjoint=np.float64(1)),
    )  # fmt: skip
    return Graph(nodes, (4,), "reverse", **more)


def deep_network(depth, width=4):
    network = network_of((3, *[width] * depth, 2), [*["tanh"] * depth, "softmax"])
    rng = np.random.default_rng(0)
    laws = [INITIALIZERS["glorot_uniform"]] * (depth + 1)
    parameters = network.initialize(laws, rng)
    objective = Objective(network, LOSSES["cross_entropy"])

    def loss(parameters, x, y, w):
        import jax.numpy as jnp

        return objective(parameters, x, y, w, 0.0, jnp)

    x, y = rng.normal(size=(5, 3)), np.eye(2)[[0, 1, 0, 1, 1]]
    return trace(loss, parameters, x, y, np.ones(5))


# Nodes


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
    code = "import sys, unstuck.autodiff.graph as g; print('jax' in sys.modules, g.Node.__name__)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "Node"]


# The table


def test_the_table_of_a_small_graph():
    text = str(small_graph(missing="Nothing is missing.", notes=("A note.",)))
    rows = [line.split() for line in text.splitlines()]
    assert rows[3] == ["u1", "multiply", "first/weights,", "0.25", "(2,)", "[0.5", "-1e-07]", "[0",
                       "0]"]  # fmt: skip
    assert rows[4] == ["u2", "matmul", "u1,", "second/weights", "()", "3", "1"]
    assert text.splitlines()[-2:] == ["Nothing is missing.", "A note."]


def test_a_parameter_of_the_same_layer_is_called_by_its_last_name():
    nodes = (
        node(0, "p/hidden_1/weights", "parameter", layer="hidden_1"),
        node(1, "x", "input"),
        node(2, "u1", parents=(1, 0), layer="hidden_1"),
    )
    assert str(Graph(nodes, (2,), "values")).splitlines()[3].split()[:4] == [
        "u1", "tanh", "x,", "weights",
    ]  # fmt: skip


def test_modes_have_their_column():
    for mode, last in (("reverse", "adjoint"), ("forward", "tangent"), ("values", "value")):
        graph = Graph(small_graph().nodes, (4,), mode)
        assert str(graph).splitlines()[0].split()[-1] == last


@pytest.mark.parametrize("depth", [1, 4, 50])
def test_tables_of_networks_fit_a_terminal(depth):
    lines = str(deep_network(depth)).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 64


def test_large_networks_are_folded_by_layer():
    graph = deep_network(30)
    lines = str(graph).splitlines()
    rows = {line.split()[1]: line for line in lines}
    assert [name for name in rows if "hidden_" in name] == [f"hidden_{i + 1}" for i in range(30)]
    assert not any("hidden_7/weights" in line for line in lines)
    # The row of a layer ends with the numbers of its output.
    output = [n for n in graph.nodes if n.layer == "hidden_7"][-1]
    assert rows["hidden_7"].split()[0].endswith(f"..{output.name}")
    assert summary(output.value) in rows["hidden_7"]
    assert rows["hidden_7"].endswith(summary(output.adjoint))
    assert "penalty" in rows


def test_the_middle_of_a_long_graph_is_left_out():
    nodes = [node(0, "x", "input")]
    nodes += [node(i, f"u{i}", parents=(i - 1,)) for i in range(1, 500)]
    lines = str(Graph(tuple(nodes), (499,), "values")).splitlines()
    assert lines[31] == "... 440 more rows: graph.nodes has them all"
    assert (lines[1].split()[0], lines[-1].split()[0]) == ("x", "u499")
    assert len(lines) == 62


def test_long_names_lose_their_middle_and_numbers_stay():
    nodes = (
        node(0, "parameters/" + "a" * 70, "parameter", value=np.linspace(0, 1, 50)),
        node(1, "b" * 60, "input", value=np.full((3, 4, 5), -0.0123456)),
        node(2, "u1", "output", parents=(0, 1), value=1.25, adjoint=np.float64(1)),
    )
    text = str(Graph(nodes, (2,), "reverse"))
    assert max(map(len, text.splitlines())) <= 80
    assert "0.5 ± 0.29" in text
    assert "-0.012 ± 0" in text
    assert "3×4×5" in text
    assert "aaa…aaa" in text


def test_the_table_in_the_documents_is_what_is_printed(capsys):
    text = (Path(__file__).parents[2] / "docs/graph.md").read_text("utf-8")
    code, printed = (re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1] for kind in
                     ("python", "text"))  # fmt: skip
    exec(code, {})
    assert capsys.readouterr().out == printed


def test_sentences_are_wrapped():
    text = str(small_graph(missing="word " * 60))
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("word") == 60


# Summaries


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (3, "3"),
        (0.1234567, "0.1235"),
        (-1.23456e-12, "-1.2e-12"),
        (np.float32(0.1), "0.1"),
        (True, "True"),
        (10**12, "1e+12"),
        ([1, 2, 3], "[1 2 3]"),
        ([[1.0, 2.0], [3.0, 4.5]], "[[1 2] [3 4.5]]"),
        (np.arange(7), "0 to 6"),
        (np.zeros(50), "0 ± 0"),
        (np.array([True, False] * 5), "5 True of 10"),
        (np.array([np.inf, 1.0] * 5), "5 inf of 10"),
        (np.array([np.inf, np.nan] * 5), "5 nan of 10"),
        (np.full(9, 1e300), "1e+300 ± 0"),
        (np.full(9, 3 + 4j), "|z| 5 ± 0"),
        (np.zeros((2, 0)), "empty"),
        (None, ""),
    ],
)
def test_summaries(array, text):
    assert summary(array) == text


@given(
    arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128]),
        arrays.array_shapes(min_dims=0, max_dims=3, max_side=5),
    )
)
def test_summaries_are_short(array):
    assert len(summary(array)) <= 24


def test_numbers_are_read_back_to_their_digits():
    for x in (1.0, -0.12345, 1e-9, 123456.0, -9.87e20, 0.0):
        assert float(number(x)) == pytest.approx(x, rel=0.05)
