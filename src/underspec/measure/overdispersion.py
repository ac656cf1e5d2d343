"""Whether variants differ at all on a probe, beyond the luck of its examples."""

import math

from underspec.core.findings import Overdispersion
from underspec.core.streams import stream
from underspec.stats.dispersion import overdispersion
from underspec.stats.totals import Totals

__all__ = ["overdispersion_finding"]


def overdispersion_finding(name: str, totals: Totals) -> Overdispersion:
    """Return the record of the test, not yet adjusted; all None where no cluster shows a difference.

    Where the test permutes, the permutations hang on nothing but the probe's name.
    """
    found = (
        overdispersion(totals, stream(0, "measure", "overdispersion", name))
        if totals.resolved
        else None
    )
    if found is None:
        return Overdispersion(None, None, None)
    return Overdispersion(found.phi, None if math.isnan(found.p) else found.p, None)
