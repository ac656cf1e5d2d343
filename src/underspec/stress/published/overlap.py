"""The frame of sets that share some of ImageNet's classes, with the two ways to take the best class."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import ClassMap, Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import Listing
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import check_examples, chosen
from underspec.stress.published.folders import dated, pictured
from underspec.stress.published.holdout import apart, channels, number, thousand

__all__ = ["Argmax", "Overlap"]

Argmax = Literal["restricted", "full1000"]

_WORDS = {
    "restricted": "best of the {} shared classes",
    "full1000": "best of all 1,000 classes",
}


@dataclass(frozen=True)
class Overlap(Stress):
    """A set of other images of some of ImageNet's classes.

    Two figures are in use for these sets, and both are given unless told otherwise: the best class
    among the shared ones, and the best of all 1,000, where any other is wrong. The first can only be
    the higher. `control` asks the same of the holdout's own examples of these classes, against which
    a fall is to be read.

    Attributes:
        path: the folder.
        argmax: ``restricted``, ``full1000`` or both; each is a probe.
        control: whether the holdout's examples of these classes are probes too.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of a side of the middle that is kept; the holdout's size.
        examples: use so many images; all where None.
        name: of the set, in names of probes.
        title: what messages and reports call the set.
        images: how many the published set has; None where no number is held against it.
        licensed: whether the licence allows to choose models by it.
    """

    path: str
    argmax: tuple[Argmax, ...] = get_args(Argmax)
    control: bool = True
    resize: int | None = 256
    crop: int = 224
    examples: int | None = None
    modality: ClassVar[str] = "images"
    name: ClassVar[str]
    title: ClassVar[str]
    images: ClassVar[int | None] = None
    licensed: ClassVar[bool] = True

    def __post_init__(self) -> None:
        given: Any = self.argmax
        ways = (given,) if isinstance(given, str) else tuple(given)
        for way in ways:
            if way not in get_args(Argmax):
                raise UsageError(one_of(f"argmax of {self.title}", way, get_args(Argmax)))
        if not 0 < len(set(ways)) == len(ways):
            raise UsageError(f"'argmax' of {self.title} names each way once; got {list(ways)}.")
        object.__setattr__(self, "argmax", ways)
        check_examples(self.examples)
        self.preparation()

    @property
    def kind(self) -> Kind:
        """Always ``shifted``."""
        return "shifted"

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a way of taking the best class, and the controls; decodes nothing.

        Raises:
            UsageError: a class folder is missing or should not be there, or the holdout has other
                classes than ImageNet or images of another size.
        """
        count = channels(data, self.crop, self.title)
        table = self.table()
        codes = self._codes(data, table)
        listing = self.listing()
        names = [f"{self.name}/{name}" for name in listing.names]
        own = chosen(apart(names, listing.codes, tuple(table)), self.examples, key)
        own = pictured(own, listing, self.preparation(), count)
        yield from self._probes(self.name, self.title, own, codes, self.licensed)
        if self.control:
            home = self._home(data, codes, tuple(table))
            name = f"imagenet_on_{self.name}"
            title = f"holdout on the classes of {self.title}"
            yield from self._probes(name, title, home, codes, True)

    def notes(self, data: Data, /) -> tuple[str, ...]:  # noqa: ARG002 - one shape for all
        """Say so where the set is not whole."""
        count = len(self.listing().names)
        if self.images is None or count == self.images:
            return ()
        found = number(count, "image")
        return (f"{self.title}: {found} where the published set has {self.images:,}.",)

    def fingerprint(self) -> str:
        """Return a hash of which files there are, by name, size and time of change."""
        return dated([self.root()])

    def preparation(self) -> Preparation:
        """Return what is done to each picture.

        Raises:
            UsageError: the numbers of pixels do not go together.
        """
        return Preparation(self.resize, self.crop)

    @abstractmethod
    def root(self) -> Path:
        """Return the folder that holds the class folders.

        Raises:
            UsageError: there is none.
        """
        ...

    @abstractmethod
    def table(self) -> Mapping[str, tuple[int, ...]]:
        """Return the class folders in the order of their codes, each with its ImageNet codes."""
        ...

    @abstractmethod
    def listing(self) -> Listing:
        """Return the images of these folders."""
        ...

    def _codes(self, data: Data, table: Mapping[str, tuple[int, ...]]) -> NDArray[np.int32]:
        place = thousand(data, self.title)
        codes = np.full(len(place), -1, dtype=np.int32)
        for code, shared in enumerate(table.values()):
            codes[place[list(shared)]] = code
        return codes

    def _home(self, data: Data, codes: NDArray[np.int32], classes: tuple[str, ...]) -> Data:
        rows = np.flatnonzero(codes[data.labels] >= 0)
        if not len(rows):
            raise UsageError(
                f"The holdout has no example of the classes that {self.title} shares with ImageNet, so that "
                "there is no control. Give it some, or say control: false."
            )
        held = data.take(rows)
        return replace(held, labels=codes[held.labels], classes=classes)

    def _probes(
        self, name: str, title: str, data: Data, codes: NDArray[np.int32], licensed: bool
    ) -> Iterator[Probe]:
        for way in self.argmax:
            words = _WORDS[way].format(np.count_nonzero(codes >= 0))
            yield Probe(
                name=f"{name}-{way}",
                kind=self.kind,
                family=name,
                data=data,
                title=f"{title}, {words}",
                may_choose=licensed,
                answers=ClassMap(codes, restricted=way == "restricted"),
            )
