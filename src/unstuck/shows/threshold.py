"""What one threshold unit computes, and what it does not."""

from __future__ import annotations

from unstuck.neuro.circuit import circuit_of
from unstuck.neuro.representable import functions_of_two, representable
from unstuck.shows.show import Show


def show() -> Show:
    """As a text and a figure."""
    circuit = circuit_of("0110")
    parts = [
        functions_of_two(),
        f"a xor b\n{representable('0110')}",
        f"a xor b\n{circuit}",
        circuit.graph(),
    ]
    return Show("\n\n".join(map(str, parts)), circuit.draw)
