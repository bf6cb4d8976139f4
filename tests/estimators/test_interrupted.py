"""Ctrl-C at any line of a fit: the estimator predicts, saves, loads and goes on."""

from __future__ import annotations

import contextlib
import copy
import os
import signal
import threading

import numpy as np
import pressing
import pytest
from test_going_on import assert_same_fit, assert_same_state, state

from unstuck import NetClassifier, NetRegressor, load
from unstuck.errors import InterruptedWarning
from unstuck.estimators import fitting
from unstuck.training.task import Observer

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::unstuck.errors.InterruptedWarning"),
]

RNG = np.random.default_rng(0)
X, HELD_X = RNG.normal(size=(40, 3)), RNG.normal(size=(40, 3))
Y, HELD_Y = ((rows[:, 0] + RNG.normal(0, 1, 40) > 0).astype(int) for rows in (X, HELD_X))
CURVE = np.sin(2 * X[:, 0]) + X[:, 1] ** 2
GIVEN = {"X_val": HELD_X, "y_val": HELD_Y}

LOOP = pressing.files(
    "training/*.py", *(f"estimators/{name}.py" for name in
                       ("base", "fitting", "going_on", "restarts", "model"))
)  # fmt: skip
EPOCHS, STRIDE, LEAST = 6, 29, 12
"""Epochs of a fit, and which of the moments in its course are tried in each case: at least 12."""

CASES = {
    "mini-batches": (NetClassifier, {"batch_size": 16, "dropout": 0.2}, {}),
    "mini-batches, validated": (NetClassifier, {"batch_size": 16, "monitor": "score"}, GIVEN),
    "one batch, validated": (NetClassifier, {}, GIVEN),
    "lbfgs": (NetRegressor, {"solver": "lbfgs"}, {}),
    "br": (NetRegressor, {"solver": "br"}, {}),
    "starts": (NetClassifier, {"batch_size": 16, "n_restarts": 2}, {}),
}


def estimator(case, **more):
    kind, parameters, _ = CASES[case]
    shared = {"max_iter": EPOCHS, "tol": 0.0, "n_iter_no_change": np.inf, "random_state": 0}
    return kind((4,), warm_start=True, **shared | parameters | more)


def fitted(case, net):
    kind, _, given = CASES[case]
    return net.fit(X, Y if kind is NetClassifier else CURVE, **given)


def assert_sound(case, net, whole, path):
    """It predicts, is saved and loaded, and together with the epochs to come it is a whole fit."""
    done = len(net.loss_curve_)
    assert all(len(net.history_[name]) == done for name in net._model.course.history.columns)
    expected = net.predict(X)
    assert np.isfinite(net.coefs_[0]).all()
    net.save(path)
    again = load(path)
    np.testing.assert_array_equal(again.predict(X), expected)
    if done < 2 * EPOCHS:
        again.set_params(max_iter=2 * EPOCHS - done)
        fitted(case, again)
    assert_same_fit(again, whole(again))


@pytest.fixture
def whole():
    """The fit of two parts that was never interrupted, of the start that a fit has chosen."""
    known = {}

    def of(case):
        def find(net):
            seed = net._model.seeds.random_state
            if seed not in known:
                parameters = {"max_iter": 2 * EPOCHS, "random_state": seed, "n_restarts": 1}
                known[seed] = fitted(case, estimator(case, **parameters))
            return known[seed]

        return find

    return of


def begun(case, goes_on):
    """What is interrupted: a first fit, or one that goes on."""
    net = estimator(case)
    return fitted(case, net) if goes_on else net


def moments_of(case, goes_on, tried=lambda moment: True):
    before = begun(case, goes_on)
    fitted(case, copy.deepcopy(before))  # whatever is compiled or kept once
    found = pressing.moments(LOOP, lambda: fitted(case, copy.deepcopy(before)))
    assert len(found) > 400
    found = [moment for moment in found if tried(moment)]
    stride = min(STRIDE, len(found) // LEAST)
    offset = list(CASES).index(case) + 3 * goes_on
    return before, found[offset % stride :: stride]


@pytest.mark.parametrize("goes_on", [False, True], ids=["first", "going on"])
@pytest.mark.parametrize("case", CASES)
def test_the_signal_at_any_line(case, goes_on, whole, tmp_path):
    before, moments = moments_of(case, goes_on)
    came_to, reasons = 0, set()
    for moment in moments:
        net = copy.deepcopy(before)
        at = f"at {moment}"
        try:
            with pressing.pressed(LOOP, moment) as came:
                fitted(case, net)
            reasons.add(net.stop_reason_.name)
        except KeyboardInterrupt:
            assert came, at
            reasons.add("KeyboardInterrupt")
            if not hasattr(net, "_model"):  # before the fit heeds anything
                assert not goes_on, at
                assert not hasattr(net, "stop_reason_"), at
                continue
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, at
        came_to += bool(came)
        assert_sound(case, net, whole(case), tmp_path / "net.safetensors")
    assert came_to > 0.9 * len(moments) - 2
    assert "interrupted" in reasons


@pytest.mark.parametrize("goes_on", [False, True], ids=["first", "going on"])
@pytest.mark.parametrize("case", CASES)
def test_an_exception_at_any_line(case, goes_on, whole, tmp_path):
    """The fit ends with what it has learned, or leaves everything as it was."""
    before, moments = moments_of(case, goes_on, lambda moment: moment.in_main)
    unchanged = state(before) if goes_on else {}
    reasons = set()

    def interrupt():
        raise KeyboardInterrupt

    for moment in moments:
        net = copy.deepcopy(before)
        try:
            with pressing.pressed(LOOP, moment, interrupt):
                fitted(case, net)
            reasons.add(net.stop_reason_.name)
        except KeyboardInterrupt:
            reasons.add("KeyboardInterrupt")
            if not hasattr(net, "_model"):
                assert not goes_on
                assert not [name for name in vars(net) if name.endswith("_")], moment
                continue
            if len(net.loss_curve_) == len(getattr(before, "loss_curve_", ())):
                assert_same_state(state(net), unchanged)
        assert_sound(case, net, whole(case), tmp_path / "net.safetensors")
    in_threads = case == "starts" and not goes_on  # few of the main thread's lines are in a fit
    assert reasons >= {"KeyboardInterrupt"} | ({"interrupted"} if not in_threads else set())


# How often, by whom, and how long


class Presses(Observer):
    """Ctrl-C so many times at the end of epoch 3."""

    every_epoch = True

    def __init__(self, times):
        self.times = times

    def epoch(self, epoch, row, state):
        del row, state
        for _ in range(self.times if epoch == 3 else 0):
            pressing.press()
        return False


class Watched(NetClassifier):
    """A classifier that is watched by an observer of the tests."""

    @contextlib.contextmanager
    def _observers(self, *arguments):
        del arguments
        yield [self.observer]


def watched(observer, **parameters):
    shared = {"max_iter": EPOCHS, "batch_size": 16, "tol": 0.0, "n_iter_no_change": np.inf}
    net = Watched((4,), warm_start=True, random_state=0, **shared | parameters)
    net.observer = observer
    return net


@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_second_and_third_time_lose_nothing_that_was_learned(times):
    """The third raises at once: inside the loop, which ends with what it has."""
    net = watched(Presses(times))
    with pytest.warns(InterruptedWarning, match="Interrupted after epoch 3; what was learned"):
        net.fit(X, Y)
    assert net.n_iter_ == 3
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    plain = estimator("mini-batches", dropout=0.0, max_iter=2 * EPOCHS).fit(X, Y)
    net.observer = Presses(0)
    assert_same_fit(net.set_params(max_iter=2 * EPOCHS - 3).fit(X, Y), plain)


@pytest.mark.parametrize("parameters", [{}, {"n_restarts": 2}], ids=["one start", "two"])
def test_a_program_with_a_handler_of_its_own_keeps_it(parameters):
    own = pressing.Noting()
    with pressing.handled_by(own):
        net = watched(Presses(1), **parameters).fit(X, Y)
        if parameters:
            pressing.press()  # its observer counts starts
        assert signal.getsignal(signal.SIGINT) is own
    assert own.seen == [signal.SIGINT]
    assert net.stop_reason_.name == "max_iter"


def test_a_handler_that_raises_ends_the_fit_too():
    def own(number, frame):
        del number, frame
        raise KeyboardInterrupt

    with pressing.handled_by(own):
        net = watched(Presses(1)).fit(X, Y)
    assert net.stop_reason_.name == "interrupted"
    assert net.n_iter_ == 3


def test_a_fit_in_another_thread_goes_on_where_the_main_one_is_interrupted():
    """Without work of ours in the main thread the signal is the program's own affair."""
    found = []
    net = watched(Presses(0), max_iter=2000)
    thread = threading.Thread(target=lambda: found.append(net.fit(X, Y)))
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        pressing.press()
    thread.join()
    assert found[0].stop_reason_.name == "max_iter"


def test_the_time_of_several_starts_is_counted_from_one_begin():
    fitted("mini-batches", estimator("mini-batches"))  # compiled before
    cores = os.cpu_count() or 1
    net = estimator("mini-batches", n_restarts=cores + 2, max_time=0.3, max_iter=10**7)
    fitted("mini-batches", net)
    assert {start.stop_reason.name for start in net.restarts_} == {"max_time"}
    assert len(net.restarts_) <= cores  # the others would have begun when the time was up
    assert net.predict(X).shape == (40,)


def test_starts_that_have_not_begun_do_not_train():
    begun = []
    usual = fitting.train

    def train(task, state, course, epochs):
        begun.append(task)
        if len(begun) == 1:
            pressing.press()  # from a thread of a start: it is the main one that hears it
        return usual(task, state, course, epochs)

    count = 3 + (os.cpu_count() or 1)
    net = estimator("mini-batches", n_restarts=count, max_iter=10**7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "train", train)
        net.fit(X, Y)
    assert net.stop_reason_.name == "interrupted"
    assert len(begun) == len(net.restarts_) < count
    assert {start.stop_reason.name for start in net.restarts_} == {"interrupted"}
    assert not [t for t in threading.enumerate() if t.name.startswith("unstuck-start")]
