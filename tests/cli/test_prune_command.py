"""``unstuck prune``: a smaller file that predicts the same, or a message."""

from __future__ import annotations

import json

import numpy as np
import pytest
from command import unstuck

from unstuck import load

QUICK = ("--preset", "plain", "--max-iter", "5", "--hidden", "12", "--no-verbose", "--no-plots")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on iris, five units of which are dead."""
    folder = tmp_path_factory.mktemp("prune") / "run"
    done = unstuck("train", "iris", *QUICK, "--out", folder)
    assert done.returncode == 0, done.stderr
    net = load(folder / "model.safetensors")
    net._model.parameters["hidden_1"]["bias"][:5] = -1e6
    net.save(folder / "model.safetensors")
    return folder


def test_it_writes_a_smaller_file_that_predicts_the_same(run, tmp_path):
    before = (run / "model.safetensors").read_bytes()
    small = tmp_path / "small.safetensors"
    done = unstuck("prune", run, "iris", "-o", small)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("5 hidden units taken out: 59 parameters of 99 are left.")
    assert "hidden_1" in done.stdout
    assert (run / "model.safetensors").read_bytes() == before
    assert small.stat().st_size < len(before)
    predicted = [unstuck("predict", each, "iris").stdout for each in (run, small)]
    numbers = [np.array([line.split(",")[1:] for line in each.splitlines()[1:]], float)
               for each in predicted]  # fmt: skip
    assert np.allclose(*numbers, rtol=1e-9)
    assert load(small).table_ is not None


def test_as_json(run, tmp_path):
    done = unstuck("prune", run, "iris", "--out", tmp_path / "small", "--json")
    found = json.loads(done.stdout)
    assert (found["before"], found["after"]) == (99, 59)
    assert found["layers"][0]["constant"] == 5
    assert found["bytes"] < found["bytes_before"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{run}", "iris"), "--out"),
        (("{run}", "xor", "--out", "{folder}/s"), "the table lacks 4 columns"),
        (("{run}", "irs", "--out", "{folder}/s"), "Did you mean 'iris'?"),
        (("{run}", "iris", "--out", "{folder}"), "is a folder"),
        (("{run}", "iris", "--out", "{folder}/nowhere/s"), "nowhere"),
        (("{run}", "{folder}/one.csv", "--out", "{folder}/s"), "X has one row"),
        (("nowhere", "iris", "--out", "{folder}/s"), "nowhere"),
    ],
)
def test_bad_usage_is_one_message_and_exit_code_2(run, tmp_path, arguments, message):
    names = [f"{part} {what} (cm)" for part in ("sepal", "petal") for what in ("length", "width")]
    (tmp_path / "one.csv").write_text(",".join(names) + "\n5,3,1,0.2\n")
    done = unstuck("prune", *(each.format(run=run, folder=tmp_path) for each in arguments))
    assert done.returncode == 2
    assert "".join(message.split()) in "".join((done.stdout + done.stderr).split())
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "s").exists()
