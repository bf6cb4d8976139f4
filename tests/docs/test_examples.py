"""Every example runs in its small version, without a warning, and prints something to read."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
MOST_LINES = 75


def loaded(path):
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda path: path.stem)
def example(request):
    return loaded(request.param)


def test_there_are_examples():
    assert len(EXAMPLES) >= 6


def test_example_runs_and_prints(example, capsys):
    example.main(small=True)
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) >= 3
    assert not re.search(r"\bnan\b", printed.out)


def test_example_is_short_and_says_what_it_shows(example):
    source = inspect.getsource(example)
    assert len(source.splitlines()) <= MOST_LINES
    assert example.__doc__
    assert inspect.signature(example.main).parameters["small"].default is False


def test_soft_targets_reach_their_entropy(capsys):
    path = next(path for path in EXAMPLES if path.stem == "soft_targets")
    loaded(path).main(small=True)
    assert "global minimum" in capsys.readouterr().out.split("every row twice")[0]


def test_features_give_the_last_layer_again(capsys):
    path = next(path for path in EXAMPLES if path.stem == "features")
    loaded(path).main()
    largest = re.search(r"largest difference of the weights: (\S+)", capsys.readouterr().out)
    assert float(largest[1]) < 1e-3


def test_sigmoids_vanish_and_relus_do_not(capsys):
    path = next(path for path in EXAMPLES if path.stem == "vanishing")
    loaded(path).main()
    shares = re.findall(r"last hidden layer / first: (\d+)", capsys.readouterr().out)
    logistic, tanh, relu = map(int, shares)
    assert logistic > 1000
    assert max(tanh, relu) < 30
