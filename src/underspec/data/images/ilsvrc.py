"""ImageNet (ILSVRC2012) as published or as commonly unpacked."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.lazy import Lazy
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of
from underspec.data.images.files import ImageFiles
from underspec.data.images.imagenet import wnids
from underspec.data.images.names import listed
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import (
    EXTENSIONS,
    Listing,
    class_folders,
    folder,
    images_in,
    labelled,
    some,
)

__all__ = ["ImageNet"]

_WNID = re.compile(r"n\d{8}")


@dataclass(frozen=True)
class ImageNet(Reader):
    """ImageNet (ILSVRC2012), validation or training part, decoded when it is needed.

    Two layouts are read. **Class folders**: ``val/<wnid>/ILSVRC2012_val_00000293.JPEG`` (or
    ``train/<wnid>/...``). **Flat**, validation only: ``val/ILSVRC2012_val_00000001.JPEG`` and a
    text file that says each image's wnid (`labels`). A class code is the place among the 1,000
    sorted wnids, an id the file's name without its ending, such as ``ILSVRC2012_val_00000293``.

    Attributes:
        root: holds the folder ``val`` or ``train``, or is itself that folder.
        part: ``val`` or ``train``.
        labels: for flat folders, a text file with one line an image: its file name (with or
            without ending), then a comma, tab or space, then its wnid; what follows is ignored,
            as is a first line without a wnid. Or lines of a wnid alone, in the order of the file
            names. The devkit's ILSVRC2012_validation_ground_truth.txt is not read: its numbers
            follow the devkit's own order of the classes, which is not that of the wnids.
        only: wnids of the classes to read; all where None. Class codes stay those of the 1,000.
        resize: pixels of the shorter side after scaling.
        crop: pixels of each side of the middle that is kept.
        notice: licence and attribution for reports.
    """

    root: str
    part: Literal["val", "train"] = "val"
    labels: str | None = None
    only: tuple[str, ...] | None = None
    resize: int | None = 256
    crop: int = 224
    notice: str | None = None

    def __post_init__(self) -> None:
        if self.part not in ("val", "train"):
            raise UsageError(one_of("part", self.part, ("val", "train")))
        if self.part == "train" and self.labels is not None:
            raise UsageError("Training images lie in class folders: leave 'labels' out.")
        object.__setattr__(self, "only", listed(self.only, "only"))
        for wnid in self.only or ():
            if wnid not in wnids():
                raise UsageError(one_of("ImageNet class", wnid, wnids()))
        Preparation(self.resize, self.crop)

    def __call__(self) -> Data:
        """List the files; reads no image.

        Raises:
            UsageError: a class folder is missing, empty or none of ImageNet's; a flat folder comes
                without labels, or an image or a label has no partner.
        """
        root = folder(self.root, "ImageNet")
        place = root / self.part if (root / self.part).is_dir() else root
        wanted = tuple(w for w in wnids() if self.only is None or w in self.only)
        found = self._folders(place, wanted) if self.labels is None else self._flat(place, wanted)
        return of(
            Lazy.of(ImageFiles(found.paths, Preparation(self.resize, self.crop))),
            np.asarray(wanted, dtype=np.str_)[found.codes],
            [Path(path).stem for path in found.paths],
            classes=wnids(),
        )

    def _folders(self, place: Path, wanted: tuple[str, ...]) -> Listing:
        if self.part == "val" and not class_folders(place) and _holds_images(place):
            raise UsageError(
                f"'{place}' holds images without class folders, so their classes must be said: give "
                f"'labels', a text file with lines such as 'ILSVRC2012_val_00000001.JPEG n01751748'."
            )
        what = f"ImageNet's part '{self.part}'"
        return labelled(place, wanted, what, others=self.only is not None)

    def _flat(self, place: Path, wanted: tuple[str, ...]) -> Listing:
        assert self.labels is not None  # noqa: S101 -- for the type checker
        paths = images_in(place)
        stems = [Path(path).stem for path in paths]
        said = _read_labels(Path(self.labels).expanduser(), stems)
        lost = [stem for stem in stems if stem not in said]
        gone = sorted(set(said) - set(stems))
        if lost or gone:
            faults = [f"gives no class for {some(lost)} of {len(stems)} images"] if lost else []
            faults += [f"names images that are not there: {some(gone)}"] if gone else []
            raise UsageError(
                f"'{self.labels}' {' and '.join(faults)} in '{place}'. Use the labels of these images."
            )
        code = {wnid: at for at, wnid in enumerate(wanted)}
        kept = [(p, s) for p, s in zip(paths, stems, strict=True) if said[s] in code]
        missing = sorted(set(wanted) - {said[stem] for _, stem in kept})
        if missing:
            raise UsageError(
                f"'{place}' holds no image of {some(missing)} of the {len(wanted)} classes. Name the "
                f"classes that are there: only=[...]."
            )
        return Listing(
            tuple(path for path, _ in kept),
            np.asarray([code[said[stem]] for _, stem in kept], dtype=np.int32),
            tuple(os.path.basename(path) for path, _ in kept),  # noqa: PTH119 -- fast
        )


def _holds_images(place: Path) -> bool:
    with os.scandir(place) as entries:
        return any(entry.name.lower().endswith(EXTENSIONS) for entry in entries)


def _read_labels(path: Path, stems: Sequence[str]) -> dict[str, str]:
    """Return the wnid of each image name."""
    if not path.is_file():
        raise UsageError(f"There is no file '{path}' to read labels from.")
    lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    cells = [re.split(r"[,\s]+", line.strip()) for line in lines]
    if cells and all(len(row) == 1 for row in cells):
        return _in_turn(path, [row[0] for row in cells], stems)
    if cells and not any(_WNID.fullmatch(cell) for cell in cells[0][1:2]):
        del cells[0]
    said: dict[str, str] = {}
    known = set(wnids())
    for row in cells:
        if len(row) < 2 or row[1] not in known:
            got = row[1] if len(row) > 1 else "nothing"
            raise UsageError(
                f"'{path}' should give each image a wnid of ImageNet, such as n01751748, but gives "
                f"'{row[0]}' {got!r}."
            )
        stem = Path(row[0]).stem if row[0].lower().endswith(EXTENSIONS) else row[0]
        if said.setdefault(stem, row[1]) != row[1]:
            raise UsageError(f"'{path}' gives '{stem}' two classes, {said[stem]} and {row[1]}.")
    return said


def _in_turn(path: Path, column: Sequence[str], stems: Sequence[str]) -> dict[str, str]:
    known = set(wnids())
    odd = [cell for cell in column if cell not in known]
    if odd:
        hint = ""
        if all(cell.isdecimal() for cell in column):
            hint = (
                " Numbers alone do not say which class they mean: the devkit's follow another order "
                "than the wnids."
            )
        raise UsageError(f"'{path}' should hold a wnid a line, but holds '{odd[0]}'.{hint}")
    if len(column) != len(stems):
        raise UsageError(
            f"'{path}' holds {len(column)} wnids for {len(stems)} images: one a line is wanted, in "
            f"the order of the file names."
        )
    return dict(zip(stems, column, strict=True))
