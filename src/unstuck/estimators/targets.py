"""What is to be learned: classes or numbers, as the user gives them and as the loss takes them."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol, Self

import numpy as np

from unstuck.activations import ACTIVATIONS, Activation
from unstuck.estimators.examples import Examples
from unstuck.losses import LOSSES, Loss
from unstuck.rows.scaling import Scaler
from unstuck.settings import Settings


class Ends(NamedTuple):
    """What stands at the end of a network: output unit, loss, number of outputs."""

    output: Activation
    loss: Loss
    outputs: int


class Encoded(NamedTuple):
    """Targets as the loss takes them.

    Attributes:
        y: shape (n, outputs).
        labels: as the user gave them, for scores.
        w: weights of the rows, shape (n,).
    """

    y: np.ndarray
    labels: Any
    w: np.ndarray


class Targets(Protocol):
    """A kind of targets, and what the first fit learned of them."""

    @classmethod
    def learn(cls, settings: Any, y: Any, classes: Any) -> Self:
        """What kind of target the first ``y`` is.

        Raises:
            DataError, ParameterError: it cannot be learned.
        """
        ...

    def encode(self, settings: Any, y: Any, soft: Any, w: np.ndarray) -> Encoded:
        """Targets for the loss and for scores, and weights."""
        ...

    def ends(self, settings: Any) -> Ends:
        """Output unit, loss and number of outputs."""
        ...

    def scale(self, settings: Any, examples: Examples, output: Activation) -> Scaler:
        """How targets are standardized."""
        ...

    def strata(self, examples: Examples) -> Any:
        """Classes that both parts of a split should hold; ``None`` where there are none."""
        ...

    def scorable(self, examples: Examples) -> bool:
        """Whether these examples have a score."""
        ...

    def given(self, y: Any) -> Any:
        """Targets to score predictions against, as they are predicted."""
        ...

    def score(self, settings: Any, z: np.ndarray, output: Activation, examples: Examples) -> float:
        """The score of outputs ``z`` in the targets' units."""
        ...

    def public(self) -> dict[str, Any]:
        """The attributes of the estimator that tell of them."""
        ...

    def facts(self) -> dict[str, Any]:
        """What was learned, as JSON, for a file."""
        ...

    @classmethod
    def from_facts(cls, settings: Any, facts: dict[str, Any], outputs: int) -> Self:
        """What ``facts`` gave; a ``ValueError`` where it cannot be."""
        ...


def loss_of(settings: Settings, usual: str) -> Loss:
    """The loss; "auto" is the usual one."""
    auto = isinstance(settings.loss, str) and settings.loss == "auto"
    return LOSSES.resolve(usual if auto else settings.loss)


def output_of(settings: Settings, usual: str) -> Activation:
    """The output unit; "auto" is the usual one."""
    auto = isinstance(settings.output_activation, str) and settings.output_activation == "auto"
    return ACTIVATIONS.resolve(usual if auto else settings.output_activation)
