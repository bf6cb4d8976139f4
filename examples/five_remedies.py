"""Five classical remedies for stuck sigmoid networks and the later ones, alone and together; then
what is said of them, put to the test.

The patient: two layers of sigmoids, first weights of deviation 1 whatever the fan-in, inputs as
they come, squared error of sigmoid outputs, plain gradient descent. Rows that no line separates,
and two real tables: handwritten digits, whose columns are alike, and tumors, measured in units that
differ by a factor of 100,000.
"""

from __future__ import annotations

from unstuck import CLAIMS, RemedyComparison, check_claim, compare_remedies
from unstuck.data.datasets import Dataset, load_dataset

DATA = ("xor", "digits", "breast_cancer")
SMALL = {"seeds": 2, "max_iter": 2}


def compared(data: Dataset, **options: object) -> RemedyComparison:
    """Every remedy on a table."""
    return compare_remedies(data.X, data.y, **options)


def claims(small: bool) -> None:
    """A line for each claim: what came of it on each table."""
    names = list(CLAIMS)[-2:] if small else list(CLAIMS)
    data = {name: load_dataset(name, seed=0) for name in DATA[: 1 if small else None]}
    verdicts: dict[str, list[str]] = {}
    for name in names:
        print(f"\n{name}: {CLAIMS[name].description}")
        for table, each in data.items():
            found = check_claim(name, each.X, each.y, **(SMALL if small else {}))
            verdicts.setdefault(name, []).append(found.verdict)
            for told in found.told:
                value = f"{told.gain.mean:+.3f} ± {told.margin:.3f}" if told.gain else "unknown"
                print(f"  {table:<14} {told.expected.says:<46} {value:<16} {told.verdict}")
    print(f"\n{'claim':<36}" + "".join(f"{table:<15}" for table in data))
    for name, told in verdicts.items():
        print(f"{name:<36}" + "".join(f"{each:<15}" for each in told))


def main(small: bool = False) -> None:
    """A table for each table; then the claims."""
    for name in DATA[: 1 if small else None]:
        options = {"remedies": ["weights", "relu"], **SMALL} if small else {}
        print(f"{name}: {compared(load_dataset(name, seed=0), **options)}\n")
    claims(small)


if __name__ == "__main__":
    main()
