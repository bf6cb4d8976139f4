"""``--resume RUN``: a run that goes on from where another one ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unstuck.cli import config, past
from unstuck.cli.assignment import Asked, Assignment, by_label, understood
from unstuck.cli.division import Division
from unstuck.cli.flags import DEFAULTS, chosen, flags, spelled
from unstuck.cli.past import Past
from unstuck.cli.run_folder import MODEL, SETTINGS
from unstuck.cli.source import Source
from unstuck.cli.terminal import say
from unstuck.errors import FileError, ParameterError, raise_together

if TYPE_CHECKING:
    import numpy as np

FIXED = (
    "hidden_layer_sizes",
    "activation",
    "output_activation",
    "initializer",
    "layer_norm",
    "active_share",
    "class_targets",
    "scale_inputs",
    "scale_targets",
    "random_state",
    "n_restarts",
    "n_ensemble",
    "n_pieces",
    "validation_fraction",
)
"""What a network has from its start: another one would be another network, or have other rows."""


@dataclass(frozen=True)
class Resumed:
    """A run to go on from.

    Attributes:
        run: what its folder says.
        estimator: as it was left.
        asked: what was asked for of its data.
    """

    run: Past
    estimator: Any
    asked: Asked

    def assignment(self, source: Source, asked: Asked, given: dict[str, Any]) -> Assignment:
        """What is to be done now.

        Arguments:
            source: the table.
            asked: of the data, with what the run was asked for.
            given: parameters as they were typed; ``None`` where they were not.

        Raises:
            ParameterError: what was typed contradicts the run.
            DataError: the table cannot be used.
        """
        target, frame, ignored, dropped = understood(source, asked)
        target = self.estimator.table_.target_
        parameters = self._parameters(given, target.task)
        division = self.run.part("division")
        shares = Division.written(division, self.run.folder / SETTINGS)
        self._check_held_out(parameters, shares)
        if source.digest != self.run.digest:
            say(
                "note",
                f"{source.name} is not the table of {self.run.name}: its rows are divided anew, "
                "and some that are held out may have been trained on.",
                "yellow",
            )
        self.estimator.set_params(**parameters)
        self.estimator.warm_start = True
        return Assignment(
            source, frame, target, parameters, shares, division["seed"], ignored, dropped,
            self.run.settings.get("preset"), self.estimator, self.run.folder,
        )  # fmt: skip

    def _parameters(self, given: dict[str, Any], task: str) -> dict[str, Any]:
        """Those of the run, but for what was typed and may change."""
        own = self.estimator.get_params(deep=False)
        typed = {name: value for name, value in given.items() if value is not None}
        named = {**chosen(typed, task)}
        if isinstance(named.get("class_weight"), dict):
            named["class_weight"] = by_label(named["class_weight"], self._classes)
        wanted = {flag.field.name: flag.name for flag in flags() if flag.field.name in typed}
        mistakes = [
            f"{flag} was {typed[name]!r}, and the run has {spelled(own[name])!r}."
            for name, flag in wanted.items()
            if name in FIXED and named[name] != own[name]
        ]
        raise_together(mistakes, ParameterError, f"--resume {self.run.folder} {ANEW}")
        changed = {name: named[name] for name in wanted}
        return {**own, "verbose": DEFAULTS["verbose"], **changed}

    def _check_held_out(self, parameters: dict[str, Any], shares: Division) -> None:
        """Rows that were trained on cannot validate: they have to be held out from the start."""
        own = self.estimator.get_params(deep=False)
        before, now = (
            each["early_stopping"] or each["solver"] == "auto" for each in (own, parameters)
        )
        if now and not before and not shares.validation:
            flag = "--early-stopping" if parameters["early_stopping"] else "--solver auto"
            raise ParameterError(
                f"--resume {self.run.folder} {ANEW}: {flag} needs rows to validate, and the run "
                "trained on all of its own."
            )

    @property
    def _classes(self) -> np.ndarray:
        return self.estimator.classes_


ANEW = "goes on with the network and the rows of that run; leave this out, or train anew"


def opened(folder: Path, typed: Asked) -> Resumed:
    """The run that is to go on.

    Raises:
        FileError: it is none that could.
        ParameterError: other rows were asked for than it has.
    """
    if typed.divide is not None:  # 75.0 is 75
        typed = replace(typed, divide=Division.parse(typed.divide).spelled())
    from unstuck import load

    run = past.opened(folder)
    written = config.asked_of(run.settings, folder / SETTINGS)
    if not run.part("division") or run.digest is None:
        raise FileError(
            f"{str(folder)!r} is of an earlier version, which did not keep how the rows were "
            "divided, so it cannot go on. Train it again."
        )
    for name, value in vars(typed).items():
        if name != "drop_missing_target" and value not in (None, getattr(written, name)):
            raise ParameterError(
                f"--resume {folder} {ANEW}: --{name.replace('_', '-')} was {value!r}, and the run "
                f"has {getattr(written, name)!r}."
            )
    return Resumed(run, load(folder / MODEL), config.over(typed, written))
