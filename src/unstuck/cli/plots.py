"""The plots of a run, drawn when its model has been written."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unstuck.cli.terminal import say
from unstuck.persistence.atomic import replacing

if TYPE_CHECKING:
    from unstuck.cli.run import Run

PLOTS = "plots"
NAMES = (
    *("training_curve", "training_state", "error_histogram", "regression", "fitted_curve"),
    *("surface", "confusion", "roc", "reliability", "regions"),
)


def draw_plots(folder: Path, run: Run) -> list[str]:
    """Draw what there is to be seen of a run; a plot that fails is told and left out.

    Arguments:
        folder: of the run.
        run: fitted.

    Returns:
        Names of the plots, which are in ``plots/<name>.png``.
    """
    import matplotlib

    matplotlib.use("Agg")
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    written = []
    for name, draw in _displays(run).items():
        try:
            (folder / PLOTS).mkdir(exist_ok=True)
            _write(folder / PLOTS / f"{name}.png", draw)
        except Exception as problem:  # the model is worth more than its plots
            said = " ".join(str(problem).split())
            say("note", f"the plot {name} could not be drawn: {said}", "yellow")
        else:
            written.append(name)
    return written


def remove_plots(folder: Path) -> None:
    """Remove the plots of an earlier run; they would be taken for those of the new model."""
    with suppress(OSError):
        for name in NAMES:
            (folder / PLOTS / f"{name}.png").unlink(missing_ok=True)
        (folder / PLOTS).rmdir()


def _displays(run: Run) -> dict[str, Callable[[], Any]]:
    from unstuck.report import curve_display, regression_displays, training_displays

    estimator, y, outputs = run.estimator, run.targets, run.outputs
    found: dict[str, Callable[[], Any]] = {
        "training_curve": lambda: training_displays.TrainingCurveDisplay.from_estimator(estimator),
        "training_state": lambda: training_displays.TrainingStateDisplay.from_estimator(estimator),
    }
    if run.task == "classification":
        return found | _of_classes(run)
    found["error_histogram"] = lambda: regression_displays.ErrorHistogramDisplay.from_predictions(
        y, outputs
    )
    found["regression"] = lambda: regression_displays.RegressionDisplay.from_predictions(y, outputs)
    names = run.table.get_feature_names_out()
    if len(names) == 1:
        found["fitted_curve"] = lambda: curve_display.FittedCurveDisplay.from_estimator(
            estimator, run.inputs, y, name=names[0]
        )
    return found | _of_two_inputs(run, "surface")


def _of_classes(run: Run) -> dict[str, Callable[[], Any]]:
    """Of the last part, which was held out where any was; curves of all parts."""
    from unstuck.report import class_displays, probability_displays

    estimator, inputs, y = run.estimator, run.inputs, run.targets
    last = list(y)[-1]
    found: dict[str, Callable[[], Any]] = {
        "confusion": lambda: class_displays.ConfusionDisplay.from_predictions(
            y[last], run.outputs[last], classes=estimator.classes_
        )
    }
    if hasattr(estimator, "predict_proba"):
        found["roc"] = lambda: probability_displays.RocDisplay.from_estimator(estimator, inputs, y)
        found["reliability"] = lambda: probability_displays.ReliabilityDisplay.from_estimator(
            estimator, inputs, y
        )
    return found | _of_two_inputs(run, "regions")


def _of_two_inputs(run: Run, name: str) -> dict[str, Callable[[], Any]]:
    """What is predicted everywhere, where both inputs are numbers of the table."""
    from unstuck.report import regions_display

    columns, counts = run.table.groups()
    names = list(run.table.get_feature_names_out())
    if counts != [1, 1] or columns != names:
        return {}
    return {
        name: lambda: regions_display.RegionsDisplay.from_estimator(
            run.estimator, run.inputs, run.targets, names=names
        )
    }


def _write(path: Path, draw: Callable[[], Any]) -> None:
    import matplotlib.pyplot as plt

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters of a column's name that the font lacks
        try:
            figure = draw().figure_
            with replacing(path) as file:
                figure.savefig(file, format="png", dpi=144)
        finally:
            plt.close("all")
