"""The exception tree, near names, and several mistakes in one error."""

from __future__ import annotations

import re
import warnings

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, cross_val_score

from unstuck import errors
from unstuck.errors import DataError, ParameterError, did_you_mean, raise_together


def drawn_tree():
    """Pairs of a class and its parent, read from the drawing in the docstring."""
    parents, found = {}, []
    for line in errors.__doc__.splitlines():
        matched = re.match(r"^( {4}[│├└─ ]*)([A-Z]\w+)", line)
        if matched:
            depth = len(matched[1])
            parents = {d: name for d, name in parents.items() if d < depth}
            found.append((matched[2], parents[max(parents)] if parents else None))
            parents[depth] = matched[2]
    return found


def test_the_drawing_is_the_tree():
    classes = {
        n: c
        for n, c in vars(errors).items()
        if isinstance(c, type) and issubclass(c, Exception) and c.__module__ == errors.__name__
    }
    drawn = dict(drawn_tree())
    assert set(classes) <= set(drawn)
    assert drawn["Exception"] is None
    for name, kind in classes.items():
        assert drawn[name] in {base.__name__ for base in kind.__mro__[1:]}


@pytest.mark.parametrize("kind", [errors.ParameterError, errors.DataError, errors.FileError])
def test_errors_are_value_errors_too(kind):
    assert issubclass(kind, ValueError)
    assert issubclass(kind, errors.UnstuckError)


@pytest.mark.parametrize(
    ("received", "hint"),
    [
        ("sigmod", " Did you mean 'sigmoid'?"),
        ("ReLU", " Did you mean 'relu'?"),
        ("TANH", " Did you mean 'tanh'?"),
        ("banana", ""),
        ("", ""),
        (3, ""),
        (None, ""),
    ],
)
def test_did_you_mean(received, hint):
    assert did_you_mean(received, ["sigmoid", "relu", "tanh"]) == hint


def test_a_name_is_suggested_as_it_is_written():
    assert did_you_mean("petal lenght", ["Petal Length"]) == " Did you mean 'Petal Length'?"


def test_nothing_is_raised_without_a_mistake():
    raise_together([], ParameterError, "NetClassifier")


def test_one_mistake_is_one_line():
    with pytest.raises(ParameterError) as error:
        raise_together(["alpha was -1; expected a number >= 0."], ParameterError, "NetClassifier")
    assert str(error.value) == "NetClassifier: alpha was -1; expected a number >= 0."


def test_several_mistakes_are_a_list():
    with pytest.raises(DataError) as error:
        raise_together(["one.", "two."], DataError, "fit")
    assert str(error.value) == "fit: 2 mistakes\n  - one.\n  - two."


# Warnings


class Warns(ClassifierMixin, BaseEstimator):
    """An estimator whose every fit warns."""

    def __init__(self, loss=1.5):
        self.loss = loss

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        errors.warn(f"The loss was {self.loss}.", errors.StuckWarning)
        return self

    def predict(self, X):
        return np.zeros(len(X), int)


ROWS = np.arange(12.0)[:, None], np.arange(12) % 2
GRID = {"loss": [0.1, 2.5e-3, 7.0]}


def said_by(call):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        call()
    return [str(each.message) for each in found if each.category is errors.StuckWarning]


def test_a_search_says_once_what_all_its_fits_say():
    said = said_by(lambda: GridSearchCV(Warns(), GRID).fit(*ROWS))
    assert said == [f"The loss was 0.1. {errors.ONCE}"]


def test_every_search_says_it_anew():
    def twice():
        cross_val_score(Warns(), *ROWS)
        cross_val_score(Warns(), *ROWS)

    assert len(said_by(twice)) == 2


def test_in_threads_it_is_said_by_the_first_and_by_the_fit_to_all_rows():
    def in_threads():
        with joblib.parallel_backend("threading"):
            GridSearchCV(Warns(), GRID, n_jobs=2).fit(*ROWS)

    assert 1 <= len(said_by(in_threads)) <= 2


def test_outside_of_a_search_nothing_is_held_back():
    assert said_by(lambda: [Warns(i).fit(*ROWS) for i in range(3)]) == [
        f"The loss was {i}." for i in range(3)
    ]


def test_a_warning_that_is_an_error_is_one_in_every_fit():
    with warnings.catch_warnings():
        warnings.simplefilter("error", errors.StuckWarning)
        for _ in range(2):
            with pytest.raises(ValueError, match="fits failed"):
                GridSearchCV(Warns(), GRID).fit(*ROWS)


def test_a_warning_names_the_line_of_the_user():
    with pytest.warns(errors.StuckWarning) as found:
        cross_val_score(Warns(), *ROWS)
    assert "joblib" not in found[0].filename
