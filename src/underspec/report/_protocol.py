"""What a report may show, and the contract of a report; a report computes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from underspec.core.findings import Findings

__all__ = ["Dossier", "Exhibit", "Report", "VariantRow"]


@dataclass(frozen=True)
class VariantRow:
    """One row of `variants.parquet`.

    Attributes:
        id: the variant.
        sources: source name to its seed or value, as text.
        status: ``trained`` or ``failed``.
        seconds: wall seconds to train it, None where not trained here.
        error: why it failed, None elsewhere.
    """

    id: str
    sources: Mapping[str, str]
    status: str
    seconds: float | None
    error: str | None


@dataclass(frozen=True)
class Exhibit:
    """One example on which equally ranked variants disagree most.

    Attributes:
        probe: name of the probe it is from.
        example: its id.
        label: name of its true class.
        votes: class name to how many kept variants said so, most first.
        clean_votes: the same on the undistorted example, None where there is none.
        png: the picture as the variants saw it, None for data that is not images.
        clean_png: the undistorted picture.
    """

    probe: str
    example: str
    label: str
    votes: Mapping[str, int]
    clean_votes: Mapping[str, int] | None
    png: bytes | None
    clean_png: bytes | None


@dataclass(frozen=True)
class Dossier:
    """All that is known of a finished study.

    Attributes:
        findings: the content of `findings.json`.
        variants: all variants, failed ones included.
        scores: probe name to variant id to its mean on the reported half, trained variants.
        exhibits: at most 60.
        study: the resolved study, as plain values.
        environment: versions and hardware.
        notices: licences and attributions of the data used.
        cost: named figures such as ``training seconds``, as measured.
        synthetic: why the data is synthetic, None for real data.
    """

    findings: Findings
    variants: tuple[VariantRow, ...]
    scores: Mapping[str, Mapping[str, float]]
    exhibits: tuple[Exhibit, ...] = ()
    study: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    cost: Mapping[str, float] = field(default_factory=dict)
    synthetic: str | None = None


class Report(Protocol):
    """Writes a dossier in one format."""

    @property
    def suffix(self) -> str:
        """File suffix without the dot."""
        ...

    def __call__(self, dossier: Dossier, /) -> str:
        """Return the whole report as text."""
        ...
