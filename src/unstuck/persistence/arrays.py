"""The arrays of a safetensors file: what may be stored, where it lies, and its bytes.

Every array is read into its own memory, once: a file costs its size, whatever its header says.
The file is never mapped into memory: a mapped file that another program cuts short ends the
process.
"""

from __future__ import annotations

import math
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from unstuck.persistence.header import RESTORE, UnreadableError, is_unicode, text_of

DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "I32": np.dtype("<i4"),
    "I64": np.dtype("<i8"),
    "U32": np.dtype("<u4"),
    "BOOL": np.dtype("?"),
}
DTYPE_NAMES = {dtype.name: dtype for dtype in DTYPES.values()}

_KEYS = {"dtype", "shape", "data_offsets"}
_MOST_AXES = 64
_LARGEST = 2**63 - 1


class Stored(NamedTuple):
    """One array as the file holds it.

    Attributes:
        dtype: little-endian.
        shape: of the array.
        begin: its first byte, counted from the end of the safetensors header.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    begin: int


def checked(name: Any, array: Any, mistakes: list[str]) -> np.ndarray:
    """A copy as it is stored, little-endian and in C order; the fit may go on changing its own."""
    if not isinstance(name, str) or not is_unicode(name) or name == "__metadata__":
        mistakes.append(f"an array is named {name!r}; expected another str.")
    known = ", ".join(DTYPE_NAMES)
    if not isinstance(array, np.ndarray):
        mistakes.append(f"arrays[{name!r}] is of type {type(array).__name__}; expected np.ndarray.")
    elif array.dtype.name not in DTYPE_NAMES:
        mistakes.append(f"arrays[{name!r}] has dtype {array.dtype}; expected one of {known}.")
    else:
        return np.array(array, DTYPE_NAMES[array.dtype.name], order="C")
    return np.empty(0)


def layout(specs: dict[str, Any], room: int) -> dict[str, Stored]:
    """Where every array lies, by name in alphabetical order.

    Args:
        specs: the safetensors header without its metadata.
        room: number of bytes after that header; the arrays fill it without gaps.

    Raises:
        UnreadableError: they do not, or an array is of a kind that is not stored.
    """
    found, end = {}, 0
    for name, spec in sorted(specs.items(), key=_offsets):
        begin, stop = spec["data_offsets"]
        dtype = DTYPES.get(spec["dtype"])
        if dtype is None:
            raise UnreadableError(
                f"array {name!r} is stored as {spec['dtype']:.40}; expected one of "
                f"{', '.join(DTYPE_NAMES)}."
            )
        shape = _shape(spec["shape"])
        if begin != end or stop - begin != math.prod(shape) * dtype.itemsize:
            raise _damaged(f"array {name!r:.80} has another size than its shape")
        found[name], end = Stored(dtype, shape, begin), stop
    if end != room:
        raise _damaged(f"its arrays take {end} bytes, and {room} are there")
    return dict(sorted(found.items()))


def _offsets(item: tuple[str, Any]) -> list[int]:
    name, spec = item
    if not (is_unicode(name) and isinstance(spec, dict) and spec.keys() == _KEYS):
        raise _damaged("its header describes an array in other words")
    offsets = spec["data_offsets"]
    if not (isinstance(offsets, list) and list(map(type, offsets)) == [int, int]):
        raise _damaged(f"array {name!r:.80} has no place")
    return offsets


def _shape(found: Any) -> tuple[int, ...]:
    if not isinstance(found, list) or len(found) > _MOST_AXES:
        raise _damaged("an array has no shape")
    if not all(type(size) is int and 0 <= size <= _LARGEST for size in found):
        raise _damaged("an array has an impossible shape")
    return tuple(found)


def contents(file: BinaryIO, start: int, stored: Stored, digest: Any) -> np.ndarray:
    """One array: fresh, writable, aligned, in native byte order.

    Args:
        file: the file.
        start: the end of its safetensors header.
        stored: which array.
        digest: is told the bytes, as the file holds them.
    """
    array = np.empty(stored.shape, stored.dtype)
    stream = array.reshape(-1).view(np.uint8)
    file.seek(start + stored.begin)
    if file.readinto(stream.data) != stream.nbytes:  # type: ignore[attr-defined]
        raise _damaged("it became shorter while it was read")
    if stored.dtype.kind == "b" and stream.max(initial=0) > 1:  # NumPy trusts truth values
        raise UnreadableError(f"an array holds truth values other than 0 and 1. {RESTORE}")
    digest.update(stream)
    return array.astype(stored.dtype.newbyteorder("="), copy=False)


def line(name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """What is signed before an array's bytes: it holds no line end, and tells how many follow."""
    return text_of([name, dtype.name, shape]).encode() + b"\n"


def _damaged(reason: str) -> UnreadableError:
    return UnreadableError(f"it is damaged ({reason}). {RESTORE}")
