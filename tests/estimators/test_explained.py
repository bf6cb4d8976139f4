"""Docstrings of the estimators name every parameter and every fitted attribute."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

from unstuck import NetClassifier, NetRegressor
from unstuck.settings import parameters_of

KINDS = [NetClassifier, NetRegressor]


def section(kind, name):
    """The names that a section of the docstring explains, and the texts about them."""
    body = inspect.getdoc(kind).split(f"\n{name}:\n")[1].split("\n\n")[0]
    entries = re.split(r"^    (?=\w+: )", body, flags=re.MULTILINE)[1:]
    return {name: " ".join(text.split()) for name, _, text in (e.partition(": ") for e in entries)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_is_explained(kind):
    told = section(kind, "Arguments")
    assert list(told) == [field.name for field in parameters_of(kind)]
    for field in parameters_of(kind):
        assert told[field.name].startswith(" ".join(field.metadata["help"].split()))
        assert f"Allowed: {field.metadata['rule'].expected()}." in told[field.name]
        assert told[field.name].endswith(f"Default: {field.default!r}.")


@pytest.mark.parametrize("kind", KINDS)
def test_every_fitted_attribute_is_explained(kind):
    told = section(kind, "Attributes")
    net = kind((4,)).partial_fit(np.eye(3), [0, 1, 0])
    named = {name for name in dir(net) if re.fullmatch(r"[a-z](\w*[a-z])?_", name)}
    found = {name for name in named if hasattr(net, name)}
    sometimes = {"restarts_", "posterior_", "feature_names_in_"}
    assert found - sometimes <= set(told)
    assert set(told) <= found | sometimes


@pytest.mark.parametrize("kind", KINDS)
def test_it_fits_a_terminal_and_leaves_no_mark(kind):
    text = inspect.getdoc(kind)
    assert "{" not in re.sub(r"\{(class: number >= 0|-1, \+1)\}", "", text)
    assert max(map(len, text.splitlines())) <= 100


def test_python_without_docstrings_imports_it():
    code = "from unstuck import NetClassifier; print(NetClassifier.__doc__)"
    done = subprocess.run(
        [sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "None\n"
