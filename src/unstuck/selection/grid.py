"""Values of parameters to choose from, checked before anything is fitted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import ParameterGrid

from unstuck.errors import ParameterError, first_sentence, raise_together
from unstuck.near_names import near
from unstuck.settings import Settings, check

Grid = Mapping[str, Iterable[Any]] | Sequence[Mapping[str, Iterable[Any]]]
EXPECTED = "expected a dict such as {'alpha': [1e-4, 1e-2]}, or a list of such dicts"

MOST = 10_000
"""Candidates of a table that somebody is to read."""


def candidates_of(estimator: Any, grid: Grid) -> list[dict[str, Any]]:
    """Every combination of a grid, in scikit-learn's order.

    Arguments:
        estimator: of scikit-learn's contract.
        grid: values by parameter, or several such dicts.

    Raises:
        ParameterError: it is none; parameters that the estimator does not have, without values,
            with one twice, or with values that it refuses; a single combination.

    Example:
        >>> from sklearn.linear_model import Ridge
        >>> candidates_of(Ridge(), {"alpha": [0.1, 1.0]})
        [{'alpha': 0.1}, {'alpha': 1.0}]
    """
    grids = [grid] if isinstance(grid, Mapping) else grid
    if not isinstance(grids, (list, tuple)) or not all(isinstance(g, Mapping) for g in grids):
        raise ParameterError(f"grid was {grid!r:.100}; {EXPECTED}.")
    if not any(grids):
        raise ParameterError(f"grid has no parameter; {EXPECTED}.")
    known = estimator.get_params(deep=True)
    mistakes = [
        mistake for each in grids for name, values in each.items()
        for mistake in _mistakes(name, values, known)
    ]  # fmt: skip
    raise_together(list(dict.fromkeys(mistakes)), ParameterError, "choose")
    many = sum(math.prod(map(len, each.values())) for each in grids)
    if many > MOST:
        raise ParameterError(
            f"the grid has {many:,} combinations; expected at most {MOST:,}. Give "
            "fewer values, or draw some of them by RandomizedSearchCV and give its result to "
            "ValidationTable.from_search."
        )
    found = [dict(each) for each in ParameterGrid([dict(each) for each in grids])]
    if len(found) < 2:
        raise ParameterError(
            f"the grid has one combination, {found[0]}: there is nothing to choose. Give at least "
            "two values of a parameter."
        )
    refused = [told for each in found if (told := _refused(estimator, each))]
    raise_together(list(dict.fromkeys(refused)), ParameterError, "choose")
    return found


def _mistakes(name: Any, values: Any, known: Mapping[str, Any]) -> Iterable[str]:
    if not isinstance(name, str) or name not in known:
        inside = [own for own in known if own.endswith(f"__{name}")]
        hint = f" Did you mean {inside[0]!r}?" if inside else near(str(name), known)
        yield f"{name!r} is no parameter of the estimator.{hint}"
    elif hasattr(values, "rvs"):
        yield (
            f"{name!r} was a distribution; a grid takes values. Give RandomizedSearchCV that, and "
            "its result to ValidationTable.from_search."
        )
    elif isinstance(values, (str, bytes)) or not isinstance(values, (Sequence, np.ndarray)):
        yield f"{name!r} was {values!r:.60}; expected a list of values."
    elif isinstance(values, np.ndarray) and values.ndim != 1:
        yield f"{name!r} was an array of shape {values.shape}; expected a list of values."
    elif len(values) == 0:
        yield f"{name!r} has no values; give at least one."
    elif len(values) <= MOST:  # more are refused without a look at each
        yield from (f"{name!r} names {each!r:.60} twice; give each value once."
                    for each in _repeated(values))  # fmt: skip


def _repeated(values: Iterable[Any]) -> Iterable[Any]:
    """Those that were there before; many are compared by their hashes."""
    seen, others = set[Any](), list[Any]()
    for value in values:
        try:
            key = isinstance(value, (bool, np.bool_)), value
            if key in seen:
                yield value
            seen.add(key)
        except TypeError:  # a list, an array
            if any(_same(value, other) for other in others):
                yield value
            others.append(value)


def _same(value: Any, other: Any) -> bool:
    """Whether they are one value: 1 and 1.0 are, 1 and True are not."""
    if isinstance(value, (bool, np.bool_)) != isinstance(other, (bool, np.bool_)):
        return False
    try:
        return bool(np.all(value == other))
    except (TypeError, ValueError):
        return False


def _refused(estimator: Any, params: Mapping[str, Any]) -> str:
    """What the estimator, or one inside it, has against values; nothing where it takes them."""
    try:
        changed = clone(estimator).set_params(**params)
        for part in (changed, *changed.get_params(deep=True).values()):
            if isinstance(part, Settings):
                check(part, type(part).__name__)
            elif not isinstance(part, type) and hasattr(part, "_parameter_constraints"):
                part._validate_params()
    except (ValueError, TypeError) as problem:
        told = str(problem) if isinstance(problem, ParameterError) else first_sentence(problem)
        return f"{params}: {told}"
    return ""
