"""From a fitted network and rows to the contents of its report: everything is measured here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.health.diagnosis import Diagnosis
from unstuck.health.spelling import number
from unstuck.health.subject import Subject
from unstuck.health.words import counted
from unstuck.report.document.attempts import Attempts
from unstuck.report.document.contents import Contents, Outcome
from unstuck.report.document.layers import layers_of
from unstuck.verdict.beside import reached
from unstuck.verdict.examples import NUMBERS, Examples, model_of
from unstuck.verdict.judging import kind_of
from unstuck.verdict.verdict import Verdict

Say = Callable[[str], None]

NO_TRAINING_ROWS = (
    "the comparison with a constant, a linear model and trees: there are no training rows for them "
    "to learn from"
)


@dataclass(frozen=True)
class Given:
    """What a report is made from.

    Attributes:
        title: of the page.
        estimator: of scikit-learn's contract, fitted.
        subject: the same for those who look inside, with rows that it was trained on.
        train: rows that others learn from; ``None`` where none are known.
        held: rows that were held out.
        rows: how many rows the network was trained on; 0 where that is not known.
        diagnose: makes the diagnosis.
        judge: makes the verdict, of which the diagnosis is a part; not called without ``train``.
        seen: whether the network was fitted to most of the rows that are called held out.
        say: told what is measured, in words.
        without: what to do where others have no rows to learn from.
    """

    title: str
    estimator: Any
    subject: Subject
    train: Examples | None
    held: Examples
    rows: int
    diagnose: Callable[[], Diagnosis | None]
    judge: Callable[[Diagnosis | None], Verdict | None]
    seen: bool
    say: Say
    without: str


def gathered(given: Given) -> Contents:
    """The contents of a report.

    Arguments:
        given: the network and its rows.
    """
    attempt = Attempts()
    estimator, train = given.estimator, given.train
    given.say("the network")
    diagnosis = attempt("the diagnosis", given.diagnose)
    verdict, marks = None, None
    given.say("what others reach")
    if train is None:
        attempt.note(f"{NO_TRAINING_ROWS}. {given.without}.")
    else:
        known = train
        verdict = attempt("the verdict", lambda: given.judge(diagnosis))
        marks = attempt("trees", lambda: reached(estimator, known, given.held))
    given.say("every layer")
    layers = attempt("the layers", lambda: layers_of(given.subject, attempt.note))
    outcome = attempt("the held-out rows", lambda: _outcome(given))
    history: Mapping[str, np.ndarray] = given.subject.history
    return Contents(
        title=given.title,
        facts=_facts(given),
        verdict=verdict,
        reached=marks or (),
        diagnosis=diagnosis,
        history=history or None,
        best_epoch=getattr(estimator, "best_epoch_", None),
        layers=layers,
        outcome=outcome,
        repair=getattr(estimator, "repair_", None),
        missing=tuple(attempt.missing),
    )


def _outcome(given: Given) -> Outcome:
    held = given.held.counting()
    said = model_of(given.estimator)(held.x)
    kind = kind_of(given.estimator, held.y)
    classes = tuple(np.asarray(getattr(given.estimator, "classes_", ())).tolist())
    return Outcome(kind, held.y, said.labels, said.probabilities, classes, given.seen)


def _facts(given: Given) -> tuple[tuple[str, str], ...]:
    """Of the network and its fit, as a reader asks for them."""
    estimator, facts = given.estimator, given.subject.facts
    network = estimator.network_
    rates = ", ".join(f"{name} {number(value)}" for name, value in facts.rates.items())
    several = len(getattr(estimator, "members_", ()))
    layers = "–".join(map(str, network.widths))
    found = {
        "network": f"{layers}, {network.size:,} parameters",
        "networks averaged": f"{several}; layers and course are those of the first" * (several > 1),
        "activations": ", ".join(dict.fromkeys(layer.unit.name for _, layer in network.layers)),
        "solver": f"{facts.solver}{', ' if rates else ''}{rates}",
        "epochs": f"{facts.epochs} of at most {facts.limit}",
        "stopped because": str(estimator.stop_reason_),
        "trained on": counted(given.rows, "row") if given.rows else "",
        "judged on": f"{counted(len(given.held), 'row')}{_which(given)}",
    }
    return tuple((name, value) for name, value in found.items() if value)


def _which(given: Given) -> str:
    if given.seen:
        return " that it was trained on"
    kind = kind_of(given.estimator, given.held.y)
    return "" if kind == NUMBERS else f", {len(given.estimator.classes_)} classes"
