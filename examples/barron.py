"""Measured errors beside Barron's bound C_f^2/q + q p log(N)/N: with q, with p and with N.

Functions whose C_f has a closed form, sigmoids placed one after another; then approximation alone,
from many rows without noise.
"""

from __future__ import annotations

from unstuck.selection.approximation import SMOOTH, beside_barron


def main(small: bool = False) -> None:
    """The tables."""
    names = ["hill"] if small else list(SMOOTH)
    size = (
        {"units": (1, 4, 16), "inputs": (2, 3), "rows": (200, 400), "seeds": 2}
        if small
        else {"inputs": (2, 5, 10), "seeds": 3}
    )
    for name in names:
        print(f"{beside_barron(name, **size)}\n", flush=True)

    print("Approximation alone: no noise, many rows\nfunction  inputs  C_f^2/q    error  q")
    units, rows = ((1, 4, 16), 500) if small else ((1, 2, 4, 8, 16, 32, 64), 8000)
    for name in names:
        for inputs in (2,) if small else (2, 5, 10):
            study = beside_barron(
                name, units=units, inputs=(inputs,), rows=(rows,), noise=0, seeds=1
            )
            c = SMOOTH[name].constant(inputs)
            for q, error in zip(units, study.mean[0, 0], strict=True):
                print(f"{name:<9} {inputs:>6} {c**2 / q:>8.3f} {error:>8.1e} {q:>2}")


if __name__ == "__main__":
    main()
