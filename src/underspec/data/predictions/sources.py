"""Whatever predictions come as: tables, a frame, files after a pattern, a WILDS folder."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.records import Task
from underspec.data.predictions.foreign import Foreign
from underspec.data.predictions.frame import FrameTable
from underspec.data.predictions.labels import Labels
from underspec.data.predictions.pattern import find, is_pattern
from underspec.data.predictions.read import read
from underspec.data.predictions.read_arrays import read_arrays
from underspec.data.predictions.wilds import find_wilds

__all__ = ["file_digest", "fingerprint", "read_any"]


def read_any(
    given: Any,
    holdout: str | None,
    *,
    labels: str | Path | None = None,
    epoch: str | None = None,
    whole: int | None = None,
    task: Task | None = None,
) -> Foreign:
    """Read predictions in whatever form they come.

    Args:
        given: a data frame or files in the exchange format; a pattern such as
            ``preds/{probe}/{variant}.npy``; or a folder of predictions as WILDS names them.
        holdout: the probe that variants are ranked by.
        labels: the true classes, for patterns and folders; see `Labels`.
        epoch: for folders; see `find_wilds`.
        whole: up to so many classes all scores are kept.
        task: ``regression`` where labels and scores are numbers; otherwise they are classes.

    Raises:
        UsageError: what is given cannot be read, or does not go together.
    """
    if not isinstance(given, str | Path | list | tuple):
        _refuse("A data frame", labels, epoch)
        return read(FrameTable(given), holdout, whole=whole, task=task)
    paths = [str(path) for path in ([given] if isinstance(given, str | Path) else given)]
    special = [path for path in paths if is_pattern(path) or Path(path).is_dir()]
    if not special:
        _refuse("A table in the exchange format", labels, epoch)
        return read(paths, holdout, whole=whole, task=task)
    if len(paths) > 1:
        raise UsageError(
            f"'{special[0]}' is a pattern or a folder and must stand alone, but {len(paths)} were given."
        )
    only = special[0]
    pattern = is_pattern(only)
    if pattern and epoch is not None:
        raise UsageError("--epoch is for folders as WILDS names them; write it into the pattern.")
    folder = None if pattern else find_wilds(Path(only), epoch)
    if labels is None:
        raise UsageError(
            f"'{only}' holds predictions without labels: give --labels, a folder with PROBE.npy or "
            "PROBE.csv, or a table with the columns probe and label."
        )
    regression = task == "regression"
    truths = Labels(labels, regression=regression)
    if folder is None:
        found = find(only, truths.probes, truths.files)
        return read_arrays(found, truths, holdout, whole=whole, regression=regression)
    return read_arrays(
        folder.found,
        truths,
        holdout,
        apart=True,  # a split shares no example with another
        whole=whole,
        notes=folder.notes,
        regression=regression,
    )


def _refuse(what: str, labels: str | Path | None, epoch: str | None) -> None:
    for name, value in (("--labels", labels), ("--epoch", epoch)):
        if value is not None:
            raise UsageError(
                f"{what} takes no {name}: that is for patterns and folders of prediction files."
            )


def fingerprint(given: Any, foreign: Foreign) -> list[str]:
    """Return hashes of what was read: of each table, or one of a frame's content or of all arrays."""
    if foreign.files:
        # With their names, as a pattern reads probe and variant from them.
        named = [f"{p.parent.name}/{p.name} {file_digest(p)}" for p in foreign.files]
        return [hashlib.sha256("\n".join(named).encode("utf-8", "surrogatepass")).hexdigest()[:16]]
    if isinstance(given, str | Path | list | tuple):
        paths: Sequence[Any] = [given] if isinstance(given, str | Path) else given
        return sorted(file_digest(path) for path in paths)
    state = hashlib.sha256()
    for probe in foreign.probes:
        said = probe.predictions
        values = said.answers if said.scores is None else said.scores
        own = said.labels if said.label_scores is None else said.label_scores
        group = [] if probe.group is None else probe.group.tolist()
        text = repr(
            (probe.title, said.variants, probe.ids.tolist(), probe.clusters.tolist(), group)
        )
        if probe.pairs is not None:
            text += repr((probe.pairs.pair.tolist(), probe.pairs.side.tolist()))
        state.update(text.encode("utf-8", "surrogatepass"))
        weights = [] if probe.weights is None else [probe.weights]
        for array in (said.labels, values, own, *weights):
            state.update(np.ascontiguousarray(array).view(np.uint8).data)
    state.update(repr((foreign.classes, [dict(v.values) for v in foreign.variants])).encode())
    return [state.hexdigest()[:16]]


def file_digest(path: str | Path) -> str:
    """Return the beginning of a file's sha256; the file is read a piece at a time."""
    if "://" in str(path):
        import fsspec

        with fsspec.open(str(path), "rb").open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
