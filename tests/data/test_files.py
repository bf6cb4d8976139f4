"""Files as people have them, made here."""

from __future__ import annotations

import datetime
import decimal
import sys

import numpy as np
import polars as pl
import pytest

from unstuck.data.table import TableEncoder, read_table
from unstuck.errors import DataError

SURVEY = """Alter;Größe (m);Einkommen, EUR;Zufrieden;PLZ;Datum
34;1,82;2.500,50;sehr;01234;31.12.2020
51;1,65;n.a.;mäßig;04109;01.02.2021
;1,7;1.999;sehr;10115;15.03.2021
28;1,91;3.000,00;nicht;01234;02.01.2021
"""
LEDGER = """Konto;Betrag;Anteil;Text
4711;1.234,56 €;12 %;Miete
4712;-99,00 €;7,5 %;Strom
4713;1.000.000,00 €;80,5 %;"Haus; Garten"
4714;5,00 €;0 %;Miete

;;;
;;;

"""


def encode(path):
    encoder = TableEncoder()
    return encoder, encoder.fit_transform(read_table(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_survey(tmp_path, encoding):
    (tmp_path / "survey.csv").write_bytes(SURVEY.replace("\n", "\r\n").encode(encoding))
    encoder, rows = encode(tmp_path / "survey.csv")
    names = list(encoder.get_feature_names_out())
    assert names == [
        *("Alter", "Größe (m)", "Einkommen, EUR"),
        *("Zufrieden=mäßig", "Zufrieden=nicht", "Zufrieden=sehr"),
        *("PLZ=01234", "PLZ=04109", "PLZ=10115", "Datum"),
    ]
    assert rows[0].tolist() == [34, 1.82, 2500.5, 0, 0, 1, 1, 0, 0, 1609372800]
    assert rows[:, 2].tolist() == [2500.5, 2500.5, 1999, 3000]
    assert encoder.summary()[1:4] == [
        "times in seconds (dates since 1970): Datum",
        "dates read as day.month.year: Datum",
        "a comma is the decimal sign: Größe (m), Einkommen, EUR",
    ]


def test_a_ledger(tmp_path):
    (tmp_path / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    encoder, rows = encode(tmp_path / "ledger.csv")
    assert rows[:, 1].tolist() == [1234.56, -99, 1e6, 5]
    assert rows[:, 2].tolist() == [12, 7.5, 80.5, 0]
    assert "the currency is left out: Betrag (€)" in encoder.summary()
    assert "12 % is 12: Anteil" in encoder.summary()


def test_a_ledger_with_totals_names_their_row(tmp_path):
    rows = "".join(f"{4000 + 7 * i};{i},50 €\n" for i in range(60))
    (tmp_path / "ledger.csv").write_text(f"Konto;Betrag\n{rows}Summe;1.800,00 €\n", "utf-8")
    encoder, _ = encode(tmp_path / "ledger.csv")
    assert "it holds numbers, but 'Summe' in row 61" in dict(encoder.left_out_)["Konto"]


def test_parquet_of_every_type(tmp_path):
    day = datetime.date(1970, 1, 2)
    moment = datetime.datetime(1970, 1, 2)
    columns = {
        **{
            str(t): pl.Series([1, None, 3], dtype=t)
            for signed in ("Int", "UInt")
            for t in (getattr(pl, f"{signed}{bits}") for bits in (8, 16, 32, 64))
        },
        **{str(t): pl.Series([1, None, 3], dtype=t) for t in (pl.Float32, pl.Float64)},
        "Decimal": pl.Series([decimal.Decimal("1.10"), None, decimal.Decimal("3.10")]),
        "Boolean": pl.Series([True, None, False]),
        "String": pl.Series(["a", None, "b"]),
        "Categorical": pl.Series(["a", None, "b"], dtype=pl.Categorical),
        "Enum": pl.Series(["a", None, "b"], dtype=pl.Enum(["a", "b"])),
        "Date": pl.Series([day, None, day]),
        **{
            f"Datetime {unit}": pl.Series([moment, None, moment], dtype=pl.Datetime(unit))
            for unit in ("ms", "us", "ns")
        },
        "zone": pl.Series([moment, None, moment], dtype=pl.Datetime("us", "Europe/Berlin")),
        "Time": pl.Series([datetime.time(0, 1), None, datetime.time(0, 2)]),
        "Duration": pl.Series([datetime.timedelta(hours=1), None, datetime.timedelta(hours=2)]),
        "Null": pl.Series([None, None, None]),
    }
    frame = pl.DataFrame(columns)
    frame.write_parquet(tmp_path / "all.parquet")
    encoder, rows = encode(tmp_path / "all.parquet")
    again = TableEncoder.from_header(encoder.to_header())
    assert np.array_equal(again.transform(frame), rows)
    assert np.isfinite(rows).all()
    named = dict(zip(encoder.get_feature_names_out(), rows[0], strict=True))
    assert named["Datetime ns"] == named["Date"] == 86400
    assert named["Time"] == 60
    assert [name for name, _ in encoder.left_out_] == ["Null"]


def sheet(path, rows):
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("more").append(["not", "this"])
    book.save(path)


def test_an_excel_sheet_is_encoded_as_its_csv(tmp_path):
    names = ["size", "color", "day", "code", "old"]
    rows = [
        [1.5 * i, "red" if i % 2 else None, datetime.date(2020, 1, i + 1), f"0{i}", i % 3 == 0]
        for i in range(6)
    ]
    sheet(tmp_path / "a.xlsx", [names, *rows, [None] * 5])
    pl.DataFrame(rows, schema=names, orient="row").write_csv(tmp_path / "a.csv")
    encoder, found = encode(tmp_path / "a.xlsx")
    assert [each.reader.name for each in encoder.columns_] == [
        *("number", "text", "date", "text", "boolean")
    ]
    assert np.array_equal(encoder.transform(read_table(tmp_path / "a.csv")), found)
    from_csv, _ = encode(tmp_path / "a.csv")
    assert np.array_equal(from_csv.transform(read_table(tmp_path / "a.xlsx")), found)


def test_names_in_an_excel_sheet(tmp_path):
    sheet(tmp_path / "a.xlsx", [["a", None, "b"], [1, 2, 3]])
    assert read_table(tmp_path / "a.xlsx").columns == ["a", "Unnamed: 1", "b"]
    sheet(tmp_path / "b.xlsx", [["a", "b", "a"], [1, 2, 3]])
    with pytest.raises(DataError, match="several columns of the name 'a'"):
        read_table(tmp_path / "b.xlsx")
    sheet(tmp_path / "c.xlsx", [["a", "b"]])
    with pytest.raises(DataError, match="no rows"):
        read_table(tmp_path / "c.xlsx")


def test_an_empty_first_sheet(tmp_path):
    sheet(tmp_path / "a.xlsx", [])
    with pytest.raises(DataError, match="its first sheet, 'Sheet', is empty"):
        read_table(tmp_path / "a.xlsx")


def test_times_of_day_and_blank_rows_in_a_sheet(tmp_path):
    clock = datetime.time(12, 30)
    sheet(tmp_path / "a.xlsx", [["t", "b"], [clock, 1], [None, None], [datetime.time(0), 2]])
    assert read_table(tmp_path / "a.xlsx").rows() == [(clock, 1), (datetime.time(0), 2)]
    sheet(tmp_path / "b.xlsx", [["t", "b"], [clock, 1], [datetime.datetime(2020, 1, 1), 2]])
    with pytest.raises(DataError, match="mixes times of day and dates, the first in row 1, the o"):
        read_table(tmp_path / "b.xlsx")


def test_whole_numbers_in_a_sheet_for_texts(tmp_path):
    sheet(tmp_path / "a.xlsx", [["t"], [1], [2], ["A"], [1], [2], ["A"]])
    sheet(tmp_path / "b.xlsx", [["t"], [1], [2]])
    encoder, found = encode(tmp_path / "a.xlsx")
    assert np.array_equal(encoder.transform(read_table(tmp_path / "b.xlsx")), found[:2])


def test_without_fastexcel_it_is_said_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    with pytest.raises(
        DataError, match=r"pip install 'unstuck\[excel\]', or save the sheet as CSV"
    ):
        read_table(tmp_path / "a.xlsx")


@pytest.mark.parametrize("version", [1, 2])
def test_headers_of_both_versions_are_read(version):
    frame = pl.DataFrame({"a": [1.5, None], "b": ["x", "y"], "d": ["2020-01-01", "2020-01-02"]})
    encoder = TableEncoder(target="b").fit(frame)
    header = encoder.to_header()
    if version == 1:
        header["version"] = 1
        del header["target"]["kind"]
        for column in header["columns"]:
            column.pop("written", None)
            column["kind"] = "time" if column["kind"] == "date" else column["kind"]
    again = TableEncoder.from_header(header)
    assert np.array_equal(again.transform(frame), encoder.transform(frame))
    assert again.targets(frame).tolist() == ["x", "y"]
