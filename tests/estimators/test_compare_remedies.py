"""Remedies side by side: what is tried, that it is paired and repeatable, Ctrl-C, bad input."""

from __future__ import annotations

import json
import signal

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from unstuck import (
    NetClassifier,
    NetRegressor,
    StuckWarning,
    check_claim,
    compare_remedies,
    datasets,
)
from unstuck.errors import DataError, ParameterError
from unstuck.remedies.divisions import Rows, divided
from unstuck.remedies.treatment import Treatment

MOONS = datasets.load_dataset("moons", n=80, seed=0)
X, Y = MOONS.X, MOONS.y
REMEDIES = ["weights", "slope_offset", {"momentum": 0.5}]
QUICK = {"seeds": 3, "max_iter": 5, "remedies": REMEDIES, "together": ()}


def quiet(text):
    del text


@pytest.fixture(scope="module")
def found():
    return compare_remedies(X, Y, progress=quiet, **QUICK)


def test_every_remedy_has_a_line_and_the_untreated_the_first(found):
    assert [each.name for each in found.arms] == [
        "as it is",
        "weights",
        "slope_offset",
        "momentum=0.5",
    ]
    assert [each.acts_on for each in found.arms] == ["", "both", "both", ""]
    assert found.complete
    assert found.fits == 12
    assert all(len(each.outcomes) == 3 for each in found.arms)
    assert found.arms[0].gain is None
    assert found["weights"] is found.arms[1]


def test_a_line_is_what_a_fit_by_hand_gives(found):
    """The default network, one seed: trained on the same rows, scored on the same held-out ones."""
    rows = Rows.of(NetClassifier(), X, Y)
    division = divided(rows, 1)
    net = NetClassifier(
        (32, 32), activation="logistic", initializer="fan_in", loss="squared_error",
        output_activation="logistic", solver="sgd", momentum=0, nesterovs_momentum=False,
        learning_rate_init=0.05, batch_size=32, alpha=0, tol=0, n_iter_no_change=np.inf,
        scale_inputs=False, max_iter=5, random_state=1,
    )  # fmt: skip
    with pytest.warns((StuckWarning, ConvergenceWarning)):
        net.fit(X[division.train], Y[division.train])
    outcome = found["weights"].outcomes[1]
    assert outcome.job.seed == 1
    assert outcome.test == net.score(X[division.test], Y[division.test])
    assert outcome.train == net.score(X[division.train], Y[division.train])
    assert outcome.measured["loss"] == net.loss_curve_[-1]
    assert outcome.epochs == 5


def test_the_same_seed_gives_the_same_table(found):
    again = compare_remedies(X, Y, n_jobs=1, progress=quiet, **QUICK)
    assert again.to_dict() == found.to_dict()
    assert again.compilations == 0  # of the second time, none is new
    other = compare_remedies(X, Y, random_state=7, progress=quiet, **QUICK)
    assert other.to_dict() != found.to_dict()
    assert other.seeds == (7, 8, 9)


def test_seeds_and_numbers_share_programs():
    """Slope offset and clipping are traced or share what is there: two programs for three arms."""
    net = NetClassifier((3,), activation="logistic", loss="squared_error", max_iter=3,
                        output_activation="logistic", batch_size=32, clip_norm=2.0)  # fmt: skip
    changed = [{"learning_rate_init": 0.1}, {"clip_norm": 1.0}, {"class_targets": (0.15, 0.85)}]
    changed += [{"alpha": 0.5}, {"initializer": "normal(2)"}]
    few = compare_remedies(X, Y, net, remedies=changed[:1], seeds=2, progress=quiet)
    more = compare_remedies(X, Y, net, remedies=changed, seeds=4, progress=quiet)
    assert few.compilations >= 1
    assert more.compilations == 0


def test_it_prints_and_is_plain_data(found):
    text = str(found)
    assert "20 held-out rows, 3 seeds, 5 epochs" in text
    assert "of 3 are better than as it is" in text
    assert len(text.splitlines()) == 7
    assert "<table>" in found._repr_html_()
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [line["remedy"] for line in told["table"]] == [each.name for each in found.arms]
    assert told["rows"] == {"train": 60, "held_out": 20}


def test_it_is_drawn(found):
    axes = found.plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        each.name for each in found.arms
    ]
    assert found.plot(axes) is axes


def test_all_of_it_by_default_in_order():
    """Nothing is fitted: what is tried is told by the first report."""
    told = []

    def interrupted(text):
        told.append(text)
        signal.raise_signal(signal.SIGINT)

    found = compare_remedies(X, Y, seeds=2, max_iter=1, n_jobs=1, progress=interrupted)
    assert len(found.arms) == 1 + 11 + 8
    assert found.asked == 40
    assert 0 < found.fits < 40
    assert not found.complete
    assert "Interrupted:" in str(found)
    assert told[0].startswith("fit 1 of 40, about ")


def test_combinations_are_of_what_is_tried():
    found = compare_remedies(
        X, Y, remedies=["weights", "relu"], seeds=2, max_iter=1, progress=quiet
    )
    assert [each.name for each in found.arms[1:]] == ["weights", "relu", "weights + relu"]
    assert dict(found.arms[3].treatment.parameters) == {
        "initializer": "fan_in",
        "activation": "relu",
    }


def test_what_the_network_has_already_is_left_out():
    net = NetClassifier((3,), activation="relu", batch_size=32, max_iter=3)
    found = compare_remedies(
        X, Y, net, remedies=["relu", "cross_entropy", "weights", "tanh"], seeds=2, progress=quiet
    )
    assert [each.name for each in found.arms] == ["as it is", "weights", "tanh"]
    assert found.left_out == {
        "relu": "which it has already",
        "cross_entropy": "which it has already",
        "weights + relu": "which is the same as weights here",
        "weights + relu + cross_entropy": "which is the same as weights here",
    }


def test_numbers_and_pipelines():
    """Of a regression, targets of classes make no sense; parameters reach into a pipeline."""
    pipeline = make_pipeline(StandardScaler(), NetRegressor((3,), batch_size=32, max_iter=3))
    found = compare_remedies(
        X, X[:, 0] * 1.5, pipeline, seeds=2, progress=quiet,
        remedies=["targets", Treatment("decay", {"alpha": 0.1})],
    )  # fmt: skip
    assert found.measure == "R2"
    assert found.constant == 0.0
    assert list(found.left_out) == ["targets"]
    assert found.arms[1].treatment.parameters == {"netregressor__alpha": 0.1}
    assert all(np.isfinite(each.measured("hidden_stuck")) for each in found.arms)


def test_the_task_is_decided_as_of_tables():
    many = np.arange(80)
    quick = {"seeds": 2, "max_iter": 1, "remedies": ["weights"], "progress": quiet}
    assert compare_remedies(X, many, **quick).measure == "R2"
    assert compare_remedies(X, Y, task="regression", **quick).measure == "R2"


def test_several_labels_have_their_most_frequent_combination_as_constant():
    labels = np.column_stack([Y, np.arange(80) < 60])
    found = compare_remedies(
        X, labels, remedies=["weights"], seeds=2, max_iter=1, progress=quiet
    )  # fmt: skip
    counts = np.unique(labels, axis=0, return_counts=True)[1]
    assert found.measure == "accuracy"
    assert found.constant == counts.max() / 80


def test_remedies_with_the_same_name_are_told_apart():
    """Names of long values are cut; and one may be called as the untreated network is."""
    long = [{"hidden_layer_sizes": (2,) * depth} for depth in (20, 21)]
    other = Treatment("as it is", {"momentum": 0.5})
    quick = {"seeds": 2, "max_iter": 1, "together": (), "progress": quiet}
    found = compare_remedies(X, Y, remedies=[*long, other], **quick)
    assert len({each.name for each in found.arms}) == 4
    assert found.arms[2].name == f"{found.arms[1].name} (2)"
    assert found.arms[3].name == "as it is (2)"
    assert found.complete


def test_sparse_rows_of_every_format():
    quick = {"seeds": 2, "max_iter": 1, "remedies": ["weights"], "progress": quiet}
    found, dense = (compare_remedies(x, Y, **quick) for x in (sparse.coo_array(X), X))
    assert found.table == dense.table


def test_the_estimator_is_not_changed():
    net = NetClassifier((3,), activation="relu", batch_size=32, max_iter=3)
    before = repr(net)
    compare_remedies(X, Y, net, remedies=["weights"], seeds=2, max_iter=4, progress=quiet)
    assert repr(net) == before
    assert not hasattr(net, "network_")


NAN = np.where(np.arange(80)[:, None] == 3, np.nan, X)
BAD = {
    "an unknown remedy": ({"remedies": ["wieghts"]}, ParameterError, "Did you mean 'weights'"),
    "a text": ({"remedies": "weights"}, ParameterError, "expected a list of names"),
    "no remedy": ({"remedies": []}, ParameterError, "no remedy to be tried"),
    "two values": ({"remedies": ["relu + elu"]}, ParameterError, "one parameter two values"),
    "an unknown parameter": ({"remedies": [{"momentm": 1}]}, ParameterError, "'momentum'"),
    "a wrong value": ({"remedies": [{"alpha": -1}]}, ParameterError, "alpha was -1"),
    "neither": ({"remedies": [3]}, ParameterError, "the remedy 3 is none"),
    "no seeds": ({"seeds": 0}, ParameterError, "seeds was 0; expected an integer >= 2"),
    "no epochs": ({"max_iter": 0}, ParameterError, "max_iter was 0"),
    "no threads": ({"n_jobs": 0}, ParameterError, "n_jobs was 0"),
    "a seed": ({"random_state": -1}, ParameterError, "random_state was -1"),
    "a task": ({"task": "clasification"}, ParameterError, "Did you mean 'classification'"),
    "progress": ({"progress": 3}, ParameterError, "progress was 3"),
    "another kind": ({"estimator": SVC()}, ParameterError, "received SVC"),
    "one class": ({"y": np.zeros(80, int)}, DataError, "one class"),
    "NaN": ({"X": NAN}, DataError, "NaN in column 0"),
    "other rows": ({"y": Y[:50]}, DataError, "80 rows, y has 50"),
    "other rows in a pipeline": (
        {"y": Y[:50], "estimator": make_pipeline(StandardScaler(), NetClassifier((3,)))},
        DataError,
        "80 rows, y has 50",
    ),
    "no targets": ({"y": None}, DataError, "None"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_error(case):
    given, kind, says = BAD[case]
    with pytest.raises(kind, match=says):
        compare_remedies(**{"X": X, "y": Y, "seeds": 2, "max_iter": 1} | given)


def test_a_network_that_cannot_be_fitted_is_told():
    pipeline = make_pipeline(StandardScaler(), NetClassifier((3,), max_iter=2))
    with pytest.raises(DataError, match="fitted to these rows: DataError: X contains NaN"):
        compare_remedies(NAN, Y, pipeline, remedies=["weights"], seeds=2, progress=quiet)


# Claims


def test_a_claim_that_holds():
    """Large first weights: needs one step only, so it is quick."""
    found = check_claim("large_weights_saturate_or_explode", X, Y, seeds=3, progress=quiet)
    assert found.verdict == "held"
    assert found.fits == found.asked == 12
    flat, growth = found.told
    assert flat.gain.after > 0.5 > flat.gain.before
    assert growth.gain.mean > 2
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["verdict"] == "held"


def test_claims_that_are_not_there_or_not_for_numbers():
    with pytest.raises(ParameterError, match="Did you mean 'depth_hurts_sigmoids'"):
        check_claim("depth_hurts_sigmoid", X, Y)
    with pytest.raises(ParameterError, match="is about classification"):
        check_claim("relu_makes_others_useless", X, X[:, 0])
