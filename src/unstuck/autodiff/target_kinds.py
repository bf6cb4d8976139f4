"""What the targets of a batch are: classes, labels or numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from unstuck.record import Array


class Targets(NamedTuple):
    """Targets.

    Attributes:
        kind: ``"classes"``, ``"labels"``, ``"numbers"`` or ``"unknown"``.
        y: (n, outputs); one-hot for classes where the network has one output for each.
        labels: classes (n,), labels (n, k), or numbers (n, k).
        classes: the labels that there are.
    """

    kind: str
    y: Array
    labels: Array
    classes: tuple[Any, ...] = ()


def targets(leaf: Array, width: int) -> Targets:
    """What an array of targets is.

    Arguments:
        leaf: (n, ...) as in the batch.
        width: of the network's output.

    Example:
        >>> targets(np.array([0, 2, 1]), 3).y.tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
        >>> targets(np.array([0.5, 1.5]), 1).kind
        'numbers'
    """
    plain = np.asarray(leaf)
    matrix = plain.astype(np.float64).reshape(len(plain), -1)
    exact = plain.dtype.kind in "iub"
    binary = bool(np.isin(matrix, (0.0, 1.0)).all())
    if matrix.shape[1] > 1:
        if binary and matrix.shape[1] == width and (matrix.sum(1) == 1.0).all():
            return _classes(matrix, matrix.argmax(1), width)
        if binary and matrix.shape[1] == width:
            return Targets("labels", matrix, matrix.astype(int))
        kind = "numbers" if not exact and matrix.shape[1] == width else "unknown"
        return Targets(kind, matrix, matrix)
    return _column(matrix, exact, binary, width)


def _column(matrix: Array, exact: bool, binary: bool, width: int) -> Targets:
    numbers = matrix[:, 0]
    if width > 1:
        whole = exact and len(numbers) and numbers.min() >= 0 and numbers.max() < width
        if not whole:
            return Targets("unknown", matrix, matrix)
        labels = numbers.astype(int)
        return _classes(np.eye(width)[labels], labels, width)
    few = len(np.unique(numbers)) <= 2
    if (exact and few) or (binary and len(np.unique(numbers)) == 2):
        labels = numbers.astype(int)
        return Targets("classes", matrix, labels, tuple(np.unique(labels).tolist()))
    return Targets("numbers", matrix, matrix)


def _classes(y: Array, labels: Array, width: int) -> Targets:
    return Targets("classes", y, labels, tuple(range(width)))


def restored(y: Array, leaf: Array) -> Array:
    """Targets (n, outputs) as the batch has them.

    >>> restored(np.eye(3), np.array([0, 1])).tolist()
    [0, 1, 2]
    """
    plain, y = np.asarray(leaf), np.asarray(y)
    y = y.reshape(len(y), -1)
    size = int(np.prod(plain.shape[1:]))
    if y.shape[1] != size and size == 1:
        y = y.argmax(1)
    return y.reshape(len(y), *plain.shape[1:]).astype(plain.dtype)
