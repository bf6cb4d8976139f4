"""Rows to train on, to validate and to test; and the plots of a run."""

from __future__ import annotations

import json
import logging
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from unstuck.cli import plots
from unstuck.cli.division import TESTED, Division, choose, hold_out, seed_of, split
from unstuck.cli.main import app
from unstuck.errors import DataError, FileError, ParameterError
from unstuck.solvers.solver import FullBatch
from unstuck.solvers.table import SOLVERS

VALIDATED = Division(0.6, 0.15, 0.25)
QUICK = (
    "--preset",
    "plain",
    "--hidden",
    "3",
    "--activation",
    "tanh",
    "--max-iter",
    "3",
    "--no-verbose",
)
COURSE = {"training_curve", "training_state"}
REGRESSION = COURSE | {"error_histogram", "regression"}
CLASSES = {"confusion", "roc", "reliability"}


@pytest.fixture(autouse=True)
def quiet():
    """What the command sets for its own process is set back."""
    level = logging.getLogger("matplotlib").level
    yield
    logging.getLogger("matplotlib").setLevel(level)
    plt.close("all")


@pytest.fixture
def train(tmp_path):
    """The command, and what it left: result, settings and names of the plots."""

    def run(*arguments):
        out = tmp_path / "out"
        done = CliRunner().invoke(app, ["train", *arguments, *QUICK, "--out", str(out)])
        if done.exit_code:
            return done, None, None
        drawn = {path.stem for path in out.glob("plots/*.png")}
        return done, json.loads((out / "settings.json").read_text()), drawn

    return run


# Shares


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("70,15", "expected three numbers"),
        ("70,15,15,0", "expected three numbers"),
        ("70,fifteen,15", "expected three numbers"),
        ("", "expected three numbers"),
        ("70,inf,15", "expected three numbers"),
        ("nan,15,15", "expected three numbers"),
        ("85,-10,25", "no share may be negative"),
        ("0,50,50", "rows to train on"),
        ("70,20,20", "the sum is 110, and must be 100"),
        ("0.7,0.15,0.15", "the sum is 1, and must be 100"),
    ],
)
def test_wrong_shares_are_told(text, problem):
    with pytest.raises(ParameterError, match=f"--divide was .*{problem}.*such as 70,15,15"):
        Division.parse(text)


@pytest.mark.parametrize("text", ["70,15,15", "100,0,0", " 60, 20, 20", "33.3,33.3,33.4"])
def test_shares_are_percentages(text):
    numbers = [float(each) / 100 for each in text.split(",")]
    assert list(Division.parse(text)) == pytest.approx(numbers)


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_batch_solvers_stop_by_validation_data_unless_they_need_none(solver):
    needs = isinstance(SOLVERS[solver], FullBatch) and solver != "br"
    assert choose(None, {"solver": solver}) == (TESTED, needs)


@pytest.mark.parametrize(
    ("text", "parameters", "division", "early"),
    [
        (None, {}, TESTED, False),
        (None, {"early_stopping": True}, TESTED, True),
        (None, {"solver": "trainlm", "early_stopping": False}, TESTED, False),
        (None, {"solver": "auto"}, TESTED, True),
        (None, {"solver": "br", "early_stopping": True}, TESTED, True),
        (None, {"early_stopping": True, "validation_fraction": 0.2}, TESTED, True),
        ("60,20,20", {}, (0.6, 0.2, 0.2), False),
        ("60,20,20", {"solver": "lm"}, (0.6, 0.2, 0.2), True),
        ("80,0,20", {"solver": "lm"}, (0.8, 0.0, 0.2), False),
        ("80,0,20", {"early_stopping": True}, (0.8, 0.0, 0.2), True),
    ],
)
def test_what_is_typed_decides(text, parameters, division, early):
    found, stops = choose(text, parameters)
    assert found == pytest.approx(division)
    assert stops is early


# Rows


@given(
    st.integers(30, 200),
    st.sampled_from([(0.7, 0.15, 0.15), (0.75, 0, 0.25), (1, 0, 0), (0.5, 0.5, 0)]),
    st.integers(0, 9),
)
def test_every_row_is_in_one_part_and_parts_have_their_sizes(count, shares, seed):
    parts = split(np.arange(count) / 2, "regression", Division(*shares), seed)
    assert sorted(np.concatenate(list(parts.values()))) == list(range(count))
    assert list(parts) == [p for p, s in zip(Division._fields, shares, strict=True) if s]
    for part, share in zip(Division._fields, shares, strict=True):
        if share and part != "train":
            assert 0 <= len(parts[part]) - share * count < 1
        if part in parts:
            assert (np.diff(parts[part]) > 0).all()


@given(st.lists(st.integers(7, 60), min_size=2, max_size=4), st.integers(0, 9))
def test_classes_have_the_same_shares_in_every_part(sizes, seed):
    y = np.repeat(np.arange(len(sizes)), sizes)
    parts = split(y, "classification", VALIDATED, seed)
    for part, share in zip(Division._fields, VALIDATED, strict=True):
        counts = Counter(y[parts[part]].tolist())
        for name, size in enumerate(sizes):
            assert abs(counts[name] - share * size) < 3


def test_the_same_seed_gives_the_same_rows_with_and_without_validation():
    y = np.arange(100.0)
    first, again = (split(y, "regression", VALIDATED, 3) for _ in range(2))
    assert all((first[part] == again[part]).all() for part in first)
    assert (split(y, "regression", TESTED, 3)["test"] == first["test"]).all()
    assert (split(y, "regression", VALIDATED, 4)["test"] != first["test"]).any()


@given(st.integers(60, 200), st.sampled_from([0, 5, 12.5, 50]), st.integers(0, 9))
def test_the_rows_of_the_test_are_the_same_whatever_is_validated(count, percent, seed):
    division = Division.parse(f"{75 - percent},{percent},25")
    for y, task in ((np.arange(count) / 2, "regression"), (np.arange(count) % 3, "classification")):
        expected = split(y, task, TESTED, seed)["test"]
        assert (split(y, task, division, seed)["test"] == expected).all()


def test_without_a_random_state_a_seed_is_drawn():
    assert seed_of(7) == 7
    assert seed_of(None) != seed_of(None)


def test_a_class_with_one_row_is_trained_on(capsys):
    y = np.array(["rare", *["often", "half"] * 20])
    parts = split(y, "classification", VALIDATED, 0)
    assert 0 in parts["train"]
    told = "the class 'rare' has only one row, which is among those to train on."
    assert capsys.readouterr().err.count(told) == 1


def test_rows_of_the_other_classes_are_held_out_where_one_has_a_single_row():
    y = np.array(["rare", *["often", "half"] * 20])
    at = hold_out({"train": np.arange(41), "test": np.array([41])}, y, "classification", 0.15, 0)
    assert [*at] == ["train", "validation", "test"]
    assert 0 in at["train"]
    assert sorted(set(y[at["validation"]])) == ["half", "often"]
    assert len(at["validation"]) == 7
    assert sorted([*at["train"], *at["validation"]]) == [*range(41)]


@pytest.mark.parametrize(
    ("y", "remedy"),
    [(np.arange(40), "--task regression"), (np.array([f"t{i}" for i in range(40)]), "--target")],
)
def test_values_that_are_a_class_each_are_told(y, remedy):
    with pytest.raises(DataError, match=rf"40 of 40 values .* class of their own.* {remedy}"):
        split(y, "classification", TESTED, 0)
    with pytest.raises(DataError, match=r"1 row cannot .*: none would be left"):
        split(y[:1], "classification", TESTED, 0)


@pytest.mark.parametrize(
    "found",
    [
        "x",
        {"train": 1},
        {"train": "x", "validation": 0, "test": 0.25, "seed": 0},
        {"train": 0.75, "validation": 0, "test": 0.25},
        {"train": 5.0, "validation": 0, "test": 0.25, "seed": 0},
    ],
)
def test_a_division_that_is_damaged_is_told(found):
    with pytest.raises(FileError, match=r"settings\.json is damaged: 'division' was"):
        Division.written(found, Path("settings.json"))


@pytest.mark.parametrize(
    ("y", "task", "shares", "part"),
    [
        (np.arange(3.0), "regression", (0.1, 0.45, 0.45), "validation"),
        (np.repeat([0, 1, 2], 10), "classification", (0.9, 0.0, 0.1 / 3), "the test"),
        (np.repeat([0, 1, 2], 10), "classification", (0.05, 0.9, 0.05), "the test"),
    ],
)
def test_too_few_rows_for_a_part_are_told(y, task, shares, part):
    with pytest.raises(DataError, match=rf"--divide .*for {part}: .*\. Change the shares"):
        split(y, task, Division(*shares), 0)


# The command


def test_a_batch_solver_validates_on_rows_to_train_on(train):
    done, settings, _ = train("sine", "--rows", "60", "--solver", "lm")
    assert settings["data"]["rows"] == {"train": 45, "test": 15}
    assert settings["parameters"]["early_stopping"] is True
    assert "to validate" not in done.stdout


def test_rows_to_validate_are_told_and_the_plots_show_them(train):
    done, settings, drawn = train("sine", "--rows", "60", "--solver", "lm", "--divide", "60,15,25")
    assert "36 rows to train on, 9 to validate, 15 held out for the test" in done.stdout
    assert settings["data"]["rows"] == {"train": 36, "validation": 9, "test": 15}
    assert list(settings["scores"]) == ["train", "validation", "test"]
    assert settings["parameters"]["early_stopping"] is True
    assert drawn == REGRESSION | {"fitted_curve"}
    assert set(plots.NAMES) == drawn | CLASSES | {"regions", "surface"}
    for name in drawn:
        assert name in done.stdout
    lines = [line.split()[:2] for line in done.stdout.splitlines() if line]
    assert ["validation", "9"] in lines


def test_shares_are_taken_as_typed_and_several_inputs_have_no_curve(train):
    _, settings, drawn = train("diabetes", "--divide", "60,10,30", "--rows", "100")
    assert settings["data"]["rows"] == {"train": 60, "validation": 10, "test": 30}
    assert settings["parameters"]["early_stopping"] is False
    assert drawn == REGRESSION


def test_the_usual_division_is_a_quarter_for_the_test(train):
    done, settings, drawn = train("iris")
    assert settings["data"]["rows"] == {"train": 112, "test": 38}
    assert "to validate" not in done.stdout
    assert "\nvalidation " not in done.stdout
    assert drawn == COURSE | CLASSES


def test_plots_can_be_left_out_and_those_of_an_earlier_run_go(train, tmp_path):
    train("sine", "--rows", "40")
    assert (tmp_path / "out/plots/fitted_curve.png").exists()
    train("iris", "--rows", "60")
    names = {path.name for path in (tmp_path / "out/plots").iterdir()}
    assert names == {f"{name}.png" for name in COURSE | CLASSES}
    done, _, drawn = train("iris", "--rows", "60", "--no-plots")
    assert drawn == set()
    assert not (tmp_path / "out/plots").exists()
    assert "plots:" not in done.stdout


def test_a_plot_that_fails_is_told_and_loses_nothing(train, tmp_path, monkeypatch):
    from unstuck.report.training_displays import TrainingStateDisplay

    def broken(*given):
        raise RuntimeError("no\nink")

    monkeypatch.setattr(TrainingStateDisplay, "plot", broken)
    done, settings, drawn = train("iris", "--rows", "60")
    assert done.exit_code == 0
    assert "the plot training_state could not be drawn: no ink" in done.stderr
    assert drawn == COURSE - {"training_state"} | CLASSES
    assert settings["task"] == "classification"
    assert (tmp_path / "out/model.safetensors").exists()
    assert not plt.get_fignums()


def test_plots_that_cannot_be_written_lose_nothing(train, tmp_path):
    train("iris", "--rows", "60", "--no-plots")
    (tmp_path / "out/plots").write_text("a file in their place")
    done, _, _ = train("iris", "--rows", "60")
    assert done.exit_code == 0
    assert "could not be drawn" in done.stderr
    assert "Written to" in done.stdout


def test_wrong_shares_end_the_command_before_anything_is_made(train, tmp_path):
    done, _, _ = train("sine", "--divide", "70,15")
    assert done.exit_code == 2
    assert "--divide was '70,15'" in done.stderr
    assert list(tmp_path.iterdir()) == []
