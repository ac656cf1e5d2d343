"""The frame of sets that are other images of the holdout's own classes, a folder a class."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.data.images.preparation import Preparation
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import check_examples, chosen
from underspec.stress.published.folders import Found, dated, images_of, located, pictured
from underspec.stress.published.holdout import apart, channels, number

__all__ = ["OtherImages"]


@dataclass(frozen=True)
class OtherImages(Stress):
    """A set of new images of ImageNet's classes, as one probe.

    A holdout of some of ImageNet's classes is asked about these only.

    Attributes:
        path: the folder.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of a side of the middle that is kept; the holdout's size.
        examples: use so many images; all where None.
        name: of the set, in names of probes.
        title: what messages and reports call the set.
        images: how many the published set has.
        inner: what the archive's own folder is called.
    """

    path: str
    resize: int | None = 256
    crop: int = 224
    examples: int | None = None
    modality: ClassVar[str] = "images"
    name: ClassVar[str]
    title: ClassVar[str]
    images: ClassVar[int]
    inner: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        check_examples(self.examples)
        Preparation(self.resize, self.crop)

    @property
    def kind(self) -> Kind:
        """Always ``shifted``."""
        return "shifted"

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield the probe; lists folders, decodes nothing.

        Raises:
            UsageError: a class folder is missing or should not be there, or the holdout has other
                classes or images of another size.
        """
        count = channels(data, self.crop, self.title)
        root = self._root()
        listing = self._found(root, data).listing
        names = [f"{self.name}/{name}" for name in listing.names]
        own = chosen(apart(names, listing.codes, data.classes), self.examples, key)
        yield Probe(
            name=self.probe_name(root),
            kind=self.kind,
            family=self.name,
            data=pictured(own, listing, Preparation(self.resize, self.crop), count),
            title=self.title,
        )

    def notes(self, data: Data, /) -> tuple[str, ...]:
        """Say what is left out, or that the set is not whole."""
        found = self._found(self._root(), data)
        count, said = len(found.listing.names), []
        if found.left_out:
            left = number(len(found.left_out), "class folder")
            said.append(f"{left} left out, being no classes of the holdout")
        elif count != self.images:
            said.append(f"{number(count, 'image')} where the published set has {self.images:,}")
        seen = len(np.unique(data.labels))
        if seen < len(data.classes):
            said.append(
                f"its images are of {len(data.classes):,} classes, of which the holdout has examples of {seen:,} "
                "only"
            )
        return tuple(f"{self.title}: {sentence}." for sentence in said)

    def fingerprint(self) -> str:
        """Return a hash of which files there are, by name, size and time of change."""
        return dated([self._root()])

    @abstractmethod
    def folders(self, data: Data) -> tuple[str, ...]:
        """Return the class folders in the order of the holdout's class codes.

        Raises:
            UsageError: the holdout has not ImageNet's classes.
        """
        ...

    def probe_name(self, root: Path) -> str:  # noqa: ARG002 - for sets of which there are several
        """Return the name of the probe."""
        return self.name

    def _root(self) -> Path:
        return located(self.path, self.title, *self.inner)

    def _found(self, root: Path, data: Data) -> Found:
        folders = self.folders(data)
        return images_of(root, folders, self.title, leave=len(folders) < 1000)
