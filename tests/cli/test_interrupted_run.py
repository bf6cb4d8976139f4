"""Ctrl-C at any line of ``unstuck train``: where a fit has begun its model is kept."""

from __future__ import annotations

import inspect
import json
import signal

import numpy as np
import pressing
import pytest
from command import unstuck

from unstuck import load
from unstuck.cli import run, run_folder, train

LINES = pressing.files("cli/train.py", "cli/run.py", "cli/run_folder.py")
STRIDE = 4
CASES = {
    "no validation": ("--no-plots",),
    "validation": ("--no-plots", "--divide", "60,20,20"),
}
SHORT = ("train", "xor", "--rows", "60", "--max-iter", "5", "--data-seed", "0")


@pytest.fixture(scope="module", params=CASES)
def course(request, tmp_path_factory):
    """The command, and the moments in its course after the rows were announced."""
    words, folder = (*SHORT, *CASES[request.param], "--out", "run"), tmp_path_factory.mktemp("all")
    unstuck(*words, folder=folder)  # whatever is compiled or imported once
    found = pressing.moments(LINES, lambda: unstuck(*words, folder=folder))
    places = [name for name, *_ in found]
    assert set(places) == LINES
    announced = next(
        i for i, moment in enumerate(found)
        if moment.file == run.__file__ and moment.line == last_line_of(run._announce)
    )  # fmt: skip
    late = [m for m in found if m not in found[:announced]]
    assert len(late) > 60
    return words, late


def last_line_of(function):
    return max(line for *_, line in function.__code__.co_lines() if line)


def attempt(words, moment, folder, act=pressing.press):
    """The command with Ctrl-C at a moment; its exit code, and whether a fit had begun."""
    begun = []
    usual = run._estimator

    def estimator(*arguments):
        net = usual(*arguments)
        fit = net.fit

        def noted(*rows, **more):
            begun.append(net)
            return fit(*rows, **more)

        net.__dict__["fit"] = noted
        return net

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "_estimator", estimator)
        with pressing.pressed(LINES, moment, act) as came:
            done = unstuck(*words, folder=folder)
    return done, bool(begun), bool(came)


def assert_kept(folder, done):
    """The model loads and predicts; where the command says what it wrote, that is there too."""
    net = load(folder / "run")
    assert net.n_iter_ == len(net.history_["loss"]) > 0
    assert np.isfinite(net.predict_proba(np.zeros((3, 2)))).all()
    if "Stopped:" in done.stdout:
        settings = json.loads((folder / "run" / run_folder.SETTINGS).read_text())
        assert settings["epochs"] == net.n_iter_
        lines = (folder / "run" / run_folder.HISTORY).read_text().splitlines()
        assert len(lines) == 1 + net.n_iter_


def test_ctrl_c_at_any_line(course, tmp_path):
    words, moments = course
    codes, fits = set(), 0
    for number, moment in enumerate(moments[::STRIDE]):
        folder = tmp_path / str(number)
        folder.mkdir()
        done, begun, came = attempt(words, moment, folder)
        assert done.returncode in (0, 130), moment
        assert came, moment
        assert "Traceback" not in done.stderr, moment
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, moment
        assert begun or done.returncode == 130, moment
        if begun:
            fits += 1
            assert_kept(folder, done)
        else:
            assert not list(folder.iterdir()), moment
        codes.add(done.returncode)
    assert 130 in codes
    assert fits > 20


def test_ctrl_c_three_times_at_any_line_is_an_end_too(course, tmp_path):
    """The third is not only noted, until the model is to be written: from there on all is kept."""
    words, moments = course

    def insist():
        for _ in range(3):
            pressing.press()

    line = next(
        number for number, text in enumerate(inspect.getsource(train).splitlines(), start=1)
        if text.strip().startswith("settings, drawn = _kept(")
    )  # fmt: skip
    firm = moments.index((train.__file__, line, True, 1))
    kept = 0
    for number, moment in enumerate(moments[1::STRIDE]):
        folder = tmp_path / str(number)
        folder.mkdir()
        done, _, _ = attempt(words, moment, folder, insist)
        assert done.returncode in (0, 130), moment
        assert "Traceback" not in done.stderr, moment
        if 1 + number * STRIDE >= firm or (folder / "run").exists():
            kept += 1
            assert_kept(folder, done)
    assert kept > 15
