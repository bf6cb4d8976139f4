"""``unstuck repair`` and ``unstuck train --repair``."""

from __future__ import annotations

import json
import re
import signal

import pytest
from command import unstuck

import unstuck as package
from unstuck.remedies.gains import Gain
from unstuck.remedies.repair import Repair, Tried, Tries
from unstuck.remedies.treatment import Treatment

QUICK = ("--preset", "plain", "--max-iter", "5", "--hidden", "4", "--no-verbose", "--no-plots")
LINEAR = ("--activation", "identity", "--solver", "lbfgs", "--tol", "0.001", "--max-iter", "100")
CURE = Treatment("Use relu units", {"activation": "relu", "alpha": 0.5})
DONE = Repair(
    True,
    CURE.parameters,
    "Confirmed: relu.",
    Tries([Tried("confirmation", CURE, Gain(0.5, 0.9, 0.01, 6), "confirmed")]),
    ("Two rows disagree.",),
    "accuracy",
    14.4,
    3.0,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("iris") / "run"
    done = unstuck("train", "iris", *QUICK, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def asked(monkeypatch):
    """What ``unstuck.repair`` is asked."""
    calls = {}

    def repair(estimator, X, y, *, progress, **more):
        progress("trying")
        calls.update(estimator=estimator, X=X, y=y, **more)
        return calls.get("answer", DONE)

    monkeypatch.setattr(package, "repair", repair, raising=False)
    return calls


def test_it_says_what_was_confirmed_and_how_to_train_with_it(trained, asked):
    done = unstuck("repair", trained, "iris")
    assert done.returncode == 0
    assert "Confirmed: relu." in done.stdout
    assert "Two rows disagree." in done.stdout
    assert re.search(r"Use relu units +confirmation +confirmed +6 +0.500 +0.900", done.stdout)
    line = next(each for each in done.stdout.splitlines() if "To apply it" in each)
    assert line.endswith("--activation relu --alpha 0.5")
    assert f"--target target --config {trained / 'settings.json'}" in line
    assert len(asked["y"]) == 150


def test_of_a_model_file_it_says_the_call(trained, asked):
    done = unstuck("repair", trained / "model.safetensors", "iris")
    assert 'set_params(activation="relu", alpha=0.5)' in done.stdout.replace("\n", " ")


def test_the_budget_and_the_seed_are_passed_on(trained, asked):
    unstuck(
        "repair", trained, "iris", "--max-fits", "20", "--max-time", "60", "--random-state", "4"
    )
    assert (asked["max_fits"], asked["max_time"], asked["random_state"]) == (20, 60, 4)


def test_json(trained, asked):
    done = unstuck("repair", trained, "iris", "--json")
    told = json.loads(done.stdout)
    assert told["accepted"] is True
    assert told["params"] == {"activation": "relu", "alpha": 0.5}
    assert told["table"][0]["gain"] == pytest.approx(0.4)


def test_nothing_accepted(trained, asked):
    asked["answer"] = Repair(False, {}, "Nothing to repair: the diagnosis found nothing.")
    done = unstuck("repair", trained, "iris")
    assert done.stdout == "Nothing to repair: the diagnosis found nothing.\n"


def test_ctrl_c_prints_what_was_found_and_leaves_with_130(trained, asked, monkeypatch):
    inner = package.repair

    def pressed(*given, **named):
        signal.raise_signal(signal.SIGINT)
        return inner(*given, **named)

    monkeypatch.setattr(package, "repair", pressed)
    done = unstuck("repair", trained, "iris")
    assert done.returncode == 130
    assert "Confirmed: relu." in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no-run", "iris"), "no-run"),
        (("RUN", "no-such.csv"), "no-such.csv"),
        (("RUN", "wine"), "sepal length"),
        (("RUN", "iris", "--max-fits", "-1"), "max_fits was -1.0; expected"),
        (("RUN", "iris", "--max-fits", "x"), "x"),
    ],
)
def test_bad_input(trained, arguments, message):
    words = [trained if each == "RUN" else each for each in arguments]
    done = unstuck("repair", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fit_that_repairs_itself(tmp_path):
    done = unstuck("train", "moons", *QUICK, *LINEAR, "--repair", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert re.search(r"Repair: Confirmed from \d+ fresh seeds", done.stdout)
    settings = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert settings["repair"]["accepted"]
    assert settings["parameters"]["activation"] == "identity"
