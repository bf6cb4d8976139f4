"""Prechelt's rules against a slow twin that has whole curves before it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck import STOPPING_RULES
from unstuck.errors import ParameterError
from unstuck.solvers.stopping_rules import Strips

ERRORS = st.lists(st.integers(1, 40).map(lambda v: v / 16), min_size=1, max_size=40)


def twin(name, constant, length, losses, errors):
    """The first epoch, from 1, at which a rule ends a fit; ``None`` where none does."""
    rose = []
    for t in range(1, len(errors) + 1):
        generalization = 100 * (errors[t - 1] / np.min(errors[:t]) - 1)
        if name == "gl" and generalization > constant:
            return t
        if t % length:
            continue
        strip = np.array(losses[t - length : t])
        progress = 1000 * (strip.sum() / (length * strip.min()) - 1)
        rose.append(t > length and errors[t - 1] > errors[t - 1 - length])
        if name == "pq" and generalization > constant * progress and generalization > 0:
            return t
        if name == "up" and len(rose) >= constant and all(rose[-int(constant) :]):
            return t
    return None


def ends(name, constant, length, losses, errors):
    rule, strips = STOPPING_RULES[f"{name}({constant})"], Strips()
    for t, (loss, error) in enumerate(zip(losses, errors, strict=True), 1):
        strips = strips.after(loss, error, length)
        if rule.over(strips, length):
            return t
    return None


@given(st.data(), ERRORS, st.integers(1, 6))
@pytest.mark.parametrize("constants", [("gl", 5.0, 30.0), ("pq", 0.05, 0.75), ("up", 1.0, 2.0)])
def test_they_end_where_the_twin_does(constants, data, errors, length):
    losses = data.draw(st.lists(st.integers(1, 30), min_size=len(errors), max_size=len(errors)))
    name, *values = constants
    for constant in values:
        found = ends(name, constant, length, losses, errors)
        assert found == twin(name, constant, length, losses, errors)


def test_by_hand():
    """Two strips of two epochs: errors 4, 2 and 3, 2.5; losses 8, 4 and 4, 4."""
    strips = Strips()
    for loss, error in [(8.0, 4.0), (4.0, 2.0), (4.0, 3.0), (4.0, 2.5)]:
        strips = strips.after(loss, error, 2)
    assert strips.generalization_loss == pytest.approx(25.0)
    assert strips.progress == 0.0
    assert strips.quotient == math.inf
    assert strips.rises == 1


def test_numbers_that_have_no_ratio():
    assert Strips(1, 1.0, 1.0, 0.0, lowest=0.0).generalization_loss == 0.0
    assert Strips(1, 1.0, 1.0, 0.1, lowest=0.0).generalization_loss == math.inf
    assert math.isnan(Strips(1, 1.0, 1.0, 1.0, lowest=1.0).quotient)
    assert Strips(2, 1.0, 0.0, 2.0, lowest=1.0).quotient == 0.0
    assert math.isnan(Strips().after(1.0, math.nan, 5).generalization_loss)
    with pytest.raises(ParameterError, match=r"smallest loss, which was -1;.*stopping_rule='up'"):
        assert Strips(error=-0.5, lowest=-1.0).generalization_loss


def test_names_with_their_constants():
    assert STOPPING_RULES["gl"].constant == 5.0
    assert STOPPING_RULES["up(4)"].constant == 4.0
    for wrong in ("up(0)", "gl(-1)", "patience(3)", "gk"):
        with pytest.raises(ParameterError, match="stopping_rule="):
            STOPPING_RULES.resolve(wrong)
