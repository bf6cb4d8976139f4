"""Every example runs in its small version, without a warning, and prints something to read."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import inspect
import io
import re
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
NAMES = [path.stem for path in EXAMPLES]
MOST_LINES = 95

WRONG = {
    "perceptron": ("output * (1 - output)", "output * (1 + output)"),
    "relu_softmax": ("2 * LAMBDA * WEIGHTS[name]", "LAMBDA * WEIGHTS[name]"),
    "sigmoid_chain": ("value * (1 - value)", "value"),
    "softmax_jacobian": ("else -z[i] * z[j]", "else z[i] * z[j]"),
    "tanh_errors": ("(1 - z[1:] ** 2) * back", "(1 - z[1:]) * back"),
    "two_paths": ('LAMBDA * W1 / u["u5"]', "2 * LAMBDA * W1"),
}
"""Derivations: a formula worked out by hand, and a mistake in it."""


def path_of(name):
    return EXAMPLES[0].parent / f"{name}.py"


def loaded(path):
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def printed(name, small=True):
    """What an example prints; many know but one size, and run once for all that is asked of it."""
    main, out = loaded(path_of(name)).main, io.StringIO()
    if not small and "del small" in inspect.getsource(main):
        return printed(name)
    with contextlib.redirect_stdout(out):
        main(small=small)
    return out.getvalue()


def test_there_are_examples():
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_example_runs_and_prints(name):
    assert len(printed(name).splitlines()) >= 3
    assert not re.search(r"\bnan\b", printed(name))


@pytest.mark.parametrize("name", NAMES)
def test_example_is_short_and_says_what_it_shows(name):
    example = loaded(path_of(name))
    source = inspect.getsource(example)
    assert len(source.splitlines()) <= MOST_LINES
    assert example.__doc__
    assert inspect.signature(example.main).parameters["small"].default is False


def test_soft_targets_reach_their_entropy():
    assert "global minimum" in printed("soft_targets").split("every row twice")[0]


def test_features_give_the_last_layer_again():
    largest = re.search(
        r"largest difference of the weights: (\S+)", printed("features", small=False)
    )
    assert float(largest[1]) < 1e-3


def test_sigmoids_vanish_and_relus_do_not():
    shares = re.findall(r"last hidden layer / first: (\d+)", printed("vanishing", small=False))
    logistic, tanh, relu = map(int, shares)
    assert logistic > 1000
    assert max(tanh, relu) < 30


@pytest.mark.parametrize("name", WRONG)
def test_derivations_fit_a_terminal(name):
    assert max(map(len, printed(name, small=False).splitlines())) <= 80


@pytest.mark.parametrize(("name", "formula", "mistake"), [(k, *v) for k, v in WRONG.items()])
def test_a_wrong_derivation_is_noticed(name, formula, mistake, tmp_path):
    source = path_of(name).read_text(encoding="utf-8")
    assert source.count(formula) == 1
    wrong = tmp_path / f"{name}.py"
    wrong.write_text(source.replace(formula, mistake), encoding="utf-8")
    with pytest.raises(AssertionError, match="Not equal"):
        loaded(wrong).main()
