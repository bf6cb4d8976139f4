"""What every test shares: strict settings, no files outside a temporary folder, fixed seeds."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile

# Before anything imports JAX or matplotlib. The workers inherit both from the process that starts
# them, and so do the processes that tests start: all share one cache of compiled programs.
_IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
if not _IS_WORKER:
    os.environ["UNSTUCK_CACHE"] = tempfile.mkdtemp(prefix="unstuck-tests-")
os.environ["MPLBACKEND"] = "Agg"
os.environ.pop("COLUMNS", None)  # workers get the width of the terminal, and would break lines

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.load_profile("fixed")


def pytest_unconfigure() -> None:
    """Remove the programs that were compiled for the tests, when no worker is left."""
    if not _IS_WORKER:
        shutil.rmtree(os.environ["UNSTUCK_CACHE"], ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def heeded_interrupts():
    """A runner in the background may ignore Ctrl-C, which processes of the tests inherit."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def float64():
    """JAX with 64-bit numbers for one test."""
    import jax

    with jax.enable_x64(True):
        yield


@pytest.fixture
def strict_dtypes():
    """JAX that refuses to mix dtypes silently.

    Not for every test: Optax raises a decay (float) to a count of steps (integer). Strict ranks
    are out of the question: a bias is added to a batch by rank promotion.
    """
    import jax

    with jax.numpy_dtype_promotion("strict"):
        yield


@pytest.fixture(scope="session")
def torch():
    """PyTorch, which is no part of the ``test`` extra."""
    return pytest.importorskip("torch", reason="compares with PyTorch, which is not installed")


@pytest.fixture
def compilations():
    """A function that counts the programs compiled since the last time it was called."""
    import jax

    seen: list[str] = []

    def listen(event: str, duration: float, **details: object) -> None:
        del duration, details
        if "backend_compile" in event:
            seen.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)

    def count() -> int:
        found = len(seen)
        seen.clear()
        return found

    yield count
    from jax._src import monitoring  # the public module has no way to take one listener back

    monitoring.unregister_event_duration_listener(listen)
