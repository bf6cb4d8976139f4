"""Parameters: defaults, rules, messages, and the texts of the command line."""

from __future__ import annotations

import dataclasses
import inspect
import math

import numpy as np
import pytest

from unstuck.errors import ParameterError
from unstuck.settings import (
    ClassifierSettings,
    RegressorSettings,
    Settings,
    check,
    parameters_of,
)
from unstuck.solvers.schedules import SCHEDULES
from unstuck.solvers.table import READERS

KINDS = [Settings, ClassifierSettings, RegressorSettings]
FIELDS = {f.name: f for kind in KINDS for f in parameters_of(kind)}


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_pass_their_own_rules(kind):
    check(kind(), kind.__name__)


@pytest.mark.parametrize("name", FIELDS)
def test_every_parameter_is_explained(name):
    metadata = FIELDS[name].metadata
    assert len(metadata["help"]) > 5
    assert not metadata["help"].endswith(".")
    assert metadata["rule"].expected()


@pytest.mark.parametrize("name", FIELDS)
def test_defaults_come_back_from_their_text(name):
    field = FIELDS[name]
    rule, default = field.metadata["rule"], field.default
    text = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
    found = rule.parse(text)
    assert rule.accepts(found)
    assert found == default


TEXTS = {
    "hidden_layer_sizes": [("64,64", (64, 64)), ("10", (10,)), ("()", ())],
    "activation": [("leaky_relu(0.2)", "leaky_relu(0.2)"), ("tanh,relu", ("tanh", "relu"))],
    "initializer": [("he", "he"), ("he,fan_in", ("he", "fan_in"))],
    "batch_size": [("32", 32), ("auto", "auto")],
    "tol": [("1e-6", 1e-6)],
    "random_state": [("7", 7), ("none", None)],
    "n_iter_no_change": [("inf", math.inf), ("3", 3)],
    "clip_norm": [("1", 1.0), ("None", None)],
    "class_targets": [("0.15,0.85", (0.15, 0.85))],
    "class_weight": [("balanced", "balanced")],
    "shuffle": [("no", False)],
}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [(name, text, value) for name, pairs in TEXTS.items() for text, value in pairs],
)
def test_texts_of_the_command_line(name, text, value):
    rule = FIELDS[name].metadata["rule"]
    assert rule.parse(text) == value
    assert rule.accepts(rule.parse(text))


@pytest.mark.parametrize("name", FIELDS)
def test_nonsense_stays_a_text_that_is_refused(name):
    rule = FIELDS[name].metadata["rule"]
    assert not rule.accepts(rule.parse("no such thing"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(alpha=-1), "Net: alpha was -1; expected a number >= 0."),
        (Settings(momentum=1.5), "Net: momentum was 1.5; expected a number >= 0 and <= 1."),
        (Settings(max_iter=2.5), "Net: max_iter was 2.5; expected an integer >= 1."),
        (Settings(shuffle=1), "Net: shuffle was 1; expected True or False."),
        (Settings(monitor="los"), "Net: monitor was 'los'; expected 'loss' or 'score'."),
        (
            Settings(hidden_layer_sizes=(10, 0)),
            "Net: hidden_layer_sizes was (10, 0); expected a sequence of integers or layers, each "
            "an integer >= 1, or a layer, or an integer >= 1.",
        ),
        (
            ClassifierSettings(class_targets=(0.1,)),
            "Net: class_targets was (0.1,); expected 2 numbers, each a number.",
        ),
        (
            Settings(learning_rate_init=math.nan),
            "Net: learning_rate_init was nan; expected a number > 0.",
        ),
    ],
)
def test_message(settings, message):
    with pytest.raises(ParameterError) as error:
        check(settings, "Net")
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("activation", "rellu", "Did you mean 'relu'?"),
        ("solver", "addam", "Did you mean 'adam'?"),
        ("loss", "cross_entrpy", "Did you mean 'cross_entropy'?"),
        ("initializer", "glorott", "Did you mean 'glorot'?"),
        ("learning_rate", "cosin", "Did you mean 'cosine'?"),
        ("output_activation", "sofmax", "Did you mean 'softmax'?"),
    ],
)
def test_near_names_are_suggested(name, value, hint):
    with pytest.raises(ParameterError) as error:
        check(Settings(**{name: value}), "Net")
    assert str(error.value).startswith(f"Net: {name} was {value!r}; expected ")
    assert str(error.value).endswith(hint)


def test_all_mistakes_are_raised_at_once():
    settings = ClassifierSettings(
        alpha=-1, solver="addam", dropout=1.0, class_weight="even", random_state=-1
    )
    with pytest.raises(ParameterError) as error:
        check(settings, "NetClassifier")
    first, *rest = str(error.value).splitlines()
    assert first == "NetClassifier: 5 mistakes"
    named = [line.split()[1] for line in rest]
    assert named == ["dropout", "solver", "alpha", "random_state", "class_weight"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_layer_sizes", np.array(5)),
        ("hidden_layer_sizes", "100"),
        ("class_weight", np.array([1.0, 2.0])),
        ("class_weight", {0, 1}),
        ("activation", np.array([1, 2])),
        ("activation", {"relu": 1}),
        ("random_state", "seed"),
        ("tol", np.array([1.0, 2.0])),
    ],
)
def test_strange_values_are_refused_with_the_one_error(name, value):
    kind = ClassifierSettings
    with pytest.raises(ParameterError, match=f"^Net: {name} was "):
        check(kind(**{name: value}), "Net")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_layer_sizes", ()),
        ("hidden_layer_sizes", 30),
        ("hidden_layer_sizes", np.array([30, 20])),
        ("random_state", np.random.RandomState(0)),
        ("n_iter_no_change", math.inf),
        ("class_weight", {"a": 2.0}),
        ("activation", ["tanh", abs]),
        ("verbose", 2),
        ("monitor", np.str_("score")),
    ],
)
def test_values_that_pass(name, value):
    check(ClassifierSettings(**{name: value}), "Net")


@pytest.mark.parametrize("kind", KINDS)
def test_everything_after_the_first_is_keyword_only(kind):
    first, *rest = inspect.signature(kind).parameters.values()
    assert first.name == "hidden_layer_sizes"
    assert first.kind is first.POSITIONAL_OR_KEYWORD
    assert all(p.kind is p.KEYWORD_ONLY for p in rest)


def test_parameters_that_solvers_use_exist():
    assert set(READERS) <= set(FIELDS)


def test_parameters_that_schedules_use_exist():
    assert {name for schedule in SCHEDULES.values() for name in schedule.uses} <= set(FIELDS)


def test_scikit_learns_defaults():
    """Names and defaults are those of its MLP wherever the meaning is the same."""
    from sklearn.neural_network import MLPClassifier

    theirs = MLPClassifier().get_params()
    mine = {f.name: f.default for f in dataclasses.fields(ClassifierSettings)}
    both = set(theirs) & set(mine)
    assert len(both) >= 20
    differ = {name for name in both if theirs[name] != mine[name]}
    assert differ == {"tol"}  # "auto" is its 1e-4 for first-order solvers
