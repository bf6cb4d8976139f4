"""Five remedies for stuck sigmoid networks, each applied alone, over a few seeds.

The patient: two layers of sigmoids, weights far too large for their fan-in, squared error of
sigmoid outputs, plain gradient descent. Hidden and output units start on their flat parts.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from unstuck import NetClassifier


def too_wide(key, shape, dtype):
    """Standard deviation 3 whatever the fan-in."""
    import jax

    return 3.0 * jax.random.normal(key, shape, dtype)


PATIENT = {
    "activation": "logistic",
    "initializer": too_wide,
    "loss": "squared_error",
    "output_activation": "logistic",
    "solver": "sgd",
    "learning_rate_init": 0.05,
    "batch_size": 32,
    "tol": 0,
}
REMEDIES = {
    "the patient": {},
    "1 weights by fan-in": {"initializer": "fan_in"},
    "2 targets 0.15 / 0.85": {"class_targets": (0.15, 0.85)},
    "3 slope + 0.1 on the way back": {"slope_offset": 0.1},
    "4 cross-entropy": {"loss": "cross_entropy"},
    "5 ReLU, weights that fit it": {"activation": "relu", "initializer": "auto"},
    "1, 4 and 5": {"activation": "relu", "initializer": "auto", "loss": "cross_entropy"},
}


def accuracies(remedy: dict, seeds: int, epochs: int) -> np.ndarray:
    """Test accuracy of a fit with each seed."""
    X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
    found = []
    for seed in range(seeds):
        net = NetClassifier((32, 32), max_iter=epochs, random_state=seed, **PATIENT | remedy)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that this gets stuck is the point
            net.fit(X, y)
        found.append(net.score(X_test, y_test))
    return np.array(found)


def main(small: bool = False) -> None:
    """One row a remedy: mean, worst and best of the seeds."""
    seeds, epochs = (1, 3) if small else (5, 30)
    print(f"test accuracy on digits after {epochs} epochs, {seeds} seeds\n")
    print(f"{'':<30}  mean  worst   best")
    for name, remedy in list(REMEDIES.items())[-2 if small else 0 :]:
        found = accuracies(remedy, seeds, epochs)
        print(f"{name:<30} {found.mean():5.3f}  {found.min():5.3f}  {found.max():5.3f}")


if __name__ == "__main__":
    main()
