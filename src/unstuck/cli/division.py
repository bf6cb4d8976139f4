"""Which rows are to train on, to validate, and to test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from unstuck.cli.terminal import say
from unstuck.errors import DataError, ParameterError
from unstuck.solvers.table import SOLVERS

if TYPE_CHECKING:
    import numpy as np

NEARLY = 1e-6
"""How far a sum of percentages may be from 100."""


class Division(NamedTuple):
    """Shares of the rows."""

    train: float
    validation: float
    test: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """The shares that a user typed, in percent.

        Raises:
            ParameterError: says what is wrong with them.

        Example:
            >>> Division.parse("70,15,15")
            Division(train=0.7, validation=0.15, test=0.15)
        """
        try:
            shares = [float(each) / 100 for each in text.split(",")]
        except ValueError:
            shares = []
        if len(shares) != 3 or not all(map(math.isfinite, shares)):
            problem = "expected three numbers"
        elif min(shares) < 0:
            problem = "no share may be negative"
        elif shares[0] == 0:
            problem = "there must be rows to train on"
        elif abs(sum(shares) - 1) > NEARLY:
            problem = f"the sum is {100 * sum(shares):g}, and must be 100"
        else:
            return cls(*shares)
        raise ParameterError(
            f"--divide was {text!r}; {problem}. Give the rows to train on, to validate and to test "
            "in percent, such as 70,15,15, or 100,0,0 to hold none out."
        )


TESTED = Division(0.75, 0.0, 0.25)


def stops_early(parameters: dict[str, Any]) -> bool:
    """Whether the validation data end the fit: as asked, and where nothing was said for batch
    solvers and ``auto``; not for those that choose their penalty by the evidence.

    Arguments:
        parameters: of the estimator, those that were typed.

    Example:
        >>> stops_early({"solver": "lm"}), stops_early({"solver": "br"}), stops_early({})
        (True, False, False)
    """
    asked = parameters.get("early_stopping")
    if asked is not None:
        return asked
    name = parameters.get("solver")
    if name is None or name == "auto":
        return name == "auto"
    solver = SOLVERS.resolve(name)
    return solver.full and "log_evidence" not in getattr(solver, "columns", ())


def choose(text: str | None, parameters: dict[str, Any]) -> tuple[Division, bool]:
    """How the rows are divided, and whether the fit ends by validation rows.

    The rows of the test are a quarter unless ``text`` says otherwise. Where it names no rows to
    validate, the estimator holds out its own, of those to train on.

    Arguments:
        text: what was typed after ``--divide``, if anything.
        parameters: of the estimator, those that were typed.

    Raises:
        ParameterError: the shares are wrong.
    """
    early = stops_early(parameters)
    if text is None:
        return TESTED, early
    division = Division.parse(text)
    return division, early and (division.validation > 0 or "early_stopping" in parameters)


def seed_of(random_state: int | None) -> int:
    """The seed of the division: the random state, or a number drawn where there is none."""
    import numpy as np

    return (
        int(np.random.SeedSequence().generate_state(1)[0]) if random_state is None else random_state
    )


def split(y: np.ndarray, task: str, division: Division, seed: int | None) -> dict[str, np.ndarray]:
    """Row numbers by ``"train"``, ``"validation"`` and ``"test"``; parts without rows are left out.

    The rows of the test are drawn first, so that they depend on the targets, their share and the
    seed alone; those to validate are drawn from the rest.

    Every class is in every part where that is possible; a class with a single row is in the first.

    Raises:
        DataError: there are too few rows for that.
    """
    import numpy as np

    rows, parts = np.arange(len(y)), {}
    for part in ("test", "validation"):
        share = getattr(division, part)
        if share:
            count = math.ceil(share * len(y) - NEARLY)
            try:
                rows, parts[part] = _held_out(rows, y, task, count, seed)
            except ValueError as problem:
                shares = ",".join(f"{100 * each:g}" for each in division)
                raise DataError(
                    f"{len(y)} rows cannot be divided by --divide {shares}, which takes {count} "
                    f"for {'the test' if part == 'test' else part}: {str(problem).rstrip('.')}. "
                    "Change the shares; 0 holds none out."
                ) from problem
    parts["train"] = rows
    return {part: np.sort(parts[part]) for part in Division._fields if part in parts}


def _held_out(
    rows: np.ndarray, y: np.ndarray, task: str, count: int, seed: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The rows without those held out, and these."""
    import numpy as np
    from sklearn.model_selection import train_test_split

    if task != "classification":
        kept, held = train_test_split(rows, test_size=count, random_state=seed)
        return kept, held
    _, which, sizes = np.unique(y[rows], return_inverse=True, return_counts=True)
    single = sizes[which] < 2
    if single.any():
        say("note", "a class with only one row is among the rows to train on", "yellow")
    kept, held = train_test_split(
        rows[~single], test_size=count, random_state=seed, stratify=y[rows[~single]]
    )
    return np.concatenate([kept, rows[single]]), held
