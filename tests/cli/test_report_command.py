"""``unstuck report`` and ``unstuck train --report``: where the page is, and whose rows judge."""

from __future__ import annotations

import json
import shutil

import numpy as np
import polars as pl
import pytest
from command import unstuck

QUICK = ("--preset", "plain", "--max-iter", "5", "--hidden", "4", "--no-verbose", "--no-plots")
NAME = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with a report, of a table with an evil column; its folder, and what was printed."""
    folder = tmp_path_factory.mktemp("report")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 2))
    y = np.where(x[:, 0] > 0, "yes", "no").astype(object)
    pl.DataFrame({NAME: x[:, 0], "b": x[:, 1], "y": y}).write_csv(folder / "t.csv")
    pl.DataFrame({NAME: x[:9, 1], "b": x[:9, 0], "y": y[:9]}).write_csv(folder / "new.csv")
    done = unstuck("train", "t.csv", "--target", "y", *QUICK, "--report", "--json", "--out", "run",
                   folder=folder)  # fmt: skip
    return folder, json.loads(done.stdout)


def test_a_run_has_its_report_beside_the_model(run):
    folder, told = run
    assert told["paths"]["report"] == "run/report.html"
    page = (folder / "run/report.html").read_text("utf-8")
    assert "<title>y of t</title>" in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert told["verdict"]["sentence"] in page.replace("&nbsp;", " ")
    assert "What is missing" not in page


def test_the_report_of_the_same_table_is_that_of_the_run(run):
    """By the rows that were held out, though the model knows none of them any more."""
    folder, told = run
    done = unstuck("report", "run", "t.csv", "-o", "again.html", folder=folder)
    assert done.returncode == 0
    assert "written: again.html" in done.stderr
    page = (folder / "again.html").read_text("utf-8")
    assert told["verdict"]["sentence"] in page.replace("&nbsp;", " ")
    assert "20 rows, 2 classes" in page
    assert "60 rows" in page


def test_another_table_is_judged_by_all_rows_without_a_comparison(run):
    folder, _ = run
    done = unstuck("report", "run", "new.csv", "--out", "new.html", folder=folder)
    assert "judged by all rows, without a comparison" in done.stderr
    page = (folder / "new.html").read_text("utf-8")
    assert "9 rows, 2 classes" in page
    assert "Name the table of the run" in page


def test_a_model_file_has_its_report_beside_it(run, tmp_path):
    folder, _ = run
    shutil.copy(folder / "run/model.safetensors", tmp_path / "a.safetensors")
    done = unstuck("report", tmp_path / "a.safetensors", folder / "new.csv", folder=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "report.html").is_file()


WRONG = {
    "no such run": (("none", "t.csv"), "there is no such file"),
    "no such table": (("run", "none.csv"), "none.csv"),
    "no such folder": (("run", "t.csv", "-o", "none/a.html"), "there is no folder 'none'"),
    "a folder": (("run", "t.csv", "-o", "run"), "is a folder"),
    "no such target": (("run", "t.csv", "--target", "z"), "no column 'z'"),
    "other columns": (("run", "iris", "--target", "target"), "lacks 2 columns"),
}


@pytest.mark.parametrize("case", WRONG)
def test_mistakes_are_one_message_and_exit_code_2(run, case):
    words, said = WRONG[case]
    done = unstuck("report", *words, folder=run[0])
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_run_whose_test_rows_are_damaged_says_so(run):
    folder, _ = run
    path = folder / "run/test.csv"
    kept = path.read_text()
    lines = kept.splitlines()
    path.write_text("\n".join([lines[0], *lines[2:]]) + "\n")
    done = unstuck("report", "run", "t.csv", "-o", "x.html", folder=folder)
    path.write_text(kept)
    assert done.returncode == 2
    assert "does not say which rows of t it held out" in done.stderr


def test_a_new_run_removes_the_report_of_the_old_one(run, tmp_path):
    folder, _ = run
    out = tmp_path / "run"
    more = ("train", folder / "t.csv", "--target", "y", *QUICK, "--out", out)
    unstuck(*more)
    (out / "report.html").write_text("old")
    unstuck(*more)
    assert not (out / "report.html").exists()
