"""Programs that are kept: how many, for how long, and for whom."""

from __future__ import annotations

import dataclasses
import gc
import threading
import warnings
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from unstuck import SOLVERS, NetRegressor, kept
from unstuck.kept import Kept, first_use
from unstuck.solvers import loop, minimize
from unstuck.training import mini_batches, snapshot

X = np.random.default_rng(0).normal(size=(40, 3))


def fit(units, solver="adam", seed=0, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = {"solver": solver, "max_iter": 2, "random_state": seed, **settings}
        return NetRegressor((units,), **settings).fit(X, X[:, 0])


def tanh_of_ones_own(held):
    def own(a, held=held):
        return jnp.tanh(a)

    return own


@pytest.fixture
def store(monkeypatch):
    """A function that keeps programs, and forgets them after the test."""
    monkeypatch.setattr(kept, "_ALL", [])

    def program(width):
        return jax.jit(lambda x: (x + width).sum())

    return Kept(program, 3)


def count_maps():
    found = kept._maps()
    if not found:
        pytest.skip("this system does not tell its memory maps")
    return found


# How many


def test_values_are_kept_and_the_oldest_goes():
    made = []
    square = kept.kept(most=2)(lambda x: made.append(x) or x * x)
    assert [square(x) for x in (1, 2, 1, 3, 1, 2)] == [1, 4, 1, 9, 1, 4]
    assert made == [1, 2, 3, 2]
    assert len(square) == 2
    square.cache_clear()
    assert len(square) == 0


def test_a_program_counts_for_every_shape(store):
    store(0)(np.zeros(1))
    for size in (1, 2):
        store(1)(np.zeros(size))
    store(0), store(1)
    assert len(store) == 3
    before = weakref.ref(store(0))
    store(1)(np.zeros(3))
    store(1)
    gc.collect()
    assert before() is None
    assert len(store) == 3


def test_a_program_of_too_many_shapes_is_made_anew(store):
    first, other = store(0), store(1)
    for size in range(1, 5):
        first(np.zeros(size))
    assert store(0) is first  # it is handed out once more, and not kept
    assert store(0) is not first
    assert store(1) is other


def test_what_is_let_go_frees_its_memory_maps(store):
    """Twenty programs that were kept would hold a hundred maps."""
    store(-1)(np.zeros(1))
    before = count_maps()
    for width in range(20):
        store(width)(np.zeros(3))
    store.cache_clear()
    assert count_maps() <= before + 10


def test_fits_of_many_shapes_keep_few_programs(monkeypatch):
    """``benchmarks.programs_kept`` does it with hundreds of shapes and the bound that we have."""
    for each in (mini_batches.steps, snapshot.signals):
        each.cache_clear()
        monkeypatch.setattr(each, "_most", 2)
    before, most = count_maps(), 0
    for units in range(20, 26):
        fit(units).history_  # noqa: B018 - it measures the layers
        most = max(most, count_maps() - before)
        assert len(mini_batches.steps) <= 2
    assert most < 350  # all six would keep 600 or more


def test_where_maps_run_short_half_is_let_go(store, monkeypatch):
    monkeypatch.setattr(kept, "_maps", lambda: kept.MOST_MAPS + 1)
    first = weakref.ref(store(0))
    store(1)
    store(2)
    gc.collect()
    assert first() is None
    assert store(2) is store(2)


def test_the_same_shapes_are_compiled_once(compilations):
    """As in a search over folds and seeds."""
    fit(5)
    compilations()
    found = [fit(5, seed=seed).predict(X) for seed in (0, 1, 2, 0)]
    assert compilations() == 0
    np.testing.assert_array_equal(found[0], found[-1])


def test_traces_are_freed_and_programs_stay(monkeypatch, compilations):
    from jax._src.interpreters import partial_eval

    users = jax.jit(lambda x: jnp.tanh(x) * 2)
    users(np.ones(7))
    fit(5)
    monkeypatch.setattr(kept, "TRACES", 1)
    kept._make_room()
    assert partial_eval.trace_to_jaxpr.cache_info().currsize == 0
    compilations()
    users(np.ones(7))
    fit(5)
    assert compilations() == 0


# For whom


def test_a_solver_of_ones_own_is_not_kept():
    usual = SOLVERS["adam"]
    own = dataclasses.replace(usual, direction=lambda hyper: usual.direction(hyper))
    gone = weakref.ref(own), weakref.ref(own.direction)
    minimize(lambda p: (p**2).sum(), np.ones(2), solver=own, max_iter=2)
    loop.compiler_options(loop.as_full_batch(own).xla)
    del own
    gc.collect()
    assert [each() for each in gone] == [None, None]


@pytest.mark.parametrize("solver", ["adam", "lm"])
def test_functions_of_ones_own_are_not_kept(solver):
    big = np.ones(10)
    own = tanh_of_ones_own(big)
    net = fit(4, solver, activation=own)
    gone = weakref.ref(big), weakref.ref(own)
    net.history_  # noqa: B018 - it measures the layers
    net.predict(X)
    del net, own, big
    gc.collect()
    assert [each() for each in gone] == [None, None]


def test_what_was_made_for_a_function_goes_with_it():
    mini_batches.steps.cache_clear()
    own = tanh_of_ones_own(None)
    nets = [fit(4, activation=own)]
    assert len(mini_batches.steps) == 1
    nets.clear()
    gc.collect()
    assert len(mini_batches.steps) == 1  # another fit with the function will want it
    del own
    gc.collect()
    assert len(mini_batches.steps) == 0


def test_a_function_of_ones_own_compiles_once(compilations):
    own = tanh_of_ones_own(None)
    first = fit(4, activation=own)
    compilations()
    again = fit(4, activation=own)
    assert compilations() == 0
    np.testing.assert_array_equal(first.predict(X), again.predict(X))


def test_a_loss_of_ones_own_is_not_kept():
    def loss(y, t):
        return ((y - t) ** 2).sum()

    gone = weakref.ref(loss)
    fit(4, loss=loss)
    del loss
    gc.collect()
    assert gone() is None


def test_fresh_lambdas_for_minimize_are_not_kept():
    loop.programs.cache_clear()
    gone = []
    for target in (1.0, 2.0):
        function = lambda p, target=target: ((p - target) ** 2).sum()  # noqa: E731
        found = minimize(function, np.zeros(2))
        np.testing.assert_allclose(found.parameters, target, atol=1e-6)
        gone.append(weakref.ref(function))
        del function, found
    gc.collect()
    assert [each() for each in gone] == [None, None]
    assert len(loop.programs) == 0


def test_bound_methods_and_callables_with_an_equality_are_held():
    """They could be gone although an equal one is in use."""

    @dataclasses.dataclass(frozen=True)
    class Shift:
        by: float

        def __call__(self, x):
            return x + self.by

    shifted = kept.kept(most=2)(lambda function: lambda x: function(x))
    assert shifted(Shift(1.0))(1.0) == 2.0
    assert shifted(Shift(1.0)) is shifted(Shift(1.0))
    assert shifted([3].count)(3) == 1


# Threads


def test_a_program_in_use_survives(store):
    in_use = store(0)
    in_use(np.zeros(2))
    store.cache_clear()
    assert float(in_use(np.ones(2))) == 2.0


def test_threads_share_what_one_of_them_makes():
    together = threading.Barrier(4)

    def make(x):
        together.wait(10)  # all four are making it at the same time
        return object()

    store, found = Kept(make, 2), []
    threads = [threading.Thread(target=lambda: found.append(store(1))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(store) == 1


@pytest.mark.parametrize(("let_go", "left"), [("cache_clear", 0), ("halve", 1)])
def test_what_is_let_go_while_another_thread_looks_goes_too(let_go, left):
    inside, told = threading.Event(), threading.Event()
    store = Kept(lambda x: [x], 2)
    store(1), store(2)

    def measure():
        inside.set()
        assert told.wait(10)
        return 1

    next(iter(store._entries.values())).measure = measure
    thread = threading.Thread(target=store._let_go)
    thread.start()
    assert inside.wait(10)
    getattr(store, let_go)()
    told.set()
    thread.join()
    assert len(store) == len(store._entries) == left


def test_many_threads_and_functions_that_go():
    """Functions die while other threads look up, make and let go."""
    store = Kept(lambda function, n: [function((n, n, n))], 5)
    wrong = []

    def work(seed):
        for n in np.random.default_rng(seed).integers(0, 9, 400).tolist():
            if store(lambda x, n=n: (*x, n), n) != [(n, n, n, n)]:
                wrong.append(n)
            if store(len, n) != [3]:
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    gc.collect()
    assert wrong == []
    assert len(store) == len(store._entries) <= 5


# First uses


def test_first_use_is_told_for_every_shape_and_again_after_it_was_let_go(store):
    assert first_use(store(0), 3)
    assert not first_use(store(0), 3)
    assert first_use(store(0), 4)
    assert first_use(store(1), 3)
    store.cache_clear()
    assert first_use(store(0), 3)
