"""A fit as a problem: value, Gauss-Newton matrix by brute force, blocks of rows, memory, bend."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small import network_of

from unstuck import LOSSES, SOLVERS
from unstuck.layers.jacobian import outputs_of
from unstuck.solvers import gauss_newton
from unstuck.solvers.bayesian import prior_mask
from unstuck.training import problem as module
from unstuck.training.objective import Objective
from unstuck.training.problem import NetworkProblem

pytestmark = pytest.mark.usefixtures("float64")

PAIRS = {
    ("squared_error", "identity"): lambda rng, n, k: rng.normal(size=(n, k)),
    ("squared_error", "tanh"): lambda rng, n, k: rng.uniform(-1, 1, (n, k)),
    ("squared_error", "softmax"): lambda rng, n, k: rng.dirichlet(np.ones(k), n),
    ("cross_entropy", "softmax"): lambda rng, n, k: rng.dirichlet(np.ones(k), n),
    ("cross_entropy", "logistic"): lambda rng, n, k: rng.uniform(0, 1, (n, k)),
    ("poisson", "exponential"): lambda rng, n, k: rng.poisson(2.0, (n, k)).astype(float),
}


def case(loss, output, rows=30, penalty=0.3, widths=(2, 3, 2), seed=0):
    rng = np.random.default_rng(seed)
    network = network_of(widths, ["tanh"] * (len(widths) - 2) + [output])
    y = PAIRS[loss, output](rng, rows, widths[-1])
    problem = NetworkProblem(
        Objective(network, LOSSES[loss]),
        jnp.array(rng.normal(size=(rows, widths[0]))),
        jnp.array(y),
        jnp.array(rng.integers(0, 4, rows).astype(float)),
        penalty,
    )
    return problem, jnp.array(rng.normal(0.0, 0.6, network.size))


def preactivation(problem, p, x):
    network = problem.objective.network
    last = outputs_of(network, network.unflatten(p), x[None], jnp)
    return last.preactivation[0]


def loss_curvature(problem, y, t):
    """H of one row by JAX: of the loss on pre-activations, or on outputs for squared error."""
    loss, output = problem.objective.loss, problem.objective.network.output
    if loss.name != "squared_error":
        return jax.hessian(lambda t: loss.of(y[None], t[None], output, jnp)[0])(t)
    slope = jax.jacfwd(lambda t: output(t, jnp))(t)
    return slope.T @ slope


def brute_force(problem, p, direction):
    """``sum_n w_n J_n^T H_n J_n / sum_n w_n``, and with ``t_n''`` in place of the last J."""

    def of_row(x, y, w):
        def along(s):
            return preactivation(problem, p + s * direction, x)

        j = jax.jacrev(lambda p: preactivation(problem, p, x))(p)
        h = loss_curvature(problem, y, along(0.0))
        return w * j.T @ h @ j, w * j.T @ h @ jax.jacfwd(jax.jacfwd(along))(0.0)

    rows = jax.jit(jax.vmap(of_row))(problem.x, problem.y, problem.w)
    return [np.asarray(each.sum(0) / problem.w.sum()) for each in rows]


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_matrix_and_bend_by_brute_force(loss, output):
    problem, p = case(loss, output)
    direction = 1e-3 * np.random.default_rng(1).normal(size=p.size)
    matrix, bend = brute_force(problem, p, direction)
    found, bent, full = jax.jit(
        lambda p, d: (problem.gauss_newton(p), problem.bend(p, d), problem.gauss_newton(p).full())
    )(p, direction)
    np.testing.assert_allclose(found.matrix, matrix, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(bent, bend, rtol=5e-3, atol=1e-3 * abs(bend).max())
    weights = np.asarray(problem.objective.network.weight_mask(), float)
    np.testing.assert_allclose(found.diagonal, 0.3 * weights)
    np.testing.assert_allclose(full - found.matrix, np.diag(0.3 * weights), atol=1e-14)


@pytest.mark.parametrize("output", ["softmax", "logistic"])
def test_targets_that_do_not_sum_to_one_count_in_the_curvature(output):
    problem, p = case("cross_entropy", output)
    problem = NetworkProblem(
        problem.objective, problem.x, 0.15 + 0.8 * problem.y, problem.w, problem.penalty
    )
    matrix, _ = brute_force(problem, p, p)
    np.testing.assert_allclose(
        jax.jit(problem.gauss_newton)(p).matrix, matrix, rtol=1e-9, atol=1e-12
    )


def test_of_a_linear_network_it_is_the_hessian():
    problem, p = case("cross_entropy", "softmax", widths=(3, 2))
    expected = jax.jit(jax.hessian(problem.value))(p)
    found = jax.jit(lambda p: problem.gauss_newton(p).full())(p)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-12)


def test_saturated_outputs_have_a_finite_curvature():
    for output in ("logistic", "softmax"):
        problem, p = case("cross_entropy", output)
        assert np.isfinite(jax.jit(problem.gauss_newton)(2000.0 * p).matrix).all()


@pytest.mark.parametrize("rows", [30, 31, 37])
def test_blocks_of_rows_add_up(rows, monkeypatch):
    problem, p = case("cross_entropy", "softmax", rows=rows)
    whole = jax.jit(problem.gauss_newton)(p).matrix
    monkeypatch.setattr(module, "BLOCK", 1)  # as many blocks as there may be: (P, P) numbers each
    found = jax.jit(lambda p: problem.gauss_newton(p).matrix)(p)
    assert "scan" in str(jax.make_jaxpr(problem.gauss_newton)(p))
    np.testing.assert_allclose(found, whole, rtol=1e-12, atol=1e-15)


def step_program(rows, widths, solver="lm"):
    """The compiled iteration for so many rows, without data, and the number of parameters."""
    problem, _ = case("squared_error", "identity", rows=2, widths=widths)
    network = problem.objective.network
    hyperparameters = {
        "damping": 1e-3, "damping_decrease": 0.2, "damping_increase": 3.0,
        "geodesic_acceleration": True,
    }  # fmt: skip
    p, x, y, w = (
        jax.ShapeDtypeStruct(shape, np.float64)
        for shape in ((network.size,), (rows, widths[0]), (rows, widths[-1]), (rows,))
    )

    def rebuilt(x, y, w):
        return NetworkProblem(problem.objective, x, y, w, 0.1)

    def start(p, x, y, w):
        return SOLVERS[solver].start(rebuilt(x, y, w), p, hyperparameters)

    def step(iterate, x, y, w):
        return SOLVERS[solver].step(rebuilt(x, y, w), iterate, hyperparameters)

    iterate = jax.eval_shape(start, p, x, y, w)
    return jax.jit(step).lower(iterate, x, y, w), network.size


def test_memory_is_that_of_the_matrix_not_of_the_rows():
    """The Jacobian of all rows would take 20 times as much as all that is kept."""
    rows, widths = 50_000, (10, 30, 2)
    lowered, size = step_program(rows, widths)
    kept = lowered.compile().memory_analysis().temp_size_in_bytes
    passes = 8 * rows * sum(widths)
    assert kept < 8 * gauss_newton.matrices(size, 2 * rows) + 4 * passes
    assert kept < 8 * rows * 2 * size / 5


@pytest.mark.parametrize(
    ("rows", "widths", "solver"),
    [
        (3000, (20, 60, 3), "lm"),
        (100, (20, 60, 3), "lm"),
        (100, (20, 60, 3), "br"),
        (100, (20, 60, 3), "bfgs"),
    ],
)
def test_the_memory_told_beforehand_suffices(rows, widths, solver):
    lowered, size = step_program(rows, widths, solver)
    needed = 8 * SOLVERS[solver].matrices(size, rows * widths[-1])
    used = lowered.compile().memory_analysis()
    given = 8 * rows * (widths[0] + widths[-1] + 1)
    taken = used.argument_size_in_bytes - given + used.temp_size_in_bytes
    assert 0.1 * needed < taken + used.output_size_in_bytes < needed


def test_with_few_rows_the_small_system_gives_the_same_step():
    problem, p = case("cross_entropy", "softmax", rows=5, widths=(4, 6, 3))
    curvature, g, full, own = jax.jit(
        lambda p: (
            problem.gauss_newton(p), problem.gradient(p), problem.gauss_newton(p).full(),
            problem.gauss_newton(p).own(),
        )
    )(p)  # fmt: skip
    assert curvature.matrix.shape == (15, p.size)
    solve = jax.jit(lambda d: curvature.solver(d)(g))
    for damping in (1.0, 1e-3, 1e-6):
        expected = np.linalg.solve(full + damping * np.eye(p.size), g)
        np.testing.assert_allclose(solve(damping), expected, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(own, np.diagonal(full), rtol=1e-12)


def test_the_small_system_bears_damping_near_nothing():
    """What the loss sees of the step, B d, is right to 1e-11; without the refinement to 1e-5."""
    rng = np.random.default_rng(0)
    b = rng.normal(size=(8, 20))
    right = b.T @ rng.normal(size=8)
    curvature = gauss_newton.GaussNewtonMatrix(jnp.array(b), jnp.zeros(20))
    found = jax.jit(lambda right: curvature.solver(1e-9)(right))(right)
    np.testing.assert_allclose(b @ found, b @ np.linalg.lstsq(b.T @ b, right)[0], rtol=1e-9)


def test_what_the_matrix_has_lost_is_taken_from_the_factor():
    """A polynomial in years: columns that differ in the tenth digit, whose squares are one."""
    t = np.linspace(2000.0, 2024.0, 60)
    b = t[:, None] ** np.arange(5) / 2e3 ** np.arange(5)
    held = gauss_newton.GaussNewtonMatrix(jnp.array(b.T @ b), jnp.zeros(5), jnp.array(b))
    triangle = np.asarray(jax.jit(lambda: held.triangle())())
    _, r = np.linalg.qr(b)
    np.testing.assert_allclose(abs(np.diagonal(triangle)), abs(np.diagonal(r)), rtol=1e-3)
    lost = jax.jit(lambda: held._replace(factor=None).triangle())()
    assert not np.allclose(np.diagonal(lost), abs(np.diagonal(r)), rtol=0.5)


def test_rows_of_weight_zero_do_not_count():
    problem, p = case("squared_error", "identity")
    kept = np.asarray(problem.w) > 0
    fewer = NetworkProblem(
        problem.objective, problem.x[kept], problem.y[kept], problem.w[kept], problem.penalty
    )
    found, expected = (
        jax.jit(lambda p, each=each: (each.value(p), *each.gauss_newton(p)[:2]))(p)
        for each in (problem, fewer)
    )
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-15)


def test_the_prior_holds_hidden_biases_too():
    problem, p = case("squared_error", "identity", penalty=0.0)
    held = problem.with_prior(0.7)
    mask = prior_mask(problem.objective.network)
    assert mask.sum() == p.size - 2  # all but the biases of both outputs
    expected = float(problem.value(p) + 0.35 * (mask * p**2).sum())
    assert float(held.value(p)) == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(jax.jit(held.gauss_newton)(p).diagonal, 0.7 * mask)
    assert float(held.observations(p)) == 2 * float(problem.w.sum())
