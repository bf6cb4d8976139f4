"""Names of parameters that are not theirs."""

import pytest
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier, MLPRegressor

from unstuck import NetClassifier, NetRegressor, ParameterError
from unstuck.near_names import INSTEAD, MEANT, near

BOTH = [NetClassifier, NetRegressor]


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"activations": "relu"}, r"'activations' is no parameter. Did you mean 'activation'\?$"),
        ({"epochs": 3}, r"Did you mean 'max_iter'\?$"),
        ({"lr": 3}, r"Did you mean 'learning_rate_init'\?$"),
        ({"alhpa": 3}, r"Did you mean 'alpha'\?$"),
        ({"max_fun": 3}, "'max_fun' is no parameter. Set max_iter, which bounds"),
        ({"banana": 3}, "docs/parameters.md has all"),
        ({"epochs": 3, "lr": 1}, "'max_iter'.*'learning_rate_init'"),
    ],
)
def test_an_unknown_parameter_gets_the_near_one(kind, given, expected):
    with pytest.raises(TypeError, match=f"^{kind.__name__}: .*{expected}"):
        kind(**given)
    with pytest.raises(ParameterError, match=kind.__name__):
        kind().set_params(**given)


@pytest.mark.parametrize("kind", BOTH)
def test_what_is_given_by_place_is_shown_by_name(kind):
    with pytest.raises(TypeError, match=r"expected all others by name, such as activation='tanh'"):
        kind((3,), "tanh")


def test_a_class_of_your_own_is_called_by_its_name_and_keeps_its_parameters():
    class Mine(NetClassifier):
        def __init__(self, depth=2, **more):
            super().__init__(**more)
            self.depth = depth

    with pytest.raises(TypeError, match=r"^Mine: 'epochs'"):
        Mine(epochs=3)


@pytest.mark.parametrize("kind", BOTH)
def test_every_meant_name_is_a_parameter_and_no_other_is_one(kind):
    names = kind().get_params()
    for name, others in MEANT.items():
        assert name in names
        assert not set(others) & set(names)
        assert all(near(other, names) == f" Did you mean {name!r}?" for other in others)
    assert not set(INSTEAD) & set(names)


@pytest.mark.parametrize(
    ("theirs", "ours"), [(MLPClassifier, NetClassifier), (MLPRegressor, NetRegressor)]
)
def test_every_parameter_of_scikit_learns_mlp_is_there_or_has_a_sentence(theirs, ours):
    assert theirs().get_params().keys() - ours().get_params().keys() <= set(INSTEAD)


def test_parameters_are_cloned_and_nested_ones_are_left_to_scikit_learn():
    assert clone(NetClassifier(alpha=0.5)).alpha == 0.5
    with pytest.raises(ValueError, match="banana"):
        NetClassifier().set_params(banana__x=1)
