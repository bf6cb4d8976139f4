"""What the documents say is true: code runs, links lead somewhere, tables are up to date."""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pytest

import unstuck
from unstuck.cli import summary
from unstuck.health.signals import NAMES as SIGNALS
from unstuck.shows.table import SHOWS
from unstuck.solvers.stop import StopReason
from unstuck.training.history import EPOCH_COLUMNS

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for path in (
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("benchmarks/*.md"),
        ROOT / "src/unstuck/AGENTS.md",
    )
    if path.is_file()
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FILE = re.compile(r"`((?:src|docs|tests|examples|benchmarks|\.ci)/[\w./-]*)`")
COMMANDS = (
    "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/unstuck train digits",
    "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest",
)


def title(path):
    return str(path.relative_to(ROOT))


def text(path):
    return path.read_text("utf-8")


def script(name):
    """A script of the docs as a module."""
    path = ROOT / "docs" / name
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(path, language):
    return [code for found, code in BLOCK.findall(text(path)) if found == language]


# Code


WITH_PYTHON = [path for path in DOCUMENTS if blocks(path, "python")]


@pytest.mark.parametrize("path", WITH_PYTHON, ids=title)
def test_python_blocks_run_one_after_the_other(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    names = ("X_train", "X_test", "y_train", "y_test")
    parts = train_test_split(*load_digits(return_X_y=True), random_state=0)
    session = dict(zip(names, parts, strict=True))
    for code in blocks(path, "python"):
        if "sklearn.callback" in code:
            pytest.importorskip("sklearn.callback", reason="came with scikit-learn 1.9")
        exec(compile(code, title(path), "exec"), session)
    capsys.readouterr()


def test_the_documents_have_python():
    assert {"README.md", "docs/one-page.md"} <= set(map(title, WITH_PYTHON))


def commands():
    """The commands of the command line, by name."""
    from typer.main import get_command

    from unstuck.cli.main import app

    return get_command(app).commands


def shell_blocks(path):
    return [code for language, code in BLOCK.findall(text(path)) if language != "python"]


def told_commands(path):
    """Pairs of name and rest: of every ``unstuck NAME`` in a line of a shell or in code."""
    inline = re.findall(r"`unstuck (\w[^`]*)`", BLOCK.sub("", text(path)))
    shell = [found for code in shell_blocks(path) for found in
             re.findall(r"(?:^|/)unstuck (\w.*)$", code, re.MULTILINE)]  # fmt: skip
    return [(each + " ").split(" ", 1) for each in inline + shell]


@pytest.mark.parametrize("path", DOCUMENTS, ids=title)
def test_commands_and_flags_exist(path):
    for name, rest in told_commands(path):
        flags = {flag for p in commands()[name].params for flag in p.opts + p.secondary_opts}
        assert set(re.findall(r"--[\w-]+", rest.split("#")[0])) <= flags, name


@pytest.mark.parametrize("path", DOCUMENTS, ids=title)
def test_lines_of_a_shell_are_understood(path):
    """Every argument has its place and every value its kind, as far as the parser knows."""
    for code in shell_blocks(path):
        for line in code.splitlines():
            if line.startswith("unstuck "):
                _, name, *words = shlex.split(line.split(" > ")[0], comments=True)
                commands()[name].make_context(name, words)


def test_every_command_is_told_of_and_none_is_looked_over():
    told = {name for path in DOCUMENTS for name, _ in told_commands(path)}
    assert told == set(commands())
    everything = "".join(map(text, DOCUMENTS))
    for name in told:
        seen = len(re.findall(rf"(?:`|^|/)unstuck {name}\b", everything, re.MULTILINE))
        assert seen == sum(name == each for path in DOCUMENTS for each, _ in told_commands(path))


# The README


def test_readme_has_the_two_commands_each_alone_on_a_line():
    lines = [line for block in BLOCK.findall(text(ROOT / "README.md")) for line in
             block[1].splitlines()]  # fmt: skip
    for command in COMMANDS:
        assert lines.count(command) == 1
        alone = [b for _, b in BLOCK.findall(text(ROOT / "README.md")) if command in b]
        assert alone == [command + "\n"]


def test_ci_ends_with_the_test_command_of_the_readme():
    path = ROOT / ".ci/run"
    assert os.access(path, os.X_OK)
    code = [line for line in text(path).splitlines() if line and not line.startswith("#")]
    assert "set -euo pipefail" in code
    assert "$test_command" in code[-1]
    found = re.search(r'^test_command="\$\((.*)\)"$', text(path), re.MULTILINE)
    told = subprocess.run(
        ["bash", "-c", found[1]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == COMMANDS[1] + "\n"


def test_ci_installs_the_pytorch_that_the_tests_know():
    assert ".venv/bin/pip install torch==2.13.0" in text(ROOT / ".ci/run").splitlines()


# Links and names


@pytest.mark.parametrize("path", DOCUMENTS, ids=title)
def test_links_and_files_exist(path):
    for target in LINK.findall(text(path)):
        if re.match(r"\w+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target
    for file in FILE.findall(text(path)):
        assert (ROOT / file).exists(), file


def anchors(path):
    """The anchors that headings get on a web page."""
    without_code = BLOCK.sub("", text(path))
    headings = re.findall(r"^#+ (.+)$", without_code, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_document_can_be_reached_from_the_readme():
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        for target in LINK.findall(text(path)):
            found = (path.parent / target.partition("#")[0]).resolve()
            if found.suffix == ".md" and found.exists() and found not in seen:
                waiting.append(found)
    assert set(ROOT.glob("docs/*.md")) <= seen


def test_the_one_page_lists_the_public_names_and_nothing_else():
    section = text(ROOT / "docs/one-page.md").split("\n## Every public name\n")[1]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(unstuck.__all__)
    assert [name for name, told in rows if not told.endswith(".")] == []


def test_every_public_name_is_documented():
    docs = "".join(text(path) for path in ROOT.glob("docs/*.md"))
    assert [name for name in unstuck.__all__ if not re.search(rf"`{name}\b", docs)] == []


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("docs/reading.md", (*EPOCH_COLUMNS, *SIGNALS, "look_epoch")),
        ("docs/words.md", [reason.name.lower() for reason in StopReason]),
        ("docs/dependencies.md", ["jax", "optax", "polars", "typer", "rich", "platformdirs"]),
    ],
)
def test_every_name_has_its_line(path, names):
    assert [name for name in names if f"`{name}`" not in text(ROOT / path)] == []


def test_every_dependency_is_explained_and_measured():
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    for line in project["dependencies"]:
        name = re.split(r"[<>=]", line)[0]
        assert text(ROOT / "docs/dependencies.md").count(f"| `{name}` |") == 2, name


def test_every_example_is_mentioned():
    docs = "".join(text(path) for path in DOCUMENTS)
    found = [path.name for path in (ROOT / "examples").glob("*.py")]
    assert [name for name in found if f"examples/{name}" not in docs] == []


# Tables and figures


def test_generated_tables_are_up_to_date():
    generate = script("generate.py")
    marked = re.findall(r"<!-- table: (\w+) -->", "".join(map(text, generate.documents())))
    assert sorted(marked) == sorted(generate.tables())
    for path in generate.documents():
        new, old = generate.updated(text(path)), text(path)
        assert without_measured(new) == without_measured(old), f"{path.name}: run docs/generate.py"


def without_measured(page):
    """A page without the numbers that ``unstuck show`` measures: networks round otherwise on other
    processors, and where a long fit ends hangs on the last bit."""
    shown = re.compile(r"(?<=<!-- table: show_).*?(?=<!-- end -->)", re.DOTALL)
    return shown.sub(lambda m: re.sub(r"[-\d.,e+]*\d[\d.,e+]*|[ \t]+", " ", m[0]), page)


def test_what_is_measured_is_all_that_may_differ():
    block = "<!-- table: show_x -->\n{}\n<!-- end -->"
    assert without_measured(block.format("a 1.5  -2e-3")) == without_measured(
        block.format("a 12 7")
    )
    assert without_measured(block.format("a 1")) != without_measured(block.format("b 1"))
    assert without_measured("a 1") != without_measured("a 2")


@pytest.mark.parametrize("name", list(unstuck.ACTIVATIONS))
def test_figure_of_an_activation_shows_what_the_record_says(name):
    curve = script("figures/activations.py").curve(name)
    record = unstuck.ACTIVATIONS[name]
    assert len(curve.a) == len(curve.value) == len(curve.slope)
    assert len(curve.curved) == len(record.most_curved)
    assert bool(curve.flat) == (record.saturates != "never")
    if name not in ("step", "softmax"):
        away = abs(curve.a) > 0.02
        numeric = np.gradient(curve.value, curve.a)
        np.testing.assert_allclose(curve.slope[away], numeric[away], rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize(
    "name", ["activations", "class_plots", "one_or_all", "pairs", "plots", "schedules"]
)
def test_figures_are_drawn_and_committed(name, tmp_path, monkeypatch):
    module = script(f"figures/{name}.py")
    monkeypatch.setattr(module, "__file__", str(tmp_path / f"{name}.py"))
    monkeypatch.setattr("sys.argv", [name])
    module.main()
    drawn = (tmp_path / f"{name}.svg").read_text("utf-8")
    assert drawn.startswith("<?xml")
    assert (ROOT / f"docs/figures/{name}.svg").exists()


def test_gradients_shrink_by_the_law_of_the_first_weights(tmp_path, monkeypatch):
    """Of tanh by the factor sqrt(fan-out * variance) a layer, as long as nothing saturates."""
    module = script("figures/glorot.py")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "glorot.py"))
    monkeypatch.setattr(module, "UNITS", 100)
    drawn = module.main()
    standard, normalized = ([module.spread(a) for a in module.adjoints(drawn[law])]
                            for law in ("standard", "normalized"))  # fmt: skip
    assert standard[-3] / standard[-1] == pytest.approx(1 / 3, rel=0.1)
    assert normalized[-3] > 0.7 * normalized[-1]
    assert (tmp_path / "glorot.svg").read_text("utf-8").startswith("<?xml")
    assert (ROOT / "docs/figures/glorot.svg").exists()


def test_the_figure_of_the_remedies_is_drawn_and_committed(tmp_path, monkeypatch):
    module = script("figures/remedies.py")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "remedies.py"))
    moons = unstuck.datasets.load_dataset("moons", n=80, seed=0)
    quick = {"remedies": ["weights"], "seeds": 2, "max_iter": 1}
    found = unstuck.compare_remedies(moons.X, moons.y, **quick)
    monkeypatch.setattr(module, "compared", lambda: dict.fromkeys(module.SHOWN, found))
    module.main()
    assert (tmp_path / "remedies.svg").read_text("utf-8").startswith("<?xml")
    assert (ROOT / "docs/figures/remedies.svg").exists()


def test_what_shows_a_claim_of_neurobiology_is_there():
    page = text(ROOT / "docs/neurobiology.md")
    names = set(re.findall(r"`([A-Za-z]\w+)(?:\.\w+)?(?:\(|`)", page))
    elsewhere = {name for name in names if not hasattr(unstuck.neuro, name)}
    assert elsewhere == {"NetClassifier", "feedback_course", "unstuck"}
    assert len(names) > 20


@pytest.mark.parametrize("name", SHOWS)
def test_what_is_shown_stands_in_the_documents(name):
    assert (ROOT / f"docs/figures/show_{name}.svg").exists(), "run docs/figures/shows.py"
    pages = [text(path) for path in ROOT.glob("docs/*.md")]
    assert any(f"figures/show_{name}.svg" in page for page in pages)
    assert any(f"<!-- table: show_{name} -->" in page for page in pages)


def test_figures_have_no_address_to_fetch_from():
    for path in ROOT.glob("docs/figures/*.svg"):
        fetched = re.findall(r"(?:src|url|href)\s*[=(:]\s*[\"']?https?://[^\s\"')]*", text(path))
        assert fetched == [], path.name


def test_the_picture_of_a_run_is_of_a_good_run():
    shown = re.sub(r"<[^>]+>", " ", text(ROOT / "docs/figures/run.svg")).replace("&#160;", " ")
    accuracy = re.search(r"test\s+450\s+(0\.\d+)", shown)
    assert accuracy is not None
    assert float(accuracy[1]) >= 0.97
    told = inspect.getsource(summary)
    for words in re.findall(r"(?:Diagnosis|the (?:first|best)) of (?:\w+ ){1,2}", shown):
        assert re.sub(r" \d+ $", " ", words) in told, "run docs/figures/run.py"
