"""Spiking neurons: closed forms, a slow twin, trains, synapses, rates, and what cannot be."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from unstuck import DataError, ParameterError
from unstuck.neuro import LeakyIntegrateAndFire, SpikeTrains, Synapses, rate_curve

NEURON = LeakyIntegrateAndFire()
CURRENTS = np.linspace(0.0, 60.0, 64)


def twin(neuron, steps, current, start=None, trains=None, weights=None, delays=None):
    """The same in a loop over steps, neurons and synapses, from the formula."""
    size = len(current)
    v = np.full(size, neuron.rest) if start is None else np.array(start, float)
    hold, left = round(neuron.refractory / neuron.step), np.zeros(size, int)
    arriving = np.zeros((steps + 1000, size))
    if trains is not None:
        for time, who, jump in zip(trains.times, trains.neurons, trains.jumps, strict=True):
            arriving[max(round(time / neuron.step), 1), who] += jump
    spikes, courses = [], [v.copy()]
    for j in range(1, steps + 1):
        for i in range(size):
            if left[i]:
                v[i], left[i] = neuron.reset, left[i] - 1
                continue
            now = current[i] if np.ndim(current[i]) == 0 else current[i][j - 1]
            target = neuron.rest + neuron.resistance * now
            v[i] = target + (v[i] - target) * np.exp(-neuron.step / neuron.tau) + arriving[j, i]
            if v[i] >= neuron.threshold:
                spikes.append((j, i))
                v[i], left[i] = neuron.reset, hold
                for k in np.flatnonzero(weights[i]) if weights is not None else ():
                    arriving[j + round(delays[i, k] / neuron.step), k] += weights[i, k]
        courses.append(v.copy())
    return spikes, np.array(courses).T


def together(spikes):
    return list(zip(spikes.steps.tolist(), spikes.neurons.tolist(), strict=True))


def test_a_current_may_change_row_by_row():
    rows = np.random.default_rng(0).uniform(0, 8, (30, 64))
    found = NEURON.run(80, rows, every=2.5, potentials=range(64))
    step = np.minimum(np.arange(800) // 25, 29)  # the last row lasts to the end
    spikes, courses = twin(NEURON, 800, rows[step].T)
    assert together(found) == spikes
    np.testing.assert_allclose(found.potentials, courses, atol=1e-10)


def test_a_current_may_be_the_same_for_all_neurons():
    wave = 3 + 2 * np.sin(np.arange(800) / 50)
    starts = np.linspace(-70, -51, 64)
    found = NEURON.run(80, wave, every=0.1, start=starts)
    spikes, _ = twin(NEURON, 800, np.tile(wave, (64, 1)), start=starts)
    assert together(found) == spikes
    one = NEURON.run(80, [4.0], every=5, neurons=64)  # a single row is constant
    np.testing.assert_array_equal(one.steps, NEURON.run(80, [4.0] * 64).steps)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"current": np.ones((2, 3))}, "say with every= how many ms each row lasts"),
        ({"current": np.ones((2, 3)), "every": 0.15}, "every was 0.15; expected a multiple"),
        ({"current": np.ones((2, 3)), "every": 1e20}, "every was 1e[+]20, 1e[+]21 steps; expected"),
        ({"current": np.ones((2, 3)), "every": 1, "neurons": 2}, "current is for 3, neurons is"),
        ({"current": 3.0, "every": 1}, r"expected the shape \(times,\), the same for all"),
        ({"every": 1}, "expected the shape"),
    ],
    ids=str,
)
def test_what_rows_of_a_current_cannot_be(given, message):
    with pytest.raises((DataError, ParameterError), match=message):
        NEURON.run(10, **given)


def test_the_closed_form_is_that_of_the_equation():
    """Integrated by SciPy up to the threshold."""
    from scipy.integrate import solve_ivp

    neuron = LeakyIntegrateAndFire(tau=12, reset=-65, refractory=3)

    def slope(_, v):
        return (-(v - neuron.rest) + neuron.resistance * 3.5) / neuron.tau

    def reached(_, v):
        return v[0] - neuron.threshold

    reached.terminal = True
    found = solve_ivp(slope, (0, 500), [neuron.reset], events=reached, rtol=1e-10, atol=1e-10)
    interval = found.t_events[0][0] + neuron.refractory
    assert neuron.rate(3.5) == pytest.approx(1000 / interval, rel=1e-8)


@given(
    tau=st.floats(2.0, 50.0),
    reset=st.floats(-90.0, -51.0),
    refractory=st.integers(0, 50),
    scale=st.floats(0.05, 20.0),
)
def test_intervals_are_the_closed_form_to_within_a_step(tau, reset, refractory, scale):
    neuron = LeakyIntegrateAndFire(tau=tau, reset=reset, refractory=refractory / 10)
    currents = CURRENTS * scale
    spikes = neuron.run(400, currents, keep=False)
    rates = spikes.steady_rates
    several = spikes.counts >= 2
    off = 1000 / rates[several] - 1000 / neuron.rate(currents)[several]
    assert (off > -1e-6).all()
    assert (off < neuron.step + 1e-6).all()
    assert not spikes.counts[currents <= neuron.least_current].any()
    assert (np.diff(spikes.counts) >= 0).all()  # monotone in the input
    assert (rates <= neuron.highest_rate * (1 + 1e-9)).all()


def test_rates_saturate_below_a_thousand():
    neuron = LeakyIntegrateAndFire(refractory=1.1)
    huge = neuron.run(200, [1e3, 1e6, 1e9]).rates
    assert (huge < 1000).all()
    assert (huge > 0.9 * neuron.highest_rate - 100).all()
    assert NEURON.highest_rate == 500
    assert neuron.current(neuron.rate([2.5, 30.0])) == pytest.approx([2.5, 30.0])


@pytest.mark.parametrize("seed", range(3))
def test_the_slow_twin_agrees(seed):
    """Currents, starts, trains, excitatory and inhibitory synapses of 1 to 5 ms, all at once."""
    rng = np.random.default_rng(seed)
    size, steps = 12, 700
    neuron = LeakyIntegrateAndFire(tau=8 + seed, reset=-75, refractory=seed)
    weights = rng.normal(2, 8, (size, size)) * (rng.random((size, size)) < 0.5)
    delays = rng.integers(10, 51, (size, size)) / 10
    current, start = rng.uniform(0, 4, size), rng.uniform(-80, -55, size)
    trains = SpikeTrains.poisson(rng.uniform(0, 300, size), 90, rng.normal(4, 4, size), seed)
    expected, courses = twin(neuron, steps, current, start, trains, weights, delays)
    spikes = neuron.run(
        steps / 10, current, start=start, trains=trains, synapses=Synapses(weights, delays),
        potentials=range(size),
    )  # fmt: skip
    assert len(expected) > 50
    assert together(spikes) == expected
    np.testing.assert_allclose(spikes.potentials, courses, atol=1e-9)
    assert (spikes.counts == np.bincount([i for _, i in expected], minlength=size)).all()


def test_one_delay_for_all_and_sparse_weights_are_the_same():
    weights = np.array([[0, 9.0, -4.0], [7.0, 0, 8.0], [0, 6.0, 0]])
    made = [
        Synapses(weights, 2.5),
        Synapses(sparse.coo_array(weights), 2.5),
        Synapses(weights, np.full((3, 3), 2.5)),
        Synapses(sparse.csr_array(weights), sparse.csr_array(np.where(weights, 2.5, 0))),
    ]
    found = [together(NEURON.run(90, [3.0, 1.9, 1.8], synapses=each)) for each in made]
    expected, _ = twin(NEURON, 900, [3.0, 1.9, 1.8], weights=weights, delays=np.full((3, 3), 2.5))
    assert len({i for _, i in expected}) == 3
    assert found == [expected] * 4


@pytest.mark.parametrize("jump", [3.0, 8.0, 15.0])
def test_slow_trains_never_make_it_fire(jump):
    slowest = NEURON.slowest_train(jump)
    height = NEURON.threshold - NEURON.rest
    assert jump / (1 - np.exp(-1000 / (slowest * NEURON.tau))) == pytest.approx(height)
    periods = np.ceil(10_000 / slowest) / 10 + np.array([0.1, -0.1])  # ms, in whole steps
    trains = SpikeTrains.regular(1000 / periods, 2000, jump)
    assert (NEURON.run(2000, trains=trains).counts > 0).tolist() == [False, True]
    assert NEURON.slowest_train(20.0) == 0
    assert NEURON.slowest_train(-1.0) == np.inf


def test_inhibition_keeps_a_neuron_silent():
    up = SpikeTrains.regular(300, 500, 8.0)
    down = SpikeTrains.regular(300, 500, -6.0)
    assert NEURON.run(500, trains=up).counts[0] > 10
    assert NEURON.run(500, trains=up + down).counts[0] == 0


def test_synapses_keep_their_signs():
    synapses = Synapses.random(80, 20, probability=0.3, random_state=1)
    w = synapses.weights.toarray()
    assert (synapses.kinds() == np.repeat([1, -1], [80, 20])).all()
    assert (w[:80] >= 0).all()
    assert (w[80:] <= 0).all()
    assert not w.diagonal().any()
    assert synapses.delay.min() >= 1
    assert synapses.delay.max() <= 5
    again = Synapses.random(80, 20, probability=0.3, random_state=1)
    assert (again.weights.toarray() == w).all()
    assert (again.delay == synapses.delay).all()
    assert (Synapses([[0, 1, -1], [0, 0, 0], [1, 0, 0]]).kinds() == [0, 0, 1]).all()


def test_a_seed_gives_the_same_train():
    one, same, other = (SpikeTrains.poisson([50, 90], 500, 1.0, seed) for seed in (3, 3, 4))
    assert (one.times == same.times).all()
    assert len(one.times) != len(other.times) or (one.times != other.times).any()
    assert len(one.times) == pytest.approx(70, abs=35)


def test_counts_are_those_of_the_times():
    spikes = NEURON.run(321.7, np.linspace(0, 9, 13))
    few = NEURON.run(321.7, np.linspace(0, 9, 13), keep=False)
    for name in ("counts", "first_step", "last_step", "rates", "steady_rates"):
        assert (getattr(spikes, name) == getattr(few, name)).all()
    assert (spikes.counts == np.bincount(spikes.neurons, minlength=13)).all()
    assert spikes.times.max() <= 321.7 + 1e-9
    assert spikes.of(12)[0] == spikes.first_step[12] * NEURON.step
    assert few.nbytes == 13 * 12
    with pytest.raises(DataError, match="keep=True"):
        few.of(0)
    with pytest.raises(DataError, match="keep=True"):
        few.plot()


def test_memory_follows_spikes_and_not_steps():
    """2,000 neurons and 2,000 steps would be 32 MB as float64; here some blocks and the spikes."""
    current = np.linspace(0, 4, 2000)
    NEURON.run(10, current)
    tracemalloc.start()
    spikes = NEURON.run(200, current)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert spikes.nbytes == 8 * spikes.counts.sum() + 12 * 2000
    assert peak < 3 * spikes.nbytes + 1e6


def test_a_rate_curve_has_its_sigmoids():
    curve = rate_curve(NEURON, np.linspace(0.5, 20, 40), 500)
    assert curve.off <= NEURON.step + 1e-9
    assert 0.9 < curve.sigmoid.r2 < curve.of_logarithm.r2 < 1
    assert "never above 500" in str(curve)


def test_what_is_told_fits_a_terminal():
    many = NEURON.run(50, np.linspace(0, 5, 100))
    trains = SpikeTrains.regular([10, 20], 500, 3.0)
    things = NEURON, many, NEURON.run(50, 3.0), trains, Synapses.random(8, 2, probability=0.5)
    for thing in things:
        assert max(map(len, str(thing).splitlines())) <= 80
        assert "unstuck-card" in thing._repr_html_()
    assert "32.5 nA" not in str(NEURON)
    assert "lowest" in str(many)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tau": 0}, "tau was 0; expected a finite positive number"),
        ({"tau": "slow"}, "tau was 'slow'"),
        ({"step": -0.1}, "step was -0.1"),
        ({"rest": np.nan}, "rest was nan"),
        ({"threshold": -70}, "a threshold above both"),
        ({"reset": -40}, "a threshold above both"),
        ({"refractory": -1}, "non-negative"),
        ({"refractory": 1.25}, "multiple of the step 0.1 ms, 0 or more, such as 1.2"),
    ],
)
def test_neurons_that_cannot_be(given, said):
    with pytest.raises(ParameterError) as error:
        LeakyIntegrateAndFire(**given)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"duration": 0}, "duration was 0; expected a multiple of the step 0.1 ms, 0.1 or more"),
        ({"duration": 1.23}, "such as 1.2"),
        ({"duration": np.inf}, "duration was inf"),
        ({"current": [np.nan]}, "expected finite numbers"),
        ({"current": "strong"}, "expected finite numbers"),
        ({"current": [1.0, 2.0], "neurons": 3}, "expected one number of neurons"),
        ({"current": [1.0, 2.0], "start": [-60.0] * 3}, "expected one number of neurons"),
        ({"current": [[1.0, 2.0]]}, "current has the shape (1, 2)"),
        ({"neurons": 0}, "neurons was 0; expected a whole number, 1 or more"),
        ({"potentials": [1]}, "numbers of neurons from 0 to 0"),
        ({"neurons": 1, "trains": SpikeTrains([1.0], [4], 1.0)}, "trains reach neuron 4"),
        ({"synapses": Synapses([[0, 1], [1, 0]], 0.05)}, "delay was"),
        ({"synapses": Synapses([[0, 1], [1, 0]], 0.0)}, "0.1 or more"),
        ({"synapses": Synapses([[0, 1], [1, 0]]), "current": [1.0] * 3}, "synapses is for 2"),
    ],
)
def test_runs_that_cannot_be(given, said):
    with pytest.raises((ParameterError, DataError)) as error:
        NEURON.run(**{"duration": 5.0, **given})
    assert said in str(error.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Synapses([[1, 2, 3]]),
        lambda: Synapses([[np.inf]]),
        lambda: Synapses("weights"),
        lambda: Synapses([[0, 1], [1, 0]], [1.0, 2.0]),
        lambda: Synapses.random(5, 5, probability=2),
        lambda: Synapses.random(5, 5, weights=(-1, -1)),
        lambda: Synapses.random(5, -5),
        lambda: SpikeTrains([-1.0], [0], 1.0),
        lambda: SpikeTrains([1.0], [0.5], 1.0),
        lambda: SpikeTrains([1.0, 2.0], [0], 1.0),
        lambda: SpikeTrains.regular([-3], 100, 1.0),
        lambda: SpikeTrains.regular(["fast"], 100, 1.0),
        lambda: SpikeTrains.regular([3.0], -100, 1.0),
        lambda: SpikeTrains.poisson([3.0, 4.0], 100, [1.0, 2.0, 3.0]),
        lambda: NEURON.current(500),
        lambda: NEURON.current(0),
        lambda: NEURON.rate("x"),
        lambda: rate_curve(NEURON, [1.0, 1.5, 1.6, 1.7, 1.8]),
        lambda: rate_curve(NEURON, [-1.0, 3.0, 4.0, 5.0, 6.0]),
    ],
)
def test_what_cannot_be_is_told(make):
    with pytest.raises((ParameterError, DataError), match="expected"):
        make()
