"""``choose`` beside scikit-learn's own searches, its errors, and how much our networks compile."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import make_scorer, mean_squared_error
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    KFold,
    LeaveOneOut,
    RandomizedSearchCV,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedKFold,
    TimeSeriesSplit,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from unstuck import DataError, InterruptedWarning, NetClassifier, NetRegressor, ParameterError
from unstuck.selection import ValidationTable, choose
from unstuck.selection import pace as pace_module
from unstuck.selection.fits import Job, Outcome
from unstuck.selection.pace import Pace

ALPHAS = [0.01, 1.0, 100.0]


def rows(seed=0, n=24):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    return X, X @ np.array([1.0, -1, 0, 0, 2]) + rng.normal(size=n)


def classes(n=60):
    X, y = load_iris(return_X_y=True)
    taken = np.linspace(0, 149, n).astype(int)
    return X[taken], np.array(["a", "b", "c"])[y[taken]]


def same(table, search):
    """Parameters, mean errors and their ranks are those of a search, to the last bit."""
    read = ValidationTable.from_search(search)
    assert table.measure == read.measure
    assert [dict(each.params) for each in table.candidates] == search.cv_results_["params"]
    for one, other in zip(table.candidates, read.candidates, strict=True):
        np.testing.assert_array_equal(one.validation, other.validation)
        np.testing.assert_array_equal(one.train, other.train)
    assert table.best_params == read.best_params == search.best_params_


SPLITTERS = [
    KFold(4, shuffle=True, random_state=3),
    LeaveOneOut(),
    ShuffleSplit(3, random_state=1),
    RepeatedKFold(n_splits=3, n_repeats=2, random_state=0),
    TimeSeriesSplit(3),
]


@pytest.mark.parametrize("cv", SPLITTERS, ids=lambda cv: type(cv).__name__)
@pytest.mark.parametrize("scoring", ["neg_mean_squared_error", "neg_median_absolute_error"])
@pytest.mark.parametrize("seed", [0, 1])
def test_numbers_are_those_of_a_grid_search(cv, scoring, seed):
    X, y = rows(seed)
    grid = {"alpha": ALPHAS, "fit_intercept": [True, False]}
    search = GridSearchCV(Ridge(), grid, cv=cv, scoring=scoring, return_train_score=True)
    same(choose(Ridge(), X, y, grid, cv=cv, scoring=scoring), search.fit(X, y))


def test_pipelines_groups_weights_and_own_scorers():
    X, y = rows()
    groups, w = np.arange(len(y)) % 6, np.linspace(0.1, 2, len(y))
    piped = make_pipeline(StandardScaler(), Ridge())
    scorer = make_scorer(mean_squared_error, greater_is_better=False)
    grid, cv = [{"ridge__alpha": ALPHAS}, {"ridge": [LinearRegression()]}], GroupKFold(3)
    search = GridSearchCV(piped, grid, cv=cv, scoring=scorer, return_train_score=True)
    search.fit(X, y, groups=groups, ridge__sample_weight=w)
    params = {"ridge__sample_weight": w}
    table = choose(piped, X, y, grid, cv=cv, scoring=scorer, groups=groups, params=params)
    read = ValidationTable.from_search(search)
    for one, other in zip(table.candidates, read.candidates, strict=True):
        np.testing.assert_array_equal(one.validation, other.validation)
    assert table.measure == "mean squared error"
    assert "alpha" in str(table)
    assert "ridge__alpha" not in str(table)


def test_classes_are_kept_in_proportion_and_drawn_by_the_seed():
    X, y = classes()
    grid, cv = {"n_neighbors": [1, 5, 20]}, StratifiedKFold(5, shuffle=True, random_state=7)
    search = GridSearchCV(KNeighborsClassifier(), grid, cv=cv, return_train_score=True).fit(X, y)
    table = choose(KNeighborsClassifier(), X, y, grid, random_state=7)
    same(table, search)
    assert table.measure == "error rate"
    assert table.folds == "5 folds of 12 rows"


def test_groups_stay_together():
    X, y = rows()
    groups = np.arange(len(y)) // 4
    for cv, folds in ((3, 3), ("loo", 6), (0.3, 1)):
        found = choose(Ridge(), X, y, {"alpha": ALPHAS}, cv=cv, groups=groups)
        assert found.candidates[0].asked == folds


def test_searches_are_read():
    X, y = rows(n=60)
    drawn = RandomizedSearchCV(Ridge(), {"alpha": ALPHAS}, n_iter=2, random_state=0).fit(X, y)
    read = ValidationTable.from_search(drawn)
    assert read.best_params == drawn.best_params_
    assert read.measure == "1 - r2"
    assert np.isnan(read.candidates[0].training_error)
    assert read.one_standard_error is None
    halving = HalvingGridSearchCV(Ridge(), {"alpha": [0.1, 1, 10, 100]}, random_state=0, cv=3)
    read = ValidationTable.from_search(halving.fit(X, y))
    assert read.best_params == halving.best_params_
    assert len(read.candidates) == 4
    assert len({each.rows for each in read.candidates}) > 1
    assert "rows" in str(read)
    several = GridSearchCV(Ridge(), {"alpha": ALPHAS}, scoring=["r2", "neg_max_error"], refit=False)
    with pytest.raises(DataError, match="several scores, r2, neg_max_error"):
        ValidationTable.from_search(several.fit(X, y))
    with pytest.raises(DataError, match="call fit first"):
        ValidationTable.from_search(GridSearchCV(Ridge(), {"alpha": ALPHAS}))


def test_the_optimum_is_fitted_to_all_rows_if_asked_for():
    X, y = rows()
    found = choose(Ridge(), X, y, {"alpha": ALPHAS}, refit=True)
    alone = Ridge(**found.best_params).fit(X, y)
    np.testing.assert_array_equal(found.estimator.coef_, alone.coef_)
    assert choose(Ridge(), X, y, {"alpha": ALPHAS}).estimator is None


NET = {"solver": "lbfgs", "max_iter": 20, "random_state": 0}


def test_our_networks_compile_once_for_all_folds_and_numbers():
    X, y = classes()
    net = NetClassifier((4,), **NET)
    choose(net, X, y, {"alpha": [1.0, 2.0]}, cv=0.5)
    found = choose(net, X, y, {"alpha": [1e-4, 1.0], "tol": [1e-4, 1e-3]}, cv="loo")
    assert found.fits == 240
    assert found.compilations == 0
    assert "0 programs compiled" in str(found)


def test_leave_one_out_of_a_network_is_that_of_scikit_learn():
    X, y = classes(30)
    grid = {"alpha": [1e-4, 1.0]}
    search = GridSearchCV(
        NetClassifier((4,), **NET), grid, cv=LeaveOneOut(), return_train_score=True
    )
    table = choose(NetClassifier((4,), **NET), X, y, grid, cv="loo")
    read = ValidationTable.from_search(_silent(search, X, y))
    for one, other in zip(table.candidates, read.candidates, strict=True):
        np.testing.assert_array_equal(one.validation, other.validation)
    assert table.used_up == 60
    assert "60 of the 60 fits took all iterations" in " ".join(str(table).split())


@pytest.mark.filterwarnings("ignore")
def _silent(search, X, y):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return search.fit(X, y)


def test_progress_begins_with_an_estimate():
    told = []
    choose(Ridge(), *rows(), {"alpha": ALPHAS}, progress=told.append)
    assert told[0] == "15 fits of 3 candidates take about 1 s"
    assert len(told) == 14
    assert told[-1].startswith("15 of 15 fits")


class Pressing(RegressorMixin, BaseEstimator):
    """Presses Ctrl-C in the seventh fit."""

    fits = 0

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def fit(self, X, y):
        type(self).fits += 1
        if type(self).fits == 7:
            signal.raise_signal(signal.SIGINT)
        return self

    def predict(self, X):
        return np.full(len(X), self.alpha)


def test_ctrl_c_keeps_what_is_measured():
    Pressing.fits = 0
    with pytest.warns(InterruptedWarning, match="6 of 15 fits"):
        found = choose(Pressing(), *rows(), {"alpha": ALPHAS}, refit=True)
    assert [each.complete for each in found.candidates] == [True, False, False]
    assert found.best_params == {"alpha": 0.01}
    assert found.estimator is None
    told = " ".join(str(found).split())
    assert "Interrupted: 6 of 15 fits were made; 1 of 3 candidates are complete" in told
    assert not found.to_dict()["complete"]


def test_ctrl_c_ends_networks_that_run_side_by_side():
    X, y = classes()
    net, told = NetClassifier((4,), **NET), []

    def press(text):
        told.append(text)
        if len(told) == 4:
            signal.raise_signal(signal.SIGINT)

    with pytest.warns(InterruptedWarning, match="14 of 120 fits"):
        found = choose(net, X, y, {"alpha": [1e-4, 1.0]}, cv="loo", n_jobs=2, progress=press)
    assert found.optimum is None
    assert "0 of 2 candidates are complete" in " ".join(str(found).split())


def test_equals_are_told_from_rounding_as_a_search_does():
    """0.20000000000000004 and 0.19999999999999998 are one error: the first counts."""
    folds = [[1] * 3, [0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.2, 0.2, 0.2]]
    table = ValidationTable.from_errors("d", [1, 2, 3, 4], np.zeros((4, 3)), folds)
    assert table.candidates[2].validation_error < table.candidates[1].validation_error
    assert table.best_params == {"d": 2}


def test_where_all_candidates_fail_not_all_fits_are_made():
    told = []
    X, y = rows()
    with pytest.raises(DataError, match="r2 needs two"):
        choose(Ridge(), X, y, {"alpha": ALPHAS}, cv="loo", scoring="r2", progress=told.append)
    assert told[-1].startswith("8 of 72 fits")  # six of the first, one of each other


class Failing(Ridge):
    """Cannot be fitted with ``alpha`` above 10."""

    def fit(self, X, y):
        if self.alpha > 10:
            raise RuntimeError("no such fit")
        return super().fit(X, y)


def test_a_candidate_that_fails_is_told_and_not_chosen():
    found = choose(Failing(), *rows(), {"alpha": ALPHAS})
    assert found.candidates[2].error == "RuntimeError: no such fit"
    assert "alpha = 100 failed: RuntimeError: no such fit" in str(found)
    assert found.best_params["alpha"] < 10
    with pytest.raises(DataError, match=r"no candidate could be measured.*no such fit"):
        choose(Failing(), *rows(), {"alpha": [20, 30]})


def test_scores_that_are_no_numbers_are_told():
    with pytest.raises(DataError, match=r"nan\. Some scores need more rows"):
        choose(Ridge(), *rows(), {"alpha": ALPHAS}, cv="loo", scoring="r2")


X, Y = rows()
WRONG = [
    (Ridge, {"estimator": Ridge}, "estimator was"),
    (Ridge(), {"grid": {}}, "grid has no parameter"),
    (Ridge(), {"grid": 3}, "grid was 3"),
    (Ridge(), {"grid": {"alpha": []}}, "'alpha' has no values"),
    (Ridge(), {"grid": {"alpha": [1.0]}}, "nothing to choose"),
    (Ridge(), {"grid": {"alpha": "abc"}}, "expected a list of values"),
    (Ridge(), {"grid": {"alhpa": [1, 2]}}, "Did you mean 'alpha'"),
    (Ridge(), {"grid": {"alpha": [1.0, -1.0]}}, "'alpha' parameter of Ridge must be"),
    (NetRegressor(), {"grid": {"hidden": [(1,), (2,)]}}, "Did you mean 'hidden_layer_sizes'"),
    (NetRegressor(), {"grid": {"alpha": [1, -1]}}, "alpha was -1; expected a number >= 0"),
    (make_pipeline(Ridge()), {"grid": {"alpha": [1, 2]}}, "Did you mean 'ridge__alpha'"),
    (Ridge(), {"cv": 1}, "cv was 1"),
    (Ridge(), {"cv": 1.5}, "cv was 1.5"),
    (Ridge(), {"cv": "k"}, "cv was 'k'"),
    (Ridge(), {"cv": 25}, "cannot be divided by 25"),
    (Ridge(), {"cv": []}, "gives no folds"),
    (Ridge(), {"y": Y[:-1]}, "X has 24 rows and y has 23 rows"),
    (Ridge(), {"scoring": "acuracy"}, "Did you mean 'accuracy'"),
    (Ridge(), {"n_jobs": 0}, "n_jobs was 0"),
    (Ridge(), {"progress": 3}, "progress was 3"),
]


@pytest.mark.parametrize(("estimator", "given", "says"), WRONG, ids=[each[2] for each in WRONG])
def test_bad_input_is_told_before_anything_is_fitted(estimator, given, says):
    call = {"estimator": estimator, "X": X, "y": Y, "grid": {"alpha": ALPHAS}, **given}
    with pytest.raises((ParameterError, DataError)) as problem:
        choose(**call)
    assert says in str(problem.value)


def test_a_class_that_no_fold_could_learn():
    X, y = classes(30)
    y = y.astype(object)
    y[0] = "rare"
    grid = {"C": [0.1, 1.0]}
    with pytest.raises(DataError, match="'rare' has 1 row, too few for 5 folds"):
        choose(LogisticRegression(), X, y, grid)
    with pytest.raises(DataError, match="no row of class 'rare' to fit: its only row"):
        choose(LogisticRegression(), X, y, grid, cv="loo")
    groups = np.array(["a", "b", "c", "r"])[np.unique(y, return_inverse=True)[1]]
    with pytest.raises(DataError, match="no row of class 'c' to fit: all 10 of it"):
        choose(LogisticRegression(), X, y, grid, cv=GroupKFold(4), groups=groups)


@pytest.mark.parametrize(
    ("X", "y", "says"),
    [
        (None, np.ones(24), "X was None"),
        ("iris", np.ones(24), "X was 'iris'"),
        (np.ones((24, 2)), np.ones(20), "X has 24 rows and y has 20 rows"),
        (np.ones((24, 2)), np.r_[np.nan, np.ones(23)], "no class in 1 row"),
        (np.ones((24, 2)), np.array(["a", None] * 12, object), "no class in 12 rows"),
        (np.ones((24, 2)), np.array(["a", 3] * 12, object), "texts and numbers"),
        (np.ones((24, 2)), np.linspace(0, 1, 24), "a classifier expects classes"),
    ],
)
def test_rows_and_classes_are_looked_at_first(X, y, says):
    with pytest.raises(DataError, match=says):
        choose(KNeighborsClassifier(), X, y, {"n_neighbors": [1, 3]})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"cv": [(0, 1)]}, "fits array"),
        ({"cv": [([1, 2], [99])]}, "row 99; expected numbers from 0 to 23"),
        ({"cv": [([1, 2], [2, 3])]}, "fits 1 row that it holds out, the first 2"),
        ({"cv": [([1, 2], [-22])]}, "fits 1 row that it holds out"),
        ({"cv": KFold}, "cv was"),
        ({"cv": b"loo"}, "cv was b'loo'"),
        ({"params": 3}, "params was 3"),
        ({"random_state": -1}, "random_state was -1"),
        ({"encode": 3}, "encode was 3; expected a function of the numbers of rows"),
        ({"grid": {"alpha": [1, 1.0]}}, "names 1.0 twice"),
        ({"grid": {"alpha": [[1, 2], [1, 2]]}}, r"names \[1, 2\] twice"),
        ({"grid": {"alpha": ALPHAS, "max_iter": range(10**6)}}, "has 3,000,000 combinations"),
        ({"grid": {"alpha": range(10**9)}}, "has 1,000,000,000 combinations"),
        ({"grid": dict.fromkeys(Ridge().get_params(), range(300))}, "has 65,610,"),
        ({"grid": {"alpha": np.ones((2, 2))}}, "an array of shape"),
        ({"scoring": lambda e, X, y: np.inf}, "infinite"),
    ],
)
def test_splits_and_grids_that_would_mislead_are_refused(given, says):
    X, y = rows()
    grid = given.pop("grid", {"alpha": ALPHAS})
    with pytest.raises((DataError, ParameterError), match=says):
        choose(Ridge(), X, y, grid, **given)


def test_folds_as_masks_and_estimators_without_targets():
    X, y = rows()
    held = np.arange(24) < 9
    found = choose(Ridge(), X, y, {"alpha": ALPHAS}, cv=[(~held, held)])
    assert found.folds == "9 of 24 rows held out"
    clusters = choose(KMeans(n_init=1, random_state=0), X, None, {"n_clusters": [2, 3]})
    assert clusters.measure == "minus score"
    assert clusters.candidates[0].complete


@pytest.mark.parametrize(
    ("given", "ends", "says"),
    [
        # 10 + 1, two programs of 10 - 1 s, and two more fits of 1 s
        ({"programs": 3}, [10, 11], "4 fits of 2 candidates take about 31 s"),
        # side by side two fits take as long as four alone: 10 + 4, then 1 fit of 2 s
        ({"sampled": 2}, [10, 14, 14], "4 fits of 2 candidates take about 16 s"),
        # the clock starts after two: 10 + 4, and 2 s for each of the others
        ({"warm": 2}, [10, 12, 14], "4 fits of 2 candidates take about 16 s"),
        # of four at a time one was timed
        ({"faster": 4.0}, [10, 14], "4 fits of 2 candidates take about 16 s"),
    ],
)
def test_the_estimate_is_by_the_clock(given, ends, says, monkeypatch):
    now, told = [0.0], []
    monkeypatch.setattr(pace_module, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    pace = Pace(4, 2, told.append, **given)
    for end, seconds in zip(ends, (10.0, 1.0, 1.0), strict=False):
        now[0] = end
        pace.told(Outcome(Job(0, 0), 0.0, 0.0, seconds))
    assert told == [says]
