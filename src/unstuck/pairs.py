"""Which output unit and loss belong together, and what is said of a wrong pair."""

from __future__ import annotations

from unstuck.activations import ACTIVATIONS, Activation
from unstuck.errors import ParameterError
from unstuck.losses import LOSSES, Loss


def check_pair(loss: Loss, output: Activation) -> str | None:
    """Whether an output unit and a loss belong together (row O6 of the mission).

    Returns:
        ``None`` for partners, a sentence of warning for a pair that is defined but gets stuck.

    Raises:
        ParameterError: the loss is not defined for these outputs; names the right partner.

    Example:
        >>> from unstuck import ACTIVATIONS, LOSSES
        >>> check_pair(LOSSES["cross_entropy"], ACTIVATIONS["softmax"]) is None
        True
    """
    known = output.name in ACTIVATIONS
    if "any" in loss.partners or output.name in loss.partners or not (known or loss.value is None):
        return None
    if output.name in loss.sticks:
        return (
            f"loss={loss.name!r} with output_activation={output.name!r} is defined, but its "
            f"gradient vanishes where the output is saturated and wrong: such units get stuck. "
            f"{_better(loss, output)}"
        )
    raise ParameterError(
        f"loss={loss.name!r} is not defined for output_activation={output.name!r}: "
        f"its outputs are not what the loss is about. Use output_activation="
        f"{' or '.join(map(repr, loss.partners))}, or {_partner_loss(output)}."
    )


def _better(loss: Loss, output: Activation) -> str:
    partner = next((each.name for each in LOSSES.values() if output.name in each.partners), None)
    if partner is None:
        return f"The partner of {loss.name!r} is output_activation={loss.partners[0]!r}."
    return f"The partner of {output.name!r} is the loss {partner!r}."


def _partner_loss(output: Activation) -> str:
    names = [repr(loss.name) for loss in LOSSES.values() if output.name in loss.partners]
    return f"a loss for {output.name!r} outputs ({', '.join(names)})" if names else "another unit"
