"""Where the documentation is: one address, that of the package's metadata."""

from __future__ import annotations

import functools
from importlib import metadata


@functools.cache
def address() -> str:
    """The address called Documentation in ``[project.urls]``, without its last slash.

    Nothing where the package has none, or is not installed: a link that leads nowhere is none.
    """
    try:
        urls = metadata.metadata("unstuck").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    found = dict(each.split(", ", 1) for each in urls if ", " in each)
    return found.get("Documentation", "").rstrip("/")


class Documented:
    """Estimators whose HTML links to their page, by scikit-learn's mechanism."""

    _doc_link_module = "unstuck"

    @property
    def _doc_link_template(self) -> str:
        """The place in the API reference that ``docs/build.py`` makes, a page a package."""
        package = type(self).__module__.split(".")[1:2]
        if not address() or not package:
            return ""
        return f"{address()}/api/{package[0]}.html#unstuck.{{estimator_name}}"
