"""Runs that were: what their folders say."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unstuck.cli.predicted import Predicted
from unstuck.cli.run_folder import MODEL, SETTINGS, TEST
from unstuck.errors import FileError

TASKS = ("classification", "regression")
KINDS: dict[type, tuple[str, ...]] = {
    dict: (
        "data",
        "division",
        "parameters",
        "scores",
        "scores.test",
        "margins",
        "margins.test",
        "stop_reason",
        "diagnosis",
        "verdict",
    ),
    str: (
        "target",
        "task",
        "preset",
        "resumed",
        "when",
        "data.name",
        "data.source",
        "data.digest",
        "stop_reason.name",
    ),
    list: ("ignored", "diagnosis.findings"),
}
"""Of what kind the settings of a run are, so far as they are read."""
WORDS: dict[type, str] = {dict: "an object", str: "a text", list: "a list"}


@dataclass(frozen=True)
class Past:
    """A run as its folder tells it.

    Attributes:
        folder: of the run.
        settings: what its ``settings.json`` holds.
    """

    folder: Path
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.resolve().name

    @property
    def when(self) -> str:
        """Its end, as ``2026-01-31 12:00:00``."""
        written = self.settings.get("when")
        if isinstance(written, str):
            return written.replace("T", " ")[:19]
        changed = (self.folder / SETTINGS).stat().st_mtime
        return f"{datetime.datetime.fromtimestamp(changed):%Y-%m-%d %H:%M:%S}"

    @property
    def data(self) -> str:
        """The name of its data."""
        return str(self.part("data").get("name", "?"))

    @property
    def digest(self) -> str | None:
        """That of its table; ``None`` where it is from before there were any."""
        return self.part("data").get("digest")

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return str(self.settings.get("task", "?"))

    @property
    def parameters(self) -> dict[str, Any]:
        """Of its estimator."""
        return self.part("parameters")

    def part(self, name: str) -> dict[str, Any]:
        """What is said under a name; nothing where nothing is."""
        found = self.settings.get(name)
        return found if isinstance(found, dict) else {}

    def tested(self) -> Predicted | None:
        """The predictions of its test rows; ``None`` where it kept none.

        Raises:
            FileError: they are damaged.
        """
        path = self.folder / TEST
        return Predicted.read(path, self.task) if path.exists() else None


def _check(settings: dict[str, Any]) -> None:
    """What ``settings.json`` says is of the kind that is read; ``None`` is nothing said.

    Raises:
        ValueError: it is not.
    """
    for kind, named in KINDS.items():
        for path in named:
            value: Any = settings
            for name in path.split("."):
                value = value.get(name) if isinstance(value, dict) else None
            if value is not None and not isinstance(value, kind):
                raise ValueError(f"{path} is {value!r:.40}; expected {WORDS[kind]}")
    if settings.get("task") not in (None, *TASKS):
        raise ValueError(f"task is {settings['task']!r:.40}; expected {' or '.join(TASKS)}")
    for part in ("scores.test", "margins.test"):
        outer, inner = part.split(".")
        for name, value in ((settings.get(outer) or {}).get(inner) or {}).items():
            if isinstance(value, int):
                float(value)
            elif value is not None and not isinstance(value, (float, str)):
                raise ValueError(f"{part}.{name} is {value!r:.40}; expected a number")
    for each in (settings.get("diagnosis") or {}).get("findings") or []:
        if not isinstance(each, dict):
            raise ValueError(f"a finding of the diagnosis is {each!r:.40}; expected an object")


def opened(folder: Path) -> Past:
    """The run of a folder.

    Raises:
        FileError: it is none, or half of one: says what is missing.
    """
    if not folder.is_dir():
        kind = "a file" if folder.exists() else "not there"
        raise FileError(f"{str(folder)!r} is {kind}; expected the folder of a run.")
    try:
        settings = json.loads((folder / SETTINGS).read_text("utf-8"))
        settings["versions"]["unstuck"]
        _check(settings)
    except FileNotFoundError:
        raise FileError(f"{str(folder)!r} holds no {SETTINGS}, so it is no run.") from None
    except OSError as problem:
        raise FileError(f"{folder / SETTINGS} cannot be read: {problem.strerror}.") from problem
    except RecursionError as problem:
        raise FileError(f"{folder / SETTINGS} is damaged: nested too deep.") from problem
    except (ValueError, KeyError, TypeError, OverflowError) as problem:
        raise FileError(
            f"{folder / SETTINGS} is damaged, or not of `unstuck train`: "
            f"{type(problem).__name__}: {problem}."
        ) from problem
    if not (folder / MODEL).is_file():
        raise FileError(f"{str(folder)!r} holds no {MODEL}: half of a run.")
    return Past(folder, settings)
