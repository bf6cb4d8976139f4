"""``decision_function``: log-odds that agree with labels and probabilities."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import get_scorer, roc_auc_score

from unstuck import NetClassifier, load
from unstuck.estimators import model as models
from unstuck.layers.network import Network

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::unstuck.StuckWarning"),
]

X = np.random.default_rng(0).normal(size=(60, 3))
TARGETS = {
    "two": np.where(X[:, 0] + X[:, 1] ** 2 > 0.5, "yes", "no"),
    "three": np.digitize(X[:, 0], [-0.5, 0.5]),
    "labels": (X[:, :2] > 0).astype(int),
}
SHAPES = {"two": (60,), "three": (60, 3), "labels": (60, 2)}


def net(**parameters):
    return NetClassifier((4,), **{"max_iter": 10, "random_state": 0} | parameters)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("unit", ["auto", "softmax", "logistic", "identity"])
@pytest.mark.parametrize("targets", TARGETS)
def test_it_agrees_with_labels_and_probabilities(targets, unit, count):
    loss = "squared_error" if unit == "identity" else "auto"
    found = net(output_activation=unit, loss=loss, n_ensemble=count).fit(X, TARGETS[targets])
    decided = found.decision_function(X)
    assert decided.shape == SHAPES[targets]
    labels = decided.argmax(1) if targets == "three" else (decided > 0).astype(int)
    expected = labels if targets == "labels" else found.classes_[labels]
    np.testing.assert_array_equal(found.predict(X), expected)
    if unit == "identity":
        assert not hasattr(found, "predict_proba")
    elif targets == "three":
        sure = expit(decided) if (unit, count) == ("logistic", 1) else softmax(decided, axis=1)
        sure /= sure.sum(1, keepdims=True)
        np.testing.assert_allclose(sure, found.predict_proba(X))
    else:
        sure = found.predict_proba(X)
        np.testing.assert_allclose(expit(decided), sure if targets == "labels" else sure[:, 1])


def test_it_is_finite_where_probabilities_round_to_0_and_1():
    found = net(n_ensemble=2).fit(X, TARGETS["two"])
    for model in found._models:
        model.parameters["output"]["weights"] *= 1e4
    decided = found.decision_function(X)
    assert found.predict_proba(X).min() == 0
    assert np.isfinite(decided).all()
    assert abs(decided).max() > 1000


def test_scikit_learns_tools_take_it():
    y = TARGETS["two"]
    found = net(learning_rate_init=0.05).fit(X, y)
    assert get_scorer("roc_auc")(found, X, y) == roc_auc_score(y, found.predict_proba(X)[:, 1])
    calibrated = CalibratedClassifierCV(net(), cv=2).fit(X, TARGETS["three"])
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(1), 1.0)


# Two classes with two outputs


@pytest.mark.parametrize("solver", ["adam", "lbfgs", "lm"])
def test_two_classes_may_have_two_outputs(solver, tmp_path):
    y = TARGETS["two"]
    one = net(solver=solver, alpha=0.0).fit(X, y)
    two = net(solver=solver, alpha=0.0, output_activation="softmax").fit(X, y)
    assert (one.n_outputs_, two.n_outputs_) == (1, 2)
    assert two.decision_function(X).shape == (60,)
    sure = two.predict_proba(X)
    np.testing.assert_allclose(np.log(sure), two.predict_log_proba(X))
    loss = -np.log(sure[np.arange(60), (y == "yes").astype(int)]).mean()
    assert loss < 0.7
    if solver != "adam":  # theirs is the loss after the last step
        assert two.loss_ == pytest.approx(loss)
    two.save(tmp_path / "net")
    np.testing.assert_array_equal(load(tmp_path / "net").decision_function(X),
                                  two.decision_function(X))  # fmt: skip
    assert two.verdict(X, y, importance=False).comparisons


def test_two_outputs_take_soft_and_graded_targets():
    hard = np.c_[TARGETS["two"] == "no", TARGETS["two"] == "yes"]
    graded = net(output_activation="softmax", class_targets=(0.15, 0.85)).fit(X, TARGETS["two"])
    soft = net(output_activation="softmax")
    soft.fit(X, TARGETS["two"], soft_targets=0.15 + 0.7 * hard)
    np.testing.assert_allclose(soft.predict_proba(X), graded.predict_proba(X), rtol=1e-6)


@pytest.fixture
def sizes(monkeypatch):
    """How many rows networks are given, in their order."""
    found = []
    run = Network.run

    def ran(self, parameters, x, flow):
        outputs = run(self, parameters, x, flow)
        found.append(len(outputs))
        return outputs

    monkeypatch.setattr(Network, "run", ran)
    return found


def test_wide_layers_take_the_rows_in_pieces(monkeypatch, sizes):
    rows = sparse.csr_matrix(X)
    fitted = net().fit(rows, TARGETS["three"])
    whole = fitted.decision_function(rows), fitted.predict_proba(rows)
    sizes.clear()
    monkeypatch.setattr(models, "VALUES", 4 * 7)  # 7 rows at a time
    for one, other in zip(whole, (fitted.decision_function(rows), fitted.predict_proba(rows)),
                          strict=True):  # fmt: skip
        np.testing.assert_allclose(one, other, rtol=1e-12)
    assert max(sizes) == 7
    assert sum(sizes) == 2 * 60


def test_sparse_rows_take_no_room_however_wide_they_are(monkeypatch, sizes):
    rows = sparse.csr_matrix(np.hstack([X, np.zeros((60, 50))]))
    fitted = net().fit(rows, TARGETS["two"])
    sizes.clear()
    monkeypatch.setattr(models, "VALUES", 4 * 60)
    fitted.decision_function(rows)
    fitted.decision_function(rows.toarray())
    assert sizes[0] == 60 > max(sizes[1:])
