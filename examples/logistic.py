"""The logistic unit beside linear discriminant analysis, over many samples.

On Gaussian rows of one covariance discriminant analysis assumes what is true, and needs fewer rows
(Efron 1975); the more rows, the smaller the difference. With a fifth of a class far away it assumes
what is not, and more rows do not help. On few rows the classes are often apart: then no
maximum-likelihood fit exists, and the sample is left out of both means.
"""

from __future__ import annotations

import numpy as np

from unstuck.errors import DataError
from unstuck.neuro import beside_discriminant
from unstuck.neuro.discriminant import far_rows, gaussian_rows

OTHERS = 5000


def main(small: bool = False) -> None:
    """Both tables."""
    seeds, sizes = (3, (100,)) if small else (100, (30, 100, 300, 1000))
    for name, draw in {"Gaussian rows": gaussian_rows, "a fifth far away": far_rows}.items():
        others = draw(OTHERS, 10**6)
        print(f"{name}: share of {OTHERS:,} other rows that are wrong, ± two standard errors")
        print(f"{'rows':<6}{'no fit':>7}{'logistic unit':>17}{'LDA':>17}")
        for size in sizes:
            wrong = []
            for seed in range(seeds):
                try:
                    found = beside_discriminant(*draw(size, seed), *others)
                except DataError:  # the classes are apart
                    continue
                wrong.append([1 - accuracy for accuracy in found.accuracy.values()])
            mean, spread = np.mean(wrong, 0), 2 * np.std(wrong, 0) / len(wrong) ** 0.5
            said = "".join(f"{f'{m:.4f} ± {s:.4f}':>17}" for m, s in zip(mean, spread, strict=True))
            print(f"{size:<6}{seeds - len(wrong):>7}{said}", flush=True)
        print()


if __name__ == "__main__":
    main()
