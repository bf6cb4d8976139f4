"""Tables as people have them, on the command line: right, or one sentence and exit code 2."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pandas as pd
import polars as pl
import pytest
from command import unstuck

from unstuck import NetRegressor
from unstuck.cli.predict import write_csv
from unstuck.errors import FileError

QUICK = ("--preset", "plain", "--max-iter", "20", "--no-plots", "--out", "run")
TREND = "".join(f"{i % 9},{i % 2}\n" for i in range(40))


def train(folder, text, *more, name="t.csv", target="y"):
    data = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(data)
    return unstuck("train", name, "--target", target, *QUICK, *more, folder=folder)


@pytest.mark.parametrize(
    "text",
    [
        "a,a,y\n" + "1,2,0\n" * 9,
        "a,y\n" + "2020-01-01,2020-01-01\n2020-01-02,2020-01-02\n" * 9,
        "a,y\n" + "".join(f"{i},{i * 1.5}\n" for i in range(40)) + "9,n.a.\n",
        "a,y\n" + "".join(f"{i},{i * 1.5}\n" for i in range(40)) + "9,oops\n",
        "a,y\n" + "1,inf\n2,3\n" * 9,
        "a,y\n" + "inf,1\n2,0\n" * 9,
        "a,y\n" + "1,1e300\n2,2e300\n" * 9,
        "a,y\n1,2,3\n",
        "a,y\n",
        "a\n\n\n",
        "\0\0\0\0",
        "y\n1\n2\n1\n2\n",
        "a,y\n" + "".join(f"word {i},{i % 2}\n" for i in range(40)),
        gzip.compress(b"a,y\n1,2\n" * 50, mtime=0)[:25],
        b"\x28\xb5\x2f\xfd1234",
        b"PK\x03\x04 no spreadsheet",
        bytes(range(256)),
    ],
    ids=lambda text: type(text).__name__,
)
def test_what_cannot_be_learned_is_one_sentence_and_exit_code_2(tmp_path, text):
    done = train(tmp_path, text)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.csv.gz", "a.csv.zst", "a.tsv", "a.ods"])
def test_files_that_are_not_what_their_name_says(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    done = unstuck("predict", tmp_path, name, folder=tmp_path)
    assert done.returncode == 2
    done = train(tmp_path, b"\x89PNG\r\n\x1a\n\0\0", name=name)
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("levels", "alone"), [(("01234", "04109", "SW1A"), "01234"), (("True", "False", "?!"), "True")]
)
def test_a_row_is_predicted_alike_alone_and_beside_others(tmp_path, levels, alone):
    rows = "".join(f"{level},{i}\n" for i, level in enumerate(levels)) * 20
    assert train(tmp_path, "code,y\n" + rows, "--task", "regression").returncode == 0
    (tmp_path / "both.csv").write_text("code\n" + "\n".join([alone, *levels]) + "\n")
    (tmp_path / "alone.csv").write_text(f"code\n{alone}\n")
    both = unstuck("predict", "run", "both.csv", folder=tmp_path).stdout.splitlines()
    single = unstuck("predict", "run", "alone.csv", folder=tmp_path).stdout.splitlines()
    assert [each[0] for each in (single, both)] == ["prediction"] * 2
    assert float(single[1]) == pytest.approx(float(both[1]), rel=1e-12)


def test_class_names_come_back_as_they_were(tmp_path):
    assert train(tmp_path, "a,y\n" + "1,007\n9,008\n" * 20).returncode == 0
    (tmp_path / "new.csv").write_text("a,y\n1,\n9,\n")
    done = unstuck("predict", "run", "new.csv", folder=tmp_path)
    assert done.stdout.splitlines()[0] == "prediction,probability_007,probability_008"
    assert {line[:3] for line in done.stdout.splitlines()[1:]} <= {"007", "008"}


def test_what_is_new_is_told(tmp_path):
    rows = "red,1,0,1\nblue,2,1,\ngreen,3,1,2\n" * 12
    assert train(tmp_path, "color,size,y,gap\n" + rows).returncode == 0
    (tmp_path / "new.csv").write_text("color,size,gap\nRED,,1\nBlue,2,\n")
    done = unstuck("predict", "run", "new.csv", folder=tmp_path)
    told = " ".join(done.stderr.split())
    assert done.returncode == 0
    assert "color: 2 of 2 values were never seen by the fit, such as 'RED', 'Blue'" in told
    assert "size: 1 of 2 values missing, imputed with 2" in told
    assert "gap: 1 of 2 values missing, imputed with" in told


def test_what_does_not_fit_is_refused(tmp_path):
    assert train(tmp_path, "a,d,y\n" + "1,2020-01-01,0\n2,2020-01-05,1\n" * 20).returncode == 0
    (tmp_path / "new.csv").write_text("a,d\n1,44196\ntall,44197\n")
    done = unstuck("predict", "run", "new.csv", folder=tmp_path)
    told = " ".join(done.stderr.split())
    assert done.returncode == 2
    assert "column 'a' holds 'tall' in row 2; expected numbers such as 1.5" in told
    assert "column 'd' holds '44196' in rows 1, 2; expected dates written year-month-day" in told


@pytest.mark.parametrize(
    ("ignore", "left"),
    [("income, EUR", 3), ("b,income, EUR", 2), ("income, EUR , b", 2), ("Unnamed: 0", 3)],
)
def test_columns_to_ignore(tmp_path, ignore, left):
    rows = "".join(f"{i},{i * 7 % 11},{i * 3 % 8},{i % 5},{i % 2}\n" for i in range(40))
    done = train(tmp_path, ',"income, EUR",b,c,y\n' + rows, "--ignore", ignore)
    assert done.returncode == 0, done.stderr
    assert f"40 rows, {left} columns" in done.stdout
    assert ("it numbers the rows" in " ".join(done.stdout.split())) == (ignore != "Unnamed: 0")
    wrong = train(tmp_path, ',"income, EUR",b,c,y\n' + rows, "--ignore", "incame, EUR")
    assert wrong.returncode == 2
    assert "Did you mean 'income, EUR'" in " ".join(wrong.stderr.split())


def test_ignore_adds_up(tmp_path):
    rows = "".join(f"{i},{i * 7 % 11},{i * 3 % 8},{i % 2}\n" for i in range(40))
    done = train(tmp_path, "a,b,c,y\n" + rows, "--ignore", "a", "--ignore", "b")
    assert "40 rows, 1 column." in done.stdout


def test_a_semicolon_means_a_decimal_comma_in_every_command(tmp_path):
    rows = "".join(f"1,{i:03d};{i % 9},{i % 7}00\n" for i in range(101, 160))
    for more in ((), ("--ignore", "b"), ("--rows", "50")):
        extra = rows.replace("\n", ";1\n") if "b" in more else rows
        head = "a;y;b\n" if "b" in more else "a;y\n"
        done = train(tmp_path, head + extra, *more)
        assert "a comma is the decimal sign: a" in " ".join(done.stdout.split()), done.stderr
    assert unstuck("diagnose", "run", "t.csv", folder=tmp_path).returncode == 0


def test_a_model_without_a_table_knows_the_names_of_its_columns(tmp_path):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 2)), columns=["a", "b"])
    net = NetRegressor((4,), max_iter=500, tol=1e-2, random_state=0).fit(frame, frame.a)
    net.save(tmp_path / "m.safetensors")
    frame.to_csv(tmp_path / "same.csv", index=False)
    frame[["b", "a"]].assign(y="x").to_csv(tmp_path / "turned.csv", sep=";", decimal=",")
    frame[["a"]].to_csv(tmp_path / "fewer.csv", index=False)
    frame.assign(b="x").to_csv(tmp_path / "text.csv", index=False)
    done = {
        name: unstuck("predict", "m.safetensors", f"{name}.csv", folder=tmp_path)
        for name in ("same", "turned", "fewer", "text")
    }
    expected = pl.DataFrame({"prediction": net.predict(frame)}).write_csv()
    assert done["same"].stdout == done["turned"].stdout == expected
    assert done["fewer"].returncode == done["text"].returncode == 2
    assert "lacks 'b'" in done["fewer"].stderr
    assert "column 'b' holds 'x' in rows 1, 2, 3" in done["text"].stderr


def test_a_model_without_names_takes_columns_by_their_order(tmp_path):
    x = np.random.default_rng(0).normal(size=(50, 2))
    NetRegressor((4,), max_iter=500, tol=1e-2, random_state=0).fit(x, x[:, 0]).save(
        tmp_path / "m.safetensors"
    )
    frame = pl.DataFrame(x, schema=["p", "q"])
    frame.with_columns(target=pl.lit(1)).write_csv(tmp_path / "target.csv")
    frame.with_columns(more=pl.lit(1)).write_csv(tmp_path / "more.csv")
    assert unstuck("predict", "m.safetensors", "target.csv", folder=tmp_path).returncode == 0
    done = unstuck("predict", "m.safetensors", "more.csv", folder=tmp_path)
    assert done.returncode == 2
    assert "the table has 3 columns, and the network takes 2" in " ".join(done.stderr.split())


def test_sparse_rows_go_through_every_command(tmp_path):
    rng = np.random.default_rng(0)
    rows = "".join(f"{a},{b},{a % 2}\n" for a, b in rng.integers(0, 150, (600, 2)))
    rows = "".join(f"t{line.split(',')[0]},u{line.split(',', 1)[1]}\n" for line in rows.split())
    assert train(tmp_path, "a,b,y\n" + rows).returncode == 0
    for command in ("predict", "diagnose", "verify"):
        done = unstuck(command, "run", "t.csv", folder=tmp_path)
        assert done.returncode == 0, done.stderr


def test_a_table_that_needs_much_memory_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("unstuck.cli.run.MUCH", 0)
    rows = "".join(f"{i % 7},{i % 5},{i % 2}\n" for i in range(60))
    done = train(tmp_path, "a,b,y\n" + rows)
    told = " ".join(done.stdout.split())
    assert "MB of memory" in told
    assert "times the file: 60 rows of 2 numbers" in told


def test_no_other_characters_are_printed_than_those_of_the_table(monkeypatch):
    """On a terminal that lacks one, notes show a question mark; a table would be another."""
    stream = io.TextIOWrapper(io.BytesIO(), "ascii", errors="replace")
    monkeypatch.setattr("sys.stdout", stream)
    write_csv(pl.DataFrame({"prediction": ["plain"]}), None)
    with pytest.raises(FileError, match=r"output is ascii, which has no '.xe9'.*--out"):
        write_csv(pl.DataFrame({"prediction": ["caf\u00e9"]}), None)
    assert stream.buffer.getvalue() == b"prediction\nplain\n"
