"""One folder a class: the layout that most image sets are shared in."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of
from underspec.data.images.files import ImageFiles
from underspec.data.images.names import in_order, listed
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import class_folders, folder, labelled, some

__all__ = ["ImageFolder"]


@dataclass(frozen=True)
class ImageFolder(Reader):
    """Image files in ``root/class/image``, decoded when they are needed.

    An id is ``class/file``. How pictures become squares is `images.preparation.Preparation`.

    Attributes:
        root: holds one folder a class.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of each side of the middle that is kept.
        classes: names of the class folders in the order of their codes; all that are there,
            sorted, where None (as numbers, where all of them are).
        channels: 3 for colours, 1 for grey levels.
        notice: licence and attribution for reports.
    """

    root: str
    resize: int | None
    crop: int
    classes: tuple[str, ...] | None = None
    channels: Literal[1, 3] = 3
    notice: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", listed(self.classes, "classes"))
        ImageFiles((), self._preparation, self.channels)

    @property
    def _preparation(self) -> Preparation:
        return Preparation(self.resize, self.crop)

    def __call__(self) -> Data:
        """List the files; reads none.

        Raises:
            UsageError: a class folder is missing, not among `classes`, empty or holds something
                other than images; or there are fewer than two.
        """
        root = folder(self.root, "class folders")
        classes = self.classes or in_order(class_folders(root))
        if self.classes is None and len(classes) < 2:
            raise UsageError(
                f"'{root}' should hold one folder a class, two or more, but holds "
                f"{some(classes) or 'none'}. Point at the folder that holds the class folders."
            )
        found = labelled(root, classes, "one folder a class")
        return of(
            Lazy.of(ImageFiles(found.paths, self._preparation, self.channels)),
            np.asarray(classes, dtype=np.str_)[found.codes],
            found.names,
            classes=classes,
        )
