"""Rules: what they accept, how they say it, and what a text on the command line means."""

from __future__ import annotations

import math

import numpy as np
import pytest

from unstuck import ACTIVATIONS
from unstuck.errors import ParameterError
from unstuck.rules import (
    COUNT,
    AnyOf,
    Boolean,
    Entry,
    Number,
    Several,
    Whatever,
    Words,
    any_of,
    check_whole,
    hint_of,
    mistakes_in,
)

POSITIVE = Number(0, closed="neither")
SHARE = Number(0, 1, closed="left")
AUTO = Words(("auto",))


@pytest.mark.parametrize(
    ("rule", "yes", "no"),
    [
        (Number(), [0, -1.5, np.float32(2), np.int64(3)], [math.inf, math.nan, "1", None, True]),
        (POSITIVE, [1e-300, 5], [0, -1, math.inf, np.True_]),
        (COUNT, [1, np.int32(7)], [0, 1.0, 1.5, "1", True]),
        (SHARE, [0, 0.999], [1, -0.1]),
        (Number(0, 1, "right"), [1, 0.5], [0]),
        (Number(0, 1), [0, 1], [1.0001]),
        (Boolean(), [True, False, np.True_], [0, 1, "true", None]),
        (AUTO, ["auto", np.str_("auto")], ["Auto", None, 0, np.array(["auto", "auto"])]),
        (Words((None,)), [None], [0, "", "None"]),
        (Words((math.inf,)), [math.inf, np.float64(math.inf)], [1.0, math.nan, "inf"]),
        (
            Entry(ACTIVATIONS),
            ["relu", "sigmoid", ACTIVATIONS["elu"], abs, "elu(2)", np.str_("relu")],
            ["rely", None, "relu(1)", ["relu"]],
        ),
        (
            Several(COUNT, "integers"),
            [(), [3], (1, 2), np.array([4, 5])],
            [3, "12", (0,), (1, 1.5), None, np.array(5)],
        ),
        (Several(Number(), "numbers", 2), [(0, 1), [0.1, 0.9]], [(1,), (1, 2, 3), "01"]),
        (Whatever("even", lambda v: v % 2 == 0), [2], [3]),
        (any_of(AUTO, COUNT), ["auto", 3], [0, "x"]),
    ],
)
def test_accepts(rule, yes, no):
    for value in yes:
        assert rule.accepts(value) is True, value
    for value in no:
        assert rule.accepts(value) is False, value


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Number(), "a number"),
        (POSITIVE, "a number > 0"),
        (COUNT, "an integer >= 1"),
        (SHARE, "a number >= 0 and < 1"),
        (Number(high=3, closed="both"), "a number <= 3"),
        (Number(0, 2**32 - 1, whole=True), "an integer >= 0 and <= 4294967295"),
        (Boolean(), "True or False"),
        (Words(("loss", "score", None)), "'loss' or 'score' or None"),
        (Several(COUNT, "integers"), "a sequence of integers, each an integer >= 1"),
        (Several(Number(), "numbers", 2), "2 numbers, each a number"),
        (Several(Entry(ACTIVATIONS), "activations"), "a sequence of activations"),
        (any_of(AUTO, COUNT), "'auto', or an integer >= 1"),
    ],
)
def test_expected(rule, text):
    assert rule.expected() == text


@pytest.mark.parametrize(
    ("rule", "text", "value"),
    [
        (Number(), "1e-3", 1e-3),
        (COUNT, "12", 12),
        (COUNT, "1.5", "1.5"),
        (Boolean(), "TRUE", True),
        (Boolean(), "no", False),
        (Boolean(), "maybe", "maybe"),
        (Words((None, "balanced")), "None", None),
        (Words((None, "balanced")), "balanced", "balanced"),
        (Words((math.inf,)), "inf", math.inf),
        (Several(COUNT, "integers"), "64,32", (64, 32)),
        (Several(COUNT, "integers"), "(64, 32)", (64, 32)),
        (Several(COUNT, "integers"), "[64]", (64,)),
        (Several(COUNT, "integers"), "()", ()),
        (
            Several(Entry(ACTIVATIONS), "activations"),
            "tanh,leaky_relu(0.2)",
            ("tanh", "leaky_relu(0.2)"),
        ),
        (
            Several(Entry(ACTIVATIONS), "activations"),
            "(leaky_relu(0.1), elu(2))",
            ("leaky_relu(0.1)", "elu(2)"),
        ),
        (any_of(Several(COUNT, "integers"), COUNT), "64", (64,)),
        (any_of(AUTO, COUNT), "auto", "auto"),
        (any_of(AUTO, COUNT), "7", 7),
        (any_of(AUTO, COUNT), "x", "x"),
        (Whatever("a seed", lambda v: True), "x", "x"),
        (Entry(ACTIVATIONS), "elu(2)", "elu(2)"),
    ],
)
def test_parse(rule, text, value):
    found = rule.parse(text)
    assert found == value
    assert type(found) is type(value)


def test_hints_come_from_the_first_rule_that_has_one():
    rule = any_of(AUTO, Entry(ACTIVATIONS))
    assert isinstance(rule, AnyOf)
    assert hint_of(rule, "rellu") == " Did you mean 'relu'?"
    assert hint_of(rule, 3) == ""
    assert hint_of(COUNT, "x") == ""


def test_mistakes_are_told_together():
    rules = {"seeds": COUNT, "share": Number(0, 1), "task": Words(("a", "b"))}
    assert mistakes_in({"seeds": True, "share": 0.5, "task": "c"}, rules) == [
        "seeds was True; expected an integer >= 1.",
        "task was 'c'; expected 'a' or 'b'.",
    ]
    check_whole("lesion", 2, seeds=2, places=np.int64(3))
    with pytest.raises(ParameterError, match=r"^lesion: 2 mistakes\n  - seeds was 1; .*>= 2"):
        check_whole("lesion", 2, seeds=1, places=2.0)
