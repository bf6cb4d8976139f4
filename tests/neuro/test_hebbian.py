"""Units that learn by Hebb's rule: scikit-learn's contract, slow twins, principal components."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.utils.estimator_checks import parametrize_with_checks

from unstuck import DataError, ParameterError
from unstuck.neuro import HebbianLayer


@parametrize_with_checks(
    [
        HebbianLayer(),
        HebbianLayer(rule="oja", reverse=True, connections=0.5, grow_above=0.5),
        HebbianLayer(rule="hebb", decay=0.1, learning_rate=1e-4, max_iter=2),
    ]
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def rows(seed, n, deviations):
    """Rows of known principal axes: the columns of a random rotation."""
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.normal(size=(len(deviations), len(deviations))))
    return (rng.normal(size=(n, len(deviations))) * deviations) @ turned.T + rng.normal(size=1)


def angles(weights, others):
    cosines = (weights * others).sum(1) / np.linalg.norm(weights, axis=1)
    return np.degrees(np.arccos(np.clip(abs(cosines), 0, 1)))


def slow(weights, x, given, rule, sign, rate, decay, connected, lag):
    """The rules, weight by weight."""
    w = weights.copy()
    units, inputs = w.shape
    for t in range(lag, len(x)):
        y = [sum(w[i, j] * x[t, j] for j in range(inputs)) for i in range(units)]
        y = y if given is None else given[t]
        old = w.copy()
        for i in range(units):
            for j in range(inputs):
                pull = {
                    "hebb": 0.0,
                    "oja": y[i] * old[i, j],
                    "sanger": sum(y[k] * old[k, j] for k in range(i + 1)),
                }[rule]
                step = sign * rate * y[i] * (x[t - lag, j] - pull) - decay * old[i, j]
                w[i, j] += step if connected[i, j] else 0.0
        if rule == "oja" and sign < 0:
            w /= np.sqrt((w**2).sum(1))[:, None]
    return w


@pytest.mark.parametrize("lag", [0, 2])
@pytest.mark.parametrize("taught", [False, True])
@pytest.mark.parametrize(
    ("rule", "reverse"),
    [("hebb", False), ("hebb", True), ("oja", False), ("oja", True), ("sanger", False)],
)
def test_it_learns_as_weight_by_weight(rule, reverse, taught, lag):
    x = rows(0, 30, [2, 1, 0.5, 0.2])
    outputs = np.random.default_rng(1).normal(size=(30, 2)) if taught else None
    layer = HebbianLayer(
        2, rule=rule, reverse=reverse, lag=lag, decay=0.01, learning_rate=0.05, connections=0.75,
        random_state=3,
    )  # fmt: skip
    first = HebbianLayer(2, connections=0.75, random_state=3)
    first.partial_fit(x[:1] * 0, outputs=None if outputs is None else outputs[:1] * 0)
    layer.partial_fit(x, outputs=outputs)
    centered = x - x.mean(0)
    rate = 0.05 if rule == "hebb" else 0.05 / (centered**2).sum(1).mean()
    expected = slow(
        first.components_, centered, outputs, rule, -1 if reverse else 1, rate, 0.01,
        first.connected_, lag,
    )  # fmt: skip
    np.testing.assert_allclose(layer.components_, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(layer.transform(x), centered @ expected.T, atol=1e-9)
    assert not layer.components_[~layer.connected_].any()


def test_oja_finds_the_first_component_and_sanger_the_first_in_order():
    x = rows(1, 2000, [3, 2, 1.4, 0.5, 0.2])
    peer = PCA(3).fit(x)
    oja = HebbianLayer(rule="oja", learning_rate=0.05, random_state=0).fit(x)
    assert angles(oja.components_, peer.components_[:1]).max() < 1
    sanger = HebbianLayer(3, learning_rate=0.05, random_state=0).fit(x)
    assert angles(sanger.components_, peer.components_).max() < 2
    np.testing.assert_allclose(sanger.norms_[-1], 1, atol=0.01)
    product = sanger.components_ @ sanger.components_.T
    np.testing.assert_allclose(product, np.eye(3), atol=0.03)
    several = HebbianLayer(2, rule="oja", learning_rate=0.05, random_state=0).fit(x)
    assert angles(several.components_, peer.components_[[0, 0]]).max() < 1  # each by itself


def test_the_reverse_finds_the_last_component():
    x = rows(2, 2000, [3, 2, 0.4])
    last = HebbianLayer(rule="oja", reverse=True, random_state=0, max_iter=40).fit(x)
    assert angles(last.components_, PCA().fit(x).components_[-1:]).max() < 2
    silent = HebbianLayer(rule="hebb", reverse=True, learning_rate=0.01, random_state=0).fit(x)
    assert silent.norms_[-1, 0] < 0.1 * silent.norms_[0, 0]


def test_the_scale_of_inputs_does_not_matter():
    x = rows(3, 200, [3, 1, 0.5])
    first, other = (HebbianLayer(2, random_state=0).fit(x * size) for size in (1, 1e6))
    np.testing.assert_allclose(first.components_, other.components_, rtol=1e-6, atol=1e-9)


def test_hebbs_rule_alone_grows_and_with_decay_stays():
    x = rows(4, 300, [2, 1])
    free = HebbianLayer(rule="hebb", learning_rate=1e-3, random_state=0, max_iter=4).fit(x)
    assert (np.diff(free.norms_[:, 0]) > 0).all()
    with pytest.raises(DataError, match=r"grew beyond all numbers.*rule='oja'"):
        HebbianLayer(rule="hebb", learning_rate=10.0, random_state=0, max_iter=50).fit(x)
    kept = HebbianLayer(rule="hebb", learning_rate=1e-3, decay=0.02, random_state=0).fit(x)
    assert kept.norms_[-1, 0] < 0.01


def test_a_lag_prefers_what_lasts():
    """A slow signal and a louder one that forgets at once: without a lag the loud one wins."""
    rng = np.random.default_rng(5)
    slow_one = np.zeros(4000)
    for t in range(1, 4000):
        slow_one[t] = 0.95 * slow_one[t - 1] + np.sqrt(1 - 0.95**2) * rng.normal()
    x = np.column_stack([slow_one, 1.5 * rng.normal(size=4000)])
    now = HebbianLayer(rule="oja", random_state=0).fit(x).components_[0]
    later = (
        HebbianLayer(rule="oja", lag=1, learning_rate=0.05, random_state=0).fit(x).components_[0]
    )
    assert abs(now[1]) > 0.95
    assert abs(later[0]) > 0.95


def test_a_lag_learns_a_sequence():
    """Every pattern calls the next: from the first, the layer runs through all of them."""
    patterns = np.random.default_rng(6).choice([-1.0, 1.0], (15, 300))
    layer = HebbianLayer(
        300, rule="hebb", lag=1, center=False, learning_rate=1 / 300, max_iter=1, random_state=0,
    )  # fmt: skip
    layer.fit(patterns, outputs=patterns)
    state = patterns[0]
    for following in patterns[1:]:
        state = np.sign(layer.transform(state[None])[0])
        np.testing.assert_array_equal(state, following)


@pytest.mark.parametrize("lag", [0, 1, 3])
@pytest.mark.parametrize("rule", ["sanger", "hebb"])
def test_a_sequence_may_come_in_parts(rule, lag):
    x = rows(7, 40, [1, 0.5, 0.2])
    options = {"rule": rule, "lag": lag, "center": False, "random_state": 0, "learning_rate": 0.01}
    outputs = np.random.default_rng(0).normal(size=(40, 2))
    whole = HebbianLayer(2, **options).partial_fit(x, outputs=outputs)
    parts = HebbianLayer(2, **options)
    for part in (slice(0, 10), slice(10, 12), slice(12, 40)):
        parts.partial_fit(x[part], outputs=outputs[part])
    if rule == "hebb":  # the rate of the others follows what was seen so far
        np.testing.assert_allclose(parts.components_, whole.components_, rtol=1e-12)
    assert parts.n_samples_seen_ == whole.n_samples_seen_ == 40
    np.testing.assert_allclose(parts._squares, whole._squares)


def test_the_mean_of_parts_is_that_of_all():
    x = rows(8, 60, [1, 2]) + 5
    parts = HebbianLayer(random_state=0)
    for part in np.array_split(x, 4):
        parts.partial_fit(part)
    np.testing.assert_allclose(parts.mean_, x.mean(0))
    np.testing.assert_allclose(parts._squares, ((x - x.mean(0)) ** 2).sum(1).mean())


def test_connections_grow_to_what_fires_together():
    """Two groups of inputs, each with a cause of its own; each unit begins with one input."""
    rng = np.random.default_rng(9)
    causes = rng.normal(size=(1000, 2))
    x = np.repeat(causes, 6, axis=1) + 0.5 * rng.normal(size=(1000, 12))
    few = HebbianLayer(4, rule="oja", connections=1 / 12, random_state=1).fit(x)
    np.testing.assert_array_equal(few.n_connections_, 4)
    grown = HebbianLayer(4, rule="oja", connections=1 / 12, grow_above=0.5, random_state=1).fit(x)
    began = few.connected_.argmax(1) // 6
    groups = np.repeat(np.arange(2), 6)
    np.testing.assert_array_equal(grown.connected_, groups == began[:, None])
    assert grown.n_connections_[0] == 4
    assert grown.n_connections_[-1] == 24
    for weights, group in zip(grown.components_, began, strict=True):
        own = PCA(1).fit(x[:, groups == group]).components_
        assert angles(weights[None, groups == group], own).max() < 5


def test_seeds_make_fits_the_same():
    x = rows(10, 50, [1, 0.8, 0.5])
    fits = [HebbianLayer(2, random_state=seed, max_iter=2).fit(x) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(fits[0].components_, fits[1].components_)
    assert not np.allclose(fits[0].components_, fits[2].components_)


X = np.eye(3)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: HebbianLayer(rule="sangers").fit(X), ParameterError, "mean 'sanger'"),
        (lambda: HebbianLayer(reverse=True).fit(X), ParameterError, "rule='hebb' or rule='oja'"),
        (lambda: HebbianLayer(4).fit(X), ParameterError, "expected 3 at most"),
        (lambda: HebbianLayer(0, max_iter=0, lag=-1).fit(X), ParameterError, "3 mistakes"),
        (lambda: HebbianLayer(decay=1).fit(X), ParameterError, ">= 0 and < 1"),
        (lambda: HebbianLayer(connections=0).fit(X), ParameterError, "> 0 and <= 1"),
        (lambda: HebbianLayer(grow_above=2).fit(X), ParameterError, "None, or a number"),
        (lambda: HebbianLayer(learning_rate=np.inf).fit(X), ParameterError, "a number > 0"),
        (lambda: HebbianLayer(lag=3).fit(X), DataError, "more rows"),
        (lambda: HebbianLayer(2).fit(X, outputs=X), DataError, "shape (3, 2)"),
        (lambda: HebbianLayer(3).fit(X, outputs=X * np.nan), DataError, "finite numbers"),
        (lambda: HebbianLayer(3).fit(X, outputs="abc"), DataError, "shape (3, 3)"),
        (lambda: HebbianLayer().fit(X * 1e200), DataError, "squares overflow"),
        (
            lambda: HebbianLayer(2).partial_fit(X).set_params(n_components=1).partial_fit(X),
            ParameterError,
            "2 units have begun",
        ),
        (lambda: HebbianLayer(learning_rate=1e6).fit(X), DataError, "lower learning_rate"),
    ],
)
def test_bad_input_gets_a_clear_error(act, error, message):
    with pytest.raises(error) as caught:
        act()
    assert message in str(caught.value)
