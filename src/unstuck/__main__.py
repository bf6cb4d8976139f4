"""``python -m unstuck``: the command line, also where its script is not on the path."""

from __future__ import annotations

from unstuck.cli.entry import main

if __name__ == "__main__":
    main()
