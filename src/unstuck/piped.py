"""What is at the end of a pipeline or a search, its name there, and the rows it receives."""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import check_is_fitted


def last_of(estimator: Any) -> Any:
    """The last step of a pipeline, or of one that is its last step; anything else itself."""
    return last_of(estimator.steps[-1][1]) if _has_steps(estimator) else estimator


def prefix_of(estimator: Any) -> str:
    """What parameters of the last step begin with; nothing of what is no pipeline.

    Example:
        >>> from sklearn.linear_model import Ridge
        >>> from sklearn.pipeline import make_pipeline
        >>> prefix_of(make_pipeline(make_pipeline(Ridge())))
        'pipeline__ridge__'
    """
    if not _has_steps(estimator):
        return ""
    name, last = estimator.steps[-1]
    return f"{name}__{prefix_of(last)}"


def end_of(estimator: Any) -> Any:
    """What is at the end of a pipeline or a fitted search."""
    last = last_of(getattr(estimator, "best_estimator_", estimator))
    return last if last is estimator else end_of(last)


def unwrapped(estimator: Any, *rows: Any) -> tuple[Any, ...]:
    """What is at the end of a pipeline or a fitted search, and rows as it receives them there;
    ``None`` stays ``None``.

    Raises:
        NotFittedError: a pipeline is not fitted.

    Example:
        >>> from sklearn.dummy import DummyRegressor
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import MaxAbsScaler
        >>> fitted = make_pipeline(MaxAbsScaler(), DummyRegressor()).fit([[2.0], [4.0]], [0, 1])
        >>> unwrapped(fitted, [[4.0]], None)
        (DummyRegressor(), array([[1.]]), None)
    """
    estimator = getattr(estimator, "best_estimator_", estimator)
    if not _has_steps(estimator):
        return estimator, *rows
    check_is_fitted(estimator)
    if len(estimator.steps) > 1:
        before = estimator[:-1]
        rows = tuple(each if each is None else before.transform(each) for each in rows)
    return unwrapped(estimator.steps[-1][1], *rows)


def _has_steps(estimator: Any) -> bool:
    """Whether it is a pipeline; the steps of other things are numbers or arrays."""
    steps = getattr(estimator, "steps", None)
    return isinstance(steps, (list, tuple)) and len(steps) > 0
