"""``unstuck diagnose``, and what ``unstuck train`` ends with; what is found is given here."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import polars as pl
import pytest
from command import unstuck

import unstuck as package
from unstuck import NetRegressor
from unstuck.cli import waiting
from unstuck.errors import DataError
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.finding import Evidence, Finding, Remedy

QUICK = ("--preset", "plain", "--max-iter", "5", "--hidden", "4", "--no-verbose", "--no-plots")
SICK = Finding(
    "vanishing_gradient",
    "hardly anything arrives in hidden_1",
    "hidden_1",
    (Evidence("share of the gradient that arrives", math.nan, 0.01, "below", "112 training rows"),),
    (),
    (Remedy("use relu units", "their slope is 1", {"activation": "relu"}),),
)
OTHER = Finding("dead_units", "some units are dead", "hidden_1")
FOUND = Diagnosis((SICK, OTHER), "53 % are right", ("all",))
WELL = Diagnosis((), "98 % of the rows are right", ("all",))


@pytest.fixture
def asked(monkeypatch):
    """What ``unstuck.diagnose`` is asked, and by its key ``"answer"`` what it answers."""
    calls = {"answer": FOUND}

    def diagnose(estimator, X, y, *, prove, progress):
        progress("looking")
        calls.update(estimator=estimator, X=X, y=y, prove=prove)
        if isinstance(calls["answer"], Exception):
            raise calls["answer"]
        return calls["answer"]

    monkeypatch.setattr(package, "diagnose", diagnose, raising=False)
    return calls


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run on iris, trained while there was no diagnosis to be had."""
    folder = tmp_path_factory.mktemp("iris") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "diagnose", lambda *_, **__: WELL, raising=False)
        done = unstuck("train", "iris", *QUICK, "--activation", "tanh", "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


# The command


def test_it_prints_the_text_with_flags_and_leaves_with_0(trained, asked):
    done = unstuck("diagnose", trained, "iris")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Hardly anything arrives in hidden_1.\n")
    assert "--activation relu" in done.stdout
    assert done.stderr == ""
    assert asked["X"].shape == (150, 4)
    assert set(asked["y"]) == {"setosa", "versicolor", "virginica"}
    assert asked["estimator"].activation == "tanh"


def test_prove_is_passed_on(trained, asked):
    assert unstuck("diagnose", trained, "iris").returncode == 0
    assert asked["prove"] is False
    assert unstuck("diagnose", trained, "iris", "--prove").returncode == 0
    assert asked["prove"] is True


def test_a_model_file_is_told_in_code(trained, asked):
    done = unstuck("diagnose", trained / "model.safetensors", "iris")
    assert '.set_params(activation="relu")' in done.stdout


def test_json_is_all_of_it_and_nothing_else(trained, asked):
    done = unstuck("diagnose", trained, "iris", "--json")
    found = json.loads(done.stdout)
    assert found["healthy"] is False
    assert found["findings"][0]["layer"] == "hidden_1"
    assert found["findings"][0]["evidence"][0]["value"] == "nan"
    assert found["findings"][0]["remedies"][0]["parameters"] == {"activation": "relu"}


def test_another_target_column_can_be_named(trained, asked, tmp_path):
    table = tmp_path / "flowers.csv"
    names = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
    pl.DataFrame({**{name: [1.0, 2.0] for name in names}, "kind": ["setosa", "virginica"]}
                 ).write_csv(table)  # fmt: skip
    assert unstuck("diagnose", trained, table, "--target", "kind").returncode == 0
    assert list(asked["y"]) == ["setosa", "virginica"]


def test_a_model_that_was_saved_without_a_table(asked, tmp_path):
    x = np.linspace(-3, 3, 40)[:, None]
    with pytest.warns(UserWarning, match="epochs were used"):
        NetRegressor((3,), max_iter=3).fit(x, np.sin(x[:, 0])).save(tmp_path / "m.safetensors")
    assert unstuck("diagnose", tmp_path / "m.safetensors", "sine").returncode == 0
    assert asked["X"].shape == (500, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{run}", "irs"), "Did you mean 'iris'?"),
        (("{run}", "xor"), "the table lacks 4 columns"),
        (("{run}", "{run}/no.csv"), "no.csv"),
        (("{run}", "{empty}"), "no rows"),
        (("{run}", "{without}"), "no column 'target'"),
        (("{run}", "iris", "--target", "targt"), "Did you mean 'target'?"),
        (("nowhere", "iris"), "nowhere"),
        (("{folder}", "iris"), "holds no model.safetensors"),
        (("{without}", "iris"), "without.csv"),
        (("{run}",), "Missing argument"),
        (("{run}", "iris", "--jsn"), "there is no option"),
    ],
)
def test_bad_usage_is_one_message_and_exit_code_2(trained, asked, tmp_path, arguments, message):
    places = {name: tmp_path / f"{name}.csv" for name in ("empty", "without")}
    places["empty"].write_text("petal,target\n")
    places["without"].write_text("petal,sepal\n1,2\n")
    places |= {"run": trained, "folder": tmp_path}
    done = unstuck("diagnose", *(each.format(**places) for each in arguments))
    assert done.returncode == 2
    # Without blanks: a long path is wrapped.
    assert "".join(message.split()) in "".join((done.stdout + done.stderr).split())
    assert "Traceback" not in done.stderr
    assert "X" not in asked


@pytest.mark.parametrize(
    ("problem", "message"),
    [(ValueError("X has\n3 features"), "cannot be used to diagnose this network: ValueError: X "
      "has 3 features"), (DataError("rows are wrong."), "error: rows are wrong.")],
)  # fmt: skip
def test_what_was_not_foreseen_is_a_message_too(trained, asked, problem, message):
    asked["answer"] = problem
    done = unstuck("diagnose", trained, "iris")
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


# At the end of a training


def test_a_training_ends_with_the_verdict_and_what_to_do_first(asked, tmp_path):
    done = unstuck("train", "iris", *QUICK, "--activation", "tanh", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    part = done.stdout[done.stdout.index("Diagnosis:") :]
    assert part.startswith(
        "Diagnosis: Hardly anything arrives in hidden_1.\n\nNext\n"
        "  Use relu units. Their slope is 1.\n    --activation relu\n\nWritten to "
    )
    assert "  evidence, and 1 more finding: unstuck diagnose" in part
    assert len(asked["X"]) == len(asked["y"]) == 112


def test_a_healthy_network_is_told_to_be_one(asked, tmp_path):
    asked["answer"] = WELL
    done = unstuck("train", "iris", *QUICK, "--out", tmp_path / "run")
    assert f"Diagnosis: {WELL.verdict}\n\n" in done.stdout
    assert "unstuck diagnose" not in done.stdout


def test_the_diagnosis_is_in_the_settings(asked, tmp_path):
    unstuck("train", "iris", *QUICK, "--out", tmp_path)
    settings = json.loads((tmp_path / "settings.json").read_text())
    assert settings["diagnosis"]["verdict"] == FOUND.verdict
    assert len(settings["diagnosis"]["findings"]) == 2
    assert settings["scores"]


@pytest.mark.parametrize("problem", [ValueError("no"), MemoryError(), DataError("no.")])
def test_a_diagnosis_that_fails_is_a_note(asked, tmp_path, problem):
    asked["answer"] = problem
    done = unstuck("train", "iris", *QUICK, "--out", tmp_path)
    assert done.returncode == 0
    assert "note: there is no diagnosis:" in done.stderr
    assert "Diagnosis:" not in done.stdout
    assert "diagnosis" not in json.loads((tmp_path / "settings.json").read_text())


# While it takes a while


def test_what_takes_long_is_shown_and_what_does_not_is_not(monkeypatch, capsys):
    with waiting.Waiting("diagnosing") as say:
        say("the start")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(waiting, "PATIENCE", 0.05)
    with waiting.Waiting("diagnosing") as say:
        say("the start")
        time.sleep(0.2)
        say("the end")
    with waiting.Waiting("diagnosing", shown=False) as say:
        time.sleep(0.1)
        say("unseen")
    captured = capsys.readouterr()
    assert captured.err.splitlines() == ["diagnosing: the start ...", "diagnosing: the end ..."]
    assert captured.out == ""
