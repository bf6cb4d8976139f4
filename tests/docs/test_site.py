"""The site is built by one command, needs no network, and every link in it leads somewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import unstuck

ROOT = Path(__file__).parents[2]
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What a page links to, what it fetches, and the anchors in it."""

    def __init__(self, path):
        super().__init__()
        self.links, self.fetched, self.ids, self.viewport = [], [], set(), False
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids |= {found[name] for name in ("id", "name") if found.get(name)}
        self.viewport |= tag == "meta" and found.get("name") == "viewport"
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if found.get(FETCHED.get(tag)):
            self.fetched.append(found[FETCHED[tag]])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the pages, and how the command ended."""
    for needed in ("sphinx", "furo", "myst_parser", "sphinx_copybutton"):
        pytest.importorskip(needed, reason="builds the pages: pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, ROOT / "docs/build.py", "--out", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (folder / "index.html").exists(), done.stderr
    return folder, done


@pytest.fixture(scope="module")
def site(built):
    return built[0]


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path) for path in site.rglob("*.html")}


def test_the_build_has_nothing_to_object_to(built):
    assert built[1].returncode == 0, built[1].stderr


def test_every_link_and_anchor_leads_somewhere(pages):
    dead = []
    for path, page in pages.items():
        for target in (*page.links, *page.fetched):
            parts = urlsplit(target)
            if parts.scheme in ("http", "https", "mailto", "data"):
                continue
            found = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = pages[found].ids if found in pages else set()
            if not found.exists() or (parts.fragment and unquote(parts.fragment) not in anchors):
                dead.append((path.name, target))
    assert dead == []


def test_nothing_is_fetched_from_elsewhere(pages):
    outside = {
        target for page in pages.values() for target in page.fetched if urlsplit(target).netloc
    }
    assert outside == set()


def test_pages_are_for_phones_too(pages):
    assert [path.name for path, page in pages.items() if not page.viewport] == []


def test_every_document_is_a_page(site):
    for path in (*ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.py")):
        assert (site / path.relative_to(ROOT).with_suffix(".html")).exists(), path.name
    for path in ROOT.glob("examples/notebooks/*.ipynb"):
        assert (site / path.relative_to(ROOT).with_suffix(".html")).exists(), path.name


def test_every_public_name_is_in_the_reference_and_in_the_search(site, pages):
    ids = {
        anchor for path, page in pages.items() if path.parent.name == "api" for anchor in page.ids
    }
    assert [name for name in unstuck.__all__ if f"unstuck.{name}" not in ids] == []
    index = (site / "searchindex.js").read_text("utf-8")
    known = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))
    found = {name for *_, name in known["objects"]["unstuck"]}
    assert set(unstuck.__all__) <= found


def test_names_of_inner_packages_are_in_the_reference_and_linked_from_what_tells_of_them(
    site, pages
):
    packages = {"neuro": unstuck.neuro, "selection": unstuck.selection}
    for page, package in packages.items():
        ids = pages[site / f"api/{page}.html"].ids
        inner = [each for each in (package, getattr(package, "approximation", None)) if each]
        names = [f"{each.__name__}.{name}" for each in inner for name in each.__all__]
        assert [name for name in names if name not in ids] == []
    links = pages[site / "docs/neurobiology.html"].links
    assert "../api/neuro.html#unstuck.neuro.lesion" in links
    assert "../api/neuro.html#unstuck.neuro.HebbianLayer" in links  # told of with arguments
    assert "../api/estimators.html#unstuck.NetClassifier" in links
    files = pages[site / "CONTRIBUTING.html"].links  # where `overlap.py` is a file
    assert [target for target in files if "api/" in target and "unstuck.neuro" in target] == []


def test_attributes_told_of_together_and_fields_of_tuples_have_one_line_each(site):
    text = (site / "api/neuro.html").read_text("utf-8")
    assert "<strong>log_loss</strong>" in text
    assert "<em>accuracy,</em>" not in text
    assert "Alias for field number" not in text


def test_parameters_are_in_the_reference(site):
    text = (site / "api/estimators.html").read_text("utf-8")
    assert "strength of the l2 penalty on the weights" in text
    assert "what is wrong with the network, where, and what to do" in text
    assert "{parameters}" not in text
