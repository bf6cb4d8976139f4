"""Names that stand for JAX's modules: imported at first use, by any thread, and the same things."""

import subprocess
import sys

import jax as real_jax
import jax.numpy as real_jnp
import pytest

from unstuck.lazy import jax, jnp, lax, lazy


def ran(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.strip()


def test_they_are_the_modules():
    assert jnp.tanh is real_jnp.tanh
    assert lax.scan is real_jax.lax.scan
    assert jax.__version__ == real_jax.__version__
    assert set(dir(jnp)) == set(dir(real_jnp))
    assert isinstance(jnp.zeros(2), jax.Array)
    assert not isinstance(2.0, jax.Array)


def test_a_change_of_the_module_is_seen(monkeypatch):
    assert jnp.tanh is not abs
    monkeypatch.setattr(real_jnp, "tanh", abs)
    assert jnp.tanh is abs


def test_an_unknown_name_gives_the_error_of_the_module():
    with pytest.raises(AttributeError, match=r"module 'jax.numpy' has no attribute 'tanhh'"):
        jnp.tanhh  # noqa: B018
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        lazy("no_such_module").name  # noqa: B018


def test_nothing_is_imported_before_it_is_used():
    code = (
        "import sys\nfrom unstuck.lazy import jax, jnp, lax\nprint('jax' in sys.modules, end=' ')"
    )
    assert ran(code + "\njnp.float32; print('jax' in sys.modules)") == "False True"


def test_threads_may_be_first_together():
    """One of them imports, the others wait for the whole module."""
    code = """
import threading
from unstuck.lazy import jax, jnp, lax
barrier, seen = threading.Barrier(6), []
def first(i):
    barrier.wait()
    if i == 5:
        import jax.numpy as loaded
    seen.append((jax.numpy, jnp.zeros, lax.scan)[i % 3])
threads = [threading.Thread(target=first, args=(i,), daemon=True) for i in range(6)]
[t.start() for t in threads]
[t.join(60) for t in threads]
print(len(seen))
"""
    assert ran(code) == "6"
