"""Circuits of threshold units: any Boolean function, in two layers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from unstuck.drawing.views import GRAPH
from unstuck.errors import ParameterError, did_you_mean
from unstuck.graph import Graph, Node
from unstuck.neuro.boolean import Function, letters, rows_of, truth_table
from unstuck.neuro.given import shown
from unstuck.neuro.representable import representable
from unstuck.neuro.threshold import ThresholdLogicUnit
from unstuck.readable import Facts, Readable

Wired = tuple[ThresholdLogicUnit, Sequence[str]]
"""A unit, and the names of what it takes."""


@dataclass(frozen=True, repr=False)
class Circuit(Readable):
    """Threshold units that take inputs and what other units answer. The last unit is the output.

    Arguments:
        inputs: names of the inputs.
        units: by name, each with the names of what it takes: inputs, or units before it.

    Raises:
        ParameterError: there are no units, or a unit takes what is not there, or a number of
            things that its weights do not fit.

    Example:
        >>> from unstuck.neuro import GATES, Circuit, ThresholdLogicUnit
        >>> both = ThresholdLogicUnit([-1, -1], 1.5)
        >>> xor = Circuit(["a", "b"], {
        ...     "or": (GATES["or"], ["a", "b"]),
        ...     "not both": (both, ["a", "b"]),
        ...     "xor": (GATES["and"], ["or", "not both"]),
        ... })
        >>> xor.truth_table.tolist()
        [0, 1, 1, 0]
    """

    inputs: Sequence[str]
    units: Mapping[str, Wired]

    def __post_init__(self) -> None:
        known = _names(self.inputs)
        names = [*known, *self.units] if isinstance(self.units, Mapping) else []
        strings = all(isinstance(name, str) for name in names)
        if not (known and strings and self.units) or len({*names}) < len(names):
            units = list(self.units) if isinstance(self.units, Mapping) else self.units
            raise ParameterError(
                f"Circuit: the inputs were {shown(self.inputs)} and the units {shown(units)}; "
                "expected a list of names and a mapping, at least one of each, all with names of "
                "their own."
            )
        for name, wired in self.units.items():
            if not _is_wired(wired):
                raise ParameterError(
                    f"Circuit: unit {name!r} was {shown(wired)}; expected a ThresholdLogicUnit and "
                    "the names of what it takes."
                )
            unit, sources = wired
            if len(sources) != len(unit.weights):
                raise ParameterError(
                    f"Circuit: unit {name!r} takes {list(sources)} and has "
                    f"{len(unit.weights)} weights; expected one for each."
                )
            for source in sources:
                if source not in known:
                    raise ParameterError(
                        f"Circuit: unit {name!r} takes {source!r}, which is no input and no unit "
                        f"before it; expected some of {known}.{did_you_mean(source, known)}"
                    )
            known.append(name)

    def values(self, *inputs: Any) -> dict[str, Any]:
        """What every input and unit is, by name.

        Arguments:
            inputs: 0 or 1 for each input, or arrays of them.
        """
        if len(inputs) != len(self.inputs):
            raise ParameterError(
                f"the circuit got {len(inputs)} inputs; expected {len(self.inputs)}: "
                f"{', '.join(self.inputs)}."
            )
        found: dict[str, Any] = dict(zip(self.inputs, inputs, strict=True))
        for name, (unit, sources) in self.units.items():
            found[name] = unit(*(found[source] for source in sources))
        return found

    def __call__(self, *inputs: Any) -> Any:
        """What the output is: 0 or 1, or an array of them."""
        return self.values(*inputs)[list(self.units)[-1]]

    @property
    def truth_table(self) -> np.ndarray:
        """Its answers to all rows of inputs, counted up, shape (2^inputs,)."""
        return self(*rows_of(len(self.inputs)).T)

    def graph(self, *inputs: Any) -> Graph:
        """The circuit as a graph: prints as a table, ``draw(path)`` draws it.

        Arguments:
            inputs: as for a call; all rows of inputs where none are given.
        """
        found = self.values(*(inputs or rows_of(len(self.inputs)).T))
        places = {name: place for place, name in enumerate(found)}
        last = len(found) - 1
        nodes = []
        for name, place in places.items():
            unit, sources = self.units.get(name, (None, ()))
            value = np.asarray(found[name])
            role = "output" if place == last else "input" if unit is None else "intermediate"
            nodes.append(
                Node(
                    place, name, "input" if unit is None else "threshold", role, value.shape,
                    value.dtype, tuple(places[source] for source in sources), value,
                    title=None if unit is None else f"1[{unit.sum_of(sources)} >= 0]",
                )
            )  # fmt: skip
        return Graph(tuple(nodes), (last,), "values", GRAPH)

    def draw(self, path: str | Path) -> Path:
        """Draw it with all rows of inputs to an ``.svg`` or ``.png`` file; returns the path."""
        return self.graph().draw(path)

    def _told(self) -> Facts:
        table = [("unit", "takes", "answers")]
        for name, (unit, sources) in self.units.items():
            table.append((name, ", ".join(sources), f"1[{unit.sum_of(sources)} >= 0]"))
        many = "one unit" if len(self.units) == 1 else f"{len(self.units)} units"
        return Facts("Circuit", (f"A circuit of {many}.",), table, words=3)


def _is_wired(given: Any) -> bool:
    """Whether it is a unit and names."""
    pair = isinstance(given, (tuple, list)) and len(given) == 2
    unit, sources = given if pair else (None, ())
    return isinstance(unit, ThresholdLogicUnit) and bool(_names(sources))


def _names(given: Any) -> list[str]:
    """Names in whatever holds them; nothing where it holds anything else."""
    listed = isinstance(given, Collection) and getattr(given, "ndim", 1) == 1
    names = list(given) if listed else []
    return names if all(isinstance(each, str) for each in names) else []


def circuit_of(function: Function) -> Circuit:
    """A circuit that computes a Boolean function: one unit where that is enough, else two layers.

    A unit for each row of value 1 would do (the row's minterm), and one that fires where any of
    these does. Here a unit stands for as many rows as it can: inputs are left out one by one as
    long as no row of value 0 makes it fire, and rows that a unit covers already get none.

    Arguments:
        function: its truth table (``"0110"``), or a function of up to 10 arguments.

    Raises:
        ParameterError: it is no Boolean function.

    Example:
        >>> circuit_of("0110")
        A circuit of 3 units.
        unit    takes   answers
        h1      a, b    1[-a + b - 0.5 >= 0]
        h2      a, b    1[a - b - 0.5 >= 0]
        output  h1, h2  1[h1 + h2 - 0.5 >= 0]
    """
    table = truth_table(function)
    inputs = len(table).bit_length() - 1
    names, rows = letters(inputs), rows_of(inputs)
    whole = representable(table)
    if whole.unit is not None:
        return Circuit(names, {"output": (whole.unit, names)})
    units: dict[str, Wired] = {}
    covered = table == 0
    while not covered.all():
        term = _widened(rows[int(np.argmin(covered))], rows, table)
        used = np.flatnonzero(term >= 0)
        signs = 2 * term[used] - 1
        sources = [names[place] for place in used]
        unit = ThresholdLogicUnit(signs.tolist(), 0.5 - float((signs > 0).sum()))
        units[f"h{len(units) + 1}"] = (unit, sources)
        covered |= _fires(term, rows)
    terms = list(units)
    units["output"] = (ThresholdLogicUnit([1] * len(terms), -0.5), terms)
    return Circuit(names, units)


def _fires(term: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """For which rows a term is true; -1 stands for an input that is left out."""
    return ((term < 0) | (rows == term)).all(1)


def _widened(row: np.ndarray, rows: np.ndarray, table: np.ndarray) -> np.ndarray:
    """A row's minterm without the inputs that it does not need."""
    term = row.copy()
    for place in range(len(term)):
        fewer = term.copy()
        fewer[place] = -1
        if table[_fires(fewer, rows)].all():
            term = fewer
    return term
