"""How Sphinx makes the site; ``docs/build.py`` calls it."""

from __future__ import annotations

import re
from typing import Any

import unstuck

project = "unstuck"
release = version = unstuck.__version__
copyright = "the maintainers of unstuck; Apache-2.0"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
source_suffix = {".md": "markdown"}
root_doc = "index"
highlight_language = "text"
smartquotes = False  # values are there to be copied

myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 4
myst_url_schemes = ["http", "https", "mailto"]

autodoc_default_options = {"members": True, "inherited-members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
maximum_signature_line_length = 80
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"
napoleon_use_ivar = True
napoleon_use_rtype = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "unstuck"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0b6e4f",
        "color-brand-content": "#0b6e4f",
        "font-stack": "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
        "font-stack--monospace": "ui-monospace, SFMono-Regular, Menlo, Consolas, "
        "'DejaVu Sans Mono', monospace",
    },
    "dark_css_variables": {
        "color-brand-primary": "#5fd3a8",
        "color-brand-content": "#5fd3a8",
    },
}

LITERAL = re.compile(r"(``.+?``|`[^`]+`)")
TOGETHER = re.compile(r"^( *):ivar ((?:\w+, )+\w+):(.*(?:\n\1 +.*)*)$", re.MULTILINE)
BAR, NAME_OR_BAR = r"(?<!\\)(\|)", r"(?<!\\)(_(?!\w)|\|)"


def escaped(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are plain text: outside of code, ``a_`` is a name and ``|W|`` a norm.

    Sphinx takes both for references; this is called after napoleon has made sections of them.
    """
    del app, what, name, obj, options
    example = False
    for i, line in enumerate(lines):
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if not example and not line.lstrip().startswith(".."):
            field = line.lstrip().startswith(":")  # its name keeps its underscore
            parts = LITERAL.split(line.replace("Reference: ", "*Reference:* "))
            lines[i] = "".join(
                part if n % 2 else re.sub(BAR if field else NAME_OR_BAR, r"\\\1", part)
                for n, part in enumerate(parts)
            )
    lines[:] = TOGETHER.sub(alone, "\n".join(lines)).split("\n")


def alone(found: re.Match[str]) -> str:
    """Each attribute of several that are told of together: Sphinx takes one for another's type."""
    return "\n".join(f"{found[1]}:ivar {name}:{found[3]}" for name in found[2].split(", "))


def foreign(app: Any, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Whether a member is left out: what comes from other libraries is explained there, and the
    fields of a named tuple with their class."""
    del app, what, skip, options
    found = getattr(obj, "fget", obj)
    home = getattr(found, "__module__", None)
    other = isinstance(home, str) and not home.startswith("unstuck")
    of_tuple = found is getattr(tuple, name, None) or type(obj).__name__ == "_tuplegetter"
    return True if other or of_tuple else None


def shortened(
    app: Any, what: str, name: str, obj: Any, options: Any, signature: str | None, returns: Any
) -> tuple[str, Any] | None:
    """The signature of an estimator: its sixty parameters are explained right below it."""
    del app, what, name, obj, options, returns
    many = (signature or "").count("=") > 20
    return ("(hidden_layer_sizes=(100,), *, **parameters)", None) if many else None


def setup(app: Any) -> None:
    """Connect them to autodoc."""
    app.connect("autodoc-process-signature", shortened)
    app.connect("autodoc-process-docstring", escaped, priority=900)
    app.connect("autodoc-skip-member", foreign)
