"""The training loop: compiled chunks of steps; between them everything that is Python.

A chunk may span several epochs. Where the end of an epoch inside a chunk turns out to change the
course (a stop, a lower rate, a number that is not finite), the chunk is run again from its start
with fewer steps: the same program, so the same bits.
"""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from unstuck import collector
from unstuck.activations import Array
from unstuck.kept import first_use
from unstuck.layers.network import Packed
from unstuck.solvers.last_look import LOOKS
from unstuck.solvers.stop import Stop, StopReason
from unstuck.training import compilation, guilt, snapshot
from unstuck.training.chunks import Chunked, Flight, pace
from unstuck.training.course import Course, Place, Tally
from unstuck.training.plan import State
from unstuck.training.stopping import Best
from unstuck.training.task import Outcome, Task

STEPS_BETWEEN_LOOKS = 130
LOOK_FACTOR = 1.5
LOOK_GRID = 64
"""Steps to whose multiples looks are put off, since chunks of small networks end there anyway."""
NEVER = 2**62
"""A step that no fit reaches."""
TINY = float(np.finfo(float).tiny)
FRESH = Tally()


def train(task: Task, state: State, course: Course, epochs: int) -> Outcome:
    """Train for up to ``epochs`` epochs from ``state``; ``course`` moves along.

    Ctrl-C ends the loop with what was learned; nothing else is swallowed.
    """
    run = _Run(task, state, course)
    last = (course.step // run.per_epoch + epochs) * run.per_epoch
    try:
        stop = run.until(last)
    except KeyboardInterrupt:
        run.catch_up()
        stop = run.interrupted()
    course.settle(run.place)
    course.history.cut(run.epochs)  # an interruption may come between an epoch and its end
    run.look()
    return Outcome(run.place.state, course, stop)


def next_look(looked: int) -> int:
    """The step from which on another look is due. Looks become ever rarer: a trouble shows early,
    and a look costs as much as some steps.

    >>> next_look(-1), next_look(0), next_look(1000)
    (0, 130, 1500)
    """
    return 0 if looked < 0 else max(looked + STEPS_BETWEEN_LOOKS, int(looked * LOOK_FACTOR))


class _Run:
    """One run of the loop."""

    def __init__(self, task: Task, state: State, course: Course):
        self.task, self.course, self.place = task, course, course.place(state)
        self.stepper, self.per_epoch = task.stepper, task.batches.steps_per_epoch
        self.program = task.stepper.run()
        self.pace = pace(task.stepper, task.dtype, task.batches.padded)
        self.ahead: Flight | None = None
        self.closed: tuple[Place, Chunked, int] | None = None
        self.returned = 0.0
        self.further = 0

    @property
    def epochs(self) -> int:
        return self.place.step // self.per_epoch

    def until(self, last: int) -> Stop:
        """Run chunk after chunk up to step ``last`` or a reason to stop."""
        before = self.epochs
        self.course.history.open(self.task.columns)
        self._enter()
        self._compile(last)
        while (first := self.place.step) < last:
            stop = self._chunk(first, last)
            if stop is not None:
                return stop
            if self.task.interrupted():
                return self.interrupted()
            if time.perf_counter() > self.task.deadline:
                return self._out_of_time()
        return Stop.because(StopReason.MAX_ITER, epochs=self.epochs - before)

    def interrupted(self) -> Stop:
        """What Ctrl-C ends the fit with."""
        return Stop.because(StopReason.INTERRUPTED, epochs=self.epochs)

    def catch_up(self) -> None:
        """After an exception: move to the end of the last epoch that the history holds."""
        if self.closed is not None and self.closed[0].step == self.place.step:
            at, ran, done = self.closed
            self.place = at._replace(state=self._again(ran, done)[0], step=at.step + done)

    def _out_of_time(self) -> Stop:
        limit = self.task.max_time
        seconds = time.perf_counter() - self.task.deadline + limit
        return Stop.because(StopReason.MAX_TIME, epochs=self.epochs, seconds=seconds, limit=limit)

    def _enter(self) -> None:
        """What was kept before counts with its result on these rows; a new fit is looked at."""
        validation, kept, rules = self.task.validation, self.place.kept, self.task.stopping
        if kept is not None and validation is not None:
            loss = validation.loss(self.stepper.plan.objective, kept.vector)
            score = validation.score(kept.vector) if validation.score else None
            self.place = self.place._replace(kept=kept._replace(value=rules.cost(loss, score)))
        if self.task.watch and self.course.looked < 0:
            self._look_due()

    # A chunk

    def _chunk(self, first: int, last: int) -> Stop | None:
        """Run one chunk and decide at the end of every epoch in it."""
        launched = time.perf_counter()
        flight = self._flight(first, last)
        following = first + flight.chunk.steps
        if following < last and self.stepper.ahead:
            self.ahead = self._launch(following, last, flight.after)
        ran = Chunked.of(flight, self.stepper)
        good = ran.finite_steps
        sound = bool(flight.finite) if good == ran.steps else False
        now = time.perf_counter()
        self.pace.note(ran.steps, now - max(launched, self.returned))
        self.returned = now
        if not sound:
            good = self._finite_steps(ran, good)
        stop = self._further(self._epochs(ran, good), flight)
        if stop is None and good < ran.steps and self.place.step == first + good:
            stop = self._non_finite(ran, good)
        if self.place.step >= self._due():
            self._look_due()
        return stop

    def _further(self, stop: Stop | None, flight: Flight) -> Stop | None:
        """Where no step goes down, go on from a lower place that the last look finds."""
        if stop is None or stop.reason is not StopReason.NO_DESCENT or self.further == LOOKS:
            return stop
        task, state = self.task, self.place.state
        found = self.stepper.around(state, flight.chunk.arrays, flight.traced)
        if found is None or not found.lower:
            return stop
        self.further += 1
        fresh = self.stepper.memory(task.dtype, task.batches.padded)
        self.place = self.place._replace(state=State(found.p, fresh, state.step))
        return None

    def _length(self, first: int, last: int) -> int:
        """Steps of the next chunk; it ends where something is due."""
        room, due = self.task.batches.chunk_steps, self._due()
        stride = room if self.task.spans else self.per_epoch
        end = min(last, (first // stride + 1) * stride)
        if first < due < end:
            end = due
        return min(room, self.pace.room, end - first)

    def _due(self) -> int:
        """The step of the next look: whatever the calls, and the parts of the fit."""
        if not self.task.watch:
            return NEVER
        least, grid = next_look(self.course.looked), min(self.task.batches.chunk_steps, LOOK_GRID)
        if self.task.spans:
            return math.ceil(least / grid) * grid
        epoch, inside = divmod(least, self.per_epoch)
        return epoch * self.per_epoch + min(math.ceil(inside / grid) * grid, self.per_epoch)

    def _flight(self, first: int, last: int) -> Flight:
        """The chunk that was launched ahead, unless the course has changed since."""
        ahead, self.ahead = self.ahead, None
        scale = self.place.stalls.scale
        if ahead is not None and ahead.start is self.place.state and ahead.scale == scale:
            return ahead
        return self._launch(first, last, self.place.state)

    def _launch(self, first: int, last: int, state: State) -> Flight:
        """Fill a chunk and hand it to the device, which may still be busy with the one before."""
        task, scale = self.task, self.place.stalls.scale
        chunk = task.batches.fill(first, self._length(first, last))
        traced = task.traced(task.rates(first, scale))
        after, measured, finite = self.program(state, chunk.arrays, traced, np.int32(chunk.steps))
        ends = (first + chunk.steps) % self.per_epoch == 0
        validated: list[Array] = []
        if task.validation is not None and ends:
            validated = task.validation.losses(self.stepper.plan.objective, after.vector)
        return Flight(state, chunk, traced, scale, after, measured, finite, validated)

    def _again(self, ran: Chunked, count: int) -> tuple[State, bool]:
        """The state ``count`` steps after the chunk's start, and whether it is finite."""
        flight = ran.flight
        after, _, finite = self.program(
            flight.start, flight.chunk.arrays, flight.traced, np.int32(count)
        )
        return after, bool(finite)

    # Epochs

    def _epochs(self, ran: Chunked, good: int) -> Stop | None:
        """Close every epoch that ends within the chunk's good steps; move on to its end."""
        at, stop, end = self.place, None, good
        for begin, done in ran.epochs(at.step, good, self.per_epoch):
            tally = at.tally.plus(ran.weights[begin:done], ran.rows[begin:done])
            if (at.step + done) % self.per_epoch:
                at = at._replace(tally=tally)
                break
            scale = at.stalls.scale
            at, stop = self._close_epoch(at, tally, ran, done)
            if stop is not None or (at.stalls.scale != scale and done < ran.steps):
                end = done
                break
        state = ran.flight.after if end == ran.steps else self._again(ran, end)[0]
        self.place = at._replace(state=state, step=at.step + end)
        return stop

    def _close_epoch(
        self, at: Place, tally: Tally, ran: Chunked, done: int
    ) -> tuple[Place, Stop | None]:
        """Decide at the end of an epoch, ``done`` steps into the chunk."""
        epoch = (at.step + done) // self.per_epoch
        row, measured = self._row(tally, ran, done), ran.rows[done - 1]
        kept, cost = self._validate(at.kept, row, epoch, ran.flight)
        promised = self.stepper.promised(measured)
        stalls, stop = self.task.stopping.epoch(
            at.stalls, row["loss"], cost, row["gradient_norm"], promised
        )
        if self.task.stopping.patient:
            row["validation_failures"] = stalls.stalled
        self.course.history.epoch(row)
        state = ran.flight.after if done == ran.steps else at.state
        at = Place(at.state, at.step, FRESH, stalls, kept)
        self.closed = (at, ran, done)
        for observer in self.task.observers:
            if observer.epoch(epoch, row, state):
                stop = stop or Stop.because(StopReason.CALLBACK, epochs=epoch)
        return at, stop

    def _row(self, tally: Tally, ran: Chunked, done: int) -> dict[str, float]:
        """What is noted of an epoch that ends ``done`` steps into the chunk."""
        weight = max(tally.weight, TINY)
        row = {"loss": tally.loss / weight, "gradient_norm": tally.norm / weight}
        if self.stepper.full:
            row.update(zip(self.stepper.columns, ran.rows[done - 1][2:], strict=False))
        else:
            row["learning_rate"] = float(ran.flight.traced["rates"][done - 1])
        return row

    def _validate(
        self, kept: Best | None, row: dict[str, float], epoch: int, flight: Flight
    ) -> tuple[Best | None, float | None]:
        """Measure the validation rows: the parameters to keep, and what is followed."""
        validation = self.task.validation
        if validation is None:
            return kept, None
        vector, score = flight.after.vector, None
        row["validation_loss"] = validation.mean(flight.validated)
        if validation.score is not None:
            score = row["validation_score"] = validation.score(vector)
        cost = self.task.stopping.cost(row["validation_loss"], score)
        return self.task.stopping.keep(kept, vector, cost, epoch), cost

    # What is not finite

    def _finite_steps(self, ran: Chunked, upper: int) -> int:
        """The most steps, up to ``upper``, after which all parameters are finite."""
        low, high = 0, upper + 1
        while high - low > 1:
            middle = upper if high == upper + 1 else (low + high) // 2
            low, high = (middle, high) if self._again(ran, middle)[1] else (low, middle)
        return low

    def _non_finite(self, ran: Chunked, at: int) -> Stop:
        """Name the step and the layer where numbers stopped being finite; keep what was before."""
        following = self._again(ran, at + 1)[0].vector
        what, layer = guilt.of(self.task, self.place.state, ran, at, following)
        return Stop.because(
            StopReason.NON_FINITE,
            what=what,
            step=self.place.step + 1,
            epoch=self.epochs + 1,
            layer=layer,
        )

    # Looks

    def _look_due(self) -> None:
        self.look()
        self.course.looked = self.place.step

    def look(self) -> None:
        """Look at every layer, unless that was just done or nobody watches."""
        if self.task.watch and self.place.step != self.course.looked:
            self.course.history.look(self.epochs, self._signals())

    def _signals(self) -> Any:
        """The signals now. A small network is kept as it is, and measured when somebody asks."""
        objective, probe, dtype = self.stepper.plan.objective, self.task.probe, self.task.dtype
        vector: Packed = self.place.state.vector
        penalty = dtype.type(self.task.penalty)

        def measure() -> Array:
            with compilation.precision(dtype):
                return snapshot.signals(objective)(vector, *probe, penalty)

        return measure() if objective.network.large else measure

    def _compile(self, last: int) -> None:
        """Say that the program is compiled, where it is, and launch the first chunk."""
        task, batches = self.task, self.task.batches
        shape = "-".join(map(str, self.stepper.plan.objective.network.widths))
        if first_use(self.program, task.dtype, batches.padded, batches.chunk_steps):
            for observer in task.observers:
                observer.compiling(f"{shape}, batch {min(batches.padded, batches.rows.count)}")
            with collector.paused():
                self.ahead = self._launch(self.place.step, last, self.place.state)
