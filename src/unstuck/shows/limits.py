"""Multiplication by a network and by arithmetic, whole and with something broken."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from unstuck.aligned import aligned
from unstuck.drawing.colors import BLUE, GREEN, INK, ORANGE, RED
from unstuck.estimators.regressor import NetRegressor
from unstuck.neuro.flips import flipped
from unstuck.neuro.networks import with_weights
from unstuck.neuro.products import Answers, answers, factors
from unstuck.neuro.removable_units import units
from unstuck.report import figures
from unstuck.shows.show import Show

DIGITS = range(1, 11)
TOLD = (1, 2, 3, 4, 5, 10)
UNITS, ROWS, ASKED = 12, 300, 500
WHOLE, FLOATS = (0, 10, 20, 33), (0, 26, 51, 52, 61, 63)
"""Bits of a factor of ten digits, as a whole number and as a float64."""
CUT = 1e6
"""Larger errors are not drawn to scale."""


def show() -> Show:
    """As a text and a figure."""
    network = multiplier()
    found = {digits: asked(network, digits) for digits in DIGITS}
    head = ("digits of each factor", *map(str, TOLD))
    table = [head, ("Python: all right", *("100 %" for _ in TOLD))]
    table.append(("network: all right", *(f"{10 * round(10 * found[d].exact)} %" for d in TOLD)))
    broken = failures(network)
    rows = [
        ("what fails", "median error of a product"),
        *((k, power(v)) for k, v in broken.items()),
    ]
    text = "\n\n".join(
        "\n".join([said, *aligned(each, words=1)])
        for said, each in (
            (f"{ASKED} products of random factors, by {UNITS} tanh units", table),
            ("Two factors of ten digits: relative error, rounded to a power of ten", rows),
        )
    )

    def save(path: Path) -> None:
        with figures.written(path, 9.6, 3.9) as figure:
            draw(figure, found, network)

    return Show(text, save)


def multiplier() -> Any:
    """A network that takes two factors as numbers from 0.1 to 1, and gives their product."""
    x = np.random.default_rng(0).uniform(0.1, 1, (ROWS, 2))
    net = NetRegressor(
        (UNITS,), activation="tanh", solver="lm", max_iter=100, tol=0.0, alpha=0.0, dtype="float64",
        watch=False, random_state=0,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the table says how far it came
        return net.fit(x, x.prod(1))


def asked(network: Any, digits: int) -> Answers:
    """How right its products of factors of so many digits are."""
    pairs = factors(digits, ASKED)
    return answers(network.predict(pairs / 10.0**digits) * 10.0 ** (2 * digits), pairs)


def failures(network: Any) -> dict[str, float]:
    """The median relative error of products of ten digits, by what fails."""
    pairs = factors(10, ASKED)
    x = pairs / 1e10
    product = x.prod(1)

    def wrong(given: np.ndarray) -> float:
        return float(np.median(np.abs(given / product - 1)))

    found = {"Python: nothing": 0.0}
    for bit in WHOLE:
        found[f"Python: bit {bit} of a factor"] = wrong(flipped(pairs[:, 0], bit) / 1e10 * x[:, 1])
    for bit in FLOATS:
        found[f"float64: bit {bit} of a factor"] = wrong(
            flipped(pairs[:, 0] * 1.0, bit) / 1e10 * x[:, 1]
        )
    found["network: nothing"] = wrong(network.predict(x))
    parts = units(network, x, None)
    each = [parts.without(gone).predict(parts.rows) for gone in np.eye(UNITS, dtype=bool)]
    found["network: one of its units"] = float(np.median([wrong(z) for z in each]))
    for bit in FLOATS:
        found[f"network: bit {bit} of a weight"] = float(
            np.median([wrong(z) for z in hurt(network, x, bit)])
        )
    return found


def hurt(network: Any, x: np.ndarray, bit: int) -> list[np.ndarray]:
    """Answers with one bit of one hidden weight flipped, for each of these weights."""
    first, *others = network.coefs_
    found = []
    for place in np.ndindex(first.shape):
        wrong = first.copy()
        wrong[place] = flipped(wrong[place], bit)
        with np.errstate(over="ignore"):
            found.append(with_weights(network, [wrong, *others], network.intercepts_).predict(x))
    return found


def power(value: float) -> str:
    """A number as a power of ten."""
    return "0" if value == 0 else f"1e{round(np.log10(value)):+d}" if value < np.inf else "inf"


def draw(figure: Any, found: dict[int, Answers], network: Any) -> None:
    """Digits that are right, and the error of a product by the bit that is wrong."""
    left, right = figure.subplots(1, 2)
    digits = np.array(list(found))
    left.plot(digits, 100 * np.ones(len(digits)), "s-", ms=4, color=INK, label="Python")
    exact = [100 * each.exact for each in found.values()]
    left.plot(digits, exact, "o-", ms=4, color=BLUE, label=f"network of {UNITS} units")
    left.set(xlabel="digits of each factor", ylabel="products right in every digit (%)")
    left.set_title("Products of random factors")
    left.legend(loc="center right")
    pairs = factors(10, ASKED)
    a, x = pairs[:, 0] * 1.0, pairs / 1e10
    bits = np.arange(64)
    errors = [np.median(np.abs(flipped(a, bit) / a - 1)) for bit in bits]
    ints = [np.median(np.abs(flipped(pairs[:, 0], bit) / pairs[:, 0] - 1)) for bit in bits[:34]]
    weights = [
        np.median([np.median(np.abs(z / x.prod(1) - 1)) for z in hurt(network, x, int(bit))])
        for bit in bits
    ]
    right.semilogy(bits, np.clip(errors, None, CUT), color=ORANGE, label="a factor, float64")
    right.semilogy(bits[:34], ints, color=RED, label="a factor, whole number")
    right.semilogy(bits, weights, color=BLUE, label="a weight of the network")
    most = max(errors)
    right.annotate(
        f"up to $10^{{{np.log10(most):.0f}}}$", (59, CUT), (0, 3), textcoords="offset points",
        ha="center", color=ORANGE, fontsize=8.5,
    )  # fmt: skip
    right.axvspan(51.5, 62.5, color=GREEN, alpha=0.1, lw=0)
    right.set_ylim(top=1e3 * CUT)
    right.set(xlabel="bit that is flipped (52 to 62: exponent)", ylabel="relative error, median")
    right.set_title("One bit is wrong")
    right.legend()
