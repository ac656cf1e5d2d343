"""How much of each decision hangs on which near-equal variant is asked."""

from underspec.measure.arbitrariness.probe import arbitrariness

__all__ = ["arbitrariness"]
