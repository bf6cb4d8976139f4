"""The proof: settings that are not looked at while thresholds are chosen."""

from __future__ import annotations

from benchmarks.diagnoses.proof_faulty import FAULTY
from benchmarks.diagnoses.proof_healthy import HEALTHY
from benchmarks.diagnoses.setting import Settings

PROOF = Settings(FAULTY | HEALTHY)
