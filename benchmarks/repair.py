"""How often a repair repairs: on networks with a planted disease, and on healthy ones.

Run as ``python -m benchmarks.repair``; the settings are those of ``benchmarks.diagnosis``. Every
network is repaired by ``unstuck.repair``, which sees the training rows alone; then trained with and
without what was accepted, and judged on test rows that neither selection nor confirmation has
seen. Beside it: as many remedies as were proposed, drawn at random, selected and confirmed in
the same way; and "switch everything to ReLU, He's first weights and Adam".
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import statistics
import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.diagnoses.setting import Made, Setting
from benchmarks.diagnosis import SETS, settings

SWITCH = {"activation": "relu", "initializer": "auto", "solver": "adam"}
GAIN = 0.02
"""A smaller difference of scores on the test rows is none."""
SEEDS = 3
"""Networks that are trained with and without what was accepted, to be judged."""
NO_CURE = (
    "conflicting_labels",
    "constant_inputs",
    "constant_targets",
    "disconnected_parameters",
    "non_finite",
    "unrelated_targets",
    "wrong_gradient",
)
"""Planted faults that no parameter mends."""


@dataclass
class Run:
    """What became of a setting.

    Attributes:
        name, seed: of the setting.
        kind: ``"curable"``, ``"no cure"`` or ``"healthy"``.
        before: mean score on the test rows as it was.
        after, random, switch: with what was accepted, by us and of remedies drawn at random, and
            with all switched; as before where nothing was.
        spread: largest difference of two untreated networks on the test rows.
        accepted, random_accepted: whether something was.
        params: what was.
        verdict: in words.
        fits, random_fits, seconds, fit_seconds: what it cost; and one fit.
        error: what was raised.
    """

    name: str
    seed: int
    kind: str
    before: float = math.nan
    after: float = math.nan
    random: float = math.nan
    switch: float = math.nan
    spread: float = math.nan
    accepted: bool = False
    random_accepted: bool = False
    params: str = ""
    verdict: str = ""
    fits: float = 0.0
    random_fits: float = 0.0
    seconds: float = 0.0
    fit_seconds: float = 0.0
    error: str = ""


def kind_of(setting: Setting) -> str:
    """Whether there is something to repair."""
    if setting.healthy:
        return "healthy"
    return "no cure" if setting.codes[0] in NO_CURE else "curable"


def run(kind: str, name: str, seed: int, baselines: bool) -> Run:
    """Repair a setting and judge it."""
    warnings.simplefilter("ignore")
    setting = settings(kind)[name]
    result = Run(name, seed, kind_of(setting))
    try:
        with np.errstate(all="ignore"):
            _repaired(setting, setting.make(seed), result, baselines)
    except Exception as error:
        result.error = f"{type(error).__name__}: {error}"[:300]
    return result


def _repaired(setting: Setting, made: Made, result: Run, baselines: bool) -> None:
    import unstuck

    balanced = "class_imbalance" in setting.codes
    start = time.perf_counter()
    made.estimator.fit(made.X, made.y, **made.fit)
    result.fit_seconds = time.perf_counter() - start
    start = time.perf_counter()
    found = unstuck.repair(made.estimator, made.X, made.y, random_state=result.seed)
    result.seconds, result.fits = time.perf_counter() - start, found.fits
    result.accepted, result.verdict = found.accepted, found.verdict
    result.params = repr(dict(found.params))
    scores = _scores(made, {}, balanced)
    result.before, result.spread = statistics.mean(scores), max(scores) - min(scores)
    result.after = _mean(made, found.params, balanced, result.before)
    if not baselines:
        return
    drawn = _drawn(made, len({each.treatment.name for each in found.table}) or 3, result.seed)
    random = unstuck.repair(
        made.estimator,
        made.X,
        made.y,
        remedies=drawn,
        random_state=result.seed,
        scoring="balanced_accuracy" if balanced else None,
    )
    result.random_accepted, result.random_fits = random.accepted, random.fits
    result.random = _mean(made, random.params, balanced, result.before)
    result.switch = _mean(made, SWITCH, balanced, result.before)


def _mean(made: Made, params: Any, balanced: bool, before: float) -> float:
    return statistics.mean(_scores(made, params, balanced)) if params else before


def _scores(made: Made, params: Any, balanced: bool) -> list[float]:
    """Scores on the test rows of networks from several seeds, at least -1."""
    from sklearn.base import clone
    from sklearn.metrics import balanced_accuracy_score

    found = []
    for seed in range(SEEDS):
        net = clone(made.estimator).set_params(**params)
        net.set_params(random_state=1000 * seed + 7, watch=False).fit(made.X, made.y, **made.fit)
        try:
            said = net.predict(made.X_test)
            score = (
                balanced_accuracy_score(made.y_test, said)
                if balanced
                else net.score(made.X_test, made.y_test)
            )
        except ValueError:  # outputs that are no numbers
            score = -1.0
        found.append(max(float(score), -1.0) if math.isfinite(score) else -1.0)
    return found


def _drawn(made: Made, count: int, seed: int) -> dict[str, dict[str, Any]]:
    """Remedies of all findings there are, drawn at random; those that change something here."""
    from unstuck import DISEASES

    rates = {"learning_rate_init": (1e-4, 1e-3, 1e-2, 0.1)}
    random = np.random.default_rng(seed)
    known = made.estimator.get_params()
    pool: dict[str, dict[str, Any]] = {}
    for disease in DISEASES.values():
        for remedy in disease.remedies:
            chosen = {
                name: value if value is not None else float(random.choice(rates[name]))
                for name, value in remedy.parameters.items()
                if name in known and (value is not None or name in rates)
            }
            changed = {name: value for name, value in chosen.items() if known[name] != value}
            if changed:
                pool[repr(sorted(changed.items()))] = changed
    names = sorted(pool)
    return {name: pool[name] for name in random.choice(names, min(count, len(names)), False)}


# Table

WAYS = {"unstuck.repair": "after", "remedies at random": "random", "ReLU, He, Adam": "switch"}


def _gain(run: Run, of: str) -> float:
    return float(getattr(run, of)) - run.before


def _worse(runs: Sequence[Run], of: str) -> int:
    """Networks that are worse on fresh rows, beyond the spread over seeds."""
    return sum(_gain(each, of) < -max(GAIN, each.spread) for each in runs)


def _told(runs: Sequence[Run]) -> Iterator[str]:
    well = [each for each in runs if not each.error]
    ill = [each for each in well if each.kind == "curable"]
    yield f"{len(ill)} that can be repaired:"
    for name, of in WAYS.items():
        gains = [gain for each in ill if math.isfinite(gain := _gain(each, of))]
        if gains:
            mended = sum(gain > GAIN for gain in gains)
            yield (
                f"  {name:20s} repaired {mended} of {len(gains)} ({mended / len(gains):.0%}), "
                f"mean gain {statistics.mean(gains):+.3f}, worse {_worse(ill, of)}"
            )
    for each in ill:
        if not _gain(each, "after") > GAIN:
            yield f"  missed: {_named(each)}. {each.verdict}"
    for kind in ("no cure", "healthy"):
        some = [each for each in well if each.kind == kind]
        left = sum(not each.accepted for each in some)
        yield f"{kind}: left alone {left} of {len(some)}, worse {_worse(some, 'after')}"
        yield from (f"  changed: {_named(each)} {each.params}" for each in some if each.accepted)
    tried = [each for each in well if each.fits]
    if tried:
        times = (each.seconds / each.fit_seconds for each in tried)
        yield (
            f"cost where something was tried (medians): {_middle(e.fits for e in tried):.1f} fits, "
            f"{_middle(times):.1f} times one fit, {_middle(e.seconds for e in tried):.1f} s"
        )
    yield from (f"error: {_named(each)} {each.error}" for each in runs if each.error)


def _middle(numbers: Iterable[float]) -> float:
    return statistics.median(list(numbers))


def _named(run: Run) -> str:
    return f"{run.name} {run.seed}: {run.before:.3f} -> {run.after:.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=sorted(SETS), default="proof")
    parser.add_argument("--only", default="", help="settings whose name holds this")
    parser.add_argument("--every", type=int, default=1, help="take every so manieth setting")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    names = [
        each.name
        for each in settings(chosen.set).values()
        if chosen.only in each.name and not each.make(chosen.seed).is_function
    ][:: chosen.every]
    runs: list[Run] = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(chosen.jobs, context) as pool:
        jobs = [
            pool.submit(run, chosen.set, name, chosen.seed, not chosen.no_baselines)
            for name in names
        ]
        for done, job in enumerate(as_completed(jobs), 1):
            runs.append(job.result())
            each = runs[-1]
            print(
                f"{done}/{len(jobs)} {each.kind:8s} {each.name:40s} {each.before:+.3f} "
                f"{each.after:+.3f} {each.random:+.3f} {each.switch:+.3f} {each.fits:5.1f} fits "
                f"{each.seconds:5.1f} s {each.params or each.error}",
                file=sys.stderr,
                flush=True,
            )
    print("\n".join(_told(runs)))
    if chosen.out:
        chosen.out.write_text(json.dumps([asdict(each) for each in runs], indent=1))


if __name__ == "__main__":
    main()
