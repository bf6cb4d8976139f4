"""Where ``unstuck`` begins: Ctrl-C while the packages are imported is an end like any other."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from typing import Any

from unstuck import interruption
from unstuck.cli import starting
from unstuck.cli.exit_codes import INTERRUPTED
from unstuck.consoles import errors

STANDARD_ERROR = 2


def main() -> None:
    """Run the command line; see ``exit_codes`` for what it leaves with."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interruption.raised)
        sys.unraisablehook = _unraisable
    if sys.stderr is None:
        while os.open(os.devnull, os.O_RDWR) <= STANDARD_ERROR:
            pass  # a file that is opened later would get its number, and what libraries write
    sys.stderr = errors()
    if getattr(sys.stdout, "errors", "") == "strict":
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # no ± in ASCII
    try:
        starting.begun(sys.argv[1:])
        from unstuck.cli.main import run

        run()
    except KeyboardInterrupt:
        _leave()
    except BaseException:
        # An import that Ctrl-C breaks off may end with any error.
        if not interruption.raised.pressed or interruption.raised.ready:
            raise
        _leave()
    finally:
        starting.over()


def _leave() -> None:
    starting.over()
    if "--json" in sys.argv and sys.stdout is not None:
        told = {"error": {"kind": "interrupted", "message": starting.STOPPED}}
        with contextlib.suppress(OSError):
            print(json.dumps(told, indent=2), flush=True)
    print(f"interrupted: {starting.STOPPED}", file=sys.stderr)
    raise SystemExit(INTERRUPTED) from None


def _unraisable(problem: Any) -> None:
    """Tell of errors that nobody can catch, but not of Ctrl-C."""
    if not issubclass(problem.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(problem)
