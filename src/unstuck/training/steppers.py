"""Which compiled steps a plan has."""

from __future__ import annotations

from unstuck.training.full_batch import AllRows
from unstuck.training.mini_batches import MiniBatches
from unstuck.training.plan import Plan
from unstuck.training.stepper import Stepper


def stepper_of(plan: Plan) -> Stepper:
    """Those of mini-batches, or the iterations of a full-batch solver."""
    return AllRows(plan) if plan.solver.full else MiniBatches(plan)
