"""The parameters of solvers: default and rule of each."""

from __future__ import annotations

from typing import Any, NamedTuple

from unstuck.rules import Flag, Number, Rule, Words
from unstuck.solvers.conjugate_gradient import CONJUGATES


class Control(NamedTuple):
    """A parameter that some solvers read.

    Attributes:
        default: its value unless another is given.
        rule: what it may be.
    """

    default: Any
    rule: Rule


POSITIVE = Number(0, closed="neither")
SHARE = Number(0, 1, closed="left")
SHRINKS = Number(0, 1, "neither")
GROWS = Number(1, closed="neither")

CONTROLS = {
    "learning_rate_init": Control(0.001, POSITIVE),
    "momentum": Control(0.9, Number(0, 1)),
    "nesterovs_momentum": Control(True, Flag()),
    "beta_1": Control(0.9, SHARE),
    "beta_2": Control(0.999, SHARE),
    "epsilon": Control(1e-8, POSITIVE),
    "rho": Control(0.9, SHARE),
    "weight_decay": Control(0.01, Number(0)),
    "conjugate": Control("polak_ribiere", Words(tuple(CONJUGATES))),
    # Against the customary 10 it took a third of the evaluations on a sine and a sinc, and as many
    # on digits; an iteration of 23,000 weights took two fifths longer, one of 2,000 as long.
    "history_size": Control(30, Number(1, whole=True)),
    "damping": Control(1e-3, POSITIVE),
    "damping_decrease": Control(0.2, SHRINKS),
    "damping_increase": Control(3.0, GROWS),
    "geodesic_acceleration": Control(True, Flag()),
    "first_step": Control(0.07, POSITIVE),
    "step_increase": Control(1.2, GROWS),
    "step_decrease": Control(0.5, SHRINKS),
    "smallest_step": Control(1e-6, Number(0)),
    "largest_step": Control(50.0, POSITIVE),
    "largest_growth": Control(1.75, POSITIVE),
}
"""Every parameter that a solver may list in ``uses``, by name."""
