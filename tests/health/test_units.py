"""When units count as stuck: one rule, in the diagnosis and in what is written of it."""

from pathlib import Path

from unstuck.health.diseases.units import FLAT_PAIRS, FLAT_ROWS, STUCK_UNITS

READING = Path(__file__).parents[2] / "docs/reading.md"


def test_the_document_on_reading_the_history_has_the_rule_of_the_diagnosis():
    (row,) = (
        line for line in READING.read_text("utf-8").splitlines() if "`layer_flat_share` |" in line
    )
    sick = row.rpartition("|")[0].rpartition("|")[2]
    assert f"{FLAT_PAIRS * 100:.0f} % or more" in sick
    assert STUCK_UNITS == 0.5
    assert "half of its units are flat" in sick
    assert f"more than {FLAT_ROWS * 100:.0f} % of the rows" in sick
