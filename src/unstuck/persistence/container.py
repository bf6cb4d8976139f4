"""The file format: one safetensors file whose metadata carries a JSON header.

The metadata has one entry, ``unstuck``. Its text is JSON:
``{"version": 2, "sha256": ..., "header": ...}``. The digest covers version, header and every
array, so that any change is noticed; against an attacker, who can compute a digest too, stands
that a file holds nothing but plain values and numbers, and that reading takes its size and a
constant: the digest is compared before the header is decoded, and the header's values are counted
before they are made.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from safetensors.numpy import save

from unstuck.errors import FileError, raise_together
from unstuck.persistence import arrays as storage
from unstuck.persistence.atomic import FilePath, explain, file_mode, named_path, replacing
from unstuck.persistence.header import (
    MAX_PARTS,
    RESTORE,
    UnreadableError,
    decoded,
    encoded,
    has_many_parts,
    parsed,
    text_of,
)

VERSION = 2
"""Of the files that are written. 2 tells of layers by their class and fields, and of the course of
the fit; version 1 knew dense layers alone."""
READ = ("1", "2")
"""Versions that can be read."""
MAX_HEADER_BYTES = 16 * 2**20

_ENTRY = "unstuck"
_VERSION = re.compile(r'\{"version":(\d{1,9})[,}]')
_SIGNATURE = re.compile(r',"sha256":"([0-9a-f]{64})","header":')


def write(path: FilePath, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write a header and arrays to one file, whole or not at all.

    Args:
        path: the file to write or replace; its folder must exist.
        header: plain JSON values: str, int, float, bool, None, list, dict with str keys. Floats
            come back exactly, infinities and NaN included; tuples come back as lists.
        arrays: by name; float32, float64, int32, int64, uint32 or bool, of any shape.

    Raises:
        FileError: a value cannot be stored (every such place is named), or the file cannot be
            written. The old file, if any, is untouched.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "net.unstuck")
        ...     write(path, {"activation": "tanh"}, {"weights": np.eye(2)})
        ...     header, arrays = read(path)
        >>> header, arrays["weights"].tolist()
        ({'activation': 'tanh'}, [[1.0, 0.0], [0.0, 1.0]])
    """
    mistakes: list[str] = []
    values = encoded(header, "header", 0, mistakes)
    if not isinstance(header, dict):
        mistakes.append(f"header was {type(header).__name__}; expected a dict.")
    little_endian = {n: storage.checked(n, array, mistakes) for n, array in arrays.items()}
    raise_together(mistakes, FileError, f"Cannot write {named_path(path)!r}")
    text = text_of(values)
    stored = save(little_endian, {_ENTRY: _signed(VERSION, text, little_endian)})
    length = int.from_bytes(stored[:8], "little")
    if length > MAX_HEADER_BYTES or has_many_parts(stored[8 : 8 + length]):
        raise FileError(
            f"Cannot write {named_path(path)!r}: the header has more than {MAX_HEADER_BYTES} "
            f"bytes or {MAX_PARTS} values. Store long lists of numbers as arrays."
        )
    with replacing(path) as file:
        file.write(stored)


def read(path: FilePath) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what ``write`` wrote.

    Args:
        path: the file.

    Returns:
        The header, and the arrays by name in alphabetical order: fresh, writable, aligned and in
        native byte order.

    Raises:
        FileError: the file is missing, damaged, of another kind, or of a newer version. Nothing
            else is raised, whatever the file holds, and nothing in a file is ever executed.

    Example:
        >>> read("no such folder/net.unstuck")
        Traceback (most recent call last):
        ...
        unstuck.errors.FileError: Cannot read 'no such folder/net.unstuck': there is no folder \
'no such folder'. Create it, or check the path.
    """
    named = named_path(path)
    try:
        return _read(named)
    except OSError as error:
        raise explain(error, named, "read") from error
    except MemoryError:
        raise FileError(f"Cannot read {named!r}: it does not fit into memory.") from None
    except UnreadableError as error:
        raise FileError(f"Cannot read {named!r}: {error}") from None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise FileError(
            f"Cannot read {named!r}: it is damaged or not a file of unstuck ({reason}). {RESTORE}"
        ) from error


class _Envelope(NamedTuple):
    """What the metadata carries.

    Attributes:
        version: of the format.
        digest: over all that follows.
        header: text of the header.
    """

    version: int
    digest: str
    header: str


def _read(path: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    file_mode(path)  # opening a pipe would wait forever, and /dev/zero never ends
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise UnreadableError(f"it is empty. {RESTORE}")
        length = int.from_bytes(file.read(8), "little")
        if length > min(size - 8, MAX_HEADER_BYTES):
            raise UnreadableError(f"it is cut short, or not a file of unstuck. {RESTORE}")
        # Who wrote it is asked first: a large file of another kind is not read to its end.
        envelope, specs = _opened(file.read(length))
        places = storage.layout(specs, size - 8 - length)
        arrays = _arrays(file, 8 + length, places, envelope)
    return decoded(envelope.header), arrays


def _opened(outer: bytes) -> tuple[_Envelope, dict[str, Any]]:
    """The envelope, and what the safetensors header says of the arrays."""
    specs = parsed(outer.decode("utf-8"))
    metadata = specs.pop("__metadata__", None) if isinstance(specs, dict) else None
    if not isinstance(metadata, dict) or not isinstance(metadata.get(_ENTRY), str):
        raise UnreadableError("it was not written by unstuck. Check the path.")
    text = metadata[_ENTRY]
    version = _VERSION.match(text)
    if version is not None and int(version[1]) > VERSION:
        raise UnreadableError(
            f"it has format version {version[1]}, and this unstuck knows {VERSION}. Update unstuck."
        )
    signature = version and _SIGNATURE.match(text, version.end(1))
    # In one spelling only, because what is signed is the text.
    if not (version and signature) or list(metadata) != [_ENTRY] or version[1] not in READ:
        raise UnreadableError(f"its header has other parts than unstuck writes. {RESTORE}")
    if not (text.isascii() and text.endswith("}")):
        raise UnreadableError(f"its header is not written as unstuck writes it. {RESTORE}")
    return _Envelope(int(version[1]), signature[1], text[signature.end() : -1]), specs


def _arrays(
    file: BinaryIO, start: int, places: dict[str, storage.Stored], envelope: _Envelope
) -> dict[str, np.ndarray]:
    """All arrays, where they and the header are what was signed."""
    digest, found = _digest(envelope.version, envelope.header), {}
    for name, stored in places.items():
        digest.update(storage.line(name, stored.dtype, stored.shape))
        found[name] = storage.contents(file, start, stored, digest)
    if digest.hexdigest() != envelope.digest:
        raise UnreadableError(f"it is damaged: its checksum differs. {RESTORE}")
    return found


def _signed(version: int, header: str, arrays: dict[str, np.ndarray]) -> str:
    """The text of the metadata: the header's, and the digest of all contents."""
    digest = _digest(version, header)
    for name, array in sorted(arrays.items()):
        digest.update(storage.line(name, array.dtype, array.shape))
        digest.update(array.reshape(-1).data)
    return f'{{"version":{version},"sha256":"{digest.hexdigest()}","header":{header}}}'


def _digest(version: int, header: str) -> Any:
    """SHA-256 over one line for version and header, to which a line and the bytes of each array
    are added: a line tells how many bytes follow it, so two contents never look the same."""
    digest = hashlib.sha256(f"[{version},".encode())
    digest.update(header.encode("ascii"))
    digest.update(b"]\n")
    return digest
