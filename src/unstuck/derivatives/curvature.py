"""Curvature: what kind of point of a function this is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.derivatives.around import Around, InUnits, length
from unstuck.derivatives.spectrum import Spectrum, balanced, spectrum_of
from unstuck.derivatives.stationary import Point, point_of
from unstuck.derivatives.vector import VectorFunction
from unstuck.errors import ParameterError
from unstuck.training.compilation import precision

FULL = 200
TOLERANCE = 1e-5

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
        flat: number of eigenvalues that count as 0, of the Hessian in units of one size.
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
    _around: Around = field(repr=False)

    def predicted_decrease(self, step: float) -> float:
        """By how much a gradient step falls in the quadratic model, ``s g'g - s^2/2 g'Hg``.

        Arguments:
            step: ``s``, the learning rate.

        Reference: Goodfellow, Bengio and Courville 2016, equation 4.9.
        """
        around = self._around
        way = step * self.gradient_norm
        return way * (self.gradient_norm - 0.5 * way * around.bend)

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

    In the quadratic model, a step of ``|g| / k`` along the gradient ``g`` lowers the function most,
    by ``|g|^2 / 2k``, where ``k`` is the curvature along it. The point is stationary where the step
    is at most ``tolerance`` times the size of the parameters (their root mean square), or the fall
    is less than the rounding of the value. An eigenvalue counts as 0 up to ``tolerance`` times the
    largest. All that with parameters in units in which the rows of the Hessian are of one size,
    where it is formed. So the verdict depends neither on the unit of the function nor on that of
    any parameter, nor on an offset. Flat directions are allowed in a minimum (or maximum) where the
    function is constant along them; where it is not, the verdict is ``"degenerate"``.

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
        around = Around(flat)
        spectrum = spectrum_of(around.push, len(around.point), full_up_to, tolerance, seed)
        units, point = _judged(around, spectrum, tolerance)
    way = None if point.descent is None else point.descent * units
    far = 0.0 if way is None else length(way)
    return Curvature(
        value=around.here,
        gradient_norm=length(around.gradient),
        eigenvalues=spectrum.values,
        complete=spectrum.complete,
        flat=int(point.zero.sum()),
        verdict=point.verdict,
        descent=None if way is None else flat.rebuilt(way / far),
        descent_step=point.step * far,
        descent_decrease=point.fall,
        _around=around,
    )


def _judged(around: Around, spectrum: Spectrum, tolerance: float) -> tuple[np.ndarray, Point]:
    """The units in which a point is judged, and what it is; of a large Hessian they are 1."""
    if spectrum.matrix is None:
        return np.ones_like(around.point), point_of(around, spectrum, tolerance)
    units, seen = balanced(spectrum.matrix, around.point)
    return units, point_of(InUnits(around, units), seen, tolerance)
