"""A model that was saved with its table takes frames as they come."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from unstuck import DataError, NetClassifier, TableEncoder, diagnose, load

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FRAME = pl.DataFrame(
    {
        "size": [1.0, 2.0, None, 4.0] * 4,
        "color": ["red", "blue", "red", "green"] * 4,
        "bought": ["yes", "no", "yes", "no"] * 4,
    }
)
INPUTS, TARGETS = FRAME.drop("bought"), FRAME["bought"].to_numpy()


@pytest.fixture
def loaded(tmp_path):
    encoder = TableEncoder("bought").fit(FRAME)
    net = NetClassifier((4,), max_iter=5, random_state=0)
    net.fit(encoder.transform(FRAME), TARGETS).save(tmp_path / "m.safetensors", encoder)
    return load(tmp_path / "m.safetensors")


FORMS = {
    "polars": INPUTS,
    "pandas": pd.DataFrame(INPUTS.to_dict(as_series=False)),
    "lazy": INPUTS.lazy(),
    "with its target": FRAME,
    "in another order": INPUTS.select("color", "size"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_frame_is_encoded_by_the_table_it_was_saved_with(loaded, form):
    arrays = loaded.table_.transform(FRAME)
    frame = FORMS[form]
    np.testing.assert_array_equal(loaded.predict(frame), loaded.predict(arrays))
    np.testing.assert_array_equal(loaded.predict_proba(frame), loaded.predict_proba(arrays))
    assert loaded.features(frame).shape == (16, 4)
    if form != "lazy":
        assert loaded.score(frame, TARGETS) == loaded.score(arrays, TARGETS)


def test_a_frame_of_encoded_columns_is_taken_as_it_is(loaded):
    arrays = loaded.table_.transform(FRAME)
    frame = pd.DataFrame(arrays, columns=loaded.table_.get_feature_names_out())
    for each in (frame, frame[frame.columns[::-1]], pl.DataFrame(frame.to_dict("list"))):
        np.testing.assert_array_equal(loaded.predict_proba(each), loaded.predict_proba(arrays))


def test_missing_columns_are_named(loaded):
    with pytest.raises(DataError, match=r"lacks 1 column.*'color'"):
        loaded.predict(INPUTS.drop("color"))


def test_it_goes_on_and_is_diagnosed_with_frames(loaded):
    loaded.set_params(warm_start=True).fit(INPUTS, TARGETS)
    assert loaded.n_iter_ == 5
    assert len(loaded.loss_curve_) == 10
    assert diagnose(loaded, INPUTS, TARGETS).looked


def test_a_new_fit_to_other_columns_forgets_the_table(loaded):
    frame = INPUTS.select(pl.col("size").fill_null(0.0).alias("other"))
    loaded.fit(frame, TARGETS)
    assert loaded.table_ is None
    assert loaded.predict(frame).shape == (16,)


def test_a_fit_that_is_refused_keeps_the_table(loaded):
    with pytest.raises(DataError):
        loaded.fit(INPUTS.select(pl.col("color").alias("other")), TARGETS)
    assert loaded.predict(INPUTS).shape == (16,)
