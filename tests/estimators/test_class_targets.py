"""Weights of classes: checked, and checked again where they have been multiplied."""

import re

import numpy as np
import pandas as pd
import pytest

from unstuck import DataError, NetClassifier, ParameterError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(12, 2))
TWO = np.arange(12) % 2


def classifier(class_weight=None):
    return NetClassifier((2,), class_weight=class_weight, max_iter=2, random_state=0)


def refuses(error, *parts):
    return pytest.raises(error, match="(?s)" + "".join(f"(?=.*{re.escape(p)})" for p in parts))


@pytest.mark.parametrize(
    "value",
    [np.nan, np.inf, -1, -1e-300, "1", None, 1j, 10**400, [1], True, pd.NA, pd.Timestamp(0)],
    ids=str,
)
def test_a_weight_is_a_finite_number_not_negative(value):
    with refuses(ParameterError, "class_weight was {0: 1, 1: ", "a dict {class: number >= 0}"):
        classifier({0: 1, 1: value}).fit(X, TWO)
    with refuses(ParameterError, "class_weight was"):
        classifier({0: 1, 1: value}).partial_fit(X, TWO)


@pytest.mark.parametrize("unknown", [2, "1", 0.5, np.nan, pd.Timestamp(0), None], ids=str)
def test_a_weight_of_an_unknown_class_is_a_mistake(unknown):
    with refuses(ParameterError, "class_weight names [", "the classes [0, 1]", "same type"):
        classifier({0: 1, unknown: 2}).fit(X, TWO)


def test_weights_of_classes_multiply_those_of_rows():
    w = np.linspace(0.5, 2, 12)
    for given in ({0: 3, 1: 0.5}, {0.0: 3.0, np.int64(1): np.float32(0.5)}, {False: 3, True: 0.5}):
        net = classifier(given).fit(X, TWO, w)
        same = classifier().fit(X, TWO, w * np.where(TWO, 0.5, 3))
        np.testing.assert_array_equal(net.predict_proba(X), same.predict_proba(X))
    some = classifier({1: 2}).fit(X, TWO)
    same = classifier({0: 1, 1: 2}).fit(X, TWO)
    np.testing.assert_array_equal(some.predict_proba(X), same.predict_proba(X))
    text = classifier({"a": 3, "b": 0.5}).fit(X, np.array(["a", "b"])[TWO], w)
    np.testing.assert_array_equal(text.predict_proba(X), net.predict_proba(X))


def test_a_product_of_weights_that_is_zero_everywhere_is_refused():
    zero = ("sample_weight times class_weight is zero for every row", "one positive weight")
    with refuses(DataError, *zero):
        classifier({0: 0, 1: 0}).fit(X, TWO)
    with refuses(DataError, *zero):
        classifier({0: 0, 1: 1}).fit(X, TWO, 1 - TWO)
    with refuses(DataError, "In X_val, y_val, sample_weight_val", *zero):
        classifier({0: 0, 1: 1}).fit(X, TWO, X_val=X[TWO == 0], y_val=TWO[TWO == 0])
    net = classifier({0: 0, 1: 1}).partial_fit(X, TWO)
    with refuses(DataError, *zero):
        net.partial_fit(X[TWO == 0], TWO[TWO == 0])
    with refuses(DataError, "early_stopping=True drew", "all of them have sample weight zero"):
        single = np.eye(12)[1]
        classifier({0: 0, 1: 1}).set_params(early_stopping=True).fit(X, TWO, single)


@pytest.mark.parametrize(("row", "of_class"), [(1e200, 1e200), (1e308, 1), (1e-200, 1e-200)])
def test_a_sum_that_cannot_be_divided_by_is_refused(row, of_class):
    if row * of_class == 0:
        parts = ("is zero for every row",)
    else:
        parts = ("sums to inf", "Divide the weights by their largest")
    with refuses(DataError, "sample_weight", *parts):
        classifier({0: of_class, 1: of_class}).fit(X, TWO, np.full(12, row))


def test_rows_with_several_labels_have_no_weight_of_a_class():
    pair = np.c_[TWO, 1 - TWO]
    with refuses(ParameterError, "class_weight was {0: 1}", "'balanced'", "sample_weight"):
        classifier({0: 1}).fit(X, pair)
    classifier("balanced").fit(X, pair)
