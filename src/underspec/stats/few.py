"""Few clusters: how many there are in effect, and under how many nothing is claimed."""

from underspec.core.records import Floats

__all__ = ["FEWEST", "effective"]

FEWEST = 20.0
"""Clusters, as `effective` counts them, under which no claim is made by their noise."""


def effective(sizes: Floats) -> float:
    """Return how many clusters of one size do as well as these (Kish 1965): (Σm)² / Σm².

    Args:
        sizes: examples, or their weights, in each cluster, [clusters].
    """
    squares = float(sizes @ sizes)
    return float(sizes.sum()) ** 2 / squares if squares > 0 else 0.0
