"""Folders of predictions as WILDS names them: which files there are.

The names are those that the benchmark's example scripts write and that its submissions hold,
``{dataset}_split:{split}_seed:{seed}_epoch:{epoch}_pred.csv``, one prediction a line in the order
of the split (https://github.com/p-lambda/wilds).
"""

import re
from pathlib import Path
from typing import NamedTuple

from underspec.core.errors import UsageError, one_of
from underspec.data.predictions.pattern import Found

__all__ = ["WildsFiles", "find_wilds"]

_NAME = re.compile(
    r"(?P<dataset>.+?)_split:(?P<split>[^:]+)_(?P<kind>seed|fold):(?P<seed>[^_:.]+)"
    r"(?:_epoch:(?P<epoch>[^_:.]+))?(?:_pred)?\.(?P<suffix>csv|pth)"
)
_TRAIN = "train"


class WildsFiles(NamedTuple):
    """What a folder holds of one data set.

    Attributes:
        found: split to seed to file.
        notes: what was left aside.
    """

    found: Found
    notes: tuple[str, ...]


def find_wilds(folder: Path, epoch: str | None = None) -> WildsFiles:
    """Return the prediction files of a folder: splits are probes, seeds are variants.

    Predictions for the training examples are left aside.

    Args:
        folder: the folder of one data set.
        epoch: ``best``, ``last`` or a number; where None, best if there is any, else last, else
            the only one.

    Raises:
        UsageError: there are no such files, or of several data sets or epochs.
    """
    named = [
        (match, path)
        for path in sorted(folder.iterdir())
        if (match := _NAME.fullmatch(path.name)) is not None
    ]
    if not named:
        raise UsageError(
            f"The folder '{folder}' has no predictions as WILDS names them, such as "
            "'camelyon17_split:test_seed:0_epoch:best_pred.csv'. For other names give a pattern, "
            "'preds/{probe}/{variant}.npy'."
        )
    datasets = sorted({match["dataset"] for match, _ in named})
    if len(datasets) > 1:
        raise UsageError(
            f"The folder '{folder}' has predictions for {len(datasets)} data sets "
            f"({', '.join(datasets[:5])}): give each a folder of its own."
        )
    boxes = [path for match, path in named if match["suffix"] == "pth"]
    if boxes:
        raise UsageError(
            f"'{boxes[0]}' holds Python objects, as predictions of boxes do; only .csv is read."
        )
    epochs = {match["epoch"] or "" for match, _ in named}
    chosen = _epoch(epochs, epoch, folder)
    found: dict[str, dict[str, Path]] = {}
    for match, path in named:
        if (match["epoch"] or "") == chosen and match["split"] != _TRAIN:
            found.setdefault(match["split"], {})[f"{match['kind']} {match['seed']}"] = path
    if not found:
        raise UsageError(f"The folder '{folder}' has predictions for training examples only.")
    notes = [
        "The split 'train' is left aside: what a model says of the examples it was trained on tells "
        "nothing of the field."
        for match, _ in named
        if match["split"] == _TRAIN
    ][:1]
    if len(epochs) > 1:
        rest = ", ".join(sorted(epochs - {chosen})[:5])
        notes.append(f"Predictions of epoch '{chosen}' are read; there are others: {rest}.")
    return WildsFiles(found, tuple(notes))


def _epoch(epochs: set[str], asked: str | None, folder: Path) -> str:
    if asked is not None:
        if asked not in epochs:
            raise UsageError(one_of(f"epoch in '{folder}'", asked, sorted(epochs)))
        return asked
    for name in ("best", "last"):
        if name in epochs:
            return name
    if len(epochs) == 1:
        return next(iter(epochs))
    raise UsageError(
        f"The folder '{folder}' has predictions of epochs {', '.join(sorted(epochs)[:8])}: say which "
        "with --epoch."
    )
