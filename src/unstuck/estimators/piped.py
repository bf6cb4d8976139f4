"""The network at the end of a pipeline, and what its parameters are called there."""

from __future__ import annotations

from typing import Any


def network_of(estimator: Any) -> Any:
    """The last step of a pipeline; anything else itself."""
    return estimator.steps[-1][1] if getattr(estimator, "steps", None) else estimator


def prefix_of(estimator: Any) -> str:
    """What parameters of the last step of a pipeline begin with; nothing of anything else."""
    return f"{estimator.steps[-1][0]}__" if getattr(estimator, "steps", None) else ""
