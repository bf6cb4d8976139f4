"""Any JAX function as the subject of a diagnosis, against networks whose numbers are known."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from unstuck import NetClassifier, record_of
from unstuck.autodiff.function_subject import FunctionSubject
from unstuck.errors import DataError, ParameterError
from unstuck.health.signals import SIGNALS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 3))
C = np.array([0, 1, 2, 0, 1, 2, 1])
Y = RNG.normal(size=(7, 2))
WIDTHS = (3, 5, 4, 3)


def parameters_of(widths=WIDTHS, kind=np.float64):
    rng = np.random.default_rng(1)
    names = [*(f"hidden_{i + 1}" for i in range(len(widths) - 2)), "output"]
    return {
        name: {
            "weights": rng.normal(size=(a, b)).astype(kind),
            "bias": rng.normal(size=b).astype(kind),
        }
        for name, a, b in zip(names, widths, widths[1:], strict=False)
    }


def logits(parameters, x, unit=jnp.tanh):
    *hidden, last = parameters
    for name in hidden:
        x = unit(x @ parameters[name]["weights"] + parameters[name]["bias"])
    return x @ parameters[last]["weights"] + parameters[last]["bias"]


def nll(t, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(t), y[:, None], 1).mean()


def classifies(parameters, batch):
    return nll(logits(parameters, batch[0]), batch[1])


def regresses(parameters, batch):
    return ((logits(parameters, batch[0]) - batch[1]) ** 2).mean()


def subject_of(function=classifies, parameters=None, batch=(X, C)):
    return FunctionSubject.of(function, parameters or parameters_of(), batch)


def units(subject):
    return [(layer.name, layer.unit.name) for layer in subject.record("end").layers]


def same(one, other, tolerance=1e-10):
    np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


# By hand


def twin(parameters, x, y, slope_of=lambda z: 1 - z * z, unit=np.tanh):
    """Backpropagation in NumPy: by layer, pre-activations, outputs, adjoints, gradients."""
    values, z = [], x
    *hidden, last = parameters.values()
    for own in hidden:
        a = z @ own["weights"] + own["bias"]
        values.append((z, a, unit(a)))
        z = values[-1][2]
    t = z @ last["weights"] + last["bias"]
    e = np.exp(t - t.max(1, keepdims=True))
    d = e / e.sum(1, keepdims=True) - np.eye(t.shape[1])[y]
    found = [(t, t, d, d, z.T @ d / len(x))]
    for (before, a, z), after in zip(values[::-1], [*hidden[1:], last][::-1], strict=True):
        back = d @ after["weights"].T
        d = back * slope_of(z)
        found.append((a, z, d, back, before.T @ d / len(x)))
    return found[::-1]


def agrees(subject, parameters=None):
    expected = twin(parameters or parameters_of(), X, C)
    record = subject.record("end")
    assert len(record.layers) == len(expected)
    for layer, (a, z, da, dz, gradient) in zip(record.layers, expected, strict=True):
        same(layer.values["preactivation"], a)
        same(layer.values["output"], z)
        same(layer.adjoints["preactivation"], da)
        same(layer.adjoints["output"], dz)
        (found,) = layer.gradients.values()
        same(found.T if found.shape != gradient.shape else found, gradient)
        same(layer.slopes, 1 - z * z if layer.unit.name == "tanh" else np.ones_like(a))


def test_a_network_by_hand():
    subject = subject_of()
    assert units(subject) == [("hidden_1", "tanh"), ("hidden_2", "tanh"), ("output", "identity")]
    agrees(subject)
    record = subject.record("start")
    same(record.losses.mean(), subject.objective(subject.parameters("end")))
    same(record.targets, np.eye(3)[C])
    same(record.layers[0].weights["weights"], parameters_of()["hidden_1"]["weights"])
    assert [layer.kind for layer in record.layers] == ["Dense"] * 3
    assert subject.missing == ""
    assert subject.history == {}


def test_a_trained_classifier():
    """The weights of an estimator in a function of JAX: the same record."""
    x = np.random.default_rng(2).normal(size=(60, 3))
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0.5)
    net = NetClassifier(
        (6, 5), activation="relu", max_iter=3, alpha=0.0, scale_inputs=False, random_state=0
    )
    with pytest.warns(match="max_iter|epochs|converge"):
        net.fit(x, y)
    expected = record_of(net, x, y)
    subject = FunctionSubject.of(
        lambda p, b: nll(logits(p, b["x"], jax.nn.relu), b["y"]),
        net._model.parameters,
        {"x": net._model.inputs(x), "y": y},
    )
    record = subject.record("end")
    same(record.losses, expected.losses)
    for found, known in zip(record.layers, expected.layers, strict=True):
        assert found.name == known.name
        same(found.adjoints["preactivation"], known.adjoints["preactivation"])
        same(found.values["preactivation"], known.values["preactivation"])
        same(found.gradients["weights"], known.gradients["weights"])
        if found.name != "output":
            assert found.unit == known.unit
            same(found.slopes, known.slopes)
    for signal in SIGNALS:
        assert np.isfinite([signal.law(layer, np) for layer in record.layers]).all()


# Forms of functions, parameters and batches


def vmapped(parameters, batch):
    def one(x, y):
        for name in ("hidden_1", "hidden_2"):
            x = jnp.tanh(parameters[name]["weights"].T @ x + parameters[name]["bias"])
        t = parameters["output"]["weights"].T @ x + parameters["output"]["bias"]
        return -jax.nn.log_softmax(t)[y]

    return jax.vmap(one)(*batch).mean()


def one_hot_loss(parameters, batch):
    t = logits(parameters, batch[0])
    return -(batch[1] * jax.nn.log_softmax(t)).sum(1).mean()


def compiled_inside(parameters, batch):
    return jax.jit(lambda p, b: jax.checkpoint(classifies)(p, b))(parameters, batch)


@pytest.mark.parametrize(
    ("function", "batch"),
    [
        (vmapped, (X, C)),
        (one_hot_loss, (X, np.eye(3)[C])),
        (compiled_inside, (X, C)),
        (jax.jit(classifies), (X, C)),
        (lambda p, b: classifies(p, (b["x"], b["y"])), {"x": X, "y": C}),
        (lambda p, b: classifies(p, (b.reshape(-1, 3), jnp.asarray(C))), X),
        (lambda p, b: classifies(p, b[:2]), (X, C, 0.5, np.ones(2))),
        (lambda p, b: 1.0 * classifies(p, b) + 0.0, [X, C]),
    ],
)
def test_forms_of_functions(function, batch):
    agrees(subject_of(function, batch=batch))


@jax.tree_util.register_dataclass
@dataclasses.dataclass
class Dense:
    weights: np.ndarray
    bias: np.ndarray


def forms():
    given = parameters_of()
    yield [(own["weights"], own["bias"]) for own in given.values()], ["layer_1", "layer_2"]
    yield tuple(dict(own) for own in given.values()), ["layer_1", "layer_2"]
    yield {k: Dense(**own) for k, own in given.items()}, ["hidden_1", "hidden_2"]
    flat = {}
    for i, own in enumerate(given.values()):
        flat |= {f"W{i + 1}": own["weights"], f"b{i + 1}": own["bias"]}
    yield flat, ["W1", "W2"]
    yield [a for own in given.values() for a in (own["weights"], own["bias"])], [
        "layer_1", "layer_2",
    ]  # fmt: skip
    yield {"net": flat, "unused": {"w": np.ones((2, 2))}, "count": 3}, ["net/W1", "net/W2"]


@pytest.mark.parametrize("k", range(6))
def test_forms_of_parameters(k):
    given, names = list(forms())[k]

    def function(parameters, batch):
        inner = parameters["net"] if isinstance(parameters, dict) and k == 5 else parameters
        leaves = jax.tree.leaves(inner)
        if k in (0, 4):
            pairs = list(zip(leaves[::2], leaves[1::2], strict=True))
        elif k in (3, 5):
            pairs = list(zip(leaves[:3], leaves[3:], strict=True))
        elif k == 1:
            pairs = [(own["weights"], own["bias"]) for own in inner]
        else:
            pairs = [(inner[n].weights, inner[n].bias) for n in parameters_of()]
        named = {
            str(i): dict(zip(("weights", "bias"), p, strict=True)) for i, p in enumerate(pairs)
        }
        return classifies(named, batch)

    subject = subject_of(function, given)
    agrees(subject)
    assert [layer.name for layer in subject.record("end").layers][:2] == names
    parameters = subject.parameters("end")
    assert sorted(a.size for a in parameters[names[0]].values()) == [5, 15]
    found = subject.gradient(parameters)
    (gradient,) = subject.record("end").layers[0].gradients.values()
    (key,) = subject.record("end").layers[0].gradients
    same(found[names[0]][key], gradient)
    if k == 5:
        same(found["unused"]["w"], 0.0)


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        (jax.nn.relu, "relu"),
        (lambda a: jnp.maximum(0.0, a), "relu"),
        (lambda a: jnp.where(a > 0, a, 0.0), "relu"),
        (lambda a: jnp.clip(a, 0), "relu"),
        (jax.nn.sigmoid, "logistic"),
        (lambda a: 1 / (1 + jnp.exp(-a)), "logistic"),
        (lambda a: 2 * jax.nn.sigmoid(a) - 1, "symmetric_sigmoid"),
        (jax.nn.leaky_relu, "leaky_relu"),
        (lambda a: jnp.where(a > 0, a, 0.2 * a), "leaky_relu"),
        (jax.nn.elu, "elu"),
        (jax.nn.softplus, "softplus"),
        (lambda a: jnp.log1p(jnp.exp(a)), "softplus"),
        (lambda a: jnp.exp(a), "exponential"),
        (lambda a: a, "identity"),
        (lambda a: 3.0 * a, "identity"),
        (jax.nn.silu, "silu"),
        (lambda a: jax.nn.gelu(a), "gelu_tanh"),
        (lambda a: a * jnp.exp(-a * a), "own"),
        (jax.nn.softmax, "softmax"),
    ],
)
def test_units(unit, name):
    subject = subject_of(lambda p, b: nll(logits(p, b[0], unit), b[1]))
    layer = subject.record("end").layers[0]
    assert layer.unit.name == name
    a = layer.values["preactivation"]
    back = layer.adjoints["preactivation"]
    if name == "softmax":
        z = layer.values["output"]
        same(layer.slopes, z * (1 - z))
        return
    same(back, layer.slopes * layer.adjoints["output"])
    if name != "identity":
        same(layer.unit(a), layer.values["output"], 1e-6)
        assert layer.unit.slope_at(a).shape == a.shape


def normed(a):
    a = (a - a.mean(-1, keepdims=True)) / jnp.sqrt(a.var(-1, keepdims=True) + 1e-5)
    return jnp.tanh(a)


def test_what_comes_between():
    """Layer norm before the units, dropout after them, an addition around a block."""
    found = subject_of(lambda p, b: nll(logits(p, b[0], normed), b[1])).record("end").layers[0]
    same(np.tanh(found.values["preactivation"]), found.values["output"])
    same(found.values["preactivation"].mean(1), 0.0)
    mask = np.array([1.0, 0.0, 2.0, 2.0, 0.0])

    def drops(p, b):
        z = jnp.tanh(b[0] @ p["hidden_1"]["weights"]) * jnp.asarray(mask)
        return ((z @ jnp.ones((5, 1)) + z @ p["hidden_1"]["weights"].T - b[0]) ** 2).mean()

    assert units(subject_of(drops, batch=(X,)))[0] == ("hidden_1", "tanh")

    def residual(p, b):
        z = jnp.tanh(b[0] @ p["a"]["w"])
        z = z + jnp.tanh(z @ p["b"]["w"])
        return ((z @ p["c"]["w"] - b[1]) ** 2).mean()

    given = {
        k: {"w": RNG.normal(size=s)} for k, s in zip("abc", ((3, 4), (4, 4), (4, 2)), strict=True)
    }
    assert units(subject_of(residual, given, (X, Y))) == [
        ("a", "tanh"), ("b", "tanh"), ("c", "identity"),
    ]  # fmt: skip


def test_stacked_weights_in_a_scan():
    given = {"first": RNG.normal(size=(3, 4)), "rest": RNG.normal(size=(3, 4, 4))}

    def function(p, b):
        z = jnp.tanh(b[0] @ p["first"])
        z = jax.lax.scan(lambda z, w: (jnp.tanh(z @ w), None), z, p["rest"])[0]
        return (z.sum(1) ** 2).mean()

    subject = subject_of(function, given, (X, C))
    assert units(subject) == [
        ("first", "tanh"), ("rest", "tanh"), ("rest_2", "tanh"), ("rest_3", "tanh"),
    ]  # fmt: skip
    gradient = subject.gradient(subject.parameters("end"))["rest"]["rest"]
    same([own.gradients["rest"] for own in subject.record("end").layers[1:]], gradient)


def test_a_convolution():
    given = {"conv": {"k": RNG.normal(size=(3, 3, 1, 2))}, "out": {"w": RNG.normal(size=(32, 3))}}

    def function(p, b):
        z = jax.lax.conv_general_dilated(
            b[0], p["conv"]["k"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        return nll(jax.nn.relu(z).reshape(len(z), -1) @ p["out"]["w"], b[1])

    subject = subject_of(function, given, (RNG.normal(size=(7, 4, 4, 1)), C))
    assert units(subject) == [("conv", "relu"), ("out", "identity")]
    assert [own.kind for own in subject.record("end").layers] == ["Conv", "Dense"]
    assert subject.record("end").layers[0].values["output"].shape == (7, 32)
    parameters = subject.parameters("end")
    same(subject.objective(parameters, subject.sample.x), subject.objective(parameters))


# What is asked


def test_forward_and_losses():
    subject = subject_of()
    parameters, sample = subject.parameters("end"), subject.sample
    t = subject.forward(parameters, sample.x)
    same(t, logits(parameters_of(), X, np.tanh))
    same(subject.forward(parameters, X[:1]), t[:1])
    losses = subject.losses(t, sample.y)
    e = np.exp(t)
    same(losses, -np.log((e / e.sum(1, keepdims=True))[range(7), C]))
    same(losses.mean(), subject.objective(parameters))
    same(subject.losses(t[:1] + 1.0, np.array([[2.0]])), subject.losses(t[:1], np.eye(3)[[2]]))
    assert subject.free_losses(t, sample.y) is None
    np.testing.assert_array_equal(subject.errors(t, sample), t.argmax(1) != C)
    moved = {"output": {**parameters["output"], "bias": np.zeros(3)}}
    same(subject.forward(moved, X), t - parameters["output"]["bias"])
    shifted = subject.gradient(parameters, X + 1.0)
    same(
        shifted["output"]["bias"],
        subject_of(batch=(X + 1, C)).gradient(parameters)["output"]["bias"],
    )
    assert (subject.facts.kind, subject.facts.classes) == ("classes", (0, 1, 2))
    assert subject.facts.solver == ""
    assert subject.facts.penalty == 0
    assert subject.step(parameters) is None
    assert subject.again(None) is None


def test_numbers_a_sum_and_a_penalty():
    def function(p, b):
        squares = sum((own["weights"] ** 2).sum() for own in p.values())
        return ((logits(p, b["x"]) - b["y"]) ** 2).sum() + 0.1 * squares

    given = parameters_of((3, 4, 2))
    subject = subject_of(function, given, {"y": Y, "x": X})
    t = logits(given, X, np.tanh)
    same(subject.losses(t, Y), ((t - Y) ** 2).sum(1))
    last = subject.record("end").layers[-1]
    same(last.adjoints["preactivation"], 2 * (t - Y))
    same(subject.record("end").losses, ((t - Y) ** 2).sum(1))
    assert subject.facts.kind == "numbers"
    assert subject.facts.penalty > 0
    same(subject.errors(t, subject.sample), (((t - Y) ** 2) / Y.var(0)).mean(1))
    same(
        last.gradients["weights"],
        subject.gradient(subject.parameters("end"))["output"]["weights"],
    )


def test_an_output_unit_of_its_own():
    y = (X[:, :1] > 0).astype(float)

    def function(p, b):
        z = jax.nn.sigmoid(logits(p, b[0]))
        return -(b[1] * jnp.log(z) + (1 - b[1]) * jnp.log(1 - z)).mean()

    subject = subject_of(function, parameters_of((3, 4, 1)), (X, y))
    assert units(subject)[-1] == ("output", "logistic")
    t = subject.forward(subject.parameters("end"), X)
    z = 1 / (1 + np.exp(-t))
    same(subject.record("end").outputs, z)
    same(subject.free_losses(z, y), subject.losses(t, y))
    same(subject.record("end").layers[-1].adjoints["preactivation"], z - y)
    assert subject.facts.kind == "classes"
    np.testing.assert_array_equal(subject.errors(t, subject.sample), (t > 0)[:, 0] != y[:, 0])


def test_many_rows_become_few():
    x = np.random.default_rng(3).normal(size=(5000, 3)).astype(np.float32)
    subject = subject_of(batch=(x, np.arange(5000) % 3))
    assert subject.sample.x.shape == (2000, 3)
    assert subject.record("end").losses.shape == (128,)
    fixed = subject_of(
        lambda p, b: classifies(p, (b[0].reshape(200, 3), b[1])),
        batch=(x[:200], C[np.arange(200) % 7]),
    )
    assert fixed.record("end").losses.shape == (200,)


def test_wrong_rules_of_the_user_stay():
    @jax.custom_vjp
    def wrong(a):
        return jnp.tanh(a)

    wrong.defvjp(lambda a: (jnp.tanh(a), a), lambda a, d: (d,))
    subject = subject_of(lambda p, b: nll(logits(p, b[0], wrong), b[1]))
    assert units(subject)[0] == ("hidden_1", "tanh")
    same(subject.record("end").layers[0].slopes, 1.0)
    parameters = subject.parameters("end")
    found = subject.gradient(parameters)["hidden_1"]["weights"]
    right = subject_of().gradient(parameters)["hidden_1"]["weights"]
    assert np.abs(found - right).max() > 1e-3


# Softmaxes


@pytest.mark.parametrize(
    ("loss", "twice"),
    [
        (lambda t, y: nll(jax.nn.softmax(t), y), True),
        (lambda t, y: nll(jnp.exp(t) / jnp.exp(t).sum(1, keepdims=True), y), True),
        (lambda t, y: -jnp.log(jax.nn.softmax(jax.nn.softmax(t))[jnp.arange(7), y]).mean(), True),
        (
            lambda t, y: (lambda z: (jax.nn.logsumexp(z, 1) - z[jnp.arange(7), y]).mean())(
                jax.nn.softmax(t)
            ),
            True,
        ),
        (lambda t, y: nll(t, y), False),
        (lambda t, y: nll(jax.nn.log_softmax(t), y), False),
        (lambda t, y: -jnp.log(jax.nn.softmax(t)[jnp.arange(7), y]).mean(), False),
        (lambda t, y: ((jax.nn.softmax(t) - jax.nn.one_hot(y, 3)) ** 2).mean(), False),
    ],
)
def test_softmaxes(loss, twice):
    subject = subject_of(lambda p, b: loss(logits(p, b[0]), b[1]))
    assert subject.softmaxes() == (("output",) if twice else ())


# Where numbers stop being finite


def origin_of(function=classifies, parameters=None, batch=(X, C)):
    return subject_of(function, parameters, batch).origin()


def bad(array, where, value=np.nan):
    changed = array.copy()
    changed[where] = value
    return changed


def test_origins():
    assert origin_of() is None
    found = origin_of(batch=(bad(X, (4, 1)), C))
    assert (found.what, found.example) == ("an input", 4)
    given = parameters_of()
    given["hidden_2"]["bias"][1] = np.nan
    found = origin_of(parameters=given)
    assert (found.what, found.layer, found.example) == ("a parameter", "hidden_2", None)
    found = origin_of(lambda p, b: nll(logits(p, b[0], lambda a: jnp.log(a + 1.5)), b[1]))
    assert (found.what, found.layer, found.operation) == ("a value", "hidden_1", "log")
    assert found.example is not None
    found = origin_of(lambda p, b: jnp.log(-jnp.abs(regresses(p, b))), batch=(X, Y[:, :1]))
    assert (found.what, found.operation) == ("the loss", "log")


def test_origins_in_single_precision():
    def function(p, b):
        return nll(jnp.exp(60.0 * logits(p, b[0])), b[1])

    found = origin_of(function, parameters_of(kind=np.float32), (X.astype(np.float32), C))
    assert (found.layer, found.operation) == ("output", "exp")


def test_an_infinite_derivative():
    def function(p, b):
        z = b[0] @ p["w"]
        return (jnp.sqrt(z * z) @ p["v"]).mean()

    given = {"w": RNG.normal(size=(3, 2)), "v": np.ones((2, 1))}
    assert origin_of(function, given, (X,)) is None
    found = origin_of(function, given, (bad(X, 2, 0.0),))
    assert (found.what, found.layer, found.operation, found.example) == (
        "a gradient", "w", "sqrt", 2,
    )  # fmt: skip


def test_nan_in_one_row_leaves_the_record():
    subject = subject_of(batch=(bad(X, (4, 1)), C))
    a = subject.record("end").layers[0].values["preactivation"]
    assert np.isnan(a[4]).all()
    assert np.isfinite(np.delete(a, 4, 0)).all()


# Awkward ones


def test_no_layers():
    subject = subject_of(lambda p, b: ((p["a"] * b[0]) ** 2).mean(), {"a": np.ones(3)})
    assert subject.record("end") is None
    assert subject.missing.startswith("no layers")
    assert subject.sample is None
    assert subject.facts.kind == "unknown"
    parameters = subject.parameters("end")
    assert parameters["a"]["a"].tolist() == [1, 1, 1]
    same(subject.gradient(parameters)["a"]["a"], 2 * (X**2).mean(0) / 3)
    assert subject.forward(parameters, X) is None
    assert subject.losses(X, X) is None
    assert subject.softmaxes() == ()
    assert subject.origin() is None


def test_recurrent_loops_have_no_layers():
    def function(p, b):
        z = jnp.zeros((b.shape[0], 4))
        step = lambda z, x: (jnp.tanh(z @ p["w"] + x @ p["u"]), None)  # noqa: E731
        z = jax.lax.scan(step, z, b.transpose(1, 0, 2))[0]
        return (z**2).mean()

    given = {"w": np.eye(4), "u": RNG.normal(size=(2, 4))}
    subject = subject_of(function, given, RNG.normal(size=(6, 5, 2)))
    assert subject.record("end") is None
    assert "scan" in subject.missing
    assert np.isfinite(subject.gradient(subject.parameters("end"))["u"]["u"]).all()


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float32"])
def test_narrow_numbers(kind):
    dtype = jnp.dtype(kind)
    given = jax.tree.map(lambda a: a.astype(dtype), parameters_of())
    subject = subject_of(parameters=given, batch=(X.astype(dtype), C.astype(np.int32)))
    wide = jax.tree.map(lambda a: a.astype(np.float64), given)
    expected = subject_of(parameters=wide, batch=(X.astype(dtype).astype(float), C))
    same(subject.record("end").losses, expected.record("end").losses)


def test_a_width_that_the_function_fixes():
    def function(p, b):
        start = jnp.zeros((), jnp.float32)
        return jax.lax.scan(lambda s, _: (s + regresses(p, b), None), start, None, length=2)[0]

    given = parameters_of((3, 4, 2), np.float32)
    subject = subject_of(function, given, (X.astype(np.float32), Y.astype(np.float32)))
    assert subject.objective(subject.parameters("end")) == pytest.approx(
        2 * float(regresses(given, (X, Y))), rel=1e-5
    )


def test_inputs_of_integers():
    subject = subject_of(batch=((X * 3).astype(np.int8), C))
    assert subject.record("end").layers[0].name == "hidden_1"
    t = subject.forward(subject.parameters("end"), X)
    same(t, logits(parameters_of(), X, np.tanh))


def test_one_row_one_example_and_width_one():
    one = subject_of(batch=(X[:1], C[:1])).record("end")
    many = subject_of().record("end")
    for single, layer in zip(one.layers, many.layers, strict=True):
        assert single.adjoints["preactivation"].shape[0] == 1
        same(single.adjoints["preactivation"], layer.adjoints["preactivation"][:1])
    example = subject_of(
        lambda p, b: -jax.nn.log_softmax(logits(p, b[0]))[b[1]], batch=(X[0], C[0])
    ).record("end")
    for single, layer in zip(example.layers, one.layers, strict=True):
        same(single.adjoints["preactivation"], layer.adjoints["preactivation"])
        same(single.gradients["weights"], layer.gradients["weights"])
    narrow = subject_of(regresses, parameters_of((1, 1, 1)), (X[:, :1], Y[:, :1]))
    assert units(narrow) == [("hidden_1", "tanh"), ("output", "identity")]


@pytest.mark.parametrize(
    ("function", "parameters", "batch", "words"),
    [
        (3, {"w": np.ones(2)}, X, "expected a loss function"),
        (lambda p, b: b, {"w": np.ones(2)}, X, r"shape \(7, 3\)"),
        (lambda p, b: 1, {"w": np.ones(2)}, X, "int"),
        (lambda p, b: (p["w"].sum(), 1.0), {"w": np.ones(2)}, X, "float"),
        (lambda p, b: p["v"].sum(), {"w": np.ones(2)}, X, "KeyError"),
        (lambda p, b: float(p["w"].sum()), {"w": np.ones(2)}, X, "cannot be traced"),
        (lambda p, b: b.sum(), {"w": np.ones(2, int)}, X, "no real numbers"),
        (
            lambda p, b: jax.lax.while_loop(lambda s: s < 1e3, lambda s: 2 * s, p["w"].sum()),
            {"w": np.ones(2)}, X, "cannot differentiate",
        ),
    ],
)  # fmt: skip
def test_no_loss_functions(function, parameters, batch, words):
    with pytest.raises(ParameterError, match=words):
        FunctionSubject.of(function, parameters, batch)


def test_no_rows():
    with pytest.raises(DataError, match="no rows"):
        subject_of(batch=(X[:0], C[:0]))
