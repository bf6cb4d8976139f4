"""What the network can hold, and what the rows can teach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from unstuck.health.case import CLOSES, STRONG, WIDER, Case, known
from unstuck.health.disease import Disease
from unstuck.health.finding import Evidence, Lookalike, Remedy, Sign
from unstuck.health.gate import IGNORED
from unstuck.health.held import Held
from unstuck.health.spelling import number
from unstuck.health.subject import Change
from unstuck.health.words import listed, share

LONGER = 4
"""Times the epochs that are tried where all of them were used."""
LOST = 0.25
"""Share of the gain on fresh rows that is lost again by the end of a fit."""
LIFT = 0.2
"""Share of the rare classes' rows that equal weights have to bring."""
GAP = 0.1
"""Error on fresh rows above that on the rows trained on, from which a network overfits."""
SURE = 2.0
"""Standard errors from which a difference counts."""
LEAST_PENALTY = 0.3
"""Penalty that is proposed at least: a smaller one changes hardly anything on fresh rows."""
WORSE = 1.2
"""Times the error of a plain model on fresh rows."""
OTHER_KIND = Remedy(
    "Try another kind of network, such as other layers or another activation.",
    "Nothing that was tried with this one closes the gap.",
)


def _imbalance(case: Case) -> Iterator[Sign]:
    gate, sample = known(case.gate), known(case.classes)
    if not gate.minority_missed:
        return
    trial = case.rare_right_balanced
    if trial is None or trial < gate.rare_right + LIFT:
        return
    part = float(np.isin(sample.labels, gate.rare).mean())
    yield Sign(
        f"Rare classes ({', '.join(map(repr, gate.rare.tolist()))}: {share(part)} of the rows) are "
        f"ignored: {share(gate.rare_right)} of their rows are right; with classes of equal weight, "
        f"{share(trial)}.",
        (
            Evidence(
                "share of the rare classes' rows that is right",
                gate.rare_right,
                IGNORED * known(case.reference).rare,
                "below",
                "training rows",
            ),
            Evidence("the same share with classes of equal weight", trial, gate.rare_right + LIFT),
            Evidence("share of the rows that is of rare classes", part),
        ),
    )


def _overfitting(case: Case) -> Iterator[Sign]:
    """Suspected by one quarter of the rows, and judged by all four."""
    one = case.held
    if one is None or known(case.gate).missed or case.facts.restored:
        return
    worse = one.lost > LOST / 4 or one.error > one.reachable + GAP / 2
    suspected = one.gap > GAP / 2 and worse
    held = case.held_by_quarters if suspected else None
    if held is None or held.gap < GAP or held.gap_t < SURE:
        return
    if held.lost > LOST and held.lost_t > SURE:
        lost = (
            Evidence("loss on fresh rows above its least, in times what it had gained", held.lost,
                     LOST),
            Evidence("the same in standard errors", held.lost_t, SURE),
        )  # fmt: skip
        yield _overfit(case, held, "; it was better there earlier in the same fit", lost)
    elif held.behind_t > SURE and held.error > WORSE * held.reachable + GAP:
        bound = WORSE * held.reachable + GAP
        behind = (
            Evidence("error on fresh rows beside a plain model's", held.error, bound),
            Evidence("the same in standard errors", held.behind_t, SURE),
        )
        yield _overfit(case, held, f"; {number(held.reachable)} is reachable there", behind)


def _overfit(case: Case, held: Held, more: str, shown: tuple[Evidence, ...]) -> Sign:
    where = "every quarter of the rows held out once, trained again"
    return Sign(
        f"The network learns its rows by heart: on rows it has not seen its error is "
        f"{number(held.error)}, on its own {number(held.own)}{more}.",
        (
            Evidence("error on fresh rows above that on its own", held.gap, GAP, where=where),
            Evidence("the same in standard errors", held.gap_t, SURE),
            *shown,
        ),
        parameters={"alpha": max(100 * case.facts.penalty, LEAST_PENALTY)},
    )


def _underfitting(case: Case) -> Iterator[Sign]:
    if not case.missed:
        return
    held_back = listed(case.facts.restraints)
    if held_back and case.cures(penalized=False):
        without = f"without {held_back}"
        freed = dict.fromkeys(case.facts.restraints, 0.0)
        sign = _underfit(case, without, without, None, penalized=False)
        yield sign._replace(parameters=freed, first=1)
    elif case.narrow:
        widths = [layer.values["output"].shape[1] for layer in case.hidden]
        narrowest, more = case.hidden[int(np.argmin(widths))].name, f"with {WIDER} times the units"
        alone = case.cures(wider=WIDER)
        solver = {} if alone else {"solver": STRONG}
        said = more if alone else f"{more}, and by {STRONG},"
        sign = _underfit(case, said, more, narrowest, wider=WIDER, **solver)
        wide = {"hidden_layer_sizes": tuple(WIDER * w for w in widths), **solver}
        yield sign._replace(parameters=wide)


def _underfit(case: Case, said: str, what: str, layer: str | None, **change: Any) -> Sign:
    gate, closed = known(case.gate), case.closes(**change)
    return Sign(
        f"The network cannot hold what there is to learn: {said} the same fit closes "
        f"{share(min(closed, 1.0))} of the gap.",
        (
            Evidence("error on its own rows", gate.own, gate.reachable),
            Evidence(f"share of the gap closed {what}", closed, CLOSES,
                     where="trained again from the same start"),
        ),
        layer,
    )  # fmt: skip


def _otherwise(case: Case) -> Iterator[Sign]:
    """The fit was too short, or nothing that was tried closes the gap."""
    gate, facts = known(case.gate), case.facts
    if not gate.missed:
        return
    times = 1 if case.cures() else LONGER if facts.stop == "max_iter" else 0
    if times == 1 or (times and case.cures(longer=times)):
        yield _too_short(case, times)
        return
    yield Sign(
        f"The network errs {number(gate.own)} where {number(gate.reachable)} is reachable "
        f"({known(case.reference).name}), and nothing that was tried closes the gap: another kind "
        "of network may.",
        (Evidence("error on its own rows", gate.own, gate.reachable),),
        remedies=(OTHER_KIND,),
    )


def _too_short(case: Case, times: int) -> Sign:
    """A fit that would have gone on to learn."""
    facts, change = case.facts, {} if times == 1 else {"longer": times}
    said = "without stopping early" if times == 1 else f"with {times} times the epochs"
    sign = _underfit(case, said, said, None, **change)
    go_on: dict[str, Any] = {"tol": 0.0, "n_iter_no_change": facts.limit}
    if facts.stop == "stopping_rule":  # which does not wait for epochs without progress
        go_on["stopping_rule"] = "patience"
    return sign._replace(
        statement=f"The fit ended before it had arrived: {said} it closes "
        f"{share(min(case.closes(**change), 1.0))} of the gap.",
        parameters=go_on if times == 1 else {"max_iter": times * facts.limit},
        first=2,
    )


DISEASES = (
    Disease(
        "class_imbalance",
        "steps",
        "The rare classes are ignored, because the others weigh so much more.",
        ("classes", "gate"),
        _imbalance,
        (
            Lookalike(
                "classes that cannot be told apart",
                "with classes of equal weight the same network tells them apart",
            ),
            Lookalike("learning_rate_too_low", "the frequent classes are learned"),
        ),
        (
            Remedy(
                "Give classes equal weights.",
                "Each then has the same say in the gradient.",
                {"class_weight": "balanced"},
            ),
        ),
        "King and Zeng 2001; Bishop 2006, section 1.5.4",
        felt="rare classes",
    ),
    Disease(
        "overfitting",
        "capacity",
        "The network learns its rows by heart: fresh rows get worse while its own get better.",
        ("gate",),
        _overfitting,
        (
            Lookalike("unrelated_targets", "plain models do learn something from the inputs"),
            Lookalike("noise", "the difference is several standard errors of the rows held out"),
        ),
        (
            Remedy(
                "Stop when held-out rows get worse.",
                "The best epoch is then kept.",
                {"early_stopping": True},
            ),
            Remedy(
                "Raise the penalty on the weights.",
                "Small weights make smooth functions.",
                {"alpha": None},
            ),
            Remedy("Take more rows, or fewer units.", "Rows say what units may do."),
        ),
        "Bishop 2006, section 5.5",
        felt="fresh rows",
    ),
    Disease(
        "underfitting",
        "capacity",
        "The network cannot hold what there is to learn: too few units, too strong a penalty, or "
        "too few epochs.",
        ("gate",),
        _underfitting,
        (
            Lookalike(
                "learning_rate_too_low", "other rates, where there is one, do not close the gap"
            ),
            Lookalike("no_nonlinearity", "the network is no affine map"),
            Lookalike("conflicting_labels", "rows that are equal leave less than this error"),
        ),
        (
            Remedy(
                "Take more units.",
                "More of them hold more.",
                {"hidden_layer_sizes": None, "solver": None},
            ),
            Remedy(
                "Lower what holds the network back.",
                "A penalty holds weights near 0; dropout leaves fewer units.",
                {"alpha": None, "dropout": None, "weight_decay": None},
            ),
            Remedy(
                "Give it more epochs.",
                "It may be on its way.",
                dict.fromkeys(("max_iter", "tol", "n_iter_no_change", "stopping_rule")),
            ),
        ),
        "Bishop 2006, section 5.1",
        also={"otherwise": _otherwise},
        trial=Change(wider=WIDER),
    ),
)
