"""What cannot be used is refused with one error of ours: what it was, and what was expected."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier

from unstuck import DataError, NetClassifier, NetRegressor, ParameterError, neuro
from unstuck.neuro import (
    HebbianLayer,
    HopfieldMemory,
    LeakyIntegrateAndFire,
    SpikeTrains,
    Synapses,
    activity,
    answers,
    factors,
    flipped,
    lesion,
    memory_capacity,
    rate_curve,
    recovery,
    spiking_network,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
NEURON = LeakyIntegrateAndFire()
RAGGED = [[1, 2], [3]]
WORDS = np.array(["setosa", "versicolor", "virginica"])[Y]
PATTERNS = np.where(np.random.default_rng(0).random((2, 12)) > 0.5, 1, -1)


@pytest.fixture(scope="module")
def net():
    return MLPClassifier((5,), max_iter=300, learning_rate_init=0.02, random_state=0).fit(X, Y)


@pytest.mark.parametrize(
    "make",
    [
        # whole numbers of hundreds of digits, complex numbers, several numbers for one, booleans
        lambda: LeakyIntegrateAndFire(tau=10**400),
        lambda: NEURON.rate(np.array([1j])),
        lambda: NEURON.slowest_train([1.0, 2.0]),
        lambda: NEURON.run(5.0, 1e308),
        lambda: NEURON.run(5.0, 3.0, potentials=[[0]]),
        lambda: NEURON.run(5.0, 3.0, potentials=RAGGED),
        lambda: Synapses(np.eye(2) * 1j),
        lambda: Synapses(np.eye(2), np.inf),
        lambda: Synapses(RAGGED),
        lambda: Synapses(np.eye(2), RAGGED),
        lambda: SpikeTrains(RAGGED, [0, 1], 1.0),
        lambda: HopfieldMemory(rule=np.array([1, 2])).fit(PATTERNS),
        lambda: HebbianLayer(center=np.array([1, 2])).fit(X),
        lambda: HebbianLayer(reverse="no", rule="oja").fit(X),
        lambda: HebbianLayer().fit(X, outputs=RAGGED),
        lambda: answers(RAGGED, RAGGED),
        lambda: answers(["2"], [[1, 2]]),
        lambda: answers([1], [[1.5, 2]]),
        lambda: answers([1], [1]),
        lambda: flipped([1, 2], [0, 1, 2]),
        lambda: memory_capacity(50, 0.1),
        lambda: memory_capacity(50, seeds=True),
        # objects of another kind
        lambda: NEURON.run(5.0, trains=[1.0]),
        lambda: NEURON.run(5.0, synapses=np.eye(2)),
        lambda: rate_curve("neuron"),
        # what there is none of
        lambda: NEURON.run(5.0, [3.0, 4.0]).of(2),
        lambda: NEURON.run(5.0, 3.0).of("a"),
        lambda: HopfieldMemory().fit(PATTERNS).recall(PATTERNS)[2],
        lambda: HopfieldMemory().fit(PATTERNS).recall(PATTERNS)[0:1],
        lambda: HopfieldMemory().fit(PATTERNS).recall(PATTERNS[0]).after("end"),
        # nothing would come of it
        lambda: rate_curve(duration=1.0),
        lambda: rate_curve(currents=[3.0] * 5),
        lambda: HebbianLayer().fit(X * 1e-300),
        lambda: SpikeTrains.regular([], 10.0, 1.0),
        lambda: SpikeTrains.regular(10.0, "long", 1.0),
        lambda: SpikeTrains.regular(10.0, 10.0, np.nan),
        lambda: Synapses.random(5, 5, probability="some"),
        lambda: Synapses.random(5, 5, weights=1),
        lambda: Synapses.random(5, 5, delays=(1.0,)),
        lambda: Synapses.random(5, 5, step=0),
    ],
)
def test_what_cannot_be_used_is_refused(make):
    with pytest.raises(
        (ParameterError, DataError), match=r"was |were |have |held |needs |is within"
    ):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: SpikeTrains.poisson(5.0, 10.0, 1.0, random_state=seed),
        lambda seed: Synapses.random(5, 5, random_state=seed),
        lambda seed: factors(3, 2, seed),
        lambda seed: memory_capacity(50, random_state=seed),
        lambda seed: HopfieldMemory(random_state=seed).fit(PATTERNS),
        lambda seed: HebbianLayer(random_state=seed).fit(X),
    ],
)
@pytest.mark.parametrize("seed", [-1, "a", 1.5])
def test_seeds_that_are_none(make, seed):
    with pytest.raises(ParameterError, match=r"(random_state|seed) was .*; expected"):
        make(seed)


@pytest.mark.parametrize(
    "make",
    [
        lambda: NEURON.run(5.0, 3.0, neurons=10**12),
        lambda: NEURON.run(1e300, 3.0),
        lambda: NEURON.run(5.0, [0.0, 0.0], synapses=Synapses(np.eye(2), 1e12)),
        lambda: SpikeTrains.regular(1e9, 1e9, 1.0),
        lambda: SpikeTrains.poisson(1e300, 1e300, 1.0),
        lambda: Synapses.random(10**7, 0),
        lambda: Synapses.random(1e300, 1),
        lambda: memory_capacity(10**7),
        lambda: memory_capacity(50, [1e300]),
        lambda: HebbianLayer(10**10, rule="oja").fit(X),
        lambda: factors(3, 10**12),
    ],
)
def test_what_no_machine_holds_is_said_before(make):
    with pytest.raises(ParameterError, match=r"GB of memory|at most"):
        make()


def test_a_neuron_number_beyond_int32_is_no_other_neuron():
    with pytest.raises(DataError, match="from 0 to"):
        SpikeTrains([1.0], [2**40], 30.0)


def test_spikes_long_after_the_run_leave_the_others_in_place():
    trains = SpikeTrains([1.0, 1e300], [0, 0], 30.0)
    assert NEURON.run(5.0, trains=trains).of(0).tolist() == [1.0]


def test_delays_of_no_synapses_are_none():
    none = Synapses(sparse.csr_array((3, 3)), sparse.csr_array((3, 3)))
    assert len(none.delay) == 0
    assert NEURON.run(20.0, 4.0, synapses=none).counts.tolist() == [2] * 3
    assert "0 synapses" in str(Synapses.random(4, 1, probability=0))


def test_currents_may_come_in_any_order():
    assert rate_curve(currents=[5.0, 4, 3, 2, 1]).currents.tolist() == [1, 2, 3, 4, 5]


def test_answers_of_any_size_and_frames():
    assert answers([10**400, 6], pd.DataFrame([[1, 1], [2, 3]])).exact == 0.5
    assert answers([10**40], [[10**20, 10**20]]).exact == 1.0


@pytest.mark.parametrize(
    "make",
    [
        lambda net: activity(NetClassifier, X),
        lambda net: activity(net, None),
        lambda net: lesion(NetClassifier, X, Y),
        lambda net: lesion(net, X, Y, what=["units"]),
        lambda net: lesion(net, X, Y, layers=3),
        lambda net: lesion(net, X, Y, orders=None),
        lambda net: lesion(net, X, Y, measure=[1]),
        lambda net: lesion(net, X, Y, scoring=["accuracy"]),
        lambda net: lesion(net, X, Y, scoring=lambda *given: "good"),
        lambda net: lesion(net, X, Y, scoring="roc_auc"),
        lambda net: lesion(net, X, [None] * len(X)),
        lambda net: recovery(NetClassifier, X, Y, X, Y),
        lambda net: recovery(net, X, Y, X, Y, epochs=(True,)),
        lambda net: recovery(net, X, Y, X, Y[:5]),
        lambda net: recovery(net, X, Y, X, WORDS),
        lambda net: spiking_network(NetClassifier, X),
        lambda net: spiking_network(net, X, neuron="slow"),
        lambda net: spiking_network(net, X, percentile="most"),
        lambda net: spiking_network(net, X, highest_rate=[100, 200]),
        lambda net: spiking_network(net, X, highest_rate=1e-9),
        lambda net: spiking_network(net, X).run(X, 1e12),
        lambda net: spiking_network(net, X).in_time(X, Y, 10),
        lambda net: spiking_network(net, X).in_time(X, WORDS, [10]),
        lambda net: spiking_network(
            MLPClassifier((5,), max_iter=300, random_state=0).fit(X, np.eye(3)[Y]), X
        ),
    ],
)
def test_networks_and_rows_that_cannot_be_used(make, net):
    with pytest.raises((ParameterError, DataError), match=r"[Ee]xpected|Give targets"):
        make(net)


def test_rows_of_another_width_are_told_in_words(net):
    with pytest.raises(ValueError, match="expecting 4 features"):
        spiking_network(net, X).predict(X[:, :2])


def test_sparse_rows_are_looked_at_as_others(net):
    dense, rows = activity(net, X), activity(net, sparse.csr_array(X))
    assert dense.layers[0].active_at_once == rows.layers[0].active_at_once


def test_an_extent_of_what(net):
    found = lesion(net, X, Y, seeds=1, places=2, shares=(0, 0.5, 1))
    with pytest.raises(ParameterError, match="expected 'blocks' or 'random'"):
        found.extent("worst")


def test_several_mistakes_are_told_at_once():
    with pytest.raises(ParameterError, match="2 mistakes"):
        memory_capacity(1, seeds=0)
    assert neuro.memory_capacity is memory_capacity
    with pytest.raises(ParameterError, match="share was"):
        recovery(NetRegressor(), X, Y, X, Y, share=True)


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (lambda: LeakyIntegrateAndFire(refractory=1e300), "refractory"),
        (lambda: NEURON.run(10, keep=np.array([1, 2])), "keep"),
        (lambda: NEURON.run(10, keep="no"), "keep"),
        (lambda: neuro.expected_overlap(10**400), "load"),
    ],
)
def test_values_that_no_machine_holds_or_that_say_neither_yes_nor_no(act, name):
    with pytest.raises(ParameterError, match=f"{name} was .*; expected"):
        act()


def test_layers_and_shares_of_any_type(net):
    with pytest.raises(ParameterError, match=r"layers was array\(\[1, 2\]\); expected some of"):
        lesion(net, X, Y, layers=np.array([1, 2]))
    with pytest.raises(ParameterError, match="shares was"):
        lesion(net, X, Y, shares=[10**400])


FLOWERS, OTHERS = X[50:], Y[50:] > 1
READERS = {
    "perceptron": lambda X: neuro.Perceptron().fit(X, OTHERS),
    "hebbian": lambda X: neuro.HebbianLayer().fit(X),
    "logistic": lambda X: neuro.logistic_unit(X, OTHERS),
    "separation": lambda X: neuro.separation(X, OTHERS),
    "overlap": lambda X: neuro.overlap(X, OTHERS),
    "discriminant": lambda X: neuro.beside_discriminant(FLOWERS, OTHERS, X, OTHERS),
}
ROWS = {
    "complex": (FLOWERS * 1j, "complex numbers in column 0"),
    "text": (np.full(FLOWERS.shape, "a"), "text in column 0"),
    "missing": (np.where(FLOWERS > 7.8, np.nan, FLOWERS), "NaN in column 0"),
    "deep": (FLOWERS[:, :, None], "dim 3"),
    "mapping": ({str(i): 1 for i in range(100)}, "dict"),
}


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("reader", READERS)
def test_rows_that_cannot_be_used_are_told_alike(reader, rows):
    given, message = ROWS[rows]
    with pytest.raises(DataError, match=message):
        READERS[reader](given)


@pytest.mark.parametrize("reader", ["hebbian", "logistic", "discriminant"])
def test_sparse_rows_are_refused_where_dense_ones_are_needed(reader):
    with pytest.raises(DataError, match=r"was sparse, a csr_array; expected X\.toarray\(\)"):
        READERS[reader](sparse.csr_array(FLOWERS))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "the target y is None"),
        (OTHERS[:5], "100 rows, y has 5"),
        (np.linspace(0, 1, 100), "continuous"),
        (np.full(100, np.inf), "infinity"),
        ([*[None] * 3, *OTHERS[3:]], "no label"),
    ],
    ids=str,
)
@pytest.mark.parametrize("act", [neuro.Perceptron().fit, neuro.logistic_unit])
def test_classes_that_cannot_be_used_are_told_alike(act, y, message):
    with pytest.raises(DataError, match=message):
        act(FLOWERS, y)
