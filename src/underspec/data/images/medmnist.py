"""MedMNIST as published: one .npz a set and size."""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of
from underspec.data.images.tree import folder

__all__ = ["MedMnist"]

_PARTS = ("train", "val", "test")
_SIZES = (28, 64, 128, 224)
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError)


@dataclass(frozen=True)
class MedMnist(Reader):
    """MedMNIST: one part of an official ``.npz`` of images with one label each.

    The file is ``{flag}.npz``, ``{flag}_64.npz``, ``{flag}_128.npz`` or ``{flag}_224.npz``, and
    the part is read whole into memory. Images come as uint8 [examples, size, size, 1 or 3]; an id
    is ``flag-part-000000`` and on. Sets with several labels an image and those of volumes are
    refused.

    Attributes:
        flag: the set, such as ``bloodmnist``.
        part: ``train``, ``val`` or ``test``.
        root: where the files lie.
        size: 28, 64, 128 or 224 pixels.
        classes: names of the class codes in their order; the codes as text where None.
        notice: licence and attribution for reports.
        positive_from: of a set whose classes are grades, such as ``retinamnist``, the lowest that counts
            as positive: two classes, ``not referable`` and ``referable`` unless `classes` names two
            others. None for the classes as they are.
    """

    flag: str
    part: Literal["train", "val", "test"] = "train"
    root: str = "~/.medmnist"
    size: Literal[28, 64, 128, 224] = 28
    classes: tuple[str, ...] | None = None
    notice: str | None = None
    positive_from: int | None = None

    def __post_init__(self) -> None:
        if self.part not in _PARTS:
            raise UsageError(one_of("part", self.part, _PARTS))
        if self.size not in _SIZES:
            raise UsageError(one_of("size", self.size, _SIZES))
        if not self.flag.isidentifier():
            raise UsageError(
                f"'flag' must be the name of a set, such as bloodmnist; got '{self.flag}'."
            )
        if self.classes is not None:
            object.__setattr__(self, "classes", tuple(str(name) for name in self.classes))
        grade: Any = self.positive_from
        if grade is not None and (
            isinstance(grade, bool) or not isinstance(grade, int) or grade < 1
        ):
            raise UsageError(f"positive_from is a grade from 1; got {grade!r}.")
        if grade is not None and self.classes is not None and len(self.classes) != 2:
            raise UsageError(
                f"With positive_from there are two classes, but {len(self.classes)} are named."
            )

    def __call__(self) -> Data:
        """Read one part.

        Raises:
            UsageError: the file is missing, damaged, lacks an array or has one of another type or
                shape, or is a set of volumes or of several labels an image.
        """
        root = folder(self.root, "MedMNIST")
        path = root / f"{self.flag}{'' if self.size == 28 else f'_{self.size}'}.npz"
        if not path.is_file():
            here = sorted(file.name for file in root.glob("*.npz"))
            raise UsageError(
                f"'{root}' lacks {path.name}; it holds {', '.join(here) or 'no .npz files'}. Put the "
                f"official file there."
            )
        names = (f"{self.part}_images", *(f"{part}_labels" for part in _PARTS))
        images, *labels = _arrays(path, names)
        labels = [self._labels(column, path) for column in labels]
        own = labels[_PARTS.index(self.part)]
        self._check(images, own, path)
        if self.positive_from is not None:
            own = (own >= self.positive_from).astype(np.int32)
        # One order for all parts, also where a part lacks a class.
        every = tuple(str(code) for code in np.unique(np.concatenate(labels)))
        named = every if self.classes is None else self.classes
        if self.positive_from is not None and self.classes is None:
            named = ("not referable", "referable")
        return of(
            images if images.ndim == 4 else images[..., None],
            own.astype(np.str_) if named is every else own,
            [f"{self.flag}-{self.part}-{i:06d}" for i in range(len(own))],
            classes=named,
        )

    def _labels(self, labels: NDArray[Any], path: Path) -> NDArray[Any]:
        if labels.ndim == 2 and labels.shape[1] > 1:
            raise UsageError(
                f"'{path}' gives {labels.shape[1]} labels an image, but a class is one label: sets with "
                f"several, such as chestmnist, are not read."
            )
        if labels.dtype.kind not in "iu" or labels.shape != (len(labels), 1):
            raise UsageError(
                f"The labels in '{path}' should be whole numbers of shape [images, 1], but are "
                f"{labels.dtype} of shape {list(labels.shape)}."
            )
        return labels[:, 0]

    def _check(self, images: NDArray[Any], labels: NDArray[Any], path: Path) -> None:
        square = (self.size, self.size)
        if images.ndim == 4 and images.shape[1:] == (self.size,) * 3:
            raise UsageError(f"'{path}' holds volumes, and only images are read.")
        shape = images.shape[1:3] == square and images.shape[3:] in ((), (3,))
        if images.dtype != np.uint8 or not shape:
            raise UsageError(
                f"The images in '{path}' should be uint8 of shape [images, {self.size}, {self.size}] or "
                f"[images, {self.size}, {self.size}, 3], but are {images.dtype} of shape "
                f"{list(images.shape)}."
            )
        if len(images) != len(labels):
            raise UsageError(
                f"'{path}' holds {len(images)} images but {len(labels)} labels in part '{self.part}'."
            )


def _arrays(path: Path, names: tuple[str, ...]) -> list[NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            missing = [name for name in names if name not in stored.files]
            if not missing:
                return [stored[name] for name in names]
            held = ", ".join(stored.files)
    except _DAMAGED as error:
        raise UsageError(f"'{path}' is no .npz archive, or is damaged: {error}") from None
    raise UsageError(f"'{path}' lacks the array {missing[0]}; it has {held}.")
