"""Classes as targets: labels, soft targets, several labels at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_array, column_or_1d

from unstuck.activations import Activation
from unstuck.errors import DataError, ParameterError
from unstuck.estimators.examples import Examples
from unstuck.estimators.targets import Encoded, Ends, loss_of, output_of
from unstuck.rows.inputs import refuse_non_finite, refuse_weightless
from unstuck.rows.received import refused_as_data
from unstuck.rows.received_labels import labels_of
from unstuck.rows.received_numbers import numbers_of
from unstuck.rows.scaling import Scaler
from unstuck.settings import ClassifierSettings

SUM_TOLERANCE = 1e-6
MOST_LABEL_BYTES = 1 << 26
"""What the labels of a file may fill in memory."""

_IN_UNIT = "expected 0 <= low < high <= 1, such as (0.15, 0.85)."


@dataclass(frozen=True, eq=False)
class ClassTargets:
    """Classes.

    Attributes:
        classes: the labels, sorted; of multi-label targets the numbers of the columns.
        multilabel: whether a row may have several.
    """

    classes: np.ndarray
    multilabel: bool

    # From the user to the loss

    @classmethod
    def learn(cls, settings: ClassifierSettings, y: Any, classes: Any) -> Self:
        """The classes of the first targets, or those that were named."""
        low, high = settings.class_targets
        if not low < high:
            raise ParameterError(
                f"class_targets was {settings.class_targets!r}; expected (low, high) with "
                "low < high."
            )
        y = _labels(y)
        with refused_as_data("y"):
            multilabel = type_of_target(y, input_name="y") == "multilabel-indicator"
            check_classification_targets(y)
            if multilabel:
                return cls(np.arange(np.shape(y)[1]), True)
            labels = column_or_1d(y, warn=True)
        name = "y" if classes is None else "classes"
        found = np.unique(labels if classes is None else _finite(classes, name))
        if len(found) < 2:
            held = f"only one class ({found.tolist()[0]!r:.80})" if len(found) else "no class"
            cure = "Check how the rows were selected." if name == "y" else "Name all of them."
            raise DataError(f"{name} holds {held}; expected at least two classes. {cure}")
        return cls(found, False)

    def check_same(self, classes: Any) -> None:
        """Refuse other classes than those of the first call, in scikit-learn's words.

        Raises:
            DataError: names both.
        """
        given = np.unique(_finite(classes, "classes"))
        if not (_comparable(given, self.classes) and np.array_equal(given, self.classes)):
            raise DataError(
                f"`classes={given.tolist()!r:.200}` is not the same as on last call to "
                f"partial_fit, was: {self.classes.tolist()!r:.200}. Leave classes out, or name "
                "all classes at the first call of a new estimator."
            )

    def encode(self, settings: ClassifierSettings, y: Any, soft: Any, w: np.ndarray) -> Encoded:
        """Hard, graded or soft targets; class weights multiply the weights."""
        y = _labels(y)
        labels, hard = self._indicators(y) if self.multilabel else self._one_hot(y)
        if settings.class_weight is not None and len(labels) == len(w):
            w = self._weighted(settings.class_weight, labels, hard, w)
        targets = self._graded(settings, hard) if soft is None else self._soft(soft, hard)
        narrow = not self.multilabel and self._width(settings) == 1
        return Encoded(targets[:, 1:] if narrow else targets, labels, w)

    def _weighted(self, given: Any, labels: Any, hard: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Weights of the rows times those of their classes."""
        if isinstance(given, str):
            factors = compute_sample_weight(given, labels)
        else:
            factors = hard @ self._class_weights(given)
        with np.errstate(over="ignore"):
            w = w * factors
        refuse_weightless(w, "sample_weight times class_weight")
        return w

    def _class_weights(self, given: Any) -> np.ndarray:
        """The weight of each class, 1 where none is given."""
        if self.multilabel:
            raise ParameterError(
                f"class_weight was {given!r:.80}, and rows have several labels; expected None or "
                "'balanced'. Weigh the rows, with sample_weight."
            )
        known = self.classes.tolist()
        unknown = [each for each in given if each not in known]
        if unknown:
            raise ParameterError(
                f"class_weight names {unknown!r:.80}; expected some of the classes {known!r:.200}, "
                "of the same type. Leave the others out."
            )
        return np.array([float(given.get(each, 1.0)) for each in known])

    def _indicators(self, y: Any) -> tuple[np.ndarray, np.ndarray]:
        with refused_as_data("y"):
            labels = check_array(y, accept_sparse="csr", dtype=None)
        labels = np.asarray(labels.toarray() if hasattr(labels, "toarray") else labels)
        if labels.shape[1] != len(self.classes):
            raise DataError(
                f"y has {labels.shape[1]} labels; expected {len(self.classes)} as before."
            )
        if not np.isin(labels, (0, 1)).all():
            raise DataError(
                f"multi-label y holds {np.unique(labels).tolist()}; expected 0 and 1, one "
                "column for each label. For exclusive classes pass one column."
            )
        return labels, labels.astype(float)

    def _one_hot(self, y: Any) -> tuple[np.ndarray, np.ndarray]:
        with refused_as_data("y"):
            labels = column_or_1d(y)
        same = np.zeros((len(labels), len(self.classes)), bool)
        if _comparable(labels, self.classes):
            same = labels[:, None] == self.classes
        _refuse_unknown(labels[~same.any(1)], self.classes)
        return labels, same.astype(float)

    def _graded(self, settings: ClassifierSettings, hard: np.ndarray) -> np.ndarray:
        """Targets ``class_targets`` in place of 0 and 1."""
        given = settings.class_targets
        low, high = map(float, given)
        if output_of(settings, self._usual_output()).name == "softmax":
            count = hard.shape[1]
            if not 0.0 <= high <= 1.0:
                raise ParameterError(f"class_targets was {given!r}; {_IN_UNIT}")
            if count * high <= 1.0:
                raise ParameterError(
                    f"class_targets was {given!r}; with softmax the true class gets {high:g} and "
                    f"each other one {(1.0 - high) / (count - 1):g}. Give the upper one more than "
                    f"1 / {count}."
                )
            rest = (1.0 - high) / (count - 1)
            return np.where(hard == 1.0, high, rest)
        loss = loss_of(settings, "cross_entropy")
        if loss.targets == "probabilities" and not 0.0 <= low < high <= 1.0:
            raise ParameterError(f"class_targets was {given!r}; {_IN_UNIT}")
        return np.where(hard == 1.0, high, low)

    def _soft(self, soft: Any, hard: np.ndarray) -> np.ndarray:
        numbers = numbers_of(soft, "soft_targets")
        with refused_as_data("soft_targets"):
            targets = check_array(numbers, dtype=np.float64, ensure_all_finite=False)
        refuse_non_finite(targets, "soft_targets")
        if targets.shape != hard.shape:
            raise DataError(
                f"soft_targets has shape {targets.shape}; expected {hard.shape}: one row for "
                f"each example, one column for each of classes_ {self.classes.tolist()}."
            )
        outside = np.flatnonzero(((targets < 0) | (targets > 1)).any(1))
        if len(outside):
            row = int(outside[0])
            raise DataError(
                f"soft_targets row {row} is {targets[row].tolist()}; expected probabilities from "
                "0 to 1."
            )
        sums = targets.sum(1)
        wrong = np.flatnonzero(abs(sums - 1.0) > SUM_TOLERANCE)
        if len(wrong) and not self.multilabel:
            row = int(wrong[0])
            raise DataError(
                f"soft_targets must sum to 1 in every row; row {row} sums to {sums[row]:.6g} "
                f"({len(wrong)} of {len(sums)} rows are off). Divide each row by its sum."
            )
        return targets

    # What stands at the end of the network

    def ends(self, settings: ClassifierSettings) -> Ends:
        """Logistic or softmax units and cross-entropy, unless others are chosen."""
        output = output_of(settings, self._usual_output())
        return Ends(output, loss_of(settings, "cross_entropy"), self._width(settings))

    def _usual_output(self) -> str:
        return "logistic" if self.multilabel or len(self.classes) == 2 else "softmax"

    def _width(self, settings: ClassifierSettings) -> int:
        """Number of output units."""
        output = output_of(settings, self._usual_output())
        single = not self.multilabel and len(self.classes) == 2 and output.name != "softmax"
        return 1 if single else len(self.classes)

    def scale(self, settings: Any, examples: Examples, output: Activation) -> Scaler:
        """Not at all."""
        del settings, output
        return Scaler.identity(examples.y.shape[1])

    def strata(self, examples: Examples) -> Any:
        """The labels, where there is one for each row."""
        return None if self.multilabel else examples.labels

    # From the outputs to the user

    def decode(self, settings: ClassifierSettings, z: np.ndarray, output: Activation) -> np.ndarray:
        """Labels (n,) or indicators (n, labels) for outputs (n, k)."""
        probabilities = output.name in ("logistic", "softmax")
        middle = 0.5 if probabilities else float(np.mean(settings.class_targets))
        if self.multilabel:
            return (z > middle).astype(int)
        if z.shape[1] == 1:
            return self.classes[(z[:, 0] > middle).astype(int)]
        return self.classes[z.argmax(1)]

    def scorable(self, examples: Examples) -> bool:
        """Always: rows have weights, and are right or wrong."""
        del examples
        return True

    def score(
        self, settings: ClassifierSettings, z: np.ndarray, output: Activation, examples: Examples
    ) -> float:
        """Accuracy; of multi-label targets the share of rows where all labels are right."""
        right = self.decode(settings, z, output) == examples.labels
        return float(np.average(right.all(1) if self.multilabel else right, weights=examples.w))

    def given(self, y: Any) -> Any:
        """Labels to score against; unknown ones count as wrong, but not those of another kind."""
        labels = _labels(y)
        if not sparse.issparse(labels) and not _comparable(labels, self.classes):
            raise DataError(
                f"y holds labels such as {labels.reshape(-1)[0]!r}; expected labels like the "
                f"classes {self.classes.tolist()!r:.200}. Convert them to the type of classes_."
            )
        return labels

    def public(self) -> dict[str, Any]:
        """The attributes of the estimator that tell of them."""
        return {"classes_": self.classes}

    # Files

    def facts(self) -> dict[str, Any]:
        """Kind and labels, which are numbers or text."""
        text = self.classes.dtype.kind == "O"
        return {
            "multilabel": self.multilabel,
            "type": "O" if text else self.classes.dtype.str,
            "classes": self.classes.tolist(),
        }

    @classmethod
    def from_facts(cls, settings: ClassifierSettings, facts: dict[str, Any], outputs: int) -> Self:
        """The classes that ``facts`` gave."""
        kind = np.dtype(str(facts["type"]))
        size = kind.itemsize * len(facts["classes"])
        if kind.kind not in "biufUO" or size > MOST_LABEL_BYTES:
            raise ValueError(f"classes of type {kind}")
        found = cls(np.array(facts["classes"], dtype=kind), facts["multilabel"] is True)
        if found.classes.ndim != 1 or (kind.kind == "O" and not _all_text(found.classes)):
            raise ValueError("classes that are not labels")
        distinct = bool(np.array_equal(np.unique(found.classes), found.classes))
        enough = len(found.classes) >= (1 if found.multilabel else 2)
        if not (distinct and enough and found._width(settings) == outputs):
            raise ValueError("classes that do not fit the outputs")
        return found


def _all_text(classes: np.ndarray) -> bool:
    return all(isinstance(each, str) for each in classes.tolist())


def _labels(y: Any) -> Any:
    """Labels of one kind; sparse indicators as they are."""
    return y if sparse.issparse(y) else _finite(y, "y")


def _finite(given: Any, name: str) -> np.ndarray:
    """Labels of one kind, none of them missing."""
    labels = labels_of(given, name)
    if labels.dtype.kind == "f":
        refuse_non_finite(labels, name)
    return labels


def _comparable(labels: np.ndarray, classes: np.ndarray) -> bool:
    """Whether both are text or both numbers: NumPy finds 1 among "1" and "2"."""
    return not labels.size or (labels.dtype.kind in "UO") == (classes.dtype.kind in "UO")


def _refuse_unknown(labels: np.ndarray, classes: np.ndarray) -> None:
    if labels.size:
        raise DataError(
            f"y contains classes {np.unique(labels).tolist()} that are not among the known classes "
            f"{classes.tolist()}. Name all classes at the first partial_fit(classes=...)."
        )
