"""Findings are proved by experiment: the logic on a subject whose answers are given here, and the
whole on fits."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import unstuck
from unstuck import NetClassifier, NetRegressor
from unstuck.errors import ParameterError
from unstuck.health import telling
from unstuck.health.case import Case
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.disease import STAGES, Disease
from unstuck.health.experiments import experiment
from unstuck.health.finding import Evidence, Finding, Lookalike, Proof, Remedy
from unstuck.health.page import html
from unstuck.health.proving import proved
from unstuck.health.subject import Change, Facts, Sample, Trial
from unstuck.health.table import DISEASES
from unstuck.health.yardsticks import AGAIN, FELT

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::unstuck.errors.StuckWarning"),
]

FACTS = Facts(
    kind="numbers",
    solver="adam",
    rates={"learning_rate_init": 0.02},
    limit=100,
    settings={"learning_rate_init": 0.02, "scale_inputs": False, "initializer": "glorot_normal",
              "activation": "logistic", "hidden_layer_sizes": (4, 2), "max_iter": 100,
              "alpha": 0.1, "solver": "adam"},
    restraints=("alpha",),
)  # fmt: skip


# Parameters as experiments


@pytest.mark.parametrize(
    ("parameters", "change"),
    [
        ({"scale_inputs": True}, Change(inputs=True)),
        ({"scale_targets": True, "learning_rate_init": 0.2}, Change(targets=True, rate=10.0)),
        ({"initializer": "auto", "activation": "tanh"},
         Change(start=True, settings=(("activation", "tanh"),))),
        ({"initializer": "he_normal"}, Change(settings=(("initializer", "he_normal"),))),
        ({"learning_rate_init": 0.02 / 3 * 0.3}, Change(rate=0.1)),
        ({"hidden_layer_sizes": (32, 16)}, Change(wider=8)),
        ({"hidden_layer_sizes": (32, 17)}, Change(settings=(("hidden_layer_sizes", (32, 17)),))),
        ({"hidden_layer_sizes": ()}, Change(settings=(("hidden_layer_sizes", ()),))),
        ({"hidden_layer_sizes": (32, 16), "solver": "lbfgs"}, Change(wider=8, solver="lbfgs")),
        ({"max_iter": 400}, Change(longer=4)),
        ({"tol": 0.0, "n_iter_no_change": 100}, Change()),
        ({"alpha": 0.0}, Change(penalized=False)),
        ({"alpha": 3.0}, Change(settings=(("alpha", 3.0),))),
        ({"class_weight": "balanced"}, Change(balanced=True)),
        ({"alpha": None}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_parameters_are_the_experiments_by_which_findings_are_made(parameters, change):
    assert experiment(parameters, FACTS) == change


def test_a_change_says_what_it_is():
    change = Change(inputs=True, settings=(("activation", "relu"), ("alpha", 0.1)))
    assert str(change) == "on standardized inputs, with activation='relu', alpha=0.1"
    assert {change: 1}[replace(change)] == 1


# The outcome


class Answers:
    """A subject of 40 rows whose trials have the errors that are given."""

    def __init__(self, brought, facts=FACTS):
        self.brought, self.facts, self.asked = brought, facts, []
        x = np.linspace(-1.0, 1.0, 40)[:, None]
        self.sample, self.history = Sample(x, x, x, x, np.ones(40)), {}

    def again(self, change):
        self.asked.append(change)
        share = self.brought.get(change, 0.0)
        if share is None:
            return None
        errors = np.full(40, 1.0 - share)
        return Trial(errors, errors, errors, errors)


def case_of(brought, facts=FACTS, own=1.0, reachable=0.0):
    """A case that misses all there is to reach, and whose experiments bring these shares."""
    case = Case(Answers(brought, facts))
    gate = SimpleNamespace(
        own=own, reachable=reachable, missed=True, behind=False, constant=1.0,
        closed=lambda errors, before=None: 1.0 - float(errors.mean()),
    )  # fmt: skip
    case.__dict__["gate"] = gate
    return case


SICK = Disease(
    "sick", "scales", "It is.", (), lambda case: (),
    (Lookalike("slow", ""), Lookalike("words alone", ""), Lookalike("same", ""),
     Lookalike("seen", "")),
    (), "",
)  # fmt: skip
SLOW = replace(SICK, code="slow", stage="steps", lookalikes=(), trial=Change(rate=10.0))
SAME = replace(SICK, code="same", remedies=(Remedy("", "", {"scale_inputs": True}),))
SEEN = replace(SICK, code="seen", stage="structure",
               remedies=(Remedy("", "", {"activation": "relu"}),))  # fmt: skip
TABLE = {each.code: each for each in (SICK, SLOW, SAME, SEEN)}
CURE, OTHER = Remedy("a", "", {"scale_inputs": True}), Remedy("b", "", {"activation": "tanh"})
FOUND = Finding("sick", "It is sick", remedies=(CURE, OTHER))
SCALED, TENFOLD = Change(inputs=True), Change(rate=10.0)
TANH = Change(settings=(("activation", "tanh"),))


@pytest.mark.parametrize(
    ("brought", "outcome", "alike"),
    [
        ({SCALED: 0.9}, "proved", ()),
        ({SCALED: 0.9, TENFOLD: 0.6}, "proved", ()),
        ({SCALED: 0.9, TENFOLD: 0.8}, "not told apart", ("slow",)),
        ({SCALED: 0.9, TENFOLD: None}, "proved", ()),
        ({SCALED: 0.3, TENFOLD: 0.9}, "not proved", ()),
        ({SCALED: None, TANH: None}, "not provable", ()),
        ({SCALED: None, TANH: 0.7}, "proved", ()),
    ],
)
def test_the_outcome(brought, outcome, alike):
    case = case_of(brought)
    found = proved(case, FOUND, TABLE)
    assert (found.proof.outcome, found.proof.alike) == (outcome, alike)
    assert found.proof.reason.endswith(".")
    assert found.proof.outcome in str(Diagnosis((found,))).lower()


def test_the_numbers_stand_in_the_evidence():
    found = proved(case_of({SCALED: 0.9, TENFOLD: 0.2}), FOUND, TABLE)
    rows = [(each.value, each.threshold, each.sick, each.where) for each in found.evidence]
    assert rows == [
        (pytest.approx(0.9), 0.5, "above", AGAIN),
        (pytest.approx(0.2), pytest.approx(0.72), "below", AGAIN),
    ]
    assert "slow" in found.evidence[1].what


def test_nothing_is_tried_after_a_cure_and_what_is_known_is_not_asked_again():
    case = case_of({SCALED: 0.9})
    case.closes(inputs=True)
    known = Evidence("closed", case.closes(inputs=True), 0.5, where=AGAIN)
    found = proved(case, replace(FOUND, evidence=(known,)), TABLE)
    assert case.subject.asked.count(SCALED) == 1
    assert TANH not in case.subject.asked
    assert [each.value for each in found.evidence].count(known.value) == 1


def test_the_remedy_that_cures_comes_first():
    found = proved(case_of({SCALED: 0.1, TANH: 0.9}), FOUND, TABLE)
    assert found.remedies == (OTHER, CURE)
    assert proved(case_of({SCALED: 0.1, TANH: 0.2}), FOUND, TABLE).remedies == (CURE, OTHER)


@pytest.mark.parametrize("stage", STAGES)
def test_what_no_parameter_mends_is_not_provable_and_says_why(stage):
    case = case_of({})
    table = {"sick": replace(SICK, stage=stage)}
    for remedies in ((), (Remedy("mend the rows", ""), CURE)):
        found = proved(case, replace(FOUND, remedies=remedies), table)
        assert found.proof.outcome == "not provable"
        assert found.evidence == ()
    assert case.subject.asked == []


def test_a_part_of_the_cure_is_tried_alone_and_the_rest_of_a_larger_one():
    both = Remedy("", "", {"initializer": "auto", "activation": "relu"})
    usual = replace(SICK, code="usual", stage="scales",
                    remedies=(Remedy("", "", {"initializer": "auto"}),))  # fmt: skip
    deep = replace(usual, code="deep", remedies=(both,), lookalikes=(Lookalike("usual", ""),))
    usual = replace(usual, lookalikes=(Lookalike("deep", ""),))
    table = {each.code: each for each in (usual, deep)}
    relu = (("activation", "relu"),)
    brought = {Change(start=True, settings=relu): 1.0, Change(start=True): 1.0}
    case = case_of(brought)
    found = proved(case, Finding("deep", "", remedies=(both,)), table)
    assert found.proof.alike == ("usual",)
    case = case_of(brought)
    found = proved(case, Finding("usual", "", remedies=usual.remedies), table)
    assert found.proof.outcome == "proved"
    assert case.subject.asked[-1] == Change(settings=relu)


def test_every_disease_is_felt_by_something():
    assert {each.felt for each in DISEASES.values()} == set(FELT)


# How it reads


def test_text_html_and_data_tell_it():
    proof = Proof("not told apart", "Trained again <b>, 90 % of the gap is closed.", ("slow",))
    shown = Diagnosis((replace(FOUND, proof=proof), replace(FOUND, proof=proof)))
    text = " ".join(telling.text(shown).split())
    assert text.count("Not told apart from slow. Trained again <b>, 90 % of the gap") == 2
    assert html(shown).count("Not told apart from slow. Trained again &lt;b&gt;") == 2
    told = json.loads(json.dumps(shown.to_dict()))["findings"][0]["proof"]
    assert told == {"outcome": "not told apart", "reason": proof.reason, "alike": ["slow"]}
    assert Diagnosis((FOUND,)).to_dict()["findings"][0]["proof"] is None
    assert "told apart" not in str(Diagnosis((FOUND,)))


# On fits


RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
SIDES = (np.sin(2 * X[:, 0]) + X[:, 1] ** 2 > 0.9).astype(int)


@pytest.fixture(scope="module")
def slow():
    """Two networks of one shape: with unscaled inputs, and with steps that are too short."""
    far = NetClassifier((8,), random_state=0, max_iter=30, scale_inputs=False)
    short = NetClassifier((8,), random_state=0, max_iter=30, learning_rate_init=1e-6)
    return far.fit(1e4 * X + 1e5, SIDES), short.fit(X, SIDES)


def test_a_fit_is_trained_again_and_the_network_stays_as_it_is(slow):
    net, said = slow[0], []
    before = [each.tobytes() for each in net.coefs_]
    asked = net.get_params()
    found = unstuck.diagnose(net, 1e4 * X + 1e5, SIDES, prove=True, progress=said.append)
    first = found.findings[0]
    assert (first.code, first.proof.outcome) == ("unscaled_inputs", "proved")
    assert any("if it were learning_rate_too_high" in each.what for each in first.evidence)
    assert "proving unscaled_inputs" in said
    assert not found.missing
    assert [each.tobytes() for each in net.coefs_] == before
    assert net.get_params() == asked
    assert net.diagnosis_.findings[0].proof is None


def test_what_a_network_lacks_is_told_from_what_it_does_not(slow):
    found = unstuck.diagnose(slow[1], X, SIDES, prove=True)
    assert [each.code for each in found.findings] == ["learning_rate_too_low"]
    assert found.findings[0].proof.outcome == "proved"


def test_the_same_experiments_give_the_same_proof(slow):
    one, two = (unstuck.diagnose(slow[1], X, SIDES, prove=True) for _ in range(2))
    assert one.to_dict() == two.to_dict()


def test_faults_of_the_rows_and_functions_are_not_provable():
    net = NetRegressor((8,), random_state=0, solver="lbfgs", max_iter=5).fit(X, np.ones(120))
    found = unstuck.diagnose(net, X, np.ones(120), prove=True).findings[0]
    assert (found.code, found.proof.outcome) == ("constant_targets", "not provable")
    assert "rows" in found.proof.reason

    def loss(weights, batch):
        x, y = batch
        return ((x @ weights["hidden"] @ weights["output"] - y) ** 2).mean()

    weights = {"hidden": np.ones((3, 4)), "output": np.ones((4, 1))}
    batch = (X, X[:, :1] * X[:, 1:2])
    for each in unstuck.diagnose(loss, weights, batch, prove=True).findings:
        assert each.proof.outcome == "not provable"


def test_a_proof_that_fails_is_said_and_leaves_the_finding(slow, monkeypatch):
    monkeypatch.setattr("unstuck.health.judging.proved", lambda *_: 1 / 0)
    with pytest.warns(unstuck.UnstuckWarning, match="the proof of learning_rate_too_low"):
        found = unstuck.diagnose(slow[1], X, SIDES, prove=True)
    assert found.findings[0].proof is None
    assert found.missing


def test_ctrl_c_ends_it(slow):
    def press(doing):
        if "proving" in doing:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unstuck.diagnose(slow[1], X, SIDES, prove=True, progress=press)


@pytest.mark.parametrize("wrong", ["yes", 1, None])
def test_prove_is_true_or_false(slow, wrong):
    with pytest.raises(ParameterError, match="prove was"):
        unstuck.diagnose(slow[1], X, SIDES, prove=wrong)
