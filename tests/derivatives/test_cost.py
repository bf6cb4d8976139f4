"""The benchmark of derivatives measures what it says, and its plot can be drawn."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.derivatives")


def test_both_ways_find_the_same_derivatives(benchmark, float64):
    subject = benchmark.Subject(6, budget=0.01)
    assert subject.timed == subject.network.size
    assert subject.gap < 1e-8
    assert len(subject.differences()) == len(subject.backpropagation()) == subject.network.size


def test_some_weights_stand_for_all(benchmark, float64):
    subject = benchmark.Subject(120, budget=1e-9)
    assert subject.timed == 20
    cost = subject.cost([(2.0, 0.5), (1.0, 0.7)])
    assert cost.differences == pytest.approx(subject.network.size / 20)
    assert cost.backpropagation == 0.5


def test_exponents_are_fitted_and_drawn(benchmark):
    weights = np.array([1e2, 1e4, 1e5, 1e6])
    costs = [
        benchmark.Cost(int(w), 1e-8 * w**2, 1e-8 * w + 1e-3 * (w < 1e3), 20, 0.0) for w in weights
    ]
    assert benchmark.exponents(costs) == pytest.approx((2.0, 1.0))
    path = ROOT / "docs/figures/derivatives.py"
    spec = importlib.util.spec_from_file_location("derivatives_figure", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    labels = [text.get_text() for text in module.drawn(costs).legends[0].get_texts()]
    assert labels == ["central differences: ~ |W|^2.00", "backpropagation: ~ |W|^1.00"]
    assert path.with_suffix(".svg").exists()
