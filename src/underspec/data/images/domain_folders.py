"""One folder a domain, in it one a class: the layout of DomainBed."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.lazy import Lazy
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of
from underspec.data.images.files import ImageFiles
from underspec.data.images.names import in_order, listed
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import class_folders, folder, labelled

__all__ = ["DomainFolders"]


@dataclass(frozen=True)
class DomainFolders(Reader):
    """Image files in ``root/domain/class/image`` (DomainBed), decoded when they are needed.

    The group column ``domain`` says where each is from; an id is ``domain/class/file``.

    Attributes:
        root: holds one folder a domain.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of each side of the middle that is kept.
        domains: those to read; all that are there, sorted, where None.
        classes: names of the class folders in the order of their codes; those of the domains read,
            sorted, where None (as numbers, where all of them are).
        channels: 3 for colours, 1 for grey levels.
        notice: licence and attribution for reports.
    """

    root: str
    resize: int | None
    crop: int
    domains: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None
    channels: Literal[1, 3] = 3
    notice: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "domains", listed(self.domains, "domains"))
        object.__setattr__(self, "classes", listed(self.classes, "classes"))
        ImageFiles((), self._preparation, self.channels)

    @property
    def _preparation(self) -> Preparation:
        return Preparation(self.resize, self.crop)

    def __call__(self) -> Data:
        """List the files; reads none.

        Raises:
            UsageError: there is no such domain; or a domain lacks a class folder that another has,
                has one that is not among `classes`, or one that is empty or holds something other
                than images.
        """
        root = folder(self.root, "domain folders")
        there = in_order(class_folders(root))
        domains = there if self.domains is None else self.domains
        for name in domains:
            if name not in there:
                raise UsageError(one_of(f"domain in '{root}'", name, there))
        if not domains:
            raise UsageError(f"'{root}' holds no domain folders.")
        classes = self.classes or in_order(
            sorted({name for domain in domains for name in class_folders(root / domain)})
        )
        found = {
            domain: labelled(root / domain, classes, f"domain '{domain}' with the classes of all")
            for domain in domains
        }
        codes = np.concatenate([listing.codes for listing in found.values()])
        return of(
            Lazy.of(
                ImageFiles(
                    [path for listing in found.values() for path in listing.paths],
                    self._preparation,
                    self.channels,
                )
            ),
            np.asarray(classes, dtype=np.str_)[codes],
            [f"{domain}/{name}" for domain, listing in found.items() for name in listing.names],
            groups={"domain": np.repeat(domains, [len(each.paths) for each in found.values()])},
            classes=classes,
        )
