"""The same fit to the same loss by unstuck, SciPy, scikit-learn, Optimistix, PyTorch and by hand.

Every peer starts from the parameters that unstuck draws for the seed (scikit-learn from its own)
and is stopped as soon as the goal is reached.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.rounds import Timing
from benchmarks.solver_problems import Fitting
from unstuck.layers.jacobian import jacobian

LIMIT = 20.0
"""Seconds after which a peer is given up."""
MOST_ITERATIONS = 20_000

Peer = Callable[[int], Timing]
"""One fit for a seed: how long it took, and the loss at its end."""


class GoalError(Exception):
    """The goal is reached, or the time is up: the only way out of a foreign loop."""


class Watched:
    """A function whose value is watched: it ends the loop that calls it."""

    def __init__(self, goal: float):
        self.goal, self.best, self.start = goal, np.inf, time.perf_counter()

    def note(self, value: float) -> None:
        """Take note of a value of the objective."""
        self.best = min(self.best, value)
        if self.best <= self.goal or time.perf_counter() - self.start > LIMIT:
            raise GoalError

    def run(self, loop: Callable[[], Any]) -> Timing:
        """Time a loop until it ends or is ended."""
        self.start = time.perf_counter()
        with contextlib.suppress(GoalError):
            loop()
        return Timing(time.perf_counter() - self.start, self.best)


def unstuck(solver: str) -> Callable[[Fitting], Peer]:
    """An estimator's ``fit`` with all it does by default; of "minimize NAME" the solver alone."""
    if solver.startswith("minimize "):
        return _unstuck_function(solver.removeprefix("minimize "))

    def make(problem: Fitting) -> Peer:
        x, y = problem.data()

        def fit(seed: int) -> Timing:
            start = time.perf_counter()
            net = problem.estimator(solver=solver, random_state=seed, max_time=LIMIT).fit(x, y)
            return Timing(time.perf_counter() - start, net.loss_curve_[-1])

        return fit

    return make


def _unstuck_function(solver: str) -> Callable[[Fitting], Peer]:
    def make(problem: Fitting) -> Peer:
        from unstuck.solvers import minimize

        function = _function(problem)
        ends = {"loss_goal": problem.goal, "tol": 0.0, "max_iter": 10**6, "max_time": LIMIT}

        def fit(seed: int) -> Timing:
            first = problem.first(seed)
            start = time.perf_counter()
            found = minimize(function, first, solver=solver, **ends)
            return Timing(time.perf_counter() - start, found.value)

        return fit

    return make


def _function(problem: Fitting) -> Callable[..., Any]:
    """The objective of one vector in ``jax.numpy``."""
    import jax.numpy as jnp

    objective = problem.objective
    x, y = (jnp.array(each) for each in problem.rows)
    w = jnp.array(np.ones(len(y)))

    def function(p: Any, *_: Any) -> Any:
        return objective(objective.network.unflatten(p), x, y, w, 0.0, jnp)

    return function


def scipy_minimize(method: str) -> Callable[[Fitting], Peer]:
    """``scipy.optimize.minimize`` with the value and gradient compiled by JAX."""

    def make(problem: Fitting) -> Peer:
        import jax
        from scipy.optimize import minimize

        compiled = jax.jit(jax.value_and_grad(_function(problem)))

        def fit(seed: int) -> Timing:
            watch = Watched(problem.goal)

            def function(p: np.ndarray) -> tuple[float, np.ndarray]:
                value, gradient = compiled(p)
                watch.note(float(value))
                return float(value), np.asarray(gradient)

            options = {"maxiter": MOST_ITERATIONS, "gtol": 0.0}
            if method == "L-BFGS-B":
                options |= {"ftol": 0.0, "maxfun": 10**6}
            first = problem.first(seed)
            return watch.run(
                lambda: minimize(function, first, jac=True, method=method, options=options)
            )

        return fit

    return make


def minpack(problem: Fitting) -> Peer:
    """``scipy.optimize.least_squares(method="lm")`` with unstuck's Jacobian."""
    import jax
    import jax.numpy as jnp
    from scipy.optimize import least_squares

    network = problem.network
    x, y = problem.rows
    scale = 1.0 / np.sqrt(len(y))

    @jax.jit
    def residuals(p: Any) -> Any:
        return scale * (network(network.unflatten(p), x, jnp) - y).ravel()

    @jax.jit
    def derivative(p: Any) -> Any:
        return scale * jacobian(network, network.unflatten(p), x, jnp).reshape(-1, network.size)

    def fit(seed: int) -> Timing:
        watch = Watched(problem.goal)

        def watched(p: np.ndarray) -> np.ndarray:
            r = np.asarray(residuals(p))
            watch.note(0.5 * float(r @ r))
            return r

        def jac(p: np.ndarray) -> np.ndarray:
            return np.asarray(derivative(p))

        options = {"method": "lm", "xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}
        first = problem.first(seed)
        return watch.run(lambda: least_squares(watched, first, jac, max_nfev=10**6, **options))

    return fit


def scikit_learn(problem: Fitting) -> Peer:
    """``MLPRegressor`` or ``MLPClassifier`` with L-BFGS."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if problem.classes else MLPRegressor

    class Stopped(kind):  # type: ignore[misc, valid-type]
        """Ends at the goal."""

        def _loss_grad_lbfgs(self, *arguments: Any) -> Any:
            value, gradient = super()._loss_grad_lbfgs(*arguments)
            self.watch.note(value)
            return value, gradient

    x, y = problem.rows
    y = y.argmax(1) if problem.classes else y[:, 0]

    def fit(seed: int) -> Timing:
        limits = {"max_iter": MOST_ITERATIONS, "max_fun": 10**6, "tol": 0.0, "alpha": 0.0}
        net = Stopped(
            hidden_layer_sizes=problem.hidden,
            activation="tanh",
            solver="lbfgs",
            random_state=seed,
            **limits,
        )
        net.watch = Watched(problem.goal)
        return net.watch.run(lambda: net.fit(x, y))

    return fit


def optimistix(kind: str) -> Callable[[Fitting], Peer]:
    """Optimistix's BFGS on the objective, or its Levenberg-Marquardt on the residuals."""

    def make(problem: Fitting) -> Peer:
        import jax
        import jax.numpy as jnp
        import optimistix

        squares = kind == "LevenbergMarquardt"
        network = problem.network
        x, y = (jnp.array(each) for each in problem.rows)
        scale = 1.0 / np.sqrt(len(y))

        def residuals(p: Any, _: Any) -> Any:
            return scale * (network(network.unflatten(p), x, jnp) - y).ravel()

        class ToGoal(getattr(optimistix, kind)):  # type: ignore[misc]
            """Ends at the goal."""

            def terminate(self, fn, y, args, options, state, tags):  # type: ignore[no-untyped-def]
                done, result = super().terminate(fn, y, args, options, state, tags)
                info = state.f_info
                value = 0.5 * (info.residual**2).sum() if squares else info.f
                return done | (~state.first_step & (value <= problem.goal)), result

        solver = ToGoal(rtol=1e-300, atol=1e-300)
        run = optimistix.least_squares if squares else optimistix.minimise
        function = residuals if squares else _function(problem)
        value = jax.jit(_function(problem))

        @jax.jit
        def solve(p: Any) -> Any:
            return run(function, solver, p, max_steps=MOST_ITERATIONS, throw=False).value

        def fit(seed: int) -> Timing:
            first = problem.first(seed)
            start = time.perf_counter()
            p = jax.block_until_ready(solve(first))
            seconds = time.perf_counter() - start
            return Timing(seconds, float(value(p)))

        return fit

    return make


def torch_lbfgs(problem: Fitting) -> Peer:
    """``torch.optim.LBFGS`` with its strong Wolfe line search, float64."""
    import torch

    x, y = (torch.from_numpy(np.ascontiguousarray(each)) for each in problem.rows)
    shapes = problem.network.paths()

    def loss_of(parts: list[Any]) -> Any:
        h = x
        for i in range(0, len(parts), 2):
            h = h @ parts[i] + parts[i + 1]
            h = torch.tanh(h) if i + 2 < len(parts) else h
        if problem.classes:
            return -(y * torch.log_softmax(h, 1)).sum(1).mean()
        return 0.5 * ((h - y) ** 2).sum(1).mean()

    def fit(seed: int) -> Timing:
        watch, flat = Watched(problem.goal), problem.first(seed)
        parts, start = [], 0
        for _, _, shape in shapes:
            size = int(np.prod(shape))
            part = torch.from_numpy(flat[start : start + size].reshape(shape).copy())
            parts.append(part.requires_grad_())
            start += size
        solver = torch.optim.LBFGS(
            parts,
            max_iter=MOST_ITERATIONS,
            tolerance_grad=0.0,
            tolerance_change=0.0,
            line_search_fn="strong_wolfe",
        )

        def closure() -> Any:
            solver.zero_grad()
            loss = loss_of(parts)
            loss.backward()
            watch.note(float(loss))
            return loss

        return watch.run(lambda: solver.step(closure))

    return fit


def hand_written(problem: Fitting) -> Peer:
    """Levenberg-Marquardt as one writes it in JAX: ``jacfwd``, damping / 10 and x 10."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    network = problem.network
    x, y = (jnp.array(each) for each in problem.rows)
    scale = 1.0 / np.sqrt(len(y))

    def residuals(p: Any) -> Any:
        return scale * (network(network.unflatten(p), x, jnp) - y).ravel()

    @jax.jit
    def solve(p: Any) -> Any:
        def body(carry: Any) -> Any:
            p, r, damping, i = carry
            j = jax.jacfwd(residuals)(p)
            step = jnp.linalg.solve(j.T @ j + damping * jnp.eye(p.size), j.T @ r)
            trial = residuals(p - step)
            lower = trial @ trial < r @ r
            p, r = jnp.where(lower, p - step, p), jnp.where(lower, trial, r)
            return p, r, jnp.where(lower, damping / 10, damping * 10), i + 1

        def going_on(carry: Any) -> Any:
            _, r, damping, i = carry
            return (0.5 * (r @ r) > problem.goal) & (i < 2000) & (damping < 1e20)

        return lax.while_loop(going_on, body, (p, residuals(p), 1e-3, 0))[1]

    def fit(seed: int) -> Timing:
        first = problem.first(seed)
        start = time.perf_counter()
        r = np.asarray(solve(first))
        return Timing(time.perf_counter() - start, 0.5 * float(r @ r))

    return fit


PEERS: dict[str, Callable[[Fitting], Peer]] = {
    "SciPy BFGS": scipy_minimize("BFGS"),
    "SciPy L-BFGS-B": scipy_minimize("L-BFGS-B"),
    "SciPy MINPACK": minpack,
    "scikit-learn": scikit_learn,
    "Optimistix BFGS": optimistix("BFGS"),
    "Optimistix LBFGS": optimistix("LBFGS"),
    "Optimistix LM": optimistix("LevenbergMarquardt"),
    "PyTorch LBFGS": torch_lbfgs,
    "jitted LM": hand_written,
}
"""Everyone else, by name."""
