"""The training loop: chunks, epochs, ends, interruptions, and what is compiled."""

from __future__ import annotations

import re

import numpy as np
import pytest
from small import Fit

from unstuck.health.signals import NAMES
from unstuck.solvers.stop import StopReason
from unstuck.training import snapshot
from unstuck.training.compilation import precision
from unstuck.training.history import EPOCH_COLUMNS, History
from unstuck.training.task import Observer


class EveryEpoch(Observer):
    """Asks for every epoch's weights, so chunks cannot span epochs."""

    every_epoch = True

    def __init__(self):
        self.vectors = []

    def epoch(self, epoch, row, state):
        del epoch, row
        self.vectors.append(np.array(state.vector))
        return False


class At(Observer):
    """Does something at the end of an epoch."""

    def __init__(self, at, action):
        self.at, self.action, self.announced = at, action, []

    def compiling(self, what):
        self.announced.append(what)

    def epoch(self, epoch, row, state):
        del row, state
        return self.action() if epoch == self.at else False


def interrupt():
    raise KeyboardInterrupt


def same(first, second):
    """Whether two runs ended with the same bits and the same history."""
    np.testing.assert_array_equal(first[0].state.vector, second[0].state.vector)
    assert int(first[0].state.step) == int(second[0].state.step) == first[0].course.step
    for column in EPOCH_COLUMNS:
        np.testing.assert_array_equal(first[1][column], second[1][column])
    assert first[0].stop.reason == second[0].stop.reason


# Epochs and chunks


def test_a_fit_is_the_twins():
    fit = Fit(rows=21, weighted=True, alpha=0.5)
    outcome, history = fit.run(4)
    losses, norms, vector = fit.twin_steps(12)
    np.testing.assert_allclose(outcome.state.vector, vector, rtol=1e-8, atol=1e-10)
    weights = np.array([fit.batches.fill(t, 1).weights[0] for t in range(12)]).reshape(4, 3)
    for column, values in (("loss", losses), ("gradient_norm", norms)):
        expected = (values.reshape(4, 3) * weights).sum(1) / weights.sum(1)
        np.testing.assert_allclose(history[column], expected, rtol=1e-9)
    assert outcome.stop.reason is StopReason.MAX_ITER
    assert np.isnan(history["validation_loss"]).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_chunks_that_span_epochs_give_the_same_bits(dtype):
    options = {"rows": 37, "dtype": dtype, "dropout": 0.2, "schedule": "cosine"}
    observer = EveryEpoch()
    spanning = Fit(**options).run(30)  # 5 steps an epoch, 64 a chunk
    same(spanning, Fit(**options, observers=[observer]).run(30))
    assert len(observer.vectors) == 30
    np.testing.assert_array_equal(observer.vectors[-1], spanning[0].state.vector)


def test_a_stop_inside_a_chunk_keeps_the_weights_of_its_epoch():
    options = {"rows": 37, "rate": 0.3, "patience": 2, "tol": 1e-3}
    spanning = Fit(**options).run(200)
    assert spanning[0].stop.reason is StopReason.TOL
    assert int(spanning[0].state.step) % 64 != 0
    assert int(spanning[0].state.step) == 5 * len(spanning[1]["loss"])
    same(spanning, Fit(**options, observers=[EveryEpoch()]).run(200))


@pytest.mark.parametrize("schedule", ["adaptive", "plateau"])
def test_a_rate_that_falls_inside_a_chunk_gives_the_same_bits(schedule):
    options = {"rows": 37, "rate": 0.5, "schedule": schedule, "tol": 1e-2, "plateau_patience": 2,
               "patience": 2 if schedule == "adaptive" else 15}  # fmt: skip
    spanning = Fit(**options).run(60)
    rates = spanning[1]["learning_rate"]
    assert len(set(rates)) > 2
    same(spanning, Fit(**options, observers=[EveryEpoch()]).run(60))


def test_same_seed_same_bits():
    same(Fit(dtype=np.float32).run(5), Fit(dtype=np.float32).run(5))
    first, other = (Fit(dtype=np.float32, seed=s).run(5)[0].state.vector for s in (0, 1))
    assert (np.asarray(first) != np.asarray(other)).any()


def test_going_on_gives_the_bits_of_one_run():
    straight = Fit(schedule="linear", horizon=9).run(9)
    fit = Fit(schedule="linear", horizon=9)
    outcome, _ = fit.run(4)
    assert str(outcome.stop) == "All 4 epochs were used; more may help: raise max_iter."
    second = fit.run(5, outcome)
    same(straight, second)
    assert straight[1].keys() == second[1].keys()
    for name, values in straight[1].items():
        np.testing.assert_array_equal(second[1][name], values, err_msg=name)


def test_one_example_a_step_and_all_examples_a_step():
    single, whole = Fit(rows=12, batch=1), Fit(rows=12, batch=12)
    assert int(single.run(3)[0].state.step) == 36
    assert int(whole.run(3)[0].state.step) == 3


def test_rates_follow_the_schedule():
    _, history = Fit(rows=16, batch=8, rate=0.1, schedule="linear", horizon=4).run(4)
    # The rate of the last step of each epoch: 1, 3, 5 and 7 of 8 steps are done.
    np.testing.assert_allclose(history["learning_rate"], 0.1 * (1 - np.array([1, 3, 5, 7]) / 8))


# Looks


def test_looks_are_taken_at_start_and_end_and_now_and_then():
    fit = Fit(rows=40, widths=(3, 4, 5, 2), activations=("tanh", "relu", "softmax"))
    _, history = fit.run(80)  # 400 steps, looks after 0, 192, 384 and 400 of them
    assert history["look_epoch"].tolist() == [0, 38, 76, 80]
    for name in NAMES:
        assert history[name].shape == (4, 3)
        assert np.isfinite(history[name]).all()
    with precision(fit.dtype):
        first = snapshot.signals(fit.objective)(fit.first, *fit.task.probe, np.float64(0))
    found = np.stack([history[name][0] for name in NAMES], axis=1)
    np.testing.assert_array_equal(found, first)


def test_history_survives_its_arrays():
    _, history = Fit(validation=20).run(3)
    again = History.from_arrays(history).arrays()
    assert again.keys() == history.keys()
    for name, values in history.items():
        np.testing.assert_array_equal(again[name], values)


# Validation


def test_the_best_weights_are_those_of_the_best_epoch():
    observer = EveryEpoch()
    fit = Fit(rows=20, rate=0.5, validation=50, observers=[observer])
    outcome, history = fit.run(30)
    best = int(np.argmin(history["validation_loss"]))
    assert 0 < best < 29, "the validation loss should have its minimum on the way"
    assert outcome.course.kept.value == history["validation_loss"][best]
    np.testing.assert_array_equal(outcome.best, observer.vectors[best])
    with precision(fit.dtype):
        assert fit.task.validation.loss(fit.objective, outcome.best) == outcome.course.kept.value


def test_early_stopping_ends_where_the_rule_says():
    outcome, history = Fit(rows=20, rate=0.5, validation=50, early=True, patience=3).run(100)
    assert outcome.stop.reason is StopReason.VALIDATION
    losses = history["validation_loss"]
    assert len(losses) == int(np.argmin(losses)) + 5
    assert "in 4 epochs in a row." in str(outcome.stop)
    assert history["validation_failures"][-1] == 4


def test_the_score_is_followed_where_it_is_monitored():
    scores = iter([0.1, 0.5, 0.3, 0.2, 0.1, 0.1, 0.1])
    observer = EveryEpoch()
    outcome, history = Fit(
        validation=20, early=True, patience=2, monitor="score", score=lambda v: next(scores),
        observers=[observer],
    ).run(50)  # fmt: skip
    assert history["validation_score"].tolist() == [0.1, 0.5, 0.3, 0.2, 0.1]
    assert "validation score" in str(outcome.stop)
    np.testing.assert_array_equal(outcome.best, observer.vectors[1])


def test_without_validation_data_there_is_no_best():
    outcome, _ = Fit().run(2)
    assert outcome.course.kept is None
    assert outcome.best is outcome.state.vector


# Ends


def test_a_callback_asks_to_stop():
    outcome, history = Fit(observers=[At(3, lambda: True)]).run(50)
    assert outcome.stop.reason is StopReason.CALLBACK
    assert len(history["loss"]) == 3
    np.testing.assert_array_equal(outcome.state.vector, Fit().run(3)[0].state.vector)


@pytest.mark.parametrize("options", [{}, {"validation": 20}, {"rows": 200}])
def test_an_interruption_keeps_what_was_learned(options):
    """State and history agree: both are at the end of the third epoch."""
    outcome, history = Fit(**options, observers=[At(3, interrupt)]).run(50)
    assert outcome.stop.reason is StopReason.INTERRUPTED
    assert str(outcome.stop) == "Interrupted after epoch 3; what was learned is kept."
    assert len(history["loss"]) == 3
    expected, _ = Fit(**options).run(3)
    np.testing.assert_array_equal(outcome.state.vector, expected.state.vector)
    assert int(outcome.state.step) == int(expected.state.step)
    assert history["look_epoch"][-1] == 3


def test_an_interrupted_fit_can_go_on():
    fit = Fit(observers=[At(3, interrupt)])
    outcome, _ = fit.run(50)
    fit.task.observers.clear()
    again = fit.run(5, outcome)
    same(Fit().run(8), again)
    assert str(again[0].stop).startswith("All 5 epochs")  # of this part


def test_other_errors_of_observers_are_not_swallowed():
    def fail():
        raise RuntimeError("of the user")

    with pytest.raises(RuntimeError, match="of the user"):
        Fit(observers=[At(1, fail)]).run(5)


def diverging(**changed):
    """Squared error and a rate so large that every step multiplies the weights."""
    options = {"rows": 40, "activations": ("identity", "identity"), "loss": "squared_error",
               "solver": "sgd", "rate": 30.0, "dtype": np.float32}  # fmt: skip
    return Fit(**options | changed)


def test_non_finite_stops_at_the_first_step_and_keeps_the_weights_before():
    fit = diverging()
    outcome, history = fit.run(50)
    assert outcome.stop.reason is StopReason.NON_FINITE
    found = re.match(
        r"(The loss|The gradient|A weight) became non-finite at step (\d+) \(epoch (\d+)\) in "
        r"layer '(\w+)'; the last finite weights are kept\. Lower learning_rate_init, or set "
        r"clip_norm=1\.$",
        str(outcome.stop),
    )
    step, epoch = int(found[2]), int(found[3])
    assert int(outcome.state.step) == step - 1
    assert epoch == (step - 1) // 5 + 1
    assert len(history["loss"]) == (step - 1) // 5
    assert np.isfinite(np.asarray(outcome.state.vector)).all()
    assert np.isfinite(history["loss"]).all()
    with precision(fit.dtype):
        chunk = fit.batches.fill(0, 64)
        (state, measured, sound), (_, one_more, more_sound) = (
            fit.stepper.run()(fit.state(), chunk.arrays, fit.traced(), np.int32(count))
            for count in (step - 1, step)
        )
    np.testing.assert_array_equal(outcome.state.vector, state.vector)
    assert np.isfinite(np.asarray(measured)[: step - 1]).all()
    assert sound
    assert not (np.isfinite(np.asarray(one_more)[step - 1]).all() and more_sound)


def test_non_finite_names_the_layer():
    """The first layer's weights are sound; the second's overflow at the first example."""
    fit = diverging(widths=(3, 4, 4, 2), activations=("identity", "identity", "identity"))
    parameters = fit.network.unflatten(fit.first)
    parameters["hidden_2"]["weights"][:] = 3e38
    outcome, history = fit.run(5)
    assert "at step 1 (epoch 1) in layer 'hidden_2'" in str(outcome.stop)
    np.testing.assert_array_equal(outcome.state.vector, fit.first.astype(np.float32))
    assert len(history["loss"]) == 0


def test_non_finite_with_validation_data_keeps_the_best():
    outcome, history = diverging(validation=10, widths=(3, 2), activations=("identity",)).run(50)
    assert outcome.stop.reason is StopReason.NON_FINITE
    assert outcome.course.kept.value == min(history["validation_loss"])
    assert np.isfinite(np.asarray(outcome.best)).all()


def test_a_rate_lowered_before_the_bad_step_of_a_chunk_saves_the_fit():
    """The chunk would diverge; the plateau in its second epoch lowers the rate in time."""
    options = {"batch": 40, "widths": (3, 2), "activations": ("identity",)}
    assert diverging(**options).run(40)[0].stop.reason is StopReason.NON_FINITE
    options |= {"schedule": "plateau", "plateau_patience": 1, "plateau_factor": 1e-9}
    outcome, history = diverging(**options).run(40)
    assert outcome.stop.reason is StopReason.MAX_ITER
    assert len(history["loss"]) == 40
    assert np.isfinite(history["loss"]).all()
    same((outcome, history), diverging(**options, observers=[EveryEpoch()]).run(40))


def test_clipping_saves_a_fit_that_would_diverge():
    assert diverging(clip_norm=1.0, rate=0.1).run(20)[0].stop.reason is StopReason.MAX_ITER


# Compilation


def test_other_numbers_of_rows_and_other_numbers_compile_nothing(compilations):
    widths = (5, 7, 3)

    def run(rows, **changed):
        options = {"batch": 32, "dtype": np.float32, "validation": rows // 10 + 1}
        Fit(rows=rows, widths=widths, **options | changed).run(2)

    run(1000)
    assert compilations() > 0
    for rows, seed in ((33, 0), (64, 1), (999, 2), (12_345, 3)):
        run(rows, seed=seed, rows_seed=seed)
    run(200, alpha=1.0, rate=0.3, clip_norm=1.0, numbers={"beta_1": 0.5, "epsilon": 1e-3},
        schedule="cosine", weighted=True)  # fmt: skip
    assert compilations() == 0


def test_folds_that_fit_in_one_batch_share_a_program(compilations):
    def run(rows):
        Fit(rows=rows, batch=rows, widths=(5, 6, 3)).run(2)

    run(150)
    assert compilations() > 0
    for rows in (149, 135, 192):
        run(rows)
    assert compilations() == 0


def test_what_is_compiled_is_announced_once():
    observers = [At(0, interrupt) for _ in range(2)]
    for observer in observers:
        Fit(rows=50, batch=16, widths=(3, 9, 2), observers=[observer]).run(1)
    assert observers[0].announced == ["3-9-2, batch 16"]
    assert observers[1].announced == []
