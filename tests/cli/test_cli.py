"""The command line: a run from table to prediction, bad usage, interruptions, help."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import time

import pytest
from command import COMMAND, environment, process, unstuck

from unstuck import load
from unstuck.cli.flags import chosen, flags
from unstuck.cli.names import NOT_TYPED
from unstuck.errors import ParameterError
from unstuck.settings import ClassifierSettings, RegressorSettings, parameters_of

QUICK = ("--preset", "plain", "--max-iter", "30", "--hidden", "8", "--batch-size", "16")


def rows_of(text):
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run on iris, as a process: its folder and what was printed."""
    folder = tmp_path_factory.mktemp("iris")
    return folder / "run", process("train", "iris", *QUICK, "--out", "run", folder=folder)


def test_training_prints_a_summary_and_leaves_a_run_folder(trained):
    folder, done = trained
    assert done.returncode == 0, done.stderr
    for part in (
        "3 classes",
        "hidden_1  relu",
        "Stopped: All 30 epochs",
        "Diagnosis: ",
        "Written to",
    ):
        assert part in done.stdout
    assert re.search(r"test +38 +\d\.\d{3} ", done.stdout)
    assert "compiling 4-8-3, batch 16 ..." in done.stderr
    assert "epoch 30/30" in done.stderr
    names = {path.name for path in folder.iterdir()}
    assert names == {"model.safetensors", "history.csv", "settings.json", "test.csv", "plots"}
    history = rows_of((folder / "history.csv").read_text())
    assert [row["epoch"] for row in history] == [str(i) for i in range(1, 31)]
    assert float(history[-1]["loss"]) < float(history[0]["loss"])


def test_settings_say_what_was_done(trained):
    settings = json.loads((trained[0] / "settings.json").read_text())
    assert settings["parameters"]["hidden_layer_sizes"] == [8]
    assert settings["parameters"]["random_state"] == 0
    assert settings["task"] == "classification"
    assert settings["stop_reason"]["name"] == "max_iter"
    assert settings["data"]["rows"] == {"train": 112, "test": 38}
    assert 0 <= settings["scores"]["test"]["accuracy"] <= 1
    assert set(settings["versions"]) == {"python", "unstuck", "jax", "numpy", "scikit-learn"}


def test_without_a_terminal_there_are_no_control_codes_and_lines_are_not_broken(trained):
    done = trained[1]
    text = done.stdout + done.stderr
    assert "\x1b" not in text
    assert "\r" not in text
    assert (
        "iris: 150 rows, 4 columns. Three species of iris by the size of their petals and sepals."
        in text.splitlines()
    )


def test_predictions_go_to_a_file_or_are_printed_and_agree(trained, tmp_path):
    printed = unstuck("predict", trained[0], "iris")
    assert printed.returncode == 0, printed.stderr
    rows = rows_of(printed.stdout)
    assert len(rows) == 150
    assert {row["prediction"] for row in rows} <= {"setosa", "versicolor", "virginica"}
    for row in rows:
        shares = {k.removeprefix("probability_"): float(v) for k, v in row.items() if "_" in k}
        assert sum(shares.values()) == pytest.approx(1)
        assert max(shares, key=shares.get) == row["prediction"]
    model, out = trained[0] / "model.safetensors", tmp_path / "out.csv"
    assert unstuck("predict", model, "iris", "--out", out).returncode == 0
    assert out.read_text() == printed.stdout


def test_a_reader_that_has_seen_enough_is_no_error():
    process = subprocess.Popen(
        [*COMMAND, "data", "digits"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    process.wait(60)
    assert error == b""


@pytest.fixture(scope="module")
def houses(tmp_path_factory):
    """A table with texts, dates, booleans and missing values."""
    path = tmp_path_factory.mktemp("tables") / "houses.csv"
    lines = ["house,size,color,garden,built,price,large"]
    for i in range(80):
        size, color = 50 + 37 * i % 101, ("red", "blue", "")[i % 3]
        price = 1000.5 * size + 5000 * (i % 3)
        lines.append(
            f"h{i},{'NA' if i % 9 == 4 else size},{color},{'true' if i % 2 else 'false'},"
            f"2020-01-{1 + i % 28:02d},{price},{'true' if size > 100 else 'false'}"
        )
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_table_with_text_and_missing_values_trains_and_predicts(houses, tmp_path):
    done = unstuck("train", houses, "--target", "price", *QUICK, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "Regression of 'price'" in done.stdout
    assert "1 text column became 3 one-hot columns: color" in done.stdout
    assert "missing values imputed with" in done.stdout
    assert "house: left out" in done.stdout
    assert re.search(r"rows +RMSE +MAE +R2", done.stdout)
    predicted = unstuck("predict", tmp_path / "run", houses)
    assert len(rows_of(predicted.stdout)) == 80
    missing = tmp_path / "missing.csv"
    missing.write_text("size,garden,built\n1,true,2020-01-01\n")
    refused = unstuck("predict", tmp_path / "run", missing)
    assert refused.returncode == 2
    assert "'color'" in refused.stderr


def test_a_run_that_is_not_watched_has_no_looks(tmp_path):
    done = unstuck("train", "iris", *QUICK, "--no-watch", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "state at the end" not in done.stdout
    assert load(tmp_path / "run").history_["look_epoch"].size == 0
    head = (tmp_path / "run" / "history.csv").read_text().splitlines()[0]
    assert "loss" in head
    assert "layer_" not in head


def test_truth_values_are_classes_and_columns_can_be_ignored(houses, tmp_path):
    done = unstuck(
        *("train", houses, "--target", "large", "--ignore", "price,house", *QUICK),
        *("--no-verbose", "--out", tmp_path / "run"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "Classification of 'large', 2 classes" in done.stdout
    row = rows_of(unstuck("predict", tmp_path / "run", houses).stdout)[0]
    assert set(row) == {"prediction", "probability_false", "probability_true"}
    assert row["prediction"] in ("true", "false")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "irs"], "Did you mean 'iris'?"),
        (["train", "nowhere.csv", "--target", "y"], "there is no file"),
        (["train", "iris", "--hiden", "3"], "--hidden"),
        (["train", "xor", "--scale-targets"], "--scale-targets is for regression"),
        (["train", "sine", "--class-weight", "balanced"], "is for classification"),
        (["train", "xor", "--max-iter", "ten", "--solver", "adm"], "2 mistakes"),
        (["train", "xor", "--activation", "sigmod"], "Did you mean 'sigmoid'?"),
        (["train", "iris", "--rows", "1000"], "it has 150"),
        (["train", "xor", "--target", "tarjet"], "Did you mean 'target'?"),
        (["train", "xor", "--task", "regression"], "needs numbers"),
        (["train", "iris", "--divide", "70,15"], "--divide was '70,15'; expected three numbers"),
        (["train", "xor", "--ignore", "petals"], "--ignore 'petals'"),
        (["train"], "Missing argument"),
        (["predict", "nowhere", "iris"], "nowhere"),
        (["data", "moon"], "Did you mean 'moons'?"),
        (["trainn"], "Did you mean 'train'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_usage_is_one_message_and_exit_code_2(arguments, message, tmp_path):
    done = unstuck(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_refused_and_a_run_folder_is_replaced(trained, tmp_path):
    (tmp_path / "diary.txt").write_text("dear")
    refused = unstuck("train", "iris", *QUICK, "--out", tmp_path)
    assert refused.returncode == 2
    assert "is not the folder of a run" in " ".join(refused.stderr.split())
    folder = trained[0]
    before = (folder / "model.safetensors").read_bytes()
    assert unstuck("train", "iris", *QUICK, "--out", folder).returncode == 0
    assert (folder / "model.safetensors").read_bytes() == before  # the same seed


def test_bad_usage_as_a_process(tmp_path):
    done = process("train", "irs", folder=tmp_path)
    assert done.returncode == 2
    assert "Did you mean 'iris'?" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_the_estimator_refuses_leaves_no_folder_behind(tmp_path):
    done = unstuck("train", "xor", "--output-activation", "relu", folder=tmp_path)
    assert done.returncode == 2
    assert "is not defined for output_activation='relu'" in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_interrupting_keeps_the_model(tmp_path):
    endless = [
        "--preset",
        "plain",
        "--max-iter",
        "1000000",
        "--tol",
        "0",
        "--n-iter-no-change",
        "inf",
    ]
    process = subprocess.Popen(
        [*COMMAND, "train", "spirals", "--rows", "200", *endless, "--out", "run"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    for line in process.stderr:
        if line.startswith("epoch"):
            break
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "Traceback" not in error
    assert "Stopped: Interrupted after epoch" in out
    settings = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert settings["stop_reason"]["name"] == "interrupted"
    assert len(rows_of(unstuck("predict", tmp_path / "run", "spirals").stdout)) == 1000


def test_help_lists_every_parameter_in_80_columns():
    done = unstuck("train", "--help")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    for settings in (ClassifierSettings, RegressorSettings):
        for field in parameters_of(settings):
            if field.name in NOT_TYPED:
                continue
            name = field.name.replace("_", "-")
            assert {f"--{name}", f"--[no-]{name}"} & set(done.stdout.split())
    assert "\x1b" not in done.stdout


def test_every_command_is_said_in_one_line():
    done = unstuck("--help")
    assert "train " in done.stdout
    assert "..." not in done.stdout.partition("Commands:")[2]


def test_help_imports_neither_jax_nor_scikit_learn():
    code = (
        "import sys\nfrom unstuck.cli.entry import main\n"
        "sys.argv = ['unstuck', 'train', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('jax', 'sklearn', 'polars', 'rich', 'optax') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_version_and_the_list_of_data_sets(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert re.fullmatch(r"unstuck \d+\.\d+\.\d+\n", unstuck("--version").stdout)
    listed = unstuck("data").stdout
    assert "breast_cancer" in listed
    assert "Three species of iris by the size of their petals and sepals." in listed
    assert len(rows_of(unstuck("data", "blobs", "--rows", "12").stdout)) == 12


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_every_default_as_text_is_the_default(task):
    given = {}
    for flag in flags():
        if task in flag.tasks and not flag.switch and flag.field.default is not None:
            value = flag.field.default
            given[flag.field.name] = (
                ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
            )
    for name, value in chosen(given, task).items():
        if name in given:
            settings = RegressorSettings if task == "regression" else ClassifierSettings
            assert value == getattr(settings, name)


def test_flags_are_parsed_by_the_rules_of_their_parameters():
    given = {
        "hidden_layer_sizes": "64,32",
        "activation": "relu,tanh",
        "tol": "1e-3",
        "random_state": "none",
        "clip_norm": "none",
        "class_targets": "0.15,0.85",
        "n_iter_no_change": "inf",
        "early_stopping": True,
        "solver": None,
    }
    assert chosen(given, "classification", "plain") == {
        "hidden_layer_sizes": (64, 32),
        "activation": ("relu", "tanh"),
        "tol": 1e-3,
        "random_state": None,
        "clip_norm": None,
        "class_targets": (0.15, 0.85),
        "n_iter_no_change": float("inf"),
        "early_stopping": True,
        "verbose": True,
    }
    with pytest.raises(ParameterError, match="--class-targets is for classification"):
        chosen({"class_targets": "0,1"}, "regression")


def test_ctrl_c_while_packages_are_imported():
    code = (
        "import sys\nfrom unstuck.cli.entry import main\n"
        "class Pressed:\n    def find_spec(self, *given):\n        raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "interrupted: stopped by Ctrl-C.\n")


def test_too_little_memory_is_told(monkeypatch, tmp_path):
    def no_memory(*given, **named):
        raise MemoryError

    monkeypatch.setattr("unstuck.data.datasets.load_dataset", no_memory)
    done = unstuck("data", "iris", folder=tmp_path)
    assert done.returncode == 2
    assert "needs more memory than there is" in done.stderr


def test_a_tiny_table_trains_without_validation(tmp_path):
    rows = ["a,b,y", *(f"{i},{i % 3},{'xz'[i % 2]}" for i in range(8))]
    (tmp_path / "tiny.csv").write_text("\n".join(rows))
    ran = unstuck(
        "train", tmp_path / "tiny.csv", "--target", "y", "--max-iter", 2, "--out", tmp_path / "run",
        "--no-plots",
    )  # fmt: skip
    assert ran.returncode == 0
    assert "trained without validation: 6 rows of 2 classes are too few" in ran.stderr
    assert "ignored" not in ran.stderr
