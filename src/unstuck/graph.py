"""A computational graph as plain arrays: what every node computed and received back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from unstuck.errors import ParameterError, did_you_mean
from unstuck.summary import summary
from unstuck.view import Shown, View

LABELS = {
    "add_any": "add",
    "broadcast_in_dim": "broadcast",
    "convert_element_type": "convert",
    "dot_general": "matmul",
    "integer_pow": "power",
    "logistic": "sigmoid",
    "mul": "multiply",
    "neg": "negate",
    "pow": "power",
    "remat2": "remat",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "product",
    "reduce_sum": "sum",
    "select_n": "select",
    "sub": "subtract",
    "div": "divide",
}
"""What people call an operation, where JAX calls it otherwise."""


@dataclass(frozen=True, eq=False, repr=False)
class Node:
    """One array of a computation: an argument, a constant, or the result of one operation.

    Attributes:
        index: position in ``graph.nodes``, which are in the order of computation.
        name: path of an argument's leaf (``parameters/hidden_1/weights``, ``W1``), ``c1``, ``c2``,
            ... for constants, ``u1``, ``u2``, ... for results in the order of computation.
        operation: JAX's name of the operation (``dot_general``); the role for leaves.
        role: ``input``, ``parameter``, ``constant``, ``intermediate`` or ``output``.
        shape: shape of the array.
        dtype: its dtype.
        parents: indexes of the arrays that the operation took, in its order.
        value: what was computed.
        adjoint: derivative of the output with respect to this node, over all paths, in its shape;
            ``None`` where there is none.
        tangent: derivative of this node along the given direction; ``None`` where there is none.
        layer: name of the layer that the node belongs to, ``None`` outside of layers.
        detail: what else is worth knowing of the operation (``axes 1``), or nothing.
        title: what the operation is called where JAX's name says too little: the name of the
            function that is called, the power; otherwise ``None``.
        inside: makes the graph inside a call, of the iteration whose number it is given.
    """

    index: int
    name: str
    operation: str
    role: str
    shape: tuple[int, ...]
    dtype: np.dtype
    parents: tuple[int, ...]
    value: np.ndarray
    adjoint: np.ndarray | None = None
    tangent: np.ndarray | None = None
    layer: str | None = None
    detail: str = ""
    title: str | None = None
    inside: Callable[[int], Graph] | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        what = self.label if self.parents else self.role
        parts = [f"{self.name}: {what} {self.shape}"]
        parts += [f"of nodes {', '.join(map(str, self.parents))}"] * bool(self.parents)
        told = (("value", self.value), ("adjoint", self.adjoint), ("tangent", self.tangent))
        parts += [f"{name} {summary(array)}" for name, array in told if array is not None]
        return f"<{', '.join(parts)}>"

    @property
    def label(self) -> str:
        """The operation as people call it: ``matmul``, or the name of the called function."""
        return self.title or LABELS.get(self.operation, self.operation)

    @property
    def calls(self) -> bool:
        """Whether there is a graph inside that can be opened."""
        return self.inside is not None

    def open(self, iteration: int = 0) -> Graph:
        """The graph inside a call.

        Arguments:
            iteration: which pass of a loop, from 0; negative numbers count from the last.

        Raises:
            ParameterError: nothing is inside, or the loop has no such iteration.
        """
        if self.inside is None:
            raise ParameterError(
                f"open: {self.name} is {self.label!r}, a plain operation with nothing inside; "
                "nodes with calls=True can be opened."
            )
        return self.inside(iteration)


@dataclass(frozen=True, eq=False, repr=False)
class Graph(Shown):
    """The nodes of a computation, each after its parents.

    Attributes:
        nodes: arguments and constants, then results in the order of computation.
        outputs: indexes of what the function returned.
        mode: ``reverse`` (adjoints), ``forward`` (tangents) or ``values``.
        view: what prints and draws it.
        missing: why adjoints or tangents are missing, and where; nothing if none is.
        notes: what else the reader should know.
    """

    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    mode: str
    view: View = field(repr=False)
    missing: str = ""
    notes: tuple[str, ...] = ()

    def node(self, name: str) -> Node:
        """The node with a name, or the only one whose path ends with it.

        Raises:
            ParameterError: there is none, or there are several.
        """
        found = [node for node in self.nodes if node.name == name] or [
            node for node in self.nodes if node.name.endswith("/" + name)
        ]
        if len(found) == 1:
            return found[0]
        names = [node.name for node in found or self.nodes]
        problem = "fits several nodes" if found else "is no node of this graph"
        listed = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        raise ParameterError(
            f"node: {name!r} {problem}; expected one of {listed}.{did_you_mean(name, names)}"
        )
