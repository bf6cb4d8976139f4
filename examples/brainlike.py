"""What networks gain and lose by what brains have: signs of units, feedback, sparse codes.

Every table is over seeds: each draws other first weights and holds out other rows.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.model_selection import train_test_split

from unstuck import NetClassifier

DATA = {"digits": load_digits, "breast cancer": load_breast_cancer, "wine": load_wine}
COMMON = {
    "hidden_layer_sizes": (64, 64),
    "learning_rate_init": 0.005,
    "max_iter": 60,
    "tol": 0.0,
    "watch": False,
}


def scores(data: str, seeds: int, **parameters) -> np.ndarray:
    """Accuracy on held-out rows, one for each seed."""
    X, y = DATA[data](return_X_y=True)
    found = []
    for seed in range(seeds):
        rows, held, labels, known = train_test_split(X, y, test_size=0.3, random_state=seed)
        net = NetClassifier(**COMMON | parameters, random_state=seed).fit(rows, labels)
        found.append(net.score(held, known))
    return 100 * np.array(found)


def told(found: np.ndarray) -> str:
    """Mean and standard error."""
    return f"{found.mean():6.1f} +- {found.std(ddof=1) / np.sqrt(len(found)):.1f}"


def beside(title: str, variants: dict, names: list, seeds: int) -> None:
    """The scores of the first, and by how much the others differ on the same seeds."""
    print(f"\n{title}: % right on held-out rows, {seeds} seeds; below, the difference\n")
    print(f"{'':<24}" + "".join(f"{name:>16}" for name in names))
    usual = {name: scores(name, seeds) for name in names}
    print(f"{'usual':<24}" + "".join(f"{told(usual[name]):>16}" for name in names))
    for variant, parameters in variants.items():
        found = [told(scores(name, seeds, **parameters) - usual[name]) for name in names]
        print(f"{variant:<24}" + "".join(f"{each:>16}" for each in found))


def main(small: bool = False) -> None:
    """The tables."""
    warnings.simplefilter("ignore")  # all 60 epochs are used
    seeds, names = (2, ["wine"]) if small else (20, list(DATA))
    beside("Feedback alignment", {"random feedback": {"feedback": "random"}}, names, seeds)
    shares = (0.2,) if small else (0.2, 0.5, 0.0, 1.0)
    signs = {f"{share:.0%} inhibit": {"unit_signs": share} for share in shares}
    beside("Sign-constrained units", signs, names, seeds)


if __name__ == "__main__":
    main()
