"""Arms of a comparison from outcomes written by hand: gains, intervals, who learned."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from unstuck import INITIALIZERS
from unstuck.remedies.arms import BETTER, SAME, WORSE, Arm, Learning
from unstuck.remedies.divisions import Division
from unstuck.remedies.fits import Job, Outcome
from unstuck.remedies.gains import paired
from unstuck.remedies.treatment import UNTREATED, Treatment

DIVISION = Division(np.arange(30), np.arange(30, 40))


def outcomes(scores, treatment=UNTREATED, **more):
    return [
        Outcome(Job(treatment, seed, DIVISION), score, score, **more)
        for seed, score in enumerate(scores)
        if score is not None
    ]


def test_the_gain_and_its_interval():
    """Student's t with the variance of Nadeau and Bengio: 1 / n + test rows / training rows."""
    before, after = [0.5, 0.6, 0.4, 0.5], [0.7, 0.9, 0.6, 0.8]
    treated = outcomes(after, Treatment("better", {"alpha": 1}))
    arm = Arm(treated[0].job.treatment, "", tuple(treated), paired(outcomes(before), treated))
    differences = np.subtract(after, before)
    error = math.sqrt((1 / 4 + 1 / 3) * differences.var(ddof=1))
    assert arm.gain.mean == pytest.approx(differences.mean())
    assert arm.margin == pytest.approx(stats.t.ppf(0.975, 3) * error)
    assert arm.result == BETTER
    assert arm.spread == pytest.approx(np.std(after, ddof=1))
    table = arm.to_dict()
    assert table["result"] == "better"
    assert table["loss"] is None


def test_seeds_that_only_one_has_say_nothing():
    before, after = outcomes([0.5, None, 0.4]), outcomes([0.6, 0.9, 0.6])
    assert paired(before, after).pairs == 2
    assert paired(before, after[:1]) is None
    broken = outcomes([math.nan] * 3, error="ValueError: no")
    assert paired(before, broken) is None


@pytest.mark.parametrize(
    ("after", "result"), [([0.2, 0.3, 0.2], WORSE), ([0.5, 0.4, 0.6], SAME), ([0.9] * 3, BETTER)]
)
def test_results(after, result):
    treated = outcomes(after)
    arm = Arm(UNTREATED, "", tuple(treated), paired(outcomes([0.5, 0.5, 0.5]), treated))
    assert arm.result == result


def test_parameters_are_told_as_plain_data():
    given = {"initializer": INITIALIZERS["normal(2)"], "class_targets": (0.1, 0.9), "loss": max}
    told = Arm(Treatment("own", given), "", ()).to_dict()["parameters"]
    assert told["initializer"] == "normal(2.0)"
    assert told["class_targets"] == [0.1, 0.9]
    assert told["loss"].startswith("<built-in")


def test_who_learned():
    """From a constant's 0.2 to the best fit's 1: 0.8 is three quarters of the way."""
    arms = [outcomes([0.2, 0.3]), outcomes([0.81, 0.79]), outcomes([1.0, 1.0]), []]
    shares = Learning(0.2).shares(arms)
    assert shares[:3] == [0.0, 0.5, 1.0]
    assert math.isnan(shares[3])
    assert Learning(0.2).shares([outcomes([0.2, 0.22])]) == [0.0]  # nobody has
