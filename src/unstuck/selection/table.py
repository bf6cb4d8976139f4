"""Parameters with their training and validation errors, and which are the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.aligned import WIDTH, aligned
from unstuck.errors import DataError, ParameterError
from unstuck.health.lines import wrapped
from unstuck.readable import Facts, Readable
from unstuck.selection import drawing, searches, wording
from unstuck.selection.candidate import Candidate
from unstuck.selection.results import Measured


@dataclass(frozen=True, repr=False)
class ValidationTable(Readable, Measured):
    """Training and validation errors by parameters; which are the best, and where overfitting
    begins.

    ``choose`` measures one, ``from_search`` reads it from a search of scikit-learn, and
    ``from_errors`` makes it from numbers. ``print`` shows it, a notebook does by itself.

    Attributes:
        candidates: one a line; each with ``params``, ``training_error``, ``validation_error``,
            ``standard_error``, and the errors of every fold, ``train`` and ``validation``.
        measure: what errors are of.
        folds: how rows were held out, in words.
        asked: fits that were to be made; after Ctrl-C, fewer were.
        seconds: they took.
        compilations: programs that our networks compiled for all of them.
        used_up: how many of them took all iterations that they were allowed.
        estimator: the optimum, fitted to all rows, where that was asked for.
    """

    @property
    def best_params(self) -> dict[str, Any]:
        """Of the optimum, for ``set_params``.

        Raises:
            DataError: there is none.
        """
        if self.optimum is None:
            raise DataError("no candidate is complete, so none is the best; see the table.")
        return dict(self.optimum.params)

    @property
    def overfitting(self) -> dict[str, str]:
        """By parameter, on which side of the optimum the training error goes on falling while the
        validation error rises: ``">"`` or ``"<"``.

        Example:
            >>> table = ValidationTable.from_errors("d", [1, 2, 3], [0.2, 0.1, 0], [0.4, 0.3, 9])
            >>> table.overfitting
            {'d': '>'}
        """
        return wording.overfitting(self)

    @classmethod
    def from_errors(
        cls,
        parameter: str,
        values: Sequence[Any],
        training: Any,
        validation: Any,
        measure: str = "error",
    ) -> ValidationTable:
        """A table from given numbers.

        Arguments:
            parameter: its name.
            values: of the parameter, n.
            training, validation: their errors, shape (n,), or (n, folds).
            measure: what errors are of.

        Raises:
            ParameterError: a name that is no text.
            DataError: not as many errors as values, or none; errors that are no numbers.

        Example:
            >>> print(ValidationTable.from_errors("d", [1, 2, 3], [0.2, 0.1, 0], [0.4, 0.3, 9]))
            Error.
            Optimal choice: d = 2 (error 0.3).
            Overfitting for d > 2: there the training error falls from 0.1 to 0, and the
            validation error rises from 0.3 to 9.
            Underfitting for d < 2: both errors are larger there, up to 0.2 and 0.4.
            d  training error  validation error
            1             0.2               0.4
            2             0.1               0.3  optimum
            3               0                 9
        """
        for name, text in (("parameter", parameter), ("measure", measure)):
            if not isinstance(text, str) or not text:
                raise ParameterError(f"from_errors: {name} was {text!r}; expected its name.")
        if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
            raise DataError(f"from_errors: values were {values!r:.60}; expected a list of them.")
        train, held = (_errors(each, len(values)) for each in (training, validation))
        found = [
            Candidate({parameter: value}, t, v, held.shape[1])
            for value, t, v in zip(values, train, held, strict=True)
        ]
        return cls(found, measure)

    @classmethod
    def from_search(cls, search: Any) -> ValidationTable:
        """A table from what a fitted search of scikit-learn measured.

        Arguments:
            search: ``GridSearchCV``, ``RandomizedSearchCV``, a halving search, or any with
                ``cv_results_``. Training errors are known with ``return_train_score=True``. Of a
                search in rounds, each candidate is told as its last round measured it.

        Raises:
            DataError: it is not fitted, or no search; it has several scores.

        Example:
            >>> import numpy as np
            >>> from sklearn.linear_model import Ridge
            >>> from sklearn.model_selection import GridSearchCV
            >>> x = np.linspace(-1, 1, 12)[:, None]
            >>> grid = GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}, cv=3).fit(x, x[:, 0])
            >>> ValidationTable.from_search(grid).best_params == grid.best_params_
            True
        """
        return cls(**searches.read(search))

    def plot(self, ax: Any = None) -> Any:
        """Draw it: of one parameter that is a number, both errors as curves, with every fold where
        these are few and a bar of one standard error; else a line for each candidate.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.

        Returns:
            The axes.
        """
        return drawing.draw(self, ax)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, without what differs from one run to the next."""
        optimum, modest = self.optimum, self.one_standard_error
        return {
            "measure": self.measure,
            "folds": self.folds,
            "complete": self.fits == self.asked,
            "fits": self.fits,
            "optimum": None if optimum is None else dict(optimum.params),
            "one_standard_error": None if modest is None else dict(modest.params),
            "overfitting": self.overfitting,
            "said": wording.sentences(self)[1:],
            "table": [each.to_dict() for each in self.candidates],
        }

    def lines(self, width: int = WIDTH) -> list[str]:
        """As it is printed on so many characters a line."""
        facts = self._told()
        said = [line for sentence in facts.said for line in wrapped(sentence, width)]
        return [*said, *aligned(facts.rows, words=0, width=width)]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def _told(self) -> Facts:
        names = [*map(self.label, self.names), *(["rows"] if self.rounds else [])]
        errors = ("training error", "validation error", *(["± s.e."] if self.spread else []))
        rows = [(*names, *errors, ""), *(wording.row(self, each) for each in self.candidates)]
        marks = max(len(row[-1]) for row in rows)
        rows = [(*row[:-1], row[-1].ljust(marks)) for row in rows]
        return Facts("ValidationTable", tuple(wording.sentences(self)), rows, words=0)


def _errors(given: Any, count: int) -> np.ndarray:
    """As an array (n, folds)."""
    try:
        found = np.asarray(given, float)
    except (TypeError, ValueError) as problem:
        raise DataError(f"errors were {given!r:.60}; expected numbers.") from problem
    found = found[:, None] if found.ndim == 1 else found
    if found.ndim != 2 or len(found) != count or not found.size:
        raise DataError(
            f"errors of shape {np.shape(given)} for {count} values; expected one for each value, "
            "or one row of folds for each."
        )
    return found
