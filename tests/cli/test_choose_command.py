"""``unstuck choose``: the table, the optimum trained, JSON, Ctrl-C; what is wrong is told."""

from __future__ import annotations

import json
import signal
import subprocess

import numpy as np
import polars as pl
import pytest
from command import COMMAND, environment, process, unstuck
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold

from unstuck import NetClassifier
from unstuck.cli.grid import read
from unstuck.data.table import TableEncoder

NET = ("--preset", "plain", "--solver", "lbfgs", "--hidden", "4", "--max-iter", "20")
SMALL = ("choose", "iris.csv", "--target", "target", *NET)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from unstuck.cli.source import frame_of
    from unstuck.data.datasets import load_dataset

    made = tmp_path_factory.mktemp("choose")
    frame_of(load_dataset("iris", n=60, seed=0)).write_csv(made / "iris.csv")
    return made


def test_the_table_the_plot_and_the_time(folder):
    done = unstuck(*SMALL, "--grid", "alpha=1e-4,1,100", "--folds", "3", "--plot", "a.png",
                   folder=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Error rate, 3 folds of 20 rows, 9 fits" in done.stdout
    assert "optimum" in done.stdout
    assert "Train it: unstuck train iris.csv --target target --preset plain" in done.stdout
    assert "time: 9 fits of 3 candidates take about" in done.stderr
    assert (folder / "a.png").read_bytes().startswith(b"\x89PNG")


def test_the_printed_command_trains_what_was_chosen(folder):
    done = unstuck(*SMALL, "--grid", "hidden=4,[5]", "--grid", "alpha=0.01,1", "--folds", "0.5",
                   "--json", folder=folder)  # fmt: skip
    told = json.loads(done.stdout)
    assert told["folds"] == "30 of 60 rows held out"
    words = told["again"].split()
    assert unstuck(*words[1:], "--out", "again", "--no-plots", folder=folder).returncode == 0
    written = json.loads((folder / "again" / "settings.json").read_text())["parameters"]
    for name, value in told["optimum"].items():
        assert written[name] == value
    assert written["solver"] == "lbfgs"


def test_the_optimum_is_trained_and_kept(folder):
    done = unstuck(*SMALL, "--grid", "alpha=1e-4,100", "--folds", "2", "--out", "chosen", "--json",
                   folder=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["complete"]
    assert told["run"]["paths"]["folder"] == "chosen"
    assert told["run"]["parameters"]["alpha"] == told["optimum"]["alpha"]
    assert told["run"]["data"]["rows"] == {"train": 60}
    assert unstuck("predict", "chosen", "iris.csv", folder=folder).returncode == 0


@pytest.mark.filterwarnings("ignore:All 20 epochs")
def test_gaps_become_what_the_rows_of_a_fit_teach(folder):
    """Fold by fold the numbers are those of an encoder that never saw the rows held out."""
    frame = pl.read_csv(folder / "iris.csv")
    first = frame.columns[0]
    gaps = frame.with_columns(pl.when(pl.int_range(60) % 3 > 0).then(first).alias(first))
    gaps.write_csv(folder / "gaps.csv")
    done = unstuck("choose", "gaps.csv", "--target", "target", *NET, "--grid", "alpha=0.01,1",
                   "--folds", "3", "--scoring", "neg_log_loss", "--json", "--random-state", "0",
                   folder=folder)  # fmt: skip
    told = json.loads(done.stdout)["table"][0]
    y = gaps["target"].to_numpy()
    net = NetClassifier((4,), solver="lbfgs", max_iter=20, alpha=0.01, random_state=0)
    expected = []
    for train, held in StratifiedKFold(3, shuffle=True, random_state=0).split(y, y):
        table = TableEncoder("target").fit(gaps, rows=train)
        x = table.transform(gaps)
        fitted = clone(net).fit(x[train], y[train])
        expected.append(log_loss(y[held], fitted.predict_proba(x[held])))
    np.testing.assert_allclose(told["folds"]["validation"], expected)


def test_the_optimum_is_trained_though_nobody_reads_the_table(folder):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, *SMALL, "--grid", "alpha=1,2", "--folds", "2", "--out", "unread",
             "--plot", "unread.png"],
            cwd=folder, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "the disk is full" in done.stderr
    assert (folder / "unread" / "model.safetensors").is_file()


def test_a_terminal_without_the_sign_shows_the_rest(folder):
    done = process(*SMALL, "--grid", "alpha=1,2", "--folds", "2", folder=folder,
                   PYTHONIOENCODING="ascii")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "? s.e." in done.stdout  # plus or minus


def test_ctrl_c_keeps_what_is_measured_and_trains_nothing(folder, monkeypatch):
    from unstuck.selection import pace

    told = pace.Pace.told

    def pressing(self, outcome):
        told(self, outcome)
        if self.made == 5:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(pace.Pace, "told", pressing)
    done = unstuck(*SMALL, "--grid", "alpha=1e-4,1,100", "--folds", "3", "--out", "none",
                   folder=folder)  # fmt: skip
    assert done.returncode == 130
    assert "Interrupted: 5 of 9 fits were made; 1 of 3 candidates are complete" in done.stdout
    assert "nothing was trained" in done.stderr
    assert not (folder / "none").exists()


def test_a_folder_that_cannot_be_made_is_told_before_the_work(folder):
    done = unstuck(*SMALL, "--grid", "alpha=1,2", "--out", "/proc/none", folder=folder)
    assert done.returncode == 2
    assert "/proc/none" in done.stderr
    assert "time:" not in done.stderr  # nothing was fitted


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--grid", "alhpa=1,2"), "'alhpa' is no parameter. Did you mean '--alpha'?"),
        (("--grid", "epochs=1,2"), "Did you mean '--max-iter'?"),
        (("--grid", "alpha"), "expected a parameter and its values"),
        (("--grid", "alpha="), "alpha has no values"),
        (("--grid", "alpha=1"), "nothing to choose"),
        (("--grid", "=1,2"), "expected a parameter and its values"),
        (("--grid", "alpha=1,1.0"), "names 1.0 twice"),
        (("--grid", "hidden=4,8,"), "a comma beside nothing; leave it out or write []"),
        (("--grid", "alpha=1,2", "--out", "iris.csv"), "is a file; expected a folder"),
        (("--grid", "alpha=1,-2"), "alpha was -2.0; expected a number >= 0"),
        (("--grid", "activation=tanh,rleu"), "Did you mean 'relu'?"),
        (("--grid", "alpha=1,2", "--grid", "alpha=3"), "names 'alpha' twice"),
        (("--grid", "scale_targets=yes,no"), "is for regression"),
        (("--grid", "alpha=1,2", "--folds", "1"), "--folds was '1'"),
        (("--grid", "alpha=1,2", "--folds", "61"), "too few for 61 folds"),
        (("--grid", "alpha=1,2", "--scoring", "acuracy"), "Did you mean 'accuracy'?"),
        (("--grid", "alpha=1,2", "--plot", "a.gif"), "ends in .png, .svg or .pdf"),
        ((), "Missing option '--grid'"),
    ],
)
def test_what_is_wrong_is_told(folder, given, says):
    done = unstuck(*SMALL, *given, folder=folder)
    assert done.returncode == 2
    assert says in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_values_are_read_by_the_rules_of_the_parameters():
    found = read(["hidden=8,[16,16],(4)", "--activation=tanh,leaky_relu(0.1)"], "classification")
    assert found["hidden_layer_sizes"] == [(8,), (16, 16), (4,)]
    assert found["activation"] == ["tanh", "leaky_relu(0.1)"]


def test_help_lists_its_own_options_and_those_of_train():
    done = unstuck("choose", "--help")
    assert done.returncode == 0
    for option in ("--grid", "--folds", "--scoring", "--out", "--hidden", "--alpha"):
        assert option in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
