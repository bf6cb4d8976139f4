"""A finding as a hypothesis: its cure is tried, and those of what it could be mistaken for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from unstuck.health.case import MOSTLY, Case
from unstuck.health.disease import Disease
from unstuck.health.experiments import experiment
from unstuck.health.finding import Evidence, Finding, Proof, Remedy
from unstuck.health.resolving import resolved
from unstuck.health.subject import Change, Facts
from unstuck.health.words import share
from unstuck.health.yardsticks import FELT, Yardstick

PROVED, ALIKE, FAILED, NONE = "proved", "not told apart", "not proved", "not provable"
"""Outcomes."""
MOST_CURES = 3
"""Remedies of a finding that are tried until one cures."""
NO_TRAINING = {
    "data": "The fault is in the rows, which are the same in every training.",
    "targets": "The fault is in the rows, which are the same in every training.",
    "structure": "The evidence is of the computation itself; no training makes it surer.",
}
"""Why nothing is trained again, by the stage of a disease."""


@dataclass(frozen=True)
class Tried:
    """An experiment.

    Attributes:
        change: what was changed.
        brought: the share of what is missed, up to about 1; ``None`` where it failed.
        remedy: which that tries; ``None`` of what a lookalike would need.
    """

    change: Change
    brought: float | None
    remedy: Remedy | None = None


def proved(case: Case, finding: Finding, diseases: Mapping[str, Disease]) -> Finding:
    """The finding with the outcome of its experiment, and the numbers in its evidence.

    Its own remedies are tried until one cures, which then comes first; then what each lookalike
    would need, alone. It is proved where its remedy cures and none of these does nearly as well.

    Arguments:
        case: in which it was found.
        finding: as it was found.
        diseases: by code.
    """
    case.say(f"proving {finding.code}")
    disease, facts = diseases[finding.code], case.facts
    cures = _cures(finding, facts)
    if not cures:
        return replace(finding, proof=Proof(NONE, _nothing_to_try(disease)))
    yardstick = None if case.gate is None else FELT[disease.felt](case)
    if yardstick is None:
        reason = "Nothing was trained that could be trained again and judged on known rows."
        return replace(finding, proof=Proof(NONE, reason))
    tried = _until_cured(cures, yardstick)
    best = max(tried, key=lambda each: -1.0 if each.brought is None else each.brought)
    others: dict[str, Tried] = {}
    cured = best.brought is not None and best.brought > yardstick.bar
    if cured:
        theirs = _theirs(disease, best.change, facts, diseases)
        others = {code: Tried(each, yardstick.of(each)) for code, each in theirs.items()}
    first = best.remedy if cured else finding.remedies[0]
    # What was measured to find it is there already.
    known = {each.value for each in finding.evidence if each.where in ("", yardstick.where)}
    rows = [each for each in _evidence(tried, others, yardstick) if each.value not in known]
    return replace(
        finding,
        evidence=(*finding.evidence, *rows),
        remedies=tuple(sorted(finding.remedies, key=lambda each: each is not first)),
        proof=_outcome(best, others, yardstick),
    )


def _cures(finding: Finding, facts: Facts) -> list[tuple[Remedy, Change]]:
    """Experiments with the finding's remedies; none where the first one changes no parameter."""
    if not finding.remedies or not finding.remedies[0].parameters:
        return []
    found = ((each, experiment(each.parameters, facts)) for each in finding.remedies)
    return [(each, change) for each, change in found if change is not None][:MOST_CURES]


def _nothing_to_try(disease: Disease) -> str:
    usual = "What would mend it is no parameter with which the network could be trained again."
    return NO_TRAINING.get(disease.stage, usual)


def _until_cured(cures: list[tuple[Remedy, Change]], yardstick: Yardstick) -> list[Tried]:
    tried = []
    for remedy, change in cures:
        tried.append(Tried(change, yardstick.of(change), remedy))
        brought = tried[-1].brought
        if brought is not None and brought > yardstick.bar:
            break
    return tried


def _theirs(
    disease: Disease, cure: Change, facts: Facts, diseases: Mapping[str, Disease]
) -> dict[str, Change]:
    """What each lookalike would need, without what the cure changes already, by code.

    None of those that need the same, or nothing that is not so already: no experiment tells them
    apart; nor of those that are seen in the rows or in the computation, where they were looked for.
    A cure that only goes on to the last epoch leaves none: every experiment does.
    """
    found: dict[str, Change] = {}
    for each in disease.lookalikes:
        other = diseases.get(each.name)
        if other is not None and other.stage not in NO_TRAINING and cure != Change():
            change = _apart(_needed(other, facts), cure)
            if change is not None and change not in found.values():
                found[each.name] = change
    return found


def _needed(disease: Disease, facts: Facts) -> Change:
    """What the first of its remedies that has parameters changes here; nothing where that is so
    already. Later ones are no test of it: leaky ReLU mends dead units, and many other things."""
    if disease.trial != Change():
        return Change() if disease.trial.rate != 1 and not facts.rates else disease.trial
    remedy = next((each for each in disease.remedies if each.parameters), Remedy("", ""))
    here = resolved(remedy, {}, facts)
    change = None if here is None else experiment(here.parameters, facts)
    return Change() if change is None else change


def _apart(theirs: Change, cure: Change) -> Change | None:
    """What lookalikes need beside a cure: the rest; all of it where it is a part of the cure;
    nothing where it is the cure, or nothing at all."""
    own, needed = _parts(cure), _parts(theirs)
    rest = {name: value for name, value in needed.items() if own.get(name) != value}
    if not needed or needed == own:
        return None
    return _joined(rest) if rest else theirs


def _parts(change: Change) -> dict[str, Any]:
    """What is changed, by name: fields, and settings one by one."""
    usual = vars(Change())
    fields = {name: value for name, value in vars(change).items() if value != usual[name]}
    settings = fields.pop("settings", ())
    return {**fields, **{f"settings.{name}": value for name, value in settings}}


def _joined(parts: Mapping[str, Any]) -> Change:
    """The change of which these are the parts."""
    fields = {name: value for name, value in parts.items() if "." not in name}
    settings = sorted((n.partition(".")[2], value) for n, value in parts.items() if "." in n)
    return Change(**fields, settings=tuple(settings))


def _evidence(
    tried: list[Tried], others: Mapping[str, Tried], yardstick: Yardstick
) -> list[Evidence]:
    rows = [
        Evidence(f"{yardstick.what} {each.change}", each.brought, yardstick.bar,
                 where=yardstick.where)
        for each in tried if each.brought is not None
    ]  # fmt: skip
    best = max((each.value for each in rows), default=0.0)
    return rows + [
        Evidence(
            f"{yardstick.what} {each.change}, if it were {code}",
            each.brought,
            _as_well(best, yardstick),
            "below",
            yardstick.where,
        )
        for code, each in others.items() if each.brought is not None
    ]  # fmt: skip


def _as_well(best: float, yardstick: Yardstick) -> float:
    """What a lookalike's cure has to bring to be as good as the finding's."""
    return max(yardstick.bar, MOSTLY * best)


def _outcome(best: Tried, others: Mapping[str, Tried], yardstick: Yardstick) -> Proof:
    if best.brought is None:
        return Proof(NONE, f"Training again {best.change} failed.")
    own = f"Trained again {best.change}, {_told(best.brought)} {yardstick.gained}"
    if best.brought <= yardstick.bar:
        bar = f"more than {share(yardstick.bar)} would have been expected."
        return Proof(FAILED, f"{own}; {bar}")
    done = {code: each for code, each in others.items() if each.brought is not None}
    bound = _as_well(best.brought, yardstick)
    alike = tuple(code for code, each in done.items() if (each.brought or 0.0) > bound)
    if alike:
        changed = " or ".join(str(done[code].change) for code in alike)
        return Proof(ALIKE, f"{own}; {changed} it is as much.", alike)
    if not done:
        return Proof(PROVED, f"{own}; nothing that looks like it has another cure by training.")
    changed = ", ".join(
        f"{each.change} ({code}) {_told(each.brought or 0.0)}" for code, each in done.items()
    )
    return Proof(PROVED, f"{own}; {changed}.")


def _told(brought: float) -> str:
    """A share, in words."""
    return "nothing" if brought < 0.005 else share(min(brought, 1.0))
