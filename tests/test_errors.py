"""The exception tree, near names, and several mistakes in one error."""

from __future__ import annotations

import re

import pytest

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
