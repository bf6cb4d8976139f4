"""The logistic unit beside linear discriminant analysis: one form, two ways to its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import log_loss

from unstuck.drawing.axes import axes_of
from unstuck.drawing.colors import BLUE, GREEN, INK, ORANGE
from unstuck.neuro.given_rows import given_rows
from unstuck.neuro.lesion_scores import check_classes
from unstuck.neuro.logistic import LogisticUnit, logistic_unit
from unstuck.readable import Facts, Readable
from unstuck.rows.given import check_rows
from unstuck.summary import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class BesideDiscriminant(Readable):
    """A logistic unit and linear discriminant analysis, fitted to the same rows.

    Attributes:
        unit: fitted by maximum likelihood of the classes given the inputs.
        lda: scikit-learn's, which takes the inputs of each class for Gaussian, with one covariance.
        accuracy, log_loss: of both on the other rows, by name (``"logistic unit"``, ``"LDA"``).
        angle: between their weights, in degrees.
    """

    unit: LogisticUnit
    lda: Any
    accuracy: dict[str, float]
    log_loss: dict[str, float]
    angle: float

    def _told(self) -> Facts:
        table = [("", "w", "b", "accuracy", "log-loss")]
        for name, each in (("logistic unit", self.unit), ("LDA", self.lda)):
            w = "(" + ", ".join(f"{value:.2f}" for value in each.coef_[0]) + ")"
            scores = f"{self.accuracy[name]:.3f}", f"{self.log_loss[name]:.3f}"
            table.append((name, w, f"{each.intercept_[0]:.2f}", *scores))
        said = f"The angle between their weights: {number(round(self.angle, 1))} degrees."
        return Facts("Beside linear discriminant analysis", (said,), table)

    def plot(self, X: Any, y: Any, ax: Any = None) -> Axes:
        """Draw rows of two inputs, and both boundaries.

        Arguments:
            X: rows, shape (n, 2).
            y: their classes, shape (n,).
            ax: matplotlib axes; a new figure where none are given.
        """
        with axes_of(ax, 6.0, 4.6) as panel:
            x, targets = np.asarray(X, float), np.asarray(y)
            looks = zip(self.unit.classes_, (BLUE, ORANGE), "os", strict=True)
            for name, color, marker in looks:
                at = targets == name
                panel.scatter(
                    x[at, 0], x[at, 1], 14, color=color, marker=marker, label=str(name), alpha=0.7
                )
            panel.set_xlim(x[:, 0].min() - 0.5, x[:, 0].max() + 0.5)
            panel.set_ylim(x[:, 1].min() - 0.5, x[:, 1].max() + 0.5)
            lines = (("logistic unit", self.unit, INK, "-"), ("LDA", self.lda, GREEN, "--"))
            for name, each, color, line in lines:
                w, b = each.coef_[0], each.intercept_[0]
                on = -b * w / (w @ w)
                ends = (on[0], on[1]), (on[0] - w[1], on[1] + w[0])
                panel.axline(*ends, color=color, linestyle=line, label=name)
            panel.set(xlabel="input 1", ylabel="input 2")
            panel.legend()
        return panel


def beside_discriminant(X: Any, y: Any, X_test: Any, y_test: Any) -> BesideDiscriminant:
    """Fit a logistic unit and linear discriminant analysis, and compare them on other rows.

    Both give P(Y = 1 | x) = σ(w·x + b). Discriminant analysis takes the inputs of each class for
    Gaussian with the same covariance S around means m_0 and m_1, so that w = S^-1 (m_1 - m_0). A
    logistic unit assumes nothing of the inputs and takes the w and b that make the classes
    likeliest. Where the inputs are Gaussian, discriminant analysis needs fewer rows (Efron 1975);
    where they are not, its boundary is drawn to rows that are far away.

    Arguments:
        X, y: rows to fit, shape (n, inputs), and their two classes.
        X_test, y_test: other rows.

    Raises:
        DataError: as of ``logistic_unit``.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> y = np.arange(400) % 2
        >>> X = rng.normal(size=(400, 2)) + y[:, None]
        >>> found = beside_discriminant(X[:200], y[:200], X[200:], y[200:])
        >>> found.angle < 10
        True
    """
    check_rows(X_test, y_test, "beside_discriminant, other rows")
    X, X_test = (given_rows(each, "beside_discriminant") for each in (X, X_test))
    unit = logistic_unit(X, y)
    check_classes(y_test, unit.classes_, "beside_discriminant")
    lda = LinearDiscriminantAnalysis(solver="lsqr").fit(X, y)
    models = {"logistic unit": unit, "LDA": lda}
    accuracy = {n: float(np.mean(m.predict(X_test) == y_test)) for n, m in models.items()}
    losses = {n: float(log_loss(y_test, m.predict_proba(X_test))) for n, m in models.items()}
    w, v = unit.coef_[0], lda.coef_[0]
    cosine = w @ v / np.linalg.norm(w) / np.linalg.norm(v)
    angle = float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    return BesideDiscriminant(unit, lda, accuracy, losses, angle)


def gaussian_rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two Gaussian classes of one covariance: what discriminant analysis assumes.

    Example:
        >>> [each.shape for each in gaussian_rows(10, 0)]
        [(10, 2), (10,)]
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    return rng.normal(size=(n, 2)) * [1.0, 0.5] + np.outer(y, [0.0, 1.5]), y


def far_rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The same with a fifth of class 1 far away, on its own side: not what it assumes.

    Example:
        >>> far_rows(100, 0)[0].max() > 10
        np.True_
    """
    x, y = gaussian_rows(n, seed)
    far = (y == 1) & (np.random.default_rng([seed, 1]).random(n) < 0.2)
    return x + 12.0 * far[:, None], y
