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


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_letters_of_english_only_in_utf_16_without_a_mark(tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes("a,b\n1,x\n".encode(encoding))
    assert read_table(tmp_path / "a.csv").rows() == [("1", "x")]


def test_two_encodings_in_one_file(tmp_path):
    (tmp_path / "a.csv").write_bytes("city,y\nKöln,1\n".encode() + b"M\xfcnchen,2\n")
    with pytest.raises(DataError, match=r"UTF-8 but for some lines, .* line 3 \('M.nchen,2'\)"):
        read_table(tmp_path / "a.csv")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_zstd_around_another_encoding_is_said(tmp_path, encoding):
    text = TEXT.encode(encoding)
    frame = b"\x28\xb5\x2f\xfd\xa0" + len(text).to_bytes(4, "little")  # one block as it is
    packed = frame + (len(text) << 3 | 1).to_bytes(3, "little") + text
    (tmp_path / "a.csv.zst").write_bytes(packed)
    with pytest.raises(DataError, match="packed with zstd is not in UTF-8"):
        read_table(tmp_path / "a.csv.zst")


def test_what_is_packed_badly(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n" * 99)[:30])
    with pytest.raises(DataError, match="cannot read"):
        read_table(tmp_path / "a.csv.gz")
