"""The folder of a run: the model, its history and the settings, each replaced whole."""

from __future__ import annotations

import csv
import datetime
import errno
import io
import json
import math
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from unstuck.errors import FileError
from unstuck.persistence.atomic import write_text

MODEL, HISTORY, SETTINGS = "model.safetensors", "history.csv", "settings.json"
TEST, REPORT = "test.csv", "report.html"
RUNS = Path("runs")
LIBRARIES = ("unstuck", "jax", "numpy", "scikit-learn")


def choose(name: str, out: Path | None) -> Path:
    """The folder a run will be written to; refuses one that holds something else.

    Arguments:
        name: of the data.
        out: what the user asked for; a new folder ``runs/<name>-<time>`` where nothing was. It is
            made at once: two runs that begin in the same second have two folders.

    Raises:
        FileError: the path is a file, or a folder with files that are not a run's.
        OSError: the new folder cannot be made.
    """
    if out is None:
        return _new(f"{name}-{datetime.datetime.now():%Y%m%d-%H%M%S}")
    if out.exists() and not out.is_dir():
        raise FileError(f"--out {str(out)!r} is a file; expected a folder, new or of a run.")
    if out.is_dir() and any(out.iterdir()) and not is_run(out):
        raise FileError(
            f"--out {str(out)!r} holds files and is not the folder of a run, so nothing is "
            "written there. Name a new folder."
        )
    return out


def _new(name: str) -> Path:
    """A folder in ``runs/`` that nobody else has made, of this name or with a number after it."""
    folder, number = RUNS / name, 1
    while True:
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            number += 1
            folder = RUNS / f"{name}-{number}"


@contextmanager
def prepared(folder: Path) -> Iterator[None]:
    """Make the folder before the work begins, not to find out afterwards that it cannot be made.

    What was made, here or by ``choose``, is removed again if nothing was written to it.

    Raises:
        OSError: it cannot be made or written to.
    """
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    if folder.parent == RUNS:
        made = [folder, RUNS]  # only where empty, so nobody misses it
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "may not be written", str(folder))
    try:
        yield
    finally:
        with suppress(OSError):  # as soon as one holds something
            for each in made:
                each.rmdir()


def is_run(folder: Path) -> bool:
    """Whether a folder was written by ``unstuck train``."""
    try:
        return "unstuck" in json.loads((folder / SETTINGS).read_text())["versions"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def model_of(run: Path) -> Path:
    """The model file of a run folder, or the model file itself.

    Raises:
        FileError: there is none.
    """
    if run.is_dir() and not (run / MODEL).is_file():
        raise FileError(
            f"{str(run)!r} holds no {MODEL}; expected the folder of a run, as `unstuck train` "
            "writes it, or a model file."
        )
    return run / MODEL if run.is_dir() else run


def write_model(folder: Path, estimator: Any, table: Any, settings: dict[str, Any]) -> None:
    """Write the model to a folder that is there: the first thing, to be kept whatever comes.

    What an earlier run said of its own model goes. The settings so far are written at once, for
    the folder to stay that of a run where nothing can be measured.
    """
    estimator.save(folder / MODEL, table=table)
    for name in (SETTINGS, HISTORY, TEST, REPORT):
        (folder / name).unlink(missing_ok=True)
    _write_settings(folder, settings)


def write(
    folder: Path, estimator: Any, settings: dict[str, Any], tested: str | None = None
) -> None:
    """Write what there is to be said of a run beside its model.

    Arguments:
        folder: of the run.
        estimator: fitted.
        settings: what its ``settings.json`` is to hold.
        tested: the predictions of its test rows, as CSV.
    """
    write_text(folder / HISTORY, history_csv(estimator.history_))
    if tested is not None:
        write_text(folder / TEST, tested)
    _write_settings(folder, settings)


def _write_settings(folder: Path, settings: dict[str, Any]) -> None:
    found = {**settings, "versions": _versions()}
    write_text(folder / SETTINGS, json.dumps(plain(found), indent=2, allow_nan=False) + "\n")


def history_csv(history: Mapping[str, np.ndarray]) -> str:
    """One line an epoch; what was not measured is empty.

    Example:
        >>> import numpy as np
        >>> history_csv({"loss": np.array([2.0, 1.0]), "score": np.array([np.nan, 0.5])})
        'epoch,loss,score\\n1,2.0,\\n2,1.0,0.5\\n'
    """
    names = [name for name, each in history.items() if each.ndim == 1 and name != "look_epoch"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", *names])
    for epoch, row in enumerate(zip(*(history[n].tolist() for n in names), strict=True), start=1):
        writer.writerow([epoch, *("" if math.isnan(value) else value for value in row)])
    return text.getvalue()


def plain(value: Any) -> Any:
    """A value as JSON can hold it; what JSON has no word for becomes text."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
