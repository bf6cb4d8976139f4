"""Presets are settings that estimators take, and what the command line starts from."""

import pytest

from unstuck import PRESETS, NetClassifier, NetRegressor
from unstuck.cli.flags import chosen
from unstuck.errors import ParameterError
from unstuck.settings import check


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_right(name):
    for kind in (NetClassifier, NetRegressor):
        check(kind(**PRESETS[name]), name)


def test_the_command_line_starts_from_the_preset_of_tables():
    found = chosen({"alpha": "0.5"}, "regression")
    assert found["alpha"] == 0.5
    assert found["n_ensemble"] == PRESETS["table"]["n_ensemble"]


def test_a_solver_that_was_typed_has_values_of_its_own():
    assert "n_ensemble" not in chosen({"solver": "lm"}, "regression")
    assert "n_ensemble" in chosen({"solver": "adam"}, "regression", "table")


def test_an_unknown_preset_is_told_with_the_nearest():
    with pytest.raises(ParameterError, match=r"table, plain.*'table'"):
        chosen({}, "regression", "tabel")


def test_a_preset_with_other_values_is_a_dict():
    net = NetClassifier(**PRESETS["table"] | {"alpha": 0.1})
    assert (net.alpha, net.n_ensemble) == (0.1, 5)
    assert PRESETS["table"]["alpha"] == 1.0
