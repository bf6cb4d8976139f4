"""The last layer is softmax regression on learned features: refit it, and it stays where it is."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression

from unstuck import NetClassifier


def main(small: bool = False) -> None:
    """Raw columns against learned features, for the same linear classifier."""
    X, y = load_wine(return_X_y=True)
    net = NetClassifier(
        (8, 4), activation="tanh", alpha=1.0, learning_rate_init=0.01, random_state=0,
        max_iter=300 if small else 4000, tol=1e-12, n_iter_no_change=100,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # all epochs may be used: the gradient is what matters
        net.fit(X, y)
    features = net.features(X)
    print(f"{X.shape[1]} columns became {features.shape[1]} features\n\n{net.network_}\n")

    # alpha / 2 |W|² on the sum of the losses is scikit-learn's penalty with C = 1 / alpha
    again = LogisticRegression(C=1 / net.alpha, tol=1e-10, max_iter=10_000).fit(features, y)
    centered = net.coefs_[-1] - net.coefs_[-1].mean(1, keepdims=True)  # softmax ignores a shift
    print("last layer of the network, and softmax regression on the features:")
    for mine, theirs in zip(centered.T, again.coef_, strict=True):
        print(f"  {np.round(mine, 3)}   {np.round(theirs, 3)}")
    print(f"largest difference of the weights: {abs(centered.T - again.coef_).max():.1e}")


if __name__ == "__main__":
    main()
