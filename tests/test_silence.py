"""No warnings, in however many threads, and all of them afterwards."""

from __future__ import annotations

import threading
import warnings

import pytest

from unstuck.silence import silenced


def heard(kind=UserWarning):
    """Whether a warning is shown."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.warn("is it heard?", kind, stacklevel=1)
    return bool(seen)


@pytest.fixture
def loud():
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        yield


def test_nothing_is_shown_inside(loud):
    with silenced():
        assert not heard()
    assert heard()


def test_only_some_kinds_and_inside_another(loud):
    with silenced(RuntimeWarning):
        assert heard()
        assert not heard(RuntimeWarning)
        with silenced():
            assert not heard()
        assert heard()
        assert not heard(RuntimeWarning)
    assert heard(RuntimeWarning)


def test_an_error_inside(loud):
    with pytest.raises(KeyError), silenced():
        raise KeyError
    assert heard()


def test_of_two_threads_the_one_that_came_first_leaves_first(loud):
    """As ``warnings.catch_warnings`` would not: the process would be silent for good."""
    came, leave = threading.Event(), threading.Event()

    def other():
        with silenced():
            came.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with silenced():
        thread.start()
        came.wait(10)
    assert not heard()
    leave.set()
    thread.join()
    assert heard()
