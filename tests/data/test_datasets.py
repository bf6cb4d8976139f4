"""Data sets: what the table says of them is true of what is loaded."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.data.datasets import DATASETS, load_dataset
from unstuck.errors import DataError, ParameterError

GENERATED = [recipe.name for recipe in DATASETS.values() if recipe.generated]


@pytest.mark.parametrize("name", list(DATASETS))
def test_the_record_tells_the_truth(name):
    recipe, data = DATASETS[name], load_dataset(name)
    assert data.X.shape == (recipe.rows, recipe.columns)
    assert data.y.shape == (recipe.rows,)
    assert data.X.dtype == np.float64
    assert len(data.feature_names) == recipe.columns
    assert np.isfinite(data.X).all()
    assert data.task == recipe.task
    assert recipe.reference
    assert recipe.description.endswith(".")
    if recipe.task == "classification":
        assert data.y.dtype.kind == "i"
        assert set(data.y) == set(range(len(data.target_names)))
    else:
        assert data.y.dtype == np.float64
        assert data.target_names == ()


@pytest.mark.parametrize("name", list(DATASETS))
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(name):
    first, again, other = (load_dataset(name, n=60, seed=seed) for seed in (3, 3, 4))
    assert len(first.y) == 60
    assert np.array_equal(first.X, again.X)
    assert np.array_equal(first.y, again.y)
    assert not np.array_equal(first.X, other.X)


@pytest.mark.parametrize("name", [n for n in GENERATED if n != "sine"])
def test_generated_classes_have_equally_many_rows(name):
    counts = np.bincount(load_dataset(name, n=101).y)
    assert counts.max() - counts.min() <= (1 if name != "xor" else 2)


def test_without_noise_the_laws_hold():
    xor = load_dataset("xor", n=4, noise=0.0)
    assert sorted(map(tuple, xor.X)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert np.array_equal(xor.y, xor.X[:, 0] != xor.X[:, 1])
    circles = load_dataset("circles", n=50, noise=0.0)
    assert np.allclose(np.hypot(*circles.X.T), np.where(circles.y == 0, 1.0, 0.5))
    sine = load_dataset("sine", n=50, noise=0.0)
    assert np.allclose(sine.y, np.sin(sine.X[:, 0]))
    spirals = load_dataset("spirals", n=50, noise=0.0)
    along = (np.hypot(*spirals.X.T) - 0.05) / 0.95
    angle = 3 * np.pi * along + np.pi * spirals.y
    assert np.allclose(spirals.X[:, 0], np.hypot(*spirals.X.T) * np.cos(angle))


def test_noise_has_the_standard_deviation_it_says():
    sine = load_dataset("sine", n=5000, noise=0.3)
    assert np.std(sine.y - np.sin(sine.X[:, 0])) == pytest.approx(0.3, rel=0.05)


def test_a_mistyped_name_is_told_the_near_one():
    with pytest.raises(ParameterError, match="Did you mean 'spirals'"):
        load_dataset("spirls")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "iris", "n": 151}, "it has 150; ask for fewer"),
        ({"name": "iris", "n": 0}, "at least 1"),
        ({"name": "moons", "n": 10**30}, "at most 100,000,000"),
        ({"name": "iris", "noise": 0.1}, "measured, not generated"),
        ({"name": "xor", "noise": -1.0}, "a number >= 0"),
        ({"name": "xor", "seed": -1, "n": 0}, "2 mistakes"),
    ],
)
def test_what_cannot_be_is_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        load_dataset(**arguments)
