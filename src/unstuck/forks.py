"""A process that was forked after JAX has begun to compute: it would wait forever.

A fork copies one thread only; those in which JAX computes are not there.
"""

from __future__ import annotations

import os
import sys

from unstuck.errors import UnstuckError

_broken = False


def check() -> None:
    """Refuse to compute in a process whose JAX has lost its threads in a fork.

    Raises:
        UnstuckError: it was forked after JAX has computed something.
    """
    if _broken:
        raise UnstuckError(
            "this process was forked after JAX has computed in its parent, so that training here "
            "(or measuring what a fit there has left unmeasured) would wait forever. Start "
            "processes another way: joblib's default backend 'loky', or "
            "multiprocessing.get_context('spawn'); or train in threads."
        )


def _forked() -> None:
    global _broken
    bridge = sys.modules.get("jax._src.xla_bridge")  # there is no public way to ask
    _broken = bool(getattr(bridge, "_backends", None))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
