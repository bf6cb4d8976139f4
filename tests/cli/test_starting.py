"""What is shown before anything is imported, and Ctrl-C then."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest
from command import COMMAND, environment, process, unstuck

from unstuck import interruption
from unstuck.cli import entry, starting
from unstuck.cli.terminal import console, say
from unstuck.training.progress import Progress


class Terminal(io.StringIO):
    """Standard error as a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def open_terminal(monkeypatch):
    """Opens a terminal; pytest changes standard error between fixture and test."""

    def opened():
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stderr", Terminal())
        return sys.stderr

    yield opened
    starting.over()


def test_a_line_shows_the_time_and_goes_away(open_terminal):
    terminal = open_terminal()
    starting.begun(["train", "iris"])
    time.sleep(2.5 * starting.TICK)
    starting.over()
    shown = terminal.getvalue().split("\r\x1b[2K")
    assert shown[1] == "starting ... 0.0 s"
    assert len(shown) > 3
    assert shown[-1] == ""
    before = terminal.getvalue()
    starting.over()
    time.sleep(1.5 * starting.TICK)
    assert terminal.getvalue() == before


@pytest.mark.parametrize(
    "words", [[], ["runs"], ["train", "--help"], ["train", "x", "--no-verbose"], ["data"]]
)
def test_what_is_quick_or_quiet_shows_nothing(words, open_terminal):
    terminal = open_terminal()
    starting.begun(words)
    assert terminal.getvalue() == ""


def test_without_a_terminal_only_a_training_says_that_it_begins(monkeypatch):
    found = io.StringIO()
    monkeypatch.setattr(sys, "stderr", found)
    starting.begun(["predict", "runs/x", "iris"])
    assert found.getvalue() == ""
    starting.begun(["train", "iris"])
    assert found.getvalue() == "starting ...\n"


def test_a_terminal_sees_something_before_anything_is_imported():
    import pty

    ours, theirs = pty.openpty()
    begun = time.perf_counter()
    found = subprocess.Popen(
        [*COMMAND, "train", "nowhere.csv"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(TERM="xterm"),
    )
    os.close(theirs)
    first = os.read(ours, 100)
    seconds = time.perf_counter() - begun
    rest = b""
    while True:
        try:
            rest += os.read(ours, 4096)
        except OSError:  # closed by the other end
            break
    os.close(ours)
    ended = time.perf_counter() - begun
    assert found.wait() == 2
    assert first.startswith(b"\r\x1b[2Kstarting ... 0.0 s")
    assert seconds < 0.7 * ended
    assert b"there is no file" in rest
    assert rest.rindex(b"starting") < rest.rindex(b"\r\x1b[2K\x1b[1;31merror")


@pytest.mark.parametrize("seconds", [0.2, 0.6])
def test_ctrl_c_while_it_starts_is_quiet(seconds, tmp_path):
    found = subprocess.Popen(
        [*COMMAND, "train", "iris"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        encoding="utf-8",
    )
    assert found.stderr.readline() == "starting ...\n"
    time.sleep(seconds)
    found.send_signal(signal.SIGINT)
    _, error = found.communicate(timeout=60)
    assert found.returncode == 130
    assert "Traceback" not in error
    assert "interrupted: stopped by Ctrl-C." in error
    assert list(tmp_path.iterdir()) == []


def test_an_import_that_breaks_off_is_an_end_too():
    code = (
        "import signal, sys\nfrom unstuck.cli.entry import main\n"
        "class Pressed:\n    def find_spec(self, *given):\n"
        "        try:\n            signal.raise_signal(signal.SIGINT)\n"
        "        except BaseException:\n            raise ImportError('broken off') from None\n"
        "sys.meta_path.insert(0, Pressed())\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "interrupted: stopped by Ctrl-C.\n")


def test_other_errors_of_the_start_are_not_hidden():
    code = (
        "import sys\nfrom unstuck.cli.entry import main\n"
        "class Broken:\n    def find_spec(self, *given):\n        raise ImportError('no such')\n"
        "sys.meta_path.insert(0, Broken())\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "no such" in done.stderr


def test_the_handler_of_a_program_stands_for_pythons_own():
    handler = interruption.raised
    before = signal.signal(signal.SIGINT, handler)
    try:
        with interruption.heeded() as pressed:
            signal.raise_signal(signal.SIGINT)
            pressed.taken = pressed.asked
        assert pressed.taken
        assert signal.getsignal(signal.SIGINT) is handler
        assert handler.pressed == 0
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_process_that_only_helps_shows_no_start():
    assert process("train", "--help").stderr == ""


# Nobody reads


def test_messages_that_nobody_reads_end_nothing(monkeypatch):
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

        def flush(self):
            self.write("")

    monkeypatch.setattr(sys, "stderr", Full())
    say("note", "nobody reads it", "yellow")
    starting._write("starting ...")
    with Progress(2) as progress:
        progress.compiling("4-10-3")
        progress.epoch(1, {"loss": 0.5}, None)
    monkeypatch.setattr(sys, "stdout", Full())
    console(unfailing=True).print("what is to come")
    with pytest.raises(OSError, match="No space"):
        console().print("a result")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's pipes")
@pytest.mark.parametrize("piped", ["2>&1 | head -1", "2>&1 | true", "2>/dev/full"])
def test_a_run_whose_reader_goes_away_is_kept(piped, tmp_path):
    words = [
        "train",
        "iris",
        "--preset",
        "plain",
        "--hidden",
        "2",
        "--max-iter",
        "2",
        "--no-plots",
        "--out",
        "run",
    ]
    command = f"{shlex.join([*COMMAND, *words])} {piped}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment(), check=False)
    assert done.returncode == 0
    assert (tmp_path / "run/settings.json").exists()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("data >/dev/full", "the disk is full"),
        ("runs . --json >/dev/full", "the disk is full"),
        ("runs nosuch --json >/dev/full", "'nosuch' is not there"),
        ("predict nosuch iris >&-", "standard output is closed"),
    ],
)
def test_results_that_cannot_be_written_are_one_message(words, told, tmp_path):
    done = subprocess.run(
        ["bash", "-c", f"{shlex.join(COMMAND)} {words}"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_json_is_printed_whatever_ends_the_program(capsys, monkeypatch):
    done = unstuck("nosuch", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "usage"
    monkeypatch.setattr(sys, "argv", ["unstuck", "runs", "--json"])
    with pytest.raises(SystemExit):
        entry._leave()
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "interrupted"


def test_ctrl_c_after_the_result_changes_nothing(monkeypatch):
    monkeypatch.setattr(interruption, "raised", interruption._Raised())
    unstuck("data", "iris")
    interruption.raised(signal.SIGINT, None)
    assert not interruption.raised.pressed
