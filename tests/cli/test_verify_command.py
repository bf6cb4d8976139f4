"""``unstuck verify``: the gradients of a trained network, from the command line."""

from __future__ import annotations

import subprocess
import sys

import jax
import numpy as np
import pytest
from typer.testing import CliRunner

from unstuck import NetRegressor
from unstuck.cli.main import app
from unstuck.estimators import inspection

QUICK = ("--preset", "plain", "--max-iter", "5", "--hidden", "4", "--no-verbose")


def unstuck(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run on iris."""
    folder = tmp_path_factory.mktemp("iris") / "run"
    assert unstuck("train", "iris", *QUICK, "--slope-offset", "0.1", "--activation", "tanh",
                   "--out", folder).exit_code == 0  # fmt: skip
    return folder


def test_a_trained_network_is_right(trained):
    done = unstuck("verify", trained, "iris")
    assert done.exit_code == 0, done.output
    assert "75 rows of iris" in done.output
    assert "derivatives are right (reverse and forward mode)" in done.output
    assert "parameters/hidden_1/weights        32     32" in done.output
    assert "step^2.0" in done.output
    assert max(map(len, done.output.splitlines())) <= 80


def test_as_a_process_with_the_rows_that_were_asked_for(trained):
    command = [sys.executable, "-c", "from unstuck.cli.entry import main; main()", "verify"]
    ran = subprocess.run(
        [*command, trained / "model.safetensors", "iris", "--rows", "12"],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "12 rows of iris" in ran.stdout


def test_a_model_that_was_saved_without_a_table(tmp_path):
    x = np.linspace(-3, 3, 40)[:, None]
    with pytest.warns(UserWarning, match="All 3 epochs were used"):
        NetRegressor((3,), max_iter=3).fit(x, np.sin(x[:, 0])).save(tmp_path / "m.safetensors")
    assert unstuck("verify", tmp_path / "m.safetensors", "sine").exit_code == 0


def test_wrong_gradients_are_exit_code_1(trained, monkeypatch):
    right = inspection.objective_of

    def detached(*arguments):
        function, parameters, rest = right(*arguments)

        def objective(parameters, *rest):
            held = jax.lax.stop_gradient(parameters["hidden_1"])
            return function({**parameters, "hidden_1": held}, *rest)

        return objective, parameters, rest

    monkeypatch.setattr(inspection, "objective_of", detached)
    done = unstuck("verify", trained, "iris", "--rows", "10")
    assert done.exit_code == 1
    assert "WRONG derivatives of parameters/hidden_1" in done.output
    assert "nothing arrives" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{run}", "iris", "--rows", "0"), "--rows was 0; expected at least 1"),
        (("{run}", "iris", "--rows", "1000"), "it has 150"),
        (("{run}", "irs"), "Did you mean 'iris'?"),
        (("{run}", "xor"), "the table lacks 4 columns"),
        (("{run}", "{run}/no.csv"), "no.csv"),
        (("nowhere", "iris"), "nowhere"),
        (("{run}",), "Missing argument"),
    ],
)
def test_bad_usage_is_one_message_and_exit_code_2(trained, arguments, message):
    done = unstuck("verify", *(each.format(run=trained) for each in arguments))
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_data_without_the_target_are_refused(trained, tmp_path):
    table = tmp_path / "flowers.csv"
    table.write_text("petal,sepal\n1,2\n")
    done = unstuck("verify", trained, table)
    assert done.exit_code == 2
    assert "no column 'target'" in " ".join(done.output.split())
