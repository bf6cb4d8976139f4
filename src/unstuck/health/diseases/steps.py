"""Steps that are too long or too short, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.health.case import CLOSES, Case, known
from unstuck.health.disease import Disease
from unstuck.health.finding import Evidence, Lookalike, Remedy, Sign
from unstuck.health.spelling import number
from unstuck.health.words import share

DOWN = (0.1, 0.01)
UP = (10.0, 100.0, 1000.0)
TINY = 1000.0
"""Factor of the best step along the first gradient from which no experiment is needed."""
SWING = 0.1
"""Swings of the loss in the second half of a fit, as a share of what was gained, that matter."""


def _sweep(case: Case) -> tuple[float, float, dict[float, float]]:
    """The factor on the rate that closes most of the gap, how much, and all that was tried."""
    found = {factor: case.closes(rate=factor) for factor in DOWN}
    if max(found.values()) < 0.8:
        found |= {factor: case.closes(rate=factor) for factor in UP}
    best = max(found, key=lambda factor: found[factor])
    return best, found[best], found


def works_between(case: Case) -> str:
    """The range of rates that would lower the loss at the start, in words."""
    line, rate = case.steps_tried, case.facts.rate
    span = None if line is None else line.works()
    if span is None or rate is None:
        return ""
    low, high = span
    between = f"from {number(low * rate)} to {number(high * rate)}"
    return f" Along the first gradient, rates {between} do best."


def _rate(case: Case, high: bool) -> Iterator[Sign]:
    """A rate that is too high or too low: another one closes most of the gap."""
    rate = case.facts.rate
    if not case.missed or rate is None:
        return
    best, closed, tried = _sweep(case)
    if closed <= CLOSES or (best < 1) != high:
        return
    line = case.steps_tried
    along = (
        ()
        if line is None
        else (Evidence("best step along the first gradient, in steps of this rate", line.best),)
    )
    yield Sign(
        f"The learning rate {number(rate)} is too {'high' if high else 'low'}: with "
        f"{number(rate * best)} the same fit closes {share(min(closed, 1.0))} of the gap to what "
        f"is reachable.{works_between(case)}",
        (
            *(
                Evidence(
                    f"share of the gap closed with rate {number(rate * factor)}",
                    value,
                    CLOSES,
                    where="trained again from the same start",
                )
                for factor, value in sorted(tried.items())
            ),
            *along,
        ),
        parameters={
            "learning_rate_init": float(f"{rate * best:.3g}"),
            "max_iter": 10 * case.facts.limit,
        },
    )


def swings(loss: np.ndarray) -> float:
    """How far the loss swings in the second half of a fit, as a share of what the fit gained."""
    loss = loss[np.isfinite(loss)]
    if len(loss) < 20:
        return 0.0
    half = loss[len(loss) // 2 :]
    high, low = np.quantile(half, (0.9, 0.1))
    trend = max(float(np.median(half[: len(half) // 2]) - np.median(half[len(half) // 2 :])), 0.0)
    return float((high - low - trend) / max(loss[0] - loss.min(), 1e-12))


def _oscillation(case: Case) -> Iterator[Sign]:
    if not case.missed or case.history is None or "loss" not in case.history:
        return
    loss = np.asarray(case.history["loss"])
    swing = swings(loss)
    turns = _turns(loss)
    if swing < SWING or turns < 0.3 or case.facts.stop == "non_finite":
        return
    cured = max(case.closes(rate=factor) for factor in DOWN) if case.facts.rate else 0.0
    if cured <= CLOSES:
        return
    yield Sign(
        f"The loss swings instead of settling: in the second half of the fit by {100 * swing:.0f} "
        "% of what it has gained.",
        (
            Evidence(
                "swing of the loss as a share of what was gained",
                swing,
                SWING,
                where="second half of the fit",
            ),
            Evidence("share of epochs in which the loss rose", turns, 0.3),
            Evidence("share of the gap that a smaller rate closes", cured, CLOSES),
        ),
        parameters={"learning_rate_init": float(f"{(case.facts.rate or 0.0) / 10:.3g}")},
    )


def _turns(loss: np.ndarray) -> float:
    half = loss[len(loss) // 2 :]
    return float((np.diff(half) > 0).mean()) if len(half) > 2 else 0.0


def _plateau(case: Case) -> Iterator[Sign]:
    if not case.missed or case.history is None or "loss" not in case.history:
        return
    loss = np.asarray(case.history["loss"])
    loss = loss[np.isfinite(loss)]
    if len(loss) < 10:
        return
    early, late = loss[: max(1, len(loss) // 10)].mean(), loss[-max(1, len(loss) // 10) :].mean()
    change = abs(float(early - late)) / max(abs(float(early)), 1e-12)
    gate = known(case.gate)
    if change < 0.05 and not case.closes(wider=4) > CLOSES:
        yield Sign(
            "The loss lies on a plateau: it has hardly changed since the start, though something "
            "much lower is reachable.",
            (
                Evidence("relative change of the loss over the fit", change, 0.05, "below"),
                Evidence("error of this network", gate.own, gate.reachable),
            ),
        )


RATE = "Goodfellow, Bengio and Courville 2016, section 11.4.1"

DISEASES = (
    Disease(
        "learning_rate_too_high",
        "steps",
        "Steps so long that the loss jumps over what it should fall into, or blows up.",
        ("gate",),
        lambda case: _rate(case, high=True),
        (
            Lookalike("exploding_gradient", "layers receive alike; judged before"),
            Lookalike("unscaled_inputs", "inputs are standardized; judged before"),
        ),
        (
            Remedy(
                "Lower the learning rate by a factor of 10.",
                "The same fit then reaches what is reachable.",
                {"learning_rate_init": None},
            ),
            Remedy(
                "Or let it fall during the fit.",
                "Long steps at first, short ones at the end.",
                {"learning_rate": "cosine"},
            ),
        ),
        RATE,
    ),
    Disease(
        "learning_rate_too_low",
        "steps",
        "Steps so short that the fit ends long before it has arrived.",
        ("gate",),
        lambda case: _rate(case, high=False),
        (
            Lookalike("plateau", "longer steps lower the loss at once"),
            Lookalike("vanishing_gradient", "all layers receive alike; judged before"),
            Lookalike("unscaled_targets", "targets are of the order of 1; judged before"),
        ),
        (
            Remedy(
                "Raise the learning rate.",
                "The same fit then reaches what is reachable.",
                {"learning_rate_init": None},
            ),
            Remedy("Or give it more epochs.", "It is on its way.", {"max_iter": None}),
        ),
        RATE,
    ),
    Disease(
        "oscillation",
        "steps",
        "The loss swings up and down instead of settling.",
        ("gate", "history"),
        _oscillation,
        (
            Lookalike(
                "noise of small batches",
                "the swings are large beside what was gained, and a smaller rate ends them",
            ),
            Lookalike("a finished fit", "something clearly lower is reachable"),
        ),
        (
            Remedy(
                "Lower the learning rate, or its momentum.",
                "Swings grow with both.",
                {"learning_rate_init": None},
            ),
            Remedy("Take larger batches.", "Their gradients agree more.", {"batch_size": 200}),
        ),
        RATE,
    ),
    Disease(
        "plateau",
        "capacity",
        "The loss is flat where the fit is, though something lower is reachable.",
        ("gate", "history"),
        _plateau,
        (
            Lookalike("a finished fit", "something clearly lower is reachable"),
            Lookalike("learning_rate_too_low", "longer steps do not help either"),
            Lookalike("underfitting", "more units do not help either"),
        ),
        (
            Remedy(
                "Try other first weights, and keep the best.",
                "A plateau is a place, not a fate.",
                {"n_restarts": 5},
            ),
            Remedy(
                "Use a solver with momentum or curvature.",
                "It crosses flat parts faster.",
                {"solver": "adam"},
            ),
        ),
        "Fukumizu and Amari 2000, Local minima and plateaus",
    ),
)
