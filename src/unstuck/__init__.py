"""Neural networks that don't get stuck: scikit-learn estimators on compiled JAX.

    from unstuck import NetClassifier

    model = NetClassifier(random_state=0).fit(X_train, y_train)
    print(model.score(X_test, y_test), model.stop_reason_)

Names are imported when they are first used, so ``import unstuck`` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unstuck.activations import ACTIVATIONS, Activation
    from unstuck.autodiff.trace import trace
    from unstuck.data import datasets
    from unstuck.data.table import TableEncoder
    from unstuck.derivatives.curvature import Curvature, curvature
    from unstuck.derivatives.verify import GradientCheck, check_gradients
    from unstuck.errors import (
        DataError,
        FileError,
        GradientError,
        IgnoredParameterWarning,
        InterruptedWarning,
        ParameterError,
        StuckWarning,
        UnstuckError,
        UnstuckWarning,
    )
    from unstuck.estimators.backpropagation import backpropagation
    from unstuck.estimators.classifier import NetClassifier
    from unstuck.estimators.loading import load
    from unstuck.estimators.regressor import NetRegressor
    from unstuck.graph import Graph, Node
    from unstuck.initializers import INITIALIZERS, Initializer
    from unstuck.losses import LOSSES, Loss
    from unstuck.report.curve_display import FittedCurveDisplay
    from unstuck.report.regression_displays import ErrorHistogramDisplay, RegressionDisplay
    from unstuck.report.training_displays import TrainingCurveDisplay, TrainingStateDisplay
    from unstuck.solvers.schedules import SCHEDULES
    from unstuck.solvers.stop import Stop, StopReason
    from unstuck.solvers.table import SOLVERS
    from unstuck.symmetry.align import Alignment, align
    from unstuck.symmetry.symmetry import equivalent_minima

__version__ = "0.1.0"

_HOMES = {
    **dict.fromkeys(
        (
            "DataError",
            "FileError",
            "GradientError",
            "IgnoredParameterWarning",
            "InterruptedWarning",
            "ParameterError",
            "StuckWarning",
            "UnstuckError",
            "UnstuckWarning",
        ),
        "unstuck.errors",
    ),
    "ACTIVATIONS": "unstuck.activations",
    "Activation": "unstuck.activations",
    "Alignment": "unstuck.symmetry.align",
    "Curvature": "unstuck.derivatives.curvature",
    "ErrorHistogramDisplay": "unstuck.report.regression_displays",
    "FittedCurveDisplay": "unstuck.report.curve_display",
    "GradientCheck": "unstuck.derivatives.verify",
    "Graph": "unstuck.graph",
    "INITIALIZERS": "unstuck.initializers",
    "Initializer": "unstuck.initializers",
    "LOSSES": "unstuck.losses",
    "Loss": "unstuck.losses",
    "NetClassifier": "unstuck.estimators.classifier",
    "NetRegressor": "unstuck.estimators.regressor",
    "Node": "unstuck.graph",
    "RegressionDisplay": "unstuck.report.regression_displays",
    "SCHEDULES": "unstuck.solvers.schedules",
    "SOLVERS": "unstuck.solvers.table",
    "Stop": "unstuck.solvers.stop",
    "StopReason": "unstuck.solvers.stop",
    "TableEncoder": "unstuck.data.table",
    "TrainingCurveDisplay": "unstuck.report.training_displays",
    "TrainingStateDisplay": "unstuck.report.training_displays",
    "align": "unstuck.symmetry.align",
    "backpropagation": "unstuck.estimators.backpropagation",
    "check_gradients": "unstuck.derivatives.verify",
    "curvature": "unstuck.derivatives.curvature",
    "datasets": "unstuck.data",
    "equivalent_minima": "unstuck.symmetry.symmetry",
    "load": "unstuck.estimators.loading",
    "trace": "unstuck.autodiff.trace",
}

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "SCHEDULES",
    "SOLVERS",
    "Activation",
    "Alignment",
    "Curvature",
    "DataError",
    "ErrorHistogramDisplay",
    "FileError",
    "FittedCurveDisplay",
    "GradientCheck",
    "GradientError",
    "Graph",
    "IgnoredParameterWarning",
    "Initializer",
    "InterruptedWarning",
    "Loss",
    "NetClassifier",
    "NetRegressor",
    "Node",
    "ParameterError",
    "RegressionDisplay",
    "Stop",
    "StopReason",
    "StuckWarning",
    "TableEncoder",
    "TrainingCurveDisplay",
    "TrainingStateDisplay",
    "UnstuckError",
    "UnstuckWarning",
    "align",
    "backpropagation",
    "check_gradients",
    "curvature",
    "datasets",
    "equivalent_minima",
    "load",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'unstuck' has no attribute {name!r}")
    from unstuck import collector

    with collector.paused():
        if name == "datasets":
            return importlib.import_module("unstuck.data.datasets")
        return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
