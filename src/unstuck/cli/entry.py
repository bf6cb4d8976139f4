"""Where ``unstuck`` begins: Ctrl-C while the packages are imported is an end like any other."""

from __future__ import annotations

import sys

from unstuck.cli.exit_codes import INTERRUPTED


def main() -> None:
    """Run the command line; see ``exit_codes`` for what it leaves with."""
    try:
        from unstuck.cli.main import run

        run()
    except KeyboardInterrupt:
        print("interrupted: stopped by Ctrl-C.", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None
