"""What the pieces of neurobiology are given: let through, or refused before it is used."""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.errors import DataError, ParameterError, raise_together
from unstuck.rules import Rule, mistakes_in
from unstuck.settings import SEED
from unstuck.solvers.capacity import machine_memory


def check(subject: str, **given: tuple[Any, Rule]) -> None:
    """Raise one ``ParameterError`` about all values that their rules refuse.

    Arguments:
        subject: what they are given to.
        given: by name, pairs of a value and its rule.

    Example:
        >>> from unstuck.rules import Number
        >>> check("neuron", tau=(10.0, Number(0)))
    """
    values, rules = ({name: each[i] for name, each in given.items()} for i in (0, 1))
    raise_together(mistakes_in(values, rules), ParameterError, subject)


def check_kind(given: Any, kind: type, name: str) -> None:
    """Raise a ``ParameterError`` for what is no object of a class; ``None`` may be left out."""
    if given is not None and not isinstance(given, kind):
        raise ParameterError(
            f"{name} was {type(given).__name__} {shown(given)}; expected a {kind.__name__}, made "
            f"by neuro.{kind.__name__}(...)."
        )


def check_seed(seed: Any, subject: str) -> None:
    """Raise a ``ParameterError`` for a ``random_state`` that scikit-learn would not take."""
    if not SEED.accepts(seed):
        raise ParameterError(
            f"{subject}: random_state was {shown(seed)}; expected an integer from 0 to 2^32 - 1, "
            "a numpy.random.RandomState, or None."
        )


def drawn_by(seed: Any, subject: str, name: str = "random_state") -> np.random.Generator:
    """The generator of a seed.

    Raises:
        ParameterError: NumPy makes none of it.
    """
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as problem:
        raise ParameterError(
            f"{subject}: {name} was {shown(seed)}; expected an integer >= 0, or None."
        ) from problem


def check_room(numbers: float, subject: str, do: str) -> None:
    """Raise a ``ParameterError`` where so many numbers of 8 bytes do not fit into the machine.

    Arguments:
        numbers: that have to be held at once, about.
        subject: what they are for, with its size.
        do: what to do instead.
    """
    needed, there = 8 * numbers, machine_memory()
    if not needed <= there:
        raise ParameterError(
            f"{subject} needs about {needed / 1e9:,.3g} GB of memory; expected at most the "
            f"{there / 1e9:,.1f} GB of this machine: {do}."
        )


def numbers(given: Any, name: str) -> np.ndarray:
    """What was given as float64, or an error that says it cannot be."""
    try:
        found = array_of(given)
        found = np.asarray(found if found.dtype.kind in "biufO" else np.nan, float)
    except (TypeError, ValueError, OverflowError):
        found = np.array(np.nan)
    if not np.isfinite(found).all() or found.size == 0:
        raise DataError(f"{name} was {shown(given)}; expected finite numbers.")
    return found


def number_of(given: Any, name: str) -> float:
    """What was given as one finite number, or an error that says it cannot be."""
    found = numbers(given, name)
    if found.ndim:
        raise DataError(f"{name} was {shown(given)}; expected one finite number.")
    return float(found)


def shape_of(given: Any) -> str:
    """The shape, or that there is none."""
    try:
        return f"the shape {np.shape(given)}"
    except ValueError:
        return "rows of several lengths"


def array_of(given: Any) -> np.ndarray:
    """As an array, one of no dimensions where rows have several lengths."""
    try:
        return np.asarray(given)
    except ValueError:
        return np.array(None)


def shown(given: Any) -> str:
    """The value in one short line."""
    text = " ".join(repr(given).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
