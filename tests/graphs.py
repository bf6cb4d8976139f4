"""Graphs for tests: written by hand, and of small networks."""

from __future__ import annotations

import numpy as np
from small import network_of

from unstuck import INITIALIZERS, LOSSES, Graph, Node, trace
from unstuck.drawing.views import GRAPH
from unstuck.lazy import jnp
from unstuck.training.objective import Objective


def node(index, name, role="intermediate", parents=(), value=1.0, **more):
    value = np.asarray(value, float)
    operation = more.pop("operation", "tanh" if parents else role)
    return Node(
        index=index, name=name, operation=operation, role=role, shape=value.shape,
        dtype=value.dtype, parents=parents, value=value, **more,
    )  # fmt: skip


def graph_of(nodes, outputs, mode, **more):
    return Graph(tuple(nodes), outputs, mode, GRAPH, **more)


def small_graph(**more):
    nodes = (
        node(0, "p/first/weights", "parameter", value=[1.0, 2.0], adjoint=np.ones(2)),
        node(1, "p/second/weights", "parameter", value=[3.0, 4.0], adjoint=np.ones(2)),
        node(2, "c1", "constant", value=0.25),
        node(3, "u1", parents=(0, 2), value=[0.5, -1e-7], operation="mul", adjoint=np.zeros(2)),
        node(4, "u2", "output", parents=(3, 1), value=3.0, operation="dot_general",
             adjoint=np.float64(1)),
    )  # fmt: skip
    return graph_of(nodes, (4,), "reverse", **more)


def deep_network(depth, width=4):
    network = network_of((3, *[width] * depth, 2), [*["tanh"] * depth, "softmax"])
    rng = np.random.default_rng(0)
    laws = [INITIALIZERS["glorot_uniform"]] * (depth + 1)
    parameters = network.initialize(laws, rng)
    objective = Objective(network, LOSSES["cross_entropy"])

    def loss(parameters, x, y, w):
        return objective(parameters, x, y, w, 0.0, jnp)

    x, y = rng.normal(size=(5, 3)), np.eye(2)[[0, 1, 0, 1, 1]]
    return trace(loss, parameters, x, y, np.ones(5))
