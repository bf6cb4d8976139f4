"""What a column is, learned once, and how later tables are read by it."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

from unstuck.data.signs import with_sign
from unstuck.data.table import TableEncoder, decide_task, target_values, understand
from unstuck.errors import DataError, DataWarning

LEARNED = TableEncoder().fit(
    pl.DataFrame(
        {
            "share": ["12 %", "13,5 %"],
            "price": ["1.234,56 €", "7 €"],
            "day": ["31.12.2020", "01.01.2021"],
            "clock": ["12:30", "13:00"],
            "truth": ["true", "false"],
            "size": [1.5, 2.5],
            "code": ["007", "SW1"],
        }
    )
)
ROW = {
    "share": "12 %",
    "price": "7 €",
    "day": "31.12.2020",
    "clock": "12:30",
    "truth": "true",
    "size": "1.5",
    "code": "007",
}


def value(name, given):
    """What a single row with that value becomes, in the column of that name."""
    encoded = LEARNED.transform(pl.DataFrame({**{k: [v] for k, v in ROW.items()}, name: [given]}))
    return encoded[0, [each.split("=")[0] for each in LEARNED.get_feature_names_out()].index(name)]


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("share", "12,5 %", 12.5),
        ("price", "1.234 €", 1234),
        ("price", "1234,5", 1234.5),
        ("price", 1234.5, 1234.5),
        ("day", datetime.date(1970, 1, 2), 86400),
        ("day", "02.01.1970 00:00:01", 86401),
        ("clock", datetime.time(0, 1), 60),
        ("truth", "FALSE", 0),
        ("truth", 1, 1),
        ("size", "1,5", 1.5),
        ("size", "1,234.5", 1234.5),
        ("size", "−5", -5),
        ("size", True, 1),
        ("size", "5 €", 5),
    ],
)
def test_values_that_fit(name, given, expected):
    assert value(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("share", "0.12", "numbers such as 1,5 %"),
        ("share", 0.12, "without the sign, 0.12 may be meant as well as 12"),
        ("price", "$7", "numbers such as 1,5 €"),
        ("price", "0.5", "there '.' parted thousands"),
        ("day", 44196, "came as Int64; expected dates written day.month.year"),
        ("day", "44196", "dates written day.month.year"),
        ("day", "12/31/2020", "dates written day.month.year"),
        ("day", datetime.time(1), "came as Time"),
        ("clock", datetime.date(2020, 1, 1), "came as Date; expected times of day"),
        ("truth", "yes", "true or false"),
        ("truth", 2, "true or false"),
        ("size", "1,234", "it may be thousands or decimals"),
        ("size", "01234", "numbers such as 1.5"),
        ("size", "5 %", "numbers such as 1.5"),
        ("size", "tall", "numbers such as 1.5, as in the table of the fit"),
        ("size", "inf", "is infinite in row 1"),
        ("size", datetime.date(2020, 1, 1), "came as Date; expected numbers"),
        ("code", 7.5, "came as Float64; expected texts"),
        ("code", True, "came as Boolean; expected texts"),
    ],
)
def test_values_that_do_not_fit(name, given, expected):
    with pytest.raises(DataError, match=f"column '{name}' .*{expected}"):
        value(name, given)


def in_file(separator, **columns):
    return with_sign(pl.DataFrame(columns), "," if separator == ";" else "")


POINTS, COMMAS = ["1.5", "2.5"], ["1,5", "2,5"]


@pytest.mark.parametrize(
    ("fitted", "separator", "given", "expected"),
    [
        (COMMAS, ";", "1.234", 1234),
        (COMMAS, ",", "1.234", None),
        (COMMAS, ",", "1,234", 1.234),
        (POINTS, ";", "1,234", 1.234),
        (POINTS, ",", "1,234", None),
        (POINTS, ";", "1.234", 1.234),
        (["1,100", "2,200"], ",", "1,300", 1300),
        (["1,100", "2,200"], ",", "1,5", None),
        (["1.100,5", "2.200,5"], ",", "1.5", None),
    ],
)
@pytest.mark.parametrize("beside", ["1.5", "0,5", "1"])
def test_a_number_means_the_same_alone_and_beside_others(
    fitted, separator, given, expected, beside
):
    encoder = TableEncoder().fit(in_file("", a=fitted, b=["1.5", "2"]))
    later = in_file(separator, a=[given, beside], b=["1", "1"])
    refused = expected is None or beside in ("1.5", "0,5")
    try:
        found = encoder.transform(later)[0, 0]
    except DataError:
        found = None
    assert found == expected or (refused and found is None)


def test_numbers_of_both_signs_are_refused_and_not_guessed():
    encoder = TableEncoder().fit(pl.DataFrame({"a": [1.5, 2.5], "b": [1.5, 2.5]}))
    with pytest.raises(DataError, match="others in the table have ',' as their decimal sign"):
        encoder.transform(pl.DataFrame({"a": ["1.234", "2"], "b": ["0,5", "1"]}))
    with pytest.raises(DataError, match=r"'1,234' in row 1; .* it may be thousands or decimals"):
        encoder.transform(pl.DataFrame({"a": ["1,234", "2"], "b": ["0,5", "1"]}))


def test_the_decimal_sign_may_be_told_by_any_row():
    texts = ["1,234"] * 1500
    fitted = pl.DataFrame({"a": [*texts, "2,345"], "b": [*texts, "0,5"]})
    assert TableEncoder().fit_transform(fitted)[0].tolist() == [1.234, 1.234]


def test_the_separator_tells_of_inputs_and_target_alike():
    table = in_file(";", a=["1,100", "2,200", "3,300"] * 9, y=["1,100", "2,200", "3,300"] * 9)
    encoder = TableEncoder("y").fit(table)
    assert encoder.transform(table)[:3, 0].tolist() == [1.1, 2.2, 3.3]
    assert encoder.targets(table)[:3].tolist() == [1.1, 2.2, 3.3]


def test_what_is_imputed_is_told_by_the_signs_of_the_file():
    encoder = TableEncoder().fit(in_file(";", a=["1.5", None, "2.5"]))
    assert encoder.imputed(in_file(";", a=["1,234", None])) == [
        "a: 1 of 2 values missing, imputed with 2"
    ]


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ("abc", "it holds numbers, but 'abc' in row 10; correct these, or leave them empty"),
        ("12 %", "it holds numbers, but '12 %' in row 10"),
    ],
)
def test_a_column_that_is_mostly_numbers_is_left_out_for_the_true_reason(odd, message):
    texts = [odd if i == 9 else f"{i * 1.37:.2f}" for i in range(60)]
    encoder = TableEncoder().fit(pl.DataFrame({"size": texts, "z": range(60)}))
    assert message in dict(encoder.left_out_)["size"]


def test_dates_with_an_odd_one_and_codes():
    days = [f"{i % 28 + 1:02d}.{i % 12 + 1:02d}.2020" for i in range(80)]
    days[3] = "never"
    codes = [f"{i * 37 % 1000:05d}" for i in range(80)]
    encoder = TableEncoder().fit(pl.DataFrame({"d": days, "c": codes, "z": range(80)}))
    left = dict(encoder.left_out_)
    assert left["d"].startswith("it holds dates written day.month.year, but 'never' in row 4")
    assert left["c"] == "its 80 different texts in 80 rows name the rows"


def test_words_for_missing_values_are_imputed_and_told():
    texts = ["1", "2", "n.a.", "#N/A", "-", "3"]
    encoder = TableEncoder().fit(pl.DataFrame({"a": texts}))
    assert encoder.summary() == ["a: 3 missing values imputed with 2"]


def test_what_is_new_is_told_and_what_was_known_can_be_asked_for():
    encoder = TableEncoder().fit(pl.DataFrame({"c": ["x", "y"], "n": [1.0, 2.0], "m": [1, None]}))
    new = pl.DataFrame({"c": ["X", None], "n": ["?", "1"], "m": [None, 1.0]})
    with pytest.warns(DataWarning) as caught:
        encoder.transform(new)
    assert str(caught[0].message) == (
        "c: 1 of 2 values were never seen by the fit, such as 'X'; "
        "n: 1 of 2 values missing, imputed with 1.5."
    )
    assert encoder.imputed(new) == ["m: 1 of 2 values missing, imputed with 1"]


def test_the_index_of_pandas_is_left_out():
    frame = pl.DataFrame({"Unnamed: 0": [str(i) for i in range(40)], "a": [1.0, 2.0] * 20})
    encoder = TableEncoder().fit(frame)
    assert encoder.summary() == [
        "Unnamed: 0: left out, because it numbers the rows, as the index of pandas does"
    ]


def test_whole_numbers_that_float64_does_not_tell_apart():
    encoder = TableEncoder().fit(
        pl.DataFrame({"id": [2**60 + i for i in range(40)], "a": range(40)})
    )
    assert "beyond 2^53" in dict(encoder.left_out_)["id"]


@pytest.mark.parametrize(
    ("texts", "task", "values"),
    [
        (["007", "008", "007"], "classification", ["007", "008", "007"]),
        (["None", "mild", "None"], "classification", ["None", "mild", "None"]),
        (["True", "False", "True"], "classification", ["True", "False", "True"]),
        (["1", "2", "1", "2"], "classification", [1, 2, 1, 2]),
        (["$1,234.5", "$2", "$0.5"], "regression", [1234.5, 2, 0.5]),
        ([f"{i},5" for i in range(30)], "regression", [i + 0.5 for i in range(30)]),
        *(
            (texts * 2, "classification", texts * 2)
            for texts in (
                ["$5", "$10"],
                ["5 %", "10 %"],
                ["1,000", "2,000"],
                ["1.0", "2.0"],
                ["+1", "-1"],
                ["12345678901234567890", "12345678901234567891"],
            )
        ),
        ([str(2**53), str(2**53 + 1)] * 2, "classification", [2**53, 2**53 + 1] * 2),
        ([str(2**60), str(2**60 + 1)] * 2, "classification", [2**60, 2**60 + 1] * 2),
    ],
)
def test_targets_of_a_file(texts, task, values):
    frame = pl.DataFrame({"y": texts})
    target = understand(frame, "y")
    assert target.task == task
    assert target_values(frame, target).tolist() == values
    if task == "classification":
        assert target_values(frame[:1], target).tolist() == values[:1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([f"{i * 1.37:.2f}" for i in range(60)] + ["n.a."], r"no value in row 61 \('n.a.'\)"),
        ([f"{i * 1.37:.2f}" for i in range(60)] + ["abc"], "holds numbers, but 'abc' in row 61"),
        (["2020-01-01", "2020-01-02"], "holds dates written year-month-day; expected numbers"),
        (pl.Series([2**63 + 5, 2**63 + 6] * 2, dtype=pl.UInt64), "expected whole numbers below"),
        ([1e300, 2e300] * 2, "expected whole numbers below"),
        ([2**60 + i for i in range(60)], "beyond 2"),
    ],
)
def test_targets_that_are_refused(values, message):
    frame = pl.DataFrame({"y": values})
    with pytest.raises(DataError, match=message):
        target_values(frame, understand(frame, "y"))


def test_classes_of_several_spellings_are_told():
    target = understand(pl.DataFrame({"y": ["1", "2", "2.0", "1"]}), "y")
    assert target.sentence == "only 2 different integers, some of several spellings: '2.0' is 2"


def test_a_target_of_mixed_values():
    with pytest.raises(DataError, match="mixes numbers and texts: 1 in row 1 and '1' in row 2"):
        decide_task([1, "1"])


@pytest.mark.parametrize(
    ("fitted", "later", "expected"),
    [
        ([True, False, True], ["true", "FALSE", "1"], [True, False, True]),
        ([1, 2, 1], ["1", "2", "2.0"], [1, 2, 2]),
        (["1", "2", "a"], [1, 2, 2], ["1", "2", "2"]),
        ([1.5, 2.5, 3.5], ["1.5", "2,5", "3"], [1.5, 2.5, 3]),
    ],
)
def test_targets_of_a_later_table(fitted, later, expected):
    target = understand(pl.DataFrame({"y": fitted}), "y")
    assert target_values(pl.DataFrame({"y": later}), target).tolist() == expected


@pytest.mark.parametrize(
    ("fitted", "later", "message"),
    [
        (["True", "False"], [True, False], "came as Boolean; expected texts"),
        (["a", "b"], [1.5, 2.0], "came as Float64; expected texts"),
        ([1, 2, 1], ["1", "2", "a"], "holds 'a' in row 3; expected numbers"),
        ([True, False], ["yes", "no"], "holds 'yes' in rows 1, 2; expected true or false"),
    ],
)
def test_targets_of_another_kind_are_refused(fitted, later, message):
    target = understand(pl.DataFrame({"y": fitted}), "y")
    with pytest.raises(DataError, match=message):
        target_values(pl.DataFrame({"y": later}), target)
