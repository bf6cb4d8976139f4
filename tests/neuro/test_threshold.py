"""Threshold logic units: what one computes, what none does and why, and circuits of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from unstuck import DataError, ParameterError
from unstuck.neuro import (
    GATES,
    Circuit,
    ThresholdLogicUnit,
    circuit_of,
    functions_of_two,
    representable,
    separation,
    truth_table,
)
from unstuck.neuro.boolean import rows_of


def test_the_gates_have_the_usual_weights():
    """1[a + b - 0.5 >= 0], 1[a + b - 1.5 >= 0] and 1[-a + 0.5 >= 0]."""
    told = {name: (gate.weights, gate.bias) for name, gate in GATES.items()}
    assert told == {"or": ((1, 1), -0.5), "and": ((1, 1), -1.5), "not": ((-1,), 0.5)}
    for a, b in itertools.product((0, 1), repeat=2):
        assert GATES["or"](a, b) == (a or b)
        assert GATES["and"](a, b) == (a and b)
        assert GATES["not"](a) == 1 - a


@pytest.mark.parametrize("name", GATES)
def test_the_usual_weights_are_found_again(name):
    assert representable(GATES[name].truth_table).unit == GATES[name]


def test_a_unit_fires_at_its_threshold():
    assert ThresholdLogicUnit([1], -1)(1) == 1


def test_one_unit_computes_14_of_16_functions():
    found = functions_of_two()
    assert {"".join(map(str, each.table)) for each in found} == {
        "".join(bits) for bits in itertools.product("01", repeat=4)
    }
    assert [each.name for each in found if each.unit is None] == ["a xor b", "a equals b"]
    assert all(each.check() for each in found)
    assert "14 of the 16" in str(found)


def small_units(inputs):
    """The functions of all units of small whole weights: a twin that searches."""
    weights = np.array(list(itertools.product(range(-2, 3), repeat=inputs)))
    sums = weights @ rows_of(inputs).T
    biases = np.arange(-6, 7)[:, None, None] + 0.5
    return {tuple(row) for row in (sums + biases >= 0).astype(int).reshape(-1, 2**inputs)}


def test_of_three_inputs_it_computes_104_of_256():
    """The published count of threshold functions: 2, 4, 14, 104, 1882, ... (OEIS A000609)."""
    searched = small_units(3)
    assert len(searched) == 104
    for bits in itertools.product((0, 1), repeat=8):
        found = representable(bits)
        assert (found.unit is not None) == (bits in searched)
        assert found.check()


@pytest.mark.parametrize("inputs", [4, 6, 9])
def test_large_functions_are_decided_with_a_proof_and_built(inputs):
    rng = np.random.default_rng(inputs)
    table = rng.integers(0, 2, 2**inputs)
    found = representable(table)
    assert found.unit is None
    assert found.check()
    signs = np.where(table == 1, 1, -1) * found.multipliers
    assert not (signs @ rows_of(inputs)).any()
    assert signs.sum() == 0 < found.multipliers.sum()
    np.testing.assert_array_equal(circuit_of(table).truth_table, table)
    majority = rows_of(inputs).sum(1) > inputs / 2
    assert representable(majority).unit.weights == (1.0,) * inputs


def test_a_false_proof_is_no_proof():
    found = representable("0110")
    found.multipliers[0] += 1
    assert not found.check()
    found.multipliers[:] = 0
    assert not found.check()


@pytest.mark.parametrize("bits", list(itertools.product((0, 1), repeat=8))[::5])
def test_every_function_is_a_circuit(bits):
    circuit = circuit_of(bits)
    np.testing.assert_array_equal(circuit.truth_table, bits)
    assert len(circuit.units) <= 5  # a minterm for each of at most 4 terms, and the output


def test_what_minterms_have_in_common_is_one_unit():
    """(a and b) or (c and d) has 7 minterms and needs two units, and the output."""
    circuit = circuit_of(lambda a, b, c, d: (a and b) or (c and d))
    assert len(circuit.units) == 3
    assert all(len(sources) == 2 for _, sources in circuit.units.values())


def test_a_circuit_is_a_graph(tmp_path):
    graph = circuit_of("0110").graph()
    assert [node.name for node in graph.nodes] == ["a", "b", "h1", "h2", "output"]
    assert [node.parents for node in graph.nodes] == [(), (), (0, 1), (0, 1), (2, 3)]
    np.testing.assert_array_equal(graph.node("output").value, [0, 1, 1, 0])
    assert "1[h1 + h2 - 0.5 >= 0]" in str(graph)
    assert circuit_of("0110").graph(1, 1).node("output").value == 0
    path = circuit_of("0110").draw(tmp_path / "xor.svg")
    assert path.read_text("utf-8").startswith("<?xml")


def test_a_truth_table_is_read_from_texts_lists_and_functions():
    for given in ("0001", [0, 0, 0, 1], [False, False, False, True], lambda a, b: a and b):
        assert truth_table(given).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: truth_table("012"), ParameterError, "'0110' for XOR"),
        (lambda: truth_table("0120"), ParameterError, "each 0 or 1"),
        (lambda: truth_table("0" * 2048), ParameterError, "up to 1,024"),
        (lambda: truth_table(lambda *a: 1), ParameterError, "each with a name"),
        (lambda: truth_table(lambda a: a / 0), ParameterError, "the function failed"),
        (lambda: truth_table(lambda a: 2), ParameterError, "each 0 or 1"),
        (lambda: truth_table(3), ParameterError, "expected 2, 4, 8"),
        (lambda: GATES["or"](1), DataError, "expected 2, one for each weight"),
        (lambda: GATES["or"](1, 0.5), DataError, "neuro.Perceptron takes any numbers"),
        (lambda: ThresholdLogicUnit([], 1), ParameterError, "one for each input"),
        (lambda: ThresholdLogicUnit(["x"], 1), ParameterError, "finite numbers"),
        (lambda: ThresholdLogicUnit([np.nan], 1), ParameterError, "finite numbers"),
        (lambda: Circuit(["a"], {}), ParameterError, "at least one of each"),
        (lambda: Circuit(["a"], {"a": (GATES["not"], "a")}), ParameterError, "of their own"),
        (lambda: Circuit(["a"], {"u": (GATES["or"], ["a"])}), ParameterError, "has 2 weights"),
        (lambda: Circuit(["left"], {"u": (GATES["not"], ["lef"])}), ParameterError, "mean 'left'"),
        (lambda: Circuit(3, {"u": (GATES["not"], ["a"])}), ParameterError, "inputs were 3 and"),
        (lambda: Circuit([1], {"u": (GATES["not"], [1])}), ParameterError, "a list of names"),
        (lambda: Circuit(["a"], None), ParameterError, "the units None; expected"),
        (lambda: Circuit(["a"], {"u": GATES["not"]}), ParameterError, "and the names of what"),
        (lambda: Circuit(["a"], {"u": (GATES["not"], 3)}), ParameterError, "and the names of what"),
        (lambda: ThresholdLogicUnit([1], 10**400), ParameterError, "finite"),
        (lambda: circuit_of("0110")(1), ParameterError, "expected 2: a, b"),
        (lambda: separation([[1.0]], [2]), DataError, "True for the rows"),
        (lambda: separation([[1.0]], [1, 0]), DataError, "(n, inputs)"),
        (lambda: separation([1.0], [1]), DataError, "Expected 2D array"),
        (lambda: separation([[1j]], [1]), DataError, "complex numbers in column 0"),
        (lambda: separation([["a"]], [1]), DataError, "text in column 0"),
        (lambda: separation([[np.inf]], [1]), DataError, "infinity (inf) in column 0"),
    ],
)
def test_bad_input_gets_a_clear_error(act, error, message):
    with pytest.raises(error) as caught:
        act()
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", [tuple, np.array, lambda names: dict.fromkeys(names).keys()])
def test_names_may_be_in_whatever_holds_them(kind):
    names = kind(["a", "b"])
    assert Circuit(names, {"u": (GATES["or"], names)}).truth_table.tolist() == [0, 1, 1, 1]
