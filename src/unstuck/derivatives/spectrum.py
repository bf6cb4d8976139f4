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
ROUNDS = 10
"""In which rows become of one size; each takes the root of what they differ by."""
NOTHING = 1e-12
"""Share of the largest row up to which another may be rounding."""

Push = Callable[[np.ndarray], np.ndarray]


class Spectrum(NamedTuple):
    """Eigenvalues, ascending, and an eigenvector for each (columns).

    Attributes:
        values: all of them, or the smallest and the largest.
        vectors: shape (size, values).
        complete: whether these are all.
        matrix: what they are of, where it was formed.
    """

    values: np.ndarray
    vectors: np.ndarray
    complete: bool
    matrix: np.ndarray | None = None


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
        return _complete(0.5 * (matrix + matrix.T))
    start = np.random.default_rng(seed).normal(size=size)
    found = _within_few(push, start)
    if found is not None:
        return found
    first, far = _extreme(push, 0.0, size, start, tolerance)
    # Seen from the far end, the other end is the largest, known to a share of the whole range.
    last, near = _extreme(push, first, size, start, tolerance)
    order = np.argsort([first, last])
    return Spectrum(np.array([first, last])[order], np.array([far, near])[order].T, False)


def balanced(matrix: np.ndarray, point: np.ndarray) -> tuple[np.ndarray, Spectrum]:
    """Units of the parameters in which a Hessian has rows of one size, and its spectrum in them.

    Whatever the units of the parameters are, this spectrum is the same. Rows that are nothing but
    rounding, beside the others and with parameters measured by their size, stay small.

    Arguments:
        matrix: symmetric, shape (P, P).
        point: the parameters, shape (P,).

    Reference: Ruiz 2001.

    Example:
        >>> units, spectrum = balanced(np.diag([2e8, -2e-4]), np.array([1e-4, 1e2]))
        >>> spectrum.values.round(6).tolist(), (units / [1e-4, 1e2]).round(3).tolist()
        ([-1.0, 1.0], [0.707, 0.707])
    """
    sizes = np.abs(point)
    sizes[sizes == 0.0] = np.exp(np.log(sizes[sizes > 0.0]).mean()) if sizes.any() else 1.0
    sized = sizes[:, None] * matrix * sizes
    most = float(np.abs(sized).max()) or 1.0
    units = sizes / np.sqrt(most)
    counts = _counts(matrix) | _counts(sized)
    for _ in range(ROUNDS):
        rows = np.abs(units[:, None] * matrix * units)[:, counts].max(1, initial=0.0)
        units[counts] /= np.sqrt(np.where(rows > 0.0, rows, 1.0))[counts]
    return units, _complete(units[:, None] * matrix * units)


def _counts(matrix: np.ndarray) -> np.ndarray:
    """Which rows are more than rounding beside the largest, shape (P,)."""
    rows = np.abs(matrix).max(1)
    return rows > NOTHING * rows.max()


def _complete(matrix: np.ndarray) -> Spectrum:
    return Spectrum(*np.linalg.eigh(matrix), True, matrix)


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
