"""What the rows do not say, however they are learned."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.health.case import Case, known
from unstuck.health.disease import Disease
from unstuck.health.errors import mean, paired_t, variance_of
from unstuck.health.finding import Evidence, Lookalike, Remedy, Sign
from unstuck.health.spelling import number
from unstuck.health.words import share
from unstuck.record import Array

AFFINE = 1e-9
FLOOR = 0.05
"""Error that equal inputs with different labels leave whatever the network does."""
PARITY = "targets that only a network finds (parity)"
SURE = 3.0
"""Standard errors that the network itself has to be better than a constant on fresh rows."""
BETTER, SKILLED = 0.95, 0.9
"""Shares of a constant's error under which a plain model, and the network, have learned something.
"""
CHANCE = 2.5
"""Standard errors that a plain model has to be better than a constant."""


def _linear(case: Case) -> Iterator[Sign]:
    if case.bend is None or case.bend > AFFINE or len(case.hidden) == 0:
        return
    reference = case.reference
    if reference is not None:
        w = known(case.labeled).w[reference.rows]
        linear, best = mean(reference.linear, w), mean(reference.errors, w)
        if (case.trained and not case.missed) or linear - best < 0.03:
            return
        gain: tuple[Evidence, ...] = (
            Evidence("error of a linear model", linear),
            Evidence(f"error of {reference.name}", best),
        )
    else:
        gain = ()
    yield Sign(
        f"All {len(case.hidden) + 1} layers together are one linear map: no hidden layer bends "
        "anything, so they can do no more than one layer.",
        (
            Evidence(
                "departure from a linear map",
                case.bend,
                AFFINE,
                "below",
                "random weights, at 1 and 30 times the spread of the inputs",
            ),
            *gain,
        ),
        case.hidden[0].name,
    )


def conflicts(raw: Array, labels: Array, w: Array, kind: str) -> tuple[float, float]:
    """The error that rows with equal inputs leave, and the share of rows that have an equal."""
    spread = np.abs(raw).max(0)  # numbers that went through a file differ in their last digits
    raw = np.round(raw / np.where(spread > 0, spread, 1.0), 12)
    _, group = np.unique(raw, axis=0, return_inverse=True)
    group = group.ravel()
    size = np.bincount(group)
    repeated = float((size[group] > 1).mean())
    if kind == "numbers":
        weight = np.maximum(np.bincount(group, w), 1e-300)
        center = np.stack([np.bincount(group, w * y) / weight for y in labels.T], 1)
        rest = np.average((labels - center[group]) ** 2, axis=0, weights=w)
        return float((rest / variance_of(labels, w)).mean()), repeated
    columns = labels[:, None] if labels.ndim == 1 else labels
    wrong = [_outvoted(group, column, w) for column in columns.T]
    return float(np.mean(wrong)), repeated


def _outvoted(group: Array, labels: Array, w: Array) -> float:
    names, index = np.unique(labels, return_inverse=True)
    votes = np.zeros((group.max() + 1, len(names)))
    np.add.at(votes, (group, index), w)
    return float(1.0 - votes.max(1).sum() / w.sum())


def _conflicting(case: Case) -> Iterator[Sign]:
    sample = case.labeled
    assert sample is not None
    floor, repeated = conflicts(sample.raw, sample.labels, sample.w, case.facts.kind)
    own = None if case.errors is None else mean(case.errors, sample.w)
    # A network cannot get below the floor: where it does, rows that look equal are not.
    if floor > FLOOR and (own is None or 0.9 * floor < own < 4 * floor):
        what = "of the variance" if case.facts.kind == "numbers" else "of the rows"
        yield Sign(
            f"Equal inputs have different labels: {share(floor)} {what} stay wrong whatever the "
            "network does.",
            (
                Evidence(
                    "error that equal rows leave", floor, FLOOR, where=f"{len(sample.raw)} rows"
                ),
                Evidence("share of rows that have an equal", repeated),
                *(() if own is None else (Evidence("error of this network", own),)),
            ),
        )


def _unrelated(case: Case) -> Iterator[Sign]:
    reference, sample = case.reference, case.labeled
    if reference is None or reference.few or sample is None:
        return
    w = sample.w[reference.rows]
    best, constant = mean(reference.errors, w), mean(reference.constant, w)
    bound = BETTER * constant
    found = best > bound
    if case.facts.kind != "numbers":
        found = found or paired_t(reference.constant, reference.errors, w) < CHANCE
    if case.facts.kind == "classes":
        found = found and reference.balanced < 1 / len(np.unique(sample.labels)) + 0.1
    if found and not _fresh_skill(case, constant):
        ruled_out = {}
        if case.facts.kind != "classes":
            ruled_out["class_imbalance"] = "there are no classes that could be rare"
        if case.held is None:
            ruled_out[PARITY] = "cannot be ruled out: nothing was trained that could be asked"
        yield Sign(
            "The targets have nothing to do with the inputs, as far as plain models can tell: the "
            f"best of them errs {number(best)}, a constant {number(constant)}.",
            (
                Evidence(
                    f"cross-validated error of {reference.name}",
                    best,
                    bound,
                    where=f"{len(reference.rows)} rows, three folds",
                ),
                Evidence("error of a constant", constant),
            ),
            ruled_out=ruled_out,
        )


def _fresh_skill(case: Case, constant: float) -> bool:
    """Whether the network itself does better than a constant on rows it has not seen."""
    held = case.held
    if held is None:
        return False
    return mean(held.kept_errors, held.w) < SKILLED * constant and held.skill_t > SURE


DISEASES = (
    Disease(
        "no_nonlinearity",
        "targets",
        "Layers that collapse into one linear map (a leaky slope of 1 counts).",
        ("bend",),
        _linear,
        (
            Lookalike(
                "data that are linear",
                "a plain model that bends does clearly better than a linear one",
            ),
            Lookalike("underfitting", "more linear units change nothing"),
        ),
        (
            Remedy(
                "Give hidden layers an activation that bends.",
                "A product of matrices is a matrix.",
                {"activation": "relu"},
            ),
            Remedy(
                "Or leave the hidden layers out.",
                "One layer does the same.",
                {"hidden_layer_sizes": ()},
            ),
        ),
        "Bishop 2006, section 5.1",
    ),
    Disease(
        "conflicting_labels",
        "targets",
        "Rows with equal inputs have different labels.",
        ("labeled",),
        _conflicting,
        (
            Lookalike("underfitting", "the floor is counted in the rows; no network gets below it"),
            Lookalike("unrelated_targets", "there plain models are no better than a constant"),
        ),
        (
            Remedy(
                "Add the column that tells these rows apart, or mend the labels.",
                "A function has one value for one input.",
            ),
            Remedy(
                "Where the labels are noisy by nature, read the outputs as probabilities.",
                "The best output for equal rows is the share of each label.",
            ),
        ),
        "Bishop 2006, section 1.5",
    ),
    Disease(
        "unrelated_targets",
        "targets",
        "The targets have nothing to do with the inputs: what is learned is noise.",
        ("reference",),
        _unrelated,
        (
            Lookalike("overfitting", "plain models, cross-validated, find nothing either"),
            Lookalike("class_imbalance", "models that weigh classes alike find nothing either"),
            Lookalike(
                PARITY,
                "the network itself is judged on rows that it has not seen",
            ),
        ),
        (
            Remedy(
                "Check that rows of inputs and targets belong together (order, join, shuffling of "
                "one of them).",
                "Shuffled targets look exactly like this.",
            ),
            Remedy("Look for other inputs.", "No training can find what is not there."),
        ),
        "Zhang et al. 2017, Understanding deep learning requires rethinking generalization",
    ),
)
