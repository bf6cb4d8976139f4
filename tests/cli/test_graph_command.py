"""``unstuck graph``, as a process of its own and through its parts."""

from __future__ import annotations

import json
import shutil

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from unstuck import NetRegressor, load
from unstuck.cli.graph import row_of
from unstuck.cli.main import app
from unstuck.cli.source import open_source

QUICK = ("--preset", "plain", "--max-iter", "20", "--hidden", "5", "--no-plots")


def unstuck(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with runs on iris, on some rows of a drawn data set, and on a file."""
    folder = tmp_path_factory.mktemp("runs")
    pl.DataFrame({"size": np.arange(40.0), "color": ["red", "blue"] * 20}).with_columns(
        price=pl.col("size") * 2 + 1
    ).write_csv(folder / "houses.csv")
    commands = {
        "iris": ["iris"],
        "moons": ["moons", "--rows", "60", "--data-seed", "7", "--noise", "0.3"],
        "houses": [folder / "houses.csv", "--target", "price"],
    }
    for name, data in commands.items():
        with pytest.MonkeyPatch.context() as patch:
            command = ["train", *map(str, data), *QUICK, "--out", str(folder / name)]
            patch.setattr("sys.argv", ["unstuck", *command])
            done = unstuck(*command)
        assert done.exit_code == 0, done.output
    return folder


def test_the_graph_of_one_example_is_printed_and_drawn_beside_the_model(trained):
    done = unstuck("graph", trained / "iris")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("name ")
    assert "hidden_1/bias" in done.stdout
    path = trained / "iris" / "graph.svg"
    assert str(path) in done.stderr.replace("\n", "")
    assert "hidden_1" in path.read_text("utf-8")
    path.unlink()


def test_the_example_is_the_row_that_was_asked_for(trained):
    net = load(trained / "iris")
    source = open_source("iris")
    x, y = row_of(net, source, 51)
    assert y.tolist() == [source.frame["target"][50]]
    np.testing.assert_array_equal(x[0], source.frame[50].drop("target").to_numpy()[0])
    expected = -np.log(net.predict_proba(x)[0, list(net.classes_).index(y[0])])
    done = unstuck("graph", trained / "iris", "--example", 51, "--view", "units")
    assert f"4-5-3 network, one example: cross_entropy {expected:.4g}" in done.stdout
    assert (trained / "iris" / "units.svg").exists()
    (trained / "iris" / "units.svg").unlink()


def test_a_drawn_data_set_is_drawn_again_as_it_was(trained, tmp_path):
    picture = tmp_path / "picture.png"
    done = unstuck("graph", trained / "moons", "--view", "units", "--example", 60, "--out", picture)
    assert done.exit_code == 0, done.output
    assert picture.read_bytes().startswith(b"\x89PNG")
    net = load(trained / "moons")
    x, _ = row_of(net, open_source("moons", 60, 7, 0.3), 60)
    scaled = net._model.inputs(x)[0]
    assert f"input x: {scaled[0]:.4g}  {scaled[1]:.4g}" in done.stdout
    done = unstuck("graph", trained / "moons", "--example", 61)
    assert done.exit_code == 2
    assert "--example was 61; expected 1 to 60, the rows of moons" in " ".join(done.stderr.split())


def test_a_file_with_texts_is_encoded_as_in_the_fit(trained, tmp_path):
    done = unstuck("graph", trained / "houses", "--view", "units", "--out", tmp_path / "a.svg")
    assert done.exit_code == 0, done.output
    assert "3-5-1 network, one example: squared_error" in done.stdout


def test_data_that_moved_are_asked_for(trained, tmp_path):
    shutil.copytree(trained / "houses", tmp_path / "run")
    settings = json.loads((tmp_path / "run" / "settings.json").read_text())
    settings["data"]["source"] = str(tmp_path / "gone.csv")
    (tmp_path / "run" / "settings.json").write_text(json.dumps(settings))
    done = unstuck("graph", tmp_path / "run")
    said = " ".join(done.stderr.split())
    assert done.exit_code == 2
    assert "cannot be read again" in said
    assert "name them with --data" in said
    done = unstuck("graph", tmp_path / "run", "--data", trained / "houses.csv")
    assert done.exit_code == 0, done.output


def with_facts(run, folder, change):
    """A copy of a run whose settings say other things of its data."""
    shutil.copytree(run, folder)
    settings = json.loads((folder / "settings.json").read_text())
    settings["data"] = change(settings["data"])
    (folder / "settings.json").write_text(json.dumps(settings))
    return folder


def test_the_facts_are_read_and_not_the_command(trained, tmp_path):
    """Settings say which rows there were, whatever was typed to train on them."""
    facts = json.loads((trained / "moons" / "settings.json").read_text())["data"]
    asked = {"built_in": True, "rows_asked": 60, "data_seed": 7, "noise": 0.3}
    assert facts == facts | {"name": "moons"} | asked
    houses = json.loads((trained / "houses" / "settings.json").read_text())["data"]
    assert houses["built_in"] is False
    assert houses["source"].endswith("houses.csv")
    run = with_facts(trained / "moons", tmp_path / "run", lambda d: d | {"rows_asked": 50})
    done = unstuck("graph", run, "--example", 51)
    assert done.exit_code == 2
    assert "expected 1 to 50, the rows of moons" in " ".join(done.stderr.split())


def test_a_run_of_an_earlier_version_asks_for_data(trained, tmp_path):
    old = ("name", "source", "rows")
    run = with_facts(trained / "moons", tmp_path / "run", lambda d: {k: d[k] for k in old})
    done = unstuck("graph", run)
    assert done.exit_code == 2
    said = " ".join(done.stderr.split())
    assert "does not say how the rows of 'moons' were drawn. Name the data with --data." in said
    done = unstuck("graph", run, "--data", "moons", "--view", "units")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    "lie",
    [
        *({"rows_asked": "60"}, {"rows_asked": True}, {"rows_asked": 0.5}, {"data_seed": None}),
        *({"noise": "much"}, {"noise": -1}, {"built_in": 1}, {"name": 3}, {"source": None}),
        *({"rows_asked": -1}, {"data_seed": -1}, {"name": "irs"}),
    ],
    ids=str,
)
def test_facts_that_lie_are_an_error(trained, tmp_path, lie):
    run = with_facts(trained / "moons", tmp_path / "run", lambda d: d | lie)
    done = unstuck("graph", run)
    assert done.exit_code == (0 if lie == {"source": None} else 2), done.output
    assert done.exit_code == 0 or "cannot be read again" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"data": 3}', '{"data": []}', '{"data": {"name": "iris"}}'],
)
def test_settings_that_do_not_name_the_data(trained, tmp_path, text):
    shutil.copytree(trained / "iris", tmp_path / "run")
    (tmp_path / "run" / "settings.json").write_text(text)
    done = unstuck("graph", tmp_path / "run")
    assert done.exit_code == 2
    assert "does not say what the network was trained on" in " ".join(done.stderr.split())


def test_a_model_file_needs_data(trained, tmp_path):
    model = shutil.copy(trained / "iris" / "model.safetensors", tmp_path / "net.safetensors")
    done = unstuck("graph", model)
    assert done.exit_code == 2
    assert "--data is missing" in done.stderr
    done = unstuck("graph", model, "--data", "iris", "--view", "units")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "units.svg").exists()


def test_a_model_that_was_saved_without_a_table(tmp_path):
    sine = open_source("sine").frame
    X, y = sine.drop("target").to_numpy(), sine["target"].to_numpy()
    NetRegressor((4,), max_iter=300, tol=1e-2, random_state=0).fit(X, y).save(tmp_path / "net")
    done = unstuck("graph", tmp_path / "net", "--data", "sine", "--view", "units")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--view", "unit"), "--view was 'unit'; expected graph or units. Did you mean 'units'?"),
        (("--out", "a.pdf"), "pictures are written as .svg or .png"),
        (("--example", "0"), "--example was 0; expected 1 to 150"),
        (("--data", "irs"), "Did you mean 'iris'?"),
        (("--data", "xor"), "has no column"),
        (("--out", "missing/a.svg"), "there is no folder"),
    ],
)
def test_what_cannot_be_done_is_said(trained, arguments, said):
    run = trained / ("houses" if arguments == ("--data", "xor") else "iris")
    done = unstuck("graph", run, *arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    assert not (trained / "iris" / "graph.svg").exists()


def test_no_such_run(tmp_path):
    done = unstuck("graph", tmp_path / "nowhere")
    assert done.exit_code == 2
    assert "nowhere" in done.stderr
    done = unstuck("graph", tmp_path)
    assert done.exit_code == 2
    assert "holds no model.safetensors" in " ".join(done.stderr.split())
