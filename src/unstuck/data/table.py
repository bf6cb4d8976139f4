"""A table as numbers: missing values imputed, texts one-hot, and all of it said."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from unstuck.data import blocks, columns, telling
from unstuck.data.columns import Column, NumberColumn
from unstuck.data.reading import as_frame, read_table
from unstuck.data.signs import Signs, likely_sign, signs_of
from unstuck.data.target import Target, decide_task, target_values, understand
from unstuck.documentation import Documented
from unstuck.errors import (
    DataError,
    DataWarning,
    FileError,
    ParameterError,
    did_you_mean,
    raise_together,
    warn,
)

if TYPE_CHECKING:
    import polars as pl

__all__ = ["TableEncoder", "Target", "decide_task", "read_table"]

VERSION = 2
"""Of what a file keeps; version 1 did not say how columns are written."""


class TableEncoder(Documented, TransformerMixin, BaseEstimator):
    """Learns from a table how its columns become numbers; a scikit-learn transformer.

    Numbers and booleans pass, dates become seconds; what is missing becomes the median. Texts
    become one column of zeros and ones a level; levels not seen in the fit are all zeros, and
    missing texts have a level of their own if there were any in the fit. Texts that name the
    rows and columns without values are left out.

    What a column is and how it is written (decimal sign, currency, form of dates) is learned by
    ``fit``, from the texts of a CSV file too. Later tables are read by it: a value that does not
    fit is refused, and what is new is told by a ``DataWarning``.

    Arguments:
        target: name of the target column, or a ``Target``; it is not among the inputs.
        max_levels: most levels of a text column; rarer ones are all zeros.

    Fitted: ``columns_`` (how each column is encoded), ``left_out_`` (pairs of a column and why),
    ``rows_`` (how many there were), ``target_`` (a ``Target`` or ``None``).

    Example:
        >>> import polars as pl
        >>> table = pl.DataFrame({"size": [1.0, None, 3.0], "color": ["red", "blue", "red"]})
        >>> encoder = TableEncoder().fit(table)
        >>> encoder.transform(table).tolist()
        [[1.0, 0.0, 1.0], [2.0, 1.0, 0.0], [3.0, 0.0, 1.0]]
        >>> print(*encoder.summary(), sep="\\n")
        1 text column became 2 one-hot columns: color
        size: 1 missing value imputed with 2
    """

    columns_: list[Column]
    left_out_: list[tuple[str, str]]
    target_: Target | None
    rows_: int
    n_features_in_: int

    def __init__(self, target: Target | str | None = None, max_levels: int = 100):
        self.target = target
        self.max_levels = max_levels

    def fit(self, X: Any, y: Any = None, rows: np.ndarray | None = None) -> Self:
        """Learn kinds, medians and levels from a polars or pandas frame.

        Arguments:
            X: the table.
            y: unused.
            rows: numbers of the rows that medians and levels are learned from, where others are
                held out; what each column is, is learned from all.

        Raises:
            DataError: no rows, no columns, or values that cannot be used; names the columns.
            ParameterError: ``max_levels`` is not a positive integer.
        """
        del y
        most = self.max_levels
        if not isinstance(most, numbers.Integral) or isinstance(most, bool) or most < 1:
            raise ParameterError(f"max_levels was {most!r}; expected an integer >= 1.")
        frame = as_frame(X)
        if frame.is_empty():
            raise DataError("the table has no rows; expected at least one.")
        signs = signs_of(((each, None) for each in frame), likely_sign(frame))
        self.target_ = self._understood(frame)
        self.rows_ = frame.height if rows is None else len(rows)
        if self.target_ is not None:
            frame = frame.drop(self.target_.name, strict=False)
        self._learn(frame, signs, rows)
        self.n_features_in_ = len(self.columns_) + len(self.left_out_)
        return self

    def fit_transform(self, X: Any, y: Any = None, **more: Any) -> np.ndarray | sparse.csr_matrix:
        """``fit``, then the same table as numbers; nothing in it is new."""
        return self.fit(X, y, **more)._encoded(X)[0]

    def transform(self, X: Any) -> np.ndarray | sparse.csr_matrix:
        """The table as numbers, float64, shape (n, encoded columns); other columns are ignored.

        Sparse rows where most columns are one-hot: wide, and nearly all zeros (``is_sparse``).
        Warns with a ``DataWarning`` of levels that the fit never saw, and of missing values in
        columns where it saw none.

        Raises:
            DataError: missing columns (all are named), or values that cannot be encoded.
        """
        encoded, news = self._encoded(X)
        if news:
            warn("; ".join(news) + ".", DataWarning)
        return encoded

    @property
    def is_sparse(self) -> bool:
        """Whether ``transform`` returns sparse rows."""
        check_is_fitted(self)
        return blocks.is_sparse(self.columns_)

    def _encoded(self, X: Any) -> tuple[np.ndarray | sparse.csr_matrix, list[str]]:
        """The table as numbers, and what is new in it."""
        check_is_fitted(self)
        frame = as_frame(X)
        missing = [each.name for each in self.columns_ if each.name not in frame.columns]
        if missing:
            hint = did_you_mean(missing[0], frame.columns)
            raise DataError(
                f"the table lacks {telling.count(len(missing), 'column')} that the network was "
                f"trained on: {', '.join(map(repr, missing))}.{hint}"
            )
        return blocks.encode(self.columns_, frame, self._signs(frame))

    def _signs(self, frame: pl.DataFrame) -> Signs:
        """How a later table writes its numbers."""
        written = [each for each in self.columns_ if each.reader.name == "number"]
        pairs = ((frame[each.name], each.reader.decimal) for each in written)
        return signs_of(pairs, likely_sign(frame))

    def imputed(self, X: Any) -> list[str]:
        """The missing numbers of a table, a sentence for each column where the fit had some too:
        of others ``transform`` warns."""
        frame = as_frame(X)
        signs = self._signs(frame)
        known = (e for e in self.columns_ if isinstance(e, NumberColumn) and e.missing)
        return [said for e in known if (said := e.news(e.reader.read(frame[e.name], signs)))]

    def gaps(self, X: Any) -> dict[int, np.ndarray]:
        """Which rows of a table have no number, shape (n,), by the encoded column: of columns where
        the fit found some missing."""
        frame = as_frame(X)
        signs, widths = self._signs(frame), self.groups()[1]
        return {
            int(at): each.reader.read(frame[each.name], signs).is_null().to_numpy()
            for at, each in zip(np.cumsum([0, *widths]), self.columns_, strict=False)
            if isinstance(each, NumberColumn) and each.missing
        }

    def targets(self, X: Any) -> np.ndarray:
        """The target column of a table, shape (n,).

        Raises:
            DataError: there is no such column, or values that cannot be targets.
        """
        check_is_fitted(self)
        if self.target_ is None:
            raise DataError("this TableEncoder was fitted without a target column.")
        frame = as_frame(X)
        understand(frame, self.target_.name)
        return target_values(frame, self.target_)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the encoded columns, such as ``size`` and ``color=red``."""
        del input_features
        check_is_fitted(self)
        return np.array([name for each in self.columns_ for name in each.names], dtype=object)

    def groups(self) -> tuple[list[str], list[int]]:
        """Columns of the table, and how many encoded columns each became, side by side."""
        check_is_fitted(self)
        return [each.name for each in self.columns_], [len(each.names) for each in self.columns_]

    def summary(self) -> list[str]:
        """What was done to the table, one sentence each."""
        check_is_fitted(self)
        return telling.summary(self.columns_, self.left_out_)

    def to_header(self) -> dict[str, Any]:
        """Everything ``transform`` needs, as what JSON can hold."""
        check_is_fitted(self)
        return {
            "version": VERSION,
            "rows": self.rows_,
            "max_levels": int(self.max_levels),
            "target": _target_header(self.target_) if self.target_ else None,
            "columns": [each.to_header() for each in self.columns_],
            "left_out": [list(each) for each in self.left_out_],
        }

    @classmethod
    def from_header(cls, header: Any) -> Self:
        """The encoder that ``to_header`` described.

        Raises:
            FileError: the header describes none: it may come from a damaged or hostile file.

        Example:
            >>> import polars as pl
            >>> encoder = TableEncoder().fit(pl.DataFrame({"a": [1.0, 2.0]}))
            >>> TableEncoder.from_header(encoder.to_header()).summary() == encoder.summary()
            True
        """
        if not 1 <= columns.take(header, "version", int) <= VERSION:
            raise FileError(f"the table in the file has a later version than {VERSION}.")
        encoder = cls(max_levels=max(1, columns.take(header, "max_levels", int)))
        encoder.rows_ = columns.take(header, "rows", int)
        encoder.columns_ = [columns.from_header(e) for e in columns.take(header, "columns", list)]
        names = [each.name for each in encoder.columns_]
        if not names or len(set(names)) < len(names):
            raise FileError("the table in the file has no columns, or two of the same name.")
        pairs = columns.take(header, "left_out", list)
        if not all(isinstance(p, list) and list(map(type, p)) == [str, str] for p in pairs):
            raise FileError("the table in the file is damaged: 'left_out' holds no pairs of texts.")
        encoder.left_out_ = [(name, why) for name, why in pairs]
        encoder.target_ = _target_from(header.get("target"))
        encoder.target = encoder.target_
        encoder.n_features_in_ = len(names) + len(pairs)
        return encoder

    def _understood(self, frame: pl.DataFrame) -> Target | None:
        if isinstance(self.target, str):
            return understand(frame, self.target)
        return self.target

    def _learn(self, frame: pl.DataFrame, signs: Signs, rows: np.ndarray | None) -> None:
        self.columns_, self.left_out_ = [], []
        mistakes = []
        for column in frame:
            try:
                learned = columns.learn(column, int(self.max_levels), signs, rows)
            except DataError as mistake:
                mistakes.append(str(mistake))
                continue
            if isinstance(learned, str):
                self.left_out_.append((column.name, learned))
            else:
                self.columns_.append(learned)
        raise_together(mistakes, DataError, "table")
        if not self.columns_:
            why = "; ".join(f"{name}: {why}" for name, why in self.left_out_)
            raise DataError(
                f"the table has no column to learn from{f' ({why})' if why else ''}; "
                "expected at least one beside the target."
            )


def _target_header(target: Target) -> dict[str, Any]:
    kind = None if target.kind is None else columns.kind_header(target.kind)
    return {**vars(target), "kind": kind}


def _target_from(found: Any) -> Target | None:
    if found is None:
        return None
    name, task, sentence = (columns.take(found, key, str) for key in ("name", "task", "sentence"))
    written = found.get("kind")
    kind = None if written is None else columns.kind_from(written)
    target = Target(name, task, sentence, kind)
    if target.task not in ("classification", "regression"):
        raise FileError(f"the table in the file has the unknown task {target.task!r:.40}.")
    return target
