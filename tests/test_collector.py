"""The collector is paused and goes on as it was."""

import gc

import pytest

from unstuck import collector


@pytest.fixture(params=[True, False])
def running(request):
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_it_goes_on_as_it_was(running):
    with collector.paused():
        assert not gc.isenabled()
        with collector.paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() == running


def test_it_goes_on_after_an_error(running):
    with pytest.raises(ZeroDivisionError), collector.paused():
        1 / 0  # noqa: B018
    assert gc.isenabled() == running
