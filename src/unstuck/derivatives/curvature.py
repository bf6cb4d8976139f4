"""Curvature: what kind of point of a function this is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.derivatives.vector import VectorFunction, called, compiled
from unstuck.errors import DataError, ParameterError, UnstuckError
from unstuck.lazy import jax
from unstuck.training.compilation import precision

FULL = 200
TOLERANCE = 1e-5
REACH = 2.0 ** -np.arange(24)
"""Steps at which a direction is tried, in units of the parameters' size."""
LANCZOS = 64
FLAT_STEPS = (1e-1, 1e-2)
ROUNDING = 1e-12

SENTENCES = {
    "minimum": "the function rises in every direction, or is constant along flat ones",
    "maximum": "the function falls in every direction, or is constant along flat ones",
    "saddle": "the Hessian has eigenvalues of both signs",
    "degenerate": "second derivatives do not decide, some are 0",
    "not stationary": "the gradient is not 0",
}


@dataclass(frozen=True, eq=False, repr=False)
class Curvature:
    """What a function looks like around a point; prints as a text.

    Attributes:
        value: of the function.
        gradient_norm: Euclidean norm of the gradient.
        eigenvalues: of the Hessian, ascending: all of them, or the smallest and the largest.
        complete: whether these are all.
        flat: number of eigenvalues among them that count as 0.
        verdict: a key of ``SENTENCES``: ``"minimum"``, ``"maximum"``, ``"saddle"``,
            ``"degenerate"`` or ``"not stationary"``.
        descent: a direction of norm 1 in which the function falls, shaped as the parameters;
            ``None`` where none was found.
        descent_step, descent_decrease: a step along it, and by how much the function falls.
    """

    value: float
    gradient_norm: float
    eigenvalues: np.ndarray
    complete: bool
    flat: int
    verdict: str
    descent: Any = field(repr=False)
    descent_step: float
    descent_decrease: float
    _around: _Around = field(repr=False)

    def predicted_decrease(self, step: float) -> float:
        """By how much a gradient step falls in the quadratic model, ``s g'g - s^2/2 g'Hg``.

        Arguments:
            step: ``s``, the learning rate.

        Reference: Goodfellow, Bengio and Courville 2016, equation 4.9.
        """
        around = self._around
        slope, bend = around.gradient @ around.gradient, around.gradient @ around.pushed
        return float(step * slope - 0.5 * step**2 * bend)

    def actual_decrease(self, step: float) -> float:
        """By how much the function really falls, ``f(p) - f(p - s g)``.

        Arguments:
            step: ``s``, the learning rate.
        """
        around = self._around
        with precision(np.dtype(np.float64)):
            return around.here - around.value(around.point - step * around.gradient)

    def __str__(self) -> str:
        low, high = self.eigenvalues[0], self.eigenvalues[-1]
        which = f"all {len(self.eigenvalues)}" if self.complete else "the extremes"
        lines = [
            f"{self.verdict}: {SENTENCES[self.verdict]}",
            f"value {self.value:.6g}, gradient norm {self.gradient_norm:.3g}",
            f"eigenvalues of the Hessian from {low:.4g} to {high:.4g} ({which}; {self.flat} flat)",
        ]
        if self.descent is not None:
            lines.append(
                f"falls by {self.descent_decrease:.3g} in a step of {self.descent_step:.3g} along "
                "the direction `descent`"
            )
        return "\n".join(lines)

    __repr__ = __str__


def curvature(
    function: Callable[..., Any],
    parameters: Any,
    *arguments: Any,
    tolerance: float = TOLERANCE,
    full_up_to: int = FULL,
    seed: int = 0,
) -> Curvature:
    """Tell a minimum from a maximum, a saddle, and a point that is not stationary.

    With the extreme absolute eigenvalue ``L`` of the Hessian and the size ``s`` of the parameters
    (their root mean square, at least 1): the point is stationary where ``|g| s <= tolerance *
    max(|f|, L s^2)``, and an eigenvalue counts as 0 up to ``tolerance * L``. So the verdict does
    not depend on the function's unit. Flat directions are allowed in a minimum (or maximum) where
    the function is constant along them; where it is not, the verdict is ``"degenerate"``.

    Large Hessians are never formed: Lanczos iterations multiply them with vectors. Then only the
    smallest and the largest eigenvalue are known.

    Arguments:
        function: ``function(parameters, *arguments)``, a scalar, written with ``jax.numpy``,
            twice differentiable.
        parameters: a pytree; converted to float64.
        arguments: what else it is called with.
        tolerance: see above.
        full_up_to: with at most this many parameters, all eigenvalues are computed.
        seed: of the first vector of the iterations.

    Returns:
        A ``Curvature``.

    Raises:
        DataError: the function is not one finite number here, or has no finite derivatives.
        ParameterError: an option cannot be used.

    Example:
        >>> import jax.numpy as jnp
        >>> from unstuck import curvature
        >>> found = curvature(lambda p: p[0] ** 2 - p[1] ** 2, jnp.zeros(2))
        >>> found.verdict, found.eigenvalues.tolist(), found.descent_decrease > 0
        ('saddle', [-2.0, 2.0], True)

    Reference: Bishop 2006, section 5.1 and 5.4; Pearlmutter 1994 (Hessian times vector).
    """
    if not 0 < tolerance < 1:
        raise ParameterError(f"tolerance was {tolerance!r}; expected a number between 0 and 1.")
    with precision(np.dtype(np.float64)):
        flat = VectorFunction(function, (parameters, *arguments))
        around = _Around(flat)
        spectrum = _spectrum(around, full_up_to, tolerance, seed)
        return _judged(around, flat, spectrum, tolerance)


class _Around:
    """A function around a point: value, gradient, and products of the Hessian with vectors."""

    def __init__(self, flat: VectorFunction) -> None:
        self.point = flat.vector
        self._held = flat.held
        self._program = compiled(flat, flat.vector, flat.held)
        _check_scalar(self._program(flat.vector, flat.held), called(flat.function))
        self.here = self.value(self.point) + 0.0
        self.gradient, self._push = self._derivatives(flat)
        self.pushed = self.push(self.gradient)
        if not (np.isfinite(self.gradient).all() and np.isfinite(self.pushed).all()):
            raise DataError(
                f"the derivatives of {called(flat.function)} are not finite here, so there is no "
                "curvature. check_gradients tells which parameter it is."
            )

    def value(self, point: np.ndarray) -> float:
        """The function."""
        return float(np.asarray(self._program(point, self._held)).reshape(()))

    def push(self, direction: np.ndarray) -> np.ndarray:
        """The Hessian times a vector."""
        return np.asarray(self._push(self.point, direction.astype(np.float64), self._held))

    def _derivatives(self, flat: VectorFunction) -> tuple[np.ndarray, Callable[..., Array]]:
        def scalar(p: Array, held: Any) -> Array:
            return jax.numpy.reshape(jax.tree.leaves(flat(p, held))[0], ())

        def push(p: Array, v: Array, held: Any) -> Array:
            return jax.jvp(lambda q: jax.grad(scalar)(q, held), (p,), (v,))[1]

        def pull(p: Array, v: Array, held: Any) -> Array:
            return jax.grad(lambda q: jax.grad(scalar)(q, held) @ v)(p)

        gradient = np.asarray(
            compiled(jax.grad(scalar), flat.vector, flat.held)(flat.vector, flat.held)
        )
        try:
            return gradient, compiled(push, flat.vector, gradient, flat.held)
        except TypeError:  # no forward mode through a custom_vjp
            return gradient, compiled(pull, flat.vector, gradient, flat.held)


def _check_scalar(output: Any, name: str) -> None:
    leaves = jax.tree.leaves(output)
    if len(leaves) != 1 or np.size(leaves[0]) != 1 or np.iscomplexobj(leaves[0]):
        raise DataError(
            f"{name} returns {len(leaves)} arrays of shapes {[np.shape(z) for z in leaves]}; "
            "expected one real number."
        )
    if not np.isfinite(leaves[0]).all():
        raise DataError(f"{name} is {float(np.ravel(leaves[0])[0])} here; expected a finite value.")


class _Spectrum(NamedTuple):
    """Eigenvalues, ascending, and an eigenvector for each (columns); all of them or extremes."""

    values: np.ndarray
    vectors: np.ndarray
    complete: bool


def _spectrum(around: _Around, full_up_to: int, tolerance: float, seed: int) -> _Spectrum:
    size = len(around.point)
    if size <= max(2, full_up_to):
        hessian = np.array([around.push(row) for row in np.eye(size)])
        return _Spectrum(*np.linalg.eigh(0.5 * (hessian + hessian.T)), True)
    start = np.random.default_rng(seed).normal(size=size)
    first, far = _extreme(around.push, 0.0, size, start, tolerance)
    # Seen from the far end, the other end is the largest, known to a share of the whole range.
    last, near = _extreme(around.push, first, size, start, tolerance)
    order = np.argsort([first, last])
    return _Spectrum(np.array([first, last])[order], np.array([far, near])[order].T, False)


def _extreme(
    push: Callable[[np.ndarray], np.ndarray], shift: float, size: int, start: np.ndarray, tol: float
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


def _judged(
    around: _Around, flat: VectorFunction, spectrum: _Spectrum, tolerance: float
) -> Curvature:
    norm = float(np.linalg.norm(around.gradient))
    size = max(1.0, float(np.sqrt(np.mean(around.point**2))))
    steepest = float(np.abs(spectrum.values).max())
    zero = np.abs(spectrum.values) <= tolerance * steepest
    downhill = spectrum.vectors[:, :1]
    if norm * size > tolerance * max(abs(around.here), steepest * size**2):
        verdict, downhill = "not stationary", -around.gradient[:, None]
    else:
        verdict = _verdict(around, spectrum, zero, size)
        downhill = spectrum.vectors[:, zero] if verdict == "degenerate" else downhill
    found = max((_descent(around, each, size) for each in downhill.T), key=lambda each: each.fall)
    falls = verdict != "minimum" and found.fall > 0.0
    if verdict == "saddle" and not falls:  # below the rounding of the value
        verdict = "degenerate"
    return Curvature(
        value=around.here,
        gradient_norm=norm,
        eigenvalues=spectrum.values,
        complete=spectrum.complete,
        flat=int(zero.sum()),
        verdict=verdict,
        descent=flat.rebuilt(found.direction) if falls else None,
        descent_step=found.step if falls else 0.0,
        descent_decrease=found.fall if falls else 0.0,
        _around=around,
    )


def _verdict(around: _Around, spectrum: _Spectrum, zero: np.ndarray, size: float) -> str:
    """The kind of a stationary point."""
    up = bool((~zero & (spectrum.values > 0)).any())
    down = bool((~zero & (spectrum.values < 0)).any())
    if up and down:
        return "saddle"
    bowl = up or down
    if bowl and zero.any():
        bowl = spectrum.complete and _constant(around, spectrum.vectors[:, zero], size)
    return ("minimum" if up else "maximum") if bowl else "degenerate"


def _constant(around: _Around, directions: np.ndarray, size: float) -> bool:
    """Whether the function keeps its value along flat directions and a mixture of them."""
    mixture = directions @ np.random.default_rng(0).normal(size=directions.shape[1])
    mixture /= np.linalg.norm(mixture) or 1.0
    scale = max(abs(around.here), float(np.abs(around.gradient).max()) * size)
    for direction in (*directions.T, mixture):
        for step in FLAT_STEPS:
            for t in (step * size, -step * size):
                if abs(around.value(around.point + t * direction) - around.here) > ROUNDING * scale:
                    return False
    return True


class _WayDown(NamedTuple):
    """A direction of norm 1, a step along it, and by how much the function falls."""

    direction: np.ndarray
    step: float
    fall: float


def _descent(around: _Around, direction: np.ndarray, size: float) -> _WayDown:
    """The side of a direction on which the function falls most, of the steps that are tried."""
    unit = direction / (float(np.linalg.norm(direction)) or 1.0)
    best = _WayDown(unit, 0.0, 0.0)
    for side in (1.0, -1.0):
        for step in size * REACH:
            fall = around.here - around.value(around.point + side * step * unit)
            if fall > max(best.fall, ROUNDING * abs(around.here)):
                best = _WayDown(side * unit, float(step), fall)
    return best
