"""The house: import levels, documented names, referenced records, quick imports, safe files."""

from __future__ import annotations

import ast
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
    {"report"},
    {"estimators"},
    {"data"},
    {"autodiff"},
    {"persistence"},
    {"training"},
    {"settings"},
    {"solvers"},
    {"layers"},
    {"losses"},
    {"initializers"},
    {"activations"},
    {"rules"},
    {"choices"},
    {"kept"},
    {"forks"},
    {"errors"},
    {"collector"},
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


def imported(module: str) -> set[str]:
    """Modules of unstuck that a module imports anywhere, in functions and for types too."""
    found = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import in line {node.lineno}"
            base = node.module or ""
            names = [f"{base}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else base for name in names]
        else:
            continue
        found |= {name for name in names if name.split(".")[0] == "unstuck"}
    return found


IMPORTS = {module: imported(module) for module in MODULES}


def test_every_part_has_a_level():
    parts = {part_of(module) for module in MODULES} - {""}
    assert parts <= set(RANK), "a new part needs its place in LEVELS"


@pytest.mark.parametrize("module", [m for m in MODULES if m != "unstuck"])
def test_imports_go_down(module):
    for other in IMPORTS[module]:
        if other == "unstuck":
            continue  # the version and the lazy names; see the next test
        assert part_of(other) == part_of(module) or RANK[part_of(other)] < RANK[part_of(module)], (
            f"{module} imports {other}, which is not below it"
        )


def test_lower_parts_do_not_import_the_lazy_names():
    """``from unstuck import ...`` reaches upwards: only the version may be had that way."""
    for module, tree in TREES.items():
        if part_of(module) in {"cli", "__main__"}:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "unstuck":
                names = {a.name for a in node.names if f"unstuck.{a.name}" not in MODULES}
                assert names <= {"__version__"}, f"{module} line {node.lineno}: {names}"


def test_no_import_cycle():
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module in done:
            return
        for other in IMPORTS[module] - {"unstuck"}:
            visit(other, (*path, module))
        done.add(module)

    for module in MODULES:
        if module != "unstuck":
            visit(module, ())


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
    assert sorted(unstuck.__all__) == sorted(unstuck._HOMES)
    for name in unstuck.__all__:
        assert getattr(unstuck, name) is not None
        assert name in dir(unstuck)
    with pytest.raises(AttributeError, match="no attribute 'NetClasifier'"):
        unstuck.NetClasifier  # noqa: B018


TABLES = ["ACTIVATIONS", "INITIALIZERS", "LOSSES", "SOLVERS", "SCHEDULES"]


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
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
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
        assert lines <= 480, f"{module} has {lines} lines"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                length = node.end_lineno - node.lineno + 1
                assert length <= 80, f"{module}.{node.name} has {length} lines"
