"""Builds the documentation as a folder of pages that work without a network.

    python docs/build.py             into site/
    python docs/build.py --out DIR   elsewhere

It needs ``pip install '.[docs]'``. The pages are what the repository holds: its documents, examples
and notebooks, and a reference of every public name from its docstring. All keep their places, so a
link that works in the repository works in the site; a linked file that is no document becomes a
page that shows it. A link that leads nowhere ends the build.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import inspect
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"(?<=\]\()([^)\s#:]+)(#[^)\s]*)?(?=\))")
CODE = re.compile(r"^(`{3,}).*?^\1$", re.DOTALL | re.MULTILINE)
HEADINGS_AND_LINKS = re.compile(r"^#.*$|\[[^\]]*\]\([^)]*\)", re.MULTILINE)

MENU = {
    "Start": ["docs/one-page.md", "docs/choosing.md", "docs/functions.md", "docs/tables.md",
              "docs/reading.md", "docs/findings.md", "docs/repair.md", "docs/remedies.md",
              "docs/report.md"],
    "See it work": ["examples/notebooks/index.md", "examples/index.md"],
    "Look up": ["api/index.md", "docs/parameters.md", "docs/words.md", "src/unstuck/AGENTS.md"],
    "Where networks come from": ["docs/neurobiology.md", "docs/units.md", "docs/spikes.md",
                                 "docs/brainlike.md", "docs/sparse.md", "docs/hebb.md",
                                 "docs/memory.md", "docs/lesions.md", "docs/limits.md"],
    "Choosing a model": ["docs/selection.md", "docs/approximation.md", "docs/errors.md"],
    "Derivatives": ["docs/graph.md", "docs/verification.md"],
    "Beside others": ["docs/matlab.md", "benchmarks/README.md"],
    "The project": ["CHANGELOG.md", "CONTRIBUTING.md", "docs/dependencies.md"],
}  # fmt: skip
"""The captions of the menu and the pages below them."""

PACKAGES = {
    "estimators": "Estimators",
    "verdict": "Verdict",
    "health": "Diagnosis",
    "remedies": "Remedies",
    "data": "Tables and data sets",
    "report": "Displays",
    "activations": "Activations",
    "losses": "Losses",
    "initializers": "Initializers",
    "solvers": "Solvers and ends",
    "presets": "Presets",
    "graph": "Graphs",
    "derivatives": "Derivatives",
    "symmetry": "Symmetry",
    "neuro": "Where networks come from",
    "selection": "Choosing a model",
    "errors": "Errors and warnings",
}
"""Titles of the pages of the reference, in order; a package that is not named has its own name."""
FIRST = ("NetClassifier", "NetRegressor", "load")
JOINED = {"autodiff": "graph"}
"""Packages whose names stand on the page of another."""


def script(name: str) -> object:
    """Another script of this folder, as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Pages from files


class Stage:
    """The sources of the site, in the places that they have in the repository."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.written: set[str] = set()
        self.waiting: list[str] = []

    def write(self, page: str, text: str) -> None:
        """A page of the site; what it links to follows."""
        self.written.add(page)
        path = self.folder / page
        path.parent.mkdir(parents=True, exist_ok=True)
        linked = outside(CODE, text, lambda part: LINK.sub(lambda m: self._linked(page, m), part))
        path.write_text(linked, "utf-8")

    def _linked(self, page: str, found: re.Match[str]) -> str:
        """A link of a page as the site has it; the file behind it becomes a part of the site."""
        target = os.path.normpath(Path(page).parent / found[1])
        self.waiting.append(target)
        return os.path.relpath(page_of(target), Path(page).parent) + (found[2] or "")

    def fill(self) -> None:
        """Every document, and every file that a page links to."""
        self.waiting += [page for pages in listed().values() for page in pages]
        self.write("index.md", text_of("README.md") + menu())
        while self.waiting:
            target = self.waiting.pop()
            page = page_of(target)
            if page not in self.written:
                self._add(target, page)

    def _add(self, target: str, page: str) -> None:
        made = MADE.get(page)
        if made is not None:
            self.write(page, made(self))
        elif not (ROOT / target).is_file():
            raise SystemExit(f"a page links to {target}, which does not exist")
        elif page == target and not page.endswith(".md"):
            self.written.add(page)
            (self.folder / page).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / target, self.folder / page)
        elif target.endswith(".ipynb"):
            self.write(page, notebook(json.loads(text_of(target))))
        else:
            self.write(page, text_of(target) if page == target else shown(target))


def text_of(path: str) -> str:
    """A file of the repository; of a document, with public names as links to the reference."""
    text = (ROOT / path).read_text("utf-8")
    return with_references(text) if path.endswith(".md") else text


def page_of(target: str) -> str:
    """The page of the site that shows a file or a folder of the repository."""
    if target == "README.md":
        return "index.md"
    if (ROOT / target).is_dir():
        return f"{target}/index.md"
    if target.endswith((".md", ".svg", ".png")):
        return target
    return f"{target.removesuffix('.py').removesuffix('.ipynb')}.md"


def menu() -> str:
    """The menu, which is not shown on the page itself."""
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```\n"
        for caption, pages in listed().items()
    )


def listed() -> dict[str, list[str]]:
    """The menu with every document in it: those that are new follow those to start with."""
    known = {page for pages in MENU.values() for page in pages}
    found = sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))
    return MENU | {"Start": [*MENU["Start"], *(page for page in found if page not in known)]}


def shown(path: str) -> str:
    """A page that shows a file which is no document; of a script, its first sentence above."""
    text = text_of(path)
    if not path.endswith(".py"):
        return f"---\norphan: true\n---\n\n# {path}\n\n````text\n{text}````\n"
    said = ast.get_docstring(ast.parse(text)) or ""
    orphan = "" if path.startswith("examples/") else "---\norphan: true\n---\n\n"
    said = re.split(r"\n\s*\n", said)[0]
    return f"{orphan}# {Path(path).name}\n\n{said}\n\n````python\n{text}````\n"


NAMED = re.compile(
    r"(?<!`)`((?:unstuck\.)?(?:neuro\.|selection\.|approximation\.)*(\w+)(?:\.(?!pyi?\b)\w+)*"
    r"(?:\([^`<>]*\))?)`(?!`)"
)
"""A public name in running text, perhaps with what it holds and with arguments; no file."""


def with_references(text: str) -> str:
    """Public names in running text become links to the reference."""
    homes = {name: f"unstuck.{name}" for name in public_names()} | inner_names()

    def linked(found: re.Match[str]) -> str:
        home = homes.get(found[2])
        return f"{{py:obj}}`{found[1]} <{home}>`" if home else found[0]

    def running(part: str) -> str:
        return NAMED.sub(linked, part)

    return outside(CODE, text, lambda part: outside(HEADINGS_AND_LINKS, part, running))


def inner_names() -> dict[str, str]:
    """Names of the packages that are public names themselves, with the package of each."""
    from unstuck import neuro, selection

    packages = (neuro, selection, selection.approximation)
    return {name: f"{each.__name__}.{name}" for each in packages for name in each.__all__}


def outside(kept: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """A text, changed wherever it does not match a pattern."""
    parts, last = [], 0
    for found in kept.finditer(text):
        parts += [change(text[last : found.start()]), found[0]]
        last = found.end()
    return "".join([*parts, change(text[last:])])


# Notebooks


def notebook(found: dict) -> str:
    """A notebook that was executed, as a page."""
    return "\n\n".join(cell(each) for each in found["cells"]) + "\n"


def cell(found: dict) -> str:
    """A cell with what it printed and showed."""
    source = "".join(found["source"])
    if found["cell_type"] == "markdown":
        return with_references(source)
    outputs = [output(each) for each in found["outputs"]]
    shown = [f'```{{raw}} html\n<div class="output">\n{html}\n</div>\n```' for html in outputs]
    return "\n\n".join([f"```python\n{source}\n```", *filter(None, shown)])


def output(found: dict) -> str:
    """What a cell printed or showed, as HTML."""
    data = found.get("data", {})
    if "image/png" in data:
        return (
            f'<img alt="figure" src="data:image/png;base64,{"".join(data["image/png"]).strip()}">'
        )
    for kind in ("image/svg+xml", "text/html"):
        if kind in data:
            return "".join(data[kind])
    text = "".join(found.get("text", data.get("text/plain", "")))
    return f"<pre>{escape(text)}</pre>"


# Pages that are made here


def examples(stage: Stage) -> str:
    """The list of the examples."""
    del stage
    paths = sorted((ROOT / "examples").glob("*.py"))
    said = {path: ast.get_docstring(ast.parse(path.read_text("utf-8"))) for path in paths}
    lines = [
        f"* [{path.stem}]({path.name}): {(said[path] or '').splitlines()[0]}" for path in paths
    ]
    text = "Scripts that print what they show; the tests run them."
    return f"# Examples\n\n{text}\n\n" + "\n".join(lines) + toctree(path.stem for path in paths)


def notebooks(stage: Stage) -> str:
    """The list of the notebooks."""
    del stage
    paths = sorted((ROOT / "examples/notebooks").glob("*.ipynb"))
    titles = {p: json.loads(p.read_text("utf-8"))["cells"][0]["source"][0] for p in paths}
    lines = [f"* [{title.strip().lstrip('# ')}]({path.name})" for path, title in titles.items()]
    text = "From the first row to the last line, with what every cell printed."
    return f"# Notebooks\n\n{text}\n\n" + "\n".join(lines) + toctree(path.stem for path in paths)


def toctree(pages: Iterable[str]) -> str:
    """A part of the menu below a page."""
    return "\n\n```{toctree}\n:hidden:\n:maxdepth: 1\n\n" + "\n".join(pages) + "\n```\n"


# The reference


def public_names() -> dict[str, str]:
    """Every public name and the package it comes from."""
    stub = ast.parse((ROOT / "src/unstuck/__init__.pyi").read_text("utf-8"))
    return {
        alias.name: (node.module or alias.name).partition(".")[0]
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def groups() -> dict[str, list[str]]:
    """Public names by package, in the order of the reference."""
    found: dict[str, list[str]] = {name: [] for name in PACKAGES}
    for name, package in public_names().items():
        found.setdefault(JOINED.get(package, package), []).append(name)
    return {package: sorted(names, key=first_of_all) for package, names in found.items() if names}


def first_of_all(name: str) -> int:
    """The estimators come first on their page; all else stays in its order."""
    return FIRST.index(name) if name in FIRST else len(FIRST)


def reference(stage: Stage) -> str:
    """The list of the public names, by package; the pages of the packages are written."""
    sentence = script("generate").first_sentence  # type: ignore[attr-defined]
    parts = []
    for package, names in groups().items():
        title = PACKAGES.get(package, package.capitalize())
        entries = "\n\n".join(entry(name, sentence(name)) for name in names)
        stage.write(f"api/{package}.md", f"# {title}\n\n{entries}\n")
        listed = [f"* {{py:obj}}`{n} <unstuck.{n}>`: {said(sentence(n))}" for n in names]
        parts.append(f"## {title}\n\n" + "\n".join(listed))
    text = "# API reference\n\nEvery public name; all are imported from `unstuck`.\n\n"
    return text + "\n\n".join(parts) + toctree(groups())


def said(sentence: str) -> str:
    """A sentence of the documents, whose links lead from their folder."""
    return LINK.sub(lambda m: f"../docs/{m[1]}{m[2] or ''}", sentence)


def entry(name: str, sentence: str) -> str:
    """What the reference says of a name: a heading, and what Sphinx is to do."""
    import unstuck

    found = getattr(unstuck, name)
    if inspect.isclass(found) or inspect.isfunction(found):
        kind = "class" if inspect.isclass(found) else "function"
        return f"## {name}\n\n{directed(f'.. auto{kind}:: unstuck.{name}')}"
    named = directed(f".. py:data:: unstuck.{name}")
    if inspect.ismodule(found):
        listed = "\n\n".join(directed(line) for line in members(found))
        return f"## {name}\n\n{named}\n\n{listed}"
    if sentence.startswith("Every ["):
        return f"## {name}\n\n{named}\n\n{said(sentence)}"
    text = script("generate").docstring(name)  # type: ignore[attr-defined]
    return f"## {name}\n\n{named}\n\n{directed(text)}"


def members(module: ModuleType) -> list[str]:
    """What Sphinx is to do for the names of a module that is a public name itself."""
    if module.__name__ == "unstuck.data.datasets":
        return [f".. automodule:: {module.__name__}\n   :members: load_dataset, Dataset"]
    return [line for name in module.__all__ for line in member(module, name)]


def member(module: ModuleType, name: str) -> list[str]:
    """What Sphinx is to do for a name of a module; of a module in it, for all names of that."""
    found, path = getattr(module, name), f"{module.__name__}.{name}"
    if inspect.ismodule(found):
        return [f".. py:data:: {path}", *members(found)]
    if inspect.isclass(found) or inspect.isfunction(found):
        return [f".. auto{'class' if inspect.isclass(found) else 'function'}:: {path}"]
    text = script("generate").docstring(name, module)  # type: ignore[attr-defined]
    return [f".. py:data:: {path}", text.replace("|", "\\|")]


def directed(text: str) -> str:
    """Words of Sphinx's own language within Markdown."""
    return f"```{{eval-rst}}\n{text}\n```"


MADE: dict[str, Callable[[Stage], str]] = {
    "examples/index.md": examples,
    "examples/notebooks/index.md": notebooks,
    "api/index.md": reference,
}


# Build


def build(out: Path) -> int:
    """Make the site; the exit code of Sphinx."""
    from sphinx.cmd.build import build_main

    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary, "source")
        Stage(source).fill()
        settings, trees = str(ROOT / "docs/site"), str(Path(temporary, "trees"))
        words = ["-q", "-W", "--keep-going", "-b", "html", "-c", settings, "-d", trees]
        return build_main([*words, str(source), str(out)])


def main() -> None:
    """Build, and say where."""
    parser = argparse.ArgumentParser(description="Build the documentation as pages.")
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="the folder of the pages")
    out = parser.parse_args().out
    try:
        code = build(out)
    except ImportError as missing:
        sys.exit(f"{missing.name} is missing: pip install '.[docs]' brings what builds the pages")
    if code:
        sys.exit(code)
    print(f"built: {out / 'index.html'}")


if __name__ == "__main__":
    main()
