"""Studies of variants that are equal in truth, on probes of few clusters."""

import numpy as np

from underspec import choose
from underspec.choose.grade import choices
from underspec.choose.tallied import tallied
from underspec.choose.tally import Candidate
from underspec.choose.transfer import transfer
from underspec.core.errors import UsageError

RULES = {name: choose.get(name) for name in ("minimax_regret", "medoid", "random_pick")}
VARIANTS, PROBES = 15, 3


def probe(rng, name, clusters, rows):
    """Return a probe on which variants differ by cluster, each having its own luck with it."""
    luck = 0.5 * rng.normal(size=(VARIANTS, clusters)) + 0.5 * rng.normal(size=clusters)
    right = rng.normal(size=(VARIANTS, clusters, rows)) < 1 + luck[:, :, None]
    names = np.repeat([f"{name}c{at}" for at in range(clusters)], rows)
    flat = right.reshape(VARIANTS, -1)
    return Candidate(name, name, flat.astype(float), flat.astype(np.int32), names)


def studies(count, clusters):
    """Yield transfers and choices of studies, but for those whose holdout cannot be halved."""
    for seed in range(count):
        rng = np.random.default_rng((seed, clusters))
        names = ["holdout", *(f"p{at}" for at in range(PROBES))]
        made = [probe(rng, name, clusters, max(10, 400 // clusters)) for name in names]
        try:
            seen = tallied(made, lambda _: range(VARIANTS), seed=seed, draws=200)
        except UsageError:
            continue
        ids = [f"v{at:02d}" for at in range(VARIANTS)]
        yield transfer(seen.tallies, seen.pools), choices(RULES, ids, seen, lambda made=made: made)
