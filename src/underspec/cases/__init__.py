"""Whole studies ready to run, as study files."""

from pathlib import Path

__all__ = ["DEMOS", "path"]

DEMOS = {"torch": "demo_torch", "sklearn": "demo_sklearn"}
"""Trainer to the name of its demo."""


def path(name: str) -> Path:
    """Return the study file of a case."""
    return Path(__file__).parent / f"{name}.yaml"
