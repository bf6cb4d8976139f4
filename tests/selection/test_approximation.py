"""Units one after another: errors beside closed forms, slow twins and floors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from unstuck import DataError, FileError, ParameterError
from unstuck.selection.approximation import (
    beside_barron,
    class_boundary,
    growing,
    polynomial_floor,
    unit_by_unit,
    units_needed,
)
from unstuck.selection.approximation.candidates import Candidates
from unstuck.selection.approximation.growing import grow
from unstuck.selection.approximation.sampled import Largest
from unstuck.selection.approximation.slopes import log_slope
from unstuck.selection.approximation.uniform import pieces_needed, smallest_largest


def relu(a):
    return np.maximum(a, 0)


@pytest.fixture(scope="module")
def square():
    return unit_by_unit(np.square, 32)


# Unit after unit


def test_errors_of_a_parabola_lie_above_the_closed_form_and_fall_as_it_does(square):
    """q ReLUs make q + 1 straight pieces at most; k pieces miss x² on [-1, 1] by 1 / (2 k²)."""
    q = np.arange(1, 33)
    assert (square.largest >= 1 / (2 * (q + 1) ** 2)).all()
    assert (square.largest[3:] <= 5 / (2 * q[3:] ** 2)).all()
    largest, mean_squared = square.slopes
    assert -2.3 < largest < -1.7
    assert -4.6 < mean_squared < -3.5


def test_every_stage_has_the_output_weights_of_least_squares(square):
    """Against NumPy's solution with the same units."""
    x = np.linspace(-1, 1, 401)
    for units in (1, 5, 12):
        stage = square.stage(units)
        columns = np.column_stack([np.ones(401), relu(x[:, None] @ stage.units.w + stage.units.b)])
        v = np.linalg.lstsq(columns, x**2, rcond=None)[0]
        np.testing.assert_allclose(columns @ v, square(x, units), atol=1e-10)
        np.testing.assert_allclose(
            stage.constant + square.pieces(x, units).sum(1), square(x, units)
        )


def test_the_chosen_unit_is_at_least_as_good_as_every_candidate():
    """A slow twin: refit with each candidate in turn."""
    x = np.linspace(-1, 1, 81)[:, None]
    y = np.exp(2 * x[:, 0])
    may = Candidates(relu, -1.0, 1.0, 1, True)
    stages = list(grow(x, y, 3, relu, may, np.random.default_rng(0), count=60))
    pool = may.drawn(60, np.random.default_rng(0)).of(x, relu)
    before = np.ones((81, 1))
    for stage in stages:
        least = min(squares(np.column_stack([before, each]), y) for each in pool.T)
        before = np.column_stack([np.ones(81), stage.units.of(x, relu)])
        assert squares(before, y) <= least * (1 + 1e-9)
        assert squares(before, y) == pytest.approx(((stage(x, relu) - y) ** 2).sum())


def squares(columns, y):
    return float(((columns @ np.linalg.lstsq(columns, y, rcond=None)[0] - y) ** 2).sum())


def test_a_kink_is_found_and_then_nothing_is_left():
    fitted = unit_by_unit(lambda x: abs(x - 0.3), 10)
    assert len(fitted.stages) < 10
    assert fitted.largest[-1] < 1e-3


def test_without_an_output_bias_units_below_the_interval_take_its_place():
    fitted = unit_by_unit(lambda x: 3.0 + 0 * x, 4, output_bias=False)
    assert fitted.stages[-1].constant == 0
    assert fitted.largest[-1] < 1e-6
    assert unit_by_unit(lambda x: 3.0, 4).largest.tolist() == [0.0]


@pytest.mark.parametrize("activation", ["logistic", "tanh", np.arctan])
def test_sigmoids_come_near_too(activation):
    fitted = unit_by_unit(lambda x: np.sin(3 * x), 16, activation=activation)
    assert fitted.largest[-1] < 0.01


def test_a_polynomial_stays_away_whatever_the_number_of_units():
    """Its end is the best polynomial: NumPy's least squares, on the same points."""
    fitted = unit_by_unit(np.abs, 40, activation=lambda a: a**2)
    assert len(fitted.stages) <= 2
    floor = polynomial_floor(np.abs, 2)
    assert fitted.largest[-1] >= floor.largest
    assert floor.mean_squared <= fitted.mean_squared[-1] <= 1.01 * floor.mean_squared
    assert unit_by_unit(np.abs, 8).largest[-1] < floor.largest / 10


def test_seeds_and_the_interval():
    first, again = (unit_by_unit(np.cos, 4, interval=(0, 6), random_state=7) for _ in range(2))
    np.testing.assert_array_equal(first.largest, again.largest)
    assert first.interval == (0.0, 6.0)
    assert "on [0, 6]" in str(first)


def test_frames_are_files_figures_and_a_gif(square, tmp_path):
    figures = list(square.frames([1, 2]))
    assert [figure.axes[0].get_title("left") for figure in figures] == [
        f"{q} relu unit{'s' * (q > 1)}, largest error {square.largest[q - 1]:.2g}" for q in (1, 2)
    ]
    files = square.save_frames(tmp_path / "frames", [1, 2, 4])
    assert [file.name for file in files] == ["units_001.png", "units_002.png", "units_004.png"]
    (film,) = square.save_frames(tmp_path / "film.gif", [1, 2, 4])
    from PIL import Image

    with Image.open(film) as opened:
        assert opened.n_frames == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: unit_by_unit(np.sin, 0), "units was 0; expected an integer >= 1"),
        (lambda: unit_by_unit(np.sin, 4, interval=(1, 1)), "the lower one first"),
        (lambda: unit_by_unit(np.sin, 4, activation="rellu"), "Did you mean 'relu'"),
        (lambda: unit_by_unit(np.sin, 4, activation="softmax"), "every number of an array"),
        (lambda: unit_by_unit(np.sin, 4)([0.0], 9), "expected at most 4"),
        (lambda: polynomial_floor(np.sin, -1), "degree was -1"),
        (lambda: units_needed(np.sin, 0.0), "epsilon was 0.0"),
        (lambda: units_needed(np.sin, [0.1, "a"]), "expected a number above 0"),
        (lambda: units_needed(np.sin, 0.1, inputs=1.5), "inputs was 1.5"),
        (lambda: unit_by_unit(np.sin, 4, random_state=-1), "random_state was -1"),
        (lambda: units_needed(np.sin, 0.1, random_state=None), "random_state was None"),
        (lambda: unit_by_unit(np.sin, 4, activation=lambda a: 1 / 0), "ZeroDivisionError"),
        (lambda: unit_by_unit(np.sin, 4, interval=(-1e200, 1e200)), "told from each other"),
        (lambda: polynomial_floor(np.sin, 1, interval=(1, np.nextafter(1, 2))), "told from each"),
    ],
)
def test_bad_parameters_are_named(call, message):
    with pytest.raises(ParameterError, match=message):
        call()


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: 1 / x, "the function is inf at"),
        (lambda x: np.ones((len(x), 2)), "expected"),
        (lambda a, b: a, "cannot be called with rows"),
        (lambda x: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda x: None, "it answers with None"),
        (lambda x: x + 1j, "it answers with complex numbers"),
        (lambda x: 1e200 * x, "reaches 1e.200, whose square is no number"),
        (lambda x: 1e-200 * x, "no more than 1e-200, whose square is 0"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_bad_functions_are_named(function, message):
    with pytest.raises(DataError, match=message):
        unit_by_unit(function, 2)


def test_a_constant_needs_no_weights():
    """No unit lowers its error: it is the output's bias."""
    found = units_needed(lambda x: 3.0, 0.1)
    assert (found.units, found.at_least) == ((1,), (0,))
    assert found.largest[0] == 0
    silent = unit_by_unit(np.sin, 4, activation=lambda a: 0 * a)
    assert len(silent.stages) == 1
    assert silent.stages[0].v.tolist() == [0]


def test_a_function_may_change_what_it_is_given():
    def doubled(x):
        x *= 2
        return x

    assert unit_by_unit(doubled, 2).largest[0] < 1e-12
    assert unit_by_unit(doubled, 2)([0.5]) == pytest.approx(1.0)


@pytest.mark.parametrize("size", [1e-12, 1e12, 1e100])
def test_the_floor_grows_with_the_function(size):
    """Chebyshev: the parabola's distance from lines is a half, whatever its units."""
    found = polynomial_floor(lambda x: size * x**2, 1)
    assert found.largest == pytest.approx(size / 2, rel=1e-6)
    assert found.coefficients[0] == pytest.approx(size / 2, rel=1e-6)


def test_a_function_of_single_numbers_will_do():
    assert unit_by_unit(math.exp, 12).largest[-1] < 0.05


# Floors, bounds, distances


@pytest.mark.parametrize("degree", [1, 2, 3, 5])
def test_the_floor_of_a_power_is_chebyshevs(degree):
    """x^n by polynomials below n: 2^(1 - n)."""
    found = polynomial_floor(lambda x: x ** (degree + 1), degree)
    assert found.largest == pytest.approx(2.0**-degree, rel=1e-4)


def test_the_floor_moves_with_the_interval():
    assert polynomial_floor(np.square, 1, interval=(0, 4)).largest == pytest.approx(2.0, rel=1e-4)


def test_straight_pieces_of_a_parabola_have_the_length_of_the_closed_form():
    x = np.linspace(-1, 1, 4001)
    for epsilon in (0.3, 0.03, 0.004):
        assert pieces_needed(x, x**2, epsilon) == math.ceil(2 / math.sqrt(8 * epsilon))
    assert pieces_needed(x, 3 * x, 1e-9) == 1


def test_the_smallest_largest_error_is_that_of_a_linear_program():
    x = np.linspace(-1, 1, 801)
    columns = np.vander(x, 4)
    weights = smallest_largest(columns, np.exp(x))
    best = polynomial_floor(np.exp, 3).largest
    assert best * 0.999 <= abs(columns @ weights - np.exp(x)).max() <= 1.05 * best


def test_the_largest_distance_is_found_between_the_points():
    def peak(x):
        return np.maximum(0, 1 - 40 * np.hypot(x[:, 0] - 0.123, x[:, 1] + 0.457))

    assert 0.9 < Largest(peak, -1.0, 1.0, 2, 0).of(lambda x: 0 * x[:, 0]) <= 1
    corner = Largest(lambda x: x.sum(1), -1.0, 1.0, 3, 0)
    assert corner.of(lambda x: 0 * x[:, 0]) == 3


def test_slopes_of_powers():
    assert log_slope([1, 2, 4], [8, 2, 0.5]) == pytest.approx(-2)
    assert np.isnan(log_slope([1, 2], [1, 0]))


# How many units


def test_units_needed_lie_between_what_no_network_goes_below_and_twice_that():
    bounds = (0.1, 0.01, 0.003)
    found = units_needed(np.square, bounds, most=40)
    least = [math.ceil(2 / math.sqrt(8 * e)) - 1 for e in bounds]
    assert list(found.at_least) == least
    assert all(a <= q <= 2 * a + 1 for q, a in zip(found.units, least, strict=True))
    assert -0.7 < found.slope < -0.4
    x = np.linspace(-1, 1, 9999)
    for i, epsilon in enumerate(bounds):
        assert abs(found(x, i) - x**2).max() < epsilon


def test_more_inputs_need_more_units():
    def hill(x):
        return np.exp(-(x.reshape(len(x), -1) ** 2).sum(1))

    one, two = (units_needed(hill, 0.1, inputs=p, most=32) for p in (1, 2))
    assert one.units[0] < two.units[0]
    x = np.random.default_rng(3).uniform(-1, 1, (20_000, 2))
    assert abs(two(x) - hill(x)).max() <= two.largest[0] < 0.1
    assert two.at_least == (0,)
    assert "2 inputs" in str(two)


def test_a_bound_out_of_reach_is_said():
    found = units_needed(np.abs, 0.01, activation=lambda a: a**2)
    assert found.units == (None,)
    assert found.largest[0] > 0.12
    assert "none" in str(found)
    assert np.isnan(found.slope)


# A class's boundary


def test_a_circle_is_told_apart_ever_better():
    circle = class_boundary(lambda x: (x**2).sum(1) < 0.5, 24)
    assert circle.wrong[0] == pytest.approx(np.pi / 8, abs=0.01)  # all is outside
    assert circle.wrong[23] < 0.03
    assert circle.needed(0.05) < circle.needed(0.03) <= 24
    assert circle.needed(1e-6) is None
    assert circle([[0.0, 0.0], [0.9, 0.9]]).tolist() == [True, False]
    assert circle.plot(12).get_title("left").startswith("12 units: ")


def test_a_straight_boundary_takes_one_relu_or_two():
    line = class_boundary(lambda x: x[:, 0] + x[:, 1] > 0.2, 2, activation="logistic")
    assert line.wrong[-1] < 0.01


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: class_boundary(lambda x: x[:, 0] > 5, 3), DataError, "every point is outside"),
        (lambda: class_boundary(lambda x: x > 0, 3, inputs=1).plot(), ParameterError, "two inputs"),
        (lambda: class_boundary(lambda x: x > 0, 0, inputs=1), ParameterError, "units was 0"),
    ],
)
def test_bad_boundaries_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda line, path: line("a"), DataError, "x was 'a'"),
        (lambda line, path: line([[1, 2]]), DataError, r"shape \(n, 1\), or \(n,\)"),
        (lambda line, path: line.pieces(None), DataError, "x was None"),
        (lambda line, path: line.save_frames(None), ParameterError, "path was None"),
        (lambda line, path: line.save_frames(path, 3), ParameterError, "units was 3"),
        (lambda line, path: line.save_frames(path, []), ParameterError, "such as .1, 2, 4."),
        (lambda line, path: line.save_frames(path, [1], -1), ParameterError, "seconds was -1"),
        (lambda line, path: line.save_frames("/dev/full", [1]), FileError, "/dev/full"),
        (lambda line, path: line.save_frames("/none/a.gif", [1]), FileError, "/none/a.gif"),
    ],
)
def test_bad_rows_and_files_are_named(call, error, message, square, tmp_path):
    with pytest.raises(error, match=message):
        call(square, tmp_path / "frames")


def test_rows_of_other_inputs_and_bounds_of_others_are_named():
    half = class_boundary(lambda x: x[:, 0] > 0, 1)
    with pytest.raises(DataError, match=r"shape \(n, 2\)\."):
        half([[1, 2, 3]])
    with pytest.raises(ParameterError, match="share was 'a'"):
        half.needed("a")
    found = units_needed(np.square, 0.5)
    with pytest.raises(ParameterError, match="which was 3"):
        found([0.1], 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: unit_by_unit(np.square, 10**10),
        lambda: units_needed(np.square, 0.1, most=10**10),
        lambda: beside_barron(rows=(10**10,)),
    ],
)
def test_what_no_memory_holds_is_refused(call):
    with pytest.raises(ParameterError, match=r"need about .* GB of memory; this machine has"):
        call()


@pytest.mark.parametrize(
    ("rows", "fit"), [(3000, None), (50_000, lambda x, y, q, seed: lambda rows: 0 * rows[:, 0])]
)
def test_what_memory_holds_is_not_refused(rows, fit, monkeypatch):
    """Fits of one's own need what they need, and ours hold half as many candidates as others."""
    monkeypatch.setattr(growing, "machine_memory", lambda: 3e7)
    assert beside_barron(rows=(rows,), units=(1,), seeds=1, fit=fit).errors.size == 1
