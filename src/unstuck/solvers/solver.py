"""What a solver is: a record with its recurrence, of one of two kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from unstuck.activations import Array
from unstuck.choices import Named

Hyperparameters = Mapping[str, Any]
"""Values of a solver's parameters, by name."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Solver(Named):
    """What every solver says about itself.

    Attributes:
        name: as in scikit-learn where it has one.
        uses: the constructor's parameters that it reads, beyond those of its whole kind.
        static: those of ``uses`` that are words or sizes: another value is another program.
        formula: the recurrence as text.
        aliases: names used elsewhere.
        when: one comment on when to use it.
        reference: the source.
        monotone: whether the objective never rises from one iteration to the next.
        residuals: whether it needs a ``GaussNewtonProblem``.
        bounds: whether it keeps the parameters of a problem between their bounds.
        matrices: ``matrices(parameters, observations)``: how many numbers it holds in matrices;
            ``None``: it has none.
    """

    name: str
    uses: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    formula: str = ""
    aliases: tuple[str, ...] = ()
    when: str = ""
    reference: str = ""
    monotone: bool = False
    residuals: bool = False
    bounds: bool = False
    matrices: Callable[[int, int], int] | None = None

    full: ClassVar[bool] = False
    """Whether it takes all rows at once: an iteration is an epoch."""

    common: ClassVar[tuple[str, ...]] = ()
    """The constructor's parameters that every solver of a kind reads."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The constructor's parameters that it reads and other kinds of solvers may not."""
        return (*self.common, *self.uses)

    @property
    def exact(self) -> bool:
        """Whether it needs the objective's own gradient: others can do with a changed one."""
        return self.monotone or self.residuals

    @property
    def traced(self) -> tuple[str, ...]:
        """The parameters in ``uses`` that are numbers: traced, so changing them is free."""
        return tuple(name for name in self.uses if name not in self.static)


class Iterate(NamedTuple):
    """Where a full-batch solver is after an iteration.

    Attributes:
        p: the parameters, shape (P,).
        value: the objective at ``p``.
        gradient_norm: norm of its gradient at ``p``.
        memory: what the solver carries on, a pytree of arrays of fixed shapes and dtypes.
        stuck: whether it found no step that lowers the objective, and never will from here.
        measured: the numbers that the record's ``columns`` name, in their order.
    """

    p: Array
    value: Array
    gradient_norm: Array
    memory: Any
    stuck: Array
    measured: tuple[Array, ...]


@dataclass(frozen=True, kw_only=True, repr=False)
class FullBatch(Solver):
    """A solver that asks for the objective on all rows; an iteration is an epoch.

    ``start`` and ``step`` are traced into one compiled program: they use ``jax.numpy`` and
    ``jax.lax``, and depend on values only through these. ``hyper`` maps each name in ``uses``
    to its value: traced numbers, and Python values for those in ``static``. ``columns`` tells what
    ``Iterate.measured`` holds.

    Attributes:
        start: ``start(problem, p, hyper) -> Iterate`` evaluates the objective at ``p`` and
            makes the memory.
        step: ``step(problem, iterate, hyper) -> Iterate`` does one iteration.
        columns: names of the numbers that an iteration measures: history columns, and what the
            progress display shows. ``"evaluations"`` counts evaluations of value and gradient
            (or Jacobian) in the iteration; ``"step_length"`` and ``"damping"`` are shared names.
        patience: iterations without progress after which ``minimize`` and ``least_squares`` end.
        tells_noise: whether "prior_precision" and "noise_precision" are among the columns: then
            the parameters' standard errors follow from them.
        xla: pairs of name and value, of XLA's options with which its iterations are compiled.
    """

    full: ClassVar[bool] = True

    start: Callable[[Any, Array, Hyperparameters], Iterate]
    step: Callable[[Any, Iterate, Hyperparameters], Iterate]
    columns: tuple[str, ...] = ()
    monotone: bool = True
    patience: int = 10
    tells_noise: bool = False
    xla: tuple[tuple[str, Any], ...] = ()
