"""Planted diseases are named and located, and healthy networks are left alone.

The settings are those of ``benchmarks.diagnosis``, where all of them run with five seeds, every
disease in three data sets at least. Here each is planted in one, because every case compiles
programs of its own for seconds, and a quarter of the healthy ones are asked.
"""

from __future__ import annotations

import warnings
from itertools import cycle

import pytest

import unstuck
from benchmarks.diagnoses.development import DEVELOPMENT
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
    """The diagnosis, and the score on the training rows."""
    made = setting.make(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of arithmetic that is planted to fail
        if made.is_function:
            return unstuck.diagnose(made.estimator, made.X, made.y), None
        net = made.estimator.fit(made.X, made.y, **made.fit)
        return net.diagnosis_, net


@pytest.mark.parametrize("code", DISEASES)
def test_every_disease_is_planted_in_three_data_sets(code):
    assert len({setting.data for setting in PLANTED[code]}) >= 3


@pytest.mark.parametrize(("setting", "seed", "codes"), list(cases()))
def test_a_planted_disease_is_named_and_located(setting, seed, codes):
    diagnosis, _ = diagnosed(setting, seed)
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
