"""Lesions against slow twins: forward passes by hand, refits without rows, walks down a tree."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from unstuck import DataError, NetClassifier, NetRegressor, ParameterError, neuro
from unstuck.neuro import (
    GATES,
    Circuit,
    Lesions,
    Perceptron,
    ThresholdLogicUnit,
    lesion,
    logistic_unit,
)
from unstuck.silence import silenced

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]
XOR = Circuit(
    ["a", "b"],
    {
        "or": (GATES["or"], ["a", "b"]),
        "not both": (ThresholdLogicUnit([-1, -1], 1.5), ["a", "b"]),
        "xor": (GATES["and"], ["or", "not both"]),
    },
)
CORNERS, ODD = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


@pytest.fixture(scope="module")
def net():
    made = NetClassifier((16,), learning_rate_init=0.01, tol=1e-3, random_state=0)
    return made.fit(X, NAMES)


@pytest.fixture(scope="module")
def mlp():
    return MLPClassifier((8, 6), solver="lbfgs", max_iter=300, random_state=0).fit(X, NAMES)


def masks(order, removed):
    """Where each lesion of an order takes something out."""
    for count in removed:
        gone = np.zeros(len(order), bool)
        gone[order[:count]] = True
        yield gone


def twin(net, gone):
    """Accuracy by a forward pass of NumPy with the outputs of removed units set to 0."""
    a = (net.features(X) * ~gone) @ net.coefs_[1] + net.intercepts_[1]
    return np.mean(net.classes_[np.argmax(a, 1)] == NAMES)


def test_units_of_ours_at_random_first_and_in_blocks(net):
    found = lesion(net, X, NAMES, seeds=3, places=4)
    assert found.removed.tolist() == [0, 2, 3, 5, 6, 8, 10, 11, 13, 14, 16]
    for seed, scores in enumerate(found.random):
        order = np.random.default_rng(seed).permutation(16)
        np.testing.assert_allclose(scores, [twin(net, m) for m in masks(order, found.removed)])
    alone = np.array([twin(net, m) for m in np.eye(16, dtype=bool)])
    np.testing.assert_allclose(found.importance, found.intact - alone)
    sizes = np.linalg.norm(net.coefs_[1], axis=1)
    order = sorted(range(16), key=lambda unit: (-found.importance[unit], -sizes[unit]))
    np.testing.assert_allclose(found.worst, [twin(net, m) for m in masks(order, found.removed)])
    assert found.places.tolist() == [0, 4, 8, 12]
    for at, scores in zip(found.places, found.blocks, strict=True):
        order = np.roll(np.arange(16), -at)
        np.testing.assert_allclose(scores, [twin(net, m) for m in masks(order, found.removed)])
    assert found.intact == net.score(X, NAMES) == found.random[0, 0]
    assert found.constant == pytest.approx(1 / 3)


def test_units_of_scikit_learns_mlp_in_two_layers(mlp):
    found = lesion(mlp, X, NAMES, seeds=2, orders=["random"])
    assert found.groups == (("hidden_1", 8), ("hidden_2", 6))

    def passed(gone):
        h = X
        for w, b, lost in zip(mlp.coefs_[:2], mlp.intercepts_, (gone[:8], gone[8:]), strict=False):
            h = np.maximum(h @ w + b, 0) * ~lost
        return np.mean(mlp.classes_[np.argmax(h @ mlp.coefs_[2] + mlp.intercepts_[2], 1)] == NAMES)

    for seed, scores in enumerate(found.random):
        order = np.random.default_rng(seed).permutation(14)
        np.testing.assert_allclose(scores, [passed(m) for m in masks(order, found.removed)])
    second = lesion(mlp, X, NAMES, layers="hidden_2", orders=["worst"], shares=[0, 1])
    assert second.groups == (("hidden_2", 6),)
    assert second.worst[0] == mlp.score(X, NAMES)
    assert second.worst[1] == np.mean(mlp.classes_[np.argmax(mlp.intercepts_[2])] == NAMES)


def test_others_win_in_place_of_a_removed_unit():
    net = NetClassifier(
        (12, 8), active_share=0.25, learning_rate_init=0.02, tol=1e-2, random_state=0
    ).fit(X, NAMES)
    found = lesion(net, X, NAMES, seeds=3, orders=["random"])
    scaled = net._model.inputs(X)

    def passed(gone):
        h = scaled
        for w, b, lost in zip(net.coefs_[:2], net.intercepts_, np.split(gone, [12]), strict=False):
            stay = np.flatnonzero(~lost)
            a, h = h @ w + b, np.zeros((len(X), len(lost)))
            for row in range(len(X)):
                for unit in sorted(stay, key=lambda unit: -a[row, unit])[: len(lost) // 4]:
                    h[row, unit] = max(a[row, unit], 0.0)
        return np.mean(net.classes_[np.argmax(h @ net.coefs_[2] + net.intercepts_[2], 1)] == NAMES)

    for seed, scores in enumerate(found.random):
        order = np.random.default_rng(seed).permutation(20)
        np.testing.assert_allclose(scores, [passed(m) for m in masks(order, found.removed)])
    second = lesion(net, X, NAMES, layers="hidden_2", orders=["random"], seeds=1, shares=[0, 0.5])
    gone = np.zeros(20, bool)
    gone[12 + np.random.default_rng(0).permutation(8)[:4]] = True
    np.testing.assert_allclose(second.random[0], [passed(gone & False), passed(gone)])


@pytest.mark.parametrize("what", ["units", "weights"])
def test_of_averaged_networks_parts_of_all_go(what):
    net = NetClassifier(
        (16,), n_ensemble=2, learning_rate_init=0.01, tol=1e-3, random_state=0
    ).fit(X, NAMES)  # fmt: skip
    found = lesion(net, X, NAMES, what=what, layers=None if what == "units" else "output",
                   seeds=2, orders=["random"])  # fmt: skip
    each = 16 if what == "units" else 48
    assert [count for _, count in found.groups] == [each, each]
    assert len(found.to_dict()["groups"]) == 2

    def passed(gone):
        p = 0.0
        for member, lost in zip(net.members_, np.split(gone, 2), strict=True):
            kept = ~lost[:, None] if what == "units" else ~lost.reshape(16, 3)
            a = member.features(X) @ (member.coefs_[1] * kept) + member.intercepts_[1]
            p = p + np.exp(a - a.max(1, keepdims=True)) / np.exp(
                a - a.max(1, keepdims=True)
            ).sum(1, keepdims=True)  # fmt: skip
        return np.mean(net.classes_[np.argmax(p, 1)] == NAMES)

    for seed, scores in enumerate(found.random):
        order = np.random.default_rng(seed).permutation(2 * each)
        np.testing.assert_allclose(scores, [passed(m) for m in masks(order, found.removed)])
    assert found.intact == net.score(X, NAMES)


@pytest.mark.parametrize("kind", ["ours", "perceptron", "ridge"])
def test_of_linear_models_weights_go(kind):
    made = {
        "ours": NetClassifier((), learning_rate_init=0.1, tol=1e-2, random_state=0),
        "perceptron": Perceptron(),
        "ridge": Ridge(),
    }[kind]
    y = X[:, 3] if kind == "ridge" else Y
    with silenced():
        net = made.fit(X[:, :3], y)
    found = lesion(net, X[:, :3], y, seeds=2, orders=["random"], shares=[0, 0.3, 0.6])
    w = net.coefs_[0] if kind == "ours" else net.coef_
    b = net.intercepts_[0] if kind == "ours" else net.intercept_
    assert found.groups == (("output", w.size),)
    for seed, scores in enumerate(found.random):
        order = np.random.default_rng(seed).permutation(w.size)
        for score, gone in zip(scores, masks(order, found.removed), strict=True):
            left = w * ~gone.reshape(w.shape)
            inputs = net._model.inputs(X[:, :3]) if kind == "ours" else X[:, :3]
            sums = inputs @ (left if kind == "ours" else left.T) + b
            right = r2_score(y, sums) if kind == "ridge" else np.mean(sums.argmax(1) == Y)
            assert score == pytest.approx(right)


@pytest.mark.parametrize("kind", ["ours", "scikit-learn's"])
def test_weights_go_by_their_size(kind, net, mlp):
    network = net if kind == "ours" else mlp
    found = lesion(network, X, NAMES, what="weights", layers=["output"], orders=["worst"],
                   measure="size", shares=[0.25])  # fmt: skip
    w = network.coefs_[-1].copy()
    w.ravel()[np.argsort(-np.abs(w), axis=None, kind="stable")[: found.removed[0]]] = 0.0
    if kind == "ours":
        h = net.features(X)
    else:
        h = np.maximum(np.maximum(X @ mlp.coefs_[0] + mlp.intercepts_[0], 0) @ mlp.coefs_[1]
                       + mlp.intercepts_[1], 0)  # fmt: skip
    right = network.classes_[np.argmax(h @ w + network.intercepts_[-1], 1)] == NAMES
    assert found.worst[0] == np.mean(right)
    np.testing.assert_allclose(found.importance, np.abs(network.coefs_[-1]).ravel())
    whole = lesion(network, X, NAMES, what="weights", orders=["random"], seeds=1, shares=[0, 1])
    assert whole.count == sum(each.size for each in network.coefs_)
    assert whole.random[0, 0] == network.score(X, NAMES)
    assert whole.random[0, 1] == pytest.approx(1 / 3)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_numbers_and_layer_normalization():
    y = X[:, 3] + X[:, 2] ** 2
    net = NetRegressor(
        (5, 4), layer_norm=True, learning_rate_init=0.05, tol=0.01, random_state=0
    ).fit(X, y)
    found = lesion(net, X, y, layers="hidden_1", orders=["random"], seeds=2, shares=[0.4])
    assert (found.scoring, found.constant) == ("R2", 0.0)
    own = net.parameters_
    for seed, scores in enumerate(found.random):
        lost = np.random.default_rng(seed).permutation(5)[:2]
        h = net.features(X, 0)
        h[:, lost] = 0.0
        a = h @ own["hidden_2"]["weights"]
        a = a - a.mean(1, keepdims=True)
        a = own["hidden_2"]["gain"] * a / np.sqrt((a**2).mean(1, keepdims=True) + 1e-5)
        h = np.maximum(a + own["hidden_2"]["bias"], 0)
        z = (h @ own["output"]["weights"] + own["output"]["bias"])[:, 0]
        predicted = net._model.targets.undo(z[:, None])[:, 0]
        score = 1 - np.mean((predicted - y) ** 2) / np.var(y)
        assert scores[0] == pytest.approx(score)
    peer = MLPRegressor(hidden_layer_sizes=(5,), solver="lbfgs", tol=0.01, random_state=0).fit(X, y)
    assert lesion(peer, X, y, orders=["worst"]).worst[0] == pytest.approx(peer.score(X, y))


def test_a_pipeline_and_a_search_are_lesioned_at_their_end(mlp):
    pipe = make_pipeline(
        StandardScaler(), MLPClassifier((4,), solver="lbfgs", tol=0.01, random_state=0)
    )
    search = GridSearchCV(pipe, {"mlpclassifier__alpha": [0.1]}, cv=2).fit(X, NAMES)
    best = search.best_estimator_
    inner = lesion(best[-1], best[0].transform(X), NAMES, seeds=2)
    for outer in (best, search):
        np.testing.assert_array_equal(lesion(outer, X, NAMES, seeds=2).random, inner.random)


@pytest.mark.parametrize("kind", ["uniform", "distance", "brute"])
def test_a_memory_forgets_rows_as_if_they_had_never_come(kind):
    given = {"algorithm": "brute"} if kind == "brute" else {"weights": kind}
    memory = KNeighborsClassifier(3, **given).fit(X[::2], NAMES[::2])
    found = lesion(memory, X[1::2], NAMES[1::2], seeds=2, places=3, shares=(0, 0.3, 0.6, 0.98, 1))
    for seed, scores in enumerate(found.random):
        order = np.random.default_rng(seed).permutation(75)
        for count, score in list(zip(found.removed, scores, strict=True))[:-1]:
            kept = np.sort(order[count:])
            again = KNeighborsClassifier(min(3, len(kept)), **given)
            again.fit(X[::2][kept], NAMES[::2][kept])
            # Of neighbors at the same distance either may be taken.
            assert score == pytest.approx(again.score(X[1::2], NAMES[1::2]), abs=0.03)
    assert found.random[0, -1] == np.mean(NAMES[1::2] == "setosa")
    assert found.importance.shape == (75,)
    numbers = KNeighborsRegressor(2).fit(X[::2], X[::2, 3])
    left = lesion(numbers, X[1::2], X[1::2, 3], orders=["blocks"], shares=[0, 1], places=2)
    assert left.blocks[0, 0] == pytest.approx(numbers.score(X[1::2], X[1::2, 3]))
    assert left.blocks[0, 1] < left.constant


def test_a_removed_test_of_a_tree_says_no():
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, NAMES)
    shape = tree.tree_
    inner = np.flatnonzero(shape.children_left >= 0)
    found = lesion(tree, X, NAMES, seeds=3)
    assert found.count == len(inner)

    def walked(row, gone):
        node = 0
        while shape.children_left[node] >= 0:
            yes = row[shape.feature[node]] <= shape.threshold[node] and node not in gone
            node = (shape.children_left if yes else shape.children_right)[node]
        return tree.classes_[shape.value[node][0].argmax()]

    for seed, scores in enumerate(found.random):
        order = np.random.default_rng(seed).permutation(len(inner))
        for count, score in zip(found.removed, scores, strict=True):
            gone = set(inner[order[:count]])
            expected = [walked(row, gone) for row in X.astype(np.float32)]
            assert score == np.mean(np.array(expected) == NAMES)
    assert tree.score(X, NAMES) == found.intact


def test_a_removed_gate_answers_0():
    found = lesion(XOR, CORNERS, ODD, shares=[0, 1 / 3], places=3, orders=["blocks", "worst"])
    assert found.groups == (("circuit", 3),)
    # Without "or", "not both" or the output: all rows are 0, so that the two odd ones are wrong.
    np.testing.assert_array_equal(found.blocks, [[1, 0.5]] * 3)
    np.testing.assert_array_equal(found.importance, [0.5] * 3)
    assert found.half("worst") == pytest.approx(1 / 6)
    assert lesion(XOR, CORNERS, XOR(*CORNERS.T)).intact == 1.0


def of_scores(random, blocks, removed):
    return Lesions(
        "thing", "units", (("hidden_1", removed[-1]),), "accuracy", 1.0, 0.0, np.array(removed),
        np.array(random), np.empty(0), np.empty(0), "", np.array(blocks), np.arange(len(blocks)),
    )  # fmt: skip


def test_extent_and_place_divide_the_variance():
    even = of_scores([[1, 0.8, 0.3, 0]] * 2, [[1, 0.8, 0.3, 0]] * 3, [0, 1, 2, 3])
    assert even.extent() == pytest.approx(1.0)
    assert even.extent("random") == pytest.approx(1.0)
    # Scores e + p with e of variance 1/16 and p of variance 1/64: 4 of 5 parts go with e.
    some = [[1, 0.5 + e, 0.5 - e, 0] for e in (0.25,)]
    shifted = [[row[0], row[1] + p, row[2] + p, row[3]] for row in some for p in (0.125, -0.125)]
    assert of_scores(some, shifted, [0, 1, 2, 3]).extent() == pytest.approx(0.8)
    place = of_scores(some, [[1, 0.9, 0.9, 0], [1, 0.1, 0.1, 0]], [0, 1, 2, 3])
    assert place.extent() == pytest.approx(0.0)
    assert np.isnan(of_scores(some, [[1, 0.5, 0.5, 0]] * 2, [0, 1, 2, 3]).extent())


def test_half_of_what_it_is_worth():
    found = of_scores([[0.9, 0.6, 0.2, 0.0]], [[1, 1, 1, 0.9]], [0, 1, 2, 4])
    assert found.half() == pytest.approx((1 + 0.25) / 4)
    assert found.half("blocks") == np.inf
    assert "never in a block" in str(found)
    with pytest.raises(ParameterError, match="not asked for"):
        found.half("worst")


def test_any_score_will_do(net):
    found = lesion(net, X, NAMES, scoring="neg_log_loss", orders=["random"], seeds=1, shares=[0, 1])
    p = net.predict_proba(X)
    right = p[np.arange(150), np.searchsorted(net.classes_, NAMES)]
    assert found.intact == pytest.approx(np.mean(np.log(right)))
    assert found.constant == pytest.approx(-np.log(3))

    def recall(estimator, rows, targets):
        own = np.flatnonzero(targets == "virginica")
        return np.mean(estimator.predict(rows)[own] == "virginica")

    assert lesion(net, X, NAMES, scoring=recall, orders="random", seeds=1).scoring == "recall"


def test_the_estimator_stays_as_it_is_and_a_copy_goes_on(net, mlp):
    for network in (net, mlp):
        before = [each.copy() for each in network.coefs_]
        predicted = network.predict_proba(X)
        lesion(network, X, NAMES, seeds=1, what="weights", shares=[0.5])
        for old, new in zip(before, network.coefs_, strict=True):
            np.testing.assert_array_equal(old, new)
        np.testing.assert_array_equal(network.predict_proba(X), predicted)
    other = net._with_weights([np.zeros_like(w) for w in net.coefs_], net.intercepts_)
    assert other.score(X, NAMES) == pytest.approx(1 / 3)
    assert other.partial_fit(X, NAMES).loss_ < 2 * np.log(3)
    assert net.score(X, NAMES) > 0.9


def test_it_prints_draws_and_is_plain_data(net):
    found = neuro.lesion(net, X, NAMES, seeds=2, places=3)
    lines = str(found).splitlines()
    assert lines[0] == "NetClassifier: units removed, of 16 in hidden_1."
    assert max(map(len, lines)) <= 80
    assert len(lines) == 5 + 1 + 11
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["groups"] == {"hidden_1": 16}
    assert plain["half"]["random"] == pytest.approx(found.half())
    assert "<table>" in found._repr_html_()
    labels = [text.get_text() for text in found.plot().get_legend().get_texts()]
    assert labels == [
        "a block, at 3 places", "at random, mean and range of 2", "worst first", "nothing removed",
        "a constant",
    ]  # fmt: skip
    assert len(found.plot_places().lines) == 9


MISTAKES = {
    "what": ({"what": "unit"}, "what was 'unit'.*Did you mean 'units'"),
    "layers": ({"layers": "hidden_2"}, r"expected some of \['hidden_1'\]"),
    "no layers": ({"layers": []}, "layers was empty"),
    "orders": ({"orders": ["wurst"]}, "Did you mean 'worst'"),
    "no orders": ({"orders": []}, "at least one order"),
    "shares": ({"shares": [0.5, 2]}, "numbers from 0 to 1"),
    "shares in words": ({"shares": "half"}, "numbers from 0 to 1"),
    "seeds": ({"seeds": 0}, "seeds was 0"),
    "places": ({"places": 2.5}, "places was 2.5"),
    "measure": ({"measure": "alnoe"}, "Did you mean 'alone'"),
    "scoring": ({"scoring": "acuracy"}, "Did you mean 'accuracy'"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told(case, net):
    given, message = MISTAKES[case]
    with pytest.raises(ParameterError, match=message):
        lesion(net, X, NAMES, **given)


def test_what_cannot_be_lesioned_is_told(net):
    refused = [
        (StandardScaler().fit(X), "expected a fitted"),
        (NearestNeighbors().fit(X), "of one"),
    ]
    refused += [(DecisionTreeClassifier, "expected a fitted"), (3, "lesion received int 3")]
    constant = DecisionTreeClassifier(max_depth=1).fit(X, np.zeros(150))
    normalized = NetClassifier((16,), active_share=0.5, layer_norm=True, max_iter=2)
    with silenced():
        normalized.fit(X, NAMES)
    refused += [(constant, "one leaf"), (normalized, "normalized over all units")]
    for thing, message in [*refused, (logistic_unit(X[:, :1], Y == 1), "expected a fitted")]:
        with pytest.raises(ParameterError, match=message):
            lesion(thing, X, NAMES)
    for rows, targets, message in (
        (X, NAMES[:5], "150 rows, y has 5"),
        (X[:0], NAMES[:0], "at least one row"),
        (X, None, "y was NoneType"),
        (X, np.roll(NAMES, 50), "better than that"),
    ):
        with pytest.raises(DataError, match=message):
            lesion(net, rows, targets)
    with pytest.raises(DataError, match="for each input"):
        lesion(XOR, X, NAMES)
