"""A file of 200,000 rows and 60 columns as numbers: time and peak memory, beside pandas with
scikit-learn's ColumnTransformer. Run ``python -m benchmarks.reading``, on Linux; each way is a
process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import polars as pl

ROWS, LEVELS = 200_000, 100
TABLES = {"40 numbers, 10 whole numbers, 10 texts": (40, 10, 10), "60 texts": (0, 0, 60)}


def write(path: str, numbers: int, whole: int, texts: int) -> None:
    """A table of random columns; texts have 100 levels."""
    rng = np.random.default_rng(0)
    levels = np.array([f"level {i}" for i in range(LEVELS)])
    columns = {f"n{i}": rng.normal(size=ROWS) for i in range(numbers)}
    columns |= {f"i{i}": rng.integers(0, 1000, ROWS) for i in range(whole)}
    columns |= {f"t{i}": levels[rng.integers(0, LEVELS, ROWS)] for i in range(texts)}
    pl.DataFrame(columns).write_csv(path)


def ours(path: str):
    """``TableEncoder``, which learns what the columns are."""
    from unstuck.data.table import TableEncoder, read_table

    yield
    yield TableEncoder().fit_transform(read_table(path))


def others(path: str):
    """pandas guesses the types, ColumnTransformer imputes and encodes."""
    import pandas as pd
    from sklearn.compose import ColumnTransformer, make_column_selector
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    yield
    numbers = (SimpleImputer(strategy="median"), make_column_selector(dtype_include="number"))
    texts = OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")
    encoder = ColumnTransformer([("numbers", *numbers), ("texts", *texts)])
    yield encoder.fit_transform(pd.read_csv(path))


def measured(way: str, path: str) -> None:
    """Print seconds and MB of a way, without its imports."""
    run = globals()[way](path)
    next(run)
    before, start = peak(), time.perf_counter()
    shape = next(run).shape
    print(json.dumps([time.perf_counter() - start, peak() - before, list(shape)]))


def peak() -> float:
    """MB; that of ``resource`` would begin with the peak of the process that started this one."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main() -> None:
    """Both ways, each table."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.csv")
        for name, columns in TABLES.items():
            write(path, *columns)
            size = os.path.getsize(path) / 2**20
            print(f"{name}: {size:.0f} MB")
            for way in ("ours", "others"):
                command = [sys.executable, "-m", "benchmarks.reading", way, path]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                seconds, memory, shape = json.loads(done.stdout)
                times = memory / size
                print(f"  {way}: {seconds:.1f} s, {memory:.0f} MB, {times:.1f} files, {shape}")


if __name__ == "__main__":
    measured(*sys.argv[1:]) if len(sys.argv) > 1 else main()
