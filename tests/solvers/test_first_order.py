"""First-order solvers: whole trajectories against the recurrences and against PyTorch."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import twin

from unstuck import SOLVERS
from unstuck.settings import Settings, parameters_of
from unstuck.solvers.first_order import FIRST_ORDER

STEPS, RATE = 12, 0.05
NUMBERS = {
    "momentum": 0.8,
    "beta_1": 0.85,
    "beta_2": 0.97,
    "epsilon": 1e-3,  # large, so that its place in the formula shows
    "rho": 0.9,
    "weight_decay": 0.1,
}
DECAYED = np.array([1.0, 1.0, 0.0, 1.0, 0.0])
NAMES = [each.name for each in FIRST_ORDER]
VARIANTS = [(name, True) for name in NAMES] + [("sgd", False)]


def gradient(p):
    """Of a function that is no quadratic, so that a wrong step changes all later ones."""
    steep = np.array([3.0, 1.0, 0.5, 2.0, 1.0])
    return steep * p + np.cos(3.0 * p) + 0.1 * p**3


def start():
    return np.random.default_rng(0).normal(size=5)


def trajectory(name, nesterov=True, numbers=NUMBERS, decayed=DECAYED):
    solver = SOLVERS[name]
    used = {key: numbers[key] for key in solver.uses if key in numbers}
    with jax.enable_x64(True):

        @jax.jit
        def update(g, memory, p, traced):
            hyper = traced | {"nesterovs_momentum": nesterov}
            return solver.transformation(hyper, decayed).update(g, memory, p)

        p = start()
        hyper = used | {"nesterovs_momentum": nesterov}
        memory = solver.transformation(hyper, decayed).init(jax.numpy.array(p))
        found = []
        for _ in range(STEPS):
            direction, memory = update(gradient(p), memory, p, used)
            p = p - RATE * np.asarray(direction)
            found.append(p)
    return np.array(found)


def expected_trajectory(name, nesterov=True, numbers=NUMBERS):
    step, p, found = twin.solver(name, numbers, DECAYED, nesterov), start(), []
    for t in range(1, STEPS + 1):
        p = step(p, gradient(p), RATE, t)
        found.append(p)
    return np.array(found)


@pytest.mark.parametrize(("name", "nesterov"), VARIANTS)
def test_trajectory_is_the_recurrences(name, nesterov):
    found = trajectory(name, nesterov)
    np.testing.assert_allclose(found, expected_trajectory(name, nesterov), rtol=1e-9, atol=1e-12)
    assert abs(found[-1] - start()).min() > 1e-6


def test_nesterovs_look_ahead_makes_a_difference():
    assert abs(trajectory("sgd", True) - trajectory("sgd", False)).max() > 1e-3


def torch_trajectory(torch, make):
    p = torch.nn.Parameter(torch.tensor(start()))
    optimizer, found = make(torch.optim, [p]), []
    for _ in range(STEPS):
        p.grad = torch.tensor(gradient(p.detach().numpy()))
        optimizer.step()
        found.append(p.detach().numpy().copy())
    return np.array(found)


BETAS = (NUMBERS["beta_1"], NUMBERS["beta_2"])
EPS = NUMBERS["epsilon"]
TORCH = {
    "sgd": lambda optim, p: optim.SGD(p, RATE, NUMBERS["momentum"], nesterov=True),
    "rmsprop": lambda optim, p: optim.RMSprop(p, RATE, alpha=NUMBERS["rho"], eps=EPS),
    "adadelta": lambda optim, p: optim.Adadelta(p, RATE, rho=NUMBERS["rho"], eps=EPS),
    "adam": lambda optim, p: optim.Adam(p, RATE, BETAS, EPS),
    "adamw": lambda optim, p: optim.AdamW(p, RATE, BETAS, EPS, NUMBERS["weight_decay"]),
    "adamax": lambda optim, p: optim.Adamax(p, RATE, BETAS, EPS),
}


@pytest.mark.parametrize("name", TORCH)
def test_trajectory_is_pytorchs(name, torch):
    theirs = torch_trajectory(torch, TORCH[name])
    mine = trajectory(name, decayed=np.ones(5))  # PyTorch decays what it is given
    np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)


# Where PyTorch defines a method differently, the two agree in the limit in which the difference
# vanishes: adagrad adds eps outside the root, radam adds it before the correction of v (both
# equal for a tiny eps); amsgrad keeps the largest v before its correction, and nadam lets the
# momentum grow with time, so these two have no such limit and are compared with the twin alone.
TORCH_IN_THE_LIMIT = {
    "adagrad": lambda optim, p: optim.Adagrad(p, RATE, eps=1e-14),
    "radam": lambda optim, p: optim.RAdam(p, RATE, BETAS, 1e-14),
}


@pytest.mark.parametrize("name", TORCH_IN_THE_LIMIT)
def test_trajectory_is_pytorchs_for_a_tiny_epsilon(name, torch):
    theirs = torch_trajectory(torch, TORCH_IN_THE_LIMIT[name])
    mine = trajectory(name, numbers=NUMBERS | {"epsilon": 1e-28 if name == "adagrad" else 1e-14})
    np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", [n for n in NAMES if SOLVERS[n].decays])
def test_weight_decay_leaves_biases_alone(name):
    with_decay, without = (
        trajectory(name),
        trajectory(name, numbers=NUMBERS | {"weight_decay": 0.0}),
    )
    first = abs(with_decay - without)[0]
    assert (first[DECAYED == 0] == 0).all()
    np.testing.assert_allclose(
        first[DECAYED == 1], RATE * 0.1 * abs(start()[DECAYED == 1]), rtol=1e-9
    )


@pytest.mark.parametrize("name", NAMES)
def test_decaying_solvers_are_those_that_use_weight_decay(name):
    assert SOLVERS[name].decays == ("weight_decay" in SOLVERS[name].uses)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_that_a_solver_uses_exist_and_matter(name):
    known = {field.name for field in parameters_of(Settings)}
    assert set(SOLVERS[name].uses) <= known
    base = trajectory(name)
    for parameter in SOLVERS[name].uses:
        if parameter == "nesterovs_momentum":
            continue
        other = trajectory(name, numbers=NUMBERS | {parameter: 0.5 * NUMBERS[parameter]})
        assert abs(other - base).max() > 1e-8, parameter


@pytest.mark.parametrize("name", NAMES)
def test_every_record_is_told_about(name):
    solver = SOLVERS[name]
    assert solver.formula
    assert solver.reference
