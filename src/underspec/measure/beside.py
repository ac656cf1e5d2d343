"""Metrics that are told beside the first one, which alone judges."""

from dataclasses import replace

import numpy as np

from underspec.core.findings import ProbeFinding
from underspec.measure._protocol import Evidence, Scaled
from underspec.measure.yardstick import Draft, Yardstick
from underspec.stats.evidence import benjamini_hochberg

__all__ = ["Beside"]


class Beside:
    """One further metric: what is said of each probe, without a verdict.

    Attributes:
        name: of the metric.
    """

    def __init__(
        self, name: str, metric: Scaled, kept: tuple[str, ...], *, middle: bool = True
    ) -> None:
        self.name, self._metric, self._kept, self._middle = name, metric, kept, middle
        self._yardstick: Yardstick | None = None
        self._drafts: list[Draft] = []

    def take(self, evidence: Evidence) -> None:
        """Take a probe; nothing is said where the holdout, the first one, did not define the metric.

        Nor of a contrastive one, which is read by agreement whatever the metric.
        """
        if evidence.kind == "holdout":
            # No epsilon is given for it, so no p-value that hangs on one is passed on.
            self._yardstick = Yardstick(
                evidence, self._kept, self.name, self._metric, 0.0, middle=self._middle
            )
        elif self._yardstick is not None and evidence.kind != "contrastive":
            self._drafts.append(self._yardstick.draft(evidence))

    def findings(self, first: str) -> tuple[ProbeFinding, ...]:
        """Return the findings, the holdout's first.

        Args:
            first: name of the metric that judges.
        """
        if self._yardstick is None:
            return ()
        said = f"Told beside {first}, which selects and judges."
        drafts = [self._yardstick.finding(said), *(draft.finding for draft in self._drafts)]
        known = [d.overdispersion.p for d in drafts[1:] if d.overdispersion.p is not None]
        adjusted = iter(benjamini_hochberg(np.array(known)).tolist())
        return tuple(
            replace(
                draft,
                verdict="reported" if draft.kind != "holdout" else "yardstick",
                because=said,
                p=None,
                power=None,
                overdispersion=draft.overdispersion
                if draft.kind == "holdout" or draft.overdispersion.p is None
                else replace(draft.overdispersion, p_adjusted=next(adjusted)),
            )
            for draft in drafts
        )
