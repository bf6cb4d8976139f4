"""How often the diagnosis is right: on networks with a planted disease, and on healthy ones.

Run as ``python -m benchmarks.diagnosis``; ``--check`` shows that the settings are what they say,
``--healthy --first 5`` that healthy networks are left alone on splits that nothing was chosen by.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import multiprocessing
import os
import statistics
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import proofs
from benchmarks.diagnoses.setting import Made, Setting, Settings
from benchmarks.threads import SETTINGS

SETS = {
    "development": ("benchmarks.diagnoses.development", "DEVELOPMENT"),
    "proof": ("benchmarks.diagnoses.proof", "PROOF"),
}
"""Module and name of each set of settings."""

NOTHING, HEALTHY = "nothing found", "healthy"
SLACK = 2.0
"""Seconds that a diagnosis may take longer than the fit."""

CONFIDENCES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
BATCH = 100
"""Runs of a process before a new one takes over."""

STEPS, RATE = 300, 0.01
"""Of the training of a function, which shows whether it can be trained."""


class Found(NamedTuple):
    """A finding, as the diagnosis gave it."""

    code: str
    layer: str | None
    confidence: float
    statement: str


@dataclass
class Run:
    """What came out of a setting with one seed.

    Attributes:
        name, seed: of the setting.
        found: findings, in the order of judgement.
        fit_seconds, diagnosis_seconds: how long it took.
        train, test: scores of the network; of a function the share of the loss that training
            removes.
        reference_train, reference_test: scores of the best reference, with ``--check`` and the
            first seed.
        error: what was raised.
    """

    name: str
    seed: int
    found: list[Found] = field(default_factory=list)
    fit_seconds: float = math.nan
    diagnosis_seconds: float = math.nan
    train: float = math.nan
    test: float = math.nan
    reference_train: float = math.nan
    reference_test: float = math.nan
    error: str = ""


@dataclass(frozen=True)
class Verdict:
    """A run beside the truth."""

    setting: Setting
    run: Run

    @property
    def counts(self) -> bool:
        """Whether it is what it was planned to be: a healthy one reached what is reachable."""
        return not self.setting.healthy or self.run.train >= (self.setting.reachable or 0.0)

    @property
    def detected(self) -> bool:
        """Whether there is any finding."""
        return bool(self.run.found)

    @property
    def first(self) -> str:
        """The code of the first finding."""
        return self.run.found[0].code if self.run.found else NOTHING

    @property
    def named(self) -> bool:
        """Whether an accepted code is among the findings."""
        return any(each.code in self.setting.codes for each in self.run.found)

    @property
    def named_first(self) -> bool:
        """Whether the first finding has an accepted code."""
        return self.first in self.setting.codes

    @property
    def located(self) -> bool:
        """Whether a finding with an accepted code is in an accepted layer."""
        codes, layers = self.setting.codes, self.setting.layers
        return any(each.code in codes and each.layer in layers for each in self.run.found)

    @property
    def mark(self) -> str:
        """One letter for the table."""
        if self.run.error:
            return "!"
        if not self.counts:
            return "-"
        if not self.detected:
            return "."
        return "+" if self.named_first else "~" if self.named else "x"


# One run, in a process of its own


def run(kind: str, name: str, seed: int, check: bool) -> Run:
    """Fit and diagnose a setting, or with ``check`` fit it and a reference."""
    warnings.simplefilter("ignore")
    setting = settings(kind)[name]
    result = Run(name, seed)
    try:
        made = setting.make(seed)
        with np.errstate(all="ignore"):
            (_function if made.is_function else _estimator)(setting, made, result, check)
    except Exception as error:
        result.error = f"{type(error).__name__}: {error}"[:400]
    return result


def _estimator(setting: Setting, made: Made, result: Run, check: bool) -> None:
    start = time.perf_counter()
    net = made.estimator.fit(made.X, made.y, **made.fit)
    result.fit_seconds = time.perf_counter() - start
    balanced = "class_imbalance" in setting.codes
    result.train = _score(net, made.X, made.y, balanced)
    result.test = _score(net, made.X_test, made.y_test, balanced)
    if check:
        if result.seed == 0:
            result.reference_train, result.reference_test = _reference(made, balanced)
        return
    start = time.perf_counter()
    diagnosis = net.diagnosis_
    result.found = _findings(diagnosis)
    result.error = "; ".join(diagnosis.missing)
    result.diagnosis_seconds = time.perf_counter() - start


def _function(setting: Setting, made: Made, result: Run, check: bool) -> None:
    import unstuck

    function, parameters, batch = made.estimator, made.X, made.y
    if check or setting.healthy:
        result.train = removed_share(function, parameters, batch)
    if check:
        return
    start = time.perf_counter()
    result.found = _findings(unstuck.diagnose(function, parameters, batch))
    result.diagnosis_seconds = time.perf_counter() - start


def _findings(diagnosis: Any) -> list[Found]:
    found = getattr(diagnosis, "findings", diagnosis)
    return [Found(f.code, f.layer, _confidence(f), str(f.statement)) for f in found]


def _confidence(finding: Any) -> float:
    """Of a finding; not a number where none is given."""
    return math.nan if finding.confidence is None else float(finding.confidence)


def _score(net: Any, X: Any, y: Any, balanced: bool) -> float:
    try:
        if balanced:
            from sklearn.metrics import balanced_accuracy_score

            return float(balanced_accuracy_score(y, net.predict(X)))
        return float(net.score(X, y))
    except ValueError:  # outputs that are no numbers
        return math.nan


def removed_share(function: Any, parameters: Any, batch: Any) -> float:
    """The share of a function's loss that a few hundred steps of Adam remove."""
    from unstuck.lazy import jax, jnp

    leaves, tree = jax.tree.flatten(parameters)
    sizes = np.cumsum([leaf.size for leaf in leaves])[:-1]

    def value(flat: Any) -> Any:
        parts = zip(jnp.split(flat, sizes), leaves, strict=True)
        return function(tree.unflatten([part.reshape(leaf.shape) for part, leaf in parts]), batch)

    def step(state: Any, number: Any) -> Any:
        flat, mean, square = state
        slope = jax.grad(value)(flat)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        up, down = mean / (1.0 - 0.9**number), jnp.sqrt(square / (1.0 - 0.999**number)) + 1e-8
        return (flat - RATE * up / down, mean, square), None

    flat = jnp.concatenate([leaf.ravel() for leaf in leaves])
    state = (flat, jnp.zeros_like(flat), jnp.zeros_like(flat))
    (last, _, _), _ = jax.jit(lambda s: jax.lax.scan(step, s, jnp.arange(1.0, STEPS + 1.0)))(state)
    before, after = float(value(flat)), float(value(last))
    return 1.0 - after / before


_KNOWN: dict[int, tuple[float, float]] = {}


def _reference(made: Made, balanced: bool) -> tuple[float, float]:
    """Scores on rows trained and held out, of the reference that is best on the latter."""
    key = hash((np.asarray(made.X).tobytes(), np.asarray(made.y).tobytes(), balanced))
    if key not in _KNOWN:
        scores = []
        for model in _references(type(made.estimator).__name__ == "NetClassifier", balanced):
            try:
                model.fit(made.X, made.y)
            except ValueError:  # targets that it does not take
                continue
            pairs = ((made.X, made.y), (made.X_test, made.y_test))
            scores.append(tuple(_score(model, *pair, balanced) for pair in pairs))
        _KNOWN[key] = max(scores, key=lambda each: each[1])
    return _KNOWN[key]


def _references(classes: bool, balanced: bool) -> Iterator[Any]:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from unstuck import NetClassifier, NetRegressor

    weight = {"class_weight": "balanced"} if balanced else {}
    network = {
        "learning_rate": "cosine", "learning_rate_init": 0.01, "batch_size": 64, "max_iter": 80,
        "alpha": 0.1, "tol": 0.0, "n_iter_no_change": math.inf, "random_state": 0,
    }  # fmt: skip
    if classes:
        yield NetClassifier((48, 48), **network, **weight)
        yield ExtraTreesClassifier(100, random_state=0, **weight)
        yield make_pipeline(StandardScaler(), LogisticRegression(max_iter=300, **weight))
    else:
        yield NetRegressor((48, 48), **network)
        yield ExtraTreesRegressor(100, random_state=0)
        yield make_pipeline(StandardScaler(), Ridge())


def proof(kind: str, name: str, seed: int) -> Any:
    """What experiments say of a setting."""
    return proofs.prove(settings(kind)[name], seed)


# All runs


@cache
def settings(kind: str) -> Settings:
    """The settings of a set."""
    module, name = SETS[kind]
    return getattr(importlib.import_module(module), name)


def runs(
    kind: str,
    names: Sequence[str],
    seeds: Sequence[int],
    jobs: int,
    check: bool = False,
    prove: bool = False,
) -> Iterator[Any]:
    """Every setting with every seed, as they are done; with ``prove``, its proofs."""
    os.environ.update(SETTINGS["1 thread"].environment())  # of the processes that are started
    spawn = multiprocessing.get_context("spawn")
    planned: list[tuple[Any, ...]] = [
        (proof, kind, name, seed) if prove else (run, kind, name, seed, check)
        for name in names
        for seed in seeds
    ]
    for start in range(0, len(planned), BATCH * jobs):
        # New processes now and then, because compiled programs pile up in old ones.
        with ProcessPoolExecutor(jobs, mp_context=spawn) as pool:
            part = planned[start : start + BATCH * jobs]
            for done in as_completed([pool.submit(*each) for each in part]):
                yield done.result()


# The report


def wilson(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share.

    >>> [round(end, 3) for end in wilson(0, 100)]
    [0.0, 0.037]
    """
    if not count:
        return 0.0, 1.0
    share, spread = hits / count, z * z / count
    middle = (share + spread / 2.0) / (1.0 + spread)
    half = z * math.sqrt(share * (1.0 - share) / count + spread / (4.0 * count)) / (1.0 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def report(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The lines of the report."""
    yield from _table(verdicts)
    yield from _misses(verdicts)
    yield from _summary(verdicts)
    yield from _reliability(verdicts)
    yield from _rights(verdicts)
    yield from _seconds(verdicts)
    yield from _matrix_lines(verdicts)


def _by_setting(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    groups = defaultdict(list)
    for each in sorted(verdicts, key=lambda each: each.run.seed):
        groups[each.setting.name].append(each)
    return groups


def _table(verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield "+ named first   ~ named   x another code   . nothing found   - not healthy   ! error"
    for name, group in _by_setting(verdicts).items():
        planted = ", ".join(group[0].setting.codes) or HEALTHY
        yield f"{name:<30} {''.join(each.mark for each in group)}  {planted}"


def _misses(verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield "\nWhat was missed, and what was found instead"
    for each in verdicts:
        run, who = each.run, f"{each.setting.name} {each.run.seed}"
        if run.error:
            yield f"{who}: {run.error}"
        elif not each.counts:
            yield f"{who}: left out; {run.train:.3f} is under {each.setting.reachable}"
        elif each.detected if each.setting.healthy else not each.named_first:
            yield f"{who} ({', '.join(each.setting.codes) or HEALTHY}): {_told(run.found)}"


def _told(found: Sequence[Found]) -> str:
    if not found:
        return NOTHING
    codes = ", ".join(f"{f.code} {f.layer or ''} {f.confidence:.2f}" for f in found)
    return f"{codes}\n    {found[0].statement}"


def _summary(verdicts: Sequence[Verdict]) -> Iterator[str]:
    sick = [each for each in verdicts if not each.setting.healthy]
    placed = [each for each in sick if each.setting.layers]
    well = [each for each in verdicts
            if each.setting.healthy and each.counts and not each.run.error]  # fmt: skip
    left_out = sum(not each.counts for each in verdicts)
    errors = sum(bool(each.run.error) for each in verdicts)
    yield f"\n{'':<16} count      of    share    95 % interval"
    yield _share("detected", (each.detected for each in sick))
    yield _share("named", (each.named for each in sick))
    yield _share("named first", (each.named_first for each in sick))
    yield _share("located", (each.located for each in placed))
    yield _share("false alarms", (each.detected for each in well))
    yield f"left out, because they are not healthy: {left_out}; errors: {errors}"


def _share(what: str, hits: Iterable[bool]) -> str:
    hits = list(hits)
    low, high = wilson(sum(hits), len(hits))
    share = sum(hits) / max(len(hits), 1)
    return f"{what:<16} {sum(hits):5d} {len(hits):7d}  {share:7.1%}    {low:.1%} to {high:.1%}"


def _reliability(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """First findings by their confidence: how many of them are right."""
    first = [(each.run.found[0].confidence, each.named_first) for each in verdicts
             if each.counts and each.detected]  # fmt: skip
    yield "\nconfidence of the first finding    mean   right      of   share"
    for low, high in pairwise(CONFIDENCES):
        last = high == CONFIDENCES[-1]
        part = [pair for pair in first if low <= pair[0] < high or (last and pair[0] == high)]
        if part:
            mean, right = statistics.mean(c for c, _ in part), sum(r for _, r in part)
            ends = f"{low:.2f} to {high:.2f}"
            yield f"{ends:<33} {mean:5.2f} {right:7d} {len(part):7d} {right / len(part):7.1%}"


def rights(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int]]:
    """How many of the findings of each code were right, and how many there were."""
    counts: dict[str, list[bool]] = defaultdict(list)
    for each in verdicts:
        if each.counts:
            for found in each.run.found:
                counts[found.code].append(found.code in each.setting.codes)
    return {code: (sum(found), len(found)) for code, found in sorted(counts.items())}


def _rights(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """As ``unstuck.health.trust`` has them."""
    yield "\nfindings that were right, of all with this code"
    yield from (f"{code!r}: {pair}," for code, pair in rights(verdicts).items())


def _seconds(verdicts: Sequence[Verdict]) -> Iterator[str]:
    done = [each.run for each in verdicts if math.isfinite(each.run.diagnosis_seconds)]
    trained = [each for each in done if math.isfinite(each.fit_seconds)]
    for what, part in (
        ("estimators", trained),
        ("functions", [r for r in done if r not in trained]),
    ):
        if part:
            times = [each.diagnosis_seconds for each in part]
            yield f"\nseconds of a diagnosis, {what}: median {_two(times)}"
    if trained:
        fits = [each.fit_seconds for each in trained]
        ratios = [each.diagnosis_seconds / each.fit_seconds for each in trained]
        late = [each for each in trained if each.diagnosis_seconds > each.fit_seconds + SLACK]
        yield f"seconds of a fit: median {_two(fits)}"
        yield f"diagnosis as a multiple of the fit: median {_two(ratios)}"
        yield f"longer than the fit and {SLACK:g} s: {len(late)} of {len(trained)}"
        worst = Counter(each.name for each in late).most_common(8)
        yield from (f"    {name} {count}" for name, count in worst)


def _two(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f}, worst {max(values):.2f}"


class Matrix(NamedTuple):
    """Runs by planted code (rows) and first code found (columns), and how many are right."""

    rows: list[str]
    columns: list[str]
    counts: np.ndarray
    right: np.ndarray


def matrix(verdicts: Sequence[Verdict]) -> Matrix:
    """Planted code and first code found."""
    pairs, right = Counter(), Counter()
    for each in verdicts:
        if each.counts and not each.run.error:
            planted = HEALTHY if each.setting.healthy else each.setting.codes[0]
            pairs[planted, each.first] += 1
            right[planted, each.first] += each.named_first or (
                each.setting.healthy and not each.detected
            )
    rows = sorted({row for row, _ in pairs} - {HEALTHY})
    found = {column for _, column in pairs} - {NOTHING}
    rows += [HEALTHY] if any(row == HEALTHY for row, _ in pairs) else []
    columns = [row for row in rows if row != HEALTHY]
    columns += [*sorted(found - set(columns)), NOTHING]
    counts = (
        np.array([[each[row, column] for column in columns] for row in rows]).reshape(
            len(rows), len(columns)
        )
        for each in (pairs, right)
    )
    return Matrix(rows, columns, *counts)


def _matrix_lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    rows, columns, counts, _ = matrix(verdicts)
    yield "\nplanted (rows) and first found (columns)"
    yield f"{'':<28}" + "".join(f"{k:4d}" for k in range(1, len(columns) + 1))
    for name, line in zip(rows, counts, strict=True):
        number = columns.index(name) + 1 if name in columns else ""
        yield f"{number:>3} {name:<24}" + "".join(f"{n or '.':>4}" for n in line)
    yield from (f"{columns.index(n) + 1:>3} {n}" for n in columns if n not in rows)


def draw(verdicts: Sequence[Verdict], path: Path) -> None:
    """The matrix as a figure."""
    from matplotlib.colors import LinearSegmentedColormap

    from unstuck.drawing.colors import BLUE, INK, ORANGE
    from unstuck.report.figures import written

    rows, columns, counts, right = matrix(verdicts)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    with written(path, 2.6 + 0.34 * len(columns), 2.2 + 0.28 * len(rows)) as figure:
        axes = figure.subplots()
        axes.grid(visible=False)
        for color, part in ((BLUE, right == counts), (ORANGE, right < counts)):
            shown = np.ma.masked_array(shares, ~part | (counts == 0))
            colors = LinearSegmentedColormap.from_list("", ("white", color))
            axes.imshow(shown, cmap=colors, vmin=-0.15, vmax=1, aspect="auto")
        for (i, k), count in np.ndenumerate(counts):
            if count:
                color = "white" if shares[i, k] > 0.5 else INK
                axes.text(k, i, str(count), ha="center", va="center", color=color)
        spoken = [[name.replace("_", " ") for name in names] for names in (columns, rows)]
        axes.set_xticks(range(len(columns)), spoken[0], rotation=90)
        axes.set_yticks(range(len(rows)), spoken[1])
        axes.tick_params(length=0)
        axes.set_xlabel("first finding")
        axes.set_ylabel("planted")
        axes.spines[:].set_visible(False)


def check_lines(pairs: Sequence[tuple[Setting, Run]]) -> Iterator[str]:
    """Scores of every setting beside the reference's: least, mean and largest of the seeds."""
    groups = defaultdict(list)
    for setting, each in pairs:
        groups[setting.name].append((setting, each))
    yield (f"{'':<30} {'train':^17} {'test':^17} {'reference train, test':^23} {'seconds':>7}"
           "  planted")  # fmt: skip
    for name, group in groups.items():
        setting, found = group[0][0], [each for _, each in group]
        told = ", ".join(setting.codes)
        if setting.healthy:
            missed = [each.seed for each in found if not each.train >= (setting.reachable or 0.0)]
            told = f"healthy >= {setting.reachable}" + (
                f", MISSED by seeds {missed}" * bool(missed)
            )
        errors = {each.error for each in found if each.error}
        reference = (_three([each.reference_train for each in found])[6:11],
                     _three([each.reference_test for each in found])[6:11])  # fmt: skip
        seconds = np.median([each.fit_seconds for each in found])
        yield (
            f"{name:<30} {_three([each.train for each in found])} "
            f"{_three([each.test for each in found])} {reference[0]:>11} {reference[1]:>11} "
            f"{seconds:7.2f}  {told}{'  ' + '; '.join(errors) if errors else ''}"
        )


def _three(values: Sequence[float]) -> str:
    finite = [v for v in values if math.isfinite(v)]
    if not finite:
        return f"{'–':^17}"
    three = (min(finite), statistics.mean(finite), max(finite))
    return " ".join(f"{max(v, -99.0):5.2f}" for v in three)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and report."""
    options = _parsed(arguments)
    known = settings(options.set)
    unknown = [name for name in options.only or () if name not in known]
    if unknown:
        raise SystemExit(f"not a setting: {', '.join(unknown)}; settings: {', '.join(known)}")
    names = options.only or [n for n in known if known[n].healthy or not options.healthy]
    seeds = range(options.first, options.first + options.seeds)
    found = []
    for each in runs(options.set, names, seeds, options.jobs, options.check, options.prove):
        found.append(each)
        print(f"\r{len(found)} of {len(names) * len(seeds)}", end="", file=sys.stderr, flush=True)
        if options.json:
            options.json.write_text(json.dumps([asdict(each) for each in found], indent=1))
    print(file=sys.stderr)
    place = {name: number for number, name in enumerate(names)}
    found.sort(key=lambda each: (place[each.name], each.seed))
    if options.prove:
        lines = proofs.report(found)
    elif options.check:
        lines = check_lines([(known[each.name], each) for each in found])
    else:
        verdicts = [Verdict(known[each.name], each) for each in found]
        lines = report(verdicts)
    for line in lines:
        print(line, flush=True)
    if options.picture and not options.check and not options.prove:
        draw(verdicts, options.picture)


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosis", description=__doc__)
    parser.add_argument("--set", choices=SETS, default="development", help="of settings")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these settings")
    parser.add_argument("--seeds", type=int, default=5, help="of each setting")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="of these seeds")
    parser.add_argument("--healthy", action="store_true", help="healthy settings alone")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the matrix of causes")
    parser.add_argument(
        "--prove", action="store_true", help="count what experiments say of right and wrong causes"
    )
    parser.add_argument(
        "--check", action="store_true", help="diagnose nothing; show scores beside a reference's"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
