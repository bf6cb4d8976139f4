"""What is at the end of pipelines and searches, however they are put into each other."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from unstuck.piped import end_of, last_of, prefix_of, unwrapped

X = np.arange(12.0).reshape(6, 2)
DOUBLED = FunctionTransformer(lambda x: 2 * x)
SEARCH = GridSearchCV(make_pipeline(DOUBLED, Ridge()), {"ridge__alpha": [0.1]}, cv=2)
WHOLE = {
    "alone": (Ridge(), 1),
    "a pipeline": (make_pipeline(DOUBLED, Ridge()), 2),
    "of one step": (make_pipeline(Ridge()), 1),
    "in a pipeline": (make_pipeline(DOUBLED, make_pipeline(DOUBLED, Ridge())), 4),
    "a search": (SEARCH, 2),
    "a search in a pipeline": (make_pipeline(DOUBLED, SEARCH), 4),
}


@pytest.mark.parametrize("name", WHOLE)
def test_rows_are_those_that_the_model_at_the_end_receives(name):
    model, times = WHOLE[name]
    model.fit(X, X[:, 0])
    end, rows, none = unwrapped(model, X, None)
    assert isinstance(end, Ridge)
    assert end_of(model) is end
    assert none is None
    np.testing.assert_array_equal(rows, times * X)
    np.testing.assert_array_equal(end.predict(rows), model.predict(X))


def test_parameters_of_the_last_step_are_found_by_its_prefix():
    model, _ = WHOLE["in a pipeline"]
    model.set_params(**{f"{prefix_of(model)}alpha": 7.0})
    assert last_of(model).alpha == 7.0
    assert prefix_of(Ridge()) == ""


def test_what_is_not_fitted_has_no_rows():
    with pytest.raises(NotFittedError):
        unwrapped(make_pipeline(DOUBLED, Ridge()), X)
    empty = Pipeline([])
    assert end_of(empty) is empty


@pytest.mark.parametrize("steps", [5, np.arange(3)], ids=str)
def test_what_has_other_steps_is_no_pipeline(steps):
    thing = SimpleNamespace(steps=steps)
    assert end_of(thing) is thing
    assert unwrapped(thing, X)[0] is thing
    assert prefix_of(thing) == ""
