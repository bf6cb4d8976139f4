"""``unstuck runs``: the runs of a folder in a table."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from unstuck.cli import config
from unstuck.cli.arguments import JsonOption
from unstuck.cli.as_json import print_document
from unstuck.cli.assignment import Asked
from unstuck.cli.division import TESTED
from unstuck.cli.flags import SHORT, flags, spelled
from unstuck.cli.past import Past, opened
from unstuck.cli.run_folder import MODEL, RUNS, SETTINGS, plain
from unstuck.cli.terminal import console, say
from unstuck.errors import FileError, ParameterError
from unstuck.health.lines import visible, wrapped
from unstuck.presets import PRESETS

UNSAID = ("random_state", "verbose")
"""Settings that every run has, and that say little of it."""
HEADINGS = ("run", "when", "data", "target", "test", "stopped", "diagnosis", "settings")
FIRST = ("run", "when", "test", "diagnosis")
"""What stands in the first line of a run where a terminal is too narrow for one line each."""
NARROW = ("run", "test")
"""The same where that is too wide, too."""
SHORTEST = 12
"""Characters that are left of a run's name."""


def runs(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="that holds the runs")] = RUNS,
    as_json: JsonOption = False,
) -> None:
    """List runs with score, settings and diagnosis, the newest last."""
    found, broken = collected(folder)
    if as_json:
        listed = [facts(each) for each in found]
        problems = [{"folder": str(path), "problem": why} for path, why in broken]
        print_document({"runs": listed, "broken": problems})
        return
    for path, why in broken:
        say("broken", visible(f"{path}: {why}"), "yellow")
    if not found:
        print(f"No runs in {folder}/. `unstuck train DATA` makes one.")
        return
    print(*table(found, console().width), sep="\n")
    where = folder / SETTINGS if found[0].folder == folder else folder / "RUN" / SETTINGS
    print("\ntest: the first score of the rows held out, ± at 95 % confidence")
    print(f"settings: what differs from the defaults. All of them: {where}")


def collected(folder: Path) -> tuple[list[Past], list[tuple[Path, str]]]:
    """The runs of a folder, the oldest first, and pairs of a broken one and what is wrong.

    Arguments:
        folder: that holds the folders of runs, or is one.

    Raises:
        FileError: there is no such folder.
    """
    if not folder.is_dir():
        kind = "is a file" if folder.exists() else "is not there"
        raise FileError(
            f"the folder {str(folder)!r} {kind}; `unstuck train DATA` makes runs/, or name the "
            "folder of your runs."
        )
    single = (folder / SETTINGS).exists() or (folder / MODEL).exists()
    found, broken = [], []
    for each in [folder] if single else sorted(folder.iterdir()):
        if not each.is_dir() or each.name.startswith("."):
            continue
        try:
            run = opened(each)
            _row(run), facts(run)
            found.append(run)
        except FileError as problem:
            broken.append((each, str(problem)))
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as problem:
            # One folder that somebody changed must not hide the others.
            said = f"{type(problem).__name__}: {problem!s:.80}"
            broken.append((each, f"{each / SETTINGS} is damaged: {said}."))
    return sorted(found, key=lambda run: (run.when, run.name)), broken


def facts(run: Past) -> dict[str, Any]:
    """What is to be said of a run, as plain data."""
    name, value, about = first_score(run)
    return {
        "name": run.name,
        "folder": str(run.folder),
        "when": run.when,
        "data": run.data,
        "target": run.settings.get("target"),
        "task": run.task,
        "preset": run.settings.get("preset"),
        "settings": differing(run.parameters, run.settings.get("preset")),
        "ignored": run.settings.get("ignored") or [],
        "division": run.part("division") or None,
        "score": None if value is None else {"name": name, "value": value, "margin": about},
        "scores": run.part("scores"),
        "epochs": run.settings.get("epochs"),
        "seconds": run.settings.get("seconds"),
        "stopped": run.part("stop_reason").get("name"),
        "diagnosis": word(run),
        "resumed": run.settings.get("resumed"),
    }


def first_score(run: Past) -> tuple[str, float | None, float | None]:
    """Name, value and margin of the first score of the test rows; ``None`` where there is none."""
    scores = run.part("scores").get("test")
    if not isinstance(scores, dict) or not scores:
        return "", None, None
    name, value = next(iter(scores.items()))
    about = (run.part("margins").get("test") or {}).get(name)
    known = isinstance(about, (int, float)) and about >= 0
    return name, value if isinstance(value, (int, float)) else None, about if known else None


def differing(parameters: dict[str, Any], preset: str | None = "plain") -> dict[str, Any]:
    """The parameters that are not those of a preset.

    Arguments:
        parameters: by name.
        preset: its name; where it is unknown, plain.

    Example:
        >>> differing({"solver": "lm", "alpha": 0.0001, "random_state": 3})
        {'solver': 'lm'}
    """
    own = PRESETS.get(preset or "plain", {})
    defaults = {f.field.name: plain(own.get(f.field.name, f.field.default)) for f in flags()}
    return {
        name: value
        for name, value in parameters.items()
        if name in defaults and name not in UNSAID and value != defaults[name]
    }


def word(run: Past) -> str:
    """The diagnosis in a word: healthy, or what was found first."""
    diagnosis = run.part("diagnosis")
    if not diagnosis:
        return ""
    found = diagnosis.get("findings") or [{}]
    return "healthy" if diagnosis.get("healthy") else str(found[0].get("code", "sick"))


def table(found: list[Past], width: int) -> list[str]:
    """A line a run, or two where lines of this width are too short."""
    from unstuck.aligned import aligned

    rows = [HEADINGS, *([visible(cell) for cell in _row(each)] for each in found)]
    lines = aligned(rows)
    if max(map(len, lines)) <= width:
        return lines
    for names in (FIRST, NARROW):
        first = [HEADINGS.index(name) for name in names]
        shown = [[row[i] for i in first] for row in rows]
        heads = aligned(shown, narrowest={"run": SHORTEST, "diagnosis": SHORTEST}, width=width)
        if max(map(len, heads)) <= width:
            break
    rest = [i for i in range(len(HEADINGS)) if i not in first]
    tails = [wrapped("  ".join(row[i] for i in rest), width, "    ") for row in rows]
    return [line for head, tail in zip(heads, tails, strict=True) for line in (head, *tail)]


def _row(run: Past) -> tuple[str, ...]:
    from unstuck.cli.measured import plus_minus

    name, value, about = first_score(run)
    unknown = float("inf") if about is None else about
    score = (
        "" if value is None else f"{name} {plus_minus(value, unknown)}".removesuffix(" ± unknown")
    )
    return (
        run.name,
        run.when[:16],
        run.data,
        str(run.settings.get("target", "")),
        score,
        str(run.part("stop_reason").get("name", "")),
        word(run),
        _typed(run),
    )


def _typed(run: Past) -> str:
    """The settings of a run as they would be typed."""
    preset = run.settings.get("preset")
    parameters = differing(run.parameters, preset)
    named = {flag.field.name: flag for flag in flags()}
    resumed = run.settings.get("resumed")
    words = [f"--resume {resumed}"] if resumed else []
    words += ["--preset plain"] if preset == "plain" else []
    words += _of_data(run)
    for name, value in parameters.items():
        flag = SHORT.get(name, named[name].name)
        if named[name].switch:
            words.append(flag if value else f"--no-{flag[2:]}")
        else:
            words.append(f"{flag} {spelled(tuple(value) if isinstance(value, list) else value)}")
    return " ".join(words) or "the defaults"


def _of_data(run: Past) -> list[str]:
    """What was asked for of the data; nothing where the folder does not say it."""
    try:
        asked = config.asked_of(run.settings, run.folder / SETTINGS)
    except (FileError, ParameterError):
        return []
    usual = Asked(divide=TESTED.spelled(), data_seed=0)
    given = {
        "ignore": ",".join(asked.ignore or ()) or None,
        "divide": asked.divide,
        "rows": asked.rows,
        "data_seed": asked.data_seed,
        "noise": asked.noise,
    }
    words = [
        f"--{name.replace('_', '-')} {shlex.quote(str(value))}"
        for name, value in given.items()
        if value not in (None, getattr(usual, name))
    ]
    return [*words, *(["--drop-missing-target"] if asked.drop_missing_target else [])]
