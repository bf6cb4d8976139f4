"""The associative memory: Hebb's rule, recall by changes that lower the energy, capacity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import fsolve
from sklearn.base import clone
from sklearn.datasets import load_digits

from unstuck import DataError, ParameterError
from unstuck.neuro import HopfieldMemory, expected_overlap, largest_load, memory_capacity


def random_patterns(seed, patterns, units):
    return np.random.default_rng(seed).choice([-1, 1], (patterns, units))


def slow_weights(patterns):
    """Hebb's rule, weight by weight."""
    _, units = patterns.shape
    weights = np.zeros((units, units))
    for i in range(units):
        for j in range(units):
            if i != j:
                weights[i, j] = sum(x[i] * x[j] for x in patterns) / units
    return weights


def slow_energy(weights, state):
    return -0.5 * state @ weights @ state


def slow_recall(weights, cue, seed, most=200):
    """Unit after unit, each field summed anew: the end, and the energy after every change."""
    state, energies = np.array(cue, float), [slow_energy(weights, cue)]
    drawn = np.random.RandomState(seed).randint(2**31)
    rng = np.random.default_rng(drawn)
    for _ in range(most):
        changed = False
        for unit in rng.permutation(len(state)):
            field = weights[unit] @ state
            if abs(field) > 1e-9 and state[unit] != np.sign(field):
                state[unit], changed = np.sign(field), True
                energies.append(slow_energy(weights, state))
        if not changed:
            break
    return state, np.array(energies)


@pytest.mark.parametrize("seed", range(4))
def test_weights_and_recalls_are_those_of_the_slow_twin(seed):
    patterns = random_patterns(seed, 4, 24)
    memory = HopfieldMemory(random_state=seed).fit(patterns)
    np.testing.assert_allclose(memory.weights_, slow_weights(patterns), atol=1e-12)
    cues = random_patterns(seed + 100, 6, 24)
    many = memory.recall(cues)
    for i, cue in enumerate(cues):
        state, energies = slow_recall(memory.weights_, cue, seed)
        one = memory.recall(cue)
        np.testing.assert_array_equal(one.pattern, state)
        np.testing.assert_array_equal(many.patterns[i], state)  # the same among others
        np.testing.assert_allclose(one.energies, energies, atol=1e-12)
        np.testing.assert_allclose(many[i].energies, energies, atol=1e-12)
        np.testing.assert_allclose(memory.energy(state), energies[-1])
        np.testing.assert_allclose(one.overlaps, patterns @ state / 24)
        assert one.overlap == one.overlaps[one.nearest] == many.overlap[i]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**20),
    patterns=st.integers(1, 12),
    units=st.integers(2, 130),
    unknown=st.floats(0, 0.9),
    rule=st.sampled_from(["hebb", "projection"]),
)
def test_the_energy_never_rises_and_the_end_is_at_rest(seed, patterns, units, unknown, rule):
    rng = np.random.default_rng(seed)
    memory = HopfieldMemory(rule=rule, random_state=seed).fit(
        random_patterns(seed, patterns, units)
    )
    cue = np.where(rng.random(units) < unknown, 0, rng.choice([-1, 1], units))
    cue[0] = 1
    found = memory.recall(cue)
    rises = np.diff(found.energies)
    assert rises.max(initial=-1) <= (0 if rule == "hebb" else 1e-12)
    assert found.ended == "at rest"
    assert set(found.pattern) <= {-1, 1}
    state, fields = found.pattern, memory.weights_ @ found.pattern
    assert (state * fields >= -1e-8).all()
    np.testing.assert_allclose(found.energies[-1], memory.energy(state), atol=1e-9)
    for step in {0, found.steps // 2, found.steps}:
        np.testing.assert_allclose(
            memory.energy(found.after(step)), found.energies[step], atol=1e-9
        )


def test_a_part_and_a_corrupted_pattern_bring_back_the_whole():
    patterns = random_patterns(0, 8, 200)
    memory = HopfieldMemory(random_state=0).fit(patterns)
    part = patterns.copy()
    part[:, 60:] = 0
    flips = np.random.default_rng(1).random(patterns.shape) < 0.2
    for cues in (part, np.where(flips, -patterns, patterns)):
        found = memory.recall(cues)
        np.testing.assert_array_equal(found.patterns, patterns)
        np.testing.assert_array_equal(found.nearest, np.arange(8))
        np.testing.assert_array_equal(found.overlap, 1)
    assert "8 recalls, 8 at rest; mean overlap 1.000." in str(found)
    assert [each.nearest for each in found] == list(range(8))
    reverse = memory.recall(-patterns[3])
    assert (reverse.nearest, reverse.overlap) == (3, -1.0)
    assert "the reverse of pattern 3" in str(reverse)


def test_all_at_once_may_go_back_and_forth():
    """Two units that want to be alike, and are not, change places for ever."""
    memory = HopfieldMemory(updates="synchronous").fit([[1, 1]])
    found = memory.recall([1, -1])
    assert found.ended == "back and forth"
    assert HopfieldMemory(random_state=0).fit([[1, 1]]).recall([1, -1]).ended == "at rest"
    patterns = random_patterns(2, 5, 120)
    memory = HopfieldMemory(updates="synchronous").fit(patterns)
    part = np.where(np.arange(120) < 60, patterns, 0)
    found = memory.recall(part)
    np.testing.assert_array_equal(found.patterns, patterns)
    state = part[0].astype(float)
    for step in range(1, found[0].steps + 1):
        state = np.sign(memory.weights_ @ state)
        np.testing.assert_array_equal(found[0].after(step), state)
        np.testing.assert_allclose(found[0].energies[step], slow_energy(memory.weights_, state))


@pytest.mark.parametrize("updates", ["asynchronous", "synchronous"])
def test_a_unit_that_nothing_pulls_at_becomes_one(updates):
    """Two patterns that differ in their second half cancel each other there."""
    patterns = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1, -1, -1, -1]])
    found = HopfieldMemory(updates=updates, random_state=0).fit(patterns).recall([1, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(found.pattern, patterns[0])
    assert found.ended == "at rest"


def test_projection_holds_what_is_alike():
    x, y = load_digits(return_X_y=True)
    digits = np.array([x[y == digit].mean(0) > 8 for digit in range(10)])
    held = {}
    for rule in ("hebb", "projection"):
        memory = HopfieldMemory(rule=rule, random_state=0).fit(digits)
        held[rule] = (memory.recall(digits).patterns == digits).all(1).sum()
    assert held == {"hebb": 0, "projection": 10}
    z = np.where(digits, 1.0, -1.0)
    onto = np.linalg.pinv(z) @ z
    np.fill_diagonal(onto, 0)
    np.testing.assert_allclose(memory.weights_, onto, atol=1e-12)
    twice = HopfieldMemory(rule="projection").fit(np.vstack([digits, digits[:3]]))
    np.testing.assert_allclose(twice.weights_, onto, atol=1e-12)  # dependent patterns


def test_patterns_come_back_as_they_were_written():
    signs = random_patterns(3, 3, 36).reshape(3, 6, 6)
    ways = {
        "signs": signs,
        "bits": (signs > 0).astype(np.uint8),
        "booleans": signs > 0,
        "floats": signs.astype(float),
    }
    for patterns in ways.values():
        memory = HopfieldMemory(random_state=0).fit(patterns)
        cue = patterns[1].astype(float)
        cue[3:] = np.nan
        found = memory.recall(cue)
        assert found.pattern.dtype == patterns.dtype
        np.testing.assert_array_equal(found.pattern, patterns[1])
        hidden = np.ma.masked_array(patterns[1], np.arange(36).reshape(6, 6) >= 18)
        np.testing.assert_array_equal(memory.recall(hidden).pattern, found.pattern)
        assert memory.recall(patterns).patterns.shape == (3, 6, 6)
        lines = found.pictures().splitlines()
        assert lines[0].split()[0] == "cue"
        assert lines[0].split()[-1] == "end"
        assert lines[-1].startswith("??" * 6)
    assert len(found.plot().axes) == len(found.looks) + 1
    bits = HopfieldMemory().fit(ways["bits"]).recall(np.where(signs[0] > 0, 1, np.nan))
    assert np.isnan(bits.after(0)).any()


def test_seeds_make_recalls_the_same():
    patterns = random_patterns(4, 60, 100)  # far too many
    cue = random_patterns(5, 1, 100)[0]
    first, again = (HopfieldMemory(random_state=3).fit(patterns).recall(cue) for _ in range(2))
    np.testing.assert_array_equal(first.energies, again.energies)
    others = [
        clone(HopfieldMemory(random_state=seed)).fit(patterns).recall(cue) for seed in range(5)
    ]
    assert len({other.energies[-1] for other in others}) > 1


def test_the_theory_is_that_of_its_equations():
    """Amit, Gutfreund and Sompolinsky's three equations, with their integral done numerically."""

    def equations(unknowns, load, noise=1e-4):
        m, r, c = unknowns

        def mean(f):
            def weighted(z):
                field = (m + np.sqrt(load * abs(r)) * z) / noise
                return f(np.tanh(field)) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

            kink = -m / np.sqrt(load * abs(r))
            return quad(weighted, -9, 9, points=[kink - 0.01, kink, kink + 0.01], limit=400)[0]

        q = mean(np.square)
        return m - mean(lambda t: t), r - q / (1 - c) ** 2, c - (1 - q) / noise

    for load in (0.05, 0.10, 0.13):
        m, _, _ = fsolve(equations, (0.99, 1.2, 0.05), args=(load,))
        np.testing.assert_allclose(expected_overlap(load), m, atol=2e-4)
    assert round(largest_load(), 3) == 0.138
    assert round(expected_overlap(largest_load() - 1e-9), 3) == 0.967  # as published
    assert expected_overlap(0.14) == 0
    assert expected_overlap(0) == 1


def test_capacity_is_about_the_published_one():
    """A thousand units: nearly all of 100 patterns, most of 138, hardly any of 180 are held."""
    found = memory_capacity(1000, seeds=1)
    few, most, many = (each.mean for each in found.loads)
    assert abs(few - expected_overlap(0.10)) < 0.003
    assert 0.92 < most < 0.99
    assert 0.35 < many < 0.65
    assert "0.138" in str(found)
    assert len(found.plot().axes) == 1


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: HopfieldMemory(rule="hebbian").fit([[1, -1]]), ParameterError, "mean 'hebb'"),
        (lambda: HopfieldMemory(max_sweeps=0, updates="x").fit([[1, -1]]), ParameterError, "2 mis"),
        (lambda: HopfieldMemory().fit([1, -1]), DataError, "[pattern]"),
        (lambda: HopfieldMemory().fit([[1, -1], [1]]), DataError, "numbers of one shape"),
        (lambda: HopfieldMemory().fit([["a", "b"]]), DataError, "numbers of one shape"),
        (lambda: HopfieldMemory().fit([[1, -1, 0]]), DataError, "-1; expected 0 and 1"),
        (lambda: HopfieldMemory().fit([[1, 0.5]]), DataError, "0.5; expected -1 and +1"),
        (lambda: HopfieldMemory().fit([[1, np.nan]]), DataError, "nan; expected -1 and +1"),
        (lambda: HopfieldMemory().fit([[1, -1]]).recall([1, 1, 1]), DataError, "expected (2,)"),
        (lambda: HopfieldMemory().fit([[1, -1]]).recall([1, 2]), DataError, "NaN or 0 where"),
        (lambda: HopfieldMemory().fit([[1, 0]]).recall([1, -1]), DataError, "0 and 1"),
        (lambda: HopfieldMemory().fit([[1, -1]]).recall([0, 0]), DataError, "no known entry"),
        (lambda: HopfieldMemory().fit([[1, -1]]).recall([[1, 0], [0, 0]]), DataError, "cue 1"),
        (
            lambda: HopfieldMemory().fit([[1, -1]]).recall([1, -1]).after(5),
            ParameterError,
            "step was",
        ),
        (lambda: HopfieldMemory().fit([[1, -1]]).recall([1, -1]).plot(), DataError, "images"),
        (lambda: memory_capacity(10, [0.01]), ParameterError, "1 pattern in 10"),
        (lambda: HopfieldMemory().fit([[1, -1]]).recall([True, False]), DataError, "booleans"),
        (lambda: memory_capacity(10, []), ParameterError, "1 load or more"),
        (lambda: memory_capacity(10, ["a"]), ParameterError, "a load was 'a'"),
        (lambda: memory_capacity(1), ParameterError, "units was 1"),
        (lambda: expected_overlap(-1), ParameterError, "a number >= 0"),
    ],
)
def test_bad_input_gets_a_clear_error(act, error, message):
    with pytest.raises(error) as caught:
        act()
    assert message in str(caught.value)
