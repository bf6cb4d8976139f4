"""What a setting is: a network, its data, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np


class Made(NamedTuple):
    """A setting with one seed, ready to be diagnosed.

    Attributes:
        estimator: unfitted, with ``random_state``; or a JAX function of parameters and batch.
        X, y: rows to train on; of a function its parameters and batch.
        X_test, y_test: rows that are never trained on; ``None`` of a function.
        fit: further arguments of ``fit``.
    """

    estimator: Any
    X: Any
    y: Any
    X_test: Any = None
    y_test: Any = None
    fit: Mapping[str, Any] = MappingProxyType({})

    @property
    def is_function(self) -> bool:
        """Whether it is a function in place of an estimator."""
        return not hasattr(self.estimator, "fit")


@dataclass(frozen=True)
class Setting:
    """A recipe.

    Attributes:
        name: of the setting.
        data: name of the data set; whole data sets are left out together.
        codes: findings that are right, the planted one first; none of a healthy setting.
        make: makes it from a seed, which decides split, first weights and noise.
        layers: names of the layers in which it sits; none where it has no place.
        reachable: of a healthy setting, the training score (accuracy, R^2) it must reach to count
            as one; of a faulty one ``None``.
    """

    name: str
    data: str
    codes: tuple[str, ...]
    make: Callable[[int], Made]
    layers: tuple[str, ...] = ()
    reachable: float | None = None

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.codes


class Settings(dict[str, Setting]):
    """Settings by name; functions join with ``sick`` and ``healthy``."""

    def sick(
        self, data: str, *codes: str, layers: tuple[str, ...] = ()
    ) -> Callable[[Callable[[int], Made]], Callable[[int], Made]]:
        """The function makes a setting with these diseases, the planted one first."""
        return lambda make: self._add(Setting(_named(make), data, codes, make, layers))

    def healthy(
        self, data: str, reachable: float
    ) -> Callable[[Callable[[int], Made]], Callable[[int], Made]]:
        """The function makes a healthy setting."""
        return lambda make: self._add(Setting(_named(make), data, (), make, (), reachable))

    def _add(self, setting: Setting) -> Callable[[int], Made]:
        if setting.name in self:
            raise ValueError(f"two settings are called {setting.name!r}")
        self[setting.name] = setting
        return setting.make


def _named(make: Callable[[int], Made]) -> str:
    return make.__name__


def divided(X: Any, y: Any, seed: int, test: float = 0.25) -> tuple[Any, Any, Any, Any]:
    """Rows to train on and rows for the test, by the seed."""
    order = np.random.default_rng(1000 + seed).permutation(len(X))
    held, trained = np.split(order, [int(test * len(X))])
    return X[trained], y[trained], X[held], y[held]
