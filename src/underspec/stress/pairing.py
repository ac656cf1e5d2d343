"""Contrastive probes: examples as they are beside the same ones edited."""

from dataclasses import replace
from typing import Any

import numpy as np

from underspec.core.records import Data, Pairs, Probe

__all__ = ["contrast"]


def contrast(data: Data, edited: Any, *, name: str, family: str, severity: float | None = None, title: str = "") -> Probe:  # fmt: skip
    """Return the contrastive probe of examples and their edits.

    Args:
        data: the references.
        edited: the inputs after the edit, row for row those of `data`: of its type and shape.
        name: of the probe.
        family: what probes of one stress test share.
        severity: how large the edit is, None where there are no degrees.
        title: how reports write it; the name where empty.
    """
    both = [data.inputs, edited]
    if hasattr(edited, "iloc"):
        import pandas as pd

        inputs: Any = pd.concat(both, ignore_index=True)
    else:
        inputs = np.concatenate(both)
    twice = replace(
        data,
        inputs=inputs,
        labels=np.tile(data.labels, 2),
        ids=np.concatenate([data.ids, np.char.add(data.ids, f"~{name}")]),
        clusters=np.tile(data.clusters, 2),
        groups={column: np.tile(of, 2) for column, of in data.groups.items()},
        weights=None if data.weights is None else np.tile(data.weights, 2),
    )
    side = np.repeat(np.array([0, 1], np.int8), len(data))
    pairs = Pairs(np.tile(data.ids, 2), side)
    return Probe(name, "contrastive", family, twice, severity, title, pairs=pairs)
