"""Classes and other names as the command line writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def spelled(label: Any) -> str:
    """A class as the command line writes it."""
    return str(label).lower() if isinstance(label, (bool, np.bool_)) else str(label)


def listed(names: Sequence[str], most: int = 20) -> str:
    """Names, quoted; those after the first ``most`` are counted."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more
