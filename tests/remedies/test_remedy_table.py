"""The table of remedies: each does what it says, and can be combined as it is named."""

from __future__ import annotations

import re

import pytest

from unstuck import REMEDIES, NetClassifier, NetRegressor
from unstuck.errors import ParameterError
from unstuck.remedies.table import CLASSICAL, TOGETHER, acts_on
from unstuck.settings import check


@pytest.mark.parametrize("name", list(REMEDIES))
def test_a_remedy_sets_parameters_that_there_are(name):
    remedy = REMEDIES[name]
    kinds = {"classification": NetClassifier, "regression": NetRegressor}
    for task in remedy.tasks:
        changed = kinds[task](activation="logistic", scale_inputs=False)
        changed.set_params(**remedy.parameters)
        check(changed, name)
    assert re.search(r"\b(19|20)\d\d\b", remedy.reference)
    assert remedy.why.endswith(".")
    assert len(remedy.description) > 15
    assert remedy.acts_on in ("hidden", "output", "both")


def test_the_five_come_first_and_in_order():
    assert [REMEDIES[name].number for name in CLASSICAL] == [1, 2, 3, 4, 5]
    assert tuple(REMEDIES)[:5] == CLASSICAL


def test_what_only_targets_and_losses_of_classes_have_is_not_for_numbers():
    assert [r.name for r in REMEDIES.values() if r.tasks == ("classification",)] == [
        "targets",
        "cross_entropy",
    ]


@pytest.mark.parametrize("name", list(TOGETHER))
def test_what_is_tried_together_agrees(name):
    parts = [REMEDIES[each].treatment for each in TOGETHER[name].split(" + ")]
    together = parts[0]
    for each in parts[1:]:
        assert together.agrees(each)
        together = together + each
    assert len(together.parameters) == len(parts)


def test_what_a_treatment_acts_on():
    assert acts_on({"class_targets": (0.15, 0.85)}) == "output"
    assert acts_on({"class_targets": (0.1, 0.9)}) == ""
    assert acts_on({"activation": "elu", "layer_norm": True}) == "hidden"
    assert acts_on({"net__activation": "elu", "net__loss": "cross_entropy"}) == "both"


def test_an_unknown_remedy_is_named_beside_the_near_one():
    with pytest.raises(ParameterError, match="Did you mean 'cross_entropy'"):
        REMEDIES["cross_entropi"]


def test_the_table_tells_what_each_acts_on():
    lines = str(REMEDIES).splitlines()
    assert "acts on stuck" in lines[1]
    assert any(line.startswith("cross_entropy") and line.endswith("output") for line in lines)
