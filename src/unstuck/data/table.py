"""A table as numbers: missing values imputed, texts one-hot, and all of it said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from unstuck.data import columns
from unstuck.data.columns import Column, NumberColumn, TextColumn
from unstuck.data.reading import as_frame, read_table
from unstuck.data.target import Target, decide_task, target_values, understand
from unstuck.errors import DataError, FileError, ParameterError, did_you_mean, raise_together

if TYPE_CHECKING:
    import polars as pl

__all__ = ["TableEncoder", "Target", "decide_task", "read_table"]

VERSION = 1
NAMES_LISTED = 6


class TableEncoder(TransformerMixin, BaseEstimator):
    """Learns from a table how its columns become numbers; a scikit-learn transformer.

    Numbers and booleans pass, dates become seconds; what is missing becomes the median. Texts
    become one column of zeros and ones a level; levels not seen in the fit are all zeros, and
    missing texts have a level of their own if there were any in the fit. Texts that name the
    rows and columns without values are left out.

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

    def __init__(self, target: Target | str | None = None, max_levels: int = 100):
        self.target = target
        self.max_levels = max_levels

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn medians and levels from a polars or pandas frame.

        Raises:
            DataError: no rows, no columns, or values that cannot be used; names the columns.
            ParameterError: ``max_levels`` is not a positive integer.
        """
        del y
        if not isinstance(self.max_levels, int) or self.max_levels < 1:
            raise ParameterError(f"max_levels was {self.max_levels!r}; expected an integer >= 1.")
        frame = as_frame(X)
        if frame.is_empty():
            raise DataError("the table has no rows; expected at least one.")
        self.target_ = self._understood(frame)
        self.rows_ = frame.height
        self._learn(frame.drop(self.target_.name, strict=False) if self.target_ else frame)
        self.n_features_in_ = len(self.columns_) + len(self.left_out_)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The table as numbers, float64, shape (n, encoded columns); other columns are ignored.

        Raises:
            DataError: missing columns (all are named), or values that cannot be encoded.
        """
        check_is_fitted(self)
        frame = as_frame(X)
        missing = [each.name for each in self.columns_ if each.name not in frame.columns]
        if missing:
            hint = did_you_mean(missing[0], frame.columns)
            listed = ", ".join(map(repr, missing))
            raise DataError(
                f"the table lacks {_count(len(missing), 'column')} that the network was "
                f"trained on: {listed}.{hint}"
            )
        return np.concatenate([each.encode(frame[each.name]) for each in self.columns_], axis=1)

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

    def summary(self) -> list[str]:
        """What was done to the table, one sentence each."""
        check_is_fitted(self)
        texts = [each for each in self.columns_ if isinstance(each, TextColumn)]
        numbers = [each for each in self.columns_ if isinstance(each, NumberColumn)]
        said = []
        if texts:
            width = sum(len(each.names) for each in texts)
            said.append(
                f"{_count(len(texts), 'text column')} became "
                f"{_count(width, 'one-hot column')}: {_listed([each.name for each in texts])}"
            )
        said += [_rare(each) for each in texts if each.rarer]
        times = [each.name for each in numbers if each.kind == "time"]
        said += [f"times in seconds (dates since 1970): {_listed(times)}"] if times else []
        said += [_imputed(each) for each in numbers if each.missing]
        constant = [each.name for each in numbers if each.remark == "constant"]
        if constant:
            said.append(f"{_count(len(constant), 'constant column')}: {_listed(constant)}")
        said += [
            f"{each.name}: looks like a row number; better left out"
            for each in numbers
            if each.remark == "row number"
        ]
        return said + [f"{name}: left out, because {why}" for name, why in self.left_out_]

    def to_header(self) -> dict[str, Any]:
        """Everything ``transform`` needs, as what JSON can hold."""
        check_is_fitted(self)
        return {
            "version": VERSION,
            "rows": self.rows_,
            "max_levels": self.max_levels,
            "target": vars(self.target_).copy() if self.target_ else None,
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
        if columns.take(header, "version", int) != VERSION:
            raise FileError(f"the table in the file has another version than {VERSION}.")
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

    def _learn(self, frame: pl.DataFrame) -> None:
        self.columns_, self.left_out_ = [], []
        mistakes = []
        for column in frame:
            try:
                learned = columns.learn(column, self.max_levels)
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


def _target_from(found: Any) -> Target | None:
    if found is None:
        return None
    target = Target(*(columns.take(found, key, str) for key in ("name", "task", "sentence")))
    if target.task not in ("classification", "regression"):
        raise FileError(f"the table in the file has the unknown task {target.task!r:.40}.")
    return target


def _imputed(each: NumberColumn) -> str:
    return f"{each.name}: {_count(each.missing, 'missing value')} imputed with {each.fill:g}"


def _rare(each: TextColumn) -> str:
    return f"{each.name}: its {each.rarer} rarest levels share zeros"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_LISTED} more" if len(names) > NAMES_LISTED else ""
    return ", ".join(names[:NAMES_LISTED]) + more
