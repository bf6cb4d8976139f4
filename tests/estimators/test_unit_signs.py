"""Sign-constrained units: exactly so in every step, and as a slow twin has it."""

import copy

import numpy as np
import pytest
import twin
from scipy import optimize
from small import Fit

from unstuck import SOLVERS, NetClassifier, NetRegressor, ParameterError, diagnose, load, prune
from unstuck.errors import IgnoredParameterWarning
from unstuck.layers.dense import Dense
from unstuck.solvers.first_order import FIRST_ORDER
from unstuck.variations import UnitSigns

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
NUMBERS = np.sin(2 * X[:, 0]) + X[:, 1]
SIGNS = [[1, 1, -1, 1, 0], [-1, 1, 1, -1]]
ABLE = [*(each.name for each in FIRST_ORDER), "lm", "rprop", "quickprop"]


def net(kind=NetClassifier, **parameters):
    usual = {"unit_signs": SIGNS, "max_iter": 12, "random_state": 0, "learning_rate_init": 0.02}
    return kind((5, 4), **usual | parameters)


def keeps(coefs, signs=SIGNS):
    pairs = zip(coefs[1:], signs, strict=True)
    return all((np.array(each)[:, None] * weights >= 0).all() for weights, each in pairs)


class Signed(Fit):
    """A fit of three hidden units, and its twin, which goes to the nearest allowed weights."""

    def __init__(self, **more):
        self.sign = np.array([1, -1, 0, 1])
        super().__init__(variations=(UnitSigns((("output", (1, -1, 0, 1)),)),), **more)
        low, high = self.objective.bounds
        self.low, self.high = (self.network.flatten(self.network.whole(b)) for b in (low, high))

    def slow(self, count):
        vector, step = self.first, twin.solver(self.plan.solver.name, self.numbers, None, True)
        for t in range(count):
            epoch, place = divmod(t, self.batches.steps_per_epoch)
            size = self.batches.batch_size
            taken = self.batches.order(epoch)[place * size : (place + 1) * size]
            rows = self.x[taken], self.y[taken], self.w[taken]
            penalty = self.alpha / self.w.sum()
            _, found = twin.objective(self.twin_layers(vector), *rows, penalty, self.loss_name)
            vector = step(vector, twin.vector_of(found), self.task.rate, t + 1)
            layers = self.network.unflatten(vector)
            for j, sign in enumerate(self.sign):
                for k in range(2):
                    if sign * layers["output"]["weights"][j, k] < 0:
                        layers["output"]["weights"][j, k] = 0.0
            vector = self.network.flatten(layers)
        return vector


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_steps_are_those_of_a_slow_twin(solver):
    fit = Signed(solver=solver, alpha=0.1)
    outcome, _ = fit.run(3)
    found = np.asarray(outcome.state.vector)
    np.testing.assert_allclose(found, fit.slow(3 * fit.batches.steps_per_epoch), atol=1e-12)
    assert (found[-10:-2] == 0).any()  # some rest at 0


@pytest.mark.parametrize("solver", ABLE)
def test_every_epoch_of_every_solver_that_can(solver):
    seen = []
    fitted = net(NetRegressor, solver=solver, max_iter=1, warm_start=True)
    if solver in ("lm", "rprop"):
        fitted.set_params(learning_rate_init=0.001)
    for _ in range(5):
        fitted.fit(X, NUMBERS)
        seen.append(keeps(fitted.coefs_))
    assert all(seen)


@pytest.mark.parametrize("solver", [name for name in SOLVERS if name not in ABLE])
def test_the_others_refuse_and_name_those_that_can(solver):
    kind, y = (NetRegressor, NUMBERS)
    with pytest.raises(ParameterError, match=f"{solver}.*unit_signs.*adam.*lm"):
        net(kind, solver=solver).fit(X, y)


def test_levenberg_marquardt_ends_where_bounded_descent_of_scipy_finds_nothing_lower():
    fitted = NetRegressor(
        (5,),
        unit_signs=0.6,
        activation="softplus",
        solver="lm",
        alpha=0.1,
        max_iter=300,
        random_state=1,
    ).fit(X, NUMBERS)
    model = fitted._model
    network = model.network
    x, y = model.inputs(X), model.targets(NUMBERS[:, None])
    start = network.flatten(model.parameters)

    def value(p):
        own = network.unflatten(p)
        hidden = np.logaddexp(0, x @ own["hidden_1"]["weights"] + own["hidden_1"]["bias"])
        error = hidden @ own["output"]["weights"] + own["output"]["bias"] - y
        squares = sum((each["weights"] ** 2).sum() for each in own.values())
        return 0.5 * (error**2).mean() + 0.05 / len(x) * squares

    box = [(None, None)] * 20 + [(0, None)] * 2 + [(None, 0)] * 3 + [(None, None)]
    found = optimize.minimize(value, start, method="L-BFGS-B", bounds=box)
    assert value(start) == pytest.approx(fitted.loss_curve_[-1])
    assert found.fun >= value(start) * (1 - 1e-4)
    assert (fitted.coefs_[1] == 0).any()


@pytest.mark.parametrize(
    "parameters",
    [
        {"early_stopping": True, "max_iter": 30, "n_iter_no_change": 2},
        {"n_restarts": 3},
        {"n_ensemble": 2},
        {"initializer": "he_normal", "activation": "relu"},
        {"slope_offset": 0.1, "activation": "tanh"},
        {"dropout": 0.5},
        {"clip_norm": 0.1, "alpha": 1.0},
        {"solver": "auto"},
    ],
    ids=str,
)
def test_whatever_a_fit_does(parameters):
    fitted = net(**parameters).fit(X, Y)
    assert keeps(fitted.coefs_)
    assert all(keeps(model_coefs(each)) for each in fitted._models)


def model_coefs(model):
    return [own["weights"] for own in model.parameters.values()]


def test_a_share_inhibits_with_the_last_units_and_balanced_first_weights():
    fitted = NetClassifier((20,), unit_signs=0.2, max_iter=1, learning_rate_init=1e-9).fit(X, Y)
    weights = fitted.coefs_[1]
    assert (weights[:16] > 0).all()
    assert (weights[16:] < 0).all()
    assert abs(weights).mean(1)[16:].mean() / abs(weights).mean(1)[:16].mean() > 2.0


def test_going_on_saving_and_loading_are_the_whole_fit(tmp_path):
    whole = net(max_iter=8).fit(X, Y)
    half = net(max_iter=4, warm_start=True).fit(X, Y)
    half.save(tmp_path / "half.safetensors")
    loaded = load(tmp_path / "half.safetensors").fit(X, Y)
    for fitted in (loaded, half.fit(X, Y)):
        for mine, other in zip(fitted.coefs_, whole.coefs_, strict=True):
            np.testing.assert_array_equal(mine, other)
    assert loaded.unit_signs == SIGNS
    parts = net()
    for _ in range(3):
        assert keeps(parts.partial_fit(X, Y, classes=[0, 1]).coefs_)


@pytest.mark.parametrize("early", [False, True])
def test_signs_that_come_later_hold_from_the_next_epoch_on(early):
    fitted = net(unit_signs=None, warm_start=True, early_stopping=early, tol=0.0).fit(X, Y)
    assert not keeps(fitted.coefs_)
    assert keeps(fitted.set_params(unit_signs=SIGNS, max_iter=1).fit(X, Y).coefs_)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"unit_signs": 1.5}, "unit_signs was 1.5"),
        ({"unit_signs": [[2, 1]]}, "unit_signs was"),
        ({"unit_signs": "half"}, "unit_signs was 'half'"),
        ({"unit_signs": [[1, -1]]}, "signs of 2 units; the hidden layers have 5 and 4"),
        ({"layer_norm": True}, "hidden_2 has layer normalization"),
        ({"coefs_init": [np.ones((3, 5)), -np.ones((5, 4)), np.ones((4, 1))]}, "other signs"),
    ],
    ids=str,
)
def test_what_cannot_be_is_told(parameters, said):
    with pytest.raises(ParameterError, match=said):
        net(**parameters).fit(X, Y)


def test_given_weights_that_keep_to_the_signs_are_taken():
    first = net().fit(X, Y)
    again = net(coefs_init=first.coefs_, intercepts_init=first.intercepts_).fit(X, Y)
    assert keeps(again.coefs_)


def test_without_hidden_layers_it_is_ignored():
    with pytest.warns(IgnoredParameterWarning, match="no hidden layer"):
        NetClassifier((), unit_signs=0.2, max_iter=2).fit(X, Y)


def test_pruned_networks_keep_the_signs_of_the_units_that_stay():
    fitted = net(activation="relu", warm_start=True).fit(X, Y)
    fitted.parameters_["hidden_1"]["bias"][1] = -1e3
    small = prune(fitted, X)
    assert small.unit_signs[0] == [1, -1, 1, 0]
    assert keeps(small.fit(X, Y).coefs_, small.unit_signs)


def test_a_diagnosis_tries_its_experiments_on_it():
    fitted = net(alpha=50.0, max_iter=40).fit(X, Y)
    assert str(diagnose(fitted, X, Y, prove=True))


def test_plain_networks_are_the_same_program():
    """Nothing of the steps knows of signs where there are none."""
    fit = Fit()
    assert fit.objective.bounds is None
    before = copy.deepcopy(fit.first)
    parameters = fit.network.unflatten(before)
    assert fit.objective.allowed(parameters) is parameters


def test_dense_layers_are_needed():
    assert net(unit_signs=0.5).set_params(hidden_layer_sizes=(Dense(3, _relu()),)).fit(X, Y)


def _relu():
    from unstuck import ACTIVATIONS

    return ACTIVATIONS["relu"]
