"""LAPACK's threads while a solver factors matrices."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg  # noqa: F401
import threadpoolctl

from unstuck import SOLVERS, NetRegressor
from unstuck.solvers import lapack, least_squares
from unstuck.solvers.lapack import threads_for

X = np.linspace(-1.0, 1.0, 40)[:, None]


def threads() -> set[int]:
    found = threadpoolctl.threadpool_info()
    return {each["num_threads"] for each in found if each["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def several():
    """As many threads as there can be: with one core there is nothing to see."""
    if os.cpu_count() == 1:
        pytest.skip("one core")
    before = threadpoolctl.threadpool_info()
    limit(2)
    assert max(threads()) == 2
    yield
    limit(before)


def limit(number):
    """In a thread that ends: as long as it lives, threadpoolctl heeds no other thread."""
    setter = threading.Thread(target=threadpoolctl.threadpool_limits, args=(number, "blas"))
    setter.start()
    setter.join()


def test_as_long_as_somebody_is_inside():
    with threads_for(SOLVERS["lm"]):
        with threads_for(SOLVERS["br"]):
            assert threads() == {1}
        with threads_for(SOLVERS["adam"]):
            assert threads() == {1}
    assert max(threads()) == 2


@pytest.mark.parametrize("first_out", ["first in", "last in"])
def test_users_in_two_threads_that_overlap(first_out):
    """One thread as long as either is inside, and then as before, whoever ends first."""
    inside = [threading.Event(), threading.Event()]
    leave = [threading.Event(), threading.Event()]

    def use(k):
        with threads_for(SOLVERS["lm"]):
            inside[k].set()
            assert leave[k].wait(10)

    with ThreadPoolExecutor(2) as pool:
        users = []
        for k in range(2):
            users.append(pool.submit(use, k))
            assert inside[k].wait(10)
        order = [0, 1] if first_out == "first in" else [1, 0]
        for left, k in zip((1, 0), order, strict=True):
            assert threads() == {1}
            leave[k].set()
            users[k].result(10)
            assert threads() == {1} if left else max(threads()) == 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("where", ["start", "begin", "finish"])
def test_interrupted_while_the_threads_are_set(where, after, monkeypatch):
    """What was set is put back, and the next who comes sets it again."""
    done = getattr(lapack._Holder, where)

    def interrupted(holder):
        if after:
            done(holder)
        if holder.ident or not after:  # not at the holder of the last fit, which has ended
            monkeypatch.undo()
            raise KeyboardInterrupt

    monkeypatch.setattr(lapack._Holder, where, interrupted)
    with pytest.raises(KeyboardInterrupt), threads_for(SOLVERS["lm"]):
        pass
    with threads_for(SOLVERS["lm"]):
        assert threads() == {1}
    assert max(threads()) == 2


class Watch:
    """A callback of scikit-learn that looks at the end of every epoch."""

    def __init__(self):
        self.seen: set[int] = set()

    def setup(self, estimator, context):
        pass

    teardown = on_fit_task_begin = setup

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch":
            self.seen |= threads()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("solver", "expected"), [("lm", 1), ("br", 1), ("lbfgs", 2)])
def test_while_an_estimator_is_fitted(solver, expected):
    pytest.importorskip("sklearn.callback", reason="callbacks came with scikit-learn 1.9")
    watch = Watch()
    net = NetRegressor((3,), solver=solver, activation="tanh", max_iter=3, random_state=0)
    net.set_callbacks(watch).fit(X, np.sin(3.0 * X[:, 0]))
    assert max(watch.seen) == expected
    assert max(threads()) == 2


def test_while_a_function_is_made_small():
    seen: list[int] = []
    least_squares(
        lambda p: jnp.stack([1.0 - p[0], 10.0 * (p[1] - p[0] ** 2)]),
        np.array([-1.2, 1.0]),
        callback=lambda *_: seen.append(max(threads())),
    )
    assert set(seen) == {1}
    assert max(threads()) == 2


def test_given_back_after_an_error():
    with pytest.raises(ZeroDivisionError):
        least_squares(lambda p: 1.0 - p, np.zeros(2), callback=lambda *_: 1 // 0)
    assert max(threads()) == 2
