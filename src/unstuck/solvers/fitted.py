"""What least squares find: the parameters, and how well the data determine them.

With residuals r of N numbers, their Jacobian J at the P parameters and the variance
``s^2 = ||r||^2 / (N - P)`` of the noise, the parameters have the covariance ``s^2 (J^T J)^-1``. It
is had from the singular values of J with columns of length 1: what ``J^T J`` loses is not lost.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.errors import ParameterError
from unstuck.kept import kept
from unstuck.lazy import jax
from unstuck.readable import Facts
from unstuck.solvers.asked import Asked
from unstuck.solvers.descent import Minimum
from unstuck.solvers.problem import Problem
from unstuck.solvers.residuals import ResidualProblem
from unstuck.solvers.seen import Seen, seen_by
from unstuck.solvers.solver import FullBatch
from unstuck.solvers.vector import OfVector
from unstuck.summary import number

MOST_NAMED = 12
"""Parameters that are told by name."""
MOST_JUDGED = 500
"""Parameters up to which a text shows standard errors: their number squared has to be held."""
PRECISE = 5
"""Significant digits of an estimate and of its standard error."""


class Sensitivity(NamedTuple):
    """Residuals, (N,), and their Jacobian, (N, P), at the parameters."""

    residuals: np.ndarray
    jacobian: np.ndarray


@dataclass(frozen=True, repr=False)
class Fit(Minimum):
    """What ``least_squares`` found.

    Attributes:
        parameters, value, gradient_norm, iterations, evaluations, stop, history: as of a
            ``Minimum``; the value is half the sum of squares.
        noise: standard deviation of the residuals, where it is known before; ``None``: it is
            estimated from them.
        held: whether a parameter is at one of its bounds, (P,): it has no standard error, and
            those of the others are those with it held there.

    Example:
        >>> import numpy as np
        >>> from unstuck.solvers import least_squares
        >>> x, y = np.arange(5.0), np.array([1.1, 2.9, 5.2, 6.8, 9.0])
        >>> fit = least_squares(lambda p, x, y: p[0] + p[1] * x - y, [0.0, 0.0], x, y)
        >>> fit.parameters.round(3), fit.standard_errors.round(3)
        (array([1.06, 1.97]), array([0.135, 0.055]))

    Reference: Seber and Wild 1989, section 2.1.2.
    """

    noise: float | None = None
    held: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    _function: OfVector | None = None
    _ask: Callable[[], Sensitivity] | None = None
    _prior: float = 0.0

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the function, which need not be one that can be saved."""
        _ = self._sensitivity
        keep = self._function and replace(self._function, function=_forgotten)
        return {**self.__dict__, "_ask": None, "_function": keep}

    @functools.cached_property
    def _sensitivity(self) -> Sensitivity:
        assert self._ask is not None
        return self._ask()

    @property
    def residuals(self) -> np.ndarray:
        """At the parameters, shape (N,)."""
        return self._sensitivity.residuals

    @property
    def jacobian(self) -> np.ndarray:
        """Of the residuals at the parameters, shape (N, P); P as in ``vector``."""
        return self._sensitivity.jacobian

    @property
    def vector(self) -> np.ndarray:
        """All parameters one after the other, shape (P,)."""
        return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(self.parameters)])

    @property
    def degrees_of_freedom(self) -> int:
        """Residuals less the parameters that are not held at a bound."""
        free = self.jacobian.shape[1] - int(np.count_nonzero(self.held))
        return len(self.residuals) - free

    @property
    def residual_deviation(self) -> float:
        """Standard deviation of the residuals, by their degrees of freedom; NaN without any."""
        if self.noise is not None:
            return self.noise
        free = self.degrees_of_freedom
        return float(np.linalg.norm(self.residuals) / np.sqrt(free)) if free > 0 else np.nan

    @functools.cached_property
    def covariance(self) -> np.ndarray:
        """Of the parameters, shape (P, P), in the order of ``vector``.

        Parameters that the residuals do not determine have an infinite variance, and NaN beside
        others; those that are held at a bound have NaN.
        """
        inverse = self._inverse
        with np.errstate(invalid="ignore"):  # of noise that is 0, or that nothing tells of
            found = self.residual_deviation**2 * inverse
        found[np.isinf(inverse)] = np.inf
        return found

    @property
    def _inverse(self) -> np.ndarray:
        """The covariance for noise of 1."""
        return self._seen.inverse(self.jacobian.shape[1])

    @functools.cached_property
    def _seen(self) -> Seen:
        return seen_by(self.jacobian, self._held_all(), self._prior)

    @property
    def standard_errors(self) -> Any:
        """Square roots of the variances, shaped as the parameters."""
        return self.tree(self._errors)

    @property
    def _errors(self) -> np.ndarray:
        """Square roots of the variances, (P,)."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def correlation(self) -> np.ndarray:
        """The covariance over the products of the standard errors, shape (P, P)."""
        errors = self._errors
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.covariance / np.outer(errors, errors)

    def intervals(self, level: float = 0.95) -> tuple[Any, Any]:
        """The bounds between which each parameter lies, by Student's t: two trees of parameters.

        Arguments:
            level: probability with which it does.

        Raises:
            ParameterError: ``level`` is not between 0 and 1.
        """
        reach = self._quantile(level) * self._errors
        return self.tree(self.vector - reach), self.tree(self.vector + reach)

    def error_of(self, function: Callable[[Any], Any]) -> np.ndarray:
        """Standard error of what follows from the parameters, to first order, shaped as it is.

        ``sqrt(diag(D C D^T))``, with the covariance C and the derivatives D of the function. It is
        infinite where the residuals do not determine the result; a sum of two parameters may be
        determined though neither is.

        Arguments:
            function: of the parameters, shaped as the start; a JAX function that returns an array.
        """
        tree = self.tree
        with jax.enable_x64(True):
            slopes = np.asarray(
                jax.jacfwd(lambda p: jax.numpy.asarray(function(tree(p))))(self.vector)
            )
        spread = self._seen.spread(slopes.reshape(-1, slopes.shape[-1]))
        with np.errstate(invalid="ignore"):
            errors = self.residual_deviation * spread
        return np.where(np.isinf(spread), np.inf, errors).reshape(slopes.shape[:-1])

    def _quantile(self, level: float) -> float:
        if not 0.0 < level < 1.0:
            raise ParameterError(f"level was {level!r}; expected a probability between 0 and 1.")
        from scipy.special import ndtri, stdtrit

        share = 0.5 + level / 2.0
        free = self.degrees_of_freedom
        known = self.noise is not None
        return float(ndtri(share) if known else stdtrit(free, share) if free > 0 else np.nan)

    def _held_all(self) -> np.ndarray:
        return self.held if self.held.size else np.zeros(self.jacobian.shape[1], bool)

    def tree(self, vector: Any) -> Any:
        """Numbers for all parameters, (P,), shaped as these."""
        assert self._function is not None
        return self._function.tree(vector)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all parameters one after the other, P of them."""
        assert self._function is not None
        return self._function.names

    def _told(self) -> Facts:
        if self.vector.size > MOST_JUDGED:
            return super()._told()
        said = [str(self.stop), *self._quality()]
        reach = self._quantile(0.95) * self._errors
        columns = self.vector, self._errors, self.vector - reach, self.vector + reach
        head = ["", "estimate", "standard error", "95 % from", "to"]
        lines = zip(self.names, *columns, strict=True)
        rows = [[name, *map(_precise, cells)] for name, *cells in lines]
        return Facts("Fit", tuple(said + self._doubts()), [head, *rows])

    def _quality(self) -> list[str]:
        free, deviation = self.degrees_of_freedom, self.residual_deviation
        told = f"Half the sum of squares {number(self.value)}"
        if self.noise is not None:
            return [f"{told}; {free} degrees of freedom, noise of {number(deviation)} given."]
        if free <= 0:
            return [f"{told}; as many parameters as residuals, so nothing tells of the noise."]
        return [
            f"{told}; residuals of standard deviation {number(deviation)}, {free} degrees of "
            "freedom."
        ]

    def _doubts(self) -> list[str]:
        names = np.array(self.names)
        loose = names[np.isinf(np.diagonal(self.covariance))]
        doubts = []
        if loose.size:
            doubts.append(f"The data do not determine {_listed(loose)}.")
        if self.held.any():
            doubts.append(f"At a bound, and held there: {_listed(names[self.held])}.")
        return doubts


def fitted(asked: Asked, found: Minimum, record: FullBatch) -> Fit:
    """What a descent on residuals found, as a ``Fit``."""
    p = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(found.parameters)])
    q = (p / asked.scale).astype(asked.start.dtype)

    def sensitivity() -> Sensitivity:
        with jax.enable_x64(q.dtype == np.float64):
            residuals, slopes = _sensitivities(asked.kind, asked.function)(q, asked.arguments)
        return Sensitivity(np.asarray(residuals), np.asarray(slopes) / asked.scale)

    noise, prior = None, 0.0
    if record.tells_noise:
        alpha, beta = (float(found.history[f"{name}_precision"][-1]) for name in ("prior", "noise"))
        noise, prior = beta**-0.5, alpha / beta
    problem = asked.problem
    bounds = problem.bounds if isinstance(problem, ResidualProblem) else None
    held = np.zeros(p.shape, bool) if bounds is None else (q <= bounds[0]) | (q >= bounds[1])
    same = {each.name: getattr(found, each.name) for each in fields(Minimum)}
    return Fit(
        **same, noise=noise, held=held, _function=asked.function, _ask=sensitivity, _prior=prior
    )


@kept(most=48)
def _sensitivities(kind: Callable[..., Problem], function: OfVector) -> Any:
    """The compiled program of residuals and Jacobian."""

    def both(p: Array, arguments: tuple[Any, ...]) -> tuple[Array, Array]:
        problem = kind(function, arguments)
        assert isinstance(problem, ResidualProblem)
        return problem.numbers(p), problem.jacobian(p)

    return jax.jit(both)


def _forgotten(*_: Any) -> Any:
    raise ParameterError("a fit that was saved has no function any more.")


def _listed(names: np.ndarray) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _precise(x: float) -> str:
    return f"{x:.{PRECISE}g}"
