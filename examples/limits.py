"""What networks are bad at: multiplication, in three encodings, beside Python.

Numbers: two factors, each divided by 10^digits, and their product; logs: the same in logarithms
(one network for any number of digits, 1,000 pairs). Digits: every digit as ten columns of 0 and 1,
and so the product's digits (one network for each number of digits, 10,000 pairs). A linear unit of
logarithms has nothing to learn but to add. All are asked about other pairs, except of one digit.
"""

from __future__ import annotations

import time
import warnings

import numpy as np

from unstuck import NetClassifier, NetRegressor
from unstuck.neuro import answers, factors

LM = {"activation": "tanh", "solver": "lm", "alpha": 0.0, "dtype": "float64"}


def columns(numbers: np.ndarray, digits: int) -> np.ndarray:
    """The decimal digits of whole numbers, ten columns of zeros and ones each."""
    places = [[int(c) for c in str(int(each)).zfill(digits)] for each in numbers]
    return np.eye(10)[places].reshape(len(numbers), -1)


def by_numbers(logs: bool, hidden: tuple, rows: int, iterations: int):
    """A function from factors to products, trained once for any number of digits."""
    x = np.random.default_rng(0).uniform(0.1, 1, (rows, 2))
    change, back = (np.log10, lambda z: 10.0**z) if logs else (lambda z: z, lambda z: z)
    net = NetRegressor(hidden, max_iter=iterations, tol=0.0, random_state=0, **LM).fit(
        change(x), change(x.prod(1))
    )

    def multiplied(pairs: np.ndarray, digits: int) -> np.ndarray:
        return back(net.predict(change(pairs / 10.0**digits))) * 10.0 ** (2 * digits)

    return multiplied, net


def by_digits(digits: int, rows: int, epochs: int) -> float:
    """The share of products whose digits a network all names right."""
    pairs, others = factors(digits, rows, 1), factors(digits, 500)
    known = {tuple(pair) for pair in others.tolist()}
    if digits > 1:  # of one digit there are but 81 pairs: those that are asked were seen
        pairs = np.array([pair for pair in pairs.tolist() if tuple(pair) not in known])
    products = [a * b for a, b in pairs.tolist()]
    x = columns(pairs.ravel(), digits).reshape(len(pairs), -1)
    net = NetClassifier((128,), max_iter=epochs, learning_rate_init=0.003, random_state=0)
    net.fit(x, columns(products, 2 * digits).astype(int))
    z = net.predict_proba(columns(others.ravel(), digits).reshape(len(others), -1))
    named = z.reshape(len(others), 2 * digits, 10).argmax(2)
    return answers([int("".join(map(str, each))) for each in named], others).exact


def seconds(call, times: int) -> float:
    """Of one of several calls, the quickest of three rounds."""
    rounds = []
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(times):
            call()
        rounds.append((time.perf_counter() - start) / times)
    return min(rounds)


def main(small: bool = False) -> None:
    """The table, and the times."""
    warnings.simplefilter("ignore")
    rows, iterations = (100, 20) if small else (1000, 200)
    made = {
        "numbers": by_numbers(False, (6,) if small else (24,), rows, iterations),
        "logs": by_numbers(True, (6,) if small else (24,), rows, iterations),
        "logs, one linear unit": by_numbers(True, (), rows, iterations),
    }
    asked = (1, 10) if small else tuple(range(1, 11))
    print("share of 500 products right in every digit (leading digits right, the median)")
    print(f"{'digits':<8}{'numbers':>14}{'logs':>14}{'linear of logs':>18}{'digits':>10}")
    for digits in asked:
        pairs, cells = factors(digits, 500), []
        for multiplied, _ in made.values():
            found = answers(multiplied(pairs, digits), pairs)
            cells.append(f"{found.exact:.3f} ({min(found.digits, 2 * digits):.1f})")
        shown = f"{by_digits(digits, *((100, 2) if small else (10000, 20))):.3f}"
        print(f"{digits:<8}{cells[0]:>14}{cells[1]:>14}{cells[2]:>18}{shown:>10}", flush=True)
    net, pairs = made["numbers"][1], factors(10, 1000)
    times, x, (a, b) = 20 if small else 500, pairs / 1e10, pairs[0].tolist()
    print(f"\nnanoseconds a product: Python {1e9 * seconds(lambda: a * b, 100 * times):.0f}, "
          f"network {1e9 * seconds(lambda: net.predict(x[:1]), times):.0f}, network 1,000 at once "
          f"{1e6 * seconds(lambda: net.predict(x), max(times // 20, 1)):.0f}")  # fmt: skip


if __name__ == "__main__":
    main()
