"""Solvers as functions: trees, precision, reasons to stop, errors, and what is compiled."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from descents import quadratic, rosenbrock

import unstuck.solvers
from unstuck import SOLVERS
from unstuck.errors import ParameterError
from unstuck.solvers import Minimum, least_squares, loop, minimize
from unstuck.solvers.first_order import FirstOrder
from unstuck.solvers.hyperparameters import HYPERPARAMETERS
from unstuck.solvers.problem import FunctionProblem
from unstuck.solvers.solver import FullBatch

START = np.array([-1.2, 1.0])
BATCH = ["gd", "cg", "scg", "bfgs", "lbfgs", "rprop", "quickprop"]
FIRST_ORDER = ["sgd", "adamw"]  # with an option, and with decay


def bowl(p, center):
    return ((p - center) ** 2).sum()


# Parameters


def tree_function(p):
    return (p["a"] - 2.0) ** 2 + ((p["b"][0] - p["b"][1]) ** 2).sum() + (p["b"][0] ** 2).sum()


def test_a_pytree_comes_back_in_its_shape():
    start = {"a": 1.0, "b": (np.ones((2, 3)), np.zeros((2, 3)))}
    found = minimize(tree_function, start)
    assert isinstance(found, Minimum)
    assert jax.tree.structure(found.parameters) == jax.tree.structure(start)
    np.testing.assert_allclose(found.parameters["a"], 2.0, atol=1e-6)
    np.testing.assert_allclose(found.parameters["b"], np.zeros((2, 2, 3)), atol=1e-6)
    assert all(isinstance(leaf, np.ndarray) for leaf in jax.tree.leaves(found.parameters)[1:])


@pytest.mark.parametrize(
    ("start", "dtype"),
    [
        (np.array([3.0, 1.0]), np.float64),
        ([3.0, 1.0], np.float64),
        (np.array([3, 1]), np.float64),
        (np.array([3.0, 1.0], np.float32), np.float32),
        (np.array([3.0, 1.0], np.float16), np.float32),
    ],
    ids=["float64", "list", "integers", "float32", "float16"],
)
def test_precision_is_that_of_the_start(start, dtype):
    found = minimize(bowl, start, 0.5)
    assert found.parameters.dtype == dtype
    np.testing.assert_allclose(found.parameters, 0.5, rtol=1e-5)
    assert {column.dtype for column in found.history.values()} == {np.dtype(dtype)}
    assert jnp.ones(1).dtype == jnp.float32  # nothing is switched for others


def test_an_array_of_jax_is_a_start():
    assert minimize(bowl, jnp.zeros(2), jnp.ones(2)).parameters.dtype == np.float32


def test_arguments_that_a_function_of_float32_has_held():
    center = np.array([0.1, 0.2])
    held = jax.jit(lambda p: bowl(p, center))
    held(np.zeros(2, np.float32))
    np.testing.assert_allclose(minimize(bowl, START, center).parameters, center, rtol=1e-7)


# What is reported


def cosh(p):
    return jnp.log(jnp.cosh(p - jnp.array([1.0, -2.0]))).sum()


@pytest.mark.parametrize("solver", BATCH + FIRST_ORDER)
def test_every_solver_reports_the_same(solver, float64):
    rated = solver == "quickprop" or isinstance(SOLVERS[solver], FirstOrder)
    numbers = {"learning_rate_init": 0.05} if rated else {}
    found = minimize(cosh, START, solver=solver, max_iter=25, **numbers)
    loss = found.history["loss"]
    assert {"loss", "gradient_norm", "step_length", "evaluations"} <= set(found.history)
    assert {len(column) for column in found.history.values()} == {found.iterations + 1}
    np.testing.assert_allclose(loss[0], cosh(START), rtol=1e-12)
    assert found.value == loss.min()
    assert found.value < loss[0]
    assert found.evaluations == found.history["evaluations"].sum() > found.iterations
    value, gradient = jax.value_and_grad(cosh)(found.parameters)
    np.testing.assert_allclose(found.value, value, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found.gradient_norm, jnp.linalg.norm(gradient), atol=1e-9)


def test_first_order_solvers_are_optaxs(float64):
    import optax

    found = minimize(
        rosenbrock, START, solver="adam", max_iter=50, learning_rate_init=0.02, tol=0.0
    )
    p, adam = jnp.array(START), optax.adam(0.02)
    state = adam.init(p)
    for k in range(50):
        np.testing.assert_allclose(found.history["loss"][k], rosenbrock(p), rtol=1e-9)
        updates, state = adam.update(jax.grad(rosenbrock)(p), state, p)
        p = optax.apply_updates(p, updates)


def test_the_lowest_place_is_kept():
    """Steps of 1 and 1.2 leap over the minimum at 1.3."""
    found = minimize(bowl, np.zeros(1), 1.3, solver="rprop", max_iter=2, first_step=1.0)
    np.testing.assert_allclose(found.history["loss"], [1.69, 0.09, 0.81])
    assert found.value == found.history["loss"][1]
    np.testing.assert_allclose(found.parameters, 1.0)


# Reasons to stop


def test_max_iter():
    found = minimize(rosenbrock, START, max_iter=7)
    assert found.stop.name == "max_iter"
    assert str(found.stop) == "All 7 iterations were used; more may help: raise max_iter."
    assert found.iterations == 7


def test_one_run_equals_another_that_is_longer():
    long, short = (minimize(rosenbrock, START, max_iter=n, tol=0.0).history for n in (30, 17))
    np.testing.assert_array_equal(long["loss"][:18], short["loss"])


def test_loss_goal():
    found = minimize(rosenbrock, START, loss_goal=1e-3)
    assert found.stop.name == "loss_goal"
    assert found.value <= 1e-3 < found.history["loss"][-2]
    assert str(found.stop).startswith("The value reached its goal")


def test_gradient_goal():
    found = minimize(rosenbrock, START, gradient_goal=1e-2)
    assert found.stop.name == "gradient_goal"
    assert found.gradient_norm <= 1e-2 < found.history["gradient_norm"][-2]


def test_a_goal_that_is_reached_at_the_start():
    found = minimize(bowl, np.zeros(3), 0.0, loss_goal=1.0)
    assert (found.iterations, found.evaluations, found.stop.name) == (0, 1, "loss_goal")
    assert found.history["loss"].tolist() == [0.0]


def test_no_descent():
    found = minimize(lambda p: jnp.abs(p).sum(), np.array([0.3, 0.7]), solver="gd", tol=0.0)
    assert found.stop.name == "no_descent"
    assert str(found.stop).startswith("No step lowers the value any more")


@pytest.mark.parametrize(("tol", "patience"), [(0.1, 3), (0.01, 5)])
def test_tol(tol, patience):
    """So many iterations in a row, each lower than the best before by less than the share."""
    found = minimize(rosenbrock, START, solver="gd", tol=tol, n_iter_no_change=patience)
    loss = found.history["loss"]
    stalled = loss[1:] > loss[:-1] * (1.0 - tol)
    assert found.stop.name == "tol"
    assert stalled[-patience - 1 :].all()
    runs = "".join("x" if each else " " for each in stalled[:-1]).split()
    assert max(map(len, runs)) <= patience


def test_max_time():
    found = minimize(rosenbrock, START, solver="gd", max_time=1e-6, tol=0.0, max_iter=10**9)
    assert found.stop.name == "max_time"
    assert found.iterations <= 16


def test_many_iterations():
    """More than one call of the compiled loop."""
    found = minimize(
        rosenbrock,
        np.array([3.0, -4.0]),
        solver="sgd",
        learning_rate_init=1e-5,
        max_iter=1000,
        tol=0.0,
    )
    assert found.iterations == 1000
    assert len(found.history["loss"]) == 1001
    assert np.isfinite(found.history["loss"]).all()


def test_a_value_that_becomes_infinite():
    found = minimize(lambda p: (p**4).sum(), START, solver="sgd", learning_rate_init=10.0)
    assert found.stop.name == "non_finite"
    assert "Lower learning_rate_init" in str(found.stop)
    assert np.isfinite(found.parameters).all()
    assert found.value == found.history["loss"][0]


def test_callback():
    seen = []

    def callback(iteration, parameters, numbers):
        seen.append((iteration, parameters["x"].copy(), numbers))
        return iteration == 5

    found = minimize(lambda p: rosenbrock(p["x"]), {"x": START}, callback=callback)
    assert found.stop.name == "callback"
    assert str(found.stop) == "A callback asked to stop after iteration 5."
    assert [iteration for iteration, *_ in seen] == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(seen[-1][1], found.parameters["x"])
    for k, (*_, numbers) in enumerate(seen):
        assert numbers == {name: column[k + 1] for name, column in found.history.items()}
    plain = minimize(lambda p: rosenbrock(p["x"]), {"x": START}, max_iter=5)
    np.testing.assert_array_equal(plain.history["loss"], found.history["loss"])


# Compilation


def scaled(p, factor):
    return factor * rosenbrock(p)


def test_a_function_is_compiled_once(compilations):
    for solver in ("lbfgs", "sgd"):
        minimize(scaled, START, 1.0, solver=solver, max_iter=20)
        compilations()
        minimize(scaled, START + 1.0, 3.0, solver=solver, max_iter=50, tol=1e-3, loss_goal=1.0)
        assert compilations() == 0


def test_numbers_of_a_solver_compile_nothing(compilations):
    minimize(scaled, START, 1.0, solver="rprop", max_iter=5)
    compilations()
    minimize(scaled, START, 1.0, solver="rprop", max_iter=5, step_increase=1.1)
    assert compilations() == 0


class Model:
    """A callable that cannot be hashed."""

    __hash__ = None

    def __call__(self, p):
        return ((p - 1.0) ** 2).sum()


@pytest.mark.parametrize("function", [Model(), functools.partial(bowl, center=1.0)])
def test_anything_callable(function):
    np.testing.assert_allclose(minimize(function, START).parameters, 1.0, atol=1e-6)


# Least squares


def line(p, t, y):
    return p["slope"] * t + p["offset"] - y


@pytest.mark.parametrize("solver", ["lm", "br", "bfgs", "adam"])
def test_least_squares(solver):
    rng = np.random.default_rng(0)
    t = np.linspace(0.0, 1.0, 40)
    y = 3.0 * t - 1.0 + 0.1 * rng.normal(size=40)
    numbers = {"learning_rate_init": 0.05} if solver == "adam" else {}
    start = {"slope": 0.0, "offset": 0.0}
    found = least_squares(line, start, t, y, solver=solver, **numbers)
    slope, offset = np.polyfit(t, y, 1)
    loose = 0.02 if solver == "br" else 1e-5  # its prior pulls a little
    np.testing.assert_allclose(found.parameters["slope"], slope, rtol=loose)
    np.testing.assert_allclose(found.parameters["offset"], offset, rtol=loose)
    if solver != "br":
        squares = 0.5 * ((slope * t + offset - y) ** 2).sum()
        np.testing.assert_allclose(found.value, squares, rtol=1e-8)


def test_bayesian_regularization_keeps_the_last_place():
    t = np.linspace(0.0, 1.0, 40)
    y = 3.0 * t - 1.0 + 0.3 * np.random.default_rng(0).normal(size=40)
    found = least_squares(line, {"slope": 9.0, "offset": 5.0}, t, y, solver="br")
    assert found.value == found.history["loss"][-1]
    assert 1.0 < found.history["effective_parameters"][-1] <= 2.0


# Errors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"solver": "bgfs"}, "Did you mean 'bfgs'"),
        ({"solver": "lm"}, "Call least_squares"),
        ({"history_sise": 5}, "reads no 'history_sise'"),
        ({"solver": "lbfgs", "history_sise": 5}, "Did you mean 'history_size'"),
        ({"solver": "lbfgs", "history_size": 0}, "history_size was 0; expected an integer >= 1"),
        ({"solver": "cg", "conjugate": "newton"}, "conjugate was 'newton'; expected"),
        ({"max_iter": 0}, "max_iter was 0; expected an integer >= 1"),
        ({"tol": -1.0}, "tol was -1.0"),
        ({"loss_goal": "low"}, "loss_goal was 'low'"),
        ({"max_time": 0.0}, "max_time was 0.0"),
        ({"start": np.array(["a"])}, "start holds <U1"),
        ({"start": np.zeros(0)}, "start holds float64 of size 0|start holds"),
        ({"start": {}}, "start holds nothing"),
        ({"start": np.array([1j])}, "start holds complex128"),
        ({"start": np.array([np.nan, 1.0])}, "the value nan"),
        ({"function": lambda p: p}, "expected one number of type float64.*call least_squares"),
        ({"function": lambda p: (1, p)}, "expected one number"),
    ],
)
def test_errors(change, message):
    change = {"function": rosenbrock, "start": START, **change}
    with pytest.raises(ParameterError, match=message):
        minimize(change.pop("function"), change.pop("start"), **change)


def test_signatures_show_what_ends_a_descent_with_the_defaults():
    for function, first, solver, more in (
        (minimize, "function", "bfgs", {}),
        (least_squares, "residuals", "lm", {"bounds": None, "jacobian": None}),
    ):
        shown = inspect.signature(function).parameters
        defaults = {p.name: p.default for p in shown.values() if p.kind is p.KEYWORD_ONLY}
        assert defaults == {
            "solver": solver,
            "callback": None,
            "scale": None,
            **more,
            "max_iter": 1000,
            "tol": 1e-9,
            "n_iter_no_change": None,
            "loss_goal": None,
            "gradient_goal": None,
            "max_time": None,
        }
        others = ["start", "arguments", *defaults, "hyperparameters"]
        assert list(shown) == [first, *others]
        assert shown["hyperparameters"].kind is inspect.Parameter.VAR_KEYWORD
        assert shown["max_iter"].annotation is int


def test_several_mistakes_are_told_together():
    with pytest.raises(ParameterError, match=r"(?s)solver 'bfgs': 2 mistakes.*max_iter.*tol was"):
        minimize(rosenbrock, START, max_iter=0, tol=-1.0)


@pytest.mark.parametrize("solver", ["bfgs", "rprop", "adam"])
def test_patience_is_that_of_the_record(solver):
    """It ends at the first iteration after so many without progress."""
    record = SOLVERS[solver]
    if isinstance(record, FirstOrder):
        record = loop.as_full_batch(record)
    assert record.patience == (10 if record.monotone else 100)
    for each in (record, dataclasses.replace(record, patience=3)):
        found = minimize(rosenbrock, START, solver=each, tol=0.9999, max_iter=200)
        assert (found.iterations, found.stop.name) == (each.patience + 1, "tol")


def test_every_parameter_of_a_solver_has_a_default_that_its_rule_accepts():
    named = {name for solver in SOLVERS.values() for name in solver.uses}
    assert named <= set(HYPERPARAMETERS)
    assert all(rule.accepts(default) for default, rule in HYPERPARAMETERS.values())


def test_the_package_says_what_it_has_not():
    with pytest.raises(AttributeError, match="no attribute 'minimise'"):
        unstuck.solvers.minimise  # noqa: B018


def test_patience_without_end():
    function, _, _ = quadratic(3)
    found = minimize(function, np.zeros(3), n_iter_no_change=math.inf, tol=0.5, max_iter=40)
    assert found.stop.name in ("max_iter", "no_descent")


def test_options_of_the_compiler():
    """They are the record's, and used only if the installed XLA knows them."""
    assert {name for name in BATCH if SOLVERS[name].xla} == {"lbfgs"}
    for record in SOLVERS.values():
        if isinstance(record, FullBatch):
            assert loop.compiler_options(record.xla) == dict(record.xla)
    unknown = dataclasses.replace(SOLVERS["lm"], xla=(("xla_cpu_no_such_option", True),))
    assert loop.compiler_options(unknown.xla) == {}


def test_the_matrix_of_bfgs_is_in_memory_once(float64):
    """Nothing of its size beside it, and no copy from call to call."""
    size = 300

    def function(p):
        return (p**2).sum()

    compiled = loop.programs(FunctionProblem, function, SOLVERS["bfgs"], ())
    criteria = loop.Criteria(*map(np.float64, (-np.inf, 0.0, 0.0, 10.0)))
    standing = compiled.start(np.zeros(size), (), {}, criteria)
    program = compiled.run.lower(standing, (), {}, criteria, np.int32(1)).compile()
    used, matrix = program.memory_analysis(), 8 * size**2
    assert used.alias_size_in_bytes >= matrix
    assert used.temp_size_in_bytes < 0.5 * matrix


# Ends that are true


def exponential(p, t, y):
    return p[0] * jnp.exp(-t / p[1]) - y


FALLING = {
    "a line": (lambda p: -p[0], "falls without end"),
    "an exponential": (lambda p: -jnp.exp(p[0]), "falls without end"),
    "NaN around": (
        lambda p: jnp.where(jnp.abs(p[0] - 1.0) < 1e-300, p[0] ** 2, jnp.nan),
        "no finite value",
    ),
}


@pytest.mark.parametrize("solver", ["bfgs", "lbfgs", "cg", "gd", "scg"])
@pytest.mark.parametrize("name", FALLING)
def test_where_there_is_no_minimum_none_is_claimed(name, solver):
    function, words = FALLING[name]
    found = minimize(function, np.array([1.0]), solver=solver)
    assert "stationary" not in str(found.stop)
    if found.stop.name == "no_descent":
        assert words in str(found.stop)


def test_a_kink_is_not_called_stationary():
    """The gradient of 1 + |x - 1| is 1 in its minimum: no derivative says that it is one."""
    found = minimize(lambda p: 1.0 + jnp.abs(p[0] - 1.0), np.array([3.0]), solver="gd", tol=0.0)
    assert abs(found.value - 1.0) < 1e-6
    assert found.stop.name == "tol" or "kink" in str(found.stop)


@pytest.mark.parametrize("solver", ["adam", "sgd", "rprop", "quickprop", "gd", "lbfgs"])
@pytest.mark.parametrize("offset", [0.0, 1.0])
def test_what_changes_nothing_is_no_progress(solver, offset):
    """An exact minimum, where ``tol`` times the value is 0 or less than its rounding."""
    start = np.zeros(2, np.float32 if offset else np.float64)
    found = minimize(lambda p: offset + (p**2).sum(), start, solver=solver)
    assert found.stop.name in ("tol", "no_descent")
    assert found.iterations <= 101


# Starts


def two(p):
    return ((p[0] - 1.0) ** 2).sum() + ((p[1] - 2.0) ** 2).sum()


@pytest.mark.parametrize(
    ("start", "array"),
    [
        ([np.zeros((2, 2)), np.zeros(2)], False),
        ((np.zeros((2, 2)), np.zeros(2)), False),
        ([np.zeros(2), np.zeros(2)], False),
        ([[0.0, 0.0], [0.0]], False),
        ([[0.0, 0.0], [0.0, 0.0]], True),
    ],
    ids=["list", "tuple", "equal shapes", "uneven lists", "nested lists"],
)
def test_lists(start, array):
    """Lists of numbers are arrays; lists that hold arrays, or lists of several lengths, trees."""

    def function(p):
        return sum(((leaf - 2.0) ** 2).sum() for leaf in jax.tree.leaves(p))

    found = minimize(function, start)
    wanted = np.zeros((2, 2)) if array else start
    assert jax.tree.structure(found.parameters) == jax.tree.structure(wanted)
    assert found.value < 1e-12


@pytest.mark.parametrize("given", ["text", len, {"a": np.array(["x"])}, np.array([1, None])])
def test_arguments_that_are_no_numbers_are_named(given):
    with pytest.raises(ParameterError, match="argument 2 after the start holds"):
        minimize(lambda p, one, other: (p**2).sum(), np.ones(2), 1.0, given)


@pytest.mark.parametrize("around", [jax.jit, jax.grad])
def test_inside_a_compiled_program_a_solver_says_that_it_cannot_run(around):
    with pytest.raises(ParameterError, match=r"called inside jax\.jit"):
        around(lambda x: minimize(lambda p: (p**2).sum(), x).value)(np.ones(2))
