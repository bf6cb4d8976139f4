"""The report in a browser: it opens without a complaint, fits a phone, and is dark where that is
asked for."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from browser import browser

from unstuck import NetClassifier

RNG = np.random.default_rng(0)
X = RNG.normal(size=(128, 3))
NAMES = np.array(["a class with <b>a long</b> name " * 3, "x" * 120, "short"])
Y = NAMES[np.digitize(X[:, 0] + X[:, 1], [-0.5, 0.5])]
COLORS = "getComputedStyle(document.querySelector('%s')).%s"


@pytest.fixture(scope="module")
def page():
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = NetClassifier((4,), solver="lbfgs", max_iter=15, random_state=0)
        net.fit(X[:64], Y[:64]).report(path, X[64:], Y[64:], title="What " + "LongWord" * 12)
    return path


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (360, False), (1200, True)])
def test_it_opens_without_a_complaint_and_asks_for_nothing_else(page, path, width, dark):
    page.problems.clear()
    page.asked.clear()
    page.open(path, width, dark)
    assert page.problems == []
    assert page.asked == [path.absolute().as_uri()]
    assert page.says("document.title").startswith("What LongWord")


@pytest.mark.parametrize("width", [320, 360, 768, 1200])
def test_nothing_is_wider_than_the_window(page, path, width):
    page.open(path, width)
    assert page.says("document.documentElement.scrollWidth") <= width
    sticking_out = (
        "[...document.querySelectorAll('main *')].filter(e => !e.closest('svg, .narrow, thead') &&"
        f" e.getBoundingClientRect().right > {width} + 1).map(e => e.outerHTML.slice(0, 80))"
    )
    assert page.says(sticking_out) == []


def test_figures_are_as_wide_as_a_phone_and_their_letters_can_be_read(page, path):
    page.open(path, 360)
    widths = page.says(
        "[...document.querySelectorAll('svg.drawn')].map(e => e.getBoundingClientRect().width)"
    )
    assert min(widths) > 300
    sizes = page.says(
        "[...document.querySelectorAll('svg.drawn text')].map(e =>"
        " e.getBoundingClientRect().height).filter(h => h > 0)"
    )
    assert min(sizes) > 7.5


def test_dark_systems_have_a_dark_page_and_light_letters(page, path):
    found = {}
    for dark in (False, True):
        page.open(path, 1200, dark)
        paper = page.says(COLORS % ("body", "backgroundColor"))
        letters = page.says(COLORS % ("svg.drawn text", "fill"))
        found[dark] = [lightness(each) for each in (paper, letters)]
    assert found[False][0] > 0.9 > 0.3 > found[False][1]
    assert found[True][0] < 0.2 < 0.7 < found[True][1]


def lightness(color):
    """Of ``rgb(1, 2, 3)``, from 0 to 1."""
    return np.mean([int(each) for each in color[4:-1].split(",")]) / 255


@pytest.mark.parametrize("dark", [False, True])
def test_words_and_what_is_behind_them_differ_enough(page, path, dark):
    """The contrast that WCAG 2.1 asks of text: 4.5."""
    page.open(path, 1200, dark)
    paper = page.says(COLORS % ("body", "backgroundColor"))
    for what in ("h1", "figcaption", ".says", "nav a", ".quiet", "footer", "dt"):
        assert contrast(page.says(COLORS % (what, "color")), paper) > 4.5, what
    assert contrast(page.says(COLORS % ("svg.drawn text", "fill")), paper) > 4.5


def contrast(one, two):
    def luminance(color):
        parts = np.array([int(each) for each in color[4:-1].split(",")]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    high, low = sorted(map(luminance, (one, two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_links_lead_to_their_sections(page, path):
    page.open(path, 1200)
    targets = page.says(
        "[...document.querySelectorAll('nav a')].map(e => !!document.querySelector("
        "e.getAttribute('href')))"
    )
    assert len(targets) >= 6
    assert all(targets)


def test_paper_is_white_on_dark_systems_too_and_has_all_that_is_folded(page, path):
    page.open(path, 800, dark=True)
    scheme = {"name": "prefers-color-scheme", "value": "dark"}
    page.call("Emulation.setEmulatedMedia", media="print", features=[scheme])
    paper = page.says(COLORS % ("body", "backgroundColor"))
    assert lightness(paper) > 0.9
    for what, part in (("h1", "color"), ("svg.drawn text", "fill"), (".verdict", "color")):
        assert contrast(page.says(COLORS % (what, part)), paper) > 4.5, what
    assert page.says(COLORS % ("nav", "display")) == "none"
    assert page.says("[...document.querySelectorAll('details')].every(e => e.open)")
    assert page.paper()[:5] == b"%PDF-"
