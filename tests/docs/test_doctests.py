"""Every example in a docstring runs and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import warnings

import pytest

import unstuck

MODULES = ["unstuck"] + [
    found.name for found in pkgutil.walk_packages(unstuck.__path__, "unstuck.")
]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def doctests():
    finder = doctest.DocTestFinder(exclude_empty=True)
    for name in MODULES:
        module = importlib.import_module(name)
        yield from (test for test in finder.find(module, name) if test.examples)


ALL = list(doctests())


@pytest.mark.parametrize("test", ALL, ids=lambda test: test.name)
def test_docstring(test, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=FLAGS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


@pytest.mark.parametrize(
    "name", ["NetClassifier", "NetRegressor", "load", "TableEncoder", "Activation", "Loss"]
)
def test_a_main_name_has_an_example(name):
    found = getattr(unstuck, name)
    assert f"{found.__module__}.{found.__qualname__}" in {test.name for test in ALL}
