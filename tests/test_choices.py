"""Tables of records: names, aliases, parameters, functions; copying and spelling."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest

from unstuck import (
    ACTIVATIONS,
    INITIALIZERS,
    LOSSES,
    SCHEDULES,
    SOLVERS,
    STOPPING_RULES,
    Initializer,
)
from unstuck.choices import Choices, Own, spelled
from unstuck.errors import ParameterError

TABLES = {
    t.noun: t for t in (ACTIVATIONS, INITIALIZERS, LOSSES, SCHEDULES, SOLVERS, STOPPING_RULES)
}
EVERY = [(noun, name) for noun, table in TABLES.items() for name in table]


@dataclasses.dataclass(frozen=True)
class Fruit:
    name: str
    aliases: tuple[str, ...] = ()
    parameter: str | None = None
    constant: float = 1.0
    parameter_range: tuple[float, float] = (0.0, 2.0)


def fruits(from_function=None):
    return Choices("fruit", (Fruit("apple", ("pomme",)), Fruit("pear", (), "size")), from_function)


def test_a_table_is_iterated_in_its_order():
    table = fruits()
    assert list(table) == ["apple", "pear"]
    assert len(table) == 2
    assert [record.name for record in table.values()] == ["apple", "pear"]
    assert table.known == ("apple", "pomme", "pear")


def test_names_and_aliases_are_known():
    table = fruits()
    assert table["pomme"] is table["apple"]
    assert "pomme" in table
    assert "plum" not in table


@pytest.mark.parametrize("twice", [Fruit("apple"), Fruit("quince", ("pomme",)), Fruit("pomme")])
def test_no_name_is_given_twice(twice):
    with pytest.raises(ValueError, match="two fruit records share a name or an alias"):
        Choices("fruit", (Fruit("apple", ("pomme",)), twice))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "appel",
            "fruit='appel' is not known; expected one of 'apple', 'pear'. Did you mean 'apple'?",
        ),
        ("zzz", "fruit='zzz' is not known; expected one of 'apple', 'pear'."),
        (None, "fruit=None is not one of 'apple', 'pear'."),
        (len, "fruit=<built-in function len> is not one of 'apple', 'pear'."),
        ("apple(1)", "fruit='apple(1)': apple has no parameter; write 'apple'."),
        (
            "pear(3)",
            "fruit='pear(3)': the parameter size of pear was '3'; expected a number from 0 to 2.",
        ),
        (
            "pear(1",
            "fruit='pear(1' is not known; expected one of 'apple', 'pear'. Did you mean 'pear'?",
        ),
    ],
)
def test_message(given, message):
    with pytest.raises(ParameterError) as error:
        fruits().resolve(given)
    assert str(error.value) == message


def test_a_function_is_taken_where_the_table_says_so():
    table = fruits(lambda function: Fruit(function.__name__))
    assert table.resolve(len) == Fruit("len")
    with pytest.raises(ParameterError, match="or a function of your own"):
        table.resolve(3)


def test_the_parameter_in_a_name():
    assert fruits()["pear(1.5)"].constant == 1.5
    assert fruits()["pear( 2e0 )"].constant == 2.0
    assert fruits()["pear"].constant == 1.0


@pytest.mark.parametrize(("noun", "name"), EVERY)
def test_a_record_is_found_by_what_it_is_spelled(noun, name):
    table = TABLES[noun]
    assert table[spelled(table[name])] == table[name]


def test_spelling_keeps_the_constant():
    record = ACTIVATIONS["leaky_relu(0.1)"]
    assert spelled(record) == "leaky_relu(0.1)"
    assert spelled(ACTIVATIONS["relu"]) == "relu"


@pytest.mark.parametrize(("noun", "name"), EVERY)
def test_every_record_has_a_comment(noun, name):
    assert TABLES[noun][name].when.endswith((".", ")"))


@pytest.mark.parametrize(("noun", "name"), EVERY)
def test_copies_are_equal(noun, name):
    record = TABLES[noun][name]
    assert copy.deepcopy(record) == record
    assert hash(copy.deepcopy(record)) == hash(record)


def test_copies_of_records_with_a_constant_or_an_own_function_are_equal():
    for record in (ACTIVATIONS["elu(2)"], ACTIVATIONS.resolve(abs), LOSSES["huber(3)"]):
        assert copy.deepcopy(record) == record


def test_own_is_equal_where_the_function_is():
    assert Own(len, lambda: 1) == Own(len, lambda: 2)
    assert hash(Own(len, lambda: 1)) == hash(Own(len, lambda: 2))
    assert Own(len, abs) != Own(max, abs)
    assert Own(len, lambda *a: a)(1, 2) == (len, 1, 2)


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy])
def test_a_record_of_ones_own_is_copied_with_the_functions_it_holds(copied):
    mine = Initializer("mine", lambda rng, shape: np.ones(shape), law="ones")
    assert copied(mine) == mine
    assert copied(mine).law == "ones"
