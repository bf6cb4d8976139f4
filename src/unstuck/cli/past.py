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
    except FileNotFoundError:
        raise FileError(f"{str(folder)!r} holds no {SETTINGS}, so it is no run.") from None
    except OSError as problem:
        raise FileError(f"{folder / SETTINGS} cannot be read: {problem.strerror}.") from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise FileError(
            f"{folder / SETTINGS} is damaged, or not of `unstuck train`: "
            f"{type(problem).__name__}: {problem}."
        ) from problem
    if not (folder / MODEL).is_file():
        raise FileError(f"{str(folder)!r} holds no {MODEL}: half of a run.")
    return Past(folder, settings)
