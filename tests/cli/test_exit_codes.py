"""The exit codes are written once, and the documents tell them."""

from __future__ import annotations

import re
from pathlib import Path

from unstuck.cli import exit_codes

ROOT = Path(__file__).parents[2]
CODES = {name: value for name, value in vars(exit_codes).items() if name.isupper()}


def test_the_codes_are_those_that_scripts_rely_on():
    assert CODES == {"DONE": 0, "WRONG_DERIVATIVES": 1, "BAD_USAGE": 2, "INTERRUPTED": 130}


def test_the_commands_use_their_names():
    for path in (ROOT / "src/unstuck/cli").glob("*.py"):
        assert not re.search(r"(Exit|exit)\(\d", path.read_text("utf-8")), path


def test_the_documents_tell_them():
    text = " ".join((ROOT / "docs/one-page.md").read_text("utf-8").split())
    told = re.search(r"Exit codes: (.*?)\.(?: |$)", text)[1]
    assert [int(code) for code in re.findall(r"\b\d+\b", told)] == list(CODES.values())
