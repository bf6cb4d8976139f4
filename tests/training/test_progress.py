"""The display of a running fit: plain lines in a file, one live line on a terminal."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import sys
import threading
import time
import types

import pytest
from rich.console import Console

from unstuck.training import progress_line
from unstuck.training.progress import Progress
from unstuck.training.progress_line import ProgressLine

ROW = {"loss": 0.5, "gradient_norm": 1.0, "learning_rate": 0.001}


def plain_console(**options):
    return Console(file=io.StringIO(), width=80, **options)


def lines_of(console):
    return console.file.getvalue().splitlines()


def epochs_shown(console):
    return [int(found) for found in re.findall(r"epoch +(\d+)/", console.file.getvalue())]


def run(progress, epochs, first=1, **more):
    with progress:
        for epoch in range(first, first + epochs):
            assert progress.epoch(epoch, {**ROW, **more}, None) is False


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [
        (1, [1]),
        (3, [1, 2, 3]),
        (10, list(range(1, 11))),
        (200, [1, *range(20, 201, 20)]),
        (25, [1, 3, 6, 9, 12, 15, 18, 21, 24, 25]),
    ],
)
def test_first_every_tenth_and_last_epoch_are_printed_once(epochs, expected):
    console = plain_console()
    run(Progress(epochs, console), epochs)
    assert epochs_shown(console) == expected


def test_a_fit_that_stops_early_prints_its_last_epoch():
    console = plain_console()
    run(Progress(1000, console), 142)
    assert epochs_shown(console) == [1, 100, 142]


def test_a_fit_that_goes_on_counts_from_where_it_was():
    console = plain_console()
    run(Progress(20, console), 20, first=201)
    assert "epoch 220/220" in lines_of(console)[-1]


def test_numbers_that_were_not_measured_are_not_shown():
    console = plain_console()
    run(Progress(1, console), 1, validation_loss=0.25, validation_score=float("nan"))
    assert "loss 0.500" in lines_of(console)[0]
    assert "valid 0.250" in lines_of(console)[0]
    assert "score" not in lines_of(console)[0]


def test_what_is_compiled_is_said():
    console = plain_console()
    with Progress(5, console) as progress:
        progress.compiling("64-100-10, batch 32")
    assert lines_of(console) == ["compiling 64-100-10, batch 32 ..."]


def test_a_fit_without_epochs_prints_nothing():
    console = plain_console()
    run(Progress(5, console), 0)
    assert lines_of(console) == []


def test_no_control_codes_without_a_terminal_even_when_colors_are_forced():
    console = plain_console(force_terminal=True)
    run(Progress(50, console), 50)
    assert "\x1b" not in console.file.getvalue()


def test_lines_fit_into_80_columns():
    console = plain_console()
    numbers = {"loss": 1.23456789e-5, "validation_loss": 123456.789, "validation_score": -0.12345}
    run(Progress(100_000, console), 3, **numbers)
    assert max(map(len, lines_of(console))) <= 80


def test_an_epoch_costs_next_to_nothing():
    progress = Progress(100_000, plain_console())
    with progress:
        start = time.perf_counter()
        for epoch in range(1, 20_001):
            progress.epoch(epoch, ROW, None)
        per_epoch = (time.perf_counter() - start) / 20_000
    assert per_epoch < 20e-6


def test_errors_pass_and_the_display_is_closed():
    console = plain_console()
    rows = iter([ROW, ROW])
    with pytest.raises(StopIteration), Progress(100, console) as progress:
        [progress.epoch(epoch, next(rows), None) for epoch in range(1, 10)]
    assert epochs_shown(console) == [1, 2]


class Terminal:
    """A pseudo-terminal whose output is collected."""

    def __enter__(self):
        self.parent, child = pty.openpty()
        self.file = os.fdopen(child, "w")
        self.collected = b""
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        return self

    def _read(self):
        try:
            while part := os.read(self.parent, 65536):
                self.collected += part
        except OSError:  # Linux says so when the other end is closed
            pass

    def __exit__(self, *error):
        self.file.close()
        self.reader.join(5)
        os.close(self.parent)

    @property
    def text(self):
        return re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", self.collected.decode())


def test_a_terminal_shows_compilation_then_a_bar_and_the_last_epoch():
    with Terminal() as terminal:
        console = Console(file=terminal.file, width=80, force_terminal=True, force_interactive=True)
        with Progress(200, console) as progress:
            progress.compiling("4-10-3, batch 32")
            time.sleep(0.4)
            for epoch in range(1, 101):
                progress.epoch(epoch, {**ROW, "loss": 1 / epoch}, None)
                time.sleep(0.005)
    assert re.search(r"epoch +\d+/200 ━", terminal.text)
    assert " left" in terminal.text
    assert "compiling 4-10-3, batch 32 ..." in terminal.text
    last = re.split(r"[\r\n]+", terminal.text.strip())[-1]
    assert last.startswith("epoch 100/200 loss 0.0100 ")
    assert " left" not in last  # the bar is for a fit that runs
    assert len(last) <= 80
    live = [line for line in re.split(r"[\r\n]+", terminal.text) if "━" in line]
    assert max(map(len, live)) <= 77  # "^C" fits behind it
    assert terminal.collected.endswith(b"\x1b[?25h")  # the cursor is back


def test_a_terminal_is_drawn_at_most_ten_times_a_second():
    with Terminal() as terminal:
        console = Console(file=terminal.file, width=80, force_terminal=True, force_interactive=True)
        with Progress(10**6, console) as progress:
            end = time.monotonic() + 1.0
            epoch = 0
            while time.monotonic() < end:
                epoch += 1
                progress.epoch(epoch, ROW, None)
    assert terminal.text.count("epoch") <= 13


def interrupted(progress, epochs):
    with contextlib.suppress(KeyboardInterrupt), progress:
        for epoch in range(1, epochs + 1):
            progress.epoch(epoch, ROW, None)
        time.sleep(0.3)
        raise KeyboardInterrupt


@pytest.mark.parametrize("epochs", [0, 3])
def test_ctrl_c_leaves_no_line_that_looks_as_if_it_went_on(epochs):
    with Terminal() as terminal:
        console = Console(file=terminal.file, width=80, force_terminal=True, force_interactive=True)
        interrupted(Progress(200, console), epochs)
        console.print("and on")
    after = terminal.collected.rpartition(b"\x1b[2K")  # the line was cleared
    assert after[1]
    assert b"epoch" not in after[2]
    assert b"preparing" not in after[2]


# What the line says


def test_the_best_epoch_is_the_one_whose_weights_would_be_kept():
    line = ProgressLine(20)
    for epoch, loss in enumerate((3.0, 1.0, 1.0, float("nan"), 2.0), start=1):
        line.note(epoch, {"loss": 0.5, "validation_loss": loss})
    assert "best 2 " in line.numbers(80)
    line = ProgressLine(20)
    for epoch, score in enumerate((0.5, 0.9, 0.8), start=1):
        line.note(epoch, {"loss": 0.5, "validation_loss": 1.0 / epoch, "validation_score": score})
    assert "score 0.8000  best 2 " in line.numbers(80)
    assert "valid" not in line.numbers(80)


def test_a_part_that_goes_on_does_not_know_the_best_of_the_parts_before():
    line = ProgressLine(20)
    line.note(21, {"loss": 0.5, "validation_loss": 1.0})
    assert "best" not in line.numbers(80)


def test_the_time_left_is_that_of_the_epochs_left(monkeypatch):
    clock = iter([0.0, 10.0, 10.0, 20.0, 20.0, 20.0])
    monkeypatch.setattr(progress_line.time, "perf_counter", lambda: next(clock))
    line = ProgressLine(100)
    line.note(1, ROW)
    assert line.time() == "10.0 s"  # no pace yet
    line.note(26, ROW)
    assert line.time() == "20.0 s, 29.6 s left"  # 25 epochs in 10 s
    line.ended = True
    assert line.time() == "20.0 s"


def test_epochs_that_come_at_once_tell_no_pace(monkeypatch):
    clock = iter([0.0, 2.0, 2.01, 2.02, 6.0, 6.0])
    monkeypatch.setattr(progress_line.time, "perf_counter", lambda: next(clock))
    line = ProgressLine(7)
    for epoch in (1, 2, 3, 5):
        line.note(epoch, ROW)
    assert line.time() == "6.0 s, 4.0 s left"  # epochs 4 and 5 took 4 s


@pytest.mark.parametrize("room", [20, 40, 80])
def test_the_last_numbers_give_way_to_the_first_and_to_the_time(room):
    line = ProgressLine(100)
    line.note(1, {"loss": 1.0, "validation_loss": 1.0, "damping": 1e-3, "step_length": 0.1})
    assert len(line.numbers(room)) <= room
    assert line.numbers(room).startswith("loss 1.00")
    assert line.numbers(room).endswith(" s")


# A notebook


@pytest.fixture
def outputs(monkeypatch):
    """What a notebook's cell shows: every state of its outputs, in order."""
    shown = []

    class Handle:
        def update(self, bundle, raw):
            assert raw
            shown.append(bundle)

    def display(bundle, raw, display_id):
        assert (raw, display_id) == (True, True)
        shown.append(bundle)
        return Handle()

    module = types.ModuleType("IPython.display")
    module.display = display
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return shown


def notebook():
    return Console(file=io.StringIO(), force_jupyter=True)


def test_a_notebook_shows_one_output_without_widgets_that_ends_with_the_last_epoch(outputs):
    with Progress(200, notebook()) as progress:
        progress.compiling("4-10-3, <batch> 32")
        for epoch in range(1, 101):
            progress.epoch(epoch, ROW, None)
    assert "<progress" in outputs[1]["text/html"]
    assert "&lt;batch&gt;" in outputs[1]["text/html"]
    assert outputs[-1]["text/plain"].startswith("epoch 100/200  loss 0.500")
    assert "<progress" not in outputs[-1]["text/html"]
    assert len(outputs) < 6  # a few times a second


def test_a_notebook_says_what_was_stopped(outputs):
    interrupted(Progress(200, notebook()), 1)
    assert outputs[-1]["text/plain"].endswith("(stopped by an error or Ctrl-C)")
    assert "<progress" not in outputs[-1]["text/html"]
