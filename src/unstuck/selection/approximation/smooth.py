"""Functions whose Fourier transform is known, and with it Barron's measure of their smoothness."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from unstuck.errors import ParameterError, did_you_mean


class SmoothFunction(NamedTuple):
    """A function of any number of inputs on the cube [-1, 1]^p.

    Attributes:
        name: in the table.
        formula: the function.
        function: of rows, shape (n, inputs).
        constant: ``constant(inputs)`` is C_f, the mean of |w|_1 over the function's Fourier
            measure: |w|_1 is the largest w·x of the cube.
    """

    name: str
    formula: str
    function: Callable[[np.ndarray], np.ndarray]
    constant: Callable[[int], float]


def _hill(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-(x**2).sum(1) / 2))


def _wave(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.cos(4 * x.mean(1)))


def _waves(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.cos(3 * x).mean(1))


SMOOTH = {
    each.name: each
    for each in (
        SmoothFunction(
            "hill", "exp(-|x|^2 / 2)", _hill, lambda inputs: inputs * float(np.sqrt(2 / np.pi))
        ),
        SmoothFunction("wave", "cos(4 mean(x))", _wave, lambda inputs: 4.0),
        SmoothFunction("waves", "mean(cos(3 x))", _waves, lambda inputs: 3.0),
    )
}
"""Functions whose C_f has a closed form, by name.

The Fourier measure of the hill is a Gaussian in w: C_f = p E|w_1| = p sqrt(2/π). That of cos(a·x)
is a half at a and at -a: C_f = |a|_1; of a mean of such waves, the mean.
"""


def smooth(name: str | SmoothFunction) -> SmoothFunction:
    """The function of a name, or the one that is given.

    Raises:
        ParameterError: there is none.

    Example:
        >>> smooth("wave").constant(5)
        4.0
    """
    if isinstance(name, SmoothFunction):
        return name
    if not isinstance(name, str) or name not in SMOOTH:
        raise ParameterError(
            f"beside_barron: there is no function {name!r}; expected {', '.join(SMOOTH)}, or a "
            f"SmoothFunction.{did_you_mean(name, SMOOTH)}"
        )
    return SMOOTH[name]
