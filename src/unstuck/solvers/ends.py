"""What ends a descent on a function: type, default and rule of each."""

from __future__ import annotations

import math
from typing import Annotated, TypedDict

from unstuck.rules import COUNT, Number, Words, any_of
from unstuck.solvers.keywords import Keyword, keywords

NONE = Words((None,))
ENDLESS = Words((math.inf,))


class EndKeywords(TypedDict, total=False):
    """The ends; ``None`` stands for the solver's ``patience``, or for a goal that is none."""

    max_iter: Annotated[int, Keyword(1000, COUNT)]
    tol: Annotated[float, Keyword(1e-9, Number(0))]
    n_iter_no_change: Annotated[float | None, Keyword(None, any_of(NONE, COUNT, ENDLESS))]
    loss_goal: Annotated[float | None, Keyword(None, any_of(NONE, Number()))]
    gradient_goal: Annotated[float | None, Keyword(None, any_of(NONE, Number(0)))]
    max_time: Annotated[float | None, Keyword(None, any_of(NONE, Number(0, closed="neither")))]


ENDS = keywords(EndKeywords)
"""Default and rule of each, by name."""
