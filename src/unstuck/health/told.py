"""What there is to tell, for those who tell it: a diagnosis, which itself knows its tellers."""

from __future__ import annotations

from typing import Protocol

from unstuck.health.finding import Finding


class Told(Protocol):
    """A ``Diagnosis``; its attributes are described there."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The gravest first."""
        ...

    @property
    def reached(self) -> str:
        """How good the network is."""
        ...

    @property
    def looked(self) -> tuple[str, ...]:
        """What was looked at."""
        ...

    @property
    def missing(self) -> tuple[str, ...]:
        """What could not be looked at."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing."""
        ...
