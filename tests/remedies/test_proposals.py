"""What a diagnosis proposes to try."""

from __future__ import annotations

from unstuck.health.diagnosis import Diagnosis
from unstuck.health.finding import Finding, Remedy
from unstuck.remedies.proposals import distinct, proposed, said
from unstuck.remedies.treatment import Treatment

RELU = Remedy("Use relu.", "", {"activation": "relu"})
TANH = Remedy("Or use tanh.", "", {"activation": "tanh"})
SCALE = Remedy("Standardize.", "", {"scale_inputs": True})
SLOWER = Remedy("Lower the rate.", "", {"learning_rate_init": 0.1})
MEND = Remedy("Mend the rows.", "They disagree.")
SETTINGS = {"activation": "logistic", "scale_inputs": False, "alpha": 0.0}


def diagnosis(*remedies):
    return Diagnosis(tuple(Finding(f"code {i}", "It is.", remedies=r) for i, r in
                           enumerate(remedies)))  # fmt: skip


def test_every_remedy_of_a_finding_in_its_order():
    found = proposed(diagnosis((RELU, TANH, MEND)), SETTINGS)
    assert [each.name for each in found] == ["Use relu", "Use tanh"]


def test_the_first_remedies_of_all_findings_together_come_first():
    found = proposed(diagnosis((RELU, TANH), (SCALE,)), SETTINGS)
    assert found[0].parameters == {"activation": "relu", "scale_inputs": True}
    assert len(found) == 4


def test_what_contradicts_the_first_is_not_put_together():
    found = proposed(diagnosis((RELU,), (TANH,), (SCALE,)), SETTINGS)
    assert found[0].parameters == {"activation": "relu", "scale_inputs": True}


def test_graded_parameters_are_tried_further_in_the_same_direction():
    found = proposed(diagnosis((SLOWER,)), {"learning_rate_init": 1.0})
    assert [each.parameters["learning_rate_init"] for each in found] == [0.1, 0.01, 0.001]
    more = Remedy("Raise the penalty.", "", {"alpha": 0.01})
    assert [e.parameters["alpha"] for e in proposed(diagnosis((more,)), SETTINGS)] == [0.01, 0.1, 1]


def test_the_first_is_also_tried_with_longer_steps_where_there_are_steps():
    found = proposed(diagnosis((RELU, TANH)), {**SETTINGS, "learning_rate_init": 0.001})
    assert found[-1].parameters == {"activation": "relu", "learning_rate_init": 0.01}
    assert found[-1].name == "Use relu, with learning_rate_init 0.01"


def test_what_no_parameter_mends_is_said():
    assert said(diagnosis((MEND,), (RELU,), ())) == ("It is. Mend the rows.", "It is.")
    assert proposed(diagnosis((MEND,)), SETTINGS) == []


def test_the_same_changes_are_tried_once():
    one, other = Treatment("one", {"a": 1, "b": 2}), Treatment("other", {"b": 2, "a": 1})
    assert distinct([one, other]) == [one]
