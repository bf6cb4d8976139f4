"""A slow twin of the numerical parts, written from the formulas: NumPy, float64, one example at
a time. It imports nothing from unstuck, so that an agreement says something.

Letters: ``a`` pre-activation, ``z`` output of a unit, ``y`` target, ``w[i, j]`` the weight from
unit i to unit j, ``delta`` the derivative of one example's loss with respect to ``a``.
"""

from __future__ import annotations

import itertools
import math

import numpy as np


def sigmoid(a):
    """1 / (1 + e^-a)."""
    return 1.0 / (1.0 + np.exp(-a))


def softmax(a):
    """e^a_i / sum_j e^a_j over the last axis."""
    e = np.exp(a)
    return e / e.sum(-1, keepdims=True)


# name: (value of a, derivative at a, constant of the record)
ACTIVATIONS = {
    "identity": (lambda a: a, lambda a: np.ones_like(a)),
    "step": (lambda a: np.where(a >= 0, 1.0, 0.0), lambda a: np.zeros_like(a)),
    "logistic": (sigmoid, lambda a: sigmoid(a) * (1 - sigmoid(a))),
    "symmetric_sigmoid": (
        lambda a: 2 * sigmoid(a) - 1,
        lambda a: 2 * sigmoid(a) * (1 - sigmoid(a)),
    ),
    "tanh": (
        lambda a: (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a)),
        lambda a: 1 - ((np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))) ** 2,
    ),
    "relu": (lambda a: np.where(a > 0, a, 0.0), lambda a: np.where(a > 0, 1.0, 0.0)),
    "leaky_relu": (
        lambda a, k=0.01: np.where(a > 0, a, k * a),
        lambda a, k=0.01: np.where(a > 0, 1.0, k),
    ),
    "elu": (
        lambda a, k=1.0: np.where(a > 0, a, k * (np.exp(a) - 1)),
        lambda a, k=1.0: np.where(a > 0, 1.0, k * np.exp(a)),
    ),
    "softplus": (lambda a: np.log(1 + np.exp(a)), sigmoid),
    "exponential": (np.exp, np.exp),
    "softmax": (softmax, lambda a: softmax(a) * (1 - softmax(a))),
}


def _huber(y, z, d=1.0):
    e = abs(y - z)
    return 0.5 * e * e if e <= d else d * (e - 0.5 * d)


def _poisson(y, z):
    return z - y + (y * math.log(y / z) if y > 0 else 0.0)


# name: (value for one output, derivative with respect to z)
LOSSES = {
    "squared_error": (lambda y, z: 0.5 * (y - z) ** 2, lambda y, z: z - y),
    "absolute_error": (lambda y, z: abs(y - z), lambda y, z: math.copysign(1.0, z - y)),
    "huber": (_huber, lambda y, z, d=1.0: max(-d, min(d, z - y))),
    "quantile": (
        lambda y, z, q=0.5: q * (y - z) if y > z else (1 - q) * (z - y),
        lambda y, z, q=0.5: -q if y > z else 1 - q,
    ),
    "poisson": (_poisson, lambda y, z: 1 - y / z),
}


def cross_entropy(y, a, output):
    """-sum_i y_i ln z_i for softmax; -y ln z - (1 - y) ln(1 - z) summed over logistic outputs."""
    if output == "softmax":
        return -float((y * np.log(softmax(a))).sum())
    z = sigmoid(a)
    return -float((y * np.log(z) + (1 - y) * np.log(1 - z)).sum())


def loss(name, output, y, a, *constant):
    """The loss of one example: targets ``y`` (k,), pre-activations ``a`` (k,) of the outputs."""
    if name == "cross_entropy":
        return cross_entropy(y, a, output)
    z = ACTIVATIONS[output][0](a)
    return sum(LOSSES[name][0](float(t), float(o), *constant) for t, o in zip(y, z, strict=True))


def output_delta(name, output, y, a, *constant):
    """The derivative of ``loss`` with respect to the pre-activations of the outputs."""
    z = ACTIVATIONS[output][0](a)
    if name == "cross_entropy":
        return z - y
    each = [LOSSES[name][1](float(t), float(o), *constant) for t, o in zip(y, z, strict=True)]
    dz = np.array(each)
    if output == "softmax":
        return np.array(
            [sum(dz[i] * z[i] * ((i == j) - z[j]) for i in range(len(z))) for j in range(len(z))]
        )
    return dz * ACTIVATIONS[output][1](a)


def forward(layers, x):
    """Pre-activations and outputs of every layer for one example ``x`` (inputs,).

    ``layers`` is a list of (weights (i, j), biases (j,), name of the activation).
    """
    found, h = [], x
    for weights, biases, activation in layers:
        a = np.array(
            [
                sum(h[i] * weights[i, j] for i in range(len(h))) + biases[j]
                for j in range(len(biases))
            ]
        )
        h = ACTIVATIONS[activation][0](a)
        found.append((a, h))
    return found


def backpropagate(layers, x, y, name):
    """Loss of one example, ``delta`` of every layer, and the derivative of every weight and bias.

    delta_j = h'(a_j) sum_k w_jk delta_k; derivative of a weight = delta x input.
    """
    passes = forward(layers, x)
    a = passes[-1][0]
    value = loss(name, layers[-1][2], y, a)
    deltas = [output_delta(name, layers[-1][2], y, a)]
    for index in range(len(layers) - 2, -1, -1):
        above = layers[index + 1][0]
        slope = ACTIVATIONS[layers[index][2]][1](passes[index][0])
        deltas.insert(
            0,
            np.array(
                [
                    slope[j] * sum(above[j, k] * deltas[0][k] for k in range(above.shape[1]))
                    for j in range(above.shape[0])
                ]
            ),
        )
    inputs = [x, *(z for _, z in passes[:-1])]
    gradients = [
        (np.outer(h, delta), delta.copy()) for h, delta in zip(inputs, deltas, strict=True)
    ]
    return value, deltas, gradients


def objective(layers, x, y, w, penalty, name):
    """Weighted mean of the losses + penalty / 2 x squared norm of the weights; its gradient."""
    total = 0.0
    sums = [(np.zeros_like(weights), np.zeros_like(biases)) for weights, biases, _ in layers]
    for row, target, weight in zip(x, y, w, strict=True):
        if weight == 0:
            continue
        value, _, gradients = backpropagate(layers, row, target, name)
        share = weight / w.sum()
        total += share * value
        for (dw, db), (gw, gb) in zip(sums, gradients, strict=True):
            dw += share * gw
            db += share * gb
    for (weights, _, _), (dw, _) in zip(layers, sums, strict=True):
        total += 0.5 * penalty * (weights**2).sum()
        dw += penalty * weights
    return total, sums


def vector_of(pairs):
    """Pairs (weights, biases) in one vector, layer after layer."""
    return np.concatenate([part.ravel() for pair in pairs for part in pair])


def layers_of(vector, widths, activations):
    """The list of layers that a vector holds."""
    layers, start = [], 0
    for i, j, activation in zip(widths[:-1], widths[1:], activations, strict=True):
        weights = vector[start : start + i * j].reshape(i, j)
        biases = vector[start + i * j : start + i * j + j]
        layers.append((weights.copy(), biases.copy(), activation))
        start += i * j + j
    return layers


def is_weight(widths):
    """1 where the vector holds a weight, 0 where it holds a bias."""
    return np.concatenate(
        [np.concatenate([np.ones(i * j), np.zeros(j)]) for i, j in itertools.pairwise(widths)]
    )


# Solvers: each makes ``step(p, g, rate, t) -> p`` with a memory of its own; t counts from 1.


def sgd(n, nesterov):
    """v <- mu v + g; p <- p - rate (g + mu v), or rate v without Nesterov's look ahead."""
    memory = {"v": 0.0}

    def step(p, g, rate, t):
        del t
        memory["v"] = n["momentum"] * memory["v"] + g
        return p - rate * (g + n["momentum"] * memory["v"] if nesterov else memory["v"])

    return step


def rmsprop(n):
    """v <- rho v + (1 - rho) g^2; p <- p - rate g / (sqrt(v) + eps)."""
    memory = {"v": 0.0}

    def step(p, g, rate, t):
        del t
        memory["v"] = n["rho"] * memory["v"] + (1 - n["rho"]) * g**2
        return p - rate * g / (np.sqrt(memory["v"]) + n["epsilon"])

    return step


def adagrad(n):
    """v <- v + g^2; p <- p - rate g / sqrt(v + eps)."""
    memory = {"v": 0.0}

    def step(p, g, rate, t):
        del t
        memory["v"] = memory["v"] + g**2
        return p - rate * g / np.sqrt(memory["v"] + n["epsilon"])

    return step


def adadelta(n):
    """The step is g times the ratio of the rms of former steps and the rms of gradients."""
    memory = {"g": 0.0, "x": 0.0}

    def step(p, g, rate, t):
        del t
        rho, eps = n["rho"], n["epsilon"]
        memory["g"] = rho * memory["g"] + (1 - rho) * g**2
        d = np.sqrt(memory["x"] + eps) / np.sqrt(memory["g"] + eps) * g
        memory["x"] = rho * memory["x"] + (1 - rho) * d**2
        return p - rate * d

    return step


def _moments(n, memory, g):
    memory["m"] = n["beta_1"] * memory["m"] + (1 - n["beta_1"]) * g
    memory["v"] = n["beta_2"] * memory["v"] + (1 - n["beta_2"]) * g**2


def adam(n, decay=None, look_ahead=False, keep_largest=False):
    """Adam; with ``decay`` AdamW, with ``look_ahead`` NAdam, with ``keep_largest`` AMSGrad."""
    memory = {"m": 0.0, "v": 0.0, "largest": 0.0}

    def step(p, g, rate, t):
        _moments(n, memory, g)
        b1, b2 = n["beta_1"], n["beta_2"]
        m, v = memory["m"] / (1 - b1**t), memory["v"] / (1 - b2**t)
        if look_ahead:
            m = b1 * memory["m"] / (1 - b1 ** (t + 1)) + (1 - b1) * g / (1 - b1**t)
        if keep_largest:
            v = memory["largest"] = np.maximum(memory["largest"], v)
        d = m / (np.sqrt(v) + n["epsilon"])
        if decay is not None:
            d = d + n["weight_decay"] * decay * p
        return p - rate * d

    return step


def adamax(n):
    """As Adam, with v <- max(b2 v, |g| + eps), which needs no correction."""
    memory = {"m": 0.0, "v": 0.0}

    def step(p, g, rate, t):
        memory["m"] = n["beta_1"] * memory["m"] + (1 - n["beta_1"]) * g
        memory["v"] = np.maximum(n["beta_2"] * memory["v"], abs(g) + n["epsilon"])
        return p - rate * memory["m"] / (1 - n["beta_1"] ** t) / memory["v"]

    return step


def radam(n):
    """As Adam, scaled by r_t; without the denominator while rho_t < 5."""
    memory = {"m": 0.0, "v": 0.0}

    def step(p, g, rate, t):
        _moments(n, memory, g)
        b1, b2 = n["beta_1"], n["beta_2"]
        m, v = memory["m"] / (1 - b1**t), memory["v"] / (1 - b2**t)
        limit = 2 / (1 - b2) - 1
        rho = limit - 2 * t * b2**t / (1 - b2**t)
        if rho < 5:
            return p - rate * m
        r = math.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))
        return p - rate * r * m / (np.sqrt(v) + n["epsilon"])

    return step


def lion(n, decay):
    """p <- p - rate (sign(b1 m + (1 - b1) g) + wd p); m <- b2 m + (1 - b2) g."""
    memory = {"m": 0.0}

    def step(p, g, rate, t):
        del t
        d = np.sign(n["beta_1"] * memory["m"] + (1 - n["beta_1"]) * g)
        memory["m"] = n["beta_2"] * memory["m"] + (1 - n["beta_2"]) * g
        return p - rate * (d + n["weight_decay"] * decay * p)

    return step


def solver(name, numbers, decay, nesterov=True):
    """The step of a solver by unstuck's name; ``decay`` is 1 where a weight is, 0 at biases."""
    return {
        "sgd": lambda: sgd(numbers, nesterov),
        "rmsprop": lambda: rmsprop(numbers),
        "adagrad": lambda: adagrad(numbers),
        "adadelta": lambda: adadelta(numbers),
        "adam": lambda: adam(numbers),
        "adamw": lambda: adam(numbers, decay=decay),
        "nadam": lambda: adam(numbers, look_ahead=True),
        "amsgrad": lambda: adam(numbers, keep_largest=True),
        "adamax": lambda: adamax(numbers),
        "radam": lambda: radam(numbers),
        "lion": lambda: lion(numbers, decay),
    }[name]()
