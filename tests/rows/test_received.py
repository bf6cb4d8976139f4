"""Data as people have them: read as the plain array is, or refused in one clear sentence."""

import datetime
import decimal
import enum
import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from unstuck import DataError, NetClassifier, NetRegressor
from unstuck.rows.received import cells_of, kinds_of
from unstuck.rows.received_labels import labels_of
from unstuck.rows.received_numbers import numbers_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
N = 12
X = RNG.normal(size=(N, 2))
WHOLE = np.arange(N)
TWO = WHOLE % 2
NUMBERS = X[:, 0] - X[:, 1]


def classifier():
    return NetClassifier((2,), max_iter=2, random_state=0)


def regressor():
    return NetRegressor((2,), max_iter=2, random_state=0)


def repeated(*cells):
    return [cells[row % len(cells)] for row in range(N)]


def objects(*cells):
    """An array of objects as they are, lists too."""
    return np.fromiter(repeated(*cells), object, N)


def nullable(values, dtype, missing=()):
    return pd.array([pd.NA if i in missing else v for i, v in enumerate(values)], dtype=dtype)


def beside(cells):
    """A frame with the cells in column "a", and numbers in "b"."""
    return pd.DataFrame({"a": cells, "b": X[:, 1]})


def refuses(*parts):
    """Expects a ``DataError`` whose text holds all parts."""
    return pytest.raises(
        DataError, match="(?s)" + "".join(f"(?=.*{re.escape(p)})" for p in parts)
    )  # fmt: skip


DAY, MOMENT = datetime.date(2020, 1, 1), pd.Timestamp("2020-01-01 12:00")


class Color(enum.Enum):
    RED = 1
    BLUE = 2


# Right values


@pytest.mark.parametrize(
    "cells",
    [
        nullable(WHOLE, "Int64"),
        nullable(WHOLE, "UInt8"),
        nullable(WHOLE, "Float64"),
        objects(*map(int, WHOLE)),
        objects(*map(str, WHOLE)),
        objects(*map(decimal.Decimal, WHOLE.tolist())),
        pd.Categorical(WHOLE),
        pd.arrays.SparseArray(WHOLE),
        np.array(WHOLE, np.longdouble),
    ],
    ids=lambda cells: type(cells).__name__ + str(getattr(cells, "dtype", "")),
)
@pytest.mark.filterwarnings("ignore:pandas.DataFrame with sparse columns:UserWarning")
def test_other_columns_of_numbers_are_as_plain_ones(cells):
    plain = np.column_stack([WHOLE, X[:, 1]])
    expected = regressor().fit(plain, WHOLE).predict(plain)
    net = regressor().fit(beside(cells), WHOLE)
    np.testing.assert_array_equal(net.predict(beside(cells)), expected)
    np.testing.assert_array_equal(regressor().fit(plain, cells).predict(plain), expected)
    weighted = regressor().fit(plain, WHOLE, cells).predict(plain)
    np.testing.assert_array_equal(weighted, regressor().fit(plain, WHOLE, WHOLE).predict(plain))


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (nullable(TWO, "Int64"), np.array([0, 1])),
        (pd.Series(nullable(TWO == 1, "boolean")), np.array([False, True])),
        (objects(3, 5), np.array([3, 5])),
        (objects(True, False), np.array([False, True])),
        (objects(1, 2.0), np.array([1.0, 2.0])),
        (repeated("a", "b"), np.array(["a", "b"])),
        (objects("a", np.str_("b")), np.array(["a", "b"], object)),
        (pd.Series(repeated("a", "b"), dtype="string"), np.array(["a", "b"], object)),
        (pd.Categorical(repeated("b", "a")), np.array(["a", "b"], object)),
        (pl.Series(repeated("a", "b"), dtype=pl.Categorical), np.array(["a", "b"], object)),
        (pl.DataFrame({"y": TWO == 1}), np.array([False, True])),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
def test_labels_keep_their_kind(labels, classes):
    net = classifier().fit(X, labels)
    assert net.classes_.dtype.kind == classes.dtype.kind
    assert net.classes_.tolist() == classes.tolist()
    assert 0 <= net.score(X, labels) <= 1
    plain = classifier().fit(X, np.array(labels_of(labels).ravel().tolist()))
    np.testing.assert_array_equal(net.predict_proba(X), plain.predict_proba(X))


@pytest.mark.parametrize(
    ("two", "kind"),
    [
        ([2**53, 2**53 + 1], "i"),
        ([-(2**62) - 1, -(2**62)], "i"),
        ([2**63 + 5, 2**63 + 6], "u"),
        ([5, 2**63], "u"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "made",
    [
        list,
        lambda ids: np.array(ids, object),
        lambda ids: pd.Series(ids, dtype="Int64" if max(ids) < 2**63 else "UInt64"),
        lambda ids: pl.Series(ids, dtype=pl.Int128),
    ],
    ids=["list", "objects", "pandas", "polars"],
)
def test_large_identifiers_stay_distinct_classes(two, kind, made, tmp_path):
    net = classifier().fit(X, made(repeated(*two)))
    assert net.classes_.dtype.kind == kind
    assert [int(each) for each in net.classes_] == sorted(two)
    assert set(net.predict(X).tolist()) <= set(two)
    assert net.score(X, made(repeated(*two))) == np.mean(net.predict(X) == repeated(*two))
    net.save(tmp_path / "net")


def test_targets_of_several_columns_go_by_place():
    pair = np.c_[TWO, 1 - TWO]
    for same in (
        pd.DataFrame(pair, columns=["y", "y"]),
        pd.DataFrame({i: nullable(pair[:, i], "Int64") for i in (0, 1)}),
        pl.DataFrame(pair),
        pair.astype(object),
        pair.tolist(),
        sparse.csr_array(pair),
    ):
        net = classifier().fit(X, same)
        np.testing.assert_array_equal(net.predict(X), classifier().fit(X, pair).predict(X))
        net.score(X, same)
    two = regressor().fit(X, pd.DataFrame(X, columns=["y", "y"]))
    np.testing.assert_array_equal(two.predict(X), regressor().fit(X, X).predict(X))


# Missing


@pytest.mark.parametrize("dtype", ["Int64", "UInt8", "Float64", "boolean"])
def test_a_missing_entry_of_a_nullable_column_is_told_like_nan(dtype):
    holes = nullable(TWO, dtype, missing=(3, 5))
    with refuses("X contains NaN in column 'a' (2 of 12 rows)", "SimpleImputer"):
        regressor().fit(beside(holes), NUMBERS)
    net = regressor().fit(beside(TWO), NUMBERS)
    with refuses("X contains NaN in column 'a' (2 of 12 rows)"):
        net.predict(beside(holes))
    for ask in (net.fit, net.partial_fit, net.score):
        with refuses("y contains NaN", "(2 of 12 rows)", "Remove"):
            ask(beside(TWO), pd.Series(holes))
        with refuses("sample_weight contains NaN", "(2 of 12 rows)"):
            ask(beside(TWO), NUMBERS, sample_weight=holes)
    with refuses("y", "2 of 12 rows", "Remove"):
        classifier().fit(X, holes)
    with refuses("In X_val, y_val, sample_weight_val: X contains NaN in column 'a'"):
        regressor().fit(beside(TWO), NUMBERS, X_val=beside(holes), y_val=NUMBERS)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT], ids=str)
def test_missing_objects(missing):
    with refuses("X contains NaN in column 1 (6 of 12 rows)"):
        regressor().fit(np.c_[objects(1, 2), objects(3.0, missing)], NUMBERS)
    with refuses("y contains NaN (6 of 12 rows)"):
        regressor().fit(X, objects(1.0, missing))
    for labels in (objects("a", "b", missing), repeated(1, 0, missing), repeated("a", missing)):
        with refuses("y has no label (None or NaN)", "of 12 rows", "Remove these rows"):
            classifier().fit(X, labels)
    with refuses("classes has no label"):
        classifier().partial_fit(X, TWO, classes=[0, 1, missing])


def test_masked_entries_are_missing():
    mask = np.zeros((N, 2), bool)
    mask[:3, 1] = True
    with refuses("X contains NaN in column 1 (3 of 12 rows)"):
        regressor().fit(np.ma.masked_array(X, mask), NUMBERS)
    with refuses("y has no label", "3 of 12 rows"):
        classifier().fit(X, np.ma.masked_array(TWO, mask[:, 1]))
    classifier().fit(X, np.ma.masked_array(TWO, False))


# What is no number

ODD = [
    (objects(1, "x"), "text", "'x') in 6 of 12 rows, first in row 1"),
    (pd.Categorical(repeated("u", "v")), "text", "'u'"),
    (objects(b"x", b"y"), "bytes", "b'x'"),
    (objects(DAY, DAY), "dates or times", "datetime.date"),
    (objects(MOMENT, 1.0), "dates or times", "Timestamp"),
    (objects(np.datetime64("2020"), 1.0), "dates or times", "datetime64"),
    (objects(datetime.timedelta(1), 1.0), "dates or times", "timedelta"),
    (pd.date_range("2020", periods=N), "dates or times", "Timestamp"),
    (pd.date_range("2020", periods=N, tz="UTC"), "dates or times", "Timestamp"),
    (pd.period_range("2020", periods=N, freq="D"), "values of type Period", "2020"),
    (pd.interval_range(0, N), "values of type Interval", "(0, 1"),
    (X[:, 0] + 1j, "complex numbers", "Complex data not supported"),
    (objects(1j, 2), "complex numbers", "first in row 0"),
    (objects({"q": 1}, 2), "values of type dict", "{'q': 1}"),
    (objects([1, 2], [3]), "values of type list", "[1, 2]"),
    (objects(10**400, 1), "numbers that are too large", "10000"),
    (objects(Color.RED, Color.BLUE), "values of type Color", "RED"),
]


@pytest.mark.parametrize(("cells", "kind", "shown"), ODD, ids=[f"{k} {s}" for _, k, s in ODD])
def test_what_is_no_number_is_named_by_column_and_row(cells, kind, shown):
    with refuses(f"X contains {kind} in column 'a' (", shown, "expected numbers"):
        regressor().fit(beside(cells), NUMBERS)
    net = regressor().fit(beside(TWO), NUMBERS)
    with refuses(f"X contains {kind} in column 'a' ("):
        net.predict(beside(cells))
    for ask in (net.fit, net.partial_fit, net.score):
        with refuses(f"y contains {kind} (", "expected numbers"):
            ask(beside(TWO), pd.Series(cells))
        with refuses(f"sample_weight contains {kind} ("):
            ask(beside(TWO), NUMBERS, sample_weight=pd.Series(cells))
    soft = pd.DataFrame({"p": pd.Series(cells), "q": pd.Series(cells)})
    with refuses(f"soft_targets contains {kind} in column 'p' ("):
        classifier().fit(X, TWO, soft_targets=soft)


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (pl.Series(repeated(DAY)), "dates or times"),
        (pl.Series(repeated(MOMENT.to_pydatetime())), "dates or times"),
        (pl.Series(repeated(datetime.timedelta(1))), "dates or times"),
        (pl.Series(repeated(datetime.time(1))), "dates or times"),
        (pl.Series(repeated([1, 2])), "values of type list"),
        (pl.Series(repeated({"q": 1})), "values of type dict"),
        (pl.Series(repeated("u", "v"), dtype=pl.Enum(["u", "v"])), "text"),
    ],
    ids=str,
)
def test_columns_of_polars_that_are_no_numbers(series, kind):
    with refuses(f"X contains {kind} in column 'a'"):
        regressor().fit(pl.DataFrame({"a": series, "b": X[:, 1]}), NUMBERS)
    with refuses(f"y contains {kind}"):
        regressor().fit(X, series)


def test_an_array_of_objects_names_the_column_of_the_fit():
    net = regressor().fit(beside(TWO), NUMBERS)
    with refuses("text in column 'b' ('x') in 1 of 1 rows"):
        net.predict(np.array([[1, "x"]], object))


@pytest.mark.parametrize(
    "numbers",
    [WHOLE + 2**60, [2**53, 2**53 + 1] * 6, objects(2**70, 2**70 + 1), -WHOLE - 2**62],
    ids=["int64", "list", "objects", "negative"],
)
def test_whole_numbers_that_would_become_the_same_are_refused(numbers):
    with refuses("y holds whole numbers beyond 2**53, from ", "rounds by up to", "Subtract"):
        regressor().fit(X, numbers)
    with refuses("X holds whole numbers beyond 2**53 in column 'a'", "names the rows"):
        regressor().fit(beside(numbers), NUMBERS)


def test_large_whole_numbers_far_apart_are_numbers():
    far = WHOLE * 2**58 + 1
    net = regressor().fit(X, far)
    np.testing.assert_array_equal(net.predict(X), regressor().fit(X, far.astype(float)).predict(X))


def test_whole_numbers_beside_others_are_looked_at_by_themselves():
    for frame in (pd.DataFrame, pl.DataFrame):
        table = frame({"a": WHOLE + 2**60, "b": X[:, 1]})
        for ask in (lambda: regressor().fit(table, NUMBERS), lambda: regressor().fit(X, table)):  # noqa: B023
            with refuses("holds whole numbers beyond 2**53 in column 'a'"):
                ask()
    with refuses("y holds no class"):
        classifier().fit(X, [])


# What is no label


@pytest.mark.parametrize(
    ("first", "second", "types"),
    [
        (1, "1", "int, str"),
        (True, "True", "bool, str"),
        (1.5, "a", "float, str"),
        (1, True, "bool, int"),
        (b"a", "a", "bytes, str"),
        (MOMENT, "a", "Timestamp, str"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "made", [repeated, objects, lambda *two: pd.Series(repeated(*two), dtype=object)]
)
def test_labels_of_two_kinds_are_never_made_one(first, second, types, made):
    parts = (f"mixes labels of types {types} (", "in row 0", "in row 1", "expected only")
    with refuses("y " + parts[0], *parts[1:]):
        classifier().fit(X, made(first, second))
    with refuses("y " + parts[0]):
        classifier().fit(X, TWO).score(X, made(first, second))
    with refuses("classes " + parts[0]):
        classifier().partial_fit(X, TWO, classes=[first, second])


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (objects(DAY, DAY), "dates or times"),
        (pd.Series(pd.to_datetime(repeated("2020", "2021"))), "dates or times"),
        (np.array(repeated("2020", "2021"), "M8[D]"), "dates or times"),
        (np.array(repeated(1, 2), "m8[s]"), "dates or times"),
        (pl.Series(repeated(DAY, DAY)), "dates or times"),
        (np.array(repeated(b"a", b"b")), "bytes"),
        (TWO + 1j, "complex numbers"),
        (objects(1j, 2j), "complex numbers"),
        (objects((1, 2), (3, 4)), "values of type tuple"),
        (objects(Color.RED, Color.BLUE), "values of type Color"),
        (objects(decimal.Decimal(1), decimal.Decimal(2)), "values of type Decimal"),
        (pd.cut(NUMBERS, 2), "values of type Interval"),
        (np.zeros(N, [("a", float)]), "values of type [('a', '<f8')]"),
        (repeated({"a": 1}, {"a": 2}), "values of type dict"),
    ],
    ids=str,
)
def test_what_no_class_can_be(labels, kind):
    with refuses(f"y contains {kind} (", "expected classes", "y"):
        classifier().fit(X, labels)
    with refuses(f"y contains {kind} ("):
        classifier().fit(X, TWO).score(X, labels)


@pytest.mark.parametrize(
    "labels",
    [
        np.array(repeated(1e300, 2e300)),
        np.array(repeated(-1e300, 2.0)),
        np.array(repeated(2.0**53, 2.0**53 + 2)),
        np.array(repeated(2**25, 2**25 + 4), np.float32),
        objects(2**60, 1.5),
        objects(2**64, 1),
        objects(-1, 2**63),
    ],
    ids=str,
)
def test_labels_that_may_have_been_rounded_are_refused(labels):
    with refuses("y holds", "expected", "text"):
        classifier().fit(X, labels)


def test_text_and_numbers_are_never_the_same_class():
    """NumPy finds 1 among "1" and "2": rows of such labels would be trained on with no class."""
    for known, others in ((np.array(repeated("1", "2")), TWO + 1), (TWO + 1, repeated("1", "2"))):
        net = classifier().fit(X, known)
        with refuses("y contains classes", "known classes"):
            net.partial_fit(X, others)
        with refuses("In X_val, y_val", "known classes"):
            classifier().fit(X, known, X_val=X, y_val=others)
        with refuses("y holds labels such as", "the classes", "Convert them"):
            net.score(X, others)


def test_unknown_labels_of_the_same_kind_count_as_wrong():
    net = classifier().fit(X, TWO)
    assert net.score(X, TWO + 5) == 0.0
    assert net.score(X, np.where(WHOLE < 6, net.predict(X), 7)) == 0.5


# Containers


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        (pl.DataFrame(X).lazy(), ("is a LazyFrame", "collect()")),
        ({"a": [1, 2], "b": [1]}, ("is of type dict, with the keys ['a', 'b']", "DataFrame")),
        ([[1, 2], [1]] * 6, ("has rows of different lengths, such as [1, 2]", "as many entries")),
        ([["a"], ["a", "b"]] * 6, ("has rows of different lengths", "MultiLabelBinarizer")),
        ([{"a"}, {"b"}] * 6, ("has rows of different lengths",)),
        ((row for row in X), ("is of type generator", "expected an array")),
        ({1, 2}, ("is of type set ({1, 2})",)),
        ("data.csv", ("is of type str ('data.csv')",)),
        (3.0, ("is of type float (3.0)",)),
        (np.array(3.0), ("is of type ndarray",)),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_holds_no_rows(given, parts):
    net = classifier().fit(X, TWO)
    for ask in (classifier().fit, net.score):
        with refuses("X " + parts[0], *parts[1:]):
            ask(given, TWO)
        with refuses("y " + parts[0], *parts[1:]):
            ask(X, given)
    with refuses("X " + parts[0]):
        net.predict_proba(given)
    if not np.isscalar(given) or isinstance(given, str):
        with refuses("sample_weight"):
            regressor().fit(X, NUMBERS, given)


def test_names_that_cannot_tell_columns_apart():
    twice = pd.DataFrame(np.c_[X, X], columns=["a", "b", "a", "c"])
    with refuses("X has 2 columns of the name 'a' (columns 0, 2)", "Rename", "to_numpy()"):
        regressor().fit(twice, NUMBERS)
    with refuses("X has column names of types int, str", "astype(str)"):
        regressor().fit(pd.DataFrame(X, columns=["a", 1]), NUMBERS)
    with refuses("X has no columns"):
        regressor().fit(pd.DataFrame(index=WHOLE), NUMBERS)


def test_shapes_that_do_not_fit_are_errors_of_data():
    net = regressor().fit(X, NUMBERS)
    for rows in (X[0], X[:, :, None], X[:, :1], pd.Series(NUMBERS), sparse.csr_array(X + 1j)):
        with refuses("X cannot be used: "):
            net.predict(rows)
    for ask in (net.fit, net.score):
        for y in (X[:, :, None], sparse.csr_array(X)):
            with refuses("y "):
                ask(X, y)
    with refuses("y cannot be used: "):
        net.score(X, X)


# The door itself


def test_cells_are_never_converted():
    assert cells_of([1, "1"], "y").tolist() == [1, "1"]
    assert cells_of([[1, "1"], [2.5, None]], "X").tolist() == [[1, "1"], [2.5, None]]
    assert cells_of([2**63, 5], "y").tolist() == [2**63, 5]
    assert cells_of(beside(objects(DAY, "x")), "X")[0].tolist() == [DAY, X[0, 1]]
    strings = np.array(["a", "bc"], np.dtypes.StringDType())
    assert kinds_of(cells_of(strings, "y")) == ["text", "text"]


def test_numbers_keep_shape_and_type():
    for numbers in (X, X[:, 0], X.astype(np.float32), WHOLE, X > 0):
        found = numbers_of(numbers, "X")
        assert found.dtype == numbers.dtype
        np.testing.assert_array_equal(found, numbers)
    found = numbers_of(pl.DataFrame({"a": [1, None], "b": ["2", "1e3"]}), "X")
    np.testing.assert_array_equal(found, [[1, 2], [np.nan, 1000]])
