"""The page for people from MATLAB names what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import unstuck
from unstuck.settings import ClassifierSettings, RegressorSettings, parameters_of
from unstuck.solvers.stop import StopReason
from unstuck.training.full_batch import AllRows

PAGE = (Path(__file__).parents[2] / "docs/matlab.md").read_text("utf-8")
PARAMETERS = {
    field.name for kind in (ClassifierSettings, RegressorSettings) for field in parameters_of(kind)
}


def rows(heading):
    """The cells of the table under a heading."""
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_names_in_bold_are_names_of_the_solver_beside_them():
    for name, solver, _ in rows("`trainFcn`"):
        if bold := re.match(r"\*\*`(\w+)`\*\*", name):
            assert unstuck.SOLVERS[bold[1]].name == re.match(r'`"(\w+)"`', solver)[1]


def test_every_solver_named_after_matlab_is_on_the_page():
    named = {alias for each in unstuck.SOLVERS.values() for alias in each.aliases}
    assert {name for name in named if name.startswith("train")} == set(
        re.findall(r"\*\*`(train\w+)`\*\*", PAGE)
    )


def test_what_is_set_to_a_value_is_a_parameter():
    set_to = set(re.findall(r"\b(\w+)=(?!=)", PAGE))
    calls = {"train_size", "fit", "return_std", "X_val", "y_val"}  # of functions and methods
    assert set_to - PARAMETERS - calls == set()


TRAIN_PARAMETERS = {row[0]: row for row in rows("`net.trainParam`")}
WITHOUT_DEFAULT = {"`mu_max`", "`show`, `showCommandLine`, `showWindow`"}
"""Rows that tell of no default of ours: a limit that is fixed, and a switch that is to be set."""


def told(cell):
    """The values that a cell begins with: numbers, or ``None`` in the type of code."""
    values = re.match(r"(?:(?:`None`|\d[\d.]*(?:e-?\d+)?)(?:, )?)*", cell)[0]
    return [None if each == "`None`" else float(each) for each in values.split(", ") if each]


@pytest.mark.parametrize("name", sorted(TRAIN_PARAMETERS.keys() - WITHOUT_DEFAULT))
def test_defaults_are_those_of_the_settings(name):
    _, _, ours, default = TRAIN_PARAMETERS[name]
    fields = {field.name: field.default for field in parameters_of(RegressorSettings)}
    fields["tol"] = {"auto": AllRows.tol}[fields["tol"]]  # of full-batch solvers, as the page says
    names = [each for each in re.findall(r"`(\w+)`", ours) if each in PARAMETERS]
    assert names
    assert told(default) == [fields[each] for each in names]


def test_rows_without_a_default_are_right_too():
    fixed, switch = (TRAIN_PARAMETERS[name] for name in sorted(WITHOUT_DEFAULT))
    assert fixed[2] == "fixed"
    assert StopReason[re.search(r"`(\w+)`", fixed[3])[1].upper()] is StopReason.NO_DESCENT
    assert switch[2] == "`verbose=True`"
    assert RegressorSettings.verbose is False
