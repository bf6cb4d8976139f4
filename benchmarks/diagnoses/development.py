"""Settings on which the rules of the diagnosis are developed, never its proof."""

from __future__ import annotations

from benchmarks.diagnoses.development_faulty import FAULTY
from benchmarks.diagnoses.development_functions import FUNCTIONS
from benchmarks.diagnoses.development_healthy import HEALTHY
from benchmarks.diagnoses.setting import Settings

DEVELOPMENT = Settings()
"""All of them, by name."""
for _part in (FAULTY, HEALTHY, FUNCTIONS):
    DEVELOPMENT.update(_part)
