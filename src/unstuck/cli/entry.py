"""Where ``unstuck`` begins: Ctrl-C while the packages are imported is an end like any other."""

from __future__ import annotations

import signal
import sys
from typing import Any

from unstuck import interruption
from unstuck.cli import starting
from unstuck.cli.exit_codes import INTERRUPTED


def main() -> None:
    """Run the command line; see ``exit_codes`` for what it leaves with."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interruption.raised)
        sys.unraisablehook = _unraisable
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
    print("interrupted: stopped by Ctrl-C.", file=sys.stderr)
    raise SystemExit(INTERRUPTED) from None


def _unraisable(problem: Any) -> None:
    """Tell of errors that nobody can catch, but not of Ctrl-C."""
    if not issubclass(problem.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(problem)
