"""Files come back exactly, or a FileError says why not; a write is all or nothing."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import math
import os
import pickle
import resource
import struct
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unstuck.errors import FileError, ParameterError
from unstuck.persistence import arrays as storage
from unstuck.persistence import atomic, container
from unstuck.persistence.atomic import replacing, write_text
from unstuck.persistence.container import read, write
from unstuck.persistence.header import MAX_DEPTH, MAX_PARTS

DTYPES = ("float32", "float64", "int32", "int64", "uint32", "bool")
CODES = {
    "float32": "F32",
    "float64": "F64",
    "int32": "I32",
    "int64": "I64",
    "uint32": "U32",
    "bool": "BOOL",
}

HEADER: dict[str, Any] = {
    "kind": "model",
    "params": {"activation": "tanh", "alpha": 1e-4, "tol": -0.0, "clip": None, "shuffle": True},
    "layers": [64, [10], "Größe — 漢字 😀", {"float": "inf"}, {"dict": {}}, math.inf, math.nan],
}
ARRAYS: dict[str, np.ndarray] = {
    "w": np.arange(6, dtype=np.float32).reshape(2, 3) / 7,
    "seed": np.array(2**31, np.uint32),
    "empty": np.empty((0, 5), np.float64),
    "mask": np.array([True, False, True]),
}


def same(first: tuple[dict, dict], second: tuple[dict, dict]) -> bool:
    """Equal to the last bit; repr tells 1 from 1.0 and True, 0.0 from -0.0, and equals for NaN."""
    return repr(first[0]) == repr(second[0]) and exact(first[1]) == exact(second[1])


def exact(arrays: dict[str, np.ndarray]) -> dict[str, tuple[Any, ...]]:
    return {name: (a.dtype.str, a.shape, a.tobytes()) for name, a in arrays.items()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.unstuck"
    write(path, HEADER, ARRAYS)
    return path


# -- round trip ------------------------------------------------------------------------------


def test_a_file_comes_back_exactly(file: Path) -> None:
    assert same(read(file), (HEADER, ARRAYS))


def test_equal_contents_make_equal_files(file: Path, tmp_path: Path) -> None:
    write(tmp_path / "again", HEADER, dict(reversed(list(ARRAYS.items()))))
    assert (tmp_path / "again").read_bytes() == file.read_bytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,), (2, 3)])
def test_arrays_come_back_fresh(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    given_array = np.ones(shape, dtype)
    write(tmp_path / "f", {}, {"a": given_array})
    array = read(tmp_path / "f")[1]["a"]
    assert exact({"a": array}) == exact({"a": given_array})
    assert type(array) is np.ndarray
    assert array.flags.writeable
    assert array.flags.aligned
    assert array.flags.owndata
    assert array.dtype.isnative
    array[...] = 0


@pytest.mark.parametrize(
    "view",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::-2],
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        np.broadcast_to(np.float32(3), (2, 2)),
        np.arange(3, dtype=">i8"),
        np.frombuffer(b"\0" * 9, np.uint8)[1:].view("<f8"),
    ],
    ids=["transposed", "reversed", "Fortran", "broadcast", "big-endian", "unaligned"],
)
def test_any_memory_layout_is_written_as_its_values(tmp_path: Path, view: np.ndarray) -> None:
    write(tmp_path / "f", {}, {"a": view})
    array = read(tmp_path / "f")[1]["a"]
    assert np.array_equal(array, view)
    assert array.dtype == view.dtype.newbyteorder("=")


def test_payloads_of_nan_come_back(tmp_path: Path) -> None:
    bits = np.array([0x7FF0_0000_0000_0001, 0x7FF8_0000_0000_0123, 1 << 63], np.uint64)
    write(tmp_path / "f", {}, {"a": bits.view(np.float64)})
    assert np.array_equal(read(tmp_path / "f")[1]["a"].view(np.uint64), bits)


def test_tuples_come_back_as_lists_and_numpy_floats_as_floats(tmp_path: Path) -> None:
    write(tmp_path / "f", {"sizes": (3, (4,)), "rate": np.float64(0.1)}, {})
    assert repr(read(tmp_path / "f")[0]) == "{'sizes': [3, [4]], 'rate': 0.1}"


@pytest.mark.parametrize(
    "value",
    [
        math.inf,
        -math.inf,
        math.nan,
        {"float": "nan"},
        {"float": math.nan},
        {"dict": {"float": "inf"}},
        {"dict": 1, "float": 2},
        5e-324,
        1.7976931348623157e308,
        -0.0,
        2**200,
        True,
        '\0\n"\\/\x7f\u2028',
    ],
)
def test_awkward_header_values_come_back(tmp_path: Path, value: Any) -> None:
    write(tmp_path / "f", {"x": value}, {})
    assert repr(read(tmp_path / "f")[0]) == repr({"x": value})


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
KEYS = TEXT | st.sampled_from(["float", "dict", "unstuck"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**130), 2**130) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
ARRAY = hnp.arrays(st.sampled_from(DTYPES), hnp.array_shapes(min_dims=0, min_side=0, max_side=4))


@settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    header=st.dictionaries(KEYS, VALUES, max_size=4),
    arrays=st.dictionaries(TEXT, ARRAY, max_size=3),
)
def test_everything_allowed_comes_back(tmp_path: Path, header: dict, arrays: dict) -> None:
    write(tmp_path / "f", header, arrays)
    back = read(tmp_path / "f")
    assert same(back, (header, arrays))
    assert list(back[1]) == sorted(arrays)


# -- what cannot be stored -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ({"params": {"activation": print}}, "header.params.activation is of type builtin_function"),
        ({"a": [0, {1, 2}]}, "header.a[1] is of type set; expected str, int, float"),
        ({"a": np.int64(3)}, "header.a is of type int64"),
        ({"a": {3: 4}}, "header.a has the key 3; keys are str."),
        ({"a": "\ud800"}, "header.a is '\\ud800', which holds half of a character"),
        ({"\udfff": 1}, "header has the key '\\udfff'"),
        ({"a": 1 << 5000}, "header.a is an integer of more than 4096 bits"),
        ([1], "header was list; expected a dict."),
    ],
)
def test_what_is_not_json_is_refused_by_name(file: Path, header: Any, place: str) -> None:
    before = file.read_bytes()
    with pytest.raises(FileError) as caught:
        write(file, header, {})
    assert str(caught.value).startswith(f"Cannot write {str(file)!r}: {place}")
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == [file.name]


def test_all_mistakes_are_raised_at_once(tmp_path: Path) -> None:
    arrays: dict[Any, Any] = {
        "half": np.zeros(2, np.float16),
        "words": np.array(["a"]),
        "objects": np.array([None]),
        "list": [1.0],
        7: np.zeros(1),
        "__metadata__": np.zeros(1),
    }
    with pytest.raises(FileError) as caught:
        write(tmp_path / "f", {"a": b"bytes"}, arrays)
    assert str(caught.value) == textwrap.dedent(f"""\
        Cannot write {str(tmp_path / "f")!r}: 7 mistakes
          - header.a is of type bytes; expected str, int, float, bool, None, list or dict.
          - arrays['half'] has dtype float16; expected one of float32, float64, int32, int64, \
uint32, bool.
          - arrays['words'] has dtype <U1; expected one of float32, float64, int32, int64, \
uint32, bool.
          - arrays['objects'] has dtype object; expected one of float32, float64, int32, int64, \
uint32, bool.
          - arrays['list'] is of type list; expected np.ndarray.
          - an array is named 7; expected another str.
          - an array is named '__metadata__'; expected another str.""")
    assert not os.listdir(tmp_path)


def test_bfloat16_is_refused(tmp_path: Path) -> None:
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    with pytest.raises(FileError, match="has dtype bfloat16; expected one of float32"):
        write(tmp_path / "f", {}, {"a": np.zeros(2, bfloat16)})


def test_depth_is_limited(tmp_path: Path) -> None:
    deepest: list = []
    for _ in range(MAX_DEPTH - 1):
        deepest = [deepest]
    write(tmp_path / "f", {"a": deepest}, {})
    assert read(tmp_path / "f")[0] == {"a": deepest}
    circle: list = []
    circle += [circle, circle]
    for header in ({"a": [deepest]}, {"a": circle}):
        with pytest.raises(FileError, match="nested deeper than 64"):
            write(tmp_path / "f", header, {})


def test_a_header_that_could_not_be_read_again_is_not_written(file: Path) -> None:
    with pytest.raises(FileError, match="Store long lists of numbers as arrays"):
        write(file, {"a": "x" * container.MAX_HEADER_BYTES}, {})
    assert same(read(file), (HEADER, ARRAYS))


# -- damage ----------------------------------------------------------------------------------


def outcome(path: Path, stored: bytes) -> str:
    """The words "same" or "refused"; anything else fails the test."""
    path.write_bytes(stored)
    try:
        back = read(path)
    except FileError:
        return "refused"
    assert same(back, (HEADER, ARRAYS)), stored
    return "same"


def test_every_flipped_bit_is_noticed(file: Path) -> None:
    good = file.read_bytes()
    for position, bit in itertools.product(range(len(good)), range(8)):
        bad = bytearray(good)
        bad[position] ^= 1 << bit
        assert outcome(file, bytes(bad)) == "refused", (position, bit)


def test_every_truncation_is_noticed(file: Path) -> None:
    good = file.read_bytes()
    for length in range(len(good)):
        assert outcome(file, good[:length]) == "refused", length


def with_header_bytes(stored: bytes, change: Any) -> bytes:
    """The file with its safetensors header changed and the header's length made right again."""
    length = int.from_bytes(stored[:8], "little")
    outer = change(stored[8 : 8 + length])
    return struct.pack("<Q", len(outer)) + outer + stored[8 + length :]


def mutated(good: bytes, rng: np.random.Generator) -> bytes:
    bad, kind = bytearray(good), rng.integers(8)
    start, stop = sorted(int(i) for i in rng.integers(0, len(good) + 1, 2))
    few = slice(start, start + int(rng.integers(1, 5)))
    if kind == 0:  # several bits
        for position in rng.integers(0, len(good), rng.integers(1, 9)):
            bad[position] ^= 1 << int(rng.integers(8))
    elif kind == 1:
        del bad[few]
    elif kind == 2:
        bad[start:start] = rng.bytes(int(rng.integers(1, 9)))
    elif kind == 3:
        bad[few] = rng.bytes(len(bad[few]))
    elif kind == 4:  # a piece moved elsewhere
        bad[start:start] = bad[stop:]
    elif kind == 5:
        bad = bytearray(rng.bytes(int(rng.integers(0, 200))))
    elif kind == 6:  # the header edited by somebody who knows about lengths
        words = [b" ", b"0", b"1", b"9" * 30, b"[", b"{}", b'"', b"null", b"NaN", b"-", b"1e999"]
        word = words[rng.integers(len(words))]
        at = int(rng.integers(0, 400))
        return with_header_bytes(
            good, lambda outer: outer[:at] + word + outer[at + rng.integers(0, 3) :]
        )
    else:  # two bytes of the header trade places
        one, other = (int(i) for i in rng.integers(8, 400, 2))
        bad[one], bad[other] = bad[other], bad[one]
    return bytes(bad)


def test_thousands_of_mutations_give_the_original_or_a_file_error(file: Path) -> None:
    good, rng = file.read_bytes(), np.random.default_rng(0)
    outcomes = [outcome(file, mutated(good, rng)) for _ in range(6000)]
    # Harmless changes exist (a space after a comma of the safetensors header), and are few.
    assert outcomes.count("refused") > 5500


def test_spaces_outside_of_what_is_signed_are_harmless(file: Path) -> None:
    assert outcome(file, with_header_bytes(file.read_bytes(), lambda o: o + b" " * 8)) == "same"


# -- hostile files, made by somebody who knows the format ----------------------------------------

GOOD = {"a": ("float32", [2], struct.pack("<2f", 1, 2)), "b": ("bool", [], b"\1")}


def digest_of(version: Any, encoded: Any, arrays: dict[str, tuple]) -> str:
    """The digest, from its description."""
    signed = json.dumps([version, encoded], separators=(",", ":")).encode() + b"\n"
    for name, (dtype, shape, stored) in sorted(arrays.items()):
        signed += json.dumps([name, dtype, shape], separators=(",", ":")).encode() + b"\n" + stored
    return hashlib.sha256(signed).hexdigest()


def envelope_of(encoded: Any, arrays: dict = GOOD, **changes: Any) -> str:
    envelope = {"version": 1, "sha256": digest_of(1, encoded, arrays), "header": encoded} | changes
    return json.dumps(envelope, separators=(",", ":"))


def forged(text: Any, arrays: dict = GOOD, codes: dict = CODES, metadata: Any = None) -> bytes:
    """A safetensors file made by hand."""
    outer: dict[str, Any] = {"__metadata__": {"unstuck": text} if metadata is None else metadata}
    contents = b""
    for name, (dtype, shape, stored) in arrays.items():
        offsets = [len(contents), len(contents) + len(stored)]
        outer[name] = {"dtype": codes.get(dtype, dtype), "shape": shape, "data_offsets": offsets}
        contents += stored
    encoded = json.dumps(outer).encode()
    return struct.pack("<Q", len(encoded)) + encoded + contents


def refusal(path: Path, stored: bytes) -> str:
    path.write_bytes(stored)
    with pytest.raises(FileError) as caught:
        read(path)
    return str(caught.value)


def test_a_file_made_by_hand_from_the_description_is_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(forged(envelope_of({"x": {"float": "-inf"}})))
    header, arrays = read(tmp_path / "f")
    assert header == {"x": -math.inf}
    assert arrays["a"].tolist() == [1, 2]
    assert arrays["b"].tolist() is True


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (("F16", [1], b"\0\0"), "stored as F16; expected one of float32, float64"),
        (("BF16", [1], b"\0\0"), "stored as BF16"),
        (("I8", [1], b"\0"), "stored as I8"),
        (("U64", [1], b"\0" * 8), "stored as U64"),
        (("O", [1], b"\0" * 8), "stored as O; expected one of float32"),
        (("bool", [2], b"\1\2"), "truth values other than 0 and 1"),
        (("float32", [3], b"\0" * 8), "damaged"),
        (("float32", [2**40, 2**40], b""), "damaged"),
        (("float32", [2**40], b""), "damaged"),
        (("float32", [0, 2**62, 2**62], b""), "damaged"),
        (("float32", [1] * 65, b"\0" * 4), "damaged"),
        (("float32", [-1], b"\0" * 4), "damaged"),
        (("float32", [1.0], b"\0" * 4), "damaged"),
        (("float32", "1", b"\0" * 4), "damaged"),
        (("float32", None, b"\0" * 4), "damaged"),
    ],
)
def test_forged_arrays_are_refused(tmp_path: Path, array: tuple, reason: str) -> None:
    arrays = {"a": array}
    assert reason in refusal(tmp_path / "f", forged(envelope_of({}, arrays), arrays))


@pytest.mark.parametrize("places", [([0, 8], [0, 8]), ([0, 8], [4, 12]), ([0, 8], [12, 20])])
def test_arrays_that_share_bytes_or_leave_some_out_are_refused(tmp_path: Path, places: Any) -> None:
    """Many arrays of the same bytes would take many times the file's size."""
    room = b"\0" * places[1][1]
    arrays = {"a": ("float64", [1], b"\0" * 8), "b": ("float64", [1], b"\0" * 8)}
    outer: dict[str, Any] = {"__metadata__": {"unstuck": envelope_of({}, arrays)}}
    for name, offsets in zip("ab", places, strict=True):
        outer[name] = {"dtype": "F64", "shape": [1], "data_offsets": offsets}
    header = json.dumps(outer).encode()
    stored = struct.pack("<Q", len(header)) + header + room
    assert "it is damaged (array 'b'" in refusal(tmp_path / "f", stored)


@pytest.mark.parametrize(
    "encoded",
    [
        [],
        None,
        "text",
        3,
        {"float": "inf"},
        {"x": {"float": "infinity"}},
        {"x": {"float": 1}},
        {"x": {"float": []}},
        {"x": {"dict": 3}},
        {"x": {"dict": {"a": 1}}},
        {"x": "\ud800"},
        {"\ud800": 1},
        {"x": 1 << 5000},
        {"x": math.nan},
        {"x": math.inf},
        {"x": json.loads("[" * 300 + "]" * 300)},
    ],
    ids=lambda encoded: repr(encoded)[:30],
)
def test_forged_headers_are_refused(tmp_path: Path, encoded: Any) -> None:
    refusal(tmp_path / "f", forged(envelope_of(encoded)))


@pytest.mark.parametrize(
    "value",
    [
        *("1e999", "1.50", "1E2", "NaN", "-Infinity", "1" * 5000, "[1, 2]", '"\\u0041"', '"é"'),
        *("[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000, '{"a":1,"a":1}', ""),
    ],
    ids=lambda value: value[:12],
)
def test_forged_json_is_refused(tmp_path: Path, value: str) -> None:
    text = envelope_of({"x": "HERE"}).replace('"HERE"', value)
    refusal(tmp_path / "f", forged(text))


@pytest.mark.parametrize(
    "changes",
    [
        {"version": True},
        {"version": 1.0},
        {"version": 0},
        {"version": -1},
        {"version": "1"},
        {"version": None},
        {"version": [2]},
        {"sha256": None},
        {"sha256": digest_of(1, {}, GOOD).upper()},
        {"sha256": digest_of(1, {}, GOOD)[:-1]},
        {"sha256": math.nan},
        {"import": "os"},
    ],
    ids=repr,
)
def test_forged_envelopes_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    refusal(tmp_path / "f", forged(envelope_of({}, **changes)))


@pytest.mark.parametrize(
    "metadata", [{"unstuck": envelope_of({}), "x": "y"}, {}, [], {"unstuck": 1}]
)
def test_forged_metadata_is_refused(tmp_path: Path, metadata: Any) -> None:
    refusal(tmp_path / "f", forged(None, metadata=metadata))


def test_arrays_that_trade_names_or_shapes_are_noticed(tmp_path: Path) -> None:
    text = envelope_of({}, {"a": ("float32", [2, 1], b"12345678")})
    for arrays in (
        {"b": ("float32", [2, 1], b"12345678")},
        {"a": ("float32", [1, 2], b"12345678")},
        {"a": ("int32", [2, 1], b"12345678")},
        {"a": ("float32", [2, 1], b"12345679")},
        {"a": ("float32", [2, 1], b"12345678"), "b": ("bool", [0], b"")},
        {},
    ):
        assert "checksum differs" in refusal(tmp_path / "f", forged(text, arrays))


OTHER_FILES = {
    "empty": (b"", "it is empty. Restore it from a copy, or fit and save again."),
    "text": (b"epoch,loss\n1,0.5\n", "it is cut short, or not a file of unstuck."),
    "pickle": (pickle.dumps(os.system), "it is cut short, or not a file of unstuck."),
    "zip": (b"PK\x03\x04" + b"\0" * 100, "it is cut short, or not a file of unstuck."),
    "zeros": (b"\0" * 100, "damaged or not a file of unstuck"),
    "length bomb": (b"\xff" * 8 + b"{}", "it is cut short, or not a file of unstuck."),
    "not JSON": (struct.pack("<Q", 2) + b"{]", "damaged or not a file of unstuck"),
    "not UTF-8": (struct.pack("<Q", 2) + b"\xff\xfe", "damaged or not a file of unstuck"),
    "deep": (struct.pack("<Q", 10**6) + b"[" * 10**6, "damaged or not a file of unstuck"),
    "list": (struct.pack("<Q", 2) + b"[]", "was not written by unstuck"),
    "safetensors": (forged(None, metadata={"format": "pt"}), "was not written by unstuck"),
    "twice": (struct.pack("<Q", 13) + b'{"a":1,"a":1}', "names something twice"),
    "newer": (forged('{"version":3}'), "format version 3, and this unstuck knows 2"),
    "trailing": (forged(envelope_of({})) + b"more", "it is damaged"),
}


@pytest.mark.parametrize("name", OTHER_FILES)
def test_other_files_are_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    stored, reason = OTHER_FILES[name]
    assert reason in refusal(tmp_path / "f", stored)


def test_a_huge_header_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with open(tmp_path / "f", "wb") as sparse:
        sparse.write(struct.pack("<Q", 2**40))
        sparse.truncate(2**40 + 8)
    with pytest.raises(FileError, match="cut short, or not a file of unstuck"):
        read(tmp_path / "f")


# -- bombs: small files that would cost much ----------------------------------------------------

FULL = container.MAX_HEADER_BYTES - 2000
PARTS = MAX_PARTS - 400


def signed(header: str) -> str:
    """An envelope whose digest is right, with any text for a header."""
    digest = hashlib.sha256(b"[1," + header.encode() + b"]\n").hexdigest()
    return f'{{"version":1,"sha256":"{digest}","header":{header}}}'


def carrying(text: str, more: str = "") -> bytes:
    """A file of a header alone."""
    outer = ('{"__metadata__":{"unstuck":' + json.dumps(text) + "}" + more + "}").encode()
    return struct.pack("<Q", len(outer)) + outer


def listing(item: str, count: int) -> bytes:
    return carrying(signed('{"a":[' + ",".join([item] * count) + "]}"))


def shaped(shape: str) -> str:
    return f',"a":{{"dtype":"F64","shape":[{shape}],"data_offsets":[0,0]}}'


EMPTY_ARRAYS = "".join(shaped("0").replace('"a"', f'"{i:06}"') for i in range(FULL // 60))
BOMBS = {
    "lists, unsigned": lambda: carrying(signed("[]") + "[[]]," * (FULL // 5)),
    "lists": lambda: listing("[[]]", FULL // 5),
    "chains of lists": lambda: listing("[" * 60 + "]" * 60, FULL // 121),
    "dicts": lambda: listing("{}", FULL // 3),
    "deep": lambda: carrying(signed("[" * PARTS + "]" * PARTS)),
    "as many values as may be": lambda: listing('{"a":[]}', PARTS // 3),
    "as many keys as may be": lambda: carrying(
        signed("{" + ",".join(f'"{i}":{i}' for i in range(PARTS)) + "}")
    ),
    "one key for all": lambda: carrying(signed("{" + ",".join(['"a":1'] * PARTS) + "}")),
    "long integers": lambda: listing("9" * 4200, FULL // 4201),
    "one long integer": lambda: carrying(signed('{"a":' + "9" * FULL + "}")),
    "one long number": lambda: carrying(signed('{"a":1.' + "9" * FULL + "}")),
    "escapes": lambda: carrying(signed('{"a":"' + "\\u0000" * (FULL // 7) + '"}')),
    "half characters": lambda: carrying(signed('{"a":"' + "\\ud83d" * (FULL // 7) + '"}')),
    "arrays": lambda: carrying(signed("{}"), EMPTY_ARRAYS),
    "as many arrays as may be": lambda: carrying(signed("{}"), EMPTY_ARRAYS[: 60 * PARTS // 9]),
    "sizes": lambda: carrying(signed("{}"), shaped(",".join(["9" * 4000] * 4000))),
    "large sizes": lambda: carrying(signed("{}"), shaped(",".join([str(2**62)] * 64))),
    "none of many": lambda: carrying(signed("{}"), shaped(f"0,{2**62},{2**62}")),
}
HARMLESS = {"as many values as may be", "as many keys as may be", "escapes"}
MEASURED = """
import json, sys, time
from unstuck.errors import FileError
from unstuck.persistence.container import read

def most():  # not ru_maxrss, which a process takes over from the one that started it
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

before, found = most(), []
for path in sys.argv[1:]:
    begin = time.process_time()
    try:
        read(path)
        said = "read"
    except FileError:
        said = "refused"
    found.append([said, time.process_time() - begin, most() - before])
print(json.dumps(found))
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads Linux's own measure")
def test_no_header_takes_more_than_its_size_and_a_constant(tmp_path: Path) -> None:
    """Rightly signed or not: a second or two and 150 MB are far from the 46 s and 2.2 GB that a
    header of 16 MiB took when it was decoded and encoded before it was mistrusted."""
    paths = [tmp_path / name for name in BOMBS]
    for path, bomb in zip(paths, BOMBS.values(), strict=True):
        path.write_bytes(bomb())
    command = [sys.executable, "-c", MEASURED, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    for name, (said, seconds, megabytes) in zip(BOMBS, json.loads(done.stdout), strict=True):
        print(f"{name:25} {said:8} {seconds:5.2f} s {megabytes:5.0f} MB")
        assert said == ("read" if name in HARMLESS else "refused"), name
        assert seconds < 5, name
        assert megabytes < 200, name


def test_a_header_of_more_values_than_are_read_is_not_written(file: Path) -> None:
    with pytest.raises(FileError, match=f"or {MAX_PARTS} values. Store long lists"):
        write(file, {"a": [0] * (MAX_PARTS + 1)}, {})
    assert same(read(file), (HEADER, ARRAYS))
    write(file, {"a": [0] * PARTS}, {})
    assert len(read(file)[0]["a"]) == PARTS


WRITTEN_BEFORE = (
    b'\xf0\x01\0\0\0\0\0\0{"__metadata__":{"unstuck":"{\\"version\\":1,\\"sha256\\":\\"aafbe8350e3'
    b"9d17f6888043bd24f1da7019aecdf4ba96df1dcc3959d5477c59b"
    b'\\",\\"header\\":{\\"kind\\":\\"model\\",\\"size\\":[1,2.5,null,true],\\"words\\":\\"Gr\\\\u00f6'
    b'\\\\u00dfe \\\\ud83d\\\\ude00\\",\\"inf\\":{\\"float\\":\\"inf\\"},\\"like\\":{\\"dict\\":{'
    b'\\"float\\":\\"inf\\"}},\\"in\\":{\\"dict\\":{\\"dict\\":{}}}}}"},"n":{"dtype":"I64","shape":[],'
    b'"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},"\xc3\xa9":'
    b'{"dtype":"BOOL","shape":[2],"data_offsets":[16,18]}} '
    b"\x07\0\0\0\0\0\0\0\0\0\0\0\xab\xaa\xaa>\1\0"
)


def test_a_file_of_the_first_version_is_read_and_written_again(tmp_path: Path) -> None:
    """Its bytes as they were written before reading became careful."""
    (tmp_path / "old").write_bytes(WRITTEN_BEFORE)
    header, arrays = read(tmp_path / "old")
    like, empty = {"float": "inf"}, {"dict": {}}
    values = {"kind": "model", "size": [1, 2.5, None, True], "words": "Größe 😀"}
    assert header == {**values, "inf": math.inf, "like": like, "in": empty}
    third = np.array([0, 1 / 3], np.float32)
    expected = {"n": np.array(7), "w": third, "é": np.array([True, False])}
    assert exact(arrays) == exact(expected)
    write(tmp_path / "new", header, arrays)
    again, values = read(tmp_path / "new")
    assert (again, exact(values)) == (header, exact(arrays))
    assert b'"version\\":2' in (tmp_path / "new").read_bytes()


def test_too_little_memory_is_a_file_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*arguments: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(storage, "contents", no_memory)
    with pytest.raises(FileError, match="does not fit into memory"):
        read(file)


# -- places that cannot be read or written -----------------------------------------------------


def message(action: Any, *arguments: Any) -> str:
    with pytest.raises(FileError) as caught:
        action(*arguments)
    return str(caught.value)


def test_a_missing_file_is_refused_with_near_names(file: Path) -> None:
    missing = str(file.with_name("nett.unstuck"))
    assert message(read, missing) == (
        f"Cannot read {missing!r}: there is no such file. Did you mean 'net.unstuck'?"
    )
    far = str(file.with_name("zzz"))
    assert message(read, far) == f"Cannot read {far!r}: there is no such file. Check the path."


def test_wrong_places_are_explained(file: Path) -> None:
    folder, lost, below = str(file.parent), str(file.parent / "lost" / "f"), str(file / "f")
    no_folder = f"there is no folder {os.path.dirname(lost)!r}. Create it, or check the path."
    is_folder = "it is a folder. Name a file in it."
    below_file = "a part of the path is a file, not a folder. Check the path."
    device = "it is neither a file nor a folder. Name a file."
    long = str(file.with_name("n" * 300))
    for action, word in ((read, "read"), (lambda path: write(path, {}, {}), "write")):
        assert message(action, lost) == f"Cannot {word} {lost!r}: {no_folder}"
        assert message(action, folder) == f"Cannot {word} {folder!r}: {is_folder}"
        assert message(action, below) == f"Cannot {word} {below!r}: {below_file}"
        assert message(action, os.devnull) == f"Cannot {word} {os.devnull!r}: {device}"
        assert "the name is too long. Choose a shorter one." in message(action, long)
        assert "null" in message(action, "a\0b")
    assert same(read(file), (HEADER, ARRAYS))
    assert os.listdir(file.parent) == [file.name]


@pytest.mark.parametrize("path", [None, 3, 1.5, ["net.unstuck"]])
def test_what_is_no_path_is_refused(path: Any) -> None:
    for action in (read, lambda path: write(path, {}, {}), lambda path: write_text(path, "a")):
        with pytest.raises(ParameterError, match=r"path was .*; expected the name of a file, such"):
            action(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "it is neither a file nor a folder." in message(read, tmp_path / "pipe")
    assert "it is neither a file nor a folder." in message(write, tmp_path / "pipe", {}, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_missing_permission_is_explained(file: Path) -> None:
    advice = "no permission. Choose another place, or ask the owner for access."
    file.chmod(0o400)
    assert message(write, file, {}, {}) == f"Cannot write {str(file)!r}: {advice}"
    file.chmod(0o000)
    assert message(read, file) == f"Cannot read {str(file)!r}: {advice}"
    file.parent.chmod(0o500)
    assert advice in message(write, file.with_name("new"), {}, {})
    file.parent.chmod(0o700)


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "the disk is full. Free some space or choose another disk."),
        (errno.EDQUOT, "your quota is used up. Free some space or choose another disk."),
        (errno.EROFS, "the disk can only be read. Choose another disk."),
        (errno.EACCES, "no permission. Choose another place, or ask the owner for access."),
        (errno.EIO, f"{os.strerror(errno.EIO)}."),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failing_write_leaves_the_old_file_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, advice: str
) -> None:
    def fail(*arguments: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, call, fail)
    assert message(write, file, {}, {}) == f"Cannot write {str(file)!r}: {advice}"
    assert advice in message(write_text, file, "text")
    monkeypatch.undo()
    assert os.listdir(file.parent) == [file.name]
    assert same(read(file), (HEADER, ARRAYS))


def test_a_write_that_stops_halfway_leaves_the_old_file_alone(file: Path) -> None:
    # The limit on file sizes gives a real short write, as a full disk does.
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, old[1]))
    try:
        told = message(write, file, {}, {"a": np.zeros(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert "files of this size are not allowed here" in told
    assert os.listdir(file.parent) == [file.name]
    assert same(read(file), (HEADER, ARRAYS))


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_an_interrupted_write_leaves_the_old_file_alone(file: Path, interruption: type) -> None:
    with pytest.raises(interruption), replacing(file) as temporary:  # noqa: PT012
        temporary.write(b"half of")
        assert len(os.listdir(file.parent)) == 2
        raise interruption
    assert os.listdir(file.parent) == [file.name]
    assert same(read(file), (HEADER, ARRAYS))


def test_a_folder_that_cannot_be_synced_is_no_failure(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, synced = os.fsync, []

    def only_files(handle: int) -> None:
        synced.append(os.path.isdir(f"/dev/fd/{handle}"))
        if len(synced) == 2:
            raise OSError(errno.EINVAL, "no")
        real(handle)

    monkeypatch.setattr(atomic.os, "fsync", only_files)
    write(file, {"new": 1}, {})
    assert read(file)[0] == {"new": 1}
    assert synced == [False, True]  # the contents first, then the folder that names them


def test_links_are_followed_and_permissions_kept(file: Path) -> None:
    link = file.with_name("latest")
    link.symlink_to(file.name)
    file.chmod(0o600)
    write(link, {"new": 1}, {})
    assert link.is_symlink()
    assert read(file)[0] == {"new": 1}
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_new_file_has_ordinary_permissions(tmp_path: Path) -> None:
    (tmp_path / "ordinary").touch()
    write(tmp_path / "f", {}, {})
    assert (tmp_path / "f").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_text_is_written_as_given(tmp_path: Path) -> None:
    write_text(tmp_path / "history.csv", "épisode,loss\r\n1,0.5\n")
    assert (tmp_path / "history.csv").read_bytes() == "épisode,loss\r\n1,0.5\n".encode()
    assert "the text holds '\\udc80', half of a character." in message(
        write_text, tmp_path / "history.csv", "\udc80"
    )
    assert (tmp_path / "history.csv").read_bytes().startswith("é".encode())


def test_paths_may_be_text_or_path_objects(tmp_path: Path) -> None:
    for path in (str(tmp_path / "f"), tmp_path / "f"):
        write(path, {"x": 1}, {})
        assert read(path)[0] == {"x": 1}


KILLED = """
import os, random, signal, sys, time
import numpy as np
from unstuck.persistence.container import read, write

path, rng, seen, cut_short = sys.argv[1], random.Random(0), set(), 0
write(path, {"count": 0}, {"a": np.full(50_000, 0.0)})
for _ in range(40):
    inode = os.stat(path).st_ino
    child = os.fork()
    if child == 0:
        count = read(path)[0]["count"]
        while True:
            count += 1
            write(path, {"count": count}, {"a": np.full(50_000, float(count))})
    while os.stat(path).st_ino == inode:  # a busy machine may be slow to begin
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    header, arrays = read(path)
    assert (arrays["a"] == header["count"]).all()
    seen.add(header["count"])
    cut_short += len(os.listdir(os.path.dirname(path))) > 1
    for name in os.listdir(os.path.dirname(path)):
        if name.endswith(".tmp"):
            os.unlink(os.path.join(os.path.dirname(path), name))
print(len(seen), cut_short)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_writer_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path / "f")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    versions, cut_short = map(int, done.stdout.split())
    assert versions > 5  # writes did happen between the kills,
    assert cut_short > 0  # and some kills came in the middle of one
