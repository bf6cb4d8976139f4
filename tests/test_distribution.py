"""What is handed out: the wheel, its types as a user's checker sees them, and its metadata."""

from __future__ import annotations

import email
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import unstuck

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

PROGRAM = """
from typing import reveal_type

import numpy as np

import unstuck
from unstuck import NetClassifier, NetRegressor, datasets, diagnose, load

table = datasets.load_dataset("iris")
net = NetClassifier((8, 4), activation=("relu", "tanh"), solver="lbfgs", random_state=0)
reveal_type(net.fit(table.X, table.y))  # NetClassifier
reveal_type(net.predict(table.X))  # ndarray
reveal_type(net.predict_proba(table.X))  # ndarray
reveal_type(net.score(table.X, table.y))  # float
reveal_type(net.stop_reason_.name)  # str
reveal_type(net.classes_)  # ndarray
reveal_type(net.history_)  # dict[str, ndarray]
reveal_type(net.diagnosis_)  # Diagnosis
reveal_type(net.verdict(table.X, table.y).next_step.do)  # str
reveal_type(diagnose(net, table.X, table.y).findings[0].remedies[0].do)  # str
reveal_type(net.restarts_[0].seed)  # int
reveal_type(NetRegressor(solver="br").fit(table.X, np.sin(table.y)).predict(table.X))  # ndarray
reveal_type(NetRegressor().predict(table.X, return_std=True))  # tuple[ndarray, ndarray]
reveal_type(load("a.safetensors"))  # NetClassifier | NetRegressor
reveal_type(unstuck.ACTIVATIONS["relu"].largest_slope)  # float
reveal_type(unstuck.trace(np.tanh, 1.0))  # Graph
reveal_type(unstuck.check_gradients(np.sum, table.X))  # GradientCheck
reveal_type(unstuck.__version__)  # str
NetClassifier(alfa=1)  # error: Unexpected keyword argument "alfa"
NetClassifier(alpha="1")  # error: incompatible type "str"; expected "float"
NetClassifier(monitor="accuracy")  # error: incompatible type "Literal['accuracy']"
NetRegressor(class_weight=None)  # error: Unexpected keyword argument "class_weight"
unstuck.NetClasifier  # error: Module has no attribute "NetClasifier"
"""
"""A user's program: what a checker should reveal, or object to, in each line."""

LARGE = ("jax", "jaxlib", "optax", "polars", "matplotlib", "rich", "typer", "pandas", "scipy",
         "sklearn", "graphlay")  # fmt: skip
"""Libraries whose types no line above is about: they would take twenty seconds to read."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built as an installer builds it."""
    builders = pytest.importorskip("hatchling.builders.wheel", reason="builds the wheel")
    folder = tmp_path_factory.mktemp("wheel")
    return next(
        builders.WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    )


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """A Python in which the wheel is installed, beside the libraries of this one."""
    folder = tmp_path_factory.mktemp("user") / "venv"
    venv.create(folder, symlinks=True)
    found = folder / "bin/python"
    site = sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)})
    zipfile.ZipFile(wheel).extractall(site)
    Path(site, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return found


def members(wheel):
    return set(zipfile.ZipFile(wheel).namelist())


def test_wheel_holds_the_whole_package(wheel):
    source = ROOT / "src"
    kept = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert {"unstuck/py.typed", "unstuck/__init__.pyi", "unstuck/AGENTS.md"} <= kept
    assert kept == {name for name in members(wheel) if name.startswith("unstuck/")}


def test_users_type_checker_sees_types(python, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    skipped = ",".join(f"{name}.*" for name in LARGE)
    settings = f"[mypy]\nstrict = true\n[mypy-{skipped}]\nfollow_imports = skip\n"
    (tmp_path / "mypy.ini").write_text(settings)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-executable", python, "--config-file", "mypy.ini",
         "--cache-dir", "cache", "program.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = {}
    for line in done.stdout.splitlines()[:-1]:
        _, number, message = line.split(":", 2)
        said[int(number)] = said.get(int(number), "") + message
    for number, line in enumerate(PROGRAM.splitlines(), 1):
        expected = line.partition("  # ")[2]
        assert bool(expected) == (number in said), f"{line}\n{done.stdout}"
        assert expected.removeprefix("error: ") in shortened(said.get(number, "")), line


def shortened(text):
    """What mypy reveals, without the modules and the parameters of arrays."""
    text = text.replace("numpy.ndarray[tuple[Any, ...], numpy.dtype[Any]]", "ndarray")
    for word in ("numpy.", "builtins."):
        text = text.replace(word, "")
    return re.sub(r"unstuck(?:\.[a-z_]+)+\.", "", text)


# Metadata


@pytest.fixture(scope="module")
def metadata(wheel):
    opened = zipfile.ZipFile(wheel)
    name = next(name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(opened.read(name))


def test_metadata_say_what_it_is(metadata):
    assert metadata["Version"] == unstuck.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "Typing :: Typed" in metadata.get_all("Classifier")
    assert metadata.get_payload().startswith("# unstuck")


def test_classifiers_are_known():
    known = pytest.importorskip("trove_classifiers").classifiers
    assert set(PROJECT["classifiers"]) <= known
    assert PROJECT["classifiers"] == sorted(PROJECT["classifiers"])


def test_addresses_are_those_that_the_documents_name():
    """The project has no public address yet; one that is added is named in the README, too."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [url for url in PROJECT.get("urls", {}).values() if url not in readme] == []


def test_the_citation_is_of_this_version():
    lines = (ROOT / "CITATION.cff").read_text("utf-8").splitlines()
    fields = dict(line.split(": ", 1) for line in lines if line[:1].isalpha() and ": " in line)
    assert fields["version"] == unstuck.__version__ == PROJECT["version"]
    assert fields["license"] == PROJECT["license"]
    assert {"cff-version", "message", "title", "type"} <= set(fields)
    named = [line.removeprefix("  - ") for line in lines[lines.index("keywords:") + 1 :]]
    assert named == PROJECT["keywords"]
