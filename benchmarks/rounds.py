"""Worker processes that stay alive, and rounds in which they take turns."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import NamedTuple, Self

from benchmarks.threads import SETTINGS, Threads

CALIBRATIONS = 2


class Timing(NamedTuple):
    """One run: how long it took, and the loss it reached."""

    seconds: float
    value: float


class Worker:
    """A process of ``benchmarks.worker``: called, it runs the work once."""

    def __init__(self, job: str, name: str, peer: str, threads: Threads):
        command = [sys.executable, "-m", "benchmarks.worker", job, name, peer, threads.name]
        self.threads = threads
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**threads.environment(), "UNSTUCK_CACHE": "off"},
        )

    def __enter__(self) -> Self:
        self._answer()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        self._process.communicate()

    def __call__(self) -> Timing:
        assert self._process.stdin is not None
        self._process.stdin.write("run\n")
        self._process.stdin.flush()
        return Timing(**json.loads(self._answer()))

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker ended early: {self._process.args}")
        return line


Run = Callable[[], Timing]


def interleaved(runs: Mapping[str, Run], rounds: int) -> dict[str, list[Timing]]:
    """Let everyone run once a round, in turns that shift from round to round."""
    names = list(runs)
    found: dict[str, list[Timing]] = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            found[name].append(runs[name]())
    return found


def seconds(timings: Iterable[Timing]) -> float:
    """The median time."""
    return statistics.median(timing.seconds for timing in timings)


def best_setting(job: str, name: str, peer: str) -> Threads:
    """The number of threads with which a peer is fastest, in a few runs."""

    def once(threads: Threads) -> float:
        with Worker(job, name, peer, threads) as worker:
            return min(worker().seconds for _ in range(CALIBRATIONS))

    return min(SETTINGS.values(), key=once)


def compare(
    job: str, name: str, peers: Iterable[str], rounds: int
) -> tuple[dict[str, list[Timing]], dict[str, Threads]]:
    """Time the peers in interleaved rounds, each with the threads that suit it best."""
    chosen = {peer: best_setting(job, name, peer) for peer in peers}
    with ExitStack() as stack:
        workers = {
            peer: stack.enter_context(Worker(job, name, peer, threads))
            for peer, threads in chosen.items()
        }
        return interleaved(workers, rounds), chosen
