"""The display of a running fit: plain lines in a file, one live line on a terminal."""

from __future__ import annotations

import io
import os
import pty
import re
import threading
import time

import pytest
from rich.console import Console

from unstuck.training.progress import Progress

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
    assert "compiling 4-10-3, batch 32 ..." in terminal.text
    last = re.split(r"[\r\n]+", terminal.text.strip())[-1]
    assert last.startswith("epoch 100/200 ━")
    assert "loss 0.0100" in last
    assert len(last) <= 80
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
