"""Writes the tables of the docs from the records they describe.

    python docs/generate.py            rewrite the tables
    python docs/generate.py --check    fail where a table is not up to date

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import itertools
import math
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import unstuck
from unstuck import (
    ACTIVATIONS,
    CLAIMS,
    DISEASES,
    INITIALIZERS,
    LOSSES,
    REMEDIES,
    SCHEDULES,
    SOLVERS,
    STOPPING_RULES,
)
from unstuck.choices import spelled
from unstuck.data.datasets import DATASETS
from unstuck.health.disease import STAGES
from unstuck.health.recognition import RECOGNIZED_BY
from unstuck.health.spelling import arguments
from unstuck.health.wording import sentence
from unstuck.rules import AnyOf, Entry, Rule, Several
from unstuck.settings import ClassifierSettings, RegressorSettings, Settings, parameters_of
from unstuck.shows.table import SHOWS, show
from unstuck.solvers.first_order import FirstOrder
from unstuck.solvers.table import READERS

HERE = Path(__file__).parent
MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
LINKS = {
    "activation": "choosing.md#activation",
    "loss": "choosing.md#loss-and-output-unit",
    "initializer": "choosing.md#initializer",
    "solver": "choosing.md#solver",
    "learning_rate": "choosing.md#schedule",
    "schedule": "choosing.md#schedule",
    "stopping_rule": "choosing.md#stopping-rule",
    "stopping rule": "choosing.md#stopping-rule",
    "finding": "findings.md",
    "remedy": "remedies.md#the-remedies",
    "claim": "remedies.md#the-claims",
}
RECORDS = {
    "ACTIVATIONS": "activation",
    "CLAIMS": "claim",
    "DISEASES": "finding",
    "INITIALIZERS": "initializer",
    "LOSSES": "loss",
    "REMEDIES": "remedy",
    "SCHEDULES": "schedule",
    "SOLVERS": "solver",
    "STOPPING_RULES": "stopping rule",
}
STAGE_WORDS = {
    "data": "What is in the rows, whatever the network.",
    "structure": "What the network cannot do, whatever its weights.",
    "targets": "What there is to learn, and whether a network of this kind could.",
    "scales": "How large inputs, targets and first weights are; units and gradients follow.",
    "units": "Single units that pass nothing on.",
    "depth": "What happens from layer to layer, where each layer by itself is sound.",
    "steps": "How long the steps are, and who has a say in their direction.",
    "capacity": "What is left when everything before is in order: too much or too little network.",
}


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def code(text: str) -> str:
    """Text as code within a table."""
    return f"`{text}`".replace("|", "\\|") if text else ""


def codes(names: Any) -> str:
    """Several names as code."""
    return ", ".join(code(name) for name in names)


def named(record: Any) -> str:
    """A record's name with its default constant, and its other names."""
    also = f" ({codes(record.aliases)})" if record.aliases else ""
    return f"**{code(spelled(record))}**{also}"


def number(value: float) -> str:
    """A number as a reader writes it."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value + 0.0:.3g}".replace("-", "−")


def activations() -> str:
    """What each function is."""
    rows = [
        (named(r), code(r.formula), code(r.derivative), r.kink, r.when)
        for r in ACTIVATIONS.values()
    ]
    return table(("name", "value `z`", "slope", "at a kink", "when"), rows)


def activation_numbers() -> str:
    """What is known about each function."""
    head = (
        "name",
        "range",
        "largest slope",
        "flat",
        "nearly linear",
        "extreme curvature at `z` =",
        "units can die",
        "cost",
        "initializer",
    )
    rows = [
        (
            code(r.name),
            f"{number(r.bounds[0])} to {number(r.bounds[1])}",
            number(r.largest_slope),
            flat(r),
            linear(r),
            ", ".join(number(round(z, 2)) for z in r.most_curved) or "none",
            "yes" if r.can_die else "no",
            number(r.cost),
            code(r.initializer),
        )
        for r in ACTIVATIONS.values()
    ]
    return table(head, rows)


def flat(record: Any) -> str:
    """Where a function is flat, in words."""
    beyond = record.saturated_beyond
    if record.saturates == "never":
        return "never"
    if record.largest_slope == 0:
        return "everywhere"
    if math.isinf(beyond):
        return {"left": "towards −∞", "both": "near both ends of its range"}[record.saturates]
    sides = {"left": f"a < {number(-beyond)}", "both": f"\\|a\\| > {number(beyond)}"}
    return sides[record.saturates]


def linear(record: Any) -> str:
    """Where a function is nearly linear around 0, in words."""
    within = record.linear_within
    if math.isinf(within):
        return "everywhere"
    return f"\\|a\\| < {number(within)}" if within else "nowhere around 0"


def losses() -> str:
    """Every loss with its output units."""
    rows = [
        (
            named(r),
            code(r.formula),
            codes(r.partners),
            codes(r.sticks) or "none",
            r.targets,
            " and ".join(r.tasks),
            r.when,
        )
        for r in LOSSES.values()
    ]
    head = ("name", "per example", "output units", "warns with", "targets", "for", "when")
    return table(head, rows)


def initializers() -> str:
    """Every initializer, and whose default it is."""
    rows = []
    for r in INITIALIZERS.values():
        users = codes(a.name for a in ACTIVATIONS.values() if a.initializer == r.name)
        rows.append((named(r), r.law, users or "none", r.when, r.reference))
    return table(("name", "law", "default of", "when", "reference"), rows)


def solvers() -> str:
    """Every solver."""
    rows = [
        (named(r), code(r.formula), codes(r.uses), r.when, r.reference) for r in SOLVERS.values()
    ]
    return table(("name", "step", "reads", "when", "reference"), rows)


def schedules() -> str:
    """Every schedule."""
    rows = [(named(r), r.formula, codes(r.uses), r.when) for r in SCHEDULES.values()]
    return table(("name", "rate", "reads", "when"), rows)


def datasets() -> str:
    """Every built-in data set."""
    rows = [
        (named_set(r), r.task, f"{r.rows} × {r.columns}", r.description) for r in DATASETS.values()
    ]
    return table(("name", "task", "rows × columns", "what it is"), rows)


def named_set(recipe: Any) -> str:
    """A data set's name and its other names."""
    also = f" ({codes(recipe.aliases)})" if recipe.aliases else ""
    return f"**{code(recipe.name)}**{also}"


def findings() -> str:
    """Every finding, in the order of judgement."""
    parts = []
    for stage in STAGES:
        found = [disease for disease in DISEASES.values() if disease.stage == stage]
        if found:
            parts += [f"## {stage.capitalize()}\n\n{STAGE_WORDS[stage]}", *map(finding, found)]
    return "\n\n".join(parts)


def finding(disease: Any) -> str:
    """What is known about a finding."""
    confused = "\n".join(f"* {known(e.name)}: {sentence(e.told_apart)}" for e in disease.lookalikes)
    remedies = "\n".join(f"{i}. {remedy(each)}" for i, each in enumerate(disease.remedies, 1))
    return "\n\n".join(
        [
            f"### `{disease.code}`",
            disease.means,
            f"**Recognized by** {RECOGNIZED_BY[disease.code]}.",
            f"**It could also be**, and how that is told apart:\n\n{confused}",
            f"**What to do**\n\n{remedies}",
            f"Source: {sentence(disease.reference)}",
        ]
    )


def known(name: str) -> str:
    """A finding as a link; other words as they are."""
    return f"[`{name}`](#{name})" if name in DISEASES else name


def remedy(told: Any) -> str:
    """What to do and why, with the parameters that do it."""
    fixed = {name: value for name, value in told.parameters.items() if value is not None}
    open_ = [name for name, value in told.parameters.items() if value is None]
    named = [*arguments(fixed), *open_]
    return f"{sentence(told.do)} {sentence(told.why)}{f' {codes(named)}' if named else ''}"


def parameters(kind: type[Settings], beside: type[Settings] | None = None) -> str:
    """The parameters of an estimator, without those of ``beside``."""
    shared = {f.name for f in parameters_of(beside)} if beside else set()
    rows = [
        (
            code(f.name),
            code(repr(f.default)),
            allowed(f.metadata["rule"], f.name),
            f.metadata["help"],
            readers(f),
        )
        for f in parameters_of(kind)
        if f.name not in shared
    ]
    return table(("name", "default", "allowed", "what it is", "read by"), rows)


def allowed(rule: Rule, name: str) -> str:
    """What a rule accepts; a table of records becomes a link."""
    if isinstance(rule, AnyOf):
        return ", or ".join(dict.fromkeys(allowed(each, name) for each in rule.rules))
    if isinstance(rule, Entry):
        own = ", or a function" if rule.table.expected().endswith("of your own") else ""
        return f"one of [these]({LINKS[rule.table.noun]}){own}"
    if isinstance(rule, Several) and isinstance(rule.rule, Entry):
        return "a sequence of them"
    return rule.expected().replace("|", "\\|")


def readers(field: Any) -> str:
    """Which solvers or schedules read a parameter."""
    if field.name in FirstOrder.common:
        others = [s for s in READERS[field.name] if not isinstance(SOLVERS[s], FirstOrder)]
        return f"first-order solvers{', ' if others else ''}{codes(others)}"
    if field.name in READERS:
        return codes(READERS[field.name])
    if field.name == "strip_length":
        return f"stopping rules {codes(r.name for r in STOPPING_RULES.values() if r.whole)}"
    timed = [s.name for s in SCHEDULES.values() if field.name in s.uses]
    return f"schedule {codes(timed)}" if timed else "all"


def remedies() -> str:
    """Every remedy for stuck units."""
    rows = [
        (
            f"{named(r)} {codes(arguments(r.parameters))}",
            f"{r.description[0].upper()}{r.description[1:]}. {r.why}",
            r.acts_on,
            r.reference,
        )
        for r in REMEDIES.values()
    ]
    return table(("name, parameters", "what it does, and why", "acts on", "reference"), rows)


def claims() -> str:
    """Every claim, and by what it is judged."""
    rows = [
        (code(r.name), r.description, "; ".join(e.says for e in r.expected), r.reference)
        for r in CLAIMS.values()
    ]
    return table(("name", "what is said", "what has to come out", "reference"), rows)


def stopping_rules() -> str:
    """When validation data end a fit."""
    rows = [(named(r), r.formula, r.when, r.reference) for r in STOPPING_RULES.values()]
    return table(("name", "ends the fit where", "when", "reference"), rows)


def public_names(module: ModuleType = unstuck) -> str:
    """Every public name and the first sentence about it."""
    names = sorted(module.__all__, key=lambda name: (name.lower(), name))
    rows = [(code(name), first_sentence(name, module)) for name in names]
    return table(("name", "what it is"), rows)


def first_sentence(name: str, module: ModuleType = unstuck) -> str:
    """What a public name is; of a table, where its records are explained."""
    if name in RECORDS:
        return f"Every [{RECORDS[name]}]({LINKS[RECORDS[name]]}) by name."
    paragraph = docstring(name, module).split("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<=\.) (?=[A-Z`])", paragraph)[0].replace("``", "`").replace("|", "\\|")


def docstring(name: str, module: ModuleType = unstuck) -> str:
    """The docstring of a public name; of a constant, the text below it."""
    found = getattr(module, name)
    if inspect.ismodule(found) or callable(found):
        return inspect.getdoc(found) or ""
    stub = ast.parse(Path(str(module.__file__)).with_suffix(".pyi").read_text("utf-8"))
    homes = {n.names[0].name: n.module for n in stub.body if isinstance(n, ast.ImportFrom)}
    home = importlib.import_module(f"{module.__name__}.{homes[name]}")
    lines = ast.parse(inspect.getsource(home)).body
    for line, below in itertools.pairwise(lines):
        if name in re.findall(r"^\w+", ast.unparse(line)) and isinstance(below, ast.Expr):
            return inspect.cleandoc(ast.literal_eval(below.value))
    return ""


def shown(name: str) -> str:
    """What ``unstuck show NAME`` prints, as a block."""
    return f"```\n{show(name).text}\n```"


def tables() -> dict[str, Callable[[], str]]:
    """What makes each table, by the name it has in the docs."""
    return {
        "activations": activations,
        "activation_numbers": activation_numbers,
        "losses": losses,
        "initializers": initializers,
        "solvers": solvers,
        "schedules": schedules,
        "stopping_rules": stopping_rules,
        "remedies": remedies,
        "claims": claims,
        "datasets": datasets,
        **{f"show_{name}": partial(shown, name) for name in SHOWS},
        "findings": findings,
        "parameters": partial(parameters, Settings),
        "classifier_parameters": partial(parameters, ClassifierSettings, Settings),
        "regressor_parameters": partial(parameters, RegressorSettings, Settings),
        "public_names": public_names,
        "neuro_names": partial(public_names, unstuck.neuro),
        "selection_names": partial(public_names, unstuck.selection),
        "approximation_names": partial(public_names, unstuck.selection.approximation),
    }


@functools.cache
def table_of(name: str) -> str:
    """A table; some take seconds to make."""
    return tables()[name]()


def updated(text: str) -> str:
    """A document with its tables rewritten."""
    return MARKED.sub(lambda m: f"{m[1]}{table_of(m[2])}\n{m[3]}", text)


def documents() -> list[Path]:
    """The documents that hold generated tables."""
    return [path for path in sorted(HERE.glob("*.md")) if MARKED.search(path.read_text("utf-8"))]


def main() -> None:
    """Rewrite the tables, or check them."""
    stale = []
    for path in documents():
        old = path.read_text("utf-8")
        new = updated(old)
        if old != new:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(new, "utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"not up to date: {', '.join(stale)}; run python docs/generate.py")
    print("rewritten:" if stale else "up to date", *stale)


if __name__ == "__main__":
    main()
