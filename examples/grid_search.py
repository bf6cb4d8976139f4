"""Activation, width and penalty chosen by scikit-learn's grid search; every choice is a text."""

from __future__ import annotations

import warnings

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV, train_test_split

from unstuck import NetClassifier

GRID = {
    "activation": ["tanh", "relu", "leaky_relu(0.1)", "elu"],
    "hidden_layer_sizes": [(16,), (32, 32)],
    "alpha": [1e-4, 1.0],
}
SMALL = {"activation": ["tanh", "leaky_relu(0.1)"]}


def main(small: bool = False) -> None:
    """Search, then score the best on rows it has not seen."""
    X, y = load_breast_cancer(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
    net = NetClassifier((16,), max_iter=60, early_stopping=True, random_state=0)
    search = GridSearchCV(net, SMALL if small else GRID, cv=2 if small else 5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of these fits use all their epochs
        search.fit(X, y)
    found = search.cv_results_
    ranked = sorted(zip(found["rank_test_score"], found["mean_test_score"], found["params"],
                        strict=True), key=lambda row: row[0])  # fmt: skip
    print("mean accuracy of the folds, best first:")
    for _, accuracy, parameters in ranked[:6]:
        print(f"  {accuracy:.4f}  {parameters}")
    print(f"the best on rows it has not seen: {search.score(X_test, y_test):.4f}")


if __name__ == "__main__":
    main()
