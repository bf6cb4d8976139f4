"""One readable thing each: at the prompt, by print, in a notebook."""

import pickle

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from unstuck import (
    ACTIVATIONS,
    DISEASES,
    INITIALIZERS,
    LOSSES,
    SCHEDULES,
    SOLVERS,
    STOPPING_RULES,
    NetClassifier,
    NetRegressor,
    align,
    backpropagation,
    datasets,
    record_of,
)
from unstuck.readable import MOST_ROWS, Facts, Readable, html, text

X, Y = load_iris(return_X_y=True)
TABLES = (ACTIVATIONS, INITIALIZERS, LOSSES, SCHEDULES, SOLVERS, STOPPING_RULES)
PLAIN = (int, float, str, list, dict, np.ndarray, type(None))
"""What scikit-learn's users know: arrays, lists of them, dicts of arrays."""


class Told(Readable):
    def __init__(self, facts):
        self.facts = facts

    def _told(self):
        return self.facts


@pytest.fixture(scope="module")
def net():
    net = NetClassifier((8,), max_iter=3, n_restarts=2, early_stopping=True, random_state=0)
    with pytest.warns(ConvergenceWarning):
        return net.fit(X, Y)


@pytest.fixture(scope="module")
def bayesian():
    with pytest.warns(ConvergenceWarning):
        return NetRegressor((4,), solver="br", max_iter=3, random_state=0).fit(X[:, :2], X[:, 2])


@pytest.fixture(scope="module")
def things(net, bayesian):
    """Everything that fits and public functions leave, and is no plain number or array."""
    record = record_of(net, X, Y)
    passed = backpropagation(net, X[:1], Y[:1])
    names = [n for n in dir(net) if n.endswith("_") and not n.startswith("_") and hasattr(net, n)]
    found = [getattr(net, name) for name in names]
    found += [bayesian.posterior_, *net.restarts_, net.restarts_, net.history_, net.diagnosis_]
    found += [record, *record.layers, passed, *passed.layers, align(bayesian, bayesian)]
    found += [*TABLES, *(table.values()[0] for table in TABLES), datasets.load_dataset("iris")]
    found += [*DISEASES.values(), *net.diagnosis_.findings]
    return [each for each in found if type(each) not in PLAIN]


def test_each_is_short_and_shows_no_function_or_address(things):
    assert len(things) > 40
    for thing in things:
        shown = repr(thing)
        assert len(shown) < 2500, shown
        assert "lambda" not in shown
        assert "object at 0x" not in shown
        assert max(map(len, shown.splitlines())) <= 200, shown


def test_what_a_fit_leaves_reads_like_this(net, bayesian):
    assert str(net.restarts_).splitlines()[0].split() == [
        "start",
        "ended",
        "seed",
        "cost",
        "epochs",
    ]
    assert sum("(best)" in line for line in repr(net.restarts_).splitlines()) == 1
    assert repr(net.stop_reason_) == f"<max_iter: {net.stop_reason_}>"
    assert "effective parameters" in repr(bayesian.posterior_)
    assert repr(net.network_) == str(net.network_)
    assert net.network_._repr_html_().count("<tr>") == 4
    assert "validation_loss" in repr(net.history_)


def test_they_are_what_they_were_for_programs(net):
    assert isinstance(net.restarts_, list)
    assert net.restarts_[0].seed == 0
    assert isinstance(net.history_, dict)
    again = pickle.loads(pickle.dumps((net.restarts_, net.history_)))
    assert again[0] == net.restarts_
    assert again[1].keys() == net.history_.keys()


def test_a_record_is_named_in_the_parameters_of_an_estimator():
    net = NetClassifier(activation=ACTIVATIONS["leaky_relu(0.1)"], loss=LOSSES["cross_entropy"])
    assert "activation=<activation leaky_relu(0.1)>" in repr(net)
    assert repr(ACTIVATIONS.resolve(np.tanh)) == "<activation tanh (own)>"


def test_a_card_is_escaped_and_touches_nothing_else():
    shown = html(Told(Facts("<b>", ("1 < 2 & 3",), [("<i>", "n"), ("<script>", "1")])))
    assert "<script>" not in shown
    assert "<i>" not in shown
    assert "1 &lt; 2 &amp; 3" in shown
    assert '<td class="number">1</td>' in shown
    rules = shown.split("<style>")[1].split("</style>")[0]
    assert "body" not in rules.replace("tbody", "")
    for mark in ("prefers-color-scheme:dark", 'data-jp-theme-light="false"', ".vscode-dark"):
        assert mark in rules


def test_of_a_long_table_the_first_and_the_last_rows_are_shown():
    thing = Told(Facts("", (), [("row", "n"), *((f"r{i}", str(i)) for i in range(100))]))
    assert len(text(thing).splitlines()) == MOST_ROWS + 2
    assert "... 60 more" in text(thing)
    assert "r0 " in text(thing)
    assert "r99" in text(thing)
    assert "... 60 more" in html(thing)


def test_blank_headings_are_not_shown():
    thing = Told(Facts("", ("said",), [("", ""), ("a", "1")]))
    assert str(thing) == "said\na  1"
    assert "<thead>" not in html(thing)
