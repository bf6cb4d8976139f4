"""The sentences of a diagnosis, whatever they are shown on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from unstuck.health.spelling import DIGITS, number, percent

if TYPE_CHECKING:
    from unstuck.health.finding import Evidence, Finding, Remedy
    from unstuck.health.told import Told

SHARE = re.compile(r"\bshare\b", re.IGNORECASE)
"""Evidence of which this is said is told in per cent."""
HEALTHY = "Nothing is wrong, as far as was looked."
UNSEEN = "Nothing can be said: there was nothing to look at."


def verdict(diagnosis: Told) -> str:
    """What is wrong and in which layer, or that nothing is, in a sentence."""
    if diagnosis.findings:
        return stated(diagnosis.findings[0])
    return HEALTHY if diagnosis.looked or not diagnosis.missing else UNSEEN


def stated(finding: Finding) -> str:
    """What was found, with its layer."""
    layer = finding.layer
    if layer is None or re.search(rf"(?<!\w){re.escape(layer)}(?!\w)", finding.statement):
        return sentence(finding.statement)
    return sentence(f"{layer}: {finding.statement}")


def sentence(text: str) -> str:
    """Words with a capital letter and a full stop; a name of code stays small.

    Example:
        >>> sentence("use relu units"), sentence("max_iter is small."), sentence("")
        ('Use relu units.', 'max_iter is small.', '')
    """
    text = text.strip()
    if text.split(" ", 1)[0].replace("-", "").isalpha():
        text = text[0].upper() + text[1:]
    return _ended(text)


def advice(remedy: Remedy) -> tuple[str, str]:
    """What to do, and the reason, to be read one after the other."""
    why = remedy.why.strip()
    if why.startswith("because "):
        return sentence(remedy.do)[:-1] + ",", _ended(why)
    return sentence(remedy.do), sentence(why)


def _ended(text: str) -> str:
    return text if not text or text[-1] in ".!?" else text + "."


def measured(evidence: Evidence) -> tuple[str, str]:
    """A value, and above or below what it is evidence: with as many digits as tell the two apart.

    Example:
        >>> from unstuck.health.finding import Evidence
        >>> measured(Evidence("share of flat pairs", 0.97, 0.9))
        ('97 %', 'above 90 %')
        >>> measured(Evidence("slope", 0.24999, 0.25, "below"))
        ('0.24999', 'below 0.25')
    """
    value, threshold = evidence.value, evidence.threshold
    spelled = percent if SHARE.search(evidence.what) else number
    if threshold is None:
        return spelled(value), ""
    for digits in range(DIGITS, 3 * DIGITS):
        if spelled(value, digits) != spelled(threshold, digits) or value == threshold:
            break
    return spelled(value, digits), f"{evidence.sick} {spelled(threshold, digits)}"


def is_sick(evidence: Evidence) -> bool:
    """Whether a number is on the sick side of what it was compared with."""
    if evidence.threshold is None:
        return False
    if evidence.sick == "below":
        return not evidence.value >= evidence.threshold
    return not evidence.value <= evidence.threshold  # what is not a number is sick


def place_of_all(evidence: Sequence[Evidence]) -> str:
    """Where all the numbers were measured; nothing where that differs or is not known."""
    return evidence[0].where if len({each.where for each in evidence}) == 1 else ""


def trusted(finding: Finding) -> str:
    """How far such a finding is to be trusted."""
    if finding.confidence is None:
        return "How often such findings are right was never counted."
    return f"Of such findings {percent(finding.confidence, 2)} are right, by the benchmark."


def proven(finding: Finding) -> str:
    """How the experiment went; nothing where none was asked for."""
    if finding.proof is None:
        return ""
    outcome, reason, alike = finding.proof
    told = f"{outcome} from {' or '.join(alike)}" if alike else outcome
    return f"{sentence(told)} {sentence(reason)}"


def listed(parts: tuple[str, ...]) -> str:
    """Several things in one sentence."""
    between = "; " if any("," in each for each in parts) else ", "
    return between.join(each.rstrip(".") for each in parts) + "."
