"""Peak memory of a fit beside the size of its rows: ``python -m benchmarks.memory [rows]``.

A small fit of the same shapes goes first, so that programs, libraries and the network are there;
what the fit then adds at its peak is told in sizes of X. Reads ``/proc``, so Linux only.
"""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys, warnings
import numpy as np
from sklearn.neural_network import MLPClassifier
from unstuck import NetClassifier
warnings.simplefilter("ignore")
kind, dtype, rows, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
batch = rows if batch == "all" else int(batch)
rng = np.random.default_rng(0)
x = rng.standard_normal((rows, 784), np.float32).astype(dtype)
y = rng.integers(0, 10, rows)
make = {"unstuck": NetClassifier, "scikit-learn": MLPClassifier}[kind]
net = make((64,), max_iter=1, batch_size=batch, random_state=0)
small = min(rows, 2000)
net.set_params(batch_size=min(batch, small)).fit(x[:small], y[:small])
def memory(what):
    lines = open("/proc/self/status").read().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(what)).split()[1])
open("/proc/self/clear_refs", "w").write("5")
before = memory("VmRSS")
net.set_params(batch_size=batch).fit(x, y)
print((memory("VmHWM") - before) / x.nbytes)
"""


def added(kind: str, dtype: str, rows: int, batch: str) -> float:
    """What a fit adds to the memory at its peak, in sizes of X."""
    command = [sys.executable, "-c", CODE, kind, dtype, str(rows), batch]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print a line for every kind of rows."""
    rows = int(sys.argv[1]) if sys.argv[1:] else 20_000
    print(f"{rows:,} x 784, sizes of X that a fit adds at its peak")
    for dtype in ("float32", "float64"):
        for batch in ("128", "all"):
            found = {kind: added(kind, dtype, rows, batch) for kind in ("unstuck", "scikit-learn")}
            told = ", ".join(f"{kind} {value:.2f}" for kind, value in found.items())
            print(f"{dtype}, batch {batch}: {told}")


if __name__ == "__main__":
    main()
