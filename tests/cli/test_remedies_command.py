"""``unstuck remedies``: the table, a claim, JSON, the plot; what is wrong is told in one line."""

from __future__ import annotations

import json

import pytest
from command import unstuck

SMALL = ("remedies", "moons.csv", "--target", "target", "--seeds", "2", "--max-iter", "2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from unstuck.cli.source import frame_of
    from unstuck.data.datasets import load_dataset

    made = tmp_path_factory.mktemp("remedies")
    frame_of(load_dataset("moons", n=80, seed=0)).write_csv(made / "moons.csv")
    return made


def test_the_table_and_the_plot(folder):
    done = unstuck(*SMALL, "--remedy", "weights", "--remedy", "slope_offset",
                   "--plot", "plot.png", folder=folder)  # fmt: skip
    assert done.returncode == 0
    assert "accuracy on 20 held-out rows, 2 seeds, 2 epochs" in done.stdout
    assert done.stdout.splitlines()[-2].startswith("weights")
    assert (folder / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert "plot.png" in done.stderr


def test_as_json(folder):
    given = ("--remedy", "weights", "--remedy", "targets", "--pairs", "--json")
    told = json.loads(unstuck(*SMALL, *given, folder=folder).stdout)
    assert [line["remedy"] for line in told["table"]][1:] == [
        "weights",
        "targets",
        "weights + targets",
    ]
    assert told["complete"]


def test_a_claim(folder):
    name = "large_weights_saturate_or_explode"
    told = json.loads(unstuck(*SMALL, "--claim", name, "--json", folder=folder).stdout)
    assert told["claim"] == name
    assert told["verdict"] in ("held", "did not hold", "not told")
    assert "put sigmoids onto their flat parts" in told["says"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--remedy", "wieghts"), "Did you mean 'weights'"),
        (("--claim", "depth"), "claim='depth' is not known"),
        (
            ("--claim", "depth_hurts_sigmoids", "--plot", "a.png"),
            "leave --plot, --remedy and",
        ),
        (("--plot", "a.gif"), "ends in .png, .svg or .pdf"),
        (("--plot", "nowhere/a.png"), "there is no folder nowhere"),
        (("--seeds", "1"), "seeds was 1"),
        (("--task", "sorting"), "task was 'sorting'"),
    ],
)
def test_what_is_wrong_is_told(folder, given, says):
    done = unstuck(*SMALL[:4], *given, folder=folder)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
