"""scikit-learn's callback protocol (1.9 and newer), where that version is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from unstuck.estimators.typed import Method
from unstuck.training.plan import State
from unstuck.training.task import Observer

if TYPE_CHECKING:  # scikit-learn has no types, and a method without types loses those of its own

    class Support:
        """What scikit-learn's mixin is to a type checker."""

    def with_callbacks(method: Method) -> Method:
        """The method, with callbacks around it."""
        return method
else:
    try:
        from sklearn.callback import CallbackSupportMixin as Support
        from sklearn.callback import with_callbacks
    except ImportError:

        class Support:
            """Stands in for scikit-learn's mixin, which came with version 1.9."""

        def with_callbacks(method: Method) -> Method:
            """No callbacks to manage."""
            return method


class EpochTasks(Observer):
    """Every epoch of a fit is a task of scikit-learn's callbacks.

    Arguments:
        estimator: the estimator being fitted.
        context: its root context.
        data: ``X``, ``y`` and ``metadata`` as the hooks receive them.
        fitted: ``fitted(vector)``, the attributes of an estimator with these parameters.
    """

    every_epoch = True

    def __init__(
        self, estimator: Any, context: Any, data: dict[str, Any], fitted: Callable[[Any], Any]
    ):
        self.estimator, self.context, self.data, self.fitted = estimator, context, data, fitted

    def epoch(self, epoch: int, row: Mapping[str, float], state: State) -> bool:
        del epoch, row
        task = self.context.subcontext(task_name="epoch")
        arguments = {"estimator": self.estimator, **self.data}
        task.call_on_fit_task_begin(**arguments)
        return task.call_on_fit_task_end(
            **arguments, reconstruction_attributes=lambda: self.fitted(state.vector)
        )


def root(estimator: Any, epochs: int, data: dict[str, Any]) -> Any:
    """The root context of a fit with callbacks; ``None`` where there are none."""
    if not hasattr(estimator, "_init_callback_context"):
        return None
    context = estimator._init_callback_context(max_subtasks=epochs)
    context.call_on_fit_task_begin(estimator=estimator, **data)
    return context if getattr(estimator, "_skl_callbacks", None) else None
