"""The parts of an estimator as a file holds them: values, and names of functions and records."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import ACTIVATIONS
from unstuck.choices import Choices, Named, Own
from unstuck.errors import FileError, ParameterError
from unstuck.initializers import INITIALIZERS
from unstuck.layers.layer import Layer, is_layer
from unstuck.layers.table import LAYERS
from unstuck.losses import LOSSES
from unstuck.solvers.schedules import SCHEDULES
from unstuck.solvers.stopping_rules import STOPPING_RULES
from unstuck.solvers.table import SOLVERS

TABLES: dict[str, Choices[Any]] = {
    table.noun: table
    for table in (ACTIVATIONS, INITIALIZERS, LOSSES, SCHEDULES, SOLVERS, STOPPING_RULES)
}
NOUNS = {type(record): noun for noun, table in TABLES.items() for record in table.values()}

Functions = Mapping[str, Callable[..., Any]]
OwnLayers = Iterable[type[Layer]] | type[Layer]


class Known(NamedTuple):
    """What a file may name beside the tables of records.

    Attributes:
        functions: the user's own functions and records, by name.
        layers: classes of layers, by name.
    """

    functions: Functions
    layers: Mapping[str, type[Layer]]

    @classmethod
    def of(cls, functions: Functions, layers: OwnLayers) -> Known:
        """With the layers of the user's own beside those of the table.

        Raises:
            FileError: what was given for a layer is none.
        """
        given = [layers] if isinstance(layers, type) else list(layers)
        for each in given:
            if not (isinstance(each, type) and dataclasses.is_dataclass(each)):
                raise FileError(
                    f"layers holds {each!r:.80}; expected the classes of layers, which are frozen "
                    "dataclasses. Pass them: load(path, layers=[Gate])."
                )
        return cls(functions, LAYERS | {layer.__name__: layer for layer in given})


def encode(value: Any, where: str) -> Any:
    """A parameter's value as JSON.

    Raises:
        FileError: a function without a name, or a value of a kind that no file can hold.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Named):
        return {"record": [NOUNS[type(value)], name_of(value, where)]}
    if is_layer(value):
        return encode_layer(value)
    if isinstance(value, tuple):
        return {"tuple": [encode(each, where) for each in value]}
    if isinstance(value, (list, np.ndarray)):
        return [encode(each, where) for each in value]
    if isinstance(value, dict):
        return {"dict": [[encode(k, where), encode(v, where)] for k, v in value.items()]}
    if isinstance(value, np.random.RandomState):
        return None  # its draw is in the file as the model's seed
    if callable(value):
        return {"function": _function_name(value, where)}
    raise FileError(f"{where}={value!r} cannot be written to a file; pass a name or a number.")


def encode_layer(layer: Layer) -> dict[str, Any]:
    """A layer as JSON: the name of its class, and its fields."""
    kind, fields = type(layer).__name__, dataclasses.fields(layer)  # type: ignore[arg-type]
    named = {f.name: encode(getattr(layer, f.name), f"{kind}.{f.name}") for f in fields}
    return {"layer": [kind, named]}


def name_of(record: Any, where: str) -> Any:
    """What a file holds of a record: its name, told apart from the name of one's own.

    Raises:
        FileError: a record of one's own, or its function, has no name that could be written.
    """
    own = [value for value in vars(record).values() if isinstance(value, Own)]
    if own:
        return {"function": _function_name(own[0].function, where)}
    if record.table_name is not None:
        return record.table_name
    if not record.name.isidentifier():
        raise FileError(
            f"{where}={record.name!r} is a record of your own, and its name is no Python name. "
            "Rename it, then save; read it back with load(path, functions={name: record})."
        )
    return {"function": record.name}


def _function_name(function: Callable[..., Any], where: str) -> str:
    name = getattr(function, "__name__", "")
    if not name.isidentifier():
        raise FileError(
            f"{where}={function!r} is a function without a name, and a file cannot hold code. "
            f"Define it with 'def my_function', then save; read it back with "
            f"load(path, functions={{'my_function': my_function}})."
        )
    return name


def decode(value: Any, known: Known) -> Any:
    """The value that ``encode`` made JSON of.

    Arguments:
        value: as JSON.
        known: what the user has passed.

    Raises:
        FileError: a value of an unknown kind, or a function or layer that was not given.
    """
    if isinstance(value, list):
        return [decode(each, known) for each in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tuple":
        return tuple(decode(each, known) for each in content)
    if kind == "dict":
        return {decode(k, known): decode(v, known) for k, v in content}
    if kind == "layer":
        return _layer(content, known)
    if kind == "record":
        return _record(content, known)
    return _function(kind, content, known.functions)


def _layer(written: Any, known: Known) -> Layer:
    name, fields = written
    if name not in known.layers:
        raise FileError(
            f"the model uses a layer of your own, {name!r:.80}. Pass its class: "
            f"load(path, layers=[{name:.80}])."
        )
    kind = known.layers[name]
    expected = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    if list(fields) != expected:
        raise FileError(
            f"the layer {name!r} was saved with the fields {', '.join(fields)}; expected "
            f"{', '.join(expected)}. Pass the class that the model was built with."
        )
    return kind(**{field: decode(value, known) for field, value in fields.items()})


def _record(written: Any, known: Known) -> Any:
    noun, name = written
    if noun not in TABLES:
        raise FileError(f"the file holds a record of an unknown kind, {noun!r:.40}.")
    return record_of(name, TABLES[noun], known)


def record_of(name: Any, table: Choices[Any], known: Known) -> Any:
    """The record that ``name_of`` gave the name of.

    Raises:
        FileError: there is none in the table, or what was given in its place is another kind.
    """
    if not isinstance(name, (str, dict)):
        raise FileError(f"the file holds {name!r:.40} in the place of the name of a {table.noun}.")
    try:
        return table.resolve(decode(name, known))
    except ParameterError as problem:
        raise FileError(f"what the file names cannot be used: {problem}") from problem


def _function(kind: str, name: Any, functions: Functions) -> Any:
    if kind != "function" or not isinstance(name, str):
        raise FileError(f"the file holds a value of an unknown kind, {kind!r:.40}.")
    if name not in functions:
        raise FileError(
            f"the model uses a function or record of your own, {name!r}. Pass it: "
            f"load(path, functions={{{name!r}: {name}}})."
        )
    found = functions[name]
    if not (callable(found) or isinstance(found, Named)):
        raise FileError(
            f"functions[{name!r}] was {found!r:.80}; expected the function or record that the "
            f"model was built with. Pass it: load(path, functions={{{name!r}: {name}}})."
        )
    return found
