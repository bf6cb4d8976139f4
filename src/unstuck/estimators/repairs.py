"""From a diagnosis to a repair, and the repair of a fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from unstuck.estimators.given_weights import NONE_GIVEN
from unstuck.health.diagnosis import Diagnosis
from unstuck.interruption import Interruption
from unstuck.piped import last_of, prefix_of
from unstuck.remedies import proposals, telling
from unstuck.remedies.budget import Budget
from unstuck.remedies.divisions import Rows
from unstuck.remedies.fits import Fits
from unstuck.remedies.repair import Repair
from unstuck.remedies.repairing import repaired
from unstuck.remedies.scoring import scorer_of, words
from unstuck.remedies.telling import Say
from unstuck.remedies.treatment import Treatment
from unstuck.solvers.table import SOLVERS

BEGINS = {"hidden_layer_sizes", "initializer"}
"""Parameters that first weights depend on, where none are given."""
RARE = "class_imbalance"
"""What is found where rare classes are missed: the share that is right would not show a gain."""


@dataclass(frozen=True)
class Bench:
    """What experiments are made with.

    Attributes:
        estimator: of scikit-learn's contract.
        x, y, w: rows, targets and weights.
        scoring: what is to be gained; ``None`` for the estimator's own score.
        budget: what it may cost.
        random_state: seed of all that is drawn.
        n_jobs: fits at a time.
    """

    estimator: Any
    x: Any
    y: Any
    w: Any = None
    scoring: Any = None
    budget: Budget = field(default_factory=Budget)
    random_state: int = 0
    n_jobs: int | None = None

    @property
    def measure(self) -> str:
        """What scores are of, in words."""
        return words(self.estimator, self.scoring)


def by_diagnosis(bench: Bench, diagnosis: Diagnosis, pressed: Interruption, say: Say) -> Repair:
    """Try what a diagnosis proposes."""
    if diagnosis.healthy:
        return untried(bench, telling.HEALTHY)
    network = last_of(bench.estimator)
    wanted = proposals.proposed(diagnosis, _read(network))
    treatments = [_inside(bench.estimator, _begun(network, each)) for each in wanted]
    said = proposals.said(diagnosis)
    if not treatments:
        return untried(bench, telling.NOTHING_TO_TRY, said)
    if bench.scoring is None and any(each.code == RARE for each in diagnosis.findings):
        bench = replace(bench, scoring="balanced_accuracy")
    return replace(by_experiment(bench, treatments, pressed, say), said=said)


def by_experiment(
    bench: Bench, treatments: Sequence[Treatment], pressed: Interruption, say: Say
) -> Repair:
    """Try treatments."""
    budget = bench.budget
    rows = Rows.of(bench.estimator, bench.x, bench.y, bench.w)
    fits = Fits(
        bench.estimator,
        rows,
        scorer_of(bench.estimator, rows, bench.scoring),
        lambda: pressed.asked or budget.over,
        lambda: budget.left,
        bench.n_jobs,
    )
    found = repaired(fits, treatments, budget, bench.random_state, say, bench.measure)
    pressed.taken |= pressed.asked
    return found


def untried(bench: Bench, verdict: str, said: tuple[str, ...] = ()) -> Repair:
    """A repair that tried nothing."""
    seconds = bench.budget.spent
    return Repair(False, {}, verdict, said=said, measure=bench.measure, seconds=seconds)


def _begun(network: Any, treatment: Treatment) -> Treatment:
    """A treatment of other layers or first weights, without those that were given: they would not
    fit, or hide what it changes."""
    own = treatment.parameters
    given = [name for name in NONE_GIVEN if getattr(network, name) is not None and name not in own]
    if not given or not BEGINS & own.keys():
        return treatment
    return treatment._replace(parameters={**own, **dict.fromkeys(given)})


def _inside(estimator: Any, treatment: Treatment) -> Treatment:
    """A treatment of the network as one of the pipeline that ends in it."""
    prefix = prefix_of(estimator)
    own = {f"{prefix}{each}": value for each, value in treatment.parameters.items()}
    return treatment._replace(parameters=own)


def _read(network: Any) -> dict[str, Any]:
    """Parameters of a network, without those of solvers that its own does not read."""
    solver = SOLVERS[network.solver_ if hasattr(network, "solver_") else network.solver]
    of_others = {name for each in SOLVERS.values() for name in each.reads} - {*solver.reads}
    params = network.get_params(deep=False)
    return {name: value for name, value in params.items() if name not in of_others}
