"""Errors and CPU time on tables, relative to scikit-learn's network: geometric means over tables.

``python -m benchmarks.tables [--set tuned|proof|all] [--only NAME] [--each] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.tables.contenders import CONTENDERS
from benchmarks.tables.data import SETS, Named, load

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # waiting threads would count as CPU time

SPLITS = 3
TESTED = 0.25
MEASURES = ("error", "1 - AUC", "log loss", "RMSE", "time, classes", "time, numbers")
FLOOR = {"error": 2e-3, "1 - AUC": 2e-4}
"""Below it a ratio of two errors would be one of chances."""

Scores = dict[str, float]


def scores(table: Named, model: Any, frame: Any, y: np.ndarray) -> Scores:
    """Errors on rows that were held out."""
    from sklearn.metrics import log_loss, roc_auc_score

    predicted = model.predict(frame)
    if not table.classes:
        return {"RMSE": float(np.sqrt(np.mean((predicted - y) ** 2)))}
    p = np.clip(model.predict_proba(frame), 1e-15, None)
    p /= p.sum(1, keepdims=True)
    labels = model.classes_
    several = len(labels) > 2
    area = (
        roc_auc_score(y, p, multi_class="ovr", labels=labels)
        if several
        else roc_auc_score(y == labels[1], p[:, 1])
    )
    return {
        "error": float(np.mean(predicted != y)),
        "1 - AUC": float(1 - area),
        "log loss": float(log_loss(y, p, labels=labels)),
    }


def measured(table: Named, make: Callable[[bool], Any]) -> Scores:
    """Means over the splits. The first split is fitted twice: programs are compiled once."""
    from sklearn.model_selection import train_test_split

    frame, y = load(table)
    found: list[Scores] = []
    for split in range(SPLITS):
        train, test = train_test_split(np.arange(len(y)), test_size=TESTED, random_state=split)
        x, rest = frame.iloc[train], frame.iloc[test]
        if split == 0:
            make(table.classes).fit(x, y[train])
        start = time.process_time()
        model = make(table.classes).fit(x, y[train])
        seconds = time.process_time() - start
        kind = "classes" if table.classes else "numbers"
        found.append(scores(table, model, rest, y[test]) | {f"time, {kind}": seconds})
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


def relative(found: dict[str, Scores], reference: dict[str, Scores]) -> Scores:
    """Geometric means over tables."""
    ratios: dict[str, list[float]] = {}
    for table, its in found.items():
        for name, value in its.items():
            least = FLOOR.get(name, 0.0)
            ratio = max(value, least) / max(reference[table][name], least)
            ratios.setdefault(name, []).append(np.log(ratio))
    return {name: float(np.exp(np.mean(each))) for name, each in ratios.items()}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--set", default="all", choices=[*SETS, "all"])
    asked.add_argument("--only", help="one contender beside the reference")
    asked.add_argument("--each", action="store_true", help="print every table")
    asked.add_argument("--json", help="write every number to this file")
    options = asked.parse_args()
    tables = [t for name, each in SETS.items() if options.set in (name, "all") for t in each]
    warnings.simplefilter("ignore")
    found: dict[str, dict[str, Scores]] = {}
    for name, make in CONTENDERS.items():
        if options.only and name not in (options.only, next(iter(CONTENDERS))):
            continue
        found[name] = {table.name: measured(table, make) for table in tables}
        for table, its in found[name].items() if options.each else ():
            print(name, table, {key: round(value, 4) for key, value in its.items()}, flush=True)
    reference = next(iter(found.values()))
    rows = []
    for name, its in found.items():
        ratios = relative(its, reference)
        rows.append([name, *(f"{ratios[each]:.2f}" if each in ratios else "" for each in MEASURES)])
    for row in [["", *MEASURES], ["---"] * (1 + len(MEASURES)), *rows]:
        print("|", " | ".join(row), "|")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(found, file, indent=1)


if __name__ == "__main__":
    main()
