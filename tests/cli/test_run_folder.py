"""The folder of a run: one run each, never another's, none left behind."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from command import unstuck

from unstuck.cli import run_folder
from unstuck.cli.run import Run


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def one_second(monkeypatch):
    """The clock stands still."""

    class Clock(run_folder.datetime.datetime):
        @classmethod
        def now(cls):
            return cls(2026, 1, 2, 3, 4, 5)

    monkeypatch.setattr(run_folder.datetime, "datetime", Clock)


def test_runs_that_begin_in_the_same_second_have_folders_of_their_own(one_second):
    barrier, found = threading.Barrier(8), []

    def begin():
        barrier.wait()
        found.append(run_folder.choose("iris", None))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = "runs/iris-20260102-030405"
    assert {str(each) for each in found} == {first, *(f"{first}-{i}" for i in range(2, 9))}
    assert all(each.is_dir() for each in found)


def test_one_after_the_other_too(one_second):
    first, second = (run_folder.choose("iris", None) for _ in range(2))
    with run_folder.prepared(first), run_folder.prepared(second):
        (second / "x").touch()
    assert not first.exists()
    assert (second / "x").exists()


def test_a_run_that_fails_leaves_no_folder_behind():
    for out in (None, Path("a/b/c")):
        with pytest.raises(ZeroDivisionError), run_folder.prepared(run_folder.choose("iris", out)):
            raise ZeroDivisionError
        assert not list(Path().iterdir())


def test_a_folder_that_was_named_and_there_stays():
    Path("mine").mkdir()
    folder = run_folder.choose("iris", Path("mine"))
    with pytest.raises(ZeroDivisionError), run_folder.prepared(folder):
        raise ZeroDivisionError
    assert Path("mine").is_dir()


def test_a_file_in_the_place_of_the_folder_of_runs_is_an_error():
    Path("runs").touch()
    with pytest.raises(OSError, match="runs"):
        run_folder.choose("iris", None)


def test_what_an_earlier_run_said_does_not_stay_beside_a_new_model(monkeypatch):
    quick = ("--preset", "plain", "--no-plots", "--rows", "60", "--max-iter", "2", "--out", "run")
    unstuck("train", "xor", *quick)

    def fails(run):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Run, "measure", fails)
        done = unstuck("train", "moons", *quick)
    assert done.returncode == 2
    assert "needs more memory than there is" in done.stderr
    run = Path("run")
    assert {each.name for each in run.iterdir()} == {run_folder.MODEL, run_folder.SETTINGS}
    settings = json.loads((run / run_folder.SETTINGS).read_text())
    assert settings["data"]["name"] == "moons"
    assert "scores" not in settings
    assert unstuck("graph", "run").returncode == 0
    assert unstuck("train", "xor", *quick).returncode == 0
    assert (run / run_folder.HISTORY).exists()
