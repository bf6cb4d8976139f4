"""Planted diseases are named, located and cured, and healthy networks are left alone.

The settings are those of ``benchmarks.diagnosis``, where all of them run with five seeds, every
disease in three data sets at least. Here each is planted in one, because every case compiles
programs of its own for seconds, and a quarter of the healthy ones are asked.
"""

from __future__ import annotations

import warnings
from itertools import cycle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import balanced_accuracy_score, log_loss

import unstuck
from benchmarks.diagnoses.development import DEVELOPMENT
from unstuck.estimators.judgment import subject_of
from unstuck.health.case import CLOSES, Case
from unstuck.health.table import DISEASES
from unstuck.health.wording import is_sick

SEEDS, SETS = 5, 1

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::unstuck.errors.UnstuckWarning"
)

SHOWN_BY = {"non_finite": "root_units", "oscillation": "restless_batches",
            "plateau": "parity_by_gd"}  # fmt: skip
"""The setting that shows a disease by its own name, where that is not the first."""
PLANTED = {
    code: sorted(
        (each for each in DEVELOPMENT.values() if each.codes[:1] == (code,)),
        key=lambda each: each.name != SHOWN_BY.get(code),
    )
    for code in DISEASES
}
HEALTHY = [each for each in DEVELOPMENT.values() if each.healthy]


ILLUSTRATED = {"non_finite", "loss_output_mismatch", "disconnected_parameters"}
"""Found by what is there or not, and not by a size."""


def cases():
    """Every disease in some data sets, with seeds that go round; the first shows it by its own
    name, where others may be as right."""
    seeds = cycle(range(SEEDS))
    for code, settings in PLANTED.items():
        several = {setting.data: setting for setting in reversed(settings)}
        for number, setting in enumerate(list(reversed(several.values()))[:SETS]):
            seed = next(seeds) if number else 0
            codes = setting.codes if number else (code,)
            yield pytest.param(setting, seed, codes, id=f"{code}-{setting.name}-{seed}")


def diagnosed(setting, seed):
    """The diagnosis, and the network."""
    made = setting.make(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of arithmetic that is planted to fail
        if made.is_function:
            return unstuck.diagnose(made.estimator, made.X, made.y), None
        net = made.estimator.fit(made.X, made.y, **made.fit)
        return net.diagnosis_, net


NO_CURE = {"conflicting_labels", "constant_inputs", "constant_targets", "disconnected_parameters",
           "non_finite", "unrelated_targets", "wrong_gradient"}  # fmt: skip
"""What no parameter mends: it is in the rows, or in a function of the user's."""


def error_of(net, made, code):
    """What a cure lowers: of overfitting the loss on rows it has not seen, of ignored classes the
    mean error of the classes, else the error on its own rows."""
    if code == "overfitting":
        return log_loss(made.y_test, net.predict_proba(made.X_test))
    if code == "class_imbalance":
        return 1.0 - balanced_accuracy_score(made.y, net.predict(made.X))
    try:
        return 1.0 - net.score(made.X, made.y)
    except ValueError:  # outputs that are no numbers
        return np.inf


def check_cure(setting, seed, net, finding):
    """The first remedy closes most of the gap; or there is none in the training, and none is
    proposed."""
    made, code, parameters = setting.make(seed), setting.codes[0], finding.remedies[0].parameters
    assert bool(parameters) == (code not in NO_CURE)
    if not parameters:
        return
    cured = clone(made.estimator).set_params(**parameters).fit(made.X, made.y, **made.fit)
    before, after = error_of(net, made, code), error_of(cured, made, code)
    if code in ("overfitting", "class_imbalance"):
        assert after < CLOSES * before
    else:
        gate = Case(subject_of(net, net._watched)).gate
        before = min(before, gate.constant)
        assert before - after > CLOSES * (before - gate.reachable)


@pytest.mark.parametrize("code", DISEASES)
def test_every_disease_is_planted_in_three_data_sets(code):
    assert len({setting.data for setting in PLANTED[code]}) >= 3


@pytest.mark.parametrize(("setting", "seed", "codes"), list(cases()))
def test_a_planted_disease_is_named_located_and_cured(setting, seed, codes):
    diagnosis, net = diagnosed(setting, seed)
    right = [each for each in diagnosis.findings if each.code in codes]
    assert right, diagnosis
    assert not diagnosis.missing
    if setting.layers:
        assert {each.layer for each in right} & set(setting.layers)
    for each in right:
        assert each.statement.endswith((".", "!"))
        assert each.remedies
        assert each.lookalikes
        compared = [one for one in each.evidence if one.threshold is not None]
        assert any(is_sick(one) for one in compared) or not compared, compared
        assert compared or not each.evidence or each.code in ILLUSTRATED
    check_cure(setting, seed, net, right[0])


@pytest.mark.parametrize(
    ("setting", "seed"),
    [pytest.param(each, k % SEEDS, id=each.name) for k, each in enumerate(HEALTHY[::4])],
)
def test_a_network_that_learned_what_is_known_to_be_reachable_is_healthy(setting, seed):
    diagnosis, net = diagnosed(setting, seed)
    made = setting.make(seed)
    if net is not None:
        assert net.score(made.X, made.y) >= setting.reachable
    assert diagnosis.findings == ()
    assert not diagnosis.missing
