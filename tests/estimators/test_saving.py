"""An estimator of one's own class is saved as what it is loaded as, or not at all."""

import numpy as np
import pytest

from unstuck import FileError, NetClassifier, NetRegressor, ParameterError, UnstuckWarning, load
from unstuck.estimators.number_targets import NumberTargets

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(12, 2))
TWO = np.arange(12) % 2


class Same(NetClassifier):
    """Adds a method that nothing else knows."""

    def best(self, rows):
        return self.predict_proba(rows).max(1)


class Grandchild(Same):
    pass


class Chosen(NetRegressor):
    """Fixes all parameters but one."""

    def __init__(self, alpha=0.5):
        super().__init__((2,), alpha=alpha, max_iter=3, random_state=0, activation="tanh")


class NetClassifierOfTheSameName(NetClassifier):
    pass


NetClassifierOfTheSameName.__name__ = "NetClassifier"


class Scaled(NetRegressor):
    """Has a parameter of its own."""

    def __init__(self, hidden_layer_sizes=(2,), gamma=1.0):
        super().__init__(hidden_layer_sizes, max_iter=3, random_state=0)
        self.gamma = gamma


class Doubled(NetRegressor):
    def predict(self, rows):
        return 2 * super().predict(rows)


class OtherTargets(NumberTargets):
    pass


class Other(NetRegressor):
    _kind = OtherTargets


def small(kind):
    return kind((2,), max_iter=3, random_state=0)


@pytest.mark.parametrize("kind", [Same, Grandchild, NetClassifierOfTheSameName])
def test_a_class_without_parameters_of_its_own_is_loaded_as_its_base(kind, tmp_path):
    net = small(kind).fit(X, TWO)
    net.save(tmp_path / "net")
    again = load(tmp_path / "net")
    assert type(again) is NetClassifier
    assert again.get_params() == net.get_params()
    np.testing.assert_array_equal(again.predict_proba(X), net.predict_proba(X))
    again.save(tmp_path / "again")


def test_parameters_that_the_class_fixes_come_back_too(tmp_path):
    net = Chosen(alpha=0.1).fit(X, X[:, 0])
    net.save(tmp_path / "net")
    again = load(tmp_path / "net")
    assert (again.alpha, again.hidden_layer_sizes, again.activation) == (0.1, (2,), "tanh")
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    again.set_params(warm_start=True).fit(X, X[:, 0])


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Scaled, r"Scaled has parameters of its own \(gamma\).*NetRegressor.*Pickle"),
        (Other, r"loaded as one of NetClassifier, NetRegressor, and Other is none.*pickle"),
    ],
)
def test_what_could_never_be_loaded_is_not_saved(kind, message, tmp_path):
    net = kind((2,)).fit(X, X[:, 0])
    with pytest.raises(FileError, match=message):
        net.save(tmp_path / "net")
    assert not (tmp_path / "net").exists()


def test_methods_that_do_not_come_back_are_named(tmp_path):
    net = small(Doubled).fit(X, X[:, 0])
    with pytest.warns(UnstuckWarning, match=r"methods of its own \(predict\).*pickle"):
        net.save(tmp_path / "net")
    np.testing.assert_array_equal(2 * load(tmp_path / "net").predict(X), net.predict(X))


@pytest.mark.parametrize(
    "labels",
    [[False, True], [2**63 + 5, 2**63 + 6], ["a", "b"], np.array([1, 2], np.longdouble)],
    ids=str,
)
@pytest.mark.parametrize("made", [np.asarray, lambda two: np.array(two, object)])
def test_every_kind_of_class_that_is_taken_is_saved(labels, made, tmp_path):
    net = small(NetClassifier).fit(X, made(labels)[TWO])
    net.save(tmp_path / "net")
    again = load(tmp_path / "net")
    assert again.classes_.dtype == net.classes_.dtype
    assert again.predict(X).tolist() == net.predict(X).tolist()


@pytest.mark.parametrize(
    "wrong", [{"alpha": "x"}, {"coefs_init": 3.0}, {"intercepts_init": [["a"]]}], ids=str
)
def test_what_could_not_be_loaded_again_is_not_written(wrong, tmp_path):
    net = NetRegressor((2,), max_iter=3, random_state=0).fit(X, X[:, 0]).set_params(**wrong)
    with pytest.raises(ParameterError, match=f"{next(iter(wrong))} was .*; expected"):
        net.save(tmp_path / "net")
    assert not (tmp_path / "net").exists()
