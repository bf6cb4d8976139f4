"""The report: every kind of network gives one, it is one whole page, and it fetches nothing."""

from __future__ import annotations

import copy
import re
import stat
import warnings
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import unstuck
from unstuck import DataError, FileError, NetClassifier, NetRegressor, ParameterError, write_report
from unstuck.errors import UnstuckWarning
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.signals import NAMES as SIGNALS
from unstuck.health.subject import Facts
from unstuck.record import LayerRecord, Record
from unstuck.report.document.contents import Contents, Outcome
from unstuck.report.document.drawn import quiet_title
from unstuck.report.document.inline import drawing, inline
from unstuck.report.document.layers import layers_of
from unstuck.report.document.rendering import rendered
from unstuck.report.document.result_figures import outcome_figures, reached_figures
from unstuck.verdict.beside import Mark, Reached

RNG = np.random.default_rng(0)
ROWS = 64
X = RNG.normal(size=(2 * ROWS, 3))
Y = np.array(["blue", "red & green"])[(X[:, 0] + X[:, 1] > 0).astype(int)]
NUMBERS = X[:, 0] * X[:, 1] + 0.1 * RNG.normal(size=2 * ROWS)
SOLVED = {"solver": "lbfgs", "max_iter": 15, "random_state": 0}
VOID = {"br", "col", "hr", "img", "input", "link", "meta", "source"}


class Read(HTMLParser):
    """A page as it is read: tags in order, their attributes, headings, and what is left open."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.wrong, self.texts = [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, text):
        self.texts.append(text)

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self):
        return [given["id"] for _, given in self.tags if "id" in given]


def quietly(make):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make()


def written(network, folder, x=X[ROWS:], y=Y[ROWS:], **given):
    path = folder / "report.html"
    quietly(lambda: write_report(network, path, x, y, **given))
    return path.read_text("utf-8")


def whole(page):
    """A page that is read, complete, and loads nothing."""
    read = Read(page)
    assert read.open == []
    assert read.wrong == []
    assert page.startswith("<!DOCTYPE html>")
    assert len(set(read.ids)) == len(read.ids), "names that are there twice"
    for tag, given in read.tags:
        assert tag not in {"script", "link", "iframe", "img", "object", "embed", "base", "image"}
        for name, value in given.items():
            assert not name.startswith("on"), f"{tag} {name}"
            if name in {"src", "href", "xlink:href", "action", "data", "srcset"}:
                assert value.startswith("#"), f"{tag} {name}={value}"
                assert value[1:] in read.ids, f"{value} leads nowhere"
    assert not re.search(r"https?://|@import|url\((?!#)", page)
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(read.ids)
    for figure in read.of("svg"):
        assert figure["role"] == "img"
        assert figure["aria-labelledby"] in read.ids
    headings = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert headings.count(1) == 1
    assert headings[0] == 1
    return read


def figures(read):
    return [given["id"].removeprefix("figure-") for given in read.of("figure")]


LAYERS = ["attenuation", "factors", "units-start", "units-end", "active"]
DISTRIBUTIONS = [
    f"{kind}-{what}"
    for what in ("preactivation", "output", "adjoint", "gradient")
    for kind in ("depth", "histogram")
]


# What is there


@pytest.fixture(scope="module")
def classifier():
    net = NetClassifier((4,), **SOLVED)
    return quietly(lambda: net.fit(X[:ROWS], Y[:ROWS]))


@pytest.fixture(scope="module")
def page(classifier, tmp_path_factory):
    return written(classifier, tmp_path_factory.mktemp("page"), title="Two <colors>")


def test_every_section_is_there_and_the_verdict_comes_first(page):
    read = whole(page)
    sections = [given["id"] for given in read.of("section") if "id" in given]
    assert sections == [
        "verdict", "diagnosis", "outcome", "course", "layers", "distributions", "time", "about",
    ]  # fmt: skip
    shown = figures(read)
    assert shown[:5] == ["reached", "confusion", "calibration", "loss", "state"]
    assert [*LAYERS, "steps"] == shown[5:11]
    assert shown[11:19] == DISTRIBUTIONS
    assert {"time-adjoint_rms", "time-flat_share"} <= set(shown)
    assert page.index('id="verdict"') < page.index("Beside what is cheap")
    assert "What is missing" not in page


def test_every_figure_says_how_to_read_it(page):
    for each in re.findall(r"<figure.*?</figure>", page, re.S):
        said = re.search(r"<figcaption>(.*?)</figcaption>", each, re.S)[1]
        assert len(said.split()) > 5, said
        assert said.rstrip().endswith("."), said


def test_verdict_and_diagnosis_are_those_of_the_network(classifier, page, tmp_path):
    verdict = classifier.verdict(X[ROWS:], Y[ROWS:])
    text = "".join(Read(page).texts).replace("\u00a0", " ")
    assert verdict.sentence in text
    assert classifier.diagnosis_.verdict in text
    assert str(classifier.stop_reason_) in text
    for each in verdict.diagnosis.findings:
        assert all(seen.what in text for seen in each.evidence)


def test_the_same_network_gives_the_same_page(classifier, page, tmp_path):
    assert written(classifier, tmp_path, title="Two <colors>") == page


def test_figures_have_text_as_text_and_colors_of_the_page(page):
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.S))
    assert ">before the first step</text>" in drawn
    assert "var(--figure-blue)" in drawn
    assert not re.search(r"#[0-9a-fA-F]{6}\b", drawn), "a color that dark pages cannot change"
    assert "<image" not in drawn


# Every kind of network


def sparse_rows(folder):
    net = NetClassifier((4,), **SOLVED)
    x = sparse.csr_matrix(np.where(np.abs(X) < 0.3, 0, X))
    return written(net.fit(x[:ROWS], Y[:ROWS]), folder, x[ROWS:])


def labels(folder):
    y = np.column_stack([X[:, 0] > 0, X[:, 1] > 0, X[:, 2] > 1]).astype(int)
    return written(NetClassifier((4,), **SOLVED).fit(X[:ROWS], y[:ROWS]), folder, y=y[ROWS:])


def no_hidden_layer(folder):
    return written(NetClassifier((), **SOLVED).fit(X[:ROWS], Y[:ROWS]), folder)


def averaged_and_weighted(folder):
    net = NetClassifier((4,), n_ensemble=2, n_restarts=2, class_weight="balanced", **SOLVED)
    w = np.r_[np.zeros(10), np.ones(ROWS - 10)]
    return written(net.fit(X[:ROWS], Y[:ROWS], w), folder, sample_weight=w)


def searched_in_a_pipeline(folder):
    net = make_pipeline(StandardScaler(), NetClassifier((4,), **SOLVED))
    net = GridSearchCV(net, {"netclassifier__alpha": [1e-3]}, cv=2)
    return written(net.fit(X[:ROWS], Y[:ROWS]), folder)


def validated(folder):
    net = NetClassifier((4,), solver="adam", early_stopping=True, max_iter=5, random_state=0)
    return written(net.fit(X[:ROWS], Y[:ROWS]), folder)


def partly(folder):
    net = NetClassifier((4,), solver="adam", random_state=0)
    net.partial_fit(X[:ROWS], Y[:ROWS], classes=np.unique(Y))
    return written(net, folder)


def loaded(folder):
    NetClassifier((4,), **SOLVED).fit(X[:ROWS], Y[:ROWS]).save(folder / "a.safetensors")
    net = unstuck.load(folder / "a.safetensors")
    return written(net, folder, X_train=X[:ROWS], y_train=Y[:ROWS])


CLASSIFIERS = [
    sparse_rows, labels, no_hidden_layer, averaged_and_weighted, validated, partly,
    searched_in_a_pipeline, loaded,
]  # fmt: skip


@pytest.fixture
def undiagnosed(monkeypatch):
    """The experiments of a diagnosis take longer than all the rest, and have tests of their own."""
    monkeypatch.setattr("unstuck.estimators.judgment.judged", lambda *given: Diagnosis(()))


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_every_kind_of_classifier_gives_a_report(kind, undiagnosed, tmp_path):
    page = quietly(lambda: kind(tmp_path))
    read = whole(page)
    assert "What is missing" not in page
    shown = figures(read)
    assert {"reached", "calibration", "units-end", *DISTRIBUTIONS} <= set(shown)
    assert ("confusion" in shown) == (kind is not labels)
    assert ("attenuation" in shown) == (kind is not no_hidden_layer)
    assert "steps" in shown
    assert ("time-update" in shown) == (kind in (validated, partly)), "lbfgs has no rate"


@pytest.mark.parametrize("targets", ["two", "median"])
def test_every_kind_of_regressor_gives_a_report(targets, undiagnosed, tmp_path):
    y = np.column_stack([NUMBERS, X[:, 2]]) if targets == "two" else NUMBERS
    loss = {"loss": "absolute_error"} if targets == "median" else {}
    net = quietly(lambda: NetRegressor((4,), **SOLVED, **loss).fit(X[:ROWS], y[:ROWS]))
    page = written(net, tmp_path, y=y[ROWS:])
    shown = figures(whole(page))
    assert {"reached", "outputs", "errors", "residuals", *LAYERS} <= set(shown)
    assert "confusion" not in shown
    assert "What is missing" not in page


def test_a_broken_network_gives_a_report_that_says_what_is_missing(tmp_path):
    net = NetRegressor((4,), solver="gd", learning_rate_init=1e6, max_iter=60, random_state=0,
                       scale_targets=False, activation="relu")  # fmt: skip
    quietly(lambda: net.fit(X[:ROWS], 1e3 * NUMBERS[:ROWS]))
    for _, own in net._model.parameters.items():
        own["weights"][:] = np.nan
    page = written(net, tmp_path, y=1e3 * NUMBERS[ROWS:])
    read = whole(page)
    assert "units-end" in figures(read)
    assert "not a number" in page
    assert "What is missing" in page


def test_without_a_verdict_there_may_be_others_to_be_seen(classifier, undiagnosed, tmp_path):
    broken = copy.deepcopy(classifier)
    broken.parameters_["hidden_1"]["weights"][:] = np.nan
    page = written(broken, tmp_path)
    read = whole(page)
    assert "reached" in figures(read)
    assert "There is no verdict" in page
    assert "The verdict: " in page, "among what is missing"


@pytest.mark.parametrize("kept", [sparse.csr_array, np.asarray])
def test_inputs_that_are_too_large_for_others_are_named(classifier, kept, tmp_path):
    """Without a request to report that, as of an error of unstuck's own."""
    far = X[ROWS:].copy()
    far[[3, 5], 1] = -1e300
    path = tmp_path / "a.html"
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnstuckWarning)
        classifier.report(path, kept(far), Y[ROWS:])
    said = "X reaches 1e+300 in column 'x1' (2 of 64 rows); expected numbers up to 3.4e+38"
    assert f"The verdict: {said}" in unescape(path.read_text("utf-8"))
    with pytest.raises(DataError, match=re.escape(said)):
        classifier.verdict(kept(far), Y[ROWS:])


def test_intervals_end_where_the_measure_does():
    marks = (Mark("the network", 0.95, 0.1), Mark("a constant", 0.03, 0.1))
    (drawn,) = reached_figures(Contents("a", (), reached=(Reached("accuracy", True, marks),)))
    ends = [part.get_segments()[0][:, 0] for part in drawn.figure.axes[0].collections]
    np.testing.assert_allclose(ends, [[0.0, 0.13], [0.85, 1.0]])


def test_long_titles_stay_in_their_figure():
    with drawing(2.0) as figure:
        panel = figure.add_subplot()
        panel.set_title("epochs without progress on the validation data: 11 at the end", loc="left")
        quiet_title(panel)
        figure.canvas.draw()
        (title,) = (each for each in panel.get_children() if "epochs" in str(each))
        assert title.get_window_extent().x1 <= figure.bbox.x1


def test_one_row_is_enough(classifier, tmp_path):
    page = written(classifier, tmp_path, X[ROWS : ROWS + 1], Y[ROWS : ROWS + 1])
    whole(page)
    assert "Too few rows to judge it" in page


def test_classes_that_the_fit_never_saw_are_classes_of_the_matrix(classifier, tmp_path):
    y = np.where(np.arange(ROWS) < 3, "a new one", Y[ROWS:])
    page = written(classifier, tmp_path, y=y)
    whole(page)
    assert ">a new one</text>" in page
    page = written(classifier, tmp_path, y=np.full(ROWS, "a new one"))
    assert "confusion" in figures(whole(page))
    assert "What is missing" not in page


def test_a_loaded_network_without_training_rows_has_all_but_the_comparison(classifier, tmp_path):
    classifier.save(tmp_path / "a.safetensors")
    page = written(unstuck.load(tmp_path / "a.safetensors"), tmp_path)
    read = whole(page)
    assert "reached" not in figures(read)
    assert "Pass X_train and y_train." in page
    assert "diagnosis" in read.ids
    assert "confusion" in figures(read)


def test_rows_of_the_fit_are_told(classifier, tmp_path):
    page = written(classifier, tmp_path, X[:ROWS], Y[:ROWS])
    assert "64 rows that it was trained on" in page


# Names that come from data


EVIL = "<script>alert(1)</script>\"'&$\\frac$\x1b\ud800"


def test_names_that_come_from_data_are_escaped(undiagnosed, tmp_path):
    import polars as pl

    table = {EVIL.encode("ascii", "ignore").decode(): X[:, 0], "b": X[:, 1], "c": X[:, 2]}
    frame = pl.DataFrame(table)
    names = np.array([EVIL, "\x1b\ud800</style><b>"], dtype=object)[(Y == "blue").astype(int)]
    net = quietly(lambda: NetClassifier((4,), **SOLVED).fit(frame[:ROWS], names[:ROWS]))
    page = written(net, tmp_path, frame[ROWS:], names[ROWS:], title=f"</title>{EVIL}")
    whole(page)
    text = "".join(Read(page).texts)
    assert text.count("<script>alert(1)</script>") >= 4, "title, column, class"
    assert re.search(r"Columns that matter: .*<script>alert\(1\)", text)
    assert "\x1b" not in page
    assert "What is missing" not in page


def test_a_dollar_in_a_name_is_no_formula():
    y, p = np.arange(20) % 2, np.linspace(0.1, 0.9, 20)
    names = np.array(["a", "b$"])
    outcome = Outcome("classes", names[y], names[y], np.column_stack([1 - p, p]), ("a", "b$"))
    shown = [inline(each.figure, "a", "") for each in outcome_figures(outcome)]
    assert "share that is 'b$'" in shown[1]
    assert not any(r"\$" in each for each in shown)


def test_a_repair_is_told_as_it_tells_itself():
    class Repair:
        def __str__(self):
            return "accepted <b>: activation\nsecond line"

    class Shown(Repair):
        def _repr_html_(self):
            return "<details><summary>accepted</summary></details>"

    facts = (("solver", "adam"),)
    page = rendered(Contents("A", facts, repair=Repair()))
    assert "<pre>accepted &lt;b&gt;: activation\nsecond line</pre>" in page
    page = rendered(Contents("A", facts, repair=Shown()))
    assert "<details open><summary>accepted</summary>" in page
    assert "repair" in whole(page).ids


# Files and mistakes


def test_a_report_that_cannot_be_written_says_so_and_leaves_what_was_there(classifier, tmp_path):
    with pytest.raises(FileError, match="no folder"):
        classifier.report(tmp_path / "none" / "a.html", X, Y)
    with pytest.raises(FileError, match="is a folder"):
        classifier.report(tmp_path, X, Y)
    path = tmp_path / "a.html"
    path.write_text("before")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)

    def stop(what):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        classifier.report(path, X[ROWS:], Y[ROWS:], progress=stop)
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["a.html"]


def test_mistakes_are_told_before_anything_is_measured(classifier, tmp_path):
    path = tmp_path / "a.html"
    with pytest.raises(NotFittedError, match="not fitted"):
        NetClassifier().report(path, X, Y)
    with pytest.raises(ParameterError, match="path was None; expected the name of a file"):
        classifier.report(None, X, Y)
    with pytest.raises(DataError, match="y is None"):
        classifier.report(path, X, None)
    with pytest.raises(DataError, match="2 features"):
        classifier.report(path, X[:, :2], Y)
    with pytest.raises(DataError, match="128 rows and y 3"):
        classifier.report(path, X, Y[:3])
    with pytest.raises(DataError, match="belong together"):
        classifier.report(path, X, Y, X_train=X)
    with pytest.raises(ParameterError, match="title was 3; expected a text"):
        classifier.report(path, X, Y, title=3)
    with pytest.raises(ParameterError, match="progress was 3; expected a function"):
        classifier.report(path, X, Y, progress=3)
    with pytest.raises(NotFittedError):
        write_report(make_pipeline(StandardScaler(), NetClassifier()), path, X, Y)
    with pytest.raises(NotFittedError):
        write_report(GridSearchCV(NetClassifier(), {}), path, X, Y)
    with pytest.raises(ParameterError, match="received StandardScaler; expected a fitted Net"):
        write_report(StandardScaler().fit(X), path, X, Y)
    assert not path.exists()


def test_a_report_changes_nothing_of_the_network(classifier, tmp_path):
    before = {name: each.copy() for name, each in classifier.parameters_["hidden_1"].items()}
    names = set(vars(classifier))
    written(classifier, tmp_path)
    assert all((classifier.parameters_["hidden_1"][n] == each).all() for n, each in before.items())
    assert set(vars(classifier)) - names <= {"_diagnosed"}


# Size


class Deep:
    """Fifty layers of 64 units in every state, on 128 rows, as a subject."""

    facts = Facts(solver="sgd")
    sample = None

    def __init__(self):
        self.history = {"loss": RNG.random(20_000), "look_epoch": np.arange(300)}
        self.history |= {name: RNG.random((300, 50)) for name in SIGNALS}

    def parameters(self, when):
        return {f"hidden_{i}": {"weights": RNG.normal(size=(64, 64))} for i in range(50)}

    def step(self, parameters):
        return parameters

    def record(self, when):
        def layer(number):
            a, d, w, g = (RNG.normal(size=(n, 64)) * 10.0**-number for n in (128, 128, 64, 64))
            slopes = np.where(RNG.random(64) < 0.3, 0.0, 1.0) * np.ones((128, 1))
            w[RNG.random(64) < 0.2] = 0.0
            values = {"preactivation": a, "output": a}
            adjoints = {"preactivation": d, "output": d}
            return LayerRecord(
                f"hidden_{number}", "Dense", unstuck.ACTIVATIONS["relu"], values, adjoints, slopes,
                {"weights": w}, {"weights": g}, np.ones(128) / 128,
            )  # fmt: skip

        ones = np.ones(128)
        return Record(9, ones, ones[:, None], ones, tuple(map(layer, range(50))))


def test_fifty_layers_stay_under_five_megabytes():
    """And all else that may be large: epochs, looks, classes, rows."""
    classes = tuple(f"class {i}" for i in range(100))
    y, said = RNG.integers(0, 100, (2, 5000))
    p = RNG.dirichlet(np.ones(100), 5000)
    names = np.array(classes)
    outcome = Outcome("classes", names[y], names[said], p, classes)
    missing = []
    deep = Deep()
    contents = Contents(
        "Deep", (), history=deep.history, best_epoch=5, layers=layers_of(deep, missing.append),
        outcome=outcome,
    )  # fmt: skip
    page = rendered(contents)
    assert len(page.encode()) < 3e6
    assert missing == []
    shown = figures(whole(page))
    assert {*LAYERS, *DISTRIBUTIONS, "confusion", "loss", "time-adjoint_rms"} <= set(shown)
    assert "What is missing" not in page
