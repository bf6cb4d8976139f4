"""Numbers as targets: one column or several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_array, column_or_1d

from unstuck.activations import Activation
from unstuck.errors import DataError
from unstuck.estimators.examples import Examples
from unstuck.estimators.targets import Encoded, Ends, loss_of, output_of
from unstuck.losses import Loss
from unstuck.rows.inputs import refuse_non_finite
from unstuck.rows.received import refused_as_data
from unstuck.rows.received_numbers import numbers_of
from unstuck.rows.scaling import Scaler
from unstuck.settings import RegressorSettings


@dataclass(frozen=True)
class NumberTargets:
    """Numbers.

    Attributes:
        columns: how many for each row.
        flat: whether they came, and go back, as one array (n,).
    """

    columns: int
    flat: bool

    @classmethod
    def learn(cls, settings: RegressorSettings, y: Any, classes: Any) -> Self:
        """The shape of the first targets."""
        del settings, classes
        read = _read(y)
        return cls(1 if read.ndim == 1 else read.shape[1], read.ndim == 1)

    def encode(self, settings: RegressorSettings, y: Any, soft: Any, w: np.ndarray) -> Encoded:
        """The numbers as a matrix."""
        del soft
        read = _read(y)
        targets = read.reshape(len(read), -1)
        if targets.shape[1] != self.columns:
            raise DataError(f"y has {targets.shape[1]} columns; expected {self.columns}.")
        _refuse_impossible(targets, loss_of(settings, "squared_error"))
        return Encoded(targets, read, w)

    def ends(self, settings: RegressorSettings) -> Ends:
        """Squared error and the unit that belongs to the loss, unless others are chosen."""
        loss = loss_of(settings, "squared_error")
        usual = {"cross_entropy": "logistic"}.get(loss.name, loss.partners[0])
        usual = usual if usual != "any" else "identity"
        return Ends(output_of(settings, usual), loss, self.columns)

    def scale(self, settings: RegressorSettings, examples: Examples, output: Activation) -> Scaler:
        """To mean 0 and deviation 1 where outputs are linear."""
        if settings.scale_targets and output.name == "identity":
            return Scaler.of_all(examples.y, examples.w)
        return Scaler.identity(examples.y.shape[1])

    def strata(self, examples: Examples) -> None:
        """None."""
        del examples

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Outputs (n, k) in the shape of the targets."""
        return z[:, 0] if self.flat else z

    def scorable(self, examples: Examples) -> bool:
        """Whether the targets vary: the coefficient of determination is a share of that."""
        counted = examples.y[examples.w > 0]
        return bool((counted != counted[:1]).any())

    def score(
        self, settings: RegressorSettings, z: np.ndarray, output: Activation, examples: Examples
    ) -> float:
        """The coefficient of determination."""
        del settings, output
        return float(r2_score(examples.y, z, sample_weight=examples.w))

    def given(self, y: Any) -> np.ndarray:
        """Targets to score against."""
        return _read(y)

    def public(self) -> dict[str, Any]:
        """No attribute of the estimator tells of them."""
        return {}

    def facts(self) -> dict[str, Any]:
        """Whether there is one column."""
        return {"one_column": self.flat}

    @classmethod
    def from_facts(cls, settings: RegressorSettings, facts: dict[str, Any], outputs: int) -> Self:
        """The shape that ``facts`` gave."""
        del settings
        if facts["one_column"] is True and outputs != 1:
            raise ValueError("one target column, and several outputs")
        return cls(outputs, facts["one_column"] is True)


def _read(y: Any) -> np.ndarray:
    y = numbers_of(y, "y")
    with refused_as_data("y"):
        y = check_array(y, ensure_2d=False, dtype=np.float64, ensure_all_finite=False)
        refuse_non_finite(y, "y")
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
    return y


def _refuse_impossible(y: np.ndarray, loss: Loss) -> None:
    low, high = y.min(), y.max()
    if loss.targets == "non-negative" and low < 0:
        raise DataError(f"loss={loss.name!r} expects targets >= 0; the smallest was {low:g}.")
    if loss.targets == "probabilities" and (low < 0 or high > 1):
        raise DataError(
            f"loss={loss.name!r} expects targets from 0 to 1; received {low:g} to {high:g}."
        )
