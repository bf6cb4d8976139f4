"""The bytes of a file, unpacked where it is packed, and as UTF-8 whatever it was written in."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from unstuck.errors import DataError

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
"""What packed files begin with; their names may say otherwise."""
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks; UTF-32 before UTF-16, whose mark it begins with."""
CHUNK = 1 << 20
SNIFFED = 1000
"""Bytes whose zeros tell UTF-16."""
IN_UTF_8 = re.compile(rb"\xc3[\x80-\xbf]|\xe2(?:\x82\xac|\x80[\x90-\xa6])")
"""Letters, quotes and the euro in UTF-8, which hardly ever mean anything in Windows-1252."""


def read_text(file: Path) -> bytes:
    r"""What a text file holds, as UTF-8 without a mark.

    UTF-8 is recognized with and without a mark, UTF-16 and UTF-32 by their mark or their zeros;
    anything else is taken for Windows-1252, which Excel writes in Western Europe.

    Raises:
        DataError: it is none of these.
        OSError: it cannot be read or unpacked.

    Example:
        >>> import tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp(), "a.csv")
        >>> _ = file.write_bytes("größe\n1".encode("utf-16"))
        >>> read_text(file).decode()
        'größe\n1'
    """
    data = unpacked(file.read_bytes())
    is_plain = data.isascii() and b"\0" not in data[:SNIFFED]
    encoding = "utf-8" if is_plain else encoding_of(data)
    if encoding == "cp1252" and IN_UTF_8.search(data):
        _refuse_mixture(data)
    try:
        # A text is taken as it is where it can be: it may be large.
        text = data if encoding == "utf-8" else data.decode(encoding).encode()
    except UnicodeError:
        text = b"\0"
    if b"\0" in text[:CHUNK]:
        raise DataError("it is text neither in UTF-8, UTF-16 nor Windows-1252; save it as UTF-8.")
    return text.removeprefix(codecs.BOM_UTF8)


def unpacked(data: bytes) -> bytes:
    """Bytes without gzip or zstd around them.

    Example:
        >>> import gzip
        >>> unpacked(gzip.compress(b"a,b")), unpacked(b"a,b")
        (b'a,b', b'a,b')
    """
    if data.startswith(GZIP):
        import gzip

        return gzip.decompress(data)
    return _from_zstd(data) if data.startswith(ZSTD) else data


def _from_zstd(data: bytes) -> bytes:
    """Polars unpacks zstd, which Python does from 3.14 on; it reads lines of UTF-8."""
    import polars as pl

    options = {"has_header": False, "infer_schema": False, "quote_char": None}
    try:
        lines = pl.read_csv(data, separator="\x01", **options)  # type: ignore[arg-type]
    except pl.exceptions.ComputeError as problem:
        if "utf-8" not in str(problem).lower():
            raise
        raise DataError(
            "the text packed with zstd is not in UTF-8. Unpack it (zstd -d), pack it with gzip, or "
            "save it as UTF-8."
        ) from problem
    return "\n".join(lines.to_series().fill_null("")).encode()


def encoding_of(data: bytes) -> str:
    """What a text is written in, as Python calls it.

    Example:
        >>> encoding_of("größe".encode()), encoding_of("größe".encode("cp1252"))
        ('utf-8', 'cp1252')
    """
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            return encoding
    # Letters of Western languages are every other byte of UTF-16, and zeros the others.
    zeros = data[:SNIFFED].count(b"\0")
    if zeros > len(data[:SNIFFED]) / 4:
        return "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    return "utf-8" if _is_utf8(data) else "cp1252"


def _refuse_mixture(data: bytes) -> None:
    """Refuse UTF-8 with lines in another encoding; names the first of them."""
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not _is_utf8(line):
            text = line.decode("utf-8", errors="replace").strip()
            raise DataError(
                f"it is UTF-8 but for some lines, the first of them line {number} ({text!r:.60}). "
                "Correct or save it as UTF-8."
            )


def _is_utf8(data: bytes) -> bool:
    """Piece by piece, so that a large file is not held twice."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    pieces = range(0, len(data), CHUNK)
    try:
        for start in pieces:
            decoder.decode(data[start : start + CHUNK], final=start == pieces[-1])
    except UnicodeError:
        return False
    return True
