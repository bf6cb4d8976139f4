"""From a CSV file with text and gaps to a saved network that reads the next table."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from unstuck import NetRegressor, TableEncoder, load


def write_flats(path: Path, rows: int) -> None:
    """Made-up flats: the rent follows area, district and floor, and some areas are missing."""
    rng = np.random.default_rng(0)
    area = rng.uniform(20, 140, rows).round()
    district = rng.choice(["old town", "harbor", "hills"], rows)
    floor = rng.integers(0, 6, rows)
    price = {"old town": 14.0, "harbor": 10.0, "hills": 12.0}
    rent = [a * price[d] * (1 + 0.03 * f) for a, d, f in zip(area, district, floor, strict=True)]
    known = [None if rng.random() < 0.05 else a for a in area]
    table = {"area": known, "district": district, "floor": floor}
    noisy = (np.array(rent) + rng.normal(0, 30, rows)).round(2)
    pl.DataFrame({**table, "rent": noisy}).write_csv(path)


def main(small: bool = False) -> None:
    """Train on three quarters of the file, predict the rest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flats.csv"
        write_flats(path, 400 if small else 2000)
        table = pl.read_csv(path)
        kept = table.height * 3 // 4

        encoder = TableEncoder(target="rent").fit(table[:kept])
        print(*encoder.summary(), sep="\n")
        net = NetRegressor(
            (32, 32), learning_rate_init=0.01, early_stopping=True, max_iter=500, random_state=0
        )
        net.fit(encoder.transform(table[:kept]), encoder.targets(table[:kept]))
        print(f"\n{net.network_}\n\n{net.stop_reason_}")

        net.save(Path(folder) / "flats.safetensors", table=encoder)
        again = load(Path(folder) / "flats.safetensors")
        rest = table[kept:]
        rows = again.table_.transform(rest)
        print(f"R² on the other rows: {again.score(rows, again.table_.targets(rest)):.3f}")
        shown = rest.head(5).with_columns(predicted=again.predict(rows[:5]).round())
        print(*shown.iter_rows(named=True), sep="\n")


if __name__ == "__main__":
    main()
