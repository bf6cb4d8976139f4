"""How many threads a worker process may use, and how each library is told."""

from __future__ import annotations

import os
from dataclasses import dataclass

POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Threads:
    """A setting that is tried for every peer.

    Attributes:
        name: as it is printed.
        count: of the pools of NumPy, scikit-learn and PyTorch.
        compiled: whether XLA may use its pool inside one operation.
        cores: of the process; ``None`` for all.
    """

    name: str
    count: int
    compiled: bool
    cores: int | None = None

    def environment(self) -> dict[str, str]:
        """The variables of a process with this setting."""
        flags = "" if self.compiled else "--xla_cpu_multi_thread_eigen=false"
        found = os.environ.get("XLA_FLAGS", "")
        pools = dict.fromkeys(POOLS, str(self.count))
        return {**os.environ, **pools, "XLA_FLAGS": f"{found} {flags}".strip()}

    def bind(self) -> None:
        """Keep this process on its cores, where the system can."""
        if self.cores is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: self.cores])


SETTINGS = {
    each.name: each
    for each in (
        Threads("1 core", 1, False, cores=1),
        Threads("1 thread", 1, False),
        Threads("2 threads", 2, True),
    )
}
"""Every setting, by name. With "1 thread" JAX computes on one core and the host fills batches on
another; for the others it is the same as "1 core" without the binding."""
