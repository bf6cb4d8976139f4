"""How many Boolean functions one threshold unit computes: ever fewer of those there are.

Of each function a linear program says whether one unit computes it; its answer is checked in whole
numbers. The numbers published for up to 4 inputs are 4, 14, 104 and 1,882 (OEIS A000609). Of four
inputs a sample is drawn, so that its share is known to within two standard errors only. Any of them
is a circuit of two layers, with as many hidden units as it needs rows of value 1 told apart.
"""

from __future__ import annotations

import math

import numpy as np

from unstuck.neuro import circuit_of, representable

PUBLISHED = {1: 4, 2: 14, 3: 104, 4: 1882}


def functions(inputs: int, most: int) -> list[str]:
    """All functions of so many inputs, or a random sample of them."""
    rows = 2**inputs
    if 2**rows <= most:
        return [f"{number:0{rows}b}" for number in range(2**rows)]
    return [
        "".join(map(str, row)) for row in np.random.default_rng(0).integers(2, size=(most, rows))
    ]


def main(small: bool = False) -> None:
    """The table."""
    headings = f"{'inputs':<8}{'functions':>10}{'tried':>8}{'by one unit':>13}"
    print(f"{headings}{'share':>16}{'published':>11}")
    for inputs, published in list(PUBLISHED.items())[: 2 if small else None]:
        tried = functions(inputs, 2000)
        found = [representable(each) for each in tried]
        assert all(each.check() for each in found)
        one = sum(each.unit is not None for each in found)
        share, there = one / len(tried), 2**2**inputs
        spread = 2 * math.sqrt(share * (1 - share) / len(tried)) * (len(tried) < there)
        said = f"{share:.3f} ± {spread:.3f}" if spread else f"{share:.3f}"
        line = f"{inputs:<8}{there:>10,}{len(tried):>8,}{one:>13,}{said:>16}"
        print(f"{line}{published / there:>11.3f}", flush=True)
    print(f"\nparity of three inputs:\n{circuit_of(lambda a, b, c: (a + b + c) % 2)}")


if __name__ == "__main__":
    main()
