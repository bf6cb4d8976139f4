"""A process that holds one peer and times a piece of work whenever it is told to.

Run as ``python -m benchmarks.worker JOB NAME PEER SETTING``; it prints one line when it is ready
and one line of JSON for every line it reads.
"""

from __future__ import annotations

import gc
import json
import sys
import time
import warnings
from collections.abc import Callable

from benchmarks.threads import SETTINGS

PREDICTIONS = 300


def main() -> None:
    """Serve until the input ends."""
    job, name, peer, setting = sys.argv[1:]
    SETTINGS[setting].bind()
    warnings.simplefilter("ignore")
    work = {"fit": _fit, "predict": _predict, "restarts": _restarts}[job](name, peer)
    print("ready", flush=True)
    for _ in sys.stdin:
        gc.collect()
        start = time.perf_counter()
        value, times = work()
        seconds = (time.perf_counter() - start) / times
        print(json.dumps({"seconds": seconds, "value": value}), flush=True)


def _fit(name: str, peer: str) -> Callable[[], tuple[float, int]]:
    """A whole fit, after one that compiles."""
    from benchmarks.peers import PEERS
    from benchmarks.workloads import WORKLOADS

    work = WORKLOADS[name]
    fit = PEERS[peer](work, work.data())
    fit()
    return lambda: (fit(), 1)


def _predict(name: str, peer: str) -> Callable[[], tuple[float, int]]:
    """One row at a time through a fitted 64-100-10 network."""
    from benchmarks.peers import classifier
    from benchmarks.workloads import digits

    del name
    data = digits()
    x = data.x.astype("float64")
    net = classifier(peer, (100,), max_iter=5).fit(x, data.y)
    row = x[:1]
    net.predict(row)

    def predict() -> tuple[float, int]:
        for _ in range(PREDICTIONS):
            net.predict(row)
        return 0.0, PREDICTIONS

    return predict


def _restarts(name: str, peer: str) -> Callable[[], tuple[float, int]]:
    """Starts of a fit; ``peer`` is their number."""
    from benchmarks.restarts import work

    return work(name, peer)


if __name__ == "__main__":
    main()
