"""A diagnosis as text and as HTML."""

from __future__ import annotations

import html as escaping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unstuck.health.diagnosis import Diagnosis


def verdict(diagnosis: Diagnosis) -> str:
    """The first sentence."""
    if not diagnosis.findings:
        return "Nothing is wrong, as far as was looked."
    return diagnosis.findings[0].statement


def text(diagnosis: Diagnosis, width: int = 80) -> str:
    """For a terminal."""
    del width
    return "\n".join(
        [verdict(diagnosis), *(f"- {f.code}: {f.statement}" for f in diagnosis.findings)]
    )


def html(diagnosis: Diagnosis) -> str:
    """For a notebook."""
    return f"<pre>{escaping.escape(text(diagnosis))}</pre>"
