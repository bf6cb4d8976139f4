"""``unstuck compare``: runs side by side, and what their difference is worth."""

from __future__ import annotations

import math
import string
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unstuck.cli import measured
from unstuck.cli.arguments import DropOption, JsonOption, TargetOption
from unstuck.cli.as_json import print_document
from unstuck.cli.flags import spelled
from unstuck.cli.past import Past, opened
from unstuck.cli.rows_in_common import Shared, in_common
from unstuck.cli.run_folder import MODEL, plain
from unstuck.cli.terminal import out, say, warnings_as_notes
from unstuck.errors import ParameterError
from unstuck.health.lines import visible
from unstuck.scoring import LOWER_IS_BETTER
from unstuck.uncertainty import Difference, Score

if TYPE_CHECKING:
    from unstuck.cli.predicted import Predicted

LETTERS = string.ascii_uppercase
LIKE_DATA = ("rows_asked", "data_seed", "noise", "digest")


@dataclass(frozen=True)
class Compared:
    """Runs side by side.

    Attributes:
        runs: two or more.
        shared: their predictions, and which rows they have in common.
        scores: of each run, by name.
    """

    runs: list[Past]
    shared: Shared
    scores: list[dict[str, Score]]

    def names(self) -> list[str]:
        """Of all scores that some run has."""
        return list(dict.fromkeys(name for each in self.scores for name in each))

    def difference(self, name: str, other: int) -> Difference | None:
        """How much more a run has of a score than the first; ``None`` where they have no rows in
        common, or not both the score."""
        first, second = self.scores[0].get(name), self.scores[other].get(name)
        if not self.shared.paired or first is None or second is None:
            return None
        return second.minus(first)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        found: dict[str, Any] = {
            "runs": [{"name": each.name, "folder": str(each.folder)} for each in self.runs],
            "settings": settings_that_differ(self.runs),
            "rows": {"paired": self.shared.paired, "sentence": self.shared.sentence},
            "scores": {},
            "differences": {},
        }
        for name in self.names():
            found["scores"][name] = [
                None
                if (score := each.get(name)) is None
                else measured.as_json(score.value, score.uncertainty, score.margin)
                for each in self.scores
            ]
            found["differences"][name] = [
                None if (pair := self.difference(name, i)) is None else measured.as_json(*pair)
                for i in range(1, len(self.runs))
            ]
        return found


def compare(
    run: Annotated[list[Path], typer.Argument(metavar="RUN", help="folders of runs")],
    data: Annotated[
        str | None,
        typer.Option(
            help="a labelled table to score all of them on [the rows that each held out]",
            metavar="DATA",
            show_default=False,
        ),
    ] = None,
    target: TargetOption = None,
    drop_missing_target: DropOption = False,
    as_json: JsonOption = False,
) -> None:
    """Compare runs: settings, scores and their differences."""
    if not 2 <= len(run) <= len(LETTERS):
        raise ParameterError(
            f"compare takes 2 to {len(LETTERS)} runs and received {len(run)}; `unstuck runs` lists "
            "them."
        )
    if data is None and (target is not None or drop_missing_target):
        raise ParameterError("--target and --drop-missing-target belong to --data DATA.")
    past = [opened(each) for each in run]
    with warnings_as_notes():
        known = (
            [each.tested() for each in past]
            if data is None
            else _recomputed(past, data, target, drop_missing_target)
        )
    digests = [each.digest if data is None else "" for each in past]
    shared = in_common(known, digests)
    found = Compared(past, shared, [each.scores() if each else {} for each in shared.predicted])
    if as_json:
        print_document(found.to_dict())
    else:
        out(text(found))


def _recomputed(
    runs: list[Past], data: str, target: str | None, drop: bool
) -> list[Predicted | None]:
    """What every run predicts of the rows of a table."""
    from unstuck import load
    from unstuck.cli.score import predicted
    from unstuck.cli.source import open_source

    source = open_source(data)
    learned = [each.name for each in runs if each.digest == source.digest]
    if learned:
        say(
            "note",
            f"{source.name} holds the rows that {', '.join(learned)} learned from.",
            "yellow",
        )
    return [predicted(load(each.folder / MODEL), source, target, drop) for each in runs]


def settings_that_differ(runs: list[Past]) -> dict[str, list[Any]]:
    """What is not the same in all runs, by name; ``None`` where a run has none such."""
    every = [_settings(each) for each in runs]
    names = dict.fromkeys(name for each in every for name in each)
    found = {name: [plain(each.get(name)) for each in every] for name in names}
    return {name: values for name, values in found.items() if any(v != values[0] for v in values)}


def _settings(run: Past) -> dict[str, Any]:
    data, said = run.part("data"), run.settings
    found = {"data": data.get("name"), **{name: data.get(name) for name in LIKE_DATA}}
    found |= {name: said.get(name) for name in ("target", "task", "ignored", "resumed")}
    division = run.part("division")
    found |= {f"{part} share": division.get(part) for part in ("train", "validation", "test")}
    return {**found, **{k: v for k, v in run.parameters.items() if k != "verbose"}}


def text(found: Compared) -> str:
    """As it is printed."""
    from unstuck.aligned import aligned

    letters = LETTERS[: len(found.runs)]
    runs = [
        (letter, str(each.folder), each.when[:16], each.data)
        for letter, each in zip(letters, found.runs, strict=True)
    ]
    tables = [runs, [("how it went", *letters), *_course(found.runs)]]
    settings = _differing(found.runs)
    if settings:
        tables.insert(1, [("settings that differ", *letters), *settings])
    if any(found.scores):
        tables.append(_scores(found, letters))
    parts = [
        "\n".join(aligned([[visible(cell) for cell in row] for row in each])) for each in tables
    ]
    same = [] if settings else ["No setting differs."]
    return "\n\n".join([*parts, "\n".join([*same, found.shared.sentence, *_told(found, letters)])])


def _differing(runs: list[Past]) -> list[tuple[str, ...]]:
    """A line a setting; what a run does not have is a dash."""
    every = [_settings(each) for each in runs]
    return [
        (name, *(_short(v) if name in has else "-" for v, has in zip(values, every, strict=True)))
        for name, values in settings_that_differ(runs).items()
    ]


def _course(runs: list[Past]) -> list[tuple[str, ...]]:
    words = ("epochs", "seconds")
    rows = [(word, *(_short(each.settings.get(word)) for each in runs)) for word in words]
    stops = (_short(each.part("stop_reason").get("name")) for each in runs)
    return [*rows, ("stopped", *stops)]


def _scores(found: Compared, letters: str) -> list[tuple[str, ...]]:
    others = range(1, len(found.runs))
    paired = others if found.shared.paired else range(0)
    rows = [(measured.TRUSTED, *letters, *(f"{letters[i]} - {letters[0]}" for i in paired))]
    for name in found.names():
        cells = [measured.told(each[name]) if name in each else "" for each in found.scores]
        for i in paired:
            pair = found.difference(name, i)
            cells.append("" if pair is None else measured.plus_minus(pair.value, pair.margin, True))
        rows.append((name, *cells))
    return rows


def _told(found: Compared, letters: str) -> list[str]:
    """Which run is better by which scores, and where that may be chance."""
    told = []
    for i in range(1, len(found.runs)):
        verdicts: dict[str, list[str]] = {}
        for name in found.names():
            pair = found.difference(name, i)
            if pair is not None:
                said = judged(name, pair.value, pair.margin, letters[0], letters[i])
                verdicts.setdefault(said, []).append(name)
        told += [f"{', '.join(names)}: {said}." for said, names in verdicts.items()]
    return told


def judged(name: str, difference: float, about: float, first: str, second: str) -> str:
    """What a difference says: the second run's score minus the first one's, and its margin."""
    both = f"{first} and {second}"
    if math.isnan(difference):
        return f"{both} cannot be compared"
    if difference == 0:
        return f"{both} are equal"
    if not abs(difference) > about:
        return f"the difference of {both} may be chance"
    better = second if (difference > 0) != (name in LOWER_IS_BETTER) else first
    return f"{better} is the better one of {both}"


def _short(value: Any) -> str:
    shown = spelled(tuple(value) if isinstance(value, list) else value)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
