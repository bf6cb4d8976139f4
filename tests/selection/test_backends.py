"""Fits in other processes: joblib's own, and a local cluster of Dask. Each imports JAX, which
takes seconds."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.datasets import load_iris

from unstuck import NetClassifier
from unstuck.selection import choose

GRID = {"alpha": [1e-4, 1.0]}


def searched():
    X, y = load_iris(return_X_y=True)
    net = NetClassifier((4,), solver="lbfgs", max_iter=20, random_state=0)
    return choose(net, X[::5], y[::5], GRID, cv=4)


@pytest.fixture(scope="module")
def here():
    return searched()


def check(there, here):
    assert there.fits == here.fits == 8
    for one, other in zip(here.candidates, there.candidates, strict=True):
        np.testing.assert_array_equal(one.validation, other.validation)
        np.testing.assert_array_equal(one.train, other.train)


def test_processes_give_the_same(here):
    with parallel_config(backend="loky", n_jobs=2):
        check(searched(), here)


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_and_compiles_nothing_again(here):
    """What the worker needs was compiled here: it finds it in the folder of compiled programs."""
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")

    def listen(dask_worker):
        import jax

        dask_worker.jax_events = []
        jax.monitoring.register_event_listener(
            lambda event, **more: dask_worker.jax_events.append(event)
        )

    def events(dask_worker):
        return list(dask_worker.jax_events)

    with contextlib.ExitStack() as stack:
        made = {"n_workers": 1, "threads_per_worker": 2, "dashboard_address": None}
        cluster = stack.enter_context(distributed.LocalCluster(**made))
        client = stack.enter_context(distributed.Client(cluster))
        client.run(listen)
        with parallel_config(backend="dask", n_jobs=2):
            check(searched(), here)
        (found,) = client.run(events).values()
    assert found.count("/jax/compilation_cache/cache_hits") >= 1
    assert "/jax/compilation_cache/cache_misses" not in found
