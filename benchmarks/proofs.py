"""How far an experiment can be trusted: what it says of causes that were planted, of what these are
mistaken for, and of networks in which nothing is wrong.

Run as ``python -m benchmarks.diagnosis --prove``.
"""

from __future__ import annotations

import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.diagnoses.setting import Setting

PLANTED, MISTAKEN, WELL = "planted causes", "what these are mistaken for", "in healthy networks"
OUTCOMES = ("proved", "not told apart", "not proved", "not provable")


@dataclass
class Proved:
    """What experiments said of a setting with one seed.

    Attributes:
        name, seed: of the setting.
        said: triples of what a hypothesis was (such as ``PLANTED``), its code, and the outcome.
        reasons: of those triples, in words.
        fits: experiments that proving took, beside those of the diagnosis.
        diagnosis_seconds, seconds: of the diagnosis, and of the proofs of what it found.
        error: what was raised.
    """

    name: str
    seed: int
    said: list[tuple[str, str, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    fits: int = 0
    diagnosis_seconds: float = 0.0
    seconds: float = 0.0
    error: str = ""


def prove(setting: Setting, seed: int) -> Proved:
    """Fit a setting, and try what was planted, its lookalikes, and in healthy ones what others are
    mistaken for."""
    found = Proved(setting.name, seed)
    warnings.simplefilter("ignore")
    try:
        with np.errstate(all="ignore"):
            _prove(setting, found)
    except Exception as error:
        found.error = f"{type(error).__name__}: {error}"[:400]
    return found


def _prove(setting: Setting, found: Proved) -> None:
    from unstuck import DISEASES
    from unstuck.estimators.judgment import subject_of
    from unstuck.health.case import Case
    from unstuck.health.judging import judged
    from unstuck.health.proving import proved

    made = setting.make(found.seed)
    if made.is_function:
        return
    net = made.estimator.fit(made.X, made.y, **made.fit)
    subject = subject_of(net, net._watched)
    said: list[str] = []
    began = time.perf_counter()
    plain = judged(subject, said.append)
    middle, before = time.perf_counter(), len(said)
    told = judged(subject, said.append, prove=True)
    found.diagnosis_seconds = middle - began
    found.seconds = time.perf_counter() - middle - found.diagnosis_seconds
    found.fits = _trainings(said[before:]) - _trainings(said[:before])
    assert [each.code for each in plain.findings] == [each.code for each in told.findings]
    for finding in told.findings:
        if finding.code in setting.codes:
            _tell(found, PLANTED, finding)
    case = Case(subject)
    kind = WELL if setting.healthy else MISTAKEN
    cures = [dict(each.remedies[0].parameters) for each in plain.findings if each.remedies]
    for code in _hypotheses(setting, told.findings, DISEASES):
        finding = supposed(DISEASES[code], subject.facts)
        # Where the same mends both, no training can tell them apart.
        if not finding.remedies or dict(finding.remedies[0].parameters) not in cures:
            _tell(found, kind, proved(case, finding, DISEASES))


def _trainings(said: Sequence[str]) -> int:
    return sum(each.startswith("training again") for each in said)


def _tell(found: Proved, kind: str, finding: Any) -> None:
    found.said.append((kind, finding.code, finding.proof.outcome))
    found.reasons.append(finding.proof.reason)


def _hypotheses(setting: Setting, findings: Sequence[Any], diseases: Any) -> list[str]:
    """Wrong ones: what the planted cause is mistaken for; of healthy networks what anything is."""
    of = diseases if setting.healthy else [f.code for f in findings if f.code in setting.codes]
    codes = [each.name for code in of for each in diseases[code].lookalikes]
    known = [code for code in dict.fromkeys(codes) if code in diseases]
    return [code for code in known if code not in setting.codes]


def supposed(disease: Any, facts: Any) -> Any:
    """A finding that nobody has made, with the remedies of its disease."""
    from unstuck.health.finding import Finding
    from unstuck.health.resolving import resolved

    trial, sizes = disease.trial, facts.settings.get("hidden_layer_sizes", ())
    values: dict[str, Any] = {}
    if trial.rate != 1.0:
        values |= {name: value * trial.rate for name, value in facts.rates.items()}
    if trial.wider != 1 and all(isinstance(size, int) for size in np.atleast_1d(sizes).tolist()):
        wide = tuple(trial.wider * size for size in np.atleast_1d(sizes).tolist())
        values["hidden_layer_sizes"] = wide
    here = (resolved(remedy, values, facts) for remedy in disease.remedies)
    remedies = tuple(each for each in here if each is not None)
    return Finding(disease.code, "supposed", remedies=remedies)


def report(found: Sequence[Proved]) -> Iterator[str]:
    """Outcomes by what a hypothesis was; then each planted cause that was not proved, and each
    wrong one that was."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for each in found:
        for kind, _, outcome in each.said:
            counts[kind][outcome] += 1
    yield f"{'':<30}" + "".join(f"{outcome:>16}" for outcome in OUTCOMES)
    for kind in (PLANTED, MISTAKEN, WELL):
        yield f"{kind:<30}" + "".join(f"{counts[kind][outcome]:>16}" for outcome in OUTCOMES)
    yield ""
    for each in found:
        if each.error:
            yield f"{each.name} {each.seed}: {each.error}"
        for (kind, code, outcome), reason in zip(each.said, each.reasons, strict=True):
            if outcome != "not provable" and (kind == PLANTED) != (outcome == "proved"):
                yield f"{each.name} {each.seed}: {code} ({kind}): {outcome}. {reason}"
    sick = [each for each in found if any(kind == PLANTED for kind, *_ in each.said)]
    if sick:
        fits, seconds = [each.fits for each in sick], [each.seconds for each in sick]
        yield (f"\nexperiments of a proof, beside the diagnosis': median {np.median(fits):.0f}, "
               f"most {max(fits)}; seconds: median {np.median(seconds):.1f}, most "
               f"{max(seconds):.1f}")  # fmt: skip
