"""Which rows are to train on, to validate, and to test."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from unstuck.cli.labels import listed, spelled
from unstuck.cli.terminal import say
from unstuck.errors import DataError, FileError, ParameterError
from unstuck.solvers.table import SOLVERS

if TYPE_CHECKING:
    import numpy as np

NEARLY = 1e-6
"""How far a sum of percentages may be from 100."""


class TooFewError(DataError):
    """There are too few rows to hold some out; says why, without an end of the sentence."""


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

    @classmethod
    def written(cls, found: Any, path: Path) -> Self:
        """The shares that a run wrote, with the seed by which its rows were drawn.

        Arguments:
            found: the ``"division"`` of its settings.json.
            path: of that.

        Raises:
            FileError: says what is wrong with them.
        """
        expected = "expected train, validation and test, which sum up to 1, and a seed"
        problem = f"{path} is damaged: 'division' was {found!r:.100}; {expected}."
        if not isinstance(found, dict):
            raise FileError(problem)
        shares: list[Any] = [found.get(part) for part in cls._fields]
        seed = found.get("seed")
        right = all(type(each) in (int, float) and 0 <= each <= 1 for each in shares)
        right = right and shares[0] > 0 and abs(sum(shares) - 1) <= NEARLY
        if not right or type(seed) is not int or not 0 <= seed < 2**32:
            raise FileError(problem)
        return cls(*map(float, shares))

    def spelled(self) -> str:
        """As it is typed.

        Example:
            >>> Division(0.75, 0.0, 0.25).spelled()
            '75,0,25'
        """
        return ",".join(f"{100 * each:.12g}" for each in self)


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

    _tell_of_single(y, task)
    parts = {"train": np.arange(len(y))}
    for part in ("test", "validation"):
        share = getattr(division, part)
        if share:
            count = math.ceil(share * len(y) - NEARLY)
            try:
                parts["train"], parts[part] = _held_out(parts["train"], y, task, count, seed)
            except TooFewError as problem:
                raise DataError(
                    f"{_rows(len(y))} cannot be divided by --divide {_percent(division)}, which "
                    f"takes {count} for {'the test' if part == 'test' else part}: {problem}. "
                    "Change the shares; 0 holds none out."
                ) from problem
    return {part: np.sort(parts[part]) for part in Division._fields if part in parts}


def hold_out(
    at: dict[str, np.ndarray], y: np.ndarray, task: str, share: float, seed: int | None
) -> dict[str, np.ndarray]:
    """The rows by part, with a share of those to train on to validate.

    Raises:
        TooFewError, DataError: it cannot be done.
    """
    import numpy as np

    count = math.ceil(share * len(at["train"]) - NEARLY)
    kept, held = _held_out(at["train"], y, task, count, seed)
    found = {**at, "train": np.sort(kept), "validation": np.sort(held)}
    return {part: found[part] for part in Division._fields if part in found}


def _tell_of_single(y: np.ndarray, task: str) -> None:
    """Name the classes that can be in one part only."""
    import numpy as np

    if task != "classification":
        return
    classes, sizes = np.unique(y, return_counts=True)
    single = [spelled(each) for each in classes[sizes < 2]]
    if single and len(single) < len(classes):
        several = len(single) > 1
        say(
            "note",
            f"the class{'es' * several} {listed(single, 5)} {'have' if several else 'has'} only "
            "one row, which is among those to train on.",
            "yellow",
        )


def _held_out(
    rows: np.ndarray, y: np.ndarray, task: str, count: int, seed: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The rows without those held out, and these.

    Raises:
        TooFewError: to hold out so many.
        DataError: nearly every row has a class of its own.
    """
    import numpy as np
    from sklearn.model_selection import train_test_split

    from unstuck.estimators.validation import holdable

    if count >= len(rows):
        raise TooFewError("none would be left to train on")
    if task != "classification":
        kept, held = train_test_split(rows, test_size=count, random_state=seed)
        return kept, held
    classes, which, sizes = np.unique(y[rows], return_inverse=True, return_counts=True)
    single = sizes[which] < 2
    if single.sum() > max(1, len(rows) // 2):
        raise DataError(_own_classes(classes, int(single.sum()), len(rows)))
    rest = rows[~single]
    if not len(rest) or not holdable(len(rest), y[rest], count):
        raise TooFewError(
            f"{_rows(len(rows))} of {len(classes)} classes are too few to hold out {count} with "
            "every class in both parts"
        )
    kept, held = train_test_split(rest, test_size=count, random_state=seed, stratify=y[rest])
    return np.concatenate([kept, rows[single]]), held


def _own_classes(classes: np.ndarray, single: int, rows: int) -> str:
    """What is wrong with a target of which most values occur once."""
    remedy = (
        "These are numbers: use --task regression."
        if classes.dtype.kind in "iuf"
        else "Choose another --target, with values that come again."
    )
    return f"{single} of {rows} values of the target are a class of their own. {remedy}"


def _percent(division: Division) -> str:
    return ",".join(f"{100 * each:g}" for each in division)


def _rows(count: int) -> str:
    return f"{count} row{'s' * (count != 1)}"
