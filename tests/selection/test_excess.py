"""The excess error's parts beside closed forms of least squares; examples used once and again."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from unstuck import DataError, ParameterError
from unstuck.selection import excess_error, once_or_again

NOISE = 0.5
INPUTS = 10


def draw(count, seed):
    """Ten Gaussian inputs, each with a weight of 1."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, INPUTS))
    return x, x.sum(1) + NOISE * rng.standard_normal(count)


class First(LinearRegression):
    """Least squares with the first inputs only: a model of that size."""

    def __init__(self, size=1):
        super().__init__()
        self.size = size

    def fit(self, X, y):
        return super().fit(X[:, : self.size], y)

    def predict(self, X):
        return super().predict(X[:, : self.size])


def first(size, seed):
    return First(size)


@pytest.fixture(scope="module")
def found():
    shrunk = {"ridge": lambda size, seed: Ridge(30.0)}
    return excess_error(
        first,
        draw,
        sizes=(4, 10),
        rows=(40, 400),
        learners=shrunk,
        floor=NOISE**2,
        reference=20_000,
        starts=1,
        seeds=20,
    )


def test_approximation_is_the_variance_of_the_inputs_left_out(found):
    assert found.of(4, 40).approximation == pytest.approx(INPUTS - 4, rel=0.05)
    assert found.of(10, 40).approximation == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize(("size", "rows"), [(4, 40), (4, 400), (10, 40), (10, 400)])
def test_estimation_is_that_of_least_squares_with_gaussian_inputs(found, size, rows):
    """(p + 1) weights, of which one is a constant: σ² (p / (n - p - 2) (n + 1) / n + 1 / n)."""
    variance = NOISE**2 + INPUTS - size
    p, n = size, rows
    theirs = variance * (p / (n - p - 2) * (n + 1) / n + 1 / n)
    assert found.of(size, rows).estimation == pytest.approx(theirs, rel=0.3)


def test_parts_add_up_and_the_exact_fit_has_the_smallest_empirical_risk(found):
    for part in found.parts:
        assert part.total == pytest.approx(part.expected - found.floor)
        if part.size == 10:
            assert part.empirical >= found.of(10, part.rows).empirical
    assert found.of(10, 40).optimization == 0
    assert found.of(10, 40, "ridge").optimization > 0
    assert len(str(found).splitlines()) == 2 + 1 + 8
    assert max(map(len, str(found).splitlines())) <= 80
    assert found.plot().get_xlabel() == "excess of the expected risk"


def test_the_better_optimizer_is_not_the_better_learner():
    """Polynomials through few points: least squares is exact there, a penalty is not."""

    def curve(count, seed):
        rng = np.random.default_rng(seed)
        x = rng.uniform(-1, 1, (count, 1))
        return x, np.sin(3 * x[:, 0]) + 0.3 * rng.standard_normal(count)

    def polynomial(last):
        return lambda size, seed: make_pipeline(PolynomialFeatures(size), last)

    found = excess_error(
        polynomial(LinearRegression()),
        curve,
        sizes=(12,),
        rows=(20,),
        learners={"stopped": polynomial(Ridge(0.1))},
        floor=lambda x, y: float(((y - np.sin(3 * x[:, 0])) ** 2).mean()),
        reference=4000,
        starts=1,
    )
    exact, stopped = found.of(12, 20), found.of(12, 20, "stopped")
    assert exact.empirical < stopped.empirical
    assert exact.expected > stopped.expected
    assert stopped.optimization < 0


def test_classifiers_are_measured_by_their_log_loss_and_the_floor_may_be_unknown():
    def sides(count, seed):
        x, y = draw(count, seed)
        return x, np.where(y > 0, "up", "down")

    found = excess_error(
        lambda size, seed: LogisticRegression(C=10.0**size),
        sides,
        sizes=(1,),
        rows=(60,),
        reference=2000,
        starts=1,
    )
    assert not found.floor_known
    assert found.of(1, 60).approximation == 0
    assert found.of(1, 60).estimation > 0


def sgd(seed):
    return SGDRegressor(random_state=seed, learning_rate="constant", eta0=0.005)


def test_examples_used_once_make_the_expected_risk_small_and_those_used_again_their_own():
    found = once_or_again(sgd, draw, rows=30, used=(40, 400, 4000), part=10, seeds=2)
    assert found.once[-1] < 1.15 * NOISE**2
    assert found.again_inside[-1] < NOISE**2 < 1.15 * found.once[-1] < found.again[-1]
    assert found.once_inside[-1] == pytest.approx(found.once[1:].mean(), abs=0.4)
    assert found.used.tolist() == [40, 400, 4000]
    assert "133.3" in str(found)
    assert len(found.plot().lines) == 4


def test_the_first_pass_is_the_same():
    """The rows that are used again are the first ones of the stream."""
    found = once_or_again(sgd, draw, rows=40, used=(40,), part=40, reference=500, seeds=1)
    assert found.once[0] == pytest.approx(found.again[0], rel=0.05)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"sizes": ()}, ParameterError, "sizes was"),
        ({"sizes": 3}, ParameterError, "sizes was 3; expected integers"),
        ({"rows": (0,)}, ParameterError, "rows was"),
        ({"learners": {"exact": first}}, ParameterError, "take another name"),
        ({"seeds": 0}, ParameterError, "seeds was"),
        ({"draw": lambda count, seed: draw(count - 1, seed)}, DataError, "gave 9999 rows"),
        ({"draw": lambda count, seed: None}, DataError, "did not give X and y"),
    ],
)
def test_bad_input_is_named(parameters, error, message):
    given = {"draw": draw, "sizes": (2,), "rows": (20,)} | parameters
    with pytest.raises(error, match=message):
        excess_error(first, given.pop("draw"), **given)


@pytest.mark.parametrize(
    ("make", "parameters", "message"),
    [
        (sgd, {"used": ()}, "used was"),
        (sgd, {"used": 40}, "used was 40; expected numbers of examples"),
        (sgd, {"used": (40.5,)}, "used was"),
        (sgd, {"rows": 0}, "rows was 0"),
        (lambda seed: LinearRegression(), {}, "LinearRegression has no partial_fit"),
    ],
)
def test_a_bad_stream_is_named(make, parameters, message):
    given = {"rows": 20, "used": (40,)} | parameters
    with pytest.raises(ParameterError, match=message):
        once_or_again(make, draw, **given)


def test_what_was_not_measured_is_named(found):
    with pytest.raises(ParameterError, match="were not measured"):
        found.of(5, 40)
