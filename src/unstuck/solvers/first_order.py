"""First-order solvers: one batch's gradient in, one update out; each is Optax's.

Optax works on the parameters as ``Network.pack`` gives them: in small networks one vector, so that
every operation of a solver is one compiled kernel whatever the number of layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from unstuck.activations import Array
from unstuck.choices import Choices, Named

Numbers = Mapping[str, Any]


@dataclass(frozen=True)
class Solver(Named):
    """A first-order solver.

    Attributes:
        name: as in scikit-learn where it has one.
        direction: ``direction(numbers, nesterov)`` returns the Optax transformation of a gradient
            into a direction; the step is minus the learning rate times the direction. Its state
            must start at zeros.
        uses: the constructor's parameters that it reads, beyond those of every solver.
        decays: whether ``weight_decay`` shrinks the weights (never the biases) at each step.
        formula: the recurrence as text.
        aliases, when, reference: as in ``Activation``.

    Example:
        >>> from unstuck import SOLVERS
        >>> SOLVERS["adam"].uses
        ('beta_1', 'beta_2', 'epsilon')
    """

    name: str
    direction: Callable[[Numbers, bool], Any]
    uses: tuple[str, ...]
    formula: str = ""
    decays: bool = False
    aliases: tuple[str, ...] = ()
    when: str = ""
    reference: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The parameters in ``uses`` that are numbers: traced, so changing them is free."""
        return tuple(name for name in self.uses if name != "nesterovs_momentum")

    def transformation(
        self, numbers: Numbers, nesterov: bool = True, decayed: Array | None = None
    ) -> Any:
        """The Optax transformation, its numbers traced or given.

        Arguments:
            numbers: values of the parameters in ``uses``.
            nesterov: for solvers with momentum.
            decayed: 1 where the parameters hold a weight that decays, else 0.
        """
        import jax
        import jax.numpy as jnp
        import optax

        direction = self.direction(numbers, nesterov)
        if not self.decays:
            return direction
        rate = numbers["weight_decay"]

        def decay(direction: Any, parameters: Any) -> Any:
            pull = jax.tree.map(lambda p, mask: rate * mask * p, parameters, decayed)
            return jax.tree.map(jnp.add, direction, pull)

        return optax.chain(direction, optax.stateless(decay))


def _scaling(name: str, **translated: str) -> Callable[[Numbers, bool], Any]:
    """``optax.scale_by_<name>`` with our parameters under Optax's names."""

    def direction(numbers: Numbers, nesterov: bool) -> Any:
        import optax

        del nesterov
        function = getattr(optax, f"scale_by_{name}")
        return function(**{theirs: numbers[ours] for theirs, ours in translated.items()})

    return direction


def _sgd(numbers: Numbers, nesterov: bool) -> Any:
    import optax

    return optax.trace(decay=numbers["momentum"], nesterov=nesterov)


def _nadam(numbers: Numbers, nesterov: bool) -> Any:
    import optax

    del nesterov
    return optax.scale_by_adam(
        numbers["beta_1"], numbers["beta_2"], numbers["epsilon"], nesterov=True
    )


def _rmsprop(numbers: Numbers, nesterov: bool) -> Any:
    import optax

    del nesterov
    return optax.scale_by_rms(numbers["rho"], numbers["epsilon"], eps_in_sqrt=False)


def _adagrad(numbers: Numbers, nesterov: bool) -> Any:
    import optax

    del nesterov
    return optax.scale_by_rss(initial_accumulator_value=0.0, eps=numbers["epsilon"])


_BETAS = {"b1": "beta_1", "b2": "beta_2", "eps": "epsilon"}
_BETA_NAMES = ("beta_1", "beta_2", "epsilon")

SOLVERS: Choices[Solver] = Choices(
    "solver",
    (
        Solver(
            "sgd",
            _sgd,
            ("momentum", "nesterovs_momentum"),
            "v <- mu v + g;  p <- p - lr (g + mu v) with Nesterov's momentum, p - lr v without",
            aliases=("momentum",),
            when="Large data; the rate has to be tuned. Batch size 1 is stochastic gradient "
            "descent, batch size n is batch gradient descent.",
            reference="Robbins and Monro 1951; Sutskever et al. 2013",
        ),
        Solver(
            "rmsprop",
            _rmsprop,
            ("rho", "epsilon"),
            "v <- rho v + (1 - rho) g^2;  p <- p - lr g / (sqrt(v) + eps)",
            when="Where gradients differ in size between parameters.",
            reference="Tieleman and Hinton 2012",
        ),
        Solver(
            "adagrad",
            _adagrad,
            ("epsilon",),
            "v <- v + g^2;  p <- p - lr g / sqrt(v + eps)",
            when="Sparse inputs; the rate falls by itself.",
            reference="Duchi, Hazan and Singer 2011",
        ),
        Solver(
            "adadelta",
            _scaling("adadelta", rho="rho", eps="epsilon"),
            ("rho", "epsilon"),
            "p <- p - lr g rms(previous steps) / rms(g)",
            when="As adagrad, without the falling rate; take a learning rate near 1.",
            reference="Zeiler 2012",
        ),
        Solver(
            "adam",
            _scaling("adam", **_BETAS),
            _BETA_NAMES,
            "m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;  "
            "p <- p - lr m' / (sqrt(v') + eps), m' = m / (1 - b1^t), v' = v / (1 - b2^t)",
            when="The first choice for mini-batches.",
            reference="Kingma and Ba 2015",
        ),
        Solver(
            "adamw",
            _scaling("adam", **_BETAS),
            (*_BETA_NAMES, "weight_decay"),
            "as adam, and p <- p - lr wd p for the weights",
            decays=True,
            when="As adam, with a decay of the weights that the adaptive steps do not rescale.",
            reference="Loshchilov and Hutter 2019",
        ),
        Solver(
            "nadam",
            _nadam,
            _BETA_NAMES,
            "as adam, with Nesterov's look ahead in m'",
            when="As adam; often a little faster at the start.",
            reference="Dozat 2016",
        ),
        Solver(
            "amsgrad",
            _scaling("amsgrad", **_BETAS),
            _BETA_NAMES,
            "as adam, with the largest v' so far",
            when="Where adam does not settle.",
            reference="Reddi, Kale and Kumar 2018",
        ),
        Solver(
            "adamax",
            _scaling("adamax", **_BETAS),
            _BETA_NAMES,
            "as adam, with v <- max(b2 v, |g|)",
            when="As adam, for gradients with rare large entries.",
            reference="Kingma and Ba 2015, section 7.1",
        ),
        Solver(
            "radam",
            _scaling("radam", **_BETAS),
            _BETA_NAMES,
            "as adam, without adapting until v' is reliable",
            when="As adam, where a warm-up would be needed.",
            reference="Liu et al. 2020",
        ),
        Solver(
            "lion",
            _scaling("lion", b1="beta_1", b2="beta_2"),
            ("beta_1", "beta_2", "weight_decay"),
            "p <- p - lr (sign(b1 m + (1 - b1) g) + wd p);  m <- b2 m + (1 - b2) g",
            decays=True,
            when="Large networks; a learning rate 3 to 10 times smaller than adam's.",
            reference="Chen et al. 2023",
        ),
    ),
)
"""Every first-order solver, by name."""
