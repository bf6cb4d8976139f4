"""A descent on a JAX function: call after call of the compiled loop, until something ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.errors import ParameterError
from unstuck.lazy import jax
from unstuck.readable import Facts, Readable
from unstuck.solvers.asked import Asked
from unstuck.solvers.lapack import threads_for
from unstuck.solvers.last_look import LOOKS
from unstuck.solvers.loop import REASONS, ROWS, Criteria, Programs, Standing, programs
from unstuck.solvers.modes import compiled_or_told
from unstuck.solvers.solver import FullBatch
from unstuck.solvers.stop import Nouns, Stop, StopReason
from unstuck.summary import number

Callback = Callable[[int, Any, Mapping[str, float]], Any]

OF_A_FUNCTION = Nouns("value", "value", "iteration")
"""The words for functions: an epoch of a solver of all rows is an iteration."""


@dataclass(frozen=True, repr=False)
class Minimum(Readable):
    """What a solver found.

    Attributes:
        parameters: the lowest place (of "br" the last), shaped as the start; leaves are NumPy's.
        value: the objective there.
        gradient_norm: norm of the gradient there.
        iterations: iterations done.
        evaluations: evaluations of value and gradient, or of residuals and their Jacobian; without
            those of the last look around, which precedes an end where no step lowers the value.
        stop: why it ended; ``stop.name`` is short, ``str(stop)`` a sentence.
        history: arrays of length ``iterations + 1``, the first entry at the start: "loss" (the
            objective), "gradient_norm", and what the solver measures, as "step_length".
    """

    parameters: Any
    value: float
    gradient_norm: float
    iterations: int
    evaluations: int
    stop: Stop
    history: dict[str, np.ndarray]

    def _told(self) -> Facts:
        rows = [
            ("", ""),
            ("value", number(self.value)),
            ("gradient norm", number(self.gradient_norm)),
            ("iterations", str(self.iterations)),
            ("evaluations", str(self.evaluations)),
        ]
        return Facts("Minimum", (str(self.stop),), rows)


@dataclass(frozen=True)
class _Descent:
    """What does not change from call to call.

    Attributes:
        programs: what is compiled.
        given: arguments, the solver's traced parameters, criteria.
        record: the solver.
        asked: the function.
        ends: what ends it, by name.
        began: time at the start.
    """

    programs: Programs
    given: tuple[Any, Mapping[str, Any], Criteria]
    record: FullBatch
    asked: Asked
    ends: Mapping[str, Any]
    began: float

    def run(self, standing: Standing, callback: Callback | None) -> Minimum:
        """Call after call, from the standing at the start."""
        pace, iterations, looks, why = self.programs.pace, 0, 0, ""
        rows: list[np.ndarray] = []
        while True:
            before = time.perf_counter()
            left = self.ends["max_time"] - (before - self.began)
            count = 1 if callback else pace.count(left)
            count = min(count, ROWS, self.ends["max_iter"] - iterations)
            standing, run, seen = self.programs.run(standing, *self.given, np.int32(count))
            done = int(run)
            table = np.array(seen)[: done + 1]
            row = table[-1]
            rows.append(table[min(len(rows), 1) :])
            iterations += done
            if REASONS[int(standing.reason)] is StopReason.NO_DESCENT:
                looks += 1
                standing, why = self._looked(standing, rows[0][0, 0], looks)
                row[:2] = standing.iterate.value, standing.iterate.gradient_norm
            stop = self._stop(standing, iterations, row, why)
            if callback and done and self._called(callback, standing, iterations, row):
                stop = stop or Stop.because(StopReason.CALLBACK, OF_A_FUNCTION, epochs=iterations)
            if stop is not None:
                return self._minimum(standing, iterations, np.concatenate(rows), stop)
            if not callback:
                pace.note(done, time.perf_counter() - before)

    def _looked(self, at: Standing, first: float, looks: int) -> tuple[Standing, str]:
        """Start anew where the last look finds a lower place; else why there is none."""
        found = self.programs.look(at.lowest.p, self.given[0])
        value = float(at.lowest.value)
        if found.lower and looks < LOOKS:
            return self.programs.start(found.p, *self.given), ""
        return at, found.why(value, first)

    @property
    def names(self) -> tuple[str, ...]:
        """What a row holds."""
        return ("loss", "gradient_norm", *self.record.columns)

    def _called(self, callback: Callback, at: Standing, iterations: int, row: np.ndarray) -> Any:
        place = self.asked.tree(np.array(at.iterate.p))
        return callback(iterations, place, dict(zip(self.names, row.tolist(), strict=True)))

    def _stop(self, at: Standing, iterations: int, row: np.ndarray, why: str) -> Stop | None:
        seconds = time.perf_counter() - self.began
        reason = REASONS[int(at.reason)]
        if reason is None and iterations >= self.ends["max_iter"]:
            reason = StopReason.MAX_ITER
        if reason is None and seconds >= self.ends["max_time"]:
            reason = StopReason.MAX_TIME
        if reason is None:
            return None
        value, norm = row[:2].tolist()
        if reason is StopReason.NON_FINITE:
            if not iterations:
                raise ParameterError(
                    f"the start has the value {value} and the gradient norm {norm}; choose a "
                    "start where both are finite."
                )
            return Stop(reason, self._not_finite(iterations))
        goal = "gradient_goal" if reason is StopReason.GRADIENT_GOAL else "loss_goal"
        return Stop.because(
            reason,
            OF_A_FUNCTION,
            epochs=iterations,
            tol=f"{self.ends['tol']:g} of itself",
            stalled=self.ends["n_iter_no_change"] + 1,
            loss=value,
            norm=norm,
            why=why,
            goal=self.ends[goal],
            seconds=seconds,
            limit=self.ends["max_time"],
        )

    def _not_finite(self, iterations: int) -> str:
        cure = " Lower learning_rate_init." if "learning_rate_init" in self.record.uses else ""
        return (
            f"The objective or its gradient became non-finite in iteration {iterations}; the "
            f"lowest place before is kept.{cure}"
        )

    def _minimum(self, at: Standing, iterations: int, rows: np.ndarray, stop: Stop) -> Minimum:
        history = {name: rows[:, i].copy() for i, name in enumerate(self.names)}
        return Minimum(
            self.asked.tree(np.array(at.lowest.p)),
            float(at.lowest.value),
            float(at.lowest.gradient_norm),
            iterations,
            int(history["evaluations"].sum()),
            stop,
            history,
        )


def descend(
    asked: Asked,
    record: FullBatch,
    hyper: Mapping[str, Any],
    ends: Mapping[str, Any],
    callback: Callback | None = None,
) -> Minimum:
    """Run a solver on a function of a pytree.

    Arguments:
        asked: the function and its start.
        record: the solver.
        hyper: values of the parameters that it reads.
        ends: what ends it, all given: ``max_iter``, ``tol``, ``n_iter_no_change``, ``loss_goal``,
            ``gradient_goal``, ``max_time``.
        callback: as in ``minimize``.

    Raises:
        ParameterError: JAX cannot compile the function, or it returns no real scalar, or none that
            is finite.
    """
    began = time.perf_counter()
    static = tuple((name, hyper[name]) for name in record.static)
    p = asked.start
    number = p.dtype.type
    goals = (ends["loss_goal"], ends["gradient_goal"], ends["tol"], ends["n_iter_no_change"])
    traced = {name: number(hyper[name]) for name in record.traced}
    given = (asked.arguments, traced, Criteria(*map(number, goals)))
    with jax.enable_x64(p.dtype == np.float64), threads_for(record):
        compiled = programs(asked.kind, asked.function, record, static)
        with compiled_or_told():
            standing = compiled.start(p, *given)
        return _Descent(compiled, given, record, asked, ends, began).run(standing, callback)
