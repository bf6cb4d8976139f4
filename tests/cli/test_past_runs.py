"""Runs that can be compared: listed, side by side, scored, gone on with, repeated."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from command import unstuck
from sklearn import metrics

from unstuck import load
from unstuck.cli import resume
from unstuck.cli.assignment import Asked
from unstuck.cli.compare import judged
from unstuck.cli.measured import plus_minus
from unstuck.cli.predicted import Predicted
from unstuck.cli.rows_in_common import in_common
from unstuck.cli.runs import HEADINGS, collected, table
from unstuck.errors import FileError, ParameterError

QUICK = ("--preset", "plain", "--hidden", "4", "--max-iter", "8", "--no-plots", "--no-verbose")
OURS = Path("runs")


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """A folder with a table of 90 rows, and the runs a, b (validated), c (other rows), n (numbers)
    on it."""
    folder = tmp_path_factory.mktemp("past")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 2)).round(3)
    kind = np.where(x.sum(1) + 0.4 * rng.normal(size=90) > 0, "yes", "no")
    size = (x[:, 0] - 2 * x[:, 1]).round(3)
    pl.DataFrame(
        {"id": [f"r{i}" for i in range(90)], "x": x[:, 0], "y": x[:, 1], "kind": kind, "size": size}
    ).write_csv(folder / "t.csv")
    common = ("train", "t.csv", "--ignore", "id,size", "--target", "kind", *QUICK)
    for name, more in {
        "a": (),
        "b": ("--early-stopping", "--learning-rate-init", "0.05"),
        "c": ("--random-state", "1"),
    }.items():
        done = unstuck(*common, *more, "--out", f"runs/{name}", folder=folder)
        assert done.returncode == 0, done.stderr
    numbers = ("train", "t.csv", "--target", "size", "--ignore", "id,kind", *QUICK)
    assert unstuck(*numbers, "--out", "runs/n", folder=folder).returncode == 0
    return folder


def settings_of(folder, name):
    return json.loads((folder / OURS / name / "settings.json").read_text())


def kept(folder, name):
    with (folder / OURS / name / "test.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def of_json(*words, folder):
    done = unstuck(*words, "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# What a run keeps


def test_the_rows_of_the_test_are_kept_and_the_same_whatever_the_options(past):
    rows = {name: [each["row"] for each in kept(past, name)] for name in "abc"}
    assert rows["a"] == rows["b"] != rows["c"]
    frame = pl.read_csv(past / "t.csv")
    for each in kept(past, "a"):
        assert frame["kind"][int(each["row"]) - 1] == each["target"]
    found = settings_of(past, "b")
    assert found["data"]["rows"] == {"train": 67, "test": 23}
    assert found["division"] == {"train": 0.75, "validation": 0.0, "test": 0.25, "seed": 0}
    assert found["data"]["digest"] == settings_of(past, "n")["data"]["digest"]
    assert found["ignored"] == ["id", "size"]


def test_predictions_that_are_kept_are_those_of_the_model(past):
    for name in ("a", "n"):
        read = Predicted.read(past / "runs" / name / "test.csv", settings_of(past, name)["task"])
        printed = unstuck("predict", f"runs/{name}", "t.csv", folder=past).stdout
        lines = list(csv.DictReader(printed.splitlines()))
        again = [lines[row - 1]["prediction"] for row in read.rows]
        assert read.predicted.tolist() == (again if name == "a" else list(map(float, again)))
        scores = read.scores()
        told = settings_of(past, name)["scores"]["test"]
        assert {k: scores[k].value for k in told} == pytest.approx(told)
        assert settings_of(past, name)["margins"]["test"].keys() >= told.keys()


# unstuck runs


def test_runs_are_listed(past):
    done = unstuck("runs", folder=past)
    lines = done.stdout.splitlines()
    assert tuple(lines[0].split()) == HEADINGS
    assert [line.split()[0] for line in lines[1:5]] == ["a", "b", "c", "n"]
    assert (
        "--preset plain --ignore id,size --early-stopping --hidden 4 --learning-rate-init 0.05 "
        "--max-iter 8" in lines[2]
    )
    assert "accuracy" in lines[1]
    assert "±" in lines[1]
    assert done.stderr == ""
    listed = of_json("runs", "runs", folder=past)["runs"]
    assert [each["name"] for each in listed] == ["a", "b", "c", "n"]
    assert listed[3]["score"]["name"] == "R2"
    assert listed[0]["settings"] == {"hidden_layer_sizes": [4], "max_iter": 8}
    assert [each["name"] for each in of_json("runs", "runs/b", folder=past)["runs"]] == ["b"]


def test_broken_runs_are_told_and_the_others_listed(past, tmp_path):
    shutil.copytree(past / "runs", tmp_path / "runs")
    runs = tmp_path / "runs"
    (runs / "a" / "settings.json").write_text("{")
    (runs / "b" / "model.safetensors").unlink()
    (runs / "empty").mkdir()
    (runs / "note.txt").write_text("not a run")
    old = json.loads((runs / "c" / "settings.json").read_text())
    for name in ("when", "margins", "diagnosis", "division", "scores"):
        del old[name]
    (runs / "c" / "settings.json").write_text(json.dumps(old))
    done = unstuck("runs", folder=tmp_path)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[1:3]] != []
    assert {line.split()[0] for line in done.stdout.splitlines()[1:3]} == {"c", "n"}
    assert "runs/a: runs/a/settings.json is damaged" in done.stderr
    assert "runs/b: 'runs/b' holds no model.safetensors: half of a run" in done.stderr
    assert "runs/empty: 'runs/empty' holds no settings.json" in done.stderr
    assert len(of_json("runs", folder=tmp_path)["broken"]) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"margins": {"test": ["a"]}},
        {"diagnosis": {"healthy": False, "findings": "abc"}},
        {"diagnosis": {"healthy": False, "findings": [5]}},
        {"diagnosis": {"healthy": False, "findings": {"a": 1}}},
        {"preset": ["table"]},
        {"scores": {"test": {"accuracy": 10**400}}},
        {"data": {"digest": [1]}},
        {"task": "foo"},
        {"parameters": {"hidden_layer_sizes": {"a": [1]}, "solver": ["x"], "alpha": None}},
        {"stop_reason": {"name": 3}},
        None,
    ],
    ids=str,
)
def test_a_damaged_run_does_not_hide_the_others(changed, past, tmp_path):
    for name in "ac":
        shutil.copytree(past / "runs" / name, tmp_path / name)
    told = settings_of(past, "a")
    text = "[" * 100_000 if changed is None else json.dumps({**told, **changed})
    (tmp_path / "a" / "settings.json").write_text(text)
    found, broken = collected(tmp_path)
    assert "c" in [each.name for each in found]
    if changed is None or "parameters" not in changed:
        assert "is damaged" in broken[0][1]
        assert unstuck("compare", "a", "c", folder=tmp_path).returncode == 2


def test_numbers_out_of_bounds_are_told_short(past, tmp_path):
    shutil.copytree(past / "runs" / "a", tmp_path / "a")
    told = settings_of(past, "a")
    for margin, shown in ((-1.0, "accuracy 0.5 "), (1e308, "0.5 ± 1e+308")):
        told |= {"scores": {"test": {"accuracy": 0.5}}, "margins": {"test": {"accuracy": margin}}}
        (tmp_path / "a" / "settings.json").write_text(json.dumps(told))
        assert shown in "\n".join(table(collected(tmp_path)[0], 1000))


def test_names_command_no_terminal(past, tmp_path):
    for name in "ac":
        shutil.copytree(past / "runs" / name, tmp_path / name)
    told = {**settings_of(past, "a"), "target": "y\n\x1b[31m\ud800"}
    (tmp_path / "a" / "settings.json").write_text(json.dumps(told))
    for words in (("runs", "."), ("compare", "a", "c")):
        done = unstuck(*words, folder=tmp_path)
        assert done.returncode == 0
        assert "y\\n\\x1b[31m\\ud800" in done.stdout


def test_predictions_in_another_order_are_the_same_and_no_row_is_there_twice(past, tmp_path):
    (tmp_path / "test.csv").write_text(_turned(past / "runs/a/test.csv"))
    read = Predicted.read(tmp_path / "test.csv", "classification")
    before = Predicted.read(past / "runs/a/test.csv", "classification")
    assert (read.rows == before.rows).all()
    assert (read.probabilities == before.probabilities).all()
    head, first, *_ = (past / "runs/a/test.csv").read_text().splitlines()
    (tmp_path / "test.csv").write_text("\n".join([head, first, first]))
    with pytest.raises(FileError, match="a row is there twice"):
        Predicted.read(tmp_path / "test.csv", "classification")


def _turned(path):
    head, *lines = path.read_text().splitlines()
    return "\n".join([head, *reversed(lines)])


@pytest.mark.parametrize(
    ("text", "said"),
    [("[" * 100_000, "too deep"), ('{"data_seed": -1, "rows": 50}', "expected 0 or more")],
    ids=["deep", "seed"],
)
def test_settings_that_cannot_be_are_one_message(text, said, past):
    (past / "s.json").write_text(text)
    done = unstuck("train", "t.csv", "--config", "s.json", "--target", "kind", folder=past)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_column_that_csv_cannot_hold_is_not_kept(past, tmp_path):
    frame = pl.read_csv(past / "t.csv").with_columns(pl.Series("parts", [[1, 2]] * 90))
    frame.write_parquet(tmp_path / "t.parquet")
    words = ("predict", "runs/a", tmp_path / "t.parquet", "--keep")
    done = unstuck(*words, "parts", folder=past)
    assert done.returncode == 2
    assert "--keep 'parts': the column holds List" in done.stderr
    assert unstuck(*words, "id", folder=past).returncode == 0


def test_no_runs_are_told(tmp_path):
    done = unstuck("runs", folder=tmp_path)
    assert done.returncode == 2
    assert "`unstuck train DATA` makes runs/" in done.stderr
    (tmp_path / "runs").mkdir()
    assert "No runs in runs/." in unstuck("runs", folder=tmp_path).stdout
    (tmp_path / "file").touch()
    assert "is a file" in unstuck("runs", "file", folder=tmp_path).stderr


# unstuck compare


def test_runs_on_the_same_rows_are_compared_in_pairs(past):
    done = unstuck("compare", "runs/a", "runs/b", folder=past)
    assert done.returncode == 0, done.stderr
    assert "All are scored on the same 23 rows." in done.stdout
    assert "B - A" in done.stdout
    found = of_json("compare", "runs/a", "runs/b", folder=past)
    assert found["settings"]["early_stopping"] == [False, True]
    assert set(found["settings"]) == {"early_stopping", "learning_rate_init"}
    a, b = ([e["prediction"] == e["target"] for e in kept(past, name)] for name in "ab")
    both = found["scores"]["accuracy"]
    assert [each["value"] for each in both] == pytest.approx([np.mean(a), np.mean(b)])
    loss = [
        metrics.log_loss(
            [e["target"] for e in kept(past, name)],
            [[float(e[f"probability_{k}"]) for k in ("no", "yes")] for e in kept(past, name)],
        )
        for name in "ab"
    ]
    difference = found["differences"]["log_loss"][0]
    assert difference["value"] == pytest.approx(loss[1] - loss[0])
    assert 0 < difference["standard_error"] < difference["margin"]


def test_runs_on_other_rows_are_compared_on_those_they_share(past):
    shared = {e["row"] for e in kept(past, "a")} & {e["row"] for e in kept(past, "c")}
    done = unstuck("compare", "runs/a", "runs/c", folder=past)
    assert f"all are scored on the {len(shared)} that were held out in each" in done.stdout
    assert of_json("compare", "runs/a", "runs/c", folder=past)["settings"] == {
        "random_state": [0, 1]
    }


def test_runs_of_other_tasks_stand_side_by_side(past):
    done = unstuck("compare", "runs/a", "runs/n", "runs/b", folder=past)
    assert done.returncode == 0
    assert "The tasks differ" in done.stdout
    assert "R2" in done.stdout
    assert "B - A" not in done.stdout


def test_runs_are_compared_on_a_table_that_is_named(past):
    done = unstuck("compare", "runs/a", "runs/b", "--data", "t.csv", folder=past)
    assert "All are scored on the same 90 rows." in done.stdout
    assert "t holds the rows that a, b learned from" in done.stderr


def test_a_run_without_kept_rows_is_told(past, tmp_path):
    shutil.copytree(past / "runs", tmp_path / "runs")
    (tmp_path / "runs/a/test.csv").unlink()
    done = unstuck("compare", "runs/a", "runs/b", folder=tmp_path)
    assert "1 of the runs have no test rows" in done.stdout
    assert "--data DATA" in done.stdout
    (tmp_path / "runs/a/test.csv").write_text("row,target\n1\n")
    done = unstuck("compare", "runs/a", "runs/b", folder=tmp_path)
    assert done.returncode == 2
    assert "test.csv is damaged" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["compare", "runs/a"], "takes 2 to 26 runs and received 1"),
        (["compare", "runs/a", "nowhere"], "'nowhere' is not there"),
        (["compare", "runs/a", "runs/b", "--target", "kind"], "belong to --data"),
        (["compare"], "Missing argument"),
        (["score", "runs/a", "iris"], "no column 'kind'"),
        (["score", "runs/a", "t.csv", "--target", "knid"], "Did you mean 'kind'?"),
        (["predict", "runs/a", "t.csv", "--keep", "ids"], "Did you mean 'id'?"),
        (["predict", "runs/a", "t.csv", "--std"], "--std is for numbers"),
        (["predict", "runs/n", "t.csv", "--std"], "and --solver br"),
        (["train", "t.csv", "--resume", "nowhere"], "'nowhere' is not there"),
        (["train", "t.csv", "--resume", "runs/a", "--hidden", "9"], "the run has '4'"),
        (["train", "t.csv", "--resume", "runs/a", "--target", "size"], "the run has 'kind'"),
        (["train", "t.csv", "--resume", "runs/a", "--config", "x"], "leave --config out"),
        (["train", "iris", "--resume", "runs/a"], "no column 'kind'"),
        (["train", "t.csv", "--config", "nowhere"], "cannot be read"),
        (["train", "t.csv", "--config", "t.csv"], "holds no JSON"),
        (["train", "t.csv", "--warm-start"], "--resume RUN goes on"),
        (["train", "t.csv", "--epochs", "3"], "Did you mean '--max-iter'?"),
        (["train", "t.csv", "--drop", "id"], "Did you mean '--ignore'?"),
        (["train", "t.csv", "--target", "kind", "--ignore", "idd"], "Did you mean 'id'?"),
        (["train", "t.csv", "--target", "kind", "--class-weight", "yse:2"], "mean 'yes'?"),
        (["train", "t.csv", "--target", "kind", "--class-weight", "yes"], "typed as yes:2,no:1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_usage_is_one_message(past, words, message):
    before = sorted(past.rglob("*"))
    done = unstuck(*words, folder=past)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert sorted(past.rglob("*")) == before


def test_rows_are_the_same_where_numbers_and_targets_are():
    def of(rows, y):
        rows = np.array(rows)
        return Predicted("regression", rows, np.array(y, float), np.zeros(len(rows)))

    same = in_common([of([1, 4, 9], [1, 2, 3]), of([1, 4, 9], [1, 2, 3])], ["x", "x"])
    assert same.paired
    assert same.sentence == "All are scored on the same 3 rows."
    changed = in_common([of([1, 4], [1, 2]), of([1, 4], [1, 2])], ["x", "y"])
    assert changed.paired
    assert "Their tables differ, with the same targets" in changed.sentence
    some = in_common([of([1, 4, 9], [1, 2, 3]), of([4, 5, 9], [2, 7, 3])], ["x", "x"])
    assert some.rows.tolist() == [4, 9]
    assert [each.y.tolist() for each in some.predicted] == [[2, 3], [2, 3]]
    other = in_common([of([1, 4], [1, 2]), of([1, 4], [1, 5])], ["x", "y"])
    assert not other.paired
    assert "The tables differ" in other.sentence
    none = in_common([of([1, 4], [1, 2]), of([5, 6], [1, 5])], ["x", "x"])
    assert not none.paired
    assert in_common([None, None], ["x", "x"]).sentence.startswith("No run has test rows")


# unstuck score


def test_a_run_is_scored_on_a_table(past, tmp_path):
    frame = pl.read_csv(past / "t.csv").head(40)
    path = tmp_path / "new.csv"
    frame.write_csv(path)
    done = unstuck("score", "runs/a", path, folder=past)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "40 rows of new" in done.stdout
    found = of_json("score", "runs/a", path, folder=past)["scores"]
    net = load(past / "runs/a")
    predicted = net.predict(net.table_.transform(frame))
    truth = frame["kind"].to_numpy()
    assert found["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(truth, predicted))
    p = net.predict_proba(net.table_.transform(frame))
    assert found["AUC"]["value"] == pytest.approx(metrics.roc_auc_score(truth == "yes", p[:, 1]))
    assert "it was trained on most of t" in unstuck("score", "runs/a", "t.csv", folder=past).stderr
    renamed = tmp_path / "renamed.csv"
    frame.rename({"kind": "answer"}).write_csv(renamed)
    other = of_json("score", "runs/a", renamed, "--target", "answer", folder=past)["scores"]
    assert other == found


def test_rows_without_a_target_are_left_out_when_told_so(past, tmp_path):
    frame = pl.read_csv(past / "t.csv").head(60)
    holes = pl.Series([None if i in (3, 7) else v for i, v in enumerate(frame["kind"])])
    path = tmp_path / "holes.csv"
    frame.with_columns(kind=holes).write_csv(path)
    refused = unstuck("score", "runs/a", path, folder=past)
    assert refused.returncode == 2
    assert "no value in 2 of 60 rows (rows 4, 8)" in refused.stderr
    assert "--drop-missing-target" in refused.stderr
    scored = unstuck("score", "runs/a", path, "--drop-missing-target", folder=past)
    assert "58 rows of holes" in scored.stdout
    assert "2 rows without a target left out, of 60" in scored.stderr
    words = ("train", path, "--target", "kind", "--ignore", "id,size", *QUICK)
    refused = unstuck(*words, folder=tmp_path)
    assert "leave these rows out with --drop-missing-target" in refused.stderr
    done = unstuck(*words, "--drop-missing-target", "--out", "run", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "holes: 58 rows" in done.stdout
    found = json.loads((tmp_path / "run/settings.json").read_text())
    assert found["dropped_without_target"] == 2
    again = unstuck(
        *("train", path, "--config", "run/settings.json", "--no-verbose", "--no-plots"),
        *("--out", "again"),
        folder=tmp_path,
    )
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again/test.csv").read_text() == (tmp_path / "run/test.csv").read_text()
    frame.with_columns(kind=pl.lit(None, str)).write_csv(path)
    nothing = unstuck(*words, "--drop-missing-target", folder=tmp_path)
    assert "has no value in any of the 60 rows" in nothing.stderr


# unstuck predict


def test_columns_of_the_table_are_kept_beside_the_prediction(past):
    done = unstuck("predict", "runs/a", "t.csv", "--keep", "id,kind", folder=past)
    lines = list(csv.DictReader(done.stdout.splitlines()))
    assert list(lines[0]) == ["id", "kind", "prediction", "probability_no", "probability_yes"]
    assert [each["id"] for each in lines] == [f"r{i}" for i in range(90)]
    frame = pl.read_csv(past / "t.csv").rename({"id": "prediction"})
    frame.write_csv(past / "clash.csv")
    clash = unstuck("predict", "runs/a", "clash.csv", "--keep", "prediction", folder=past)
    (past / "clash.csv").unlink()
    assert clash.returncode == 2
    assert "have a column of this name" in clash.stderr


def test_standard_deviations_are_those_of_the_posterior(tmp_path):
    words = ("train", "sine", "--rows", "60", "--solver", "br", "--hidden", "3")
    more = ("--activation", "tanh", "--max-iter", "20", "--no-plots", "--no-verbose")
    assert unstuck(*words, *more, "--out", "run", folder=tmp_path).returncode == 0
    printed = unstuck("predict", "run", "sine", "--std", folder=tmp_path).stdout
    lines = list(csv.DictReader(printed.splitlines()))
    net = load(tmp_path / "run")
    unstuck("data", "sine", "--out", "sine.csv", folder=tmp_path)
    x = net.table_.transform(pl.read_csv(tmp_path / "sine.csv"))
    mean, std = net.predict(x, return_std=True)
    assert [float(each["prediction"]) for each in lines] == pytest.approx(mean.tolist())
    assert [float(each["prediction_std"]) for each in lines] == pytest.approx(std.tolist())


# --resume


def test_a_run_goes_on_as_if_it_had_not_ended(past, tmp_path):
    common = ("train", "t.csv", "--ignore", "id,size", "--target", "kind", *QUICK)
    whole = unstuck(*common, "--max-iter", "12", "--out", tmp_path / "whole", folder=past)
    assert whole.returncode == 0, whole.stderr
    done = unstuck(
        *("train", "t.csv", "--resume", "runs/a", "--max-iter", "4", "--no-verbose", "--no-plots"),
        *("--out", tmp_path / "more"),
        folder=past,
    )
    assert done.returncode == 0, done.stderr
    assert "Goes on from runs/a, after 8 epochs." in done.stdout
    first, second = load(tmp_path / "whole"), load(tmp_path / "more")
    assert (second.n_iter_, len(second.loss_curve_)) == (4, 12)
    assert "4 epochs, 12 with those before." in done.stdout
    assert second.loss_curve_ == pytest.approx(first.loss_curve_, rel=1e-6)
    for ours, theirs in zip(first.coefs_, second.coefs_, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)
    found = json.loads((tmp_path / "more/settings.json").read_text())
    assert found["resumed"] == "runs/a"
    assert found["parameters"]["warm_start"] is False
    rows = [
        [line.split(",")[0] for line in (tmp_path / name / "test.csv").read_text().splitlines()]
        for name in ("whole", "more")
    ]
    assert rows[0] == rows[1]


def test_the_same_shares_are_the_same_however_they_are_written(past):
    for text in ("75.0,0,25", "75, 0, 25.00"):
        assert resume.opened(past / "runs" / "a", Asked(divide=text)).asked.divide == "75,0,25"
    with pytest.raises(ParameterError, match="--divide was '70,0,30'"):
        resume.opened(past / "runs" / "a", Asked(divide="70,0,30"))


@pytest.mark.parametrize("width", [40, 80])
def test_runs_fit_narrow_terminals(past, tmp_path, width):
    shutil.copytree(past / "runs" / "a", tmp_path / ("long" * 40))
    lines = table(collected(tmp_path)[0], width)
    assert max(map(len, lines)) <= width
    assert any("±" in line for line in lines)
    assert any("--hidden 4" in " ".join(lines).replace("    ", "") for line in lines)


def test_where_all_settings_are(past):
    assert "All of them: runs/RUN/settings.json" in unstuck("runs", folder=past).stdout
    assert "All of them: runs/a/settings.json" in unstuck("runs", "runs/a", folder=past).stdout


def test_a_run_goes_on_with_other_rates_and_other_rows(past, tmp_path):
    pl.read_csv(past / "t.csv").head(80).write_csv(tmp_path / "less.csv")
    done = unstuck(
        *("train", tmp_path / "less.csv", "--resume", "runs/b", "--learning-rate-init", "0.01"),
        *("--max-iter", "2", "--no-verbose", "--no-plots", "--out", tmp_path / "more"),
        folder=past,
    )
    assert done.returncode == 0, done.stderr
    assert "less is not the table of b" in done.stderr
    found = json.loads((tmp_path / "more/settings.json").read_text())["parameters"]
    assert found["learning_rate_init"] == 0.01
    assert found["early_stopping"] is True


def test_a_run_of_an_earlier_version_cannot_go_on(past, tmp_path):
    shutil.copytree(past / "runs/a", tmp_path / "old")
    old = json.loads((tmp_path / "old/settings.json").read_text())
    del old["division"]
    (tmp_path / "old/settings.json").write_text(json.dumps(old))
    done = unstuck("train", past / "t.csv", "--resume", "old", folder=tmp_path)
    assert done.returncode == 2
    assert "of an earlier version" in done.stderr


# --config


def test_the_settings_of_a_run_repeat_it(past, tmp_path):
    done = unstuck(
        *("train", "t.csv", "--config", "runs/b/settings.json", "--no-plots"),
        *("--out", tmp_path / "b"),
        folder=past,
    )
    assert done.returncode == 0, done.stderr
    model = "model.safetensors"
    assert (tmp_path / "b/test.csv").read_text() == (past / "runs/b/test.csv").read_text()
    assert (tmp_path / "b" / model).read_bytes() == (past / "runs/b" / model).read_bytes()


def test_what_is_typed_counts_more_than_what_is_written(past, tmp_path):
    (tmp_path / "mine.json").write_text(
        json.dumps(
            {
                "target": "kind",
                "ignore": ["id", "size"],
                "divide": [60, 20, 20],
                "hidden": [4],
                "max-iter": 3,
                "random_state": None,
                "class_weight": {"yes": 2, "no": 1},
                "n_iter_no_change": "inf",
            }
        )
    )
    words = ("train", "t.csv", "--config", tmp_path / "mine.json", "--no-verbose", "--no-plots")
    done = unstuck(*words, "--max-iter", "2", "--out", tmp_path / "run", folder=past)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "run/settings.json").read_text())
    assert found["parameters"]["max_iter"] == 2
    assert found["parameters"]["hidden_layer_sizes"] == [4]
    assert found["parameters"]["random_state"] is None
    assert found["parameters"]["class_weight"] == {"yes": 2, "no": 1}
    assert found["data"]["rows"] == {"train": 54, "validation": 18, "test": 18}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"epochs": 3}, "there is no parameter 'epochs'. Did you mean 'max-iter'?"),
        ({"sovler": "lm"}, "there is no parameter 'sovler'. Did you mean 'solver'?"),
        ({"coefs_init": [[1.0]]}, "'coefs_init' cannot be given here: --resume RUN goes on"),
        ({"solver": "lmm"}, "--solver was 'lmm'"),
        ({"target": 3}, "'target' was 3; expected str"),
        ({"hidden_layer_sizes": {"a": 1}}, "--hidden-layer-sizes was {'a': 1}"),
        ({"ignore": [1]}, "'ignore' was [1]"),
        ([1, 2], "holds [1, 2]; expected the settings.json of a run"),
    ],
)
def test_a_wrong_file_of_settings_is_told(past, tmp_path, written, message):
    (tmp_path / "s.json").write_text(json.dumps(written))
    target = ("--target", "kind") if "target" not in written else ()
    done = unstuck("train", "t.csv", "--config", tmp_path / "s.json", *target, folder=past)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


def test_a_narrow_terminal_has_two_lines_a_run(past):
    found, _ = collected(past / "runs")
    wide, narrow = table(found, 1000), table(found, 80)
    assert len(wide) == len(found) + 1
    assert len(narrow) >= 2 * len(wide)
    assert max(map(len, narrow[::2])) <= 80
    assert narrow[2].split()[0] == "a"
    assert "--max-iter 8" in narrow[3]


def test_the_settings_of_a_run_that_went_on_begin_anew_and_say_so(past, tmp_path):
    found = settings_of(past, "a") | {"resumed": "runs/x"}
    (tmp_path / "s.json").write_text(json.dumps(found))
    done = unstuck(
        *("train", "t.csv", "--config", tmp_path / "s.json", "--max-iter", "1", "--no-plots"),
        *("--no-verbose", "--out", tmp_path / "run"),
        folder=past,
    )
    assert done.returncode == 0, done.stderr
    assert "went on from runs/x; this one begins anew" in done.stderr


@pytest.mark.parametrize(
    ("value", "about", "told"),
    [
        (0.0512932943875504463, 5.2e-18, "0.05129"),
        (0.0, 0.1, "0.00 ± 0.10"),
        (1.234e-12, 2e-13, "1.2e-12 ± 2e-13"),
    ],
)
def test_noise_of_the_arithmetic_is_not_told(value, about, told):
    assert plus_minus(value, about) == told


# What was found by trying


def test_a_run_tells_its_preset_and_which_run_it_replaces(past, tmp_path):
    shutil.copy(past / "t.csv", tmp_path)
    words = ("train", "t.csv", "--target", "kind", "--ignore", "id,size", "--solver", "lm",
             "--divide", "60,20,20", *QUICK[2:], "--out", "runs/x")  # fmt: skip
    first = unstuck(*words, folder=tmp_path)
    assert "Preset plain: scikit-learn's settings" in first.stdout
    assert "replaces" not in first.stderr
    again = unstuck(*words, folder=tmp_path)
    when = settings_of(tmp_path, "x")["when"][:4]
    assert f"replaces the run of {when}" in again.stderr
    assert "in runs/x: 'kind' of t." in again.stderr
    listed = unstuck("runs", folder=tmp_path).stdout
    assert "--preset plain --ignore id,size --divide 60,20,20" in listed
    found = of_json("runs", folder=tmp_path)["runs"][0]
    assert found["ignored"] == ["id", "size"]
    assert found["division"]["validation"] == 0.2


def test_classes_that_the_network_does_not_know_are_told(past, tmp_path):
    frame = pl.read_csv(past / "t.csv")
    frame.with_columns(kind=pl.lit("maybe")).write_csv(tmp_path / "none.csv")
    done = unstuck("score", past / "runs/a", tmp_path / "none.csv")
    assert done.returncode == 2
    assert "holds 'maybe', and the network knows the classes 'no', 'yes'" in done.stderr
    some = frame.with_columns(
        kind=pl.when(pl.col("x") > 1).then(pl.lit("maybe")).otherwise(pl.col("kind"))
    )
    some.write_csv(tmp_path / "some.csv")
    done = unstuck("score", past / "runs/a", tmp_path / "some.csv")
    assert done.returncode == 0
    assert f"{(some['kind'] == 'maybe').sum()} of 90 rows have a class" in done.stderr


def test_a_margin_of_rounding_alone_is_not_shown():
    assert plus_minus(36.04365338911714645, 8.1e-16) == "36.04"


def test_every_score_is_summed_up(past):
    lines = unstuck("compare", "runs/a", "runs/b", folder=past).stdout.splitlines()
    told = [each for each in lines if each.endswith(("A and B.", "may be chance.", "equal."))]
    names = {name for each in told for name in each.partition(":")[0].split(", ")}
    assert names == {"accuracy", "balanced_accuracy", "AUC", "log_loss"}


@pytest.mark.parametrize(
    ("name", "difference", "about", "told"),
    [
        ("accuracy", 0.2, 0.1, "B is the better one of A and B"),
        ("log_loss", 0.2, 0.1, "A is the better one of A and B"),
        ("AUC", 0.0, 0.1, "A and B are equal"),
        ("AUC", 0.05, 0.1, "the difference of A and B may be chance"),
        ("AUC", float("nan"), 0.1, "A and B cannot be compared"),
    ],
)
def test_what_a_difference_says(name, difference, about, told):
    assert judged(name, difference, about, "A", "B") == told


@pytest.mark.parametrize(
    "words",
    [
        ("--early-stopping",),
        ("--solver", "auto"),
        ("--validation-fraction", "0.3"),
    ],
)
def test_rows_that_were_trained_on_do_not_validate(past, words):
    done = unstuck("train", "t.csv", "--resume", "runs/a", *words, folder=past)
    assert done.returncode == 2
    assert f"{words[0]}" in done.stderr
    assert "train anew" in done.stderr


@pytest.mark.parametrize(
    "part",
    [
        {"data": 5},
        {"division": "x"},
        {"division": {"train": 1}},
        {"division": {"train": "x", "validation": 0, "test": 0.25, "seed": 0}},
        {"division": {"train": 5.0, "validation": 0, "test": 0.25, "seed": 0}},
    ],
)
def test_damaged_settings_are_told(past, tmp_path, part):
    (tmp_path / "c.json").write_text(json.dumps({"parameters": {}, **part}))
    done = unstuck("train", past / "t.csv", "--target", "kind", "--config", tmp_path / "c.json")
    assert done.returncode == 2
    assert f"c.json is damaged: {next(iter(part))!r} was" in done.stderr
    shutil.copytree(past / "runs/a", tmp_path / "run")
    (tmp_path / "run/settings.json").write_text(json.dumps(settings_of(past, "a") | part))
    done = unstuck("train", past / "t.csv", "--resume", tmp_path / "run")
    assert done.returncode == 2
    assert "settings.json is damaged" in done.stderr
    assert next(iter(part)) in done.stderr
    assert unstuck("runs", tmp_path / "run").returncode == 0
