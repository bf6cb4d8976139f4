"""Spiking neurons in place of a trained network's units: how well, and how soon.

Networks of sigmoid and of ReLU units learn the digits. Then each unit is replaced by a leaky
integrate-and-fire neuron, and rows that were not in the fit are shown for 200 ms. Nothing is
trained again. Means and standard deviations of seeds, each with another split and first weights.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from unstuck import NetClassifier
from unstuck.neuro import LeakyIntegrateAndFire, rate_curve, spiking_network

TIMES = 10, 20, 50, 100, 200
NETWORKS = {
    "100 sigmoids": ("logistic", (100,)),
    "100 ReLUs": ("relu", (100,)),
    "64 + 64 sigmoids": ("logistic", (64, 64)),
    "64 + 64 ReLUs": ("relu", (64, 64)),
    "16 sigmoids": ("logistic", (16,)),
    "16 ReLUs": ("relu", (16,)),
}
NEURONS = {"tau 10 ms": {}, "tau 20 ms": {"tau": 20.0}, "refractory 1 ms": {"refractory": 1.0}}


def looked(network, seed, neuron, epochs, times=TIMES):
    """A trained network, and what spiking neurons in its place answer over time."""
    X, y = load_digits(return_X_y=True)
    x, x_test, y_fit, y_test = train_test_split(X, y, test_size=360, random_state=seed, stratify=y)
    activation, hidden = NETWORKS[network]
    net = NetClassifier(hidden, activation=activation, max_iter=epochs, learning_rate_init=0.01,
                        tol=1e-3, watch=False, random_state=seed)  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # more epochs would do no harm
        net.fit(x, y_fit)
    return spiking_network(net, x, neuron).in_time(x_test, y_test, times)


def told(values):
    """Mean and standard deviation."""
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"


def main(small: bool = False) -> None:
    """The rate curves, accuracies over time, and other neurons."""
    refractory = (2.0,) if small else (1.1, 2.0, 5.0)
    print("refractory, ms  highest, Hz  a million nA, Hz  sigmoid R^2  of the logarithm")
    for time in refractory:
        neuron = LeakyIntegrateAndFire(refractory=time)
        curve, huge = rate_curve(neuron), neuron.run(2000, 1e6, keep=False).steady_rates[0]
        r2 = f"{curve.sigmoid.r2:11.3f}  {curve.of_logarithm.r2:16.3f}"
        print(f"{time:14g}  {neuron.highest_rate:11.0f}  {huge:16.0f}  {r2}")
    seeds, epochs = (1, 15) if small else (10, 100)
    neuron = LeakyIntegrateAndFire(step=0.5)
    print(f"\naccuracy on digits, {seeds} seeds")
    print(f"{'':16}  {'trained':13}  " + "  ".join(f"{f'{t} ms':13}" for t in TIMES))
    for name in list(NETWORKS)[: 1 if small else None]:
        found = [looked(name, seed, neuron, epochs) for seed in range(seeds)]
        cells = [told([each.trained for each in found])]
        cells += [told([each.accuracies[each.places[i]] for each in found]) for i in range(5)]
        print(f"{name:16}  " + "  ".join(cells))
        agree = np.mean([each.agreements[-1] for each in found])
        spikes = np.mean([each.spikes[-1] for each in found])
        print(
            f"{'':16}  as the trained network: {agree:.3f}; {spikes:,.0f} spikes a digit in 200 ms"
        )
    if small:
        return
    print(f"\n100 sigmoids, other neurons, after 100 ms, {seeds} seeds")
    for name, given in NEURONS.items():
        neuron = LeakyIntegrateAndFire(**{"step": 0.5, **given})
        found = [looked("100 sigmoids", seed, neuron, epochs, [100]) for seed in range(seeds)]
        print(f"{name:16}  {told([each.accuracies[-1] for each in found])}")


if __name__ == "__main__":
    main()
