"""First-order solvers: one batch's gradient in, one update out; each is Optax's.

Optax works on the parameters as ``Network.pack`` gives them: in small networks one vector, so that
every operation of a solver is one compiled kernel whatever the number of layers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unstuck.activations import Array
from unstuck.lazy import jax, jnp, lazy
from unstuck.solvers.solver import Hyperparameters, Solver

optax = lazy("optax")


@dataclass(frozen=True, kw_only=True, repr=False)
class FirstOrder(Solver):
    """A solver that asks for one batch's gradient.

    Attributes:
        direction: ``direction(hyper)`` returns the Optax transformation of a gradient into a
            direction; the step is minus the learning rate times the direction. Its state must
            start at zeros.
        decays: whether ``weight_decay`` shrinks the weights (never the biases) at each step.

    Example:
        >>> from unstuck import SOLVERS
        >>> SOLVERS["adam"].uses
        ('beta_1', 'beta_2', 'epsilon')
    """

    common = ("batch_size", "shuffle", "learning_rate", "learning_rate_init", "clip_norm")

    direction: Callable[[Hyperparameters], Any]
    decays: bool = False

    def transformation(self, hyper: Hyperparameters, decayed: Array | None = None) -> Any:
        """The Optax transformation, its numbers traced or given.

        Arguments:
            hyper: values of the parameters in ``uses``.
            decayed: 1 where the parameters hold a weight that decays, else 0.
        """
        direction = self.direction(hyper)
        if not self.decays:
            return direction
        rate = hyper["weight_decay"]

        def decay(direction: Any, parameters: Any) -> Any:
            pull = jax.tree.map(lambda p, mask: rate * mask * p, parameters, decayed)
            return jax.tree.map(jnp.add, direction, pull)

        return optax.chain(direction, optax.stateless(decay))


def _scaling(name: str, **translated: str) -> Callable[[Hyperparameters], Any]:
    """``optax.scale_by_<name>`` with our parameters under Optax's names."""

    def direction(hyper: Hyperparameters) -> Any:
        function = getattr(optax, f"scale_by_{name}")
        return function(**{theirs: hyper[ours] for theirs, ours in translated.items()})

    return direction


def _sgd(hyper: Hyperparameters) -> Any:
    return optax.trace(decay=hyper["momentum"], nesterov=hyper["nesterovs_momentum"])


def _nadam(hyper: Hyperparameters) -> Any:
    return optax.scale_by_adam(hyper["beta_1"], hyper["beta_2"], hyper["epsilon"], nesterov=True)


def _rmsprop(hyper: Hyperparameters) -> Any:
    return optax.scale_by_rms(hyper["rho"], hyper["epsilon"], eps_in_sqrt=False)


def _adagrad(hyper: Hyperparameters) -> Any:
    return optax.scale_by_rss(initial_accumulator_value=0.0, eps=hyper["epsilon"])


_BETAS = {"b1": "beta_1", "b2": "beta_2", "eps": "epsilon"}
_BETA_NAMES = ("beta_1", "beta_2", "epsilon")

FIRST_ORDER = (
    FirstOrder(
        name="sgd",
        direction=_sgd,
        uses=("momentum", "nesterovs_momentum"),
        static=("nesterovs_momentum",),
        formula="v <- mu v + g;  p <- p - lr (g + mu v) with Nesterov's momentum, p - lr v without",
        aliases=("momentum",),
        when="Large data; the rate has to be tuned. Batch size 1 is stochastic gradient "
        "descent, batch size n is batch gradient descent.",
        reference="Robbins and Monro 1951; Sutskever et al. 2013",
    ),
    FirstOrder(
        name="rmsprop",
        direction=_rmsprop,
        uses=("rho", "epsilon"),
        formula="v <- rho v + (1 - rho) g^2;  p <- p - lr g / (sqrt(v) + eps)",
        when="Where gradients differ in size between parameters.",
        reference="Tieleman and Hinton 2012",
    ),
    FirstOrder(
        name="adagrad",
        direction=_adagrad,
        uses=("epsilon",),
        formula="v <- v + g^2;  p <- p - lr g / sqrt(v + eps)",
        when="Sparse inputs; the rate falls by itself.",
        reference="Duchi, Hazan and Singer 2011",
    ),
    FirstOrder(
        name="adadelta",
        direction=_scaling("adadelta", rho="rho", eps="epsilon"),
        uses=("rho", "epsilon"),
        formula="p <- p - lr g rms(previous steps) / rms(g)",
        when="As adagrad, without the falling rate; take a learning rate near 1.",
        reference="Zeiler 2012",
    ),
    FirstOrder(
        name="adam",
        direction=_scaling("adam", **_BETAS),
        uses=_BETA_NAMES,
        formula="m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;  "
        "p <- p - lr m' / (sqrt(v') + eps), m' = m / (1 - b1^t), v' = v / (1 - b2^t)",
        when="The first choice for mini-batches.",
        reference="Kingma and Ba 2015",
    ),
    FirstOrder(
        name="adamw",
        direction=_scaling("adam", **_BETAS),
        uses=(*_BETA_NAMES, "weight_decay"),
        formula="as adam, and p <- p - lr wd p for the weights",
        decays=True,
        when="As adam, with a decay of the weights that the adaptive steps do not rescale.",
        reference="Loshchilov and Hutter 2019",
    ),
    FirstOrder(
        name="nadam",
        direction=_nadam,
        uses=_BETA_NAMES,
        formula="as adam, with Nesterov's look ahead in m'",
        when="As adam; often a little faster at the start.",
        reference="Dozat 2016",
    ),
    FirstOrder(
        name="amsgrad",
        direction=_scaling("amsgrad", **_BETAS),
        uses=_BETA_NAMES,
        formula="as adam, with the largest v' so far",
        when="Where adam does not settle.",
        reference="Reddi, Kale and Kumar 2018",
    ),
    FirstOrder(
        name="adamax",
        direction=_scaling("adamax", **_BETAS),
        uses=_BETA_NAMES,
        formula="as adam, with v <- max(b2 v, |g|)",
        when="As adam, for gradients with rare large entries.",
        reference="Kingma and Ba 2015, section 7.1",
    ),
    FirstOrder(
        name="radam",
        direction=_scaling("radam", **_BETAS),
        uses=_BETA_NAMES,
        formula="as adam, without adapting until v' is reliable",
        when="As adam, where a warm-up would be needed.",
        reference="Liu et al. 2020",
    ),
    FirstOrder(
        name="lion",
        direction=_scaling("lion", b1="beta_1", b2="beta_2"),
        uses=("beta_1", "beta_2", "weight_decay"),
        formula="p <- p - lr (sign(b1 m + (1 - b1) g) + wd p);  m <- b2 m + (1 - b2) g",
        decays=True,
        when="Large networks; a learning rate 3 to 10 times smaller than adam's.",
        reference="Chen et al. 2023",
    ),
)
"""Every first-order solver."""
