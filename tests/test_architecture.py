"""The house: import levels, documented names, referenced records, quick imports, safe files."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import unstuck

ROOT = Path(unstuck.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

LEVELS = [
    {"__main__"},
    {"cli"},
    {"shows"},
    {"estimators"},
    {"neuro", "selection"},
    {"report"},
    {"verdict"},
    {"remedies"},
    {"data"},
    {"derivatives", "symmetry"},
    {"autodiff"},
    {"drawing"},
    {"persistence"},
    {"training"},
    {"settings", "presets"},
    {"solvers"},
    {"rows"},
    {"layers"},
    {"variations"},
    {"pairs"},
    {"losses"},
    {"initializers"},
    {"health"},
    {"record"},
    {"activations"},
    {"rules"},
    {"choices", "graph"},
    {"kept"},
    {"forks"},
    {"readable", "scoring", "near_names"},
    {"uncertainty"},
    {"errors", "view", "aligned", "themes", "summary", "documentation", "piped"},
    {"lazy"},
    {"collector", "consoles", "interruption", "silence"},
]
"""Parts of the package from high to low: a part imports only from lower ones (and from itself)."""

RANK = {part: len(LEVELS) - i for i, parts in enumerate(LEVELS) for part in parts}


def module_of(file: Path) -> str:
    parts = ["unstuck", *file.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


MODULES = {module_of(file): file for file in FILES}
TREES = {module: ast.parse(file.read_text()) for module, file in MODULES.items()}
STUBS = {module_of(file): ast.parse(file.read_text()) for file in ROOT.rglob("__init__.pyi")}


class Imports:
    """Which modules of a package import which: at the top, in functions, for types, by
    ``importlib``, and by names that packages attach when they are first used.

    Arguments:
        trees: the source of every module.
        stubs: the lists of names (``__init__.pyi``) of the packages that have one.
    """

    def __init__(self, trees, stubs):
        self.trees = trees
        self.attached = {
            f"{package}.{alias.name}": ".".join(filter(None, (package, node.module, alias.name)))
            for package, stub in stubs.items()
            for node in stub.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self.of = {module: set(self.found(tree)) - {module} for module, tree in trees.items()}

    def home(self, name):
        """The module that a dotted name is or comes from."""
        while name not in self.trees:
            name = self.attached.get(name) or name.rpartition(".")[0]
        return name

    def found(self, tree):
        bound = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias for alias in node.names if alias.name.split(".")[0] == "unstuck"]
                bound |= {a.asname: a.name for a in names if a.asname}
                bound |= {a.name.split(".")[0]: "unstuck" for a in names if not a.asname}
                yield from (self.home(alias.name) for alias in names)
            elif (
                isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "unstuck"
            ):
                names = {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
                bound |= names
                yield from map(self.home, names.values())
            elif isinstance(node, ast.Constant) and node.value in self.trees:
                yield node.value  # for importlib
        for node in ast.walk(tree):
            name = dotted(node)
            if name and name.split(".")[0] in bound:
                first, _, rest = name.partition(".")
                yield self.home(f"{bound[first]}.{rest}")

    def cycle(self):
        """Modules that import each other in a circle; nothing if there are none."""
        done = set()

        def visit(module, path):
            if module in path:
                return [*path[path.index(module) :], module]
            if module in done:
                return []
            done.add(module)
            tried = (
                visit(other, [*path, module]) for other in sorted(self.of[module] - {"unstuck"})
            )
            return next(filter(None, tried), [])

        return next(filter(None, (visit(m, []) for m in sorted(self.trees) if m != "unstuck")), [])

    def upward(self, rank):
        """Pairs of a module and one that it imports though it is not below it."""
        return [
            (module, other)
            for module, others in self.of.items()
            for other in sorted(others - {"unstuck"})
            if module != "unstuck"
            and part_of(other) != part_of(module)
            and rank[part_of(other)] >= rank[part_of(module)]
        ]


def dotted(node):
    """``a.b.c`` of an attribute of a name, else nothing."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *parts[::-1]]) if isinstance(node, ast.Name) and parts else ""


IMPORTS = Imports(TREES, STUBS)


def test_every_part_has_a_level():
    parts = {part_of(module) for module in MODULES} - {""}
    assert parts <= set(RANK), "a new part needs its place in LEVELS"
    assert set(RANK) <= parts, "a part that is gone still has its place"


def test_imports_go_down():
    assert IMPORTS.upward(RANK) == []


def test_no_import_cycle():
    assert IMPORTS.cycle() == []


def test_the_root_gives_only_its_version_and_listed_names():
    """Anything else that is had from it comes from somewhere that is not known here."""
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "unstuck":
                odd = {a.name for a in node.names if IMPORTS.home(f"unstuck.{a.name}") == "unstuck"}
                assert odd <= {"__version__"}, f"{module} line {node.lineno}: {odd}"


def test_what_is_imported_can_be_read_from_the_source():
    """Absolute names, in full: no relative import, no name put together for ``importlib``."""
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}: relative import in line {node.lineno}"
            if isinstance(node, ast.Call) and module != "unstuck.lazy":
                name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                name = node.func.id if isinstance(node.func, ast.Name) else name
                if name in {"import_module", "__import__", "lazy"}:
                    given = node.args[0]
                    literal = isinstance(given, ast.Constant) and given.value[:1] != "."
                    assert literal, f"{module}: line {node.lineno}"


FORMS = {
    "at the top": "import unstuck.b",
    "a module from its package": "from unstuck import b",
    "a name": "from unstuck.b import one",
    "in a function": "def f():\n    from unstuck.b import one",
    "for types": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import unstuck.b",
    "importlib": "import importlib\ndef f():\n    return importlib.import_module('unstuck.b')",
    "import_module": "from importlib import import_module as get\ndef f():\n    get('unstuck.b')",
    "a table of homes": "_HOMES = {'one': 'unstuck.b'}",
    "a public name": "from unstuck import one",
    "a public name in a function": "def f():\n    from unstuck import one as found",
    "an attribute of the root": "import unstuck\ndef f():\n    return unstuck.one(1)",
    "an attribute, renamed": "import unstuck as u\ndef f():\n    return u.one",
    "a name of a package": "from unstuck.part import two",
    "an attribute of a package": "from unstuck import part\ndef f():\n    return part.two",
    "an attribute, in full": "import unstuck.part\ndef f():\n    return unstuck.part.two",
}


def small_house(of_a):
    """Modules a, b, part and part.inner: b uses part.inner, which uses a."""
    sources = {
        "unstuck": "",
        "unstuck.a": of_a,
        "unstuck.b": "from unstuck.part.inner import two",
        "unstuck.part": "",
        "unstuck.part.inner": "import unstuck.a",
    }
    stubs = {
        "unstuck": "from .b import one as one",
        "unstuck.part": "from .inner import two as two",
    }
    return Imports(*({m: ast.parse(text) for m, text in each.items()} for each in (sources, stubs)))


@pytest.mark.parametrize("form", FORMS)
def test_a_circle_and_a_rise_of_each_form_are_found(form):
    house = small_house(FORMS[form])
    circle = house.cycle()
    assert len(circle) in (3, 4), circle
    assert circle[0] == circle[-1]
    assert {"unstuck.a", "unstuck.part.inner"} <= set(circle)
    risen = {other for module, other in house.upward({"a": 1, "part": 2, "b": 3}) if "a" in module}
    assert risen & {"unstuck.b", "unstuck.part.inner"}


def test_a_house_in_order_passes():
    house = small_house("import numpy\nfrom unstuck import __version__\n'unstuck.b is a word'")
    assert house.cycle() == []
    assert house.upward({"a": 1, "part": 2, "b": 3}) == []


# Documented names


def public_definitions():
    for module, tree in TREES.items():
        for node in tree.body:
            kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            if isinstance(node, kinds) and not node.name.startswith("_"):
                yield module, node


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module):
    assert ast.get_docstring(TREES[module])


def test_every_public_function_and_class_is_documented():
    bare = [f"{m}.{n.name}" for m, n in public_definitions() if not ast.get_docstring(n)]
    assert bare == []


def test_docstrings_open_with_a_sentence():
    for module, node in public_definitions():
        first = ast.get_docstring(node).split("\n\n")[0].rstrip()
        assert first[-1] in ".:", f"{module}.{node.name}: {first!r}"


def test_public_names_are_those_that_exist():
    for package in map(importlib.import_module, STUBS):
        listed = [name for name in IMPORTS.attached if name.rpartition(".")[0] == package.__name__]
        assert sorted(f"{package.__name__}.{name}" for name in package.__all__) == sorted(listed)
        for name in package.__all__:
            assert getattr(package, name) is not None
            assert name in dir(package)
        wrong = f"module '{package.__name__}' has no attribute 'NetClasifier'"
        with pytest.raises(AttributeError, match=re.escape(wrong)):
            package.NetClasifier  # noqa: B018


def test_a_public_name_is_listed_for_type_checkers():
    """In a stub only ``from .home import name as name`` is a name of the package."""
    for package, stub in STUBS.items():
        for node in stub.body:
            if isinstance(node, ast.ImportFrom):
                assert node.level == 1
                assert all(alias.asname == alias.name for alias in node.names), package


TABLES = ["ACTIVATIONS", "INITIALIZERS", "LOSSES", "SOLVERS", "SCHEDULES", "STOPPING_RULES"]


@pytest.mark.parametrize("table", TABLES)
def test_every_record_has_a_reference_and_a_comment(table):
    common = {"constant", "adaptive", "plateau", "linear"}  # schedules that nobody claims
    for record in getattr(unstuck, table).values():
        assert len(record.when) > 5, record.name
        year = re.search(r"\b(19|20)\d\d\b", record.reference)
        assert year or (table == "SCHEDULES" and record.name in common), record.name


def test_fields_of_records_are_documented():
    for table in TABLES:
        record = getattr(unstuck, table).values()[0]
        text = "".join(inspect.getdoc(kind) or "" for kind in type(record).__mro__)
        for name in vars(record):
            assert re.search(rf"\b{name}\b", text), f"{type(record).__name__}.{name}"


# Quick imports


def imported(node):
    """The modules that a node of a tree imports; none where it is no import."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_jax_comes_from_one_module():
    """``from unstuck.lazy import jax, jnp, lax``, once at the top."""
    for module, tree in TREES.items():
        if module == "unstuck.lazy":
            continue
        for node in ast.walk(tree):
            names = imported(node)
            assert not {"jax", "optax"} & {n.split(".")[0] for n in names}, (
                f"{module}:{node.lineno}"
            )


def test_no_module_imports_jax_before_it_is_used():
    code = (
        "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
        "; print(sorted({'jax', 'optax', 'torch', 'matplotlib'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *MODULES], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_importing_unstuck_imports_nothing_large():
    code = (
        "import sys, unstuck; large = {'jax', 'sklearn', 'torch', 'matplotlib', 'optax', 'numpy'}"
        "; print(sorted(large & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_settings_need_neither_jax_nor_scikit_learn():
    """``--help`` is made from them."""
    code = (
        "import sys, unstuck.settings; large = {'jax', 'sklearn', 'torch', 'matplotlib', 'optax'}"
        "; print(sorted(large & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


# Messages


def pieces(source: str):
    """Pairs of neighbouring string literals: the end of one and the start of the next."""
    before = None
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NL, tokenize.COMMENT):
            continue
        if token.type != tokenize.STRING:  # from Python 3.12 on, f-strings are tokens of their own
            before = None
            continue
        text = re.sub(r"^[rbfuRBFU]*", "", token.string)
        quotes = 3 if text[:3] in ('"""', "'''") else 1
        inside = text[quotes:-quotes]
        if before is not None:
            yield token.start[0], before, inside
        before = inside


def joins_without_space(source: str):
    for line, left, right in pieces(source):
        ends = re.search(r"[\w.,;:!?)}'\"]$", left) and not re.search(r"\\[nt]$", left)
        # did_you_mean and hint_of give nothing or a part that begins with its space.
        if ends and re.match(r"[\w('\"]|\{(?!did_you_mean|hint)", right):
            yield line, left[-20:], right[:20]


def test_the_check_of_joined_messages_finds_what_it_should():
    if sys.version_info < (3, 12):
        assert list(joins_without_space('x = (f"one {a}"\n     "two")'))
    assert list(joins_without_space('x = ("one"\n     "two")'))
    assert not list(joins_without_space('x = ("one "\n     "two", "three")'))


@pytest.mark.parametrize("module", MODULES)
def test_pieces_of_messages_are_joined_with_spaces(module):
    assert list(joins_without_space(MODULES[module].read_text())) == []


def test_messages_are_no_tuples():
    """``raise Error("one", "two")`` was meant to be one text."""
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                texts = [a for a in node.exc.args if isinstance(a, (ast.JoinedStr, ast.Constant))]
                assert len(texts) <= 1, f"{module} line {node.lineno}"


# Files


def test_nothing_reads_code_from_files():
    """No import of a module that runs code from data, no eval or exec, no pickled arrays."""
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            names = imported(node)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile"}, f"{module}:{node.lineno}"
            elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant), f"{module}:{node.value.lineno}"
                assert node.value.value is False, f"{module}:{node.value.lineno}"
            banned = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
            assert not banned & {name.split(".")[0] for name in names}, f"{module}:{node.lineno}"


def test_modules_stay_readable():
    """A module near 400 lines or a function near 60 is looked at again; these are the limits."""
    for module, tree in TREES.items():
        lines = len(MODULES[module].read_text().splitlines())
        assert lines <= 420, f"{module} has {lines} lines"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                length = node.end_lineno - node.lineno + 1
                assert length <= 80, f"{module}.{node.name} has {length} lines"
