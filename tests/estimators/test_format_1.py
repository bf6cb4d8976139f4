"""Files of format 1, written by the last code that wrote it, are read, gone on with, renewed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from unstuck import load

HERE = Path(__file__).parent / "format_1"
PREDICTED = json.loads((HERE / "predicted.json").read_text())
X = np.sin(np.outer(np.arange(1, 41), (1.0, 2.0, 5.0)))
CURVE = X[:, 0] * X[:, 1] + X[:, 2]
NAMES = np.array(["no", "perhaps", "yes"])[np.digitize(CURVE, (-0.5, 0.5))]
"""As in ``format_1/write.py``."""

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.parametrize("name", PREDICTED),
]


def predicted(net):
    return net.predict_proba(X) if hasattr(net, "predict_proba") else net.predict(X)


def format_of(path):
    with safe_open(path, "numpy") as file:
        (entry,) = file.metadata().values()
    return json.loads(entry)["version"]


def gone_on(name, net):
    targets = NAMES if hasattr(net, "classes_") else CURVE
    if name == "lm":
        return net.fit(X[:30], targets[:30], X_val=X[30:], y_val=targets[30:])
    return net.fit(X, targets)


def test_they_predict_what_they_predicted(name):
    assert format_of(HERE / f"{name}.safetensors") == 1
    net = load(HERE / f"{name}.safetensors")
    np.testing.assert_allclose(predicted(net), PREDICTED[name]["predicted"], rtol=1e-12, atol=1e-14)
    assert net.loss_curve_ == PREDICTED[name]["loss"]
    assert len(getattr(net, "restarts_", [])) == (2 if name == "classifier" else 0)


def test_they_go_on(name):
    net = load(HERE / f"{name}.safetensors")
    before = net.loss_curve_
    gone_on(name, net)
    assert len(before) < len(net.loss_curve_) <= 20
    assert net.n_iter_ == len(net.loss_curve_) - len(before)
    assert net.loss_curve_[:10] == before
    assert all(len(net.history_[c]) == len(net.loss_curve_) for c in ("loss", "gradient_norm"))
    assert net.loss_curve_[10] < 1.1 * before[-1]  # no start anew
    assert net.best_loss_ <= before[-1]


def test_they_are_saved_as_format_2(name, tmp_path):
    net, path = load(HERE / f"{name}.safetensors"), tmp_path / "new.safetensors"
    net.save(path)
    assert format_of(path) == 2
    again = load(path)
    np.testing.assert_array_equal(predicted(again), predicted(net))
    one, other = gone_on(name, net), gone_on(name, again)
    np.testing.assert_array_equal(predicted(one), predicted(other))
    assert one.loss_curve_ == other.loss_curve_
