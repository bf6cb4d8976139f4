"""Spiking neurons: slow and fast trains, inhibition, the rate against the input."""

from __future__ import annotations

from pathlib import Path

from unstuck.neuro.integrate_and_fire import LeakyIntegrateAndFire
from unstuck.neuro.rate_curve import rate_curve
from unstuck.neuro.spike_trains import SpikeTrains
from unstuck.neuro.synapses import Synapses
from unstuck.report import figures
from unstuck.shows.show import Show

JUMP = 8.0
"""mV, of each spike from outside."""


def show() -> Show:
    """As a text and a figure."""
    neuron = LeakyIntegrateAndFire()
    slowest = neuron.slowest_train(JUMP)
    trains = SpikeTrains.regular([slowest - 5, slowest + 5], 200, JUMP)
    spikes = neuron.run(200, neurons=2, trains=trains, potentials=[0, 1])
    chain = Synapses([[0, 25, 25], [0, 0, -15], [0, 0, 0]], delay=[[0, 2, 5], [0, 0, 1], [0, 0, 0]])
    chained = neuron.run(60, [3.0, 0.0, 0.0], synapses=chain)
    curve = rate_curve(neuron)
    parts = [
        str(neuron),
        f"regular trains of spikes, {JUMP:g} mV each: below {slowest:.1f} Hz none makes it fire\n"
        f"neuron 0 gets {slowest - 5:.1f} Hz, neuron 1 {slowest + 5:.1f}\n{spikes}",
        "neuron 0 excites 1 and 2; 1 is inhibitory, and its spikes reach 2 earlier\n"
        f"{chain}\n{chained}",
        f"rates for constant currents\n{curve}",
    ]

    def save(path: Path) -> None:
        with figures.written(path, 9.0, 7.4) as figure:
            panels = figure.subplots(3, 1, height_ratios=[1, 2.2, 3.4])
            panels[0].sharex(panels[1])
            panels[0].tick_params(labelbottom=False)
            spikes.plot(panels[:2])
            curve.plot(panels[2])

    return Show("\n\n".join(parts), save)
