"""The parameters of solvers: type, default and rule of each."""

from __future__ import annotations

from typing import Annotated, TypedDict

from unstuck.rules import Boolean, Number, Words
from unstuck.solvers.conjugate_gradient import CONJUGATES
from unstuck.solvers.keywords import Keyword, keywords

POSITIVE = Number(0, closed="neither")
SHARE = Number(0, 1, closed="left")
SHRINKS = Number(0, 1, "neither")
GROWS = Number(1, closed="neither")


class HyperparameterKeywords(TypedDict, total=False):
    """Every parameter that a solver may list in ``uses``."""

    learning_rate_init: Annotated[float, Keyword(0.001, POSITIVE)]
    momentum: Annotated[float, Keyword(0.9, Number(0, 1))]
    nesterovs_momentum: Annotated[bool, Keyword(True, Boolean())]
    beta_1: Annotated[float, Keyword(0.9, SHARE)]
    beta_2: Annotated[float, Keyword(0.999, SHARE)]
    epsilon: Annotated[float, Keyword(1e-8, POSITIVE)]
    rho: Annotated[float, Keyword(0.9, SHARE)]
    weight_decay: Annotated[float, Keyword(0.01, Number(0))]
    conjugate: Annotated[str, Keyword("polak_ribiere", Words(tuple(CONJUGATES)))]
    # Against the customary 10 it took a third of the evaluations on a sine and a sinc, and as many
    # on digits; an iteration of 23,000 weights took two fifths longer, one of 2,000 as long.
    history_size: Annotated[int, Keyword(30, Number(1, 10**6, whole=True))]
    damping: Annotated[float, Keyword(1e-3, POSITIVE)]
    damping_decrease: Annotated[float, Keyword(0.2, SHRINKS)]
    damping_increase: Annotated[float, Keyword(3.0, GROWS)]
    geodesic_acceleration: Annotated[bool, Keyword(True, Boolean())]
    first_step: Annotated[float, Keyword(0.07, POSITIVE)]
    step_increase: Annotated[float, Keyword(1.2, GROWS)]
    step_decrease: Annotated[float, Keyword(0.5, SHRINKS)]
    smallest_step: Annotated[float, Keyword(1e-6, Number(0))]
    largest_step: Annotated[float, Keyword(50.0, POSITIVE)]
    largest_growth: Annotated[float, Keyword(1.75, POSITIVE)]


HYPERPARAMETERS = keywords(HyperparameterKeywords)
"""Default and rule of each, by name."""
