"""A diagnosis never fails and never guesses: whatever the network, the rows and the targets."""

from __future__ import annotations

import warnings
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import sparse
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import unstuck
from unstuck import Activation, DataError, Initializer, NetClassifier, NetRegressor, load
from unstuck.errors import UnstuckWarning
from unstuck.estimators import judgment
from unstuck.health.judging import judged
from unstuck.health.table import DISEASES
from unstuck.health.trust import COUNTED, confidence

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::unstuck.errors.StuckWarning"),
]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
CURVE = np.sin(2 * X[:, 0]) + X[:, 1] ** 2
SIDES = (CURVE.mean() < CURVE).astype(int)
SOFT = np.c_[1 / (1 + np.exp(-CURVE)), 1 / (1 + np.exp(CURVE))]

OWN = Activation(
    "soft_sine", lambda a, xp: a + 0.5 * xp.sin(a), lambda a, z, xp: 1 + 0.5 * xp.cos(a)
)


SAME = Initializer("same", lambda rng, shape: np.full(shape, 0.1))


def own_loss(target, preactivation):
    return jnp.abs(target - preactivation).sum()


NETWORKS = {
    "no hidden layer": lambda: NetClassifier((), max_iter=40).fit(X, SIDES),
    "one example": lambda: NetRegressor((3,), max_iter=3).fit(X[:1], CURVE[:1]),
    "two examples": lambda: NetClassifier((3,), max_iter=3).fit(X[:2], [0, 1]),
    "one column": lambda: NetRegressor((4,), solver="lm").fit(X[:, :1], CURVE),
    "width 1": lambda: NetRegressor((1, 1), max_iter=40).fit(X, CURVE),
    "batches of 1": lambda: NetRegressor((4,), batch_size=1, max_iter=4).fit(X, CURVE),
    "several outputs": lambda: NetRegressor((8,), solver="lbfgs").fit(X, np.c_[CURVE, X[:, 0]]),
    "several labels": lambda: NetClassifier((8,), solver="scg").fit(X, np.c_[SIDES, X[:, 2] > 0]),
    "soft targets": lambda: NetClassifier((8,), solver="lbfgs").fit(X, SIDES, soft_targets=SOFT),
    "sparse rows": lambda: NetClassifier((8,), max_iter=40).fit(sparse.csr_array(X), SIDES),
    "weights": lambda: NetClassifier((8,), solver="lbfgs").fit(
        X, SIDES, sample_weight=np.arange(120.0)
    ),
    "validation rows": lambda: NetRegressor((8,), max_iter=40).fit(
        X[:80], CURVE[:80], X_val=X[80:], y_val=CURVE[80:]
    ),
    "own units": lambda: NetRegressor((8,), activation=OWN, solver="lbfgs").fit(X, CURVE),
    "own loss": lambda: NetRegressor((8,), loss=own_loss, max_iter=40).fit(X, CURVE),
    "strings": lambda: NetClassifier((8,), solver="lbfgs").fit(X, np.array(["no", "yes"])[SIDES]),
    "huge": lambda: NetRegressor((8,), max_iter=5).fit(1e150 * X, 1e150 * CURVE),
    "starts": lambda: NetRegressor((8,), n_restarts=2, max_iter=10).fit(X, CURVE),
    "in parts": lambda: NetClassifier((8,)).partial_fit(X[:50], SIDES[:50], [0, 1]),
}


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return NETWORKS[request.param]()


def test_whatever_the_network(network):
    diagnosis = network.diagnosis_
    assert not diagnosis.missing
    assert diagnosis.verdict in " ".join(str(diagnosis).split())
    assert diagnosis.to_dict()["healthy"] == diagnosis.healthy
    assert {each.code for each in diagnosis.findings} <= set(DISEASES)
    assert all(len(line) <= 80 for line in str(diagnosis).splitlines())


def test_it_changes_nothing(network):
    before = [each.tobytes() for each in network.coefs_]
    assert str(network.diagnosis_) == str(network.diagnosis_)
    assert [each.tobytes() for each in network.coefs_] == before


def test_a_loaded_network_is_diagnosed_on_rows(tmp_path):
    net = NetClassifier((8,), solver="lbfgs", random_state=0).fit(X, SIDES)
    net.save(tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors")
    assert unstuck.diagnose(again, X, SIDES).healthy == net.diagnosis_.healthy


def test_pipelines_and_unfitted_estimators():
    far = 1e4 * X + 1e5
    alone = NetClassifier((8,), random_state=0, max_iter=30, scale_inputs=False)
    assert unstuck.diagnose(alone, far, SIDES).findings[0].code == "unscaled_inputs"
    assert not hasattr(alone, "coefs_")
    scaled = NetClassifier((8,), random_state=0, solver="lbfgs", alpha=1.0, scale_inputs=False)
    assert unstuck.diagnose(make_pipeline(StandardScaler(), scaled), far, SIDES).healthy


@pytest.mark.parametrize("door", [unstuck.diagnose, unstuck.repair])
def test_inputs_that_are_too_large_are_named(door):
    """Nothing would be wrong as far as was looked, but without a reference that is not far."""
    far = X.copy()
    far[7, 1] = 1e300
    net = NetClassifier((8,), solver="lbfgs", max_iter=5, tol=0.0, random_state=0)
    with pytest.raises(DataError, match=r"X reaches 1e\+300 in column 1 \(1 of \d+ rows\); exp"):
        door(net, far, SIDES)


def test_a_multiplied_gradient_of_ones_own_is_found_beside_other_faults():
    """Two faults at one stage are both told."""
    rows = X.copy()
    rows[:, 2] = 7.0
    wrong = Activation("tanh_3", lambda a, xp: xp.tanh(a), lambda a, z, xp: 3 * (1 - z * z))
    net = NetRegressor((6,), activation=wrong, initializer=SAME, max_iter=20, random_state=0)
    found = net.fit(rows, CURVE).diagnosis_
    assert {each.code for each in found.findings} == {"wrong_gradient", "unbroken_symmetry"}
    assert any("constant" in note for note in found.notes)


class Broken:
    """A disease whose signs cannot be looked for."""

    def __call__(self, case):
        raise ZeroDivisionError("of no use")


@pytest.fixture
def broken(monkeypatch):
    first = next(iter(DISEASES))
    diseases = {**DISEASES, first: replace(DISEASES[first], signs=Broken())}
    monkeypatch.setattr(judgment, "judged", lambda *given: judged(*given, diseases=diseases))
    return first


def test_an_error_inside_is_a_warning_that_says_what_to_report(broken):
    net = NetClassifier((4,), solver="lbfgs", random_state=0).fit(X, SIDES)
    with pytest.warns(UnstuckWarning, match=f"{broken}.*ZeroDivisionError: of no use.*report"):
        diagnosis = net.diagnosis_
    assert diagnosis.missing == (f"{broken} (ZeroDivisionError: of no use)",)
    assert broken in str(diagnosis)


def test_an_error_in_what_is_reachable_is_a_warning_too(monkeypatch):
    net = NetClassifier((4,), solver="lbfgs", random_state=0).fit(X, SIDES)
    monkeypatch.setattr("unstuck.health.judging.reached", Broken())
    with pytest.warns(UnstuckWarning, match="what is reachable"):
        assert net.diagnosis_.reached == ""


def test_every_finding_has_the_confidence_that_was_counted():
    assert set(COUNTED) == set(DISEASES)
    assert all(0 < confidence(code) < 1 for code in DISEASES)
    assert all(0 <= right <= every for right, every in COUNTED.values())


def test_weights_that_were_broken_after_the_fit_are_named():
    net = NetClassifier((4,), solver="lbfgs", max_iter=15, random_state=0).fit(X, SIDES)
    net.parameters_["output"]["weights"][1] = np.nan
    found = unstuck.diagnose(net, X, SIDES).findings
    assert [(each.code, each.layer) for each in found] == [("non_finite", "output")]
    assert found[0].evidence[0].value == 1
    assert "train it anew" in found[0].remedies[0].do
