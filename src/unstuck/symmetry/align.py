"""Two networks compared up to what changes nothing of what they compute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.errors import ParameterError
from unstuck.kept import kept
from unstuck.layers.flow import Flow
from unstuck.layers.network import Network, Parameters
from unstuck.lazy import jax, jnp
from unstuck.symmetry.idle import without_idle
from unstuck.symmetry.symmetry import Move, Symmetry, moved, scaled_to_one, symmetries
from unstuck.training.compilation import precision

TOLERANCE = 1e-8
PROBES = 64
MOST_SWEEPS = 100


@dataclass(frozen=True, eq=False, repr=False)
class Alignment:
    """How ``b`` is brought onto ``a``; prints as a text.

    Unit i of a layer is unit ``permutations[layer][i]`` of ``b``, with what enters it multiplied
    by ``signs[layer][i] * scales[layer][i]``, and what leaves it divided by that.

    Attributes:
        permutations, signs, scales: by hidden layer, shape (units,).
        parameters: of ``b`` after that; the network computes the same with them.
        distance: from ``a``, Euclidean, over all parameters; those of idle units count as 0.
        before: the distance without alignment.
        relative: ``distance`` divided by the norm of ``a``.
        equal: whether the networks are the same up to these symmetries.
    """

    permutations: dict[str, np.ndarray]
    signs: dict[str, np.ndarray]
    scales: dict[str, np.ndarray]
    parameters: Parameters = field(repr=False)
    distance: float
    before: float
    relative: float
    equal: bool

    def __str__(self) -> str:
        said = "equal up to symmetry" if self.equal else "not equal; the best matching found"
        lines = [f"{said}: distance {self.distance:.3g} (before {self.before:.3g})"]
        for name, order in self.permutations.items():
            units = len(order)
            elsewhere = int((order != np.arange(units)).sum())
            flipped = int((self.signs[name] < 0).sum())
            scaled = int((np.abs(self.scales[name] - 1.0) > TOLERANCE).sum())
            lines.append(
                f"{name}: {units} units, {elsewhere} moved, {flipped} flipped, {scaled} scaled"
            )
        return "\n".join(lines)

    __repr__ = __str__


def align(a: Any, b: Any, tolerance: float = TOLERANCE) -> Alignment:
    """Bring network ``b`` onto network ``a`` by reordering, flipping and scaling hidden units.

    Units are first matched by what they do on random inputs (pre-activation and adjoint), which
    recognizes equal networks; then layer by layer by their weights, until the distance does not
    fall any more. Where the networks are not equal, the matching is good but not proved to be the
    best one: that is a hard problem. Units that give the same for every input, or that nobody
    listens to, are taken out of both first: what they give goes into the next biases, and their
    own parameters, which do not matter, become 0.

    Arguments:
        a, b: fitted estimators, or pairs of a ``Network`` and its parameters by layer and name.
            Those of an estimator act on standardized inputs.
        tolerance: largest difference of a parameter, relative to the largest one of ``a``, with
            which networks count as equal.

    Returns:
        An ``Alignment``.

    Raises:
        ParameterError: something else than two networks of one architecture.

    Example:
        >>> import numpy as np
        >>> from unstuck import NetRegressor, align
        >>> X = np.linspace(-1, 1, 40)[:, None]
        >>> first, second = (NetRegressor((3,), activation="tanh", max_iter=400, tol=1e-3,
        ...                               random_state=0).fit(X, X[:, 0] ** 2) for _ in range(2))
        >>> align(first, second).equal
        True

    Reference: Ainsworth, Hayase and Srinivasa 2023 (weight matching); Sussmann 1992 (for tanh,
    these are all the symmetries there are).
    """
    network, mine = _parts(a, "a")
    other, theirs = _parts(b, "b")
    if network != other:
        raise ParameterError(
            f"align compares networks of one architecture; received\n{network}\nand\n{other}"
        )
    before = _distance(network, mine, theirs)
    mine, theirs = without_idle(network, mine), without_idle(network, theirs)
    to_one, from_one = scaled_to_one(network, mine), scaled_to_one(network, theirs)
    target = moved(network, mine, to_one)
    source = moved(network, theirs, from_one)
    moves = _by_weights(network, target, source, _by_function(network, target, source))
    moves = _composed(from_one, moves, to_one)
    return _alignment(network, mine, theirs, moves, before, tolerance)


def _composed(
    first: dict[str, Move], then: dict[str, Move], undone: dict[str, Move]
) -> dict[str, Move]:
    """Scale ``b`` to one, match, and scale to ``a``."""
    return {
        name: first[name]
        .then(then[name])
        .then(Move(np.arange(len(last.order)), 1.0 / last.factors))
        for name, last in undone.items()
    }


def _alignment(
    network: Network,
    a: Parameters,
    b: Parameters,
    moves: dict[str, Move],
    before: float,
    tolerance: float,
) -> Alignment:
    aligned = moved(network, b, moves)
    one, two = network.flatten(a), network.flatten(aligned)
    gaps = np.abs(one - two)
    norm = float(np.linalg.norm(one))
    distance = float(np.linalg.norm(gaps))
    return Alignment(
        permutations={name: move.order for name, move in moves.items()},
        signs={name: np.sign(move.factors) for name, move in moves.items()},
        scales={name: np.abs(move.factors) for name, move in moves.items()},
        parameters=aligned,
        distance=distance,
        before=before,
        relative=distance / norm if norm else distance,
        equal=bool(gaps.max() <= tolerance * np.abs(one).max()),
    )


def _by_function(network: Network, a: Parameters, b: Parameters) -> dict[str, Move]:
    """Units matched by what they receive and send back on random inputs.

    Neither depends on the order or the signs of the units of other layers.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=(PROBES, network.inputs.width))
    weights = rng.normal(size=(PROBES, network.widths[-1]))
    mine, theirs = (_signatures(network, p, x, weights) for p in (a, b))
    return {
        name: _matched(*_products(mine[name], theirs[name]), symmetry)
        for name, symmetry in symmetries(network).items()
    }


def _signatures(
    network: Network, parameters: Parameters, x: np.ndarray, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """Pre-activations and adjoints of every layer, shape (2 rows, units)."""
    with precision(np.dtype(np.float64)):
        probes = [np.zeros((len(x), units)) for units in network.widths[1:]]
        adjoints, values = _adjoints(network)(probes, parameters, x, weights)
        return {
            name: np.vstack([_of_norm_one(v), _of_norm_one(d)])
            for name, v, d in zip(network.names, values, adjoints, strict=True)
        }


@kept(most=32)
def _adjoints(network: Network) -> Callable[..., tuple[list[Array], list[Array]]]:
    """The compiled program for adjoints and pre-activations of every layer."""

    def total(
        probes: list[Array], parameters: Parameters, x: Array, weights: Array
    ) -> tuple[Array, list[Array]]:
        zeros = {n: {"preactivation": z} for n, z in zip(network.names, probes, strict=True)}
        flow = Flow(jnp, zeros=zeros)
        network.run(parameters, x, flow)
        received = [flow.seen[name]["preactivation"] for name in network.names]
        return (weights * received[-1]).sum(), received

    return jax.jit(jax.grad(total, has_aux=True))


def _of_norm_one(array: Array) -> np.ndarray:
    return np.asarray(array) / (float(np.linalg.norm(array)) or 1.0)


def _products(mine: np.ndarray, theirs: np.ndarray) -> tuple[float, np.ndarray]:
    return 0.0, mine.T @ theirs


def _matched(fixed: Any, turning: np.ndarray, symmetry: Symmetry) -> Move:
    """The assignment with the largest sum of likenesses, and the signs that give them.

    Arguments:
        fixed: the part of the likenesses that a flip leaves alone.
        turning: the part whose sign it turns; shape (units of a, units of b).
    """
    from scipy.optimize import linear_sum_assignment

    likeness = fixed + (np.abs(turning) if symmetry.flips else turning)
    rows, order = linear_sum_assignment(likeness, maximize=True)
    flipped = symmetry.flips & (turning[rows, order] < 0)
    return Move(order, np.where(flipped, -1.0, 1.0))


def _by_weights(
    network: Network, a: Parameters, b: Parameters, moves: dict[str, Move]
) -> dict[str, Move]:
    """Layer by layer: units matched by the weights into and out of them, others held."""
    best = _distance(network, a, moved(network, b, moves))
    for _ in range(MOST_SWEEPS):
        fell = False
        for name, after in zip(network.names, network.names[1:], strict=False):
            trial = {**moves, name: moves[name].then(_step(network, a, b, moves, name, after))}
            distance = _distance(network, a, moved(network, b, trial))
            if distance < best * (1.0 - 1e-12):
                best, moves, fell = distance, trial, True
        if not fell:
            break
    return moves


def _step(
    network: Network, a: Parameters, b: Parameters, moves: dict[str, Move], name: str, after: str
) -> Move:
    symmetry = symmetries(network)[name]
    now = moved(network, b, moves)
    turning = a[after]["weights"] @ now[after]["weights"].T
    fixed = np.zeros_like(turning)
    for kind in a[name]:
        product = np.atleast_2d(a[name][kind]).T @ np.atleast_2d(now[name][kind])
        if kind in symmetry.carriers:
            turning = turning + product
        else:
            fixed = fixed + product
    return _matched(fixed, turning, symmetry)


def _distance(network: Network, a: Parameters, b: Parameters) -> float:
    return float(np.linalg.norm(network.flatten(a) - network.flatten(b)))


def _parts(given: Any, name: str) -> tuple[Network, Parameters]:
    """Network and parameters of what the user passed."""
    if hasattr(given, "network_") and hasattr(given, "parameters_"):
        network, parameters = given.network_, given.parameters_
    elif isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], Network):
        network, parameters = given
    else:
        raise ParameterError(
            f"align: {name} was {type(given).__name__}; expected a fitted NetClassifier or "
            "NetRegressor, or a pair (Network, parameters)."
        )
    found = {
        layer: {kind: np.asarray(array, np.float64) for kind, array in kinds.items()}
        for layer, kinds in parameters.items()
    }
    shapes = {
        layer: {k: array.shape for k, array in kinds.items()} for layer, kinds in found.items()
    }
    if shapes != network.shapes():
        raise ParameterError(
            f"align: the parameters of {name} have shapes {shapes}; expected {network.shapes()}."
        )
    return network, found
