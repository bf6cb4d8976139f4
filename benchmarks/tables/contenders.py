"""Who learns the tables: a linear model, trees, scikit-learn's network and ours."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd

FILL = "(missing)"
MOST_LEVELS = 100


class Fitted(Protocol):
    """What every contender leaves."""

    def predict(self, frame: pd.DataFrame) -> np.ndarray: ...
    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray: ...


def columns(scaled: bool = True) -> Any:
    """Numbers imputed and standardized, texts one-hot, as scikit-learn documents it."""
    from sklearn.compose import ColumnTransformer, make_column_selector
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    kinds = ["number", "bool"]
    numbers = [SimpleImputer(strategy="median"), *([StandardScaler()] if scaled else [])]
    texts = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=FILL),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False, max_categories=MOST_LEVELS),
    )
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(*numbers), make_column_selector(dtype_include=kinds)),
            ("texts", texts, make_column_selector(dtype_exclude=kinds)),
        ]
    )


def piped(model: Any, scaled: bool = True) -> Any:
    """A model behind the columns."""
    from sklearn.pipeline import make_pipeline

    return make_pipeline(columns(scaled), model)


def linear(classes: bool) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge

    return piped(LogisticRegression(max_iter=1000) if classes else Ridge())


def trees(classes: bool) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    return piped(kind(random_state=0))


def network(classes: bool) -> Any:
    """scikit-learn's, with targets standardized too."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    if classes:
        return piped(MLPClassifier(random_state=0))
    model = MLPRegressor(random_state=0)
    return piped(TransformedTargetRegressor(model, transformer=StandardScaler()))


def ours(classes: bool, **parameters: Any) -> Any:
    """An estimator of unstuck behind the same columns; it standardizes them itself."""
    from unstuck import NetClassifier, NetRegressor

    kind = NetClassifier if classes else NetRegressor
    return piped(kind(**parameters, random_state=0), scaled=False)


def preset(classes: bool) -> Any:
    """The documented setting of the estimators."""
    from unstuck import PRESETS

    return ours(classes, **PRESETS["table"])


class Trained:
    """What ``unstuck train`` does: the encoder of tables, and the preset."""

    def __init__(self, classes: bool):
        self.classes = classes

    def fit(self, frame: pd.DataFrame, y: np.ndarray) -> Trained:
        from unstuck import PRESETS, NetClassifier, NetRegressor, TableEncoder

        self.table = TableEncoder()
        rows = self.table.fit_transform(frame)
        kind = NetClassifier if self.classes else NetRegressor
        self.net = kind(**PRESETS["table"], random_state=0).fit(rows, y)
        self.classes_ = getattr(self.net, "classes_", None)
        return self

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        return self.net.predict(self.table.transform(frame))

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        return self.net.predict_proba(self.table.transform(frame))


CONTENDERS = {
    "scikit-learn's network": network,
    "linear": linear,
    "gradient-boosted trees": trees,
    "unstuck, plain": ours,
    "unstuck, preset table": preset,
    "unstuck train": Trained,
}
"""By name; the first is what the others are relative to."""
