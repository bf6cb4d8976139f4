"""The training loop: compiled chunks of steps; between them everything that is Python.

A chunk may span several epochs. Where the end of an epoch inside a chunk turns out to change the
course (a stop, a lower rate, a number that is not finite), the chunk is run again from its start
with fewer steps: the same program, so the same bits.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from unstuck import collector
from unstuck.activations import Array
from unstuck.kept import first_use
from unstuck.solvers.stop import Stop, StopReason
from unstuck.training import compilation, iterations, programs
from unstuck.training.chunks import Chunked, Flight, pace
from unstuck.training.history import History
from unstuck.training.programs import State
from unstuck.training.task import Outcome, Task

STEPS_BETWEEN_LOOKS = 130
LOOK_FACTOR = 1.5
TINY = float(np.finfo(float).tiny)


def train(task: Task, state: State, epochs: int, history: History) -> Outcome:
    """Train for up to ``epochs`` epochs from ``state``; ``history`` grows.

    Ctrl-C ends the loop with what was learned; nothing else is swallowed.
    """
    run = _Run(task, state, history)
    last = (int(state.step) // task.batches.steps_per_epoch + epochs) * (
        task.batches.steps_per_epoch
    )
    try:
        stop = run.until(last)
    except KeyboardInterrupt:
        run.catch_up()
        stop = Stop.because(StopReason.INTERRUPTED, epochs=run.epochs_done)
    run.look()
    return Outcome(run.state, run.best, run.best_value, history.last_value, stop)


class _Run:
    """One run of the loop. ``state`` is only ever replaced whole."""

    def __init__(self, task: Task, state: State, history: History):
        self.task, self.state, self.history = task, state, history
        self.step = int(state.step)  # on the host too: reading it from the device would wait
        self.program = iterations.program(task.plan)
        self.began = time.perf_counter()
        self.pace = pace(task.plan, task.dtype, task.batches.padded)
        self.best: Array | None = None
        self.best_value = np.inf
        self.sums = np.zeros(3)  # weight, weighted loss, weighted norm of the epoch so far
        self.first = self.step
        self.looked = self.step if history.looked(self.epochs_done) else -1
        self.ahead: Flight | None = None
        self.held_out_losses: list[Array] = []
        self.closed: tuple[int, Chunked, int] | None = None

    @property
    def epochs_done(self) -> int:
        return self.step // self.task.batches.steps_per_epoch

    def _move(self, state: State, steps: int) -> None:
        self.state, self.step = state, self.step + steps

    def catch_up(self) -> None:
        """After an interruption: move to the end of the last epoch that the history holds."""
        self.step = int(self.state.step)
        if self.closed is not None and self.closed[0] == self.step:
            _, ran, done = self.closed
            self._move(self._again(ran, done), done)

    def until(self, last: int) -> Stop:
        """Run chunk after chunk up to step ``last`` or a reason to stop."""
        self.look()
        self._compile(last)
        while (first := self.step) < last:
            stop = self._chunk(first, last)
            if stop is not None:
                return stop
            seconds = time.perf_counter() - self.began
            if seconds > self.task.max_time:
                return Stop.because(
                    StopReason.MAX_TIME,
                    epochs=self.epochs_done,
                    seconds=seconds,
                    limit=self.task.max_time,
                )
            self._look_now_and_then()
        return Stop.because(StopReason.MAX_ITER, epochs=self.epochs_done)

    def _chunk(self, first: int, last: int) -> Stop | None:
        """Run one chunk and decide at the end of every epoch in it."""
        launched = time.perf_counter()
        flight = self._flight(first, last)
        following = first + flight.chunk.steps
        if following < last and not self.task.plan.whole:
            self.ahead = self._launch(following, last, flight.after)
        ran = Chunked.of(flight)
        if self.task.plan.whole:
            self.pace.note(ran.chunk.steps, time.perf_counter() - launched)
        self.held_out_losses = flight.held_out
        bad = np.flatnonzero(~np.isfinite(ran.measured[:, :2]).all(1))
        good = int(bad[0]) if len(bad) else ran.chunk.steps
        stop = self._epochs(ran, good, flight.after)
        if stop is None and len(bad) and self.step == first + good:
            stop = self._non_finite(ran, good)
        return stop

    def _length(self, first: int, last: int) -> int:
        per_epoch = self.task.batches.steps_per_epoch
        end = last if self.task.spans else (first // per_epoch + 1) * per_epoch
        length = min(self.task.batches.chunk_steps, end - first)
        return min(length, self.pace.room) if self.task.plan.whole else length

    def _flight(self, first: int, last: int) -> Flight:
        """The chunk that was launched ahead, unless the course has changed since."""
        ahead, self.ahead = self.ahead, None
        scale = self.task.stopping.scale
        if ahead is not None and ahead.start is self.state and ahead.scale == scale:
            return ahead
        return self._launch(first, last, self.state)

    def _launch(self, first: int, last: int, state: State) -> Flight:
        """Fill a chunk and hand it to the device, which may still be busy with the one before."""
        task = self.task
        chunk = task.batches.fill(first, self._length(first, last))
        controls = task.controls(first)
        after, measured = self.program(
            state, programs.batches_of(chunk), controls, np.int32(chunk.steps)
        )
        ends = (first + chunk.steps) % task.batches.steps_per_epoch == 0
        held_out: list[Array] = []
        if task.held_out is not None and ends:
            held_out = task.held_out.losses(task.plan.objective, after.vector)
        return Flight(state, chunk, controls, task.stopping.scale, after, measured, held_out)

    def _again(self, ran: Chunked, count: int) -> State:
        """The state ``count`` steps after the chunk's start."""
        after, _ = self.program(
            self.state, programs.batches_of(ran.chunk), ran.controls, np.int32(count)
        )
        return after

    def _epochs(self, ran: Chunked, good: int, after: State) -> Stop | None:
        """Close every epoch that ends within the chunk's good steps; move on to its end."""
        per_epoch = self.task.batches.steps_per_epoch
        first = self.step
        for done, sums in ran.epochs(first, good, per_epoch):
            self.sums += sums
            if (first + done) % per_epoch:
                break
            scale = self.task.stopping.scale
            at_end = after if done == ran.chunk.steps else None
            stop = self._close_epoch(first + done, ran, done, at_end)
            if stop is not None or (self.task.stopping.scale != scale and at_end is None):
                self._move(self._again(ran, done) if at_end is None else after, done)
                return stop
        self._move(after if good == ran.chunk.steps else self._again(ran, good), good)
        return None

    def _close_epoch(self, step: int, ran: Chunked, done: int, after: State | None) -> Stop | None:
        task = self.task
        weight, *totals = self.sums.tolist()
        loss, norm = (total / max(weight, TINY) for total in totals)
        self.sums[:] = 0.0
        row = {"loss": loss, "gradient_norm": norm, **ran.row(done - 1, task.plan)}
        followed = None
        if task.held_out is not None:
            assert after is not None, "a chunk spans epochs although there are validation data"
            followed = self._validate(row, after)
        stop = task.stopping.epoch(loss, followed, norm, ran.stuck(done - 1))
        if task.stopping.early:
            row["validation_failures"] = task.stopping.failures
        self.history.epoch(**row)
        self.closed = (self.step, ran, done)
        epoch = step // task.batches.steps_per_epoch
        for observer in task.observers:
            if observer.epoch(epoch, row, self.state if after is None else after):
                stop = stop or Stop.because(StopReason.CALLBACK, epochs=epoch)
        return stop

    def _validate(self, row: dict[str, float], after: State) -> float:
        """Measure the validation rows, and keep the parameters where they are the best so far."""
        assert self.task.held_out is not None
        value = row["validation_loss"] = self.task.held_out.mean(self.held_out_losses)
        if self.task.score is not None:
            row["validation_score"] = self.task.score(after.vector)
            if self.task.stopping.monitor == "score":
                value = row["validation_score"]
        cost = -value if self.task.stopping.monitor == "score" else value
        if cost < self.best_value:
            self.best, self.best_value = after.vector, cost
        return value

    def _non_finite(self, ran: Chunked, at: int) -> Stop:
        """Name the step and the layer where numbers stopped being finite; keep what was before."""
        x, y, w = (
            np.asarray(a[ran.chunk.which[at]]) for a in (ran.chunk.x, ran.chunk.y, ran.chunk.w)
        )
        what = "The loss" if not np.isfinite(ran.measured[at, 0]) else "The gradient"
        return Stop.because(
            StopReason.NON_FINITE,
            what=what,
            step=self.step + 1,
            epoch=self.epochs_done + 1,
            layer=self._guilty_layer(x, y, w),
        )

    def _guilty_layer(self, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> str:
        """The first layer whose values are not finite, else the last whose gradient is not."""
        import jax

        objective = self.task.plan.objective
        network = objective.network
        parameters = network.unpack(jax.tree.map(np.asarray, self.state.vector))
        with np.errstate(all="ignore"):
            for done in network.passes(parameters, x):
                if not np.isfinite(done.preactivation).all():
                    return done.name
        signals = programs.look(objective)
        found = np.asarray(signals(self.state.vector, x, y, w, self.task.dtype.type(0)))
        broken = np.flatnonzero(~np.isfinite(found[:, 0]))
        return network.names[broken[-1]] if len(broken) else network.names[-1]

    def _look_now_and_then(self) -> None:
        """Look ever more rarely: a trouble shows early, and a look costs as much as 20 steps."""
        since = self.looked - self.first
        if self.step - self.first >= max(since + STEPS_BETWEEN_LOOKS, since * LOOK_FACTOR):
            self.look()

    def look(self) -> None:
        """Look at every layer, unless that was just done."""
        if self.step != self.looked:
            self.history.look(self.epochs_done, self._signals())
            self.looked = self.step

    def _signals(self) -> Any:
        """The signals now. A small network is kept as it is, and measured when somebody asks."""
        objective, vector, probe = self.task.plan.objective, self.state.vector, self.task.probe
        dtype, penalty = self.task.dtype, self.task.dtype.type(self.task.penalty)

        def measure() -> Array:
            with compilation.precision(dtype):
                return programs.look(objective)(vector, *probe, penalty)

        return measure() if objective.network.large else measure

    def _compile(self, last: int) -> None:
        """Say that the program is compiled, where it is, and launch the first chunk."""
        task, network = self.task, self.task.plan.objective.network
        shape = "-".join(map(str, network.widths))
        shapes = (task.dtype, task.batches.padded, task.batches.chunk_steps)
        if first_use(self.program, *shapes):
            for observer in task.observers:
                observer.compiling(f"{shape}, batch {min(task.batches.padded, task.batches.count)}")
            with collector.paused():
                self.ahead = self._launch(self.step, last, self.state)
