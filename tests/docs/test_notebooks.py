"""Notebooks run in their small versions, and what is committed is how they ended."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "examples/notebooks").glob("*.ipynb"))
MOST_KILOBYTES = 250


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return json.loads(request.param.read_text("utf-8"))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def parameters(notebook):
    """The cell that says how large all is; its metadata hold the small version."""
    (found,) = (c for c in code_cells(notebook) if "parameters" in c["metadata"].get("tags", ()))
    return found


def printed(cells):
    """What cells printed and showed as text."""
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"] == []
    texts = (o.get("text", o.get("data", {}).get("text/plain", "")) for o in outputs)
    return "\n".join("".join(text) for text in texts)


def test_there_are_three():
    assert [path.stem for path in NOTEBOOKS] == ["backpropagation_by_hand", "error_bars", "table"]


def test_notebook_runs_in_its_small_version(notebook, tmp_path, monkeypatch):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel has its own
    nbformat = pytest.importorskip("nbformat", reason="executes notebooks")
    nbclient = pytest.importorskip("nbclient", reason="executes notebooks")
    pytest.importorskip("ipykernel", reason="executes notebooks")
    before = code_cells(notebook)
    known = parameters(notebook)
    known["source"] = known["metadata"]["small"]
    opened = nbformat.reads(json.dumps(notebook), as_version=4)
    place = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(opened, timeout=120, resources=place).execute()
    after = code_cells(opened)
    assert len(printed(after)) > 200
    assert [bool(c["outputs"]) for c in after] == [bool(c["outputs"]) for c in before]


def test_what_is_committed_is_a_whole_run(notebook):
    cells = code_cells(notebook)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert not re.search(r"/(tmp|home|root|work|Users)/", printed(cells))


def test_a_notebook_is_small_and_opens_with_what_it_shows(notebook):
    assert len(json.dumps(notebook)) < 1000 * MOST_KILOBYTES
    first = "".join(notebook["cells"][0]["source"])
    assert first.startswith("# ")
    assert len(first) > 100
    assert max(len(line) for c in notebook["cells"] for line in c["source"]) <= 112
