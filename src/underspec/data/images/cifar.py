"""CIFAR-10 and CIFAR-100 in their official binary version."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of
from underspec.data.images.tree import folder

__all__ = ["Cifar"]

_SIDE = 32
_PIXELS = 3 * _SIDE * _SIDE


class _Set(NamedTuple):
    title: str
    files: dict[str, tuple[str, ...]]
    fine: str
    coarse: str | None


_SETS = (
    _Set(
        "CIFAR-10",
        {
            "train": tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
            "test": ("test_batch.bin",),
        },
        "batches.meta.txt",
        None,
    ),
    _Set(
        "CIFAR-100",
        {"train": ("train.bin",), "test": ("test.bin",)},
        "fine_label_names.txt",
        "coarse_label_names.txt",
    ),
)


@dataclass(frozen=True)
class Cifar(Reader):
    """CIFAR-10 or CIFAR-100 in the official binary version.

    That is the folder ``cifar-10-batches-bin`` or ``cifar-100-binary``; its files tell which.
    Images come as uint8 [examples, 32, 32, 3] in the official order; an id is the part and the
    place in it, such as ``test-00017``, which is the place in the CIFAR-10-C arrays too. For
    CIFAR-100 the classes are the 100 fine ones, and the group column ``superclass`` holds the 20.
    The Python version is pickled, and pickles are never loaded.

    Attributes:
        folder: where the files lie.
        part: ``train`` or ``test``.
        notice: licence and attribution for reports.
    """

    folder: str
    part: Literal["train", "test"] = "train"
    notice: str | None = None

    def __post_init__(self) -> None:
        if self.part not in ("train", "test"):
            raise UsageError(one_of("part", self.part, ("train", "test")))

    def __call__(self) -> Data:
        """Read the files of the part.

        Raises:
            UsageError: a file is missing or cut short, holds a label without a name, or is of the
                Python version.
        """
        root = folder(self.folder, "CIFAR")
        of_set = _which(root)
        wanted = (*of_set.files[self.part], of_set.fine, *filter(None, [of_set.coarse]))
        missing = [name for name in wanted if not (root / name).is_file()]
        if missing:
            raise UsageError(
                f"'{root}' lacks {', '.join(missing)}, which {of_set.title} part '{self.part}' is read "
                f"from. Put the files of the official binary version there."
            )
        heads = 1 if of_set.coarse is None else 2
        rows = np.concatenate([_records(root / f, heads) for f in of_set.files[self.part]])
        images = rows[:, heads:].reshape(-1, 3, _SIDE, _SIDE).transpose(0, 2, 3, 1)
        classes = _names(root / of_set.fine)
        groups = {}
        if of_set.coarse is not None:
            groups["superclass"] = _named(rows[:, 0], _names(root / of_set.coarse), root)
        return of(
            np.ascontiguousarray(images),
            _named(rows[:, heads - 1], classes, root),
            [f"{self.part}-{i:05d}" for i in range(len(rows))],
            groups=groups,
            classes=classes,
        )


def _which(root: Path) -> _Set:
    for each in _SETS:
        if any((root / name).is_file() for files in each.files.values() for name in files):
            return each
    if any((root / name).is_file() for name in ("data_batch_1", "test_batch", "train", "test")):
        raise UsageError(
            f"'{root}' holds the Python version of CIFAR, which is pickled, and pickles are never "
            f"loaded. Fetch the official binary version."
        )
    raise UsageError(
        f"'{root}' holds neither CIFAR-10 (data_batch_1.bin ...) nor CIFAR-100 (train.bin, test.bin). "
        f"Point at the folder cifar-10-batches-bin or cifar-100-binary."
    )


def _records(path: Path, heads: int) -> NDArray[np.uint8]:
    raw = np.fromfile(path, np.uint8)
    if len(raw) == 0 or len(raw) % (heads + _PIXELS):
        raise UsageError(
            f"'{path}' holds {len(raw)} bytes, which is no whole number of images of "
            f"{heads + _PIXELS} bytes: it is cut short or damaged, fetch it again."
        )
    return raw.reshape(-1, heads + _PIXELS)


def _names(path: Path) -> tuple[str, ...]:
    return tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())


def _named(codes: NDArray[np.uint8], names: tuple[str, ...], root: Path) -> NDArray[np.str_]:
    if codes.max() >= len(names):
        raise UsageError(
            f"'{root}' holds the label {codes.max()}, but names only {len(names)} classes: its files do "
            f"not belong together."
        )
    return np.asarray(names, dtype=np.str_)[codes]
