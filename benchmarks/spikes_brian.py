"""The neurons of ``benchmarks.spikes`` in Brian2: run by a Python that has it, without unstuck.

    python spikes_brian.py GIVEN FOUND ROUNDS

Brian2 counts the refractory time from the step of the spike itself, and sends a spike a step after
it where synapses come before thresholds; a step is added to the one and taken from the other.
"""

import sys
import time

import brian2 as b
import numpy as np

STEP = 0.1
EQUATIONS = """
dv/dt = (v_rest - v + drive) / tau : 1 (unless refractory)
drive : 1
"""


def run(given):
    """Seconds of a run of one second, and its spikes: ends of their steps, and neurons."""
    b.start_scope()
    b.defaultclock.dt = STEP * b.ms
    names = {"v_rest": -70.0, "tau": 10 * b.ms}
    neurons = b.NeuronGroup(
        len(given["current"]), EQUATIONS, threshold="v >= -50", reset="v = -70",
        refractory=(2.0 + STEP) * b.ms, method="exact", namespace=names,
    )  # fmt: skip
    neurons.v, neurons.drive = -70.0, 10.0 * given["current"]
    watched = b.SpikeMonitor(neurons)
    parts = [neurons, watched]
    if len(given["source"]):
        synapses = b.Synapses(neurons, neurons, "w : 1", on_pre="v_post += w")
        synapses.connect(i=given["source"].astype(int), j=given["target"].astype(int))
        synapses.w = given["weight"]
        synapses.delay = (given["delay"] - STEP) * b.ms
        parts.append(synapses)
    network = b.Network(*parts)
    network.schedule = ["start", "groups", "synapses", "thresholds", "resets", "end"]
    network.run(0 * b.ms)  # compiles
    start = time.perf_counter()
    network.run(1000 * b.ms)
    seconds = time.perf_counter() - start
    steps = np.rint(np.asarray(watched.t / b.ms) / STEP).astype(int) + 1
    return seconds, np.array([steps, np.asarray(watched.i)])


def main():
    """The best of some rounds, to a file."""
    given = dict(np.load(sys.argv[1]))
    found = [run(given) for _ in range(int(sys.argv[3]))]
    np.savez(sys.argv[2], seconds=min(each[0] for each in found), spikes=found[-1][1])


if __name__ == "__main__":
    main()
