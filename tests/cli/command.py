"""The command line for the tests: in this process, or as one of its own where that is the point."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from unstuck.cli.main import app

COMMAND = [sys.executable, "-m", "unstuck"]


class Done(NamedTuple):
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def environment(**more):
    """Variables of a process whose output is no terminal, in UTF-8."""
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR")}
    return {**kept, "PYTHONIOENCODING": "utf-8", **more}


def process(*arguments, folder=None, **variables):
    """``unstuck`` as a process: two seconds of imports, so only for what a process alone shows."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def unstuck(*arguments, folder=None):
    """``unstuck`` in this process; what it did not foresee is raised."""
    words = [*map(str, arguments)]
    with contextlib.chdir(folder or Path.cwd()), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["unstuck", *words])
        done = CliRunner().invoke(app, words, prog_name="unstuck")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)
