"""``unstuck show``: tables in the terminal, a figure as a file."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
from command import unstuck
from matplotlib.figure import Figure
from pressing import press

from unstuck.cli import waiting
from unstuck.interruption import heeded
from unstuck.report import figures
from unstuck.shows import table
from unstuck.shows.show import Show
from unstuck.shows.table import SHOWS


@pytest.mark.parametrize("name", SHOWS)
def test_it_is_shown_and_drawn(name, tmp_path):
    done = unstuck("show", name, "--out", tmp_path / "figure.svg")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert len(done.stdout.splitlines()) >= 8
    assert (tmp_path / "figure.svg").read_text("utf-8").startswith("<?xml")


def test_what_takes_a_while_says_what_it_does(monkeypatch, tmp_path):
    def timers_done():
        while any(isinstance(each, threading.Timer) for each in threading.enumerate()):
            time.sleep(0.01)

    def slow(name):
        timers_done()
        return Show(f"all of {name}", lambda path: (timers_done(), path.write_text("")))

    monkeypatch.setattr(waiting, "PATIENCE", 0.02)
    monkeypatch.setattr(table, "show", slow)
    done = unstuck("show", "xor", "--out", tmp_path / "xor.svg")
    assert done.stdout == "all of xor\n"
    assert done.stderr.splitlines()[:2] == ["measuring ...", "drawing ..."]


def test_of_a_show_that_ctrl_c_cut_off_nothing_is_shown(monkeypatch, tmp_path):
    def cut_off(name):
        with heeded() as interruption:  # as a fit does
            press()
            interruption.taken = True
        return Show("wrong numbers", lambda path: path.write_text("wrong"))

    monkeypatch.setattr(table, "show", cut_off)
    done = unstuck("show", "xor", "--out", tmp_path / "xor.svg")
    assert done.returncode == 130
    assert done.stdout == ""
    assert "stopped by Ctrl-C" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_figure_whose_writing_is_broken_off_leaves_what_was_there(monkeypatch, tmp_path):
    (tmp_path / "xor.svg").write_text("the old one")

    def half(self, file, **named):
        del self, named
        with open(file, "wb") if isinstance(file, Path) else nullcontext(file) as begun:
            begun.write(b"<svg")
        press()

    def drawn(path):
        with figures.written(path, 3.0, 2.0):
            pass

    monkeypatch.setattr(Figure, "savefig", half)
    monkeypatch.setattr(table, "show", lambda name: Show(name, drawn))
    done = unstuck("show", "xor", "--out", tmp_path / "xor.svg")
    assert done.returncode == 130
    assert [each.name for each in tmp_path.iterdir()] == ["xor.svg"]
    assert (tmp_path / "xor.svg").read_text() == "the old one"


def test_without_a_name_the_names_are_listed():
    lines = unstuck("show").stdout.splitlines()
    assert [line.split(maxsplit=1) for line in lines] == [
        [name, SHOWS[name].about] for name in SHOWS
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("treshold",), "Did you mean 'threshold'?"),
        (("threshold", "--out", "a.gif"), "ends in .svg or .png"),
        (("threshold", "--out", "no/a.svg"), "there is no folder no"),
        (("threshold", "--out", "folder.svg"), "which is a folder; expected a file"),
        (("--out", "a.svg"), "--out needs a name"),
    ],
)
def test_bad_usage_is_one_message_and_exit_code_2(arguments, message, tmp_path):
    (tmp_path / "folder.svg").mkdir()
    done = unstuck("show", *arguments, folder=tmp_path)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
