"""A curve through measured points: parameters by name, their errors, and the curve's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.errors import DataError, ParameterError
from unstuck.lazy import jax
from unstuck.solvers.fitted import Fit
from unstuck.solvers.functions import least_squares
from unstuck.solvers.modes import compiled_or_told


@dataclass(frozen=True)
class _Residuals:
    """``(function(x, a, b, ...) - y) / sigma`` of the vector of parameters."""

    function: Callable[..., Array]
    named: tuple[str, ...]

    def __call__(self, p: Array, x: Any, y: Array, sigma: Array) -> Array:
        return (self.function(x, **dict(zip(self.named, p, strict=True))) - y) / sigma


@dataclass(frozen=True, repr=False)
class Curve(Fit):
    """What ``fit_curve`` found.

    Attributes:
        parameters: by name.
        function: ``function(x, **parameters)``; ``named``: its parameters in their order, which is
            that of ``vector`` and ``covariance``.
        x, y: the points, and ``sigma``: the deviations given, or 1.

    Example: see ``fit_curve``.
    """

    function: Callable[..., Array] | None = None
    named: tuple[str, ...] = ()
    x: Any = None
    y: Any = None
    sigma: Any = 1.0

    def predict(
        self, x: Any, return_std: bool = False, noise: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """The curve at other points, and its standard error there.

        Arguments:
            x: as in ``fit_curve``.
            return_std: whether to return the standard error of the curve, too.
            noise: whether it is that of a new measurement (of ``sigma`` 1): the noise is added.

        Returns:
            The curve, or the curve and its standard errors.
        """

        assert self.function is not None
        function = self.function
        x = _numbers(x, "x")
        with jax.enable_x64(True):
            there = np.asarray(function(x, **self.parameters))
        if not return_std:
            return there
        error = self.error_of(lambda p: function(x, **p))
        return there, np.hypot(error, self.residual_deviation) if noise else error

    @property
    def vector(self) -> np.ndarray:
        """All parameters in the function's order: JAX has dicts in that of their keys."""
        return np.array([self.parameters[name] for name in self.named])

    def tree(self, vector: Any) -> dict[str, Any]:
        """One number for each parameter, by name."""
        return dict(zip(self.named, vector, strict=True))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters, in their order."""
        return self.named

    @property
    def r2(self) -> float:
        """Share of the variance of y that the curve explains, weighted by ``1 / sigma^2``.

        NaN where all y are equal.
        """
        weight = np.broadcast_to(1.0 / np.asarray(self.sigma) ** 2, np.shape(self.y))
        mean = np.average(self.y, weights=weight)
        spread = float((weight * (self.y - mean) ** 2).sum())
        return float(1.0 - (self.residuals**2).sum() / spread) if spread else np.nan

    def _quality(self) -> list[str]:
        return [*super()._quality(), f"R^2 {self.r2:.6f}."]


def fit_curve(
    function: Callable[..., Array],
    x: Any,
    y: Any,
    start: Any = None,
    *,
    sigma: Any = None,
    absolute_sigma: bool = False,
    **given: Any,
) -> Curve:
    """Fit ``y = function(x, a, b, ...)`` to points by least squares.

    Arguments:
        function: ``function(x, a, b, ...)``, written with ``jax.numpy``; its parameters' names are
            those of the result.
        x: what it is called with: an array, or a pytree of arrays for several variables.
        y: the measured values, of the shape that the function returns.
        start: where the parameters start: a dict by name, or numbers in their order; ``None``: the
            function's own default values, and 1 where there is none.
        sigma: standard deviations of y, a number or shaped as y: residuals are divided by them.
        absolute_sigma: whether these are the deviations themselves; else only their ratios count,
            and the residuals tell how large they are.
        **given: of ``least_squares``: ``bounds``, ``scale``, ``solver``, ``max_iter`` and others.

    Returns:
        A ``Curve``: ``parameters`` and ``standard_errors`` by name, ``covariance``,
        ``intervals()``, ``predict(x, return_std=True)``; prints as a table.

    Raises:
        DataError: numbers that are not finite, or shapes that do not fit.
        ParameterError: as in ``least_squares``, or a start that does not fit the function.

    Example:
        >>> import numpy as np, jax.numpy as jnp
        >>> from unstuck.solvers import fit_curve
        >>> def decay(t, height, time):
        ...     return height * jnp.exp(-t / time)
        >>> t = np.linspace(0.0, 4.0, 9)
        >>> y = 5.0 * np.exp(-t / 1.5) + 0.01 * np.cos(9.0 * t)
        >>> curve = fit_curve(decay, t, y)
        >>> {name: float(value.round(2)) for name, value in curve.parameters.items()}
        {'height': 5.01, 'time': 1.5}
        >>> there, error = curve.predict(6.0, return_std=True)
        >>> there.round(3), error < 0.01
        (np.float64(0.091), np.True_)

    Reference: Seber and Wild 1989.
    """
    x, y = _numbers(x, "x"), np.asarray(_numbers(y, "y"))
    first = _start(function, start)
    named = tuple(first)
    spread = np.asarray(1.0 if sigma is None else _numbers(sigma, "sigma"))
    if not (spread > 0).all() or spread.shape not in ((), y.shape):
        raise DataError(
            f"sigma has shape {spread.shape} and the smallest value {spread.min():g}; expected "
            f"positive numbers, one or of y's shape {y.shape}."
        )
    _check_shape(function, x, first, y)
    for name, read in (("scale", _in_order), ("bounds", _both_in_order)):
        if given.get(name) is not None:
            given[name] = read(given[name], named)
    residuals = _Residuals(function, named)
    fit = least_squares(residuals, np.array(list(first.values())), x, y, spread, **given)
    same = {each.name: getattr(fit, each.name) for each in fields(Fit)}
    same["parameters"] = dict(zip(named, fit.parameters, strict=True))
    known = 1.0 if absolute_sigma and sigma is not None else None
    return Curve(**{**same, "noise": known}, function=function, named=named, x=x, y=y, sigma=spread)


def _in_order(numbers: Any, named: tuple[str, ...]) -> Any:
    """Numbers by name as a list in the parameters' order; others as they are."""
    if not isinstance(numbers, Mapping):
        return numbers
    if set(numbers) != set(named):
        raise ParameterError(
            f"received numbers for {sorted(map(str, numbers))}; the function has {list(named)}."
        )
    return [numbers[name] for name in named]


def _both_in_order(bounds: Any, named: tuple[str, ...]) -> Any:
    return (
        tuple(_in_order(bound, named) for bound in bounds)
        if isinstance(bounds, (tuple, list))
        else bounds
    )


def _numbers(values: Any, name: str) -> Any:
    """Leaves as float64; whole numbers stay what they are."""
    leaves, tree = jax.tree.flatten(np.asarray(values) if isinstance(values, list) else values)
    if any(np.ma.is_masked(leaf) for leaf in leaves):
        raise DataError(f"{name} holds masked values; leave out these rows, as with x[~y.mask].")
    arrays = [np.asarray(leaf) for leaf in leaves]
    for array in arrays:
        if array.dtype.kind not in "iufb" or not np.isfinite(array).all() or not array.size:
            raise DataError(
                f"{name} holds {array.dtype} of shape {array.shape}; expected finite numbers. "
                "Leave out rows with missing values."
            )
    floats = [a.astype(np.float64) if a.dtype.kind != "b" else a for a in arrays]
    return jax.tree.unflatten(tree, floats)


def _start(function: Callable[..., Array], start: Any) -> dict[str, Any]:
    """The start by name."""
    names = _names(function)
    if isinstance(start, Mapping):
        if set(start) != set(names):
            raise ParameterError(
                f"start names {sorted(map(str, start))}; the function has {list(names)}."
            )
        return {name: _first(start[name], f"the start of {name}") for name in names}
    if start is None:
        return names
    values = [_first(each, "start") for each in np.ravel(start)]
    if len(values) != len(names):
        raise ParameterError(
            f"start holds {len(values)} numbers; the function has the parameters {list(names)}."
        )
    return dict(zip(names, values, strict=True))


def _names(function: Callable[..., Array]) -> dict[str, float]:
    """Names of the parameters after the first, and where each starts."""
    _, *rest = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    if not rest or any(each.kind not in kinds for each in rest):
        raise ParameterError(
            f"after the first, the function takes {[str(each) for each in rest]}; expected one "
            "name for each parameter, as in function(x, a, b). For others call least_squares."
        )
    return {
        each.name: 1.0
        if each.default is each.empty
        else _first(each.default, f"the default of {each.name}")
        for each in rest
    }


def _first(number: Any, what: str) -> float:
    try:
        return float(number)
    except (TypeError, ValueError):
        raise ParameterError(f"{what} was {number!r}; expected a number.") from None


def _check_shape(
    function: Callable[..., Array], x: Any, start: Mapping[str, Any], y: np.ndarray
) -> None:
    with jax.enable_x64(True), compiled_or_told():
        found = jax.eval_shape(lambda x, p: function(x, **p), x, dict(start))
    if getattr(found, "shape", None) != y.shape:
        raise DataError(
            f"the function returns {found}; y has shape {y.shape}. Both must agree, without "
            "broadcasting."
        )
