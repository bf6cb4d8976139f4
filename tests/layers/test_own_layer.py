"""A layer written outside of the package: trained, saved, loaded, traced, recorded."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass

import jax
import numpy as np
import pytest
from gate import Gate, Waves

from unstuck import (
    ACTIVATIONS,
    LOSSES,
    SOLVERS,
    Activation,
    FileError,
    IgnoredParameterWarning,
    NetRegressor,
    ParameterError,
    backpropagation,
    load,
    trace,
)
from unstuck.estimators import building
from unstuck.estimators.encoding import Known, decode, encode
from unstuck.estimators.inspection import objective_of, record_of
from unstuck.layers.dense import Dense
from unstuck.layers.jacobian import by_row, jacobian
from unstuck.layers.layer import Layer
from unstuck.layers.network import Network
from unstuck.rows.probe import probe
from unstuck.rows.rows import Rows
from unstuck.solvers.schedules import SCHEDULES
from unstuck.training.batches import Batches
from unstuck.training.compilation import precision
from unstuck.training.course import Course
from unstuck.training.loop import train
from unstuck.training.objective import Objective
from unstuck.training.plan import Plan, State
from unstuck.training.steppers import stepper_of
from unstuck.training.stopping import Stopping
from unstuck.training.task import Task

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(60, 3))
Y = X[:, 0] * (X[:, 1] > 0)
GATE = Gate(5, ACTIVATIONS["tanh"])


@dataclass(frozen=True)
class Chosen(Gate):
    """Its gates are of a kind of their own."""

    gate: Activation = ACTIVATIONS["logistic"]

    def __call__(self, own, x, flow):
        z = flow.activate(self.activation, flow.see("preactivation", x @ own["weights"]))
        return z * flow.activate(self.gate, x @ own["gates"] + own["gate_bias"])


def net(**parameters):
    return NetRegressor((GATE, 4), **{"max_iter": 60, "random_state": 0} | parameters)


@pytest.fixture(scope="module")
def fitted():
    return net(learning_rate_init=0.05, max_iter=200).fit(X, Y)


def test_it_is_a_layer():
    assert isinstance(GATE, Layer)


@pytest.mark.parametrize("solver", ["adam", "lbfgs", "lm"])
def test_it_learns(solver):
    rate = {"learning_rate_init": 0.05} if solver == "adam" else {}
    found = net(solver=solver, **rate).fit(X, Y)
    assert found.loss_curve_[-1] < 0.3 * found.loss_curve_[0]
    assert found.coefs_[0].shape == found.coefs_[1].shape == (3, 5)
    assert np.isfinite(found.history_["layer_gradient_norm"]).all()


def test_it_computes_its_formula(fitted):
    own = fitted.parameters_["hidden_1"]
    x = (X - X.mean(0)) / X.std(0)
    gates = 1.0 / (1.0 + np.exp(-(x @ own["gates"] + own["gate_bias"])))
    expected = np.tanh(x @ own["weights"] + own["bias"]) * gates
    np.testing.assert_allclose(fitted.features(X, layer=0), expected, rtol=1e-12)


def test_it_is_saved_and_loaded(fitted, tmp_path):
    path = tmp_path / "gate.safetensors"
    fitted.save(path)
    again = load(path, layers=[Gate])
    assert load(path, layers=Gate).network_ == again.network_
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    assert again.network_ == fitted.network_
    assert again.hidden_layer_sizes == (GATE, 4)
    for each in (again, fitted):
        each.set_params(warm_start=True, max_iter=3).fit(X, Y)
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    with pytest.raises(
        FileError, match=r"a layer of your own, 'Gate'.*load\(path, layers=\[Gate\]\)"
    ):
        load(path)
    with pytest.raises(FileError, match="expected the classes of layers"):
        load(path, layers=[GATE])


def squashed(a):
    return a / (1.0 + abs(a))


@pytest.mark.parametrize("gate", ["leaky_relu(0.2)", squashed])
def test_records_in_its_fields_are_kept_as_records(gate):
    layer = Chosen(5, ACTIVATIONS["tanh"], ACTIVATIONS.resolve(gate))
    written = json.loads(json.dumps(encode(layer, "layer")))
    assert decode(written, Known.of({"squashed": squashed}, [Chosen])) == layer


def test_backpropagation_says_what_it_lacks(fitted):
    with pytest.raises(ParameterError, match=r"hidden_1, Gate, has no pull.*record_of"):
        backpropagation(fitted, X[:1], Y[:1])


def test_gates_are_not_linear():
    """Though their unit is; so no warning of layers that collapse."""
    identity = ACTIVATIONS["identity"]
    gates, dense = (Network(2, (("h", kind(3, identity)),) * 2) for kind in (Gate, Dense))
    assert dense.collapses()
    assert not gates.collapses()


def ignored(*sizes):
    settings = NetRegressor(sizes, activation="tanh", layer_norm=True)
    parts = settings, 3, 1, ACTIVATIONS["identity"], LOSSES["squared_error"]
    plan = building.plan_of(settings, building.objective_of(*parts), SOLVERS["adam"])
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        building.check_parts(settings, plan, len(X), False)
    return [str(each.message) for each in found if each.category is IgnoredParameterWarning]


def test_parameters_that_no_hidden_layer_reads_are_warned_of():
    activation, layer_norm = ignored(GATE, GATE)
    assert activation.startswith("activation is ignored: hidden_layer_sizes holds layers")
    assert layer_norm.startswith("layer_norm is ignored")
    assert ignored(GATE, 4) == []


def test_its_jacobian_is_compiled_once(fitted):
    for _ in range(2):
        jacobian(fitted.network_, fitted.parameters_, X)
    assert by_row(fitted.network_)._cache_size() == 1


def test_it_is_traced(fitted):
    function, parameters, arguments = objective_of(fitted, X[:1], Y[:1])
    graph = trace(function, parameters, *arguments)
    gates = graph.node("parameters/hidden_1/gates")
    assert gates.layer == "hidden_1"
    with jax.enable_x64(True):
        expected = jax.grad(function)(parameters, *arguments)["hidden_1"]["gates"]
    np.testing.assert_allclose(gates.adjoint, expected, rtol=1e-10, atol=1e-14)


def test_it_is_recorded(fitted):
    """Values and adjoints of all that it lets be seen; the adjoints against differences."""
    record = record_of(fitted, X, Y)
    layer = record.layers[0]
    assert (layer.name, layer.kind, layer.unit) == ("hidden_1", "Gate", ACTIVATIONS["tanh"])
    assert set(layer.values) == set(layer.adjoints) == {"preactivation", "gate", "output"}
    a, b = layer.values["preactivation"], layer.values["gate"]
    np.testing.assert_allclose(layer.values["output"], np.tanh(a) / (1.0 + np.exp(-b)), rtol=1e-12)
    np.testing.assert_allclose(layer.slopes, 1.0 - np.tanh(a) ** 2, rtol=1e-12)
    after = Network(5, fitted.network_.layers[1:])
    own = {name: fitted.parameters_[name] for name in after.names}
    rest = Objective(after, LOSSES["squared_error"])

    def losses(a, b):
        return rest.losses(own, np.tanh(a) / (1.0 + np.exp(-b)), record.targets)

    step = 1e-6
    for unit in range(5):
        move = step * np.eye(5)[unit]
        for what, there in (("preactivation", (move, 0.0)), ("gate", (0.0, move))):
            ahead, behind = (losses(a + s * there[0], b + s * there[1]) for s in (1, -1))
            expected = (ahead - behind) / (2 * step)
            np.testing.assert_allclose(layer.adjoints[what][:, unit], expected, atol=1e-7)


def test_the_outputs_of_the_last_layer_are_recorded_with_their_adjoints(fitted):
    """z - y of the squared error; cross-entropy reads what the outputs are made of."""
    record = record_of(NetRegressor((GATE, 4), max_iter=2, random_state=0).fit(X, Y), X, Y)
    output = record.layers[-1]
    expected = output.values["output"] - record.targets
    np.testing.assert_allclose(output.adjoints["output"], expected, rtol=1e-12)
    np.testing.assert_allclose(output.adjoints["preactivation"], expected, rtol=1e-12)


def test_rows_of_ones_own_train_a_network():
    rows = Waves(500)
    assert isinstance(rows, Rows)
    layers = (
        ("hidden_1", Dense(8, ACTIVATIONS["tanh"])),
        ("output", Dense(1, ACTIVATIONS["identity"])),
    )
    network = Network(rows.spec, layers)
    stepper = stepper_of(Plan(Objective(network, LOSSES["squared_error"]), SOLVERS["adam"]))
    rng = np.random.default_rng(0)
    first = rng.normal(size=network.size).astype(np.float32)
    with precision(rows.dtype):
        task = Task(
            stepper, Batches(rows, 32, True, 0), {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8},
            0.02, SCHEDULES["constant"], 0.5, 0.0,
            Stopping(tol=0.0, patience=np.inf, early=False, reacts="", rate=0.02), 100, probe(rows),
        )  # fmt: skip
        state = State(first, stepper.memory(rows.dtype, 32), np.uint32(0))
        outcome = train(task, state, Course(), 100)
    part = rows.take(np.arange(500))
    found = network(network.unflatten(np.asarray(outcome.best, np.float64)), part.x)
    assert np.abs(found - part.y).max() < 0.1


def test_a_network_is_told_with_its_kind(fitted):
    assert str(fitted.network_).splitlines()[1].split("  ")[:2] == ["hidden_1", "Gate of tanh"]


@pytest.mark.parametrize("sizes", [(Gate, 4), (10**30, 4)])
def test_what_is_no_layer_or_too_large_is_refused_in_words(sizes):
    with pytest.raises(ParameterError, match=r"integers or layers|Take fewer units"):
        NetRegressor(sizes).fit(X, Y)
