"""Stop reasons: every one fills in its sentence."""

from __future__ import annotations

import string

import pytest

from unstuck.solvers.descent import OF_A_FUNCTION
from unstuck.solvers.stop import Nouns, Stop, StopReason

NUMBERS = {
    "epochs": 7,
    "tol": 1e-4,
    "stalled": 11,
    "monitor": "loss",
    "rate": 6.4e-7,
    "loss": 0.325083,
    "what": "The loss",
    "step": 12,
    "epoch": 2,
    "layer": "hidden_1",
    "goal": 0.5,
    "norm": 3e-9,
    "rule": "gl(5)",
    "told": "6 % above its smallest",
    "why": "a stationary point, as far as numbers of this precision tell",
    "seconds": 2.5,
    "limit": 2.0,
}
SENTENCES = {
    "MAX_ITER": "All 7 epochs were used; more may help: raise max_iter.",
    "TOL": "The training loss stopped falling: by less than 0.0001 in 11 epochs in a row.",
    "VALIDATION": "The validation loss stopped improving: by less than 0.0001 in 11 epochs in a "
    "row.",
    "STOPPING_RULE": "The validation loss ended the fit by the rule gl(5): its error is 6 % above "
    "its smallest.",
    "LEARNING_RATE": "The adaptive learning rate fell to 6.4e-07: there is no progress left.",
    "GLOBAL_MINIMUM": "A global minimum of the loss was reached: every output equals its target "
    "(loss 0.325083, the smallest there is).",
    "LOSS_GOAL": "The training loss reached its goal: 0.325, loss_goal was 0.5.",
    "GRADIENT_GOAL": "The norm of the loss's gradient reached its goal: 3e-09, gradient_goal was "
    "0.5.",
    "NO_DESCENT": "No step lowers the loss any more (loss 0.325083, norm of its gradient "
    "3.00e-09): a stationary point, as far as numbers of this precision tell.",
    "MAX_TIME": "The time was up after epoch 7: 2.5 s, max_time was 2.",
    "NON_FINITE": "The loss became non-finite at step 12 (epoch 2) in layer 'hidden_1'; the last "
    "finite weights are kept. Lower learning_rate_init, or set clip_norm=1.",
    "INTERRUPTED": "Interrupted after epoch 7; what was learned is kept.",
    "CALLBACK": "A callback asked to stop after epoch 7.",
    "PARTIAL_FIT": "partial_fit did its one epoch.",
}


NOUNS = {f"noun.{name}" for name in Nouns._fields}
OF_FUNCTIONS = {
    "MAX_ITER": "All 7 iterations were used; more may help: raise max_iter.",
    "TOL": "The value stopped falling: by less than 0.0001 in 11 iterations in a row.",
    "LOSS_GOAL": "The value reached its goal: 0.325, loss_goal was 0.5.",
    "GRADIENT_GOAL": SENTENCES["GRADIENT_GOAL"].replace("loss", "value", 1),
    "NO_DESCENT": "No step lowers the value any more (value 0.325083, norm of its gradient "
    "3.00e-09): a stationary point, as far as numbers of this precision tell.",
    "MAX_TIME": "The time was up after iteration 7: 2.5 s, max_time was 2.",
    "CALLBACK": "A callback asked to stop after iteration 7.",
}
"""How a descent on a function ends; the other reasons are those of fits."""


def fields(reason):
    return {name for _, name, *_ in string.Formatter().parse(reason.value) if name}


@pytest.mark.parametrize("reason", StopReason)
def test_sentence(reason):
    stop = Stop.because(reason, **NUMBERS)
    assert str(stop) == stop.sentence == SENTENCES[reason.name]
    assert stop.name == reason.name.lower()


@pytest.mark.parametrize("name", OF_FUNCTIONS)
def test_sentence_in_the_words_for_functions(name):
    stop = Stop.because(StopReason[name], OF_A_FUNCTION, **NUMBERS)
    assert str(stop) == OF_FUNCTIONS[name]


def test_reasons_with_nouns_are_those_of_functions_too():
    assert {reason.name for reason in StopReason if fields(reason) & NOUNS} <= set(OF_FUNCTIONS)


@pytest.mark.parametrize("reason", StopReason)
def test_a_missing_number_is_an_error(reason):
    for left_out in fields(reason) - NOUNS:
        with pytest.raises(KeyError, match=left_out):
            Stop.because(reason, **{k: v for k, v in NUMBERS.items() if k != left_out})


def test_sentences_differ():
    assert len({reason.value for reason in StopReason}) == len(StopReason)
