"""The flags of ``unstuck train``: made from the estimators' parameters, which are the only list."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Annotated, Any, NamedTuple

import typer

from unstuck.choices import Choices
from unstuck.cli.names import NOT_TYPED
from unstuck.errors import ParameterError, did_you_mean, raise_together
from unstuck.presets import PRESETS
from unstuck.rules import AnyOf, Entry, Number, Pairs, Rule, Several, Words, hint_of
from unstuck.settings import ClassifierSettings, RegressorSettings, Settings, parameters_of
from unstuck.solvers.first_order import FirstOrder
from unstuck.solvers.table import READERS

SETTINGS: dict[str, type[Settings]] = {
    "classification": ClassifierSettings,
    "regression": RegressorSettings,
}
DEFAULTS: dict[str, Any] = {"random_state": 0, "verbose": True}
"""Where the command line differs from the constructors: a run can be repeated, and is shown."""

SHORT = {"hidden_layer_sizes": "--hidden"}

OPENS = {
    "hidden_layer_sizes": "Network",
    "solver": "Training",
    "early_stopping": "Validation and stopping",
    "clip_norm": "Numbers",
}
"""The parameter at which a panel of ``--help`` opens; it goes on until the next one."""
SOLVERS_PANEL = "Single solvers"


class Flag(NamedTuple):
    """A parameter as a flag: the field it is made from, its tasks and its panel."""

    field: dataclasses.Field[Any]
    tasks: tuple[str, ...]
    panel: str

    @property
    def name(self) -> str:
        """As it is typed."""
        return "--" + self.field.name.replace("_", "-")

    @property
    def rule(self) -> Rule:
        """What its value may be."""
        return self.field.metadata["rule"]

    @property
    def default(self) -> Any:
        """Its value where it is not given."""
        return {**DEFAULTS, **PRESETS["table"]}.get(self.field.name, self.field.default)

    @property
    def switch(self) -> bool:
        """Whether it is turned on and off."""
        return isinstance(self.field.default, bool)


def flags() -> list[Flag]:
    """Every parameter of every estimator that has a flag, in order.

    Example:
        >>> [flag.name for flag in flags()][:2]
        ['--hidden-layer-sizes', '--activation']
    """
    fields = {f.name: f for settings in SETTINGS.values() for f in parameters_of(settings)}
    fields = {name: field for name, field in fields.items() if name not in NOT_TYPED}
    found, panel = [], ""
    for name, field in fields.items():
        tasks = tuple(task for task, each in SETTINGS.items() if _has(each, name))
        panel = OPENS.get(name, panel)
        shown = SOLVERS_PANEL if name in READERS.keys() - set(FirstOrder.common) else panel
        shown = f"{tasks[0].capitalize()} only" if len(tasks) == 1 else shown
        found.append(Flag(field, tasks, shown))
    return found


def signature_with_flags(command: Any) -> inspect.Signature:
    """The signature of a command whose ``**given`` stands for the flags."""
    own = inspect.signature(command, eval_str=True)
    kept = [p for p in own.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    return own.replace(parameters=[*kept, *map(_option, flags())])


def chosen(given: dict[str, Any], task: str, preset: str | None = None) -> dict[str, Any]:
    """The constructor's parameters: what was typed, else the preset's.

    Arguments:
        given: texts and switches by parameter name; ``None`` where a flag was not given.
        task: ``"classification"`` or ``"regression"``.
        preset: its name; ``None`` for that of tables, or, where a solver was typed, for none:
            other solvers have other good values.

    Raises:
        ParameterError: there is no such preset; or names every flag that has a wrong value or
            belongs to the other task.

    Example:
        >>> found = chosen({"hidden_layer_sizes": "32"}, "regression")
        >>> found["hidden_layer_sizes"], found["n_ensemble"]
        ((32,), 5)
    """
    values, mistakes = {**DEFAULTS, **PRESETS[preset_of(preset, given)]}, []
    for flag in flags():
        text = given.get(flag.field.name)
        if text is None:
            continue
        value = flag.rule.parse(text) if isinstance(text, str) else text
        if task not in flag.tasks:
            mistakes.append(
                f"{flag.name} is for {flag.tasks[0]}, and this is {task}; leave it out, or choose "
                "the other with --task."
            )
        elif not flag.rule.accepts(value):
            hint = hint_of(flag.rule, value) + _shown(flag.rule)
            mistakes.append(f"{flag.name} was {text!r}; expected {flag.rule.expected()}.{hint}")
        values[flag.field.name] = value
    raise_together(mistakes, ParameterError, "unstuck train")
    return values


def _shown(rule: Rule) -> str:
    """How a value is typed that looks otherwise in Python."""
    pairs = any(isinstance(part, Pairs) for part in _parts(rule))
    return " It is typed as yes:2,no:1." if pairs else ""


def preset_of(name: str | None, given: dict[str, Any]) -> str:
    """The preset that was typed, or goes with what was typed.

    Example:
        >>> preset_of(None, {}), preset_of(None, {"solver": "lm"})
        ('table', 'plain')
    """
    if name is None:
        return "table" if given.get("solver") is None else "plain"
    if name not in PRESETS:
        raise ParameterError(
            f"--preset was {name!r}; expected one of {', '.join(PRESETS)}."
            f"{did_you_mean(name, PRESETS)}"
        )
    return name


def _has(settings: type[Settings], name: str) -> bool:
    return any(field.name == name for field in parameters_of(settings))


def _option(flag: Flag) -> inspect.Parameter:
    """A flag as Typer wants it: text or ``None``, parsed later by the parameter's own rule."""
    short = [SHORT[flag.field.name]] if flag.field.name in SHORT else []
    names = [flag.name, *short]
    if flag.switch:
        names = [f"{flag.name}/--no-{flag.name[2:]}"]
    option = typer.Option(
        *names,
        help=f"{flag.field.metadata['help']}{_names(flag)} [{spelled(flag.default)}]",
        metavar=None if flag.switch else _metavar(flag.rule),
        rich_help_panel=flag.panel,
        show_default=False,
    )
    kind = Annotated[bool | None if flag.switch else str | None, option]  # type: ignore[valid-type]
    return inspect.Parameter(
        flag.field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind
    )


def _parts(rule: Rule) -> list[Rule]:
    return (
        [part for each in rule.rules for part in _parts(each)]
        if isinstance(rule, AnyOf)
        else [rule]
    )


def _metavar(rule: Rule) -> str:
    """What a value looks like, in few characters."""
    shown: list[str] = []
    for part in _parts(rule):
        if isinstance(part, Several):
            shown = [s for s in shown if s != _metavar(part.rule)] + [f"{_metavar(part.rule)},..."]
        elif isinstance(part, Pairs):
            shown.append(f"{part.noun.upper()}:{_metavar(part.rule)},...")
        elif isinstance(part, Number) and "N,..." not in shown:
            shown.append("N" if part.whole else "X")
        elif isinstance(part, Words):
            shown += [spelled(value) for value in part.values]
        elif isinstance(part, Entry):
            shown.append("NAME")
    return "|".join(dict.fromkeys(shown))


def _names(flag: Flag) -> str:
    """The names a value is chosen from, or the flag that has listed them."""
    table = _table(flag.rule)
    if table is None:
        return ""
    first = next(each for each in flags() if _table(each.rule) is table)
    return f"; names as for {first.name}" if first.name != flag.name else f": {', '.join(table)}"


def _table(rule: Rule) -> Choices[Any] | None:
    return next((part.table for part in _parts(rule) if isinstance(part, Entry)), None)


def spelled(value: Any) -> str:
    """A value as it is typed.

    Example:
        >>> spelled((64, 32)), spelled(None), spelled({"yes": 2.0})
        ('64,32', 'none', 'yes:2')
    """
    if isinstance(value, dict):
        return ",".join(f"{spelled(name)}:{spelled(each)}" for name, each in value.items())
    if isinstance(value, tuple):
        return ",".join(map(spelled, value)) or "()"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value).lower()
