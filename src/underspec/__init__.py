"""Find out whether equally good models behave differently in the field.

An audit is one array ``scores[variant, example, class]`` per probe. Everything before makes it,
everything after reads it: ``vary train select stress measure choose report``.
"""

import importlib
from typing import TYPE_CHECKING, Any

from underspec._version import __version__ as __version__

if TYPE_CHECKING:
    from underspec import choose as choose
    from underspec import data as data
    from underspec import metrics as metrics
    from underspec import report as report
    from underspec import run as run
    from underspec import select as select
    from underspec import stress as stress
    from underspec import train as train
    from underspec import vary as vary
    from underspec.core.errors import StudyError as StudyError
    from underspec.core.errors import UnderspecError as UnderspecError
    from underspec.core.errors import UsageError as UsageError
    from underspec.core.findings import Findings as Findings
    from underspec.core.records import Data as Data
    from underspec.study import Recipe as Recipe
    from underspec.study import Study as Study
    from underspec.study import analyse as analyse
    from underspec.study import load_study as load_study

_STAGES = ("choose", "data", "metrics", "report", "run", "select", "stress", "train", "vary")
_NAMES = {
    "Data": "underspec.core.records",
    "Findings": "underspec.core.findings",
    "Recipe": "underspec.study",
    "Study": "underspec.study",
    "StudyError": "underspec.core.errors",
    "UnderspecError": "underspec.core.errors",
    "UsageError": "underspec.core.errors",
    "analyse": "underspec.study",
    "load_study": "underspec.study",
}

__all__ = [
    "Data",
    "Findings",
    "Recipe",
    "Study",
    "StudyError",
    "UnderspecError",
    "UsageError",
    "__version__",
    "analyse",
    "choose",
    "data",
    "load_study",
    "metrics",
    "report",
    "run",
    "select",
    "stress",
    "train",
    "vary",
]


def __getattr__(name: str) -> Any:
    # Loaded when used, so that `import underspec` costs next to nothing.
    if name in _STAGES:
        return importlib.import_module(f"underspec.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'underspec' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
