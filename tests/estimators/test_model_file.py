"""One file holds a fitted estimator: nothing is lost, nothing in it is believed."""

import contextlib
import copy
import io
import json
import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unstuck import (
    ACTIVATIONS,
    LOSSES,
    Activation,
    FileError,
    NetClassifier,
    NetRegressor,
    ParameterError,
    load,
)
from unstuck.errors import UnstuckError
from unstuck.persistence.container import read, write

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
TWO = (X[:, 0] > 0).astype(int)
THREE = np.digitize(X[:, 0], [-0.5, 0.5])
NUMBERS = 1e3 * (X[:, 0] - X[:, 1]) + 7
PAIR = np.c_[NUMBERS, X[:, 2]]


def net_of(kind=NetClassifier, **parameters):
    return kind((4,), **{"max_iter": 5, "random_state": 0} | parameters)


def swish(a):
    import jax

    return a * jax.nn.sigmoid(a)


def log_cosh(target, preactivation):
    import jax.numpy as jnp

    return jnp.log(jnp.cosh(preactivation - target)).sum()


def tiny(key, shape, dtype):
    import jax

    return jax.random.normal(key, shape, dtype) * dtype(0.1)


FUNCTIONS = {"swish": swish, "log_cosh": log_cosh, "tiny": tiny}

CASES = {
    "integers": (net_of(), TWO),
    "text": (net_of(), np.array(["no", "yes, of course"])[TWO]),
    "objects": (net_of(), np.array(["no", "ja"], object)[TWO]),
    "truth values": (net_of(), TWO == 1),
    "floats": (net_of(), np.array([-1.0, 2.0])[TWO]),
    "three classes": (net_of(), THREE),
    "labels": (net_of(), np.c_[TWO, THREE == 1].astype(int)),
    "numbers": (net_of(NetRegressor), NUMBERS),
    "pairs of numbers": (net_of(NetRegressor), PAIR),
    "unscaled": (net_of(NetRegressor, scale_targets=False, scale_inputs=False), X[:, 0]),
    "layer norm": (net_of(NetRegressor, layer_norm=True, dropout=0.25), NUMBERS),
    "several starts": (net_of(NetRegressor, n_restarts=3), NUMBERS),
    "no hidden layer": (NetRegressor((), max_iter=5, random_state=0), NUMBERS),
    "own functions": (
        net_of(NetRegressor, activation=swish, loss=log_cosh, initializer=tiny),
        NUMBERS,
    ),
    "every kind of parameter": (
        NetClassifier(
            [np.int64(4), 3],
            activation=("tanh", ACTIVATIONS["leaky_relu(0.3)"]),
            initializer=["he", "orthogonal", "fan_in"],
            loss="log_loss",
            solver="adamw",
            weight_decay=0.02,
            alpha=np.float64(0.1),
            batch_size=16,
            learning_rate="plateau",
            learning_rate_init=1e-2,
            random_state=np.random.RandomState(3),
            max_iter=np.int32(4),
            n_iter_no_change=math.inf,
            tol=0.0,
            clip_norm=1.5,
            class_targets=(0.1, 0.9),
            class_weight={0: 1.0, 1: 2.5, 2: 1.0},
            early_stopping=True,
            monitor="score",
        ),
        THREE,
    ),
}


@pytest.fixture(scope="module")
def fitted():
    """Every case, fitted once; tests take copies."""
    return {name: copy.deepcopy(net).fit(X, y) for name, (net, y) in CASES.items()}


def equal(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[k], other[k]) for k in one)
    if isinstance(one, list) and one and isinstance(one[0], np.ndarray):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, np.ndarray):
        same = one.dtype == other.dtype and one.shape == other.shape
        return same and bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    return type(one) is type(other) and one == other


def as_read(value):
    """A parameter as it is read back: a generator not at all."""
    return None if isinstance(value, np.random.RandomState) else value


PUBLIC = (
    "classes_",
    "coefs_",
    "intercepts_",
    "loss_curve_",
    "best_loss_",
    "validation_scores_",
    "best_validation_score_",
    "n_iter_",
    "n_layers_",
    "n_outputs_",
    "out_activation_",
    "n_features_in_",
    "feature_names_in_",
    "stop_reason_",
    "solver_",
    "solver_reason_",
    "restarts_",
    "history_",
    "network_",
)


@pytest.mark.parametrize("case", CASES)
def test_everything_comes_back(case, fitted, tmp_path):
    net = fitted[case]
    net.save(tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors", functions=FUNCTIONS)
    assert type(again) is type(net)
    for name in PUBLIC:
        assert hasattr(net, name) == hasattr(again, name), name
        if hasattr(net, name):
            assert equal(getattr(net, name), getattr(again, name)), name
    for name, value in net.get_params().items():
        assert np.all(again.get_params()[name] == as_read(value)), name
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    assert again.predict(X).dtype == net.predict(X).dtype
    if hasattr(net, "predict_proba"):
        np.testing.assert_array_equal(again.predict_proba(X), net.predict_proba(X))
    assert again.table_ is None
    again.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (
        tmp_path / "net.safetensors"
    ).read_bytes()


@pytest.mark.parametrize(
    "case",
    ["integers", "pairs of numbers", "layer norm", "own functions", "every kind of parameter"],
)
def test_training_goes_on_as_if_nothing_had_happened(case, fitted, tmp_path):
    """A warm start and partial_fit after loading give the bits they give without it."""
    y = CASES[case][1]
    net = copy.deepcopy(fitted[case]).set_params(warm_start=True)
    net.save(tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors", functions=FUNCTIONS)
    for step in ("fit", "partial_fit", "fit"):
        if step == "partial_fit":
            net.set_params(early_stopping=False, monitor="loss")
            again.set_params(early_stopping=False, monitor="loss")
        getattr(net, step)(X, y)
        getattr(again, step)(X, y)
        for a, b in zip(
            net.coefs_ + net.intercepts_, again.coefs_ + again.intercepts_, strict=True
        ):
            np.testing.assert_array_equal(a, b)
        assert net.loss_curve_ == again.loss_curve_


def test_partial_fit_goes_on_after_loading(tmp_path):
    net = net_of().partial_fit(X, TWO, classes=[0, 1, 2])
    net.save(tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors").partial_fit(X, THREE)
    np.testing.assert_array_equal(again.coefs_[0], net.partial_fit(X, THREE).coefs_[0])
    assert again.stop_reason_.name == "partial_fit"


def test_names_of_features_come_back(tmp_path):
    table = pd.DataFrame(X, columns=["a", "ü", "c d"])
    net_of().fit(table, TWO).save(tmp_path / "net")
    again = load(tmp_path / "net")
    assert again.feature_names_in_.tolist() == ["a", "ü", "c d"]
    assert again.feature_names_in_.dtype == object
    again.predict(table)
    with pytest.raises(ValueError, match="feature names"):
        again.predict(table[["ü", "a", "c d"]])


def test_a_folder_stands_for_the_model_in_it(fitted, tmp_path):
    fitted["integers"].save(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(load(tmp_path).predict(X), fitted["integers"].predict(X))
    assert load(str(tmp_path)).n_iter_ == 5


def test_saving_replaces_the_old_file_and_nothing_else(fitted, tmp_path):
    path = tmp_path / "net.safetensors"
    fitted["integers"].save(path)
    fitted["numbers"].save(path)
    assert type(load(path)) is NetRegressor
    assert [each.name for each in tmp_path.iterdir()] == ["net.safetensors"]


# Functions and records of the user's own


def test_a_function_must_be_passed_back(fitted, tmp_path):
    fitted["own functions"].save(tmp_path / "net")
    with pytest.raises(FileError, match=r"'(swish|log_cosh|tiny)'.*load\(path, functions="):
        load(tmp_path / "net")
    for missing in FUNCTIONS:
        rest = {name: f for name, f in FUNCTIONS.items() if name != missing}
        with pytest.raises(FileError, match=rf"'{missing}'.*functions=\{{'{missing}': {missing}"):
            load(tmp_path / "net", functions=rest)


def test_a_function_without_a_name_is_refused(tmp_path):
    net = net_of(NetRegressor, activation=lambda a: a * a).fit(X, NUMBERS)
    with pytest.raises(FileError, match=r"activation=<function.*without a name.*def my_function"):
        net.save(tmp_path / "net")
    assert list(tmp_path.iterdir()) == []


def record(name):
    return Activation(
        name=name, value=lambda a, xp: xp.sin(a), slope=lambda a, z, xp: xp.cos(a), formula="sin(a)"
    )


def test_a_record_of_ones_own_is_passed_back_like_a_function(tmp_path):
    sine = record("sine")
    net = net_of(NetRegressor, activation=sine).fit(X, NUMBERS)
    net.save(tmp_path / "net")
    with pytest.raises(FileError, match=r"'sine'.*functions="):
        load(tmp_path / "net")
    again = load(tmp_path / "net", functions={"sine": sine})
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    assert again.activation is sine


def test_a_record_that_borrows_a_name_is_not_taken_for_its_owner(tmp_path):
    sine = record("tanh")
    net = net_of(NetRegressor, activation=sine).fit(X, NUMBERS)
    net.save(tmp_path / "net")
    with pytest.raises(FileError, match=r"'tanh'.*functions="):
        load(tmp_path / "net")
    again = load(tmp_path / "net", functions={"tanh": sine})
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    spoilt = net_of(NetRegressor, activation=record("no name")).fit(X, NUMBERS)
    with pytest.raises(FileError, match="'no name' is a record of your own"):
        spoilt.save(tmp_path / "net")


def tanh(a):
    return a / (1 + abs(a))


def test_a_function_that_borrows_a_name_is_not_taken_for_its_owner(tmp_path):
    net = net_of(NetRegressor, activation=tanh).fit(X, NUMBERS)
    net.save(tmp_path / "net")
    with pytest.raises(FileError, match=r"'tanh'.*functions="):
        load(tmp_path / "net")
    again = load(tmp_path / "net", functions={"tanh": tanh})
    np.testing.assert_array_equal(again.predict(X), net.predict(X))
    again.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "net").read_bytes()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        *(("swish", wrong) for wrong in (3, None, "relu", LOSSES["squared_error"])),
        *(("log_cosh", wrong) for wrong in (3, None, "squared_error", ACTIVATIONS["tanh"])),
        *(("tiny", wrong) for wrong in (3, "he", ACTIVATIONS["tanh"])),
    ],
    ids=lambda each: str(each)[:20],
)
def test_what_is_given_for_a_function_must_be_one(name, given, fitted, tmp_path):
    """A record of another kind can be called, too: an activation where a loss belongs."""
    fitted["own functions"].save(tmp_path / "net")
    with pytest.raises(FileError, match="net"):
        load(tmp_path / "net", functions=FUNCTIONS | {name: given})


def test_a_record_of_another_kind_is_refused_in_the_constructor():
    with pytest.raises(ParameterError, match=r"loss was <activation tanh>; expected"):
        net_of(NetRegressor, loss=ACTIVATIONS["tanh"]).fit(X, NUMBERS)


def test_an_activation_with_a_constant_keeps_it(tmp_path):
    net = net_of(NetRegressor, activation="elu(0.123456789012345678)").fit(X, NUMBERS)
    net.save(tmp_path / "net")
    assert load(tmp_path / "net").network_ == net.network_


def test_a_folder_that_is_not_there(fitted, tmp_path):
    with pytest.raises(FileError, match=r"no folder.*nowhere"):
        fitted["integers"].save(tmp_path / "nowhere" / "net")
    with pytest.raises(FileError, match="net"):
        load(tmp_path / "net")


# Damaged and hostile files


@pytest.fixture(scope="module")
def file(fitted, tmp_path_factory):
    path = tmp_path_factory.mktemp("file") / "net"
    fitted["text"].save(path)
    return path


@pytest.fixture(scope="module")
def files(fitted, tmp_path_factory):
    """Header, arrays and targets of models with different parts, and the models."""
    folder = tmp_path_factory.mktemp("files")
    table = pd.DataFrame(X, columns=["a", "b", "c"])
    nets = {
        "text": (copy.deepcopy(fitted["text"]).fit(table, CASES["text"][1]), CASES["text"][1]),
        "starts": (fitted["several starts"], NUMBERS),
        "lm": (net_of(NetRegressor, solver="lm").fit(X, NUMBERS), NUMBERS),
        "br": (net_of(NetRegressor, solver="br").fit(X, NUMBERS), NUMBERS),
        "kept": (net_of(NetRegressor).fit(X, NUMBERS, X_val=X[:9], y_val=NUMBERS[:9]), NUMBERS),
    }
    for name, (net, _) in nets.items():
        net.save(folder / name)
    return {name: (*read(folder / name), y, net) for name, (net, y) in nets.items()}


TRACED = {"alpha", "learning_rate_init", "power_t", "tol", "random_state", "n_iter_no_change"}
"""Parameters with other values of which the compiled programs go on: quick to try."""


def usable(path, net, y):
    """Load a file: an error, or it predicts, is saved and goes on, whatever its header claims."""
    try:
        found = load(path, functions=FUNCTIONS)
    except FileError:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(found.predict(np.zeros((2, found.n_features_in_)))) == 2
        assert str(found.network_)
        assert str(found.stop_reason_)
        assert repr(found)
        found.save(path)
        again = load(path, functions=FUNCTIONS)
        np.testing.assert_array_equal(again.coefs_[0], found.coefs_[0])
        changed = {
            name for name, value in found.get_params().items() if value != net.get_params()[name]
        }
        parts = found.network_ == net.network_ and found._model.loss == net._model.loss
        if type(found) is type(net) and parts and changed <= TRACED:
            found.set_params(max_iter=1, warm_start=True, n_restarts=1)
            with contextlib.suppress(UnstuckError):
                found.fit(X, y)
    return True


def test_any_changed_byte_is_noticed(file, tmp_path):
    content = file.read_bytes()
    other, rng = tmp_path / "net", np.random.default_rng(4)
    for turn in range(2000):
        changed = bytearray(content)
        place = int(rng.integers(len(changed)))
        kind = turn % 5
        if kind == 0:
            changed[place] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            del changed[place:]
        elif kind == 2:
            del changed[place : place + 1 + int(rng.integers(9))]
        elif kind == 3:
            changed[place:place] = rng.bytes(1 + int(rng.integers(9)))
        else:
            changed[place : place + 8] = rng.bytes(8)
        if changed == content:
            continue
        other.write_bytes(changed)
        with pytest.raises(FileError):
            load(other)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\x00" * 100, b"PK\x03\x04", b"\x80\x04."], ids=repr
)
def test_other_files_are_refused(content, tmp_path):
    (tmp_path / "net").write_bytes(content)
    with pytest.raises(FileError, match="net"):
        load(tmp_path / "net")


def places(value, here=()):
    """The path to every value inside a header."""
    found = [here] if here else []
    if isinstance(value, dict):
        found += [p for k, v in value.items() for p in places(v, (*here, k))]
    if isinstance(value, list):
        found += [p for i, v in enumerate(value) for p in places(v, (*here, i))]
    return found


def edited(header, path, value, how):
    header = copy.deepcopy(header)
    holder = header
    for key in path[:-1]:
        holder = holder[key]
    if how == "delete":
        del holder[path[-1]]
    elif how == "wrap":
        holder[path[-1]] = [holder[path[-1]]]
    elif how == "double" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[path[-1]]))
    else:
        holder[path[-1]] = value
    return header


WORDS = [
    *("auto", "relu", "softmax", "step", "elu(2)", "swish", "NetRegressor", "max_iter", "output"),
    *("hidden_1", "O", "object", "<U9", "<f8", "<U999999999", "V8", "M8[s]", "__class__"),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 5)
    | st.sampled_from([2**31, 2**63, -(2**63), 10**30])
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(WORDS)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["tuple", "dict", "function", "x"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_header_that_lies_gives_an_error_or_a_network_that_goes_on(files, tmp_path, data):
    """The digest is right in these files: the contents alone have to be mistrusted."""
    header, arrays, y, net = files[data.draw(st.sampled_from(sorted(files)))]
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(places(header)))
        how = data.draw(st.sampled_from(["replace"] * 4 + ["delete", "wrap", "double"]))
        header = edited(header, path, data.draw(VALUES), how)
    write(tmp_path / "net", header, arrays)
    usable(tmp_path / "net", net, y)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_arrays_that_lie_give_an_error_or_a_network_that_goes_on(files, tmp_path, data):
    header, arrays, y, net = files[data.draw(st.sampled_from(sorted(files)))]
    arrays = copy.deepcopy(arrays)
    name = data.draw(st.sampled_from(sorted(arrays)))
    array = arrays.pop(name)
    kinds = ["drop", "rename", "value", "type", "shape", "flat", "empty"]
    how = data.draw(st.sampled_from(kinds))
    if how == "rename":
        arrays[name + "x"] = array
    if how == "value" and array.size:
        array.flat[0] = data.draw(st.sampled_from([-1, 0, 5, 2**30]))
        if array.dtype.kind == "f":
            array.flat[-1] = data.draw(st.sampled_from([np.nan, np.inf, -1.0, 0.0, 1e3]))
        arrays[name] = array
    if how == "type":
        kind = data.draw(st.sampled_from(["float32", "int32", "bool", "uint32", "int64"]))
        with np.errstate(all="ignore"):
            arrays[name] = np.array(np.nan_to_num(array), kind)
    if how in ("shape", "flat", "empty"):
        shapes = {"shape": array[None], "flat": array.reshape(-1), "empty": array.reshape(-1)[:0]}
        arrays[name] = shapes[how]
    write(tmp_path / "net", header, arrays)
    usable(tmp_path / "net", net, y)


FIELDS = ("network", "layers", 0, 1, "layer", 1)
"""Where a header keeps the fields of the first layer."""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("seeds", "random_state"), 2**32),
        (("seeds", "start"), -1),
        (("seeds",), {"start": 0, "split": 0}),
        (("course", "step"), 2**63),
        (("course", "step"), True),
        (("course", "marks", "held"), -1),
        (("course", "looked"), -2),
        (("course", "stalls", "stalled"), -1),
        (("course", "tally"), {"loss": 0.0, "hope": 0.0}),
        (("course", "kept"), {"value": 0.5, "epoch": 99}),
        (("course", "kept"), {"value": 0.5, "epoch": 2}),  # and no parameters after the last step
        (("estimator",), "BaseEstimator"),
        (("targets", "type"), "<U999999999"),
        (("targets", "type"), "V8"),
        (("targets", "type"), "object,object"),
        (("targets", "classes"), ["a", "a"]),
        (("targets", "classes"), ["a"]),
        (("targets", "classes"), [["a", "b"]]),
        (("targets", "classes"), ["a", "b", "c"]),
        (("network", "inputs"), [10**15]),
        (("network", "inputs"), 10**15),
        (("network", "layers", 0, 1), 3),
        ((*FIELDS, "units"), 10**15),
        ((*FIELDS, "units"), 0),
        ((*FIELDS, "units"), "four"),
        (("network", "layers", 1, 0), "hidden_1"),
        (("network", "layers"), []),
        (("params", "alpha"), "much"),
        (("params", "nonsense"), 1),
        (("params", "activation"), {"function": "eval"}),
        (("params", "activation"), {"import": "os"}),
        (("feature_names",), ["a"]),
        (("stop",), ["no such reason", ""]),
        (("course", "memory"), 99),
        (("feature_names",), ["a", "b", "a"]),
        (("feature_names",), ["a", "b", 3]),
        (("targets", "classes"), ["yes, of course", "no"]),
        (("targets", "type"), "<U2"),
        (("targets", "multilabel"), 0),
        ((*FIELDS, "layer_norm"), 0),
        ((*FIELDS, "activation"), {"function": "log_cosh", "more": 1}),
        ((*FIELDS, "activation"), None),
        ((*FIELDS[:-1], 0), "Sparse"),
        (FIELDS, {"units": 4}),
        ((*FIELDS, "activation"), "tanh"),
        ((*FIELDS, "activation"), {"record": ["loss", "mse"]}),
        ((*FIELDS, "activation"), {"record": ["unit", "tanh"]}),
        ((*FIELDS, "activation"), {"record": "tanh"}),
        (("network", "layers", 1, 1, "layer", 1, "activation"), {"record": ["activation", "tanh"]}),
        (("loss",), "squashed"),
        (("loss",), "tanh"),
        (("solver",), ["lm", 3]),
        (("solver",), ["Adam", ""]),
        (("solver",), ["br", ""]),
        (("stop",), ["tol", None]),
    ],
    ids=str,
)
def test_these_headers_are_refused(path, value, files, tmp_path):
    header, arrays, _, _ = files["text"]
    if value == ["br", ""]:  # a solver that leaves no such posterior
        (header, arrays, _, _), value = files["br"], ["adam", ""]
    write(tmp_path / "net", edited(header, path, value, "replace"), arrays)
    with pytest.raises(FileError, match="net"):
        load(tmp_path / "net", functions=FUNCTIONS)


@pytest.mark.parametrize(
    ("case", "path", "value"),
    [
        ("starts", ("restarts", 0), [-1, 5, "max_iter", ""]),
        ("starts", ("restarts", 0), [2**32, 5, "max_iter", ""]),
        ("starts", ("restarts", 0), [1, 5, "because", ""]),
        ("starts", ("restarts",), []),
        ("starts", ("restarts",), [[1, 5, "max_iter", ""]]),
        ("starts", ("targets", "one_column"), 1),
        ("lm", ("loss",), "poisson"),
        ("br", ("posterior", "log_evidence"), 1),
        ("br", ("posterior"), {"log_evidence": 1.0}),
        ("br", ("posterior"), None),
    ],
    ids=str,
)
def test_these_headers_of_regressors_are_refused(case, path, value, files, tmp_path):
    header, arrays, _, _ = files[case]
    path = path if isinstance(path, tuple) else (path,)
    changed = edited(header, path, value, "replace")
    write(tmp_path / "net", changed, arrays)
    with pytest.raises(FileError, match="net"):
        load(tmp_path / "net")


@pytest.mark.parametrize(
    ("case", "change"),
    [
        ("text", lambda a: a.update({"history/colour": a["history/loss"]})),
        ("text", lambda a: a.update({"parameters/hidden_1/gain": np.zeros(4)})),
        ("text", lambda a: a.update({"memory/99": np.zeros(4)})),
        ("text", lambda a: a.update({"posterior/factor": np.eye(3)})),
        ("text", lambda a: a.update({"history/learning_rate": a["history/loss"][:-1]})),
        ("text", lambda a: a.update({"history/look_epoch": a["history/look_epoch"] + 99})),
        ("text", lambda a: a.update({"history/look_epoch": a["history/look_epoch"] * -1 - 1})),
        ("text", lambda a: a.update({"history/look_epoch": a["history/look_epoch"] * 1.0})),
        ("text", lambda a: a["targets/mean"].fill(1.0)),
        ("text", lambda a: a["targets/scale"].fill(2.0)),
        ("kept", lambda a: a.update({"last/0": a["last/0"][:-1]})),
        ("kept", lambda a: a["last/0"].fill(np.nan)),
        ("kept", lambda a: a.update({"last/0": a["last/0"].astype(np.int32)})),
        ("starts", lambda a: a.update({"restarts/cost": a["restarts/cost"][:-1]})),
    ],
)
def test_arrays_that_contradict_the_rest_are_refused(case, change, files, tmp_path):
    header, arrays, _, _ = files[case]
    arrays = copy.deepcopy(arrays)
    change(arrays)
    write(tmp_path / "net", header, arrays)
    with pytest.raises(FileError, match=r"net: the file contradicts itself|net.*shorter"):
        load(tmp_path / "net")


def test_the_best_start_is_no_longer_than_the_history(files, tmp_path):
    header, arrays, _, net = files["starts"]
    best = int(np.argmin(arrays["restarts/cost"]))
    changed = edited(header, ("restarts", best, 1), net.n_iter_ + 1, "replace")
    write(tmp_path / "net", changed, arrays)
    with pytest.raises(FileError, match="the start that the network comes from"):
        load(tmp_path / "net")
    net = copy.deepcopy(net).set_params(warm_start=True).fit(X, NUMBERS)  # it may have gone on
    net.save(tmp_path / "net")
    assert load(tmp_path / "net").restarts_ == net.restarts_


def test_a_history_of_two_solvers_has_the_columns_of_both(files, tmp_path):
    net = copy.deepcopy(files["lm"][3]).set_params(warm_start=True, solver="adam", alpha=1e-4)
    net.fit(X, NUMBERS).save(tmp_path / "net")
    assert "damping" in load(tmp_path / "net").history_


def test_a_file_may_come_from_a_network_that_other_parameters_describe(file, tmp_path):
    """The network in the file counts; a fit that would go on says that the two differ."""
    header, arrays = read(file)
    header["params"]["hidden_layer_sizes"] = {"tuple": [7]}
    header["params"]["warm_start"] = True
    write(tmp_path / "net", header, arrays)
    net = load(tmp_path / "net")
    assert net.predict(X).shape == (40,)
    with pytest.raises(ValueError, match="cannot go on"):
        net.fit(X, CASES["text"][1])


def test_a_memory_that_does_not_fit_is_begun_anew(file, tmp_path):
    header, arrays = read(file)
    arrays["memory/1"] = np.ones(3)
    write(tmp_path / "net", header, arrays)
    net = load(tmp_path / "net").set_params(warm_start=True)
    assert np.isfinite(net.fit(X, CASES["text"][1]).coefs_[0]).all()


def test_the_header_is_readable_json(file):
    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    outer = json.loads(content[8 : 8 + length])
    header = json.loads(outer["__metadata__"]["unstuck"])["header"]
    assert header["estimator"] == "NetClassifier"
    assert header["targets"]["classes"] == ["no", "yes, of course"]
    assert outer["parameters/hidden_1/weights"]["shape"] == [3, 4]
    assert "parameters/hidden_1/weights" in np.load(io.BytesIO(_npz(content)), allow_pickle=False)


def _npz(content):
    """What the safetensors package reads from the file, without unstuck."""
    from safetensors.numpy import load as arrays_of

    buffer = io.BytesIO()
    np.savez(buffer, **arrays_of(content))
    return buffer.getvalue()
