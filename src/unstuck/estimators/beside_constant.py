"""Whether a fit that has ended is any better than a constant output."""

from __future__ import annotations

import numpy as np

from unstuck.activations import Activation
from unstuck.estimators.model import Model
from unstuck.estimators.watched import Watched
from unstuck.losses import Loss
from unstuck.solvers.solver import Solver
from unstuck.solvers.stop import Stop, StopReason

ENDS = (
    StopReason.TOL,
    StopReason.VALIDATION,
    StopReason.STOPPING_RULE,
    StopReason.LEARNING_RATE,
    StopReason.GRADIENT_GOAL,
    StopReason.NO_DESCENT,
)
"""Ends of a fit by itself; one may also use up its epochs."""
STEPS, ITERATIONS = 100, 50
"""A fit of fewer steps, or of fewer iterations of a full-batch solver, has hardly begun."""
BETTER = 0.98
"""A network is better than a constant below this share of its loss."""
LEAST = 1e-4
"""Where a constant loses less, targets are all but the same, and nothing counts as progress."""


def no_better(model: Model, watched: Watched, solver: Solver, stop: Stop) -> str:
    """A sentence for a network that is no better than a constant output, or had only one target to
    learn; else empty.

    The history is asked first, since that costs nothing. Its losses are those along the way, with
    penalty and dropout; what counts is the network that is kept, on the rows of the sample.

    Arguments:
        model: as it was trained.
        watched: what was kept of its rows.
        solver: that trained it.
        stop: why the fit ended.
    """
    if watched.partial:
        return ""
    if not _over(model, stop):
        return ""
    if model.course.step < (ITERATIONS if solver.full else STEPS):
        return ""
    output, w = model.network.output, watched.training.w
    y = model.targets(watched.training.y)
    constant = constant_loss(model.loss, output, y, w)
    if constant is None or constant < LEAST or _last(model) < BETTER * constant:
        return ""
    with np.errstate(all="ignore"):
        t = model.preactivations(watched.training.x)
        losses = model.loss.of(y, t, output) - _floor(model.loss, output, y)
    loss = float(w @ losses / w.sum())
    if not np.isfinite(loss) or loss < BETTER * constant:
        return ""
    return (
        f"the fit ended no better than a constant (loss {loss:.3g}; a constant: {constant:.3g}): "
        "the network is stuck. est.diagnosis_ names the cause."
    )


def all_the_same(watched: Watched) -> str:
    """A sentence for numbers that are all the same; else empty. One class is refused before, unless
    weights leave no other.

    Arguments:
        watched: what was kept of the rows.
    """
    targets = watched.training.y
    if watched.partial or len(targets) < 2 or np.ptp(targets, axis=0).any():
        return ""
    return (
        f"all targets of the {len(targets)} rows that were looked at are the same: there is "
        "nothing to learn. Check how the rows were selected, or take another target."
    )


def constant_loss(loss: Loss, output: Activation, y: np.ndarray, w: np.ndarray) -> float | None:
    """How far the best constant output is above the smallest loss there is; ``None`` where that is
    not known, or where all targets are the same.

    Arguments:
        loss: squared error or cross-entropy; others are not known.
        output: the output unit.
        y: targets as the loss takes them, shape (n, outputs).
        w: weights, shape (n,).

    Example:
        >>> from unstuck import ACTIVATIONS, LOSSES
        >>> y, w = np.array([[0.0], [1.0]]), np.ones(2)
        >>> round(constant_loss(LOSSES["cross_entropy"], ACTIVATIONS["logistic"], y, w), 4)
        0.6931
        >>> constant_loss(LOSSES["mse"], ACTIVATIONS["identity"], y, w)
        0.125
    """
    y, w = y[w > 0], w[w > 0]
    if not len(y) or not np.ptp(y, axis=0).any():
        return None
    share = w / w.sum()
    mean = share @ y
    if loss.name == "squared_error":
        return float(share @ (0.5 * ((y - mean) ** 2).sum(1)))
    if loss.name == "cross_entropy":
        entropy = _floor(loss, output, mean[None])[0]
        return float(entropy - share @ _floor(loss, output, y))
    return None


def _floor(loss: Loss, output: Activation, y: np.ndarray) -> np.ndarray:
    assert loss.floor is not None
    return loss.floor(y, output)


def _over(model: Model, stop: Stop) -> bool:
    """Whether the fit went as far as it would. Not so where its epochs were used up while the loss
    was falling: by more than 2 % in their second half."""
    losses = model.course.history.columns["loss"]
    if stop.reason is not StopReason.MAX_ITER:
        return stop.reason in ENDS
    return len(losses) > 1 and not losses[-1] < BETTER * losses[(len(losses) - 1) // 2]


def _last(model: Model) -> float:
    """The objective in the epoch whose weights are kept."""
    losses, kept = model.course.history.columns["loss"], model.course.kept
    return losses[-1 if kept is None else kept.epoch - 1] if losses else np.inf
