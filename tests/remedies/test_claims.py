"""Claims: what is said, how it is judged; the verdict on intervals written by hand."""

from __future__ import annotations

import re

import pytest

from unstuck import CLAIMS, NetClassifier, NetRegressor
from unstuck.remedies.claim import (
    FAILED,
    HELD,
    MEASURES,
    UNTOLD,
    ClaimResult,
    Expected,
    Told,
)
from unstuck.remedies.gains import Gain
from unstuck.settings import check

KINDS = {"classification": NetClassifier, "regression": NetRegressor}


@pytest.mark.parametrize("name", list(CLAIMS))
def test_the_networks_of_a_claim_exist(name):
    claim = CLAIMS[name]
    for task in claim.tasks:
        for expected in claim.expected:
            assert expected.measure in MEASURES
            for own in filter(None, (expected.first, expected.second)):
                treatment = claim.treatment(own, task)
                check(KINDS[task]().set_params(**treatment.parameters), name)
    assert claim.description.endswith(".")
    assert re.search(r"\b(19|20)\d\d\b", claim.reference) or "lecture notes" in claim.reference


@pytest.mark.parametrize(
    ("mean", "error", "more", "verdict"),
    [
        (0.10, 0.01, True, HELD),  # surely more
        (0.10, 0.10, True, UNTOLD),  # perhaps more
        (-0.10, 0.01, True, FAILED),  # surely less
        (0.005, 0.004, True, FAILED),  # less than matters
        (0.10, 0.01, False, FAILED),
        (0.10, 0.10, False, UNTOLD),
        (-0.10, 0.01, False, HELD),
        (0.005, 0.004, False, HELD),
    ],
)
def test_a_comparison_is_judged_by_its_interval(mean, error, more, verdict):
    """With ten pairs the margin is 2.26 times the error."""
    told = Told(Expected("it is", {}, {}, more=more), Gain(0.5, 0.5 + mean, error, 10))
    assert told.margin == pytest.approx(2.262 * error, rel=1e-3)
    assert told.verdict == verdict


def test_that_there_is_some_holds_where_there_is_any():
    some = Expected("some", {}, None)
    assert Told(some, Gain(0.0, 0.01, 0.02, 10)).verdict == HELD
    assert Told(some, Gain(0.0, 0.0, 0.0, 10)).verdict == UNTOLD
    assert Told(some, None).verdict == UNTOLD


def test_a_claim_holds_where_all_of_it_does():
    claim = CLAIMS["elu_is_faster_and_better"]
    held, failed = (Told(claim.expected[0], Gain(0.0, x, 0.01, 10)) for x in (0.5, -0.5))
    untold = Told(claim.expected[0], None)
    for parts, verdict in (
        ((held, held), HELD),
        ((held, untold), UNTOLD),
        ((untold, failed), FAILED),
    ):
        found = ClaimResult(claim, parts, 4, 4)
        assert found.verdict == verdict
        assert found.to_dict()["verdict"] == verdict
    assert "This held." in str(ClaimResult(claim, (held,), 4, 4))
    assert "cannot be told" in str(ClaimResult(claim, (untold,), 4, 4))
    assert "Interrupted: 1 of 4 fits" in str(ClaimResult(claim, (untold,), 4, 1))
