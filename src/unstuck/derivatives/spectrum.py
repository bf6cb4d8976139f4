"""Eigenvalues of a Hessian: all of them, or the extremes of one that is never formed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from unstuck.errors import UnstuckError

FEW = 16
"""Vectors among which a small invariant subspace is looked for."""
LANCZOS = 64
CLOSED = 1e-10

Push = Callable[[np.ndarray], np.ndarray]


class Spectrum(NamedTuple):
    """Eigenvalues, ascending, and an eigenvector for each (columns).

    Attributes:
        values: all of them, or the smallest and the largest.
        vectors: shape (size, values).
        complete: whether these are all.
    """

    values: np.ndarray
    vectors: np.ndarray
    complete: bool


def spectrum_of(push: Push, size: int, full_up_to: int, tolerance: float, seed: int) -> Spectrum:
    """The spectrum of a symmetric matrix.

    Arguments:
        push: the product with a vector, shape (size,).
        size: of the matrix.
        full_up_to: with at most this many rows all eigenvalues are found.
        tolerance: relative error of extremes.
        seed: of the first vector.

    Raises:
        UnstuckError: the iterations did not settle.

    Example:
        >>> spectrum_of(lambda v: 3.0 * v, 1000, 200, 1e-5, 0).values.round(6).tolist()
        [3.0, 3.0]
    """
    if size <= max(2, full_up_to):
        matrix = np.array([push(row) for row in np.eye(size)]).reshape(size, size)
        return Spectrum(*np.linalg.eigh(0.5 * (matrix + matrix.T)), True)
    start = np.random.default_rng(seed).normal(size=size)
    found = _within_few(push, start)
    if found is not None:
        return found
    first, far = _extreme(push, 0.0, size, start, tolerance)
    # Seen from the far end, the other end is the largest, known to a share of the whole range.
    last, near = _extreme(push, first, size, start, tolerance)
    order = np.argsort([first, last])
    return Spectrum(np.array([first, last])[order], np.array([far, near])[order].T, False)


def _within_few(push: Push, start: np.ndarray) -> Spectrum | None:
    """The extremes of a matrix with a few distinct eigenvalues; ``None`` for one with more.

    The products of a random vector with such a matrix (0, a multiple of the identity, one of low
    rank) soon stay in a subspace, and its eigenvalues are the matrix's.
    """
    basis = [start / np.linalg.norm(start)]
    pushed: list[np.ndarray] = []
    for _ in range(FEW):
        pushed.append(push(basis[-1]))
        q, rest = np.array(basis), pushed[-1]
        for _ in range(2):  # once more for what rounding has left
            rest = rest - q.T @ (q @ rest)
        largest = max(float(np.linalg.norm(each)) for each in pushed)
        left = float(np.linalg.norm(rest))
        if left <= CLOSED * largest:
            inside = q @ np.array(pushed).T
            values, vectors = np.linalg.eigh(0.5 * (inside + inside.T))
            ends = [0, -1]
            return Spectrum(values[ends], q.T @ vectors[:, ends], False)
        basis.append(rest / left)
    return None


def _extreme(
    push: Push, shift: float, size: int, start: np.ndarray, tol: float
) -> tuple[float, np.ndarray]:
    """The eigenvalue farthest from ``shift``, and its vector."""
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    operator = LinearOperator(
        (size, size), lambda v: push(v.ravel()) - shift * v.ravel(), dtype=np.float64
    )
    try:
        values, vectors = eigsh(
            operator, k=1, which="LM", v0=start, ncv=min(size, LANCZOS), tol=0.1 * tol
        )
    except ArpackNoConvergence as problem:
        raise UnstuckError(
            f"the Lanczos iterations did not settle ({problem}). Try a larger tolerance than "
            f"{tol:g}."
        ) from problem
    return float(values[0]) + shift, vectors[:, 0]
