"""The end of ``unstuck train``: the verdict for people, and all of it as JSON for programs."""

from __future__ import annotations

import json
import re

import numpy as np
import polars as pl
import pytest
from command import unstuck

QUICK = ("--max-iter", "30", "--hidden", "8", "--batch-size", "16", "--no-plots")


def table(folder, rows=160):
    """Customers who leave, a column that says so afterwards, and columns that name the rows."""
    rng = np.random.default_rng(0)
    months, calls = rng.integers(1, 60, rows), rng.poisson(2, rows)
    left = rng.random(rows) < 1 / (1 + np.exp(months / 8 - calls))
    frame = pl.DataFrame(
        {
            "id": np.arange(1, rows + 1),
            "customer": rng.permutation(np.arange(10_000, 90_000, 80_000 // rows)[:rows]),
            "months": months,
            "calls": calls,
            "plan": rng.choice(["basic", "large", "family"], rows),
            "letter sent": np.where(left, "yes", "no"),
            "left": np.where(left, "gone", "here"),
        }
    )
    path = folder / "customers.csv"
    frame.write_csv(path)
    return path


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verdict")
    path = table(folder)
    told = unstuck("train", path, "--target", "left", *QUICK, "--out", folder / "run")
    return folder, path, told


def test_the_end_tells_verdict_scores_diagnosis_and_next_step_in_this_order(judged):
    text = judged[2].stdout
    parts = ["Stopped:", "Verdict:", "rows  accuracy", "precision", "Columns that matter",
             "Diagnosis of the first of 5 networks:", "Next", "Written to"]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert re.search(r"a linear model +\d\.\d{3}", text)
    end = text[text.index("Verdict:") :].splitlines()
    assert max(map(len, end[:-3])) <= 100
    assert len(end) < 40


def test_what_names_the_rows_is_told_before_it_is_learned_with_the_flag(judged):
    text = " ".join(judged[2].stdout.split())
    assert "id: looks like a row number; better left out: --ignore id" in text
    assert "customer: looks like an id, another one in every row; better left out: --ignore" in text
    assert text.index("better left out") < text.index("rows to train on")


def test_a_leak_is_named_and_the_next_step_leaves_it_out(judged):
    folder, path, told = judged
    text = " ".join(told.stdout.split())
    assert "'letter sent' gives the target away: is it known before?" in text
    assert "--ignore 'letter sent'" in text
    again = unstuck(
        *("train", path, "--target", "left", "--ignore", "letter sent", *QUICK),
        *("--out", folder / "again"),
    )
    assert "gives the target away" not in again.stdout


def test_the_verdict_is_kept_in_the_folder_of_the_run(judged):
    kept = json.loads((judged[0] / "run" / "settings.json").read_text())
    assert kept["verdict"]["result"] in ("better", "within the noise", "worse")
    assert [each["column"] for each in kept["verdict"]["leaks"]] == ["letter sent"]
    assert "diagnosis" not in kept["verdict"]
    assert "healthy" in kept["diagnosis"]
    assert {each["column"] for each in kept["verdict"]["importance"]} == {
        *("id", "customer", "months", "calls", "plan", "letter sent"),
    }


def never(name):
    raise AssertionError(f"{name} is no JSON")


def document(text):
    return json.loads(text, parse_constant=never)


def test_json_is_one_strict_document_and_everything_else_goes_to_standard_error(judged):
    folder, path, _ = judged
    done = unstuck(
        *("train", path, "--target", "left", *QUICK[:-1], "--out", folder / "json", "--json")
    )
    assert done.returncode == 0, done.stderr
    found = document(done.stdout)
    assert "rows to train on" in done.stderr
    kept = document((folder / "run" / "settings.json").read_text())
    assert found["verdict"]["comparisons"] == kept["verdict"]["comparisons"]
    assert found["task"] == "classification"
    assert found["data"]["rows"] == {"train": 120, "test": 40}
    assert any("--ignore id" in sentence for sentence in found["told"])
    assert found["scores"].keys() == {"train", "test"}
    assert found["diagnosis"].keys() >= {"verdict", "healthy", "findings"}
    assert (folder / "json" / "model.safetensors").samefile(found["paths"]["model"])
    assert "training_curve" in found["paths"]["plots"]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (("irs",), "DataError", "Did you mean 'iris'?"),
        (("iris", "--alpha", "x"), "ParameterError", "--alpha was 'x'"),
        (("iris", "--nonsense", "3"), "usage", "--nonsense"),
        ((), "usage", "DATA"),
    ],
)
def test_errors_are_json_too(arguments, kind, message, tmp_path):
    done = unstuck("train", *arguments, "--json", folder=tmp_path)
    assert done.returncode == 2
    error = document(done.stdout)["error"]
    assert error["kind"] == kind
    assert message in error["message"]


def test_an_interruption_is_json_too(monkeypatch, tmp_path):
    def pressed(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr("unstuck.cli.train.open_source", pressed)
    done = unstuck("train", "iris", "--json", folder=tmp_path)
    assert done.returncode == 130
    assert document(done.stdout)["error"]["kind"] == "interrupted"


def test_without_rows_held_out_there_is_no_verdict_and_the_validation_rows_are_second_best(
    tmp_path,
):
    done = unstuck("train", "iris", *QUICK, "--divide", "100,0,0", "--out", tmp_path / "all")
    assert done.returncode == 0, done.stderr
    assert "Verdict" not in done.stdout
    assert re.search(r"train +150 +\d\.\d{4}", done.stdout)
    done = unstuck("train", "iris", *QUICK, "--divide", "75,25,0", "--out", tmp_path / "some")
    assert done.returncode == 0, done.stderr
    assert "test: the validation rows, by which weights were chosen" in done.stdout


def test_a_verdict_that_fails_leaves_a_complete_run(monkeypatch, tmp_path):
    def broken(*given, **more):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("unstuck.verdict.judging.judged", broken)
    done = unstuck("train", "iris", *QUICK, "--out", tmp_path / "run")
    assert done.returncode == 0
    assert "there is no verdict: ZeroDivisionError: by nothing" in done.stderr
    assert "Diagnosis of the first of 5 networks:" in done.stdout


@pytest.mark.parametrize("arguments", [("y",), ("whole",), ("whole", "--task", "regression")])
def test_a_target_that_is_the_same_in_all_rows_is_nothing_to_learn(arguments, tmp_path):
    path = tmp_path / "same.csv"
    pl.DataFrame({"x": range(30), "y": [1.5] * 30, "whole": [7] * 30}).write_csv(path)
    done = unstuck("train", path, "--target", *arguments, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "in all 30 rows: there is nothing to learn" in " ".join(done.stderr.split())
    assert not (tmp_path / "run").exists()


def test_few_rows_are_not_judged_and_no_validation_rows_are_advised(tmp_path):
    path = tmp_path / "few.csv"
    rng = np.random.default_rng(0)
    x = rng.normal(size=(12, 2))
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": np.arange(12) % 2}).write_csv(path)
    done = unstuck("train", path, "--target", "y", *QUICK, "--out", tmp_path / "run")
    text = " ".join(done.stdout.split())
    assert "Verdict: Too few rows to judge it beside a" in text
    assert "Next Use it" not in text
    assert "--early-stopping" not in text
