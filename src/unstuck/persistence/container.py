"""The file format: one safetensors file whose metadata carries a JSON header.

The metadata has one entry, ``unstuck``. Its text is JSON:
``{"version": 1, "sha256": ..., "header": ...}``. The digest covers version, header and every
array, so that any change is noticed; against an attacker, who can compute a digest too, stands
that a file holds nothing but plain values and numbers. The file is never mapped into memory: a
mapped file that another program cuts short ends the process.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from typing import Any

import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

from unstuck.errors import FileError, raise_together
from unstuck.persistence.atomic import FilePath, explain, file_mode, replacing

VERSION = 1
MAX_HEADER_BYTES = 16 * 2**20
MAX_DEPTH = 64
MAX_INTEGER_BITS = 4096

_ENTRY = "unstuck"
_KEYS = ["version", "sha256", "header"]
_NONFINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
_ESCAPES = (["float"], ["dict"])
_DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "I32": np.dtype("<i4"),
    "I64": np.dtype("<i8"),
    "U32": np.dtype("<u4"),
    "BOOL": np.dtype("?"),
}
_DTYPE_NAMES = {dtype.name: dtype for dtype in _DTYPES.values()}
_RESTORE = "Restore it from a copy, or fit and save again."


class _UnreadableError(ValueError):
    """Bytes that ``write`` would not have written; the message becomes a FileError's."""


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
    encoded = _encoded(header, "header", 0, mistakes)
    if not isinstance(header, dict):
        mistakes.append(f"header was {type(header).__name__}; expected a dict.")
    little_endian = {name: _checked(name, array, mistakes) for name, array in arrays.items()}
    raise_together(mistakes, FileError, f"Cannot write {os.fsdecode(path)!r}")
    digest = _digest(VERSION, encoded, little_endian)
    stored = save(little_endian, {_ENTRY: _text(VERSION, digest, encoded)})
    if int.from_bytes(stored[:8], "little") > MAX_HEADER_BYTES:
        raise FileError(
            f"Cannot write {os.fsdecode(path)!r}: the header has more than {MAX_HEADER_BYTES} "
            "bytes. Store long lists of numbers as arrays."
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
    named = os.fsdecode(path)
    try:
        return _read(named)
    except OSError as error:
        raise explain(error, named, "read") from error
    except MemoryError:
        raise FileError(f"Cannot read {named!r}: it does not fit into memory.") from None
    except _UnreadableError as error:
        raise FileError(f"Cannot read {named!r}: {error}") from None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise FileError(
            f"Cannot read {named!r}: it is damaged or not a file of unstuck ({reason}). {_RESTORE}"
        ) from error


def _read(path: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    file_mode(path)  # opening a pipe would wait forever, and /dev/zero never ends
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise _UnreadableError(f"it is empty. {_RESTORE}")
        length = int.from_bytes(file.read(8), "little")
        if length > min(size - 8, MAX_HEADER_BYTES):
            raise _UnreadableError(f"it is cut short, or not a file of unstuck. {_RESTORE}")
        # The header is checked first: a large file of another kind is not read to its end.
        envelope, header = _parsed(file.read(length))
        file.seek(0)
        arrays = _arrays(file.read())
    if envelope["sha256"] != _digest(VERSION, envelope["header"], arrays):
        raise _UnreadableError(f"it is damaged: its checksum differs. {_RESTORE}")
    return header, {name: _native(array) for name, array in arrays.items()}


def _parsed(outer: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The envelope and the header that the safetensors header ``outer`` carries."""
    contents = json.loads(outer.decode("utf-8"), object_pairs_hook=_without_duplicates)
    metadata = contents.get("__metadata__") if isinstance(contents, dict) else None
    if not isinstance(metadata, dict) or not isinstance(metadata.get(_ENTRY), str):
        raise _UnreadableError("it was not written by unstuck. Check the path.")
    text = metadata[_ENTRY]
    envelope = json.loads(text, object_pairs_hook=_without_duplicates)
    version = envelope.get("version") if isinstance(envelope, dict) else None
    if type(version) is int and version > VERSION:
        raise _UnreadableError(
            f"it has format version {version}, and this unstuck knows {VERSION}. Update unstuck."
        )
    if version != VERSION or list(envelope) != _KEYS or list(metadata) != [_ENTRY]:
        raise _UnreadableError(f"its header has other parts than {', '.join(_KEYS)}. {_RESTORE}")
    header, mistakes = _decoded(envelope["header"]), list[str]()
    # What write would not have written is not read: 1e999, NaN, 1.50, other spaces, true for 1.
    again = _text(VERSION, envelope["sha256"], _encoded(header, "header", 0, mistakes))
    if mistakes or again != text or not isinstance(header, dict):
        raise _UnreadableError(f"its header is not written as unstuck writes it. {_RESTORE}")
    return envelope, header


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _UnreadableError(f"its header names something twice. {_RESTORE}")
    return found


def _text(version: int, digest: str, encoded: Any) -> str:
    return _json(dict(zip(_KEYS, (version, digest, encoded), strict=True)))


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _digest(version: int, encoded: Any, arrays: dict[str, np.ndarray]) -> str:
    """SHA-256 over one line of JSON for the header, then a line and the bytes of every array.

    A line holds no line end and tells how many bytes follow it: two contents never look the same.
    """
    digest = hashlib.sha256(_json([version, encoded]).encode() + b"\n")
    for name, array in sorted(arrays.items()):
        digest.update(_json([name, array.dtype.name, array.shape]).encode() + b"\n")
        digest.update(array.reshape(-1).data)
    return digest.hexdigest()


def _encoded(value: Any, place: str, depth: int, mistakes: list[str]) -> Any:
    """``value`` with JSON's gaps filled; what cannot be stored is added to ``mistakes``.

    JSON has no inf and NaN: ``{"float": "inf"}`` stands for them, and ``{"dict": {...}}`` for a
    dict that would look like one of these two.
    """
    if depth > MAX_DEPTH:
        # Raised at once: a list that contains itself twice would be followed 2**64 times.
        raise FileError(f"Cannot store {place[:40]}...: it is nested deeper than {MAX_DEPTH}.")
    if isinstance(value, dict):
        items = {
            key: _encoded(item, f"{place}.{key}", depth + 1, mistakes)
            for key, item in value.items()
            if _is_key(key, place, mistakes)
        }
        return {"dict": items} if list(items) in _ESCAPES else items
    if isinstance(value, (list, tuple)):
        return [
            _encoded(item, f"{place}[{index}]", depth + 1, mistakes)
            for index, item in enumerate(value)
        ]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": float.__repr__(value)}
    if reason := _why_not(value):
        mistakes.append(f"{place} {reason}")
    return value


def _is_key(key: object, place: str, mistakes: list[str]) -> bool:
    if isinstance(key, str) and _is_unicode(key):
        return True
    mistakes.append(f"{place} has the key {key!r}; keys are str.")
    return False


def _why_not(value: Any) -> str | None:
    """Why a value that is no container cannot be stored; None if it can."""
    if isinstance(value, str) and not _is_unicode(value):
        return f"is {value!r}, which holds half of a character; expected valid Unicode."
    if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
        return f"is an integer of more than {MAX_INTEGER_BITS} bits."
    if value is None or isinstance(value, (str, int, float)):
        return None
    return f"is of type {type(value).__name__}; expected str, int, float, bool, None, list or dict."


def _is_unicode(text: str) -> bool:
    # Two half characters in a row would come back as one whole.
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _decoded(value: Any) -> Any:
    """What ``_encoded`` made ``value`` of."""
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["float"]:
        return _NONFINITE[value["float"]]
    items = value["dict"] if list(value) == ["dict"] else value
    if not isinstance(items, dict):
        raise _UnreadableError(f"its header is not written as unstuck writes it. {_RESTORE}")
    return {key: _decoded(item) for key, item in items.items()}


def _checked(name: Any, array: Any, mistakes: list[str]) -> np.ndarray:
    """A copy as it is stored, little-endian and in C order; the fit may go on changing its own."""
    if not isinstance(name, str) or not _is_unicode(name) or name == "__metadata__":
        mistakes.append(f"an array is named {name!r}; expected another str.")
    known = ", ".join(_DTYPE_NAMES)
    if not isinstance(array, np.ndarray):
        mistakes.append(f"arrays[{name!r}] is of type {type(array).__name__}; expected np.ndarray.")
    elif array.dtype.name not in _DTYPE_NAMES:
        mistakes.append(f"arrays[{name!r}] has dtype {array.dtype}; expected one of {known}.")
    else:
        return np.array(array, _DTYPE_NAMES[array.dtype.name], order="C")
    return np.empty(0)


def _arrays(stored: bytes) -> dict[str, np.ndarray]:
    """The arrays of a whole safetensors file, by name in alphabetical order."""
    try:
        found = deserialize(stored)
    except SafetensorError as error:
        raise _UnreadableError(f"it is damaged ({error}). {_RESTORE}") from None
    return {name: _array(name, spec) for name, spec in sorted(found, key=lambda pair: pair[0])}


def _array(name: str, spec: dict[str, Any]) -> np.ndarray:
    dtype, contents = _DTYPES.get(spec["dtype"]), spec["data"]
    if dtype is None:
        known = ", ".join(_DTYPE_NAMES)
        raise _UnreadableError(
            f"array {name!r} is stored as {spec['dtype']}; expected one of {known}."
        )
    if dtype.kind == "b" and contents.translate(None, b"\0\1"):  # NumPy trusts truth values
        raise _UnreadableError(f"array {name!r} holds truth values other than 0 and 1. {_RESTORE}")
    return np.frombuffer(contents, dtype).reshape(spec["shape"])


def _native(array: np.ndarray) -> np.ndarray:
    """An aligned copy that owns its memory, in native byte order."""
    return array.astype(array.dtype.newbyteorder("="))
