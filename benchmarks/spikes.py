"""Leaky integrate-and-fire neurons beside Brian2: the same equations and step, the same spikes.

    python -m benchmarks.spikes                          unstuck alone: seconds and memory
    python -m benchmarks.spikes --brian PYTHON           beside Brian2 in another environment

Brian2 wants versions of NumPy of its own, so it runs in a process of another Python, which has it
(``pip install brian2``). Its spikes are compared one by one; times are those of the run, without
imports and compilation, the best of three.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import sparse

SECOND = 1000.0
ROUNDS = 3
THEIRS = Path(__file__).with_name("spikes_brian.py")


def works() -> dict[str, dict[str, np.ndarray]]:
    """What is run: currents in nA; synapses as sources, targets, weights in mV, delays in ms."""
    rng = np.random.default_rng(0)
    nobody = {name: np.zeros(0) for name in ("source", "target", "weight", "delay")}
    size = 2000
    made = sparse.random_array((size, size), density=0.05, format="coo", rng=rng)
    source, target = made.coords
    synapses = {
        "source": source,
        "target": target,
        "weight": np.where(source < 0.8 * size, 0.3, -1.5),
        "delay": rng.integers(10, 51, len(source)) / 10,
    }
    return {
        "10,000 neurons": {"current": np.linspace(0.0, 10.0, 10_000), **nobody},
        "2,000 neurons, 200,000 synapses": {"current": rng.uniform(1.5, 4.0, size), **synapses},
    }


def ours(work: dict[str, np.ndarray]) -> tuple[float, np.ndarray, float]:
    """Seconds of the best run, steps and neurons of all spikes, and MB that the run added."""
    from unstuck.neuro import LeakyIntegrateAndFire, Synapses

    size, synapses = len(work["current"]), None
    if len(work["source"]):
        where = work["source"], work["target"]
        synapses = Synapses(
            sparse.coo_array((work["weight"], where), (size, size)),
            sparse.coo_array((work["delay"], where), (size, size)),
        )
    neuron = LeakyIntegrateAndFire()
    neuron.run(10, work["current"], synapses=synapses)  # compiles
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        spikes = neuron.run(SECOND, work["current"], synapses=synapses)
        seconds.append(time.perf_counter() - start)
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert spikes.steps is not None
    assert spikes.neurons is not None
    return min(seconds), np.array([spikes.steps, spikes.neurons]), added


def theirs(python: str, work: dict[str, np.ndarray]) -> tuple[float, np.ndarray]:
    """The same by Brian2."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npz"
        np.savez(given, **work)  # type: ignore[arg-type]
        subprocess.run([python, str(THEIRS), str(given), str(found), str(ROUNDS)], check=True)
        with np.load(found) as read:
            return float(read["seconds"]), read["spikes"]


def main() -> None:
    """Run, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--brian", metavar="PYTHON", help="the Python that has Brian2")
    chosen = parser.parse_args()
    for name, work in works().items():
        seconds, spikes, added = ours(work)
        print(f"{name}, 1 s at 0.1 ms: {spikes.shape[1]:,} spikes, {seconds:.2f} s, "
              f"{added:.0f} MB added at the peak", flush=True)  # fmt: skip
        if chosen.brian:
            other, beside = theirs(chosen.brian, work)
            order = np.lexsort(spikes[::-1]), np.lexsort(beside[::-1])
            same = spikes.shape == beside.shape and (
                spikes[:, order[0]] == beside[:, order[1]]).all()  # fmt: skip
            word = "the same spikes" if same else f"{beside.shape[1]:,} spikes, others"
            print(f"  Brian2: {other:.2f} s, {other / seconds:.2f} times ours; {word}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
