"""Whole studies ready to run, as study files."""

import importlib
from pathlib import Path

from underspec.cases._protocol import Case as Case
from underspec.cases._protocol import Layout as Layout
from underspec.core.errors import UsageError, one_of

__all__ = ["DEMOS", "Case", "Layout", "get", "names", "path"]

DEMOS = {"torch": "demo_torch", "sklearn": "demo_sklearn"}
"""Trainer to the name of its demo."""

_CASES = ("vision", "eye", "skin", "kidney", "renal", "census")


def path(name: str) -> Path:
    """Return the study file of a demo."""
    return Path(__file__).parent / f"{name}.yaml"


def names() -> tuple[str, ...]:
    """Return the names of the cases, in the order of the docs."""
    here = Path(__file__).parent
    return tuple(name for name in _CASES if (here / name / "__init__.py").is_file())


def get(name: str) -> Case:
    """Return a case.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in names():
        raise UsageError(one_of("case", name, names()))
    case: Case = importlib.import_module(f"underspec.cases.{name}").CASE
    return case
