"""Ctrl-C as a flag: who heeds it, how often, and that nothing is left changed."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading

import numpy as np
import pytest
from pressing import Noting, files, handled_by, moments, press, pressed
from sklearn.datasets import load_iris

from unstuck import NetClassifier, feedback_course
from unstuck import interruption as module
from unstuck.interruption import INSISTS, entire, heeded, held
from unstuck.lazy import lazy
from unstuck.neuro import recovery
from unstuck.selection import excess_error, once_or_again
from unstuck.selection.approximation import beside_barron


@pytest.fixture(autouse=True)
def nothing_is_left():
    """The handler afterwards is what it was."""
    before = signal.getsignal(signal.SIGINT)
    assert before is signal.default_int_handler
    yield
    assert signal.getsignal(signal.SIGINT) is before


def test_it_is_noted_and_nothing_else_happens():
    with heeded() as interruption:
        assert not interruption.asked
        press()
        press()
        assert interruption.asked
        interruption.taken = True
    assert interruption.pressed == 2


def test_where_it_came_too_late_it_is_raised_at_the_end():
    steps = []
    with pytest.raises(KeyboardInterrupt), heeded():  # noqa: PT012
        press()
        steps.append("the work is done")
    assert steps


def test_of_entire_work_no_part_is_given():
    with pytest.raises(KeyboardInterrupt), entire(), heeded() as interruption:  # noqa: PT012
        press()
        interruption.taken = True
    with heeded() as interruption:  # as before
        press()
        interruption.taken = True


def test_entire_work_in_other_threads_leaves_nothing_whichever_ends_first():
    begun, ended = threading.Event(), threading.Event()

    def first():
        with entire():
            begun.set()
            ended.wait()

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait()

    def second():
        with entire():
            ended.set()
            thread.join()

    in_thread(second)
    assert not module._entire


IRIS = load_iris(return_X_y=True)


def drawn(n, seed):
    del seed
    rows = 37 * np.arange(n) % len(IRIS[0])
    return IRIS[0][rows], IRIS[1][rows]


REPEATED = {
    "recovery": lambda net: recovery(net, *IRIS, *IRIS, total=3, epochs=(1,), seeds=1),
    "feedback_course": lambda net: feedback_course(net, *IRIS, epochs=2),
    "once_or_again": lambda net: once_or_again(lambda seed: net, drawn, rows=40, used=[20]),
    "excess_error": lambda net: excess_error(
        lambda size, seed: net, drawn, sizes=[3], rows=[40], reference=40, starts=1, seeds=1
    ),
    "beside_barron": lambda net: beside_barron(
        units=[1], rows=[40], seeds=1, fit=lambda x, y, q, seed: net.fit(x, x[:, 0] > 0).predict
    ),
}


class Pressing(NetClassifier):
    """Each of its fits is ended by Ctrl-C, and gives what it has."""

    def partial_fit(self, X, y, *more, **named):
        return self._pressed(super().partial_fit, X, y, *more, **named)

    def fit(self, X, y):
        return self._pressed(super().fit, X, y)

    def _pressed(self, fit, *given, **named):
        with heeded() as interruption:
            fitted = fit(*given, **named)
            press()
            interruption.taken = True
        return fitted


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", REPEATED)
def test_what_fits_again_and_again_gives_no_numbers_of_fits_that_were_cut_off(name):
    with pytest.raises(KeyboardInterrupt):
        REPEATED[name](Pressing((3,), max_iter=1, feedback="random"))


def test_what_must_not_be_broken_off_is_done_first():
    steps = []
    with pytest.raises(KeyboardInterrupt), held():  # noqa: PT012
        press()
        press()
        steps.append("the work is done")
    assert steps


def test_an_import_is_not_broken_off(tmp_path, monkeypatch):
    (tmp_path / "module_that_is_pressed.py").write_text(
        "import signal\nsignal.raise_signal(signal.SIGINT)\nwhole = True\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    module = lazy("module_that_is_pressed")
    with pytest.raises(KeyboardInterrupt):
        str(module.whole)
    assert sys.modules.pop("module_that_is_pressed").whole


def test_the_third_time_insists():
    with pytest.raises(KeyboardInterrupt), heeded() as interruption:  # noqa: PT012
        for _ in range(INSISTS - 1):
            press()
        interruption.taken = True
        press()
        pytest.fail("it was only noted")
    assert interruption.pressed == INSISTS == 3


def test_firm_work_is_not_ended_however_often_it_comes():
    with heeded() as interruption:
        interruption.firm = interruption.taken = True
        for _ in range(2 * INSISTS):
            press()
    assert interruption.pressed == 2 * INSISTS


def test_work_inside_other_work_shares_the_flag():
    with heeded() as outer:
        with heeded() as inner:
            assert inner is outer
            press()
            inner.taken = True
        assert outer.asked
        press()  # still heeded where the work inside has ended
        assert outer.pressed == 2
    assert outer.taken


def test_the_work_inside_does_not_raise_what_the_work_outside_has_to_say():
    steps = []
    with pytest.raises(KeyboardInterrupt), heeded():  # noqa: PT012
        with heeded():
            press()
        steps.append("after the work inside")
    assert steps


def test_an_error_inside_is_not_hidden():
    with pytest.raises(ZeroDivisionError), heeded():  # noqa: PT012
        press()
        raise ZeroDivisionError


def test_the_next_work_begins_without_a_flag():
    with heeded() as first:
        press()
        first.taken = True
    with heeded() as second:
        assert not second.asked


def test_a_handler_of_ones_own_is_kept():
    own = Noting()
    with handled_by(own):
        with heeded() as interruption:
            assert signal.getsignal(signal.SIGINT) is own
            press()
            assert not interruption.asked
        assert own.seen == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is own


@pytest.mark.parametrize("ignored", [signal.SIG_IGN, signal.SIG_DFL])
def test_a_program_that_ignores_it_or_leaves_it_to_the_system_is_left_alone(ignored):
    with handled_by(ignored):
        with heeded():
            assert signal.getsignal(signal.SIGINT) == ignored
        assert signal.getsignal(signal.SIGINT) == ignored


def in_thread(work):
    """What ``work`` returns in another thread."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_another_thread_changes_no_handler():
    def work():
        with heeded() as interruption:
            return interruption, signal.getsignal(signal.SIGINT)

    interruption, handler = in_thread(work)
    assert handler is signal.default_int_handler
    assert not interruption.asked


def test_work_in_another_thread_ends_with_that_of_the_main_one():
    def work():
        with heeded() as interruption:
            return interruption

    with heeded() as interruption:
        other = in_thread(work)
        assert not other.asked
        press()
        assert other.asked
        assert in_thread(work).asked
        interruption.taken = True


def test_work_in_another_thread_takes_nothing_from_the_main_one():
    def work():
        with heeded() as interruption:
            interruption.taken = interruption.firm = True
            return True

    with pytest.raises(KeyboardInterrupt), heeded() as interruption:  # noqa: PT012
        press()
        assert in_thread(work)
    assert not interruption.taken
    assert not interruption.firm


def of_heeded():
    with heeded() as interruption:
        interruption.taken = True


@held()
def of_held():
    pass


@entire()
def of_entire():
    pass


@pytest.mark.parametrize("work", [of_heeded, of_held, of_entire])
def test_nothing_is_left_whichever_line_it_comes_at(work):
    """The handler is put in its place at one of them."""
    watched = files("interruption.py")
    found = moments(watched, work)
    assert len(found) > 5
    for moment in found:
        with contextlib.suppress(KeyboardInterrupt), pressed(watched, moment):
            work()
        assert module._current is None, moment
        assert not module._entire, moment
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, moment


def test_the_signal_may_come_to_another_thread():
    with heeded() as interruption:
        in_thread(press)
        assert interruption.asked
        interruption.taken = True
