"""What people read of a diagnosis: as text and as HTML, whatever shape it has."""

from __future__ import annotations

import html.parser
import math
import re
from types import SimpleNamespace

import pytest

from unstuck.cli.flags import chosen
from unstuck.health import telling
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.finding import Evidence, Finding, Lookalike, Remedy
from unstuck.health.judging import _finding
from unstuck.health.lines import length, table, visible, wrapped
from unstuck.health.page import html as page
from unstuck.health.spelling import code, flags, number, percent
from unstuck.health.table import DISEASES
from unstuck.health.wording import is_sick, measured

WHERE = "128 training rows, at the start"

VANISHING = Finding(
    "vanishing_gradient",
    "the gradient of hidden_1 is 0.0015 of the output layer's, so it hardly learns",
    "hidden_1",
    (
        Evidence("gradient norm beside the output layer's", 0.00147, 0.01, "below", WHERE),
        Evidence("factor a layer on the way back", 0.2241, 0.5, "below", WHERE),
        Evidence("share of flat pairs", 0.031, None, "above", WHERE),
    ),
    (
        Lookalike("saturation", "3 % of the pairs are on a flat part, which is few"),
        Lookalike("convergence", "the loss is 0.57, and 0.69 is what guessing gives"),
    ),
    (
        Remedy("use relu units", "their slope is 1 where they are active", {"activation": "relu"}),
        Remedy("standardize", "because units then stay where they are steep", {"layer_norm": True}),
        Remedy("take fewer layers", "every layer takes its factor"),
    ),
    0.96,
    "Hochreiter, 1991",
)
DEAD = Finding(
    "dead_units",
    "14 of 32 units respond to no row",
    "hidden_2",
    (Evidence("share of units that are 0 on every row", 0.4375, 0.1, "above", "at the end"),),
    (),
    (Remedy("lower the learning rate", "the steps were long", {"learning_rate_init": 1e-5}),),
    0.9,
)
IMBALANCE = Finding("imbalance", "class 'a' has 98 % of the rows, and nothing else is predicted")
NAME = (
    "<script>alert('x')</script>_Größe_der_Wohnung_in_Quadratmetern_ohne_Balkon_und_Keller_大きさ"
)
LONG = Finding(
    "unscaled_inputs",
    f"the column {NAME} is far larger than the others",
    "a_layer_with_a_name_that_is_longer_than_anybody_would_write_it_in_a_program_of_their_own_choice",
    (
        Evidence(f"standard deviation of {NAME}", 1234567.0, 100, "above", "the raw rows"),
        Evidence("that of size", 1e-9, None, "above", "elsewhere & late"),
    ),
    (Lookalike("a_name_that_is_longer_than_its_column", "it is\x1b[2Jnot"),),
    (
        Remedy(
            "standardize the inputs",
            "weights of one size then do for all columns",
            {"scale_inputs": True, "hidden_layer_sizes": (64, 64), "initializer": "he_normal",
             "batch_size": 1024, "clip_norm": 1.0},
        ),
    ),
)  # fmt: skip
LOOKED = ("the data (450 rows, 64 columns)", "the scales", "every unit")

SHAPES = {
    "nothing": Diagnosis((), "98.4 % are right; 98.9 % is reachable", LOOKED, (), ("max_iter",)),
    "nothing, and little seen": Diagnosis((), looked=("the data",), missing=("the start",)),
    "nothing to look at": Diagnosis((), missing=("the training: it is not known",)),
    "one": Diagnosis((VANISHING,), "53 % of the rows are right", LOOKED),
    "three": Diagnosis((VANISHING, DEAD, IMBALANCE), "", LOOKED, ("fresh rows",), ("a note",)),
    "bare": Diagnosis((IMBALANCE,)),
    "long names": Diagnosis((LONG, LONG)),
}
EACH = pytest.mark.parametrize("diagnosis", SHAPES.values(), ids=SHAPES)


def lines_of(diagnosis, width=80, typed=False):
    return telling.text(diagnosis, width, typed).splitlines()


def words(text):
    return text.split()


# As text


@EACH
@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("typed", [False, True])
def test_lines_are_as_wide_as_they_may_be_unless_one_word_is_wider(diagnosis, width, typed):
    for line in lines_of(diagnosis, width, typed):
        widest = max(map(length, words(line)), default=0)
        # A word that is too wide stands alone; code stays as it is.
        assert length(line) <= width or len(words(line)) == 1 or "=" in line or widest > 30, line
        assert line == line.rstrip()


@EACH
def test_no_word_is_broken_whatever_the_width(diagnosis):
    wide, narrow = (words(telling.text(diagnosis, width)) for width in (10_000, 60))
    # Between columns there is no comma.
    assert {word.rstrip(",:") for word in narrow} <= {word.rstrip(",:") for word in wide}


@EACH
def test_it_begins_with_the_verdict_and_ends_without_a_blank_line(diagnosis):
    text = str(diagnosis)
    assert " ".join(words(text)).startswith(diagnosis.verdict)
    assert diagnosis.verdict[-1] == "."
    assert text == text.strip()
    assert "\n\n\n" not in text
    assert repr(diagnosis) == text


def test_the_order_is_that_of_a_good_doctor():
    text = str(SHAPES["three"])
    parts = ("hidden_1", "Do this first", "Evidence for vanishing_gradient", "What else it could",
             "If that is not enough", "Also found", "Worth knowing", "Not looked for")  # fmt: skip
    at = [text.index(part) for part in parts]
    assert at == sorted(at)


def test_one_finding_in_full():
    assert (
        str(SHAPES["one"])
        == """\
The gradient of hidden_1 is 0.0015 of the output layer's, so it hardly learns.

53 % of the rows are right.

Do this first
  Use relu units. Their slope is 1 where they are active.
    .set_params(activation="relu")

Evidence for vanishing_gradient
  what                                     value    evidence if
  gradient norm beside the output layer's  0.00147  below 0.01
  factor a layer on the way back           0.224    below 0.5
  share of flat pairs                      3.1 %
  Measured: 128 training rows, at the start.
  Of such findings 96 % are right, by the benchmark.
  Source: Hochreiter, 1991.

What else it could be, and why it is not
  saturation   3 % of the pairs are on a flat part, which is few.
  convergence  The loss is 0.57, and 0.69 is what guessing gives.

If that is not enough
  2. Standardize (layer_norm=True), because units then stay where they are
     steep.
  3. Take fewer layers. Every layer takes its factor."""
    )


def test_where_nothing_is_wrong_it_says_so_and_how_good_it_is_and_what_was_looked_at():
    assert (
        str(SHAPES["nothing"])
        == """\
Nothing is wrong, as far as was looked.

98.4 % are right; 98.9 % is reachable.

Looked for: the data (450 rows, 64 columns); the scales; every unit.

Worth knowing
  - max_iter."""
    )


def test_what_could_not_be_looked_at_is_said():
    assert "Not looked for: the start." in str(SHAPES["nothing, and little seen"])
    assert SHAPES["nothing to look at"].verdict.startswith("Nothing can be said")


def test_the_layer_is_named_where_the_statement_does_not():
    assert Diagnosis((DEAD,)).verdict == "hidden_2: 14 of 32 units respond to no row."
    assert "hidden_1" not in Diagnosis((VANISHING,)).verdict.removeprefix(
        "The gradient of hidden_1"
    )
    there = Finding("x", "hidden_12 is dead", "hidden_1")
    assert Diagnosis((there,)).verdict == "hidden_1: hidden_12 is dead."


def test_further_findings_are_brief():
    text = " ".join(words(str(SHAPES["three"])))
    assert "2. hidden_2: 14 of 32 units respond to no row. (dead_units)" in text
    assert "Share of units that are 0 on every row: 43.8 %, evidence if above 10 %." in text
    assert "To do: Lower the learning rate (learning_rate_init=0.00001). The steps were" in text


def test_flags_in_place_of_code():
    text = "\n".join(lines_of(SHAPES["long names"], typed=True))
    assert "    --scale-inputs --hidden-layer-sizes 64,64 --initializer he_normal\n" in text
    assert "set_params" not in text


def test_evidence_measured_in_several_places_has_a_column_for_them():
    first = Evidence("a", 1.0, 2.0, "below", "at the start")
    last = Evidence("b", 3.0, None, "above", "at the end")
    sick = Finding("x", "sick", None, (first, last))
    assert "  what  value  evidence if  where\n" in str(Diagnosis((sick,)))
    assert "  b     3                   at the end\n" in str(Diagnosis((sick,)))


def test_long_places_are_numbered():
    again = "training again from the same start with rate"
    evidence = (
        Evidence("share of the gap that is closed", 1.0, 0.5, "above", f"{again} 0.1"),
        Evidence("the same with another rate", 0.7, None, "above", f"{again} 0.01"),
        Evidence("error of a plain model", 0.3),
    )
    assert str(Diagnosis((Finding("x", "sick", None, evidence),))).splitlines()[3:9] == [
        "  what                             value  evidence if  where",
        "  share of the gap that is closed  100 %  above 50 %   (1)",
        "  the same with another rate       0.7                 (2)",
        "  error of a plain model           0.3",
        "  (1) Training again from the same start with rate 0.1.",
        "  (2) Training again from the same start with rate 0.01.",
    ]


def test_names_are_shown_as_they_are_and_command_no_terminal():
    text = str(SHAPES["long names"])
    assert NAME in text
    assert "\x1b" not in text
    assert r"It is\x1b[2Jnot." in text
    assert visible("a\u202eb\nc d") == r"a\u202eb\nc d"


def test_wide_characters_take_two_places():
    lines = table([("what", "value"), ("大きさ", "1"), ("e\u0301", "2")], 40, [0])
    assert [length(line) for line in lines] == [13, 9, 9]
    assert wrapped("大きさ 大きさ", 9) == ["大きさ", "大きさ"]


def test_a_number_stays_with_its_sign():
    for width in range(8, 30):
        for line in wrapped("of all the rows 53 % are right and 12.5 % are not", width):
            assert not line.startswith("%")


# Numbers


def test_numbers_are_written_out_where_that_can_be_read():
    shown = {0: "0", 1e-5: "0.00001", 0.000123456: "0.000123", 2 / 3: "0.667", 0.9996: "1",
             -12.345: "-12.3", 450: "450", 1797: "1797", 99999.5: "100000", 1234567.0: "1.23e6",
             2.5e-9: "2.5e-9", math.nan: "not a number", -math.inf: "-infinite"}  # fmt: skip
    assert {value: number(value) for value in shown} == shown


def test_shares_are_in_per_cent_and_nearly_all_is_not_all():
    assert [percent(x) for x in (0, 0.031, 0.5, 0.99996, 1)] == [
        "0 %", "3.1 %", "50 %", "over 99.9 %", "100 %"]  # fmt: skip
    assert measured(Evidence("Share of rows", 0.25, 0.5)) == ("25 %", "above 50 %")
    assert measured(Evidence("shared weights", 0.25, 0.5)) == ("0.25", "above 0.5")


def test_a_value_beside_its_threshold_has_the_digits_that_tell_them_apart():
    assert measured(Evidence("slope", 0.90004, 0.9)) == ("0.90004", "above 0.9")
    assert measured(Evidence("slope", 0.9, 0.9)) == ("0.9", "above 0.9")


def test_what_is_no_number_is_sick():
    assert is_sick(Evidence("a", math.nan, 1.0))
    assert is_sick(Evidence("a", math.nan, 1.0, "below"))
    assert not is_sick(Evidence("a", math.nan))
    assert not is_sick(Evidence("a", 1.0, 1.0))


# Code and flags


PARAMETERS = {
    "activation": "relu", "hidden_layer_sizes": (64, 32), "alpha": 1e-7, "shuffle": False,
    "layer_norm": True, "clip_norm": 1.0, "batch_size": 32, "learning_rate_init": 1e-5,
    "class_weight": "balanced",
}  # fmt: skip


def test_flags_are_understood_by_the_command_line_and_code_by_python():
    typed = {}
    for flag in flags(PARAMETERS):
        name, _, value = flag.removeprefix("--").partition(" ")
        if not value:
            typed[name.removeprefix("no-").replace("-", "_")] = not name.startswith("no-")
        else:
            typed[name.replace("-", "_")] = value
    read = chosen(typed, "classification")
    assert {name: read[name] for name in PARAMETERS} == PARAMETERS
    call = " ".join(code(PARAMETERS))
    assert eval("dict" + call.removeprefix(".set_params")) == PARAMETERS


def test_what_cannot_be_typed_is_told_as_code():
    weights = {"class_weight": {"a": 2.0}}
    assert flags(weights) == []
    finding = Finding("x", "sick", remedies=(Remedy("weigh", "rare ones", weights),))
    assert ".set_params(class_weight={'a': 2.0})" in telling.text(Diagnosis((finding,)), typed=True)
    assert code({"initializer": 'a "b"', "sizes": (3,)})[0] == (
        r'.set_params(initializer="a \"b\"", sizes=(3,))'
    )


# As HTML


class Read(html.parser.HTMLParser):
    """Which tags there are, and that all are closed in order; the text outside of the style."""

    def __init__(self, source):
        super().__init__()
        self.open, self.tags, self.text, self.attributes = [], [], "", []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


@EACH
def test_html_is_closed_and_loads_and_runs_nothing(diagnosis):
    read = Read(page(diagnosis))
    assert not {"script", "link", "img", "iframe"} & set(read.tags)
    assert not [
        name for name in read.attributes if name.startswith("on") or name in ("src", "href")
    ]
    assert not re.search(r"url\(|@import|https?:", page(diagnosis))
    assert diagnosis.verdict in read.text.replace("\u00a0", " ")
    assert diagnosis._repr_html_() == page(diagnosis)


def test_names_from_the_data_are_text():
    found = page(SHAPES["long names"])
    assert "<script" not in found
    assert NAME in Read(found).text
    assert "elsewhere & late" in Read(found).text


@EACH
def test_html_says_what_the_text_says(diagnosis):
    read = Read(page(diagnosis)).text.replace("\u00a0", " ")
    for finding in diagnosis.findings:
        assert finding.code in read
        for each in finding.evidence:
            assert all(part in read for part in (each.what, *measured(each), each.where[1:]))
    for part in (*diagnosis.notes, *diagnosis.missing):
        assert part[1:] in read


def test_evidence_is_folded_and_what_to_do_is_not():
    found = page(SHAPES["one"])
    assert found.index("Do this first") < found.index("<details>") < found.index("<table>")
    assert found.count("<details>") == found.count("</details>") == 3


def test_it_is_light_and_dark_as_the_system_or_the_notebook_says():
    style = page(SHAPES["one"]).split("</style>")[0]
    for mark in ("prefers-color-scheme:dark", 'data-jp-theme-light="false"', ".vscode-dark"):
        assert mark in style
    rules = re.findall(r"(?:^|\})\s*([^{}@]+)\{", style.split("<style>")[1])
    assert [
        rule for rule in rules if any(".unstuck-diagnosis" not in s for s in rule.split(","))
    ] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_letters_stand_out_from_their_background(theme):
    from unstuck import themes

    text = {"light": themes._LIGHT, "dark": themes._DARK}[theme]
    colors = dict(re.findall(r"--(\w+):(#\w{6})", text))
    for ink in ("ink", "quiet", "sick", "well", "do"):
        for ground in ("paper", "shade"):
            assert contrast(colors[ink], colors[ground]) >= 4.5, (ink, ground)


def contrast(one, other):
    """As WCAG 2 defines it."""
    light = sorted(map(luminance, (one, other)))
    return (light[1] + 0.05) / (light[0] + 0.05)


def luminance(color):
    shares = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# As data


@EACH
def test_plain_data_hold_all_of_it(diagnosis):
    import json

    found = json.loads(json.dumps(diagnosis.to_dict()))
    assert found["verdict"] == diagnosis.verdict
    assert found["healthy"] == (not diagnosis.findings)
    assert [each["code"] for each in found["findings"]] == [f.code for f in diagnosis.findings]


def test_where_nothing_closes_the_gap_no_remedy_says_that_it_does():
    """Neither more units nor more epochs, which were tried."""
    found = DISEASES["underfitting"]
    case = SimpleNamespace(
        gate=SimpleNamespace(missed=True, own=0.9, reachable=0.3),
        facts=SimpleNamespace(stop="tol"),
        reference=SimpleNamespace(name="nearest neighbors"),
        cures=lambda **_: False,
    )
    (sign,) = found.also["otherwise"](case)
    told = _finding(found, sign, SimpleNamespace(settings={"max_iter": 200}))
    assert "nothing that was tried closes the gap" in told.statement
    assert [each.do.split(",")[0] for each in told.remedies] == ["Try another kind of network"]
    said = " ".join(each.why for each in found.remedies)
    assert "closes the gap" not in said


def test_a_fit_that_a_stopping_rule_ended_is_told_to_wait_longer():
    """``tol`` and ``n_iter_no_change`` alone would change nothing: the rule does not read them."""
    found = DISEASES["underfitting"]
    settings = {"tol": 1e-4, "n_iter_no_change": 10, "stopping_rule": "gl(3)"}
    case = SimpleNamespace(
        gate=SimpleNamespace(missed=True, own=0.9, reachable=0.3),
        facts=SimpleNamespace(stop="stopping_rule", limit=20, settings=settings),
        reference=SimpleNamespace(name="nearest neighbors"),
        cures=lambda **_: True,
        closes=lambda **_: 0.9,
    )
    (sign,) = found.also["otherwise"](case)
    first = _finding(found, sign, case.facts).remedies[0]
    assert first.parameters == {"tol": 0.0, "n_iter_no_change": 20, "stopping_rule": "patience"}
    case.facts.stop = "validation"
    (sign,) = found.also["otherwise"](case)
    assert set(_finding(found, sign, case.facts).remedies[0].parameters) == {
        "tol",
        "n_iter_no_change",
    }
