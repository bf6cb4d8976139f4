"""Reports of networks, and of pipelines and searches that end in one."""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import check_is_fitted

from unstuck.errors import ParameterError
from unstuck.estimators.base import BaseNet
from unstuck.estimators.say import Say
from unstuck.persistence.atomic import FilePath
from unstuck.piped import end_of, unwrapped


def write_report(
    network: Any,
    path: FilePath,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    X_train: Any = None,
    y_train: Any = None,
    title: str | None = None,
    progress: Say | None = None,
) -> None:
    """Write what there is to be seen of a fitted network as one HTML file that opens anywhere.

    Arguments:
        network: a fitted ``NetClassifier`` or ``NetRegressor``; or a fitted pipeline or search that
            ends in one.
        path: the file; by custom it ends in ``.html``.
        X: rows that it was not trained on, as ``network`` takes them.
        y: their targets.
        sample_weight, X_train, y_train, title, progress: as ``NetClassifier.report`` takes them.

    Raises:
        ParameterError: the network is none of these.
        NotFittedError: it is not fitted.
        DataError: rows or targets that cannot be used.
        FileError: the file cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> from unstuck import NetClassifier, write_report
        >>> X, y = load_iris(return_X_y=True)
        >>> net = NetClassifier((8,), learning_rate_init=0.01, tol=1e-3, random_state=0)
        >>> pipeline = make_pipeline(StandardScaler(), net).fit(X[::2], y[::2])
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "iris.html"
        >>> write_report(pipeline, path, X[1::2], y[1::2])
        >>> path.read_text()[:15]
        '<!DOCTYPE html>'
    """
    if not isinstance(end_of(network), BaseNet):
        if hasattr(network, "estimator") and not hasattr(network, "best_estimator_"):
            check_is_fitted(network)
        raise ParameterError(
            f"write_report: received {type(network).__name__}; expected a fitted NetClassifier or "
            "NetRegressor, or a pipeline or search that ends in one. Of a function of JAX "
            "diagnose() says what is wrong."
        )
    net, X, X_train = unwrapped(network, X, X_train)
    net.report(
        path, X, y, sample_weight, X_train=X_train, y_train=y_train, title=title, progress=progress
    )
