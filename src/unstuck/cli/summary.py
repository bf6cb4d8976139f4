"""The summary at the end of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.cli.plots import PLOTS
from unstuck.cli.terminal import console

if TYPE_CHECKING:
    from rich.table import Table

    from unstuck.cli.run import Run

MUCH = 1000.0
"""A gradient that differs from the output layer's by more than this factor is remarked on."""
FLAT_HIDDEN = 0.9
"""A hidden layer with more than this share of its outputs on the flat part is remarked on; half
is what ReLU has by nature."""
DECIDED = 0.5


def show(run: Run, folder: Path, plots: list[str]) -> None:
    """Print the network, its scores, time, why it stopped, every layer's gradient, and where
    the files are."""
    from rich.text import Text

    printed, estimator = console(), run.estimator
    printed.print()
    printed.print(str(estimator.network_))
    printed.print()
    if run.scores:
        printed.print(_score_table(run))
        printed.print()
    epochs = f"{estimator.n_iter_} epoch{'s' * (estimator.n_iter_ != 1)}"
    compiling = f", {run.compile_seconds:.1f} s of it compiling" if run.compile_seconds else ""
    printed.print(f"{epochs} in {run.seconds:.1f} s{compiling}.")
    if estimator.solver_reason_:
        printed.print(Text.assemble(("Solver: ", "bold"), estimator.solver_reason_))
    printed.print(Text.assemble(("Stopped: ", "bold"), str(estimator.stop_reason_)))
    printed.print()
    if len(estimator.history_["look_epoch"]):
        printed.print(_layer_table(estimator))
        printed.print()
    printed.print(Text.assemble("Written to ", (f"{folder}/", "bold green"), no_wrap=True))
    printed.print(Text(f"  predict with: unstuck predict {folder} DATA", no_wrap=True))
    if plots:
        printed.print(Text(f"  plots: {', '.join(plots)} in {folder / PLOTS}/"))


def remark(gradient: float, output_gradient: float, flat: float, last: bool) -> str:
    """The state of a layer in words.

    Arguments:
        gradient: norm of its weights' gradient.
        output_gradient: that of the output layer.
        flat: share of its outputs on the flat part of the activation.
        last: whether it is the output layer.

    Example:
        >>> remark(1e-9, 0.1, 0.2, False)
        "gradient much smaller than the output layer's"
        >>> remark(0.1, 0.1, 0.95, False)
        '95 % on the flat part'
    """
    if not np.isfinite(gradient):
        return "gradient is not finite"
    if gradient == 0:
        return "no gradient: nothing is learned here"
    if not last and flat > FLAT_HIDDEN:
        return f"{100 * flat:.0f} % on the flat part"
    if last:
        return "ok: most outputs are decided" if flat > DECIDED else "ok"
    if gradient * MUCH < output_gradient:
        return "gradient much smaller than the output layer's"
    if gradient > MUCH * output_gradient:
        return "gradient much larger than the output layer's"
    return "ok"


def _score_table(run: Run) -> Table:
    table = _table("rows", "", *next(iter(run.scores.values())))
    for part, scores in run.scores.items():
        numbers = [
            f"{value:.4g}" if name == "RMSE" else f"{value:.4f}" for name, value in scores.items()
        ]
        table.add_row(part, str(run.rows[part]), *numbers, style="bold" if part == "test" else "")
    return table


def _layer_table(estimator: Any) -> Table:
    """The last look at every layer."""
    looks = estimator.history_
    last = {name: looks[name][-1] for name in looks if name.startswith("layer_")}
    names = estimator.network_.names
    table = _table("layer", "gradient", "weights", "flat", "state at the end", words=(0, 4))
    for i, name in enumerate(names):
        gradient = last["layer_gradient_norm"][i]
        flat = last["layer_flat_share"][i]
        is_last = i == len(names) - 1
        said = remark(gradient, last["layer_gradient_norm"][-1], flat, is_last)
        style = "green" if said.startswith("ok") else "bold yellow"
        weights = f"{last['layer_weight_norm'][i]:.3g}"
        table.add_row(name, f"{gradient:.1e}", weights, f"{100 * flat:.0f} %", _styled(said, style))
    return table


def _table(*headings: str, words: tuple[int, ...] = (0,)) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="left" if index in words else "right")
    return table


def _styled(text: str, style: str) -> Any:
    from rich.text import Text

    return Text(text, style)
