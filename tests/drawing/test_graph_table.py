"""The printed table of a graph."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from graphs import deep_network, graph_of, node, small_graph

from unstuck.summary import summary


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
    assert str(graph_of(nodes, (2,), "values")).splitlines()[3].split()[:4] == [
        "u1", "tanh", "x,", "weights",
    ]  # fmt: skip


def test_modes_have_their_column():
    for mode, last in (("reverse", "adjoint"), ("forward", "tangent"), ("values", "value")):
        graph = graph_of(small_graph().nodes, (4,), mode)
        assert str(graph).splitlines()[0].split()[-1] == last


@pytest.mark.parametrize("depth", [1, 4, 50])
def test_tables_of_networks_fit_a_terminal(depth):
    lines = str(deep_network(depth)).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 64


def test_numbers_are_never_cut():
    """Not "±" and not a digit, however long names and numbers are."""
    rng = np.random.default_rng(0)
    nodes = (
        node(0, "parameters/a_long_name_of_a_layer/weights", "parameter",
             value=rng.normal(size=9) / 1e5, adjoint=rng.normal(size=9) / 1e5),
        node(1, "x", "input", value=np.full((3, 1), -0.0006603), adjoint=np.full((3, 1), -2.0)),
        node(2, "u1", parents=(0, 1), value=-rng.random((7, 7)) / 1e5,
             adjoint=rng.random((7, 7)) / 1e5),
    )  # fmt: skip
    lines = str(graph_of(nodes, (2,), "reverse")).splitlines()
    assert max(map(len, lines)) <= 80
    for each, line in zip(nodes, lines[1:], strict=True):
        assert summary(each.value) in line
        assert summary(each.adjoint) in line


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
    lines = str(graph_of(nodes, (499,), "values")).splitlines()
    assert lines[31] == "... 440 more rows: graph.nodes has them all"
    assert (lines[1].split()[0], lines[-1].split()[0]) == ("x", "u499")
    assert len(lines) == 62


def test_long_names_lose_their_middle_and_numbers_stay():
    nodes = (
        node(0, "parameters/" + "a" * 70, "parameter", value=np.linspace(0, 1, 50)),
        node(1, "b" * 60, "input", value=np.full((3, 4, 5), -0.0123456)),
        node(2, "u1", "output", parents=(0, 1), value=1.25, adjoint=np.float64(1)),
    )
    text = str(graph_of(nodes, (2,), "reverse"))
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
