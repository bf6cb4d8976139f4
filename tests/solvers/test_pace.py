"""How many iterations a call may do."""

from __future__ import annotations

import pressing
import pytest

from unstuck.solvers.pace import PAUSE, Pace


def calls(each: float, beside: float, count: int = 20) -> Pace:
    """The pace after calls that take exactly what they should."""
    pace = Pace()
    for _ in range(count):
        pace.note(pace.room, beside + each * pace.room)
    return pace


@pytest.mark.parametrize("each", [1e-6, 1e-4, 1e-2])
def test_a_call_takes_a_tenth_of_a_second(each):
    assert calls(each, 0.0).room * each == pytest.approx(PAUSE, rel=0.1)


@pytest.mark.parametrize("each", [0.06, 0.3, 5.0])
@pytest.mark.parametrize("count", [8, 9])
def test_slow_iterations_come_one_by_one(each, count):
    assert calls(each, 0.0, count).room == 1


@pytest.mark.parametrize("beside", [0.05, 0.2, 0.4])
def test_what_a_call_costs_is_spread_over_its_iterations(beside):
    """A quarter of the call at most, although the first call lasts longer than it should."""
    pace = calls(0.01, beside)
    assert beside <= 0.27 * (beside + 0.01 * pace.room)


def test_a_first_call_that_compiles_is_forgotten():
    pace = Pace()
    pace.note(1, 2.0)
    for _ in range(20):
        pace.note(pace.room, 1e-3 * pace.room)
    assert pace.room * 1e-3 == pytest.approx(PAUSE, rel=0.1)


def test_it_follows_a_machine_that_becomes_slower():
    pace = calls(1e-4, 0.0)
    for _ in range(5):
        pace.note(pace.room, 1e-3 * pace.room)
    assert pace.room * 1e-3 == pytest.approx(PAUSE, rel=0.1)


def test_a_call_takes_a_tenth_of_the_time_that_is_left():
    assert calls(1e-3, 0.0).count(0.1) == 10
    assert calls(1e-3, 0.0).count(0.0) == 1


def test_another_thread_may_note_its_call_at_any_line():
    """Threads share the pace of a program."""
    watched = pressing.files("solvers/pace.py")

    def note(pace):
        pace.note(2, 0.2)

    def fresh():
        pace = Pace()
        pace.note(1, 0.1)
        return pace

    moments = pressing.moments(watched, lambda: note(fresh()))
    assert len(moments) > 8
    for moment in moments:
        pace = fresh()
        with pressing.pressed(watched, moment, lambda pace=pace: note(pace)):
            note(pace)
        assert pace.room >= 1, moment
