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


def test_the_main_names_have_examples():
    tested = {test.name for test in ALL}
    for name in (
        "unstuck.estimators.classifier.NetClassifier",
        "unstuck.estimators.regressor.NetRegressor",
        "unstuck.estimators.loading.load",
        "unstuck.data.table.TableEncoder",
        "unstuck.activations.Activation",
        "unstuck.losses.Loss",
    ):
        assert name in tested
