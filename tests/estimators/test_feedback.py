"""Feedback alignment: its step as a slow twin has it, its angle, and what refuses."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from unstuck import (
    SOLVERS,
    DataError,
    NetClassifier,
    NetRegressor,
    ParameterError,
    diagnose,
    feedback_angles,
    feedback_course,
    load,
)
from unstuck.errors import IgnoredParameterWarning
from unstuck.estimators.inspection import objective_of
from unstuck.solvers.first_order import FIRST_ORDER
from unstuck.variations import RandomFeedback

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:learning_rate_init is ignored|first_step is ignored"),
]

X, Y = load_iris(return_X_y=True)
EXACT = [each.name for each in SOLVERS.values() if each.exact]


def net(kind=NetClassifier, **parameters):
    usual = {"feedback": "random", "max_iter": 4, "random_state": 0, "learning_rate_init": 0.05}
    return kind((6, 5), **usual | {"activation": "tanh"} | parameters)


def slow_step(model, x, y, back, rate):
    """Weights and biases after one step of gradient descent on all rows, with loops."""
    own = model.parameters
    names = list(own)
    moved = {name: {kind: array.copy() for kind, array in own[name].items()} for name in names}
    for row, target in zip(x, y, strict=True):
        z = [row]
        for name in names[:-1]:
            z.append(np.tanh(z[-1] @ own[name]["weights"] + own[name]["bias"]))
        t = z[-1] @ own[names[-1]]["weights"] + own[names[-1]]["bias"]
        e = np.exp(t - t.max())
        delta = (e / e.sum() - target) / len(x)
        for i in reversed(range(len(names))):
            moved[names[i]]["weights"] -= rate * np.outer(z[i], delta)
            moved[names[i]]["bias"] -= rate * delta
            if i:
                delta = (back[names[i]] @ delta) * (1 - z[i] ** 2)
    return moved


def slowly(before):
    """Layer, kind and parameters after the slow step of length 0.5 on all rows."""
    model = before._model
    back = RandomFeedback().matrices(model.network, model.seeds.start)
    slow = slow_step(model, model.inputs(X), np.eye(3)[Y], back, 0.5)
    return [(name, kind, array) for name, own in slow.items() for kind, array in own.items()]


def test_a_step_is_that_of_a_slow_twin():
    plain = {"solver": "sgd", "momentum": 0.0, "alpha": 0.0, "batch_size": len(X), "tol": 0.0}
    before = net(**plain, max_iter=1, learning_rate_init=1e-300).fit(X, Y)
    after = net(**plain, max_iter=1, learning_rate_init=0.5).fit(X, Y)
    for name, kind, array in slowly(before):
        np.testing.assert_allclose(after.parameters_[name][kind], array, atol=1e-13)


@pytest.mark.parametrize("solver", ["rprop", "quickprop"])
def test_first_steps_on_all_rows_are_those_of_a_slow_twin(solver):
    plain = {"solver": solver, "alpha": 0.0, "tol": 0.0, "first_step": 0.01}
    before = net(**plain | {"solver": "adam"}, max_iter=1, learning_rate_init=1e-300).fit(X, Y)
    after = net(**plain, max_iter=1, learning_rate_init=0.5).fit(X, Y)
    for name, kind, array in slowly(before):
        first, expected = before._model.parameters[name][kind], array
        if solver == "rprop":
            expected = first + 0.01 * np.sign(array - first)
        np.testing.assert_allclose(after.parameters_[name][kind], expected, atol=1e-13)


def test_the_angle_is_that_of_steps_and_central_differences():
    fitted = net(alpha=0.0).fit(X, Y)
    function, parameters, arguments = objective_of(fitted, X, Y)
    del function
    model, x, step = fitted._model, arguments[0], 1e-5
    loss = fitted._model.loss
    true = np.zeros_like(parameters["hidden_1"]["weights"])
    for place in np.ndindex(true.shape):
        values = []
        for sign in (1, -1):
            moved = {name: dict(own) for name, own in parameters.items()}
            weights = moved["hidden_1"]["weights"].copy()
            weights[place] += sign * step
            moved["hidden_1"]["weights"] = weights
            t = np.tanh(x @ weights + moved["hidden_1"]["bias"])
            t = np.tanh(t @ moved["hidden_2"]["weights"] + moved["hidden_2"]["bias"])
            t = t @ moved["output"]["weights"] + moved["output"]["bias"]
            values.append(loss.of(arguments[1], t, model.network.output).mean())
        true[place] = (values[0] - values[1]) / (2 * step)
    back = RandomFeedback().matrices(model.network, model.seeds.start)
    slow = slow_step(model, x, arguments[1], back, 1.0)
    random = parameters["hidden_1"]["weights"] - slow["hidden_1"]["weights"]
    cosine = (true * random).sum() / np.linalg.norm(true) / np.linalg.norm(random)
    angle = feedback_angles(fitted, X, Y)["hidden_1"]
    assert angle == pytest.approx(np.degrees(np.arccos(cosine)), abs=1e-3)


def test_it_learns_and_the_angle_falls():
    course = feedback_course(net(batch_size=16), X, Y, epochs=30)
    assert course.angles.shape == (31, 2)
    assert (course.angles[-1] < 80).all()
    assert (course.angles[-1] < course.angles[0] - 5).all()
    assert course.scores[-1] > 0.9 > course.scores[0]
    whole = net(batch_size=16, max_iter=30, tol=0.0, n_iter_no_change=np.inf).fit(X, Y)
    assert course.scores[-1] == whole.score(X, Y)
    assert "hidden_1" in str(course)


@pytest.mark.parametrize("solver", [each.name for each in FIRST_ORDER])
def test_every_solver_of_mini_batches_takes_it(solver):
    random, usual = (net(solver=solver, feedback=f, max_iter=2) for f in ("random", "transposed"))
    assert random.fit(X, Y).loss_curve_[0] == usual.fit(X, Y).loss_curve_[0]
    assert not np.array_equal(random.coefs_[0], usual.coefs_[0])


@pytest.mark.parametrize("solver", EXACT)
def test_solvers_that_need_the_true_gradient_refuse(solver):
    with pytest.raises(ParameterError, match=f"{solver}.*true gradient.*feedback.*adam"):
        NetRegressor((3,), feedback="random", solver=solver).fit(X[:, :3], X[:, 3])


@pytest.mark.parametrize("solver", ["rprop", "quickprop"])
def test_a_course_begins_before_the_first_step_on_all_rows(solver):
    asked = net(solver=solver, feedback="random", learning_rate_init=0.5, tol=0.0)
    course = feedback_course(asked, X, Y, epochs=4)
    first = net(learning_rate_init=1e-300, max_iter=1).fit(X, Y)
    np.testing.assert_allclose(course.angles[0], list(feedback_angles(first, X, Y).values()))
    assert course.scores[-1] == asked.fit(X, Y).score(X, Y)


def test_files_and_calls_go_on_with_the_same_matrices(tmp_path):
    whole = net(max_iter=8, tol=0.0).fit(X, Y)
    half = net(warm_start=True, tol=0.0).fit(X, Y)
    half.save(tmp_path / "half.safetensors")
    loaded = load(tmp_path / "half.safetensors").fit(X, Y)
    for mine, other in zip(loaded.coefs_, whole.coefs_, strict=True):
        np.testing.assert_array_equal(mine, other)
    other = net(max_iter=8, tol=0.0, random_state=1).fit(X, Y)
    assert not np.array_equal(other.coefs_[0], whole.coefs_[0])


@pytest.mark.parametrize("parameters", [{"n_restarts": 2}, {"n_ensemble": 2}, {"unit_signs": 0.5},
                                        {"early_stopping": True}, {"solver": "auto"}])  # fmt: skip
def test_whatever_a_fit_does(parameters):
    fitted = net(batch_size=16, max_iter=10, **parameters).fit(X, Y)
    assert fitted.loss_curve_[-1] < fitted.loss_curve_[0]


def test_a_diagnosis_tries_its_experiments_on_it():
    assert str(diagnose(net(learning_rate_init=1e-6).fit(X, Y), X, Y, prove=True))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"feedback": "fixed"}, "feedback was 'fixed'"),
        ({"layer_norm": True}, "hidden_2 has layer normalization"),
    ],
    ids=str,
)
def test_what_cannot_be_is_told(parameters, said):
    with pytest.raises(ParameterError, match=said):
        net(**parameters).fit(X, Y)


def test_without_hidden_layers():
    alone = NetClassifier((), feedback="random", max_iter=2)
    with pytest.warns(IgnoredParameterWarning, match="no hidden layer"):
        alone.fit(X, Y)
    with pytest.raises(ParameterError, match="no hidden layer"):
        feedback_angles(alone, X, Y)


@pytest.mark.parametrize("epochs", [0, -1, True, 1.5, "many"])
def test_a_course_has_epochs(epochs):
    with pytest.raises(ParameterError, match=r"epochs was .*; expected an integer >= 1"):
        feedback_course(net(), X, Y, epochs=epochs)


@pytest.mark.parametrize("call", [feedback_angles, feedback_course])
@pytest.mark.parametrize("given", [None, 3, NetClassifier])
def test_angles_are_of_networks_of_ours(call, given):
    with pytest.raises(ParameterError, match="expected a NetClassifier or NetRegressor"):
        call(given, X, Y)


def test_angles_are_of_one_network_and_are_numbers():
    with pytest.raises(ParameterError, match="the mean of 2 networks"):
        feedback_angles(net(n_ensemble=2).fit(X, Y), X, Y)
    with pytest.raises(DataError, match="beyond all numbers"):
        feedback_angles(net(activation="relu").fit(X, Y), X * 1e300, Y)
