"""Neural networks that don't get stuck: scikit-learn estimators on compiled JAX.

    from unstuck import NetClassifier

    model = NetClassifier(random_state=0).fit(X_train, y_train)
    print(model.score(X_test, y_test), model.stop_reason_)

Names are imported when they are first used, so ``import unstuck`` is quick. ``__init__.pyi``
lists them.
"""

from __future__ import annotations

from unstuck.lazy import attached

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = attached(__name__, __file__)
