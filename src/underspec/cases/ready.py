"""From a case to studies that can be run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from underspec.cases._protocol import Case, Layout
from underspec.core.errors import UsageError, one_of
from underspec.study import Study
from underspec.study.spec import Running, read_spec
from underspec.study.study import written_study

__all__ = ["Form", "Ready", "ready"]

Form = Literal["full", "quick", "clean"]

_DATA = "$DATA"


@dataclass(frozen=True, eq=False)
class Ready:
    """A study of a case, and where it is to lie.

    Attributes:
        file: the study file's name without ``.yaml``.
        study: the study.
        out: its folder.
        run: where it says that blocks run.
    """

    file: str
    study: Study
    out: str
    run: Running


def ready(
    case: Case,
    out: str,
    *,
    form: Form = "full",
    data: str | None = None,
    layout: str | None = None,
    only: str | None = None,
    sets: Sequence[str] = (),
) -> tuple[Layout | None, list[Ready]]:
    """Return the studies that a case runs, and the layout of the real data where it was given.

    Args:
        case: which.
        out: folder; where there are several studies each lies in a folder of its own in it.
        form: of the stand-in; not looked at where there is `data`.
        data: folder of the real data.
        layout: its layout; found out where None.
        only: the one study file to run. With `data` the layout's first one is run where None.
        sets: settings ``key=value`` that override the study file.

    Raises:
        UsageError: there is no such form, layout or study file, or something in a file is wrong.
    """
    found = None if data is None else case.layout(data, layout)
    files = case.forms()[form] if found is None else found.studies
    if not files:
        raise UsageError(f"The case '{case.name}' has no {form} form. Leave --{form} out.")
    if only is not None and only not in files:
        raise UsageError(one_of(f"study of the case '{case.name}'", only, files))
    chosen = [only] if only is not None else files if found is None else files[:1]
    root = None if data is None else str(Path(data).expanduser().resolve())
    studies = []
    for file in chosen:
        written = _filled(read_spec(case.path(file), sets), root)
        place = out if len(chosen) == 1 else f"{out.rstrip('/')}/{file}"
        study, spec = written_study(written)
        studies.append(Ready(file, study, place, spec.run))
    return found, studies


def _filled(written: Any, root: str | None) -> Any:
    """Return plain values with the folder of the data where `_DATA` stands."""
    if isinstance(written, Mapping):
        return {key: _filled(value, root) for key, value in written.items()}
    if isinstance(written, list):
        return [_filled(value, root) for value in written]
    if isinstance(written, str) and root is not None:
        return written.replace(_DATA, root)
    return written
