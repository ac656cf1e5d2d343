"""The findings as JSON, the same text as `findings.json`."""

from dataclasses import dataclass

from underspec.core.findings_json import findings_json
from underspec.report._protocol import Dossier

__all__ = ["Json"]


@dataclass(frozen=True)
class Json:
    """Every finding, verdict and choice, for other programs.

    It is the study's own record, so groups under 10 examples are not left out of it, as they are
    of the reports for readers.
    """

    @property
    def suffix(self) -> str:
        """File suffix without the dot."""
        return "json"

    def __call__(self, dossier: Dossier, /) -> str:
        """Return the findings as JSON."""
        return findings_json(dossier.findings)
