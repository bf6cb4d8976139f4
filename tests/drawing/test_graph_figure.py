"""Drawings: what is written in them, where everything is, and the files."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from graphs import graph_of, node
from hypothesis import given, settings
from hypothesis import strategies as st
from small import network_of

from unstuck import INITIALIZERS, LOSSES, FileError, Graph, trace
from unstuck.drawing.colors import BOXES
from unstuck.drawing.columns import in_columns
from unstuck.drawing.layout import LINE_HEIGHT, label_area, place, size_of, text_width
from unstuck.drawing.sketch import MOST_FOLDED, Arrow, Box, Sketch, Text, sketch
from unstuck.training.objective import Objective

PAGE = 1700.0
"""Points: a drawing up to this size is a page one can read."""


def scalar():
    return trace(lambda a, b: a * b + a**2, 0.5, 1.5)


def network(widths=(4, 3, 2), activation="tanh", rows=2):
    import jax.numpy as jnp

    net = network_of(widths, [*[activation] * (len(widths) - 2), "softmax"])
    rng = np.random.default_rng(0)
    parameters = net.initialize([INITIALIZERS["glorot_uniform"]] * (len(widths) - 1), rng)
    objective = Objective(net, LOSSES["cross_entropy"])
    y = np.eye(widths[-1])[rng.integers(0, widths[-1], rows)]
    return trace(
        lambda parameters, x, y, w: objective(parameters, x, y, w, 0.1, jnp),
        parameters, rng.normal(size=(rows, widths[0])), y, np.ones(rows),
    )  # fmt: skip


def deep(layers=50):
    """Plain arrays: a parameter, a product and an add a layer, with a sum over all parameters."""
    nodes = [node(0, "x", "input", value=np.ones(3), adjoint=np.ones(3))]
    for i in range(layers):
        name, at, before = f"layer_{i}", len(nodes), len(nodes) - 1
        nodes += [
            node(at, f"p/{name}", "parameter", value=np.full(3, 2.0), adjoint=np.full(3, 0.5)),
            node(at + 1, f"a{i}", parents=(before, at), value=np.full(3, i), layer=name,
                 adjoint=np.full(3, 0.1)),
            node(at + 2, f"z{i}", parents=(at + 1,), value=np.full(3, 2.0 * i), layer=name,
                 adjoint=np.full(3, 0.2)),
        ]  # fmt: skip
    parameters = tuple(n.index for n in nodes if n.role == "parameter")
    nodes.append(node(len(nodes), "penalty", parents=parameters, adjoint=np.float64(1)))
    ends = (len(nodes) - 2, len(nodes) - 1)
    nodes.append(node(len(nodes), "loss", "output", parents=ends, adjoint=np.float64(1)))
    return graph_of(nodes, (len(nodes) - 1,), "reverse")


def recurrent():
    import jax
    import jax.numpy as jnp

    def function(w, x):
        h = jnp.zeros(2)
        for row in x:
            with jax.named_scope("encoder"):
                h = jnp.tanh(row @ w + h)
            with jax.named_scope("norm"):
                h = h / (1.0 + (h**2).sum())
        return h.sum()

    return trace(function, np.ones((3, 2)), np.ones((3, 3)))


def fan_out():
    import jax.numpy as jnp

    return trace(lambda w: sum(jnp.sin(w * i) for i in range(2, 14)), 0.3)


def empty():
    return graph_of((), (), "values")


GRAPHS = {
    "scalar": scalar,
    "network": network,
    "deep": deep,
    "recurrent": recurrent,
    "fan out": fan_out,
    "single": lambda: trace(lambda w: w, 0.3),
    "empty": empty,
}
MADE: dict[str, Graph] = {}


@pytest.fixture(params=GRAPHS)
def graph(request):
    return MADE.setdefault(request.param, GRAPHS[request.param]())


def texts(graph):
    """Every text of the drawing, in order."""
    root = ET.fromstring(graph._repr_svg_())
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return ["".join(each.itertext()).replace("\N{NO-BREAK SPACE}", " ") for each in found]


def laid_out(drawn):
    folded = any(box.role == "folded" for box in drawn.boxes)
    return in_columns(place(drawn)) if folded else place(drawn)


# What is written


def test_every_node_is_in_the_drawing_with_its_value_and_adjoint():
    graph = network()
    found = texts(graph)
    for each in graph.nodes:
        if each.role == "constant":
            continue
        assert each.name in found
    penalty = next(n for n in graph.nodes if n.role == "output")
    assert f"{float(penalty.value):.4g}" in found
    assert {"value", "adjoint", "adjoint 1"} & set(found) >= {"value", "adjoint 1"}
    assert {"hidden_1", "output", "parameter", "operation", "input"} <= set(found)


def test_numbers_of_small_matrices_stand_in_rows_and_large_arrays_are_summed_up():
    rows = trace(lambda a, b: (a * b).sum(), np.array([[1.0, 2.0], [3.0, -4.5]]), np.ones((2, 2)))
    lines = sketch(rows).boxes[0].lines
    assert [line.text for line in lines] == [
        "a", "value      1     2", "           3  -4.5", "adjoint 1  1", "        1  1",
    ]  # fmt: skip
    wide = np.array([[0.1691, 0.0001498, -5.1e-06], [-0.1851, 5.859e-05, -0.00014]])
    lines = sketch(trace(lambda a: a.sum(), wide)).boxes[0].lines
    assert [line.text for line in lines][1:3] == [
        "value      0.1691  0.0001498   -5.1e-06", "          -0.1851  5.859e-05   -0.00014",
    ]  # fmt: skip
    six = np.array([0.12345, -0.23456, 0.34567, -0.45678, 0.56789, -0.67891])
    lines = sketch(trace(lambda a: a.sum(), six)).boxes[0].lines
    assert [line.text for line in lines] == [
        "a", "value   [0.1235 -0.2346 0.3457", "        -0.4568 0.5679 -0.6789]",
        "adjoint [1 1 1 1 1 1]",
    ]  # fmt: skip
    large = sketch(trace(lambda a: (a**2).sum(), np.arange(8.0))).boxes[0].lines
    assert [line.text for line in large] == ["a", "value   3.5 ± 2.3", "adjoint 7 ± 4.6"]


def test_operations_name_their_arguments_in_order_and_numbers_stand_where_they_are_used():
    drawn = sketch(trace(lambda a, b: (b - a) * 0.5, 1.0, 2.0))
    operations = [
        line.text for box in drawn.boxes for line in box.lines if line.kind == "operation"
    ]
    assert operations == ["subtract(b, a)", "multiply(u1, 0.5)"]


def test_columns_stay_aligned_where_spaces_are_merged():
    """SVG makes one space of several, and viewers drop the first, of whatever kind they are: no
    text has two or begins with one, and what is in one column begins or ends at one place."""
    drawn = trace(lambda a, b: (a * b).sum(), np.array([[1.0, 20.0], [3.0, 4.0]]), np.ones((2, 2)))
    root = ET.fromstring(drawn._repr_svg_())
    written = list(root.iter("{http://www.w3.org/2000/svg}text"))
    found = ["".join(each.itertext()) for each in written]
    assert not any(
        "  " in text or "\N{NO-BREAK SPACE}" in text or text[:1] == " " for text in found
    )
    at = {}
    for text, each in zip(found, written, strict=True):
        moved = re.search(r"translate\(([\d.]+)", each.get("transform", ""))
        at.setdefault(text, float(moved[1]) if moved else float(each.get("x", 0)))
    advance = 0.602 * 7.5
    assert at["3"] - at["1"] == pytest.approx(0.0, abs=0.1)
    assert at["4"] - at["20"] == pytest.approx(advance, abs=0.1)  # both end at one place


def test_shapes_stand_on_arrows_and_a_single_number_needs_none():
    graph = trace(lambda w, x: (x @ w).sum(), np.ones((3, 2)), np.ones((4, 3)))
    assert [arrow.shape for arrow in sketch(graph).arrows] == ["(4, 3)", "(3, 2)", "(4, 2)"]
    assert "(4, 3)" in texts(graph)
    assert not any(arrow.shape for arrow in sketch(scalar()).arrows)


def test_tangents_in_forward_mode():
    graph = trace(lambda w: w**2, 3.0, mode="forward", tangents=1.0)
    assert "tangent 6" in texts(graph)
    assert "tangent: derivative of the node along the given direction." in texts(graph)


def test_what_is_missing_is_said_below():
    graph = trace(lambda w: w * 2, np.ones(3))
    assert graph.missing
    assert graph.missing in " ".join(texts(graph))


def test_names_are_text_whatever_they_hold():
    names = ["<a&b>", "$x_1$", '"quoted"', "日本語", "two\nlines"]
    graph = graph_of((node(i, name, "input") for i, name in enumerate(names)), (), "values")
    assert {*names[:-1], "two\N{REPLACEMENT CHARACTER}lines"} <= set(texts(graph))


def test_long_names_lose_their_middle():
    graph = graph_of((node(0, "start" + 90 * "x" + "end", "input"),), (), "values")
    (name,) = (line.text for line in sketch(graph).boxes[0].lines if line.kind == "name")
    assert len(name) <= 34
    assert name.startswith("start")
    assert name.endswith("end")


def test_roles_differ_without_color():
    """Inputs and outputs are round, parameters angular, outputs have two borders."""
    shapes = {
        role: (look.corner, look.double, look.dashed)
        for role, look in BOXES.items()
        if role != "folded"
    }
    assert len(set(shapes.values())) == len(shapes)


def test_dark_notebooks_see_a_white_page():
    root = ET.fromstring(scalar()._repr_svg_())
    background = next(root.iter("{http://www.w3.org/2000/svg}path"))
    assert "fill: #ffffff" in background.get("style")


# Where everything is


def on_border(point, area):
    x, y = point
    inside_x = area.x - 0.01 <= x <= area.x + area.width + 0.01
    inside_y = area.y - 0.01 <= y <= area.y + area.height + 0.01
    on_x = min(abs(x - area.x), abs(x - area.x - area.width)) < 0.01
    on_y = min(abs(y - area.y), abs(y - area.y - area.height)) < 0.01
    return inside_x and inside_y and (on_x or on_y)


def passes_through(start, end, area):
    """Whether a horizontal or vertical part of an arrow enters a box."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    corner = np.array([area.x, area.y])
    size = np.array([area.width, area.height])
    return bool((low < corner + size - 0.01).all() and (high > corner + 0.01).all())


def check(drawn, layout):
    assert len(layout.boxes) == len(drawn.boxes)
    for box, area in zip(drawn.boxes, layout.boxes, strict=True):
        assert (area.width, area.height) == pytest.approx(size_of(box))
    for one, other in itertools.combinations(layout.boxes, 2):
        assert not one.overlaps(other)
    for route in layout.routes:
        source, target = route.arrow.source, route.arrow.target
        if source < len(drawn.boxes):
            assert on_border(route.points[0], layout.boxes[source])
        if target < len(drawn.boxes):
            assert route.head
            assert on_border(route.points[-1], layout.boxes[target])
        for start, end in itertools.pairwise(route.points):
            assert np.abs(end - start).min() < 1.0  # up, down, or across
            assert not any(passes_through(start, end, area) for area in layout.boxes)
    return layout


def test_boxes_do_not_overlap_and_arrows_end_at_them(graph):
    drawn = sketch(graph)
    check(drawn, laid_out(drawn))


def test_shapes_do_not_stand_in_boxes_nor_on_each_other(graph):
    layout = laid_out(sketch(graph))
    labels = [label_area(route) for route in layout.routes if route.label is not None]
    assert not any(label.overlaps(area) for label in labels for area in layout.boxes)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(labels, 2))


def test_layers_surround_their_boxes_and_no_others(graph):
    drawn = sketch(graph)
    layout = laid_out(drawn)
    for name, around in layout.layers:
        for box, area in zip(drawn.boxes, layout.boxes, strict=True):
            inside = (
                around.x <= area.x
                and around.y <= area.y
                and area.x + area.width <= around.x + around.width
                and area.y + area.height <= around.y + around.height
            )
            assert inside if box.layer == name else not around.overlaps(area)


def test_text_fits_its_box():
    for box in sketch(network()).boxes:
        width, height = size_of(box)
        assert all(text_width(line.text) < width for line in box.lines)
        assert LINE_HEIGHT * len(box.lines) < height


def test_a_drawing_is_the_same_every_time(graph):
    assert graph._repr_svg_() == graph._repr_svg_()


@settings(max_examples=40)
@given(st.data())
def test_any_graph_has_a_clean_layout(data):
    count = data.draw(st.integers(1, 14))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    edges = {(a, b) for a, b in data.draw(st.lists(pairs, max_size=24)) if a < b}
    roles = st.sampled_from(["folded", "input"])
    boxes = tuple(
        Box(str(i), data.draw(roles), (Text("name", "x" * data.draw(st.integers(1, 30))),))
        for i in range(count)
    )
    shapes = st.sampled_from(["", "(3, 2)"])
    arrows = tuple(Arrow(a, b, data.draw(shapes)) for a, b in sorted(edges))
    drawn = Sketch(boxes, arrows, ())
    check(drawn, place(drawn))
    check(drawn, in_columns(place(drawn)))


# Large graphs


def test_fifty_layers_are_one_page():
    drawn = sketch(deep())
    extent = laid_out(drawn).extent()
    assert extent.width < PAGE
    assert extent.height < PAGE
    assert [box.name for box in drawn.boxes if box.role == "folded"] == [
        f"layer_{i}" for i in range(50)
    ]


def test_a_folded_layer_has_the_norms_of_value_adjoint_and_gradient():
    box = next(box for box in sketch(deep()).boxes if box.name == "layer_3")
    assert [line.text for line in box.lines] == [
        "layer_3",
        "2 operations",
        f"value    norm {6 * 3**0.5:.4g}",
        f"adjoint  norm {0.2 * 3**0.5:.4g}",
        f"gradient norm {0.5 * 3**0.5:.4g}",
    ]


def test_a_folded_network_keeps_its_layers():
    graph = network((4, *[4] * 12, 2))
    names = [box.name for box in sketch(graph).boxes]
    assert [f"hidden_{i}" for i in range(1, 13)] == [n for n in names if n.startswith("hidden")]
    assert {"output", "penalty", "x", "y", "w"} <= set(names)
    assert f"{len(graph.nodes)} nodes, folded into {len(names)} boxes." in texts(graph)


def test_layers_stay_whole_however_few_they_are():
    layers = [f"layer_{i % 2}" for i in range(120)]
    chain = [node(0, "x", "input")]
    chain += [
        node(i + 1, f"u{i}", parents=(i,), layer=layer) for i, layer in enumerate(sorted(layers))
    ]
    drawn = sketch(graph_of(chain, (), "values"))
    assert [box.name for box in drawn.boxes] == ["x", "layer_0", "layer_1"]
    assert "60 operations" in [line.text for line in drawn.boxes[1].lines]


def test_many_layers_and_graphs_without_layers_still_fit():
    chain = [node(0, "w", "parameter")]
    chain += [node(i, f"u{i}", parents=(i - 1,)) for i in range(1, 2000)]
    for graph in (graph_of(chain, (), "values"), deep(300)):
        drawn = sketch(graph)
        assert 10 < len(drawn.boxes) <= MOST_FOLDED
        extent = check(drawn, laid_out(drawn)).extent()
        assert max(extent.width, extent.height) < PAGE


def test_arrows_of_many_layers_into_one_box_share_a_line():
    layout = laid_out(sketch(deep()))
    drawn = sketch(deep())
    penalty = next(i for i, box in enumerate(drawn.boxes) if box.name == "penalty")
    assert sum(route.arrow.target == penalty for route in layout.routes) <= 6
    assert sum(arrow.target == penalty for arrow in drawn.arrows) == 50


def test_what_lies_between_layers_goes_with_the_layer_it_feeds():
    """x -> a -> b -> layer_0 (100 operations) -> c -> d -> layer_1 -> e -> f."""
    names = [*"ab", *(f"u{i}" for i in range(100)), *"cd", "v0", "v1", *"ef"]
    layer = {"u": "layer_0", "v": "layer_1"}
    chain = [node(0, "x", "input")]
    chain += [
        node(i + 1, name, parents=(i,), layer=layer.get(name[0])) for i, name in enumerate(names)
    ]
    drawn = sketch(graph_of(chain, (), "values"))
    assert [box.name for box in drawn.boxes] == [
        "x", "a … b", "layer_0", "c … d", "layer_1", "e … f",
    ]  # fmt: skip
    assert [(arrow.source, arrow.target) for arrow in drawn.arrows] == [
        (i, i + 1) for i in range(5)
    ]


def test_arrows_that_go_on_in_the_next_column_keep_apart():
    layout = laid_out(sketch(deep()))
    columns = sorted({round(area.x / 60) for area in layout.boxes})
    assert len(columns) > 2
    upwards = [
        start[0]
        for route in layout.routes
        for start, end in itertools.pairwise(route.points)
        if start[1] - end[1] > 300
    ]
    assert len(upwards) > 3
    assert np.diff(sorted(upwards)).min() > 5.0


def test_a_layer_that_is_visited_again_is_drawn_once_a_visit():
    layers = {box.layer for box in sketch(recurrent()).boxes} - {None}
    assert layers == {
        "encoder",
        "norm",
        *(f"{n} ({i})" for n in ("encoder", "norm") for i in (2, 3)),
    }


# Files


def test_svg_and_png_are_written(tmp_path):
    for name, start in (("g.svg", b"<?xml"), ("g.PNG", b"\x89PNG")):
        path = scalar().draw(tmp_path / name)
        assert path == tmp_path / name
        assert path.read_bytes().startswith(start)
    assert scalar().draw(str(tmp_path / "text.svg")).exists()
    assert (tmp_path / "g.svg").read_text("utf-8") == scalar()._repr_svg_()


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(FileError, match=r"as \.svg or \.png\. Name the file '.*graph\.svg'"):
        scalar().draw(tmp_path / "graph.pdf")
    with pytest.raises(FileError, match=r"as \.svg or \.png"):
        scalar().draw(tmp_path / "graph")
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written(tmp_path):
    with pytest.raises(FileError, match="there is no folder"):
        scalar().draw(tmp_path / "missing" / "g.svg")
    (tmp_path / "g.svg").mkdir()
    with pytest.raises(FileError, match="it is a folder"):
        scalar().draw(tmp_path / "g.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["g.svg"]


def test_a_drawing_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "g.svg"
    path.write_text("old")
    broken = graph_of((node(0, "x", "no such role"),), (), "values")
    with pytest.raises(KeyError):
        broken.draw(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_large_graph_of_scalars_is_a_few_steps_in_the_order_of_computation():
    def unit(weights, inputs):
        total = weights[0]
        for weight, each in zip(weights[1:], inputs, strict=True):
            total = total + weight * each
        return total * total

    def network(layers, x):
        for layer in layers:
            x = [unit(weights, x) for weights in layer]
        return sum(x)

    layers = [[[0.1] * 4] * 3] * 12
    graph = trace(network, layers, [0.1, 0.2, 0.3])
    drawn = sketch(graph)
    assert len(graph.nodes) > 400
    assert len(drawn.boxes) <= 24
    assert all(arrow.source < arrow.target for arrow in drawn.arrows)
    folded = [box for box in drawn.boxes if box.role == "folded"]
    assert [box.name for box in folded][:2] != []
    assert all("multiply" in box.lines[1].text or "add" in box.lines[1].text for box in folded)
    assert "A step holds what is about as far from the output." in drawn.caption
