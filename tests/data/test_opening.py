"""Packed files, and texts in any encoding."""

from __future__ import annotations

import gzip

import polars as pl
import pytest

from unstuck.data.opening import read_text
from unstuck.data.reading import read_table
from unstuck.errors import DataError

TEXT = "Größe;Preis €\n1,5;café\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_encoding_gives_the_same_text(tmp_path, encoding, pack):
    (tmp_path / "a.csv").write_bytes(pack(TEXT.encode(encoding)))
    assert read_text(tmp_path / "a.csv").decode() == TEXT
    assert read_table(tmp_path / "a.csv").rows() == [("1,5", "café")]


def test_zstd_by_its_content(tmp_path):
    frame = pl.DataFrame({"Größe": ["a", "b"], "x": ["1", "2"]})
    frame.write_csv(tmp_path / "a.csv.zst", compression="zstd")
    (tmp_path / "b.csv").write_bytes((tmp_path / "a.csv.zst").read_bytes())
    for name in ("a.csv.zst", "b.csv"):
        assert read_table(tmp_path / name).equals(frame)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0", bytes(range(256)), b"a,b\n1,\0\n"])
def test_what_is_no_text(tmp_path, data):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(DataError, match=r"a.csv.*neither in UTF-8, UTF-16 nor Windows-1252"):
        read_table(tmp_path / "a.csv")


def test_what_is_packed_badly(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n" * 99)[:30])
    with pytest.raises(DataError, match="cannot read"):
        read_table(tmp_path / "a.csv.gz")
