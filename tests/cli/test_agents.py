"""What AGENTS.md tells programs of the command line is what the commands print."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command import unstuck

import unstuck as package

PAGE = (Path(package.__file__).parent / "AGENTS.md").read_text("utf-8")
TRAIN = (
    "train",
    "iris",
    "--preset",
    "plain",
    "--hidden",
    "8",
    "--solver",
    "lbfgs",
    "--max-iter",
    "20",
    "--no-plots",
)


def paths(command):
    """The paths into the document that a command prints, from the table below its heading."""
    (section,) = re.findall(
        rf"^### `unstuck {command} [^\n]*--json`\n(.*?)(?=^##)", PAGE, re.S | re.M
    )
    return re.findall(r"^\| `([\w.]+)` \|", section, re.MULTILINE)


def at(document, path):
    """What lies at a path; a part of it that is not there is a KeyError."""
    for part in path.split("."):
        document = document[int(part) if part.isdigit() else part]
    return document


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs, and what the second one printed."""
    folder = tmp_path_factory.mktemp("agents")
    for out, alpha in (("b", "0.1"), ("a", "0")):
        done = unstuck(*TRAIN, "--alpha", alpha, "--json", "--out", out, folder=folder)
        assert done.returncode == 0, done.stderr
    return folder, done


COMMANDS = {
    "diagnose": ("diagnose", "a", "iris"),
    "runs": ("runs", "."),
    "compare": ("compare", "a", "b"),
    "score": ("score", "a", "iris"),
    "repair": ("repair", "a", "iris", "--max-time", "20"),
    "remedies": ("remedies", "iris", "--remedy", "weights", "--seeds", "2", "--max-iter", "2"),
    "choose": ("choose", "iris", "--grid", "alpha=0,1", "--folds", "2", "--max-iter", "2"),
    "prune": ("prune", "a", "iris", "--out", "small.safetensors"),
}
"""The other commands that print JSON, as they are called here."""


def test_train_prints_what_is_told(runs):
    document = json.loads(runs[1].stdout)
    assert len(paths("train")) > 8
    for path in paths("train"):
        at(document, path)


def test_other_commands_print_what_is_told(runs):
    told = re.findall(r"^### `unstuck (\w+) .*--json`$", PAGE, re.MULTILINE)
    assert sorted(told) == sorted(["train", *COMMANDS])
    for command, words in COMMANDS.items():
        done = unstuck(*words, "--json", folder=runs[0])
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        for path in paths(command):
            at(document, path)


def test_errors_are_as_told(runs):
    done = unstuck("train", "nowhere.csv", "--json", folder=runs[0])
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "DataError"
    for command, words in {"train": TRAIN, **COMMANDS}.items():
        done = unstuck(*words, "--nonsense", "--json", folder=runs[0])
        assert done.returncode == 2, command
        assert json.loads(done.stdout)["error"]["kind"] == "usage"


def test_the_run_folder_is_as_told(runs):
    folder = runs[0] / "a"
    section = PAGE.split("### The run folder\n")[1]
    for name in re.findall(r"`([\w.]+\.(?:safetensors|json|csv))`", section):
        assert (folder / name).exists(), name
    settings = json.loads((folder / "settings.json").read_text("utf-8"))
    assert {"parameters", "data", "scores", "verdict", "diagnosis", "versions"} <= set(settings)
