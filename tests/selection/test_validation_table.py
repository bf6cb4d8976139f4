"""What a validation table says: the optimum, overfitting, one standard error; and its figure."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck import DataError, ParameterError
from unstuck.readable import html
from unstuck.selection import Candidate, ValidationTable
from unstuck.selection.examples import DEGREES, TRAINING, VALIDATION


def notes():
    return ValidationTable.from_errors("d", DEGREES, TRAINING, VALIDATION)


def text(table):
    return " ".join(str(table).split())


def folds(values, spread, n=20, seed=0):
    """Errors of folds with the given means, shape (values, n); a fold is hard for all."""
    hard = np.random.default_rng(seed).normal(size=n)
    return np.array(values)[:, None] + spread * (hard - hard.mean())


def test_the_well_known_table():
    table = notes()
    assert table.best_params == {"d": 2}
    assert table.overfitting == {"d": ">"}
    assert "Optimal choice: d = 2 (error 0.3095). Overfitting for d > 2:" in text(table)
    assert "falls from 0.1504 to 0, and the validation error rises from 0.3095 to 6097.5" in text(
        table
    )
    assert "Underfitting for d < 2" in text(table)
    for number in (*TRAINING, *VALIDATION):
        assert f"{number:.5g}" in str(table)
    assert table.one_standard_error is None
    assert max(map(len, str(table).splitlines())) <= 80
    assert table.to_dict()["optimum"] == {"d": 2}
    assert "Overfitting for d &gt; 2" in html(table)


def test_noise_is_no_overfitting():
    """On folds that all have the same rise it is one; where it changes its sign, none."""
    train, held = folds([0.3, 0.2, 0.1], 0.0), folds([0.5, 0.4, 0.45], 0.3)
    table = ValidationTable.from_errors("d", [1, 2, 3], train, held)
    assert table.overfitting == {"d": ">"}
    noise = np.random.default_rng(1).normal(size=20)
    held[2] += noise - noise.mean()
    table = ValidationTable.from_errors("d", [1, 2, 3], train, held)
    assert table.overfitting == {}
    assert "No overfitting can be told for d > 2" in text(table)


def test_overfitting_may_be_where_values_are_smaller():
    """A penalty fits less closely the larger it is."""
    table = ValidationTable.from_errors("alpha", [10, 0.1, 1], [3, 1, 2], [4, 5, 3])
    assert table.overfitting == {"alpha": "<"}
    assert "Underfitting for alpha > 1" in text(table)


def test_one_standard_error():
    """The least close fit whose validation error is within it: counted by hand."""
    train, held = folds([0.4, 0.3, 0.2, 0.1], 0.0), folds([0.9, 0.55, 0.5, 0.6], 0.3)
    table = ValidationTable.from_errors("d", [1, 2, 3, 4], train, held)
    error = np.std(held[2], ddof=1) / np.sqrt(20)
    assert 0.05 < error < 0.4
    assert table.best_params == {"d": 3}
    assert table.optimum.standard_error == pytest.approx(error, rel=1e-12)
    assert table.one_standard_error.params == {"d": 2}
    assert "the one that fits least closely: d = 2" in text(table)
    wide = ValidationTable.from_errors("d", [1, 2, 3, 4], train, folds([0.9, 0.7, 0.5, 0.6], 0.3))
    assert wide.one_standard_error is wide.optimum
    assert "No candidate that fits less closely" in text(wide)


def test_an_optimum_at_the_end_of_the_grid_is_told():
    table = ValidationTable.from_errors("d", [1, 2, 3], [3, 2, 1], [3, 2, 1])
    assert "d = 3 is the largest that was tried: try larger ones too." in text(table)
    assert table.overfitting == {}


def test_the_first_of_equal_errors_is_the_optimum():
    table = ValidationTable.from_errors("name", ["b", "a"], [1, 1], [2, 2])
    assert table.best_params == {"name": "b"}


@pytest.mark.parametrize(
    ("training", "validation", "says"),
    [
        ([1, 2], [1, 2, 3], r"shape \(2,\) for 3 values"),
        (["a", "b", "c"], [1, 2, 3], "expected numbers"),
        ([[], [], []], [1, 2, 3], r"shape \(3, 0\)"),
    ],
)
def test_errors_that_are_none(training, validation, says):
    with pytest.raises(DataError, match=says):
        ValidationTable.from_errors("d", [1, 2, 3], training, validation)


def test_nothing_is_chosen_where_nothing_is_known():
    table = ValidationTable.from_errors("d", [1, 2], [1, 2], [np.nan, np.nan])
    assert "Nothing can be chosen" in text(table)
    with pytest.raises(DataError, match="no candidate is complete"):
        _ = table.best_params


def test_the_figure_of_a_number_shows_both_errors_and_the_optimum():
    ax = notes().plot()
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(lines["training"].get_ydata(), TRAINING)
    assert list(lines["optimum: d = 2"].get_xdata()) == [2, 2]
    validation = ax.containers[0].lines[0]
    np.testing.assert_array_equal(validation.get_ydata(), VALIDATION)
    assert ax.get_yscale() == "symlog"  # zeros are shown, too


def test_the_figure_of_anything_else_has_a_line_for_each():
    table = ValidationTable.from_errors(
        "name", ["b", "a", "c"], folds([1, 2, 3], 0), folds([3, 1, 2], 1)
    )
    names = [label.get_text() for label in table.plot().get_yticklabels()]
    assert names[0] == "a  (optimum)"
    assert len(names) == 3


def test_it_is_drawn_into_given_axes():
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert notes().plot(ax) is ax


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ((3, [1, 2], [1, 2], [1, 2]), ParameterError, "parameter was 3"),
        (("d", [1, 2], [1, 2], [1, 2], ""), ParameterError, "measure was ''"),
        (("d", 3, [1, 2], [1, 2]), DataError, "values were 3"),
        (("d", "ab", [1, 2], [1, 2]), DataError, "values were 'ab'"),
    ],
)
def test_tables_of_something_else_are_refused(given, error, says):
    with pytest.raises(error, match=says):
        ValidationTable.from_errors(*given)


def test_errors_beyond_whole_numbers_of_the_machine_are_drawn():
    table = ValidationTable.from_errors("d", [1, 2], [0, 1e200], [1e250, 1e300])
    table.plot().figure.canvas.draw()


def test_the_ends_of_what_was_tried_count_what_was_not_measured():
    table = ValidationTable.from_errors("d", [1, 2, 3], [3, 2, 1], [3, 2, np.inf])
    assert "largest that was tried" not in text(table)
    assert text(table).count("no number") == 1


def test_rounds_of_a_search_are_not_set_against_each_other():
    """Candidate 1 was measured on fewer rows only: its errors are of another sample."""
    one, two, three = (np.array([e, e]) for e in (0.1, 0.2, 0.3))
    table = ValidationTable(
        [
            Candidate({"d": 1}, one, one, 2, rows=10),
            Candidate({"d": 2}, two, two, 2, rows=20),
            Candidate({"d": 3}, three, three, 2, rows=20),
        ],
        "error",
    )
    assert table.best_params == {"d": 2}
    assert "smallest that was tried" not in text(table)
    assert "d < 2" not in text(table)


def test_a_long_title_stands_above_the_legend():
    grid = {"criterion": "gini", "max_depth": 2, "min_samples_leaf": 1}
    one, two = np.array([1.0, 2.0]), np.array([2.0, 3.0])
    other = {**grid, "max_depth": 3}
    ax = ValidationTable([Candidate(grid, one, one, 2), Candidate(other, two, two, 2)], "e").plot()
    ax.figure.canvas.draw()
    assert not ax.title.get_window_extent().overlaps(ax.get_legend().get_window_extent())
