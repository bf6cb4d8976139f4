"""The commands of docs/runs.md, one after the other in one folder."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))

from command import unstuck  # noqa: E402

LINES = [
    line
    for line in (ROOT / "docs/runs.md").read_text("utf-8").splitlines()
    if line.startswith("unstuck ")
]


def test_commands_do_what_the_document_says(tmp_path):
    for line in LINES:
        _, *words = shlex.split(line)
        into = words[-1] if ">" in words else None
        words = words[:-2] if into else words
        if words[0] == "train":
            words += ["--no-plots", "--no-verbose"]
        done = unstuck(*words, folder=tmp_path)
        assert done.returncode == 0, line + done.stderr
        if into:
            (tmp_path / into).write_text(done.stdout)
    listed = unstuck("runs", folder=tmp_path).stdout
    assert all(name in listed for name in ("small", "large", "longer", "middle"))
    head, *rows = (tmp_path / "predicted.csv").read_text().splitlines()
    assert head.startswith("petal length (cm),prediction,probability_setosa")
    assert len(rows) == 150


@pytest.mark.parametrize("name", ["model.safetensors", "settings.json", "history.csv", "test.csv"])
def test_the_files_of_a_run_are_told(name):
    assert f"`{name}`" in (ROOT / "docs/runs.md").read_text("utf-8")
