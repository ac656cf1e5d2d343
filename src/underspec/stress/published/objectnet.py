"""ObjectNet as published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import EXTENSIONS, Listing, class_folders, same_classes
from underspec.stress.published.folders import images_of, located
from underspec.stress.published.holdout import number
from underspec.stress.published.lists import lines
from underspec.stress.published.overlap import Overlap

__all__ = ["ObjectNet", "shared_classes"]

_FOLDERS = 313


@cache
def shared_classes() -> Mapping[str, tuple[int, ...]]:
    """Return the 113 folders that ImageNet has classes for, with the codes of these: 125 in all."""
    rows = (line.split() for line in lines("objectnet"))
    return {folder: tuple(map(int, codes)) for folder, *codes in rows}


@dataclass(frozen=True)
class ObjectNet(Overlap):
    """The official files of ObjectNet: household objects in unusual poses, places and views.

    Folders ``objectnet-1.0/images/<folder>``, and ``objectnet-1.0/mappings``, which is compared
    where it is there. Of 313 folders the 113 that have ImageNet classes are used; any of their
    classes is right. The licence forbids to tune the parameters of any model on ObjectNet, so that
    it is reported and never chosen by.

    Attributes:
        border: pixels of the red frame cut off before anything else. The licence speaks of 1; the
            official template cuts 2.
    """

    border: int = 2
    name: ClassVar[str] = "objectnet"
    title: ClassVar[str] = "ObjectNet"
    licensed: ClassVar[bool] = False
    source: ClassVar[str] = (
        "Barbu et al., ObjectNet: A large-scale bias-controlled dataset for pushing the limits of object "
        "recognition models, NeurIPS 2019; files: https://objectnet.dev"
    )

    def preparation(self) -> Preparation:
        """Return what is done to each picture; the frame goes first.

        Raises:
            UsageError: the numbers of pixels do not go together.
        """
        return Preparation(self.resize, self.crop, self.border)

    def table(self) -> Mapping[str, tuple[int, ...]]:
        """Return the 113 folders with their ImageNet codes."""
        return shared_classes()

    def listing(self) -> Listing:
        """Return the images of the 113 folders."""
        root = self.root()
        self._compare(root)
        return images_of(root, tuple(self.table()), self.title, leave=True).listing

    def notes(self, data: Data, /) -> tuple[str, ...]:  # noqa: ARG002 - one shape for all
        """Say which folders are left out, and how many images they hold."""
        root = self.root()
        found = class_folders(root)
        left = [name for name in found if name not in self.table()]
        count = sum(_images(root / name) for name in left)
        said = []
        if left:
            said.append(
                f"{len(left)} of {number(len(found), 'folder')} have no class in ImageNet and are left out "
                f"({number(count, 'image')})"
            )
        if len(found) != _FOLDERS:
            said.append(f"{number(len(found), 'folder')} where the published set has {_FOLDERS}")
        return tuple(f"{self.title}: {sentence}." for sentence in said)

    def root(self) -> Path:
        """Return the folder of images."""
        outer = located(self.path, self.title, "objectnet-1.0")
        return located(str(outer), self.title, "images")

    def _compare(self, root: Path) -> None:
        """Hold the folders, and our table of classes, against the set's own lists if they are there."""
        lists = root.parent / "mappings"
        labels = _read(lists / "folder_to_objectnet_label.json")
        if labels is None:
            return
        found, what = class_folders(root), f"{self.title} (its own list)"
        same_classes(root, found, tuple(labels), what, archive=True)
        shared = _read(lists / "objectnet_to_imagenet_1k.json")
        if shared is None:
            return
        theirs = {folder for folder, label in labels.items() if label in shared}
        if theirs != set(self.table()):
            odd = sorted(theirs ^ set(self.table()))
            raise UsageError(
                f"'{lists}' shares other folders with ImageNet than {self.title} 1.0 does: {len(odd)} differ, "
                f"such as '{odd[0]}'. This reads version 1.0."
            )


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        held = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"'{path}' cannot be read: {error}.") from None
    if not isinstance(held, dict):
        raise UsageError(f"'{path}' holds no names with their values, as ObjectNet's own does.")
    return held


def _images(folder: Path) -> int:
    return sum(entry.name.lower().endswith(EXTENSIONS) for entry in folder.iterdir())
