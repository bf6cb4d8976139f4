"""Steps that are too long or too short, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.health.case import CLOSES, MOSTLY, STRONG, Case, known
from unstuck.health.disease import LENGTHS, Disease
from unstuck.health.finding import Evidence, Lookalike, Remedy, Sign
from unstuck.health.landscape import Curvature
from unstuck.health.spelling import number
from unstuck.health.subject import Change
from unstuck.health.words import share

DOWN = (0.1, 0.01)
FURTHER = (1e-3, 1e-4)
"""Factors on the rate that are tried of a fit that ended worse than a constant."""
UP = (10.0, 100.0, 1000.0, 10000.0)
SWING = 0.1
"""Swings of the loss in the second half of a fit, as a share of what was gained, that matter."""
TURNS = 0.3
"""Share of the epochs of that half in which the loss rises."""
FLAT = 0.05
"""A loss that changed by less since the start lies on a plateau."""
SADDLE = 1e-3
"""Downward curvature, as a share of the largest, from which a flat place is a saddle."""


def _sweep(case: Case, factors: tuple[float, ...]) -> dict[float, float]:
    """The share of the gap that rates close, each a factor of the fit's, until one closes most."""
    found: dict[float, float] = {}
    for factor in factors:
        found[factor] = case.closes(rate=factor)
        if found[factor] > MOSTLY:
            break
    return found


def works_between(case: Case, best: float) -> str:
    """The range of rates that would lower the loss at the start, in words; nothing where the whole
    fit says otherwise."""
    line, rate = case.steps_tried, case.facts.rates.get("learning_rate_init")
    span = None if line is None else line.works()
    if span is None or rate is None or not span[0] / 30 <= best <= 30 * span[1]:
        return ""
    low, high = span
    if low == high:
        return f"Along the first gradient a rate near {number(low * rate)} does best."
    between = f"from {number(low * rate)} to {number(high * rate)}"
    return f"Along the first gradient, rates {between} do best."


def _too_high(case: Case) -> Iterator[Sign]:
    """A smaller rate closes most of the gap; where that is small, all of it."""
    gate = known(case.gate)
    if not case.facts.rates or not (case.missed or gate.behind):
        return
    tried = _sweep(case, (*DOWN, *FURTHER) if gate.own > gate.constant else DOWN)
    if max(tried.values()) > (CLOSES if case.missed else MOSTLY):
        yield _other_rate(case, tried, "high")


def _too_low(case: Case) -> Iterator[Sign]:
    """A larger rate closes most of the gap; neither a smaller one does, nor less of what holds the
    network back."""
    if not case.facts.rates or not case.missed or max(_sweep(case, DOWN).values()) > CLOSES:
        return
    if case.facts.restraints and case.cures(penalized=False):
        return
    tried = _sweep(case, UP)
    if max(tried.values()) > CLOSES:
        yield _other_rate(case, tried, "low")


def _other_rate(case: Case, tried: dict[float, float], how: str) -> Sign:
    best = max(tried, key=lambda factor: tried[factor])
    rates, line = case.facts.rates, case.steps_tried
    name, rate = next(iter(rates.items()))
    between = works_between(case, best)
    called = "learning rate" if name == "learning_rate_init" else name
    along = (
        ()
        if line is None
        else (Evidence("best step along the first gradient, in steps of this rate", line.best),)
    )
    return Sign(
        f"The {called} {number(rate)} is too {how}: with {number(rate * best)} the same fit closes "
        f"{share(min(tried[best], 1.0))} of the gap to what is reachable. {between}".strip(),
        (
            *(
                Evidence(
                    f"share of the gap closed with {called} {number(rate * factor)}",
                    value,
                    CLOSES,
                    where="trained again from the same start",
                )
                for factor, value in sorted(tried.items())
            ),
            *along,
        ),
        parameters={
            "max_iter": 10 * case.facts.limit,
            **{each: float(f"{value * best:.3g}") for each, value in rates.items()},
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
    gate, rates = known(case.gate), case.facts.rates
    if not rates or not (case.missed or gate.behind) or "loss" not in known(case.history):
        return
    loss = np.asarray(known(case.history)["loss"])
    swing, turns = swings(loss), _turns(loss)
    if swing < SWING or turns < TURNS or case.facts.stop == "non_finite":
        return
    tried = _sweep(case, DOWN)
    best = max(tried, key=lambda factor: tried[factor])
    if tried[best] <= CLOSES:
        return
    yield Sign(
        f"The loss swings instead of settling: in the second half of the fit by "
        f"{number(100 * swing)} % of what it has gained.",
        (
            Evidence(
                "swing of the loss as a share of what was gained",
                swing,
                SWING,
                where="second half of the fit",
            ),
            Evidence("share of epochs in which the loss rose", turns, TURNS),
            Evidence(
                "share of the gap that a smaller rate closes",
                tried[best],
                CLOSES,
                where="trained again from the same start",
            ),
        ),
        parameters={
            "batch_size": 4 * case.facts.batch,
            **{each: float(f"{value * best:.3g}") for each, value in rates.items()},
        },
    )


def _turns(loss: np.ndarray) -> float:
    half = loss[len(loss) // 2 :]
    return float((np.diff(half) > 0).mean()) if len(half) > 2 else 0.0


def _change(loss: np.ndarray) -> float:
    """The relative change of the loss from the first tenth of a fit to the last."""
    tenth = max(1, len(loss) // 10)
    early, late = float(loss[:tenth].mean()), float(loss[-tenth:].mean())
    return abs(early - late) / max(abs(early), 1e-12)


def _plateau(case: Case) -> Iterator[Sign]:
    if not case.missed or "loss" not in known(case.history):
        return
    loss = np.asarray(known(case.history)["loss"])
    loss = loss[np.isfinite(loss)]
    if len(loss) < 10 or (change := _change(loss)) >= FLAT or case.narrow:
        return
    bend, gate, left = case.curvature, known(case.gate), case.closes(solver=STRONG)
    saddle = bend is not None and bend.lowest < -SADDLE * bend.largest
    yield Sign(
        f"The loss lies on a {'saddle' if saddle else 'plateau'}: it has hardly changed since the "
        "start, though something much lower is reachable"
        + (", and along one direction it curves down." if saddle else "."),
        (
            Evidence("relative change of the loss over the fit", change, FLAT, "below"),
            Evidence("error of this network", gate.own, gate.reachable),
            Evidence(f"share of the gap that {STRONG} closes", left),
            *(() if bend is None else _curved(bend)),
        ),
        first=1 if left > CLOSES else 0,
    )


def _curved(bend: Curvature) -> tuple[Evidence, Evidence]:
    bound, where = -SADDLE * bend.largest, "second derivatives at the last weights"
    return (
        Evidence("least curvature of the loss", bend.lowest, bound, "below", where),
        Evidence("largest curvature of the loss", bend.largest, where=where),
    )


RATE = "Goodfellow, Bengio and Courville 2016, section 11.4.1"

DISEASES = (
    Disease(
        "learning_rate_too_high",
        "steps",
        "Steps so long that the loss jumps over what it should fall into, or blows up.",
        ("gate",),
        _too_high,
        (
            Lookalike(
                "exploding_gradient", "the first layer does not receive much more than the last"
            ),
            Lookalike("unscaled_inputs", "standardizing the inputs does not mend it"),
        ),
        (
            Remedy(
                "Lower the learning rate.",
                "The same fit then comes much nearer to what is reachable.",
                LENGTHS,
            ),
            Remedy(
                "Or let it fall during the fit.",
                "Long steps at first, short ones at the end.",
                {"learning_rate": "cosine"},
            ),
        ),
        RATE,
        trial=Change(rate=DOWN[0]),
    ),
    Disease(
        "learning_rate_too_low",
        "steps",
        "Steps so short that the fit ends long before it has arrived.",
        ("gate",),
        _too_low,
        (
            Lookalike("plateau", "longer steps close the gap"),
            Lookalike(
                "vanishing_gradient", "the first layer does not receive much less than the last"
            ),
            Lookalike("unscaled_targets", "standardizing the targets does not mend it"),
        ),
        (
            Remedy(
                "Raise the learning rate.",
                "The same fit then comes much nearer to what is reachable.",
                LENGTHS,
            ),
            Remedy("Or give it more epochs.", "It is on its way.", {"max_iter": None}),
        ),
        RATE,
        trial=Change(rate=UP[0]),
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
                LENGTHS,
            ),
            Remedy("Take larger batches.", "Their gradients agree more.", {"batch_size": None}),
        ),
        RATE,
        trial=Change(rate=DOWN[0]),
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
            Lookalike(
                "underfitting", "more units do not help, or fewer would do with a better solver"
            ),
        ),
        (
            Remedy(
                "Try other first weights, and keep the best.",
                "A plateau is a place, not a fate.",
                {"n_restarts": 5},
            ),
            Remedy(
                "Use a solver that knows curvature.",
                "It crosses flat parts in few steps.",
                {"solver": STRONG},
            ),
        ),
        "Fukumizu and Amari 2000, Local minima and plateaus",
    ),
)
