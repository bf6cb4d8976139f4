"""What is decided at the end of an epoch, against rules written out over whole lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck import STOPPING_RULES
from unstuck.solvers.stop import StopReason
from unstuck.training.stopping import Stalls, Stopping

LOSSES = st.lists(st.integers(0, 12).map(lambda v: v / 8), min_size=1, max_size=60)
TOL = st.sampled_from([0.0, 0.125, 0.25])


def stopping(**changed):
    return Stopping(
        **{"tol": 0.0, "patience": 3, "early": False, "reacts": "", "rate": 1.0} | changed
    )


def epochs_without_progress(losses, tol):
    """After every epoch: how many in a row did not beat the best before by ``tol``."""
    counts = []
    for index, loss in enumerate(losses):
        progress = index == 0 or loss <= min(losses[:index]) - tol
        counts.append(0 if progress else counts[-1] + 1)
    return counts


def run(rules, losses, held_out=None):
    """The epoch and the reason of the end, and the factor on the rate after every epoch."""
    scales, stalls = [], Stalls()
    for epoch, loss in enumerate(losses):
        cost = None if held_out is None else rules.cost(held_out[epoch], held_out[epoch])
        stalls, stop = rules.epoch(stalls, loss, cost)
        scales.append(stalls.scale)
        if stop is not None:
            return epoch, stop.reason, scales
    return None, None, scales


@given(LOSSES, TOL, st.integers(1, 5))
def test_training_loss(losses, tol, patience):
    counts = epochs_without_progress(losses, tol)
    expected = next((e for e, count in enumerate(counts) if count > patience), None)
    epoch, reason, scales = run(stopping(tol=tol, patience=patience), losses)
    assert epoch == expected
    assert reason == (None if expected is None else StopReason.TOL)
    assert set(scales) == {1.0}


@given(LOSSES, TOL, st.integers(1, 5), st.sampled_from(["loss", "score"]))
def test_early_stopping_follows_the_validation_data(held_out, tol, patience, monitor):
    costs = held_out if monitor == "loss" else [-score for score in held_out]
    counts = epochs_without_progress(costs, tol)
    expected = next((e for e, count in enumerate(counts) if count > patience), None)
    rules = stopping(tol=tol, patience=patience, early=True, monitor=monitor)
    falling = np.linspace(9, 8, len(held_out))  # the training loss always makes progress
    epoch, reason, _ = run(rules, falling, held_out)
    assert epoch == expected
    assert reason == (None if expected is None else StopReason.VALIDATION)


@given(LOSSES, TOL, st.integers(1, 3))
def test_adaptive_rate_is_scikit_learns(losses, tol, patience):
    """Where the fit would stop, the rate is divided by 5 instead; it stops at 1e-6 or less."""
    rate, rates, best, count, ended = 1e-4, [], np.inf, 0, None
    for epoch, loss in enumerate(losses):
        count = count + 1 if loss > best - tol else 0
        best = min(best, loss)
        if count > patience:
            if rate <= 1e-6:
                ended = epoch
                rates.append(rate)
                break
            rate, count = rate / 5, 0
        rates.append(rate)
    rules = stopping(tol=tol, patience=patience, reacts="no_change", rate=1e-4)
    epoch, reason, scales = run(rules, losses)
    np.testing.assert_allclose(1e-4 * np.array(scales), rates, rtol=1e-12)
    assert epoch == ended
    assert reason == (None if ended is None else StopReason.LEARNING_RATE)


def test_adaptive_rate_ends():
    rules = stopping(patience=1, reacts="no_change", rate=1e-4, tol=0.1)
    epoch, reason, scales = run(rules, [1.0] * 40)
    assert reason is StopReason.LEARNING_RATE
    assert 1e-4 * scales[-1] == pytest.approx(1e-4 / 5**3)
    assert epoch == 8  # 2 epochs for each of three divisions and the end, after the first


@given(LOSSES, TOL, st.integers(1, 4))
def test_plateau(losses, tol, patience):
    """After ``plateau_patience`` epochs without progress the rate falls; then it counts anew."""
    best, count, scale, expected = np.inf, 0, 1.0, []
    for loss in losses:
        count = 0 if loss <= best - tol else count + 1
        best = min(best, loss)
        if count == patience:
            scale, count = scale * 0.1, 0
        expected.append(scale)
    rules = stopping(
        tol=tol, patience=np.inf, reacts="plateau", plateau_patience=patience, plateau_factor=0.1
    )
    np.testing.assert_allclose(run(rules, losses)[2], expected, rtol=1e-12)


def test_plateau_stops_as_well():
    rules = stopping(patience=5, reacts="plateau", plateau_patience=2, plateau_factor=0.5)
    epoch, reason, scales = run(rules, [1.0, *[2.0] * 10])
    assert (epoch, reason) == (6, StopReason.TOL)
    assert scales == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125]


def test_the_global_minimum_ends_a_fit():
    rules = stopping(floor=0.5, precision=1e-6)
    assert run(rules, [1.0, 0.6, 0.5 + 2e-6, 0.5 + 1e-7])[:2] == (3, StopReason.GLOBAL_MINIMUM)


def test_without_a_known_floor_nothing_is_called_a_global_minimum():
    assert run(stopping(), [1.0, 0.5, 0.0, -5.0])[:2] == (None, None)


def test_plateau_follows_the_validation_data_also_without_early_stopping():
    rules = stopping(patience=np.inf, reacts="plateau", plateau_patience=2, plateau_factor=0.5)
    falling, stuck = [1.0, 0.9, 0.8, 0.7, 0.6], [1.0, 2.0, 2.0, 2.0, 2.0]
    assert run(rules, falling, stuck)[2] == [1, 1, 0.5, 0.5, 0.25]


def test_nan_from_the_validation_data_is_no_progress():
    rules = stopping(patience=2, early=True, tol=0.1)
    assert run(rules, [1.0] * 5, [1.0, np.nan, np.nan, np.nan, np.nan])[0] == 3


def test_infinite_patience_never_ends():
    assert run(stopping(patience=np.inf), [1.0] * 500)[0] is None


# Prechelt's rules


CURVE = [8, 5, 4, 4.1, 3.9, 4.05, 4.2, 4.0, 4.4, 4.5, 4.6, 4.7]


@pytest.mark.parametrize(
    ("rule", "length", "expected"),
    [("gl(5)", 5, 6), ("gl(20)", 5, 11), ("up(2)", 3, 8), ("up(1)", 3, 5), ("gl(99)", 5, None)],
)
def test_a_rule_ends_the_fit(rule, length, expected):
    rules = stopping(early=True, rule=STOPPING_RULES[rule], strip_length=length, patience=99)
    falling = np.linspace(9, 1, len(CURVE))
    epoch, reason, _ = run(rules, falling, CURVE)
    assert epoch == expected
    assert reason == (None if expected is None else StopReason.STOPPING_RULE)


def test_progress_that_a_quotient_forgives():
    steep, flat = np.linspace(90, 1, 12), np.linspace(1.001, 1, 12)
    rules = stopping(early=True, rule=STOPPING_RULES["pq(1)"], strip_length=3, patience=99)
    assert run(rules, steep, CURVE)[0] is None
    assert run(rules, flat, CURVE)[0] == 5  # 3.8 % above the least, 0.1 thousandths of progress


def test_under_a_rule_a_training_loss_that_stalls_ends_the_fit():
    rules = stopping(early=True, rule=STOPPING_RULES["gl"], patience=2, tol=0.1)
    assert run(rules, [1.0] * 12, [1.0] * 12)[:2] == (3, StopReason.TOL)


def test_the_error_of_a_score_is_what_it_lacks():
    rules = stopping(early=True, rule=STOPPING_RULES["gl(50)"], monitor="score", patience=99)
    assert run(rules, [3.0, 2.0, 1.0], [0.5, 0.8, 0.69])[:2] == (2, StopReason.STOPPING_RULE)
    assert run(rules, [3.0, 2.0, 1.0], [0.5, 0.8, 0.71])[:2] == (None, None)
