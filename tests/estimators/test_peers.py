"""Losses, gradients and trained weights against slow or foreign implementations.

Each peer starts from the same weights and sees the same batches: the twin written from the
formulas, PyTorch's autograd and optimizers, and scikit-learn's MLP.
"""

import numpy as np
import pytest
import twin
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier, MLPRegressor

from unstuck import NetClassifier, NetRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::unstuck.StuckWarning"),
]

STEPS = 5
RNG = np.random.default_rng(3)
X = RNG.normal(size=(12, 3))
W = RNG.uniform(0.5, 2.0, 12)
LABELS = np.arange(12) % 3
ONE_HOT = np.eye(3)[LABELS]
SOFT = 0.1 + 0.7 * ONE_HOT
COUNTS = RNG.poisson(2.0, (12, 1)).astype(float)
NUMBERS = np.c_[X[:, 0] ** 2, np.sin(X[:, 1])]


def whole(kind, hidden, **parameters):
    """An estimator that takes ``STEPS`` steps on the whole batch, without scaling."""
    plain = {"scale_inputs": False, "max_iter": STEPS, "random_state": 1, "alpha": 0.3}
    if kind is NetRegressor:
        plain["scale_targets"] = False
    return kind(hidden, **plain | {"learning_rate_init": 0.05} | parameters)


def before(net, *data, **more):
    """The weights from which ``net`` starts: a fit whose only step is too small to be seen."""
    still = clone(net).set_params(max_iter=1, learning_rate_init=1e-300)
    return still.fit(*data, **more)


# Estimator, what fit receives, the twin's targets, its loss and its activations.
CASES = {
    "softmax": (
        whole(NetClassifier, (4, 3), activation="tanh", solver="adam"),
        (LABELS, ONE_HOT, "cross_entropy", ("tanh", "tanh", "softmax")),
    ),
    "softmax on soft targets": (
        whole(NetClassifier, (4,), activation="elu(0.7)", solver="sgd"),
        (LABELS, SOFT, "cross_entropy", ("elu", "softmax")),
    ),
    "two classes": (
        whole(NetClassifier, (4,), activation="softplus", solver="rmsprop"),
        (LABELS == 1, ONE_HOT[:, 1:2], "cross_entropy", ("softplus", "logistic")),
    ),
    "several labels": (
        whole(NetClassifier, (4,), activation="symmetric_sigmoid", solver="nadam"),
        (ONE_HOT.astype(int), ONE_HOT, "cross_entropy", ("symmetric_sigmoid", "logistic")),
    ),
    "squared error of softmax": (
        whole(NetClassifier, (4,), activation="logistic", loss="squared_error", solver="amsgrad"),
        (LABELS, ONE_HOT, "squared_error", ("logistic", "softmax")),
    ),
    "regression": (
        whole(NetRegressor, (4,), activation="relu", solver="adamw"),
        (NUMBERS, NUMBERS, "squared_error", ("relu", "identity")),
    ),
    "huber": (
        whole(NetRegressor, (4,), activation="leaky_relu", loss="huber", solver="adagrad"),
        (NUMBERS, NUMBERS, "huber", ("leaky_relu", "identity")),
    ),
    "poisson": (
        whole(NetRegressor, (4,), activation="tanh", loss="poisson", solver="adadelta"),
        (COUNTS[:, 0], COUNTS, "poisson", ("tanh", "exponential")),
    ),
}


def twins_layers(net, activations):
    return [
        (w.copy(), b.copy(), name)
        for w, b, name in zip(net.coefs_, net.intercepts_, activations, strict=True)
    ]


@pytest.fixture
def elu(monkeypatch):
    """The twin's ELU with the constant of the cases."""
    value, slope = twin.ACTIVATIONS["elu"]
    other = (lambda a: value(a, 0.7), lambda a: slope(a, 0.7))
    monkeypatch.setitem(twin.ACTIVATIONS, "elu", other)


@pytest.mark.parametrize("case", CASES)
def test_the_twin_takes_the_same_steps(case, elu):
    del elu
    net, (y, targets, loss, activations) = CASES[case]
    given = {"soft_targets": SOFT} if targets is SOFT else {}
    start = before(net, X, y, W, **given)
    net = clone(net).fit(X, y, W, **given)
    layers = twins_layers(start, activations)
    widths = [3, *(len(b) for _, b, _ in layers)]
    vector = twin.vector_of([(w, b) for w, b, _ in layers])
    mask = twin.is_weight(widths)
    step = twin.solver(net.solver, net.get_params(), mask)
    losses, norms = [], []
    for t in range(1, STEPS + 1):
        layers = twin.layers_of(vector, widths, activations)
        value, gradient = twin.objective(layers, X, targets, W, 0.3 / W.sum(), loss)
        slope = twin.vector_of(gradient)
        losses.append(value)
        norms.append(np.linalg.norm(slope))
        vector = step(vector, slope, 0.05, t)
    np.testing.assert_allclose(net.loss_curve_, losses, rtol=1e-12)
    np.testing.assert_allclose(net.history_["gradient_norm"], norms, rtol=1e-10)
    trained = twin.vector_of(list(zip(net.coefs_, net.intercepts_, strict=True)))
    np.testing.assert_allclose(trained, vector, rtol=1e-8, atol=1e-11)
    outputs = [twin.forward(twin.layers_of(vector, widths, activations), x)[-1][1] for x in X]
    predicted = net.predict_proba(X) if hasattr(net, "predict_proba") else net.predict(X)
    predicted = np.reshape(predicted, (12, -1))[:, -len(outputs[0]) :]
    np.testing.assert_allclose(predicted, outputs, rtol=1e-8, atol=1e-10)


# PyTorch


def torch_loss(torch, case, a, y):
    """The weighted mean loss of pre-activations ``a``, by PyTorch's own functions."""
    F, w = torch.nn.functional, torch.tensor(W)
    each = {
        "softmax": lambda: F.cross_entropy(a, y, reduction="none"),
        "softmax on soft targets": lambda: F.cross_entropy(a, y, reduction="none"),
        "two classes": lambda: F.binary_cross_entropy_with_logits(a, y, reduction="none").sum(1),
        "several labels": lambda: F.binary_cross_entropy_with_logits(a, y, reduction="none").sum(1),
        "squared error of softmax": lambda: 0.5 * ((F.softmax(a, 1) - y) ** 2).sum(1),
        "regression": lambda: 0.5 * ((a - y) ** 2).sum(1),
        "huber": lambda: F.huber_loss(a, y, reduction="none").sum(1),
        # Without the constant y ln y - y.
        "poisson": lambda: F.poisson_nll_loss(a, y, log_input=True, reduction="none").sum(1),
    }[case]()
    return (w * each).sum() / w.sum()


def torch_activation(torch, name):
    F = torch.nn.functional
    return {
        "tanh": torch.tanh,
        "elu": lambda a: F.elu(a, 0.7),
        "softplus": F.softplus,
        "symmetric_sigmoid": lambda a: 2 * torch.sigmoid(a) - 1,
        "logistic": torch.sigmoid,
        "relu": torch.relu,
        "leaky_relu": lambda a: F.leaky_relu(a, 0.01),
    }[name]


def torch_optimizer(torch, solver, weights, biases):
    every = [*weights, *biases]
    return {
        "sgd": lambda: torch.optim.SGD(every, 0.05, momentum=0.9, nesterov=True),
        "rmsprop": lambda: torch.optim.RMSprop(every, 0.05, alpha=0.9, eps=1e-8),
        "adam": lambda: torch.optim.Adam(every, 0.05),
        "adamw": lambda: torch.optim.AdamW(
            [{"params": weights, "weight_decay": 0.01}, {"params": biases, "weight_decay": 0.0}],
            0.05,
        ),
    }[solver]()


@pytest.mark.parametrize("case", CASES)
def test_pytorch_takes_the_same_steps(case, torch):
    net, (y, targets, _, activations) = CASES[case]
    # Adagrad, Adadelta, NAdam and AMSGrad are other variants there: Adam stands in for them.
    known = net.solver in ("sgd", "rmsprop", "adam", "adamw")
    net = clone(net).set_params(solver=net.solver if known else "adam")
    given = {"soft_targets": SOFT} if targets is SOFT else {}
    start = before(net, X, y, W, **given)
    net.fit(X, y, W, **given)

    def leaves(arrays):
        return [torch.tensor(a, requires_grad=True) for a in arrays]

    weights, biases = leaves(start.coefs_), leaves(start.intercepts_)
    optimizer = torch_optimizer(torch, net.solver, weights, biases)
    target, losses = torch.tensor(targets), []
    for _ in range(STEPS):
        h = torch.tensor(X)
        for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
            a = h @ w + b
            h = a if i == len(weights) - 1 else torch_activation(torch, activations[i])(a)
        squares = sum((w**2).sum() for w in weights)
        loss = torch_loss(torch, case, a, target) + 0.3 / (2 * W.sum()) * squares
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    constant = 0.0
    if case == "poisson":
        safe = np.where(COUNTS > 0, COUNTS, 1.0)
        constant = W @ (COUNTS * np.log(safe) - COUNTS)[:, 0] / W.sum()
    np.testing.assert_allclose(net.loss_curve_, np.array(losses) + constant, rtol=1e-11)
    for ours, theirs in zip(net.coefs_ + net.intercepts_, weights + biases, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-6, atol=1e-9)


def test_pytorch_has_the_same_layer_normalization(torch):
    net = whole(NetRegressor, (6,), activation="tanh", layer_norm=True, solver="sgd")
    start = before(net, X, NUMBERS)
    net = clone(net).fit(X, NUMBERS)
    F = torch.nn.functional
    parts = [*start.coefs_, *start.intercepts_, np.ones(6)]
    first, second, b1, b2, gain = (torch.tensor(a, requires_grad=True) for a in parts)
    optimizer = torch.optim.SGD([first, second, b1, b2, gain], 0.05, momentum=0.9, nesterov=True)
    losses = []
    for _ in range(STEPS):
        h = torch.tanh(F.layer_norm(torch.tensor(X) @ first, (6,), gain, b1, eps=1e-5))
        error = h @ second + b2 - torch.tensor(NUMBERS)
        squares = (first**2).sum() + (second**2).sum()  # neither gain nor biases
        loss = 0.5 * (error**2).sum(1).mean() + 0.3 / 24 * squares
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    np.testing.assert_allclose(net.loss_curve_, losses, rtol=1e-11)
    np.testing.assert_allclose(net.coefs_[0], first.detach().numpy(), rtol=1e-7, atol=1e-10)


# scikit-learn

N, BATCH, EPOCHS = 24, 8, 4
MANY = np.random.default_rng(5).normal(size=(N, 3))
CLASSES = np.arange(N) % 3
TARGETS = {
    "two classes": (MANY[:, 0] > 0).astype(int),
    "three classes": CLASSES,
    "labels": np.eye(3, dtype=int)[CLASSES],
    "numbers": MANY[:, 0] * MANY[:, 1],
    "several numbers": np.c_[MANY[:, 0] ** 2, MANY[:, 1]],
}


def started_from(net, kind, **parameters):
    """scikit-learn's MLP that starts from the weights of ``net``."""

    class Started(kind):
        def _init_coef(self, fan_in, fan_out, dtype):
            del dtype
            pairs = zip(net.coefs_, net.intercepts_, strict=True)
            return next((w.copy(), b.copy()) for w, b in pairs if w.shape == (fan_in, fan_out))

    return Started(**parameters)


@pytest.mark.parametrize(
    ("target", "activation", "momentum", "nesterov", "batch"),
    [
        ("two classes", "tanh", 0.0, False, BATCH),
        ("three classes", "relu", 0.9, True, BATCH),
        ("labels", "logistic", 0.9, False, BATCH),
        ("numbers", "logistic", 0.9, True, BATCH),
        ("several numbers", "tanh", 0.0, False, BATCH),
        ("numbers", "relu", 0.9, True, N),
        ("three classes", "tanh", 0.9, True, 1),
    ],
)
def test_scikit_learns_mlp_takes_the_same_steps(target, activation, momentum, nesterov, batch):
    y = TARGETS[target]
    regression = "numbers" in target
    same = {
        "hidden_layer_sizes": (5, 4),
        "activation": activation,
        "solver": "sgd",
        "batch_size": batch,
        "learning_rate_init": 0.02,
        "momentum": momentum,
        "nesterovs_momentum": nesterov,
        "shuffle": False,
        "max_iter": EPOCHS,
        "random_state": 0,
    }
    alpha = 0.6
    net = (NetRegressor if regression else NetClassifier)(
        **same, alpha=alpha, scale_inputs=False, dtype="float64"
    )
    if regression:
        net.set_params(scale_targets=False)
    start = before(net, MANY, y)
    # There the penalty is alpha / (2 x rows of the batch), here alpha / (2 x all rows).
    kind = MLPRegressor if regression else MLPClassifier
    peer = started_from(start, kind, **same, alpha=alpha * batch / N)
    net, peer = clone(net).fit(MANY, y), peer.fit(MANY, y)
    pairs = zip(net.coefs_ + net.intercepts_, peer.coefs_ + peer.intercepts_, strict=True)
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(net.predict(MANY), peer.predict(MANY), rtol=1e-9, atol=1e-12)
    if target != "several numbers":  # there the value (not the gradient) is averaged over outputs
        np.testing.assert_allclose(net.loss_curve_, peer.loss_curve_, rtol=1e-9)


def test_adam_is_scikit_learns_adam():
    y = TARGETS["three classes"]
    same = {
        "hidden_layer_sizes": (5, 4),
        "solver": "adam",
        "batch_size": BATCH,
        "learning_rate_init": 0.01,
        "shuffle": False,
        "max_iter": EPOCHS,
        "random_state": 0,
        "alpha": 0.0,
    }
    net = NetClassifier(**same, scale_inputs=False, dtype="float64")
    peer = started_from(before(net, MANY, y), MLPClassifier, **same).fit(MANY, y)
    net = clone(net).fit(MANY, y)
    # scikit-learn adds epsilon before it corrects the bias of the second moment: tiny difference.
    np.testing.assert_allclose(net.loss_curve_, peer.loss_curve_, rtol=1e-5)
    np.testing.assert_allclose(net.coefs_[0], peer.coefs_[0], atol=1e-5)
