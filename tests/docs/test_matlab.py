"""The page for people from MATLAB names what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import unstuck
from unstuck.settings import ClassifierSettings, RegressorSettings, parameters_of

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


@pytest.mark.parametrize("row", rows("`net.trainParam`"), ids=lambda row: row[0])
def test_defaults_are_those_of_the_settings(row):
    _, _, ours, default = row
    names = [name for name in re.findall(r"`(\w+)", ours) if name in PARAMETERS]
    fields = {field.name: field.default for field in parameters_of(RegressorSettings)}
    told = re.findall(r"\d[\de.-]*\d|\d", default.split(";")[0].split(":")[0])
    known = [fields[name] for name in names if isinstance(fields[name], int | float)]
    known = [each for each in known if not isinstance(each, bool)]
    if row[0] != "none" and "early_stopping" not in row[2]:
        assert [float(each) for each in told[: len(known)]] == known
