"""Links to the documentation: from the metadata, or none."""

from importlib import metadata

import pytest

from unstuck import NetClassifier, TableEncoder, documentation


@pytest.fixture
def published(monkeypatch):
    """Publishes a page in the package's metadata."""

    def publish(*urls):
        class Found:
            def get_all(self, name):
                return list(urls) or None

        monkeypatch.setattr(metadata, "metadata", lambda name: Found())
        documentation.address.cache_clear()

    yield publish
    monkeypatch.undo()
    documentation.address.cache_clear()


def test_an_estimator_links_to_its_page(published):
    published("Source, https://a.example/code", "Documentation, https://a.example/docs/")
    assert documentation.address() == "https://a.example/docs"
    for page, estimator in (("estimators", NetClassifier()), ("data", TableEncoder())):
        place = f"api/{page}.html#unstuck.{type(estimator).__name__}"
        assert f'href="https://a.example/docs/{place}"' in estimator._repr_html_()


def test_where_nothing_is_published_there_is_no_link(published):
    published()
    assert "<a " not in NetClassifier()._repr_html_()


def test_a_class_of_your_own_has_no_page(published):
    published("Documentation, https://a.example/docs")

    class Mine(NetClassifier):
        pass

    assert "a.example" not in Mine()._repr_html_()


def test_without_an_installation_there_is_no_link(published, monkeypatch):
    published()

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", missing)
    assert documentation.address() == ""
