"""One fit, or five folds, in a process of its own, from the first import on.

Run as ``python -m benchmarks.fresh_fit PEER DIGITS BATCH EPOCHS FOLDS``; the parent holds the
clock.
``DIGITS`` is an ``.npz`` file, so that reading the data imports nothing; with ``FOLDS`` 0 there is
one fit on all rows.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np

from benchmarks.peers import classifier


def main() -> None:
    """Fit as the command line says and print the training loss or the mean score."""
    peer, path, batch, epochs, folds = sys.argv[1:]
    warnings.simplefilter("ignore")
    with np.load(path) as data:
        x, y = data["x"], data["y"]
    net = classifier(peer, (100,), batch_size=int(batch), max_iter=int(epochs))
    if int(folds):
        from sklearn.model_selection import cross_val_score

        print(cross_val_score(net, x, y, cv=int(folds)).mean())
    else:
        print(net.fit(x, y).loss_curve_[-1])


if __name__ == "__main__":
    main()
