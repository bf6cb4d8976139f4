"""Output units and losses: which pairs pass, and what is said of the others."""

from __future__ import annotations

import pytest

from unstuck import ACTIVATIONS, LOSSES, ParameterError
from unstuck.pairs import check_pair


@pytest.mark.parametrize("output", ["identity", "relu", "leaky_relu", "softplus", "tanh", "step"])
def test_cross_entropy_of_other_outputs_names_the_right_partner(output):
    with pytest.raises(ParameterError) as error:
        check_pair(LOSSES["cross_entropy"], ACTIVATIONS[output])
    message = str(error.value)
    assert f"not defined for output_activation={output!r}" in message
    assert "output_activation='softmax'" in message
    if output in LOSSES["squared_error"].partners:
        assert f"a loss for {output!r} outputs ('squared_error'" in message


@pytest.mark.parametrize("output", ["logistic", "softmax"])
def test_squared_error_of_saturating_outputs_warns(output):
    sentence = check_pair(LOSSES["squared_error"], ACTIVATIONS[output])
    assert "get stuck" in sentence
    assert f"The partner of {output!r} is the loss 'cross_entropy'." in sentence


@pytest.mark.parametrize("output", ["tanh", "symmetric_sigmoid"])
def test_a_warning_names_no_partner_that_is_refused(output):
    sentence = check_pair(LOSSES["squared_error"], ACTIVATIONS[output])
    assert "get stuck" in sentence
    assert "'cross_entropy'" not in sentence
